"""Code is not packed: the rules of CONTRIBUTING.md, with a table of what is left of each."""

from __future__ import annotations

import ast

import pytest
from packing import counts, packed, stored


def test_packed_code_only_shrinks() -> None:
    """No folder breaks a rule more often than the table says, and the table says no more."""
    now, before = counts(), stored()
    more = {key: (before[key], now[key]) for key in now if now[key] > before[key]}
    assert not more, "unpack these: (rule, folder): (allowed, found)"
    fewer = {key: (before[key], now[key]) for key in before if now[key] < before[key]}
    assert not fewer, "well done; run `uv run python -m tests.packing` and commit the table"


@pytest.mark.parametrize(
    ("code", "rules"),
    [
        ("if (n := f()) > 1: pass", []),
        ("g((n := f()))", ["walrus outside a condition"]),
        ("a, b = 1, 2", ["assignment of several values"]),
        ("a, b = b, a", []),
        ("a, b = f()", []),
        ("x = 1 if a else 2 if b else 3", ["nested conditional expression"]),
        ("x = 's' * (n != 1)", ["text times a truth value"]),
        ("x = '-' * 80", []),
        ("x = [a for a in b if not seen.add(a)]", ["side effect in a comprehension"]),
    ],
)
def test_rules_find_what_they_name(code: str, rules: list[str]) -> None:
    """Each rule finds its example and passes what reads well."""
    assert list(packed(ast.parse(code))) == rules

"""The left column of docs/style.md is printed nowhere: neither in a template nor in a string of the program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_results import toy_result

from splinternet.text.terminal import text

ROOT = Path(__file__).resolve().parents[2]
WORDS = 5
"""So many words in a row that the right column does not have are a phrase."""
NEVER = (
    "nou" + "ght",
    *(f"{one} told" for one in ("is", "are")),
    "told " + "by",
    *(f"tells {one}" for one in ("what", "how", "who", "which", "whether")),
    "not to be " + "had",
    "is seen to lose",
    "were open to",
)
"""Words of a private dialect, in pieces so that this file holds none itself."""


def words(said: str) -> list[str]:
    return re.findall(r"[a-z0-9%']+", said.lower())


def phrases(said: str) -> set[tuple[str, ...]]:
    found = set[tuple[str, ...]]()
    for clause in re.split(r"[.;:!?]", said):
        known = words(clause)
        found |= {tuple(known[at : at + WORDS]) for at in range(max(1, len(known) - WORDS + 1)) if len(known) > 2}
    return found


def pairs() -> list[tuple[str, str]]:
    """Return what style.md says to write, and instead of what."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", (ROOT / "docs" / "style.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [row for row in rows if row[0] not in ("instead of", "---")]


def printed() -> Iterator[tuple[str, str]]:
    """Yield every string of the program that may be printed, with its place; docstrings are for programmers."""
    for path in sorted([*(ROOT / "sim").rglob("*.j2"), *(ROOT / "sim").rglob("*.html")]):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "sim").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
            and isinstance(node.body[0], ast.Expr)
        }  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                documented.add(id(node.value))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value
    result = toy_result(5, 120)
    yield "run --all", text(result, every=True)


@pytest.fixture(scope="module")
def strings() -> list[tuple[str, str]]:
    return list(printed())


def test_style_says_what_to_write_instead() -> None:
    assert len(pairs()) > 15
    assert all(phrases(left) - phrases(right) for left, right in pairs())


def test_nothing_printed_is_in_the_left_column_of_the_style_page(strings: list[tuple[str, str]]) -> None:
    banned = {phrase: left for left, right in pairs() for phrase in phrases(left) - phrases(right)}
    found = {(where, banned[phrase]) for where, said in strings for phrase in phrases(said) & banned.keys()}
    assert not found


def test_nothing_printed_has_a_phrase_that_is_never_used(strings: list[tuple[str, str]]) -> None:
    found = [(where, each) for where, said in strings for each in NEVER if re.search(rf"\b{each}\b", said.lower())]
    assert not found


def test_a_phrase_of_the_left_column_would_be_found() -> None:
    left, right = next(pair for pair in pairs() if "casts a shadow" in pair[0])
    assert phrases("Note: what is announced casts a shadow on the rest") & (phrases(left) - phrases(right))

"""Words of a private dialect are printed nowhere: neither in a template nor in a string of the program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
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


def printed() -> Iterator[tuple[str, str]]:
    """Yield every string of the program that may be printed, with its place; docstrings are for programmers."""
    for path in sorted([*(ROOT / "sim").rglob("*.j2"), *(ROOT / "sim").rglob("*.html")]):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "sim").rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        documented = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def test_nothing_printed_has_a_phrase_that_is_never_used() -> None:
    found = [(where, each) for where, said in printed() for each in NEVER if re.search(rf"\b{each}\b", said.lower())]
    assert not found

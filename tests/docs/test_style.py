"""Words of a private dialect are nowhere: not in a template, a string of the program, or a page."""

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
)
"""Words of a private dialect, in pieces so that this file holds none itself."""
GUIDE = ROOT / "docs" / "style.md"


def phrases() -> list[str]:
    """Return the left column of the table of the style guide, in small letters."""
    part = GUIDE.read_text(encoding="utf-8").split("## Before and after")[1].split("\n## ")[0]
    return [left.strip().lower() for left in re.findall(r"^\| ([^|]+) \|", part, re.MULTILINE)][1:]


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
    known = [*NEVER, *phrases()]
    assert len(known) > 20, "the table of the style guide was not found"
    found = [(where, each) for where, said in printed() for each in known if re.search(rf"\b{each}\b", said.lower())]
    assert not found


def test_no_page_has_a_phrase_that_is_never_used() -> None:
    pages = [page for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if page != GUIDE]
    said = {page.name: " ".join(page.read_text(encoding="utf-8").lower().split()) for page in pages}
    found = [(name, each) for name, text in said.items() for each in phrases() if re.search(rf"\b{each}\b", text)]
    assert not found

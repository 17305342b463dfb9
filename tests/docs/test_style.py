"""Words of a private dialect are nowhere: not in a template, a string of the program, or a page."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEVER = (
    "nou" + "ght",
    *(f"{one} told" for one in ("is", "are")),
    "told " + "by",
    *(f"tells {one}" for one in ("what", "how", "who", "which", "whether")),
    "not to be " + "had",
)
"""Words of a private dialect, in pieces so that this file holds none itself."""
GUIDE = ROOT / "docs" / "architecture.md"
MOST_PAGES = 19
MOST_WORDS = 25_000
REFERENCE = {
    "commands",
    "metrics",
    "odd",
    "parameters",
    "python",
    "run-folder",
    "scenario-files",
    "write-a-scenario",
}
"""Pages to look something up, and one for programs that write scenarios."""
GENERATED = re.compile(r"<!-- begin (?P<name>[\w -]+) -->.*?<!-- end (?P=name) -->", re.DOTALL)


def phrases() -> list[str]:
    """Return the left column of the table of the style guide, in small letters."""
    part = GUIDE.read_text(encoding="utf-8").split("## Plain English")[1].split("\n## ")[0]
    return [left.strip().lower() for left in re.findall(r"^\| ([^|]+) \|", part, re.MULTILINE)][1:]


def printed() -> Iterator[tuple[str, str]]:
    """Yield every text that the program may show, with its place: templates, help, docstrings,
    messages, scenarios.
    """
    for kind in (
        "sim/**/*.j2",
        "sim/**/*.html",
        "sim/**/*.md",
        "scenarios/**/*.yaml",
        "pages/*.html",
    ):
        for path in sorted(ROOT.glob(kind)):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for path in sorted(
        [
            *(ROOT / "sim").rglob("*.py"),
            *(ROOT / "notebooks").rglob("*.py"),
            *ROOT.glob("pages/*.py"),
        ]
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            yield path.name, "".join(cell["source"])


def pages() -> Iterator[tuple[str, str]]:
    """Yield every page of the documentation but the guide, which quotes what it forbids."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        if page != GUIDE:
            yield page.relative_to(ROOT).as_posix(), page.read_text(encoding="utf-8")


@pytest.mark.parametrize("texts", [printed, pages])
def test_no_text_has_a_phrase_that_is_never_used(
    texts: Callable[[], Iterator[tuple[str, str]]],
) -> None:
    known = [*NEVER, *phrases()]
    assert len(known) > 20, "the table of the style guide was not found"
    said = [(where, " ".join(text.lower().split())) for where, text in texts()]
    assert len(said) > 20
    never = re.compile(rf"\b(?:{'|'.join(map(re.escape, known))})\b")
    assert not [(where, found[0]) for where, text in said if (found := never.search(text))]


def written(page: Path) -> int:
    """Return how many words a page has, without what scripts write, blocks of code and comments."""
    text = GENERATED.sub("", page.read_text(encoding="utf-8"))
    text = re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return sum(bool(re.search(r"\w", word)) for word in text.split())


def test_the_documentation_is_short() -> None:
    """The README and the pages beside the reference, which is looked up and not read."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    words = {page.stem: written(page) for page in pages if page.stem not in REFERENCE}
    assert len(words) <= MOST_PAGES
    assert sum(words.values()) <= MOST_WORDS, sorted(words.items(), key=lambda item: -item[1])

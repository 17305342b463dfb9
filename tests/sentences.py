"""Print user-facing sentences, drawn by chance: ``uv run python -m tests.sentences --seed 7 --count 100``.

Who edits the language of the project reads such a sample and mends the worst. Sentences come from the pages (README,
docs, notebooks), the help of commands, and the strings of text, charts, report and errors. Code, tables and the blocks
that a program writes into pages are left out.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STRINGS = ("sim/text", "sim/plots", "sim/app", "sim/cli", "sim/errors.py", "sim/scenario", "sim/results")
FEWEST_WORDS = 6
"""Shorter pieces are labels, no sentences (assumption)."""
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"`\[*])")
_GENERATED = re.compile(r"<!-- begin .*?<!-- end .*?-->", re.DOTALL)
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def sentences() -> list[tuple[str, str]]:
    """Return place and text of every sentence, in the order of the files."""
    found = [*_pages(), *_notebooks(), *_strings()]
    return [(place, text) for place, text in found if len(text.split()) >= FEWEST_WORDS]


def _pages() -> Iterator[tuple[str, str]]:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        for pattern in (_GENERATED, _FENCED, _COMMENT):
            text = pattern.sub("\n\n", text)
        yield from ((_name(path), sentence) for sentence in _prose(text))


def _notebooks() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            if cell["cell_type"] == "markdown":
                yield from ((_name(path), sentence) for sentence in _prose("".join(cell["source"])))


def _prose(text: str) -> Iterator[str]:
    """Yield the sentences of a page: paragraphs and items of lists, without headings and tables."""
    text = re.sub(r"^\s*(?:[-*]|\d+\.) ", "\n\n", text, flags=re.MULTILINE)
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if lines and not lines[0].startswith(("#", "|", "!", ">", "<")):
            yield from (part.strip() for part in _END.split(" ".join(lines)))


def _strings() -> Iterator[tuple[str, str]]:
    """Yield strings that people read: all literals but docstrings, and the help of commands."""
    for place in STRINGS:
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            quiet = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            quiet |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
            shown = "cli" in file.parts
            for node in ast.walk(tree):
                if shown and isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield from ((_name(file), part) for part in _prose(_help(node)))
                words = _words(node) if id(node) not in quiet else ""
                yield from ((f"{_name(file)}:{node.lineno}", part) for part in _END.split(words) if words)  # type: ignore[attr-defined]


def _help(node: ast.FunctionDef) -> str:
    """Return what a command says of itself: its docstring as far as its parameters."""
    return (ast.get_docstring(node) or "").split("Parameters\n---")[0].split("\b")[0]


def _words(node: ast.AST) -> str:
    """Return the text of a literal, gaps for what is put in; empty for anything else, and for what is no prose."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "..." for part in node.values)
    else:
        return ""
    return text.strip() if re.search(r"[a-z]+ [a-z]+ [a-z]+", text) and "\n" not in text.strip() else ""


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def sample(seed: int, count: int) -> list[tuple[str, str]]:
    """Return so many of them, drawn without repeating; the same for the same seed and the same texts."""
    every = sorted(set(sentences()))
    return random.Random(seed).sample(every, min(count, len(every)))


def main() -> None:
    """Print a sample, numbered, each with its place."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=100)
    given = parser.parse_args()
    for number, (place, text) in enumerate(sample(given.seed, given.count), start=1):
        sys.stdout.write(f"{number:3} {place}\n    {text}\n")


if __name__ == "__main__":
    main()

"""Print the size of code by package: ``uv run python -m tests.size [--width 88] [FOLDER ...]``.

Statements, nodes of the syntax tree, lines, code lines (without docstrings, comments and blanks),
files, definitions, nodes per code line and mean complexity. Folders of other projects, checked out
anywhere, may stand beside those of this one; ``--width`` formats a copy of each first, so that
layouts can be compared.
"""

from __future__ import annotations

import argparse
import ast
import io
import shutil
import subprocess
import sys
import tempfile
import tokenize
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = ("statements", "nodes", "lines", "code", "files", "definitions")
LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.match_case,
    ast.comprehension,
    ast.BoolOp,
)


def docstring_lines(tree: ast.Module) -> set[int]:
    """Return the lines of all docstrings of a module, those below constants as well."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def measure(path: Path) -> Counter[str]:
    """Return the counts of one file."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    functions = [node for node in nodes if isinstance(node, FUNCTIONS)]
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            code |= set(range(token.start[0], token.end[0] + 1))
    return Counter(
        statements=sum(isinstance(node, ast.stmt) for node in nodes),
        nodes=len(nodes),
        lines=len(text.splitlines()),
        code=len(code - docstring_lines(tree)),
        files=1,
        definitions=sum(isinstance(node, (*FUNCTIONS, ast.ClassDef)) for node in nodes),
        functions=len(functions),
        branches=sum(isinstance(part, BRANCHES) for one in functions for part in ast.walk(one)),
    )


def by_package(folder: Path) -> dict[str, Counter[str]]:
    """Return the counts below a folder, by its direct subfolders."""
    found: dict[str, Counter[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).parts
        if not any(part.startswith(".") for part in parts):
            found.setdefault(parts[0] if len(parts) > 1 else ".", Counter()).update(measure(path))
    return found


def row(name: str, counts: Counter[str]) -> str:
    """Return one line of the table."""
    density = counts["nodes"] / max(1, counts["code"])
    complexity = 1 + counts["branches"] / max(1, counts["functions"])
    numbers = "".join(f"{counts[column]:>12,}" for column in COLUMNS)
    return f"{name:<28}{numbers}{density:>12.1f}{complexity:>12.1f}"


def main() -> int:
    """Print a table for each folder."""
    read = argparse.ArgumentParser(description=__doc__)
    read.add_argument("folders", nargs="*", type=Path, default=[ROOT / "sim", ROOT / "tests"])
    read.add_argument("--width", type=int, help="format a copy at this many columns first")
    read.add_argument("--total", action="store_true", help="one line a folder")
    asked = read.parse_args()
    head = "".join(f"{column:>12}" for column in (*COLUMNS, "nodes/code", "complexity"))
    sys.stdout.write(f"{'':<28}{head}\n")
    with tempfile.TemporaryDirectory() as scratch:
        for number, folder in enumerate(asked.folders):
            source = folder
            if asked.width:
                source = Path(scratch) / str(number) / folder.name
                shutil.copytree(folder, source, ignore=shutil.ignore_patterns(".*"))
                width = ["--isolated", "--line-length", str(asked.width)]
                command = ["ruff", "format", "--quiet", *width, str(source)]
                subprocess.run(command, check=True)
            packages = by_package(source)
            if not asked.total:
                for name, counts in packages.items():
                    sys.stdout.write(row(f"{folder.name}/{name}", counts) + "\n")
            sys.stdout.write(row(str(folder.name), sum(packages.values(), Counter())) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Format, lint, check types and run the fast tests, in less than two minutes: ``uv run python -m tests.fast``.

The fast tests are the files named here: they run no long simulation, start no browser and follow no document.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

FAST = (
    "asked",
    "house",
    "contributing",
    "plugins",
    "facts",
    "facts_network",
    "scenario_files",
    "metrics",
    "network_metrics",
    "network_reach",
    "network_reading",
    "states_in_words",
    "sensitivity",
)
"""Names of the fast tests: ``house`` is ``tests/docs/test_house.py``."""

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 300, 50
"""More than this is worth a question in review: is it one subject? No test fails for it."""


def files() -> list[str]:
    """Return the files of the fast tests."""
    return [path.relative_to(ROOT).as_posix() for name in FAST for path in ROOT.glob(f"tests/*/test_{name}.py")]


def long_ones() -> Iterator[str]:
    """Yield the files and functions of ``sim`` that are longer than the advice."""
    for path in sorted((ROOT / "sim").rglob("*.py")):
        text, name = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
        if (lines := len(text.splitlines())) > MOST_LINES:
            yield f"{name}: {lines} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (lines := body_length(node)) > MOST_LINES_OF_A_FUNCTION:
                yield f"{name}:{node.lineno}: {node.name} has {lines} lines"


def body_length(node: ast.FunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    first = node.body[0]
    documented = ast.get_docstring(node) is not None
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring


def main() -> int:
    """Run everything, say what failed, and return the exit code."""
    begun = time.monotonic()
    python = [sys.executable, "-m"]
    types = subprocess.Popen([*python, "mypy"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    done = {
        "format": subprocess.run([*python, "ruff", "format", "."], cwd=ROOT).returncode,
        "lint": subprocess.run([*python, "ruff", "check", "."], cwd=ROOT).returncode,
        "tests": subprocess.run([*python, "pytest", *files()], cwd=ROOT).returncode,
    }
    print(types.communicate()[0], end="")
    done["types"] = types.returncode
    for line in long_ones():
        print(f"long (advice only): {line}")
    failed = [name for name, code in done.items() if code]
    print(f"{'failed: ' + ', '.join(failed) if failed else 'all passed'} ({time.monotonic() - begun:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

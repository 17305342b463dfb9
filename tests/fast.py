"""Format, lint, check types and run the fast tests, in less than two minutes: ``uv run python -m
tests.fast``.

The fast tests are the files named here: they run no long simulation, start no browser and follow no
document.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

FAST = (
    "asked",
    "house",
    "contributing",
    "imports",
    "facts",
    "facts_network",
    "scenario_files",
    "metrics",
    "network_metrics",
    "network_reach",
    "states_in_words",
    "sensitivity",
)
"""Names of the fast tests: ``house`` is ``tests/docs/test_house.py``."""


def files() -> list[str]:
    """Return the files of the fast tests."""
    return [
        path.relative_to(ROOT).as_posix()
        for name in FAST
        for path in ROOT.glob(f"tests/*/test_{name}.py")
    ]


def main() -> int:
    """Run everything, say what failed, and return the exit code."""
    begun = time.monotonic()
    python = [sys.executable, "-m"]
    types = subprocess.Popen(
        [*python, "mypy"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    done = {
        "format": subprocess.run([*python, "ruff", "format", "."], cwd=ROOT).returncode,
        "lint": subprocess.run([*python, "ruff", "check", "."], cwd=ROOT).returncode,
        "tests": subprocess.run([*python, "pytest", *files()], cwd=ROOT).returncode,
    }
    print(types.communicate()[0], end="")
    done["types"] = types.returncode
    failed = [name for name, code in done.items() if code]
    print(
        f"{'failed: ' + ', '.join(failed) if failed else 'all passed'} ({time.monotonic() - begun:.0f} s)"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Run the fast tests with the lowest versions that ``pyproject.toml`` allows: ``uv run python -m
tests.bounds``.

Or on another Python with the newest versions: ``uv run python -m tests.bounds --python 3.14
--newest``. The packages go into a folder of their own that is removed afterwards, so that the
project's environment stays as it is.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fast import ROOT, files

ALSO = ("outputs", "results", "parallel", "plots", "report")
"""Tests that are not among the fast ones, of what depends most on packages: files, charts, pages,
processes.
"""


def tests() -> list[str]:
    """Return the files to run."""
    return sorted(
        {
            *files(),
            *(
                str(p.relative_to(ROOT))
                for name in ALSO
                for p in ROOT.glob(f"tests/*/test_{name}.py")
            ),
        }
    )


def install(python: str, resolution: str, folder: Path) -> Path:
    """Install the project and all that it can use into a folder; return the Python there.

    Parameters
    ----------
    python : str
        A version, as uv takes it.
    resolution : {"lowest-direct", "highest"}
    folder : Path

    Raises
    ------
    subprocess.CalledProcessError
        When a version does not install: its bound is too low, or this Python is unavailable.
    """
    listed, environment = folder / "requirements.txt", folder / "venv"
    uv = ["uv", "pip"]
    wanted = [
        "--all-extras",
        "--group",
        "dev",
        "--resolution",
        resolution,
        "--python-version",
        python,
    ]
    place = {**os.environ, "VIRTUAL_ENV": str(environment)}
    for command in (
        ["uv", "venv", "--quiet", "--python", python, str(environment)],
        [*uv, "compile", "--quiet", "pyproject.toml", *wanted, "--output-file", str(listed)],
        [*uv, "sync", "--quiet", str(listed)],
        [*uv, "install", "--quiet", "--no-deps", "--editable", "."],
    ):
        subprocess.run(command, cwd=ROOT, env=place, check=True)
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main(arguments: list[str] | None = None) -> int:
    """Install, run the tests, and return their exit code."""
    described = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    described.add_argument(
        "--python",
        default=platform.python_version(),
        help="a version of Python; by default this one",
    )
    described.add_argument(
        "--newest", action="store_true", help="the newest versions instead of the lowest"
    )
    given = described.parse_args(arguments)
    resolution, begun = "highest" if given.newest else "lowest-direct", time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bounds-") as name:
        try:
            python = install(given.python, resolution, Path(name))
        except subprocess.CalledProcessError as error:
            print(
                f"cannot install ({resolution}, Python {given.python}): {' '.join(error.cmd)}",
                file=sys.stderr,
            )
            return 1
        # Code compiled by another version of numba must not be taken up, nor be put in the place of
        # the project's.
        own = {**os.environ, "NUMBA_CACHE_DIR": str(Path(name, "numba"))}
        code = subprocess.run([str(python), "-m", "pytest", *tests()], cwd=ROOT, env=own).returncode
    print(
        f"{resolution}, Python {given.python}: exit code {code} ({time.monotonic() - begun:.0f} s)"
    )
    return code


if __name__ == "__main__":
    sys.exit(main())

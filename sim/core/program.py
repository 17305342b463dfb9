"""The identity of this program: its version, and its git commit if known.

The version is read from ``pyproject.toml`` in a clone, and from the metadata in an installed wheel.
The commit is that of the clone, or the one recorded when the wheel or archive was made.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import tomllib
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path

NAME = "splinternet"
_PACKAGE = Path(__file__).resolve().parents[1]
_CLONE = _PACKAGE.parent
_RECORD = (
    "COMMIT"  # beside pyproject.toml in an archive of the repository, in the package in a wheel
)
_PROGRAM = ("sim", "pyproject.toml")
_PACKAGES = (
    "h5netcdf",
    "h5py",
    "matplotlib",
    "mesa",
    "networkx",
    "numba",
    "numpy",
    "pandas",
    "pydantic",
    "xarray",
)
_SHORT = 8  # characters of a commit in a footer


@cache
def clone() -> Path | None:
    """Return the folder of the clone or unpacked archive; None if the program is installed."""
    return _CLONE if _PACKAGE.name == "sim" and (_CLONE / "pyproject.toml").is_file() else None


def more_packages(extra: str) -> str:
    """Return the command that installs an optional part, in a clone or with an installed wheel.

    Parameters
    ----------
    extra : str
        Its name in ``pyproject.toml``.
    """
    return (
        f"uv sync --inexact --extra {extra}" if clone() else f'pip install "splinternet[{extra}]"'
    )


@cache
def packages() -> dict[str, str]:
    """Return the versions of Python and of the packages that results depend on."""
    versions = {"python": platform.python_version()}
    for name in _PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def version() -> str:
    """Return the version of this program; ``unknown`` if none is recorded."""
    if folder := clone():
        return str(
            tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"][
                "version"
            ]
        )
    try:
        return metadata.version(NAME)
    except metadata.PackageNotFoundError:
        return "unknown"


@cache
def commit() -> str:
    """Return the git commit of this program; empty if unknown.

    A ``+`` means that files of the program differ from those of the commit. The text after it
    changes with these files, so that nobody continues a run after an edit.
    """
    folder = clone()
    if folder and (folder / ".git").exists() and (head := _git(folder, "rev-parse", "HEAD")):
        if not _git(folder, "status", "--porcelain", "--", *_PROGRAM):
            return head
        edits = _git(folder, "diff", "HEAD", "--", *_PROGRAM)
        return f"{head}+{hashlib.sha256(edits.encode()).hexdigest()[:_SHORT]}"
    record = (folder or _PACKAGE) / _RECORD
    recorded = record.read_text(encoding="utf-8").strip() if record.is_file() else ""
    return "" if recorded.startswith("$") else recorded  # git fills it in when it makes an archive


def _git(folder: Path, *words: str) -> str:
    """Return the output of git for a folder; empty if git prints nothing or is not installed."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", "-C", str(folder), *words],  # noqa: S607 - the user's git
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def program_stamp(of_version: str | None = None, of_commit: str | None = None) -> str:
    """Return the name of a program for a footer: ``splinternet 0.2.0 (commit 9bad076b)``.

    Parameters
    ----------
    of_version, of_commit : str, optional
        Version and commit of a program; by default this one.
    """
    of_version = version() if of_version is None else of_version
    of_commit = commit() if of_commit is None else of_commit
    head, mark, edits = of_commit.partition("+")
    return f"{NAME} {of_version}" + (f" (commit {head[:_SHORT]}{mark}{edits})" if head else "")

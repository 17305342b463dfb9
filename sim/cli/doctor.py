"""The command that checks whether everything that a run needs is installed."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer

from ..core.program import program_stamp
from .app import app
from .output import say_details, say_json
from .scenarios import AS_JSON

_PACKAGES = (
    "mesa",
    "numpy",
    "numba",
    "pandas",
    "xarray",
    "h5netcdf",
    "matplotlib",
    "pydantic",
    "ruamel.yaml",
)


@app.command(epilog="Example: splinternet doctor")
def doctor(as_json: AS_JSON = False) -> None:
    """Look whether everything is in place: Python, packages, cores, compiler cache, facts and scenarios."""
    answers = {name: _answer(look) for name, look in _LOOKS.items()}
    good = all(right for _, right in answers.values())
    if as_json:
        say_json({"ok": good, **{name: {"found": text, "ok": right} for name, (text, right) in answers.items()}})
    else:
        say_details(
            (name, text if right else f"{text}  <-- needs attention") for name, (text, right) in answers.items()
        )
    if not good:
        raise typer.Exit(1)


def _answer(look: Callable[[], str]) -> tuple[str, bool]:
    """Return what a look found, and whether it is all right; whatever goes wrong is itself the finding."""
    try:
        return look(), True
    except Exception as error:
        return f"{type(error).__name__}: {error}", False


def _python() -> str:
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _splinternet() -> str:
    return f"{program_stamp()} in {Path(__file__).resolve().parents[1]}"


def _packages() -> str:
    missing = []
    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        raise RuntimeError(f"not installed: {', '.join(missing)}")
    return ", ".join(found)


def _cores() -> str:
    return f"{len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()}"


def _memory() -> str:
    if not hasattr(os, "sysconf"):
        return "unknown on this system"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.1f} GB"


def _numba_cache() -> str:
    """Return where compiled code is kept; without such a place every start compiles again."""
    from ..core.kernels import CACHE

    with tempfile.TemporaryFile(dir=CACHE):
        return f"{CACHE} (writable)"


def _facts() -> str:
    from ..facts import load_facts

    facts = load_facts()
    return f"{facts.name}: {len(facts.states)} states, {len(facts.platforms)} platforms"


def _scenarios() -> str:
    from ..scenario import load
    from ..shipped import shipped

    known = shipped()
    if not known:
        raise RuntimeError("no shipped scenario found")
    for path in known.values():
        load(path)
    return f"{len(known)} shipped, all right"


_LOOKS: dict[str, Callable[[], str]] = {
    "splinternet": _splinternet,
    "python": _python,
    "packages": _packages,
    "cores": _cores,
    "memory": _memory,
    "numba cache": _numba_cache,
    "facts": _facts,
    "scenarios": _scenarios,
}

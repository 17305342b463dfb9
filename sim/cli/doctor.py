"""The command doctor, which checks the installation."""

from __future__ import annotations

import os
import platform
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer

from ..core.program import program_stamp
from ..core.shipped import shipped
from .app import command
from .options import AS_JSON, loaded
from .output import say_details, say_json

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


@command("doctor")
def doctor(as_json: AS_JSON = False) -> None:
    """Look whether everything is in place: Python, packages, cores, compiler cache, facts and
    scenarios.
    """
    found = {}
    for name, look in _LOOKS.items():
        try:
            found[name] = {"found": str(look()), "ok": True}
        except Exception as error:  # whatever goes wrong is itself the finding
            found[name] = {"found": f"{type(error).__name__}: {error}", "ok": False}
    good = all(one["ok"] for one in found.values())
    if as_json:
        say_json({"ok": good, **found})
    else:
        marks = {True: "", False: "  <-- needs attention"}
        say_details(
            (name, f"{one['found']}{marks[bool(one['ok'])]}") for name, one in found.items()
        )
    if not good:
        raise typer.Exit(1)


def _memory() -> str:
    if not hasattr(os, "sysconf"):
        return "unknown on this system"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.1f} GB"


def _packages() -> str:
    found, missing = list[str](), list[str]()
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        raise RuntimeError(f"not installed: {', '.join(missing)}")
    return ", ".join(found)


def _cache() -> str:
    """Return where compiled code is kept; without such a place every start compiles again."""
    from ..core.kernels import CACHE

    with tempfile.TemporaryFile(dir=CACHE):
        return f"{CACHE} (writable)"


def _facts() -> str:
    from ..facts import load_facts

    facts = load_facts()
    return f"{facts.name}: {len(facts.states)} states, {len(facts.platforms)} platforms"


def _scenarios() -> str:
    known = [loaded(str(path)) for path in shipped().values()]
    if not known:
        raise RuntimeError("no shipped scenario was found")
    return f"{len(known)} shipped, all right"


_LOOKS = {
    "splinternet": lambda: f"{program_stamp()} in {Path(__file__).resolve().parents[1]}",
    "python": lambda: f"{platform.python_version()} on {platform.system()} {platform.machine()}",
    "packages": _packages,
    "cores": lambda: (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    ),
    "memory": _memory,
    "numba cache": _cache,
    "facts": _facts,
    "scenarios": _scenarios,
}

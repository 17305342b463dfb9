"""The world that a text names: a shipped one, or a folder of a user's own tables.

For the folder, the same rule applies as for a file that a scenario extends: it must be in the top folder of the
scenario that names it, or else in the project folder in use. A run folder has a copy of the tables in ``facts``.
"""

from __future__ import annotations

from pathlib import Path

from sim.errors import Code, InputError, Problem
from sim.facts.own import COPIES, MANIFEST, is_key, known_tables, name_in, read_own
from sim.facts.worlds import available_facts, meant_world
from sim.plugins import project
from sim.scenario.files import Home, display


def world_of(text: str, home: Home) -> str:
    """Return the name of the world that a text means; the tables of a folder are read.

    Parameters
    ----------
    text : str
        Name of a shipped world, path of a folder, or the key of tables that were read before.
    home : Home
        Where the text stands.

    Raises
    ------
    InputError
        There is no such world, or its folder may not or cannot be read.
    """
    if text in available_facts() or known_tables(text) is not None:
        return text
    if is_key(text):
        return _copy(text, home)
    own = project()
    for folder, top in (home, *((Home(own.root, own.root),) if own is not None else ())):
        path = _inside(text, folder, top)
        if path is not None:
            return read_own(path).key
    raise InputError(_unknown(text, home))


def projects_world() -> str | None:
    """Return the world of the project folder in use, or None where it has no tables of its own.

    Raises
    ------
    InputError
        Its tables cannot be read.
    """
    own = project()
    folder = own.folders.get("facts") if own is not None else None
    if folder is None or not (folder / MANIFEST).is_file():
        return None
    return read_own(folder).key


def _copy(key: str, home: Home) -> str:
    """Return the key of tables of which a copy stands beside the scenario, in a run folder."""
    path = _inside(f"{COPIES}/{name_in(key)}", *home)
    found = read_own(path).key if path is not None else ""
    if found == key:
        return key
    where = f"{display(home.folder)}/{COPIES}/{name_in(key)}"
    message = f"the tables in {where} have changed: {found}" if found else f"the tables of {key} are not in {where}"
    raise InputError(Problem("", message, "a copy of the tables that the run was made with", "", Code.MISSING))


def _inside(text: str, folder: Path, top: Path) -> Path | None:
    """Return a folder that lies inside the top folder, or None."""
    try:
        path = folder / text
        return path if path.is_dir() and path.resolve().is_relative_to(top.resolve()) else None
    except (OSError, ValueError, RuntimeError):  # a name too long, a zero byte, a loop of symbolic links
        return None


def _unknown(text: str, home: Home) -> Problem:
    """Return the problem of a text that names no world and no folder that may be read."""
    allowed = f"one of: {', '.join(available_facts())}; or a folder with {MANIFEST}"
    try:
        outside = (home.folder / text).is_dir()
    except (OSError, ValueError, RuntimeError):
        outside = False
    if outside or text.startswith(("/", "..")):
        found = f"'{text}' leaves the folder of the scenarios"
        return Problem("", found, f"a folder in {display(home.top)}, or a shipped world", "", Code.OUTSIDE)
    return Problem("", f"no facts are called '{text}'", allowed, meant_world(text), Code.UNKNOWN_NAME)

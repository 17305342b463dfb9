"""The shipped worlds: which there are, the day each describes, and where each of its tables lies.

A world is a folder of tables. Its ``world.csv`` names the day, the tables that it takes from another world, and the
firms that have another name there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from sim.errors import InputError, Problem, did_you_mean
from sim.facts.model import BASES
from sim.facts.table import read_rows

HOME = Path(__file__).parent
DEFAULT_WORLD = "world-2020"
MANIFEST = "world.csv"
HISTORY = "block_history.csv"
_COLUMNS = ("key", "name", "value", "source", "basis", "note")
_KEYS = ("day", "shared", "renamed")


@dataclass(frozen=True)
class World:
    """A folder of tables.

    Attributes
    ----------
    name : str
        Name of the folder, such as ``world-2020``.
    folder : Path
    day : datetime.date or None
        The day that the tables describe; None for a folder that does not say.
    shared : mapping of str to str
        Table -> where it is taken from: another world, or a table that all worlds share.
    renamed : mapping of str to str
        Name of a firm in the shared tables -> its name in this world.
    """

    name: str
    folder: Path
    day: date | None
    shared: Mapping[str, str]
    renamed: Mapping[str, str]

    def owns(self, table: str) -> bool:
        """Return whether the folder has a table of its own, or no other place to take it from."""
        return table not in self.shared or (self.folder / table).is_file()

    def path(self, table: str) -> Path:
        """Return where a table lies."""
        if self.owns(table):
            return self.folder / table
        source = HOME / self.shared[table]
        return source if source.suffix else source / table


def available_facts() -> tuple[str, ...]:
    """Return the names of the worlds that are shipped."""
    return tuple(sorted(path.parent.name for path in HOME.glob("*/states.csv")))


@lru_cache(maxsize=16)
def load_world(name: str = DEFAULT_WORLD) -> World:
    """Return a shipped world, read once.

    Parameters
    ----------
    name : str
        One of :func:`available_facts`.

    Raises
    ------
    InputError
        The name is unknown, or ``world.csv`` has faulty rows.
    """
    allowed = available_facts()
    if name not in allowed:
        found, choices = f"no facts are called '{name}'", f"one of: {', '.join(allowed)}"
        raise InputError(Problem("", found, choices, meant_world(name)))
    problems: list[Problem] = []
    world = read_world(HOME / name, problems)
    if problems:
        raise InputError(problems)
    return world


def read_world(folder: Path, problems: list[Problem]) -> World:
    """Return the world in a folder; without ``world.csv`` all of its tables are its own.

    Parameters
    ----------
    folder : Path
    problems : list of Problem
        Faults of ``world.csv`` are added here.
    """
    day: date | None = None
    shared: dict[str, str] = {}
    renamed: dict[str, str] = {}
    path = folder / MANIFEST
    for row in read_rows(path, _COLUMNS, problems) if path.is_file() else ():
        key = row.one_of("key", _KEYS)
        value = row.text("value")
        row.text("source")
        row.one_of("basis", BASES)
        if key == "day":
            before = len(problems)
            row.day("value")
            day = date.fromisoformat(value) if len(problems) == before else None
        elif key == "shared":
            shared[row.text("name")] = row.one_of("value", (*available_facts(), HISTORY))
        else:
            renamed[row.text("name")] = value
    return World(folder.name, folder, day, shared, renamed)


def nearest_world(start: date) -> str:
    """Return the shipped world whose day is nearest to the first day of a scenario; of two equally near, the earlier.

    Parameters
    ----------
    start : datetime.date
        First day of the scenario.
    """
    days = {name: load_world(name).day for name in available_facts()}
    dated = {name: day for name, day in days.items() if day is not None}
    return min(dated, key=lambda name: (abs((dated[name] - start).days), dated[name]))


def meant_world(name: str) -> str:
    """Return ``did you mean 'X'?`` for a name that no world has: the world of the nearest year, or the closest name.

    Parameters
    ----------
    name : str
        What the user wrote.
    """
    year = re.fullmatch(r"\D*([12]\d{3})\D*", name)
    if year:
        return f"did you mean '{nearest_world(date(int(year[1]), 7, 1))}'?"
    return did_you_mean(name, available_facts())

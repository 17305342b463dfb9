"""The shipped worlds: their names, the day that each describes, and the paths of its tables.

A world is a folder of tables. Its ``world.csv`` has the day, the tables that it shares with another world, and the
firms with another name there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from sim.errors import InputError, Problem, did_you_mean
from sim.facts.model import BASES
from sim.facts.own import MANIFEST, TABLES, OwnTables, known_tables
from sim.facts.table import Row, read_rows, rows_of_text

HOME = Path(__file__).parent
DEFAULT_WORLD = "world-2020"
HISTORY = "block_history.csv"
_COLUMNS = ("key", "name", "value", "source", "basis", "note")
_KEYS = ("day", "shared", "renamed")
_OWN_KEYS = ("base",)


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
    base : str
        The shipped world that tables of a user's own are laid over; empty for a shipped one.
    own : OwnTables, optional
        Those tables.
    """

    name: str
    folder: Path
    day: date | None
    shared: Mapping[str, str]
    renamed: Mapping[str, str]
    base: str = ""
    own: OwnTables | None = None

    def owns(self, table: str) -> bool:
        """Return whether the folder has a table of its own, or no other place to take it from."""
        return table not in self.shared or (self.folder / table).is_file()

    def rows(
        self, table: str, columns: Iterable[str], problems: list[Problem], optional: Iterable[str] = ()
    ) -> Iterator[Row]:
        """Yield the rows of a table; of those with the same key, a user's own takes precedence.

        Parameters
        ----------
        table : str
        columns, problems, optional
            As in `sim.facts.table.read_rows`.
        """
        columns, optional = tuple(columns), tuple(optional)
        mine = list(self.own_rows(table, columns, problems, optional))
        keys = TABLES[table] if mine else ()
        taken = {tuple(row.cells[key] for key in keys) for row in mine}
        for row in read_rows(self.path(table), columns, problems, optional):
            if not mine or tuple(row.cells[key] for key in keys) not in taken:
                yield row
        yield from mine

    def own_rows(
        self, table: str, columns: Iterable[str], problems: list[Problem], optional: Iterable[str] = ()
    ) -> Iterator[Row]:
        """Yield the rows of a user's own table; none for a shipped world.

        Parameters
        ----------
        table : str
        columns, problems, optional
            As in `sim.facts.table.read_rows`.
        """
        if self.own is not None and table in self.own.texts:
            name = f"{self.own.name}/{table}"
            yield from rows_of_text(self.own.texts[table], name, columns, problems, optional)

    def path(self, table: str) -> Path:
        """Return where a table lies; of a world with tables of a user's own, that of the world below."""
        if self.owns(table):
            return self.folder / table
        source = HOME / self.shared[table]
        return source if source.suffix else source / table


def available_facts() -> tuple[str, ...]:
    """Return the names of the worlds that are shipped."""
    return tuple(sorted(path.parent.name for path in HOME.glob("*/states.csv")))


@lru_cache(maxsize=16)
def load_world(name: str = DEFAULT_WORLD) -> World:
    """Return a world, read once.

    Parameters
    ----------
    name : str
        One of :func:`available_facts`, or the key of tables of a user's own that this process has read.

    Raises
    ------
    InputError
        The name is unknown, or ``world.csv`` has faulty rows.
    """
    own = known_tables(name)
    if own is not None:
        return _laid_over(own)
    allowed = available_facts()
    if name not in allowed:
        found, choices = f"no facts are called '{name}'", f"one of: {', '.join(allowed)}"
        raise InputError(Problem("", found, choices, meant_world(name)))
    problems: list[Problem] = []
    world = read_world(HOME / name, problems)
    if problems:
        raise InputError(problems)
    return world


def _laid_over(own: OwnTables) -> World:
    """Return the world of a user's own tables: the one that they are laid over, with its day."""
    problems: list[Problem] = []
    base = ""
    for row in rows_of_text(own.texts[MANIFEST], f"{own.name}/{MANIFEST}", _COLUMNS, problems):
        row.one_of("key", _OWN_KEYS)
        base = row.one_of("value", available_facts())
    if not base and not problems:
        problems.append(Problem(f"{own.name}/{MANIFEST}", "no row 'base'", f"one of: {', '.join(available_facts())}"))
    if problems:
        raise InputError(problems)
    return replace(load_world(base), name=own.key, base=base, own=own)


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

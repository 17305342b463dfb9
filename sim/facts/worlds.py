"""The worlds: folders of tables that describe a day, shipped or a user's own.

The ``world.csv`` of a shipped world has its day, the tables that it shares with another world, and
the firms with another name there. A user's own tables lie on top of a shipped world: rows with the
same key replace, new rows add. They are read into memory once and identified by their name and a
hash of their content, such as ``prices@3f2a91c0d4e5``. This is the name of the world in scenarios,
run folders and results, wherever the folder is. Other processes receive the tables with it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError, Problem, did_you_mean
from .tables import HOME, Cells, Fault, Names, Row, Text, check_rows, read, read_cells

DEFAULT_WORLD = "world-2020"
HISTORY = "block_history.csv"
MANIFEST = "world.csv"
ORDERS_TABLE = "orders.csv"
"""The table of orders that a user adds to the record."""
ANY_WORLD = "any"
"""Base of a user's own tables that lie over the world of any scenario."""
COPIES = "facts"
"""Subfolder of a run folder with a user's own tables."""
TABLES = (
    "states.csv",
    "platforms.csv",
    "penetration.csv",
    "group_penetration.csv",
    "migrants.csv",
    "blocks.csv",
    "revenue.csv",
    "monetisation.csv",
    "news_use.csv",
    "youth_lean.csv",
    "institutions.csv",
    "phone_makers.csv",
    "spending.csv",
    "sales.csv",
    "handset_sales.csv",
    "pacts.csv",
    "trade.csv",
    "regimes.csv",
    "firms.csv",
    "presence.csv",
    "means.csv",
    "carriers.csv",
    "carrier_links.csv",
    "cables.csv",
    "exchanges.csv",
    "clouds.csv",
    "parameters.csv",
    ORDERS_TABLE,
    "regions.csv",
)
"""The tables that a folder of a user's own may hold."""
LARGEST = 2**22
LARGEST_OF_ALL = 2**24
"""Most bytes of a table, and of all tables in a folder."""
_HASH = 12  # characters of the hash in a name


@dataclass(frozen=True)
class OwnTables:
    """The tables of a user's folder, as text."""

    name: str
    """Name of the folder."""
    texts: Mapping[str, str] = field(repr=False)
    """Sorted file names -> contents."""

    @property
    def key(self) -> str:
        """The name of the world: that of the folder, and a hash of its tables."""
        digest = hashlib.sha256()
        for file, text in sorted(self.texts.items()):
            digest.update(f"{file}\0{text}\0".encode())
        return f"{self.name}@{digest.hexdigest()[:_HASH]}"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the tables so that the other process remembers them."""
        return remember, (self.name, self.texts)

    @property
    def rows(self) -> dict[str, int]:
        """Number of rows of each table, without its header."""
        return {
            file: sum(map(bool, map(str.strip, text.splitlines()))) - 1
            for file, text in self.texts.items()
        }

    def write(self, folder: Path) -> Path:
        """Write the tables into a new folder of their name below another one, and return it."""
        target = folder / self.name
        target.mkdir(parents=True)
        for file, text in self.texts.items():
            (target / file).write_text(text, encoding="utf-8", newline="")
        return target


_remembered: dict[str, OwnTables] = {}


def remember(name: str, texts: Mapping[str, str]) -> OwnTables:
    """Remember a user's own tables by their key in this process, and return them."""
    tables = OwnTables(name, texts)
    return _remembered.setdefault(tables.key, tables)


def known_tables(key: str) -> OwnTables | None:
    """Return the tables of a user's own world, or None if this process has not read them."""
    return _remembered.get(key)


def name_in(key: str) -> str:
    """Return the name of the folder in the name of a user's own world; empty for any other text."""
    match = re.fullmatch(rf"([^@/\\]+)@[0-9a-f]{{{_HASH}}}", key)
    return match[1] if match is not None else ""


def read_own(folder: Path) -> OwnTables:
    """Read the tables of a user's folder; their rows are checked when the world is used.

    Parameters
    ----------
    folder : Path
        A folder with ``world.csv`` and any of `TABLES`.

    Raises
    ------
    InputError
        If a file is not a table of a world, is too large or is not text, or ``world.csv`` is
        missing.
    """
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    name = folder.resolve().name
    for path in sorted(folder.iterdir()):
        is_table = path.suffix in (".csv", ".CSV") and not path.name.startswith(".")
        if path.is_dir() or not is_table:
            continue
        where = f"{name}/{path.name}"
        if path.name not in (MANIFEST, *TABLES):
            allowed = f"one of: {', '.join((MANIFEST, *TABLES))}"
            hint = did_you_mean(path.name, TABLES)
            problems.append(Problem(where, "no table of a world has this name", allowed, hint))
        elif not path.resolve().is_relative_to(folder.resolve()):
            problems.append(Problem(where, "a link that leaves the folder", "a file in the folder"))
        elif not path.is_file() or path.stat().st_size > LARGEST:
            problems.append(
                Problem(
                    where, "no regular file, or too large", f"a file of at most {LARGEST:,} bytes"
                )
            )
        else:
            try:
                texts[path.name] = path.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                problems.append(Problem(where, f"cannot be read ({error})", "a CSV file in UTF-8"))
    if MANIFEST not in texts and not problems:
        hint = "base,,world-2025,,,"
        problems.append(
            Problem(f"{name}/{MANIFEST}", "no such file", "a file with a row 'base'", hint)
        )
    if sum(map(len, texts.values())) > LARGEST_OF_ALL:
        problems.append(
            Problem(
                name, "the tables are too large", f"at most {LARGEST_OF_ALL:,} characters in all"
            )
        )
    if problems:
        raise InputError(problems)
    return remember(name, texts)


def facts_of(folder: Path) -> str:
    """Return the name, for ``world.facts``, of the world in a folder of a user's own tables.

    Raises
    ------
    InputError
        There is no such folder, or its tables cannot be read.
    """
    if not (folder / MANIFEST).is_file():
        allowed = f"a folder with {MANIFEST}"
        raise InputError(Problem(str(folder), "there are no tables of facts here", allowed))
    return read_own(folder).key


class Manifest(Row, file=MANIFEST):
    """A row of ``world.csv``: the day, the source of a table, or another name of a firm."""

    key: Literal["day", "shared", "renamed"]
    name: str
    value: Text
    source: str
    basis: str
    note: str

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield an invalid day, and a world that does not exist."""
        also = {"shared": HISTORY, "base": ANY_WORLD}.get(self.key)
        worlds = (*names["world"], also) if also else names["world"]
        if self.key in ("shared", "base") and self.value not in worlds:
            yield f"value is '{self.value}'", f"one of: {', '.join(worlds)}"
        if self.key == "day":
            try:
                date.fromisoformat(self.value)
            except ValueError:
                yield f"value is '{self.value}'", "a date, YYYY-MM-DD"


class OwnManifest(Manifest, key=("key",)):
    """The row of ``world.csv`` of a user's own tables: the world below."""

    key: Literal["base"]  # type: ignore[assignment]


@dataclass(frozen=True)
class World:
    """A folder of tables."""

    name: str
    """Name of the folder, such as ``world-2020``."""
    folder: Path
    day: date
    """The day that the tables describe."""
    shared: Mapping[str, str]
    """Table -> its source: another world, or a table that all worlds share."""
    renamed: Mapping[str, str]
    """Name of a firm in the shared tables -> its name in this world."""
    base: str = ""
    """The shipped world below a user's own tables; empty for a shipped world."""
    own: OwnTables | None = None
    """The user's own tables."""

    def owns(self, table: str) -> bool:
        """Return whether the folder has its own table, or no other source of it."""
        return table not in self.shared or (self.folder / table).is_file()

    def path(self, table: str) -> Path:
        """Return the path of a table; for a user's own world, that of the world below."""
        if self.owns(table):
            return self.folder / table
        source = HOME / self.shared[table]
        return source if source.suffix else source / table

    def cells(self, row: type[Row], problems: list[Problem], *, own: bool = False) -> Cells:
        """Return the rows of a table as text: those of the shipped table, or of a user's own."""
        if not own:
            return read_cells(row, self.path(row.FILE), problems)
        if self.own is None or row.FILE not in self.own.texts:
            return []
        return read_cells(row, self.own.texts[row.FILE], problems, f"{self.own.name}/{row.FILE}")

    def read[R: Row](
        self, row: type[R], problems: list[Problem], names: Names | None = None
    ) -> dict[Any, R]:
        """Return the rows of a table by key, adding to the problems; a user's own row takes
        precedence.
        """
        mine, shipped = (
            check_rows(row, self.cells(row, problems, own=own), problems, names)
            for own in (True, False)
        )
        return {key: made for key, made in shipped.items() if key not in mine} | mine

    def read_tables(
        self, tables: Mapping[str, type[Row]], names: Names, problems: Sequence[Problem] = ()
    ) -> dict[str, dict[Any, Any]]:
        """Return several tables by name; the rows of each by key.

        Raises
        ------
        InputError
            If there are faults or earlier problems; the error lists all of them.
        """
        problems = list(problems)
        rows = {name: self.read(row, problems, names) for name, row in tables.items()}
        if problems:
            raise InputError(problems)
        return rows


def available_facts() -> tuple[str, ...]:
    """Return the names of the shipped worlds."""
    return tuple(sorted(path.parent.name for path in HOME.glob("*/states.csv")))


@lru_cache(maxsize=16)
def load_world(name: str = DEFAULT_WORLD) -> World:
    """Return a world, read once.

    Parameters
    ----------
    name : str
        One of :func:`available_facts`, or the key of a user's own tables that this process has
        read.

    Raises
    ------
    InputError
        The name is unknown, or ``world.csv`` has faulty rows.
    """
    own = known_tables(name)
    shipped = available_facts()
    if own is None and name not in shipped:
        allowed = f"one of: {', '.join(shipped)}"
        raise InputError(Problem("", f"no facts are called '{name}'", allowed, meant_world(name)))
    if own is None:
        return read_world(HOME / name)
    problems: list[Problem] = []
    where = f"{own.name}/{MANIFEST}"
    cells = read_cells(OwnManifest, own.texts[MANIFEST], problems, where)
    bases = [
        row.value for row in check_rows(OwnManifest, cells, problems, {"world": shipped}).values()
    ]
    if not bases and not problems:
        problems.append(Problem(where, "no row 'base'", f"one of: {', '.join(shipped)}"))
    if problems:
        raise InputError(problems)
    base = (
        max(shipped, key=lambda each: load_world(each).day) if bases[-1] == ANY_WORLD else bases[-1]
    )
    return replace(load_world(base), name=name, base=base, own=own)


def settled(key: str, base: str) -> str:
    """Return the full name of a world, with its base. A user's tables that fit any world are placed
    over this one.

    Parameters
    ----------
    key : str
        The name of a world, as for `load_world`.
    base : str
        A shipped world.
    """
    own = known_tables(key)
    if own is None:
        return key
    rows = csv.DictReader(own.texts[MANIFEST].splitlines())
    columns = [column.strip() for column in rows.fieldnames or ()]
    cells = [dict(zip(columns, map(str.strip, row.values()), strict=False)) for row in rows]
    if not any(row.get("key") == "base" and row.get("value") == ANY_WORLD for row in cells):
        return key
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(row | ({"value": base} if row["key"] == "base" else {}) for row in cells)
    return remember(own.name, {**own.texts, MANIFEST: text.getvalue()}).key


def read_world(folder: Path) -> World:
    """Return the world in a folder.

    Raises
    ------
    InputError
        ``world.csv`` is missing, has no day or has faulty rows.
    """
    problems: list[Problem] = []
    cells = read_cells(Manifest, folder / MANIFEST, problems)
    rows = check_rows(Manifest, cells, problems, {"world": available_facts()}).values()
    day, shared, renamed = (
        {r.name: r.value for r in rows if r.key == key} for key in ("day", "shared", "renamed")
    )
    if not day and not problems:
        problems.append(
            Problem(f"{folder.name}/{MANIFEST}", "no row 'day'", "the day that the tables describe")
        )
    if problems:
        raise InputError(problems)
    return World(folder.name, folder, date.fromisoformat(next(iter(day.values()))), shared, renamed)


@lru_cache(maxsize=16)
def read_shipped[R: Row](row: type[R], world: str) -> Mapping[Any, R]:
    """Return a table of a shipped world by key; users cannot replace it. It is read once.

    Raises
    ------
    InputError
        If the table has faults; the error lists all of them, with file and line.
    """
    return read(row, load_world(world).path(row.FILE))


def nearest_world(start: date) -> str:
    """Return the shipped world whose day is nearest to a scenario's first day; of equally near
    ones, the earlier.
    """
    days = {name: load_world(name).day for name in available_facts()}
    return min(days, key=lambda name: (abs((days[name] - start).days), days[name]))


def meant_world(name: str) -> str:
    """Return ``did you mean 'X'?`` for a name that no world has: the world of the nearest year, or
    the closest name.
    """
    year = re.fullmatch(r"\D*([12]\d{3})\D*", name)
    if year:
        return f"did you mean '{nearest_world(date(int(year[1]), 7, 1))}'?"
    return did_you_mean(name, available_facts())

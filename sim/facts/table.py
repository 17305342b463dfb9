"""Read one CSV table of facts; collect all its problems, each with its file and line."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sim.errors import InputError, Place, Problem, did_you_mean
from sim.facts.model import BASES, Quantity

QUANTITY_COLUMNS = ("value", "low", "high", "unit", "source", "basis", "licence", "note")
"""The columns of a table of numbers after its keys."""


@dataclass
class Row:
    """One line of a table.

    Attributes
    ----------
    where : str
        ``folder/file:line:1``.
    cells : dict of str to str
        Column name -> text.
    problems : list of Problem
        Where the row's faults go; shared by the whole reading.
    """

    where: str
    cells: dict[str, str]
    problems: list[Problem] = field(repr=False)

    def fault(self, found: str, allowed: str, hint: str = "") -> None:
        """Note that something is wrong with this row."""
        self.problems.append(Problem(self.where, found, allowed, hint))

    def text(self, column: str) -> str:
        """Return a cell that must not be empty."""
        text = self.cells[column]
        if not text:
            self.fault(f"{column} is empty", f"every row needs a {column}")
        return text

    def words(self, column: str) -> tuple[str, ...]:
        """Return the parts of a cell that are separated by ``|``."""
        return tuple(word.strip() for word in self.cells[column].split("|") if word.strip())

    def one_of(self, column: str, choices: Collection[str]) -> str:
        """Return a cell that must be one of the choices."""
        text = self.cells[column]
        self._known(column, text, choices)
        return text

    def all_of(self, column: str, choices: Collection[str]) -> tuple[str, ...]:
        """Return the parts of a cell, each of which must be one of the choices."""
        words = self.words(column)
        for word in words:
            self._known(column, word, choices)
        return words

    def number(self, column: str) -> float:
        """Return a cell as a finite number; 0 and a fault when it is none."""
        text = self.cells[column]
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.fault(f"{column} is '{text}'", "a number such as 0.25 or 1200000")
            return 0.0
        return number

    def day(self, column: str) -> str:
        """Return a cell that must be a date, ``YYYY-MM-DD``."""
        text = self.text(column)
        if text:
            self._dated(column, text)
        return text

    def day_or_none(self, column: str) -> str:
        """Return a cell that is a date or empty."""
        text = self.cells[column]
        if text:
            self._dated(column, text)
        return text

    def date_of(self, column: str) -> date | None:
        """Return a cell that must be a date; None and a fault when it is none."""
        text = self.text(column)
        return date.fromisoformat(text) if text and self._dated(column, text) else None

    def quantity(self, note: str = "note", *, licensed: bool = True) -> Quantity:
        """Return the row's value, range, unit and source, checked."""
        value, low, high = (self.number(column) for column in ("value", "low", "high"))
        unit = self.text("unit")
        if not low <= value <= high:
            self.fault(f"low {low:g}, value {value:g}, high {high:g}", "low <= value <= high")
        if unit == "share" and not (low >= 0 and high <= 1):
            self.fault(f"a share from {low:g} to {high:g}", "shares are 0 to 1", "write 0.23 for 23 percent")
        if unit == "correlation" and not (low >= -1 and high <= 1):
            self.fault(f"a correlation from {low:g} to {high:g}", "correlations are -1 to 1")
        licence = self.text("licence") if licensed else ""
        basis = self.one_of("basis", BASES)
        return Quantity(value, low, high, unit, self.text("source"), basis, licence, self.cells[note])

    def _dated(self, column: str, text: str) -> bool:
        """Return whether a text is a date; note a fault where it is none."""
        try:
            date.fromisoformat(text)
        except ValueError:
            self.fault(f"{column} is '{text}'", "a date, YYYY-MM-DD")
            return False
        return True

    def _known(self, column: str, word: str, choices: Collection[str]) -> None:
        """Note a fault when a word is none of the choices."""
        if word not in choices:
            shown = ", ".join(tuple(choices)[:12]) + (" ..." if len(choices) > 12 else "")
            self.fault(f"{column} is '{word}'", f"one of: {shown}", did_you_mean(word, choices))


def read_rows(
    path: Path, columns: Iterable[str], problems: list[Problem], optional: Iterable[str] = ()
) -> Iterator[Row]:
    """Yield the rows of a table; a faulty header or row is noted and left out.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8 with a header line.
    columns : iterable of str
        Columns that must be there; any other is a fault.
    problems : list of Problem
        Faults are added here.
    optional : iterable of str
        Columns that may be missing; their cells are then empty.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(Place(name, 1), f"cannot be read ({error})", "a CSV file in UTF-8"))
        return
    yield from rows_of_text(text, name, columns, problems, optional)


def checked_rows(path: Path, columns: Iterable[str]) -> Iterator[Row]:
    """Yield the rows of a table; after the last one, raise all faults, those that the reader noted included.

    Make each value while its row is at hand. A fault that is noted after the last row is not raised.

    Parameters
    ----------
    path, columns
        As in `read_rows`.

    Raises
    ------
    InputError
        When the table is faulty: all of it, each with file and line.
    """
    problems: list[Problem] = []
    yield from read_rows(path, columns, problems)
    if problems:
        raise InputError(problems)


def rows_of_text(
    text: str, name: str, columns: Iterable[str], problems: list[Problem], optional: Iterable[str] = ()
) -> Iterator[Row]:
    """Yield the rows of a table that is at hand as text.

    Parameters
    ----------
    text : str
        CSV with a header line.
    name : str
        What errors call it.
    columns, problems, optional
        As in `read_rows`.
    """
    wanted, more = tuple(columns), tuple(optional)
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    header = tuple(next(reader, ()))
    missing = [column for column in more if column not in header]
    if sorted([*header, *missing]) != sorted([*wanted, *more]):
        problems.append(Problem(Place(name, 1), f"columns {', '.join(header)}", ", ".join((*wanted, *more))))
        return
    spare, expected = dict.fromkeys(missing, ""), len(header)
    try:
        for cells in reader:
            where = Place(name, reader.line_num)
            if len(cells) == expected:
                found = dict(zip(header, map(str.strip, cells), strict=True))
                yield Row(where, found | spare if spare else found, problems)
            elif cells:
                problems.append(Problem(where, f"{len(cells)} fields", f"{len(header)} fields"))
    except csv.Error as error:
        problems.append(Problem(Place(name, reader.line_num), str(error), "well-formed CSV"))


def keep[K, V](table: dict[K, V], key: K, value: V, row: Row) -> None:
    """Add an entry to a table; note a fault when the key was there already."""
    if key in table:
        shown = " / ".join(key) if isinstance(key, tuple) else str(key)
        row.fault(f"a second row for {shown}", "one row for each")
        return
    table[key] = value

"""Declare and read the tables of facts: CSV files whose columns pydantic checks.

A table is one declaration, a subclass of `Row` (or of `Cited`, which has a source, or of `Figure`:
a number with its range and source) with the name of the file, the columns of its key, and a field
for each column::

    class Watched(Cited, file="watched.csv", key=("place",)):
        place: Text

`read` returns its rows by key, or raises an error that lists all faults, with file and line.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from functools import cache
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType, new_class
from typing import Annotated, Any, ClassVar, Literal, dataclass_transform, get_args, get_type_hints

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)

from ..errors import InputError, Place, Problem, did_you_mean

HOME = Path(__file__).parent
"""The folder of all shipped tables."""
Basis = Literal["measured", "survey", "press", "assumption"]
BASES: tuple[Basis, ...] = get_args(Basis)

type Names = Mapping[str, Any]
"""Allowed names by kind, as ``{"state": codes}``; a dictionary of texts translates each name into
another. ``taken`` has the folded names that other tables use, with their owners.
"""
type Fault = tuple[str, str] | tuple[str, str, str]
"""The finding, the allowed values, and an optional hint."""
type Cells = list[tuple[Place, dict[str, str]]]
"""The rows of a table as text: the position of each, and its cells by column."""


@dataclass(frozen=True)
class Quantity:
    """A number with its range and source."""

    value: float
    """Best figure [unit]."""
    low: float
    """Lower end of the range from which ensembles draw [unit]."""
    high: float
    """Upper end, ``low <= value <= high`` [unit]."""
    unit: str
    """``share`` is 0 to 1."""
    source: str
    """Publication or URL, or ``assumption: <reason>``."""
    basis: str
    """One of :data:`BASES`."""
    licence: str = ""
    """Terms of the source; empty for model parameters, which are the project's own."""
    note: str = ""
    """Derivation of the figure from the source, or meaning of a parameter."""
    choices: tuple[str, ...] = ()
    """Names of the alternatives of a parameter that is one of a few rules; its value is a position
    in them, from 0. Empty for a number.
    """


class CellError(ValueError):
    """A cell that its column does not allow; the arguments are the allowed values and a hint."""


def one_of(choices: Collection[str] | Callable[[], Collection[str]] | str) -> AfterValidator:
    """Return a validator for a column that holds one of some texts.

    Parameters
    ----------
    choices : collection of str, callable or str
        The texts, a function that returns them, or a kind of names known to the reader.
    """

    def check(text: str, info: ValidationInfo) -> str:
        allowed: Any = choices() if callable(choices) else choices
        allowed = (info.context or {}).get(allowed) if isinstance(allowed, str) else allowed
        if allowed is None:
            return text
        if text not in allowed:
            shown = ", ".join(tuple(allowed)[:12]) + (" ..." if len(allowed) > 12 else "")
            raise CellError(f"one of: {shown}", did_you_mean(text, allowed))
        return str(allowed[text]) if isinstance(choices, str) and type(allowed) is dict else text

    return AfterValidator(check)


def parsed(convert: Callable[[str], object], allowed: str) -> BeforeValidator:
    """Return a validator that converts a cell by a function, which raises `ValueError` for invalid
    cells.
    """

    def check(cell: str) -> object:
        try:
            return convert(cell)
        except ValueError:
            raise CellError(allowed) from None

    return BeforeValidator(check)


def _code(text: str) -> str:
    """Return an alpha-2 code of a state."""
    if re.fullmatch("(?!XX)[A-Z]{2}", text) is None:
        raise ValueError(text)
    return text


def _asn(text: str) -> int:
    """Return the number of an autonomous system."""
    if re.fullmatch("[0-9]+", text) is None or not 0 < int(text) < 2**32:
        raise ValueError(text)
    return int(text)


_DATE = "a date, YYYY-MM-DD"
_CODE = "an ISO 3166-1 alpha-2 code such as US"
split_words = BeforeValidator(
    lambda cell: tuple(word.strip() for word in cell.split("|") if word.strip())
)
"""Reads a cell of texts separated by ``|`` as a tuple."""
Text = Annotated[str, Field(min_length=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
YesNo = Annotated[bool, parsed(("no", "yes").index, "one of: yes, no")]
Day = Annotated[date, parsed(date.fromisoformat, _DATE)]
DayOrNone = Annotated[
    date | None, parsed(lambda cell: date.fromisoformat(cell) if cell else None, _DATE)
]
DayTextOrNone = Annotated[
    str, parsed(lambda cell: cell and date.fromisoformat(cell).isoformat(), _DATE)
]
DayText = Annotated[DayTextOrNone, Field(min_length=1)]
"""A day as text, ``YYYY-MM-DD``."""
Words = Annotated[tuple[str, ...], split_words]
Code = Annotated[str, parsed(_code, _CODE)]
"""An ISO 3166-1 alpha-2 code of any state."""
CodeOrNone = Annotated[str, parsed(lambda cell: cell and _code(cell), _CODE)]
AnyCode = Annotated[str, parsed(lambda cell: cell if cell == "XX" else _code(cell), _CODE)]
"""A `Code`, or ``XX``, the rest of the world."""
Asn = Annotated[int, parsed(_asn, "the number of an autonomous system, such as 12389")]
Asns = Annotated[tuple[Asn, ...], split_words]
State = Annotated[str, one_of("state")]
"""A state of the world that is read."""
Platform = Annotated[str, one_of("platform")]
"""A platform of the world that is read."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Row:
    """One row of a table; a subclass becomes a frozen dataclass with a field for each column.

    Columns whose field has a default may be missing from the file: they count as empty. A field
    ``where`` receives the file and line of the row.
    """

    FILE: ClassVar[str] = ""
    """Name of the file."""
    KEY: ClassVar[tuple[str, ...]] = ()
    """Columns that identify a row; without a key, rows may repeat."""

    def __init_subclass__(cls, file: str = "", key: tuple[str, ...] = (), **how: bool) -> None:
        super().__init_subclass__()
        cls.FILE = file or cls.FILE
        cls.KEY = key or cls.KEY
        dataclass(frozen=True, kw_only=cls.__base__ is not Row, **how)(
            cls
        )  # columns of its base come first

    def faults(self, names: Names) -> Iterable[Fault]:
        """Return the conflicts between cells that are valid by themselves."""
        return ()

    def words(self) -> tuple[str, ...]:
        """Return the names that no other row may have, the main one first, in a table with ``name``
        and ``aliases``.
        """
        columns = vars(self)
        return columns["name"], *columns["aliases"]


class Cited(Row):
    """A row with a source and a basis, as in `Quantity`."""

    source: Text
    basis: Basis


class Spell(Cited):
    """A fact that holds from a day on."""

    since: DayText
    """The first day, ``YYYY-MM-DD``; the first of the month if only the month is known."""
    until: DayTextOrNone = ""
    """First day on which it no longer held; empty if no end is known."""

    def holds_on(self, day: date) -> bool:
        """Return whether the fact holds on a day."""
        text = day.isoformat()
        return self.since <= text and not ("" < self.until <= text)

    def faults(self, names: Names) -> Iterable[Fault]:
        """Yield an end before the beginning."""
        if self.until and self.until <= self.since:
            yield f"since {self.since}, until {self.until}", "an end after the beginning"


class Estimate(Cited):
    """A number with its range, source and basis, as in `Quantity`."""

    UNIT: ClassVar[str] = ""
    """The unit of the whole table; empty if each row has a unit."""
    UNITS: ClassVar[Mapping[str, str]] = {}
    """The unit of each field, in a table with a column ``field``."""
    DIFFERENT: ClassVar[tuple[str, ...]] = ()
    """Two columns of the key that may not hold the same name."""
    value: Number
    low: Number
    high: Number
    unit: Text

    def faults(self, names: Names) -> Iterable[Fault]:
        """Yield a range that excludes the value or that its unit does not allow, and a wrong
        unit.
        """
        low = self.low
        value = self.value
        high = self.high
        if not low <= value <= high:
            yield f"low {low:g}, value {value:g}, high {high:g}", "low <= value <= high"
        if self.unit == "share" and not (low >= 0 and high <= 1):
            yield (
                f"a share from {low:g} to {high:g}",
                "shares are 0 to 1",
                "write 0.23 for 23 percent",
            )
        if self.unit == "correlation" and not (low >= -1 and high <= 1):
            yield f"a correlation from {low:g} to {high:g}", "correlations are -1 to 1"
        cells = vars(self)
        unit = self.UNITS.get(cells.get("field", ""), self.UNIT) or self.unit
        if self.unit != unit:
            yield f"unit is '{self.unit}'", f"'{unit}'"
        if self.DIFFERENT and len({cells[column] for column in self.DIFFERENT}) == 1:
            yield (
                f"{' and '.join(self.DIFFERENT)} are both {cells[self.DIFFERENT[0]]}",
                "two different states",
            )

    @property
    def quantity(self) -> Quantity:
        """The number without its key."""
        return Quantity(**{name: cell for name, cell in vars(self).items() if name in _PARTS})


_LAST = ("source", "basis", "licence", "note")
_PARTS = frozenset(field.name for field in fields(Quantity))


class Figure(Estimate):
    """A number with the licence of its source and a note, as in `Quantity`."""

    licence: Text
    note: str


def figure_table(
    file: str,
    *,
    unit: str = "",
    units: Mapping[str, str] | None = None,
    different: tuple[str, ...] = (),
    **key: Any,
) -> type[Figure]:
    """Declare a table of figures in one line: each row is a `Figure` with the names in its key.

    Parameters
    ----------
    file : str
        Name of the file.
    unit, units, different
        ``UNIT``, ``UNITS`` and ``DIFFERENT`` of `Estimate`.
    **key : type
        The columns of the key.
    """
    given = {
        "UNIT": unit,
        "UNITS": units or {},
        "DIFFERENT": different,
        "__doc__": f"A row of {file}.",
    }
    body = {**given, "__annotations__": key}
    return new_class(
        file,
        (Figure,),
        {"file": file, "key": tuple(key), "eq": False},
        lambda names: names.update(body),
    )


def read[R: Row](
    row: type[R], path: Path | None = None, names: Names | None = None
) -> Mapping[Any, R]:
    """Return the rows of a table by key, in the order of the file.

    Parameters
    ----------
    row : type
        The declaration of the table.
    path : Path, optional
        By default the shipped table, which is read once.
    names : mapping of str to collection of str, optional
        Allowed names by kind.

    Returns
    -------
    mapping
        The rows by key: a text for one column, else a tuple; without a key, the line number.

    Raises
    ------
    InputError
        If the table has faults; the error lists all of them, with file and line.
    """
    if path is None:
        return _read_shipped(row)  # type: ignore[arg-type]
    problems: list[Problem] = []
    rows = check_rows(row, read_cells(row, path, problems), problems, names)
    if problems:
        raise InputError(problems)
    return MappingProxyType(rows)


@cache
def _read_shipped(row: type[Any]) -> Mapping[Any, Any]:
    """Return a shipped table, read once."""
    return read(row, HOME / row.FILE)


def quantities(rows: Mapping[Any, Estimate]) -> dict[Any, Quantity]:
    """Return the numbers of a table by key."""
    return {key: row.quantity for key, row in rows.items()}


def read_cells(
    row: type[Row], source: Path | str, problems: list[Problem], name: str = ""
) -> Cells:
    """Return the rows of a table as text; invalid files, headers and rows add to the problems.

    Parameters
    ----------
    row : type
        The declaration of the table.
    source : Path or str
        The file, or its contents.
    problems : list of Problem
    name : str
        Name of the table in problems; by default the folder and name of the file.
    """
    if isinstance(source, Path):
        name = f"{source.parent.name}/{source.name}"
        try:
            source = source.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(
                Problem(Place(name, 1), f"cannot be read ({error})", "a CSV file in UTF-8")
            )
            return []
    before, nul, _ = source.partition("\0")
    if nul:
        problems.append(
            Problem(Place(name, before.count("\n") + 1), "a NUL character", "a CSV file in UTF-8")
        )
        return []
    reader = csv.reader(source.splitlines(keepends=True), strict=True)
    columns = [field for field in fields(row) if field.name != "where"]  # type: ignore[arg-type]
    columns.sort(key=lambda column: column.name in _LAST)
    needed = {column.name for column in columns if column.default is MISSING}
    blank = {column.name: "" for column in columns if column.default is not MISSING}
    cells: Cells = []
    try:
        header = [column.strip() for column in next(reader, [])]
        if len(set(header)) != len(header) or not needed <= set(header) <= {*needed, *blank}:
            problems.append(
                Problem(
                    Place(name, 1),
                    f"columns {', '.join(header)}",
                    ", ".join(column.name for column in columns),
                )
            )
            return []
        for texts in reader:
            where = Place(name, reader.line_num)
            if len(texts) == len(header):
                cells.append((where, blank | dict(zip(header, map(str.strip, texts), strict=True))))
            elif texts:
                problems.append(Problem(where, f"{len(texts)} fields", f"{len(header)} fields"))
    except csv.Error as error:
        problems.append(Problem(Place(name, reader.line_num), str(error), "well-formed CSV"))
    return cells


def check_rows[R: Row](
    row: type[R], cells: Cells, problems: list[Problem], names: Names | None = None
) -> dict[Any, R]:
    """Return rows by key; faults add to the problems, and faulty rows are left out.

    Parameters
    ----------
    row : type
        The declaration of the table.
    cells : list of (Place, dict)
        From `read_cells`.
    problems : list of Problem
    names : mapping of str to collection of str, optional
        Allowed names by kind.
    """
    columns: dict[str, list[Any]] = {}
    faulty: set[int] = set()
    for column in cells[0][1] if cells else ():
        try:
            texts = [texts[column] for _, texts in cells]
            columns[column] = _adapter(_types(row)[column]).validate_python(texts, context=names)  # type: ignore[arg-type]
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                at = int(fault["loc"][0])
                faulty.add(at)
                problems.append(_problem(cells[at][0], column, fault))
    if faulty:
        return check_rows(
            row, [cell for at, cell in enumerate(cells) if at not in faulty], problems, names
        )
    if "where" in _types(row):  # type: ignore[arg-type]
        columns["where"] = [where for where, _ in cells]
    rows: dict[Any, R] = {}
    owners = dict((names or {}).get("taken", {}))
    key_of = attrgetter(*row.KEY) if row.KEY else None
    for (where, _), values in zip(cells, zip(*columns.values(), strict=True), strict=True):
        made = row(**dict(zip(columns, values, strict=True)))
        problems += [Problem(where, *fault) for fault in made.faults(names or {})]
        if "aliases" in columns:
            problems += [Problem(where, *fault) for fault in claim_names(owners, made.words())]
        key: Any = key_of(made) if key_of else where.line
        if key in rows:
            shown = " / ".join(map(str, key if isinstance(key, tuple) else (key,)))
            problems.append(Problem(where, f"a second row for {shown}", "one row for each"))
        else:
            rows[key] = made
    return rows


def fold(text: str) -> str:
    """Return a text without case, accents and spare blanks, for comparing names."""
    if not text.isascii():
        text = "".join(
            char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
        )
    return " ".join(text.casefold().split())


def claim_names(owners: dict[str, str], words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Record the owner of some names, of which the first is the owner's main name; yield names
    already taken.

    Parameters
    ----------
    owners : dict of str to str
        Folded name -> owner; added to.
    words : tuple of str
    """
    for word in words:
        owner = owners.setdefault(fold(word), words[0])
        if owner != words[0]:
            yield f"'{word}' already names {owner}", "a name belongs to one row"


@cache
def _types(row: type[Row]) -> dict[str, Any]:
    """Return the type of each field, including those that are not columns."""
    return get_type_hints(row, include_extras=True)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Return the validator of a column; all columns of a type share it."""
    return TypeAdapter(list[kind])


def _problem(where: Place, column: str, error: Any) -> Problem:
    """Return pydantic's error about a cell as a problem of its row."""
    cell = error["input"]
    context = error.get("ctx", {})
    if error["type"] == "string_too_short":
        return Problem(where, f"{column} is empty", f"every row needs a {column}")
    allowed = "a number such as 0.25 or 1200000"
    hint = ""
    if isinstance(wrong := context.get("error"), CellError):
        allowed, hint = (*wrong.args, "")[:2]
    elif error["type"] == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        allowed = f"one of: {', '.join(choices)}"
        hint = did_you_mean(cell, choices)
    return Problem(where, f"{column} is '{cell}'", allowed, hint)

"""Declare and read the tables of facts: CSV files whose rows pydantic checks.

A table is one declaration, a subclass of `Row` (or of `Figure`: a number with its range and source) with the name of
the file, the columns of its key, and a field for each column::

    @dataclass(frozen=True)
    class Penetration(Figure, file="penetration.csv", key=("state", "platform"), unit="share"):
        state: State
        platform: Platform

`read` returns its rows by key, or raises everything that is wrong with it at once, each with file and line.
"""

from __future__ import annotations

import csv
import dataclasses
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError, ValidationInfo

from sim.errors import InputError, Place, Problem, did_you_mean

HOME = Path(__file__).parent
"""The folder of all shipped tables."""
Basis = Literal["measured", "survey", "press", "assumption"]
BASES: tuple[Basis, ...] = get_args(Basis)

type Names = Mapping[str, Any]
"""Allowed names by kind, as ``{"state": codes}``; a dictionary of texts translates each name into another. ``taken``
has the folded names that other tables have given away, with their owners."""
type Fault = tuple[str, ...]
"""What was found, what is allowed, and perhaps a hint."""


@dataclass(frozen=True)
class Quantity:
    """A number, how far it may be off, and where it comes from.

    Attributes
    ----------
    value, low, high : float
        Best figure and the range that ensembles draw from, ``low <= value <= high`` [unit].
    unit : str
        ``share`` is 0 to 1.
    source : str
        Publication or URL, or ``assumption: <reason>``.
    basis : str
        One of :data:`BASES`.
    licence : str
        Terms of the source; empty for model parameters, which are the project's own.
    note : str
        How the figure was derived from the source, or what a parameter means.
    choices : tuple of str
        Names of the alternatives of a parameter that is one of a few rules; its value is the place of one among them,
        from 0. Empty for a number.
    """

    value: float
    low: float
    high: float
    unit: str
    source: str
    basis: str
    licence: str = ""
    note: str = ""
    choices: tuple[str, ...] = ()


class CellError(ValueError):
    """A cell that its column does not allow, with what is allowed and a hint."""

    def __init__(self, allowed: str, hint: str = "") -> None:
        super().__init__(allowed, hint)
        self.allowed, self.hint = allowed, hint


def _among(text: str, choices: Collection[str]) -> str:
    """Return a text that must be one of the choices."""
    if text not in choices:
        shown = ", ".join(tuple(choices)[:12]) + (" ..." if len(choices) > 12 else "")
        raise CellError(f"one of: {shown}", did_you_mean(text, choices))
    return text


def one_of(choices: Collection[str]) -> AfterValidator:
    """Return a validator for a column that holds one of a few texts."""
    return AfterValidator(lambda text: _among(text, choices))


def named(kind: str) -> AfterValidator:
    """Return a validator for a column that holds a name of a kind; the reader is given the allowed names."""

    def check(text: str, info: ValidationInfo) -> str:
        choices = (info.context or {}).get(kind)
        if choices is None:
            return text
        _among(text, choices)
        return str(choices[text]) if type(choices) is dict else text

    return AfterValidator(check)


def _split(cell: object) -> object:
    """Return the parts of a cell that are separated by ``|``."""
    return tuple(word.strip() for word in cell.split("|") if word.strip()) if isinstance(cell, str) else cell


def _to_date(cell: object) -> date:
    try:
        return date.fromisoformat(str(cell))
    except ValueError:
        raise CellError("a date, YYYY-MM-DD") from None


def is_date(text: str) -> str:
    """Return a text that is empty or a date, YYYY-MM-DD."""
    return text and _to_date(text).isoformat()


def _is_code(text: str) -> str:
    if len(text) == 2 and text.isascii() and text.isalpha() and text.isupper() and text != "XX":
        return text
    raise CellError("an ISO 3166-1 alpha-2 code such as US")


def _to_asn(cell: object) -> int:
    text = str(cell)
    if text.isascii() and text.isdigit() and 0 < int(text) < 2**32:
        return int(text)
    raise CellError("the number of an autonomous system, such as 12389")


split_words = BeforeValidator(_split)
"""Reads a cell of texts separated by ``|`` as a tuple."""
Text = Annotated[str, Field(min_length=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
YesNo = Annotated[bool, BeforeValidator(lambda cell: _among(str(cell), ("yes", "no")) == "yes")]
Day = Annotated[date, BeforeValidator(_to_date)]
DayOrNone = Annotated[date | None, BeforeValidator(lambda cell: _to_date(cell) if cell else None)]
DayText = Annotated[str, Field(min_length=1), AfterValidator(is_date)]
"""A day as text, ``YYYY-MM-DD``."""
DayTextOrNone = Annotated[str, AfterValidator(is_date)]
Words = Annotated[tuple[str, ...], split_words]
Code = Annotated[str, AfterValidator(_is_code)]
"""An ISO 3166-1 alpha-2 code of any state."""
CodeOrNone = Annotated[str, AfterValidator(lambda text: text and _is_code(text))]
AnyCode = Annotated[str, AfterValidator(lambda text: text if text == "XX" else _is_code(text))]
"""A `Code`, or ``XX``, the rest of the world."""
Asn = Annotated[int, BeforeValidator(_to_asn)]
Asns = Annotated[tuple[Asn, ...], split_words]
State = Annotated[str, named("state")]
"""A state of the world that is read."""
Platform = Annotated[str, named("platform")]
"""A platform of the world that is read."""


class Row:
    """One row of a table; a subclass is a frozen dataclass with a field for each column.

    Columns whose field has a default may be missing from the file.

    Attributes
    ----------
    FILE : str
        Name of the file.
    KEY : tuple of str
        Columns that say which row is meant, each combination once; without a key rows may repeat.
    GATHERED : mapping of str to tuple of str
        Fields that are no columns -> the columns that `gather` makes each of.
    """

    FILE: ClassVar[str] = ""
    KEY: ClassVar[tuple[str, ...]] = ()
    GATHERED: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __init_subclass__(cls, file: str = "", key: tuple[str, ...] = (), **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.FILE, cls.KEY = file or cls.FILE, key or cls.KEY

    @classmethod
    def gather(cls, cells: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the cells with those together that make up one field."""
        return cells

    def faults(self, names: Names) -> Iterable[Fault]:
        """Return what is wrong between cells each of which is right by itself."""
        return ()

    def words(self) -> tuple[str, ...]:
        """Return the names that no other row may have, the main one first: ``name`` and ``aliases``, if it has them."""
        columns = vars(self)
        return (columns["name"], *columns["aliases"]) if "aliases" in columns else ()


@dataclass(frozen=True)
class Estimate(Row):
    """A number with its range, source and basis, as in `Quantity`.

    Attributes
    ----------
    UNIT : str
        The unit that all of the table is in; empty where each row has its own.
    UNITS : mapping of str to str
        The unit of each field, in a table with a column ``field``.
    DIFFERENT : tuple of str
        Two columns of the key that may not hold the same name.
    """

    UNIT: ClassVar[str] = ""
    UNITS: ClassVar[Mapping[str, str]] = {}
    DIFFERENT: ClassVar[tuple[str, ...]] = ()
    value: Number
    low: Number
    high: Number
    unit: Text
    source: Text
    basis: Basis

    def __init_subclass__(cls, unit: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.UNIT = unit or cls.UNIT

    def faults(self, names: Names) -> Iterable[Fault]:
        """Yield a range that does not hold the value or that its unit does not allow, and a wrong unit."""
        low, value, high = self.low, self.value, self.high
        if not low <= value <= high:
            yield f"low {low:g}, value {value:g}, high {high:g}", "low <= value <= high"
        if self.unit == "share" and not (low >= 0 and high <= 1):
            yield f"a share from {low:g} to {high:g}", "shares are 0 to 1", "write 0.23 for 23 percent"
        if self.unit == "correlation" and not (low >= -1 and high <= 1):
            yield f"a correlation from {low:g} to {high:g}", "correlations are -1 to 1"
        cells = vars(self)
        unit = self.UNITS.get(cells.get("field", ""), self.UNIT) or self.unit
        if self.unit != unit:
            yield f"unit is '{self.unit}'", f"'{unit}'"
        if self.DIFFERENT and len({cells[column] for column in self.DIFFERENT}) == 1:
            yield f"{' and '.join(self.DIFFERENT)} are both {cells[self.DIFFERENT[0]]}", "two different states"

    @property
    def quantity(self) -> Quantity:
        """The number without its key."""
        return Quantity(self.value, self.low, self.high, self.unit, self.source, self.basis)


@dataclass(frozen=True)
class Figure(Estimate):
    """A number with the licence of its source and a note, as in `Quantity`."""

    licence: Text
    note: str

    @property
    def quantity(self) -> Quantity:
        """The number without its key."""
        return Quantity(self.value, self.low, self.high, self.unit, self.source, self.basis, self.licence, self.note)


def figure_table(
    file: str, *, unit: str = "", units: Mapping[str, str] | None = None, different: tuple[str, ...] = (), **key: Any
) -> type[Figure]:
    """Declare a table of figures in one line: each row is a `Figure` and the names that say of what.

    Parameters
    ----------
    file : str
        Name of the file.
    unit, units, different
        ``UNIT``, ``UNITS`` and ``DIFFERENT`` of `Estimate`.
    **key : type
        The columns of the key.
    """
    given = {"FILE": file, "KEY": tuple(key), "UNIT": unit, "UNITS": units or {}, "DIFFERENT": different}
    return dataclasses.make_dataclass(file, key.items(), bases=(Figure,), namespace=given, frozen=True)


def read[R: Row](row: type[R], path: Path | None = None, names: Names | None = None) -> Mapping[Any, R]:
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
        The key is a text where it is of one column, else a tuple; without one it is the number of the line.

    Raises
    ------
    InputError
        The table is faulty: all of it, each with file and line.
    """
    if path is None and names is None:
        return _shipped(row)  # type: ignore[arg-type]
    return _read(row, path or HOME / row.FILE, names)


def _read[R: Row](row: type[R], path: Path, names: Names | None) -> Mapping[Any, R]:
    """Return the rows of a table by key."""
    problems: list[Problem] = []
    rows = check_rows(row, read_cells(row, path, problems), problems, names)
    if problems:
        raise InputError(problems)
    return MappingProxyType(rows)


@cache
def _shipped(row: type[Any]) -> Mapping[Any, Any]:
    """Return a shipped table, read once."""
    return _read(row, HOME / row.FILE, None)


def quantities(rows: Mapping[Any, Estimate]) -> dict[Any, Quantity]:
    """Return the numbers of a table by key."""
    return {key: row.quantity for key, row in rows.items()}


type Cells = list[tuple[Place, dict[str, Any]]]
"""The rows of a table as text: where each is, and its cells by column."""


def read_cells(row: type[Row], source: Path | str, problems: list[Problem], name: str = "") -> Cells:
    """Return the rows of a table as text; a file, header or row that is none adds to the problems.

    Parameters
    ----------
    row : type
        The declaration of the table.
    source : Path or str
        The file, or what stands in it.
    problems : list of Problem
    name : str
        What problems call the table; by default the folder and name of the file.
    """
    if isinstance(source, Path):
        name = f"{source.parent.name}/{source.name}"
        try:
            source = source.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(Place(name, 1), f"cannot be read ({error})", "a CSV file in UTF-8"))
            return []
    reader = csv.reader(source.splitlines(keepends=True), strict=True)
    columns = _columns(row)  # type: ignore[arg-type]
    cells: Cells = []
    try:
        header = [column.strip() for column in next(reader, [])]
        needed = [column for column, optional in columns.items() if not optional]
        if len(set(header)) != len(header) or not set(needed) <= set(header) <= set(columns):
            problems.append(Problem(Place(name, 1), f"columns {', '.join(header)}", ", ".join(columns)))
            return []
        for texts in reader:
            where = Place(name, reader.line_num)
            if len(texts) == len(header):
                cells.append((where, dict(zip(header, map(str.strip, texts), strict=True))))
            elif texts:
                problems.append(Problem(where, f"{len(texts)} fields", f"{len(header)} fields"))
    except csv.Error as error:
        problems.append(Problem(Place(name, reader.line_num), str(error), "well-formed CSV"))
    return cells


def check_rows[R: Row](row: type[R], cells: Cells, problems: list[Problem], names: Names | None = None) -> dict[Any, R]:
    """Return rows by key; what is wrong with them adds to the problems, and faulty rows are left out.

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
    rows: dict[Any, R] = {}
    validate, key = _adapter(row).validate_python, row.KEY  # type: ignore[arg-type]
    owners = dict((names or {}).get("taken", {}))
    has_place = "where" in {field.name for field in dataclasses.fields(row)}  # type: ignore[arg-type]
    for where, texts in cells:
        try:
            made = validate({**row.gather(texts), "where": where} if has_place else texts, context=names)
        except ValidationError as error:
            problems += [_problem(where, fault) for fault in error.errors(include_url=False)]
            continue
        faults = (*made.faults(names or {}), *claim_names(owners, made.words()))
        problems += [Problem(where, *fault) for fault in faults]
        found = tuple([getattr(made, column) for column in key])
        index: Any = where.line if not key else found[0] if len(key) == 1 else found
        if index in rows:
            problems.append(Problem(where, f"a second row for {' / '.join(map(str, found))}", "one row for each"))
        else:
            rows[index] = made
    return rows


def fold(text: str) -> str:
    """Return a text without case, accents and spare blanks, for comparing names."""
    decomposed = unicodedata.normalize("NFKD", str(text))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(plain.casefold().split())


def claim_names(owners: dict[str, str], words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Note whom some names belong to, the first of which is the owner's own; yield those that are taken.

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
def _adapter[R: Row](row: type[R]) -> TypeAdapter[R]:
    """Return the validator of a row."""
    return TypeAdapter(row)


@cache
def _columns(row: type[Row]) -> dict[str, bool]:
    """Return the columns of a table, and whether each may be missing."""
    fields = dataclasses.fields(row)  # type: ignore[arg-type]
    return {
        column: field.default is not dataclasses.MISSING
        for field in fields
        for column in row.GATHERED.get(field.name, (field.name,))
        if column != "where"
    }


def _problem(where: Place, error: Any) -> Problem:
    """Return what pydantic found wrong with a cell as a problem of its row."""
    column, cell = error["loc"][0], error["input"]
    if error["type"] == "value_error" and isinstance(wrong := error["ctx"]["error"], CellError):
        return Problem(where, f"{column} is '{cell}'", wrong.allowed, wrong.hint)
    if error["type"] == "string_too_short":
        return Problem(where, f"{column} is empty", f"every row needs a {column}")
    if error["type"] == "literal_error":
        choices = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        return Problem(where, f"{column} is '{cell}'", f"one of: {', '.join(choices)}", did_you_mean(cell, choices))
    return Problem(where, f"{column} is '{cell}'", "a number such as 0.25 or 1200000")

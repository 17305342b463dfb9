"""A submission: a folder with ``model.yml`` and ``forecasts.csv``, read line by line.

All problems are reported together. A row of the task with an invalid line is left out; all others
are scored.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import orders, outcomes
from .forecasts import Forecast, of_quantiles
from .problems import BenchError, Problem, did_you_mean

ABOUT = "model.yml"
TABLE = "forecasts.csv"
PACKED = "forecasts.csv.gz"
"""The table compressed by gzip, which a submission may have instead."""
COLUMNS = ["row", "output_type", "output_type_id", "value"]
"""The columns of a submission, as forecast hubs name them."""
TASKS = ("outcomes", "orders")
KEYS = ("name", "task", "folds", "authors", "license", "url", "methods", "data")
"""Keys that ``model.yml`` may have; only ``name`` is required."""
TYPES = {"outcomes": ("quantile", "sample"), "orders": ("pmf",)}
"""Types of output that a line may hold; for an order, the chance of the category ``ordered``."""
ORDERED = "ordered"


@dataclass
class Submission:
    """The forecasts of an entrant for a task."""

    name: str
    task: str
    folds: str
    """The held-out fold, one of `outcomes.FOLDS`."""
    about: dict[str, str] = field(default_factory=dict)
    """The rest of ``model.yml``."""
    forecasts: dict[str, Forecast] = field(default_factory=dict)
    """Forecasts by row; in the task ``orders`` the value is the chance."""
    problems: list[Problem] = field(default_factory=list)
    """The malformed parts."""
    missing: list[str] = field(default_factory=list)
    """Rows of the task without a valid forecast."""

    @property
    def chances(self) -> dict[str, float]:
        """The chance of an order, by row [1]."""
        return {row: float(one.values[0]) for row, one in self.forecasts.items()}


def read_submission(folder: Path | str) -> Submission:
    """Return the submission in a folder, with all its problems.

    Raises
    ------
    BenchError
        If one of the two files is missing, or has no valid part.
    """
    place = Path(folder)
    source = place / PACKED if (place / PACKED).is_file() else place / TABLE
    lost = [
        Problem(str(path), None, "there is no such file", f"a folder with {ABOUT} and {TABLE}")
        for path in (place / ABOUT, source)
        if not path.is_file()
    ]
    if source.name == PACKED and (place / TABLE).is_file():
        lost.append(Problem(str(source), None, f"{TABLE} beside it", "one of the two"))
    if lost:
        raise BenchError(*lost)
    found = _read_about(place / ABOUT)
    table = orders.rows() if found.task == "orders" else list(outcomes.scored().index)
    _read_table(source, found, frozenset(table))
    due = orders.rows(due=True) if found.task == "orders" else table
    found.missing = [row for row in due if row not in found.forecasts]
    if not found.forecasts:
        raise BenchError(
            *found.problems,
            Problem(str(source), None, "no row can be scored", "at least one"),
        )
    return found


def _read_about(path: Path) -> Submission:
    """Return a submission with the contents of ``model.yml``: lines of ``key: value``."""
    problems: list[Problem] = []
    said: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        key, colon, value = (part.strip() for part in text.partition(":"))
        if not colon or line[0] == " ":
            problems.append(Problem(str(path), number, f"'{text}'", "one line of 'key: value'"))
        elif key not in KEYS:
            hint = did_you_mean(key, KEYS)
            problems.append(Problem(str(path), number, f"the key '{key}'", ", ".join(KEYS), hint))
        else:
            said[key] = value.strip("'\"")
    for key, allowed in (("task", TASKS), ("folds", outcomes.FOLDS)):
        if key in said and said[key] not in allowed:
            hint = did_you_mean(said[key], allowed)
            problems.append(
                Problem(str(path), None, f"{key}: '{said[key]}'", ", ".join(allowed), hint)
            )
    if not said.get("name"):
        problems.append(Problem(str(path), None, "no name", "a line 'name: ...'"))
    if problems:
        raise BenchError(*problems)
    name = said.pop("name")
    task = said.pop("task", TASKS[0])
    return Submission(name, task, said.pop("folds", outcomes.FOLDS[0]), about=said)


class Line(NamedTuple):
    """A line of the table that is valid by itself."""

    number: int
    output_type: str
    label: str
    value: float


type Fault = tuple[str, str, str]
"""The finding, the allowed values, and a fix."""


def _read_table(path: Path, found: Submission, rows: Collection[str]) -> None:
    """Add the forecasts of a table, and the problems of its lines, to a submission."""
    lines: dict[str, list[Line]] = {}
    spoilt: set[str] = set()
    for number, cells in _cells(path):
        fault = _fault_of_line(cells, TYPES[found.task], rows)
        if fault is not None:
            found.problems.append(Problem(str(path), number, *fault))
            spoilt.add(cells[0])
            continue
        row, output_type, label, value = cells
        lines.setdefault(row, []).append(Line(number, output_type, label, float(value)))
    for row, own in lines.items():
        fault = _fault_of_row(own)
        if fault is not None:
            found.problems.append(Problem(str(path), own[-1].number, *fault))
        elif row not in spoilt:
            found.forecasts[row] = _forecast(own)


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a table below its header, with their numbers."""
    try:
        raw = gzip.decompress(path.read_bytes()) if path.name == PACKED else path.read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BenchError(Problem(str(path), None, str(error), "a table in UTF-8")) from None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    if header != COLUMNS:
        allowed = f"the columns {','.join(COLUMNS)}"
        raise BenchError(Problem(str(path), 1, f"'{','.join(header)}'", allowed))
    for cells in reader:
        if cells:
            yield reader.line_num, cells


def _fault_of_line(
    cells: Sequence[str], types: Sequence[str], rows: Collection[str]
) -> Fault | None:
    """Return the fault of a line by itself."""
    if len(cells) != len(COLUMNS):
        return (
            f"{len(cells)} cells: '{','.join(cells)}'",
            f"{len(COLUMNS)}: {','.join(COLUMNS)}",
            "",
        )
    row, output_type, label, value = cells
    if row not in rows:
        return f"the row '{row}'", "a row of the task that is scored", did_you_mean(row, rows)
    if output_type not in types:
        hint = did_you_mean(output_type, types)
        return f"the output_type '{output_type}'", " or ".join(types), hint
    if not math.isfinite(_number(value)):
        return f"the value '{value}'", "a finite number", ""
    if output_type == "quantile" and not 0.0 < _number(label) < 1.0:
        return f"the output_type_id '{label}'", "a level above 0 and below 1", ""
    if output_type == "pmf" and label != ORDERED:
        return f"the output_type_id '{label}'", ORDERED, ""
    if output_type == "pmf" and not 0.0 <= float(value) <= 1.0:
        return f"the chance {value}", "0 to 1", ""
    return None


def _number(text: str) -> float:
    """Return a number; NaN for other text."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _fault_of_row(lines: Sequence[Line]) -> Fault | None:
    """Return the fault of the lines of a row together."""
    types = {line.output_type for line in lines}
    if len(types) > 1:
        return " and ".join(sorted(types)) + " of one row", "one output_type a row", ""
    labels = [line.label for line in lines]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        return f"the output_type_id '{twice}' twice", "each once a row", ""
    if types == {"quantile"}:
        ranked = [line.value for line in sorted(lines, key=lambda line: float(line.label))]
        if ranked != sorted(ranked):
            return "quantiles that fall", "values that do not fall with their level", ""
    return None


def _forecast(lines: Sequence[Line]) -> Forecast:
    """Return the forecast from the lines of a row."""
    ranked = sorted(lines, key=lambda line: _number(line.label))
    values = [line.value for line in ranked]
    if ranked[0].output_type == "quantile":
        return of_quantiles([float(line.label) for line in ranked], values)
    return Forecast(np.array(values))

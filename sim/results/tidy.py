"""The daily values as a tidy table: one row a seed, arm, day and cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from sim.metrics.registry import METRICS
from sim.results.cells import Cell, cells_of
from sim.results.csv_cells import neutral
from sim.results.focus import Focus
from sim.results.panel import Pair
from sim.results.rows import held

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("seed", "arm", "date", "metric", "state", "platform", "group", "value", "unit")
_MARK = "\1"
"""Stands before a value while rows are made, and in no name: a platform may be called nan."""
_DIGITS = 10  # significant digits of a value in series.csv; the panel holds them all


def shown_cells(members: Sequence[Pair], focus: Focus) -> list[Cell]:
    """Return the cells that the tidy table holds: those in focus that are defined on some day of some member.

    The number of daily users of every named state x named platform is always among them.
    """
    axes = members[0][0].axes
    defined = {
        name: np.logical_or.reduce([_defined(arm.arrays[name], name) for arm in chain.from_iterable(members)])
        for name in held(members)
    }
    return [cell for name in held(members) for cell in cells_of(name, axes, focus.shows, defined[name])]


def _defined(array: np.ndarray, metric: str) -> np.ndarray:
    """Return, for every cell of a metric, whether it says something: a number on some day, or a flow."""
    known = ~np.isnan(array)
    if "source" in METRICS[metric].dims:
        return np.asarray(known & (array != 0))  # of all pairs of platforms, nearly none has a flow
    return np.asarray(known if METRICS[metric].kind == "total" else known.any(axis=0))


def series_frame(members: Sequence[Pair], cells: Sequence[Cell]) -> pd.DataFrame:
    """Return the tidy table.

    A metric that has one value a run carries the date of the last day.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    cells : sequence of Cell
        What to put in.

    Returns
    -------
    pandas.DataFrame
        Columns ``seed, arm, date, metric, state, platform, group, value, unit``; an empty text means all; a
        value is NaN on a day on which it is not defined.
    """
    import pandas as pd

    arms = list(chain.from_iterable(members))
    dates = list(members[0][0].axes.dates)
    n_dates = np.array([1 if METRICS[cell.metric].kind == "total" else len(dates) for cell in cells], dtype=np.int64)
    n_rows = int(n_dates.sum())
    day = np.concatenate([np.arange(len(dates) - n, len(dates)) for n in n_dates] or [np.zeros(0, np.int64)])
    of_cell = np.tile(np.repeat(np.arange(len(cells)), n_dates), len(arms))
    columns = {
        "seed": np.repeat(np.array([arm.seed for arm in arms], dtype=np.int64), n_rows),
        "arm": _texts([arm.arm for arm in arms], np.repeat(np.arange(len(arms)), n_rows)),
        "date": _texts(dates, np.tile(day, len(arms))),
        "metric": _texts([cell.metric for cell in cells], of_cell),
        "state": _texts([cell.state for cell in cells], of_cell),
        "platform": _texts([cell.platform for cell in cells], of_cell),
        "group": _texts([cell.group for cell in cells], of_cell),
        "unit": _texts([METRICS[cell.metric].unit for cell in cells], of_cell),
        "value": np.concatenate([_values(arm.arrays[c.metric], c) for arm in arms for c in cells] or [np.zeros(0)]),
    }
    return pd.DataFrame({name: columns[name] for name in COLUMNS})


def _texts(labels: Sequence[str], codes: np.ndarray) -> Any:
    """Return the label of each code as a column of text; far faster than checking every row."""
    import pandas as pd

    return pd.array(list(labels), dtype="str").take(codes)


def _values(array: np.ndarray, cell: Cell) -> np.ndarray:
    """Return the values of a cell day by day; one value for a metric of kind ``total``."""
    if METRICS[cell.metric].kind == "total":
        return np.atleast_1d(array[cell.index])
    place: Any = (slice(None), *cell.index)
    return np.asarray(array[place])


def write_series(stream: TextIO, members: Sequence[Pair], cells: Sequence[Cell]) -> None:
    """Write the tidy table as CSV, rows as in `series_frame`, values in ten significant digits."""
    stream.write(",".join(COLUMNS) + "\n")
    for arm in chain.from_iterable(members):
        for block in _blocks(arm.axes.dates, cells, f"{arm.seed},{arm.arm}"):
            cell, template = block
            numbers = tuple(_values(arm.arrays[cell.metric], cell).tolist())
            # Formatting all days of a cell at once is many times faster than row by row.
            stream.write((template % numbers).replace(f"{_MARK}nan,", ",").replace(_MARK, ""))


def _blocks(dates: Sequence[str], cells: Sequence[Cell], head: str) -> Iterator[tuple[Cell, str]]:
    """Yield each cell with the text of its rows, a place left for every value."""
    for cell in cells:
        metric = METRICS[cell.metric]
        middle = ",".join(_quoted(text) for text in (cell.metric, cell.state, cell.platform, cell.group))
        tail = f",{middle},{_MARK}%.{_DIGITS}g,{_quoted(metric.unit)}\n"
        days = dates[-1:] if metric.kind == "total" else dates
        yield cell, "".join(f"{head},{day}{tail}" for day in days)


def _quoted(text: str) -> str:
    """Return a text as a CSV field, its per cent signs doubled for the formatting that follows."""
    field = neutral(text).replace("%", "%%")
    if any(char in field for char in ',"\n\r'):
        field = '"' + field.replace('"', '""') + '"'
    return field

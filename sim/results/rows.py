"""The rows of a summary: every metric at the end, at its peak, in its worst week and over the run, with an interval."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sim.metrics.metric import Metric
from sim.metrics.registry import METRICS
from sim.results.cells import MIN_PEOPLE, Cell, cells_of
from sim.results.focus import fewest_people
from sim.results.panel import Pair
from sim.results.stats import Array, At, Spread, Widen, at_end, at_peak, at_worst_week, over_run, spread

if TYPE_CHECKING:
    from sim.results.model_error import ModelError

COLUMNS = (
    "metric",
    "state",
    "platform",
    "group",
    "unit",
    "at",
    "date",
    "baseline",
    "policy",
    "effect",
    "low",
    "high",
    "mc_error",
    "simulated",
)
Row = dict[str, str | float | int | None]

_DAILY: Mapping[At, Callable[[Array, Array, Widen | None], Spread]] = {
    "end": at_end,
    "peak": at_peak,
    "worst_week": at_worst_week,
    "total": over_run,
}


class Shows(Protocol):
    """What a table shows: a `Focus`, or anything that says of a cell whether it belongs."""

    def shows(self, cell: Cell) -> bool:
        """Return whether a cell belongs to what is shown."""


def summary_rows(
    members: Sequence[Pair],
    focus: Shows,
    *,
    every: bool = False,
    error: ModelError | None = None,
    only: Collection[str] | None = None,
) -> Iterator[Row]:
    """Yield the rows of a summary.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    focus : Focus or the like
        What to show; cells of fewer than 30 simulated people are left out.
    every : bool
        Whether to show all cells of at least 30 simulated people instead.
    error : ModelError, optional
        The model's error, for the intervals.
    only : collection of str, optional
        Metrics to show, where not all are needed.

    Yields
    ------
    dict
        One value a column of `COLUMNS`; None where a number is not defined.
    """
    axes = members[0][0].axes
    for name in held(members):
        if only is not None and name not in only:
            continue
        sparse = "source" in METRICS[name].dims  # of all pairs of platforms, nearly none has a flow
        flows = np.any([arm.arrays[name] != 0 for pair in members for arm in pair], axis=0) if sparse else None
        for cell in cells_of(name, axes, (lambda _cell: True) if every else focus.shows, flows):
            people = fewest_people(cell, members)
            if people >= MIN_PEOPLE:
                yield from _cell_rows(cell, members, people, None if error is None else error.of(cell))


def points(metric: Metric) -> tuple[At, ...]:
    """Return the points in time of which a summary has a row.

    A running total is the whole run's on the last day; it has no peak of its own. Shares and indices have no sum.
    """
    if metric.kind == "total":
        return ("total",)
    if metric.running:
        return ("end", "total")
    return ("end", "peak", "worst_week") if metric.form in ("share", "index") else tuple(_DAILY)


def main_point(metric: Metric) -> At:
    """Return the point in time that a metric is looked at unless another is asked for."""
    return "total" if metric.kind == "total" or metric.running else "peak"


def held(members: Sequence[Pair]) -> list[str]:
    """Return the metrics that a run holds, in the order of the registry."""
    return METRICS.among(members[0][0].arrays)


def values(cell: Cell, members: Sequence[Pair], arm: int) -> Array:
    """Return what a cell holds in an arm (0 baseline, 1 policy): (M, T), or (M,) for kind ``total``."""
    place: Any = cell.index if METRICS[cell.metric].kind == "total" else (slice(None), *cell.index)
    return np.array([pair[arm].arrays[cell.metric][place] for pair in members], dtype=np.float64)


def _cell_rows(cell: Cell, members: Sequence[Pair], people: int, widen: Widen | None) -> Iterator[Row]:
    """Yield the rows of one cell."""
    metric = METRICS[cell.metric]
    baseline, policy = values(cell, members, 0), values(cell, members, 1)
    if metric.kind == "total":
        yield _row(cell, metric, "total", spread(baseline, policy, widen=widen), people, "")
        return
    dates = members[0][0].axes.dates
    for at in points(metric):
        result = (at_end if metric.running else _DAILY[at])(baseline, policy, widen)
        yield _row(cell, metric, at, result, people, "" if result.day is None else dates[result.day])


def row_at(cell: Cell, members: Sequence[Pair], at: At, widen: Widen | None = None) -> Row:
    """Return the row of a cell at one point in time, as a summary holds it.

    Parameters
    ----------
    cell : Cell
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    at : {"end", "peak", "worst_week", "total"}
        One of `points`.
    widen : function, optional
        The model's error, for the interval.
    """
    return next(row for row in _cell_rows(cell, members, fewest_people(cell, members), widen) if row["at"] == at)


def _row(cell: Cell, metric: Metric, at: At, result: Spread, people: int, date: str) -> Row:
    """Return one row."""
    return {
        "metric": cell.metric,
        "state": cell.state,
        "platform": cell.platform,
        "group": cell.group,
        "unit": metric.total_unit if at == "total" else metric.unit,
        "at": at,
        "date": date or None,
        "baseline": result.baseline,
        "policy": result.policy,
        "effect": result.effect,
        "low": result.low,
        "high": result.high,
        "mc_error": result.mc_error,
        "simulated": people,
    }

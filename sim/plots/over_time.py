"""Charts of metrics over time: small panels of any metric, observed figures, a single cell, and
effects of several runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ..errors import InputError, Problem
from ..metrics.registry import METRICS
from ..results import Result
from ..results.compare import cell_of, cells_by_key, point_of
from ..results.interval import interval
from ..results.model_error import Beside
from ..results.series import MIN_PEOPLE, Cell, band, cells_of, fewest_people, spread_at
from ..text.numbers import cell_title, group_name, quantity, state_name, unit
from .marks import (
    BAND,
    SAID,
    Curve,
    arms,
    both_arms,
    change,
    curve,
    date_axis,
    days,
    end_labels,
    line,
    mark,
    observed_of,
    on_axis,
    over_time,
    scale,
)
from .page import (
    BLUE,
    COLOURS,
    DASHES,
    GREY,
    LETTERS,
    WIDTH,
    Caption,
    Place,
    fonts,
    nothing,
    points,
    wrapped,
)
from .page import title as title_of
from .registry import chart, charts, put, unknown

_PANELS = 6


def _panels(
    place: Place, run: Any, names: Sequence[str], columns: int, dates: Sequence[dt.date] = ()
) -> list[Axes]:
    """Return axes over the days of a run, one below each name; the rest of the last row stays
    empty.
    """
    every = over_time(place, run, -(-len(names) // columns), columns, dates=dates, sharex=True)
    for axes, name in zip(every, names, strict=False):
        axes.set_title(
            wrapped(name, max(14, int(place.inches[0] / columns * 9)), 2), fontsize="small"
        )
    for axes in every[len(names) :]:
        axes.set_visible(False)
    return every[: len(names)]


class Panel(NamedTuple):
    """A small panel: its title, its data and its colour."""

    name: str
    shown: Curve
    colour: str = COLOURS[1]


def most_panels(place: Place) -> int:
    """Return the number of panels that are legible in a place; large letters leave room for fewer.
    The limits of the width are assumptions.
    """
    if not hasattr(place.area, "subplots"):
        return 1
    wide = _wide(place)
    if wide >= 4.5:
        return _PANELS
    return 4 if wide >= 2.7 else 2


def _wide(place: Place) -> float:
    """Return the width of a place in units of the usual letter size [inches]."""
    wide = place.inches[0]
    return wide * LETTERS * fonts(wide) / points("medium")


def _columns(n: int, wide: float) -> int:
    """Return the number of columns of n panels on a page of this width [inches]."""
    if n < 3 or (n == 3 and wide > 7):
        return n
    return 2 if n == 4 or wide < 4.5 else 3


def small_panels(
    place: Place, result: Result, panels: Sequence[Panel], *, of_change: bool = False
) -> None:
    """Draw as many small panels as fit over the days of a run, each with its own scale.

    Panels show both arms, or the difference between them; axes have room for one panel.
    """
    shown = panels[: most_panels(place)]
    columns = _columns(len(shown), _wide(place))
    every = _panels(place, result, [panel.name for panel in shown], columns)
    for axes, panel in zip(every, shown, strict=True):
        one = panel.shown
        top = np.nanmax(
            np.abs([one.effect, one.low, one.high] if of_change else [one.level, *one.given])
        )
        by, word = scale(float(np.nan_to_num(top)), one.cell.metric)
        if of_change:
            change(axes, result, one, by, colour=panel.colour)
        else:
            both_arms(axes, result, one, by, colour=panel.colour)
            axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        axes.set_ylabel(word.strip() or unit(one.cell.metric), fontsize="x-small", color=GREY)


def metric_over_time(result: Result, place: Place, metric: str) -> Caption:
    """Draw the cells of a metric that the policies move most: lines with the policies, dots
    without.
    """
    declared = METRICS[metric]
    if declared.kind == "total":
        return nothing(place, "metric_total", label=declared.label)
    moved = _most_moved(result, metric)
    if not moved:
        return nothing(place, "metric", label=declared.label, description=declared.description)
    small_panels(place, result, [Panel(where(result, one.cell), one) for one in moved])
    marks = said_of_marks(result, moved)
    said = f"{declared.label} [{unit(metric)}]. Line: with the policies; dotted: without; {BAND}"
    # The title states the effect on the cell that the policies move most, over the run or in the
    # worst week.
    cell = moved[0].cell
    amount = (
        spread_at(*arms(result, cell), "end" if declared.running else "worst_week").effect or 0.0
    )
    size = quantity(metric, abs(amount))
    more = "more" if amount >= 0 else "less"
    text = title_of(
        "metric", result, what=declared.label, number=size, where=where(result, cell), more=more
    )
    return Caption(text, said, " ".join(filter(None, (declared.description, marks))))


def said_of_marks(result: Result, shown: Sequence[Curve]) -> str:
    """Return the meaning of the marks of observed figures, if any are drawn."""
    return SAID if any(observed_of(result, one.cell) for one in shown) else ""


def where(result: Result, cell: Cell) -> str:
    """Return the subject of a cell, in words."""
    return cell_title(result.scenario, cell.metric, cell.state, cell.platform, cell.group)


def _most_moved(result: Result, metric: str) -> list[Curve]:
    """Return the cells in focus with the largest effect on any day, in the median of seeds."""
    sizes = []
    for cell in cells_of(metric, result.members[0][0].axes, result.focus.shows):
        if fewest_people(cell, result.members) >= MIN_PEOPLE:
            without, given = arms(result, cell)
            gap = np.nan_to_num(np.median(given - without, axis=0))
            sizes.append((float(np.abs(gap).max()), cell))
    moved = sorted((pair for pair in sizes if pair[0] > 0), key=lambda pair: -pair[0])[:_PANELS]
    return [curve(result, cell) for _, cell in moved]


# --- what was observed ----------------------------------------------------------------------------


@chart(
    title="Observed beside simulated",
    description="Line and band: the run; diamonds: observed, with their tolerance, hollow if the run misses them.",
    metrics=("active_users",),
    of_metric=False,
    of_observed=True,
)
def observed(result: Result, place: Place) -> Caption:
    """Draw every observed figure on the line of the simulated values."""
    found = [each for each in result.observed if not each.why]
    if not found:
        return nothing(place, "observed")
    return draw_rows(place, result, found, days(result))


def draw_rows(place: Place, run: Any, found: Sequence[Beside], dates: Sequence[dt.date]) -> Caption:
    """Draw the observed figures of one event over the simulated values; figures of the same
    quantity share a panel.

    The run, or a stand-in with ``dates``, provides the policies.
    """
    lines: dict[tuple[object, ...], list[Beside]] = {}
    for row in found:
        seen = row.observed
        key = (seen.state, seen.group, seen.platform, seen.metric, seen.of, seen.is_increment)
        lines.setdefault(key, []).append(row)
    shown = list(lines.values())[:_PANELS]
    columns = min(3 if place.inches[0] > 6 else 2, len(shown))
    every = _panels(place, run, [_of_panel(run, group[0]) for group in shown], columns, dates)
    for axes, group in zip(every, shown, strict=True):
        longest = max(group, key=lambda row: row.course.shape[1])
        low, high = interval(100 * longest.draws())
        middle = band(100 * longest.course)[1]
        line(axes, dates[: len(middle)], middle, (low, high), colour=BLUE)
        for row in group:
            mark(axes, row, 100 * row.observed.value, 100 * row.observed.tolerance)
        if not (low < 0).any():
            axes.set_ylim(bottom=0)
    hits = sum(not row.is_missed for row in found)
    said = f"Shares of the value before, or of the reference in a panel's title [%]; {BAND}. {run.scenario.title}"
    more = (
        f" {len(lines) - len(shown)} more lines are not drawn." if len(lines) > len(shown) else ""
    )
    return Caption(title_of("observed", run, inside=hits, number=len(found)), said, f"{SAID}{more}")


def _of_panel(run: Any, row: Beside) -> str:
    """Return the subject of a panel."""
    seen = row.observed
    what = METRICS[seen.metric].label
    place = " + ".join(seen.platform) or (
        group_name(run.scenario, seen.group) if seen.group else ""
    )
    place = place or state_name(run.scenario, seen.state or "")
    text = f"{place}: {'gain of ' if seen.is_increment else ''}{what[:1].lower()}{what[1:]}"
    return (
        text if seen.of in ("baseline", "first_day") else f"{text}, of {seen.of.replace('_', ' ')}"
    )


# --- one cell, of one run or of several -----------------------------------------------------------


def draw_cell(
    results: Sequence[Result],
    name: str,
    asked: Mapping[str, str],
    dates: slice | None = None,
    *,
    into: Any = None,
    figsize: tuple[float, float] | None = None,
    title: str = "",
) -> Any:
    """Draw one cell of a metric over time: both arms of one run, or the effects of several.

    Parameters
    ----------
    results : sequence of Result
        One run, drawn with both arms, or several runs, drawn with their effects.
    name : str
        A metric, or a chart that stands for its first metric.
    asked : mapping of str to str
        ``group``, ``state`` and ``platform``; an empty one is chosen as in `splinternet.compare`.
    dates : slice of str, optional
        First and last day.
    into, figsize, title
        As for `splinternet.plots.draw`.

    Returns
    -------
    Figure, or what was given as ``into``

    Raises
    ------
    InputError
        There is no such chart, metric or cell, it has no daily values, or a date is invalid.
    """
    metric = _metric_meant(results[0], name)
    declared = METRICS[metric]
    if declared.kind == "total":
        raise InputError(
            Problem("", f"'{metric}' has one number per run", "a metric with a value each day")
        )
    for result in results:
        result.need(metric)
    key = cell_of(results, metric, asked, point_of(metric))
    cells = [cells_by_key(result, metric)[key] for result in results]
    limits = _limits(results[0], dates)
    people = min(fewest_people(cell, run.members) for run, cell in zip(results, cells, strict=True))

    def paint(place: Place) -> Caption:
        axes = place.axes()
        shown = [curve(run, cell) for run, cell in zip(results, cells, strict=True)]
        if len(results) == 1:
            one = shown[0]
            what = declared.label
            drawn = "line: with the policies; dotted: without"
            by, word = scale(float(np.nanmax(np.abs([one.level, one.given[1]]))), metric)
            both_arms(axes, results[0], one, by, colour=COLOURS[0])
            drawn_lines = [
                each for each in axes.get_lines() if len(np.atleast_1d(each.get_xdata())) > 2
            ]
            axes.legend(
                drawn_lines[:2], ["without the policies", "with the policies"], fontsize="small"
            )
        else:
            what = f"{declared.label}, effect"
            drawn = "effect of each run's policies"
            labels = []
            by, word = scale(max(each.size for each in shown), metric)
            for i, (run, each) in enumerate(zip(results, shown, strict=True)):
                colour = COLOURS[i % len(COLOURS)]
                last = change(axes, run, each, by, colour=colour, dashes=DASHES[i % len(DASHES)])
                labels.append((last, wrapped(run.name.replace("_", " "), 22, 3), colour))
            axes.margins(x=0)
            end_labels(axes, labels)
        axes.set_ylabel(wrapped(f"{what} [{word}{unit(metric)}]", 34, 3))
        date_axis(
            axes, sorted({day for run in results for day in days(run)}), few=place.inches[0] < 4
        )
        if limits is not None:
            axes.set_xlim(*limits)
        said = f"{declared.label} [{unit(metric)}]; {drawn}; {BAND}; {people:,} simulated"
        return Caption(where(results[0], cells[0]), said, declared.description)

    status = " / ".join(dict.fromkeys(str(run.scenario.status) for run in results))
    return put(
        results[0],
        paint,
        into,
        chart=name,
        figsize=figsize or (WIDTH, 5.0),
        title=title,
        status=status,
    )


def _metric_meant(result: Result, name: str) -> str:
    """Return the metric with a name, or the first metric of a chart with that name."""
    if name in METRICS:
        return name
    known = charts()
    if name not in known:
        raise unknown(name, [*known, *result.metrics])
    if not known[name].metrics or not known[name].of_metric:
        found = (
            f"the chart '{name}' does not show a single group, country, platform or span of days"
        )
        raise InputError(
            Problem(
                "", found, "one of a metric, such as family_contact, without group=, state=, dates="
            )
        )
    return known[name].metrics[0]


def _limits(result: Result, dates: slice | None) -> tuple[float, float] | None:
    """Return the first and the last day of a slice as positions on the axis."""
    if dates is None:
        return None
    ends = [dates.start or result.dates[0], dates.stop or result.dates[-1]]
    try:
        first, last = (np.datetime64(str(end)[:10], "D") for end in ends)
    except ValueError as error:
        allowed = 'slice("2020-09-01", "2020-12-31")'
        raise InputError(
            Problem("dates", f"slice({dates.start!r}, {dates.stop!r})", allowed)
        ) from error
    if not first < last:
        raise InputError(Problem("dates", f"{first} to {last}", "a first day before the last day"))
    return float(on_axis(first)), float(on_axis(last))

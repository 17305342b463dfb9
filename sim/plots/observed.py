"""Observations of an event next to the run, day by day: one panel for each observed quantity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..metrics.registry import METRICS
from ..results.stats import band
from ..text.numbers import group_name, state_name
from .marks import BAND, SAID, days, line, mark
from .page import Caption, Place, nothing
from .registry import chart
from .style import BLUE, wrapped
from .timeline import over_time
from .titles import title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..results import Result
    from ..results.observed import Beside

MOST_PANELS = 6
_PER_CENT = 100.0


@chart(
    title="Observed beside simulated",
    description="Line and band: the run; diamonds: observed, with their tolerance, hollow where the run misses them.",
    metrics=("active_users",),
    of_metric=False,
    of_observed=True,
)
def observed(result: Result, place: Place) -> Caption:
    """Draw every figure that was observed on the line of what the run says of it."""
    found = [each for each in result.observed if not each.why]
    if not found:
        why = "The scenario lists nothing under 'observed:' that this run can be compared with."
        return nothing(place, "observed beside simulated", why, "Nothing to compare")
    return draw_rows(place, result, found, days(result))


def draw_rows(place: Place, run: Any, found: Sequence[Beside], dates: Sequence[dt.date]) -> Caption:
    """Draw observed figures of one event, each on the course of what a run says of it.

    Parameters
    ----------
    place : Place
        Where to draw.
    run : Source
        The run, or what stands for it, with ``dates``: for the policies.
    found : sequence of Beside
        The figures, at least one; those of one line share a panel.
    dates : sequence of date
        The days that are drawn.
    """
    lines: dict[tuple[object, ...], list[Beside]] = {}
    for row in found:
        seen = row.observed
        key = (seen.state, seen.group, seen.platform, seen.metric, seen.of, seen.is_increment)
        lines.setdefault(key, []).append(row)
    shown = list(lines.values())[:MOST_PANELS]
    columns = min(3 if place.inches[0] > 6 else 2, len(shown))
    every = over_time(place, run, -(-len(shown) // columns), columns, dates=dates, sharex=True)
    for axes, group in zip(every, shown, strict=False):
        _panel(axes, run, group, dates, max(16, int(place.inches[0] / columns * 9)))
    for axes in every[len(shown) :]:
        axes.set_visible(False)
    hits = sum(row.is_inside for row in found)
    said = f"Shares of what it was before, or of what a panel says [%]; {BAND}. {run.scenario.title}"
    more = f" {len(lines) - len(shown)} more lines are not drawn." if len(lines) > len(shown) else ""
    return Caption(title("observed", run, inside=hits, number=len(found)), said, f"{SAID}{more}")


def _panel(axes: Axes, run: Any, found: list[Beside], dates: Sequence[dt.date], width: int) -> None:
    """Draw one line and the marks on it, under a title of so many letters a line."""
    longest = max(found, key=lambda row: row.course.shape[1])
    low, _, high = band(_PER_CENT * longest.spread_out())
    middle = band(_PER_CENT * longest.course)[1]
    line(axes, dates[: len(middle)], middle, (low, high), colour=BLUE)
    for row in found:
        mark(axes, row, _PER_CENT * row.observed.value, _PER_CENT * row.observed.tolerance)
    axes.set_title(wrapped(_title(run, found[0]), width, 2), fontsize="small")
    if not (low < 0).any():
        axes.set_ylim(bottom=0)


def _title(run: Any, row: Beside) -> str:
    """Return what a panel is of."""
    seen = row.observed
    what = METRICS[seen.metric].label
    where = " + ".join(seen.platform) or (group_name(run.scenario, seen.group) if seen.group else "")
    where = where or state_name(run.scenario, seen.state or "")
    text = f"{where}: {'gain of ' if seen.is_increment else ''}{what[:1].lower()}{what[1:]}"
    return text if seen.of in ("baseline", "first_day") else f"{text}, of {seen.of.replace('_', ' ')}"

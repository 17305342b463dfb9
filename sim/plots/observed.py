"""Observations of an event next to the run, day by day: one panel for each observed quantity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..metrics.registry import METRICS
from ..results.stats import band
from ..text.numbers import state_name
from .lines import date_axis, days, on_axes, policy_days
from .look import BLUE, GREY, HEIGHT
from .marks import SAID, mark
from .registry import chart
from .style import fold, no_effect, page
from .timeline import panels, taller

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..results import Result
    from ..results.observed import Beside
    from .figure import House

MOST_PANELS = 6
_PER_CENT = 100.0


@chart(
    title="Observed beside simulated",
    description="Line and band: the run; diamonds: observed, with their tolerance, hollow where the run misses them.",
    metrics=("active_users",),
    of_metric=False,
    of_observed=True,
)
def observed(result: Result) -> House:
    """Draw every figure that was observed on the line of what the run says of it."""
    rows = [each for each in result.observed if not each.why]
    if not rows:
        what = "The scenario lists nothing under 'observed:' that this run can be compared with."
        return no_effect(result, "observed beside simulated", what, verdict="Nothing to compare")  # type: ignore[return-value]
    return draw_rows(result, rows, days(result))


def draw_rows(run: Any, rows: Sequence[Beside], dates: Sequence[dt.date]) -> House:
    """Draw observed figures of one event, each on the course of what a run says of it.

    Parameters
    ----------
    run : PageSource
        For the title, the stamp, the footer and the timeline.
    rows : sequence of Beside
        The figures, at least one; those of one line share a panel.
    dates : sequence of date
        The days that are drawn.
    """
    lines: dict[tuple[object, ...], list[Beside]] = {}
    for row in rows:
        seen = row.observed
        key = (seen.state, seen.group, seen.platform, seen.metric, seen.of, seen.is_increment)
        lines.setdefault(key, []).append(row)
    shown = list(lines.values())[:MOST_PANELS]
    hits = sum(row.is_inside for row in rows)
    colon = "" if run.scenario.title.endswith("?") else ":"
    title = f"{run.scenario.title}{colon} {hits} of {len(rows)} observed figures within tolerance"
    subtitle = f"Line: median, band: 80 % interval; shares of what it was before, or of what a title says [%].{SAID}"
    if len(lines) > len(shown):
        subtitle += f" {len(lines) - len(shown)} more lines are not drawn."
    columns = min(3, len(shown))
    down = -(-len(shown) // columns)
    height = HEIGHT + taller(run) + 0.5 * (columns > 1) + 1.7 * (down - 1)
    made = page(run, title, subtitle, height=height)
    made.top -= 0.25 / height  # titles of two lines
    places, labels = panels(made, run, down, columns, left=0.85, wspace=0.24, hspace=0.48)
    for axes, group in zip(places, shown, strict=False):
        _panel(axes, run, group, dates, 34 if columns > 2 else 52)
        date_axis(axes, dates, labels=labels)
    for axes in places[len(shown) :]:
        axes.set_visible(False)
    for axes in places[::columns]:
        axes.set_ylabel("of the reference [%]", color=GREY)
    return made.figure


def _panel(axes: Axes, run: Any, rows: list[Beside], dates: Sequence[dt.date], width: int) -> None:
    """Draw one line and the marks on it, under a title of so many letters a line."""
    longest = max(rows, key=lambda row: row.course.shape[1])
    low, _, high = band(_PER_CENT * longest.spread_out())
    middle = band(_PER_CENT * longest.course)[1]
    at = on_axes(dates[: len(middle)])
    axes.fill_between(at, low, high, color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(at, middle, color=BLUE, linewidth=2)
    for row in rows:
        mark(axes, row, _PER_CENT * row.observed.value, _PER_CENT * row.observed.tolerance)
    axes.set_title(fold(_title(run, rows[0]), width, 2), fontsize=9)
    if not (low < 0).any():
        axes.set_ylim(bottom=0)
    policy_days(axes, run)


def _title(run: Any, row: Beside) -> str:
    """Return what a panel is of."""
    seen = row.observed
    what = METRICS[seen.metric].label
    where = " + ".join(seen.platform) or seen.group or state_name(run.scenario, seen.state or "")
    text = f"{where}: {'gain of ' if seen.is_increment else ''}{what[:1].lower()}{what[1:]}"
    return text if seen.of in ("baseline", "first_day") else f"{text}, of {seen.of.replace('_', ' ')}"

"""What was observed, as marks on the lines of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .lines import on_axis
from .look import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..results import Result
    from ..results.observed import Beside
    from ..results.series import Cell

_LOOK: dict[str, Any] = {"fmt": "D", "color": INK, "markersize": 5, "capsize": 3, "zorder": 5, "clip_on": False}
SAID = " Diamonds: observed, with their tolerance; hollow: the median is off by more."


def observed_of(result: Result, cell: Cell) -> list[Beside]:
    """Return the observed figures of a cell of a metric that can be compared."""
    place = (cell.metric, cell.state, cell.platform, cell.group)
    return [
        each
        for each in result.observed
        if not each.why
        and (each.observed.metric, each.observed.state or "", " + ".join(each.observed.platform),
             each.observed.group or "") == place
    ]  # fmt: skip


def said(result: Result, cells: Sequence[Cell]) -> str:
    """Return what a subtitle says of the marks, after a space; nothing where there are none."""
    return SAID if any(observed_of(result, cell) for cell in cells) else ""


def draw_observed(axes: Axes, result: Result, cell: Cell, by: float = 1.0, colour: str = INK) -> None:
    """Mark what was observed of a cell on a chart of its metric.

    Parameters
    ----------
    axes : Axes
        Where the lines are.
    result : Result
        The run.
    cell : Cell
        What the lines are of.
    by : float
        What the lines are divided by [unit of the metric].
    colour : str
        Of the marks.
    """
    for each in observed_of(result, cell):
        mark(axes, each, each.level / by, each.observed.tolerance * each.reference / by, colour)


def mark(axes: Axes, each: Beside, at: float, tolerance: float, colour: str = INK) -> None:
    """Draw one mark with its tolerance; hollow where the median of the members is off by more.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    each : Beside
        The figure and what the run says of it.
    at, tolerance : float
        Where it stands, and how far a forecast may be off [unit of the axis].
    colour : str
        Of the mark.
    """
    face = colour if each.is_inside else "white"
    look = {**_LOOK, "color": colour, "markerfacecolor": face}
    axes.errorbar([on_axis(each.observed.date)], [at], yerr=[tolerance], **look)

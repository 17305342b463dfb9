"""Lines over time, with bands, shared by several charts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..results.series import MIN_PEOPLE, Cell, cells_of, fewest_people, values
from ..results.stats import band
from .look import GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..results import Result

BASELINE, POLICY = 0, 1
_EPOCH = dt.date(1970, 1, 1)
_MARKED = 4  # first days of policies marked in a chart
_UNTOUCHED = 0.02  # assumption: a member with less than this part of the largest effect is one where nothing happens
_SOME = 0.25  # assumption: from this part of untouched members on, the median of all says too little
Array = np.ndarray[Any, np.dtype[np.float64]]


def days(result: Result) -> list[dt.date]:
    """Return the days of a run as dates."""
    return [dt.date.fromisoformat(date) for date in result.dates]


def on_axis(date: dt.date) -> float:
    """Return where a date stands on matplotlib's time axis: days since 1 January 1970."""
    return float((date - _EPOCH).days)


def on_axes(dates: Sequence[dt.date]) -> Array:
    """Return where dates stand on matplotlib's time axis."""
    return np.array([on_axis(date) for date in dates])


def find(result: Result, metric: str, **columns: str) -> Cell | None:
    """Return the cell of a metric with these columns (state, platform, group), or None.

    A cell of fewer than 30 simulated people is not found: no chart shows it.
    """
    wanted = {"state": "", "platform": "", "group": "", **columns}
    for cell in cells_of(metric, result.members[0][0].axes):
        if (cell.state, cell.platform, cell.group) == tuple(wanted.values()):
            return cell if fewest_people(cell, result.members) >= MIN_PEOPLE else None
    return None


def of(result: Result, cell: Cell, arm: int) -> Array:
    """Return the values of a cell in an arm, (M, T)."""
    return values(cell, result.members, arm)


def wide(result: Result, cell: Cell, *, effect: bool = False) -> Array | None:
    """Return a cell of the policy arm with each of the model's errors, (members x errors, T); None where it has none.

    Parameters
    ----------
    result : Result
        The run.
    cell : Cell
        What to look at.
    effect : bool
        Whether to return the effect of the policies instead, policy less baseline.
    """
    widen = result.model_error.of(cell, result.members)
    if widen is None:
        return None
    baseline, policy = of(result, cell, BASELINE), of(result, cell, POLICY)
    ends = widen(baseline, policy, 1) + (0.0 if effect else baseline[..., None])
    return np.moveaxis(ends, -1, 0).reshape(-1, baseline.shape[1])


def line(
    axes: Axes,
    x: Sequence[dt.date],
    data: Array,
    *,
    colour: str,
    dashes: Any = "-",
    width: float = 2.0,
    spread: Array | None = None,
) -> float:
    """Draw the median and the band of members; return the median on the last day that has one.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    x : sequence of date, length T
        The days.
    data : (M, T) float
        One row a member.
    colour, dashes, width
        How the line looks.
    spread : (N, T) float, optional
        What the band is of: the members with the model's errors; by default the members alone.
    """
    low, middle, high = band(data)
    if spread is not None:
        low, _, high = band(spread)
    at = on_axes(x)
    if len(x) == 1:
        # A single day is a point, its band a bar.
        axes.errorbar(at, middle, yerr=[middle - low, high - middle], fmt="o", color=colour, capsize=4, markersize=6)
    else:
        if len(data) > 1 or spread is not None:
            axes.fill_between(at, low, high, color=colour, alpha=0.18, linewidth=0)
        axes.plot(at, middle, color=colour, linestyle=dashes, linewidth=width, solid_capstyle="round")
    known = middle[~np.isnan(middle)]
    return float(known[-1]) if known.size else float("nan")


def date_axis(axes: Axes, x: Sequence[dt.date], *, labels: bool = True) -> None:
    """Give an axis the days of a run, in a form that fits its length."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    pad = 1.0 if len(x) == 1 else 0.0
    axes.set_xlim(on_axis(x[0]) - pad, on_axis(x[-1]) + pad)
    locator = AutoDateLocator(minticks=3, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(  # type: ignore[no-untyped-call]
            locator,
            formats=["%Y", "%b", "%d %b", "%H:%M", "%H:%M", "%S.%f"],
            zero_formats=["", "%b\n%Y", "%b", "%d %b", "%H:%M", "%H:%M"],
            offset_formats=[""] * 6,
            show_offset=False,
        )
    )
    if len(x) == 1:
        axes.set_xticks([on_axis(x[0])], [x[0].isoformat()])
    axes.tick_params(axis="x", labelbottom=labels, length=3)
    axes.grid(False, axis="x")


def policy_days(axes: Axes, result: Result) -> None:
    """Mark the days on which policies begin with thin lines; many would hide the data, so then with none."""
    first, last = days(result)[0], days(result)[-1]
    begins = {p.on for p in result.scenario.policies if p.on is not None and first < p.on <= last}
    for on in sorted(begins) if len(begins) <= _MARKED else ():
        axes.axvline(on_axis(on), color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)


def split(effects: Array) -> tuple[int, float] | None:
    """Return in how many members something happens and the median effect there, where many do not see it happen.

    What happens in one half of the members and not in the other has a median that none of them knows.

    Parameters
    ----------
    effects : (M,) float
        The effect in each member.

    Returns
    -------
    tuple of int and float, or None
        None where it happens in more than three quarters of the members, or in none.
    """
    sizes = np.abs(np.nan_to_num(effects))
    hit = sizes > _UNTOUCHED * sizes.max(initial=0.0)
    if not hit.any() or hit.mean() > 1 - _SOME:
        return None
    return int(hit.sum()), float(np.median(effects[hit]))


def only_some(effects: Array) -> str:
    """Return a sentence, after a space, where in many members what is reported does not happen; else nothing.

    Parameters
    ----------
    effects : (M,) float
        What is reported, in each member.
    """
    halves = split(effects)
    return "" if halves is None else f" In {len(effects) - halves[0]} of {len(effects)} members this does not happen."


def most(effects: Array) -> Array:
    """Return the largest effect of each member, in either direction, (M,), from those of each day, (M, T)."""
    known = np.nan_to_num(effects)
    at = np.abs(known).argmax(axis=1)
    return np.asarray(known[np.arange(len(at)), at], np.float64)


def scale(top: float) -> tuple[float, str]:
    """Return what to divide counts by on an axis, and how that is written before the unit."""
    for size, word in ((1e9, "billion "), (1e6, "million "), (1e3, "thousand ")):
        if top >= size:
            return size, word
    return 1.0, ""

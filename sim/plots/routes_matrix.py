"""Which states still have a route to each other, and how much longer it is: state by state, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.plots.registry import chart
from sim.plots.style import GREY, INK, PALE, no_effect, page
from sim.results.words import capital, day, percent, state_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results import Result

REACH, STRETCH = "reachable_pairs", "path_stretch"
_STATES = 9
_VISIBLE = 0.005  # a change below half a per cent is printed as none
Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Reached:
    """Who reaches whom over the carriers, on the day of the largest change; medians over members.

    Attributes
    ----------
    states : tuple of str
        The S states shown.
    before, after : (S, S) float64
        Share of the pairs of people with a route, without and with the policies [1].
    longer : (S, S) float64
        Length of the routes with the policies / without [1].
    date : str
        The day.
    """

    states: tuple[str, ...]
    before: Array
    after: Array
    longer: Array
    date: str


@chart(
    title="Routes between states",
    description="Share of the pairs of people in two states with a route over the carriers, before and after, and how "
    "much longer it is.",
    metrics=(REACH, STRETCH),
)
def routes_matrix(result: Result) -> Figure:
    """Draw who reaches whom over the carriers without and with the policies, on the day of the largest change."""
    for metric in (REACH, STRETCH):
        result.need(metric)
    found = reached(result)
    if found is None:
        return no_effect(
            result,
            "every state reaches the same states by routes of the same length",
            "Between each two states as many people have a route over the carriers as without the policies, and none "
            "is longer, on every day.",
        )
    made = page(result, _title(result, found), _subtitle(found), height=5.6, below=-0.25)
    grid = made.grid(1, 3, left=0.75, right=0.3, wspace=0.2)
    panels = (
        ("Without the policies", found.before * 100, "pairs of people with a route [%]"),
        ("With the policies", found.after * 100, "pairs of people with a route [%]"),
        ("Length of routes", (found.longer - 1) * 100, "change where a route is left [%]"),
    )
    for i, (title, data, unit) in enumerate(panels):
        axes = made.figure.add_subplot(grid[i])
        _heat(axes, found.states, data, signed=i == 2)
        axes.set_title(f"{title}\n", fontsize=10)
        axes.text(0, 1.02, unit, transform=axes.transAxes, fontsize=8, color=GREY, va="bottom")
    return made.figure


def reached(result: Result) -> Reached | None:
    """Return who reaches whom on the day of the largest change; None where nothing ever changes."""
    axes = result.members[0][0].axes
    reach, stretch = (
        [np.median([pair[arm].arrays[name] for pair in result.members], axis=0) for arm in (0, 1)]
        for name in (REACH, STRETCH)
    )
    lost, more = reach[0] - reach[1], np.abs(stretch[1] - stretch[0])
    if not lost.any() and not more.any():
        return None
    by_day = [np.abs(part).sum(axis=(1, 2)) for part in (lost, more)]
    at = int(np.argmax(by_day[0] if by_day[0].any() else by_day[1]))
    changed = (np.abs(lost[at]) + more[at]).sum(axis=1)
    named = [state in result.focus.states for state in axes.states]
    ranked = sorted(range(len(axes.states)), key=lambda i: (not named[i], -changed[i], i))[:_STATES]
    shown = np.array(sorted(ranked))
    box = np.ix_(shown, shown)
    longer = np.divide(stretch[1][at], stretch[0][at], out=np.ones_like(more[at]), where=stretch[0][at] > 0)
    longer = np.where(reach[1][at] > 0, longer, np.nan)
    states = tuple(axes.states[i] for i in shown)
    return Reached(states, reach[0][at][box], reach[1][at][box], longer[box], axes.dates[at])


def _title(result: Result, found: Reached) -> str:
    """Return the finding: the state that reaches fewest others, or the pair that loses most routes, or the longest."""
    names = [state_name(result.scenario, state, article=True) for state in found.states]
    lost, others = found.before - found.after, ~np.eye(len(names), dtype=bool)
    inside = np.where(others, lost, 0.0)
    if inside.max() >= _VISIBLE:
        worst = int(np.argmax(inside.sum(axis=1)))
        away = others[worst]
        if (inside[worst, away] >= _VISIBLE).all():
            left, was = (percent(float(part[worst, away].mean())) for part in (found.after, found.before))
            return f"{capital(names[worst])} keeps a route to {left} of the people of the other states shown, not {was}"
        i, j = (int(k) for k in np.unravel_index(int(np.argmax(inside)), inside.shape))
        left, was = percent(float(found.after[i, j])), percent(float(found.before[i, j]))
        return f"Between {names[i]} and {names[j]} {left} of the pairs of people still have a route, instead of {was}"
    longer = np.where(others & np.isfinite(found.longer), found.longer, 1.0)
    i, j = (int(k) for k in np.unravel_index(int(np.argmax(longer)), longer.shape))
    if longer[i, j] - 1 < _VISIBLE:
        at = int(np.argmax(np.diag(lost)))
        if lost[at, at] >= _VISIBLE:
            return f"Of the people of {names[at]} {percent(float(found.after[at, at]))} still reach each other at home"
        return "Nobody loses a route, and none is visibly longer"
    return (
        f"Nobody loses a route; those between {names[i]} and {names[j]} are {percent(float(longer[i, j] - 1))} longer"
    )


def _subtitle(found: Reached) -> str:
    """Return what is drawn."""
    return (
        f"Pairs of people, one in each of two states, whose carriers have a route to each other, on {day(found.date)}, "
        "the day of the largest change; those at home on the diagonal. Medians; empty where no route is left."
    )


def _heat(axes: Axes, states: tuple[str, ...], data: Array, *, signed: bool) -> None:
    """Draw one matrix with its numbers."""
    from matplotlib.colors import LinearSegmentedColormap, Normalize, TwoSlopeNorm

    norm: Any
    if signed:
        edge = max(float(np.nanmax(np.abs(data), initial=0.0)), 1.0)
        look = LinearSegmentedColormap.from_list("longer", ["#0072B2", "#8CC5E3", "#ffffff", "#F2B38C", "#B24700"])
        norm = TwoSlopeNorm(0, -edge, edge)
    else:
        look = LinearSegmentedColormap.from_list("reached", ["#ffffff", "#56B4E9", "#0072B2"])
        norm = Normalize(0, 100)
    axes.imshow(np.ma.masked_invalid(data), cmap=look, norm=norm, aspect="equal")
    for i, j in np.argwhere(np.isfinite(data)):
        shade = look(norm(data[i, j]))
        dark = 0.299 * shade[0] + 0.587 * shade[1] + 0.114 * shade[2] < 0.55
        text = _cell_text(float(data[i, j]), signed=signed)
        size = 8.5 if len(states) <= 6 else 6.5
        axes.text(j, i, text, ha="center", va="center", fontsize=size, color="white" if dark else INK)
    for i in range(len(states)):
        for edge_line in (axes.axhline, axes.axvline):
            edge_line(i + 0.5, color=PALE, linewidth=0.6)
    axes.set_xticks(range(len(states)), states)
    axes.set_yticks(range(len(states)), states)
    axes.tick_params(length=0)
    axes.grid(False)
    axes.spines[:].set_visible(False)


def _cell_text(value: float, *, signed: bool) -> str:
    """Return a number short enough for a cell; a small rest is not written as none."""
    if signed:
        return "0" if abs(value) < _VISIBLE * 100 else f"{value:+.0f}"
    return f"{value:.0f}" if value == 0 or value >= 1 else "<1"

"""Which states still have a route to each other, and how much longer it is: state by state, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..facts.model import REST_OF_WORLD
from ..text.numbers import day
from ..text.routes import REACH, STRETCH, VISIBLE, Array, Reached, main_finding, reached
from .lines import only_some
from .look import GREY, INK
from .registry import chart
from .state_grid import state_grid
from .style import no_effect, page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

_STATES = 9
_PALEST = 5.0  # a change that rounds to zero must not get the darkest colour [%]


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
    found = reached(result, _STATES)
    if found is None:
        return no_effect(
            result,
            "every state reaches the same states by routes of the same length",
            "Between each two states as many people have a route over the carriers as without the policies, and none "
            "is longer, on every day.",
        )
    subtitle = f"{_subtitle(found)}{_members(result, found)}"
    made = page(result, main_finding(result, found), subtitle, height=5.6, below=-0.25)
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


def _subtitle(found: Reached) -> str:
    """Return what is drawn."""
    return (
        f"Pairs of people, one in each of two states, whose carriers have a route to each other, on {day(found.date)}, "
        "the day of the largest change; those at home on the diagonal. Medians; empty where no route is left."
        f"{f' {REST_OF_WORLD}: the rest of the world.' if REST_OF_WORLD in found.states else ''}"
    )


def _members(result: Result, found: Reached) -> str:
    """Return a sentence where in many members the routes shown are, that day, what they are without the policies."""
    axes = result.members[0][0].axes
    at, shown = axes.dates.index(found.date), [axes.states.index(state) for state in found.states]
    changes = np.zeros(len(result.members))
    for metric in (REACH, STRETCH):
        for m, (baseline, policy) in enumerate(result.members):
            change = np.nan_to_num(policy.arrays[metric][at] - baseline.arrays[metric][at])
            changes[m] += np.abs(change[np.ix_(shown, shown)]).sum()
    return only_some(changes)


def _heat(axes: Axes, states: tuple[str, ...], data: Array, *, signed: bool) -> None:
    """Draw one matrix with its numbers."""
    from matplotlib.colors import LinearSegmentedColormap, Normalize, TwoSlopeNorm

    norm: Any
    if signed:
        edge = max(float(np.nanmax(np.abs(data), initial=0.0)), _PALEST)
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
    state_grid(axes, states)


def _cell_text(value: float, *, signed: bool) -> str:
    """Return a number short enough for a cell; a small rest is not written as none."""
    if signed:
        return "0" if abs(value) < VISIBLE * 100 else f"{value:+.0f}"
    return f"{value:.0f}" if value == 0 or value >= 1 else "<1"

"""Which states lose touch with each other: kin ties that have a channel, state by state, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.plots.registry import chart
from sim.plots.state_grid import state_grid
from sim.plots.style import GREY, INK, PALE, no_effect, page
from sim.results.cells import MIN_PEOPLE, cells_of
from sim.results.focus import fewest_people
from sim.results.rows import values
from sim.results.words import day, number, percent, state_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results import Result

TIES = "cross_border_contact"
_STATES = 9
Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Matrix:
    """Ties with a channel between states, on the day of the largest change."""

    states: list[str]
    before: Array  # (S, S) ties with a channel without the policies, median over members
    after: Array  # the same with them
    date: str


@chart(
    title="Contact between states",
    description="Kin ties with a channel between each two states, without and with the policies.",
    metrics=(TIES,),
)
def contact_matrix(result: Result) -> Figure:
    """Draw the ties between states without and with the policies on the day of the largest loss."""
    result.need(TIES)
    found = matrix(result)
    if found is None or np.array_equal(found.before, found.after, equal_nan=True):
        return nobody_lost_touch(result)
    made = page(result, _title(result, found), _subtitle(found), height=5.6, below=-0.25)
    grid = made.grid(1, 3, left=0.75, right=0.3, wspace=0.2)
    total = np.nansum(found.before) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.where(found.before > 0, (found.after - found.before) / found.before, np.nan)
    panels = (
        ("Without the policies", found.before / total * 100, "share of all ties shown [%]", "Blues"),
        ("With the policies", found.after / total * 100, "in % of the same ties", "Blues"),
        ("Change", change * 100, "change of each pair's ties [%]", "change"),
    )
    for i, (title, data, unit, colours) in enumerate(panels):
        axes = made.figure.add_subplot(grid[i])
        _heat(axes, found.states, data, colours)
        axes.set_title(f"{title}\n", fontsize=10)
        axes.text(0, 1.02, unit, transform=axes.transAxes, fontsize=8, color=GREY, va="bottom")
    return made.figure


def matrix(result: Result) -> Matrix | None:
    """Return the matrices of the states with most to lose, on the day when most ties lack a channel."""
    axes = result.members[0][0].axes
    cells = [c for c in cells_of(TIES, axes) if fewest_people(c, result.members) >= MIN_PEOPLE]
    both = [(c, np.stack([np.median(values(c, result.members, arm), axis=0) for arm in (0, 1)])) for c in cells]
    both = [(cell, pair) for cell, pair in both if pair.any()]
    if not both:
        return None
    change = np.sum([pair[1] - pair[0] for _, pair in both], axis=0)
    at = int(np.argmin(change) if change.min() < 0 else np.argmax(change))
    sizes: dict[str, float] = dict.fromkeys(axes.states, 0.0)
    for cell, pair in both:
        for state in (cell.parts["state"], cell.parts["partner"]):
            # States that lose ties come first, then those with many.
            sizes[state] += abs(pair[1, at] - pair[0, at]) * 1e6 + pair[0, at]
    ranked = sorted((s for s in axes.states if sizes[s] > 0), key=lambda s: (s not in result.focus.states, -sizes[s]))
    states = [state for state in axes.states if state in ranked[:_STATES]]
    before, after = np.full((2, len(states), len(states)), np.nan)
    for cell, pair in both:
        a, b = cell.parts["state"], cell.parts["partner"]
        if a in states and b in states:
            i, j = states.index(a), states.index(b)
            before[i, j] = before[j, i] = pair[0, at]
            after[i, j] = after[j, i] = pair[1, at]
    return Matrix(states, before, after, axes.dates[at])


def _title(result: Result, found: Matrix) -> str:
    """Return the finding: the pair that loses most ties."""
    loss = np.nan_to_num(found.before - found.after)
    i, j = np.unravel_index(int(np.argmax(np.abs(loss))), loss.shape)
    a, b = (state_name(result.scenario, found.states[int(k)], article=True) for k in sorted((i, j)))
    verb = "lose" if loss[i, j] >= 0 else "gain"
    share = percent(abs(loss[i, j]) / found.before[i, j]) if found.before[i, j] else "all"
    a = a[:1].upper() + a[1:]
    lost = number(abs(loss[i, j]))
    return f"{a} and {b} {verb} {share} of the kin ties between them that have a channel ({lost})"


def _subtitle(found: Matrix) -> str:
    """Return what is drawn."""
    lost = 1 - np.nansum(found.after) / np.nansum(found.before)
    what = f"{percent(abs(lost))} of all cross-border ties shown are {'missing' if lost >= 0 else 'added'}"
    return (
        f"Kin ties between two states that have a channel on {day(found.date)}, the day of the largest "
        f"change: {what}. Median over members; a pair without ties, or with fewer than 30 simulated people, "
        "is empty."
    )


def _heat(axes: Axes, states: list[str], data: Array, colours: str) -> None:
    """Draw one matrix with its numbers; pairs without ties stay empty."""
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm, TwoSlopeNorm

    if colours == "change":
        edge = max(float(np.nanmax(np.abs(data))), 1e-9)
        look = LinearSegmentedColormap.from_list("change", ["#B24700", "#F2B38C", "#ffffff", "#8CC5E3", "#0072B2"])
        norm: Any = TwoSlopeNorm(0, -edge, edge)
    else:
        look = LinearSegmentedColormap.from_list("ties", ["#f3f8fc", "#56B4E9", "#0072B2", "#08306b"])
        norm = PowerNorm(0.5, 0, max(float(np.nanmax(data)), 1e-9))
    axes.imshow(np.ma.masked_invalid(data), cmap=look, norm=norm, aspect="equal")
    size = 8.5 if len(states) <= 6 else 6.5
    for i, j in np.argwhere(~np.isnan(data)):
        shade = look(norm(data[i, j]))
        dark = 0.299 * shade[0] + 0.587 * shade[1] + 0.114 * shade[2] < 0.55
        text = _cell_text(float(data[i, j]), signed=colours == "change")
        axes.text(j, i, text, ha="center", va="center", fontsize=size, color="white" if dark else INK)
    for i in range(len(states)):
        axes.fill_between([i - 0.5, i + 0.5], i - 0.5, i + 0.5, color=PALE, linewidth=0)
    state_grid(axes, states)


def _cell_text(value: float, *, signed: bool) -> str:
    """Return a number short enough for a cell."""
    if abs(value) < 0.05:
        return "0" if value == 0 or signed else "<0.1"
    digits = 0 if abs(value) >= 10 else 1
    return f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"


def nobody_lost_touch(result: Result) -> Figure:
    """Return the page that stands for a chart of contact between states where no policy changed any."""
    return no_effect(
        result,
        "no pair of states lost touch",
        "Between each two states as many kin ties have a channel as without the policies, on every day.",
    )

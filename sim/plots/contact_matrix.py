"""Which states lose touch with each other: kin ties that have a channel, state by state, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..results.series import MIN_PEOPLE, cells_of, fewest_people, values
from ..text.numbers import day, number, percent, state_name
from ..text.reportable import FEWEST_CASES
from .lines import only_some
from .look import GREY, INK, PALE
from .registry import chart
from .state_grid import state_grid
from .style import TOO_FEW, no_effect, page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

TIES = "cross_border_contact"
_STATES = 9
_PALEST = 5.0  # a small change must not get the darkest colour [%]
Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Matrix:
    """Ties with a channel between states, on the day on which most are lost; where none is, most are gained."""

    states: list[str]
    before: Array  # (S, S) ties with a channel without the policies, median over members
    after: Array  # the same with them
    told: Array  # (S, S) the change of a pair of whom enough simulated people are hit, else zero
    date: str
    only_some: str = ""  # note on the pair that changes most, if it does not change in many members

    @property
    def day(self) -> str:
        """The day and what is special about it."""
        return f"{day(self.date)}, the day on which most are {'lost' if self.told.min() < 0 else 'gained'}"


@chart(
    title="Contact between states",
    description="Kin ties with a channel between each two states, without and with the policies.",
    metrics=(TIES,),
)
def contact_matrix(result: Result) -> Figure:
    """Draw the ties between states without and with the policies on the day of the largest loss."""
    result.need(TIES)
    found = matrix(result)
    if found is None or not found.told.any():
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
    """Return the matrices of the states with most to lose, on the day when most ties are lost."""
    axes = result.members[0][0].axes
    cells = [c for c in cells_of(TIES, axes) if fewest_people(c, result.members) >= MIN_PEOPLE]
    both = [(c, np.stack([np.median(values(c, result.members, arm), axis=0) for arm in (0, 1)])) for c in cells]
    both = [(cell, pair) for cell, pair in both if pair.any()]
    if not both:
        return None
    change = {cell.group: _enough(pair, fewest_people(cell, result.members)) for cell, pair in both}
    lost = np.sum([np.minimum(each, 0.0) for each in change.values()], axis=0)
    at = int(np.argmin(lost) if lost.min() < 0 else np.argmax(np.sum(list(change.values()), axis=0)))
    sizes: dict[str, float] = dict.fromkeys(axes.states, 0.0)
    for cell, pair in both:
        for state in (cell.parts["state"], cell.parts["partner"]):
            # States that lose ties come first, then those with many.
            sizes[state] += abs(change[cell.group][at]) * 1e6 + pair[0, at]
    ranked = sorted((s for s in axes.states if sizes[s] > 0), key=lambda s: (s not in result.focus.states, -sizes[s]))
    states = [state for state in axes.states if state in ranked[:_STATES]]
    before, after = np.full((2, len(states), len(states)), np.nan)
    shown = np.zeros((len(states), len(states)))
    pairs = {}
    for cell, pair in both:
        a, b = cell.parts["state"], cell.parts["partner"]
        if a in states and b in states:
            i, j = states.index(a), states.index(b)
            before[i, j] = before[j, i] = pair[0, at]
            after[i, j] = after[j, i] = pair[1, at]
            shown[i, j] = shown[j, i] = change[cell.group][at]
            pairs[i, j] = cell
    if not shown.any():
        return Matrix(states, before, after, shown, axes.dates[at])
    most = pairs[_main(shown)]
    apart = only_some(values(most, result.members, 1)[:, at] - values(most, result.members, 0)[:, at])
    return Matrix(states, before, after, shown, axes.dates[at], apart)


def _main(change: Array) -> tuple[int, int]:
    """Return the pair that loses most ties; where none loses any, the one that gains most."""
    i, j = np.unravel_index(int(np.argmin(change) if change.min() < 0 else np.argmax(change)), change.shape)
    return (int(i), int(j)) if i < j else (int(j), int(i))


def _enough(pair: Array, people: int) -> Array:
    """Return the change of a pair's ties, by day; zero where too few simulated people are hit.

    Parameters
    ----------
    pair : (2, T) float
        Ties with a channel without the policies and with them.
    people : int
        Simulated people between the two states.
    """
    change = pair[1] - pair[0]
    hit = np.abs(change) / np.maximum(np.fmax(pair[0], pair[1]), 1e-12) * people
    return np.asarray(np.where(hit >= FEWEST_CASES, change, 0.0), np.float64)


def _title(result: Result, found: Matrix) -> str:
    """Return the finding: the pair that loses most ties; where none does, the one that gains most."""
    change = found.told
    i, j = _main(change)
    a, b = (state_name(result.scenario, found.states[k], article=True) for k in (i, j))
    had, ties = float(found.before[i, j]), number(abs(change[i, j]))
    share = percent(abs(change[i, j]) / had) if had else ""
    a = a[:1].upper() + a[1:]
    if change[i, j] < 0:
        return f"{a} and {b} lose {share} of the kin ties between them that have a channel ({ties})"
    more = f", {share} more than without the policies" if share else ""
    return f"{a} and {b} gain a channel for {ties} kin ties between them{more}"


def _subtitle(found: Matrix) -> str:
    """Return what is drawn."""
    lost = 1 - np.nansum(found.after) / np.nansum(found.before)
    what = f"on balance {percent(abs(lost))} of all cross-border ties shown are {'missing' if lost >= 0 else 'added'}"
    return (
        f"Kin ties between two states that have a channel on {found.day}: {what}. Median over members; a pair "
        f"without ties, or with fewer than 30 simulated people, is empty.{found.only_some}"
    )


def _heat(axes: Axes, states: list[str], data: Array, colours: str) -> None:
    """Draw one matrix with its numbers; pairs without ties stay empty."""
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm, TwoSlopeNorm

    if colours == "change":
        edge = max(float(np.nanmax(np.abs(data))), _PALEST)
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
    """Return the page that stands for a chart of contact between states where no policy changed any, as far as seen."""
    if any(not np.array_equal(b.arrays[TIES], p.arrays[TIES], equal_nan=True) for b, p in result.members):
        return no_effect(
            result,
            "no pair of states is seen to lose touch",
            f"On no day does the median of any two states differ by ties of {FEWEST_CASES} simulated people or more: "
            "what differs may be chance.",
            verdict=TOO_FEW,
        )
    return no_effect(
        result,
        "no pair of states lost touch",
        "Between each two states as many kin ties have a channel as without the policies, on every day.",
    )

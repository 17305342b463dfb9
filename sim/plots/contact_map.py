"""Cross-border contact as ribbons between states on a circle, without and with the policies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..text.numbers import capital, number, percent, state_name
from .contact_matrix import TIES, Matrix, matrix, nobody_lost_touch
from .look import BLUE, GREEN, GREY, INK, SKY, VERMILLION
from .registry import chart
from .style import page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

_GAP = 0.05  # between states, in parts of the circle's half turn
_RING = 1.0, 1.06
_LISTED = 6
Span = tuple[float, float]


@chart(
    title="Contact between states, as a circle",
    description="Kin ties with a channel between states, as ribbons as wide as they are many; hatched: lost or gained.",
    metrics=(TIES,),
    of_metric=False,
)
def contact_map(result: Result) -> Figure:
    """Draw the ties between states as ribbons on a circle, without and with the policies."""
    result.need(TIES)
    found = matrix(result)
    if found is None or not found.told.any():
        return nobody_lost_touch(result)
    changes = _changes(found)
    made = page(result, _title(result, found, changes), _subtitle(found), height=5.9, below=-0.45)
    grid = made.grid(1, 3, left=0.3, right=0.45, wspace=0.02, width_ratios=[1, 1, 0.6])
    for i, title in enumerate(("Without the policies", "With the policies")):
        axes = made.figure.add_subplot(grid[i])
        _circle(axes, found, changed=i == 1)
        axes.set_title(title, loc="center")
    _list(made.figure.add_subplot(grid[2]), result, changes)
    return made.figure


def _changes(found: Matrix) -> list[tuple[str, str, float, float]]:
    """Return the pairs whose ties are seen to change: two states, ties without, ties with; the largest change first."""
    pairs = []
    for i, j in zip(*np.triu_indices(len(found.states), 1), strict=True):
        before, after = float(found.before[i, j]), float(found.after[i, j])
        if found.told[i, j]:
            pairs.append((found.states[i], found.states[j], before, after))
    return sorted(pairs, key=lambda pair: -abs(pair[3] - pair[2]))


def _title(result: Result, found: Matrix, changes: list[tuple[str, str, float, float]]) -> str:
    """Return the finding: how many ties lose their channel, or else gain one, and between whom most."""
    losses = [pair for pair in changes if pair[3] < pair[2]]
    pairs = losses or changes
    total = sum(abs(after - before) for _, _, before, after in pairs)
    part = percent(total / (float(np.nansum(found.before)) / 2))
    a, b, before, after = pairs[0]
    names = " and ".join(state_name(result.scenario, state, article=True) for state in (a, b))
    how = "most of them between" if abs(after - before) > total / 2 else "above all between"
    where = f"{'all of them between' if len(pairs) == 1 else how} {names}"
    ties = f"{number(total)} kin ties across borders {'lose their' if losses else 'gain a'} channel"
    return f"{ties} ({part} of those shown), {where}"


def _subtitle(found: Matrix) -> str:
    """Return what is drawn."""
    return (
        f"Kin ties with a channel on {found.day}; a ribbon is as wide as its ties "
        "are many. Hatched: ties lost (or, dotted, gained) because of the policies. Median over members; those "
        "states that have most to lose."
        f"{found.only_some}"
    )


def _circle(axes: Axes, found: Matrix, *, changed: bool) -> None:
    """Draw the states as arcs and their ties as ribbons."""
    axes.set_axis_off()
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_aspect("equal")
    axes.set_xlim(-1.28, 1.28)
    axes.set_ylim(-1.28, 1.28)
    size = np.fmax(np.nan_to_num(found.before), np.nan_to_num(found.after))
    arcs = _arcs(size.sum(axis=1))
    for state, (start, stop) in zip(found.states, arcs, strict=True):
        _ring(axes, start, stop)
        middle = (start + stop) / 2
        place = 1.17 * math.cos(middle), 1.17 * math.sin(middle)
        axes.text(*place, state, ha="center", va="center", fontsize=9, fontweight="bold")
    for i, j, one, two in _ribbons(size, arcs):
        kept = min(float(found.before[i, j]), float(found.after[i, j])) / float(size[i, j])
        whole = kept if changed else float(found.before[i, j]) / float(size[i, j])
        if changed and kept < 1:
            lost = found.after[i, j] < found.before[i, j]
            look = {"facecolor": VERMILLION, "hatch": "/////"} if lost else {"facecolor": GREEN, "hatch": "...."}
            _ribbon(axes, _part(one, kept, 1.0), _part(two, kept, 1.0), edgecolor="white", linewidth=0.0, **look)
        _ribbon(axes, _part(one, 0.0, whole), _part(two, 0.0, whole), facecolor=SKY, edgecolor=BLUE, linewidth=0.5)


def _arcs(sizes: np.ndarray[Any, Any]) -> list[Span]:
    """Return where each state begins and ends on the circle [radians], clockwise from the top."""
    free = 2 * math.pi - _GAP * math.pi * len(sizes)
    at, out = math.pi / 2, []
    for size in sizes / max(float(sizes.sum()), 1e-12):
        out.append((at, at - float(size) * free))
        at -= float(size) * free + _GAP * math.pi
    return out


def _ribbons(size: np.ndarray[Any, Any], arcs: list[Span]) -> list[tuple[int, int, Span, Span]]:
    """Return each pair with its place on the arcs of both states, so arranged that few ribbons cross."""
    n, places = len(arcs), {}
    for i, (start, stop) in enumerate(arcs):
        total, at = float(size[i].sum()), start
        # Neighbours clockwise last: their ribbons leave from the near end of the arc.
        for j in [(i - step) % n for step in range(1, n)]:
            if size[i, j] > 0:
                width = (stop - start) * float(size[i, j]) / total
                places[i, j] = (at, at + width)
                at += width
    return [(i, j, span, (places[j, i][1], places[j, i][0])) for (i, j), span in places.items() if i < j]


def _part(span: Span, low: float, high: float) -> Span:
    """Return a part of a span, 0 to 1 from its first end."""
    start, stop = span
    return start + (stop - start) * low, start + (stop - start) * high


def _points(span: Span, radius: float = 1.0) -> list[tuple[float, float]]:
    """Return points along an arc."""
    return [(radius * math.cos(a), radius * math.sin(a)) for a in np.linspace(*span, 24)]


def _ribbon(axes: Axes, one: Span, two: Span, **look: Any) -> None:
    """Draw a ribbon between two spans of the circle, bent towards its middle."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    there, back = _points(one), _points((two[1], two[0]))
    corners = [*there, (0.0, 0.0), back[0], *back[1:], (0.0, 0.0), there[0]]
    codes = [Path.MOVETO, *[Path.LINETO] * (len(there) - 1), Path.CURVE3, Path.CURVE3]
    codes += [*[Path.LINETO] * (len(back) - 1), Path.CURVE3, Path.CURVE3]
    axes.add_patch(PathPatch(Path(corners, codes), alpha=0.85, **look))


def _ring(axes: Axes, start: float, stop: float) -> None:
    """Draw the arc of a state."""
    inner, outer = (_points((start, stop), radius) for radius in _RING)
    axes.fill(*zip(*[*inner, *reversed(outer)], strict=True), color=INK, linewidth=0)


def _list(axes: Axes, result: Result, changes: list[tuple[str, str, float, float]]) -> None:
    """Write what the pairs that change most lose or gain."""
    axes.set_axis_off()
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(0.1, 0.93, "Largest changes", fontsize=10, fontweight="bold", transform=axes.transAxes, va="top")
    for row, (a, b, before, after) in enumerate(changes[:_LISTED]):
        share = f"{'+' if after > before else '-'}{percent(abs(after - before) / before)}" if before else "new"
        names = f"{capital(state_name(result.scenario, a))} and {state_name(result.scenario, b)}"
        y = 0.83 - 0.135 * row
        axes.text(0.1, y, names, fontsize=8, transform=axes.transAxes, va="top")
        text = f"{share}: {number(abs(after - before))} of {number(before)} ties"
        axes.text(0.1, y - 0.045, text, fontsize=8, color=GREY, transform=axes.transAxes, va="top")

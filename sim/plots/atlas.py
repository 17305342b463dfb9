"""The world on a map: how open each state is, where families lose contact, which routes and cables are cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..facts.outlines import centres, read_outlines
from ..results.worlds import LOST, OPENNESS, REACH, MapDay, map_day, shown_members
from ..text.numbers import day as day_text
from ..text.numbers import number, percent, state_name
from .look import GREY, INK, VERMILLION
from .registry import chart
from .style import no_effect, page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result
    from ..results.panel import Pair

STEPS = (0.5, 0.7, 0.85, 0.95)
"""Openness at which the shade changes [1]; the same for every run, so that maps can be compared."""
SHADES = ("#08306b", "#2171b5", "#6baed6", "#c6dbef", "#eff5fb")
"""From least to most open: a row of lightness, so that it reads in grey."""
OTHER, EDGE = "#f4f4f2", "#b9b9b9"
"""Land that is not in the run, and borders."""
VIEW = (-170.0, 180.0, -56.0, 80.0)
MAPS, FRAMES = 4, 24
"""Maps on the chart; pictures of the animation at most."""
PARTED_SHOWN = 12
"""Pairs of states without a route that are drawn: those with most people."""
_NOTHING = "nothing changes"
_FELT = 0.005  # a smaller fall in openness is not worth a title [1] (assumption)
_WIDEST = 4.0  # points, for the corridor in which most people lose contact


@chart(
    title="The world on a map",
    description="Shade: how open each state is. Orange arcs: families out of contact. Black: routes and cables cut.",
    metrics=(OPENNESS, LOST, REACH),
    of_metric=False,
)
def atlas(result: Result) -> Figure:
    """Draw the world on four days of a run."""
    result.need(OPENNESS)
    members, one = shown_members(result.members)
    last = len(result.dates) - 1
    days = [map_day(members, result.scenario, round(last * k / (MAPS - 1))) for k in range(MAPS)]
    if not _moves(days, result, members):
        return no_effect(
            result,
            "the map",
            "On the days of the maps, no family is out of contact, no route and no cable is cut, and every state "
            "has the shade that it has without the policies.",
        )
    made = page(result, _title(result, days, members), _subtitle(one, len(result.members)), height=7.2, below=0.0)
    grid = made.grid(2, 2, left=0.3, right=0.3, wspace=0.03, hspace=0.12)
    widest = max((people for shown in days for *_, people in shown.corridors), default=0.0)
    for k, shown in enumerate(days):
        axes = made.figure.add_subplot(grid[k // 2, k % 2])
        draw(axes, shown, widest)
        axes.set_title(day_text(shown.date), loc="left", fontsize=9.5)
    _legend(made.figure)
    return made.figure


def frames(result: Result) -> Iterator[Figure]:
    """Yield the pictures of the animation, one map each, from the first day of a run to the last."""
    result.need(OPENNESS)
    members, one = shown_members(result.members)
    last = len(result.dates) - 1
    count = min(FRAMES, last + 1)
    days = [map_day(members, result.scenario, round(last * k / max(1, count - 1))) for k in range(count)]
    widest = max((people for shown in days for *_, people in shown.corridors), default=0.0)
    for shown in days:
        title = f"{day_text(shown.date)}: {_said(result, shown, members)}"
        made = page(result, title, _subtitle(one, len(result.members)), height=6.6, below=0.0)
        axes = made.figure.add_subplot(made.grid(1, 1, left=0.3, right=0.3)[0])
        draw(axes, shown, widest)
        _legend(made.figure)
        yield made.figure


def shade(openness: float) -> str:
    """Return the shade of an openness [1]."""
    return SHADES[sum(openness >= step for step in STEPS)]


def draw(axes: Axes, shown: MapDay, widest: float) -> None:
    """Draw a map.

    Parameters
    ----------
    axes : Axes
    shown : MapDay
    widest : float
        People of the widest corridor, over all maps of the chart [persons].
    """
    from matplotlib.collections import PolyCollection

    rings: list[np.ndarray] = []
    fills: list[str] = []
    for code, parts in read_outlines().items():
        fill = shade(shown.openness[code]) if code in shown.openness else OTHER
        rings += parts
        fills += [fill] * len(parts)
    axes.add_collection(PolyCollection(rings, facecolors=fills, edgecolors=EDGE, linewidths=0.3))
    axes.set_xlim(*VIEW[:2])
    axes.set_ylim(*VIEW[2:])
    axes.set_aspect("equal")
    axes.set(xticks=[], yticks=[])
    axes.set_axis_off()
    axes.set_xticks([])
    axes.set_yticks([])
    at = centres()
    for a, b, share in shown.parted[-PARTED_SHOWN:]:
        if a in at and b in at:
            dots = (0, (1.5, 1.5))
            _arc(axes, at[a], at[b], color=INK, linewidth=0.4 + 0.8 * share, linestyle=dots, alpha=0.7, zorder=3)
    for _, joined in shown.cables:
        ends = [at[code] for code in joined if code in at]
        for here, there in pairwise(ends):
            line = _arc(axes, here, there, color=INK, linewidth=1.2, zorder=3)
            axes.plot(*line[len(line) // 4], marker="x", color=INK, markersize=5, zorder=4)
    for residence, origin, people in shown.corridors:
        if residence in at and origin in at:
            width = 0.6 + _WIDEST * float(np.sqrt(people / widest))
            _arc(axes, at[origin], at[residence], color=VERMILLION, linewidth=width, alpha=0.75, zorder=5)


def _curve(here: tuple[float, float], there: tuple[float, float]) -> np.ndarray:
    """Return points of an arc that bends to the north, shape (points, 2) [degrees]."""
    (x1, y1), (x2, y2) = here, there
    top = ((x1 + x2) / 2, (y1 + y2) / 2 + 0.18 * float(np.hypot(x2 - x1, y2 - y1)))
    t = np.linspace(0.0, 1.0, 24)[:, None]
    return np.asarray((1 - t) ** 2 * np.array(here) + 2 * t * (1 - t) * np.array(top) + t**2 * np.array(there))


def arcs(here: tuple[float, float], there: tuple[float, float]) -> list[np.ndarray]:
    """Return the arc between two places, twice where it runs over the edge of the map, shape (points, 2) [degrees]."""
    turn = 360.0 * float(np.sign(there[0] - here[0])) if abs(there[0] - here[0]) > 180.0 else 0.0
    found = [_curve(here, (there[0] - turn, there[1]))]
    return [*found, _curve((here[0] + turn, here[1]), there)] if turn else found


def _arc(axes: Axes, here: tuple[float, float], there: tuple[float, float], **look: Any) -> np.ndarray:
    """Draw an arc between two places and return its points, shape (points, 2) [degrees]."""
    lines = arcs(here, there)
    for line in lines:
        axes.plot(*line.T, solid_capstyle="round", **look)
    return lines[0]


def _moves(days: Sequence[MapDay], result: Result, members: Sequence[Pair]) -> bool:
    """Return whether the policies change anything that one of the maps shows."""
    if any(shown.corridors or shown.parted or shown.cables for shown in days):
        return True
    return any(
        shade(was) != shade(shown.openness[code])
        for shown in days
        for code, was in _without(result, shown, members).items()
    )


def _without(result: Result, shown: MapDay, members: Sequence[Pair]) -> dict[str, float]:
    """Return how open each state with an outline is on the day of a map without the policies, median over members."""
    at = result.dates.index(shown.date)
    opened = np.median([base.arrays[OPENNESS][at] for base, _ in members], axis=0)
    codes = members[0][0].axes.states
    return {code: float(was) for code, was in zip(codes, opened, strict=True) if code in read_outlines()}


def _title(result: Result, days: Sequence[MapDay], members: Sequence[Pair]) -> str:
    """Return the finding: what the last map shows that the policies change; the last before it where it shows none."""
    by_day = [(shown, _said(result, shown, members)) for shown in reversed(days)]
    shown, said = next(((shown, said) for shown, said in by_day if said != _NOTHING), by_day[0])
    return f"On {day_text(shown.date)}: {said}"


def _said(result: Result, shown: MapDay, members: Sequence[Pair]) -> str:
    """Return what the policies change on a map, in words."""
    parts = []
    falls = [(was - shown.openness[code], code, was) for code, was in _without(result, shown, members).items()]
    fall, code, was = max(falls, default=(0.0, "", 0.0))
    if fall >= _FELT:
        name = state_name(result.scenario, code, article=True)
        parts.append(f"{name} is {percent(was - fall)} open, instead of {percent(was)}")
    if shown.corridors:
        residence, origin, people = shown.corridors[-1]
        here, there = (state_name(result.scenario, code, article=True) for code in (residence, origin))
        parts.append(f"{number(people)} people from {there} in {here} are out of contact")
    if shown.parted:
        count = len(shown.parted)
        parts.append(f"{count} {'pair' if count == 1 else 'pairs'} of states lose routes")
    return "; ".join(parts) or _NOTHING


def _subtitle(one: int, members: int) -> str:
    """Return what is drawn."""
    over = (
        f"Member {one}, typical of the commonest kind of world."
        if one
        else ("Median over members." if members > 1 else "")
    )
    return (
        "Shade: share of the world's platforms that people can use without effort. Orange: people abroad who have no "
        "platform channel to their families because of the policies. Dotted: routes lost; crosses: cables cut. "
        f"{over} Outlines: Natural Earth."
    )


def _legend(figure: Any) -> None:
    """Write the shades below the maps."""
    from matplotlib.patches import Rectangle

    edges = ["under 50 %", *(f"{a:.0%} to {b:.0%}".replace("%", " %") for a, b in pairwise(STEPS)),
             "95 % or more", "not in the run"]  # fmt: skip
    high = float(figure.get_figheight())
    for k, (fill, name) in enumerate(zip((*SHADES, OTHER), edges, strict=True)):
        x, y = 0.05 + 0.15 * k, 0.92 / high
        figure.add_artist(Rectangle((x, y), 0.018, 0.12 / high, facecolor=fill, edgecolor=EDGE, linewidth=0.5))
        figure.text(x + 0.024, y + 0.01 / high, name, fontsize=8, color=GREY)

"""Flows between platforms: people who joined one because they lost, or feared to lose, another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..results.series import MIN_PEOPLE, cells_of, fewest_people, values
from ..results.stats import spread
from ..text.numbers import compact, listed, number, percent, state_name, with_range
from ..text.reportable import FELT
from .lines import only_some
from .look import COLOURS, GREY, INK
from .registry import chart
from .style import TOO_FEW, no_effect, page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

FLOWS = "flows"
_STREAMS = 9
_STATES = 4
_ELSEWHERE = 0.1  # assumption: states that act are drawn from this part of the moves of another state on
_VISIBLE = 0.005  # smallest width of a stream, as a share of the largest; a thinner one is hard to see
_GAP = 0.045  # between blocks, share of the height
_INNER = (0.17, 0.76)  # left and right end of the streams, share of the width
_BLOCK = 0.022  # width of a block


@dataclass(frozen=True)
class Stream:
    """People who went from one platform to another because of the policies, over the run [persons]."""

    source: str
    target: str
    people: float
    low: float | None
    high: float | None
    members: np.ndarray  # (M,) the same in each member


@chart(
    title="Who they turned to",
    description="People who joined a platform because they lost, or feared to lose, another, over the whole run.",
    metrics=(FLOWS,),
)
def flows(result: Result) -> Figure:
    """Draw the largest streams from platform to platform, as bands as wide as they are large."""
    result.need(FLOWS)
    states = _states(result)
    streams = _streams(result, states)
    if not streams:
        return no_effect(
            result,
            "nobody took up a platform for another",
            "In every state shown, nobody joined a platform because of the policies.",
        )
    if not _is_felt(result, states, streams):
        return no_effect(
            result,
            "nobody is seen to take up a platform for another",
            f"In every state shown, fewer than {percent(FELT)} of a platform's users turned elsewhere because of the "
            "policies: too few to distinguish from chance.",
            verdict=TOO_FEW,
        )
    where = listed([state_name(result.scenario, state, article=True) for state in states])
    drawn = [each for each in streams[:_STREAMS] if each.people >= _VISIBLE * streams[0].people]
    subtitle = f"{_subtitle(result, where, len(streams), len(drawn))}{only_some(streams[0].members)}"
    made = page(result, _title(streams), subtitle)
    totals = {each.source: 0.0 for each in drawn}
    for each in streams:
        if each.source in totals:
            totals[each.source] += each.people
    axes = made.figure.add_subplot(made.grid(1, 1, left=0.45, right=0.45)[0])
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    _draw(axes, drawn, totals, with_range_shown=len(result.members) > 1)
    return made.figure


def _states(result: Result) -> list[str]:
    """Return the states whose flows are drawn: those that act, else those that the run is about and move most.

    Who acts need not be who moves: an American ban on apps on Huawei's phones moves people where these phones are.
    """
    moves = {state: sum(each.people for each in _streams(result, [state])) for state in result.focus.states}
    acting = [state for state in result.focus.states if any(state in policy.by for policy in result.scenario.policies)]
    most = max(moves.values(), default=0.0)
    if acting and sum(moves[state] for state in acting) >= _ELSEWHERE * most:
        return acting[:_STATES]
    ranked = sorted(moves, key=lambda state: -moves[state])[:_STATES]
    return [state for state in result.focus.states if state in ranked]


def _streams(result: Result, states: Sequence[str]) -> list[Stream]:
    """Return all streams, the states together, the largest first."""
    sums: dict[tuple[str, str], list[np.ndarray]] = {}
    some = np.any([arm.arrays[FLOWS] != 0 for pair in result.members for arm in pair], axis=0)
    for cell in cells_of(FLOWS, result.members[0][0].axes, lambda c: c.state in states and c.group != c.platform, some):
        pair = np.stack([values(cell, result.members, arm) for arm in (0, 1)])
        if fewest_people(cell, result.members) >= MIN_PEOPLE:
            sums.setdefault((cell.group, cell.platform), []).append(pair)
    found = []
    for (source, target), parts in sums.items():
        both = np.sum(parts, axis=0)
        result_spread = spread(both[0], both[1])
        if result_spread.effect is not None and result_spread.effect > 0:
            ends = result_spread.low, result_spread.high
            found.append(Stream(source, target, result_spread.effect, *ends, both[1] - both[0]))
    return sorted(found, key=lambda each: -each.people)


def _is_felt(result: Result, states: Sequence[str], streams: list[Stream]) -> bool:
    """Return whether of some platform a share of its first users turned elsewhere that is worth a chart."""
    if "active_users" not in result.metrics:
        return True
    axes, first = result.members[0][0].axes, result.members[0][0].arrays["active_users"][0]
    rows = [axes.states.index(state) for state in states]
    left: dict[str, float] = {}
    for each in streams:
        left[each.source] = left.get(each.source, 0.0) + each.people
    return any(
        people >= FELT * float(first[rows, axes.platforms.index(source)].sum()) for source, people in left.items()
    )


def _title(streams: list[Stream]) -> str:
    """Return the finding: the largest stream."""
    first = streams[0]
    rest = sum(each.people for each in streams if each.source == first.source)
    share = first.people / rest
    of = f": {share * 100:.0f} % of all such moves" if len(streams) > 1 and share < 1 else ""
    return f"{number(first.people)} people took up {first.target} when they lost, or feared to lose, {first.source}{of}"


def _subtitle(result: Result, where: str, n_streams: int, n_drawn: int) -> str:
    """Return what is drawn."""
    ranges = "; in brackets 10-90 % of members" if len(result.members) > 1 else ""
    count = f"the {n_drawn} largest of {n_streams} streams" if n_streams > n_drawn else "all streams"
    return (
        f"People in {where} who took up the platform on the right because they lost, or feared to lose, the "
        f"one on the left, over the run: {count} [persons{ranges}]. Who takes up several is counted at each."
    )


def _draw(axes: Axes, streams: list[Stream], totals: dict[str, float], *, with_range_shown: bool) -> None:
    """Draw blocks at both sides and a band for each stream; of a source say how many of all its moves are drawn."""
    sources = _blocks(streams, [each.source for each in streams])
    targets = _blocks(streams, [each.target for each in streams])
    colours = {target: COLOURS[(i + 1) % len(COLOURS)] for i, target in enumerate(targets)}
    left, right = _INNER
    used = {("s", name): top for name, (top, _) in sources.items()} | {("t", n): top for n, (top, _) in targets.items()}
    scale = sum(size for _, size in sources.values()) / sum(each.people for each in streams)
    # Bands leave and arrive in the order of the blocks, so that as few as possible cross.
    ranks = [*sources], [*targets]
    for each in sorted(streams, key=lambda s: (ranks[1].index(s.target), ranks[0].index(s.source))):
        size = each.people * scale
        a, b = used["s", each.source], used["t", each.target]
        used["s", each.source], used["t", each.target] = a - size, b - size
        _band(axes, (left + _BLOCK, a), (right - _BLOCK, b), size, colours[each.target])
    for name, (top, size) in sources.items():
        axes.fill_between([left, left + _BLOCK], top - size, top, color=INK)
        moves = sum(each.people for each in streams if each.source == name), totals[name]
        counts = " of ".join(dict.fromkeys(compact(FLOWS, people) for people in moves))  # once where all are drawn
        place: dict[str, Any] = {"x": left - 0.012, "ha": "right"}
        axes.text(y=top - size / 2, s=name, va="bottom", fontsize=10, fontweight="bold", **place)
        axes.text(y=top - size / 2 - 0.006, s=f"{counts} moves", va="top", fontsize=8.5, color=GREY, **place)
    for name, (top, size) in targets.items():
        axes.fill_between([right - _BLOCK, right], top - size, top, color=colours[name])
        axes.text(right + 0.012, top - size / 2, name, va="bottom", fontsize=10, fontweight="bold", color=INK)
        text = _amount([each for each in streams if each.target == name], with_range_shown)
        axes.text(right + 0.012, top - size / 2 - 0.006, text, va="top", fontsize=8.5, color=GREY)


def _amount(streams: list[Stream], with_range_shown: bool) -> str:
    """Return how many people arrive at a platform; the interval where a single stream does."""
    if len(streams) > 1 or not with_range_shown:
        return number(sum(each.people for each in streams))
    return with_range(FLOWS, streams[0].people, streams[0].low, streams[0].high)


def _blocks(streams: list[Stream], names: list[str]) -> dict[str, tuple[float, float]]:
    """Return the top and the height of each block at one side, the largest first."""
    sizes = _sums(streams, names)
    height = _height([_sums(streams, [getattr(each, side) for each in streams]) for side in ("source", "target")])
    slots = {name: max(size * height, _GAP) for name, size in sizes.items()}
    total = sum(slots.values()) + _GAP * (len(slots) - 1)
    top = 0.5 + total / 2
    out = {}
    for name, _size in sorted(sizes.items(), key=lambda pair: -pair[1]):
        inner = sizes[name] * height
        out[name] = (top - (slots[name] - inner) / 2, inner)
        top -= slots[name] + _GAP
    return out


def _sums(streams: list[Stream], names: list[str]) -> dict[str, float]:
    """Return the people of the streams by the name at one end."""
    sizes: dict[str, float] = {}
    for each, name in zip(streams, names, strict=True):
        sizes[name] = sizes.get(name, 0.0) + each.people
    return sizes


def _height(sides: list[dict[str, float]]) -> float:
    """Return the largest height of one person with which the blocks of both sides fit on the page.

    A small block takes room for its two lines of text all the same, so the height is searched for.
    """
    low, high = 0.0, 1 / max(sum(sizes.values()) for sizes in sides)
    for _ in range(40):
        middle = (low + high) / 2
        taken = [sum(max(size * middle, _GAP) for size in s.values()) + _GAP * (len(s) - 1) for s in sides]
        low, high = (middle, high) if max(taken) <= 1 else (low, middle)
    return low


def _band(axes: Axes, start: tuple[float, float], stop: tuple[float, float], size: float, colour: str) -> None:
    """Draw a band that leaves and arrives level."""
    x = np.linspace(0, 1, 60)
    ease = x * x * (3 - 2 * x)
    top = start[1] + (stop[1] - start[1]) * ease
    axes.fill_between(start[0] + (stop[0] - start[0]) * x, top - size, top, color=colour, alpha=0.55, linewidth=0)

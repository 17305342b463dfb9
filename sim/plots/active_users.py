"""Platforms that are used less or more: daily users against the first day, in the states that act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..results.stats import band
from ..text.findings import PASSED
from ..text.numbers import number, percent, state_name
from ..text.reportable import effect, is_felt, movers
from ..text.sampling import sized_state
from ..text.states import decided
from .lines import (
    BASELINE,
    POLICY,
    Array,
    date_axis,
    days,
    find,
    line,
    most,
    of,
    on_axis,
    policy_days,
    split,
    wide,
)
from .look import BLACK, COLOURS, DASHES, GREY, HEIGHT, INK
from .marks import draw_observed, said
from .registry import chart
from .style import end_labels, no_effect, page
from .timeline import panels, taller

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result
    from ..results.series import Cell

USERS = "active_users"
_STATES, _PLATFORMS = 2, 6
_LEAST = 0.03  # a platform whose use moves by less, and is not named, is not drawn
_LINEAR_UP_TO = 4.0  # times the first day; beyond it the axis is logarithmic
_AS_BEFORE = 0.005  # a difference on the last day that rounds to zero per cent
_DIP = 0.05  # a fall that is over on the last day is mentioned from this share of the first day on
_FLOOR = 0.01  # lowest value of a logarithmic axis


@dataclass(frozen=True)
class _Line:
    platform: str
    cell: Cell
    policy: Array  # (M, T), 1 = the member's first day without the policies
    baseline: Array
    spread: Array | None  # policy with each of the model's errors, (N, T)
    last: float  # people on the last day, median over members [persons]
    size: float  # largest effect [persons]
    end: float  # effect on the last day [persons]
    fall: float  # how far it falls below, on its worst day [persons]


@chart(
    title="Daily users by platform",
    description="People who used each platform that day, relative to the first day, in the states whose policies act.",
    metrics=(USERS,),
)
def active_users(result: Result) -> Figure:
    """Draw daily users relative to the first day, one panel a state."""
    result.need(USERS)
    drawn = {state: _lines(result, state) for state in _states(result)}
    moved = {state: lines for state, lines in drawn.items() if any(each.size > 0 for each in lines)}
    if not moved:
        return no_effect(
            result,
            "every platform is used as it would have been",
            "On every day and in every state shown, each platform has the daily users it has without the policies.",
        )
    height = HEIGHT + taller(result) + 2.3 * (len(moved) - 1)
    subtitle = _subtitle(moved) + said(result, [each.cell for lines in moved.values() for each in lines])
    made = page(result, _title(result, moved), subtitle, height=height)
    of_what = "\nwithout the policies" if _opens_otherwise(moved) else ""
    places, labels = panels(made, result, rows=len(moved), left=1.15 if of_what else 0.95, right=1.65, hspace=0.16)
    looks = _looks(moved)
    for axes, (state, lines) in zip(places, moved.items(), strict=True):
        axes.set_title(sized_state(result, state))
        _draw(axes, result, lines, looks)
        for each in lines:
            first = _first_day(result, each.cell)
            draw_observed(axes, result, each.cell, first / 100, COLOURS[looks[each.platform]])
        date_axis(axes, days(result), labels=labels)
        axes.set_ylabel(f"Daily users [% of the first day{of_what}]")
    return made.figure


def _first_day(result: Result, cell: Cell) -> float:
    """Return the daily users of a platform on the first day without the policies, median over members [persons]."""
    return float(np.median(of(result, cell, BASELINE)[:, 0]))


def _looks(moved: dict[str, list[_Line]]) -> dict[str, int]:
    """Return the look of each platform, the same in every panel; within a panel no two look alike."""
    looks: dict[str, int] = {}
    for lines in moved.values():
        used = {looks[each.platform] for each in lines if each.platform in looks}
        unused = [i for i in range(len(COLOURS)) if i not in used]
        free = iter(sorted(unused, key=lambda i: i in looks.values()))
        looks |= {each.platform: next(free) for each in lines if each.platform not in looks}
    return looks


def _opens_otherwise(moved: dict[str, list[_Line]]) -> bool:
    """Return whether the two worlds differ from the first day on: what stands at 100 % is then the other world's."""
    every = [each for lines in moved.values() for each in lines]
    return any(abs(float(np.median(each.policy[:, 0] - each.baseline[:, 0]))) > _AS_BEFORE for each in every)


def _states(result: Result) -> list[str]:
    """Return the states whose users move most, at most two: those with policies, and one that moves more than they."""
    acting = {state for policy in result.scenario.policies for state in policy.by}
    acting |= {d.who for made in decided(result) for d in made}
    sizes = {state: max((each.size for each in _lines(result, state)), default=0.0) for state in result.focus.states}
    ranked = sorted((s for s in sizes if sizes[s] > 0), key=lambda s: -sizes[s])
    own = [s for s in ranked if s in acting][:_STATES]
    if not own:
        return ranked[:1]
    return own if ranked[0] in acting else [ranked[0], own[0]]


def _lines(result: Result, state: str) -> list[_Line]:
    """Return the platforms to draw: those the scenario names, and those that gain and lose most.

    What a policy of the state aims at is drawn although it keeps its users, and so is what the title says gains most.
    """
    aimed = {target for policy in result.scenario.policies if state in policy.by for target in policy.targets}
    best = _best(result, state)
    lines = []
    for platform in result.focus.platforms:
        cell = find(result, USERS, state=state, platform=platform)
        if cell is None:
            continue
        baseline, policy = of(result, cell, BASELINE), of(result, cell, POLICY)
        first = baseline[:, :1]
        if not (first > 0).all():  # nobody used it on the first day: there is nothing to relate to
            continue
        size = float(np.nanmax(np.abs(band(policy - baseline)[1])))
        named = platform in result.focus.named_platforms
        chosen = platform in aimed or platform == best
        if chosen or size > (0 if named else _LEAST * np.median(first)):
            last, end = (float(np.median(part[:, -1])) for part in (policy, policy - baseline))
            fall = max(0.0, -float(np.nanmin(band(policy - baseline)[1])))
            known = wide(result, cell)
            spread = None if known is None else known / np.tile(first, (len(known) // len(first), 1))
            lines.append(_Line(platform, cell, policy / first, baseline / first, spread, last, size, end, fall))
    ranked = sorted(lines, key=lambda each: (each.platform not in result.focus.named_platforms, -each.size))
    first_of = next((each for each in ranked if each.platform in aimed), None)
    kept = {best} if first_of is None else {best, first_of.platform}
    shown = sorted(ranked, key=lambda each: each.platform not in kept)[:_PLATFORMS]
    return [each for each in ranked if each in shown]


def _best(result: Result, state: str) -> str | None:
    """Return the platform that gains most daily users in a state, where the gain is worth a word."""
    row = next((row for row in movers(result) if row["state"] == state), None)
    return str(row["platform"]) if row is not None and effect(row) >= 1 and is_felt(row) else None


def _title(result: Result, moved: dict[str, list[_Line]]) -> str:
    """Return the finding: what the platform that loses most keeps, and which platform gains most people."""
    state, lines = next(iter(moved.items()))
    lead = _lead(lines)
    where = f"{lead.platform} in {state_name(result.scenario, state, article=True)}"
    kept, lowest = float(np.median(lead.policy[:, -1])), float(np.nanmin(band(lead.policy)[1]))
    as_before = abs(float(np.median(lead.policy[:, -1] - lead.baseline[:, -1]))) < _AS_BEFORE
    whose = "the daily users it has without the policies" if _opens_otherwise(moved) else "its daily users"
    if lead.last < 1:
        title = f"{where} is left without daily users"
    elif lowest < kept - _DIP:
        end = "with about as many as without the policies" if as_before else f"at {percent(kept)}"
        title = f"{where} falls to {percent(lowest)} of {whose} and ends {end}"
    elif as_before:
        title = f"{where} ends with about as many daily users as without the policies"
    elif _opens_otherwise(moved):
        kept = float(np.median(lead.policy[:, -1] / lead.baseline[:, -1]))
        title = f"{where} ends with {percent(kept)} of {whose}{_members(lead)}"
    else:
        title = f"Daily users of {where} end at {percent(kept)} of the first day{_members(lead)}"
    best = _best(result, state)
    row = next((row for row in movers(result) if (row["state"], row["platform"]) == (state, best)), None)
    return f"{title}; {best} gains {number(effect(row))}" if row is not None and best != lead.platform else title


def _members(lead: _Line) -> str:
    """Return what the members say where in some of them the platform keeps its users all along; else nothing."""
    if split(most(lead.policy - lead.baseline)) is None:
        return ""
    halves = split(lead.policy[:, -1] - lead.baseline[:, -1])
    if halves is None:
        return ""
    hit, effect_there = halves
    n = len(lead.policy)
    with_it = percent(float(np.median(lead.baseline[:, -1])) + effect_there)
    return f" ({with_it} in {hit} of {n} members, about as without the policies in the other{'s' * (n - hit > 1)})"


def _lead(lines: list[_Line]) -> _Line:
    """Return the line to speak of: the one that loses most at the end, or lost far more before; else the first."""
    losers = [each for each in lines if each.end <= -_AS_BEFORE * abs(each.last - each.end)]
    lost = min(losers, key=lambda each: each.end, default=None)
    fallen = max(lines, key=lambda each: each.fall)
    if fallen.fall > PASSED * (-lost.end if lost else 0.0) and fallen.fall > _DIP * abs(fallen.last - fallen.end):
        return fallen
    return lost or lines[0]


def _subtitle(moved: dict[str, list[_Line]]) -> str:
    """Return what is drawn."""
    log = any(_logarithmic(lines) for lines in moved.values())
    scale = f" The axis is logarithmic; values below {percent(_FLOOR)} are drawn at its lower end." if log else ""
    if _opens_otherwise(moved):
        return (
            "Daily users with the policies, as a share of those of the first day without them; dotted: without the "
            f"policies. The two worlds differ from the first day on.{scale}"
        )
    return f"Daily users with the policies, as a share of the first day; dotted: without the policies.{scale}"


def _logarithmic(lines: list[_Line]) -> bool:
    """Return whether a line climbs so far that the others would lie flat on a linear axis."""
    return max(float(np.nanmax(band(each.policy)[1])) for each in lines) > _LINEAR_UP_TO


def _draw(axes: Axes, result: Result, lines: list[_Line], looks: dict[str, int]) -> None:
    """Draw the lines of one state."""
    x = days(result)
    log = _logarithmic(lines)
    floor = _FLOOR if log else 0.0
    labels = []
    for each in lines:
        colour, dashes = COLOURS[looks[each.platform]], DASHES[looks[each.platform]]
        without = np.maximum(band(each.baseline)[1:2], floor) * 100  # the median alone: bands would pile up
        line(axes, x, without, colour=GREY, dashes=(0, (1, 2.5)), width=1.0)
        width = 2.6 if each.platform in result.focus.named_platforms else 1.7
        spread = None if each.spread is None else np.maximum(each.spread, floor) * 100
        policy = np.maximum(each.policy, floor) * 100
        last = line(axes, x, policy, colour=colour, dashes=dashes, width=width, spread=spread)
        words = f"{each.platform} {percent(float(np.median(each.policy[:, -1])))}\n{number(each.last)} a day"
        labels.append((last, words, colour if colour != BLACK else INK))
    axes.axhline(100, color=GREY, linewidth=0.8, zorder=0)
    if log:
        axes.set_yscale("log")
        low, high = axes.get_ylim()
        ticks = [n * 10.0**power for power in range(-1, 7) for n in (1, 2, 5) if low <= n * 10.0**power <= high]
        axes.set_yticks(ticks, [f"{tick:,.6g}" for tick in ticks])
        axes.set_yticks([], minor=True)
    else:
        axes.set_ylim(bottom=0)
    axes.set_xlim(on_axis(x[0]), on_axis(x[-1]) + (len(x) == 1))
    policy_days(axes, result)
    end_labels(axes, labels, size=8.5)

"""Who is used less and who more: daily users by platform against the first day, in the states that act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.lines import (
    BASELINE,
    POLICY,
    Array,
    date_axis,
    days,
    find,
    line,
    of,
    on_axis,
    policy_days,
)
from sim.plots.registry import chart
from sim.plots.style import (
    BLACK,
    COLOURS,
    DASHES,
    GREY,
    HEIGHT,
    INK,
    end_labels,
    no_effect,
    page,
)
from sim.plots.timeline import panels, taller
from sim.results.findings import effect, movers
from sim.results.stats import band
from sim.results.words import number, percent, state_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results import Result

USERS = "active_users"
_STATES, _PLATFORMS = 2, 6
_LEAST = 0.03  # a platform whose use moves by less, and is not named, is not drawn
_LINEAR_UP_TO = 4.0  # times the first day; beyond it the axis is logarithmic
_AS_BEFORE = 0.005  # a difference on the last day that rounds to nought per cent
_FLOOR = 0.01  # lowest value of a logarithmic axis


@dataclass(frozen=True)
class _Line:
    platform: str
    policy: Array  # (M, T), 1 = the member's first day without the policies
    baseline: Array
    last: float  # people on the last day, median over members [persons]
    size: float  # largest effect [persons]


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
    made = page(result, _title(result, moved), _subtitle(moved), height=height)
    places, labels = panels(made, result, rows=len(moved), right=1.55, hspace=0.16)
    for axes, (state, lines) in zip(places, moved.items(), strict=True):
        axes.set_title(state_name(result.scenario, state))
        _draw(axes, result, lines)
        date_axis(axes, days(result), labels=labels)
        axes.set_ylabel("Daily users [% of the first day]")
    return made.figure


def _states(result: Result) -> list[str]:
    """Return the states whose users move most, at most two, those with policies first."""
    acting = {state for policy in result.scenario.policies for state in policy.by}
    sizes = {state: max((each.size for each in _lines(result, state)), default=0.0) for state in result.focus.states}
    ranked = sorted((s for s in sizes if sizes[s] > 0), key=lambda s: (s not in acting, -sizes[s]))
    return [s for s in ranked if s in acting][:_STATES] or ranked[:1]


def _lines(result: Result, state: str) -> list[_Line]:
    """Return the platforms to draw: those the scenario names, and those that gain and lose most."""
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
        if size > (0 if named else _LEAST * np.median(first)):
            last = float(np.median(policy[:, -1]))
            lines.append(_Line(platform, policy / first, baseline / first, last, size))
    ranked = sorted(lines, key=lambda each: (each.platform not in result.focus.named_platforms, -each.size))
    return ranked[:_PLATFORMS]


def _title(result: Result, moved: dict[str, list[_Line]]) -> str:
    """Return the finding: what the first named platform keeps, and which platform gains most people."""
    state, lines = next(iter(moved.items()))
    where = state_name(result.scenario, state, article=True)
    lead = lines[0]
    kept = float(np.median(lead.policy[:, -1]))
    title = f"Daily users of {lead.platform} in {where} end at {percent(kept)} of the first day"
    if abs(float(np.median(lead.policy[:, -1] - lead.baseline[:, -1]))) < _AS_BEFORE:
        title = f"{lead.platform} in {where} ends with as many daily users as without the policies"
    best = next((row for row in movers(result) if row["state"] == state), None)
    gains = best is not None and effect(best) >= 1 and best["platform"] != lead.platform
    return f"{title}; {best['platform']} gains {number(effect(best))}" if best and gains else title


def _subtitle(moved: dict[str, list[_Line]]) -> str:
    """Return what is drawn."""
    log = any(_logarithmic(lines) for lines in moved.values())
    scale = " The axis is logarithmic." if log else ""
    return f"Daily users with the policies, as a share of the first day; dotted: without the policies.{scale}"


def _logarithmic(lines: list[_Line]) -> bool:
    """Return whether a line climbs so far that the others would lie flat on a linear axis."""
    return max(float(np.nanmax(band(each.policy)[1])) for each in lines) > _LINEAR_UP_TO


def _draw(axes: Axes, result: Result, lines: list[_Line]) -> None:
    """Draw the lines of one state."""
    x = days(result)
    log = _logarithmic(lines)
    floor = _FLOOR if log else 0.0
    labels = []
    for i, each in enumerate(lines):
        colour, dashes = COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)]
        without = np.maximum(band(each.baseline)[1:2], floor) * 100  # the median alone: bands would pile up
        line(axes, x, without, colour=GREY, dashes=(0, (1, 2.5)), width=1.0)
        width = 2.6 if each.platform in result.focus.named_platforms else 1.7
        last = line(axes, x, np.maximum(each.policy, floor) * 100, colour=colour, dashes=dashes, width=width)
        words = f"{each.platform} {percent(last / 100)}\n{number(each.last)} a day"
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

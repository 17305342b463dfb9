"""Use of platforms: who keeps, loses and gains daily users, to whom people turn, and who takes up a VPN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from ..results.series import MIN_PEOPLE, cells_of, fewest_people, values
from ..results.stats import spread
from ..results.summary import Row
from ..text.numbers import compact_range, listed, number, percent, state_name
from ..text.reportable import FELT, effect, index, is_felt, is_sure, movers, names_winner
from ..text.sampling import sized_state
from .marks import (
    BAND,
    BASELINE,
    POLICY,
    SAID,
    Bar,
    Curve,
    curve,
    find,
    observed_of,
    of,
    only_some,
    rows,
    scale,
    surely_most,
)
from .over_time import Panel, small_panels
from .page import TOO_FEW, UNSURE, Caption, Place, nothing
from .registry import chart
from .style import BLUE, GREEN, VERMILLION, WIDTH
from .titles import title

if TYPE_CHECKING:
    from ..results import Result

USERS, VPN, FLOWS = "active_users", "vpn_users", "flows"
_BARS = 6  # on each side
_PANELS = 6
_SEEN = 0.03  # a platform whose use moves by less has no panel, in which it would be a flat line [1] (assumption)
_STREAMS = 8
_STATES = 4
_ELSEWHERE = 0.1  # assumption: states that act are drawn from this part of the moves of another state on
_PASSED = 1.5  # the worst of a loss is named where it is so many times what is left at the end (assumption)


def _aimed(result: Result) -> list[tuple[str, str]]:
    """Return (state, platform) for what the policies aim at, in the order of the scenario."""
    pairs = [pair for policy in result.scenario.policies for pair in product(policy.concerns(), policy.targets)]
    return list(dict.fromkeys(pairs))


def changed_use(result: Result) -> list[Row]:
    """Return the rows of daily users that surely change: what the policies aim at, then the largest changes.

    A row is that of the last day, or of the day of the largest effect where that is much larger.
    """
    found = index(result)
    ends = {(str(row["state"]), str(row["platform"])): row for row in movers(result)}
    peaks = {(str(row["state"]), str(row["platform"])): row for row in movers(result, "peak")}
    chosen: dict[tuple[str, str], Row] = {}
    for key in {**ends, **peaks}:
        end, peak = found.get(USERS, "end", *key), found.get(USERS, "peak", *key)
        sure = [row for row in (end, peak) if row is not None and is_felt(row) and is_sure(row)]
        if sure:
            worst = sure[-1]
            chosen[key] = worst if abs(effect(worst)) > _PASSED * abs(effect(sure[0])) else sure[0]
    aimed = _aimed(result)
    order = {key: i for i, key in enumerate(aimed)}
    return sorted(chosen.values(), key=lambda row: (
        (str(row["state"]), str(row["platform"])) not in order, -abs(effect(row)),
    ))  # fmt: skip


@chart(
    title="Daily users by platform",
    description="People who used each platform that day, with the policies and without (dotted), each on a scale of "
    "its own: what the policies aim at, and what surely changes.",
    metrics=(USERS,),
)
def active_users(result: Result, place: Place) -> Caption:
    """Draw small panels of daily users: the platforms of the question, and those that surely change."""
    shown = changed_use(result)
    if not shown:
        return _same_use(result, place)
    aimed = _aimed(result)
    seen = [row for row in shown if abs(effect(row)) >= _SEEN * effect(row, "baseline")]
    seen += [row for row in shown if row not in seen and (str(row["state"]), str(row["platform"])) in aimed]
    seen = (seen or shown)[:_PANELS]
    states = {str(row["state"]) for row in seen}
    panels = []
    for row in seen:
        cell = find(result, USERS, state=str(row["state"]), platform=str(row["platform"]))
        if cell is not None:
            where = "" if len(states) == 1 else f", {state_name(result.scenario, str(row['state']))}"
            panels.append(
                Panel(f"{row['platform']}{where}", curve(result, cell), VERMILLION if effect(row) < 0 else BLUE)
            )
    small_panels(place, result, panels)
    where = f" in {sized_state(result, next(iter(states)))}" if len(states) == 1 else ""
    named = {(str(row["state"]), str(row["platform"])) for row in shown}
    known = index(result)
    left = [pair for pair in aimed if pair not in named and known.get(USERS, "end", *pair) is not None]
    unsure = [_named(result, *pair) for pair in left]
    less = [_named(result, str(row["state"]), str(row["platform"])) for row in shown if row not in seen]
    notes = [f"No sure change, not drawn: {listed(unsure[:6])}." if unsure else ""]
    notes.append(f"Change surely, by less than {percent(_SEEN)} of their users: {listed(less[:6])}." if less else "")
    notes.append(SAID if any(observed_of(result, panel.shown.cell) for panel in panels) else "")
    notes.append(_members(result, panels[0].shown) if panels else "")
    said = f"People who used it that day{where}; dotted: without the policies; each on its own scale; {BAND}"
    amount, low, high = _amount(seen[0])
    return Caption(_use_title(result, seen[0]), said, " ".join(filter(None, notes)), number=amount,
                   interval=f"{low.removesuffix(' %')} to {high}")  # fmt: skip


def _named(result: Result, state: str, platform: str) -> str:
    """Return ``Signal (United States)``."""
    return f"{platform} ({state_name(result.scenario, state)})"


def _amount(row: Row) -> list[str]:
    """Return what the title says of a platform, and the ends of its interval: the share that it keeps, or its gain."""
    ends = [effect(row, key) for key in ("effect", "low", "high")]
    if effect(row) > 0 or not effect(row, "baseline"):
        return [number(end) for end in ends]
    return [percent(max(0.0, 1 + end / effect(row, "baseline"))) for end in ends]


def _use_title(result: Result, row: Row) -> str:
    """Return what the first platform keeps, at the end or at its worst, or what it gains."""
    where = state_name(result.scenario, str(row["state"]), article=True)
    parts = {"platform": row["platform"], "where": where, "number": number(abs(effect(row)))}
    if effect(row) > 0 or not effect(row, "baseline"):
        return title("active_users_gain", result, **parts)
    kept = max(0.0, 1 + effect(row) / effect(row, "baseline"))
    if row["at"] == "end" and percent(kept) == "0 %":
        return title("active_users_none", result, **parts)
    return title("active_users" if row["at"] == "end" else "active_users_worst", result, share=percent(kept), **parts)


def _members(result: Result, shown: Curve) -> str:
    """Return a sentence where the platform of the title keeps its users in many members; else nothing."""
    return only_some((of(result, shown.cell, POLICY) - of(result, shown.cell, BASELINE))[:, -1])


def _same_use(result: Result, place: Place) -> Caption:
    """Say that no platform surely changes, and why."""
    if any(abs(effect(row)) >= FELT * effect(row, "baseline") > 0 for row in movers(result)):
        why = "For every platform, in every country shown, the interval of the change in daily users includes zero."
        return nothing(place, "no platform surely gains or loses users", why, UNSURE)
    if movers(result):
        why = f"No platform, in any country shown, has {percent(FELT)} more or fewer daily users than without."
        return nothing(place, "no platform is seen to gain or lose users", f"{why} That may be chance.", TOO_FEW)
    why = "On every day, in every country shown, each platform has the daily users that it has without the policies."
    return nothing(place, "no platform gains or loses users", why)


def _bars_high(result: Result) -> tuple[float, float]:
    return WIDTH, 5.0


@chart(
    title="Who gains, who loses",
    description="Change in daily users on the last day, by platform and country, with intervals.",
    metrics=(USERS,),
    of_metric=False,
    size=_bars_high,
)
def gains(result: Result, place: Place) -> Caption:
    """Draw the platforms that surely gain and lose most daily users on the last day."""
    sure = [row for row in movers(result) if is_felt(row) and is_sure(row)]
    up = [row for row in sure if effect(row) > 0][:_BARS]
    down = [row for row in reversed(sure) if effect(row) < 0][:_BARS]
    shown = [*up, *reversed(down)]
    if not shown:
        return _same_use(result, place)
    states = {str(row["state"]) for row in shown}
    by, word = scale(max(abs(effect(row, key)) for row in shown for key in ("effect", "low", "high")))
    bars = [
        _bar(row, "" if len(states) == 1 else f", {state_name(result.scenario, str(row['state']))}") for row in shown
    ]
    axes = place.axes()
    rows(axes, bars, by)
    axes.set_xlabel(f"change [{word}people]")
    first, name = (up[0], "gains_up") if up else (down[0], "gains_down")
    alike = [row for row in sure if (effect(row) > 0) == bool(up)]
    alike.sort(key=lambda row: -abs(effect(row)))
    where = state_name(result.scenario, str(first["state"]), article=True)
    ends = [_last_day(result, row) for row in alike]
    is_named = surely_most(ends)
    name += "_one" if len(alike) == 1 else "" if is_named else "_many"
    place_said = f" in {sized_state(result, str(first['state']))}" if len(states) == 1 else ""
    said = (
        f"Daily users on the last day{place_said}, with the policies less without [{word}people]; lines: 80 % intervals"
    )
    said_number = number(abs(effect(first)) if is_named else len(alike))
    at = f" in {where}" if len({row["state"] for row in alike}) == 1 else ""
    text = title(name, result, platform=first["platform"], where=where, number=said_number, at=at)
    notes = f"A platform whose interval includes zero is not shown. {only_some(ends[0]) if is_named else ''}"
    return Caption(text, said, notes.rstrip())


def _last_day(result: Result, row: Row) -> np.ndarray:
    """Return the change in daily users of a row on the last day, in each member, (M,) [persons]."""
    cell = find(result, USERS, state=str(row["state"]), platform=str(row["platform"]))
    return np.zeros(1) if cell is None else (of(result, cell, POLICY) - of(result, cell, BASELINE))[:, -1]


def _bar(row: Row, where: str) -> Bar:
    """Return a row of the chart."""
    ends = [effect(row, key) for key in ("effect", "low", "high")]
    colour = BLUE if effect(row) > 0 else VERMILLION
    return Bar.of(f"{row['platform']}{where}", ends, compact_range(USERS, *ends), colour)


# --- where people turn ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stream:
    """People who went from one platform to another because of the policies, over the run [persons]."""

    source: str
    target: str
    people: float
    low: float
    high: float
    members: np.ndarray  # (M,) the same in each member


@chart(
    title="Who they turned to",
    description="People who joined a platform because they lost, or feared to lose, another, over the whole run.",
    metrics=(FLOWS,),
    size=_bars_high,
)
def flows(result: Result, place: Place) -> Caption:
    """Draw the largest moves from platform to platform, with intervals."""
    states = _states(result)
    streams = [each for each in _streams(result, states) if each.low > 0]
    if not streams:
        why = "In every country shown, nobody joins a platform because of the policies."
        return nothing(place, "nobody takes up a platform for another", why)
    if not _is_felt(result, states, streams):
        why = f"Fewer than {percent(FELT)} of a platform's users turn elsewhere: that may be chance."
        return nothing(place, "nobody is seen to take up a platform for another", why, TOO_FEW)
    shown = streams[:_STREAMS]
    one = len({each.source for each in shown}) == 1
    by, word = scale(max(each.high for each in shown))
    bars = [
        Bar(each.target if one else f"{each.source} to {each.target}", each.people, each.low, each.high,
            compact_range(FLOWS, each.people, each.low, each.high), GREEN)
        for each in shown
    ]  # fmt: skip
    axes = place.axes()
    rows(axes, bars, by)
    axes.set_xlabel(f"took it up [{word}people]")
    first = streams[0]
    where = listed([state_name(result.scenario, state, article=True) for state in states])
    lost = f"lost, or feared to lose, {first.source}" if one else "lost, or feared to lose, the first platform"
    said = f"People in {where} who took it up because they {lost}, over the run [{word}people]; lines: 80 % of members"
    left = len(streams) - len(shown)
    more = f"{left} smaller moves are not shown. " if left else ""
    notes = f"{more}A person who joins several counts at each, and may leave again."
    if surely_most([each.members for each in streams]) and names_winner(first.low, first.high):
        text = title("flows", result, number=number(first.people), source=first.source, target=first.target)
        notes = f"{notes} {only_some(first.members)}".rstrip()
    else:
        name = "flows_many" if len({each.source for each in streams}) == 1 else "flows_many_each"
        text = title(name, result, number=len({each.target for each in streams}), source=first.source)
    return Caption(text, said, notes)


def _states(result: Result) -> list[str]:
    """Return the states whose moves are drawn: those that act, else those that the run is about and move most.

    Who acts need not be who moves: an American ban on apps on Huawei's phones moves people where these phones are.
    """
    moves = {state: sum(each.people for each in _streams(result, [state])) for state in result.focus.states}
    concerned = {state for policy in result.scenario.policies for state in policy.concerns()}
    acting = [state for state in result.focus.states if state in concerned]
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
        if fewest_people(cell, result.members) >= MIN_PEOPLE:
            pair = np.stack([values(cell, result.members, arm) for arm in (BASELINE, POLICY)])
            sums.setdefault((cell.group, cell.platform), []).append(pair)
    found = []
    for (source, target), parts in sums.items():
        both = np.sum(parts, axis=0)
        middle = spread(both[0], both[1])
        if middle.effect is not None and middle.effect > 0:
            ends = middle.low or 0.0, middle.high or 0.0
            found.append(Stream(source, target, middle.effect, *ends, both[1] - both[0]))
    return sorted(found, key=lambda each: -each.people)


def _is_felt(result: Result, states: Sequence[str], streams: list[Stream]) -> bool:
    """Return whether of some platform a share of its first users turned elsewhere that is worth a chart."""
    if USERS not in result.metrics:
        return True
    axes, first = result.members[0][0].axes, result.members[0][0].arrays[USERS][0]
    held = [axes.states.index(state) for state in states]
    left: dict[str, float] = {}
    for each in streams:
        left[each.source] = left.get(each.source, 0.0) + each.people
    return any(
        people >= FELT * float(first[held, axes.platforms.index(source)].sum()) for source, people in left.items()
    )


# --- VPN --------------------------------------------------------------------------------------------------------------


@chart(
    title="VPN users",
    description="How many more people use a VPN or a like tool than without the policies, by country.",
    metrics=(VPN,),
)
def vpn_users(result: Result, place: Place) -> Caption:
    """Draw the difference between the arms in each state where it surely is one."""
    found = index(result)
    known = [(state, found.get(VPN, at, state=state)) for state in result.focus.states for at in ("end", "peak")]
    sure: dict[str, Row] = {}
    for state, row in known:
        if row is not None and is_sure(row):
            sure.setdefault(state, row)
    cells = {state: find(result, VPN, state=state) for state in sure}
    states = sorted((state for state in sure if cells[state] is not None), key=lambda state: -abs(effect(sure[state])))[
        :_STATES
    ]
    if not states:
        if any(row is not None and effect(row) for _, row in known):
            why = "In every country shown, the interval of the difference between the arms includes zero."
            return nothing(place, "no country surely has more or fewer VPN users", why, UNSURE)
        why = "On every day and in every country shown, as many people use a VPN as without the policies."
        return nothing(place, "as many people use a VPN", why)
    shown = [(state, curve(result, cell)) for state in states if (cell := cells[state]) is not None]
    names = {state: f"{state_name(result.scenario, state)}" for state in states}
    small_panels(place, result, [Panel(names[state], one) for state, one in shown], of_change=True)
    row, where = sure[states[0]], state_name(result.scenario, states[0], article=True)
    more = "more" if effect(row) >= 0 else "fewer"
    people = f" in {names[states[0]]}" if len(states) == 1 else ", by country"
    said = f"People with a VPN{people}, with the policies less without; {BAND}"
    notes = [SAID if any(observed_of(result, one.cell) for _, one in shown) else "", _members(result, shown[0][1])]
    had = effect(row, "baseline")
    notes.insert(0, f"Without the policies {number(had)} people in {where} have one." if had else "")
    return Caption(
        title("vpn_users", result, number=number(abs(effect(row))), more=more, where=where),
        said,
        " ".join(filter(None, notes)),
    )

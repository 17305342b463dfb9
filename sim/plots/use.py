"""Charts of use and money: who keeps, gains and loses users, where people move, who gets a VPN, and
which firms gain.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from ..metrics.registry import METRICS
from ..results import Result
from ..results.firms import Amount, FirmRow
from ..results.series import MIN_PEOPLE, cells_of, fewest_people, spread
from ..results.summary import Row, numbers_at
from ..text import findings
from ..text.finding_sentences import short_figure
from ..text.numbers import (
    brief,
    compact,
    compact_range,
    day,
    listed,
    number,
    percent,
    short_estimate,
    sized_state,
    state_name,
)
from ..text.reportable import (
    EVER,
    FELT,
    aimed,
    counted_at,
    effect,
    ends,
    index,
    is_felt,
    is_sure,
    movers,
    names_winner,
)
from ..text.tables import firms_shown, moves, range_text
from .marks import (
    BAND,
    Array,
    Bar,
    arms,
    change_of,
    curve,
    find,
    only_some,
    rows,
    scale,
    surely_most,
)
from .over_time import Panel, metric_over_time, most_panels, said_of_marks, small_panels
from .page import (
    BLUE,
    GREEN,
    ORANGE,
    PALE,
    PURPLE,
    VERMILLION,
    WIDTH,
    Caption,
    Place,
    nothing,
    title,
)
from .registry import chart

USERS = "active_users"
VPN = "vpn_users"
FLOWS = "flows"
_BARS = 6  # most bars on each side
_MAY = 4  # platforms that may gain, if no platform clearly does
# a smaller change would look like a flat line, so it has no panel [1] (assumption)
_SEEN = 0.03
_STREAMS = 8
_STATES = 4
# assumption: moves in acting states are drawn if they reach this part of another state's moves
_ELSEWHERE = 0.1
# the worst week is named if its loss is this many times the loss at the end (assumption)
_PASSED = 1.5
_COLOURS = {"US": BLUE, "CN": VERMILLION, "RU": PURPLE, "TR": GREEN}
# most letters of a firm's name, and most firms
_NAME = 28
_ROWS = 12
# a firm whose money changes by less than this part of the largest change has no row (assumption)
_PART = 0.01


def _key(row: Row) -> tuple[str, str]:
    return str(row["state"]), str(row["platform"])


def changed_use(result: Result) -> list[Row]:
    """Return the rows of daily users that clearly change: targets of the policies, then the largest
    changes.

    A row is about the last day, or about the worst week if the effect in it is much larger.
    """
    found = index(result)
    aims = aimed(result)
    chosen = list[Row]()
    for key in dict.fromkeys(map(_key, (*movers(result, "end"), *movers(result, "worst_week")))):
        rows = (found.get(USERS, at, *key) for at in ("end", "worst_week"))
        sure = [row for row in rows if row is not None and is_felt(row) and is_sure(row)]
        if sure:
            chosen.append(
                sure[-1] if abs(effect(sure[-1])) > _PASSED * abs(effect(sure[0])) else sure[0]
            )
    return sorted(chosen, key=lambda row: (_key(row) not in aims, -abs(effect(row))))


@chart(
    title="Daily users by platform",
    description="Daily users of each platform, with the policies and without (dotted). It shows "
    "the targets and the platforms that clearly change, each on its own scale.",
    metrics=(USERS,),
)
def active_users(result: Result, place: Place) -> Caption:
    """Draw small panels of daily users: the platforms of the question, and those that clearly
    change.
    """
    shown = changed_use(result)
    if not shown:
        return _same_use(result, place)
    aims = aimed(result)
    known = index(result)
    seen = [row for row in shown if abs(effect(row)) >= _SEEN * effect(row, "baseline")]
    seen += [row for row in shown if row not in seen and _key(row) in aims]
    seen = (seen or shown)[: most_panels(place)]
    states = {str(row["state"]) for row in seen}
    panels = []
    for row in seen:
        cell = find(result, USERS, state=str(row["state"]), platform=str(row["platform"]))
        if cell is not None:
            name = _named(result, *_key(row), several=len(states) > 1)
            panels.append(Panel(name, curve(result, cell), VERMILLION if effect(row) < 0 else BLUE))
    small_panels(place, result, panels)
    unsure = [
        pair
        for pair in aims
        if pair not in map(_key, shown) and known.get(USERS, "end", *pair) is not None
    ]
    rest = [
        (_key(row), abs(effect(row)) < _SEEN * effect(row, "baseline"))
        for row in shown
        if row not in seen
    ]
    notes = []
    for said, pairs in (
        ("No clear change", unsure),
        ("Further clear changes", [key for key, is_small in rest if not is_small]),
        (
            f"Clear changes below {percent(_SEEN)} of users",
            [key for key, is_small in rest if is_small],
        ),
    ):
        several = len({state for state, _ in (*map(_key, seen), *pairs)}) > 1
        names = [_named(result, *pair, several=several) for pair in pairs[:6]]
        notes += (
            [f"{said}, not drawn: {'; '.join(names) if several else listed(names)}."]
            if pairs
            else []
        )
    notes += [
        said_of_marks(result, [panel.shown for panel in panels]),
        only_some(_changes(result, seen[0])),
    ]
    where = f" in {sized_state(result, next(iter(states)))}" if len(states) == 1 else ""
    scales = "; each on its own scale" if len(panels) > 1 else ""
    said = f"People who used it that day{where}; dotted: without the policies{scales}; {BAND}"
    # The title agrees with the findings; for other platforms it gives the remaining share or the
    # gain.
    row = seen[0]
    where = state_name(result.scenario, str(row["state"]), article=True)
    one = next((each for each in findings.find(result) if _is_loss(each, row)), None)
    if one is not None:
        amount, interval = short_figure(result, one)
        name = "active_users_none" if amount == "100 %" else "active_users_lost"
        text = title(name, result, platform=one.platform, where=where, share=amount)
        return Caption(text, said, " ".join(filter(None, notes)), number=amount, interval=interval)
    was = effect(seen[0], "baseline")
    gains = effect(row) > 0 or not was
    kept = ends(row) if gains else [max(0.0, 1 + end / was) for end in ends(row)]
    amount, interval = short_estimate(USERS if gains else EVER, *kept)
    name = "active_users_none" if amount == "0 %" else "active_users"
    if row["at"] != "end":
        name = "active_users_worst"
    text = title(
        "gains_up_one" if gains else name,
        result,
        platform=row["platform"],
        where=where,
        share=amount,
        number=amount,
    )
    return Caption(text, said, " ".join(filter(None, notes)), number=amount, interval=interval)


def _is_loss(one: findings.Finding, row: Row) -> bool:
    """Return whether a finding is about the loss of users of a row's platform."""
    return one.kind == "platform" and (one.state, one.platform) == _key(row)


def _named(result: Result, state: str, platform: str, *, several: bool) -> str:
    """Return the name of a panel or a row, with the country if there are several."""
    return f"{platform}, {state_name(result.scenario, state)}" if several else platform


def _changes(result: Result, row: Row) -> Array:
    """Return the change in daily users of a row, on the last day or in its worst week, by seed,
    (M,) [persons].
    """
    cell = find(result, USERS, state=str(row["state"]), platform=str(row["platform"]))
    if cell is None:
        return np.zeros(len(result.members))
    without, given, *_ = numbers_at(METRICS[USERS], arms(result, cell), row["at"])  # type: ignore[arg-type]
    return np.nan_to_num(given - without)


def _same_use(result: Result, place: Place) -> Caption:
    """Write that no platform clearly changes, with the reason."""
    if any(abs(effect(row)) >= FELT * effect(row, "baseline") > 0 for row in movers(result)):
        return nothing(place, "active_users_unsure")
    return nothing(
        place, "active_users_few" if movers(result) else "active_users", share=percent(FELT)
    )


@chart(
    title="Users under a limit of age",
    description="Daily users under the age limit, with the policies and without (dotted), on the "
    "platforms that the law names and on the platforms that replace them.",
    metrics=(findings.YOUNG,),
)
def users_under_limit(result: Result, place: Place) -> Caption:
    """Draw small panels of people under a limit of age: the platforms that they leave, then the
    platforms that they turn to.
    """
    found = [one for one in findings.find(result) if one.metric and one.platform]
    left = [one for one in found if one.kind == "too_young"]
    if not left:
        return metric_over_time(result, place, findings.YOUNG)
    instead = [one for one in found if one.kind == "instead"]
    several = len({one.state for one in (*left, *instead)}) > 1
    panels = []
    for one in (*left, *instead):
        cell = find(result, findings.YOUNG, state=one.state, platform=one.platform)
        if cell is not None:
            name = _named(result, one.state, one.platform, several=several)
            panels.append(Panel(name, curve(result, cell), VERMILLION if one in left else BLUE))
    small_panels(place, result, panels)
    first = left[0]
    age = number(first.more["age"])
    share, ends_of_share = short_estimate(first.metric, first.value, first.low, first.high)
    text = title(
        "users_under_limit",
        result,
        platform=first.platform,
        where=state_name(result.scenario, first.state, article=True),
        share=share,
        age=age,
    )
    said = f"People under {age} who used it that day; dotted: without the policies; {BAND}"
    marks = said_of_marks(result, [panel.shown for panel in panels])
    return Caption(text, said, marks, number=share, interval=ends_of_share)


def winners(result: Result) -> list[Row]:
    """Return the rows of the platforms that clearly gain daily users, the largest gain first."""
    return [row for row in movers(result) if effect(row) > 0 and is_felt(row) and is_sure(row)]


def _colour_of(row: Row) -> str:
    """Return the colour of a gain or a loss."""
    return BLUE if effect(row) > 0 else VERMILLION


@chart(
    title="Who gains, who loses",
    description="Change in daily users by platform and country, with intervals, on the last day. "
    "If every policy has ended by then, the chart shows the week of the largest "
    "change.",
    metrics=(USERS,),
    of_metric=False,
    size=lambda result: (WIDTH, 5.0),
)
def gains(result: Result, place: Place) -> Caption:
    """Draw the platforms that clearly gain and lose most daily users; if none clearly gains, the
    platforms that may gain.
    """
    up = winners(result)
    down = [
        row for row in reversed(movers(result)) if effect(row) < 0 and is_felt(row) and is_sure(row)
    ]
    if not up and not down:
        return _same_use(result, place)
    hit = {row["state"] for row in down}
    rising = (
        row
        for row in movers(result)
        if row["state"] in hit and effect(row) > FELT * effect(row, "baseline")
    )
    may = [] if up else list(rising)[:_MAY]
    shown = [*up[:_BARS], *may, *reversed(down[:_BARS])]
    states = {str(row["state"]) for row in shown}
    by, word = scale(float(np.abs([ends(row) for row in shown]).max()))
    bars = [
        Bar(
            _named(result, *_key(row), several=len(states) > 1),
            ends(row),
            range_text(row),
            PALE if row in may else _colour_of(row),
        )
        for row in shown
    ]
    rows(place.axes(), bars, by, f"change [{word}people]")
    is_narrow = bool(up) and names_winner(effect(up[0], "low"), effect(up[0], "high"))
    alike = up if is_narrow or len(up) > 1 or not down else down
    changes = [_changes(result, row) for row in alike]
    is_named = surely_most(changes) and (alike is down or is_narrow)
    where = state_name(result.scenario, str(alike[0]["state"]), article=True)
    at = f" in {where}" if len({row["state"] for row in alike}) == 1 else ""
    if len(alike) == 1:
        how = "_wide" if alike is up and not is_narrow else "_one"
    else:
        how = "" if is_named else "_many"
    name = f"gains_{'down' if alike is down else 'up'}{how}"
    amount = _size_of(USERS, alike[0]) if is_named else str(len(alike))
    text = title(name, result, platform=alike[0]["platform"], where=where, number=amount, at=at)
    place_said = f" in {sized_state(result, next(iter(states)))}" if len(states) == 1 else ""
    when = "on the last day" if counted_at(result) == "end" else "in the week of the largest change"
    said = f"Daily users{place_said} {when}, with the policies less without [{word}people]; lines: 80 % intervals"
    unsure = "Pale: no clear gain, since the" if may else "Not shown: platforms whose"
    notes = f"{unsure} interval includes zero. {only_some(changes[0]) if is_named else ''}"
    return Caption(text, said, notes.rstrip())


def _size_of(metric: str, row: Row) -> str:
    """Return the size of the effect of a row, rounded according to its interval."""
    value, *interval = (abs(end) for end in ends(row))
    return short_estimate(metric, value, *sorted(interval))[0]


# --- where people turn ----------------------------------------------------------------------------


class Stream(NamedTuple):
    """People who went from one platform to another because of the policies, over the run [persons];
    (M,) by seed.
    """

    source: str
    target: str
    people: float
    low: float
    high: float
    members: Array


@chart(
    title="Who they turned to",
    description="People who joined a platform because they lost, or feared to lose, another, over"
    " the whole run.",
    metrics=(FLOWS,),
    size=lambda result: (WIDTH, 5.0),
)
def flows(result: Result, place: Place) -> Caption:
    """Draw the largest moves from platform to platform, with intervals."""
    states = _states(result)
    streams = [each for each in _streams(result, states) if each.low > 0]
    if not streams:
        return nothing(place, "flows")
    if not _is_felt(result, states, streams):
        return nothing(place, "flows_few", share=percent(FELT))
    shown = streams[:_STREAMS]
    sources = {each.source for each in streams}
    one = len({each.source for each in shown}) == 1
    by, word = scale(max(each.high for each in shown))
    bars = [
        Bar(target if one else f"{source} to {target}", ends, compact_range(FLOWS, *ends), GREEN)
        for source, target, *ends, _ in shown
    ]
    rows(place.axes(), bars, by, f"took it up [{word}people]")
    first = streams[0]
    left = len(streams) - len(shown)
    where = listed([state_name(result.scenario, state, article=True) for state in states])
    lost = f"lost, or feared to lose, {first.source if one else 'the first platform'}"
    said = f"People in {where} who took it up because they {lost}, over the run [{word}people]; lines: 80 % of seeds"
    more = f"{left} smaller moves are not shown. " if left else ""
    notes = f"{more}A person who joins several platforms counts at each, and may leave again."
    if surely_most([each.members for each in streams]) and names_winner(first.low, first.high):
        amount = short_estimate(FLOWS, first.people, first.low, first.high)[0]
        text = title("flows", result, number=amount, source=first.source, target=first.target)
        return Caption(text, said, f"{notes} {only_some(first.members)}".rstrip())
    name = "flows_many" if len(sources) == 1 else "flows_many_each"
    return Caption(
        title(name, result, number=len({each.target for each in streams}), source=first.source),
        said,
        notes,
    )


def _states(result: Result) -> list[str]:
    """Return the states whose moves are drawn: the acting states, else the states of the run with
    most moves.

    People may move elsewhere: an American ban on apps on Huawei's phones moves people where these
    phones are used.
    """
    moved = {
        state: sum(each.people for each in _streams(result, [state]))
        for state in result.focus.states
    }
    concerned = {state for policy in result.scenario.policies for state in policy.concerns()}
    acting = [state for state in result.focus.states if state in concerned]
    if acting and sum(moved[state] for state in acting) >= _ELSEWHERE * max(
        moved.values(), default=0.0
    ):
        return acting[:_STATES]
    ranked = sorted(moved, key=lambda state: -moved[state])[:_STATES]
    return [state for state in result.focus.states if state in ranked]


def _streams(result: Result, states: Sequence[str]) -> list[Stream]:
    """Return all streams, summed over the states, the largest first."""
    sums: dict[tuple[str, str], Array] = {}
    some = np.any([arm.arrays[FLOWS] != 0 for pair in result.members for arm in pair], axis=0)
    for cell in cells_of(FLOWS, result.members[0][0].axes, among=some):
        is_asked = cell.state in states and cell.group != cell.platform
        if is_asked and fewest_people(cell, result.members) >= MIN_PEOPLE:
            key = cell.group, cell.platform
            sums[key] = sums.get(key, 0.0) + np.stack(arms(result, cell))
    found = []
    for (source, target), both in sums.items():
        middle = spread(both[0], both[1])
        if middle.effect is not None and middle.effect > 0:
            ends = middle.low or 0.0, middle.high or 0.0
            found.append(Stream(source, target, middle.effect, *ends, both[1] - both[0]))
    return sorted(found, key=lambda each: -each.people)


def _is_felt(result: Result, states: Sequence[str], streams: list[Stream]) -> bool:
    """Return whether a large enough share of any platform's first users turned elsewhere."""
    if USERS not in result.metrics:
        return True
    axes = result.members[0][0].axes
    first = result.members[0][0].arrays[USERS][0]
    held = [axes.states.index(state) for state in states]
    return any(
        sum(each.people for each in streams if each.source == source)
        >= FELT * float(first[held, axes.platforms.index(source)].sum())
        for source in {each.source for each in streams}
    )


# --- VPN ------------------------------------------------------------------------------------------


@chart(
    title="VPN users",
    description="Additional users of a VPN or a similar tool because of the policies, by country.",
    metrics=(VPN,),
)
def vpn_users(result: Result, place: Place) -> Caption:
    """Draw the difference between the arms in each state with a clear difference."""
    found = index(result)
    known = [
        (state, found.get(VPN, at, state=state))
        for state in result.focus.states
        for at in ("end", "peak")
    ]
    sure: dict[str, Row] = {}
    for state, row in known:
        if row is not None and is_sure(row):
            sure.setdefault(state, row)
    ranked = sorted(sure, key=lambda state: -abs(effect(sure[state])))
    shown = {
        state: curve(result, cell)
        for state in ranked
        if (cell := find(result, VPN, state=state)) is not None
    }
    states = list(shown)[:_STATES]
    if not states:
        unsure = any(row is not None and effect(row) for _, row in known)
        return nothing(place, "vpn_users_unsure" if unsure else "vpn_users")
    panels = [Panel(state_name(result.scenario, state), shown[state]) for state in states]
    small_panels(place, result, panels, of_change=True)
    row = sure[states[0]]
    where = state_name(result.scenario, states[0], article=True)
    people = f" in {panels[0].name}" if len(states) == 1 else ", by country"
    had = effect(row, "baseline")
    notes = [f"Without the policies {number(had)} people in {where} have one." if had else ""]
    notes.append(said_of_marks(result, [panel.shown for panel in panels]))
    notes.append(only_some(change_of(result, VPN, state=states[0])[:, -1]))
    more = "more" if effect(row) >= 0 else "fewer"
    amount = _size_of(VPN, row)
    text = title("vpn_users", result, number=amount, more=more, where=where)
    said = f"People with a VPN{people}, with the policies less without; {BAND}"
    return Caption(text, said, " ".join(filter(None, notes)))


# --- money ----------------------------------------------------------------------------------------


@chart(
    title="Who gains money, by firm and home country",
    description="Change of revenue over the run, by firm, its home and the country of its users. "
    "Diamonds: all firms "
    "of a home country. Firms whose interval includes zero have no row.",
    metrics=("revenue", "minutes"),
    of_metric=False,
    size=lambda result: (WIDTH, 2.6 + 0.3 * min(_ROWS, max(4, len(firms_shown(result).firms) + 2))),
)
def firm_gains(result: Result, place: Place) -> Caption:
    """Draw the gains and losses of firms and home countries: money, or time if no money clearly
    changes.
    """
    for metric in ("revenue", "minutes"):
        result.need(metric)
    found = firms_shown(result)
    metric = "revenue" if any(moves(row.revenue) for row in found.firms) else "minutes"
    of: Callable[[FirmRow], Amount] = attrgetter(metric)
    sure = [row for row in (*found.firms, *found.homes) if moves(of(row))]
    if not sure:
        changed = any(
            not baseline.same_array(policy, name)
            for baseline, policy in result.members
            for name in ("minutes", "revenue")
        )
        return nothing(place, "firm_gains_unsure" if changed else "firm_gains")
    # The largest gain first, without rows that are small beside the largest change.
    ranked = sorted(sure, key=lambda row: -abs(of(row).change))
    shown = [row for row in ranked if abs(of(row).change) >= _PART * abs(of(ranked[0]).change)][
        :_ROWS
    ]
    shown.sort(key=lambda row: -of(row).change)
    by, word = scale(max(abs(end) for row in shown for end in (of(row).low, of(row).high)))
    bars = []
    for row in shown:
        home = brief(state_name(result.scenario, row.home, article=True))
        users = brief(state_name(result.scenario, row.users, article=True)) if row.firm else ""
        ends = (of(row).change, of(row).low, of(row).high)
        bars.append(
            Bar(
                f"{short_name(row.firm)}, in {users}" if row.firm else f"All firms of {home}",
                ends,
                compact_range(metric, *ends),
                _COLOURS.get(row.home, ORANGE),
                "o" if row.firm else "D",
            )
        )
    unit = "US$" if metric == "revenue" else "minutes a day"
    rows(place.axes(), bars, by, f"change [{word}{unit}]")
    what = "Revenue over the run" if metric == "revenue" else f"Time on {day(result.dates[-1])}"
    said = f"{what}, with the policies less without [{word}{unit}]; lines: 80 % intervals"
    notes = "Diamonds: all firms of a home country, everywhere; dots: firms, by the country of their users."
    # The title is about the firms of the acting country, else of the country with the largest
    # change, else about one firm.
    homes = {row.home: row for row in shown if not row.firm}
    acting = [state for policy in result.scenario.policies for state in policy.by if state in homes]
    if metric == "revenue" and homes:
        home = acting[0] if acting else max(homes, key=lambda code: abs(homes[code].revenue.change))
        change = homes[home].revenue.change
        who = state_name(result.scenario, home, article=True)
        name = "firm_gains_up" if change > 0 else "firm_gains_lose"
    else:
        most = max(
            (row for row in shown if row.firm),
            key=lambda row: abs(of(row).change),
            default=shown[0],
        )
        change = of(most).change
        who = (
            short_name(most.firm)
            or f"Firms of {state_name(result.scenario, most.home, article=True)}"
        )
        name = "firm_gains_up_one" if change > 0 else "firm_gains_down"
    text = title(
        name if metric == "revenue" else "firm_gains_time",
        result,
        home=who,
        firm=who,
        number=compact(metric, abs(change)),
    )
    return Caption(text, said, notes)


def short_name(firm: str) -> str:
    """Return the short name of a firm: without brackets or, if too long, cut with an ellipsis."""
    plain = firm if len(firm) <= _NAME else firm.partition(" (")[0]
    first, *rest = textwrap.wrap(plain, _NAME - 1) if len(plain) > _NAME else [plain]
    return f"{first}…" if rest else first

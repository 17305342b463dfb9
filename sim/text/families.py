"""Contact with families in words: who lost it, when, for how long, and how it came back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..core.groups import families_of, is_diaspora, is_family
from ..metrics.registry import WAYS
from ..results.stats import WEEK as STRETCH
from ..results.stats import weekly
from ..results.summary import share_back
from .asked import nobody
from .numbers import WAY_WORDS, counted, day, group_name, listed, number, percent
from .reportable import (
    DAYS_EACH,
    EVER,
    EVER_PEOPLE,
    FEWEST_CASES,
    LEAST,
    LOST,
    LOST_DAYS,
    LOST_PEOPLE,
    MONTH,
    WEEK,
    any_lost,
    cases,
    effect,
    family_groups,
    index,
    main_groups,
    people_hit,
    range_text,
)

if TYPE_CHECKING:
    from ..results.result import Result

SAME_TIME = 14
"""Members whose worst weeks end within so many days have them at one time [days] (assumption)."""


def found(result: Result) -> Iterator[str]:
    """Yield the outcome for the groups hit most, for the first one in full; or that nobody lost contact."""
    groups = main_groups(result) or family_groups(result, 1)
    if not groups:
        yield _in_some_members(result) or _nobody(result)
    for i, group in enumerate(groups):
        yield from _contact(result, group, with_details=i == 0)


def of_group(result: Result, group: str) -> Iterator[str]:
    """Yield what became of one group's contact with its family, one sentence each; any group will do."""
    yield from _contact(result, group, with_details=True)


def lost(result: Result) -> bool:
    """Return whether a group lost contact, in some members at least."""
    return bool(main_groups(result) or family_groups(result, 1) or _in_some_members(result))


def _in_some_members(result: Result) -> str:
    """Return the loss that fewer than half of the members see, whose middle is zero; empty where none does."""
    if EVER_PEOPLE not in result.metrics:
        return ""
    groups = [group for group in result.focus.groups if is_diaspora(group)]
    lost = {group: by_member(result, EVER_PEOPLE, group) for group in groups}
    seen = {g: sorted(p for p in people if cases(result, g, p) >= FEWEST_CASES) for g, people in lost.items()}
    group = max(groups, key=lambda g: sum(seen[g]), default="")
    if not group or not seen[group]:
        return ""
    some, all_of = seen[group], counted(len(result.members))
    count = number(some[0]) if number(some[0]) == number(some[-1]) else f"{number(some[0])} to {number(some[-1])}"
    return (
        f"In {len(some)} of {all_of} {count} {group_name(result.scenario, group)} lose every platform channel to "
        "their family at some time; in the others nobody does."
    )


def _nobody(result: Result) -> str:
    """Return the sentence for a run in which no group lost contact, or too few people to say so."""
    few = FEWEST_CASES - 1
    return nobody(result, f" (no more than {few} simulated people of any group do)" if any_lost(result) else "")


def _contact(result: Result, group: str, *, with_details: bool) -> Iterator[str]:
    """Yield what became of one group's contact with its family: over the run first, the worst week last."""
    if EVER in result.metrics or EVER_PEOPLE in result.metrics:
        yield f"{_ever(result, group, _who(result, group))}{_spared(result, group)}."
    if not with_details:
        return
    yield from _days(result, group)
    yield from _return(result, group)
    yield from _other_end(result, group)
    yield from _worst_week(result, group)


def _who(result: Result, group: str) -> str:
    """Return whom the shares of a group are of."""
    return f"{group_name(result.scenario, group)} who have a platform channel to {_whom(group)}"


def _whom(group: str) -> str:
    return "the family member abroad" if is_family(group) else "their family"


def _ever(result: Result, group: str, who: str) -> str:
    """Return how many of a group ever lose every channel, and for a week or a month in a row."""
    found = index(result)
    ever, people, week, month = (found.get(name, "total", group=group) for name in (EVER, EVER_PEOPLE, WEEK, MONTH))
    count = f"{range_text(people)} people" if people is not None else ""
    if ever is None:
        text = f"{count}, of {who}, lose every one at some time"
    else:
        text = f"{range_text(ever)} of {who} lose every one at some time{f': {count}' if count else ''}"
    longer = [(week, "7 days"), (month, "30 days")]
    parts = [f"{range_text(row)} for {days} in a row or more" for row, days in longer if row is not None]
    return f"{text}; {listed(parts)}" if parts else text


def _days(result: Result, group: str) -> Iterator[str]:
    """Yield the days without a channel, of each member and of all of them."""
    found = index(result)
    each, total = found.get(DAYS_EACH, "total", group=group), found.get(LOST_DAYS, "total", group=group)
    parts = []
    if each is not None and effect(each):
        parts.append(f"{range_text(each)} days without a platform channel for each of them")
    if total is not None and effect(total):
        rest = "in all" if parts else "without a platform channel"
        parts.append(f"{range_text(total)} person-days {rest}")
    if parts:
        yield f"Over the whole run that is {', '.join(parts)}."


def by_member(result: Result, metric: str, group: str) -> list[float]:
    """Return the effect on a group over the run in each member, in the order of the seeds."""
    g = result.members[0][0].axes.groups.index(group)
    pairs = [[np.nan_to_num(arm.arrays[metric][-1, g]) for arm in pair] for pair in result.members]
    return [float(policy - baseline) for baseline, policy in pairs]


def _spared(result: Result, group: str) -> str:
    """Return the number of members in which nobody of a group loses contact; empty if there is none."""
    metric, members = EVER if EVER in result.metrics else EVER_PEOPLE, len(result.members)
    spared = sum(size <= LEAST for size in by_member(result, metric, group))
    return f"; in {spared} of {counted(members)} nobody does" if spared else ""


def _other_end(result: Result, group: str) -> Iterator[str]:
    """Yield the outcome for a diaspora's families, who are more people; nothing for a group of families."""
    if not is_diaspora(group):
        return
    family, found = families_of(group), index(result)
    if family in result.focus.groups and EVER in result.metrics:
        if cases(result, family, people_hit(result, found, family)) >= FEWEST_CASES:
            yield f"Of the families left behind, {_ever(result, family, 'those who have a platform channel to them')}."


def _worst_week(result: Result, group: str) -> Iterator[str]:
    """Yield the mean of the worst seven days, and what is left on the last day."""
    found = index(result)
    for metric, what in ((LOST, ""), (LOST_PEOPLE, " people")):
        worst, end = (found.get(metric, at, group=group) for at in ("worst_week", "end"))
        if worst is None:
            continue
        of = f" of {_who(result, group)}" if EVER not in result.metrics else ""
        days = min(STRETCH, len(result.dates))
        when = f"In the worst {days} days{_when(result, metric, group)}" if days > 1 else "On the day of the run"
        last = f"; on the last day, {day(result.dates[-1])}, {range_text(end)}" if days < len(result.dates) else ""
        mean = "a mean of " if days > 1 else ""
        yield f"{when} {mean}{range_text(worst)}{what}{of} have none{last}."
        return


def _when(result: Result, metric: str, group: str) -> str:
    """Return when a group's worst week ends: the day of the middle member, or from when to when the members' do."""
    axes, found = result.members[0][0].axes, []
    g = axes.groups.index(group)
    for pair in result.members:
        without, given = (weekly(arm.arrays[metric][None, :, g]) for arm in pair)
        change = np.abs(np.nan_to_num(given - without))[0]
        if change.max() > LEAST:
            found.append(axes.dates[int(change.argmax())])
    if not found:
        return ""
    first, middle, last = min(found), sorted(found)[(len(found) - 1) // 2], max(found)
    if (dt.date.fromisoformat(last) - dt.date.fromisoformat(first)).days <= SAME_TIME:
        return f" (to {day(middle)})"
    return f" (they end between {day(first)} and {day(last)}, by member)"


def _return(result: Result, group: str) -> Iterator[str]:
    """Yield how many of a group's ties came back, and by what way."""
    if "reconnected" not in result.metrics:
        return
    found = index(result)
    ways = [(way, found.get("reconnected", "end", platform=way, group=group)) for way in WAYS]
    came = [(way, row) for way, row in ways if effect(row) > LEAST]
    if not came:
        yield "No tie came back."
        return
    parts = [f"{range_text(row)} {WAY_WORDS[way]}" for way, row in sorted(came, key=lambda pair: -effect(pair[1]))]
    back = share_back(result, group)
    share = f" {percent(back)} of those that had been cut," if back is not None else ""
    days = effect(found.get("days_to_reconnect", "total", group=group), "policy")
    median = f"; half were back within {days:.0f} day{'s' * (days >= 1.5)}" if days > 0 else ""
    yield f"Ties that came back:{share} {listed(parts)}{median}."

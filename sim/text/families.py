"""What became of contact with families, in words: who lost it, when, for how long, and how it came back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.groups import families_of, is_diaspora, is_family
from sim.metrics.registry import WAYS
from sim.text.numbers import WAY_WORDS, counted, day, group_name, listed, number, percent
from sim.text.reportable import (
    FEWEST_CASES,
    LEAST,
    LOST,
    LOST_DAYS,
    LOST_PEOPLE,
    any_lost,
    cases,
    effect,
    family_groups,
    index,
    main_groups,
    range_text,
)

if TYPE_CHECKING:
    from sim.results.result import Result

SAME_TIME = 14
"""Members whose peaks lie within so many days have theirs at one time [days] (assumption)."""


def found(result: Result) -> Iterator[str]:
    """Yield what became of the groups hit most, the first of them in full; or that nobody lost contact."""
    groups = main_groups(result) or family_groups(result, 1)
    if not groups:
        yield _in_some_members(result) or _nobody(result)
    for i, group in enumerate(groups):
        yield from _contact(result, group, with_details=i == 0)


def _in_some_members(result: Result) -> str:
    """Return the loss that fewer than half of the members see, whose middle is nought; empty where none does."""
    if LOST_PEOPLE not in result.metrics:
        return ""
    groups = [group for group in result.focus.groups if is_diaspora(group)]
    lost = {group: [people for _, people in peaks(result, group)] for group in groups}
    seen = {g: sorted(p for p in people if cases(result, g, p) >= FEWEST_CASES) for g, people in lost.items()}
    group = max(groups, key=lambda g: sum(seen[g]), default="")
    if not group or not seen[group]:
        return ""
    some, all_of = seen[group], counted(len(result.members))
    count = number(some[0]) if number(some[0]) == number(some[-1]) else f"{number(some[0])} to {number(some[-1])}"
    return (
        f"In {len(some)} of {all_of} {count} {group_name(result.scenario, group)} have lost every platform channel to "
        "their family at the peak; in the others nobody is seen to."
    )


def _nobody(result: Result) -> str:
    """Return the sentence for a run in which no group lost contact, or too few people to tell."""
    if any_lost(result):
        few = FEWEST_CASES - 1
        seen = f"never more than {few} simulated people of one group at once"
        return f"No group is seen to lose contact with its family: {seen}."
    return "Nobody in a diaspora, and no family at home, lost contact with the other end."


def _contact(result: Result, group: str, *, with_details: bool) -> Iterator[str]:
    """Yield what became of one group's contact with its family."""
    found = index(result)
    peak, people = found.get(LOST, "peak", group=group), found.get(LOST_PEOPLE, "peak", group=group)
    whom = "the family member abroad" if is_family(group) else "their family"
    what = f"have lost every platform channel to {whom}"
    share = f"{range_text(peak)} of those who had one" if peak else ""
    if people:
        told = f"{range_text(people)} {group_name(result.scenario, group)} {what}{f': {share}' if share else ''}"
    else:
        who = group_name(result.scenario, group)
        told = f"{range_text(peak)} of {who} who had a platform channel to {whom} have lost every one"
    yield f"At the peak, {_when(result, group)}, {told}{_spared(result, group)}."
    if not with_details:
        return
    end = found.get(LOST, "end", group=group)
    if end is not None:
        yield f"On the last day, {day(result.dates[-1])}, it is {range_text(end)}."
    total = found.get(LOST_DAYS, "total", group=group)
    if total is not None and effect(total):
        yield f"Over the whole run that is {range_text(total)} person-days without a platform channel."
    yield from _return(result, group)
    yield from _other_end(result, group)


def peaks(result: Result, group: str) -> list[tuple[str, float]]:
    """Return (day, size) of each member's peak, by day; of a member in which nobody loses contact, none.

    The size is in people where the run measures them, else a share.
    """
    metric = LOST_PEOPLE if LOST_PEOPLE in result.metrics else LOST
    axes, found = result.members[0][0].axes, []
    g = axes.groups.index(group)
    for baseline, policy in result.members:
        change = np.abs(np.nan_to_num(policy.arrays[metric][:, g] - baseline.arrays[metric][:, g]))
        if change.max() > LEAST:
            found.append((axes.dates[int(change.argmax())], float(change.max())))
    return sorted(found)


def _when(result: Result, group: str) -> str:
    """Return when the loss of a group is at its peak: the day of the middle member, or from when to when they are."""
    days = [date for date, _ in peaks(result, group)]
    if not days:
        return "on no day"
    first, middle, last = days[0], days[(len(days) - 1) // 2], days[-1]
    if (dt.date.fromisoformat(last) - dt.date.fromisoformat(first)).days <= SAME_TIME:
        return f"on {day(middle)}"
    return f"which comes between {day(first)} and {day(last)} by member"


def _spared(result: Result, group: str) -> str:
    """Return in how many members nobody of a group loses contact, where it is not none."""
    members = len(result.members)
    spared = members - len(peaks(result, group))
    return f"; in {spared} of {counted(members)} nobody has" if spared else ""


def _other_end(result: Result, group: str) -> Iterator[str]:
    """Yield what became of a diaspora's families, who are more people than it is; nothing for a group of families."""
    if not is_diaspora(group):
        return
    family = families_of(group)
    people = index(result).get(LOST_PEOPLE, "peak", group=family)
    if cases(result, family, effect(people)) >= FEWEST_CASES and people is not None:
        share = index(result).get(LOST, "peak", group=family)
        part = f", {range_text(share)} of those who had one" if share else ""
        yield (
            f"Of the families left behind, {range_text(people)} people{part}, had no platform channel to them at the "
            f"peak, {_when(result, family)}."
        )


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
    ever = effect(found.get("ties_ever_out", "end", group=group))
    back = sum(effect(row) for _, row in came)
    share = f" {percent(min(1.0, back / ever))} of those that had been cut," if ever > LEAST else ""
    days = effect(found.get("days_to_reconnect", "total", group=group), "policy")
    median = f"; half were back within {days:.0f} day{'s' * (days >= 1.5)}" if days > 0 else ""
    yield f"Ties that came back:{share} {listed(parts)}{median}."

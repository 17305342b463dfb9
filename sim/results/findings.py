"""What a run found, in words: the same sentences open the terminal summary, the report and the notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from sim.metrics.registry import WAYS
from sim.results import money, routes, states
from sim.results.cells import is_diaspora, is_family
from sim.results.rows import Row
from sim.results.words import (
    day,
    group_name,
    number,
    percent,
    state_name,
    with_range,
)

if TYPE_CHECKING:
    from sim.results.result import Result

LOST, LOST_PEOPLE, LOST_DAYS = "family_contact_lost", "family_contact_lost_people", "contact_days_lost"
MAIN_GROUPS = 3
FEWEST_CASES = 3
"""A group is named as one that lost contact from this many simulated people on; fewer may be chance."""
FELT = 0.001
"""A platform is named as one that loses users from this share of them on."""
PASSED = 2.0
"""A loss is told as it was at its worst where that is so many times what is left of it on the last day."""
NOISE = 0.001
"""Platforms that move by less than this share of the largest move are not listed."""
_LEAST = 1e-12  # effects smaller than this are rounding, not an effect


@dataclass(frozen=True)
class Index:
    """The rows of a summary by what they are about."""

    rows: dict[tuple[str, str, str, str, str], Row]

    def get(self, metric: str, at: str, state: str = "", platform: str = "", group: str = "") -> Row | None:
        """Return one row, or None when the summary does not hold it."""
        return self.rows.get((metric, state, platform, group, at))


def index(result: Result) -> Index:
    """Return the rows of a result by metric, state, platform, group and point in time."""
    keys = ("metric", "state", "platform", "group", "at")
    return Index({tuple(str(row[key]) for key in keys): row for row in result.rows()})  # type: ignore[misc]


def effect(row: Row | None, column: str = "effect") -> float:
    """Return a number of a row; nought when there is no row or it is not defined."""
    value = row[column] if row is not None else None
    return float(value) if isinstance(value, int | float) else 0.0


def range_text(row: Row | None, *, sign: float = 1.0) -> str:
    """Return the effect of a row with its interval, in words; with sign -1 a fall is a positive number."""
    if row is None:
        return "not defined"
    numbers = [None if row[key] is None else effect(row, key) * sign for key in ("effect", "low", "high")]
    middle, low, high = numbers if sign > 0 else (numbers[0], numbers[2], numbers[1])
    return with_range(str(row["metric"]), middle, low, high)


def nothing_changed(result: Result) -> bool:
    """Return whether the two arms are the same on every day, for every measure, in every member."""
    return all(
        np.array_equal(baseline.arrays[name], policy.arrays[name], equal_nan=True)
        for baseline, policy in result.members
        for name in baseline.arrays
    )


def main_groups(result: Result, n: int = MAIN_GROUPS) -> list[str]:
    """Return the diaspora groups that lose most contact with their families, the most people first."""
    found = index(result)
    sizes = {
        group: effect(found.get(LOST_PEOPLE, "peak", group=group)) or effect(found.get(LOST, "peak", group=group))
        for group in result.focus.groups
        if is_diaspora(group)
    }
    touched = [group for group, size in sizes.items() if cases(result, group, size) >= FEWEST_CASES]
    return sorted(touched, key=lambda group: -sizes[group])[:n]


def cases(result: Result, group: str, people: float) -> float:
    """Return how many simulated people a number of real ones of a group is made of."""
    baseline = result.members[0][0]
    real, simulated = baseline.real.get(group, 0.0), baseline.cells.get(group, 0)
    return people * simulated / real if real else 0.0


def family_groups(result: Result, n: int = MAIN_GROUPS) -> list[str]:
    """Return the groups of families at home that lose most contact, the most people first."""
    found = index(result)
    sizes = {g: effect(found.get(LOST_PEOPLE, "peak", group=g)) for g in result.focus.groups if is_family(g)}
    touched = [g for g, size in sizes.items() if cases(result, g, size) >= FEWEST_CASES]
    return sorted(touched, key=lambda group: -sizes[group])[:n]


def movers(result: Result, at: str = "end") -> list[Row]:
    """Return the rows of daily users whose effect is not nought, the largest gain first; ripples are left out."""
    rows = [row for row in result.rows() if row["metric"] == "active_users" and row["at"] == at]
    least = max(_LEAST, NOISE * max((abs(effect(row)) for row in rows), default=0.0))
    return sorted((row for row in rows if abs(effect(row)) > least), key=lambda row: -effect(row))


def headline(result: Result) -> list[str]:
    """Return what the run found, one sentence each, the most important first."""
    if nothing_changed(result):
        if not result.scenario.policies and not any(policy.decisions for _, policy in result.members):
            return ["There are no policies: both worlds are the same.", *states.level(result)]
        return [
            "Nothing changed: on every day and by every measure the world with the policies is the world without them."
        ]
    sentences = list(states.found(result))
    if {LOST, LOST_PEOPLE} & set(result.metrics):
        groups = main_groups(result) or family_groups(result, 1)
        if not groups:
            sentences.append(_nobody(result))
        for i, group in enumerate(groups):
            sentences.extend(_contact(result, group, with_details=i == 0))
    sentences.extend(routes.found(result))
    sentences.extend(money.found(result))
    sentences.extend(_use(result))
    return sentences or ["What changed is smaller than these measures show: see the summary."]


def any_lost(result: Result) -> bool:
    """Return whether anybody lost contact with the family on any day, however few they are."""
    lost = [row for row in result.rows() if row["metric"] == LOST_PEOPLE and row["at"] == "peak"]
    return any(abs(effect(row)) > _LEAST for row in lost)


def _nobody(result: Result) -> str:
    """Return the sentence for a run in which no group lost contact, or too few people to tell."""
    if any_lost(result):
        few = FEWEST_CASES - 1
        return (
            f"No group is seen to lose contact with its family: never more than {few} simulated people of one at once."
        )
    return "Nobody in a diaspora, and no family at home, lost contact with the other end."


def _contact(result: Result, group: str, *, with_details: bool) -> Iterator[str]:
    """Yield what became of one group's contact with its family."""
    found = index(result)
    peak, people = found.get(LOST, "peak", group=group), found.get(LOST_PEOPLE, "peak", group=group)
    main = peak or people
    share = f"{range_text(peak)} of {group_name(result.scenario, group)}" if peak else ""
    count = f"{range_text(people)} people" if people else ""
    if share and count:
        share += f" - {count} -"
    what = share or f"{count} among {group_name(result.scenario, group)}"
    date = day(str(main["date"]) if main and main["date"] else None)
    whom = "the family member abroad" if is_family(group) else "their family"
    yield f"At the peak, on {date}, {what} have lost every platform channel to {whom}."
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


def _other_end(result: Result, group: str) -> Iterator[str]:
    """Yield what became of a diaspora's families, who are more people than it is."""
    family = f"family:{group}"
    people = index(result).get(LOST_PEOPLE, "peak", group=family)
    if cases(result, family, effect(people)) >= FEWEST_CASES and people is not None:
        share = index(result).get(LOST, "peak", group=family)
        date = day(str(people["date"]) if people["date"] else None)
        part = f"{range_text(share)} - {range_text(people)} people -" if share else f"{range_text(people)} people"
        yield f"Of the families left behind, {part} had no platform channel to them at the peak, on {date}."


def _return(result: Result, group: str) -> Iterator[str]:
    """Yield how many of a group's ties came back, and by what way."""
    if "reconnected" not in result.metrics:
        return
    found = index(result)
    ways = [(way, found.get("reconnected", "end", platform=way, group=group)) for way in WAYS]
    came = [(way, row) for way, row in ways if effect(row) > _LEAST]
    if not came:
        yield "No tie came back."
        return
    listed = {
        "access back": "directly on a platform they had before",
        "VPN": "by VPN",
        "substitute": "by a substitute",
        "bridge": "by a bridge between messengers",
    }
    parts = [f"{range_text(row)} {listed[way]}" for way, row in sorted(came, key=lambda pair: -effect(pair[1]))]
    joined = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    ever = effect(found.get("ties_ever_out", "end", group=group))
    back = sum(effect(row) for _, row in came)
    share = f" {percent(min(1.0, back / ever))} of those that had been cut," if ever > _LEAST else ""
    days = effect(found.get("days_to_reconnect", "total", group=group), "policy")
    median = f"; half were back within {days:.0f} day{'s' * (days >= 1.5)}" if days > 0 else ""
    yield f"Ties that came back:{share} {joined}{median}."


def _use(result: Result) -> Iterator[str]:
    """Yield which platform gained and which lost most daily users, or that those aimed at kept theirs."""
    if "active_users" not in result.metrics:
        return
    rows = movers(result)
    gains = [row for row in rows[:1] if effect(row) > 0 and is_felt(row)]
    losses = [row for row in reversed(rows) if effect(row) < 0 and is_felt(row)]
    worst = next((row for row in reversed(movers(result, "peak")) if effect(row) < 0 and is_felt(row)), None)
    if worst and (not losses or effect(worst) < PASSED * effect(losses[0])):
        yield from _passed(result, worst)
    elif losses:
        yield f"{_where(result, losses[0])} loses most: {_fall(losses[0])} on the last day."
    else:
        yield from _kept(result)
    if gains:
        yield f"{_where(result, gains[0])} gains most: {range_text(gains[0])} daily users."
    if not rows:
        yield "On the last day every platform has the daily users it would have had anyway."


def is_felt(row: Row) -> bool:
    """Return whether a platform loses, or gains, a share of its users that is worth a sentence."""
    return abs(effect(row)) > _LEAST and abs(effect(row)) >= FELT * effect(row, "baseline")


def _fall(row: Row) -> str:
    """Return how many of its daily users a platform loses; that it is all of them where none are left."""
    had = effect(row, "baseline")
    if not had:
        return f"{range_text(row, sign=-1)} daily users"
    lost = "all" if effect(row, "policy") <= _LEAST else range_text(row, sign=-1)
    return f"{lost} of its {number(had)} daily users"


def _passed(result: Result, worst: Row) -> Iterator[str]:
    """Yield a loss that is over, or nearly, on the last day."""
    date = day(str(worst["date"]) if worst["date"] else None)
    end = index(result).get("active_users", "end", state=str(worst["state"]), platform=str(worst["platform"]))
    left = f"{number(-effect(end))} fewer than without" if effect(end) < 0 else "as many as without, or more"
    yield (
        f"{_where(result, worst)} loses most: at the worst, on {date}, {_fall(worst)}; on the last day it has {left}."
    )


def _kept(result: Result) -> Iterator[str]:
    """Yield that the first platform a policy aims at keeps its users, where it does."""
    found = index(result)
    for policy in result.scenario.policies:
        for state, platform in product(policy.by, policy.targets):
            row = found.get("active_users", "end", state=state, platform=platform)
            if row is not None and abs(effect(row)) < FELT * effect(row, "baseline"):
                yield f"{_where(result, row)} keeps its users: {number(effect(row, 'baseline'))} a day."
                return


def _where(result: Result, row: Row) -> str:
    """Return ``WeChat in the United States``."""
    return f"{row['platform']} in {state_name(result.scenario, str(row['state']), article=True)}"

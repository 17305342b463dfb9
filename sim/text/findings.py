"""The findings of a run in words; the terminal summary, the report and the notebook begin with these sentences."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from ..results.summary import Row
from . import asked, connectivity, families, firms, money, routes, skill, states
from .numbers import day, listed, number, state_name
from .reportable import (
    EVER,
    EVER_PEOPLE,
    FELT,
    LEAST,
    LOST,
    LOST_PEOPLE,
    effect,
    index,
    is_felt,
    movers,
    nothing_changed,
    range_text,
)

if TYPE_CHECKING:
    from ..results.result import Result

PASSED = 1.5
"""A loss is reported at its worst where that is so many times what is left of it on the last day (assumption)."""
OWN_GAIN, PART_OF_LOSS = 0.01, 0.1
"""A gain is reported from this share of the platform's own users on, or of the largest loss (assumption)."""
ALIKE = 0.75
"""Gains of at least this share of the largest are reported beside it: which comes first may be chance (assumption)."""
_MOST_ALIKE = 3


def headline(result: Result) -> list[str]:
    """Return what the run found, one sentence each, the most important first."""
    if nothing_changed(result):
        if not result.scenario.policies and not any(policy.decisions for _, policy in result.members):
            return ["There are no policies: both worlds are the same.", *states.level(result)]
        same = (
            "Nothing changed: on every day and by every metric the world with the policies is the world without them."
        )
        return [same, *asked.diasporas(result), *asked.targets(result)]
    sentences = list(states.found(result))
    sentences.extend(connectivity.found(result))
    measured = bool({EVER, EVER_PEOPLE, LOST, LOST_PEOPLE} & set(result.metrics))
    # A finding that nothing happened to families comes after those about changes.
    later = measured and not families.lost(result) and felt_movers(result)
    if measured and not later:
        sentences.extend(families.found(result))
    if not connectivity.leads(result):
        sentences.extend(routes.found(result))
    sentences.extend(money.found(result))
    sentences.extend(firms.found(result))
    sentences.extend(_use(result))
    # The headline must not begin with a platform that has little to lose.
    sentences.extend(firms.unhurt(result))
    if later:
        sentences.extend(families.found(result))
    if sentences and not any(states.decided(result)) and any(policy.decisions for _, policy in result.members):
        sentences.append(skill.note(name for name in result.scenario.behaviour.on if name == skill.PLATFORMS))
    sentences = [sentence for sentence in sentences if sentence]
    if sentences:
        sentences.extend((*asked.diasporas(result), *asked.targets(result)))
    return sentences or ["The changes are smaller than these metrics show: see the summary."]


def _use(result: Result) -> Iterator[str]:
    """Yield which platform gained and which lost most daily users, or that those aimed at kept theirs."""
    if "active_users" not in result.metrics:
        return
    rows = movers(result)
    losses = [row for row in reversed(rows) if effect(row) < 0 and is_felt(row)]
    worst = _worst(result)
    most = max((-effect(row) for row in (*rows, worst) if row is not None), default=0.0)
    gains = [row for row in rows if effect(row) > 0 and is_felt(row) and _is_gain(row, most)]
    if worst and (not losses or effect(worst) < PASSED * effect(losses[0])):
        yield from _passed(result, worst)
    elif losses:
        yield f"{_where(result, losses[0])} loses most: {_fall(losses[0])} on the last day."
    else:
        yield from _kept(result)
    if gains:
        yield from _gain(result, gains)
    if not rows:
        yield "On the last day every platform has the daily users it would have had anyway."


def _worst(result: Result) -> Row | None:
    """Return the loss of daily users that is largest at its worst, where it is felt."""
    return next((row for row in reversed(movers(result, "peak")) if effect(row) < 0 and is_felt(row)), None)


def felt_movers(result: Result) -> bool:
    """Return whether a platform surely gains or loses daily users, on the last day or at the worst."""
    return _worst(result) is not None or any(is_felt(row) for row in movers(result))


def _is_gain(row: Row, lost: float) -> bool:
    """Return whether a gain is one for the platform, or takes in a good part of what another lost."""
    return effect(row) >= OWN_GAIN * effect(row, "baseline") or 0.0 < PART_OF_LOSS * lost <= effect(row)


def _gain(result: Result, gains: list[Row]) -> Iterator[str]:
    """Yield which platform gains most, and which others there gain about as much."""
    first, *others = gains
    had = f", on top of {number(effect(first, 'baseline'))}" if effect(first, "baseline") else ""
    yield f"{_where(result, first)} gains most: {range_text(first)} daily users{had}."
    alike = [r for r in others if r["state"] == first["state"] and effect(r) >= ALIKE * effect(first)]
    if alike:
        names = [f"{row['platform']} ({number(effect(row))})" for row in alike[:_MOST_ALIKE]]
        yield f"About as much there: {listed(names)}."


def _fall(row: Row) -> str:
    """Return how many of its daily users a platform loses; that it is all of them where none are left."""
    had = effect(row, "baseline")
    if not had:
        return f"{range_text(row, sign=-1)} daily users"
    lost = "all" if effect(row, "policy") <= LEAST else range_text(row, sign=-1)
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
            fact = result.scenario.facts.platforms.get(platform)
            if fact is not None and fact.home == state:
                continue  # a policy of a state against its own platforms is aimed at people elsewhere
            if row is not None and abs(effect(row)) < FELT * effect(row, "baseline"):
                yield f"{_where(result, row)} keeps its users: {number(effect(row, 'baseline'))} a day."
                return


def _where(result: Result, row: Row) -> str:
    """Return ``WeChat in the United States``."""
    return f"{row['platform']} in {state_name(result.scenario, str(row['state']), article=True)}"

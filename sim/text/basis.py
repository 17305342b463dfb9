"""The basis of the numbers of a run, in words: its status, its members, the people it simulates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..facts.record import read_posterior
from ..results.stats import FEW_MEMBERS
from ..scenario.draws import drawn_names
from .asked import knowledge
from .numbers import STATUS, capital, group_name, number, percent
from .reportable import (
    EVER,
    LOST,
    effect,
    family_groups,
    index,
    main_groups,
)
from .sampling import sampling_lines

if TYPE_CHECKING:
    from ..results.result import Result

NORMAL_95 = 1.96
"""Half-width of the central 95 % of a normal distribution [standard deviations]."""
FEW_OF_A_GROUP = 400
"""Simulated people of a group below which chance moves a share of them by 5 percentage points or more."""
_OF_A_WEEK = LOST, "worst_week", "effect in the worst week"


def status_text(result: Result) -> tuple[str, str]:
    """Return the stamp (``PROJECTION``) and the sentence that says what it means."""
    status = str(result.scenario.status)
    return status.upper(), STATUS.get(status, "")


def basis(result: Result) -> list[str]:
    """Return what the numbers stand on: members, simulated people, what an interval is."""
    n = len(result.members)
    people = number(float(result.scenario.people))
    if n == 1:
        spread = "one member, so there is no interval"
    else:
        ranges = "ranges hold 80 % of the members" if n >= FEW_MEMBERS else "too few for a range to mean much"
        if result.model_error.is_known:
            ranges += " with the model's error from event to event, where it is known"
        spread = f"{n} members with and without the policies, same random numbers in both; {ranges}"
    lines = [f"{capital(spread)}; about {people} simulated people in each."]
    names = drawn_names(result.scenario)
    if names and n > 1:
        joint = sum(name in row for row in read_posterior()[:1] for name in names)
        text = f", {joint} of them together as past events allow" if joint else ""
        lines.append(f"Each member draws {len(names)} uncertain numbers from their ranges{text}.")
    sampling = result.sampling
    groups = main_groups(result)
    metric, at, what = (EVER, "total", "share that ever loses contact") if EVER in result.metrics else _OF_A_WEEK
    error = index(result).get(metric, at, group=groups[0]) if groups else None
    # The spread of a few members says nothing on how far the mean may be off: two that agree would put it at zero.
    if error is not None and error["mc_error"] is not None and n >= FEW_MEMBERS:
        points = percent(effect(error, "mc_error")).removesuffix(" %")
        lines.append(f"The mean {what} is known to within {points} percentage points (standard error).")
    for group in groups or family_groups(result, 1):
        if simulated := sampling.simulated(group):
            lines.append(
                f"{capital(group_name(result.scenario, group))} ({group}): {simulated:,} simulated people stand for "
                f"{number(sampling.groups[group].real)}{_doubt(simulated)}."
            )
    return [*lines, *sampling_lines(result), *knowledge(result)]


def _doubt(simulated: int) -> str:
    """Return how far chance moves a share of few simulated people: the half-width of the 95 % interval of one half."""
    if not 0 < simulated < FEW_OF_A_GROUP:
        return ""
    points = NORMAL_95 * math.sqrt(0.25 / simulated) * 100
    return f"; chance alone may move a share of so few by {points:.0f} percentage points"

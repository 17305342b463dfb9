"""The basis of the numbers of a run, in words: its status, its members, the people it simulates."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..core.groups import Sampled
from ..facts.record import read_posterior
from ..results.stats import FEW_MEMBERS
from ..scenario.draws import drawn_names
from ..scenario.explain import carrying_cells, share_assumed
from . import skill
from .numbers import STATUS, capital, group_name, listed, number, percent, state_name
from .reportable import EVER, effect, family_groups, index, main_groups
from .routes import caveats
from .states import beside_record, decided
from .wording import sentence

if TYPE_CHECKING:
    from ..results.result import Result

NORMAL_95 = 1.96
"""Half-width of the central 95 % of a normal distribution [standard deviations]."""
FEW_OF_A_GROUP = 400
"""Simulated people of a group below which chance moves a share of them by 5 percentage points or more."""
MOST = 3
"""Targeted platforms whose users are listed one by one."""
_NAMED = 8
"""States that a sentence names before it counts the others."""


def status_text(result: Result) -> tuple[str, str]:
    """Return the stamp (``PROJECTION``) and the sentence that says what it means."""
    status = str(result.scenario.status)
    return status.upper(), STATUS.get(status, "")


def basis(result: Result) -> list[str]:
    """Return what the numbers stand on: members, simulated people, what an interval is."""
    return list(_basis(result))


def _basis(result: Result) -> Iterator[str]:
    n, people, sampling = len(result.members), number(float(result.scenario.people)), result.sampling
    if n == 1:
        yield sentence("run", "one_member", people=people)
    elif n < FEW_MEMBERS:
        yield sentence("run", "few_members", n=n, people=people)
    else:
        yield sentence("run", "members", n=n, people=people, with_error=result.model_error.is_known)
    names = drawn_names(result.scenario)
    if names and n > 1:
        joint = sum(name in row for row in read_posterior()[:1] for name in names)
        yield sentence("run", "drawn", n=len(names), joint=joint)
    groups = main_groups(result)
    error = index(result).get(EVER, "total", group=groups[0]) if groups else None
    # The spread of a few members says nothing on how far the mean may be off: two that agree would put it at zero.
    if error is not None and error["mc_error"] is not None and n >= FEW_MEMBERS:
        yield sentence("run", "mean_error", points=percent(effect(error, "mc_error")).removesuffix(" %"))
    for group in groups or family_groups(result, 1):
        if simulated := sampling.simulated(group):
            real = number(sampling.groups[group].real)
            # The half-width of the 95 % interval of one half.
            points = f"{NORMAL_95 * math.sqrt(0.25 / simulated) * 100:.0f}" if simulated < FEW_OF_A_GROUP else ""
            name = capital(group_name(result.scenario, group))
            yield sentence(
                "run", "stands_for", group=name, code=group, simulated=f"{simulated:,}", real=real, points=points
            )
    yield from sampling_lines(result)
    yield from knowledge(result)
    yield from caveats(result)
    if any(decided(result)):
        yield from beside_record(result)
    if result.scenario.caveat:
        yield result.scenario.caveat
    if note := skill.note(result.scenario.behaviour.on):
        yield note


def sampling_lines(result: Result) -> Iterator[str]:
    """Yield what the weights of a run cost in precision, and where a simulated person weighs too much."""
    yield sentence("run", "weights", factor=_factor(result.sampling.design_effect))
    users = sorted(result.sampling.users, key=lambda one: (-one.share_of_few, one.state, one.platform))
    for one in users[:MOST]:
        factor, share = _factor(one.design_effect), percent(min(1.0, one.share_of_few))
        name = _users(result, one)
        yield sentence("run", "users_weights", users=name, simulated=f"{one.simulated:,}", factor=factor, share=share)
    yield from too_heavy(result, users)


def too_heavy(result: Result, users: Sequence[Sampled] | None = None) -> Iterator[str]:
    """Yield the platforms of whose users four simulated people may be a quarter or more."""
    for one in result.sampling.users if users is None else users:
        if not one.within_limit:
            share, people = percent(min(1.0, one.share_of_few)), number(one.users)
            yield sentence("run", "too_heavy", share=share, people=people, users=_users(result, one))


def knowledge(result: Result) -> Iterator[str]:
    """Yield how many of the figures that carry the result are assumptions, and where."""
    cells = carrying_cells(result.scenario)
    assumed, total = share_assumed(cells)
    if not total:
        return
    here, by_state = (Counter(c.state for c in cells), Counter(c.state for c in cells if not c.measured))
    first = sorted(by_state, key=lambda state: (-by_state[state], state))
    counts = {s: f" {by_state[s]} of {here[s]}" if len(cells) > len(here) else "" for s in first}
    named = [f"{state_name(result.scenario, s)}{counts[s]}" for s in first[:_NAMED]]
    more = [f"{len(first) - _NAMED} more countries"] if len(first) > _NAMED else []
    where = listed([*named, *more]) if named else ""
    yield sentence("run", "assumed", assumed=assumed, total=total, share=percent(assumed / total), where=where)


def _users(result: Result, one: Sampled) -> str:
    return f"{one.platform} in {state_name(result.scenario, one.state, article=True)}"


def _factor(value: float) -> str:
    """Return a design effect in three digits at most."""
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"

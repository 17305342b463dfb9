"""How the people of a run are sampled, in words: simulated people by group, heavy weights, design effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..core.groups import PART, Sampled, families_of
from .numbers import capital, group_name, number, percent, state_name

if TYPE_CHECKING:
    from ..results.result import Result

MOST = 3
"""Targeted platforms whose users are listed one by one."""
_FEW_WORDS = "four"
_PART_WORDS = {0.25: "a quarter"}


def simulated_text(result: Result, group: str) -> str:
    """Return how many simulated people a group has, as a title or a legend says it: ``1,169 simulated``."""
    return f"{result.sampling.simulated(group):,} simulated"


def sized_name(result: Result, group: str) -> str:
    """Return a group in words with its simulated people: ``people from China in the United States (1,169 simulated)``.

    The number is that of the member of the run in which they are fewest, everywhere.
    """
    return f"{group_name(result.scenario, group)} ({simulated_text(result, group)})"


def sized_state(result: Result, state: str) -> str:
    """Return the name of a state with the simulated people who live there: ``United States (4,116 simulated)``."""
    return f"{state_name(result.scenario, state)} ({result.sampling.in_state(state):,} simulated)"


def both_ends_text(result: Result, diaspora: str) -> str:
    """Return the simulated people of a diaspora and of its families: ``1,169 and 1,988 simulated``."""
    there = result.sampling.simulated(families_of(diaspora))
    return f"{result.sampling.simulated(diaspora):,} and {there:,} simulated"


def sampling_lines(result: Result) -> Iterator[str]:
    """Yield what the weights of a run cost in precision, and where a simulated person weighs too much."""
    sampling = result.sampling
    yield (
        f"Simulated people have unequal weights: the design effect (Kish) is {_factor(sampling.design_effect)} over "
        "all, and 1 within each group."
    )
    users = sorted(sampling.users, key=lambda one: (-one.share_of_few, one.state, one.platform))
    for one in users[:MOST]:
        yield (
            f"Users of {_users(result, one)}: {one.simulated:,} simulated, design effect "
            f"{_factor(one.design_effect)}; {_FEW_WORDS} of the heaviest stand for {percent(one.share_of_few)} of them."
        )
    yield from too_heavy(result, users)


def too_heavy(result: Result, users: Sequence[Sampled] | None = None) -> Iterator[str]:
    """Yield the platforms of whose users four simulated people may be a quarter or more."""
    for one in result.sampling.users if users is None else users:
        if not one.within_limit:
            part = _PART_WORDS.get(PART, percent(PART))
            yield (
                f"{capital(_FEW_WORDS)} simulated people may stand for {percent(one.share_of_few)} of the "
                f"{number(one.users)} users of {_users(result, one)}, more than {part}: use more people, or ignore "
                "the results for this platform there."
            )


def _users(result: Result, one: Sampled) -> str:
    return f"{one.platform} in {state_name(result.scenario, one.state, article=True)}"


def _factor(value: float) -> str:
    """Return a design effect in three digits at most."""
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"

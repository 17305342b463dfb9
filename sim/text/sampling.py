"""Names of groups and states with their simulated people, for titles and legends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.groups import families_of
from .numbers import group_name, state_name

if TYPE_CHECKING:
    from ..results.result import Result


def simulated_text(result: Result, group: str) -> str:
    """Return how many simulated people a group has, as a title or a legend says it: ``1,169 simulated``."""
    return f"{result.sampling.simulated(group):,} simulated"


def sized_name(result: Result, group: str) -> str:
    """Return a group in words with its simulated people: ``people from China in the United States (1,169 simulated)``.

    The number is that of the member of the run in which they are fewest, everywhere.
    """
    return f"{group_name(result.scenario, group)} ({simulated_text(result, group)})"


def sized_state(result: Result, state: str) -> str:
    """Return the name of a state in a sentence and its simulated people: ``the United States (4,116 simulated)``."""
    return f"{state_name(result.scenario, state, article=True)} ({result.sampling.in_state(state):,} simulated)"


def both_ends_text(result: Result, diaspora: str) -> str:
    """Return the simulated people of a diaspora and of its families: ``1,169 and 1,988 simulated``."""
    there = result.sampling.simulated(families_of(diaspora))
    return f"{result.sampling.simulated(diaspora):,} and {there:,} simulated"

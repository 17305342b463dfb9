"""The facts of one scenario: a world, as of the first day, with the states that the scenario needs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache

from sim.facts.dated import as_of
from sim.facts.enlarge import with_states
from sim.facts.model import Facts
from sim.facts.read import load_facts


def facts_on(world: str, day: date, kept: Collection[str] = ()) -> Facts:
    """Return a world as of a day.

    Parameters
    ----------
    world : str
        Name of a world.
    day : datetime.date
    kept : collection of str
        Platforms of the world that are kept although they did not work on that day.
    """
    base = load_facts(world)
    whole = base.whole or base
    idle = frozenset(name for name in kept if name in whole.platforms and not whole.platforms[name].works_on(day))
    return as_of(base, day, idle)


def facts_for(world: str, day: date, states: Collection[str] = (), kept: Collection[str] = ()) -> Facts:
    """Return a world as of a day, with more states in detail; made once for each day and choice of states.

    Parameters
    ----------
    world : str
        Name of a world.
    day : datetime.date
    states : collection of str
        Alpha-2 codes.
    kept : collection of str
        As in `facts_on`.

    Raises
    ------
    InputError
        There is no such world, or no such state.
    """
    return _enlarged(facts_on(world, day, kept), tuple(states))


@lru_cache(maxsize=64)
def _enlarged(facts: Facts, states: tuple[str, ...]) -> Facts:
    """Return facts with more states in detail."""
    return with_states(facts, states)

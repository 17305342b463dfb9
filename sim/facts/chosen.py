"""The facts of one scenario: a world, as of its first day, with the states that it needs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache

from sim.facts.dated import as_of
from sim.facts.enlarge import with_states
from sim.facts.loading import load_facts
from sim.facts.model import Facts


def idle_on(world: str, day: date, named: Collection[str]) -> frozenset[str]:
    """Return which of some platforms of a world did not work on a day.

    Parameters
    ----------
    world : str
        Name of a world.
    day : datetime.date
    named : collection of str
        Names of platforms; those that the world does not have are passed over.
    """
    base = load_facts(world)
    whole = base.whole or base
    return frozenset(name for name in named if name in whole.platforms and not whole.platforms[name].works_on(day))


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
    return as_of(load_facts(world), day, idle_on(world, day, kept))


@lru_cache(maxsize=64)
def enlarged(facts: Facts, states: tuple[str, ...]) -> Facts:
    """Return facts with more states in detail; made once for each choice of states.

    Parameters
    ----------
    facts : Facts
        As of a day.
    states : tuple of str
        Alpha-2 codes.

    Raises
    ------
    InputError
        There is no such state.
    """
    return with_states(facts, states)

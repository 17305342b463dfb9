"""A world with more states in detail; their people are subtracted from the rest of the world."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

from sim.facts.diasporas import migrants_of
from sim.facts.elsewhere import state_anywhere
from sim.facts.model import REST_OF_WORLD, Facts, Quantity
from sim.facts.use import blocks_elsewhere, share_left, use_anywhere


def with_states(facts: Facts, codes: Collection[str]) -> Facts:
    """Return a world with more states in detail; the rest of the world has as many people fewer.

    Parameters
    ----------
    facts : Facts
        A shipped world, as it was loaded or as of another day. Move it to a day first, then add states.
    codes : collection of str
        Alpha-2 codes; those that the world has already change nothing. New ones come after the others, in this order.

    Raises
    ------
    InputError
        A code is no state's.
    """
    new = [code for code in dict.fromkeys(codes) if code not in facts.states]
    if not new:
        return facts
    added = {code: state_anywhere(code, facts) for code in new}
    cells = {(code, name): use_anywhere(code, name, facts).share for code in new for name in facts.platforms}
    used = {pair: share for pair, share in cells.items() if share.value > 0}
    rest = facts.states[REST_OF_WORLD]
    people = sum(state.population.value for state in added.values())
    users = sum(state.internet_users.value for state in added.values())
    fewer = _less(rest.population, people)
    smaller = replace(rest, population=fewer, internet_users=_less(rest.internet_users, users, fewer.value))
    left = {
        (REST_OF_WORLD, name): share_left(
            facts, name, {c: (added[c].internet_users.value, cells[c, name].value) for c in new}
        )
        for name in facts.platforms
        if (REST_OF_WORLD, name) in facts.penetration
    }
    blocks = blocks_elsewhere(facts)
    return replace(
        facts,
        states={**facts.states, REST_OF_WORLD: smaller, **added},
        penetration={**facts.penetration, **left, **used},
        blocks={**facts.blocks, **{pair: block for pair, block in blocks.items() if pair[0] in added}},
        migrants={**facts.migrants, **migrants_of(facts, (*facts.states, *new))},
        whole=None,
    )


def _less(quantity: Quantity, people: float, most: float = math.inf) -> Quantity:
    """Return a number of people without some of them, and no more than `most`; its range is in proportion."""
    left = min(most, max(0.0, quantity.value - people))
    part = left / quantity.value
    note = f"less {people:,.0f} in states of their own"
    return replace(quantity, value=left, low=quantity.low * part, high=quantity.high * part, note=note)

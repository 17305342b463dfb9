"""States without detailed facts in a world: population, Internet users, income, phones, VPNs.

If no figure is published for a state, it is the median of similar states, marked ``assumption``.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from sim.errors import InputError
from sim.facts.model import REST_OF_WORLD, Facts, Quantity, StateFact
from sim.facts.places import load_places, unknown_place
from sim.facts.table import QUANTITY_COLUMNS, checked_rows, keep
from sim.facts.worlds import load_world

FIGURES = {
    "population": "persons",
    "internet_users": "persons",
    "gdp_per_head": "US$ of 2015",
    "mobile_subscriptions": "per 100 people",
}
ENOUGH = 3  # assumption: states with a measured figure from which on the median of a region is used
ALIKE = 3  # assumption: detailed states nearest in income whose phones a state without a figure has


@lru_cache(maxsize=4)
def other_figures(world: str) -> Mapping[tuple[str, str], Quantity]:
    """Return the figures of all states that a world has no detailed facts of, by (state, figure), read once.

    Parameters
    ----------
    world : str
        A shipped world.

    Raises
    ------
    InputError
        The table has faulty rows (all of them, each with file and line).
    """
    table: dict[tuple[str, str], Quantity] = {}
    places = load_places()
    path = load_world(world).path("other_states.csv")
    for row in checked_rows(path, ("state", "field", *QUANTITY_COLUMNS)):
        key = row.one_of("state", places), row.one_of("field", FIGURES)
        if row.cells["unit"] != FIGURES.get(key[1]):
            row.fault(f"unit is '{row.cells['unit']}'", f"'{FIGURES.get(key[1])}'")
        keep(table, key, row.quantity(), row)
    return MappingProxyType(table)


def known_states(facts: Facts) -> tuple[str, ...]:
    """Return the codes of all states that a world can have: its detailed ones, then the others."""
    others = dict.fromkeys(state for state, _ in other_figures(facts.name))
    return (*facts.states, *(state for state in others if state not in facts.states))


def state_anywhere(code: str, facts: Facts) -> StateFact:
    """Return what is known of any state.

    Parameters
    ----------
    code : str
        Alpha-2 code.
    facts : Facts
        A shipped world.

    Raises
    ------
    InputError
        No state has that code.
    """
    if code in facts.states:
        return facts.states[code]
    place, figures = load_places().get(code), other_figures(facts.name)
    if place is None or (code, "population") not in figures:
        raise InputError(unknown_place(code))
    income = figures[code, "gdp_per_head"]
    return StateFact(
        code=code,
        name=place.name,
        aliases=place.aliases,
        population=figures[code, "population"],
        internet_users=figures[code, "internet_users"],
        gdp_per_head=income,
        ios_share=_phones(income.value, facts),
        vpn_share=vpn_share_in(place.region, facts),
    )


def _phones(income: float, facts: Facts) -> Quantity:
    """Return the share of iPhones in the detailed states that are nearest in income."""
    detailed = [state for code, state in facts.states.items() if code != REST_OF_WORLD]
    near = sorted(detailed, key=lambda s: (abs(math.log(s.gdp_per_head.value / income)), s.code))[:ALIKE]
    found = [state.ios_share.value for state in near]
    names = ", ".join(state.code for state in near)
    return assumed(statistics.median(found), min(found), max(found), f"median of the states nearest in income: {names}")


def vpn_share_in(region: str, facts: Facts) -> Quantity:
    """Return the share with a VPN: the median of the detailed states of a region, or that of the rest of the world.

    Parameters
    ----------
    region : str
        As in ``state_names.csv``.
    facts : Facts
    """
    places = load_places()
    found = [
        state.vpn_share.value
        for code, state in facts.states.items()
        if code in places and places[code].region == region
    ]
    if len(found) < ENOUGH:
        return facts.states[REST_OF_WORLD].vpn_share
    return assumed(statistics.median(found), min(found), max(found), f"median of {len(found)} states in {region}")


def assumed(value: float, low: float, high: float, why: str) -> Quantity:
    """Return a share that is an assumption.

    Parameters
    ----------
    value, low, high : float
        Share and its range, widened to hold it [1].
    why : str
        What it is derived from.
    """
    return Quantity(value, min(low, value), max(high, value), "share", f"assumption: {why}", "assumption", "own (MIT)")

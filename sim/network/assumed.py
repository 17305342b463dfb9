"""Carriers of states that have none in the tables: one per state, a customer of the carriers of its neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sim.facts import load_facts
from sim.facts.elsewhere import state_anywhere
from sim.facts.model import REST_OF_WORLD
from sim.facts.network import NetworkFacts, load_network
from sim.facts.places import load_places

FIRST_NUMBER = 4_200_000_000
"""First number of the range that RFC 6996 keeps for private use, so that no real network has these numbers."""
PROVIDERS = 2
"""So many providers each of them has (assumption)."""
_ENOUGH = 5
"""Links to providers abroad from which on the carriers of an area say who carries it (assumption)."""


@dataclass(frozen=True)
class AssumedCarrier:
    """A carrier that stands for all carriers of a state.

    Attributes
    ----------
    asn : int
        A number for private use.
    name : str
    state : str
        Alpha-2 code.
    people : int
        Internet users of the state [persons].
    providers : tuple of int
        The carriers that carry most of its neighbours.
    """

    asn: int
    name: str
    state: str
    people: int
    providers: tuple[int, ...]


def assumed_carriers(world: str, states: Iterable[str]) -> tuple[AssumedCarrier, ...]:
    """Return a carrier for each of some states that the tables of a network have none of.

    Parameters
    ----------
    world : str
        Name of a world.
    states : iterable of str
        Alpha-2 codes; what is no state's is passed over.
    """
    network, facts, places = load_network(world), load_facts(world), load_places()
    seats = {carrier.seat for carrier in network.carriers.values()}
    missing = [code for code in dict.fromkeys(states) if code in places and code not in (*seats, REST_OF_WORLD)]
    return tuple(
        AssumedCarrier(
            asn=FIRST_NUMBER + tuple(places).index(code),
            name=f"Carriers of {places[code].name}",
            state=code,
            people=round(state_anywhere(code, facts).internet_users.value),
            providers=_providers(code, network),
        )
        for code in missing
    )


def _providers(state: str, network: NetworkFacts) -> tuple[int, ...]:
    """Return who carries most carriers of the subregion from abroad, or of the region, or of the world."""
    places = load_places()
    own = places[state]
    for area in ("subregion", "region", ""):
        found: Counter[int] = Counter()
        for link in network.links:
            customer, provider = network.carriers[link.b], network.carriers[link.a]
            near = places.get(customer.seat)
            if link.relation != "provider" or link.assumption or near is None or customer.seat == provider.seat:
                continue
            if not area or getattr(near, area) == getattr(own, area):
                found[provider.asn] += 1
        if (len(found) >= PROVIDERS and found.total() >= _ENOUGH) or not area:
            break
    return tuple(asn for asn, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))[:PROVIDERS])

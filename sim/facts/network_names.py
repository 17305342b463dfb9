"""Find a carrier, a cable, an exchange point or a cloud by any of its names."""

from __future__ import annotations

from functools import lru_cache

from sim.facts.names import fold
from sim.facts.network_model import CableFact, CloudFact, ExchangeFact, NetworkFacts


def find_carriers(text: str, facts: NetworkFacts) -> tuple[int, ...]:
    """Return the numbers of the carriers that a text names: one carrier, or all those of a firm; none if unknown.

    Parameters
    ----------
    text : str
        Number (``12389`` or ``AS12389``), name, alias or owner; case, accents and spare blanks do not matter. A firm
        that gives its name to one of its carriers means all of them.
    facts : NetworkFacts
        The tables to look in.
    """
    return _carrier_index(facts).get(fold(text), ())


def find_cable(text: str, facts: NetworkFacts) -> str | None:
    """Return the name of the cable that a text names by name or alias, or None."""
    return _index(facts, "cables").get(fold(text))


def find_exchange(text: str, facts: NetworkFacts) -> str | None:
    """Return the name of the exchange point that a text names by name or alias, or None."""
    return _index(facts, "exchanges").get(fold(text))


def find_cloud(text: str, facts: NetworkFacts) -> str | None:
    """Return the name of the cloud or store that a text names by name or alias, or None."""
    return _index(facts, "clouds").get(fold(text))


@lru_cache(maxsize=8)
def _carrier_index(facts: NetworkFacts) -> dict[str, tuple[int, ...]]:
    """Return folded name -> numbers."""
    index: dict[str, tuple[int, ...]] = {}
    for asn, carrier in facts.carriers.items():
        for word in (str(asn), f"AS{asn}", carrier.name, *carrier.aliases):
            index[fold(word)] = (asn,)
    firms: dict[str, tuple[int, ...]] = {}
    for asn, carrier in facts.carriers.items():
        firms[fold(carrier.owner)] = (*firms.get(fold(carrier.owner), ()), asn)
    return {**index, **firms}


@lru_cache(maxsize=32)
def _index(facts: NetworkFacts, table: str) -> dict[str, str]:
    """Return folded name -> name in one of the tables that go by name."""
    rows: dict[str, CableFact | ExchangeFact | CloudFact] = getattr(facts, table)
    return {fold(word): name for name, row in rows.items() for word in (name, *row.aliases)}

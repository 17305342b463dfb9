"""The network's tables as rows and as details: carriers, cables, exchange points, clouds and stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from ..facts.network import (
    ASSUMPTIONS,
    CableFact,
    CarrierFact,
    CloudFact,
    ExchangeFact,
    NetworkFacts,
    find_carriers,
    find_row,
    load_network,
)

type Table = tuple[tuple[str, ...], list[Sequence[object]]]
type Pairs = list[tuple[str, object]]

_NUMBERS = ("carriers", "members")


def carriers() -> Table:
    """Return the header and rows of the carriers, the biggest access networks of a state first."""
    found = sorted(load_network().carriers.values(), key=lambda c: (c.state, -c.users_share))
    rows = [(c.name, c.asn, c.seat, c.role, c.owner, c.users_share, c.state_share) for c in found]
    return ("name", "AS", "seat", "role", "firm", "share of users", "owned by a state"), list(rows)


def cables() -> Table:
    """Return the header and rows of the cables and land crossings."""
    found = load_network().cables.values()
    rows = [(c.name, c.kind, "|".join(c.joins), c.capacity_tbps, c.ready, c.status) for c in found]
    return ("name", "kind", "joins", "Tbit/s", "ready", "in August 2020"), list(rows)


def exchanges() -> Table:
    """Return the header and rows of the exchange points."""
    found = load_network().exchanges.values()
    return ("name", "seat", "city", "members here"), [(e.name, e.seat, e.city, len(e.members)) for e in found]


def clouds() -> Table:
    """Return the header and rows of the clouds and stores."""
    found = load_network().clouds.values()
    return ("name", "home", "kind", "owner"), [(c.name, c.home, c.kind, c.owner) for c in found]


def entries(name: str) -> list[tuple[str, str, Pairs]]:
    """Return kind, name and facts of everything in the network that goes by a name; a firm gives all its carriers."""
    facts = load_network()
    found = [("carrier", facts.carriers[asn].name, _carrier(facts, asn)) for asn in find_carriers(name, facts)]
    if cable := find_row(name, facts, "cables"):
        found.append(("cable", cable, _details(facts, facts.cables[cable])))
    if exchange := find_row(name, facts, "exchanges"):
        found.append(("exchange", exchange, _details(facts, facts.exchanges[exchange])))
    if cloud := find_row(name, facts, "clouds"):
        found.append((facts.clouds[cloud].kind, cloud, _details(facts, facts.clouds[cloud])))
    return found


def border(state: str) -> Pairs:
    """Return what crosses a state's border: its carriers, each with how many foreign neighbours, and cables."""
    facts = load_network()
    across = sorted(facts.gateways(state).items(), key=lambda item: -len(item[1]))
    crossing = [cable.name for cable in facts.cables.values() if state in cable.joins]
    names = [f"{facts.carriers[asn].name} ({len(others)})" for asn, others in across]
    pairs: Pairs = [("carriers across the border", names), ("cables across the border", crossing)]
    return [(key, value) for key, value in pairs if value]


def _carrier(facts: NetworkFacts, asn: int) -> Pairs:
    """Return the facts of a carrier, its links under each assumption, and where it is."""
    pairs = _details(facts, facts.carriers[asn])
    for assumption in ASSUMPTIONS:
        links = facts.links_under(assumption)
        sides = {
            "buys from": [link.a for link in links if link.b == asn and link.relation == "provider"],
            "sells to": [link.b for link in links if link.a == asn and link.relation == "provider"],
            "peers with": [
                link.a if link.b == asn else link.b
                for link in links
                if asn in (link.a, link.b) and link.relation == "peer"
            ],
        }
        known = dict(pairs)
        for side, others in sides.items():
            rows = _names(facts, tuple(others))
            if rows and known.get(side) != rows:  # repeated only if the assumptions differ
                pairs.append((side if assumption == ASSUMPTIONS[0] else f"{side}, under {assumption}", rows))
    places = [e.name for e in facts.exchanges.values() if asn in e.members]
    cables = [c.name for c in facts.cables.values() if asn in c.carriers]
    return [*pairs, *((key, value) for key, value in (("at", places), ("cables", cables)) if value)]


def _details(facts: NetworkFacts, fact: CarrierFact | CableFact | ExchangeFact | CloudFact) -> Pairs:
    """Return the fields of a fact, numbers of carriers as names."""
    pairs: Pairs = []
    last = ("source", "basis", "confidence", "note")
    for item in sorted(fields(fact), key=lambda item: item.name in last):
        value = getattr(fact, item.name)
        if item.name == "where" or value in ((), ""):
            continue
        if item.name in _NUMBERS:
            value = _names(facts, value)
        pairs.append((item.name.replace("_", " "), value))
    return pairs


def _names(facts: NetworkFacts, numbers: tuple[int, ...]) -> list[str]:
    """Return the names of carriers by their numbers."""
    return [facts.carriers[asn].name for asn in numbers]

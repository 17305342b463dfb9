"""The carriers of the shipped fact tables as a graph."""

from __future__ import annotations

from functools import lru_cache

from sim.errors import InputError, Problem, did_you_mean
from sim.facts import load_facts
from sim.facts.names import fold
from sim.facts.network import ASSUMPTIONS, NetworkFacts, load_network
from sim.network.assumed import assumed_carriers
from sim.network.build import build_graph
from sim.network.graph import Cable, Graph

IN_SERVICE = "in service"


@lru_cache(maxsize=8)
def shipped(name: str = "world-2020", assumption: str = ASSUMPTIONS[0], states: tuple[str, ...] = ()) -> Graph:
    """Return the graph of a shipped set of facts: about 260 carriers, by hand.

    Borders are those of the carriers' seats. A carrier's people are its share of the Internet users of its state; those
    of the rest of the world are shared out over the carriers that the tables have there.

    Parameters
    ----------
    name : str
        A set of fact tables.
    assumption : str
        How the Chinese carriers stand to the top clique: ``chinese_customers`` or ``chinese_peers``. Contracts are not
        public, and what a ban does turns on it, so ask both.
    states : tuple of str
        States that must have a carrier: each of which the tables have none gets one (assumption), as
        `sim.network.assumed` says.

    Raises
    ------
    InputError
        There is no such set or assumption, or its tables have faults.
    """
    if assumption not in ASSUMPTIONS:
        hint = did_you_mean(assumption, ASSUMPTIONS)
        raise InputError(Problem("assumption", f"'{assumption}'", f"one of: {', '.join(ASSUMPTIONS)}", hint))
    facts, people = load_network(name), load_facts(name).states
    links = facts.links_under(assumption)
    more = assumed_carriers(name, states)
    paid = [(link.b, link.a) for link in links if link.relation == "provider"]
    served = {
        asn: round(carrier.users_share.value * people[carrier.state].internet_users.value)
        for asn, carrier in facts.carriers.items()
    }
    graph = build_graph(
        [*paid, *((carrier.asn, provider) for carrier in more for provider in carrier.providers)],
        [(link.a, link.b) for link in links if link.relation == "peer"],
        asns=(*facts.carriers, *(carrier.asn for carrier in more)),
        states={a: c.seat for a, c in facts.carriers.items()} | {c.asn: c.state for c in more},
        people=served | {carrier.asn: carrier.people for carrier in more},
        names={a: c.name for a, c in facts.carriers.items()} | {c.asn: c.name for c in more},
    )
    # a cable that does not carry anything yet can be named in a cut, and takes nothing away
    cables = tuple(
        Cable(
            cable.name, tuple(sorted(set(cable.landings))), cable.capacity.value if cable.status == IN_SERVICE else 0.0
        )
        for cable in facts.cables.values()
    )
    object.__setattr__(graph, "words", _words(facts))
    object.__setattr__(graph, "cables", cables)
    return graph


def _words(facts: NetworkFacts) -> dict[str, tuple[int, ...]]:
    """Return what users may call carriers: names and aliases, and firms for all that are theirs."""
    words = {fold(word): (asn,) for asn, carrier in facts.carriers.items() for word in (carrier.name, *carrier.aliases)}
    firms: dict[str, tuple[int, ...]] = {}
    for asn, carrier in facts.carriers.items():
        firms[fold(carrier.owner)] = (*firms.get(fold(carrier.owner), ()), asn)
    return {**words, **firms}

"""Checks that the tables of the network are consistent: every carrier has a way up, and there is no circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.errors import InputError, Place, Problem
from sim.facts.model import REST_OF_WORLD
from sim.facts.names import fold
from sim.facts.network_model import ASSUMPTIONS, SERVING, LinkFact, NetworkFacts

_ROUNDING = 1e-6


def validate(facts: NetworkFacts) -> None:
    """Refuse tables that make no network.

    Parameters
    ----------
    facts : NetworkFacts
        The tables, however they were made.

    Raises
    ------
    InputError
        All of: a number or state that is not in the tables, a source left out, two links for one pair, a carrier with
        no provider that is not in the top clique, a circle of customers and providers, users' shares of a state that
        do not sum to 1 (a state without any carrier is let pass: it has no network), a name that two rows claim.
    """
    problems = [*_unknown(facts), *_sources(facts), *_names(facts), *_shares(facts), *_pairs(facts)]
    if not problems:
        for assumption in ASSUMPTIONS:
            problems += [*_orphans(facts, assumption), *_circles(facts, assumption)]
    if problems:
        raise InputError(list(dict.fromkeys(problems)))


def _unknown(facts: NetworkFacts) -> Iterator[Problem]:
    """Yield every number and state that the tables do not have."""
    numbers: list[tuple[str, str, Iterable[int]]] = [(x.where, "a link", (x.a, x.b)) for x in facts.links]
    numbers += [(x.where, x.name, x.carriers) for x in facts.cables.values()]
    numbers += [(x.where, x.name, x.carriers) for x in facts.clouds.values()]
    numbers += [(x.where, x.name, x.members) for x in facts.exchanges.values()]
    for where, name, found in numbers:
        for asn in found:
            if asn not in facts.carriers:
                yield Problem(where, f"{name} names AS{asn}", "the number of a carrier in carriers.csv")
    places = [(x.where, x.name, x.state, x.seat) for x in facts.carriers.values()]
    places += [(x.where, x.name, x.state, x.seat) for x in facts.exchanges.values()]
    places += [(x.where, x.name, code, code) for x in facts.cables.values() for code in x.joins]
    places += [(x.where, x.name, x.home, x.home) for x in facts.clouds.values()]
    for where, name, state, seat in places:
        if state not in facts.states:
            yield Problem(where, f"{name} is in '{state}'", f"one of: {', '.join(facts.states)}")
        elif state != (seat if seat in facts.states else REST_OF_WORLD):
            yield Problem(where, f"{name} has its seat in {seat} and stands under {state}", f"{seat}, or XX elsewhere")


def _sources(facts: NetworkFacts) -> Iterator[Problem]:
    """Yield every row without a source."""
    for where, name, source in [
        *((x.where, x.name, x.source) for x in facts.carriers.values()),
        *((x.where, x.name, x.source) for x in facts.cables.values()),
        *((x.where, x.name, x.source) for x in facts.exchanges.values()),
        *((x.where, x.name, x.source) for x in facts.clouds.values()),
        *((x.where, f"AS{x.a} - AS{x.b}", x.source) for x in facts.links),
        *((x.where, f"users_share of {x.name}", x.users_share.source) for x in facts.carriers.values()),
        *((x.where, f"state_share of {x.name}", x.state_share.source) for x in facts.carriers.values()),
    ]:
        if not source.strip():
            yield Problem(where, f"{name} has no source", "a publication, or 'assumption: <reason>'")


def _names(facts: NetworkFacts) -> Iterator[Problem]:
    """Yield every name that two rows of one table claim."""
    tables = (
        [(x.where, x.name, x.aliases) for x in facts.carriers.values()],
        [(x.where, x.name, x.aliases) for x in facts.cables.values()],
        [(x.where, x.name, x.aliases) for x in facts.exchanges.values()],
        [(x.where, x.name, x.aliases) for x in facts.clouds.values()],
    )
    for table in tables:
        taken: dict[str, str] = {}
        for where, name, aliases in table:
            for word in (name, *aliases):
                other = taken.setdefault(fold(word), name)
                if other != name:
                    yield Problem(where, f"'{word}' already names {other}", "a name belongs to one row")


def _shares(facts: NetworkFacts) -> Iterator[Problem]:
    """Yield every state whose carriers do not carry all of its users, once each."""
    for carrier in facts.carriers.values():
        if carrier.users_share.value > 0 and carrier.role not in SERVING:
            found = f"{carrier.name} ({carrier.role}) carries users"
            yield Problem(carrier.where, found, f"users only with: {', '.join(SERVING)}")
    seats = {carrier.state for carrier in facts.carriers.values()}
    for state in facts.states:
        total = sum(facts.users_shares(state).values())
        if state not in seats:  # a state that a user added has no network, which is not an error
            continue
        if abs(total - 1) > _ROUNDING:
            where = next(
                (c.where for c in facts.carriers.values() if c.state == state), Place(f"{facts.name}/carriers.csv", 1)
            )
            yield Problem(where, f"the users_share of {state} sum to {total:.6g}", "shares that sum to 1")


def _pairs(facts: NetworkFacts) -> Iterator[Problem]:
    """Yield every link to oneself and every second link of a pair under one assumption."""
    for assumption in ASSUMPTIONS:
        seen: dict[frozenset[int], LinkFact] = {}
        for link in facts.links_under(assumption):
            if link.a == link.b:
                yield Problem(link.where, f"AS{link.a} is linked to itself", "two different carriers")
            elif frozenset((link.a, link.b)) in seen:
                found = f"a second link of AS{link.a} and AS{link.b} under {assumption}"
                yield Problem(link.where, found, "one link for each pair and assumption")
            seen.setdefault(frozenset((link.a, link.b)), link)


def _providers(facts: NetworkFacts, assumption: str) -> dict[int, set[int]]:
    """Return number -> numbers of the providers under an assumption."""
    above: dict[int, set[int]] = {asn: set() for asn in facts.carriers}
    for link in facts.links_under(assumption):
        if link.relation == "provider":
            above[link.b].add(link.a)
    return above


def top_clique(facts: NetworkFacts, assumption: str = ASSUMPTIONS[0]) -> frozenset[int]:
    """Return the numbers of the carriers that buy from nobody and peer with every other such carrier.

    A carrier without a provider that misses a peer belongs to the clique only if its role says ``tier1``;
    :func:`validate` refuses the others.
    """
    above = _providers(facts, assumption)
    tier1 = {asn for asn, carrier in facts.carriers.items() if carrier.role == "tier1" and not above[asn]}
    peers = _peers(facts, assumption)
    return frozenset(tier1 | {asn for asn, found in above.items() if not found and tier1 <= peers[asn] | {asn}})


def _peers(facts: NetworkFacts, assumption: str) -> dict[int, set[int]]:
    """Return number -> numbers of the peers under an assumption."""
    peers: dict[int, set[int]] = {asn: set() for asn in facts.carriers}
    for link in facts.links_under(assumption):
        if link.relation == "peer":
            peers[link.a].add(link.b)
            peers[link.b].add(link.a)
    return peers


def _orphans(facts: NetworkFacts, assumption: str) -> Iterator[Problem]:
    """Yield every carrier that has no provider and is not joined to all of the top clique."""
    above, peers, clique = _providers(facts, assumption), _peers(facts, assumption), top_clique(facts, assumption)
    for asn, carrier in facts.carriers.items():
        if above[asn]:
            continue
        missed = sorted(clique - peers[asn] - {asn})
        if missed:
            shown = ", ".join(f"AS{other}" for other in missed[:3]) + (" ..." if len(missed) > 3 else "")
            found = f"{carrier.name} (AS{asn}) has no provider and does not peer with {shown}, under {assumption}"
            yield Problem(carrier.where, found, "a provider, or a peer link with every carrier of the top clique")


def _circles(facts: NetworkFacts, assumption: str) -> Iterator[Problem]:
    """Yield the carriers that are, by way of others, their own provider."""
    above = _providers(facts, assumption)
    below: dict[int, list[int]] = {asn: [] for asn in above}
    for asn, found in above.items():
        for provider in found:
            below[provider].append(asn)
    waiting = {asn: len(found) for asn, found in above.items()}
    ready = [asn for asn, count in waiting.items() if count == 0]
    while ready:
        for customer in below[ready.pop()]:
            waiting[customer] -= 1
            if waiting[customer] == 0:
                ready.append(customer)
    left = {asn for asn, count in waiting.items() if count > 0}
    if left:
        at = min(left)
        path = [at]
        while (at := min(above[at] & left)) not in path:
            path.append(at)
        circle = path[path.index(at) :]
        shown = " -> ".join(f"AS{asn}" for asn in (*circle, circle[0]))
        yield Problem(facts.carriers[at].where, f"each buys from the next: {shown}, under {assumption}", "no circle")

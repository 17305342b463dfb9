"""The network of a world: carriers, their links, cables, exchange points and clouds, read and
checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Literal

from ..errors import InputError, Problem
from .loading import load_facts
from .model import REST_OF_WORLD, ReadOnlyTables, name_index
from .tables import (
    Asn,
    Asns,
    Basis,
    Cited,
    Code,
    CodeOrNone,
    Fault,
    Names,
    Number,
    State,
    Text,
    Words,
    fold,
    split_words,
)
from .worlds import DEFAULT_WORLD, World, load_world

SERVING = ("access", "mobile", "gateway", "tier1", "transit")
"""Roles that may provide people's access, because a state's only big provider is often its gateway
too.
"""
ASSUMPTIONS = ("chinese_customers", "chinese_peers")
"""Assumptions on the relation of the Chinese carriers to the top clique: customers (the default) or
transit-free peers.
"""
_ROUNDING = 1e-6


class Sourced(Cited):
    """Attributes of every row of the network."""

    confidence: Literal["high", "medium", "low"]
    """``high``, ``medium`` or ``low``."""
    note: str = ""
    """A note for readers."""
    where: str = field(default="", compare=False, repr=False)
    """File and line of the row."""


def _seat_faults(row: CarrierFact | ExchangeFact, names: Names) -> Iterator[Fault]:
    """Yield a state that does not match the seat."""
    expected = row.seat if row.seat in names.get("state", (row.seat,)) else REST_OF_WORLD
    if row.state != expected:
        yield (
            f"{row.name} has its seat in {row.seat} and stands under {row.state}",
            f"{row.seat}, or XX elsewhere",
        )


class CarrierFact(Sourced, file="carriers.csv", key=("asn",)):
    """A network that carries traffic of other networks, of its users, or of its own content."""

    asn: Asn
    """Autonomous system number."""
    name: Text
    """The name that results use."""
    aliases: Words
    """Other names that are accepted as input; ``AS<number>`` always is."""
    owner: Text
    """The firm; a rule on a firm applies to all its carriers."""
    seat: Code
    """Alpha-2 code of the state whose law it answers to; any state, detailed or not."""
    state: State
    """The seat as a state of the facts, or ``XX`` if the facts do not have it."""
    role: Literal["tier1", "transit", "access", "mobile", "gateway", "research", "content"]
    state_share: Number
    """Share of the firm that states own, directly or through their funds and firms, with its range
    and source [1].
    """
    state_share_low: Number
    state_share_high: Number
    state_share_source: Text
    state_owner: CodeOrNone
    """Alpha-2 code of the state that owns it; empty for none."""
    users_share: Number
    """Share of the Internet users of ``state`` who get access from this carrier, with range, source
    and basis; 0 for carriers that sell no access [1].
    """
    users_share_low: Number
    users_share_high: Number
    users_share_source: Text
    users_share_basis: Basis

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield invalid shares, a wrong seat, and users of a carrier that sells no access."""
        for low, share, high in (
            (self.state_share_low, self.state_share, self.state_share_high),
            (self.users_share_low, self.users_share, self.users_share_high),
        ):
            if not 0 <= low <= share <= high <= 1:
                yield (
                    f"a share of {share:g} from {low:g} to {high:g}",
                    "0 <= low <= value <= high <= 1",
                )
        if (self.state_share_high > 0) != bool(self.state_owner):
            found = (
                f"state_share up to {self.state_share_high:g} and state_owner '{self.state_owner}'"
            )
            yield found, "a state that owns, and what it owns"
        if self.users_share > 0 and self.role not in SERVING:
            yield (
                f"{self.name} ({self.role}) carries users",
                f"users only with: {', '.join(SERVING)}",
            )
        yield from _seat_faults(self, names)


class LinkFact(Sourced, file="carrier_links.csv", key=("a", "b", "assumption_set")):
    """The relation between two carriers."""

    a: Asn
    b: Asn
    """Numbers of the two carriers."""
    relation: Literal["provider", "peer"]
    """``provider``: a carries b's traffic to all destinations, for money; ``peer``: each carries
    the traffic of the other's customers.
    """
    assumption_set: Literal["", "chinese_customers", "chinese_peers"]
    """One of :data:`ASSUMPTIONS` if the link exists only under that assumption; empty if under
    both.
    """
    basis: Literal["cited", "clique", "stylised"]  # type: ignore[assignment]  # its own words
    """``cited`` (from a publication), ``clique`` (both carriers are in the top clique, whose
    members peer by definition) or ``stylised`` (assumed for a carrier of that location and
    size).
    """

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield a link to oneself."""
        if self.a == self.b:
            yield f"AS{self.a} is linked to itself", "two different carriers"


class CableFact(Sourced, file="cables.csv", key=("name",)):
    """A cable, or a land crossing, that joins states."""

    name: Text
    aliases: Words
    """See :class:`CarrierFact`."""
    kind: Literal["submarine", "land"]
    joins: Annotated[tuple[State, ...], split_words]
    """States of the facts that it joins; ``XX`` for other states."""
    landings: Annotated[tuple[Code, ...], split_words]
    """Alpha-2 codes of all states in which it lands."""
    capacity_tbps: Number
    """Capacity of the cable, as designed or as last upgraded before 2021, with its range and basis
    [Tbit/s].
    """
    capacity_low: Number
    capacity_high: Number
    capacity_basis: Basis
    ready: int
    """Year of completion, actual or planned."""
    status: Literal["in service", "planned", "retired"]
    """Status in August 2020."""
    owners: Words
    """Firms that own or announced it."""
    carriers: Asns
    """Carriers of the facts that own or use it."""

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield states that do not match the landings, and a range that does not contain the
        capacity.
        """
        expected = {code if code in names["state"] else REST_OF_WORLD for code in self.landings}
        if (
            set(self.joins) != expected
            or len(self.landings) < 2
            or len(set(self.joins)) != len(self.joins)
        ):
            found = f"joins {'|'.join(self.joins)} and lands in {'|'.join(self.landings)}"
            yield found, f"joins {'|'.join(sorted(expected))}"
        low = self.capacity_low
        capacity = self.capacity_tbps
        high = self.capacity_high
        if not 0 < low <= capacity <= high:
            yield f"a capacity of {capacity:g} from {low:g} to {high:g}", "0 < low <= value <= high"
        if not 1980 <= self.ready <= 2030:
            yield f"ready is {self.ready}", "a year from 1980 to 2030"


class ExchangeFact(Sourced, file="exchanges.csv", key=("name",)):
    """An Internet exchange point, where carriers peer."""

    name: Text
    aliases: Words
    seat: Code
    state: State
    """See :class:`CarrierFact`."""
    city: Text
    """City of the exchange's switches."""
    members: Asns
    """Carriers of the facts that are connected to it, according to the source unless the note says
    otherwise.
    """

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield a wrong seat."""
        return _seat_faults(self, names)


class CloudFact(Sourced, file="clouds.csv", key=("name",)):
    """A cloud that hosts services, or an application store."""

    name: Text
    aliases: Words
    """See :class:`CarrierFact`; ``platforms.csv`` uses the names."""
    owner: Text
    """The firm."""
    home: State
    """State of the facts whose law the owner answers to."""
    kind: Literal["cloud", "store"]
    carriers: Asns
    """Carriers of the facts that are the cloud's own networks."""


@dataclass(frozen=True, eq=False)
class NetworkFacts(ReadOnlyTables):
    """One set of tables of the network; mappings are read-only and ordered as their files."""

    name: str
    """Folder name of the tables, such as ``world-2020``."""
    states: tuple[str, ...]
    """Codes of the states of the facts, in their order."""
    carriers: Mapping[int, CarrierFact]
    """By number."""
    links: tuple[LinkFact, ...]
    """Links under all assumptions; :meth:`links_under` selects those of one assumption."""
    cables: Mapping[str, CableFact]
    exchanges: Mapping[str, ExchangeFact]
    clouds: Mapping[str, CloudFact]
    """By name."""

    def links_under(self, assumption: str = ASSUMPTIONS[0]) -> tuple[LinkFact, ...]:
        """Return the links that exist under one of :data:`ASSUMPTIONS`, including those that exist
        under both.
        """
        return tuple(link for link in self.links if link.assumption_set in ("", assumption))

    def users_shares(self, state: str) -> dict[int, float]:
        """Return number -> share of a state's Internet users [1], for the carriers that serve
        people there.
        """
        found = {n: c.users_share for n, c in self.carriers.items() if c.state == state}
        return {asn: share for asn, share in found.items() if share > 0}

    def gateways(self, state: str) -> dict[int, tuple[int, ...]]:
        """Return the carriers of a state with links across its border, each with its foreign
        neighbours.

        The border is that of the seat, so each state within ``XX`` has its own border.

        Parameters
        ----------
        state : str
            Alpha-2 code of a state of the facts, or of a carrier's seat in another state.
        """
        across: dict[int, list[int]] = {}
        for link in self.links_under():
            for home, other in ((link.a, link.b), (link.b, link.a)):
                if self.carriers[home].seat == state != self.carriers[other].seat:
                    across.setdefault(home, []).append(other)
        return {asn: tuple(sorted(across[asn])) for asn in self.carriers if asn in across}


TABLES = {
    "carriers": CarrierFact,
    "links": LinkFact,
    "cables": CableFact,
    "exchanges": ExchangeFact,
    "clouds": CloudFact,
}


@lru_cache(maxsize=8)
def load_network(name: str = DEFAULT_WORLD) -> NetworkFacts:
    """Return a network, read and checked once; a user's own world has the states of its base world.

    Parameters
    ----------
    name : str
        One of :func:`available_facts`, or the key of tables of a user's own.

    Raises
    ------
    InputError
        If the name is unknown, or the tables have faults; the error lists all, each with file and
        line.
    """
    world = load_world(name)
    return read_network(world, tuple(load_facts(world.base or name).states))


def read_network(world: World, states: tuple[str, ...]) -> NetworkFacts:
    """Read and check the tables of a network.

    Parameters
    ----------
    world : World
        The world with ``carriers.csv carrier_links.csv cables.csv exchanges.csv clouds.csv``.
    states : tuple of str
        Codes of the states that carriers and cables may have.

    Raises
    ------
    InputError
        If rows are faulty, or, without faulty rows, the whole network; the error lists all faults,
        with file and line.
    """
    tables: Any = world.read_tables(TABLES, {"state": states})
    facts = NetworkFacts(world.name, states, **tables | {"links": tuple(tables["links"].values())})
    validate(facts)
    return facts


def find_carriers(text: str, facts: NetworkFacts) -> tuple[int, ...]:
    """Return the numbers of the carriers that a text names: one carrier, or all carriers of a firm;
    empty if unknown.

    Parameters
    ----------
    text : str
        Number (``12389`` or ``AS12389``), name, alias or owner; case, accents and spare blanks do
        not matter. A firm that gives its name to one of its carriers means all of them.
    facts : NetworkFacts
        The tables to look in.
    """
    return carrier_index(facts).get(fold(text), ())


def find_row(text: str, facts: NetworkFacts, table: str) -> str | None:
    """Return the key of a row of ``cables``, ``exchanges`` or ``clouds`` by name or alias, or
    None.
    """
    return name_index(facts, table).get(fold(text))


@lru_cache(maxsize=8)
def carrier_index(facts: NetworkFacts) -> dict[str, tuple[int, ...]]:
    """Return folded name -> numbers."""
    index = {word: (asn,) for word, asn in name_index(facts, "carriers").items()}
    index |= {fold(f"AS{asn}"): (asn,) for asn in facts.carriers}
    firms: dict[str, tuple[int, ...]] = {}
    for asn, carrier in facts.carriers.items():
        firms[fold(carrier.owner)] = (*firms.get(fold(carrier.owner), ()), asn)
    return index | firms


def carriers_called(texts: Iterable[str], facts: str) -> tuple[int, ...]:
    """Return the sorted AS numbers for some names, firms or numbers in a world (see
    `find_carriers`).
    """
    network = load_network(facts)
    return tuple(sorted({asn for text in texts for asn in find_carriers(text, network)}))


def validate(facts: NetworkFacts) -> None:
    """Refuse tables that do not form a valid network.

    Parameters
    ----------
    facts : NetworkFacts
        The tables, however they were made.

    Raises
    ------
    InputError
        If a number is not in the tables, a pair has two links, or the users' shares of a state with
        carriers do not sum to 1; or else, if a carrier outside the top clique has no provider, or
        there is a circle of customers and providers. The error lists all faults.
    """
    problems = [*_faulty_rows(facts)]
    for assumption in ASSUMPTIONS if not problems else ():
        problems += _broken_hierarchy(facts, assumption)
    if problems:
        raise InputError(dict.fromkeys(problems))


def _faulty_rows(facts: NetworkFacts) -> Iterator[Problem]:
    """Yield numbers without a carrier, states whose users' shares do not sum to 1, and second links
    of a pair.
    """
    numbers: list[tuple[str, str, tuple[int, ...]]] = [
        (link.where, "a link", (link.a, link.b)) for link in facts.links
    ]
    numbers += [(row.where, row.name, row.carriers) for row in facts.cables.values()]
    numbers += [(row.where, row.name, row.carriers) for row in facts.clouds.values()]
    numbers += [(row.where, row.name, row.members) for row in facts.exchanges.values()]
    for where, name, asns in numbers:
        for asn in asns:
            if asn not in facts.carriers:
                yield Problem(
                    where, f"{name} names AS{asn}", "the number of a carrier in carriers.csv"
                )
    places = {carrier.state: carrier.where for carrier in reversed(list(facts.carriers.values()))}
    for state in facts.states:
        total = sum(facts.users_shares(state).values())
        if state in places and abs(total - 1) > _ROUNDING:
            yield Problem(
                places[state],
                f"the users_share of {state} sum to {total:.6g}",
                "shares that sum to 1",
            )
    for assumption in ASSUMPTIONS:
        pairs: set[frozenset[int]] = set()
        for link in facts.links_under(assumption):
            pair = frozenset((link.a, link.b))
            if pair in pairs:
                found = f"a second link of AS{link.a} and AS{link.b} under {assumption}"
                yield Problem(link.where, found, "one link for each pair and assumption")
            pairs.add(pair)


def _neighbours(
    facts: NetworkFacts, assumption: str
) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Return number -> numbers of the providers, and of the peers, under an assumption."""
    providers: dict[int, set[int]] = {asn: set() for asn in facts.carriers}
    peers: dict[int, set[int]] = {asn: set() for asn in facts.carriers}
    for link in facts.links_under(assumption):
        if link.relation == "provider":
            providers[link.b].add(link.a)
        else:
            peers[link.a].add(link.b)
            peers[link.b].add(link.a)
    return providers, peers


def top_clique(facts: NetworkFacts, assumption: str = ASSUMPTIONS[0]) -> frozenset[int]:
    """Return the numbers of the carriers without a provider that peer with all other such carriers.

    A carrier without a provider that lacks a peer belongs to the clique only if its role is
    ``tier1``; :func:`validate` refuses the others.
    """
    providers, peers = _neighbours(facts, assumption)
    tier1 = {
        asn
        for asn, carrier in facts.carriers.items()
        if carrier.role == "tier1" and not providers[asn]
    }
    return frozenset(
        tier1
        | {asn for asn in facts.carriers if not providers[asn] and tier1 <= peers[asn] | {asn}}
    )


def _broken_hierarchy(facts: NetworkFacts, assumption: str) -> Iterator[Problem]:
    """Yield carriers without a provider that do not peer with all of the top clique, and a circle
    of customers and providers.
    """
    providers, peers = _neighbours(facts, assumption)
    clique = top_clique(facts, assumption)
    for asn, carrier in facts.carriers.items():
        missed = sorted(clique - peers[asn] - {asn})
        if missed and not providers[asn]:
            shown = ", ".join(f"AS{other}" for other in missed[:3]) + (
                " ..." if len(missed) > 3 else ""
            )
            found = f"{carrier.name} (AS{asn}) has no provider and does not peer with {shown}, under {assumption}"
            yield Problem(
                carrier.where,
                found,
                "a provider, or a peer link with every carrier of the top clique",
            )
    if ring := circle_in(
        (customer, provider) for customer, paid in providers.items() for provider in paid
    ):
        found = f"each buys from the next: {' -> '.join(f'AS{asn}' for asn in ring)}, under {assumption}"
        yield Problem(facts.carriers[ring[0]].where, found, "no circle")


def circle_in(paid: Iterable[tuple[int, int]]) -> list[int]:
    """Return a circle of customers and providers, from (customer, provider) pairs; empty if there
    is none.

    Each carrier is a customer of the next. The circle begins and ends with the lowest number.
    """
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for customer, provider in paid:
        sorter.add(provider, customer)
    try:
        sorter.prepare()
    except CycleError as error:
        ring = error.args[1][1:]
        first = ring.index(min(ring))
        return [*ring[first:], *ring[:first], ring[first]]
    return []

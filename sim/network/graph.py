"""The carrier graph: autonomous systems, the states with jurisdiction over them, customer and peering links.

`build_graph` makes one from AS numbers, `shipped` from the fact tables.

A graph is immutable: a cut makes a new one. No AS may be its own customer, not even indirectly. A circle of customers
and providers is refused, because routes over it have no meaning (Gao & Rexford 2001,
https://doi.org/10.1109/90.974523).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import Code, InputError, Problem, did_you_mean
from ..facts import load_facts
from ..facts.model import REST_OF_WORLD
from ..facts.network import ASSUMPTIONS, NetworkFacts, carrier_index, load_network
from ..facts.states import load_places, state_anywhere

type Ints = npt.NDArray[np.integer[Any]]

UNKNOWN = "ZZ"
"""State of an autonomous system of which no table says where it belongs: the code of CLDR for an unknown territory."""
LARGEST_ASN = 2**32 - 1  # RFC 6793
FIRST_NUMBER = 4_200_000_000
"""First number of the range that RFC 6996 keeps for private use, so that no real network has these numbers."""
PROVIDERS = 2
"""So many providers each assumed carrier has (assumption)."""
_ENOUGH = 5
"""Links to providers abroad from which on the carriers of an area say who carries it (assumption)."""


class Neighbours(NamedTuple):
    """Neighbours of one kind, as compressed sparse rows."""

    start: Ints  # (N + 1,) int64: where each row begins in the other two
    items: Ints  # (M,) int32: positions of the neighbours, ascending in a row, so that the lowest number comes first
    links: Ints  # (M,) int32: number of the link to each of them


class Cable(NamedTuple):
    """A cable or a land crossing that joins states."""

    name: str
    states: tuple[str, ...]  # where it lands
    capacity: float  # what it can carry [Tbit/s]


@dataclass(frozen=True, eq=False)
class Graph:
    """Carriers and their relations; positions 0 to N-1 follow ascending AS numbers."""

    asns: Ints
    """(N,) int64: AS numbers, ascending."""
    state_codes: tuple[str, ...]
    """The S states, in alphabetical order."""
    state_of: Ints
    """(N,) int16: Position of each AS's state among them."""
    people: Ints
    """(N,) int64: Those whose access each AS carries [persons]; 1 each where nothing is known of people."""
    customer: Ints
    provider: Ints
    """(T,) int32: Positions of the two sides of each paid link."""
    peer_a: Ints
    peer_b: Ints
    """(Q,) int32: Positions of the two sides of each peering link."""
    link_ids: Ints
    """(T + Q,) int32: Number of each link in the graph that this one was cut from, paid links first; -1 for an added
    one."""
    names: tuple[str, ...] = ()
    """One for each AS; empty where none is known."""
    words: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """What users may call carriers, without case and accents -> AS numbers."""
    cables: tuple[Cable, ...] = ()
    """Empty where nothing is known of cables."""

    def __len__(self) -> int:
        return len(self.asns)

    def __repr__(self) -> str:
        return (
            f"<Graph: {len(self):,} carriers in {len(self.state_codes)} states, {len(self.customer):,} paid links, "
            f"{len(self.peer_a):,} peering links>"
        )

    @property
    def states(self) -> tuple[str, ...]:
        """State of each AS."""
        return tuple(self.state_codes[at] for at in self.state_of)

    @cached_property
    def ends(self) -> Ints:
        """Positions of both sides of each link, (T + Q, 2) int64, paid links first."""
        paid, free = np.stack([self.customer, self.provider]), np.stack([self.peer_a, self.peer_b])
        return np.concatenate([paid, free], axis=1).T.astype(np.int64)

    @cached_property
    def providers(self) -> Neighbours:
        """Providers of each AS."""
        return _neighbours(len(self), self.customer, self.provider, np.arange(len(self.customer)))

    @cached_property
    def customers(self) -> Neighbours:
        """Customers of each AS."""
        return _neighbours(len(self), self.provider, self.customer, np.arange(len(self.customer)))

    @cached_property
    def peers(self) -> Neighbours:
        """Peers of each AS."""
        numbers = np.arange(len(self.peer_a)) + len(self.customer)
        both = np.concatenate([self.peer_a, self.peer_b]), np.concatenate([self.peer_b, self.peer_a])
        return _neighbours(len(self), *both, np.concatenate([numbers, numbers]))

    @cached_property
    def order(self) -> Ints:
        """Positions, (N,) int32: every customer before its providers."""
        sorter = TopologicalSorter(dict.fromkeys(range(len(self)), ()))
        for customer, provider in zip(self.customer.tolist(), self.provider.tolist(), strict=True):
            sorter.add(provider, customer)
        return np.fromiter(sorter.static_order(), np.int32, len(self))

    def position(self, asn: int) -> int:
        """Return where an AS is, or raise InputError."""
        at = int(np.searchsorted(self.asns, asn))
        if at == len(self.asns) or self.asns[at] != asn:
            raise InputError(Problem("", f"AS{asn} is not in the graph", f"one of its {len(self):,} carriers"))
        return at

    def inside(self, state: str) -> npt.NDArray[np.bool_]:
        """Return which ASes belong to a state, (N,); none where it is not among those of the graph."""
        return self.state_of == (self.state_codes.index(state) if state in self.state_codes else -1)

    def cut_down(self, keep: npt.NDArray[np.bool_], new_peers: Ints | None = None) -> Graph:
        """Return the graph with some of its links only, and perhaps with new peers.

        Parameters
        ----------
        keep : (T + Q,) bool
            Whether each link stays.
        new_peers : (K, 2) int, optional
            Positions of pairs that peer from now on; those who have a link with each other keep that one.
        """
        paid, peering = keep[: len(self.customer)], keep[len(self.customer) :]
        ids = self.link_ids[keep]
        one, other = self.peer_a[peering], self.peer_b[peering]
        customer, provider = self.customer[paid], self.provider[paid]
        if new_peers is not None and len(new_peers):
            n = len(self)
            have = np.concatenate([pair_key(one, other, n), pair_key(customer, provider, n)])
            fresh = np.unique(pair_key(new_peers[:, 0], new_peers[:, 1], n))
            fresh = fresh[~np.isin(fresh, have)]
            one = np.concatenate([one, fresh // n]).astype(np.int32)
            other = np.concatenate([other, fresh % n]).astype(np.int32)
            ids = np.concatenate([ids, np.full(len(fresh), -1, np.int32)])
        return replace(
            self, customer=customer, provider=provider, peer_a=one, peer_b=other, link_ids=ids.astype(np.int32)
        )


def pair_key(one: Ints, other: Ints, n: int) -> Ints:
    """Return a number for each pair, whichever side comes first."""
    return np.asarray(np.minimum(one, other).astype(np.int64) * n + np.maximum(one, other))


def _neighbours(n: int, row: Ints, item: Ints, link: Ints) -> Neighbours:
    """Return neighbours in compressed sparse rows."""
    order = np.lexsort((item, row))
    start = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=n), out=start[1:])
    return Neighbours(start, item[order].astype(np.int32), link[order].astype(np.int32))


def circle_of(paid: Ints) -> tuple[list[int], Problem] | None:
    """Return a circle of customers and providers, and what is wrong with it; None where there is none.

    Parameters
    ----------
    paid : (T, 2) int
        AS numbers: customer, provider.

    Returns
    -------
    ring : list of int
        AS numbers, each a customer of the next, the lowest first and again last.
    problem : Problem
    """
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for customer, provider in paid.tolist():
        sorter.add(provider, customer)
    try:
        sorter.prepare()
    except CycleError as error:
        ring = error.args[1][1:]
        first = ring.index(min(ring))
        ring = [*ring[first:], *ring[:first], ring[first]]
        found = f"{' is a customer of '.join(map(str, ring))}: a circle of customers and providers"
        return ring, Problem("", found, "an AS pays nobody who pays it, however indirectly", "", Code.ORDER)
    return None


def build_graph(
    transit: Sequence[tuple[int, int]] | Ints,
    peering: Sequence[tuple[int, int]] | Ints,
    *,
    asns: Sequence[int] | Ints = (),
    states: Mapping[int, str] | None = None,
    people: Mapping[int, int] | None = None,
    names: Mapping[int, str] | None = None,
) -> Graph:
    """Make a graph from AS numbers.

    Parameters
    ----------
    transit : (T, 2) int
        Paid links: customer, provider.
    peering : (Q, 2) int
        Peering links.
    asns : (K,) int, optional
        ASes that are there even without a link.
    states, people, names : mapping of AS number, optional
        Its state (`UNKNOWN` where missing), people (0 where missing; 1 each without the mapping) and name.

    Raises
    ------
    InputError
        There is a circle of customers and providers, or two ASes have two links.
    """
    paid, free = (np.asarray(links, np.int64).reshape(-1, 2) for links in (transit, peering))
    numbers = np.unique(np.concatenate([paid.ravel(), free.ravel(), np.asarray(asns, np.int64).ravel()]))
    positions = [np.searchsorted(numbers, links).astype(np.int32) for links in (paid, np.sort(free, axis=1))]
    # Links in ascending order of their first, then second side.
    (customer, provider), (one, other) = (links[np.lexsort(links.T[::-1])].T.copy() for links in positions)
    n = len(numbers)
    keys = np.concatenate([pair_key(customer, provider, n), pair_key(one, other, n)])
    if len(np.unique(keys)) < len(keys) or (customer == provider).any() or (one == other).any():
        raise InputError(Problem("", "two links between the same two ASes, or one from an AS to itself", "one link"))
    if circle := circle_of(paid):
        raise InputError(circle[1])
    state = [(states or {}).get(int(asn), UNKNOWN) for asn in numbers]
    codes = sorted(set(state))
    carried = [1 if people is None else people.get(int(asn), 0) for asn in numbers]
    return Graph(
        asns=numbers,
        state_codes=tuple(codes),
        state_of=np.searchsorted(codes, state).astype(np.int16),
        people=np.array(carried, np.int64),
        customer=customer,
        provider=provider,
        peer_a=one,
        peer_b=other,
        link_ids=np.arange(len(customer) + len(one), dtype=np.int32),
        names=tuple((names or {}).get(int(asn), "") for asn in numbers),
    )


@lru_cache(maxsize=8)
def shipped(name: str = "world-2020", assumption: str = ASSUMPTIONS[0], states: tuple[str, ...] = ()) -> Graph:
    """Return the graph of a shipped set of facts: about 270 carriers, by hand.

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
        States that must have a carrier: each of which the tables have none gets one (assumption).

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
        asn: round(carrier.users_share * people[carrier.state].internet_users.value)
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
    # A cable that does not carry anything yet can be named in a cut, and takes nothing away.
    cables = tuple(
        Cable(c.name, tuple(sorted(set(c.landings))), c.capacity_tbps if c.status == "in service" else 0.0)
        for c in facts.cables.values()
    )
    return replace(graph, words=carrier_index(facts), cables=cables)


class AssumedCarrier(NamedTuple):
    """A carrier that stands for all carriers of a state without any in the tables, a customer of its neighbours'."""

    asn: int  # a number for private use
    name: str
    state: str
    people: int  # Internet users of the state [persons]
    providers: tuple[int, ...]  # the carriers that carry most of its neighbours


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
        links: Counter[int] = Counter()
        for link in network.links:
            customer, provider = network.carriers[link.b], network.carriers[link.a]
            near = places.get(customer.seat)
            if link.relation != "provider" or link.assumption_set or near is None or customer.seat == provider.seat:
                continue
            if not area or getattr(near, area) == getattr(own, area):
                links[provider.asn] += 1
        if (len(links) >= PROVIDERS and links.total() >= _ENOUGH) or not area:
            break
    return tuple(asn for asn, _ in sorted(links.items(), key=lambda item: (-item[1], item[0]))[:PROVIDERS])

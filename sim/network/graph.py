"""The carrier graph: autonomous systems, the states with jurisdiction over them, customer and peering links.

A graph is immutable: a cut makes a new one. No AS may be its own customer, not even indirectly. A circle of customers
and providers is refused, because routes over it have no meaning (Gao & Rexford 2001,
https://doi.org/10.1109/90.974523).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.errors import Code, InputError, Problem
from sim.kernels import kernel

type Ints = npt.NDArray[np.integer[Any]]

UNKNOWN = "ZZ"
"""State of an autonomous system of which no table says where it belongs: the code of CLDR for an unknown territory."""
LARGEST_ASN = 2**32 - 1  # RFC 6793


class CircleError(InputError):
    """Carriers that buy from each other in a circle.

    Parameters
    ----------
    ring : list of int
        AS numbers, each a customer of the next; the first again last.
    """

    def __init__(self, ring: list[int]) -> None:
        found = f"{' is a customer of '.join(str(asn) for asn in ring)}: a circle of customers and providers"
        super().__init__(Problem("", found, "an AS pays nobody who pays it, however indirectly", "", Code.ORDER))
        self.ring = ring

    def __reduce__(self) -> tuple[type[CircleError], tuple[list[int]]]:  # type: ignore[override]
        """Let the error travel between processes with its ring."""
        return type(self), (self.ring,)


class Rows(NamedTuple):
    """Neighbours of one kind, as compressed sparse rows.

    Attributes
    ----------
    start : (N + 1,) int64
        Where each row begins in the other two.
    items : (M,) int32
        Positions of the neighbours, ascending within a row, so that the lowest number comes first.
    links : (M,) int32
        Number of the link to each of them.
    """

    start: Ints
    items: Ints
    links: Ints


class Cable(NamedTuple):
    """A cable or a land crossing that joins states.

    Attributes
    ----------
    name : str
        Its name.
    states : tuple of str
        Where it lands.
    capacity : float
        What it can carry [Tbit/s].
    """

    name: str
    states: tuple[str, ...]
    capacity: float


@dataclass(frozen=True, eq=False)
class Graph:
    """Carriers and their relations; positions 0 to N-1 follow ascending AS numbers.

    Attributes
    ----------
    asns : (N,) int64
        AS numbers, ascending.
    state_codes : tuple of str
        The S states, in alphabetical order.
    state_of : (N,) int16
        Position of each AS's state among them.
    people : (N,) int64
        Those whose access each AS carries [persons]; 1 each where nothing is known of people.
    customer, provider : (T,) int32
        Positions of the two sides of each paid link.
    peer_a, peer_b : (Q,) int32
        Positions of the two sides of each peering link.
    link_ids : (T + Q,) int32
        Number of each link in the graph that this one was cut from, paid links first; -1 for an added one.
    names : tuple of str
        One for each AS; empty where none is known.
    words : mapping of str to tuple of int
        What users may call carriers, without case and accents -> AS numbers.
    cables : tuple of Cable
        Empty where nothing is known of cables.
    """

    asns: Ints
    state_codes: tuple[str, ...]
    state_of: Ints
    people: Ints
    customer: Ints
    provider: Ints
    peer_a: Ints
    peer_b: Ints
    link_ids: Ints
    names: tuple[str, ...] = ()
    words: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    cables: tuple[Cable, ...] = ()

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
    def providers(self) -> Rows:
        """Providers of each AS."""
        return _rows(len(self), self.customer, self.provider, np.arange(len(self.customer)))

    @cached_property
    def customers(self) -> Rows:
        """Customers of each AS."""
        return _rows(len(self), self.provider, self.customer, np.arange(len(self.customer)))

    @cached_property
    def peers(self) -> Rows:
        """Peers of each AS."""
        numbers = np.arange(len(self.peer_a)) + len(self.customer)
        both = np.concatenate([self.peer_a, self.peer_b]), np.concatenate([self.peer_b, self.peer_a])
        return _rows(len(self), *both, np.concatenate([numbers, numbers]))

    @cached_property
    def order(self) -> Ints:
        """Positions, (N,) int32: every customer before its providers."""
        order, done = _customers_first(self)
        if done < len(self):
            raise CircleError(_circle(self))
        return order

    @cached_property
    def ranks(self) -> Ints:
        """Height in the hierarchy of customers, (N,) int32: 0 without customers, else above all of them."""
        rank = np.zeros(len(self), np.int32)
        _rank(self.order, self.customers.start, self.customers.items, rank)
        return rank

    def position(self, asn: int) -> int:
        """Return where an AS is, or raise InputError."""
        at = int(np.searchsorted(self.asns, asn))
        if at == len(self.asns) or self.asns[at] != asn:
            raise InputError(Problem("", f"AS{asn} is not in the graph", f"one of its {len(self):,} carriers"))
        return at

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
            have = np.concatenate([one * np.int64(n) + other, *(pair_key(customer, provider, n),)])
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


def _rows(n: int, row: Ints, item: Ints, link: Ints) -> Rows:
    """Return neighbours in compressed sparse rows."""
    order = np.lexsort((item, row))
    start = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=n), out=start[1:])
    return Rows(start, item[order].astype(np.int32), link[order].astype(np.int32))


def _customers_first(graph: Graph) -> tuple[Ints, int]:
    """Return positions with customers before providers, and how many there are: fewer than N when there is a circle."""
    waits = np.bincount(graph.provider, minlength=len(graph)).astype(np.int32)
    order = np.full(len(graph), -1, np.int32)
    return order, _line_up(graph.providers.start, graph.providers.items, waits, order)


def _circle(graph: Graph) -> list[int]:
    """Return the AS numbers of one circle, its lowest number first and again last."""
    order, done = _customers_first(graph)
    stuck = set(range(len(graph))) - set(order[:done].tolist())
    start, items = graph.providers.start, graph.providers.items
    # Each AS that is stuck has a customer that is stuck, so going from customer to customer must reach a circle.
    below: dict[int, int] = {}
    for at in sorted(stuck):
        for provider in items[start[at] : start[at + 1]]:
            below.setdefault(int(provider), at)
    seen: list[int] = [min(stuck)]
    while below[seen[-1]] not in seen:
        seen.append(below[seen[-1]])
    ring = seen[seen.index(below[seen[-1]]) :][::-1]
    first = ring.index(min(ring))
    return [int(graph.asns[at]) for at in [*ring[first:], *ring[:first], ring[first]]]


@kernel
def _line_up(start: Ints, providers: Ints, waits: Ints, order: Ints) -> int:
    """Line up ASes, customers first (Kahn 1962); return how many could be."""
    n = len(order)
    filled = 0
    for at in range(n):
        if waits[at] == 0:
            order[filled] = at
            filled += 1
    done = 0
    while done < filled:
        at = order[done]
        done += 1
        for place in range(start[at], start[at + 1]):
            provider = providers[place]
            waits[provider] -= 1
            if waits[provider] == 0:
                order[filled] = provider
                filled += 1
    return filled


@kernel
def _rank(order: Ints, start: Ints, customers: Ints, rank: Ints) -> None:
    """Write the height of each AS above its customers."""
    for place in range(len(order)):
        at = order[place]
        for one in range(start[at], start[at + 1]):
            rank[at] = max(rank[at], rank[customers[one]] + 1)

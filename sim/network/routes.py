"""Valley-free routes: pairs of carriers with a route, preferred routes, and traffic along them.

An AS announces its customers' routes to all neighbours, and all its routes to its customers. A path
therefore climbs from customers to providers, crosses at most one peering link, and descends (Gao &
Rexford 2001, https://doi.org/10.1109/90.974523). Let cone(x) be x, its customers, their customers,
and so on::

    reach(x) = cone(x) + cone(y) of each peer y + reach(p) of each provider p

Each pair takes one bit. Columns do not depend on each other, and are computed in blocks that fit
the processor's cache. The number of threads does not change the result.

A carrier prefers routes of customers to those of peers, and these to those of providers; among
these the shortest, then the neighbour with the lowest number. Three sweeps over the carriers find
these kinds in turn: upwards from the destination, across one peering link, and downwards.

Traffic between two carriers is proportional to the product of their people. Addresses are not
used as weights: one department of defence holds 15 % of the United States' addresses.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import uint64

from ..core.cut import Cut
from ..core.kernels import kernel, leaf, lowest, part, shared_out
from .graph import Graph, Ints, Neighbours, apply_cut, avoided, read_cut

type Floats = npt.NDArray[np.float64]

NO_ROUTE = 255
"""Number of hops that means no route; no route has more than 254 hops."""
BLOCK = 16  # words of 64 columns in a block: two cache lines, which are fetched together
SMALL_WORK = 500_000
"""Destinations x carriers in one piece of work for a thread."""
WALKS = 5_000_000
"""Routes in one piece of work for a thread."""
OWN = 3
CUSTOMER = 2
PEER = 1
PROVIDER = 0
NONE = -1


@dataclass(frozen=True, eq=False, repr=False)
class Reach:
    """Pairs of carriers with a route; ``numpy.asarray(reach, bool)`` gives the plain matrix."""

    asns: Ints
    """(N,) int64: AS numbers of rows and columns."""
    bits: npt.NDArray[np.uint64]
    """(N, W) uint64: Column c of a row is bit ``c % 64`` of word ``c // 64``; each carrier reaches
    itself.
    """

    def __len__(self) -> int:
        return len(self.asns)

    def __repr__(self) -> str:
        n = len(self)
        return f"<Reach: {self.n_pairs():,} of {n * n:,} ordered pairs of {n:,} carriers>"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return the matrix, (N, N) bool."""
        if copy is False:
            raise ValueError("the matrix is kept as bits; numpy must make a copy of it")
        plain = np.unpackbits(
            self.bits.astype("<u8", copy=False).view(np.uint8), axis=1, bitorder="little"
        )
        return (
            plain[:, : len(self)]
            .view(np.bool_)
            .astype(np.bool_ if dtype is None else dtype, copy=False)
        )

    def row(self, asn: int) -> npt.NDArray[np.bool_]:
        """Return whether an AS has a route to each other one, (N,) bool."""
        at = int(np.searchsorted(self.asns, asn))
        if at == len(self) or self.asns[at] != asn:
            raise KeyError(asn)
        words = self.bits[at, np.arange(len(self)) // 64]
        return np.asarray(
            (words >> (np.arange(len(self), dtype=np.uint64) % np.uint64(64))) & np.uint64(1),
            np.bool_,
        )

    def has(self, source: int, destination: int) -> bool:
        """Return whether one AS has a route to another."""
        return bool(self.row(source)[int(np.searchsorted(self.asns, destination))])

    def n_pairs(self) -> int:
        """Return the number of ordered pairs with a route, including each carrier with itself."""
        return int(np.bitwise_count(self.bits).sum(dtype=np.int64))


def reachable(graph: Graph, cut: Cut | str | Iterable[str] | None = None) -> Reach:
    """Return the pairs of carriers with a valley-free route.

    Parameters
    ----------
    graph : Graph
        The carriers.
    cut : Cut, str, or iterable of str, optional
        The cut to apply first, such as ``"state:RU"`` or ``["carrier:4134@US", "mesh:RU"]``.

    Returns
    -------
    Reach
        ``numpy.asarray(reach, bool)`` is (N, N), rows and columns as ``graph.asns``, its diagonal
        true.

    Raises
    ------
    InputError
        If the cut names something that is not in the graph.
    """
    cut = read_cut(cut, graph)
    left = apply_cut(graph, cut)
    barred, class_of = avoided(left, cut)
    if len(barred) == 1:
        return Reach(graph.asns, _reach_bits(left, ~barred[0, 0]))
    bits = np.zeros((1, 1), np.uint64)
    for first, second in combinations_with_replacement(range(len(barred)), 2):
        part = _reach_bits(left, ~barred[first, second])
        bits = bits if bits.shape == part.shape else np.zeros_like(part)
        for rows, columns in {(first, second), (second, first)}:
            chosen = np.zeros(64 * part.shape[1], np.bool_)
            chosen[: len(graph)] = class_of == columns
            mask = np.packbits(chosen, bitorder="little").view("<u8").astype(np.uint64)
            bits[class_of == rows] |= part[class_of == rows] & mask
    return Reach(graph.asns, bits)


def _reach_bits(graph: Graph, passes: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    """Return the bits of a `Reach` for a graph without further cuts.

    Carriers that are False in ``passes``, (N,), pass on no foreign traffic but can still be
    reached.
    """
    n = len(graph)
    blocks = max(1, -(-n // (64 * BLOCK)))
    bits = np.empty((n, blocks * BLOCK), np.uint64)
    sells = np.diff(graph.customers.start) > 0
    # Carriers without customers announce only themselves, so they need no separate memory.
    place = np.where(sells, np.cumsum(sells) - 1, -1).astype(np.int32)
    order = graph.order
    down = graph.customers
    across = graph.peers
    up = graph.providers

    def fill(first: int, end: int) -> None:
        cone, full = np.empty((2, int(sells.sum()), BLOCK), np.uint64)
        for block in range(first, end):
            _reach_columns(block * BLOCK, order, down, across, up, passes, place, cone, full, bits)

    workers = min(os.cpu_count() or 1, blocks)
    shared_out(workers, blocks, -(-blocks // workers), fill)
    return bits


def people_reached(graph: Graph, reach: Reach) -> Floats:
    """Return the number of pairs of people with a route, by the states of both ends.

    Parameters
    ----------
    graph : Graph
        The graph, which gives each carrier's people and state.
    reach : Reach
        The reach between the same carriers.

    Returns
    -------
    (S, S) float64
        Ordered pairs of persons; people of the same carrier have a route.
    """
    state = graph.state_of.astype(np.int64)
    size = len(graph.state_codes)
    total = np.bincount(state, graph.people, minlength=size).astype(np.int64)
    joined = np.zeros((size, size))
    n_joined = np.bitwise_count(reach.bits).sum(axis=1, dtype=np.int64)
    bits = reach.bits.view(np.int64)
    people = graph.people.astype(np.int64)
    _sum_people(
        bits, 2 * n_joined > len(graph), people, state, total, np.zeros(size, np.int64), joined
    )
    return joined


@leaf
def _mark(target: Any, row: int, x: int, first: int) -> None:
    """Add one AS to a row if its column is in the block."""
    word = (x >> 6) - first
    if 0 <= word < BLOCK:
        target[row, word] |= uint64(1) << uint64(x & 63)


@leaf
def _join(
    target: Any, row: int, source: Any, place: Any, other: int, passes: Any, first: int
) -> None:
    """Add another carrier's row, or only this carrier if it passes nothing on or has no
    customers.
    """
    if place[other] >= 0 and passes[other]:
        for word in range(BLOCK):
            target[row, word] |= source[place[other], word]
    else:
        _mark(target, row, other, first)


@part
def _fill_cones(
    first: int, order: Any, down: Neighbours, passes: Any, place: Any, cone: Any
) -> None:
    """Fill the cone of each carrier, in order from customers to providers."""
    for turn in range(len(order)):
        x = order[turn]
        row = place[x]
        if row < 0:
            continue
        for word in range(BLOCK):
            cone[row, word] = 0
        _mark(cone, row, x, first)
        for link in range(down.start[x], down.start[x + 1]):
            _join(cone, row, cone, place, down.items[link], passes, first)


@kernel
def _reach_columns(
    first: int,
    order: Any,
    down: Neighbours,
    across: Neighbours,
    up: Neighbours,
    passes: Any,
    place: Any,
    cone: Any,
    full: Any,
    bits: Any,
) -> None:
    """Fill the columns of one block, words ``first`` to ``first + BLOCK``: cones upwards, then
    reach downwards.

    ``place`` is the row of a carrier in ``cone`` and ``full``, if the carrier has customers.
    """
    _fill_cones(first, order, down, passes, place, cone)
    for turn in range(len(order) - 1, -1, -1):
        x = order[turn]
        row = place[x]
        mine = bits[x : x + 1, first : first + BLOCK]
        for word in range(BLOCK):
            mine[0, word] = cone[row, word] if row >= 0 else uint64(0)
        _mark(mine, 0, x, first)
        for link in range(across.start[x], across.start[x + 1]):
            _join(mine, 0, cone, place, across.items[link], passes, first)
        for link in range(up.start[x], up.start[x + 1]):
            _join(mine, 0, full, place, up.items[link], passes, first)
        if row >= 0:
            for word in range(BLOCK):
                full[row, word] = mine[0, word]


@kernel
def _sum_people(
    bits: Any, most: Any, people: Any, group: Any, total: Any, row: Any, joined: Any
) -> None:
    """Sum people over the set bits, by group of row and of column.

    The sums are of whole people, so nothing is rounded. Where ``most`` bits of a row are set, the
    unset ones are subtracted instead.
    """
    n = len(people)
    for x in range(n):
        if people[x] == 0:
            continue
        for state in range(len(total)):
            row[state] = total[state] if most[x] else 0
        for word in range((n + 63) // 64):
            left = ~bits[x, word] if most[x] else bits[x, word]
            while left:
                y = 64 * word + lowest(left)
                if y < n:
                    row[group[y]] += -people[y] if most[x] else people[y]
                left &= left - 1
        for state in range(len(total)):
            joined[group[x], state] += float(people[x]) * float(row[state])


@dataclass(frozen=True, eq=False)
class Routes:
    """Preferred routes to some destinations."""

    graph: Graph
    """The graph after the cut."""
    destinations: Ints
    """(D,) int64: Positions of the destinations."""
    class_of: Ints
    """(N,) int64: Class of each carrier; a class has the same path rules. 0 without rules."""
    hops: npt.NDArray[np.uint8]
    """(C, D, N) uint8: Hops to each destination for the traffic of each class, `NO_ROUTE` where
    there is no route.
    """
    via: npt.NDArray[np.int32]
    """(C, D, N) int32: Number of the first link of each route, paid links before peering links; -1
    if there is none.
    """

    def lengths(self) -> npt.NDArray[np.uint8]:
        """Return the hops of each carrier's own traffic, (D, N)."""
        return np.take_along_axis(self.hops, self.class_of[None, None, :], axis=0)[0]

    def path(self, source: int, destination: int) -> list[int]:
        """Return the AS numbers along a route, with both ends; empty if there is no route.

        Parameters
        ----------
        source, destination : int
            AS numbers; the destination must be among ``destinations``.
        """
        x = self.graph.position(source)
        d = self.graph.position(destination)
        row = int(np.flatnonzero(self.destinations == d)[0])
        layer = int(self.class_of[x])
        ends = self.graph.ends.sum(axis=1)
        if self.hops[layer, row, x] == NO_ROUTE:
            return []
        path = [x]
        while path[-1] != d:
            path.append(int(ends[self.via[layer, row, path[-1]]]) - path[-1])
        return [int(self.graph.asns[at]) for at in path]


def find_routes(
    graph: Graph,
    cut: Cut | str | Iterable[str] | None = None,
    destinations: Iterable[int] | None = None,
) -> Routes:
    """Find the preferred routes of all carriers to some destinations, before or after a cut.

    Parameters
    ----------
    graph : Graph
        The carriers.
    cut : Cut, str, or iterable of str, optional
        The cut to apply first; see `reachable`.
    destinations : iterable of int, optional
        AS numbers; by default all. Each takes time in proportion to carriers and links, and 5 bytes
        per carrier.
    """
    cut = read_cut(cut, graph)
    left = apply_cut(graph, cut)
    positions = (
        range(len(graph)) if destinations is None else [graph.position(asn) for asn in destinations]
    )
    wanted = np.array(positions, np.int64)
    barred, class_of = avoided(left, cut)
    shape = (len(barred), len(wanted), len(graph))
    hops = np.full(shape, NO_ROUTE, np.uint8)
    via = np.full(shape, -1, np.int32)
    order = left.order
    up = left.providers
    across = left.peers
    down = left.customers

    def fill(first: int, end: int) -> None:
        kind = np.empty(len(graph), np.int8)
        chunk = slice(first, end)
        for layer in range(len(barred)):
            passes = ~barred[layer]
            _routes_to_all(
                order,
                up,
                across,
                down,
                passes,
                class_of,
                wanted[chunk],
                kind,
                hops[layer, chunk],
                via[layer, chunk],
            )

    shared_out(os.cpu_count() or 1, len(wanted), max(1, SMALL_WORK // max(1, len(graph))), fill)
    return Routes(left, wanted, class_of, hops, via)


class Traffic(NamedTuple):
    """Ordered pairs of people by the states, carriers and links on their routes [pairs]; S states,
    N carriers.
    """

    joined: Floats  # (S, S) pairs with a route, by state of either end
    # (N,) pairs in two states, by the carrier at which the route leaves its first state
    exits: Floats
    links: Floats  # (T + Q,) pairs over each link of the uncut graph
    crossed: Floats  # (S, S) pairs from each state [row] that cross a third [column]


def sample(graph: Graph, most: int) -> tuple[Ints, Floats]:
    """Return destinations that represent all people: all carriers with people, or an even sample of
    people's carriers.

    Returns
    -------
    asns : (D,) int64
        AS numbers.
    weights : (D,) float64
        People whom each destination represents [persons].
    """
    served = np.flatnonzero(graph.people)
    if len(served) <= most:
        return graph.asns[served], graph.people[served].astype(np.float64)
    ends = np.cumsum(graph.people)
    step = ends[-1] / most
    drawn, times = np.unique(
        np.searchsorted(ends, (np.arange(most) + 0.5) * step, side="right"), return_counts=True
    )
    return graph.asns[drawn], times * step


def carry(routes: Routes, weights: Floats, n_links: int) -> Traffic:
    """Sum the traffic along all routes to the destinations, each of which represents ``weights``
    people, (D,).

    The links are those of the graph before any cut.
    """
    # the sum less one end is the other end
    graph = routes.graph
    ends = routes.graph.ends.sum(axis=1)
    n = len(graph)
    size = len(graph.state_codes)
    state = graph.state_of.astype(np.int64)
    people = graph.people.astype(np.float64)

    def follow(first: int, end: int) -> Traffic:
        shapes = ((size, size), n, n_links + 1, (size, size))
        traffic = Traffic(*(np.zeros(shape) for shape in shapes))
        part = slice(first, end)
        _walk(
            routes.destinations[part],
            weights[part],
            routes.class_of,
            routes.hops[:, part],
            routes.via[:, part],
            ends,
            graph.link_ids,
            state,
            people,
            np.full(size, -1, np.int64),
            traffic,
        )
        return traffic

    # The parts depend only on the size and are added in order, so threads do not change any digit.
    parts = shared_out(os.cpu_count() or 1, max(1, len(weights)), max(1, WALKS // n), follow)
    total = Traffic(*(np.asarray(sum(arrays)) for arrays in zip(*parts, strict=True)))
    return total._replace(
        links=total.links[:-1]
    )  # the last element is for links that a cut has added


@kernel
def _routes_to_all(
    order: Any,
    up: Neighbours,
    across: Neighbours,
    down: Neighbours,
    passes: Any,
    class_of: Any,
    wanted: Any,
    kind: Any,
    hops: Any,
    via: Any,
) -> None:
    """Find the routes of one class of traffic to some destinations, and fill a row of ``hops`` and
    ``via`` for each.

    ``passes`` has a row for each class that a destination may be in.
    """
    n = len(kind)
    for row in range(len(wanted)):
        d = wanted[row]
        allowed = passes[class_of[d]]
        length = hops[row]
        link = via[row]
        for x in range(n):
            kind[x] = NONE
        kind[d] = OWN
        length[d] = 0
        for place in range(n):
            _take(order[place], d, down, CUSTOMER, CUSTOMER, kind, allowed, length, link)
        for x in range(n):
            if kind[x] < CUSTOMER:
                _take(x, d, across, CUSTOMER, PEER, kind, allowed, length, link)
        for place in range(n - 1, -1, -1):
            if kind[order[place]] == NONE:
                _take(order[place], d, up, PROVIDER, PROVIDER, kind, allowed, length, link)


@leaf
def _take(
    x: int,
    d: int,
    near: Neighbours,
    least: int,
    own: int,
    kind: Any,
    allowed: Any,
    length: Any,
    link: Any,
) -> None:
    """Take the shortest route that neighbours of one kind announce; the kind of their route must be
    at least ``least``.
    """
    for at in range(near.start[x], near.start[x + 1]):
        y = near.items[at]
        if kind[y] >= least and (allowed[y] or y == d) and length[y] + 1 < length[x]:
            length[x] = length[y] + 1
            link[x] = near.links[at]
            kind[x] = own


@kernel
def _walk(
    destinations: Any,
    weights: Any,
    class_of: Any,
    hops: Any,
    via: Any,
    ends: Any,
    link_ids: Any,
    state: Any,
    people: Any,
    seen: Any,
    traffic: Traffic,
) -> None:
    """Follow every route to its destination, and add its pairs of people to everything on the way.

    ``seen`` holds the last walk that crossed each state, so that a state counts once in a walk.
    """
    walk = 0
    for row in range(len(destinations)):
        d = destinations[row]
        for x in range(len(people)):
            layer = class_of[x]
            if people[x] == 0 or hops[layer, row, x] == NO_ROUTE:
                continue
            pairs = people[x] * weights[row]
            traffic.joined[state[x], state[d]] += pairs
            walk += 1
            at = x
            left = False
            while at != d:
                link = via[layer, row, at]
                after = ends[link] - at
                traffic.links[link_ids[link]] += pairs
                if not left and state[at] == state[x] and state[after] != state[x]:
                    left = True
                    if state[d] != state[x]:
                        traffic.exits[at] += pairs
                third = state[after]
                if (
                    third != state[x]
                    and third != state[d]
                    and state[x] != state[d]
                    and seen[third] != walk
                ):
                    seen[third] = walk
                    traffic.crossed[state[x], third] += pairs
                at = after

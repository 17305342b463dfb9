"""The route that each carrier prefers to each destination.

A carrier prefers routes of customers to those of peers, and these to those of providers; among these the shortest, then
the neighbour with the lowest number (Gao & Rexford 2001, https://doi.org/10.1109/90.974523). The three kinds are found
one after the other, each in one sweep over the carriers: upwards from the destination, across one peering link,
downwards.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.cut import Cut
from sim.kernels import kernel, leaf
from sim.network.cut_words import read_cut
from sim.network.cuts import apply_cut, avoided
from sim.network.graph import Graph, Ints

NO_ROUTE = 255
"""Number of hops where there is no route; longer ones than 254 hops do not happen."""
SMALL_WORK = 500_000
"""Destinations x carriers that one thread does at a time."""
OWN, CUSTOMER, PEER, PROVIDER = 3, 2, 1, 0
NONE = -1


class Links(NamedTuple):
    """A graph as the kernels read it: neighbours of each kind with the number of each link, customers first."""

    order: Any
    up: Any
    providers: Any
    up_links: Any
    down: Any
    customers: Any
    down_links: Any
    across: Any
    peers: Any
    peer_links: Any


@dataclass(frozen=True, eq=False)
class Routes:
    """Preferred routes to some destinations.

    Attributes
    ----------
    graph : Graph
        What the cut has left.
    destinations : (D,) int64
        Positions.
    class_of : (N,) int64
        Class of each carrier: those under the same path rules; 0 everywhere without rules.
    hops : (C, D, N) uint8
        Hops to each destination for the traffic of each class, `NO_ROUTE` where there is no route.
    via : (C, D, N) int32
        Number of the first link of it, paid links before peering links; -1 where there is none.
    """

    graph: Graph
    destinations: Ints
    class_of: Ints
    hops: npt.NDArray[np.uint8]
    via: npt.NDArray[np.int32]

    @property
    def ends(self) -> Ints:
        """Sum of the positions of both ends of each link, (T + Q,): less one end it is the other."""
        graph = self.graph
        paid, free = graph.customer.astype(np.int64) + graph.provider, graph.peer_a.astype(np.int64) + graph.peer_b
        return np.concatenate([paid, free])

    def lengths(self) -> npt.NDArray[np.uint8]:
        """Return the hops of each carrier's own traffic, (D, N)."""
        return np.take_along_axis(self.hops, self.class_of[None, None, :], axis=0)[0]

    def path(self, source: int, destination: int) -> list[int]:
        """Return the AS numbers of a route, both ends among them; empty when there is none.

        Parameters
        ----------
        source, destination : int
            AS numbers; the routes to the destination must have been asked for.
        """
        x, d = self.graph.position(source), self.graph.position(destination)
        row = int(np.flatnonzero(self.destinations == d)[0])
        layer, ends = int(self.class_of[x]), self.ends
        if self.hops[layer, row, x] == NO_ROUTE:
            return []
        found = [x]
        while found[-1] != d:
            found.append(int(ends[self.via[layer, row, found[-1]]]) - found[-1])
        return [int(self.graph.asns[at]) for at in found]


def find_routes(
    graph: Graph, cut: Cut | str | Iterable[str] | None = None, destinations: Iterable[int] | None = None
) -> Routes:
    """Find everybody's preferred routes to some destinations, perhaps after a cut.

    Parameters
    ----------
    graph : Graph
        The carriers.
    cut : Cut, str, or iterable of str, optional
        What is cut first; see `sim.network.reachable`.
    destinations : iterable of int, optional
        AS numbers; by default all. Each costs time in proportion to carriers and links, and 5 bytes a carrier.
    """
    cut = read_cut(cut, graph)
    left = apply_cut(graph, cut)
    wanted = (
        np.arange(len(graph)) if destinations is None else np.array([graph.position(asn) for asn in destinations])
    ).astype(np.int64)
    barred, class_of = avoided(left, cut)
    shape = (len(barred), len(wanted), len(graph))
    hops, via = np.full(shape, NO_ROUTE, np.uint8), np.full(shape, -1, np.int32)
    links = links_of(left)

    def work(chunk: slice) -> None:
        kind = np.empty(len(graph), np.int8)
        for layer in range(len(barred)):
            passes = ~(barred | barred[layer])
            _routes_to_all(links, passes, class_of, wanted[chunk], kind, hops[layer, chunk], via[layer, chunk])

    size = max(1, SMALL_WORK // max(1, len(graph)))
    chunks = [slice(at, at + size) for at in range(0, len(wanted), size)]
    if len(chunks) == 1:
        work(chunks[0])
    else:
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(work, chunks))
    return Routes(left, wanted, class_of, hops, via)


def links_of(graph: Graph) -> Links:
    """Return a graph as the kernels read it."""
    up, down, across = graph.providers, graph.customers, graph.peers
    return Links(graph.order, *up, *down, *across)


@leaf
def _usable(passes: Any, y: int, d: int) -> bool:
    """Return whether a neighbour passes traffic on to a destination, or is it."""
    return passes[y] or y == d


@kernel
def _routes_to_all(links: Links, passes: Any, class_of: Any, wanted: Any, kind: Any, hops: Any, via: Any) -> None:
    """Find the routes of one class of traffic to each destination wanted, into a row of ``hops`` and ``via`` each.

    ``passes`` has a row for each class that a destination may be in.
    """
    n = len(kind)
    for row in range(len(wanted)):
        d = wanted[row]
        allowed = passes[class_of[d]]
        for x in range(n):
            kind[x] = NONE
        kind[d] = OWN
        hops[row, d] = 0
        for place in range(n):
            x = links.order[place]
            for one in range(links.down[x], links.down[x + 1]):
                y = links.customers[one]
                if x != d and kind[y] >= CUSTOMER and _usable(allowed, y, d) and hops[row, y] + 1 < hops[row, x]:
                    hops[row, x] = hops[row, y] + 1
                    via[row, x] = links.down_links[one]
                    kind[x] = CUSTOMER
        for x in range(n):
            if kind[x] >= CUSTOMER:
                continue
            for one in range(links.across[x], links.across[x + 1]):
                y = links.peers[one]
                if kind[y] >= CUSTOMER and _usable(allowed, y, d) and hops[row, y] + 1 < hops[row, x]:
                    hops[row, x] = hops[row, y] + 1
                    via[row, x] = links.peer_links[one]
                    kind[x] = PEER
        for place in range(n - 1, -1, -1):
            x = links.order[place]
            if kind[x] > NONE:
                continue
            for one in range(links.up[x], links.up[x + 1]):
                y = links.providers[one]
                if kind[y] > NONE and _usable(allowed, y, d) and hops[row, y] + 1 < hops[row, x]:
                    hops[row, x] = hops[row, y] + 1
                    via[row, x] = links.up_links[one]
                    kind[x] = PROVIDER

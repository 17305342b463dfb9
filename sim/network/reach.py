"""Which AS reaches which over valley-free routes, for all pairs at once.

An AS announces its customers' routes to all neighbours, and all its routes to its customers. A path therefore climbs
from customers to providers, crosses at most one peering link, and descends (Gao & Rexford 2001,
https://doi.org/10.1109/90.974523). Let cone(x) be x, its customers, their customers, and so on::

    reach(x) = cone(x) + cone(y) of each peer y + reach(p) of each provider p

Each pair takes one bit. Columns do not depend on each other. They are computed in blocks that fit the processor's
cache; the result is the same for any number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import uint64

from sim.kernels import kernel, leaf
from sim.network.graph import Graph, Ints

BLOCK = 16  # words of 64 columns in a block: two lines of cache, which are fetched together
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


class Reach:
    """Who has a route to whom; ``numpy.asarray(reach, bool)`` gives the plain matrix.

    Attributes
    ----------
    asns : (N,) int64
        AS numbers of rows and columns.
    bits : (N, W) uint64
        Column c of a row is bit ``c % 64`` of word ``c // 64``; everybody reaches itself.
    """

    def __init__(self, asns: Ints, bits: npt.NDArray[np.uint64]) -> None:
        self.asns = asns
        self.bits = bits

    def __len__(self) -> int:
        return len(self.asns)

    def __repr__(self) -> str:
        n = len(self)
        return f"<Reach: {self.n_pairs():,} of {n * n:,} ordered pairs of {n:,} carriers>"

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self), len(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return the matrix, (N, N) bool."""
        if copy is False:
            raise ValueError("the matrix is kept as bits; numpy must make a copy of it")
        return self._unpacked(self.bits).astype(np.bool_ if dtype is None else dtype, copy=False)

    def row(self, asn: int) -> npt.NDArray[np.bool_]:
        """Return which ASes one has a route to, (N,) bool."""
        at = int(np.searchsorted(self.asns, asn))
        if at == len(self) or self.asns[at] != asn:
            raise KeyError(asn)
        return np.asarray(self._unpacked(self.bits[at : at + 1])[0], np.bool_)

    def has(self, source: int, destination: int) -> bool:
        """Return whether one AS has a route to another."""
        return bool(self.row(source)[int(np.searchsorted(self.asns, destination))])

    def n_pairs(self) -> int:
        """Return the ordered pairs that are joined, everybody with itself among them."""
        return int(np.bitwise_count(self.bits).sum(dtype=np.int64))

    def _unpacked(self, bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        plain = np.unpackbits(bits.astype("<u8", copy=False).view(np.uint8), axis=1, bitorder="little")
        return plain[:, : len(self)].view(np.bool_)


def reach_of(graph: Graph, through: npt.NDArray[np.bool_] | None = None, threads: int | None = None) -> Reach:
    """Return who reaches whom in a graph as it is.

    Parameters
    ----------
    graph : Graph
        The carriers.
    through : (N,) bool, optional
        Who passes on what is not its own; by default everybody. Others can still be reached.
    threads : int, optional
        Number of threads; by default one per core.
    """
    n = len(graph)
    blocks = max(1, -(-n // (64 * BLOCK)))
    bits = np.empty((n, blocks * BLOCK), np.uint64)
    passes = np.ones(n, np.bool_) if through is None else through
    sells = np.diff(graph.customers.start) > 0
    # carriers without customers announce only themselves, so they need no separate memory
    place = np.where(sells, np.cumsum(sells) - 1, -1).astype(np.int32)
    adjacency = [part for rows in (graph.customers, graph.peers, graph.providers) for part in (rows.start, rows.items)]
    order, room = graph.order, (int(sells.sum()), BLOCK)
    fill: Callable[..., None] = _reach_columns

    def work(first: int, step: int) -> None:
        cone, full = np.empty(room, np.uint64), np.empty(room, np.uint64)
        for block in range(first, blocks, step):
            fill(block * BLOCK, order, *adjacency, passes, place, cone, full, bits)

    workers = min(threads or os.cpu_count() or 1, blocks)
    if workers == 1:
        work(0, 1)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, range(workers), [workers] * workers))
    return Reach(graph.asns, bits)


def people_reached(
    graph: Graph, reach: Reach, groups: Ints | None = None, n_groups: int = 0
) -> npt.NDArray[np.float64]:
    """Return the pairs of people joined, by state of either end.

    Parameters
    ----------
    graph : Graph
        Says whose people are where.
    reach : Reach
        Of the same carriers.
    groups : (N,) int, optional
        Another grouping of carriers than by state, with its number of groups.
    n_groups : int
        How many there are.

    Returns
    -------
    (S, S) float64
        Ordered pairs of persons; people of one carrier are joined.
    """
    group = (graph.state_of if groups is None else groups).astype(np.int64)
    size = len(graph.state_codes) if groups is None else n_groups
    total = np.bincount(group, graph.people, minlength=size).astype(np.int64)
    joined = np.zeros((size, size))
    _sum_people(reach.bits, graph.people.astype(np.int64), group, total, np.zeros(size, np.int64), joined)
    return joined


@leaf
def _mark(target: Any, row: int, x: int, first: int) -> None:
    """Add one AS, if its column is in the block."""
    word = (x >> 6) - first
    if 0 <= word < BLOCK:
        target[row, word] |= uint64(1) << uint64(x & 63)


@leaf
def _join(target: Any, row: int, source: Any, place: Any, other: int, passes: Any, first: int) -> None:
    """Add what another has: all of it, or only itself when it passes nothing on or has no customers."""
    if place[other] >= 0 and passes[other]:
        for word in range(BLOCK):
            target[row, word] |= source[place[other], word]
    else:
        _mark(target, row, other, first)


@kernel
def _reach_columns(
    first: int, order: Any, down: Any, customers: Any, across: Any, peers: Any, up: Any, providers: Any,
    passes: Any, place: Any, cone: Any, full: Any, bits: Any,
) -> None:  # fmt: skip
    """Fill the columns of one block, words ``first`` to ``first + BLOCK``: cones upwards, then reach downwards.

    ``place`` is the row in ``cone`` and ``full`` of those who have customers.
    """
    n = len(order)
    for turn in range(n):
        x = order[turn]
        row = place[x]
        if row < 0:
            continue
        for word in range(BLOCK):
            cone[row, word] = 0
        _mark(cone, row, x, first)
        for link in range(down[x], down[x + 1]):
            _join(cone, row, cone, place, customers[link], passes, first)
    for turn in range(n - 1, -1, -1):
        x = order[turn]
        row = place[x]
        mine = bits[x : x + 1, first : first + BLOCK]
        for word in range(BLOCK):
            mine[0, word] = cone[row, word] if row >= 0 else uint64(0)
        _mark(mine, 0, x, first)
        for link in range(across[x], across[x + 1]):
            _join(mine, 0, cone, place, peers[link], passes, first)
        for link in range(up[x], up[x + 1]):
            _join(mine, 0, full, place, providers[link], passes, first)
        if row >= 0:
            for word in range(BLOCK):
                full[row, word] = mine[0, word]


@leaf
def _ones(word: Any) -> Any:
    """Return how many bits of a word are set."""
    word = word - ((word >> uint64(1)) & uint64(0x5555555555555555))
    word = (word & uint64(0x3333333333333333)) + ((word >> uint64(2)) & uint64(0x3333333333333333))
    word = (word + (word >> uint64(4))) & uint64(0x0F0F0F0F0F0F0F0F)
    return (word * uint64(0x0101010101010101)) >> uint64(56)


@kernel
def _sum_people(bits: Any, people: Any, group: Any, total: Any, row: Any, joined: Any) -> None:
    """Sum people over the set bits, by group of row and of column.

    Whole persons are summed, so nothing is rounded; where most bits of a row are set, the others are taken off.
    """
    n = len(people)
    for x in range(n):
        if people[x] == 0:
            continue
        count = 0
        for word in range(bits.shape[1]):
            count += int(_ones(bits[x, word]))
        most = 2 * count > n
        for one in range(len(total)):
            row[one] = total[one] if most else 0
        for word in range((n + 63) // 64):
            left = ~bits[x, word] if most else bits[x, word]
            while left:
                lowest = left & (~left + uint64(1))
                y = 64 * word + int(_ones(lowest - uint64(1)))
                if y < n:
                    row[group[y]] += -people[y] if most else people[y]
                left ^= lowest
        for one in range(len(total)):
            joined[group[x], one] += float(people[x]) * float(row[one])

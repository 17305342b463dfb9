"""The paths of traffic: pairs of people along their carriers' routes, over links, gateways and third states.

Traffic between two carriers is in proportion to the product of their people. It is weighted by people, never by
addresses: one department of defence holds 15 % of the United States' addresses.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.kernels import kernel
from sim.network.graph import Graph, Ints
from sim.network.routes import NO_ROUTE, Routes

type Floats = npt.NDArray[np.float64]


WALKS = 5_000_000
"""Routes that one thread follows at a time."""


@dataclass(frozen=True, eq=False)
class Traffic:
    """Ordered pairs of people by what their route crosses [pairs]; S states, N carriers.

    Attributes
    ----------
    joined : (S, S)
        With a route, by state of either end.
    exits : (N,)
        Between states: by the carrier at which the route leaves the state of its origin.
    links : (T + Q,)
        Over each link of the graph before any cut.
    passed : (N,)
        Passed on by each carrier, which is neither end.
    crossed : (S, S)
        Between states: of each [row], that cross each third one [column].
    strayed : (S,)
        At home, on routes that go abroad and back.
    """

    joined: Floats
    exits: Floats
    links: Floats
    passed: Floats
    crossed: Floats
    strayed: Floats


def sample(graph: Graph, most: int) -> tuple[Ints, Floats]:
    """Return destinations that stand for all people: all carriers that have any, or evenly drawn persons' carriers.

    Parameters
    ----------
    graph : Graph
        The carriers.
    most : int
        Most destinations.

    Returns
    -------
    asns : (D,) int64
        AS numbers.
    weights : (D,) float64
        How many persons each stands for.
    """
    served = np.flatnonzero(graph.people)
    if len(served) <= most:
        return graph.asns[served], graph.people[served].astype(np.float64)
    ends = np.cumsum(graph.people)
    step = ends[-1] / most
    drawn, times = np.unique(np.searchsorted(ends, (np.arange(most) + 0.5) * step, side="right"), return_counts=True)
    return graph.asns[drawn], times * step


def carry(routes: Routes, weights: Floats, n_links: int) -> Traffic:
    """Send everybody's traffic along their routes.

    Parameters
    ----------
    routes : Routes
        To the destinations.
    weights : (D,) float64
        Persons that each destination stands for.
    n_links : int
        Links of the graph before any cut.
    """
    graph, ends = routes.graph, routes.ends
    n, size = len(graph), len(graph.state_codes)
    state, people = graph.state_of.astype(np.int64), graph.people.astype(np.float64)
    walk: Callable[..., None] = _walk
    # the parts depend on the size alone, and are added up in their order: threads change no digit
    step = max(1, WALKS // n)
    parts = [slice(at, at + step) for at in range(0, len(weights), step)] or [slice(0, 0)]

    def work(part: slice) -> Traffic:
        traffic = Traffic(
            np.zeros((size, size)),
            np.zeros(n),
            np.zeros(n_links + 1),
            np.zeros(n),
            np.zeros((size, size)),
            np.zeros(size),
        )
        walk(
            routes.destinations[part], weights[part], routes.class_of, routes.hops[:, part], routes.via[:, part], ends,
            graph.link_ids, state, people, np.full(size, -1, np.int64),
            traffic.joined, traffic.exits, traffic.links, traffic.passed, traffic.crossed, traffic.strayed,
        )  # fmt: skip
        return traffic

    if len(parts) == 1:
        done = [work(parts[0])]
    else:
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            done = list(pool.map(work, parts))
    whole = {item.name: sum(getattr(part, item.name) for part in done) for item in fields(Traffic)}
    whole["links"] = whole["links"][:-1]  # the last place is for links that a cut has added
    return Traffic(**whole)


def hop_sums(
    graph: Graph, before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8], destinations: Ints, weights: Floats
) -> tuple[Floats, Floats]:
    """Return the hops of all pairs of people that have a route both before and after, by state of either end.

    Parameters
    ----------
    graph : Graph
        Says where people are.
    before, after : (D, N) uint8
        Hops to each destination.
    destinations : (D,) int64
        Positions.
    weights : (D,) float64
        Persons that each stands for.

    Returns
    -------
    before, after : (S, S) float64
        Person pairs x hops; their ratio is the path stretch.
    """
    size = len(graph.state_codes)
    sums = np.zeros((size, size)), np.zeros((size, size))
    people, state = graph.people.astype(np.float64), graph.state_of.astype(np.int64)
    _sum_hops(before, after, destinations, weights, people, state, *sums)
    return sums


@kernel
def _walk(
    destinations: Any, weights: Any, class_of: Any, hops: Any, via: Any, ends: Any, link_ids: Any, state: Any,
    people: Any, seen: Any, joined: Any, exits: Any, links: Any, passed: Any, crossed: Any, strayed: Any,
) -> None:  # fmt: skip
    """Follow every route from its origin to its destination, and add its pairs of people to all that it crosses.

    ``seen`` holds, by state, the last walk that crossed it, so that a state that is crossed twice counts once.
    """
    walk = 0
    for row in range(len(destinations)):
        d = destinations[row]
        for x in range(len(people)):
            layer = class_of[x]
            if people[x] == 0 or hops[layer, row, x] == NO_ROUTE:
                continue
            pairs = people[x] * weights[row]
            joined[state[x], state[d]] += pairs
            walk += 1
            at = x
            left = False
            while at != d:
                link = via[layer, row, at]
                after = ends[link] - at
                links[link_ids[link]] += pairs
                if not left and state[at] == state[x] and state[after] != state[x]:
                    left = True
                    if state[d] == state[x]:
                        strayed[state[x]] += pairs
                    else:
                        exits[at] += pairs
                if after != d:
                    passed[after] += pairs
                third = state[after]
                if third != state[x] and third != state[d] and state[x] != state[d] and seen[third] != walk:
                    seen[third] = walk
                    crossed[state[x], third] += pairs
                at = after


@kernel
def _sum_hops(
    before: Any, after: Any, destinations: Any, weights: Any, people: Any, state: Any, sum_before: Any, sum_after: Any
) -> None:
    """Sum hops before and after over the pairs that have a route both times."""
    for row in range(len(destinations)):
        d = state[destinations[row]]
        for x in range(len(people)):
            if people[x] > 0 and before[row, x] != NO_ROUTE and after[row, x] != NO_ROUTE:
                pairs = people[x] * weights[row]
                sum_before[state[x], d] += pairs * before[row, x]
                sum_after[state[x], d] += pairs * after[row, x]

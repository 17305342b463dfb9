"""Reachability and preferred routes in plain Python, one pair at a time, to check the kernels."""

from __future__ import annotations

from collections import deque

import networkx as nx
import numpy as np

from splinternet.network import Graph, build_graph

Edges = list[tuple[int, int]]


def random_links(
    n: int, seed: int, *, transit: float = 2.0, peering: float = 1.5
) -> tuple[Edges, Edges]:
    """Return links of a random graph without circles: customers have the higher number before
    numbers are shuffled.
    """
    rng = np.random.default_rng(seed)
    names = rng.permutation(10 * n)[:n]
    pairs = set()
    paid, free = [], []
    for x in range(1, n):
        for y in rng.integers(0, x, size=rng.poisson(transit)):
            if (y, x) not in pairs:
                pairs.add((int(y), x))
                paid.append((int(names[x]), int(names[y])))
    for _ in range(int(peering * n)):
        x, y = sorted(rng.integers(0, n, size=2).tolist())
        if x != y and (x, y) not in pairs:
            pairs.add((x, y))
            free.append((int(names[x]), int(names[y])))
    return paid, free


def random_graph(n: int, seed: int, **density: float) -> Graph:
    """Return such a graph, its ASes spread over four states."""
    paid, free = random_links(n, seed, **density)
    asns = sorted({asn for pair in paid + free for asn in pair})
    states = {asn: "ABCD"[asn % 4] * 2 for asn in asns}
    return build_graph(paid, free, states=states)


def grown(n: int, seed: int) -> Graph:
    """Return a graph as Elmokashfi, Kvalbein & Dovrolis 2010 grow it, its ASes and people spread
    over five states.
    """
    links, rng = nx.random_internet_as_graph(n, seed), np.random.default_rng(seed)
    paid, free = [], []
    for one, other, link in links.edges(data=True):
        if link["type"] == "peer":
            free.append((one + 1, other + 1))
        else:
            customer = int(link["customer"])
            paid.append((customer + 1, one + other - customer + 1))
    states = dict(enumerate(rng.choice(["BR", "CN", "DE", "FR", "US"], n).tolist(), 1))
    people = {asn: int(number) for asn, number in enumerate(rng.integers(0, 100_000, n), 1)}
    return build_graph(paid, free, states=states, people=people)


def reaches(graph: Graph, barred: np.ndarray | None = None) -> np.ndarray:
    """Return who reaches whom, by walking up, across once, and down; nobody barred passes traffic
    on.
    """
    n = len(graph)
    up: list[list[int]] = [[] for _ in range(n)]
    down: list[list[int]] = [[] for _ in range(n)]
    across: list[list[int]] = [[] for _ in range(n)]
    for customer, provider in zip(graph.customer.tolist(), graph.provider.tolist(), strict=True):
        up[customer].append(provider)
        down[provider].append(customer)
    for one, other in zip(graph.peer_a.tolist(), graph.peer_b.tolist(), strict=True):
        across[one].append(other)
        across[other].append(one)
    found = np.zeros((n, n), bool)
    for source in range(n):
        seen = {(source, "up")}
        todo = deque(seen)
        while todo:
            x, way = todo.popleft()
            found[source, x] = True
            if barred is not None and barred[x] and x != source:
                continue
            steps = [(y, "down") for y in down[x]]
            if way == "up":
                steps += [(y, "up") for y in up[x]] + [(y, "down") for y in across[x]]
            for step in steps:
                if step not in seen:
                    seen.add(step)
                    todo.append(step)
    return found

"""What reachability costs: ``uv run python -m tests.benchmarks.routes`` (about half a minute, 2 GiB).

All pairs of a grown graph of 5,000 carriers, beside networkx from a sample of sources; all pairs of 77,000 carriers
with 478,000 links, as many as the Internet of 2024 has, with the memory of the whole process; and a whole comparison of
the shipped graph before and after a cut. Compiling is left out.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from sim.network import Graph, build_graph, compare, growth, reachable, shipped

SOURCES = 20


def seconds(work: Callable[[], Any], times: int = 5) -> float:
    """Return the least time that some work took [s]."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def large(n: int = 77_000, n_peerings: int = 325_000, clique: int = 20) -> Graph:
    """Return a random graph of the Internet's size: each buys from one to three earlier ones, few of whom sell."""
    rng = np.random.default_rng(1)
    buyers = np.repeat(np.arange(clique, n), rng.integers(1, 4, n - clique))
    sellers = (rng.random(len(buyers)) * np.minimum(buyers, n // 7)).astype(np.int64)
    paid = np.unique(np.stack([buyers, sellers], axis=1), axis=0)
    ends = np.sort(rng.integers(0, n // 4, (2 * n_peerings, 2)), axis=1)
    top = np.stack(np.triu_indices(clique, 1), axis=1)
    free = np.unique(np.concatenate([top, ends[ends[:, 0] < ends[:, 1]]]), axis=0)
    free = free[~np.isin(free[:, 1] * n + free[:, 0], paid[:, 0] * n + paid[:, 1])]
    keep = np.sort(rng.permutation(len(free))[:n_peerings])
    inside = (free < clique).all(axis=1)
    return build_graph(paid, np.concatenate([free[inside], free[keep][~inside[keep]]]))


def by_networkx(graph: Graph) -> float:
    """Return what networkx takes for the same, from a sample of sources over the graph of ways up and down [s]."""
    import networkx as nx

    ways: Any = nx.DiGraph()
    ways.add_edges_from(((x, 0), (x, 1)) for x in range(len(graph)))
    for customer, provider in zip(graph.customer.tolist(), graph.provider.tolist(), strict=True):
        ways.add_edges_from([((customer, 0), (provider, 0)), ((provider, 1), (customer, 1))])
    for one, other in zip(graph.peer_a.tolist(), graph.peer_b.tolist(), strict=True):
        ways.add_edges_from([((one, 0), (other, 1)), ((other, 0), (one, 1))])
    begun = time.perf_counter()
    for source in range(0, len(graph), len(graph) // SOURCES):
        nx.descendants(ways, (source, 0))
    return (time.perf_counter() - begun) / SOURCES * len(graph)


def main() -> None:
    """Print the table."""
    compare(shipped(), "state:RU")
    reachable(growth(1_000))
    graph = growth(5_000, 1)
    taken = seconds(lambda: reachable(graph))
    print(f"all pairs of {len(graph):,} carriers: {1000 * taken:.1f} ms; networkx: {by_networkx(graph):.0f} s")
    print(f"growing them: {seconds(lambda: growth(5_000, 1), 2):.2f} s")
    rounds = iter(range(1, 100))
    taken = seconds(lambda: compare(shipped(), ["state:TR", f"gateways:US:{next(rounds)}"]))
    print(f"shipped graph, everything measured after one more cut: {1000 * taken:.1f} ms")
    graph = large()
    links = len(graph.link_ids)
    taken = seconds(lambda: reachable(graph), 1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"all pairs of {len(graph):,} carriers, {links:,} links: {taken:.1f} s, the process {memory:.2f} GiB at most")


if __name__ == "__main__":
    main()

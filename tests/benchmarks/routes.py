"""What reachability costs, and routes in a run: ``uv run python -m tests.benchmarks.routes`` (two minutes, 2 GiB).

All pairs of a grown graph of 5,000 carriers, beside networkx from a sample of sources; all pairs of 77,000 carriers
with 478,000 links, as many as the Internet of 2024 has, with the memory of the whole process; and a whole comparison of
the shipped graph before and after a cut.

Then two runs of the same world in one process: a block, and the same block with a ban on a carrier that leaves
everybody's access as it is, so that people decide the same things in both. What differs is the work on routes alone:
finding what is cut, who reaches whom, how well, and writing it down. The first day of a new set of cuts, on which the
graph is searched, is in. The runs take turns, so that a busy machine slows both. Compiling is left out.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from splinternet.engine.model import Model
from splinternet.network import Graph, build_graph, compare, growth, reachable, shipped
from splinternet.network.compare import _coupling
from splinternet.policies.law import _limits, _routes
from splinternet.scenario import load
from splinternet.world.build import World, make_world

SOURCES = 20
PEOPLE, DAYS, TIMES = 20_000, 365, 7
BLOCK = {"id": "block", "by": "RU", "instrument": "block", "technique": "dpi", "targets": ["WhatsApp"]}
CUT = {"id": "carriers", "by": "RU", "instrument": "carrier_ban", "carriers": ["Cogent"]}
STILL = {"routes.stretch_exponent": 0.0, "routes.headroom": 4.0}
"""With these the routes of `CUT` change nobody's access: both runs have the same visits."""
MOST = 0.1
"""What routes may cost, of the same run without them [1]."""


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


def scenario(*policies: dict[str, Any], people: int = PEOPLE, days: int = DAYS) -> Any:
    """Return a scenario in which some policies begin ten days after the start."""
    keys = {
        "title": "benchmark", "status": "what-if", "start": "2020-08-01", "days": days, "people": people,
        "parameters": STILL, "policies": [{**policy, "on": "2020-08-11"} for policy in policies],
    }  # fmt: skip
    return load(keys)


def seconds_of_run(spec: Any, world: World) -> float:
    """Return the time of the policy arm of a run without cached cuts [s]."""
    for cache in (_limits, _routes, _coupling):
        cache.cache_clear()
    model = Model(spec, rng=1, world=world)
    begun = time.perf_counter()
    model.run_for(spec.days)
    return time.perf_counter() - begun


def measure(people: int = PEOPLE, days: int = DAYS, times: int = TIMES) -> tuple[float, float]:
    """Return the median seconds of the run without routes and with them."""
    without, with_routes = scenario(BLOCK, people=people, days=days), scenario(BLOCK, CUT, people=people, days=days)
    world = make_world(without, 1)
    taken: list[list[float]] = [[], []]
    for spec in (without, with_routes):
        seconds_of_run(spec, world)  # compiles
    for _ in range(times):
        for found, spec in zip(taken, (without, with_routes), strict=True):
            found.append(seconds_of_run(spec, world))
    return median(taken[0]), median(taken[1])


def main() -> None:
    """Print both tables."""
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

    plain, routed = measure()
    print(f"policy arm, {PEOPLE:,} people, {DAYS} days, median of {TIMES}, in turns, one process")
    print(
        f"  without routes {plain:6.3f} s, with routes {routed:6.3f} s: {routed / plain - 1:+.1%} (at most {MOST:.0%})"
    )


if __name__ == "__main__":
    main()

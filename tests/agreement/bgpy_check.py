"""Compare reachability with BGPy, which pins the versions of many packages and so needs a separate environment.

    uv run python tests/agreement/bgpy_check.py

writes random graphs, full and thinned, lets BGPy (https://github.com/jfuruness/bgpy_pkg, MIT) announce one prefix from
each of some destinations in an isolated environment, and compares who has a route and how long it is. It exits with 1
when anything differs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

PREFIX = "1.2.0.0/16"
BGPY = "bgpy-pkg==13.0.13"
HERE = Path(__file__).resolve()


def ask_bgpy(question: str) -> None:
    """Answer in BGPy's environment: hops from every AS to each destination, null where there is no route."""
    from bgpy.as_graphs import ASGraph, ASGraphInfo, CustomerProviderLink, PeerLink
    from bgpy.simulation_engine import BGP, Announcement, SimulationEngine

    class Announced:
        """The least that BGPy's engine wants of a scenario: what is announced, and that everybody speaks BGP."""

        def __init__(self, asn: int) -> None:
            self.announcements = (Announcement(prefix=PREFIX, as_path=(asn,), next_hop_asn=asn, seed_asn=asn),)

        def get_policy_cls(self, _: object) -> type:
            return BGP

    asked = json.loads(Path(question).read_text(encoding="utf-8"))
    paid = (CustomerProviderLink(customer_asn=a, provider_asn=b) for a, b in asked["transit"])
    info = ASGraphInfo(
        customer_provider_links=frozenset(paid), peer_links=frozenset(PeerLink(a, b) for a, b in asked["peering"])
    )
    engine = SimulationEngine(ASGraph(info))
    hops: dict[str, dict[str, int]] = {}
    for destination in asked["destinations"]:
        scenario = Announced(destination)
        engine.setup(scenario)  # type: ignore[arg-type]
        engine.run(0, scenario)  # type: ignore[arg-type]
        found = {}
        for as_ in engine.as_graph:
            announcement = as_.policy.local_rib.get(PREFIX)
            if announcement is not None:
                found[str(as_.asn)] = len(announcement.as_path) - 1
        hops[str(destination)] = found
    Path(question).with_suffix(".answer").write_text(json.dumps(hops), encoding="utf-8")


def main() -> int:
    """Compare; return the exit code."""
    import numpy as np

    sys.path[:0] = [str(HERE.parents[1] / "helpers"), str(HERE.parents[2])]
    from network_plain import random_graph

    from sim.network import NO_ROUTE, find_routes, growth, reachable

    def thin(graph):  # type: ignore[no-untyped-def]
        return graph.cut_down(np.arange(len(graph.link_ids)) % 3 != 0)

    graphs = {
        "random, 400": random_graph(400, 11),
        "random, thinned, 400": random_graph(400, 12, transit=0.9, peering=0.2),
        "grown, 1,000": growth(1_000, 13),
        "grown, thinned, 1,000": thin(growth(1_000, 14)),
    }
    wrong = 0
    for name, graph in graphs.items():
        linked = np.unique(np.concatenate([graph.customer, graph.provider, graph.peer_a, graph.peer_b]))
        destinations = linked[:: max(1, len(linked) // 60)]
        question = {
            "transit": np.stack([graph.asns[graph.customer], graph.asns[graph.provider]], axis=1).tolist(),
            "peering": np.stack([graph.asns[graph.peer_a], graph.asns[graph.peer_b]], axis=1).tolist(),
            "destinations": graph.asns[destinations].tolist(),
        }
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "question"
            path.write_text(json.dumps(question), encoding="utf-8")
            command = ["uv", "run", "--no-project", "--isolated", "--quiet", "--with", BGPY]
            subprocess.run([*command, "python", str(HERE), str(path)], check=True, cwd=folder)
            answer = json.loads(path.with_suffix(".answer").read_text(encoding="utf-8"))
        matrix = np.asarray(reachable(graph), bool)
        hops = find_routes(graph, destinations=graph.asns[destinations].tolist()).lengths()
        pairs = missed = 0
        for row, d in enumerate(destinations):
            theirs = answer[str(graph.asns[d])]
            for x in linked:
                length = theirs.get(str(graph.asns[x]))
                ours = None if hops[row, x] == NO_ROUTE else int(hops[row, x])
                missed += length != ours or matrix[x, d] != (length is not None)
                pairs += 1
        print(f"{name}: {pairs:,} pairs, {np.mean(matrix[linked][:, destinations]):.2f} joined, {missed} mismatches")
        wrong += missed
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        ask_bgpy(sys.argv[1])
    else:
        sys.exit(main())

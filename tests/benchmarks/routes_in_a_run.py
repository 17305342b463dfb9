"""What routes cost a run: ``uv run python -m tests.benchmarks.routes_in_a_run`` (about a minute).

Two runs of the same world in one process: a block, and the same block with a ban on a carrier that leaves everybody's
access as it is, so that people decide the same things in both. What differs is the work on routes alone: finding what
is cut, who reaches whom, how well, and writing it down. Compiling and reading tables are left out; the first day of a
new set of cuts, on which the graph is searched, is in. The runs take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from sim.engine.model import Model
from sim.network.compare import _coupling
from sim.policies.law import _limits, _routes
from sim.scenario import load
from sim.world.build import World, make_world

PEOPLE, DAYS, TIMES = 20_000, 365, 7
BLOCK = {"id": "block", "by": "RU", "instrument": "block", "technique": "dpi", "targets": ["WhatsApp"]}
CUT = {"id": "carriers", "by": "RU", "instrument": "carrier_ban", "carriers": ["Cogent"]}
STILL = {"routes.stretch_exponent": 0.0, "routes.headroom": 4.0}
"""With these the routes of `CUT` change nobody's access: both runs have the same visits."""
MOST = 0.1
"""What routes may cost, of the same run without them [1]."""


def scenario(*policies: dict[str, Any], people: int = PEOPLE, days: int = DAYS) -> Any:
    """Return a scenario in which some policies begin ten days after the start."""
    keys = {
        "title": "benchmark", "status": "what-if", "start": "2020-08-01", "days": days, "people": people,
        "parameters": STILL, "policies": [{**policy, "on": "2020-08-11"} for policy in policies],
    }  # fmt: skip
    return load(keys)


def seconds(spec: Any, world: World) -> float:
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
        seconds(spec, world)  # compiles
    for _ in range(times):
        for found, spec in zip(taken, (without, with_routes), strict=True):
            found.append(seconds(spec, world))
    return median(taken[0]), median(taken[1])


def main() -> None:
    """Print the cost."""
    plain, routed = measure()
    print(f"policy arm, {PEOPLE:,} people, {DAYS} days, median of {TIMES}, in turns, one process")
    print(
        f"  without routes {plain:6.3f} s, with routes {routed:6.3f} s: {routed / plain - 1:+.1%} (at most {MOST:.0%})"
    )


if __name__ == "__main__":
    main()

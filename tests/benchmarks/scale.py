"""What a larger world costs: ``uv run python tests/benchmarks/scale.py [PEOPLE ...] [--days D] [--ties T]``.

One line a size, each in a process of its own so that its memory is its own, for the policy arm of a block in Russia.
Goals: a person-day costs at most twice that of the first size; 10 million people with 20 ties for a year in 120 s on
two cores (``10000000 --threads 2``); 200 bytes a person. CPU seconds, so that a busy machine changes little.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def resident() -> int:
    """Return the memory that this process holds now [bytes]."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def scenario(people: int, days: int, ties: float) -> Any:
    """Return the case: a messenger and a feed blocked in Russia from the sixth day on."""
    from sim.scenario import load

    policy = {"id": "cut", "instrument": "block", "by": "RU", "targets": ["WhatsApp", "Instagram"], "technique": "dpi"}
    return load({
        "title": "scale", "start": "2020-08-01", "days": days, "people": people,
        "parameters": {"ties.degree_mean": ties}, "policies": [policy | {"on": "2020-08-06"}],
    })  # fmt: skip


def measure(people: int, days: int, ties: float, threads: int) -> dict[str, float]:
    """Build a world and live through it; return what it took."""
    from sim.engine.model import Model
    from sim.world.build import make_world

    small = scenario(2_000, 10, ties)
    Model(small, rng=1, world=make_world(small, 1)).run_for(10)  # compiles what is not compiled yet
    before, begun = resident(), time.process_time()
    spec = scenario(people, days, ties)
    world = make_world(spec, 1)
    built, peak = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    model = Model(spec, rng=1, world=world, threads=threads)
    begun, wall = time.process_time(), time.perf_counter()
    model.run_for(days)
    tables = (
        world.first,
        model.person,
        model.use,
        model.workspace.due,
        *model.workspace.outcome,
        *world.ties.__dict__.values(),
    )
    arrays = sum(table.nbytes for table in (*tables, *model.kin) if hasattr(table, "nbytes"))
    return {
        "arrays": arrays / len(world.first),
        "people": len(world.first), "ties": len(world.ties.packed) / len(world.first), "build": built,
        "tie": built / len(world.ties.packed) * 2e6, "days": days, "run": time.process_time() - begun,
        "wall": time.perf_counter() - wall, "held": (resident() - before) / len(world.first), "peak_build": peak,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }  # fmt: skip


def main() -> None:
    """Print a line for each size."""
    read = argparse.ArgumentParser(description=__doc__)
    read.add_argument("people", type=int, nargs="*", default=[100_000, 1_000_000])
    read.add_argument("--days", type=int, default=365)
    read.add_argument("--ties", type=float, default=20.0)
    read.add_argument("--threads", type=int, default=1)
    read.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = read.parse_args()
    if given.one:
        print(json.dumps(measure(given.people[0], given.days, given.ties, given.threads)))
        return
    first = 0.0
    for people in given.people:
        words = (str(people), "--one", "--days", str(given.days), "--ties", str(given.ties))
        words += ("--threads", str(given.threads))
        done = subprocess.run([sys.executable, __file__, *words], check=True, capture_output=True, text=True, cwd=ROOT)
        r = json.loads(done.stdout)
        each = r["run"] / r["people"] / r["days"] * 1e9
        first = first or each
        print(f"{r['people']:11,} people, {r['ties']:.1f} ties each")
        print(f"  built in {r['build']:.1f} s, {r['tie']:.2f} microseconds a tie (under 0.5)")
        print(f"  {r['days']} days of one arm: {r['run']:.1f} CPU s, {r['wall']:.1f} s by the clock")
        print(f"  a person-day {each:.1f} ns, {each / first:.2f} x the first size (at most 2)")
        print(f"  {r['held']:.0f} bytes a person held (goal: 200), the record of the run included")
        print(f"  {r['arrays']:.0f} bytes a person in the tables of people and ties, without the record")
        print(f"  peak {r['peak'] / 2**30:.2f} GiB, of building {r['peak_build'] / 2**30:.2f} GiB", flush=True)


if __name__ == "__main__":
    main()

"""The cost of larger worlds: ``uv run python studies/scale.py [PEOPLE ...] [--days D] [--ties T]``.

The script prints some lines for each size, for the policy arm of a block in Russia. Each size runs
in its own process, so that memory is measured separately. Goals: a person-day costs at most twice
that of the first size; 10 million people with 20 ties for a year in 120 s on two cores (``10000000
--threads 2``); 200 bytes a person. Times are CPU seconds, on which a busy machine has little
effect.

``--against FOLDER`` also measures another checkout, in turns, and prints it first; ``--times N``
repeats each and keeps the fastest. ``--columns`` prints the memory of each column per person.
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

ROOT = Path(__file__).resolve().parents[1]


def resident() -> int:
    """Return the current memory of this process [bytes]."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def scenario(people: int, days: int, ties: float) -> Any:
    """Return the case: a messenger and a feed blocked in Russia from the sixth day on."""
    from splinternet.scenario import load

    policy = {
        "id": "cut",
        "instrument": "block",
        "by": "RU",
        "targets": ["WhatsApp", "Instagram"],
        "technique": "dpi",
    }
    return load(
        {
            "title": "scale",
            "start": "2020-08-01",
            "days": days,
            "people": people,
            "parameters": {"ties.degree_mean": ties},
            "policies": [policy | {"on": "2020-08-06"}],
        }
    )


def columns(model: Any) -> dict[str, Any]:
    """Return the tables of people and ties of an arm and its world by name, each array once."""
    world, room = model.world, model.workspace
    found = {
        "world.first": world.first,
        "person": model.person,
        "private": model.private,
        "use": model.use,
    }
    found |= {"due": room.due, "changed": model.contact_cache.people}
    for name, of in (
        ("ties", vars(world.ties)),
        *(
            (name, part._asdict())
            for name, part in (
                ("bonds", world.bonds),
                ("agenda", model.agenda),
                ("outcome", room.outcome),
                ("kin", model.kin),
            )
        ),
    ):
        found |= {f"{name}.{column}": table for column, table in of.items()}
    once = {id(table): name for name, table in reversed(found.items())}
    return {name: table for name, table in found.items() if once[id(table)] == name}


def measure(people: int, days: int, ties: float, threads: int) -> dict[str, Any]:
    """Build a world and simulate it; return time and memory."""
    from splinternet.engine.model import Model
    from splinternet.world.build import make_world

    small = scenario(2_000, 10, ties)
    Model(small, rng=1, world=make_world(small, 1)).run_for(10)  # compiles the remaining kernels
    before, begun = resident(), time.process_time()
    spec = scenario(people, days, ties)
    world = make_world(spec, 1)
    built, peak = (
        time.process_time() - begun,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )
    model = Model(spec, rng=1, world=world, threads=threads)
    begun, wall = time.process_time(), time.perf_counter()
    model.run_for(days)
    n, run, wall = len(world.first), time.process_time() - begun, time.perf_counter() - wall
    each = {name: (str(table.dtype), table.nbytes / n) for name, table in columns(model).items()}
    return {
        "arrays": sum(size for _, size in each.values()),
        "columns": each,
        "people": n,
        "ties": len(world.ties.packed) / n,
        "build": built,
        "tie": built / len(world.ties.packed) * 2e6,
        "days": days,
        "run": run,
        "wall": wall,
        "held": (resident() - before) / n,
        "peak_build": peak,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def measured(root: Path, people: int, given: argparse.Namespace) -> dict[str, Any]:
    """Return the cost of a checkout, measured in its own process."""
    words = [str(people), "--one", str(root), "--days", str(given.days), "--ties", str(given.ties)]
    words += ["--threads", str(given.threads)]
    done = subprocess.run(
        [sys.executable, __file__, *words], check=True, capture_output=True, text=True, cwd=root
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def show(r: dict[str, Any], first: float) -> None:
    """Print the cost of a checkout; ``first`` is the time of a person-day at the first size
    [ns].
    """
    each = nanoseconds(r)
    print(f"  built in {r['build']:.1f} s, {r['tie']:.2f} microseconds a tie (under 0.5)")
    print(f"  {r['days']} days of one arm: {r['run']:.1f} CPU s, {r['wall']:.1f} s by the clock")
    print(f"  a person-day {each:.1f} ns, {each / first:.2f} x the first size (at most 2)")
    print(f"  {r['held']:.0f} bytes a person held (goal: 200), the record of the run included")
    print(
        f"  {r['arrays']:.0f} bytes a person in the tables of people and ties, without the record"
    )
    print(
        f"  peak {r['peak'] / 2**30:.2f} GiB, of building {r['peak_build'] / 2**30:.2f} GiB",
        flush=True,
    )


def nanoseconds(r: dict[str, Any]) -> float:
    """Return the processor time of a person-day [ns]."""
    return float(r["run"] / r["people"] / r["days"] * 1e9)


def main() -> None:
    """Print some lines for each size, and for each checkout."""
    read = argparse.ArgumentParser(description=__doc__)
    read.add_argument("people", type=int, nargs="*", default=[100_000, 1_000_000])
    read.add_argument("--days", type=int, default=365)
    read.add_argument("--ties", type=float, default=20.0)
    read.add_argument("--threads", type=int, default=1)
    read.add_argument("--against", type=Path, help="another checkout, measured too")
    read.add_argument("--times", type=int, default=1)
    read.add_argument("--columns", action="store_true")
    read.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = read.parse_args()
    if given.one:
        sys.path.insert(0, str(given.one))
        print(json.dumps(measure(given.people[0], given.days, given.ties, given.threads)))
        return
    roots = [ROOT] if given.against is None else [given.against.resolve(), ROOT]
    first: dict[Path, float] = {}
    for people in given.people:
        turns = [
            {root: measured(root, people, given) for root in roots} for _ in range(given.times)
        ]
        best = {root: min((turn[root] for turn in turns), key=nanoseconds) for root in roots}
        for root, r in best.items():
            first.setdefault(root, nanoseconds(r))
            print(
                f"{r['people']:11,} people, {r['ties']:.1f} ties each{f', {root}' if len(roots) > 1 else ''}"
            )
            show(r, first[root])
            for name, (kind, size) in r["columns"].items() if given.columns else ():
                print(
                    f"    {name:22s}{size:8.2f} bytes a person  {kind if len(kind) < 10 else 'rows'}"
                )
        if len(roots) > 1:
            before, after = (best[root] for root in roots)
            words = (
                f"{name} {before[name] / after[name]:.2f} x"
                for name in ("run", "wall", "held", "arrays", "peak")
            )
            print(f"  before / after: {', '.join(words)}", flush=True)


if __name__ == "__main__":
    main()

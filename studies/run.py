"""The cost of the program in time and memory: ``uv run python -m studies`` (about ten minutes).

``uv run python -m studies quiet_and_busy_days`` prints one part; each function below is a part.
``--against FOLDER`` also measures another checkout, in turns part by part, each in its own process.

Absolute seconds depend on the machine; ratios within one run are more reliable. The plain Mesa
model in `tests/reference` follows the same rules, visits the same people on the same days and gives
the same trajectories bit for bit; both are timed after the world is built and, for the engine,
after its kernels are compiled. The plain model keeps the counts and the contact of every day; the
engine keeps every metric as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

CASES = {
    "WeChat as ordered, the 30 days round the order": {
        "extends": "wechat_as_ordered",
        "start": "2020-09-05",
        "days": 30,
    },
    "a messenger and a feed blocked in Russia, 30 days": {
        "title": "benchmark",
        "start": "2020-08-01",
        "days": 30,
        "policies": [
            {
                "id": "cut",
                "instrument": "block",
                "by": "RU",
                "targets": ["WhatsApp", "Instagram"],
                "technique": "dpi",
                "on": "2020-08-06",
            }
        ],
    },
}
SIZES = (20_000, 100_000)
"""Numbers of simulated people: the smallest size to which the goals apply, and the default of a
run.
"""


def against_the_plain_model() -> None:
    """Print the time of a person-day in the plain Mesa model and in the engine, and their ratio, by
    case and size.

    Goals at 100,000 people, both arms, engine with every metric: 500 x for the first case, 250 x
    for the second.
    """
    for name, keys in CASES.items():
        for people in SIZES:
            against_the_plain_model_in(name, {**keys, "people": people})


def against_the_plain_model_in(name: str, keys: dict[str, Any]) -> None:
    """Print the comparison for one world: both arms, and the policy arm alone."""
    from splinternet.engine.model import Model
    from splinternet.scenario import load

    sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
    from reference import Twin

    from splinternet.world.build import make_world

    spec = load(keys)
    world = make_world(spec, 1)

    def engine(metrics: Collection[str] | None) -> list[Any]:
        how: dict[str, Any] = {"rng": 1, "world": world, "collect": False, "metrics": metrics}
        baseline = Model(spec, arm="baseline", **how)
        return [baseline, Model(spec, baseline=baseline, **how)]

    baseline = Twin(world, arm="baseline")
    spent = {"plain Mesa": run([baseline, Twin(world, baseline=baseline)], spec.days)}
    del baseline
    run(engine(None), spec.days)  # compiles the remaining kernels
    for what, metrics in {"engine": None, "same figures": ()}.items():
        fast = [run(engine(metrics), spec.days) for _ in range(9)]
        spent[what] = tuple(median(arm) for arm in zip(*fast, strict=True))
    print(f"\n{name}: {len(world.first):,} people, one core, processor time of a person-day")
    each = 1e9 / (len(world.first) * spec.days)
    for what, (quiet, busy) in spent.items():
        both, policy = (sum(spent["plain Mesa"][k:]) / sum(spent[what][k:]) for k in (0, 1))
        ratio = (
            ""
            if what == "plain Mesa"
            else f"; {both:.0f} x both arms, {policy:.0f} x the policy arm alone"
        )
        print(
            f"  {what:12s} baseline arm {quiet * each:8.1f} ns, policy arm {busy * each:8.1f} ns{ratio}",
            flush=True,
        )


def run(arms: list[Any], days: int) -> tuple[float, ...]:
    """Step all arms together; return the processor time of each [s]."""
    spent = [0.0] * len(arms)
    for _ in range(days):
        for n, arm in enumerate(arms):
            begun = time.process_time()
            arm.step()
            spent[n] += time.process_time() - begun
    return tuple(spent)


def quiet_and_busy_days() -> None:
    """Print the time of a person-day in the engine on days when nobody decides and when most people
    do.
    """
    from splinternet.engine.model import Model
    from splinternet.scenario import load
    from splinternet.world.build import make_world

    print(
        "\nquiet and busy days, one core, processor time of a person-day (goal: quiet under 2 % of busy)"
    )
    for name, keys in CASES.items():
        for people in SIZES:
            spec = load({**keys, "people": people})
            world = make_world(spec, 1)
            Model(spec, rng=1, world=world).run_for(spec.days)  # compiles the remaining kernels
            arms = [
                Model(spec, arm=arm, rng=1, world=world, collect=False)
                for arm in ("baseline", "policy")
            ]
            quiet, busy = (_days_of(arm) for arm in arms)
            each, n = 1e9 / len(world.first), 5
            calm = median(spent for spent, visits in quiet[1:-1] if visits == 0) * each
            most = sorted(busy[1:-1], key=lambda day: day[1])[-n:]
            full = median(spent for spent, _ in most) * each
            visits = median(visits for _, visits in most)
            print(f"  {name}: {people:,} people")
            print(
                f"    quiet {calm:.2f} ns, busy {full:.1f} ns ({visits:,.0f} visits a day): {calm / full:.1%}",
                flush=True,
            )


def _days_of(arm: Any) -> list[tuple[float, int]]:
    """Step an arm to its end; return the processor time [s] and the visits of each day."""
    days = []
    for _ in range(arm.spec.days):
        begun = time.process_time()
        arm.step()
        days.append((time.process_time() - begun, arm.visits))
    return days


def a_large_world() -> None:
    """Print the time of a year with a million people, and the bytes of a person."""
    print("\na large world: one arm, a year, two threads", flush=True)
    scale = str(ROOT / "studies" / "scale.py")
    subprocess.run([sys.executable, scale, "1000000", "--threads", "2"], check=True, cwd=ROOT)


def building_and_running() -> None:
    """Print the time of building a world by tie, and of a further seed of the opening case."""
    from splinternet.experiments.pairs import run_pair
    from splinternet.scenario import load
    from splinternet.world.build import make_world

    print("\nbuilding and running, one core")
    run_pair(load("wechat_as_ordered", people=2_000, days=60), 1)
    for people in (100_000, 1_000_000):
        spec = load("wechat_as_ordered", people=people)
        begun = time.perf_counter()
        world = make_world(spec, 2)
        spent = time.perf_counter() - begun
        ties = len(world.ties.packed) / 2
        print(
            f"  world of {people:9,} people: {spent:6.2f} s, {spent / ties * 1e6:.2f} microseconds a tie (under 1)"
        )
    spent_by = {}
    for people, days in ((100_000, 365), (1_000_000, 60), (100_000, 60)):
        spec = load("wechat_as_ordered", people=people, days=days)
        begun = time.perf_counter()
        run_pair(spec, 2)
        spent_by[people, days] = time.perf_counter() - begun
    print(
        f"  a further seed, 100,000 people, a year, both arms: {spent_by[100_000, 365]:.2f} s (under 5)"
    )
    ratio = spent_by[1_000_000, 60] / spent_by[100_000, 60] / 10
    print(
        f"  cost a person-day at 1,000,000 people against 100,000, 60 days, world included: {ratio:.2f} x"
    )


def command(*words: str, **env: str) -> float:
    """Return the duration of a command [s]."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, *words],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **env},
        cwd=ROOT,
    )
    return time.perf_counter() - begun


def commands() -> None:
    """Print the durations of commands."""
    cli = (
        "-c",
        "import sys; from splinternet.cli import main; sys.argv[0] = 'splinternet'; main()",
    )
    print("\ncommands, whole processes")
    print(
        f"  import splinternet: {median(command('-c', 'import splinternet') for _ in range(5)):.2f} s (under 0.3)"
    )
    with tempfile.TemporaryDirectory() as folder:
        for keeps, bar in (
            ("", "under 0.5"),
            ("1", "all libraries parsed again, including Python's own: for comparison"),
        ):
            env = {
                "PYTHONDONTWRITEBYTECODE": keeps,
                "PYTHONPYCACHEPREFIX": f"{folder}/bytecode{keeps}",
            }
            check = [command(*cli, "check", "wechat_as_ordered", **env) for _ in range(6)][1:]
            print(f"  splinternet check: {median(check):.2f} s ({bar})")
        out = ("--seeds", "1", "--out")
        first = command(
            *cli, "run", "wechat_as_ordered", *out, f"{folder}/a", NUMBA_CACHE_DIR=f"{folder}/cache"
        )
        print(f"  the very first run, --seeds 1, compiling included: {first:.1f} s (under 30)")
        again = command(
            *cli, "run", "wechat_as_ordered", *out, f"{folder}/b", NUMBA_CACHE_DIR=f"{folder}/cache"
        )
        print(f"  the same once compiled:                            {again:.1f} s")


def main(*words: str) -> None:
    """Print all parts, or some by name; with ``--against``, also those of another checkout."""
    only = list(words)
    roots = []
    if "--against" in only:
        at = only.index("--against")
        roots = [Path(only[at + 1]).resolve(), ROOT]
        del only[at : at + 2]
    for part in (
        commands,
        building_and_running,
        quiet_and_busy_days,
        a_large_world,
        against_the_plain_model,
    ):
        if only and part.__name__ not in only:
            continue
        if not roots:
            part()
        for root in roots:
            print(f"\n{root}:", flush=True)
            script = str(root / "studies" / "run.py")
            subprocess.run([sys.executable, script, part.__name__], check=True, cwd=root)


if __name__ == "__main__":
    main(*sys.argv[1:])

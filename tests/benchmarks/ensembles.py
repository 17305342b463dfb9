"""What an ensemble costs and survives: ``uv run python -m tests.benchmarks.ensembles`` (about ten minutes).

Ratios of one run say more than seconds; a machine that does other work at the same time shows both too long.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def seconds(seeds: int, jobs: int, people: int = 20_000, days: int = 365) -> float:
    """Return how long an ensemble of the opening case takes, kept in a folder but without charts [s]."""
    from sim.experiments import ensemble
    from sim.results import Result

    with tempfile.TemporaryDirectory() as folder:
        Result.save_figures = lambda *_: []  # type: ignore[method-assign]
        begun = time.perf_counter()
        ensemble.run("wechat_as_ordered", people=people, days=days, seeds=seeds, jobs=jobs, out=Path(folder) / "run")
        return time.perf_counter() - begun


def whole() -> None:
    """Print the time of 64 members."""
    before = os.times()
    spent = seconds(64, 2)
    after = os.times()
    worked = sum(after[:4]) - sum(before[:4])  # this process and its children
    print(f"64 members x 2 arms, 20,000 people, a year, two processes: {spent:.0f} s (under 180)")
    load = os.getloadavg()[0]
    print(
        f"  processor time {worked:.0f} s, so {worked / 2:.0f} s at best on two free cores; load {load:.1f}", flush=True
    )


def scaling() -> None:
    """Print how much faster two processes are than one, start-up of the processes included."""
    ratios = []
    for _ in range(3):
        one, two = seconds(16, 1), seconds(16, 2)
        ratios.append(one / two)
        print(f"  16 members: one process {one:.1f} s, two {two:.1f} s: {one / two:.2f} x", flush=True)
    print(f"two processes against one: {sorted(ratios)[1]:.2f} x (at least 1.7 on two free cores)")


def killed() -> None:
    """Print what ten kills at random moments leave."""
    from kills import kill_and_resume, start
    from test_ensemble import contents

    run = ["run", "wechat_full_block", "--people", "1000", "--days", "40", "--seeds", "60", "--jobs", "2"]
    with tempfile.TemporaryDirectory() as folder:
        straight, again = Path(folder) / "straight", Path(folder) / "killed"
        if start(run, straight).wait() != 0:
            raise SystemExit("the run itself failed")
        kills, checked = kill_and_resume(run, again, kills=10, longest=1.0, seed=10)
        same = contents(again) == contents(straight)
    print(f"kill -9 at {kills} random moments: {checked} stored members looked at, none lost or changed")
    print(f"the bytes at the end are {'the same' if same else 'NOT THE SAME'}")


def main(*only: str) -> None:
    """Print everything, or some parts by name."""
    seconds(2, 1, 2_000, 60)  # compiles what is not compiled yet
    for part in (whole, scaling, killed):
        if not only or part.__name__ in only:
            part()


if __name__ == "__main__":
    main(*sys.argv[1:])

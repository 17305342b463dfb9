"""What an ensemble costs and survives: ``uv run python -m tests.benchmarks.ensembles`` (about twenty minutes).

Ratios of one run say more than seconds; a machine that does other work at the same time shows both too long.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36  # of Linux's prctl: orphans of children become this process's own
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def seconds(seeds: int, jobs: int, people: int = 20_000, days: int = 365) -> float:
    """Return how long an ensemble of the opening case takes, charts and all, in this process and its workers [s]."""
    from sim.experiments import ensemble

    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        ensemble.run("wechat_as_ordered", people=people, days=days, seeds=seeds, jobs=jobs, out=Path(folder) / "run")
        return time.perf_counter() - begun


def command(seeds: int, jobs: int) -> tuple[float, float]:
    """Return how long the same takes as a command, from nothing, and the processor time of all its processes [s]."""
    from kills import CALL

    # Workers are grandchildren; without this call, their processor time is not reported.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as folder:
        given = ["run", "wechat_as_ordered", "--people", "20000", "--seeds", str(seeds), "--jobs", str(jobs)]
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([*CALL, *given, "--out", f"{folder}/run"], check=True, stdout=subprocess.DEVNULL)
        spent = time.perf_counter() - begun
        with suppress(ChildProcessError):
            while True:
                os.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


SIZES = (8, 16, 64)


def whole() -> None:
    """Print the time of 64 members."""
    spent, worked = command(64, 2)
    print(f"64 members x 2 arms, 20,000 people, a year, --jobs 2, the whole command: {spent:.0f} s (under 180)")
    load = os.getloadavg()[0]
    print(
        f"  processor time {worked:.0f} s, so {worked / 2:.0f} s at best on two free cores; load {load:.1f}", flush=True
    )


def scaling() -> None:
    """Print how much faster two processes are than one: both ready, and as whole commands, both from nothing."""
    # Commands first: once this process has workers of its own, waiting for all children would not end.
    for seeds in SIZES:
        timed = [command(seeds, jobs) for jobs in (1, 2)]
        compare(f"{seeds} members, whole commands", [spent for spent, _ in timed])
        one, two = (worked for _, worked in timed)
        print(f"  processor time {one:.1f} s and {two:.1f} s: two processes work {two / one - 1:+.0%}", flush=True)
    seconds(2, 1, 2_000, 60)
    seconds(2, 2, 2_000, 60)
    for seeds in SIZES:
        compare(f"{seeds} members, both ready", [seconds(seeds, jobs) for jobs in (1, 2)])


def compare(what: str, spent: Sequence[float]) -> None:
    """Print a ratio."""
    one, two = spent
    bar = f"at least 1.7 on two free cores; load {os.getloadavg()[0]:.1f}"
    print(f"{what}: one process {one:.1f} s, two {two:.1f} s: {one / two:.2f} x ({bar})", flush=True)


def killed() -> None:
    """Print what ten kills at random moments leave."""
    from conftest import contents
    from kills import kill_and_resume, start

    run = ["run", "wechat_full_block", "--people", "1000", "--days", "40", "--seeds", "120", "--jobs", "2"]
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
    for part in (whole, scaling, killed):
        if not only or part.__name__ in only:
            part()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What people wait for around the simulation: ``uv run python tests/benchmarks/commands.py`` (some minutes).

Each command runs in a process of its own, by the clock and by processor time, that of workers left out. A small run
goes before, so that none compiles. ``--against FOLDER`` measures another checkout too, in turns, and prints the ratios
by the clock; ``--quick`` makes no run of its own size: 20,000 people and one seed.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = "from splinternet.cli import main; main()"
SCENARIO = "wechat_as_ordered"
TIMES = 3
"""The best of so many is shown, and of two for the run of many seeds."""


def measured(root: Path, arguments: list[str]) -> tuple[float, float]:
    """Return what a command of a checkout takes [s]: by the clock, and of the processors."""
    if arguments[0] == "run":
        shutil.rmtree(arguments[-1], ignore_errors=True)  # a run that is there already is not made again
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {CODE}", *arguments]
    # Python keeps compiled modules by default, and people wait for what it does by default.
    plain = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, cwd=root, env=plain, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.perf_counter() - begun, used


def commands(folder: Path, people: int, seeds: int) -> list[tuple[str, list[str], int]]:
    """Return name, arguments and number of repetitions of each command, runs first."""
    out, one = str(folder / "run"), str(folder / "one")
    size = ["--people", str(people)]
    return [
        (f"run, {seeds} seeds", ["run", SCENARIO, *size, "--seeds", str(seeds), "--out", out], 2),
        ("run, 1 seed", ["run", SCENARIO, *size, "--seeds", "1", "--out", one], TIMES),
        ("report RUN", ["report", out, "--out", str(folder / "report.html")], TIMES),
        ("plot RUN family_contact", ["plot", out, "family_contact", "--out", str(folder / "chart.png")], TIMES),
        ("compare RUN RUN", ["compare", out, out], TIMES),
        ("check", ["check", SCENARIO], TIMES),
        ("list scenarios", ["list", "scenarios"], TIMES),
        ("--help", ["--help"], TIMES),
    ]


def main() -> None:
    """Print what each command takes here, and how much less than in another checkout."""
    other = Path(sys.argv[sys.argv.index("--against") + 1]).resolve() if "--against" in sys.argv else None
    people, seeds = (20_000, 1) if "--quick" in sys.argv else (100_000, 8)
    roots = [ROOT] if other is None else [other, ROOT]
    with tempfile.TemporaryDirectory() as folder:
        plans = []
        for number, root in enumerate(roots):
            own = Path(folder) / str(number)
            own.mkdir()
            plans.append((root, commands(own, people, seeds)))
            # Each checkout compiles before it is measured.
            measured(root, ["run", SCENARIO, "--people", "2000", "--seeds", "1", "--out", str(own / "first")])
        print(f"{people:,} people; seconds by the clock, of the processors{', ratio' if other else ''}")
        for at, (name, _, times) in enumerate(plans[0][1]):
            taken = [[measured(root, plan[at][1]) for root, plan in plans] for _ in range(times)]  # in turns
            found = [min(of) for of in zip(*taken, strict=True)]
            told = "   ".join(f"{clock:6.2f} {used:6.2f}" for clock, used in found)
            ratio = f"   {found[0][0] / found[-1][0]:5.1f}x" if other else ""
            print(f"  {name:26s}{told}{ratio}", flush=True)
        for root, plan in plans:
            run = Path(plan[0][1][plan[0][1].index("--out") + 1])
            size = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
            print(f"  run folder of {root.name}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

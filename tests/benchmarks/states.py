"""Random worlds in which states decide, with people: ``uv run python tests/benchmarks/states.py --draws 1000``.

Each draw takes all parameters that `splinternet_2030` calls uncertain from their ranges, and a seed of its own, and
runs both arms; most for ``--days`` days, every ``--whole``th for all of the scenario's. It prints what is wrong with
any of them (a crash, a number that is none, a state that acts on itself), and ends with 1 when something is.
``--from K`` goes on where an earlier run stopped.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def one(k: int, days: int, whole: int) -> tuple[int, int, list[str], list[float]]:
    """Run one draw; return its number, its days, what is wrong, and decisions and internets at the end."""
    from random_states import SCENARIO, drawn, faults, live

    import splinternet as sn

    length = sn.load(SCENARIO).days if whole and k % whole == 0 else days
    try:
        baseline, policy = live(drawn(k, length), k)
    except Exception:  # a crash is what is looked for
        return k, length, [traceback.format_exc()], []
    ends = [float(policy.record.arrays[name][-1]) for name in ("effective_internets", "internets_by_likeness")]
    return k, length, faults(baseline, policy), [float(len(policy.decisions)), *ends]


def main() -> None:
    """Run the draws and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=100, help="days of most draws")
    parser.add_argument("--whole", type=int, default=200, help="every so many draws one over all days; 0 for none")
    parser.add_argument("--from", dest="first", type=int, default=0, help="first draw")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    asked = parser.parse_args()
    begun, wrong, lived, seen = time.perf_counter(), 0, 0, []
    numbers = range(asked.first, asked.first + asked.draws)
    with ProcessPoolExecutor(asked.jobs) as pool:
        for n, (k, days, found, ends) in enumerate(
            pool.map(partial(one, days=asked.days, whole=asked.whole), numbers), 1
        ):
            wrong, lived = wrong + bool(found), lived + days
            seen += [ends] if ends else []
            for fault in found:
                print(f"draw {k}: {fault}", flush=True)
            if n % 50 == 0 or n == len(numbers):
                print(f"{n} draws, {lived:,} days, {wrong} wrong, {time.perf_counter() - begun:.0f} s", flush=True)
    table = np.array(seen)
    for name, column in zip(("decisions", "internets by blocs", "internets by likeness"), table.T, strict=True):
        low, middle, high = np.quantile(column, [0.1, 0.5, 0.9])
        print(f"{name} on the last day: {middle:.2f} (10-90 % of the draws: {low:.2f} to {high:.2f})")
    sys.exit(int(wrong > 0))


if __name__ == "__main__":
    main()

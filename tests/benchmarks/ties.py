"""What the headline of contact and the table of ties cost, and whether the headline depends on how many are simulated.

``uv run python tests/benchmarks/ties.py`` prints the cost (about a minute); with ``resolution``, the headline of the
opening case at 20,000 and at 500,000 simulated people (about three minutes on an idle core, ``--seeds`` more or fewer).
Processor seconds, so that a busy machine blurs them less.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine import steps as day
from sim.experiments.ensemble import run_member
from sim.experiments.pairs import make_arms, run_pair
from sim.metrics.registry import METRICS
from sim.results import Result
from sim.results.ties import ties_bytes
from sim.scenario import load
from sim.scenario.draws import member_spec

CASE, GROUP = "wechat_as_ordered", "US<-CN"
HEADLINE = (
    "family_contact_ever_lost", "family_contact_lost_7d", "family_contact_lost_30d", "contact_days_lost_per_member",
)  # fmt: skip
MOST = 20e6
"""Bytes that the table of 8 members of 100,000 people may have."""


def spent(function: Callable[[], object]) -> float:
    """Return the processor seconds that a call takes."""
    begun = time.process_time()
    function()
    return time.process_time() - begun


def cost_of_the_headline(people: int, repeats: int = 3) -> tuple[float, float]:
    """Return the seconds of a member's days, and those of them that spells and their five metrics take; the least."""
    spec = member_spec(load(CASE, people=people), 1)
    found, inside = [], 0.0

    def watched(plain: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            nonlocal inside
            begun = time.perf_counter()
            value = plain(*given)
            inside += time.perf_counter() - begun
            return value

        return call

    plain = day.follow_spells
    functions = {name: METRICS[name].function for name in (*HEADLINE, "family_contact_ever_lost_people")}
    try:
        day.follow_spells = watched(plain)  # type: ignore[assignment]
        for name, function in functions.items():
            object.__setattr__(METRICS[name], "function", watched(function))  # type: ignore[arg-type]
        for _ in range(repeats):
            baseline, policy = make_arms(spec, 1)
            inside, begun = 0.0, time.process_time()
            for _ in range(spec.days):
                baseline.step()
                policy.step()
            found.append((time.process_time() - begun, inside))
    finally:
        day.follow_spells = plain
        for name, function in functions.items():
            object.__setattr__(METRICS[name], "function", function)
    return min(found)


def cost(people: int = 100_000, seeds: int = 8) -> None:
    """Print what the headline and the table cost, and how large the table is."""
    days, inside = cost_of_the_headline(people)
    print(
        f"a member's days, {people:,} people, both arms: {days:.2f} s, of it the headline {100 * inside / days:.1f} %"
    )
    spec = load(CASE, people=people)
    one = member_spec(spec, 1)
    bare = min(spent(lambda: run_pair(one, 1)) for _ in range(2))
    kept = min(spent(lambda: run_pair(one, 1, ties=True)) for _ in range(2))
    print(f"a whole member: {bare:.2f} s; with its ties: {kept:.2f} s, {100 * (kept / bare - 1):+.0f} %")
    result = Result(spec, [run_member(spec, seed, ties=True) for seed in range(1, seeds + 1)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ties.nc"
        written = spent(lambda: path.write_bytes(ties_bytes(result.kept_ties())))
        size = path.stat().st_size
    verdict = "under" if size < MOST else "OVER"
    print(f"ties.nc of {seeds} members: {size / 1e6:.1f} MB, {verdict} {MOST / 1e6:.0f}; {written:.1f} s to write")
    rows: list[int] = []
    read = spent(lambda: rows.append(len(result.ties())))
    print(f"the table: {rows[0]:,} rows in {read:.1f} s")


def resolution(seeds: int = 4, sizes: tuple[int, int] = (20_000, 500_000)) -> None:
    """Print the headline at two numbers of simulated people, central values, and whether it moves beyond chance."""
    found: dict[str, list[np.ndarray]] = {}
    for people in sizes:
        spec = load(CASE, people=people, overrides=["uncertain={}"])
        members = [run_member(spec, seed) for seed in range(1, seeds + 1)]
        place = members[0][0].axes.groups.index(GROUP)
        cells = members[0][0].cells[GROUP]
        print(f"{people:>9,} people, {cells:,} members of {GROUP}, seeds 1 to {seeds}")
        for metric in HEADLINE:
            effects = np.array([(b.arrays[metric] - a.arrays[metric])[-1, place] for a, b in members])
            found.setdefault(metric, []).append(effects)
    print(
        "means and Monte-Carlo errors (standard errors) at both sizes; the difference, member by member, with its own"
    )
    for metric, (few, many) in found.items():
        told = [f"{each.mean():.4f} +- {error(each):.4f}" for each in (few, many)]
        apart = many - few  # a seed has the same luck of the whole run at either size
        verdict = "no more than" if abs(apart.mean()) <= error(few) else "MORE than"
        print(f"{metric:<30} {told[0]}   {told[1]}   {apart.mean():+.4f} +- {error(apart):.4f}, {verdict} the error")


def error(effects: np.ndarray) -> float:
    """Return the standard error of a mean, as a summary's ``mc_error``."""
    return float(effects.std(ddof=1)) / math.sqrt(effects.size)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="?", choices=("cost", "resolution"), default="cost")
    parser.add_argument("--seeds", type=int)
    asked = parser.parse_args()
    chosen = {"seeds": asked.seeds} if asked.seeds else {}
    (cost if asked.what == "cost" else resolution)(**chosen)  # type: ignore[operator]

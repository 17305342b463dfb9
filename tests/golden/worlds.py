"""Small runs whose figures are kept; ``uv run python -m tests.golden.worlds`` writes them again."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from sim.experiments.pairs import run_pair
from sim.metrics.registry import METRICS
from sim.results.panel import ArmData
from sim.scenario import load

FILE = Path(__file__).with_suffix(".json")
RUNS = {
    "wechat_as_ordered": {"people": 3_000, "days": 120},
    "russia_sovereign_internet": {"people": 2_000, "days": 60},
    "turkey_law_7253": {"people": 2_000, "days": 200},
    "tit_for_tat_us_cn": {"people": 2_000, "days": 200},
}
"""Shipped scenarios, each with a technical size: one of each kind of rule (people, routes, platforms, states)."""
SEED, DIGITS = 1, 9


def figures() -> dict[str, dict[str, list[float]]]:
    """Return the sum of each metric over all cells and days of each run: of the policy arm, then of the baseline."""
    found = {}
    for name, size in RUNS.items():
        baseline, policy = run_pair(load(name, **size), SEED)
        found[name] = {metric: [_sum(arm, metric) for arm in (policy, baseline)] for metric in METRICS}
    return found


def _sum(arm: ArmData, metric: str) -> float:
    """Return the sum of a metric's defined values, to a few digits: the last ones depend on the processor."""
    total = float(np.nansum(arm.arrays[metric]))
    return 0.0 if total == 0.0 else round(total, DIGITS - 1 - math.floor(math.log10(abs(total))))


if __name__ == "__main__":
    FILE.write_text(json.dumps(figures(), indent=1) + "\n", encoding="utf-8")

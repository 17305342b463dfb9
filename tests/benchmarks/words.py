"""Whether the words of decisions decide anything: ``uv run python tests/benchmarks/words.py [--seeds 8]``.

Every shipped scenario in which states decide is run with states alone, once with the words of the program and once with
every word replaced; the decisions must be the same, bit for bit.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import sim
from sim.behaviour.alone import StatesAlone

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from words_of_decisions import reworded

from sim.shipped import shipped

OF_STATES = ("targets", "retaliation", "imitation", "coalition", "pushback")


class Patch:
    """Replace an attribute for good."""

    def setattr(self, target: object, name: str, value: object) -> None:
        """Replace an attribute."""
        setattr(target, name, value)


def main() -> int:
    """Compare the decisions of every scenario and seed; return the number of those that differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    arguments = parser.parse_args()
    specs = {name: sim.load(name) for name in shipped()}
    specs = {name: spec for name, spec in specs.items() if any(getattr(spec.behaviour, b) for b in OF_STATES)}
    runs = [(name, seed) for name in specs for seed in range(1, arguments.seeds + 1)]
    before = {run: StatesAlone(specs[run[0]], run[1]).run().decisions for run in runs}
    reworded(Patch())
    wrong = [run for run in runs if StatesAlone(specs[run[0]], run[1]).run().decisions != before[run]]
    for name in specs:
        made = sum(len(before[run]) for run in runs if run[0] == name)
        print(f"{name}: {made} decisions, {sum(run[0] == name for run in wrong)} seeds differ")
    return len(wrong)


if __name__ == "__main__":
    raise SystemExit(main())

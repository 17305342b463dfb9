"""The Clean Network of 2020: simulated members and days of joining beside the facts; the score, and
its limits.

Run ``uv run python studies/coalition_curve.py`` (``--members 200`` for more). Only states
decide; there are no people.
"""

from __future__ import annotations

import argparse
import csv
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np

import splinternet as sn
from splinternet import facts
from splinternet.actors.agents import StatesAlone
from splinternet.decisions import Join
from splinternet.facts import load_facts
from splinternet.facts.relations import load_relations

SCENARIO = "clean_network_coalition"
START = date(2020, 4, 29)
"""First day of the scenario, at which the line of the simple baseline begins."""
RANGES = ("coalition.rate", "coalition.talks")
"""Parameters of the curve, each at the low end, middle and high end of its range."""
REMARK = """\
less one for the rule itself: that a leader wins over only so many a month was chosen after a rule without
it had missed (0.14). The pace is that of other programmes (notebooks/studies/programme_pace.py). The known counts lie
on a straight line, and a leader who is always at work draws one: the curve alone cannot distinguish this mechanism
from a simple baseline."""


def observed() -> tuple[dict[date, float], dict[str, date]]:
    """Return the known number of members by date, and the known members in this world with their
    dates.
    """
    path = Path(facts.__file__).parent / "coalition.csv"
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    counts = {
        date.fromisoformat(r["date"]): float(r["value"]) for r in rows if r["kind"] == "count"
    }
    return counts, {
        r["state"]: date.fromisoformat(r["date"]) for r in rows if r["kind"] == "member"
    }


def simulate(members: int, **parameters: float) -> list[dict[str, date]]:
    """Return the states that joined, with their days, for each seed."""
    spec = sn.load(
        SCENARIO, overrides=[f"parameters.{name}={value}" for name, value in parameters.items()]
    )
    joined = []
    for seed in range(spec.seed, spec.seed + members):
        arm = StatesAlone(spec, seed).run()
        joined.append({d.who: d.day for d in arm.decisions if isinstance(d.act, Join)})
    return joined


def shares(runs: list[dict[str, date]], counts: dict[date, float]) -> np.ndarray:
    """Return the share of the final members that had joined by each known day, shape (seeds,
    days).
    """
    last = max(counts)
    return np.array(
        [
            [
                sum(d <= day for d in run.values()) / max(1, sum(d <= last for d in run.values()))
                for day in counts
            ]
            for run in runs
        ]
    )


def error(runs: list[dict[str, date]], counts: dict[date, float]) -> float:
    """Return the root mean square error of the median curve; the last point fixes the scale and is
    left out [1].
    """
    known = np.array(list(counts.values())) / max(counts.values())
    return float(np.sqrt(np.mean(np.square(np.median(shares(runs, counts), axis=0) - known)[:-1])))


def area(score: dict[str, float], yes: set[str]) -> float:
    """Return the chance that a state that joined scores higher than one that did not; ties count
    half [1].
    """
    no = [s for s in score if s not in yes]
    pairs = [(score[a], score[b]) for a in yes if a in score for b in no]
    return sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)


def in_order(runs: list[dict[str, date]], known: dict[str, date], never: date) -> float:
    """Return the chance that the earlier of two known members is also earlier in the runs' mean
    [1].
    """
    mean = {s: float(np.mean([run.get(s, never).toordinal() for run in runs])) for s in known}
    pairs = [(mean[a], mean[b]) for a in known for b in known if known[a] < known[b]]
    return sum((a < b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)


def main(arguments: list[str] | None = None) -> None:
    """Print the curve, the score and the members."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=50, help="number of seeds")
    runs = simulate(parser.parse_args(arguments).members)
    counts, known = observed()
    final, last = max(counts.values()), max(counts)
    print("date         known   share   simulated share of the final members (10-90 %)")
    for (day, value), column in zip(counts.items(), shares(runs, counts).T, strict=True):
        low, mid, high = np.quantile(column, [0.1, 0.5, 0.9])
        print(
            f"{day}   {value:4.0f}    {value / final:4.2f}   {mid:4.2f} ({low:4.2f} to {high:4.2f})"
        )
    straight = [(d - START).days / (last - START).days - v / final for d, v in counts.items()]
    dull = float(np.sqrt(np.mean(np.square(straight[:-1]))))
    print(
        f"root mean square error {error(runs, counts):.2f}; a straight line from the first day on: {dull:.2f}"
    )
    known_ranges = [load_facts().parameters[name] for name in RANGES]
    grid = [
        dict(zip(RANGES, values, strict=True))
        for values in product(*((q.low, q.value, q.high) for q in known_ranges))
    ]
    errors = [error(simulate(max(3, len(runs) // 3), **point), counts) for point in grid]
    print(
        f"over the ranges of {' and '.join(RANGES)} ({len(grid)} points): {min(errors):.2f} to {max(errors):.2f}"
    )
    points = len(counts) - 1
    print(
        f"{points} points (the last fixes the scale), no parameter set from them: {points} degrees of freedom,"
    )
    print(REMARK)
    here = [sum(day <= last for day in run.values()) for run in runs]
    low, mid, high = np.quantile(here, [0.1, 0.5, 0.9])
    print(
        f"states of this world that joined: {mid:.0f} ({low:.0f} to {high:.0f}); in fact {len(known)}"
    )
    states = [s for s in load_relations().freedom if s not in ("US", "CN")]
    score = {s: sum(s in run for run in runs) / len(runs) for s in states}
    print("joined in the share of members (known members are marked *):")
    print(
        "  "
        + ", ".join(
            f"{s}{'*' if s in known else ''} {p:.2f}"
            for s, p in sorted(score.items(), key=lambda x: -x[1])
        )
    )
    print(
        f"chance that a known member scores above a state that stayed out: {area(score, set(known)):.2f}"
    )
    order = in_order(runs, known, date.fromordinal(last.toordinal() + 30))
    print(
        f"chance that of two known members the first in fact is the first here: {order:.2f} (0.5 is chance)"
    )


if __name__ == "__main__":
    main()

"""The Clean Network of 2020: who joined and when, simulated beside what is known; the score, and what it is worth.

Run ``uv run python scenarios/coalition_curve.py`` (``--members 200`` for more). States alone decide; no people.
"""

from __future__ import annotations

import argparse
import csv
from datetime import date
from pathlib import Path

import numpy as np

import sim
from sim.behaviour.alone import StatesAlone
from sim.facts.relations import load_relations

SCENARIO = "clean_network_coalition"
FITTED = ("coalition.rate", "coalition.bandwagon")
"""Parameters set by hand with the curve in sight."""


def observed() -> tuple[dict[date, float], dict[str, date]]:
    """Return the known number of members by date, and the known members of this world with their dates."""
    path = Path(sim.__file__).parent / "facts" / "coalition.csv"
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    counts = {date.fromisoformat(r["date"]): float(r["value"]) for r in rows if r["kind"] == "count"}
    return counts, {r["state"]: date.fromisoformat(r["date"]) for r in rows if r["kind"] == "member"}


def simulate(members: int) -> list[dict[str, date]]:
    """Return, for each member of the ensemble, who joined and when."""
    spec = sim.load(SCENARIO)
    joined = []
    for seed in range(spec.seed, spec.seed + members):
        arm = StatesAlone(spec, seed).run()
        joined.append({d.who: d.day for d in arm.decisions if d.what.startswith("joins the programme of")})
    return joined


def area(score: dict[str, float], yes: set[str]) -> float:
    """Return the chance that a state that joined scores higher than one that did not; ties count half [1]."""
    no = [s for s in score if s not in yes]
    pairs = [(score[a], score[b]) for a in yes if a in score for b in no]
    return sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)


def main(arguments: list[str] | None = None) -> None:
    """Print the curve, the score and the members."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=50, help="members of the ensemble")
    runs = simulate(parser.parse_args(arguments).members)
    counts, known = observed()
    final = max(counts.values())
    last = max(counts)
    print("date         known   share   simulated share of the final members (10-90 %)")
    errors = []
    for day, value in counts.items():
        shares = [sum(d <= day for d in run.values()) / max(1, sum(d <= last for d in run.values())) for run in runs]
        low, mid, high = np.quantile(shares, [0.1, 0.5, 0.9])
        print(f"{day}   {value:4.0f}    {value / final:4.2f}   {mid:4.2f} ({low:4.2f} to {high:4.2f})")
        errors.append(mid - value / final)
    rms = float(np.sqrt(np.mean(np.square(errors[:-1]))))
    straight = [(d - date(2020, 4, 29)).days / (last - date(2020, 4, 29)).days - v / final for d, v in counts.items()]
    dull = float(np.sqrt(np.mean(np.square(straight[:-1]))))
    print(f"root mean square error {rms:.2f}; a straight line from the first day to the last: {dull:.2f}")
    free, left = len(counts) - 1, len(counts) - 1 - len(FITTED)
    print(f"{free} points (the last fixes the scale), {len(FITTED)} parameters set by hand: {left} degree of freedom.")
    print(
        "The known counts lie on a straight line, so the curve alone cannot support this mechanism over a dull rival."
    )
    states = [s for s in load_relations().freedom if s not in ("US", "CN")]
    score = {s: sum(s in run for run in runs) / len(runs) for s in states}
    print("joined in the share of members (known members are marked *):")
    print(
        "  "
        + ", ".join(f"{s}{'*' if s in known else ''} {p:.2f}" for s, p in sorted(score.items(), key=lambda x: -x[1]))
    )
    print(f"chance that a known member scores above a state that stayed out: {area(score, set(known)):.2f}")


if __name__ == "__main__":
    main()

"""Who joined the Clean Network, who kept Huawei out of 5G? The skill of the rules of states, next to simple rivals.

Run ``uv run python notebooks/studies/who_joins.py``; ``--write`` stores the table that all tables of state decisions
read. A skill is the probability that, of two states, the one that acted has the higher score (of two that acted, the
earlier one); 0.5 is chance. No parameter is set from the two series.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import astuple, fields

from sim.experiments.rule_skill import skills
from sim.facts.record import Skill, is_skilled
from sim.facts.tables import HOME

NAMES = {
    ("clean_network", "who"): "joined the Clean Network by 2020",
    ("clean_network", "when"): "joined it earlier",
    ("equipment_ban", "who"): "kept Huawei out of 5G by 2024",
    ("equipment_ban", "when"): "kept it out earlier",
}


def main(arguments: list[str] | None = None) -> None:
    """Print the table, and keep it if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in sim/facts/skill.csv")
    asked = parser.parse_args(arguments)
    found = skills()
    head = "states  did   rule (80 %)          one left out   ally  rich  near  lead over the best"
    print(f"{'who ...':33} {'rule':10} {head}")
    for s in found:
        rule = f"{s.skill:.2f} ({s.low:.2f} to {s.high:.2f})"
        print(
            f"{NAMES[s.series, s.question]:33} {s.rule:10} {s.states:6} {s.yes:4}   {rule}  "
            f"{s.least:.2f} to {s.most:.2f}   {s.ally:.2f}  {s.rich:.2f}  {s.near:.2f}  "
            f"{s.ahead_low:+.2f} to {s.ahead_high:+.2f}  {'skill' if is_skilled(s) else 'illustration'}"
        )
    if asked.write:
        path = HOME / Skill.FILE
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow([field.name for field in fields(Skill)])
            writer.writerows([[f"{v:.4f}" if isinstance(v, float) else v for v in astuple(s)] for s in found])
        print(f"Written to {path}")


if __name__ == "__main__":
    main()

"""India's ban of WeChat of 29 June 2020 and Tibetans in India, under each combination of named
rules.

``uv run python studies/india_wechat.py --people 3000 --seeds 4`` prints, for each of the eight
combinations of the named rules of `sim/facts/rules.csv`, the share of Tibetans in India with a
channel to their family in Tibet who ever lost it, who lost it for 30 days or more, and who are
without one after 1, 4 and 20 months, and the share of families without one after 20 months. Each
figure is the mean of the seeds, with the lowest and the highest. A person in India is in contact
again as soon as the first relative is back, so the household rule changes only the figure of the
families.

The last line is a survey of 2022: half of Tibetans abroad had ever had a complete break (Radio Free
Asia). It includes all causes, all states of residence and telephones, so the figures are not
comparable. A seed takes about ten seconds on an idle core; seeds run one after the other.
"""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np

from splinternet.experiments.pairs import run_pair
from splinternet.facts import load_facts
from splinternet.scenario import Scenario, load
from splinternet.scenario.load import member_spec

CASE, GROUP, FAMILY = "cases/in_wechat_2020_tibetans", "IN<-CN:Tibetans", "family:IN<-CN:Tibetans"
EVER = ("family_contact_ever_lost", "family_contact_lost_30d")
COLUMNS = (
    "ever out",
    "30 days or more",
    "out at 1 mo",
    "out at 4 mo",
    "out at 20 mo",
    "families, 20 mo",
)
RULES = ("kin.agreement_rule", "kin.household_rule", "kin.dormant_rule")
MONTHS = (1, 4, 20)
DAYS = 630
"""Days of a run, from the ban to the last figure 20 months later."""
SURVEY = 0.5
"""Radio Free Asia, 11 March 2022: ever a complete break of contact [share of respondents]."""


def shares(spec: Scenario, seed: int) -> list[float]:
    """Return the figures of `COLUMNS` for one seed [share]."""
    _, policy = run_pair(member_spec(spec, seed), seed, metrics=("family_contact_lost", *EVER))
    group, family = (policy.axes.labels("group").index(label) for label in (GROUP, FAMILY))
    begun = min((policy.on - spec.start).days for policy in spec.policies if policy.on is not None)
    out = policy.arrays["family_contact_lost"]
    days = [min(len(out) - 1, max(0, begun) + 30 * months) for months in MONTHS]
    ever = [float(policy.arrays[name][-1, group]) for name in EVER]
    return [*ever, *(float(out[day, group]) for day in days), float(out[days[-1], family])]


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=3_000)
    asked.add_argument("--seeds", type=int, default=4)
    asked.add_argument("--days", type=int, default=DAYS)
    told = asked.parse_args()
    choices = [load_facts().parameters[name].choices for name in RULES]
    print(f"{'rules':30}" + "".join(f"{name:>18}" for name in COLUMNS))
    for names in product(*choices):
        keys = {
            "extends": CASE,
            "title": "India's ban of WeChat",
            "parameters": dict(zip(RULES, names, strict=True)),
        }
        spec = load(keys, people=told.people, days=told.days)
        found = np.array([shares(spec, seed) for seed in range(1, told.seeds + 1)])
        columns = zip(found.mean(0), found.min(0), found.max(0), strict=True)
        cells = (f"{mean:.2f} ({low:.2f}-{high:.2f})" for mean, low, high in columns)
        print(f"{', '.join(names):30}" + "".join(f"{cell:>18}" for cell in cells), flush=True)
    print(f"{'said in 2022, of all causes':30}{SURVEY:>18.2f}")


if __name__ == "__main__":
    main()

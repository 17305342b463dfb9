"""The gain in CRPS from each group of rules at fixed draws: ``uv run python
studies/rule_groups.py``.

``rule_groups.md`` has the criterion, ``rule_groups.csv`` the groups. The study replays the record
with every group and without each, at the same draws and with the same random numbers, prints the
gain in CRPS from each group by kind of figure, and writes ``rule_groups_screened.csv``. With the
defaults it takes about 13 minutes of processor time.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pandas as pd

from splinternet.experiments.hindcast import Replays, Run, ScoredRow, with_error
from splinternet.experiments.parallel import Failure, outcomes
from splinternet.facts import load_facts
from splinternet.facts.record import read_draws
from splinternet.facts.worlds import DEFAULT_WORLD
from splinternet.fit.space import FACTS
from splinternet.fit.stored import DRAWS_TABLE, calibrated
from splinternet_bench.forecasts import Forecast
from splinternet_bench.scores import lead_of, scored_rows

HERE = Path(__file__).resolve().parent
GROUPS = HERE / "rule_groups.csv"
SCREENED = HERE / "rule_groups_screened.csv"
NONE = "none"
"""The run with all rules."""
KINDS = ("all", "kept", "gained", "vpn")


def groups() -> dict[str, dict[str, float]]:
    """Return the parameters of each group, with the values that switch it off.

    Raises
    ------
    ValueError
        A row names an unknown parameter.
    """
    names = list(load_facts(DEFAULT_WORLD).parameters)
    found: dict[str, dict[str, float]] = {}
    for row in pd.read_csv(GROUPS).to_dict("records"):
        meant = [name for name in names if fnmatch(name, row["parameter"])]
        if not meant:
            raise ValueError(f"{GROUPS.name}: no parameter is called {row['parameter']}")
        found.setdefault(row["group"], {}).update(dict.fromkeys(meant, float(row["off"])))
    return found


def runs(draws: int, people: int, off: Mapping[str, Mapping[str, float]]) -> list[Run]:
    """Return the runs: each draw with all rules, and with each group left out."""
    stored = read_draws(FACTS / DRAWS_TABLE)
    chosen = [stored[at * len(stored) // draws] for at in range(draws)]
    return [
        Run(f"{group}/{seed}", tuple({**draw, **values}.items()), seed, people)
        for group, values in {NONE: {}, **off}.items()
        for seed, draw in enumerate(chosen, start=1)
    ]


def simulated(asked: Sequence[Run], jobs: int | None) -> dict[str, np.ndarray]:
    """Return the values of every figure for the draws of each group, (draws, figures) [1].

    Raises
    ------
    RuntimeError
        A run failed.
    """
    found: dict[str, list[Sequence[float]]] = {}
    for run, outcome in outcomes(Replays(calibrated()), asked, jobs=jobs):
        if isinstance(outcome, Failure):
            raise RuntimeError(f"{run.key} fails: {outcome.last_words}")
        found.setdefault(run.key.partition("/")[0], []).append(outcome)
        print(run.key, flush=True)
    return {group: np.array(said) for group, said in found.items()}


def scored(said: np.ndarray) -> pd.DataFrame:
    """Return the score of each figure, by its row, with the model's error from the other
    episodes.
    """
    forecasts = {}
    for past, members in zip(calibrated(), said.T, strict=True):
        row = ScoredRow(past, with_error(members[:, None], past))
        forecasts[past.observed.row] = Forecast(np.ravel(row.values))
    return scored_rows(forecasts)


def bought(by_group: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the gain from each group [CRPS], by kind of figure, with an interval for all figures.

    The interval contains 80 % of 4,000 draws of the episodes. The smallest gain comes first.
    """
    whole = scored(by_group[NONE])
    rows = []
    for group, said in by_group.items():
        crps = scored(said)["crps"].rename(group)
        row: dict[str, object] = {"group": group}
        for kind in KINDS:
            part = whole if kind == "all" else whole[whole["kind"] == kind]
            lead = lead_of(part, crps)
            row[kind] = lead.lead
            if kind == "all":
                row |= {"low": lead.low, "high": lead.high}
        row["crps"] = float(crps.groupby(whole["series"]).mean().mean())
        rows.append(row)
    table = pd.DataFrame(rows).round(4)
    return table[table["group"] != NONE].sort_values("all", kind="stable")


def main() -> None:
    """Screen every group, print its gain, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=3, help="draws of the posterior (3)")
    parser.add_argument("--people", type=int, default=1_000, help="people of each event (1,000)")
    parser.add_argument("--jobs", type=int, help="processes; by default one a core")
    parser.add_argument("--out", type=Path, default=SCREENED, help="the table")
    asked = parser.parse_args()
    table = bought(simulated(runs(asked.draws, asked.people, groups()), asked.jobs))
    print(table.to_string(index=False))
    table.to_csv(asked.out, index=False, lineterminator="\n")
    print(f"Written to {asked.out}")


if __name__ == "__main__":
    main()

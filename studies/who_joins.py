"""Who joined the Clean Network, and who kept Huawei out of 5G? The skill of the rules of states,
beside simple rivals.

Run ``uv run python studies/who_joins.py``; ``--write`` stores the table that all tables of state
decisions read. A skill is the probability that, of two states, the state that acted has the higher
score (if both acted, the earlier one); 0.5 is chance. No parameter is set from the two series, so
every state is out of sample; the skill without each state shows how much the result depends on
single states.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from splinternet.actors.agents import StatesAlone
from splinternet.actors.statecraft import closeness, joining_rate, rivalry, with_votes
from splinternet.actors.weighing import weigh
from splinternet.facts import load_facts
from splinternet.facts.orders import Joiner
from splinternet.facts.outlines import centres
from splinternet.facts.record import Skill
from splinternet.facts.relations import votes_by_year
from splinternet.facts.tables import HOME, read
from splinternet.scenario import load

NAMES = {
    ("clean_network", "who"): "joined the Clean Network by 2020",
    ("clean_network", "when"): "joined it earlier",
    ("equipment_ban", "who"): "kept Huawei out of 5G by 2024",
    ("equipment_ban", "when"): "kept it out earlier",
}


LEADER, ADVERSARY = "US", "CN"
"""The state that started both programmes, and the state against which both are aimed."""
TARGET = "Huawei", "equipment"
"""The firm of the second series, and its sector."""
RIVALS = ("ally", "rich", "near")
"""One-variable rivals: alliance with the leader, product per head, distance from the adversary."""
VOTES = 2019
"""The year of the votes behind closeness in the first series; the same matrix is used for both."""
DRAWS = 2_000
RADIUS = 6_371.0
"""Mean radius of the Earth [km]."""
NEAREST = 500.0
"""Smallest distance in the estimate of trade [km] (assumption)."""


def distance(a: str, b: str) -> float:
    """Return the distance between the centres of two states that have an outline [km]."""
    (x1, y1), (x2, y2) = (np.radians(centres()[state]) for state in (a, b))
    inner = np.sin(y1) * np.sin(y2) + np.cos(y1) * np.cos(y2) * np.cos(x1 - x2)
    return float(RADIUS * np.arccos(np.clip(inner, -1.0, 1.0)))


class World(NamedTuple):
    """States with the data that the rules use, in the order of ``states``; the leader and the
    adversary come last.
    """

    states: tuple[str, ...]
    alliance: np.ndarray
    trade: np.ndarray
    freedom: np.ndarray
    product: np.ndarray
    rivals: Mapping[str, np.ndarray]


def world(table: Mapping[tuple[str, str], Joiner]) -> World:
    """Return the states of the table as arrays.

    Trade shares are estimated as product / distance over all states of the table, because the table
    of trade has few states (assumption); alliances are with the leader.
    """
    states = (
        *sorted(state for state, field in table if field == "clean_network"),
        LEADER,
        ADVERSARY,
    )
    known = {
        field: np.array([table[s, field].value if (s, field) in table else 0.0 for s in states])
        for field in ("ally", "freedom", "product", "people")
    }
    far = np.array([[distance(a, b) if a != b else np.inf for b in states] for a in states])
    pull = known["product"][None, :] / np.maximum(NEAREST, far)
    np.fill_diagonal(pull, 0.0)
    alliance = np.zeros((len(states), len(states)))
    alliance[:, -2] = alliance[-2, :] = known["ally"]
    rivals = {
        "ally": known["ally"],
        "rich": known["product"] / known["people"],
        "near": -far[:, -1],
    }
    return World(
        states,
        alliance,
        pull / pull.sum(axis=1, keepdims=True),
        known["freedom"],
        known["product"],
        rivals,
    )


def willing(w: World) -> np.ndarray:
    """Return the closeness of each state to the leader times its rivalry with the adversary [1],
    shape (states,).
    """
    q = {name: found.value for name, found in load_facts().parameters.items()}
    likeness = 1.0 - np.abs(w.freedom[:, None] - w.freedom[None, :])
    weights = q["imitation.alliance"], q["imitation.trade"], q["imitation.likeness"]
    close = closeness(w.alliance, w.trade, likeness, weights, q["imitation.trade_full"])
    close = with_votes(close, votes_by_year(w.states)[VOTES], q["imitation.votes"])
    rival = rivalry(w.alliance, likeness, w.product, q["targets.ally_discount"])
    return np.asarray(close[:, -2] * rival[:, -1])


def joining(w: World) -> np.ndarray:
    """Return the rate at which each state joins the leader's programme by the rule of `coalition`
    [1/month].
    """
    q = load_facts().parameters
    held = w.trade[:, -1] / q["coalition.dependence"].value
    return joining_rate(willing(w), held, q["coalition.rate"].value)


def fears() -> dict[str, float]:
    """Return the score of the target for each state of the detailed world by the rule of `targets`:
    fear minus cost [1].
    """
    arm = StatesAlone(
        load({"title": "fears", "start": "2020-08-01", "days": 1, "world": {"facts": "world-2020"}})
    )
    arm.day = 0
    s, score = arm.outlook.situation, weigh(arm).score
    j = next(k for k, t in enumerate(s.targets) if (t.owner, t.sector) == TARGET)
    return {code: float(score[i, j]) for i, code in enumerate(s.states) if s.decides[i]}


def area(score: np.ndarray, yes: np.ndarray) -> float:
    """Return the chance that a state that acted has a higher score than another one; ties count
    half, 0.5 is chance [1].
    """
    a, b = score[yes][:, None], score[~yes][None, :]
    return float(((a > b) + 0.5 * (a == b)).mean())


def first_first(score: np.ndarray, day: np.ndarray) -> float:
    """Return the chance that the earlier of two states has the higher score; ties of score count
    half [1].
    """
    earlier = day[:, None] < day[None, :]
    return float(
        (
            ((score[:, None] > score[None, :]) + 0.5 * (score[:, None] == score[None, :])) * earlier
        ).sum()
        / earlier.sum()
    )


def judged(
    name: tuple[str, str, str],
    score: np.ndarray,
    rivals: Mapping[str, np.ndarray],
    truth: np.ndarray,
    measure: Callable[[np.ndarray, np.ndarray], float],
) -> Skill:
    """Return the skill of a score and of its rivals, with intervals over draws of the states."""
    rng = np.random.default_rng(2020)
    n = len(score)
    own = measure(score, truth)
    drawn: list[float] = []
    ahead: list[float] = []
    simple = {rival: measure(values, truth) for rival, values in rivals.items()}
    best = max(simple, key=lambda rival: simple[rival])
    while len(drawn) < DRAWS:
        pick = rng.integers(0, n, n)
        if len(set(truth[pick].tolist())) < 2:
            continue
        drawn.append(measure(score[pick], truth[pick]))
        ahead.append(drawn[-1] - measure(rivals[best][pick], truth[pick]))
    left = [measure(np.delete(score, k), np.delete(truth, k)) for k in range(n)]
    low, high = np.quantile(drawn, [0.1, 0.9])
    less, more = np.quantile(ahead, [0.1, 0.9])
    count = int(truth.sum()) if truth.dtype == bool else n
    series, question, rule = name
    return Skill(
        series=series,
        rule=rule,
        skill=own,
        low=float(low),
        high=float(high),
        least=min(left),
        most=max(left),
        ahead_low=float(less),
        ahead_high=float(more),
        question=question,
        states=n,
        yes=count,
        **simple,
    )


def skills() -> list[Skill]:
    """Return the skill of every rule that can be tested on the two series."""
    table = read(Joiner)
    w = world(table)
    part = np.arange(len(w.states) - 2)
    states = [w.states[i] for i in part]
    rules = {
        ("clean_network", "coalition"): joining(w)[part],
        ("equipment_ban", "imitation"): willing(w)[part],
    }
    rivals = {name: values[part] for name, values in w.rivals.items()}
    found = []
    for (series, rule), score in rules.items():
        yes = np.array([table[s, series].value > 0.5 for s in states])
        found.append(judged((series, "who", rule), score, rivals, yes, area))
        dated = [k for k, s in enumerate(states) if table[s, series].date]
        days = np.array(
            [date.fromisoformat(table[states[k], series].date).toordinal() for k in dated],
            dtype=float,
        )
        few = {name: values[dated] for name, values in rivals.items()}
        found.append(judged((series, "when", rule), score[dated], few, days, first_first))
    feared = fears()
    both = [k for k, s in enumerate(states) if s in feared]
    yes = np.array([table[states[k], "equipment_ban"].value > 0.5 for k in both])
    score = np.array([feared[states[k]] for k in both])
    few = {name: values[both] for name, values in rivals.items()}
    found.append(judged(("equipment_ban", "who", "targets"), score, few, yes, area))
    return found


def main(arguments: list[str] | None = None) -> None:
    """Print the table, and store it if requested."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--write", action="store_true", help="keep the table in sim/facts/skill.csv"
    )
    asked = parser.parse_args(arguments)
    found = skills()
    head = "states  did   rule (80 %)          one left out   ally  rich  near  lead over the best"
    print(f"{'who ...':33} {'rule':10} {head}")
    for s in found:
        rule = f"{s.skill:.2f} ({s.low:.2f} to {s.high:.2f})"
        print(
            f"{NAMES[s.series, s.question]:33} {s.rule:10} {s.states:6} {s.yes:4}   {rule}  "
            f"{s.least:.2f} to {s.most:.2f}   {s.ally:.2f}  {s.rich:.2f}  {s.near:.2f}  "
            f"{s.ahead_low:+.2f} to {s.ahead_high:+.2f}  {'skill' if s.is_skilled else 'illustration'}"
        )
    if asked.write:
        path = HOME / Skill.FILE
        pd.DataFrame(found).to_csv(path, index=False, float_format="%.4f", lineterminator="\n")
        print(f"Written to {path}")


if __name__ == "__main__":
    main()

"""Which platform gives in first? The rule of platforms beside three real demands, chance and simple
rivals.

Turkey's law 7253 (2020-21), Russia's law 236-FZ (2021-22) and India's rules of 2021 asked many
firms for the same on the same day. Run it from any folder::

    uv run python studies/platform_answers.py
    uv run python studies/platform_answers.py --simulate tr_2020 --members 20

The score of the rule is the cost of refusing relative to the cost of complying on the day of the
announcement. A firm is compared only with the other firms of the same demand; no parameter is set
from the observed days. The script prints the skill of the rule and, for each demand, the order by
the rule beside the real days. The skill is the probability that, of two firms, the one that gave in
sooner has the higher score; 0.5 is chance. ``--write`` stores the table that all tables of platform
decisions read. ``--simulate`` runs a demand for many seeds, each with draws of the uncertain values
of its scenario. It prints the share of seeds in which each firm gives in, the rank correlation with
the real order, and the error of the days beside simple guesses. The simulated days themselves are
not shown, because the rule has no skill for them.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from splinternet import Model
from splinternet.actors.firms import Firm, firms, institution, revenue_of, weigh
from splinternet.facts.record import AnswerSkill, ObservedAnswer
from splinternet.facts.tables import HOME, read
from splinternet.policies.base import Policy
from splinternet.scenario import Scenario, load
from splinternet.scenario.load import member_spec

NAMES = {
    "tr_2020": "Turkey 2020-21",
    "ru_2022": "Russia 2021-22",
    "in_2021": "India 2021",
    "all": "all three",
}

DEMANDS: Mapping[str, str] = {
    "tr_2020": "turkey_law_7253",
    "ru_2022": "cases/ru_law_236_2022",
    "in_2021": "cases/in_it_rules_2021",
}
"""The demands for a representative, each with its scenario."""
ENDS: Mapping[str, date] = {"ru_2022": date(2022, 2, 24)}
"""The last day of a series that ends before its scenario, because of the war of 2022."""


def read_answers() -> Mapping[str, Mapping[str, date | None]]:
    """Return the day on which each platform gave in, by series; None if it did not before the end
    of the series.
    """
    rows = read(ObservedAnswer).values()
    return {
        name: {row.platform: row.date for row in rows if row.series == name} for name in DEMANDS
    }


RULE = "platforms"
ALL = "all"
"""The series of all demands; only firms of the same demand are compared."""
DRAWS = 2_000
NEVER = math.inf
PEOPLE = 2_000


class Asked(NamedTuple):
    """The firms that a demand names, in the order of the table of answers.

    Attributes
    ----------
    platforms : tuple of str
        The platform that represents each firm.
    day : numpy.ndarray
        The day on which each gave in; infinite if it did not [days].
    score : numpy.ndarray
        Logarithm of the cost of refusing relative to complying [1].
    rivals : mapping of str to numpy.ndarray
        One variable each: ``stake``, the firm's revenue in the state; ``unfree``, the lack of
        freedom in its home state; ``news``, how little its users come for news. Higher means
        sooner.
    """

    platforms: tuple[str, ...]
    day: np.ndarray
    score: np.ndarray
    rivals: Mapping[str, np.ndarray]


def asked(series: str) -> Asked:
    """Return the scores of the rule and its rivals for the firms that a demand names."""
    spec = load(DEMANDS[series], people=PEOPLE)
    spec = spec.model_copy(
        update={"parameters": {**spec.parameters, "compliance.cost_spread": 0.0}}
    )
    model = Model(spec, rng=1)
    days = read_answers()[series]
    policy = spec.policies[0]
    found = {name: firm for firm in firms(model, policy) for name in firm.platforms if name in days}
    q = model.setting.parameters
    score, stake, unfree, news = [], [], [], []
    for name in days:
        firm = found[name]
        costs = weigh(model, policy, firm, may_sue=False, may_sell=False).costs
        score.append(math.log((1.0 + costs["refuse"]) / (1.0 + costs["comply"])))
        stake.append(_earns(model, policy, firm))
        unfree.append(1.0 - institution(model, firm.home, "freedom"))
        known = [model.setting.facts.news_use.get(each) for each in firm.platforms]
        news.append(
            -max(q["compliance.news_use"] if fact is None else fact.value for fact in known)
        )
    rivals = {"stake": np.array(stake), "unfree": np.array(unfree), "news": np.array(news)}
    day = np.array(
        [NEVER if given is None else float(given.toordinal()) for given in days.values()]
    )
    return Asked(tuple(days), day, np.array(score), rivals)


def _earns(model: Model, policy: Policy, firm: Firm) -> float:
    """Return the revenue of a firm's platforms in the demanding states [US dollars a year]."""
    here = [model.setting.states.index(code) for code in policy.by]
    return sum(float(revenue_of(model, name)[here].sum()) for name in firm.platforms)


def sooner(score: np.ndarray, day: np.ndarray, series: np.ndarray) -> float:
    """Return the chance that of two firms of a demand the firm that gave in sooner has the higher
    score [1].

    Ties of score count half, and 0.5 is chance; firms that gave in on the same day, or never, are
    not compared.
    """
    pairs = (day[:, None] < day[None, :]) & (series[:, None] == series[None, :])
    right = (score[:, None] > score[None, :]) + 0.5 * (score[:, None] == score[None, :])
    count = pairs.sum()
    return float((right * pairs).sum() / count) if count else math.nan


def judged(
    name: str,
    score: np.ndarray,
    rivals: Mapping[str, np.ndarray],
    day: np.ndarray,
    series: np.ndarray,
) -> AnswerSkill:
    """Return the skill of a score and of its rivals, with intervals over draws of the firms."""
    rng, n = np.random.default_rng(2021), len(score)
    simple = {rival: sooner(values, day, series) for rival, values in rivals.items()}
    best = rivals[max(simple, key=lambda rival: simple[rival])]
    drawn: list[float] = []
    ahead: list[float] = []
    while len(drawn) < DRAWS:
        pick = rng.integers(0, n, n)
        own = sooner(score[pick], day[pick], series[pick])
        if math.isnan(own):
            continue
        drawn.append(own)
        ahead.append(own - sooner(best[pick], day[pick], series[pick]))
    left = [sooner(*(np.delete(each, k) for each in (score, day, series))) for k in range(n)]
    without = [value for value in left if not math.isnan(value)]
    low, high = np.quantile(drawn, [0.1, 0.9])
    less, more = np.quantile(ahead, [0.1, 0.9])
    return AnswerSkill(
        series=name,
        rule=RULE,
        skill=sooner(score, day, series),
        low=float(low),
        high=float(high),
        least=min(without),
        most=max(without),
        ahead_low=float(less),
        ahead_high=float(more),
        firms=n,
        **simple,
    )


def answer_skills() -> list[AnswerSkill]:
    """Return the skill of the rule on each demand, and on all demands together."""
    parts = {name: asked(name) for name in DEMANDS}
    out = [
        judged(name, p.score, p.rivals, p.day, np.zeros(len(p.day))) for name, p in parts.items()
    ]
    series = np.concatenate([np.full(len(p.day), k) for k, p in enumerate(parts.values())])
    score, day = (
        np.concatenate([getattr(p, field) for p in parts.values()]) for field in ("score", "day")
    )
    rivals = {
        rival: np.concatenate([p.rivals[rival] for p in parts.values()])
        for rival in ("stake", "unfree", "news")
    }
    return [*out, judged(ALL, score, rivals, day, series)]


@dataclass(frozen=True)
class Comparison:
    """Simulated and real days of giving in.

    Attributes
    ----------
    observed : mapping of str to date or None
        The real day by the platform that represents a firm; None if it did not give in.
    simulated : sequence of mapping of str to date or None
        The simulated days of each seed; None for a firm that did not give in.
    ladder : sequence of date
        The days of the sanctions.
    """

    observed: Mapping[str, date | None]
    simulated: Sequence[Mapping[str, date | None]]
    ladder: Sequence[date]

    def correlations(self) -> list[float]:
        """Return the rank correlation of each seed's order with the real order; NaN if all gave in
        on one day.
        """
        real = [_number(day) for day in self.observed.values()]
        return [
            rank_correlation(real, [_number(member[name]) for name in self.observed])
            for member in self.simulated
        ]

    def errors(self, guess: date | None = None) -> list[int]:
        """Return the errors of the days, over seeds and firms that gave in [days].

        Parameters
        ----------
        guess : date, optional
            Day of a simple baseline, on which everybody gives in.
        """
        if guess is not None:
            return [abs((guess - real).days) for real in self.observed.values() if real is not None]
        days = (
            (member[name], real)
            for member in self.simulated
            for name, real in self.observed.items()
        )
        return [
            abs((day - real).days) for day, real in days if day is not None and real is not None
        ]

    def share_of(self, name: str) -> float:
        """Return the share of seeds in which a firm gave in [share]."""
        return sum(member[name] is not None for member in self.simulated) / len(self.simulated)

    def lines(self) -> list[str]:
        """Return lines on the firms that gave in, the correlation and the error of the days."""
        out = [f"{'':12} {'really':>11} {'gave in, of members':>20}"]
        for name, day in self.observed.items():
            out.append(f"{name:12} {day or 'no'!s:>11} {self.share_of(name):>20.0%}")
        known = [r for r in self.correlations() if not np.isnan(r)]
        low, middle, high = np.quantile(known, [0.1, 0.5, 0.9]) if known else (np.nan,) * 3
        out.append(
            f"Rank correlation with the real order, {len(self.observed)} firms: {middle:.2f} ({low:.2f} to {high:.2f}) "
            f"over {len(known)} members in which they differ; by lot, 0"
        )
        off = self.errors()
        gave_in = f"{np.mean(off):.0f} where a firm gave in" if off else "no firm gave in"
        rivals = ", ".join(
            f"{np.mean(self.errors(step)):.0f} had all given in on {step}" for step in self.ladder
        )
        out.append(f"Mean error of the day [days]: {gave_in}; {rivals}")
        return out


def _number(day: date | None) -> float:
    """Return a day as a number; None is infinite."""
    return float("inf") if day is None else float(day.toordinal())


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Return Spearman's rank correlation [1]; NaN if all values of either order are equal."""
    ranks = [
        pd.Series(values, dtype=float).rank() for values in (one, other)
    ]  # equal values share their mean rank
    if any(rank.nunique() < 2 for rank in ranks):
        return float("nan")
    return float(ranks[0].corr(ranks[1]))


def simulate(spec: Scenario, seed: int, names: Sequence[str]) -> dict[str, date | None]:
    """Return the day on which each platform gave in, for one seed."""
    drawn = member_spec(spec, seed)
    model = Model(drawn, rng=seed)
    policy = drawn.policies[0].id
    found: dict[str, date | None] = dict.fromkeys(names)
    for _ in range(drawn.days):
        model.step()
        for name in names:
            if (
                found[name] is None
                and (model.setting.answers or {}).get((policy, name)) == "complied"
            ):
                found[name] = drawn.start + timedelta(days=model.day)
        if None not in found.values():
            break
    return found


def compare(
    series: str,
    members: int = 20,
    people: int = 2_000,
    parameters: Mapping[str, float] | None = None,
) -> Comparison:
    """Return the comparison of a demand over a number of seeds.

    Parameters
    ----------
    series : str
        A key of `DEMANDS`.
    members : int
    people : int
        Number of simulated people, which hardly affects a platform's stake.
    parameters : mapping of str to float, optional
        Parameters to set; they are no longer drawn.
    """
    changed = dict(parameters or {})
    spec = load(DEMANDS[series], people=people)
    last = min(ENDS.get(series, date.max), spec.start + timedelta(days=spec.days))
    spec = spec.model_copy(update={"days": (last - spec.start).days})
    drawn = {name: spread for name, spread in spec.uncertain.items() if name not in changed}
    spec = spec.model_copy(
        update={"parameters": {**spec.parameters, **changed}, "uncertain": drawn}
    )
    observed = read_answers()[series]
    ladder = [step.on for step in getattr(spec.policies[0], "ladder", ())]
    return Comparison(
        observed, [simulate(spec, seed, list(observed)) for seed in range(1, members + 1)], ladder
    )


def order(series: str) -> str:
    """Return the firms in the order of the rule, each with the real day."""
    found, real = asked(series), read_answers()[series]
    ranked = sorted(found.platforms, key=lambda name: -found.score[found.platforms.index(name)])
    return "; ".join(f"{name} {real[name] or 'no'}" for name in ranked)


def skill_lines(found: Sequence[AnswerSkill]) -> list[str]:
    """Return the table of skill."""
    head = "firms  rule (80 %)          one left out   stake  unfree  news  lead over the best"
    out = [f"{'gave in sooner':16} {head}"]
    for s in found:
        rule = f"{s.skill:.2f} ({s.low:.2f} to {s.high:.2f})  {s.least:.2f} to {s.most:.2f}"
        out.append(
            f"{NAMES[s.series]:16} {s.firms:5}  {rule}   {s.stake:.2f}   {s.unfree:.2f}    "
            f"{s.news:.2f}  {s.ahead_low:+.2f} to {s.ahead_high:+.2f}  {'skill' if s.is_skilled else 'illustration'}"
        )
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables, and store the table of skill if requested."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--write", action="store_true", help="keep the table in sim/facts/answer_skill.csv"
    )
    parser.add_argument("--simulate", choices=tuple(DEMANDS), help="run a demand instead")
    parser.add_argument("--members", type=int, default=20, help="number of seeds")
    parser.add_argument("--people", type=int, default=2_000, help="simulated people in each")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PARAMETER=VALUE", help="change a parameter"
    )
    given = parser.parse_args(arguments)
    if given.simulate:
        changed = {
            name: float(value) for name, _, value in (item.partition("=") for item in given.set)
        }
        print("\n".join(compare(given.simulate, given.members, given.people, changed).lines()))
        return
    found = answer_skills()
    print("\n".join(skill_lines(found)))
    for series in DEMANDS:
        print(f"{NAMES[series]}, soonest by the rule first, with the real day: {order(series)}")
    if given.write:
        path = HOME / AnswerSkill.FILE
        pd.DataFrame(found).to_csv(path, index=False, float_format="%.4f", lineterminator="\n")
        print(f"Written to {path}")


if __name__ == "__main__":
    main()

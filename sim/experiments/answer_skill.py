"""Does the rule of platforms show who gives in first? Its skill on three known demands, next to simple rivals.

The rule's score is the cost of refusing relative to the cost of complying, for a firm on the day that the demand is
announced: the more expensive it is to refuse, the sooner a firm gives in. A firm is compared only with the other firms
of the same demand. No parameter is set from the observed days; the skill without each platform shows how much the
result depends on any of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sim.actors.firms import Firm, firms, institution, revenue_of, weigh
from sim.engine.model import Model
from sim.facts.record import DEMANDS, AnswerSkill, read_answers
from sim.policies.base import Policy
from sim.scenario import load

RULE = "platforms"
ALL = "all"
"""The series of all demands together; pairs are still within a demand."""
DRAWS = 2_000
NEVER = math.inf
PEOPLE = 2_000


class Asked(NamedTuple):
    """The firms that a demand names, in the order of the table of answers.

    Attributes
    ----------
    platforms : tuple of str
        The platform that speaks for each.
    day : numpy.ndarray
        The day on which each gave in; infinite where it did not [days].
    score : numpy.ndarray
        How much dearer it is to refuse than to comply [1], logarithm.
    rivals : mapping of str to numpy.ndarray
        One variable each: ``stake``, what the firm earns in the state; ``unfree``, how unfree its home is; ``news``,
        how little its users come for news. The higher, the sooner.
    """

    platforms: tuple[str, ...]
    day: np.ndarray
    score: np.ndarray
    rivals: Mapping[str, np.ndarray]


def asked(series: str) -> Asked:
    """Return what the rule and its rivals say of the firms that a demand names."""
    spec = load(DEMANDS[series], people=PEOPLE)
    spec = spec.model_copy(update={"parameters": {**spec.parameters, "compliance.cost_spread": 0.0}})
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
        news.append(-max(q["compliance.news_use"] if fact is None else fact.value for fact in known))
    rivals = {"stake": np.array(stake), "unfree": np.array(unfree), "news": np.array(news)}
    day = np.array([NEVER if given is None else float(given.toordinal()) for given in days.values()])
    return Asked(tuple(days), day, np.array(score), rivals)


def _earns(model: Model, policy: Policy, firm: Firm) -> float:
    """Return what a firm's platforms earn in the states that demand [US dollars a year]."""
    here = [model.setting.states.index(code) for code in policy.by]
    return sum(float(revenue_of(model, name)[here].sum()) for name in firm.platforms)


def sooner(score: np.ndarray, day: np.ndarray, series: np.ndarray) -> float:
    """Return the chance that of two firms of a demand the one that gave in sooner scores higher [1].

    Ties of score count half, and 0.5 is chance; firms that gave in on one day, or never, say nothing about each other.
    """
    pairs = (day[:, None] < day[None, :]) & (series[:, None] == series[None, :])
    right = (score[:, None] > score[None, :]) + 0.5 * (score[:, None] == score[None, :])
    count = pairs.sum()
    return float((right * pairs).sum() / count) if count else math.nan


def judged(
    name: str, score: np.ndarray, rivals: Mapping[str, np.ndarray], day: np.ndarray, series: np.ndarray
) -> AnswerSkill:
    """Return the skill of a score beside its rivals, with intervals over draws of the firms."""
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
        name, RULE, n, sooner(score, day, series), float(low), float(high), min(without), max(without),
        simple["stake"], simple["unfree"], simple["news"], float(less), float(more),
    )  # fmt: skip


def answer_skills() -> list[AnswerSkill]:
    """Return the skill of the rule on each demand, and on all of them together."""
    parts = {name: asked(name) for name in DEMANDS}
    out = [judged(name, p.score, p.rivals, p.day, np.zeros(len(p.day))) for name, p in parts.items()]
    series = np.concatenate([np.full(len(p.day), k) for k, p in enumerate(parts.values())])
    score, day = (np.concatenate([getattr(p, field) for p in parts.values()]) for field in ("score", "day"))
    rivals = {rival: np.concatenate([p.rivals[rival] for p in parts.values()]) for rival in ("stake", "unfree", "news")}
    return [*out, judged(ALL, score, rivals, day, series)]

"""The stake of a firm in a state that makes a demand, and the cost of each answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.chance import Purpose, stream, uniform_plain
from sim.facts.model import REST_OF_WORLD
from sim.mechanisms.compliance import (
    DAYS_A_YEAR,
    Blow,
    Court,
    Stake,
    answers,
    cost_of_precedent,
    cost_of_reputation,
    loss_of_refusing,
    loss_of_waiting,
    suit,
    trust,
)
from sim.policies.base import Policy

if TYPE_CHECKING:
    from sim.arm import Arm


WEEK = 7
"""Days from one meeting to the next."""


class Firm(NamedTuple):
    """A firm that faces a demand: its name, those of its platforms that are named, and its home."""

    owner: str
    platforms: tuple[str, ...]
    home: str
    """State whose law it answers to: that of the first of these platforms, alpha-2."""
    others_obeyed: float
    """Share of the other firms asked that have obeyed [1]."""

    @property
    def name(self) -> str:
        """Its platforms, for the log."""
        return ", ".join(self.platforms)


class Weighing(NamedTuple):
    """What a firm has before it on the day it decides."""

    costs: dict[str, float]
    """What each answer is expected to cost [US dollars]."""
    court: Court | None
    """What a suit promises, if it may sue."""
    waiting: float
    """What it loses by deciding a week later [US dollars]."""
    horizon: float
    """How far ahead it looks [days]."""


def weigh(model: Arm, policy: Policy, firm: Firm, *, may_sue: bool, may_sell: bool) -> Weighing:
    """Return what each answer is expected to cost a firm, and what it would lose by waiting.

    Parameters
    ----------
    model : Arm
    policy : Policy
        The demand.
    firm : Firm
    may_sue, may_sell : bool
        Whether the firm has not lost a suit, and its home has not refused a sale.
    """
    q = model.setting.parameters
    selling = policy.SELLS
    horizon = q["compliance.worth_years"] * DAYS_A_YEAR if selling else q["compliance.horizon_days"]
    listed = policy.sanctions(model.setting)
    blows = [Blow((s.on - model.date).days, s.fine, s.revenue, s.users) for s in listed]
    stake, elsewhere = _stakes(model, policy, firm)
    belief = trust(q["compliance.prior"], q["compliance.prior_weight"], sum(blow.in_days <= 0 for blow in blows))
    refuse = loss_of_refusing(blows, stake, belief, horizon)
    all_of_it = (stake.revenue + stake.worth) * horizon / DAYS_A_YEAR
    comply = None if selling else _comply(model, policy, firm, elsewhere) * horizon / DAYS_A_YEAR
    sell = None
    if selling and may_sell:
        passes = 1.0 if firm.home in policy.by else q["compliance.sale_approval"]
        sell = passes * q["compliance.sale_discount"] * all_of_it + (1.0 - passes) * refuse
    court = None
    if may_sue:
        courts = min(institution(model, code, "courts") for code in policy.by)
        court = suit(courts, q["compliance.court_power"], q["compliance.court_days"], q["compliance.legal_cost"])
    suing = 0.0 if court is None else loss_of_refusing(blows, stake, belief, min(horizon, court.days))
    open_to = answers(
        refuse=refuse,
        comply=comply,
        leave=all_of_it,
        sell=sell,
        evade=_evade(model, policy, blows, stake, belief, horizon),
        court=court,
        until_judgment=suing,
    )
    waiting = loss_of_waiting(blows, stake, belief, q["compliance.lead_days"], WEEK)
    return Weighing(open_to, court, waiting, horizon)


def institution(model: Arm, state: str, field: str) -> float:
    """Return the freedom or the courts of a state; one that a scenario adds is like the rest of the world [1]."""
    table = model.setting.facts.institutions
    return (table.get((state, field)) or table[REST_OF_WORLD, field]).value


def revenue_of(model: Arm, platform: str) -> np.ndarray:
    """Return what a platform would earn in each state without the policies, shape (states,) [US dollars a year]."""
    setting = model.setting
    facts = setting.facts
    per_user = np.array([(facts.revenue.get(s) or facts.revenue[REST_OF_WORLD]).value for s in setting.states])
    known = facts.monetisation.get(platform)
    ratio = known.value if known is not None else setting.parameters["compliance.revenue_ratio"]
    return np.asarray(users_of(model, platform) * per_user * ratio)


def users_of(model: Arm, platform: str) -> np.ndarray:
    """Return its monthly users in each state without the policies, shape (states,) [persons]."""
    counts = model.first_using if model.baseline is None else model.baseline.counts.using
    return np.asarray(model.group_table.using(counts)[:, model.setting.platforms.index(platform)])


def _stakes(model: Arm, policy: Policy, firm: Firm) -> tuple[Stake, np.ndarray]:
    """Return what the firm's platforms have in the states that demand, and the firm's revenue by other state.

    Abroad, everything the firm owns is at risk, not only the platforms that the demand names.
    """
    setting = model.setting
    here = [setting.states.index(code) for code in policy.by]
    revenue = sum(float(revenue_of(model, name)[here].sum()) for name in firm.platforms)
    users = sum(float(users_of(model, name)[here].sum()) for name in firm.platforms)
    owned = [name for name in setting.platforms if setting.platform_facts[name].owner == firm.owner]
    elsewhere = np.zeros(len(setting.states))
    for name in owned:
        elsewhere += revenue_of(model, name)
    elsewhere[here] = 0.0
    return Stake(revenue, users * setting.parameters["compliance.user_worth"]), elsewhere


def _comply(model: Arm, policy: Policy, firm: Firm, elsewhere: np.ndarray) -> float:
    """Return what obeying costs a firm [US dollars a year]."""
    setting, q = model.setting, model.setting.parameters
    freedom = np.array([institution(model, code, "freedom") for code in setting.states])
    here = max(institution(model, code, "freedom") for code in policy.by)
    fixed = q[f"compliance.fixed_cost.{policy.instrument}"] * len(policy.by)
    known = [setting.facts.news_use.get(name) for name in firm.platforms]
    news = max(q["compliance.news_use"] if fact is None else fact.value for fact in known)
    reputation = cost_of_reputation(
        q["compliance.reputation"], news, float((elsewhere * freedom).sum()), here,
        q["compliance.company"], firm.others_obeyed,
    )  # fmt: skip
    precedent = cost_of_precedent(q["compliance.precedent"], fixed, float((1.0 - freedom)[elsewhere > 0].sum()))
    return (fixed + reputation + precedent) * _difference(model, firm)


def _difference(model: Arm, firm: Firm) -> float:
    """Return the cost of obeying for a firm relative to the tables, drawn once per run [1]."""
    key, p = stream(model.member_seed, Purpose.FIRM), model.setting.platforms.index(firm.platforms[0])
    u, v = 1.0 - uniform_plain(key, p, 0), uniform_plain(key, p, 1)
    normal = math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)  # Box and Muller 1958
    return math.exp(model.setting.parameters["compliance.cost_spread"] * normal)


def _evade(model: Arm, policy: Policy, blows: list[Blow], stake: Stake, belief: float, horizon: float) -> float | None:
    """Return the cost of counter-measures; None if the policy has no filter to evade.

    They keep a share of the users; a firm that breaks the law earns nothing in the state.
    """
    q = model.setting.parameters
    if not policy.meets_filter():
        return None
    kept = 1.0 - q["compliance.evasion_gain"]
    outlaw = [Blow(b.in_days, b.fine, 1.0 if b.users > 0 else b.revenue, b.users * kept) for b in blows]
    effort = q["compliance.fixed_cost.evasion"] * horizon / DAYS_A_YEAR
    return effort + loss_of_refusing(outlaw, stake, belief, horizon)

"""Firms answer demands for their platforms.

Once a week each firm compares the cost of refusing a demand with the cost of each answer. It decides for all of its
platforms that the demand names; the log lists the decision under the first of them. It may obey, go to court, sell,
leave, evade, or do nothing. The rules are in `sim/actors/compliance.py`; every number is a parameter or a row of a fact
table, and none of them prescribes an answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.actors.compliance import (
    DAYS_A_YEAR,
    Blow,
    Court,
    Stake,
    answers,
    choose,
    cost_of_precedent,
    cost_of_reputation,
    loss_of_refusing,
    loss_of_waiting,
    suit,
    trust,
)
from sim.core.chance import Purpose, stream, uniform_plain
from sim.decisions import Act, Answer, Behaviour, Cheapest, Decision, Demanded, Judgment, SaleRefused
from sim.facts.model import REST_OF_WORLD
from sim.policies.base import Policy
from sim.policies.demands import GRANTED

if TYPE_CHECKING:  # Mesa takes longer to load than a list of behaviours may
    from sim.actors.platforms import Platform
    from sim.actors.politics import Politics

WEEK = 7
"""Days from one meeting to the next [days]."""
DONE = {"comply": "complied", "sell": "sold", "leave": "left", "evade": "evades"}
"""The standing answer after each decision."""


class Firm(NamedTuple):
    """A firm that faces a demand.

    Attributes
    ----------
    owner : str
    platforms : tuple of str
        Those of its platforms that are named.
    home : str
        State whose law it answers to: that of the first of these platforms, alpha-2.
    others_obeyed : float
        Share of the other firms asked that have obeyed [1].
    """

    owner: str
    platforms: tuple[str, ...]
    home: str
    others_obeyed: float


class Weighing(NamedTuple):
    """What a firm has before it on the day it decides.

    Attributes
    ----------
    costs : dict of str to float
        What each answer is expected to cost [US dollars].
    court : Court or None
        What a suit promises, if it may sue.
    waiting : float
        What it loses by deciding a week later [US dollars].
    horizon : float
        How far ahead it looks [days].
    """

    costs: dict[str, float]
    court: Court | None
    waiting: float
    horizon: float


@dataclass
class Case:
    """One firm and one demand.

    Attributes
    ----------
    stance : str
        What it has decided last.
    due : int
        Day on which the decision takes effect, or the court's; -1 for none [day of the run].
    may_sue, may_sell : bool
        Whether a suit has not been lost, and a sale not been refused.
    scores : dict of str to float
        The costs of the answers when it decided [US dollars].
    """

    stance: str = "refuse"
    due: int = -1
    may_sue: bool = True
    may_sell: bool = True
    scores: dict[str, float] = field(default_factory=dict)


class Platforms(Behaviour):
    """Platforms answer demands: they obey, go to court, sell, leave or evade."""

    every_days = 1  # each firm decides on its own day of the week

    def __init__(self) -> None:
        self.cases: dict[tuple[str, str], Case] = {}

    def act(self, model: Any) -> Iterator[Decision]:
        """Let every firm that faces a demand decide by way of its first platform that the demand names."""
        agents = {platform.name: platform for platform in model.platforms}
        demands = {notice.policy.id: notice.policy for notice in model.docket.announced}
        demands |= {policy.id: policy for policy, _ in model.docket.in_force}  # one that a court has stayed is not
        for name in sorted(demands):
            if demands[name].demands():
                for firm in firms(model, demands[name]):
                    yield from agents[firm.platforms[0]].step(self, demands[name], firm)

    def decide(self, platform: Platform, demand: Policy, firm: Firm) -> list[Decision]:  # type: ignore[override]
        """Follow what the firm has decided, or weigh on its day of the week.

        Parameters
        ----------
        platform : Platform
            The first that the demand names.
        demand : Policy
        firm : Firm
        """
        model, case = platform.model, self.cases.setdefault((demand.id, firm.owner), Case())
        if case.due >= 0:
            return self._take_effect(platform, demand, firm, case) if model.day >= case.due else []
        board_day = uniform_plain(stream(model.member_seed, Purpose.BOARD_DAY), platform.number)
        return self._weigh(platform, demand, firm, case) if model.day % WEEK == int(board_day * WEEK) else []

    def _weigh(self, platform: Platform, demand: Policy, firm: Firm, case: Case) -> list[Decision]:
        """Choose the cheapest answer; what is chosen takes effect later, and is put off while waiting costs nothing."""
        model, q = platform.model, platform.model.setting.parameters
        weighing = weigh(model, demand, firm, may_sue=case.may_sue, may_sell=case.may_sell)
        costs, court, answer = weighing.costs, weighing.court, choose(weighing.costs)
        case.scores = costs
        saved = costs[answer] * WEEK / weighing.horizon
        waits = answer != "contest" and q["compliance.waits"] >= 1 and weighing.waiting <= saved
        if answer == "refuse" or waits:
            return []
        case.stance = answer
        lead = court.days if answer == "contest" and court is not None else round(q["compliance.lead_days"])
        case.due = model.day + lead
        reason = Cheapest(demand.id, float(costs[answer]), float(costs["refuse"]))
        return [self._decision(platform, firm, Answer(answer), reason, costs)]

    def _take_effect(self, platform: Platform, demand: Policy, firm: Firm, case: Case) -> list[Decision]:
        """Let a decision take effect: the platform's answer, the judgment, or the refusal of its home state."""
        model, answer, case.due = platform.model, case.stance, -1
        act: Act = Answer(answer, in_effect=True)
        if answer == "contest":
            case.stance, case.may_sue = "refuse", False
            court = weigh(model, demand, firm, may_sue=True, may_sell=False).court
            luck = uniform_plain(stream(model.member_seed, Purpose.COURT), platform.number)
            act = Judgment(court is not None and luck < court.chance)
            if act.won:
                settle(model, demand, firm, "freed")
        elif answer == "sell" and firm.home not in demand.by and self._is_refused(platform):
            case.stance, case.may_sell = "refuse", False
            act = SaleRefused(firm.home)
        else:
            settle(model, demand, firm, DONE[answer])
        return [self._decision(platform, firm, act, Demanded(demand.id), case.scores)]

    def _is_refused(self, platform: Platform) -> bool:
        """Return whether the home state refuses the sale of a platform, by chance."""
        luck = uniform_plain(stream(platform.model.member_seed, Purpose.SALE), platform.number)
        return bool(luck >= platform.model.setting.parameters["compliance.sale_approval"])

    def _decision(
        self, platform: Platform, firm: Firm, act: Act, reason: Cheapest | Demanded, scores: dict[str, float]
    ) -> Decision:
        """Return what a firm decided, or what became of it, for all of its platforms that the demand names."""
        return Decision(
            platform.model.date, platform.name, self.name, act, cause=reason.policy, scores=scores, reason=reason,
            platforms=firm.platforms,
        )  # fmt: skip


def firms(model: Politics, demand: Policy) -> list[Firm]:
    """Return the firms that a demand names and that have not settled it, in the order of their first platform."""
    setting, given = model.setting, model.setting.answers or {}
    asked: dict[str, tuple[str, ...]] = {}
    for name in demand.targets:
        owner = setting.platform_facts[name].owner
        asked[owner] = (*asked.get(owner, ()), name)
    obeyed = {o for o, names in asked.items() if all(given.get((demand.id, n)) == "complied" for n in names)}
    settled = (*GRANTED, "left", "evades")
    open_cases = []
    for owner, names in asked.items():
        if not all(given.get((demand.id, name)) in settled for name in names):
            others = len(asked) - 1
            share = len(obeyed - {owner}) / others if others else 0.0
            open_cases.append(Firm(owner, names, setting.platform_facts[names[0]].home, share))
    return open_cases


def settle(model: Politics, demand: Policy, firm: Firm, answer: str) -> None:
    """Change the world for good by an answer."""
    setting = model.setting
    for name in firm.platforms:
        setting = setting.answered(demand.id, name, answer)
        setting = demand.answered(name, answer, setting)
        if answer == "evades":
            fact = setting.platform_facts[name]
            setting = setting.evading(name, max(fact.evasion, setting.parameters["compliance.evasion_gain"]))
    model.adopt(setting)


def weigh(model: Any, demand: Policy, firm: Firm, *, may_sue: bool, may_sell: bool) -> Weighing:
    """Return what each answer is expected to cost a firm, and what it would lose by waiting.

    Parameters
    ----------
    model : Arm
        With the users of each platform (`sim.arm.Arm.users_without_policies`).
    demand : Policy
    firm : Firm
    may_sue, may_sell : bool
        Whether the firm has not lost a suit, and its home has not refused a sale.
    """
    q = model.setting.parameters
    horizon = q["compliance.worth_years"] * DAYS_A_YEAR if demand.SELLS else q["compliance.horizon_days"]
    sanctions = demand.sanctions(model.setting)
    blows = [Blow((s.on - model.date).days, s.fine, s.revenue, s.users) for s in sanctions]
    stake, elsewhere = _stakes(model, demand, firm)
    belief = trust(q["compliance.prior"], q["compliance.prior_weight"], sum(blow.in_days <= 0 for blow in blows))
    refuse = loss_of_refusing(blows, stake, belief, horizon)
    all_of_it = (stake.revenue + stake.worth) * horizon / DAYS_A_YEAR
    comply = sell = evade = court = None
    until_judgment = 0.0
    if not demand.SELLS:
        comply = _cost_of_obeying(model, demand, firm, elsewhere) * horizon / DAYS_A_YEAR
    elif may_sell:
        passes = 1.0 if firm.home in demand.by else q["compliance.sale_approval"]
        sell = passes * q["compliance.sale_discount"] * all_of_it + (1.0 - passes) * refuse
    if may_sue:
        courts = min(institution(model, code, "courts") for code in demand.by)
        court = suit(courts, q["compliance.court_power"], q["compliance.court_days"], q["compliance.legal_cost"])
        until_judgment = loss_of_refusing(blows, stake, belief, min(horizon, court.days))
    if demand.meets_filter():
        # Counter-measures keep a share of the users; a firm that breaks the law earns nothing in the state.
        kept = 1.0 - q["compliance.evasion_gain"]
        outlaw = [Blow(b.in_days, b.fine, 1.0 if b.users > 0 else b.revenue, b.users * kept) for b in blows]
        effort = q["compliance.fixed_cost.evasion"] * horizon / DAYS_A_YEAR
        evade = effort + loss_of_refusing(outlaw, stake, belief, horizon)
    costs = answers(refuse, comply, all_of_it, sell, evade, court, until_judgment)
    return Weighing(costs, court, loss_of_waiting(blows, stake, belief, q["compliance.lead_days"], WEEK), horizon)


def institution(model: Politics, state: str, field: str) -> float:
    """Return the freedom or the courts of a state; one that a scenario adds is like the rest of the world [1]."""
    table = model.setting.facts.institutions
    return (table.get((state, field)) or table[REST_OF_WORLD, field]).value


def revenue_of(model: Any, platform: str) -> np.ndarray:
    """Return what a platform would earn in each state without the policies, shape (states,) [US dollars a year]."""
    setting, facts = model.setting, model.setting.facts
    per_user = np.array([(facts.revenue.get(s) or facts.revenue[REST_OF_WORLD]).value for s in setting.states])
    known = facts.monetisation.get(platform)
    ratio = known.value if known is not None else setting.parameters["compliance.revenue_ratio"]
    return np.asarray(model.users_without_policies(platform) * per_user * ratio)


def _stakes(model: Any, demand: Policy, firm: Firm) -> tuple[Stake, np.ndarray]:
    """Return what the firm's platforms have in the states that demand, and the firm's revenue by other state.

    Abroad, everything the firm owns is at risk, not only the platforms that the demand names.
    """
    setting = model.setting
    here = [setting.states.index(code) for code in demand.by]
    revenue = sum(float(revenue_of(model, name)[here].sum()) for name in firm.platforms)
    users = sum(float(model.users_without_policies(name)[here].sum()) for name in firm.platforms)
    elsewhere = np.zeros(len(setting.states))
    for name in setting.platforms:
        if setting.platform_facts[name].owner == firm.owner:
            elsewhere += revenue_of(model, name)
    elsewhere[here] = 0.0
    return Stake(revenue, users * setting.parameters["compliance.user_worth"]), elsewhere


def _cost_of_obeying(model: Any, demand: Policy, firm: Firm, elsewhere: np.ndarray) -> float:
    """Return what obeying costs a firm, relative to the tables by a factor drawn once a run [US dollars a year]."""
    setting, q = model.setting, model.setting.parameters
    freedom = np.array([institution(model, code, "freedom") for code in setting.states])
    here = max(institution(model, code, "freedom") for code in demand.by)
    fixed = q[f"compliance.fixed_cost.{demand.instrument}"] * len(demand.by)
    known = [setting.facts.news_use.get(name) for name in firm.platforms]
    news = max(q["compliance.news_use"] if fact is None else fact.value for fact in known)
    reputation = cost_of_reputation(
        q["compliance.reputation"], news, float((elsewhere * freedom).sum()), here,
        q["compliance.company"], firm.others_obeyed,
    )  # fmt: skip
    precedent = cost_of_precedent(q["compliance.precedent"], fixed, float((1.0 - freedom)[elsewhere > 0].sum()))
    key, p = stream(model.member_seed, Purpose.FIRM), setting.platforms.index(firm.platforms[0])
    u, v = 1.0 - uniform_plain(key, p, 0), uniform_plain(key, p, 1)
    normal = math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)  # Box and Muller 1958
    return (fixed + reputation + precedent) * math.exp(q["compliance.cost_spread"] * normal)

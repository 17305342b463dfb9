"""Firms answer demands for their platforms.

Once a week each firm compares the cost of refusing a demand with the cost of each answer. It
decides for all its platforms in the demand; the log lists the decision under the first one. It may
obey, go to court, sell, leave, evade, or do nothing. All costs are expected US dollars over the
horizon of the decision. Every number is a parameter or a row of a fact table, and none of them
prescribes an answer.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..core.chance import Purpose, stream, uniform_plain
from ..decisions import Answer, Behaviour, Cheapest, Decision, Demanded, Judgment, SaleRefused
from ..facts.model import REST_OF_WORLD
from ..facts.orders import trade_barred_on
from ..policies.base import Policy
from ..policies.demands import GRANTED

if TYPE_CHECKING:  # Mesa is slow to load
    from ..people.setting import Setting
    from .agents import Platform
    from .politics import Politics

WEEK = 7
"""Days between two decisions of a firm [days]."""
DAYS_A_YEAR = 365.0
DONE = {"comply": "complied", "sell": "sold", "leave": "left", "evade": "evades"}
"""The standing answer after each decision."""


class Firm(NamedTuple):
    """A firm that faces a demand.

    Attributes
    ----------
    owner : str
    platforms : tuple of str
        Those of its platforms that the demand names.
    home : str
        State whose law it answers to: that of the first of these platforms, alpha-2.
    others_obeyed : float
        Share of the other firms under the demand that have obeyed [1].
    """

    owner: str
    platforms: tuple[str, ...]
    home: str
    others_obeyed: float


class Blow(NamedTuple):
    """A sanction as a firm sees it on the day it decides.

    Attributes
    ----------
    in_days : int
        Days until the sanction; 0 or less once it has been carried out [days].
    fine : float
        Single payment [US dollars].
    revenue, users : float
        Share of the revenue and of the users in the state that is lost [1].
    """

    in_days: int
    fine: float = 0.0
    revenue: float = 0.0
    users: float = 0.0


class Stake(NamedTuple):
    """The value of a state to a firm: its revenue there, and further worth such as growth or a
    mission [US dollars a year].
    """

    revenue: float
    worth: float


class Court(NamedTuple):
    """The outlook of a suit: the chance that the court stays the demand [1], and the days until it
    decides [days].
    """

    chance: float
    days: int


class Weighing(NamedTuple):
    """The expected outcomes that a firm compares on the day it decides.

    Attributes
    ----------
    costs : dict of str to float
        Expected cost of each answer [US dollars].
    court : Court
        Outlook of a suit.
    waiting : float
        Loss from deciding a week later [US dollars].
    horizon : float
        Period that the firm considers [days].
    """

    costs: dict[str, float]
    court: Court
    waiting: float
    horizon: float


@dataclass
class Case:
    """One firm and one demand.

    Attributes
    ----------
    stance : str
        Its latest decision.
    due : int
        Day on which the decision takes effect, or the court's; -1 for none [day of the run].
    may_sue, may_sell : bool
        Whether a suit, or a sale, is still possible: none has been lost, or refused.
    scores : dict of str to float
        The costs of the answers at the time of the decision [US dollars].
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
        """Let every firm that faces a demand decide, through the first of its platforms in the
        demand.
        """
        agents = {platform.name: platform for platform in model.platforms}
        demands = {notice.policy.id: notice.policy for notice in model.docket.announced}
        demands |= {
            policy.id: policy for policy, _ in model.docket.in_force
        }  # stayed demands are left out
        for name in sorted(demands):
            if demands[name].demands():
                for firm in firms(model, demands[name]):
                    yield from self.decide(agents[firm.platforms[0]], demands[name], firm)

    def decide(self, platform: Platform, demand: Policy, firm: Firm) -> list[Decision]:
        """Carry out the firm's decision, or weigh the answers on its day of the week.

        Parameters
        ----------
        platform : Platform
            The firm's first platform in the demand.
        demand : Policy
        firm : Firm
        """
        model = platform.model
        case = self.cases.setdefault((demand.id, firm.owner), Case())
        if case.due >= 0:
            return self._take_effect(platform, demand, firm, case) if model.day >= case.due else []
        board_day = platform.luck(Purpose.BOARD_DAY, day=0)
        return (
            self._weigh(platform, demand, firm, case)
            if model.day % WEEK == int(board_day * WEEK)
            else []
        )

    def _weigh(self, platform: Platform, demand: Policy, firm: Firm, case: Case) -> list[Decision]:
        """Choose the cheapest answer, which takes effect later; the firm waits while waiting costs
        nothing.
        """
        model = platform.model
        q = platform.parameters
        weighing = weigh(model, demand, firm, may_sue=case.may_sue, may_sell=case.may_sell)
        costs = weighing.costs
        answer = choose(weighing.costs)
        case.scores = costs
        saved = costs[answer] * WEEK / weighing.horizon
        waits = answer != "contest" and q["compliance.waits"] >= 1 and weighing.waiting <= saved
        if answer == "refuse" or waits:
            return []
        lead = weighing.court.days if answer == "contest" else round(q["compliance.lead_days"])
        case.stance = answer
        case.due = model.day + lead
        reason = Cheapest(demand.id, float(costs[answer]), float(costs["refuse"]))
        return [
            platform.decision(
                self.name,
                Answer(answer, in_effect=False),
                reason,
                demand.id,
                costs,
                platforms=firm.platforms,
            )
        ]

    def _take_effect(
        self, platform: Platform, demand: Policy, firm: Firm, case: Case
    ) -> list[Decision]:
        """Let a decision take effect: the platform's answer, the judgment, or the refusal of its
        home state.
        """
        model = platform.model
        q = platform.parameters
        answer = case.stance
        case.due = -1
        act = Answer(answer, in_effect=True)
        settled = DONE.get(answer, "")
        if answer == "contest":
            court = weigh(model, demand, firm, may_sue=True, may_sell=False).court
            act = Judgment(platform.luck(Purpose.COURT, day=0) < court.chance)
            case.may_sue = False
            settled = "freed" if act.won else ""
        elif answer == "sell" and firm.home not in demand.by:
            if platform.luck(Purpose.SALE, day=0) >= q["compliance.sale_approval"]:
                act = SaleRefused(firm.home)
                settled = ""
                case.may_sell = False
        if settled:
            settle(model, demand, firm, settled)
        case.stance = answer if act.code == "answer" else "refuse"
        reason = Demanded(demand.id)
        return [
            platform.decision(
                self.name, act, reason, demand.id, case.scores, platforms=firm.platforms
            )
        ]


def firms(model: Politics, demand: Policy) -> list[Firm]:
    """Return the firms that a demand names and that have not settled it, in the order of their
    first platform.
    """
    closed = model.setting.closed_on(model.date)
    return model.setting.once(
        ("firms", demand, closed), lambda: _firms(model.setting, demand, closed)
    )


def _firms(setting: Setting, demand: Policy, closed: Collection[str]) -> list[Firm]:
    given = setting.answers or {}
    asked: dict[str, tuple[str, ...]] = {}
    for name in (target for target in demand.targets if target not in closed):
        owner = setting.platform_facts[name].owner
        asked[owner] = (*asked.get(owner, ()), name)
    answers = {
        owner: [given.get((demand.id, name)) for name in names] for owner, names in asked.items()
    }
    obeyed = {owner for owner in asked if all(answer == "complied" for answer in answers[owner])}
    others = max(1, len(asked) - 1)
    return [
        Firm(owner, names, setting.platform_facts[names[0]].home, len(obeyed - {owner}) / others)
        for owner, names in asked.items()
        if not all(answer in (*GRANTED, "left", "evades") for answer in answers[owner])
    ]


def settle(model: Politics, demand: Policy, firm: Firm, answer: str) -> None:
    """Apply the permanent effects of an answer."""
    setting = model.setting
    for name in firm.platforms:
        setting = setting.answered(demand.id, name, answer)
        setting = demand.answered(name, answer, setting)
        if answer == "evades":
            fact = setting.platform_facts[name]
            setting = setting.with_platform(
                name, evasion=max(fact.evasion, setting.parameters["compliance.evasion_gain"])
            )
    model.adopt(setting)


# --- what each answer costs -----------------------------------------------------------------------


def weigh(model: Any, demand: Policy, firm: Firm, *, may_sue: bool, may_sell: bool) -> Weighing:
    """Return the expected cost of each answer for a firm, and its loss from waiting.

    Parameters
    ----------
    model : Arm
        With the users of each platform (`splinternet.arm.Arm.users_without_policies`).
    demand : Policy
    firm : Firm
    may_sue, may_sell : bool
        Whether the firm has not lost a suit, and its home has not refused a sale.
    """
    setting = model.setting
    q = model.setting.parameters
    here = [setting.states.index(code) for code in demand.by]
    concerned = model.share_concerned(demand)[here]
    users = sum(
        float((model.users_without_policies(name)[here] * concerned).sum())
        for name in firm.platforms
    )
    revenue = sum(
        float((revenue_of(model, name)[here] * concerned).sum()) for name in firm.platforms
    )
    stake = Stake(revenue, users * q["compliance.user_worth"])
    horizon = (
        q["compliance.worth_years"] * DAYS_A_YEAR if demand.SELLS else q["compliance.horizon_days"]
    )
    blows = [
        Blow((s.on - model.date).days, s.fine, s.revenue, s.users)
        for s in demand.sanctions(setting)
    ]
    belief = trust(
        q["compliance.prior"],
        q["compliance.prior_weight"],
        sum(blow.in_days <= 0 for blow in blows),
    )
    refuse = loss_of_refusing(blows, stake, belief, horizon)
    costs = {"refuse": refuse, "leave": (stake.revenue + stake.worth) * horizon / DAYS_A_YEAR}
    # If its home bars all trade with the state, a firm has no office there, so it can neither
    # appoint a representative nor sue.
    is_barred = any(
        frozenset((firm.home, code)) in trade_barred_on(model.date) for code in demand.by
    )
    if not demand.SELLS and not (demand.NEEDS_OFFICE and is_barred):
        costs["comply"] = cost_of_obeying(model, demand, firm) * horizon / DAYS_A_YEAR
    if demand.SELLS and may_sell:
        passes = 1.0 if firm.home in demand.by else q["compliance.sale_approval"]
        costs["sell"] = (
            passes * q["compliance.sale_discount"] * costs["leave"] + (1.0 - passes) * refuse
        )
    if demand.meets_filter():
        # Counter-measures keep a share of the users; a firm that breaks the law earns nothing in
        # the state.
        kept = 1.0 - q["compliance.evasion_gain"]
        outlaw = [
            Blow(b.in_days, b.fine, 1.0 if b.users > 0 else b.revenue, b.users * kept)
            for b in blows
        ]
        effort = q["compliance.fixed_cost.evasion"] * horizon / DAYS_A_YEAR
        costs["evade"] = effort + loss_of_refusing(outlaw, stake, belief, horizon)
    courts = min(institution(model, code, "courts") for code in demand.by)
    court = suit(courts, q["compliance.court_power"], q["compliance.court_days"])
    if may_sue and not is_barred:
        until_judgment = loss_of_refusing(blows, stake, belief, min(horizon, court.days))
        lost = (1.0 - court.chance) * min(costs.values())
        costs["contest"] = q["compliance.legal_cost"] + until_judgment + lost
    # A decision takes effect after a lead time; earlier sanctions cannot be avoided.
    lead = q["compliance.lead_days"]
    waiting = loss_of_refusing(blows, stake, belief, lead + WEEK) - loss_of_refusing(
        blows, stake, belief, lead
    )
    return Weighing(costs, court, waiting, horizon)


def choose(costs: Mapping[str, float]) -> str:
    """Return the cheapest answer; doing nothing wins a tie."""
    return min(sorted(costs), key=lambda name: (costs[name], name != "refuse"))


def trust(prior: float, weight: float, carried_out: int) -> float:
    """Return a firm's belief that the next sanction will be carried out [1].

    The rule of succession: a prior worth ``weight`` cases, and one success for each sanction
    carried out so far.
    """
    return (prior * weight + carried_out) / (weight + carried_out)


def suit(courts: float, power: float, days: float) -> Court:
    """Return the outlook of a suit for courts with an index of 0 to 1; worse courts are also
    slower.
    """
    chance = max(courts, 1e-6) ** power
    return Court(chance, round(days / chance))


def loss_of_refusing(blows: Sequence[Blow], stake: Stake, belief: float, horizon: float) -> float:
    """Return the expected cost of refusing from today to the horizon [US dollars].

    The strictest sanction so far counts. Users lost take their revenue with them. A firm believes
    in the next sanction with ``belief``, in the second one with its square, and so on. Fines that
    were imposed are sunk.

    Parameters
    ----------
    blows : sequence of Blow
    stake : Stake
    belief : float
        From `trust` [1].
    horizon : float
        [days].
    """
    total = 0.0
    revenue = 0.0
    users = 0.0
    rate = 0.0
    chance = 1.0
    for blow in sorted(blows):
        if blow.in_days >= horizon:
            break
        if blow.in_days > 0:
            chance *= belief
            total += chance * blow.fine
        revenue = max(revenue, blow.revenue)
        users = max(users, blow.users)
        after = stake.revenue * (1.0 - (1.0 - revenue) * (1.0 - users)) + stake.worth * users
        total += chance * (after - rate) * (horizon - max(0, blow.in_days)) / DAYS_A_YEAR
        rate = after
    return total


def cost_of_obeying(model: Any, demand: Policy, firm: Firm) -> float:
    """Return the cost of obeying for a firm [US dollars a year].

    The sum of a fixed cost in each demanding state, reputation abroad, and a precedent for unfree
    states, times a factor drawn once a run. Abroad, all the firm's platforms are at risk, not only
    those in the demand.
    """
    setting = model.setting
    q = model.setting.parameters
    elsewhere = np.zeros(len(setting.states))
    for name in setting.platforms:
        if setting.platform_facts[name].owner == firm.owner:
            elsewhere += revenue_of(model, name)
    elsewhere[[setting.states.index(code) for code in demand.by]] = 0.0
    freedom = setting.once(
        "freedom", lambda: np.array([institution(model, s, "freedom") for s in setting.states])
    )
    fixed = q[f"compliance.fixed_cost.{demand.instrument}"] * len(demand.by)
    news = max(news_use(model, name) for name in firm.platforms)
    # Obeying a free state costs nothing abroad, and less once others have obeyed.
    reputation = (
        q["compliance.reputation"]
        * news
        * float((elsewhere * freedom).sum())
        * (1.0 - max(institution(model, code, "freedom") for code in demand.by))
        * (1.0 - q["compliance.company"] * firm.others_obeyed)
    )
    precedent = q["compliance.precedent"] * fixed * float((1.0 - freedom)[elsewhere > 0].sum())
    key = stream(model.member_seed, Purpose.FIRM)
    p = setting.platforms.index(firm.platforms[0])
    u = 1.0 - uniform_plain(key, p, 0)
    v = uniform_plain(key, p, 1)
    normal = math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)  # Box and Muller 1958
    return float((fixed + reputation + precedent) * math.exp(q["compliance.cost_spread"] * normal))


# --- figures from the tables ----------------------------------------------------------------------


def institution(model: Politics, state: str, field: str) -> float:
    """Return the freedom or the courts of a state; an added state is like the rest of the world
    [1].
    """
    table = model.setting.facts.institutions
    return (table.get((state, field)) or table[REST_OF_WORLD, field]).value


def news_use(model: Politics, platform: str) -> float:
    """Return the share of a platform's users who regularly get news there [1]."""
    known = model.setting.facts.news_use.get(platform)
    return model.setting.parameters["compliance.news_use"] if known is None else known.value


def revenue_of(model: Any, platform: str) -> np.ndarray:
    """Return the earnings of a platform in each state without the policies, shape (states,) [US
    dollars a year].
    """
    setting = model.setting
    facts = model.setting.facts
    unknown = facts.revenue[REST_OF_WORLD]
    per_user = setting.once(
        "revenue", lambda: np.array([facts.revenue.get(s, unknown).value for s in setting.states])
    )
    known = facts.monetisation.get(platform)
    ratio = known.value if known is not None else setting.parameters["compliance.revenue_ratio"]
    return np.asarray(model.users_without_policies(platform) * per_user * ratio)

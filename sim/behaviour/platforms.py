"""Platforms answer demands: once a week, each firm compares the cost of refusing with the cost of each answer.

A firm decides for all of its platforms that a demand names; the log lists the decision under the first of them. It may
obey, go to court, sell, leave, evade, or do nothing. The rules are in `sim/mechanisms/compliance.py`; every number is a
parameter or a row of a fact table, and none of them prescribes an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.behaviour.firm import WEEK, Firm, weigh
from sim.chance import Purpose, stream, uniform_plain
from sim.decisions import Act, Answer, Cheapest, Decision, Demanded, Judgment, Reason, SaleRefused
from sim.ledger import Case
from sim.mechanisms.compliance import choose
from sim.policies.base import Policy
from sim.policies.demands import GRANTED

if TYPE_CHECKING:
    from sim.arm import Arm

SUMMARY = "Platforms answer demands: they obey, go to court, sell, leave or evade."
EVERY_DAYS = 1
"""The behaviour runs daily; each firm decides on its own day of the week."""

DONE = {"comply": "complied", "sell": "sold", "leave": "left", "evade": "evades"}
"""The standing answer after each decision."""


def act(model: Arm) -> list[Decision]:
    """Let every firm that faces a demand follow what it has decided, or weigh on its day of the week."""
    made: list[Decision] = []
    for policy in _demands(model):
        for firm in firms(model, policy):
            case = model.ledger.cases.setdefault((policy.id, firm.owner), Case())
            if case.due >= 0:
                if model.day >= case.due:
                    made += _take_effect(model, policy, firm, case)
            elif model.day % WEEK == _weekday(model, firm):
                made += _weigh(model, policy, firm, case)
    return made


def _demands(model: Arm) -> Iterator[Policy]:
    """Yield the demands that are announced or in force today, each once, without those that a court has stayed."""
    known = {notice.policy.id: notice.policy for notice in model.docket.announced}
    known |= {policy.id: policy for policy, _ in model.docket.in_force}
    for name in sorted(known):
        if known[name].demands():
            yield known[name]


def firms(model: Arm, policy: Policy) -> list[Firm]:
    """Return the firms that a demand names and that have not settled it, in the order of their first platform."""
    setting, answers = model.setting, model.setting.answers or {}
    found: dict[str, list[str]] = {}
    for target in policy.targets:
        found.setdefault(setting.platform_facts[target].owner, []).append(target)
    settled = (*GRANTED, "left", "evades")
    asked = {owner: tuple(names) for owner, names in found.items()}
    obeyed = {o for o, names in asked.items() if all(answers.get((policy.id, n)) == "complied" for n in names)}
    open_cases = []
    for owner, names in asked.items():
        if all(answers.get((policy.id, name)) in settled for name in names):
            continue
        others = len(asked) - 1
        share = len(obeyed - {owner}) / others if others else 0.0
        open_cases.append(Firm(owner, names, setting.platform_facts[names[0]].home, share))
    return open_cases


def _weekday(model: Arm, firm: Firm) -> int:
    """Return the day of the week on which a firm weighs."""
    key = stream(model.member_seed, Purpose.BOARD_DAY)
    return int(uniform_plain(key, model.setting.platforms.index(firm.platforms[0])) * WEEK)


def _weigh(model: Arm, policy: Policy, firm: Firm, case: Case) -> list[Decision]:
    """Choose the cheapest answer; what is chosen takes effect later, and is put off while waiting costs nothing."""
    q = model.setting.parameters
    seen = weigh(model, policy, firm, may_sue=case.may_sue, may_sell=case.may_sell)
    costs, court, answer = seen.costs, seen.court, choose(seen.costs)
    case.scores = costs
    saved = costs[answer] * WEEK / seen.horizon
    waits = answer != "contest" and q["compliance.waits"] >= 1 and seen.waiting <= saved
    if answer == "refuse" or waits:
        return []
    case.stance = answer
    lead = round(q["compliance.lead_days"])
    case.due = model.day + (court.days if answer == "contest" and court is not None else lead)
    reason = Cheapest(policy.id, float(costs[answer]), float(costs["refuse"]))
    return [_decision(model, firm, Answer(answer), reason, costs)]


def _take_effect(model: Arm, policy: Policy, firm: Firm, case: Case) -> list[Decision]:
    """Let a decision take effect: the platform's answer, the judgment, or the refusal of its home state."""
    answer, case.due = case.stance, -1
    q, seed = model.setting.parameters, model.member_seed
    luck = uniform_plain(stream(seed, Purpose.COURT), model.setting.platforms.index(firm.platforms[0]))
    if answer == "contest":
        case.stance, case.may_sue = "refuse", False
        court = weigh(model, policy, firm, may_sue=True, may_sell=False).court
        won = court is not None and luck < court.chance
        if won:
            _settle(model, policy, firm, "freed")
        return [_decision(model, firm, Judgment(bool(won)), Demanded(policy.id), case.scores)]
    if answer == "sell":
        luck = uniform_plain(stream(seed, Purpose.SALE), model.setting.platforms.index(firm.platforms[0]))
        if firm.home not in policy.by and luck >= q["compliance.sale_approval"]:
            case.stance, case.may_sell = "refuse", False
            refused = SaleRefused(firm.home)
            return [_decision(model, firm, refused, Demanded(policy.id), case.scores)]
    _settle(model, policy, firm, DONE[answer])
    return [_decision(model, firm, Answer(answer, in_effect=True), Demanded(policy.id), case.scores)]


def _decision(model: Arm, firm: Firm, act: Act, reason: Reason, scores: dict[str, float]) -> Decision:
    """Return what a firm decided, or what became of it, for all of its platforms that the demand names."""
    who = firm.platforms[0]
    cause = reason.policy if isinstance(reason, Cheapest | Demanded) else ""
    return Decision(
        model.date, who, "platforms", act, cause=cause, scores=scores, reason=reason, platforms=firm.platforms
    )


def _settle(model: Arm, policy: Policy, firm: Firm, answer: str) -> None:
    """Change the world for good by an answer."""
    setting = model.setting
    for name in firm.platforms:
        setting = setting.answered(policy.id, name, answer)
        setting = policy.answered(name, answer, setting)
        if answer == "evades":
            fact = setting.platform_facts[name]
            setting = setting.evading(name, max(fact.evasion, setting.parameters["compliance.evasion_gain"]))
    model.adopt(setting)

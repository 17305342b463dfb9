"""Tit for tat between states: a state answers harm with a delay and in proportion, and later lifts the answer.

A state keeps a ledger with every other state: harm suffered times the strength, minus harm inflicted. If the balance is
positive, it acts against the firm whose loss fits best. If it has done too much because the other gave way, it lifts a
policy. It does not lift an answer that was too strong from the beginning while the other continues as before. An answer
to an answer counts for less (`retaliation.echo`), so that a dispute is bounded, and a state tires of a dispute that
costs its own people.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arm import StatesArm
from sim.behaviour.repertoire import can_act, lifted, strike
from sim.behaviour.stances import can_afford, spend
from sim.behaviour.standing import harms, off_limits, situation, standing_policies
from sim.chance import Purpose, stream, uniform_plain
from sim.decisions import Decision, GaveWay, Lift, Retaliation, Tired
from sim.ledger import Standing
from sim.mechanisms.statecraft import best_answer, chance, echoed, to_answer

SUMMARY = "States answer harm with harm, delayed and in proportion, and take it back when the other does."
EVERY_DAYS = 7


class Hit(NamedTuple):
    """A policy of one state that harms firms of another."""

    standing: Standing
    cost: float
    """What it costs the other [US$ bn a year]."""


def act(model: StatesArm) -> list[Decision]:
    """Let each state settle its ledger with each other that has harmed it, or that it has harmed."""
    s, q = situation(model), model.setting.parameters
    hits, answers = _hits(model), _answers(model)
    settled, depths = _settled(model, answers), _depths(answers)
    found = []
    for by, h in sorted({*hits, *((b, a) for a, b in hits)}):
        if not (s.decides[by] and s.decides[h]):
            continue
        mine = hits.get((h, by), [])
        known = [hit for hit in hits.get((by, h), []) if hit.standing.id not in settled]
        known = [hit for hit in known if (h, hit.standing.id) not in settled]
        theirs = [hit for hit in known if hit.standing.days >= _delay(model, hit.standing, h)]
        echo = echoed(np.array([depths.get(hit.standing.id, 0) for hit in theirs]), q["retaliation.echo"])
        suffered = float(sum(part * hit.cost for part, hit in zip(echo, theirs, strict=True)))
        owed = to_answer(suffered, sum(hit.cost for hit in mine), q["retaliation.strength"])
        decision = (
            _answer(model, h, by, (owed, suffered), theirs)
            if owed > 0
            else _give_way(model, h, -owed, suffered, _own(mine, answers))
        )
        decision = decision or _tire(model, h, _own(mine, answers))
        if decision is not None:
            found.append(decision)
    return found


def _own(mine: list[Hit], answers: dict[str, Decision]) -> list[tuple[Hit, Decision]]:
    """Return those of a state's policies that are answers, with the decisions."""
    return [(hit, answers[hit.standing.id]) for hit in mine if hit.standing.id in answers]


def _settled(model: StatesArm, answers: dict[str, Decision]) -> set[str | tuple[int, str]]:
    """Return what is not answered: retaliations whose cause has ended, and (state, id) of what a state tired of.

    Who gave way waits for an answer to be lifted and does not answer it.
    """
    standing, s = {m.id for m in standing_policies(model)}, situation(model)
    over: set[str | tuple[int, str]] = {name for name, d in answers.items() if d.cause not in standing}
    for d in model.decisions:
        if isinstance(d.act, Lift) and isinstance(d.reason, Tired) and d.act.policy in answers:
            over.add((s.states.index(d.who), answers[d.act.policy].cause))
    return over


def _depths(answers: dict[str, Decision]) -> dict[str, int]:
    """Return how many answers in a row stand behind each answer, in order: 1 for an answer to a first blow."""
    found: dict[str, int] = {}
    for name, decision in answers.items():
        found[name] = found.get(decision.cause, 0) + 1
    return found


def _hits(model: StatesArm) -> dict[tuple[int, int], list[Hit]]:
    """Return the policies of each state against the firms of each other, with what they cost."""
    home, table = situation(model).home, harms(model)
    out: dict[tuple[int, int], list[Hit]] = {}
    for standing in standing_policies(model):
        cost: dict[int, float] = {}
        for j in standing.objects:
            cost[int(home[j])] = cost.get(int(home[j]), 0.0) + float(table[standing.by, j])
        for state, lost in cost.items():
            if state != standing.by:
                out.setdefault((standing.by, state), []).append(Hit(standing, lost))
    return out


def _delay(model: StatesArm, standing: Standing, state: int) -> float:
    """Return after how many days a state answers a policy: half to one and a half times the mean.

    It is drawn once for the two states, the target and the day on which the policy came into force.
    """
    key = stream(model.member_seed, Purpose.RETALIATION, model.day - standing.days)
    item = standing.by * len(situation(model).targets) + (standing.objects[0] if standing.objects else 0)
    return model.setting.parameters["retaliation.delay_days"] * (0.5 + uniform_plain(key, state, item))


def _answer(model: StatesArm, h: int, by: int, ledger: tuple[float, float], theirs: list[Hit]) -> Decision | None:
    """Return the policy of ``h`` against a firm of ``by`` that fits what is owed; None when none does.

    ``ledger`` is what is owed and what is suffered [US$ bn a year].
    """
    owed, suffered = ledger
    s, q, table = situation(model), model.setting.parameters, harms(model)
    if owed < q["retaliation.least"]:
        return None
    open_to = (s.home == by) & ~off_limits(model)[h] & (table[h] > 0)
    can = np.array([bool(o) and can_act(model, h, t) for o, t in zip(open_to, s.targets, strict=True)])
    j = best_answer(owed, np.where(can, table[h], 0.0), q["retaliation.slack"])
    burden = float(s.users[h, j] * s.worth[j])
    if j < 0 or not can_afford(model, h, burden):
        return None
    spend(model, h, burden)
    worst = max(theirs, key=lambda hit: (hit.cost, hit.standing.id)).standing
    scores = {"owed": owed, "harm": float(table[h, j]), "suffered": suffered}
    firms = tuple(s.targets[k].aim for k in worst.objects if s.home[k] == h)
    reason = Retaliation(s.states[worst.by], firms, worst.id)
    return strike(model, h, j, "retaliation", notice=1, reason=reason, cause=worst.id, scores=scores)


def _give_way(
    model: StatesArm, h: int, surplus: float, suffered: float, mine: list[tuple[Hit, Decision]]
) -> Decision | None:
    """Return the end of a retaliation that is more than what is suffered calls for; None when there is none.

    Only what is suffered less than when the answer was given takes it back, and not one that was a little too strong.
    """
    leniency = model.setting.parameters["retaliation.leniency"]
    for (standing, cost), given in mine:
        if standing.days >= 0 and suffered < given.scores["suffered"] and surplus > leniency * cost:
            scores = {"surplus": surplus, "harm": cost}
            return lifted(model, h, standing, "retaliation", GaveWay(), scores)
    return None


def _tire(model: StatesArm, h: int, mine: list[tuple[Hit, Decision]]) -> Decision | None:
    """Return the end of an answer that a state tires of, by chance; what costs its own people more, sooner."""
    s, q = situation(model), model.setting.parameters
    for (standing, cost), _ in mine:
        if standing.days < q["review.patience_days"]:
            continue
        burden = float(sum(s.users[h, j] * s.worth[j] for j in standing.objects))
        rate = q["retaliation.fatigue"] / 12.0 * (1.0 + burden)
        key = stream(model.member_seed, Purpose.POLICY_REVIEW, model.day)
        if uniform_plain(key, h, len(s.targets) + standing.objects[0]) < chance(rate, EVERY_DAYS):
            return lifted(model, h, standing, "retaliation", Tired(), {"harm": cost, "burden": burden})
    return None


def _answers(model: StatesArm) -> dict[str, Decision]:
    """Return the answers of states by the ids of their policies, in order."""
    return {d.policy.id: d for d in model.decisions
            if d.behaviour == "retaliation" and d.policy is not None and not isinstance(d.act, Lift)}  # fmt: skip

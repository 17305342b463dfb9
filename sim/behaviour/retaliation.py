"""Tit for tat between states: harm in force is answered with a delay, in proportion, on what hurts; and taken back.

A state keeps a ledger with every other: harm suffered times the strength, less harm inflicted. Where something is owed,
it acts against the firm whose loss fits best; where it has done too much, since the other gave way, it lifts. An answer
that was too strong from the beginning stands: a state takes nothing back while the other does as before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from sim import policies
from sim.arm import StatesArm
from sim.behaviour.repertoire import can_act, strike
from sim.behaviour.standing import harms, off_limits, situation, standing_policies
from sim.chance import Purpose, stream, uniform_plain
from sim.decisions import Decision, GaveWay, Lift, Reason, Retaliation
from sim.ledger import Standing
from sim.mechanisms.statecraft import best_answer, to_answer

SUMMARY = "States answer harm with harm, delayed and in proportion, and take it back when the other does."
EVERY_DAYS = 7


def act(model: StatesArm) -> list[Decision]:
    """Let each state settle its ledger with each other that has harmed it, or that it has harmed."""
    s, strength = situation(model), model.setting.parameters["retaliation.strength"]
    hits, settled = _hits(model), _settled(model)
    found = []
    for by, h in sorted({*hits, *((b, a) for a, b in hits)}):
        if not (s.decides[by] and s.decides[h]):
            continue
        mine = hits.get((h, by), [])
        known = [(m, cost) for m, cost in hits.get((by, h), []) if m.id not in settled]
        theirs = [(m, cost) for m, cost in known if m.days >= _delay(model, m, h)]
        suffered = sum(cost for _, cost in theirs)
        owed = to_answer(suffered, sum(cost for _, cost in mine), strength)
        decision = _answer(model, h, by, owed, theirs) if owed > 0 else _give_way(model, h, -owed, suffered, mine)
        if decision is not None:
            found.append(decision)
    return found


def _settled(model: StatesArm) -> set[str]:
    """Return the retaliations whose cause has ended: who gave way waits for them to be lifted and answers none."""
    standing = {m.id for m in standing_policies(model)}
    return {
        d.policy.id
        for d in model.decisions
        if d.behaviour == "retaliation" and d.policy is not None and d.cause not in standing
    }


def _hits(model: StatesArm) -> dict[tuple[int, int], list[tuple[Standing, float]]]:
    """Return the policies of each state against the firms of each other, with what they cost [US$ bn a year]."""
    home, table = situation(model).home, harms(model)
    out: dict[tuple[int, int], list[tuple[Standing, float]]] = {}
    for standing in standing_policies(model):
        cost: dict[int, float] = {}
        for j in standing.objects:
            cost[int(home[j])] = cost.get(int(home[j]), 0.0) + float(table[standing.by, j])
        for state, lost in cost.items():
            if state != standing.by:
                out.setdefault((standing.by, state), []).append((standing, lost))
    return out


def _delay(model: StatesArm, standing: Standing, state: int) -> float:
    """Return after how many days a state answers a measure: half to one and a half times the mean, drawn once."""
    known = model.ledger.delays
    if (standing.id, state) in known:
        return known[standing.id, state]
    mean = model.setting.parameters["retaliation.delay_days"]
    key = stream(model.member_seed, Purpose.RETALIATION)
    item = sum(ord(letter) * 31 ** (k % 8) for k, letter in enumerate(standing.id))
    known[standing.id, state] = mean * (0.5 + uniform_plain(key, state, item))
    return known[standing.id, state]


def _answer(model: StatesArm, h: int, by: int, owed: float, theirs: list[tuple[Standing, float]]) -> Decision | None:
    """Return the policy of ``h`` against a firm of ``by`` that fits what is owed; None when none does."""
    s, q, table = situation(model), model.setting.parameters, harms(model)
    if owed < q["retaliation.least"]:
        return None
    open_to = (s.home == by) & ~off_limits(model)[h] & (table[h] > 0)
    can = np.array([bool(o) and can_act(model, h, t) for o, t in zip(open_to, s.targets, strict=True)])
    j = best_answer(owed, np.where(can, table[h], 0.0), q["retaliation.slack"])
    if j < 0:
        return None
    worst = max(theirs, key=lambda entry: (entry[1], entry[0].id))[0]
    scores = {"owed": owed, "harm": float(table[h, j]), "suffered": sum(cost for _, cost in theirs)}
    hit = tuple(s.targets[k].aim for k in worst.objects if s.home[k] == h)
    reason = Retaliation(s.states[worst.by], hit, worst.id)
    return strike(model, h, j, "retaliation", notice=1, reason=reason, cause=worst.id, scores=scores)


def _give_way(
    model: StatesArm, h: int, surplus: float, suffered: float, mine: list[tuple[Standing, float]]
) -> Decision | None:
    """Return the end of a retaliation that is more than what is suffered calls for; None when there is none.

    Only what is suffered less than when the answer was given takes it back, and not one that was a little too strong.
    """
    leniency = model.setting.parameters["retaliation.leniency"]
    then = {
        d.policy.id: d.scores["suffered"]
        for d in model.decisions
        if d.behaviour == "retaliation" and d.policy is not None and "suffered" in d.scores
    }
    for standing, cost in mine:
        if standing.days >= 0 and suffered < then.get(standing.id, 0.0) and surplus > leniency * cost:
            scores = {"surplus": surplus, "harm": cost}
            return lifted(model, h, standing, "retaliation", GaveWay(), scores)
    return None


def lifted(
    model: StatesArm, state: int, standing: Standing, behaviour: str, reason: Reason, scores: dict[str, float]
) -> Decision:
    """Return the decision of a state to end a policy from tomorrow."""
    s = situation(model)
    tomorrow = model.date + timedelta(days=1)
    code, target = s.states[state], tuple(s.targets[j].aim for j in standing.objects)
    name = f"{standing.id[:49]}-end-{tomorrow}"
    instrument = policies.ending()
    keys: dict[str, Any] = {"id": name, "instrument": instrument, "by": (code,), "on": tomorrow, "policy": standing.id}
    policy = policies.keys(instrument)(**keys)
    return Decision(model.date, code, behaviour, Lift(standing.id), target, policy, standing.id, scores, reason)

"""Governments change: more often in freer states, and each is more or less ready to act than the one before.

A new government reviews its predecessor's policies at once and lifts those that its own weighing does not support.
Every government reviews its policies from time to time and lifts those whose reason no longer holds.
"""

from __future__ import annotations

import math

import numpy as np

from sim.arm import StatesArm
from sim.behaviour.causes import fact_of_regime
from sim.behaviour.repertoire import lifted
from sim.behaviour.stances import government, put_up_with
from sim.behaviour.standing import situation, standing_policies
from sim.behaviour.targets import weigh
from sim.chance import Purpose, normal_of, stream, uniform_plain
from sim.decisions import Aim, Decision, Reviewed, TakeOffice, Turnover
from sim.ledger import Government, Standing
from sim.mechanisms.statecraft import chance, turnover

SUMMARY = "Governments change, and lift policies whose reasons no longer outweigh their cost."
EVERY_DAYS = 30
OFFICE = Aim("government")
"""What a change of government is about."""


def act(model: StatesArm) -> list[Decision]:
    """Let governments change by chance, and every government review its policies."""
    return [*_change(model), *_review(model)]


def _change(model: StatesArm) -> list[Decision]:
    """Return the governments that take office today."""
    s, q = situation(model), model.setting.parameters
    rates = turnover(s.freedom, q["governments.turnover_free"], q["governments.turnover_unfree"])
    key = stream(model.member_seed, Purpose.GOVERNMENT, model.day)
    found = []
    for i in (int(n) for n in np.flatnonzero(s.decides)):
        if uniform_plain(key, i) >= chance(float(rates[i]), EVERY_DAYS):
            continue
        ready = math.exp(q["governments.spread"] * float(normal_of(key, i, 1)))
        code = s.states[i]
        row = Decision(model.date, code, "governments", TakeOffice(ready), (OFFICE,), None, fact_of_regime(code),
                       {"readiness": ready}, Turnover())  # fmt: skip
        model.ledger.stances.governments[i] = Government(ready, model.day, row.id)
        found.append(row)
    return found


def _review(model: StatesArm) -> list[Decision]:
    """Return the ends of policies whose reasons no longer outweigh their cost."""
    q = model.setting.parameters
    old = [m for m in standing_policies(model) if m.objects and m.days >= q["review.patience_days"] and _own(model, m)]
    if not old:
        return []
    answers = {d.policy.id for d in model.decisions if d.behaviour in ("retaliation", "coalition") and d.policy}
    weighed = weigh(model, as_if_open=True)
    key = stream(model.member_seed, Purpose.POLICY_REVIEW, model.day)
    found = []
    for m in old:
        fresh = 0 <= model.day - government(model, m.by).since < EVERY_DAYS and government(model, m.by).since >= 0
        score = max(float(weighed.score[m.by, j]) for j in m.objects)
        bar = q["targets.threshold"] - (0.0 if fresh else q["review.margin"])
        if m.id in answers or score >= bar:
            continue
        if not fresh and uniform_plain(key, m.by, m.objects[0]) >= chance(q["review.rate"], EVERY_DAYS):
            continue
        scores = {"score": score, "threshold": bar}
        cause = government(model, m.by).row if fresh else m.id
        found.append(lifted(model, m.by, m, "governments", Reviewed(fresh), scores, cause=cause))
        put_up_with(model, m.by, m.objects, weighed.score)
    return found


def _own(model: StatesArm, standing: Standing) -> bool:
    """Return whether a state alone has the policy, so that it can end it; what is only logged ends by the log."""
    return standing.policy is None or len(standing.policy.by) == 1

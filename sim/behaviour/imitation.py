"""Policies spread: a state copies the policies of states close to it by alliance, then trade, then similar regime.

A copy needs a reason and time. States that fear a firm themselves copy a policy against it in proportion to their
rivalry with the firm's home. A policy that is not aimed at anybody abroad, such as a sovereign Internet, is more
attractive to less free states, and useless to a state that already has a national filter. A state watches an example
for a while before it follows.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from sim import policies
from sim.arm import StatesArm
from sim.behaviour.programmes import programmes
from sim.behaviour.repertoire import strike
from sim.behaviour.stances import can_afford, spend
from sim.behaviour.standing import models_to_follow, off_limits, situation, standing_policies
from sim.behaviour.targets import weigh
from sim.behaviour.trend import rivals_today
from sim.chance import Purpose, stream, uniform_plain
from sim.decisions import Decision, Imitation, TakeUp, name_of
from sim.ledger import Standing
from sim.mechanisms.statecraft import chance

SUMMARY = "States copy the policies of others: along alliances, then trade, then likeness of regime."
EVERY_DAYS = 30


def act(model: StatesArm) -> list[Decision]:
    """Let each state copy, by chance, policies that others have in force."""
    in_force = [m for m in standing_policies(model) if m.days >= 0]
    if not in_force:
        return []
    return [*_against_firms(model, in_force), *_sovereign(model, in_force)]


def _seen(model: StatesArm, state: int, done: list[Standing]) -> list[Standing]:
    """Return the policies that have stood long enough for a state to follow: each two states have their own lag."""
    mean = model.setting.parameters["imitation.lag_days"]
    key = stream(model.member_seed, Purpose.IMITATION)
    return [m for m in done if m.days >= mean * (0.5 + uniform_plain(key, state, m.by))]


def _rate(model: StatesArm) -> float:
    """Return the rate at which a state copies one that is closest in every way [1/month]."""
    q = model.setting.parameters
    return q["imitation.strength"] * q["imitation.rate"]


def _against_firms(model: StatesArm, in_force: list[Standing]) -> list[Decision]:
    """Return the copies of policies against firms."""
    s, close, rival = situation(model), models_to_follow(model), rivals_today(model)
    key = stream(model.member_seed, Purpose.IMITATION, model.day)
    taken, found, weighed = off_limits(model), [], weigh(model)
    least = model.setting.parameters["imitation.reason"]
    camps = [programme.inside for programme in programmes(model).values()]
    done_by: dict[int, list[Standing]] = {}
    for standing in in_force:
        for j in standing.objects:
            done_by.setdefault(j, []).append(standing)
    for i in (int(n) for n in np.flatnonzero(s.decides)):
        for j, done in sorted(done_by.items()):
            if taken[i, j] or s.home[j] == i or weighed.score[i, j] < least:
                continue
            if any({i, int(s.home[j])} <= camp for camp in camps):  # a state copies no policy against its own camp
                continue
            done = _seen(model, i, done)
            pull = sum(float(close[i, m.by]) for m in done) * float(rival[i, s.home[j]])
            if uniform_plain(key, i, j) >= chance(_rate(model) * pull, EVERY_DAYS):
                continue
            if not can_afford(model, i, float(weighed.cost[i, j])):
                continue
            spend(model, i, float(weighed.cost[i, j]))
            first = max(done, key=lambda m: (float(close[i, m.by]), m.id))
            reason = Imitation(s.states[first.by], first.id)
            scores = {"pull": pull, "closeness": float(close[i, first.by]), "own_reason": float(weighed.score[i, j])}
            found.append(strike(model, i, j, "imitation", notice=1, reason=reason, cause=first.id, scores=scores))
    return found


def _sovereign(model: StatesArm, in_force: list[Standing]) -> list[Decision]:
    """Return the copies of policies that are aimed at nobody abroad, one of each instrument."""
    s, close = situation(model), models_to_follow(model)
    key = stream(model.member_seed, Purpose.IMITATION, model.day)
    kinds = tuple(policies.INSTRUMENTS)
    found = []
    filtered = s.means["filter"] >= model.setting.parameters["targets.means_enough"]
    for i in (int(n) for n in np.flatnonzero(s.decides & ~filtered)):
        have = {m.policy.instrument for m in standing_policies(model) if m.by == i and m.policy is not None}
        for at, kind in enumerate(kinds):
            done = [m for m in in_force if not m.objects and m.policy is not None and m.policy.instrument == kind]
            # A policy against firms that are not targets here is still aimed at somebody.
            done = [m for m in done if m.policy is not None and not m.policy.targets and m.by != i]
            done = _seen(model, i, done)
            if kind in have or not done or not can_afford(model, i, 0.0):
                continue
            pull = sum(float(close[i, m.by]) for m in done) * (1.0 - float(s.freedom[i]))
            if uniform_plain(key, i, len(s.targets) + at) >= chance(_rate(model) * pull, EVERY_DAYS):
                continue
            spend(model, i, 0.0)
            found.append(_copy(model, i, max(done, key=lambda m: (float(close[i, m.by]), m.id)), pull))
    return found


def _copy(model: StatesArm, state: int, standing: Standing, pull: float) -> Decision:
    """Return a state's copy of a policy of another, with its keys and this state's dates."""
    s, policy = situation(model), standing.policy
    code = s.states[state]
    kind = policy.instrument if policy is not None else ""
    dates = {"announced": model.date, "on": model.date + timedelta(days=1), "until": None, "reference": None}
    own = {"id": name_of(code, kind, model.date), "by": (code,), **dates}
    copied = policy.model_copy(update=own) if policy is not None else None
    reason = Imitation(s.states[standing.by], standing.id)
    return Decision(model.date, code, "imitation", TakeUp(kind), (), copied, standing.id, {"pull": pull}, reason)

"""A programme that others join: several policies of one state against one other, as the Clean Network was.

Willing are those close to the leader who see the adversary as a rival; trade with the adversary holds back. The leader
wins them over one talk at a time and only so many a month, the closer the sooner: allies, then trading partners, then
states ruled alike. A member takes over what the programme does to networks (carriers, clouds), not its bans on what
people use: the Clean Network's members pledged clean networks, and none of them banned WeChat for that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from sim.arm import StatesArm
from sim.behaviour.standing import models_to_follow, rivals, situation, standing_policies
from sim.chance import Purpose, stream, uniform_plain
from sim.decisions import Aim, Allegiance, Decision, Join, Membership, TakeOver, name_of
from sim.ledger import Standing
from sim.mechanisms.statecraft import chance, joining_rate, shared_effort

SUMMARY = "A leader wins states over to its programme against an adversary, the closest first; trade holds them back."
EVERY_DAYS = 7


def programmes(model: StatesArm) -> list[tuple[int, int, tuple[Standing, ...]]]:
    """Return (leader, adversary, policies) of every programme: enough policies of one state against one other."""
    s, least = situation(model), model.setting.parameters["coalition.policies"]
    # What a member took over is no programme of its own.
    taken = {d.policy.id for d in model.decisions if d.policy is not None and d.behaviour == "coalition"}
    by_pair: dict[tuple[int, int], dict[str, Standing]] = {}
    for standing in standing_policies(model):
        if standing.id in taken:
            continue
        for adversary in {int(s.home[j]) for j in standing.objects} | set(_avoided(model, standing)):
            if adversary != standing.by and s.decides[standing.by]:
                by_pair.setdefault((standing.by, adversary), {})[standing.id] = standing
    found = [(a, b, tuple(known.values())) for (a, b), known in sorted(by_pair.items()) if len(known) >= least]
    most = Counter({(a, b): len(known) for a, b, known in found})
    # The state with most policies against an adversary leads; the others act beside it.
    return [(a, b, known) for a, b, known in found
            if (len(known), -a) == max((n, -x) for (x, y), n in most.items() if y == b)]  # fmt: skip


def _avoided(model: StatesArm, standing: Standing) -> Iterator[int]:
    """Yield the states whose networks a policy wants avoided."""
    codes = situation(model).states
    objects = standing.policy.objects() if standing.policy is not None else ()
    for kind, name in objects:
        if kind == "state" and name in codes:
            yield codes.index(name)


def members(model: StatesArm, leader: int, adversary: int) -> list[int]:
    """Return the states that have joined a programme, without its leader, in the order they joined."""
    s = situation(model)
    joined = Join(s.states[leader], s.states[adversary])
    return [s.states.index(d.who) for d in model.decisions if d.behaviour == "coalition" and d.act == joined]


def act(model: StatesArm) -> list[Decision]:
    """Let each state that is outside join each programme by chance."""
    s, q = situation(model), model.setting.parameters
    key = stream(model.member_seed, Purpose.COALITION, model.day)
    most = q["coalition.talks"] * float(s.decides.sum())
    found: list[Decision] = []
    for leader, adversary, known in programmes(model):
        inside = [leader, adversary, *members(model, leader, adversary)]
        outside = [i for i in (int(n) for n in np.flatnonzero(s.decides)) if i not in inside]
        willing = models_to_follow(model)[outside, leader] * rivals(model)[outside, adversary]
        trade = s.trade[outside, adversary]
        rates = joining_rate(willing, trade / q["coalition.dependence"], q["coalition.rate"])
        for i, rate, will, held in zip(outside, shared_effort(rates, most), willing, trade, strict=True):
            if uniform_plain(key, i, leader * len(s.states) + adversary) < chance(float(rate), EVERY_DAYS):
                scores = {"willing": float(will), "trade_with_adversary": float(held), "rate": float(rate)}
                found += _join(model, i, leader, adversary, known, scores)
    return found


def _join(
    model: StatesArm, state: int, leader: int, adversary: int, known: tuple[Standing, ...], scores: dict[str, float]
) -> Iterator[Decision]:
    """Yield the decision to join, and what the new member takes over of the programme."""
    s = situation(model)
    code, head, foe = s.states[state], s.states[leader], s.states[adversary]
    target, why = (Aim(foe),), Allegiance(head, foe)
    yield Decision(model.date, code, "coalition", Join(head, foe), target, None, known[0].id, scores, why)
    for standing in known:
        policy = standing.policy
        if policy is None or policy.targets:
            continue
        # A threat is taken over as a threat.
        on = None if standing.days < 0 and policy.on is None else model.date + timedelta(days=1)
        own = {"id": name_of(code, standing.id, model.date), "by": (code,), "announced": model.date, "on": on}
        copied = policy.model_copy(update={**own, "until": None, "reference": None})
        done, member = TakeOver(standing.id), Membership(head, foe)
        yield Decision(model.date, code, "coalition", done, target, copied, standing.id, scores, member)

"""A programme that others join: several measures of one state against one other, as the Clean Network was.

Willing are those close to the leader who see the adversary as a rival; trade with the adversary holds back, members
draw in. A member takes over what the programme does to networks (carriers, clouds), not its bans on what people use:
the Clean Network's members pledged clean networks, and none of them banned WeChat for that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from sim.behaviour.decision import Decision
from sim.behaviour.measures import Arm, Measure, measures, models_to_follow, name_of, rivals, situation
from sim.chance import Purpose, stream, uniform_plain
from sim.mechanisms.statecraft import chance, joining_rate

SUMMARY = "States join the programme of a leader against an adversary, drawn by members and held back by trade."
AVAILABLE = True
EVERY_DAYS = 7
JOINS = "joins the programme of"


def programmes(model: Arm) -> list[tuple[int, int, tuple[Measure, ...]]]:
    """Return (leader, adversary, measures) of every programme: enough measures of one state against one other."""
    s, least = situation(model), model.setting.parameters["coalition.measures"]
    # What a member took over is no programme of its own.
    taken = {d.policy.id for d in model.decisions if d.policy is not None and d.behaviour == "coalition"}
    by_pair: dict[tuple[int, int], dict[str, Measure]] = {}
    for measure in measures(model):
        if measure.id in taken:
            continue
        for adversary in {int(s.home[j]) for j in measure.objects} | set(_avoided(model, measure)):
            if adversary != measure.by and s.decides[measure.by]:
                by_pair.setdefault((measure.by, adversary), {})[measure.id] = measure
    found = [(a, b, tuple(known.values())) for (a, b), known in sorted(by_pair.items()) if len(known) >= least]
    most = Counter({(a, b): len(known) for a, b, known in found})
    # The state with most measures against an adversary leads; the others act beside it.
    return [(a, b, known) for a, b, known in found
            if (len(known), -a) == max((n, -x) for (x, y), n in most.items() if y == b)]  # fmt: skip


def _avoided(model: Arm, measure: Measure) -> Iterator[int]:
    """Yield the states whose networks a measure wants avoided."""
    codes = situation(model).states
    for word in getattr(measure.policy, "avoid_states", ()) or ():
        if word in codes:
            yield codes.index(word)


def members(model: Arm, leader: int, adversary: int) -> list[int]:
    """Return the states that have joined a programme, without its leader, in the order they joined."""
    s = situation(model)
    told = f"{JOINS} {s.states[leader]} against {s.states[adversary]}"
    return [s.states.index(d.who) for d in model.decisions if d.behaviour == "coalition" and d.what == told]


def act(model: Arm) -> list[Decision]:
    """Let each state join each programme by chance."""
    s, q = situation(model), model.setting.parameters
    key = stream(model.member_seed, Purpose.COALITION, model.day)
    found: list[Decision] = []
    for leader, adversary, known in programmes(model):
        inside = [leader, *members(model, leader, adversary)]
        part = float(s.product[inside].sum() / s.product.sum())
        for i in (int(n) for n in np.flatnonzero(s.decides)):
            if i in inside or i == adversary:
                continue
            willing = float(models_to_follow(model)[i, leader] * rivals(model)[i, adversary])
            held = float(s.trade[i, adversary]) / q["coalition.dependence"]
            rate = joining_rate(willing, held, part, q["coalition.rate"], q["coalition.bandwagon"])
            if uniform_plain(key, i, leader * len(s.states) + adversary) < chance(rate, EVERY_DAYS):
                scores = {"willing": willing, "trade_with_adversary": float(s.trade[i, adversary]), "members": part}
                found += _join(model, i, leader, adversary, known, scores)
    return found


def _join(
    model: Arm, state: int, leader: int, adversary: int, known: tuple[Measure, ...], scores: dict[str, float]
) -> Iterator[Decision]:
    """Yield the decision to join, and what the new member takes over of the programme."""
    s = situation(model)
    code, head, foe = s.states[state], s.states[leader], s.states[adversary]
    told = f"{JOINS} {head} against {foe}"
    because = f"close to {head}, rival of {foe}"
    yield Decision(model.date, code, "coalition", told, because, None, scores, foe, known[0].id)
    for measure in known:
        policy = measure.policy
        if policy is None or policy.targets:
            continue
        # A threat is taken over as a threat.
        on = None if measure.days < 0 and policy.on is None else model.date + timedelta(days=1)
        own = {"id": name_of(code, measure.id, model.date), "by": (code,), "announced": model.date, "on": on}
        copied = policy.model_copy(update={**own, "until": None, "reference": None})
        yield Decision(model.date, code, "coalition", f"takes over {measure.id}", told, copied, scores, foe, measure.id)

"""Policies in force, announced or decided, by target, and the means of a state to act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sim.arm import Arm, StatesArm
from sim.decisions import Lift, ShutOut
from sim.ledger import Standing
from sim.mechanisms.statecraft import closeness, harm, rivalry
from sim.policies.base import Policy
from sim.world.situation import Situation, situation_of

SECTORS: Mapping[str, str | None] = {"platform": None, "carrier": "carrier", "cloud": "cloud", "maker": "phones"}
"""The sector of the targets that each kind of object is, where it is a target; a platform goes by its name alone."""


def situation(model: StatesArm) -> Situation:
    """Return what the states of a model see; computed once."""
    if model.ledger.situation is None:
        model.ledger.situation = situation_of(model.setting)
    return model.ledger.situation


def rivals(model: StatesArm) -> np.ndarray:
    """Return how far each state sees another as a rival on the first day [1], shape (states, states)."""
    if model.ledger.rivals is None:
        s, discount = situation(model), model.setting.parameters["targets.ally_discount"]
        model.ledger.rivals = rivalry(s.alliance, s.likeness, s.product, discount)
    return model.ledger.rivals


def models_to_follow(model: StatesArm) -> np.ndarray:
    """Return how close each state is to another as a model to follow [1], shape (states, states)."""
    if model.ledger.close is None:
        s, q = situation(model), model.setting.parameters
        weights = q["imitation.alliance"], q["imitation.trade"], q["imitation.likeness"]
        model.ledger.close = closeness(s.alliance, s.trade, s.likeness, weights, q["imitation.trade_full"])
    return model.ledger.close


def harms(model: StatesArm) -> np.ndarray:
    """Return what each target's home loses when a state bans it [US$ bn a year], shape (states, targets)."""
    if model.ledger.harms is None:
        s = situation(model)
        model.ledger.harms = harm(s.revenue, s.users, s.people)
    return model.ledger.harms


def users_today(model: StatesArm) -> np.ndarray:
    """Return the share of each state's people who use each target, shape (states, targets).

    Yesterday's users where people are simulated, else the first day's, none where it is banned.
    """
    s = situation(model)
    users = s.users.copy()
    if not isinstance(model, Arm):
        users[banned(model, in_force=True) & ~s.blocked] = 0.0
    elif model.day > 0:
        now = model.group_table.using(model.counts.using) / s.people[:, None]
        for j, target in enumerate(s.targets):
            if target.platform >= 0:
                users[:, j] = now[:, target.platform]
    return users


def standing_policies(model: StatesArm) -> list[Standing]:
    """Return what is announced or in force today, by id; the list is worked out once a day."""
    now, known = (model.day, len(model.decisions)), model.ledger.standing_policies
    if known is not None and known[0] == now:
        return list(known[1])
    found = [*_of_docket(model), *_outside_the_network(model)]
    found.sort(key=lambda m: (m.id, m.by))
    model.ledger.standing_policies = now, found
    return found


def _of_docket(model: StatesArm) -> Iterator[Standing]:
    today = {p.id for p, _ in model.docket.in_force} | {notice.policy.id for notice in model.docket.announced}
    # A policy that a state has decided to end is in force until tomorrow, but must not be ended again.
    ended = {p.about() or "" for p in model.decided if p.HALTS}
    over = ended | {p.id for p in model.decided if p.HALTS or (p.until and p.until <= model.date)}
    fresh = [(p, -1) for p in model.decided if p.id not in today and p.id not in over]
    known = [*model.docket.in_force, *((notice.policy, -1) for notice in model.docket.announced), *fresh]
    for policy, days in known:
        if policy.id in ended:
            continue
        for by, abroad in _aims(model, policy):
            yield Standing(policy.id, by, abroad, days, policy)


def _aims(model: StatesArm, policy: Policy) -> list[tuple[int, tuple[int, ...]]]:
    """Return each state that a policy is by and the foreign targets it bans; nothing for what relieves. Kept by id."""
    known = model.ledger.aims
    if policy.id not in known:
        s = situation(model)
        place = {(t.name, None if t.platform >= 0 else t.sector): j for j, t in enumerate(s.targets)}
        names = [(o.name, SECTORS[o.kind]) for o in policy.objects() if policy.BANS and o.kind in SECTORS]
        objects = [j for name, sector in names if (j := _find(place, name, sector)) is not None]
        by = () if policy.relieves() else policy.by
        known[policy.id] = [(i, tuple(j for j in objects if s.home[j] != i)) for i in map(s.states.index, by)]
    return known[policy.id]


def _find(place: dict[tuple[str, str | None], int], name: str, sector: str | None) -> int | None:
    """Return the number of a target; a cloud goes by its own name, which begins with its firm's."""
    if (name, sector) in place:
        return place[name, sector]
    return next((j for (firm, s), j in place.items() if s == sector is not None and name.startswith(firm)), None)


def _outside_the_network(model: StatesArm) -> Iterator[Standing]:
    """Yield what was decided for which the modelled network has no instrument, such as keeping a maker out."""
    s = situation(model)
    place = {t.aim: j for j, t in enumerate(s.targets)}
    over = {d.act.policy for d in model.decisions if isinstance(d.act, Lift) and d.policy is None}
    for decision in model.decisions:
        if isinstance(decision.act, ShutOut) and decision.id not in over:
            days = (model.date - decision.day).days
            objects = tuple(place[aim] for aim in decision.target)
            yield Standing(decision.id, s.states.index(decision.who), objects, days)


def banned(model: StatesArm, *, in_force: bool = False) -> np.ndarray:
    """Return what each state bans: blocked on the first day, in force and, unless asked, announced."""
    s = situation(model)
    out = s.blocked.copy()
    for standing in standing_policies(model):
        if standing.days >= 0 or not in_force:
            for j in standing.objects:
                out[standing.by, j] = True
    return out


def off_limits(model: StatesArm) -> np.ndarray:
    """Return the targets that each state will not act against: those it bans, those its people won back, its own firms.

    It is computed once a day and for each new decision. Do not change the array.
    """
    s, now = situation(model), (model.day, len(model.decisions))
    known = model.ledger.off_limits
    if known is not None and known[0] == now:
        return known[1]
    out = np.asarray(banned(model) | (s.home[None, :] == np.arange(len(s.states))[:, None]))
    place = {t.aim: j for j, t in enumerate(s.targets)}
    for decision in model.decisions:
        # Only what was done to a single firm is remembered.
        if decision.behaviour == "pushback" and len(decision.target) == 1 and decision.target[0] in place:
            out[s.states.index(decision.who), place[decision.target[0]]] = True
    model.ledger.off_limits = now, out
    return out

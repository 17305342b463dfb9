"""A programme that other states join: several policies of one state against another, like the Clean Network.

A state is willing to join if it is close to the leader and sees the adversary as a rival; trade with the adversary
makes it less willing. The leader talks to a limited number of states a month, the closest first: allies, then trading
partners, then states with a similar regime. A member adopts the programme's policies on networks (carriers, clouds),
not its bans on what people use: the members of the Clean Network pledged clean networks, and none of them banned
WeChat.

No state is in two programmes if one is aimed at a member of the other. A member leaves when its leader acts against it,
when another programme that it is in becomes hostile, or when it has become less willing; it then lifts the policies
that it adopted. A programme without enough policies ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from sim.arm import StatesArm
from sim.behaviour.programmes import Programme, conflicts, policies_against, programmes
from sim.behaviour.repertoire import lifted
from sim.behaviour.stances import government, readiness
from sim.behaviour.standing import models_to_follow, situation, standing_policies
from sim.behaviour.trend import moved, rivals_today
from sim.chance import Purpose, stream, uniform_plain
from sim.decisions import (
    Aim,
    Allegiance,
    Cooled,
    Decision,
    Dissolve,
    Enough,
    GaveUp,
    Join,
    Launch,
    Leave,
    Left,
    Lift,
    Membership,
    Opposed,
    Reason,
    TakeOver,
    name_of,
)
from sim.ledger import Standing
from sim.mechanisms.statecraft import chance, joining_rate, leaving_rate, shared_effort

SUMMARY = "A leader wins states over to its programme against an adversary; members leave when it turns on them."
EVERY_DAYS = 7
Known = dict[tuple[int, int], Programme]
Against = dict[tuple[int, int], tuple[Standing, ...]]


class Willingness(NamedTuple):
    """What draws states to programmes today.

    Attributes
    ----------
    close : numpy.ndarray, shape (states, states)
        How close each state is to another as a model to follow, times how ready to act its government is [1].
    rival : numpy.ndarray, shape (states, states)
        How far each state sees another as a rival [1].
    """

    close: np.ndarray
    rival: np.ndarray

    def of(self, state: int, programme: Programme) -> float:
        """Return how willing a state is to be in a programme [1]: close to its leader, a rival of its adversary."""
        return float(self.close[state, programme.leader]) * float(self.rival[state, programme.adversary])


def act(model: StatesArm) -> list[Decision]:
    """Let programmes begin and end, members leave, and states that are outside join, by chance."""
    known, against = programmes(model), policies_against(model)
    made = [*_follow(model), *_dissolve(model, known, against), *_launch(model, known, against)]
    if known:
        drawn = Willingness(models_to_follow(model) * readiness(model)[:, None], rivals_today(model))
        made += [*_leave(model, known, against, drawn), *_join_all(model, known, against, drawn)]
    return _once(made)


def _once(made: list[Decision]) -> list[Decision]:
    """Return decisions without a second end of the same policy."""
    ended: set[str] = set()
    kept = []
    for d in made:
        if isinstance(d.act, Lift):
            if d.act.policy in ended:
                continue
            ended.add(d.act.policy)
        kept.append(d)
    return kept


# --- beginning and end ------------------------------------------------------------------------------------------


def _follow(model: StatesArm) -> list[Decision]:
    """Return the ends of what members took over, where the state that began it has ended it."""
    standing = standing_policies(model)
    stand = {m.id for m in standing}
    taken = {d.policy.id: d for d in model.decisions if d.policy is not None and isinstance(d.act, TakeOver)}
    ends = {d.act.policy: d.id for d in model.decisions if isinstance(d.act, Lift)}
    found = []
    for m in standing:
        made = taken.get(m.id)
        if made is not None and made.cause not in stand and isinstance(made.reason, Membership):
            cause = ends.get(made.cause, made.cause)
            found.append(lifted(model, m.by, m, "coalition", GaveUp(made.reason.leader), {}, cause=cause))
    return found


def _dissolve(model: StatesArm, known: Known, against: Against) -> list[Decision]:
    """Return the ends of programmes whose leader has too few policies left; members lift what they took over."""
    s, found = situation(model), []
    for pair, programme in list(known.items()):
        left = len(against.get(pair, ()))
        if left >= model.setting.parameters["coalition.policies"]:
            continue
        code, foe = s.states[programme.leader], s.states[programme.adversary]
        ends = [d for d in model.decisions if d.who == code and isinstance(d.act, Lift)]
        cause = ends[-1].id if ends else programme.launched.id
        row = Decision(model.date, code, "coalition", Dissolve(foe), (Aim(foe), Aim("end")), None, cause, {},
                       Enough(left))  # fmt: skip
        found.append(row)
        for member in programme.members:
            found += _give_up(model, member, programme, row.id)
        del known[pair]
    return found


def _launch(model: StatesArm, known: Known, against: Against) -> list[Decision]:
    """Return the programmes that begin: enough policies of a state that is not much smaller than its adversary.

    There is one programme against an adversary: that of the state with most policies. Other states act outside it.
    """
    s, q = situation(model), model.setting.parameters
    product = s.product * np.exp(moved(model).product)
    led = {programme.adversary for programme in known.values()}
    ready = [(len(policies), -a, b) for (a, b), policies in against.items()
             if len(policies) >= q["coalition.policies"] and s.decides[a] and b not in led
             and product[a] >= q["coalition.weight"] * product[b]]  # fmt: skip
    found = []
    for adversary in sorted({b for _, _, b in ready}):
        count, negative, _ = max(entry for entry in ready if entry[2] == adversary)
        leader, foe = -negative, s.states[adversary]
        if any(leader in programme.inside and adversary in programme.inside and programme.leader != leader
               for programme in known.values() if programme.leader == adversary):  # fmt: skip
            continue  # a member settles with its leader first
        latest = min(against[leader, adversary], key=lambda m: (m.days, m.id))
        row = Decision(model.date, s.states[leader], "coalition", Launch(foe), (Aim(foe), Aim("programme")), None,
                       latest.id, {}, Enough(count))  # fmt: skip
        known[leader, adversary] = Programme(leader, adversary, row)
        found.append(row)
    return found


# --- leaving ----------------------------------------------------------------------------------------------------


def _leave(model: StatesArm, known: Known, against: Against, drawn: Willingness) -> list[Decision]:
    """Return who leaves: those on whom their leader turns, or who turn on it; those between two camps; those cooled."""
    found: list[Decision] = []
    for programme in known.values():
        for member in list(programme.members):
            pairs = (programme.leader, member), (member, programme.leader)
            turned = next((against[pair][0] for pair in pairs if pair in against), None)
            if turned is not None:
                why = Opposed(situation(model).states[turned.by], turned.id)
                found += _exit(model, member, programme, turned.id, why)
    while (clash := next(conflicts(known), None)) is not None:
        found += _take_sides(model, drawn, *clash)
    return found + _cool(model, known, drawn)


def _take_sides(model: StatesArm, drawn: Willingness, state: int, a: Programme, b: Programme) -> list[Decision]:
    """Return the exit of a state from one of two hostile programmes: that to which it is drawn less.

    A state that leads both keeps both: then the member of one at whom the other is aimed leaves.
    """
    codes = situation(model).states
    if a.leader == b.leader == state:
        own, other = (a, b) if b.adversary in a.members else (b, a)
        why = Opposed(codes[state], other.launched.id)
        return _exit(model, other.adversary, own, other.launched.id, why)
    held = sorted((a, b), key=lambda p: (p.leader == state, drawn.of(state, p), -p.leader))
    leaves, stays = held
    cause = stays.members[state].id if state in stays.members else stays.launched.id
    return _exit(model, state, leaves, cause, Opposed(codes[stays.leader], stays.launched.id))


def _cool(model: StatesArm, known: Known, drawn: Willingness) -> list[Decision]:
    """Return who leaves by chance because it is less willing than it was."""
    q, found = model.setting.parameters, []
    key = stream(model.member_seed, Purpose.LEAVING, model.day)
    for programme in known.values():
        for member, joined in list(programme.members.items()):
            then, now = joined.scores["willing"], drawn.of(member, programme)
            rate = leaving_rate(now, then, q["coalition.leave"])
            if uniform_plain(key, member, programme.leader) < chance(rate, EVERY_DAYS):
                office = government(model, member)
                fresh = office.since >= (joined.day - model.spec.start).days
                cause = office.row if fresh and office.row else joined.id
                found += _exit(model, member, programme, cause, Cooled(now / then if then > 0 else 0.0))
    return found


def _exit(model: StatesArm, member: int, programme: Programme, cause: str, why: Reason) -> list[Decision]:
    """Return the decision to leave a programme, and the ends of what the member took over."""
    s = situation(model)
    head, foe = s.states[programme.leader], s.states[programme.adversary]
    del programme.members[member]
    row = Decision(model.date, s.states[member], "coalition", Leave(head, foe), (Aim(head), Aim("programme")), None,
                   cause, {}, why)  # fmt: skip
    return [row, *_give_up(model, member, programme, row.id)]


def _give_up(model: StatesArm, member: int, programme: Programme, cause: str) -> Iterator[Decision]:
    """Yield the ends of the policies that a member took over from a programme."""
    s = situation(model)
    head, foe = s.states[programme.leader], s.states[programme.adversary]
    membership = Membership(head, foe)
    taken = {d.policy.id for d in model.decisions if d.policy is not None and d.who == s.states[member]
             and isinstance(d.act, TakeOver) and d.reason == membership}  # fmt: skip
    for standing in standing_policies(model):
        if standing.id in taken and standing.by == member:
            yield lifted(model, member, standing, "coalition", Left(head, foe), {}, cause=cause)


# --- joining ----------------------------------------------------------------------------------------------------


def _join_all(model: StatesArm, known: Known, against: Against, drawn: Willingness) -> list[Decision]:
    """Let each state that is outside join each programme by chance, unless that puts it or a member in two camps."""
    s, q = situation(model), model.setting.parameters
    key = stream(model.member_seed, Purpose.COALITION, model.day)
    most = q["coalition.talks"] * float(s.decides.sum())
    found: list[Decision] = []
    for programme in list(known.values()):
        leader, adversary = programme.leader, programme.adversary
        outside = [i for i in (int(n) for n in np.flatnonzero(s.decides))
                   if i not in {*programme.inside, adversary} and (leader, i) not in against
                   and (i, leader) not in against]  # fmt: skip
        outside = [i for i in outside if _may_join(known, programme, i)]
        will = np.array([drawn.of(i, programme) for i in outside])
        trade = s.trade[outside, adversary]
        rates = joining_rate(will, trade / q["coalition.dependence"], q["coalition.rate"])
        for i, rate, wish, held in zip(outside, shared_effort(rates, most), will, trade, strict=True):
            if uniform_plain(key, i, leader * len(s.states) + adversary) < chance(float(rate), EVERY_DAYS):
                scores = {"willing": float(wish), "trade_with_adversary": float(held), "rate": float(rate)}
                made = list(_join(model, i, programme, against[leader, adversary], scores))
                programme.members[i] = made[0]
                if next(conflicts(known), None) is not None:  # somebody joined a hostile programme just now
                    del programme.members[i]
                    continue
                found += made
    return found


def _may_join(known: Known, programme: Programme, state: int) -> bool:
    """Return whether a state can join without any state being in two hostile programmes."""
    grown = replace(programme, members=programme.members | {state: programme.launched})
    others = {pair: p for pair, p in known.items() if p is not programme}
    return next(conflicts(others | {(programme.leader, programme.adversary): grown}), None) is None


def _join(
    model: StatesArm, state: int, programme: Programme, known: tuple[Standing, ...], scores: dict[str, float]
) -> Iterator[Decision]:
    """Yield the decision to join, and what the new member takes over of the programme."""
    s = situation(model)
    code, head, foe = s.states[state], s.states[programme.leader], s.states[programme.adversary]
    target, why = (Aim(foe),), Allegiance(head, foe)
    begun = programme.launched.id
    yield Decision(model.date, code, "coalition", Join(head, foe), target, None, begun, scores, why)
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

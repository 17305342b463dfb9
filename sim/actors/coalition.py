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

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from sim.actors.statecraft import chance, joining_rate, leaving_rate, shared_effort
from sim.actors.targets import readiness
from sim.core.chance import Purpose, stream, uniform_plain
from sim.decisions import (
    Aim,
    Allegiance,
    Behaviour,
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

if TYPE_CHECKING:  # Mesa takes longer to load than a list of behaviours may
    from sim.actors.politics import Politics, Standing
    from sim.actors.states import State

type Pair = tuple[int, int]
"""Numbers of the leader and the adversary."""


@dataclass
class Programme:
    """One programme of a state against another.

    Attributes
    ----------
    leader, adversary : int
        Numbers of the states.
    launched : Decision
        The decision that opened it.
    members : dict of int to Decision
        Number of a member -> the decision by which it joined, in order.
    """

    leader: int
    adversary: int
    launched: Decision
    members: dict[int, Decision] = field(default_factory=dict)

    @property
    def inside(self) -> set[int]:
        """The leader and the members."""
        return {self.leader, *self.members}

    def hostile_to(self, other: Programme) -> bool:
        """Return whether the adversary of one is in the other."""
        return self.adversary in other.inside or other.adversary in self.inside


def programmes(model: Politics) -> dict[Pair, Programme]:
    """Return the programmes that stand, by (leader, adversary), in the order in which they were opened."""
    codes = {code: i for i, code in enumerate(model.outlook.situation.states)}
    standing: dict[Pair, Programme] = {}
    for d in model.decisions:
        match d.act if d.behaviour == Coalition.name else None:
            case Launch(adversary):
                pair = codes[d.who], codes[adversary]
                standing[pair] = Programme(*pair, d)
            case Dissolve(adversary):
                standing.pop((codes[d.who], codes[adversary]), None)
            case Join(leader, adversary):
                standing[codes[leader], codes[adversary]].members[codes[d.who]] = d
            case Leave(leader, adversary):
                standing[codes[leader], codes[adversary]].members.pop(codes[d.who], None)
    return standing


def conflicts(standing: Mapping[Pair, Programme]) -> Iterator[tuple[int, Programme, Programme]]:
    """Yield each state that is in two hostile programmes, with both."""
    every = list(standing.values())
    for n, a in enumerate(every):
        for b in every[n + 1 :]:
            if a.hostile_to(b):
                yield from ((state, a, b) for state in sorted(a.inside & b.inside))


def taken_over(model: Politics) -> dict[str, Decision]:
    """Return the decisions by which members took over policies, by the ids of their copies."""
    return {d.policy.id: d for d in model.decisions if d.policy is not None and isinstance(d.act, TakeOver)}


def policies_against(model: Politics) -> dict[Pair, tuple[Standing, ...]]:
    """Return the policies of each state against each other; what a member took over is none of its own."""
    s, taken = model.outlook.situation, taken_over(model)
    by_pair: dict[Pair, dict[str, Standing]] = {}
    for standing in model.outlook.standing():
        if standing.id in taken:
            continue
        objects = standing.policy.objects() if standing.policy is not None else ()
        avoided = {s.states.index(name) for kind, name in objects if kind == "state" and name in s.states}
        for adversary in {int(s.home[j]) for j in standing.objects} | avoided:
            if adversary != standing.by:
                by_pair.setdefault((standing.by, adversary), {})[standing.id] = standing
    return {pair: tuple(by_id.values()) for pair, by_id in sorted(by_pair.items())}


class Coalition(Behaviour):
    """A leader wins states over to its programme against an adversary; members leave when it turns on them."""

    every_days = 7

    def act(self, model: Politics) -> Iterator[Decision]:
        """Let programmes begin and end, members leave, and states that are outside join, by chance."""
        self.programmes, self.against = programmes(model), policies_against(model)
        ended: set[str] = set()
        for decision in self._decisions(model):
            if isinstance(decision.act, Lift):
                if decision.act.policy in ended:
                    continue
                ended.add(decision.act.policy)
            yield decision

    def _decisions(self, model: Politics) -> Iterator[Decision]:
        """Yield what is decided; it may end a policy twice."""
        yield from self._follow(model)
        yield from self._dissolve(model)
        yield from self._launch(model)
        if self.programmes:
            # How close each state is to another, times how ready to act its government is, and how much of a rival.
            self.close, self.rival = model.outlook.close * readiness(model)[:, None], model.outlook.rivals_today()
            yield from self._turn_away(model)
            yield from self._cool(model)
            for programme in list(self.programmes.values()):
                yield from self._win_over(model, programme)

    def willing(self, state: int, programme: Programme) -> float:
        """Return how willing a state is to be in a programme [1]: close to its leader, a rival of its adversary."""
        return float(self.close[state, programme.leader]) * float(self.rival[state, programme.adversary])

    # --- beginning and end ------------------------------------------------------------------------------------------

    def _follow(self, model: Politics) -> Iterator[Decision]:
        """Yield the ends of what members took over, where the state that began it has ended it."""
        standing, taken = model.outlook.standing(), taken_over(model)
        ids = {m.id for m in standing}
        ends = {d.act.policy: d.id for d in model.decisions if isinstance(d.act, Lift)}
        for m in standing:
            made = taken.get(m.id)
            if made is not None and made.cause not in ids and isinstance(made.reason, Membership):
                state, reason = model.outlook.states[m.by], GaveUp(made.reason.leader)
                yield state.lift(m, self.name, reason, {}, cause=ends.get(made.cause, made.cause))

    def _dissolve(self, model: Politics) -> Iterator[Decision]:
        """Yield the ends of programmes whose leader has too few policies left; members lift what they took over."""
        codes = model.outlook.situation.states
        for pair, programme in list(self.programmes.items()):
            left = len(self.against.get(pair, ()))
            if left >= model.setting.parameters["coalition.policies"]:
                continue
            code, foe = codes[programme.leader], codes[programme.adversary]
            ends = [d for d in model.decisions if d.who == code and isinstance(d.act, Lift)]
            cause = ends[-1].id if ends else programme.launched.id
            aims = Aim(foe), Aim("end")
            row = Decision(model.date, code, self.name, Dissolve(foe), aims, None, cause, {}, Enough(left))
            yield row
            for member in programme.members:
                yield from self._give_up(model.outlook.states[member], programme, row.id)
            del self.programmes[pair]

    def _launch(self, model: Politics) -> Iterator[Decision]:
        """Yield the programmes that begin: enough policies of a state that is not much smaller than its adversary.

        There is one programme against an adversary: that of the state with most policies. Other states act outside it.
        """
        s, q = model.outlook.situation, model.setting.parameters
        product = s.product * np.exp(model.outlook.moved().product)
        led = {programme.adversary for programme in self.programmes.values()}
        ready = [(len(policies), -a, b) for (a, b), policies in self.against.items()
                 if len(policies) >= q["coalition.policies"] and s.decides[a] and b not in led
                 and product[a] >= q["coalition.weight"] * product[b]]  # fmt: skip
        for adversary in sorted({b for _, _, b in ready}):
            count, negative, _ = max(entry for entry in ready if entry[2] == adversary)
            leader, foe = -negative, s.states[adversary]
            if any(p.leader == adversary and leader in p.inside for p in self.programmes.values()):
                continue  # a member settles with its leader first
            latest = min(self.against[leader, adversary], key=lambda m: (m.days, m.id))
            aims = Aim(foe), Aim("programme")
            row = Decision(
                model.date, s.states[leader], self.name, Launch(foe), aims, None, latest.id, {}, Enough(count)
            )
            self.programmes[leader, adversary] = Programme(leader, adversary, row)
            yield row

    # --- leaving ----------------------------------------------------------------------------------------------------

    def _turn_away(self, model: Politics) -> Iterator[Decision]:
        """Yield who leaves: those on whom their leader turns, or who turn on it; then those between two camps."""
        states = model.outlook.states
        for programme in self.programmes.values():
            for member in list(programme.members):
                pairs = (programme.leader, member), (member, programme.leader)
                turned = next((self.against[pair][0] for pair in pairs if pair in self.against), None)
                if turned is not None:
                    why = Opposed(states[turned.by].code, turned.id)
                    yield from self._exit(states[member], programme, turned.id, why)
        while (clash := next(conflicts(self.programmes), None)) is not None:
            yield from self._take_sides(model, *clash)

    def _take_sides(self, model: Politics, state: int, a: Programme, b: Programme) -> Iterator[Decision]:
        """Yield the exit of a state from one of two hostile programmes: that to which it is drawn less.

        A state that leads both keeps both: then the member of one at whom the other is aimed leaves.
        """
        states = model.outlook.states
        if a.leader == b.leader == state:
            own, other = (a, b) if b.adversary in a.members else (b, a)
            why = Opposed(states[state].code, other.launched.id)
            yield from self._exit(states[other.adversary], own, other.launched.id, why)
            return
        leaves, stays = sorted((a, b), key=lambda p: (p.leader == state, self.willing(state, p), -p.leader))
        cause = stays.members[state].id if state in stays.members else stays.launched.id
        yield from self._exit(states[state], leaves, cause, Opposed(states[stays.leader].code, stays.launched.id))

    def _cool(self, model: Politics) -> Iterator[Decision]:
        """Yield who leaves by chance because it is less willing than it was."""
        key = stream(model.member_seed, Purpose.LEAVING, model.day)
        for programme in self.programmes.values():
            for member, joined in list(programme.members.items()):
                then, now = joined.scores["willing"], self.willing(member, programme)
                rate = leaving_rate(now, then, model.setting.parameters["coalition.leave"])
                if uniform_plain(key, member, programme.leader) < chance(rate, self.every_days):
                    state = model.outlook.states[member]
                    fresh = state.government.since >= (joined.day - model.spec.start).days
                    cause = state.government.row if fresh and state.government.row else joined.id
                    yield from self._exit(state, programme, cause, Cooled(now / then if then > 0 else 0.0))

    def _exit(self, state: State, programme: Programme, cause: str, why: Reason) -> Iterator[Decision]:
        """Yield the decision to leave a programme, and the ends of what the member took over."""
        model, codes = state.model, state.model.outlook.situation.states
        head, foe = codes[programme.leader], codes[programme.adversary]
        del programme.members[state.number]
        aims = Aim(head), Aim("programme")
        row = Decision(model.date, state.code, self.name, Leave(head, foe), aims, None, cause, {}, why)
        yield row
        yield from self._give_up(state, programme, row.id)

    def _give_up(self, state: State, programme: Programme, cause: str) -> Iterator[Decision]:
        """Yield the ends of the policies that a member took over from a programme."""
        outlook = state.model.outlook
        head, foe = outlook.situation.states[programme.leader], outlook.situation.states[programme.adversary]
        taken = {name for name, d in taken_over(state.model).items()
                 if d.who == state.code and d.reason == Membership(head, foe)}  # fmt: skip
        for standing in outlook.standing():
            if standing.id in taken and standing.by == state.number:
                yield state.lift(standing, self.name, Left(head, foe), {}, cause=cause)

    # --- joining ----------------------------------------------------------------------------------------------------

    def _win_over(self, model: Politics, programme: Programme) -> Iterator[Decision]:
        """Let each state that is outside a programme join by chance, unless that puts it or a member in two camps."""
        s, q = model.outlook.situation, model.setting.parameters
        leader, adversary = programme.leader, programme.adversary
        apart = {*programme.inside, adversary}
        outside = [i for i in map(int, np.flatnonzero(s.decides)) if i not in apart and (leader, i) not in self.against
                   and (i, leader) not in self.against and self._may_join(programme, i)]  # fmt: skip
        will = np.array([self.willing(i, programme) for i in outside])
        trade = s.trade[outside, adversary]
        rates = joining_rate(will, trade / q["coalition.dependence"], q["coalition.rate"])
        effort = shared_effort(rates, q["coalition.talks"] * float(s.decides.sum()))
        for i, rate, wish, held in zip(outside, effort, will, trade, strict=True):
            scores = {"willing": float(wish), "trade_with_adversary": float(held), "rate": float(rate)}
            yield from model.outlook.states[i].step(self, programme, scores)

    def decide(  # type: ignore[override]
        self, state: State, programme: Programme, scores: dict[str, float]
    ) -> list[Decision]:
        """Join a programme by chance, and take over what it does on networks.

        Parameters
        ----------
        state : State
        programme : Programme
        scores : dict of str to float
            Its rate of joining [1/month], and what makes it.
        """
        model, i = state.model, state.number
        key = stream(model.member_seed, Purpose.COALITION, model.day)
        item = programme.leader * len(model.outlook.situation.states) + programme.adversary
        if uniform_plain(key, i, item) >= chance(scores["rate"], self.every_days):
            return []
        made = list(self._join(state, programme, scores))
        programme.members[i] = made[0]
        if next(conflicts(self.programmes), None) is not None:  # somebody joined a hostile programme just now
            del programme.members[i]
            return []
        return made

    def _may_join(self, programme: Programme, state: int) -> bool:
        """Return whether a state can join without any state being in two hostile programmes."""
        grown = replace(programme, members=programme.members | {state: programme.launched})
        others = {pair: p for pair, p in self.programmes.items() if p is not programme}
        return next(conflicts(others | {(programme.leader, programme.adversary): grown}), None) is None

    def _join(self, state: State, programme: Programme, scores: dict[str, float]) -> Iterator[Decision]:
        """Yield the decision to join, and what the new member takes over of the programme."""
        codes, today = state.model.outlook.situation.states, state.model.date
        head, foe = codes[programme.leader], codes[programme.adversary]
        aims, begun = (Aim(foe),), programme.launched.id
        yield Decision(today, state.code, self.name, Join(head, foe), aims, None, begun, scores, Allegiance(head, foe))
        for standing in self.against[programme.leader, programme.adversary]:
            policy = standing.policy
            if policy is None or policy.targets:
                continue
            # A threat is taken over as a threat.
            on = None if standing.days < 0 and policy.on is None else today + timedelta(days=1)
            own = {"id": name_of(state.code, standing.id, today), "by": (state.code,), "announced": today, "on": on}
            copied = policy.model_copy(update={**own, "until": None, "reference": None})
            act, why = TakeOver(standing.id), Membership(head, foe)
            yield Decision(today, state.code, self.name, act, aims, copied, standing.id, scores, why)

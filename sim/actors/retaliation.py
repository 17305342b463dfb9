"""Tit for tat between states: a state answers harm with a delay and in proportion, and later lifts the answer.

A state keeps accounts with every other state: harm suffered times the strength, minus harm inflicted. If the balance is
positive, it acts against the firm whose loss fits best. If it has done too much because the other gave way, it lifts a
policy. It does not lift an answer that was too strong from the beginning while the other continues as before. An answer
to an answer counts for less (`retaliation.echo`), so that a dispute is bounded, and a state tires of a dispute that
costs its own people.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim import decisions
from sim.actors.statecraft import best_answer, chance, echoed, to_answer
from sim.core.chance import Purpose, stream, uniform_plain
from sim.decisions import Behaviour, Decision, GaveWay, Lift, Tired

if TYPE_CHECKING:  # Mesa takes longer to load than a list of behaviours may
    from sim.actors.politics import Politics, Standing
    from sim.actors.states import State


class Hit(NamedTuple):
    """A policy of one state that harms firms of another.

    Attributes
    ----------
    standing : Standing
    cost : float
        What it costs the other [US$ bn a year].
    """

    standing: Standing
    cost: float


class Retaliation(Behaviour):
    """States answer harm with harm, delayed and in proportion, and take it back when the other does."""

    every_days = 7

    def act(self, model: Politics) -> Iterable[Decision]:
        """Let each state settle its accounts with each other that has harmed it, or that it has harmed."""
        self.hits = hits_of(model)
        given = [d for d in model.decisions if d.behaviour == self.name and not isinstance(d.act, Lift)]
        self.answers = {d.policy.id: d for d in given if d.policy is not None}
        self.settled = self._settled(model)
        self.depths: dict[str, int] = {}  # answers in a row behind each answer, 1 for an answer to a first blow
        for name, decision in self.answers.items():
            self.depths[name] = self.depths.get(decision.cause, 0) + 1
        states, decides = model.outlook.states, model.outlook.situation.decides
        for other, i in sorted({*self.hits, *((b, a) for a, b in self.hits)}):
            if decides[other] and decides[i]:
                yield from states[i].step(self, other)

    def decide(self, state: State, other: int) -> Iterable[Decision]:  # type: ignore[override]
        """Answer what another state did, take an answer back, or tire of the dispute.

        Parameters
        ----------
        state : State
        other : int
            Number of the other state.
        """
        i, q = state.number, state.model.setting.parameters
        inflicted = self.hits.get((i, other), [])
        suffered = [hit for hit in self.hits.get((other, i), [])
                    if hit.standing.id not in self.settled and (i, hit.standing.id) not in self.settled
                    and hit.standing.days >= self._delay(hit.standing, state)]  # fmt: skip
        echo = echoed(np.array([self.depths.get(hit.standing.id, 0) for hit in suffered]), q["retaliation.echo"])
        harm = float(sum(part * hit.cost for part, hit in zip(echo, suffered, strict=True)))
        owed = to_answer(harm, sum(hit.cost for hit in inflicted), q["retaliation.strength"])
        own = [hit for hit in inflicted if hit.standing.id in self.answers]
        decision = (
            self._answer(state, other, owed, harm, suffered) if owed > 0 else self._give_way(state, -owed, harm, own)
        )
        decision = decision or self._tire(state, own)
        return [] if decision is None else [decision]

    def _settled(self, model: Politics) -> set[str | tuple[int, str]]:
        """Return what is not answered: answers whose cause has ended, and (state, id) of what a state tired of.

        A state that gave way waits for an answer to be lifted and does not answer it.
        """
        standing, codes = {m.id for m in model.outlook.standing()}, model.outlook.situation.states
        over: set[str | tuple[int, str]] = {name for name, d in self.answers.items() if d.cause not in standing}
        for d in model.decisions:
            if isinstance(d.act, Lift) and isinstance(d.reason, Tired) and d.act.policy in self.answers:
                over.add((codes.index(d.who), self.answers[d.act.policy].cause))
        return over

    def _delay(self, standing: Standing, state: State) -> float:
        """Return after how many days a state answers a policy: half to one and a half times the mean.

        It is drawn once for the two states, the target and the day on which the policy came into force.
        """
        model = state.model
        key = stream(model.member_seed, Purpose.RETALIATION, model.day - standing.days)
        first = standing.objects[0] if standing.objects else 0
        item = standing.by * len(model.outlook.situation.targets) + first
        return model.setting.parameters["retaliation.delay_days"] * (0.5 + uniform_plain(key, state.number, item))

    def _answer(self, state: State, other: int, owed: float, suffered: float, hits: list[Hit]) -> Decision | None:
        """Return the policy against a firm of the other that fits what is owed; None when none does."""
        model, i = state.model, state.number
        s, q, harms = model.outlook.situation, model.setting.parameters, model.outlook.harms[i]
        if owed < q["retaliation.least"]:
            return None
        open_to = (s.home == other) & ~model.outlook.off_limits()[i] & (harms > 0)
        can = np.array([bool(o) and state.can_act(t) for o, t in zip(open_to, s.targets, strict=True)])
        j = best_answer(owed, np.where(can, harms, 0.0), q["retaliation.slack"])
        burden = float(s.users[i, j] * s.worth[j])
        if j < 0 or not state.can_afford(burden):
            return None
        state.spend(burden)
        worst = max(hits, key=lambda hit: (hit.cost, hit.standing.id)).standing
        scores = {"owed": owed, "harm": float(harms[j]), "suffered": suffered}
        firms = tuple(s.targets[k].aim for k in worst.objects if s.home[k] == i)
        reason = decisions.Retaliation(s.states[worst.by], firms, worst.id)
        return state.strike(j, self.name, notice=1, reason=reason, cause=worst.id, scores=scores)

    def _give_way(self, state: State, surplus: float, suffered: float, own: list[Hit]) -> Decision | None:
        """Return the end of an answer that is more than what is suffered calls for; None when there is none.

        Only what is suffered less than when the answer was given takes it back, and not one that was a little too
        strong.
        """
        leniency = state.model.setting.parameters["retaliation.leniency"]
        for standing, cost in own:
            less = suffered < self.answers[standing.id].scores["suffered"]
            if standing.days >= 0 and less and surplus > leniency * cost:
                return state.lift(standing, self.name, GaveWay(), {"surplus": surplus, "harm": cost})
        return None

    def _tire(self, state: State, own: list[Hit]) -> Decision | None:
        """Return the end of an answer that a state tires of, by chance; what costs its own people more, sooner."""
        model, i = state.model, state.number
        s, q = model.outlook.situation, model.setting.parameters
        for standing, cost in own:
            if standing.days < q["review.patience_days"]:
                continue
            burden = float(sum(s.users[i, j] * s.worth[j] for j in standing.objects))
            rate = q["retaliation.fatigue"] / 12.0 * (1.0 + burden)
            key = stream(model.member_seed, Purpose.POLICY_REVIEW, model.day)
            if uniform_plain(key, i, len(s.targets) + standing.objects[0]) < chance(rate, self.every_days):
                return state.lift(standing, self.name, Tired(), {"harm": cost, "burden": burden})
        return None


def hits_of(model: Politics) -> dict[tuple[int, int], list[Hit]]:
    """Return the policies of each state against the firms of each other, with what they cost."""
    home, table = model.outlook.situation.home, model.outlook.harms
    hits: dict[tuple[int, int], list[Hit]] = {}
    for standing in model.outlook.standing():
        cost: dict[int, float] = {}
        for j in standing.objects:
            cost[int(home[j])] = cost.get(int(home[j]), 0.0) + float(table[standing.by, j])
        for state, lost in cost.items():
            if state != standing.by:
                hits.setdefault((standing.by, state), []).append(Hit(standing, lost))
    return hits

"""Governments change and review their policies, and people push back against them.

A new government is more or less ready to act than the one before. It reviews its predecessor's policies at once and
lifts those that its own weighing does not support; every government does so from time to time. Lost contact with family
and lost surplus put pressure on a government, less on an unfree one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.actors.statecraft import Government, chance, pressure, turnover
from sim.actors.targets import weigh
from sim.core.chance import Purpose, normal_plain, stream, uniform_plain
from sim.decisions import FACT, Aim, Behaviour, Decision, PushedBack, Reviewed, TakeOffice, Turnover

if TYPE_CHECKING:  # Mesa takes longer to load than a list of behaviours may
    from sim.actors.politics import Politics, Standing
    from sim.actors.states import State

OFFICE = Aim("government")
"""What a change of government is about."""


class Governments(Behaviour):
    """Governments change, and lift policies whose reasons no longer outweigh their cost."""

    every_days = 30

    def act(self, model: Politics) -> Iterator[Decision]:
        """Let governments change by chance, and every government review its policies."""
        q = model.setting.parameters
        s, free, unfree = model.outlook.situation, q["governments.turnover_free"], q["governments.turnover_unfree"]
        self.rates = turnover(s.freedom, free, unfree)
        yield from super().act(model)
        old = [m for m in model.outlook.standing() if m.objects and m.days >= q["review.patience_days"]]
        # A state ends what it has by itself; what is only logged ends by the log.
        old = [m for m in old if m.policy is None or len(m.policy.by) == 1]
        if old:
            self.answers = {
                d.policy.id for d in model.decisions if d.behaviour in ("retaliation", "coalition") and d.policy
            }
            self.score = weigh(model, as_if_open=True).score
            for standing in old:
                yield from self._review(model.outlook.states[standing.by], standing)

    def decide(self, state: State) -> Iterator[Decision]:
        """Let a new government take office by chance, in free states more often than in others."""
        model, i = state.model, state.number
        key = stream(model.member_seed, Purpose.GOVERNMENT, model.day)
        if uniform_plain(key, i) >= chance(float(self.rates[i]), self.every_days):
            return
        ready = math.exp(model.setting.parameters["governments.spread"] * float(normal_plain(key, i, 1)))
        cause, scores = f"{FACT}regimes:{state.code}", {"readiness": ready}
        row = Decision(model.date, state.code, self.name, TakeOffice(ready), (OFFICE,), None, cause, scores, Turnover())
        state.government = Government(ready, model.day, row.id)
        yield row

    def _review(self, state: State, standing: Standing) -> Iterator[Decision]:
        """Lift a policy whose reasons no longer outweigh its cost."""
        model, i, q = state.model, state.number, state.model.setting.parameters
        since = state.government.since
        fresh = since >= 0 and 0 <= model.day - since < self.every_days
        score = max(float(self.score[i, j]) for j in standing.objects)
        threshold = q["targets.threshold"] - (0.0 if fresh else q["review.margin"])
        if standing.id in self.answers or score >= threshold:
            return
        key = stream(model.member_seed, Purpose.POLICY_REVIEW, model.day)
        if not fresh and uniform_plain(key, i, standing.objects[0]) >= chance(q["review.rate"], self.every_days):
            return
        scores, cause = {"score": score, "threshold": threshold}, state.government.row if fresh else standing.id
        yield state.lift(standing, self.name, Reviewed(fresh), scores, cause=cause)
        # The state puts up with the targets of what it lifts until they are feared by a margin more.
        bar = state.bar(self.score[i])
        for j in standing.objects:
            bar[j] = max(bar[j], float(self.score[i, j]) + q["targets.margin"])


class Pushback(Behaviour):
    """Lost contact and lost surplus press on governments, and they lift what costs their people most."""

    every_days = 30

    def act(self, model: Politics) -> Iterator[Decision]:
        """Let each government under more pressure than it tolerates lift its costliest policy."""
        self.contact, self.surplus = model.losses()
        freedom = model.outlook.situation.freedom
        self.felt = pressure(self.contact, self.surplus, freedom, dict(model.setting.parameters))
        yield from super().act(model)

    def decide(self, state: State) -> Iterator[Decision]:
        """Lift the policy that costs the people most, of those that have been in force for a while."""
        i, q = state.number, state.model.setting.parameters
        if self.felt[i] <= q["pushback.tolerance"]:
            return
        s = state.model.outlook.situation
        costs: dict[Standing, float] = {}
        for m in state.model.outlook.standing():
            # A policy of several states cannot be ended by one of them.
            alone = m.policy is not None and len(m.policy.by) == 1
            if m.by == i and m.objects and m.days >= q["pushback.patience_days"] and alone:
                costs[m] = float(sum(s.users[i, j] * s.worth[j] for j in m.objects))
        costs = {m: cost for m, cost in costs.items() if cost > 0}
        if costs:
            worst = max(costs, key=lambda m: (costs[m], m.id))
            scores = {"pressure": float(self.felt[i]), "contact_lost": float(self.contact[i])}
            scores["surplus_lost"] = float(self.surplus[i])
            yield state.lift(worst, self.name, PushedBack(), scores)

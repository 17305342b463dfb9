"""Policies spread: a state copies the policies of states close to it by alliance, then trade, then similar regime.

A copy needs a reason and time. States that fear a firm themselves copy a policy against it in proportion to their
rivalry with the firm's home. A policy that is not aimed at anybody abroad, such as a sovereign Internet, is more
attractive to less free states, and useless to a state that already has a national filter. A state watches an example
for a while before it follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from sim import decisions, policies
from sim.actors.coalition import programmes
from sim.actors.statecraft import chance
from sim.actors.targets import weigh
from sim.core.chance import Purpose, stream, uniform_plain
from sim.decisions import Behaviour, Decision, TakeUp, name_of

if TYPE_CHECKING:  # Mesa takes longer to load than a list of behaviours may
    from sim.actors.politics import Politics, Standing
    from sim.actors.states import State


class Imitation(Behaviour):
    """States copy the policies of others: along alliances, then trade, then likeness of regime."""

    every_days = 30

    def act(self, model: Politics) -> Iterator[Decision]:
        """Let each state copy, by chance, policies against firms, then policies that are aimed at nobody abroad."""
        self.in_force = [m for m in model.outlook.standing() if m.days >= 0]
        if not self.in_force:
            return
        s, q = model.outlook.situation, model.setting.parameters
        self.key = stream(model.member_seed, Purpose.IMITATION, model.day)
        self.rate = q["imitation.strength"] * q["imitation.rate"]  # of one that is closest in every way [1/month]
        self.weighed, self.rival, self.taken = weigh(model), model.outlook.rivals_today(), model.outlook.off_limits()
        self.camps = [programme.inside for programme in programmes(model).values()]
        self.against: dict[int, list[Standing]] = {}
        for standing in self.in_force:
            for j in standing.objects:
                self.against.setdefault(j, []).append(standing)
        for state in model.outlook.deciding:
            yield from state.step(self)
        for state in model.outlook.deciding:
            if s.means["filter"][state.number] < q["targets.means_enough"]:
                yield from self.take_up(state)

    def decide(self, state: State) -> Iterator[Decision]:
        """Copy policies against firms that the state fears itself."""
        model, i = state.model, state.number
        s, close, weighed = model.outlook.situation, model.outlook.close[i], self.weighed
        least = model.setting.parameters["imitation.reason"]
        for j, examples in sorted(self.against.items()):
            home = int(s.home[j])
            if self.taken[i, j] or home == i or weighed.score[i, j] < least:
                continue
            if any({i, home} <= camp for camp in self.camps):  # a state copies no policy against its own camp
                continue
            seen = self._seen(state, examples)
            pull = sum(float(close[m.by]) for m in seen) * float(self.rival[i, home])
            if uniform_plain(self.key, i, j) >= chance(self.rate * pull, self.every_days):
                continue
            cost = float(weighed.cost[i, j])
            if not state.can_afford(cost):
                continue
            state.spend(cost)
            first = max(seen, key=lambda m: (float(close[m.by]), m.id))
            reason = decisions.Imitation(s.states[first.by], first.id)
            scores = {"pull": pull, "closeness": float(close[first.by]), "own_reason": float(weighed.score[i, j])}
            yield state.strike(j, self.name, notice=1, reason=reason, cause=first.id, scores=scores)

    def take_up(self, state: State) -> Iterator[Decision]:
        """Copy policies that are aimed at nobody abroad, one of each instrument."""
        model, i = state.model, state.number
        s, close = model.outlook.situation, model.outlook.close[i]
        have = {m.policy.instrument for m in model.outlook.standing() if m.by == i and m.policy is not None}
        for number, instrument in enumerate(policies.INSTRUMENTS):
            # A policy against firms that are not targets here is still aimed at somebody.
            examples = [m for m in self.in_force if not m.objects and m.policy is not None and m.by != i
                        and m.policy.instrument == instrument and not m.policy.targets]  # fmt: skip
            seen = self._seen(state, examples)
            if instrument in have or not seen or not state.can_afford(0.0):
                continue
            pull = sum(float(close[m.by]) for m in seen) * (1.0 - float(s.freedom[i]))
            if uniform_plain(self.key, i, len(s.targets) + number) >= chance(self.rate * pull, self.every_days):
                continue
            state.spend(0.0)
            yield self._copy(state, max(seen, key=lambda m: (float(close[m.by]), m.id)), pull)

    def _seen(self, state: State, examples: list[Standing]) -> list[Standing]:
        """Return the policies that have stood long enough to be followed: each two states have their own lag."""
        mean = state.model.setting.parameters["imitation.lag_days"]
        key = stream(state.model.member_seed, Purpose.IMITATION)
        return [m for m in examples if m.days >= mean * (0.5 + uniform_plain(key, state.number, m.by))]

    def _copy(self, state: State, standing: Standing, pull: float) -> Decision:
        """Return a state's copy of a policy of another, with its keys and this state's dates."""
        policy, today = standing.policy, state.model.date
        instrument = policy.instrument if policy is not None else ""
        dates = {"announced": today, "on": today + timedelta(days=1), "until": None, "reference": None}
        own = {"id": name_of(state.code, instrument, today), "by": (state.code,), **dates}
        copied = policy.model_copy(update=own) if policy is not None else None
        reason = decisions.Imitation(state.model.outlook.situation.states[standing.by], standing.id)
        return Decision(
            today, state.code, self.name, TakeUp(instrument), (), copied, standing.id, {"pull": pull}, reason
        )

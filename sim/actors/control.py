"""Orders against platforms by the chance that the record shows: unfreedom, precedent, control, and what users lose.

Each month a state may restrict any platform that is open there. The chance is that of `sim.facts.orders`, whose weights
are fitted to the record of 2012-2021, with what the run has made of the world: who uses what today, how much platforms
have grown, what is restricted here and elsewhere. Near an election, a coup, protests, or the beginning of a dispute
with the home of the platform it is higher, as in the record (`sim.facts.moments`), and lower at other times. A
restriction ends by chance, as rarely as in the record.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..core.chance import Purpose, stream, uniform_plain
from ..decisions import FACT, Behaviour, Decision, Lift, Likely, Reviewed
from ..facts.history import dated_name
from ..facts.orders import REASONS, TALK, chance_of_order, features, known_on, weights
from .statecraft import chance, grown

if TYPE_CHECKING:  # Mesa takes longer to load than a list of behaviours may
    from .agents import State
    from .politics import Politics

YEAR = 365.25
"""Days that the chance of an order is about [days]."""
FACTS = {"precedent": "block_history", "siblings": "block_history", "reach": "penetration"}
"""The table behind a reason; that of regimes otherwise."""


class Control(Behaviour):
    """States restrict platforms by the chance that the record of orders shows, and seldom lift it."""

    every_days = 30

    def __init__(self) -> None:
        self.ever: np.ndarray | None = None

    def act(self, model: Politics) -> Iterator[Decision]:
        """Find the chance of every order this month, then let each state decide."""
        s = model.outlook.situation
        self.at = [j for j, target in enumerate(s.targets) if target.platform >= 0]
        self.reasons = self.seen(model)
        self.open = ~model.outlook.off_limits()[:, self.at]
        self.chances = np.where(self.open, chance_of_order(self.reasons), 0.0)
        self.near = self._moments(model)
        self.key = stream(model.member_seed, Purpose.CONTROL, model.day)
        own = [d for d in model.decisions if d.behaviour == self.name and not isinstance(d.act, Lift)]
        self.own = {d.policy.id if d.policy is not None else d.id for d in own}
        yield from super().act(model)

    def seen(self, model: Politics) -> np.ndarray:
        """Return the reasons of every state against every platform today, shape (reasons, states, platforms)."""
        s, facts = model.outlook.situation, model.setting.platform_facts
        platforms, home = [s.targets[j] for j in self.at], s.home[self.at]
        banned = model.outlook.banned(in_force=True)[:, self.at]
        new = banned & ~s.blocked[:, self.at]
        self.ever = new if self.ever is None else self.ever | new  # what was lifted since counts as a precedent, too
        record = known_on(model.spec.start).blocks
        before = np.array([float(record[dated_name(facts[target.name])]) for target in platforms])
        return features(
            1.0 - s.freedom,
            before + self.ever.sum(axis=0),
            grown(model.users_today(), model.outlook.moved().size)[:, self.at],
            banned.astype(float) @ (home[:, None] == home[None, :]).astype(float),
            np.array([facts[target.name].kind in TALK for target in platforms]),
        )

    def decide(self, state: State) -> Iterator[Decision]:
        """Restrict platforms by chance, each by itself, and lift own restrictions by chance."""
        model, i = state.model, state.number
        q, s = model.setting.parameters, model.outlook.situation
        for standing in model.outlook.standing():
            if standing.by == i and standing.id in self.own and standing.days >= 0:
                key = stream(model.member_seed, Purpose.CONTROL_ENDS, model.day)
                if uniform_plain(key, i, standing.objects[0]) < chance(q["control.lift_rate"] / 12.0, self.every_days):
                    yield state.lift(standing, self.name, Reviewed(new_government=False), {})
        for column, j in enumerate(self.at):
            yearly, times = float(self.chances[i, column]), self.near[i, int(s.home[j])]
            factor = math.prod(times.values())
            if uniform_plain(self.key, i, j) >= 1.0 - (1.0 - yearly) ** (factor * self.every_days / YEAR):
                continue
            parts = self._parts(i, column)
            most, near = (max(each, key=lambda name: (each[name], name)) for each in (parts, times))
            of = state.code if most != "precedent" else s.targets[j].name
            fact = f"{FACT}{FACTS.get(most, 'regimes')}:{of}"
            why = Likely(most, near if times[near] > 1.0 else "")
            yield state.strike(j, self.name, notice=1, reason=why, cause=fact,
                               scores={"chance": yearly, "moments": factor, **parts})  # fmt: skip

    def _moments(self, model: Politics) -> dict[tuple[int, int], dict[str, float]]:
        """Return by what each kind of moment multiplies the chance of each state against each home this month [1]."""
        s, calendar = model.outlook.situation, model.outlook.calendar
        homes, found = sorted({int(s.home[j]) for j in self.at}), {}
        for state in model.outlook.deciding:
            own = calendar.near(state.code)
            for home in homes:
                found[state.number, home] = own | {"dispute": calendar.dispute(state.code, s.states[home])}
        return found

    def _parts(self, i: int, column: int) -> dict[str, float]:
        """Return by how much each reason raises the log odds above those of the mean open pair [1]."""
        mean = self.reasons[:, self.open].mean(axis=1)
        return {name: float(weights()[name] * (values[i, column] - at))
                for name, values, at in zip(REASONS, self.reasons, mean, strict=True)}  # fmt: skip

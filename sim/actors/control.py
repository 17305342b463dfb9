"""Orders against platforms by the chance that the record shows: unfreedom, precedent, control, and what users lose.

Each month a state may restrict any platform that is open there. The chance is that of `sim.facts.orders`, whose weights
are fitted to the record of 2012-2021, with what the run has made of the world: who uses what today, how much platforms
have grown, what is restricted here and elsewhere. A restriction ends by chance, as rarely as in the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..core.chance import Purpose, stream, uniform_plain
from ..decisions import FACT, Behaviour, Decision, FirstStrike, Lift, Reviewed
from ..facts.history import dated_name
from ..facts.orders import REASONS, TALK, chance_of_order, features, known_on, weights
from .statecraft import chance, grown

if TYPE_CHECKING:  # Mesa takes longer to load than a list of behaviours may
    from .agents import State
    from .politics import Politics

YEAR = 365.25
"""Days that the chance of an order is about [days]."""
LEADING = {"unfreedom": "control of information", "control": "control of information", "blocks": "precedent",
           "siblings": "what its home has suffered already", "reach": "few users to lose it"}  # fmt: skip
"""How the reason that sets a platform apart most is called."""
FACTS = {"blocks": "block_history", "siblings": "block_history", "reach": "penetration"}
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
            yearly = float(self.chances[i, column])
            if uniform_plain(self.key, i, j) >= 1.0 - (1.0 - yearly) ** (self.every_days / YEAR):
                continue
            parts = self._parts(i, column)
            most = max(parts, key=lambda name: (parts[name], name))
            of = state.code if most != "blocks" else s.targets[j].name
            fact = f"{FACT}{FACTS.get(most, 'regimes')}:{of}"
            yield state.strike(j, self.name, notice=1, reason=FirstStrike(LEADING[most]), cause=fact,
                               scores={"chance": yearly, **parts})  # fmt: skip

    def _parts(self, i: int, column: int) -> dict[str, float]:
        """Return by how much each reason raises the log odds above those of the mean open pair [1]."""
        mean = self.reasons[:, self.open].mean(axis=1)
        return {name: float(weights()[name] * (values[i, column] - at))
                for name, values, at in zip(REASONS, self.reasons, mean, strict=True)}  # fmt: skip

"""Orders against platforms by the chance that the record shows: unfreedom, precedent, and control of what is said.

Each month a state may restrict any platform that is open there. The chance is that of `splinternet.facts.orders`, whose
weights are fitted to the record of 2012-2021, with what the run has made of the world: who uses what today, how much
platforms have grown, what is restricted here and elsewhere. Near an election, a coup, protests, or the beginning of a
dispute with the home of the platform it is higher, as in the record (`splinternet.facts.orders`), and lower at other
times. A restriction ends by chance, as rarely as in the record, and then the state leaves the platform alone for a year
unless a moment is near.

A state may also demand that foreign platforms appoint a representative, on the model of Turkey's law 7253 and as often
as such laws came in 2020-2022; platforms answer in their own step (`firms`), and who does not obey is asked again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import policies
from ..core.chance import Purpose, stream, uniform_plain
from ..decisions import FACT, Behaviour, Decision, Demand, Lift, Likely, Reviewed, name_of
from ..facts.history import dated_name
from ..facts.orders import REASONS, TALK, chance_of_order, features, known_on, weights
from ..facts.relations import Rung
from ..facts.tables import read
from ..policies.demands import GRANTED
from .statecraft import chance, grown

if TYPE_CHECKING:  # Mesa takes longer to load than a list of behaviours may
    from .agents import State
    from .politics import Politics

YEAR = 365.25
"""Days that the chance of an order is about [days]."""
INSTRUMENT = "local_representative"
"""What states demand."""
MODEL = "tr_2020"
"""The law that they follow, by its series in ``answers.csv``."""
FACTS = {"precedent": "block_history", "siblings": "block_history", "control": "penetration"}
"""The table behind a reason; that of regimes otherwise."""


class Control(Behaviour):
    """States restrict platforms by the chance that the record of orders shows, and seldom lift it."""

    every_days = 30
    rest_days = 365
    """Days after a lift in which a state restricts a platform again only near a moment [days] (assumption: of 96 orders
    of 14 days or more that ended in 2012-2021, ``block_history.csv``, five came again within a year)."""

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
        own = [d for d in model.decisions if d.behaviour == self.name and not isinstance(d.act, Lift | Demand)]
        self.own = {d.id for d in own}
        number, today = model.outlook.numbers, model.date
        self.rests = {(s.states.index(d.who), number[aim]) for d in model.decisions if isinstance(d.act, Lift)
                      and (today - d.day).days < self.rest_days for aim in d.target if aim in number}  # fmt: skip
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
        self.users = grown(model.users_today(), model.outlook.moved().size)[:, self.at]
        self.talk = np.array([facts[target.name].kind in TALK for target in platforms])
        same_home = (home[:, None] == home[None, :]).astype(float)
        blocks = before + self.ever.sum(axis=0)
        return features(1.0 - s.freedom, blocks, self.users, banned.astype(float) @ same_home, self.talk)

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
            if (i, j) in self.rests and max(times.values()) <= 1.0:
                continue
            if uniform_plain(self.key, i, j) >= 1.0 - (1.0 - yearly) ** (factor * self.every_days / YEAR):
                continue
            parts = self._parts(i, column)
            most, near = (max(each, key=lambda name: (each[name], name)) for each in (parts, times))
            of = state.code if most != "precedent" else s.targets[j].name
            fact = f"{FACT}{FACTS.get(most, 'regimes')}:{of}"
            why = Likely(most, near if times[near] > 1.0 else "")
            yield state.strike(j, self.name, notice=1, reason=why, cause=fact,
                               scores={"chance": yearly, "moments": factor, **parts})  # fmt: skip
        yield from self._demand(state)

    def _demand(self, state: State) -> Iterator[Decision]:
        """Demand a representative of the platforms that enough people use and that have not obeyed it already.

        A state asks again those that have refused, and those that came into use later, as often as it asks at first.
        """
        model, q, s = state.model, state.model.setting.parameters, state.model.outlook.situation
        share = float((1.0 - s.freedom[state.number]) / (1.0 - s.freedom[s.decides]).mean())
        key = stream(model.member_seed, Purpose.DEMANDS, model.day)
        if uniform_plain(key, state.number) >= chance(q["control.demand_rate"] * share / 12.0, self.every_days):
            return
        used = self.users[state.number] >= q["control.demand_reach"]
        given = model.setting.answers or {}
        laws = {m.policy for m in model.outlook.standing() if m.by == state.number and m.policy is not None
                and m.policy.instrument == INSTRUMENT}  # fmt: skip
        # Not asked twice: what a law not yet in force asks. Not asked again: what was granted, and who has left.
        over = (*GRANTED, "left")
        settled = {name for law in laws for name in law.targets
                   if law.on is None or law.on > model.date or given.get((law.id, name)) in over}  # fmt: skip
        free = np.array([s.targets[j].name not in settled for j in self.at])
        concerned = self.open[state.number] & self.talk & used & free
        aims = tuple(s.targets[j].aim for j, is_concerned in zip(self.at, concerned, strict=True) if is_concerned)
        if not aims:
            return
        rungs = sorted(read(Rung).values(), key=lambda rung: rung.step)
        notice = next(rung for rung in rungs if rung.sanction == "announced")
        today, on = model.date, model.date + timedelta(days=-notice.after_days)
        ladder = [{"on": on + timedelta(days=rung.after_days), "sanction": rung.sanction,
                   **({"amount": rung.amount} if rung.amount else {}), **({"share": rung.share} if rung.share else {})}
                  for rung in rungs if rung is not notice]  # fmt: skip
        keys: dict[str, Any] = {"targets": tuple(aim.name for aim in aims), "ladder": ladder}
        policy = policies.INSTRUMENTS[INSTRUMENT](
            id=name_of(state.code, INSTRUMENT, today), by=(state.code,), announced=today, on=on, **keys
        )
        why, scores = Likely("demands", ""), {"rate": q["control.demand_rate"] * share}
        yield state.decision(self.name, Demand(INSTRUMENT), why, f"{FACT}answers:{MODEL}", scores,
                             target=aims, policy=policy)  # fmt: skip

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

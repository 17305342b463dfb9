"""States review earlier decisions: governments change and look again at their policies, and people
push back against them.

A government may change when an elected one takes office: on the dates of the table of elections,
then on those of the law. A state without such elections may change its government in any month. A
new government is more or less ready to act than that of the first day. After a year the difference
halves, and then it disappears. A less ready government reviews its predecessor's policies at once
and lifts those that it would not adopt itself. Every government repeats this review from time to
time. Lost contact with family and lost surplus put pressure on a government, less on an unfree one;
and make large protests likelier. A protest has a small chance of lifting an order, and makes
further orders likelier (`control`), as in the record.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..core.chance import Purpose, normal_plain, stream
from ..decisions import (
    FACT,
    Aim,
    Behaviour,
    Decision,
    Protested,
    PushedBack,
    Reviewed,
    TakeOffice,
    Turnover,
)
from ..facts.orders import TermOfOffice
from ..facts.tables import read
from .calendar import MONTH
from .statecraft import Government, felt
from .weighing import weigh

if TYPE_CHECKING:  # Mesa is slow to load
    from .agents import State
    from .politics import Politics, Standing


def turnover(freedom: np.ndarray, free: float, unfree: float) -> np.ndarray:
    """Return the rate at which governments change [1/month], shape as ``freedom``.

    Parameters
    ----------
    freedom : numpy.ndarray, shape (states,)
        Freedom of each state [1].
    free, unfree : float
        Rate of a wholly free and of a wholly unfree state [1/year].
    """
    return np.asarray((unfree + (free - unfree) * freedom) / 12.0)


def pressure(
    contact: np.ndarray, surplus: np.ndarray, freedom: np.ndarray, q: dict[str, float]
) -> np.ndarray:
    """Return the pressure on each government from its people [1], shape (states,).

    Parameters
    ----------
    contact : numpy.ndarray, shape (states,)
        Share of the people who have lost every platform channel to their family abroad [1].
    surplus : numpy.ndarray, shape (states,)
        Consumer surplus lost [US$ a day and user].
    freedom : numpy.ndarray, shape (states,)
        Freedom of the state [1]; an unfree government reacts less.
    q : dict
        Parameters of ``pushback``.
    """
    heard = 1.0 - q["pushback.deaf_share"] * (1.0 - freedom)
    return np.asarray(heard * felt(contact, surplus, q))


class Governments(Behaviour):
    """Governments change, and lift policies whose reasons no longer outweigh the cost."""

    every_days = 30

    def is_due(self, model: Politics) -> bool:
        """Return whether the behaviour acts today: once a month, and when an elected government
        takes office.
        """
        return super().is_due(model) or model.date in model.outlook.calendar.seatings

    def act(self, model: Politics) -> Iterator[Decision]:
        """Let governments change by chance, and every government review its policies once a
        month.
        """
        q = model.setting.parameters
        free = q["governments.turnover_free"]
        unfree = q["governments.turnover_unfree"]
        self.rates = turnover(model.outlook.situation.freedom, free, unfree)
        self.seated = dict(model.outlook.calendar.seatings.get(model.date, ()))
        yield from super().act(model)
        if model.day % MONTH:
            return
        old = [m for m in model.outlook.liftable() if m.days >= q["review.patience_days"]]
        if old:
            # Other rules lift these.
            made = model.made_by("control", "retaliation", "coalition")
            self.others = {d.id for d in made if d.policy or d.behaviour == "control"}
            self.score = weigh(model, as_if_open=True).score
            for standing in old:
                yield from self._review(model.outlook.states[standing.by], standing)

    def decide(self, state: State) -> Iterator[Decision]:
        """Let a new government take office by chance, in free states more often than in others."""
        model = state.model
        i = state.number
        elects = state.code in read(TermOfOffice)
        days = (
            self.seated.get(state.code, 0.0) * 365.25
            if elects
            else MONTH * (model.day % MONTH == 0)
        )
        if not state.happens(Purpose.GOVERNMENT, 0, float(self.rates[i]), days):
            return
        key = stream(model.member_seed, Purpose.GOVERNMENT, model.day)
        ready = math.exp(state.parameters["governments.spread"] * float(normal_plain(key, i, 1)))
        cause = f"{FACT}regimes:{state.code}"
        target = (Aim("government"),)
        scores = {"readiness": ready}
        row = state.decision(self.name, TakeOffice(ready), Turnover(), cause, scores, target=target)
        state.government = Government(ready, model.day, row.id)
        yield row

    def _review(self, state: State, standing: Standing) -> Iterator[Decision]:
        """Lift a policy whose reasons no longer outweigh its cost."""
        model = state.model
        i = state.number
        q = state.parameters
        # A government readier to act than the first one has no reason to lift at once.
        fresh = (
            state.government.since >= 0
            and model.day - state.government.since < MONTH
            and state.government.readiness < 1.0
        )
        score = max(float(self.score[i, j]) for j in standing.objects)
        threshold = q["targets.threshold"] - (0.0 if fresh else q["review.margin"])
        if standing.id in self.others or score >= threshold:
            return
        if not fresh and not state.happens(
            Purpose.POLICY_REVIEW, standing.objects[0], q["review.rate"], MONTH
        ):
            return
        scores = {"score": score, "threshold": threshold}
        cause = state.government.row if fresh else standing.id
        yield state.lift(standing, self.name, Reviewed(fresh), scores, cause=cause)
        # The state tolerates the targets of a lifted policy until fear grows by a margin.
        bar = state.bar(self.score[i])
        for j in standing.objects:
            bar[j] = max(bar[j], float(self.score[i, j]) + q["targets.margin"])


class Pushback(Behaviour):
    """Lost contact and lost consumer surplus put pressure on governments, which then lift the
    policy that costs their people most.

    The same losses make large protests likelier after the recorded years, and a protest may end an
    order on a platform.
    """

    every_days = 30

    def act(self, model: Politics) -> Iterator[Decision]:
        """Let each government under more pressure than it tolerates lift its costliest policy."""
        self.contact, self.surplus = model.outlook.losses()
        freedom = model.outlook.situation.freedom
        self.felt = pressure(self.contact, self.surplus, freedom, dict(model.setting.parameters))
        yield from super().act(model)

    def decide(self, state: State) -> Iterator[Decision]:
        """End an order on a platform by chance near large protests; else lift the policy that costs
        the people most.
        """
        model = state.model
        i = state.number
        q = state.parameters
        pressed, contact, surplus = (
            float(each[i]) for each in (self.felt, self.contact, self.surplus)
        )
        scores = {"pressure": pressed, "contact_lost": contact, "surplus_lost": surplus}
        own = [m for m in model.outlook.liftable(i) if m.policy is not None]
        if model.outlook.calendar.has_come("protest", state.code):
            targets = model.outlook.situation.targets
            for standing in own:  # people protest about platforms that they use
                used = all(targets[j].platform >= 0 for j in standing.objects)
                luck = state.luck(Purpose.UNREST, standing.objects[0])
                if used and standing.days >= 0 and luck < q["unrest.lift"]:
                    yield state.lift(standing, self.name, Protested(), scores)
                    return
        if pressed <= q["pushback.tolerance"]:
            return
        old = [m for m in own if m.days >= q["pushback.patience_days"]]
        worst = max(old, key=lambda m: (state.burden(m.objects), m.id), default=None)
        if worst is None or state.burden(worst.objects) <= 0.0:
            return
        if worst.id in {d.id for d in model.made_by("control")}:
            # The rate at which such orders end covers all causes; pressure raises it in proportion.
            rate = q["control.lift_rate"] / 12.0 * pressed / q["pushback.tolerance"]
            if not state.happens(Purpose.PRESSED, worst.objects[0], rate, self.every_days):
                return
        yield state.lift(worst, self.name, PushedBack(), scores)

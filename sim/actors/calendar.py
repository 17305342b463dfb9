"""The calendar of the states of a run: elections by law, and coups and protests, recorded or drawn.

Up to the last day of the table, the dates are recorded. Afterwards elections follow the law, and
coups and protests come as often as in the state's past. Protests are more frequent if policies cost
people contact or surplus, within the range of the record. No agent knows of a coup or protest in
advance.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..core.chance import Purpose, stream, uniform_plain
from ..facts.orders import (
    AFTER,
    BEFORE,
    RECORDED,
    TermOfOffice,
    a_year,
    days_of,
    elections,
    factor,
    is_near,
    seating,
)
from ..facts.tables import read
from .statecraft import chance, felt

if TYPE_CHECKING:  # Mesa is slow to load
    from .politics import Politics

SHOCKS = ("coup", "protest")
"""Events in a state that no agent knows in advance."""
MONTH = 30
"""Days from one draw to the next, and days ahead that a state looks [days]."""


class Calendar:
    """Dated events in the states that decide.

    Parameters
    ----------
    model : Politics
    """

    def __init__(self, model: Politics) -> None:
        self.model = model
        outlook = model.outlook
        self.states = tuple(
            s
            for s, decides in zip(outlook.situation.states, outlook.situation.decides, strict=True)
            if decides
        )
        self._drawn: dict[tuple[str, str, int], bool] = {}

    @cached_property
    def elections(self) -> dict[str, list[date]]:
        """The elections that may change each state's government, up to a year after the run."""
        first = self.model.spec.start
        last = self.model.spec.start + timedelta(days=self.model.spec.days + 365)
        return {state: elections(state, first - timedelta(days=366), last) for state in self.states}

    @cached_property
    def seatings(self) -> dict[date, list[tuple[str, float]]]:
        """The days on which an elected government takes office: the states, and the years since the
        last election.
        """
        first = self.model.spec.start
        last = self.model.spec.start + timedelta(days=self.model.spec.days)
        found: dict[date, list[tuple[str, float]]] = {}
        near = self.model.setting.parameters["governments.round_days"]
        for state in self.states:
            term = read(TermOfOffice).get(state)
            days = elections(state, date.min, last) if term is not None else []
            rounds = [day for day, then in pairwise([*days, date.max]) if (then - day).days > near]
            for before, day in pairwise([None, *rounds]):
                if term is not None and day is not None and (seated := seating(term, day)) >= first:
                    years = (
                        term.years
                        if before is None
                        else min(term.years, (day - before).days / 365.25)
                    )
                    found.setdefault(seated, []).append((state, years))
        return found

    def has_come(self, kind: str, state: str) -> bool:
        """Return whether a state has had a coup or protest recently enough to count."""
        today = self.model.date
        recorded = [day for day in days_of(kind).get(state, ()) if day <= today]
        if is_near(today, kind, recorded):
            return True
        return today > RECORDED and self._draw(kind, state)

    def _draw(self, kind: str, state: str) -> bool:
        """Return whether a coup or protest comes this month, by chance, as often as in the state's
        past.
        """
        key = kind, state, self.model.day // MONTH
        if key not in self._drawn:
            luck = uniform_plain(
                stream(self.model.member_seed, Purpose.MOMENTS, key[2]),
                self.states.index(state),
                SHOCKS.index(kind),
            )
            rate = a_year(kind, state, self.states)
            if kind == "protest":
                rate = self._raised(rate, self._unrest(state))
            self._drawn[key] = luck < chance(rate / 12.0, MONTH)
        return self._drawn[key]

    def _raised(self, rate: float, factor: float) -> float:
        """Return a state's rate of large protests, raised by a factor within the range of the
        record [1/year].

        In the record the state with most protests has some multiple of the mean rate. No factor is
        larger than that multiple, and no raised rate is higher than that of this state.
        """
        rates = [a_year("protest", state, self.states) for state in self.states]
        most = max(rates)
        return min(rate * min(factor, most * len(rates) / sum(rates)), most)

    def _unrest(self, state: str) -> float:
        """Return the factor of lost contact and lost surplus on the hazard of large protests [1]; 1
        without losses.
        """
        outlook = self.model.outlook
        q = self.model.setting.parameters
        if not self.model.spec.behaviour.is_on("pushback"):
            return 1.0
        contact, surplus = outlook.losses()
        return 1.0 + q["unrest.losses"] * float(
            felt(contact, surplus, q)[outlook.situation.states.index(state)]
        )

    def near(self, state: str) -> dict[str, float]:
        """Return the factor of each kind of event on the chance of an order in the state this month
        [1].
        """
        before = BEFORE["election"]
        after = AFTER["election"]
        today = self.model.date
        near = np.array([-(day - today).days for day in self.elections[state]])[
            :, None
        ] + np.arange(MONTH)
        share = (
            float(((near >= -before) & (near <= after)).any(axis=0).mean()) if near.size else 0.0
        )
        shocks = {
            kind: _mixed(factor(kind, state), float(self.has_come(kind, state))) for kind in SHOCKS
        }
        return {"election": _mixed(factor("election", state), share), **shocks}


def _mixed(outside_inside: tuple[float, float], share: float) -> float:
    outside, inside = outside_inside
    return outside + share * (inside - outside)

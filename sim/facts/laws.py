"""Laws and orders by which states rule the Internet beside blocks: how often each kind came in 2012-2021.

A state that decides in runs adopts each kind once, at the rate at which states as free as it adopted it.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, NamedTuple

from .orders import FIRST, LAST, days_of
from .relations import load_relations
from .tables import Cited, Code, DayText, one_of, read
from .worlds import DEFAULT_WORLD

KINDS = (
    "content_removal", "data_localisation", "vpn_ban", "sovereign_internet", "national_champion", "age_limit",
    "device_ban",
)  # fmt: skip
"""Instruments that a state adopts by a law of its own, in the order in which it looks at them each month."""
SHUTDOWN = "shutdown"
"""What a state may do in a month of protests or of a coup."""
FREE = 0.5
"""Freedom from which a state counts as free here [1] (assumption: between not free, below 0.35, and free, from 0.7)."""
HALF = 0.5
"""Half a case is added to each count, so that what never came is rare and not impossible (Jeffreys 1946)."""


class Law(Cited, file="laws.csv", key=("state", "instrument")):
    """The first law or order of a kind in a state that decides, 2012-2021.

    The rule of coding: an act in force that binds platforms, providers or offices in the whole state; a shutdown is one
    of all networks of the state.
    """

    state: Code
    instrument: Annotated[str, one_of((*KINDS, SHUTDOWN))]
    since: DayText


class Rate(NamedTuple):
    """How often a kind of law came."""

    laws: int
    """Laws, or shutdowns."""
    chances: float
    """Years of states without one, or months with protests or a coup."""

    @property
    def ratio(self) -> float:
        """Laws a year and state, or the chance of a shutdown in such a month, with half a case more [1/year or 1]."""
        return (self.laws + HALF) / (self.chances + HALF)


@cache
def rate_of_laws(instrument: str, *, free: bool) -> Rate:
    """Return how often free states, or the others, adopted a kind of law for the first time in 2012-2021."""
    states = [state for state, value in load_relations(DEFAULT_WORLD).freedom.items() if (value.value >= FREE) == free]
    laws = {row.state: date.fromisoformat(row.since) for row in read(Law).values() if row.instrument == instrument}
    made = sum(state in laws for state in states)
    if instrument == SHUTDOWN:
        shocks = [day for state in states for kind in ("protest", "coup") for day in days_of(kind).get(state, ())]
        return Rate(made, float(sum(FIRST <= day <= LAST for day in shocks)))
    return Rate(made, sum((laws.get(state, LAST) - FIRST).days for state in states) / 365.25)

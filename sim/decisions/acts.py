"""The acts of decisions: one frozen dataclass per act, stored under its code."""

from __future__ import annotations

from dataclasses import dataclass

from sim.decisions.values import Coded


class Act(Coded):
    """What somebody does."""


@dataclass(frozen=True)
class Strike(Act, code="strike"):
    """A state acts against a firm with an instrument."""

    instrument: str


@dataclass(frozen=True)
class ShutOut(Act, code="shut_out"):
    """A state keeps a firm out by means that the modelled network does not have."""


@dataclass(frozen=True)
class Join(Act, code="join"):
    """A state joins the programme of a leader against an adversary."""

    leader: str
    adversary: str


@dataclass(frozen=True)
class Launch(Act, code="launch"):
    """A state opens a programme against an adversary, which others may join."""

    adversary: str


@dataclass(frozen=True)
class Dissolve(Act, code="dissolve"):
    """A programme ends, because its leader no longer has enough policies against its adversary."""

    adversary: str


@dataclass(frozen=True)
class Leave(Act, code="leave"):
    """A member leaves the programme of a leader against an adversary."""

    leader: str
    adversary: str


@dataclass(frozen=True)
class TakeOffice(Act, code="take_office"):
    """A new government takes office.

    Attributes
    ----------
    readiness : float
        How ready to act it is, against that of the first day [1].
    """

    readiness: float


@dataclass(frozen=True)
class Grew(Act, code="grew"):
    """Something in the world has grown so far that a state acts on it.

    Attributes
    ----------
    what : str
        ``popularity``, ``revenue`` or ``economy``.
    factor : float
        Today against the first day [1].
    """

    what: str
    factor: float


@dataclass(frozen=True)
class TakeOver(Act, code="take_over"):
    """A new member of a programme takes over a policy of it."""

    policy: str


@dataclass(frozen=True)
class TakeUp(Act, code="take_up"):
    """A state takes up an instrument that is aimed at nobody abroad."""

    instrument: str


@dataclass(frozen=True)
class Lift(Act, code="lift"):
    """A state ends a policy of its own."""

    policy: str


@dataclass(frozen=True)
class Answer(Act, code="answer"):
    """A firm answers a demand: on the day it decides, and again on the day the answer takes effect.

    Attributes
    ----------
    kind : str
        ``comply``, ``contest`` (in court), ``sell``, ``leave`` or ``evade``.
    in_effect : bool
        Whether it takes effect on this day.
    """

    kind: str
    in_effect: bool = False


@dataclass(frozen=True)
class Judgment(Act, code="judgment"):
    """A court decides the suit of a firm."""

    won: bool


@dataclass(frozen=True)
class SaleRefused(Act, code="sale_refused"):
    """The home state of a firm does not let a sale pass."""

    home: str


@dataclass(frozen=True)
class Sold(Act, code="sold"):
    """A platform is sold, as the scenario has it."""

    buyer: str
    home: str


@dataclass(frozen=True)
class Hosted(Act, code="hosted"):
    """A platform hosts the data of a state there, as the scenario has it."""

    state: str


@dataclass(frozen=True)
class Other(Act, code="other"):
    """An act in the words of the author of the behaviour or the instrument; the program prints them and reads nothing.

    Attributes
    ----------
    words : str
        What comes after the name of who acts, such as ``calls a summit``.
    """

    words: str

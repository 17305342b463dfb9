"""The reasons of decisions: one frozen dataclass per reason, stored under its code."""

from __future__ import annotations

from dataclasses import dataclass

from sim.decisions.values import Aim, Coded


class Reason(Coded):
    """Why somebody does it."""


@dataclass(frozen=True)
class FirstStrike(Reason, code="first_strike"):
    """Nobody began before.

    Attributes
    ----------
    leading : str
        What made the firm feared most: ``economy``, ``technology`` or ``popularity``.
    """

    leading: str


@dataclass(frozen=True)
class Retaliation(Reason, code="retaliation"):
    """Another state hit the firms of this one with a policy."""

    by: str
    firms: tuple[Aim, ...]
    policy: str


@dataclass(frozen=True)
class GaveWay(Reason, code="gave_way"):
    """The other side gave way."""


@dataclass(frozen=True)
class Imitation(Reason, code="imitation"):
    """Another state has done it before with a policy."""

    of: str
    policy: str


@dataclass(frozen=True)
class Allegiance(Reason, code="allegiance"):
    """The state is close to a leader and a rival of its adversary."""

    leader: str
    adversary: str


@dataclass(frozen=True)
class Membership(Reason, code="membership"):
    """The state has joined the programme of a leader against an adversary."""

    leader: str
    adversary: str


@dataclass(frozen=True)
class Opposed(Reason, code="opposed"):
    """A policy sets the state against its own camp: by its leader, or by another programme that it is in.

    Attributes
    ----------
    by : str
        The state whose policy it is.
    policy : str
    """

    by: str
    policy: str


@dataclass(frozen=True)
class Cooled(Reason, code="cooled"):
    """The state is less willing than it was when it joined.

    Attributes
    ----------
    share : float
        Willingness today against that of the day on which it joined [1].
    """

    share: float


@dataclass(frozen=True)
class Left(Reason, code="left"):
    """The state has left the programme of a leader against an adversary."""

    leader: str
    adversary: str


@dataclass(frozen=True)
class GaveUp(Reason, code="gave_up"):
    """The leader of a programme has ended what its members took over."""

    leader: str


@dataclass(frozen=True)
class Enough(Reason, code="enough"):
    """There are enough policies of one state against another for a programme, or no longer enough.

    Attributes
    ----------
    policies : int
    """

    policies: int


@dataclass(frozen=True)
class Reviewed(Reason, code="reviewed"):
    """The reasons for a policy no longer outweigh its cost.

    Attributes
    ----------
    new_government : bool
        Whether a new government finds so.
    """

    new_government: bool


@dataclass(frozen=True)
class Tired(Reason, code="tired"):
    """The dispute costs the state itself more than it wins."""


@dataclass(frozen=True)
class Turnover(Reason, code="turnover"):
    """Governments change, in free states more often than in others."""


@dataclass(frozen=True)
class Trend(Reason, code="trend"):
    """Platforms, firms and economies rise and fall."""


@dataclass(frozen=True)
class PushedBack(Reason, code="pushed_back"):
    """The people of the state pushed back."""


@dataclass(frozen=True)
class Cheapest(Reason, code="cheapest"):
    """Of all answers to a policy this costs least.

    Attributes
    ----------
    policy : str
        Id of the policy that demands something.
    cost, refusing : float
        Expected costs of the answer and of refusing [US dollars].
    """

    policy: str
    cost: float
    refusing: float


@dataclass(frozen=True)
class Demanded(Reason, code="demanded"):
    """A policy demands it."""

    policy: str


@dataclass(frozen=True)
class Settled(Reason, code="settled"):
    """The scenario says how a policy of some states ends."""

    policy: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Stated(Reason, code="stated"):
    """A reason in the words of the author of the behaviour; the program prints them and reads nothing."""

    words: str

"""Decisions of states and platforms as values: who does what, to whom and why. No value contains a sentence.

Behaviours create decisions and compare them; results count them; `sim.text.decisions` turns them into English. To add
an act or a reason, add a frozen dataclass here, and its words there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any, ClassVar, Protocol

from pydantic import TypeAdapter

FACT = "fact:"
"""What the cause of a decision begins with where it is a fact: ``fact:TABLE:KEY``."""


@dataclass(frozen=True)
class Aim:
    """What a decision is aimed at.

    Attributes
    ----------
    name : str
        A platform, a firm, or the code of a state.
    sector : str
        Of a firm that is no platform: ``carrier``, ``cloud``, ``phones``; empty otherwise.
    """

    name: str
    sector: str = ""

    @property
    def label(self) -> str:
        """The name, with the sector where there is one: a firm can earn in several."""
        return f"{self.name} ({self.sector})" if self.sector else self.name


class Coded:
    """A value that is stored under a code, by default the name of its class: ``ShutOut`` is stored as ``shut_out``.

    `Act` and `Reason` each keep a table of their codes.
    """

    code: ClassVar[str]
    known: ClassVar[dict[str, type[Any]]]

    def __init_subclass__(cls, code: str = "", **keys: Any) -> None:
        super().__init_subclass__(**keys)
        if Coded in cls.__bases__:
            cls.known = {}
            return
        cls.code = code or snake_case(cls.__name__)
        if cls.code in cls.known and cls.known[cls.code].__qualname__ != cls.__qualname__:
            raise ValueError(f"{cls.__qualname__}: the code '{cls.code}' belongs to {cls.known[cls.code].__qualname__}")
        cls.known[cls.code] = cls


def snake_case(name: str) -> str:
    """Return the name of a class as it is written in files: ``TakeOffice`` is ``take_office``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


# --- acts -----------------------------------------------------------------------------------------------------------


class Act(Coded):
    """What somebody does."""


@dataclass(frozen=True)
class Strike(Act):
    """A state acts against a firm with an instrument."""

    instrument: str


@dataclass(frozen=True)
class ShutOut(Act):
    """A state keeps a firm out by means that the modelled network does not have."""


@dataclass(frozen=True)
class Join(Act):
    """A state joins the programme of a leader against an adversary."""

    leader: str
    adversary: str


@dataclass(frozen=True)
class Launch(Act):
    """A state opens a programme against an adversary, which others may join."""

    adversary: str


@dataclass(frozen=True)
class Dissolve(Act):
    """A programme ends, because its leader no longer has enough policies against its adversary."""

    adversary: str


@dataclass(frozen=True)
class Leave(Act):
    """A member leaves the programme of a leader against an adversary."""

    leader: str
    adversary: str


@dataclass(frozen=True)
class TakeOffice(Act):
    """A new government takes office.

    Attributes
    ----------
    readiness : float
        How ready to act it is, against that of the first day [1].
    """

    readiness: float


@dataclass(frozen=True)
class Grew(Act):
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
class TakeOver(Act):
    """A new member of a programme takes over a policy of it."""

    policy: str


@dataclass(frozen=True)
class TakeUp(Act):
    """A state takes up an instrument that is aimed at nobody abroad."""

    instrument: str


@dataclass(frozen=True)
class Lift(Act):
    """A state ends a policy of its own."""

    policy: str


@dataclass(frozen=True)
class Answer(Act):
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
class Judgment(Act):
    """A court decides the suit of a firm."""

    won: bool


@dataclass(frozen=True)
class SaleRefused(Act):
    """The home state of a firm does not let a sale pass."""

    home: str


@dataclass(frozen=True)
class Sold(Act):
    """A platform is sold, as the scenario has it."""

    buyer: str
    home: str


@dataclass(frozen=True)
class Hosted(Act):
    """A platform hosts the data of a state there, as the scenario has it."""

    state: str


@dataclass(frozen=True)
class Other(Act):
    """An act in the words of the author of the behaviour or the instrument; the program prints them and reads nothing.

    Attributes
    ----------
    words : str
        What comes after the name of who acts, such as ``calls a summit``.
    """

    words: str


# --- reasons --------------------------------------------------------------------------------------------------------


class Reason(Coded):
    """Why somebody does it."""


@dataclass(frozen=True)
class FirstStrike(Reason):
    """Nobody began before.

    Attributes
    ----------
    leading : str
        What made the firm feared most: ``economy``, ``technology`` or ``popularity``.
    """

    leading: str


@dataclass(frozen=True)
class Retaliation(Reason):
    """Another state hit the firms of this one with a policy."""

    by: str
    firms: tuple[Aim, ...]
    policy: str


@dataclass(frozen=True)
class GaveWay(Reason):
    """The other side gave way."""


@dataclass(frozen=True)
class Imitation(Reason):
    """Another state has done it before with a policy."""

    of: str
    policy: str


@dataclass(frozen=True)
class Allegiance(Reason):
    """The state is close to a leader and a rival of its adversary."""

    leader: str
    adversary: str


@dataclass(frozen=True)
class Membership(Reason):
    """The state has joined the programme of a leader against an adversary."""

    leader: str
    adversary: str


@dataclass(frozen=True)
class Opposed(Reason):
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
class Cooled(Reason):
    """The state is less willing than it was when it joined.

    Attributes
    ----------
    share : float
        Willingness today against that of the day on which it joined [1].
    """

    share: float


@dataclass(frozen=True)
class Left(Reason):
    """The state has left the programme of a leader against an adversary."""

    leader: str
    adversary: str


@dataclass(frozen=True)
class GaveUp(Reason):
    """The leader of a programme has ended what its members took over."""

    leader: str


@dataclass(frozen=True)
class Enough(Reason):
    """There are enough policies of one state against another for a programme, or no longer enough.

    Attributes
    ----------
    policies : int
    """

    policies: int


@dataclass(frozen=True)
class Reviewed(Reason):
    """The reasons for a policy no longer outweigh its cost.

    Attributes
    ----------
    new_government : bool
        Whether a new government finds so.
    """

    new_government: bool


@dataclass(frozen=True)
class Tired(Reason):
    """The dispute costs the state itself more than it wins."""


@dataclass(frozen=True)
class Turnover(Reason):
    """Governments change, in free states more often than in others."""


@dataclass(frozen=True)
class Trend(Reason):
    """Platforms, firms and economies rise and fall."""


@dataclass(frozen=True)
class PushedBack(Reason):
    """The people of the state pushed back."""


@dataclass(frozen=True)
class Cheapest(Reason):
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
class Demanded(Reason):
    """A policy demands it."""

    policy: str


@dataclass(frozen=True)
class Settled(Reason):
    """The scenario says how a policy of some states ends."""

    policy: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Stated(Reason):
    """A reason in the words of the author of the behaviour; the program prints them and reads nothing."""

    words: str


# --- decisions ------------------------------------------------------------------------------------------------------


class Policy(Protocol):
    """The attributes that a decision reads of the policy that follows from it."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def instrument(self) -> str:
        """What is done."""


@dataclass(frozen=True)
class PolicyName:
    """The id and the instrument of a policy, as they are stored."""

    id: str
    instrument: str


@dataclass(frozen=True)
class Decision:
    """One decision.

    Attributes
    ----------
    day : datetime.date
        When it was taken.
    who : str
        The state that decided (alpha-2 code), or the platform; for a firm with several, the one that represents it.
    behaviour : str
        Which behaviour it comes from.
    act : Act
        What is done.
    target : tuple of Aim
        Whom it is aimed at, if anybody.
    policy : Policy, optional
        The policy that follows from it: all its keys while the model runs, so that it joins those of the scenario;
        a `PolicyName` once it is stored.
    cause : str
        Id of the policy or decision that it follows from, or the fact of the tables, ``fact:TABLE:KEY``.
    scores : mapping of str to float
        What was weighed, by name.
    reason : Reason
        Why.
    platforms : tuple of str
        All platforms for which a firm decides; empty for a state.
    """

    day: date
    who: str
    behaviour: str
    act: Act
    target: tuple[Aim, ...] = ()
    policy: Policy | None = None
    cause: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    reason: Reason = field(default_factory=lambda: Stated(""))
    platforms: tuple[str, ...] = ()

    @property
    def target_label(self) -> str:
        """The labels of what it is aimed at, for tables and ids."""
        return ", ".join(aim.label for aim in self.target)

    @property
    def id(self) -> str:
        """The id of its policy; a decision without one goes by state, target and day."""
        return self.policy.id if self.policy else name_of(self.who, self.target_label, self.day)

    @property
    def rests_on_fact(self) -> bool:
        """Whether its cause is a fact of the tables and no earlier decision or policy."""
        return self.cause.startswith(FACT)

    def stored(self) -> Decision:
        """Return the decision in its stored form: scores with six digits, and the id and instrument of the policy."""
        policy = None if self.policy is None else PolicyName(self.policy.id, self.policy.instrument)
        scores = {name: float(f"{value:.6g}") for name, value in sorted(self.scores.items())}
        return replace(self, policy=policy, scores=scores)


def name_of(state: str, target: str, day: date) -> str:
    """Return the id of a decided policy: state, target and day."""
    word = re.sub("[^a-z0-9]+", "-", target.casefold()).strip("-") or "measure"
    return f"{state}-{word[:40]}-{day}"


class Behaviour:
    """What states or platforms decide by themselves; a subclass is switched on by its name in a scenario.

    The name is that of the class, ``TitForTat`` is ``tit_for_tat``, and the summary is the first line of its docstring.
    Each arm has an object of its own, which may remember things from one day to the next.

    Attributes
    ----------
    name, summary : str
    every_days : int
        Days from one turn to the next [days].
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    every_days: ClassVar[int] = 30

    def __init_subclass__(cls, **keys: Any) -> None:
        super().__init_subclass__(**keys)
        cls.name = snake_case(cls.__name__)
        cls.summary = (cls.__doc__ or "").strip().partition("\n")[0]

    def act(self, model: Any) -> Iterable[Decision]:
        """Return what is decided today: unless a subclass has another order, what each state decides in turn.

        Parameters
        ----------
        model : sim.actors.politics.Politics
            The arm: its law, its states and platforms, and what was decided before.
        """
        for state in model.outlook.deciding:
            yield from state.step(self)

    def decide(self, state: Any) -> Iterable[Decision]:
        """Return what a state decides today: nothing, unless a subclass says what.

        Parameters
        ----------
        state : sim.actors.states.State
        """
        return ()


# --- as plain data, for files ---------------------------------------------------------------------------------------


_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)
"""Returns what turns a dataclass into plain data and back."""


def to_data(decision: Decision) -> dict[str, Any]:
    """Return a decision as mappings, lists, texts and numbers, which JSON can hold.

    ``object`` holds what the act says, ``target`` and ``platforms``; ``reason`` its code and what it says.
    """
    act, reason = decision.act, decision.reason
    about = _adapter(type(act)).dump_python(act, mode="json")
    aims = [{"name": aim.name} | ({"sector": aim.sector} if aim.sector else {}) for aim in decision.target]
    about |= {"target": aims} if aims else {}
    about |= {"platforms": list(decision.platforms)} if decision.platforms else {}
    return {
        "date": decision.day.isoformat(),
        "who": decision.who,
        "behaviour": decision.behaviour,
        "instrument": decision.policy.instrument if decision.policy else "",
        "policy": decision.policy.id if decision.policy else "",
        "cause": decision.cause,
        "scores": dict(decision.scores),
        "act": act.code,
        "object": about,
        "reason": {"code": reason.code, **_adapter(type(reason)).dump_python(reason, mode="json")},
    }


def from_data(data: Mapping[str, Any]) -> Decision:
    """Return the decision that `to_data` turned into plain data.

    Raises
    ------
    ValueError
        When the data hold an act or a reason that this program does not know, or one that lacks a part.
    KeyError
        When a part of the decision is missing.
    """
    about, reason = dict(data["object"]), dict(data["reason"])
    target, platforms = about.pop("target", []), about.pop("platforms", [])
    return Decision(
        day=date.fromisoformat(data["date"]),
        who=data["who"],
        behaviour=data["behaviour"],
        act=_read(Act.known, data["act"], about),
        target=tuple(Aim(**aim) for aim in target),
        policy=PolicyName(data["policy"], data["instrument"]) if data["policy"] else None,
        cause=data["cause"],
        scores={name: float(value) for name, value in data["scores"].items()},
        reason=_read(Reason.known, reason.pop("code"), reason),
        platforms=tuple(platforms),
    )


def _read(known: Mapping[str, type[Any]], code: str, data: Mapping[str, Any]) -> Any:
    """Return the act or reason of a code."""
    if code not in known:
        raise ValueError(f"there is no '{code}' among {', '.join(known)}")
    return _adapter(known[code]).validate_python(data)

"""Decisions of states and platforms as values: who does what, to whom and why. No value contains a
sentence.

Behaviours create decisions and compare them; results count them; `text.decisions` turns them into
English. To add an act or a reason, add a row to the tables here, and its words there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, make_dataclass, replace
from datetime import date
from functools import cache
from typing import Any, ClassVar

from pydantic import TypeAdapter

from .core.plugins import Item, snake_case

FACT = "fact:"
"""Prefix of the cause of a decision if the cause is a fact: ``fact:TABLE:KEY``."""


@dataclass(frozen=True)
class Aim:
    """The target of a decision.

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
    """A value that is stored under a code, the name of its class in small letters: `ShutOut` is
    ``shut_out``.

    Attributes
    ----------
    code : str
    known : dict of str to type
        The acts, or the reasons, by code.
    """

    code: ClassVar[str]
    known: ClassVar[dict[str, type[Any]]]

    def __init_subclass__(cls, **keys: Any) -> None:
        super().__init_subclass__(**keys)
        if "known" in vars(cls):
            return
        cls.code = snake_case(cls.__name__)
        if cls.code in cls.known and cls.known[cls.code].__module__ != cls.__module__:
            raise ValueError(
                f"{cls.__module__}.{cls.__name__}: the code '{cls.code}' is already in use"
            )
        cls.known[cls.code] = cls


class Act(Coded):
    """An act of a state or firm; each subclass is a frozen dataclass with the details of one kind
    of act.
    """

    known: ClassVar[dict[str, type[Any]]] = {}


class Reason(Coded):
    """The reason for an act; each subclass is a frozen dataclass with the details of one kind of
    reason.
    """

    known: ClassVar[dict[str, type[Any]]] = {}


def _act(name: str, summary: str, base: type[Coded] = Act, **parts: Any) -> Any:
    """Return the frozen dataclass of an act: its name, what it means, and the type of each part."""
    return make_dataclass(
        name,
        parts.items(),
        bases=(base,),
        frozen=True,
        namespace={"__doc__": summary},
        module=__name__,
    )


def _reason(name: str, summary: str, **parts: Any) -> Any:
    """Return the frozen dataclass of a reason."""
    return _act(name, summary, Reason, **parts)


# --- acts: of states, of the world, of firms, of a scenario ---------------------------------------

Strike = _act("Strike", "A state acts against a firm with an instrument.", instrument=str)
Demand = _act(
    "Demand", "A state demands something of platforms, which they may answer.", instrument=str
)
ShutOut = _act(
    "ShutOut", "A state keeps a firm out by means that the modelled network does not have."
)
Launch = _act(
    "Launch",
    "A state opens a programme against an adversary, which others may join.",
    adversary=str,
)
Join = _act(
    "Join",
    "A state joins the programme of a leader against an adversary.",
    leader=str,
    adversary=str,
)
Leave = _act(
    "Leave",
    "A member leaves the programme of a leader against an adversary.",
    leader=str,
    adversary=str,
)
Dissolve = _act(
    "Dissolve",
    "A programme ends; its leader has too few policies against its adversary.",
    adversary=str,
)
TakeOver = _act("TakeOver", "A new member of a programme takes over a policy of it.", policy=str)
TakeUp = _act(
    "TakeUp", "A state takes up an instrument that is aimed at nobody abroad.", instrument=str
)
Lift = _act("Lift", "A state ends a policy of its own.", policy=str)
Spare = _act("Spare", "A state leaves alone a platform that it would else have restricted today.")
# readiness: how ready to act it is, against the government of the first day [1]
TakeOffice = _act("TakeOffice", "A new government takes office.", readiness=float)
# what: popularity, share, revenue or economy; factor: today against the first day [1]
Grew = _act(
    "Grew",
    "Something in the world has grown so far that a state acts on it.",
    what=str,
    factor=float,
)
# kind: comply, contest (in court), sell, leave or evade; in_effect: whether it takes effect on this
# day
Answer = _act("Answer", "A firm answers a demand, now or in effect.", kind=str, in_effect=bool)
Judgment = _act("Judgment", "A court decides the suit of a firm.", won=bool)
SaleRefused = _act("SaleRefused", "The home state of a firm does not let a sale pass.", home=str)
Sold = _act("Sold", "A platform is sold, as the scenario has it.", buyer=str, home=str)
Hosted = _act(
    "Hosted", "A platform hosts the data of a state there, as the scenario has it.", state=str
)
# words: what comes after the name of who acts, such as "calls a summit"; the program prints it and
# never reads it
Other = _act(
    "Other", "An act in the words of the author of a behaviour or an instrument.", words=str
)

# --- reasons --------------------------------------------------------------------------------------

# leading: what made the firm feared most, economy, technology or popularity
FirstStrike = _reason("FirstStrike", "Nobody began before.", leading=str)
# leading: the reason that sets the platform apart most; near: the moment that is near, or empty
Likely = _reason(
    "Likely", "The record says that an order is likely in such a situation.", leading=str, near=str
)
Retaliation = _reason(
    "Retaliation",
    "A state hit firms of this one with a policy.",
    by=str,
    firms=tuple[Aim, ...],
    policy=str,
)
GaveWay = _reason("GaveWay", "The other side gave way.")
Tired = _reason("Tired", "The dispute costs the state itself more than it wins.")
Imitation = _reason(
    "Imitation", "Another state has done it before with a policy.", of=str, policy=str
)
Allegiance = _reason(
    "Allegiance", "Close to a leader and a rival of its adversary.", leader=str, adversary=str
)
Membership = _reason(
    "Membership",
    "A member of a leader's programme against an adversary.",
    leader=str,
    adversary=str,
)
Left = _reason(
    "Left",
    "No longer a member of a leader's programme against an adversary.",
    leader=str,
    adversary=str,
)
# share: willingness today against that of the day on which the state joined [1]
Cooled = _reason("Cooled", "Less willing than on the day of joining.", share=float)
# by: the leader of the state, or of another programme that the state is in
Opposed = _reason("Opposed", "A policy sets the state against its own camp.", by=str, policy=str)
GaveUp = _reason(
    "GaveUp", "The leader of a programme has ended what its members took over.", leader=str
)
Enough = _reason(
    "Enough",
    "A state has so many policies against another, enough for a programme or not.",
    policies=int,
)
Reviewed = _reason(
    "Reviewed", "The reasons for a policy no longer outweigh its cost.", new_government=bool
)
Hardened = _reason("Hardened", "A stricter order takes its place.")
Turnover = _reason("Turnover", "Governments change, in free states more often than in others.")
Trend = _reason("Trend", "Platforms, firms and economies rise and fall.")
PushedBack = _reason("PushedBack", "The people of the state pushed back.")
Protested = _reason("Protested", "Large protests came in the state.")
Obeyed = _reason("Obeyed", "A platform has obeyed a demand of the state.", policy=str)
Threatened = _reason("Threatened", "A firm would rather leave than obey.", firm=str)
# cost, refusing: expected costs of the answer and of refusing [US dollars]
Cheapest = _reason(
    "Cheapest", "No answer to a policy costs less.", policy=str, cost=float, refusing=float
)
Demanded = _reason("Demanded", "A policy demands it.", policy=str)
Settled = _reason(
    "Settled", "The scenario says how a policy of some states ends.", policy=str, by=tuple[str, ...]
)
# words: the program prints them and never reads them
Stated = _reason("Stated", "A reason in the words of the author of a behaviour.", words=str)


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
        The state that decided (alpha-2 code), or the platform; for a firm with several, the one
        that represents it.
    behaviour : str
        Which behaviour it comes from.
    act : Act
        What is done.
    target : tuple of Aim
        Whom it is aimed at, if anybody.
    policy : Policy or PolicyName, optional
        The policy that follows from it: all its keys while the model runs, so that it joins those
        of the scenario; a `PolicyName` once it is stored.
    cause : str
        Id of the policy or decision that it follows from, or the fact of the tables,
        ``fact:TABLE:KEY``.
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
    act: Any
    target: tuple[Aim, ...] = ()
    policy: Any = None
    cause: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    reason: Any = field(default_factory=lambda: Stated(""))
    platforms: tuple[str, ...] = ()

    @property
    def target_label(self) -> str:
        """The labels of what it is aimed at, for tables and ids."""
        return ", ".join(aim.label for aim in self.target)

    @property
    def id(self) -> str:
        """The id of its policy; a decision without one goes by state, target and day."""
        return (
            str(self.policy.id) if self.policy else name_of(self.who, self.target_label, self.day)
        )

    @property
    def rests_on_fact(self) -> bool:
        """True if its cause is a fact of the tables, not an earlier decision or policy."""
        return self.cause.startswith(FACT)

    def stored(self) -> Decision:
        """Return the decision in its stored form: scores with six digits, and the id and instrument
        of the policy.
        """
        policy = None if self.policy is None else PolicyName(self.policy.id, self.policy.instrument)
        scores = {name: float(f"{value:.6g}") for name, value in sorted(self.scores.items())}
        return replace(self, policy=policy, scores=scores)


def name_of(state: str, target: str, day: date) -> str:
    """Return the id of a decided policy: state, target and day."""
    word = re.sub("[^a-z0-9]+", "-", target.casefold()).strip("-") or "measure"
    return f"{state}-{word[:40]}-{day}"


class Switched(Item):
    """Base of items that a scenario switches on by name under ``behaviour``: `Behaviour` and
    `PeopleRule`.

    Each arm has an object of its own, which may remember things from one day to the next.

    Attributes
    ----------
    every_days : int
        Days from one turn to the next [days].
    """

    items: ClassVar[str] = "behaviours"
    every_days: ClassVar[int]


class Behaviour(Switched):
    """Base class for decisions of states or platforms. A scenario switches a subclass on by its
    name.
    """

    every_days: ClassVar[int] = 30

    def is_due(self, model: Any) -> bool:
        """Return whether the behaviour acts today."""
        return bool(model.day % self.every_days == 0)

    def act(self, model: Any) -> Iterable[Decision]:
        """Return today's decisions. By default each state decides in turn.

        Parameters
        ----------
        model : splinternet.actors.politics.Politics
            The arm: its law, its states and platforms, and what was decided before.
        """
        for state in model.outlook.deciding:
            yield from self.decide(state)

    def decide(self, state: Any, *about: Any) -> Iterable[Decision]:
        """Return the decisions of one state today; by default none.

        Parameters ---------- state : splinternet.actors.agents.State *about The subject of the
        question, such as another state, if a behaviour asks more than once a day.
        """
        return ()


# --- as plain data, for files ---------------------------------------------------------------------


ADOPTS = Strike | ShutOut | TakeUp | TakeOver
"""Acts by which a state adopts a policy."""


def camps_of(decisions: Iterable[Decision]) -> dict[tuple[str, str], frozenset[str]]:
    """Return (leader, adversary) -> members of each programme after all decisions, without
    programmes that have no members.
    """
    inside: dict[tuple[str, str], set[str]] = {}
    for d in decisions:
        match d.act:
            case Launch(adversary):
                inside[d.who, adversary] = {d.who}
            case Dissolve(adversary):
                inside.pop((d.who, adversary), None)
            case Join(leader, adversary):
                inside.setdefault((leader, adversary), {leader}).add(d.who)
            case Leave(leader, adversary):
                inside.get((leader, adversary), set()).discard(d.who)
    return {pair: frozenset(states) for pair, states in inside.items() if len(states) > 1}


def to_data(decision: Decision) -> dict[str, Any]:
    """Return a decision as mappings, lists, texts and numbers, which JSON can hold.

    ``object`` holds what the act says, ``target`` and ``platforms``; ``reason`` its code and what
    it says.
    """
    about = asdict(decision.act)
    if decision.target:
        about["target"] = [
            {"name": aim.name} | ({"sector": aim.sector} if aim.sector else {})
            for aim in decision.target
        ]
    if decision.platforms:
        about["platforms"] = list(decision.platforms)
    return {
        "date": decision.day.isoformat(),
        "who": decision.who,
        "behaviour": decision.behaviour,
        "instrument": decision.policy.instrument if decision.policy else "",
        "policy": decision.policy.id if decision.policy else "",
        "cause": decision.cause,
        "scores": dict(decision.scores),
        "act": decision.act.code,
        "object": about,
        "reason": {"code": decision.reason.code, **asdict(decision.reason)},
    }


def from_data(data: Mapping[str, Any]) -> Decision:
    """Return the decision that `to_data` turned into plain data.

    Raises
    ------
    ValueError
        When the data hold an act or a reason that this program does not know, or one that lacks a
        part.
    KeyError
        When a part of the decision is missing.
    """
    about = dict(data["object"])
    reason = dict(data["reason"])
    target = about.pop("target", [])
    platforms = about.pop("platforms", [])
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


_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def _read(known: Mapping[str, type[Any]], code: str, parts: Mapping[str, Any]) -> Any:
    """Return the act or reason of a code, its parts checked."""
    if code not in known:
        raise ValueError(f"there is no '{code}' among {', '.join(known)}")
    return _adapter(known[code]).validate_python(parts)

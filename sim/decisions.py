"""Decisions of states and platforms as values: who does what, to whom and why. No value contains a
sentence. Behaviours create decisions and compare them; results count them; `text.decisions` turns
them into English. To add an act or a reason, add a row to the tables of this module, and its words
to the templates.
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
        Sector of a firm without a platform: ``carrier``, ``cloud``, ``phones``; otherwise empty.
    """

    name: str
    sector: str = ""

    @property
    def label(self) -> str:
        """The name, with the sector if there is one, because a firm can have several sectors."""
        return f"{self.name} ({self.sector})" if self.sector else self.name


class Coded:
    """A value that is stored under a code, which is the name of its class in snake case: `ShutOut`
    is ``shut_out``.

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
    """Return a frozen dataclass for an act, from its name, its meaning, and the type of each
    part.
    """
    return make_dataclass(
        name,
        parts.items(),
        bases=(base,),
        frozen=True,
        namespace={"__doc__": summary},
        module=__name__,
    )


def _reason(name: str, summary: str, **parts: Any) -> Any:
    """Return a frozen dataclass for a reason."""
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
TakeOver = _act(
    "TakeOver", "A new member of a programme adopts a policy of the programme.", policy=str
)
TakeUp = _act("TakeUp", "A state adopts an instrument without a foreign target.", instrument=str)
Lift = _act("Lift", "A state ends a policy of its own.", policy=str)
Spare = _act("Spare", "A state spares a platform that it would otherwise have restricted today.")
# readiness: readiness to act relative to the government of the first day [1]
TakeOffice = _act("TakeOffice", "A new government takes office.", readiness=float)
# what: popularity, share, revenue or economy; factor: today relative to the first day [1]
Grew = _act(
    "Grew",
    "A quantity has grown so much that a state acts on it.",
    what=str,
    factor=float,
)
# kind: comply, contest (in court), sell, leave or evade; in_effect: whether it takes effect today
Answer = _act(
    "Answer", "A firm answers a demand, or its answer takes effect.", kind=str, in_effect=bool
)
Judgment = _act("Judgment", "A court decides a firm's suit.", won=bool)
SaleRefused = _act("SaleRefused", "The home state of a firm forbids a sale.", home=str)
Sold = _act("Sold", "A platform is sold, as stated in the scenario.", buyer=str, home=str)
Hosted = _act(
    "Hosted", "A platform hosts a state's data in that state, as stated in the scenario.", state=str
)
# words: the text after the actor's name, such as "calls a summit"; the program only prints it
Other = _act(
    "Other", "An act in the words of the author of a behaviour or an instrument.", words=str
)

# --- reasons --------------------------------------------------------------------------------------

# leading: the main reason of fear: economy, technology or popularity
FirstStrike = _reason("FirstStrike", "Nobody began before.", leading=str)
# leading: the reason in which the platform differs most; near: the event that is near, or empty
Likely = _reason(
    "Likely", "By the record, an order is likely in such a situation.", leading=str, near=str
)
Retaliation = _reason(
    "Retaliation",
    "A state acted against firms of this state with a policy.",
    by=str,
    firms=tuple[Aim, ...],
    policy=str,
)
GaveWay = _reason("GaveWay", "The other side gave way.")
Tired = _reason("Tired", "The dispute costs the state more than it gains.")
Imitation = _reason(
    "Imitation", "Another state has taken the same step with a policy.", of=str, policy=str
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
# share: willingness today relative to the day on which the state joined [1]
Cooled = _reason("Cooled", "Less willing than on the day of joining.", share=float)
# by: the state's leader, or the leader of another programme of the state
Opposed = _reason("Opposed", "A policy sets the state against its own camp.", by=str, policy=str)
GaveUp = _reason(
    "GaveUp", "The leader of a programme has ended a policy that its members adopted.", leader=str
)
Enough = _reason(
    "Enough",
    "The number of a state's policies against another, enough for a programme or not.",
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
    "Settled",
    "The scenario states how a policy of some states ends.",
    policy=str,
    by=tuple[str, ...],
)
# words: the program only prints them
Stated = _reason("Stated", "A reason in the words of the author of a behaviour.", words=str)


@dataclass(frozen=True)
class PolicyName:
    """The stored id and instrument of a policy."""

    id: str
    instrument: str


@dataclass(frozen=True)
class Decision:
    """One decision.

    Attributes
    ----------
    day : datetime.date
        The day of the decision.
    who : str
        The state that decided (alpha-2 code), or the platform; for a firm with several platforms,
        the platform that represents it.
    behaviour : str
        The behaviour that made it.
    act : Act
        The act.
    target : tuple of Aim
        The targets, if any.
    policy : Policy or PolicyName, optional
        The resulting policy: with all keys during the run, in which it joins those of the scenario;
        a `PolicyName` when stored.
    cause : str
        Id of the policy or decision that caused it, or the fact of the tables, ``fact:TABLE:KEY``.
    scores : mapping of str to float
        The weighed scores, by name.
    reason : Reason
        The reason for the act.
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
        """The labels of its targets, for tables and ids."""
        return ", ".join(aim.label for aim in self.target)

    @property
    def id(self) -> str:
        """The id of its policy; without a policy, an id of state, target and day, or of platform,
        demand and day.
        """
        if self.policy:
            return str(self.policy.id)
        # A firm may answer the demands of two states on one day.
        about = self.cause if self.platforms else self.target_label
        return name_of(self.who, about, self.day)

    @property
    def rests_on_fact(self) -> bool:
        """True if its cause is a fact of the tables, not an earlier decision or policy."""
        return self.cause.startswith(FACT)

    def stored(self) -> Decision:
        """Return the decision in its stored form: scores with six digits, and only the id and
        instrument of the policy.
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

    Each arm has its own object, which may store data from one day to the next.

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
            The arm, with its law, its states and platforms, and earlier decisions.
        """
        for state in model.outlook.deciding:
            yield from self.decide(state)

    def decide(self, state: Any, *about: Any) -> Iterable[Decision]:
        """Return the decisions of one state today; by default none.

        Parameters
        ----------
        state : splinternet.actors.agents.State
        *about
            The subject of the question, such as another state, if a behaviour asks more than once a
            day.
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
    """Return a decision as mappings, lists, texts and numbers for JSON.

    ``object`` contains the parts of the act, ``target`` and ``platforms``; ``reason`` contains its
    code and parts.
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
    """Return the decision from the plain data of `to_data`.

    Raises
    ------
    ValueError
        The act or the reason is unknown or lacks a part.
    KeyError
        A part of the decision is missing.
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
    """Return the act or reason with a code, after checking its parts."""
    if code not in known:
        raise ValueError(f"there is no '{code}' among {', '.join(known)}")
    return _adapter(known[code]).validate_python(parts)

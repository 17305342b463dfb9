"""The keys of every policy; the file of an instrument adds its own keys in a subclass named ``Keys``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sim.errors import Code
from sim.policies.values import (
    Day,
    DecidingStates,
    Name,
    Platforms,
    Prose,
    TechniqueName,
    Text,
    refuse,
)

if TYPE_CHECKING:
    from sim.facts import Facts

ObjectKind = Literal["platform", "carrier", "cable", "cloud", "maker", "state"]

Objects = Mapping[str, ObjectKind]


class Object(NamedTuple):
    """Something that a policy is aimed at.

    Attributes
    ----------
    kind : str
        One of `ObjectKind`.
    name : str
        As the scenario has it.
    """

    kind: ObjectKind
    name: str


class Known(NamedTuple):
    """What a policy's keys can be compared with while a scenario is read.

    Attributes
    ----------
    facts : Facts
        The tables of the scenario's world.
    homes, owners : mapping of str to str
        The home state and the owner of every platform, those that the scenario adds or changes among them.
    """

    facts: Facts
    homes: Mapping[str, str]
    owners: Mapping[str, str]


class Doubt(NamedTuple):
    """A key that is allowed and cannot take effect, or is probably not meant.

    Attributes
    ----------
    key : str
    found, allowed : str
        What stands there, and what would make sense, in words.
    """

    key: str
    found: str
    allowed: str


class PolicyKeys(BaseModel):
    """The keys that all instruments share, and what an instrument declares about itself in class variables.

    Attributes
    ----------
    id : str
        The policy's own name; other policies, sweeps and ``--set`` refer to it.
    instrument : str
        What is done: the name of a file in ``sim/policies``.
    by : tuple of str
        The states that do it, alpha-2 codes.
    targets : tuple of str
        The platforms it is aimed at, canonical names.
    on : date, optional
        First day in force; without it the policy is a bare threat.
    announced : date, optional
        The day people learn of it; the day it begins unless stated.
    until : date, optional
        The first day free again.
    technique : str, optional
        How the network enforces it, where the instrument leaves a choice.
    reference : str, optional
        The law, order or report it follows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    NEEDS_TARGETS: ClassVar[bool] = True
    """Whether it must name platforms; not where its own keys name the object."""
    OBJECTS: ClassVar[Objects] = {"targets": "platform"}
    """Keys that name what the policy is aimed at -> the kind of what they name, the main key first."""
    HEADLINES: ClassVar[tuple[str, ...]] = ()
    """Metrics that a sweep of its keys shows before all others: what it acts on first, where that is not people."""
    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset({"technique"})
    """Common keys that change nothing for this instrument; using one is a warning."""
    NOTES: ClassVar[frozenset[str]] = frozenset({"reference"})
    """Keys that are words for the reader and change nothing, whatever they say."""
    DOSES: ClassVar[tuple[str, ...]] = ()
    """Numeric keys whose larger values never give access back."""
    PARAMETERS: ClassVar[tuple[str, ...]] = ()
    """First words of the names of the parameters that it uses, beside its own name."""
    BANS: ClassVar[bool] = True
    """Whether it keeps its objects out, so that states that decide count it as a ban; not where it only demands."""
    PROMOTES: ClassVar[bool] = False
    """Whether it pushes its targets instead of restricting them."""
    SELLS: ClassVar[bool] = False
    """Whether it demands a sale, so that a platform can answer by selling and by nothing less."""
    HALTS: ClassVar[bool] = False
    """Whether it stops the policy that it names."""
    ENDS: ClassVar[bool] = False
    """Whether it stops that policy for good; governments that take a policy back use it."""
    EXTENDS: ClassVar[bool] = False
    """Whether it changes the date of the policy that it names."""
    CUTS_ALL: ClassVar[bool] = False
    """Whether it may cut every service of its states, so that all who have kin there could lose contact."""
    CUTS_NETWORKS: ClassVar[bool] = False
    """Whether it cuts networks rather than services, so that a run is about who still reaches whom."""
    RELIEVES: ClassVar[bool] = False
    """Whether it only gives back what others take, so that it costs nobody a channel."""
    SEVERS: ClassVar[bool] = False
    """Whether it takes away links of the carriers that it names, so that the contracts behind the links matter."""
    OUTAGE: ClassVar[bool] = False
    """Whether the tools that estimate the cost of shutdowns have a class for it: a service blocked or slowed."""

    id: Name
    """The policy's own name, without spaces or dots; sweeps and --set refer to it."""
    instrument: Text
    """What is done."""
    by: DecidingStates
    """The state or states that do it: alpha-2 codes or English names."""
    targets: Platforms = Field(default=(), validate_default=True)
    """The platform or platforms it is aimed at."""
    on: Day | None = None
    """First day in force. Without it the policy is a bare threat."""
    announced: Day | None = Field(default_factory=lambda keys: keys.get("on"))
    """The day people learn of it; the day it begins unless stated."""
    until: Day | None = None
    """The first day free again; without it, it stays."""
    technique: TechniqueName | None = None
    """How the network enforces it."""
    reference: Prose | None = None
    """The law, order or report it follows."""

    @field_validator("targets")
    @classmethod
    def _has_targets(cls, targets: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse a policy aimed at nothing, where the instrument needs an aim."""
        if cls.NEEDS_TARGETS and not targets:
            raise refuse("'targets' names no platform", "at least one platform", "targets: [WeChat]", Code.MISSING)
        return targets

    def objects(self) -> tuple[Object, ...]:
        """Return what the policy is aimed at, in the order of `OBJECTS`."""
        named = ((kind, getattr(self, key) or ()) for key, kind in self.OBJECTS.items())
        return tuple(Object(kind, name) for kind, names in named for name in names)

    def about(self) -> str | None:
        """Return the id of the policy that this one acts on; None where it acts on no other policy."""
        return None

    def doubts(self, known: Known) -> Iterator[Doubt]:
        """Return what it says that cannot take effect, as far as the instrument knows its own keys."""
        return iter(())

    def binds(self, other: PolicyKeys) -> bool:
        """Return whether it can act on another policy: a state stays, ends, extends or exempts from its own orders."""
        return bool(set(self.by) & set(other.by))

    def new_date(self) -> date | None:
        """Return the date that it gives the policy it names; None where it gives none."""
        return None

    def national_means(self) -> str | None:
        """Return the technique that all blocks of its states can use from now on; None where it builds no filter."""
        return None

    def people_cut_off(self) -> float:
        """Return the share of its states' people whom it takes off every network while it is in force [1]."""
        return 0.0

    def meets_filter(self) -> bool:
        """Return whether a platform that refuses it meets a filter, which counter-measures can evade."""
        return False

    def announced_day(self, start: date) -> int | None:
        """Return the day people learn of it, counted from the first day of the run [days]; None if never.

        A policy dated before the run is known from its first day.
        """
        return None if self.announced is None else max(0, (self.announced - start).days)

    def first_day(self, start: date) -> int | None:
        """Return the first day in force, counted from the run's first [days]; None for a bare threat."""
        return None if self.on is None else max(0, (self.on - start).days)

    def free_day(self, start: date) -> int | None:
        """Return the first day free again, counted from the run's first [days]; None if it stays."""
        return None if self.until is None else max(0, (self.until - start).days)

    def days_known(self, today: date) -> int | None:
        """Return for how many days people have known of it [days]; None while they do not."""
        return None if self.announced is None or self.announced > today else (today - self.announced).days

    def bites(self, today: date) -> date | None:
        """Return the day from which people lose something by it, as it looks today; None for a bare threat.

        An instrument with a clock of its own says so here: its law is in force from `on`, and is feared until it bites.
        """
        return self.on

    def due(self) -> date | None:
        """Return the date that `put_off` changes; None for a bare threat."""
        return self.on

    def put_off(self, to: date) -> Self:
        """Return the same policy with its date extended: the day it begins, or its deadline where it has one."""
        return self.model_copy(update={"on": to})

    def in_force(self, today: date) -> bool:
        """Return whether its own dates put it in force on a day; a court's stay is not its own."""
        return self.on is not None and self.on <= today and (self.until is None or today < self.until)

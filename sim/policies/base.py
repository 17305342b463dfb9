"""Policies: one pydantic class for each instrument, with its keys as fields and its hooks as
methods.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..core.cut import NOTHING, Cut
from ..core.plugins import Item
from ..errors import Code
from .targets import Targets
from .values import Day, DecidingStates, Name, Prose, TechniqueName, Text, Who, refuse

if TYPE_CHECKING:
    import numpy as np

    from ..decisions import Act
    from ..people.access import AccessTable
    from ..people.setting import Setting

ObjectKind = Literal["platform", "carrier", "cable", "cloud", "maker", "state"]
HOOKS = ("apply", "relieve", "cut", "cost", "feared", "happens", "sanctions", "answered")
"""The methods of `Policy` by which an instrument acts; an instrument overrides at least one."""


class Object(NamedTuple):
    """A target of a policy: its kind, and its name in the scenario."""

    kind: ObjectKind
    name: str


class Sanction(NamedTuple):
    """The sanction that a platform expects from a day on if it refuses a demand."""

    on: date
    fine: float = 0.0
    """Single payment [US dollars]."""
    revenue: float = 0.0
    """Share of the revenue in the state that is lost [1]."""
    users: float = 0.0
    """Share of the users in the state who are lost [1]."""


class Event(NamedTuple):
    """A permanent change by a policy: the platform or state, the event, and the new setting."""

    platform: str
    act: Act
    setting: Setting


@dataclass(frozen=True)
class DayInForce:
    """A day on which a policy is in force, as its hooks see it.

    Attributes
    ----------
    number : int
        Days since the first day in force, which is 0 [days].
    setting : Setting
        States, platforms and parameters of the scenario.
    date : datetime.date or None
        The date; None for the expected full effect of a policy without a first day.
    """

    number: int
    setting: Setting
    date: dt.date | None = None

    def rows(self, states: tuple[str, ...]) -> list[int]:
        """Return the rows of states in the access table."""
        return [self.setting.states.index(state) for state in states]

    def cells(
        self, states: tuple[str, ...], platforms: tuple[str, ...]
    ) -> Iterator[tuple[int, int]]:
        """Yield the row and the column in the access table of each state with each platform."""
        return product(
            self.rows(states), [self.setting.platforms.index(name) for name in platforms]
        )


class Policy(BaseModel, Item):
    """Base class of all instruments, with the keys that all policies share and the hooks, which do
    nothing by default.

    A subclass is an instrument: ``class PaymentBan(Policy)`` is called ``payment_ban`` in
    scenarios, and the first line of its docstring says what it does. Its class variables describe
    it to other parts of the program.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )
    items: ClassVar[str] = "instruments"

    CASE: ClassVar[str] = ""
    """Cases in which it was used or ordered."""
    EXAMPLE: ClassVar[Mapping[str, Any]] = {}
    """Keys of one policy in a scenario, without ``id`` and ``instrument``. The checks add ``on``
    and, for an instrument that acts on another policy, a policy with the id ``ban``.
    """
    VERB: ClassVar[str] = ""
    """Verb for a state that adopts the instrument, placed before the name of its object; empty for
    the default verb.
    """
    NEEDS_TARGETS: ClassVar[bool] = True
    """Whether it must name platforms; False if its own keys name the object."""
    OBJECTS: ClassVar[Mapping[str, ObjectKind]] = {"targets": "platform"}
    """Keys that name the policy's objects -> kind of object, the main key first."""
    HEADLINES: ClassVar[tuple[str, ...]] = ()
    """Metrics that a sweep of its keys shows first, for an instrument whose first effect is not on
    people.
    """
    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset({"technique"})
    """Common keys that change nothing for this instrument; using one is a warning."""
    NOTES: ClassVar[frozenset[str]] = frozenset({"reference"})
    """Keys for the reader, without any effect."""
    DOSES: ClassVar[tuple[str, ...]] = ()
    """Numeric keys whose larger values never increase access."""
    PARAMETERS: ClassVar[tuple[str, ...]] = ()
    """Prefixes of the names of parameters that it uses, besides its own name."""
    BANS: ClassVar[bool] = True
    """Whether the instrument keeps its targets out, so that deciding states count it as a ban;
    false if it only demands something.
    """
    PROMOTES: ClassVar[bool] = False
    """Whether it pushes its targets instead of restricting them."""
    NEEDS_OFFICE: ClassVar[bool] = False
    """Whether obedience needs an office or machines in the state, which is impossible if the firm's
    home bars all trade.
    """
    SELLS: ClassVar[bool] = False
    """Whether it demands a sale, so that a platform can only obey by selling."""
    HALTS: ClassVar[bool] = False
    """Whether it stops the policy that it names."""
    ENDS: ClassVar[bool] = False
    """Whether it ends that policy for good; governments that revoke a policy use it."""
    EXTENDS: ClassVar[bool] = False
    """Whether it changes the date of the policy that it names, to its key `to`."""
    CUTS_ALL: ClassVar[bool] = False
    """Whether it may cut every service of its states, so that everybody with kin there could lose
    contact.
    """
    STEADY: ClassVar[bool] = False
    """Whether its effect on access is the same on all days in force, so that it is not computed
    every day.
    """
    FREES: ClassVar[bool] = False
    """Whether `relieve` needs the policies from which it frees people, and access without them."""
    SEVERS: ClassVar[bool] = False
    """Whether it cuts links of the named carriers, so that the contracts behind the links
    matter.
    """

    id: Name
    """A unique name of the policy without spaces or dots, to which sweeps and `--set` refer."""
    instrument: Text
    """The name of the instrument."""
    by: DecidingStates
    """The state or states that act, by alpha-2 code or English name."""
    targets: Targets = Field(default=(), validate_default=True)
    """The targets: platforms, firms, kinds, `all`, or a selection such as `{home: US, except:
    [X]}`.
    """
    on: Day | None = None
    """First day in force. A policy without this date is a threat that never takes effect."""
    announced: Day | None = Field(default_factory=lambda keys: keys.get("on"))
    """The day on which people learn of the policy; by default the first day in force."""
    until: Day | None = None
    """The first day on which the policy is no longer in force; a policy without this date does not
    end.
    """
    technique: TechniqueName | None = None
    """The technique by which the network enforces the policy."""
    who: Who | None = None
    """The people to whom the policy applies, by age, share, community or region; by default
    everybody in its states.
    """
    reference: Prose | None = None
    """The law, order or report on which the policy is based."""

    @model_validator(mode="before")
    @classmethod
    def _with_instrument(cls, keys: Any) -> Any:
        """Add the name of the instrument if Python code makes a policy from the class."""
        return (
            {"instrument": cls.name, **keys}
            if isinstance(keys, dict) and cls is not Policy
            else keys
        )

    @field_validator("targets")
    @classmethod
    def _has_targets(cls, targets: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse a policy without a target if the instrument needs one."""
        if cls.NEEDS_TARGETS and not targets:
            raise refuse(
                "'targets' names no platform",
                "at least one platform",
                "targets: [WeChat]",
                Code.MISSING,
            )
        return targets

    def __str__(self) -> str:
        """Return its set keys in one line: ``ban: block; by: US; ...``."""
        said = [f"{self.id}: {self.instrument}"]
        for key in type(self).model_fields:
            value = getattr(self, key)
            if key in ("id", "instrument", "reference") or value is None or value == ():
                continue
            text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            said.append(f"{key}: {text}")
        return "; ".join(said)

    @field_validator("who")
    @classmethod
    def _concerns_people(cls, who: Who | None) -> Who | None:
        """Refuse `who` for an instrument that does not act on people's access."""
        if who is not None and cls is not Policy and not cls.acts_on_people():
            found = f"{cls.name} concerns whole states, not some of their people"
            raise refuse(
                found,
                "an instrument that acts on people's access and cuts no network",
                "leave 'who' out",
            )
        return who

    def __hash__(self) -> int:
        """Return the hash of its id, which is fast and works for any keys."""
        return hash(self.id)

    @classmethod
    @cache
    def has(cls, hook: str) -> bool:
        """Return whether the instrument defines a hook."""
        return getattr(cls, hook) is not getattr(Policy, hook)

    @classmethod
    def relieves(cls) -> bool:
        """Return whether it reduces the effect of other policies, as an exemption or a bridge
        does.
        """
        return cls.has("relieve")

    @classmethod
    def acts_on_people(cls) -> bool:
        """Return whether it acts only on people's access, so that it can concern some of them."""
        return (cls.has("apply") or cls.relieves()) and not cls.has("cut")

    @classmethod
    def cuts_networks(cls) -> bool:
        """Return whether it cuts networks rather than services, so that results are about reach."""
        return cls.has("cut") or cls.has("people_cut_off")

    @classmethod
    def demands(cls) -> bool:
        """Return whether it is a demand that platforms may answer."""
        return cls.has("sanctions")

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Restrict access on a day in force (in place); of the table and the policy, the stricter
        counts.

        Parameters
        ----------
        access : AccessTable
            Access of the day.
        day : DayInForce
        """

    def stage(self, day: DayInForce) -> Hashable:
        """Return the stage of its effect on access: equal on days with the same effect, None once
        it is final.

        By default the number of the day, for an effect that changes every day.

        Parameters
        ----------
        day : DayInForce
        """
        return None if self.STEADY else day.number

    def relieve(
        self, access: AccessTable, free: AccessTable, freed: tuple[Policy, ...], day: DayInForce
    ) -> None:
        """Restore access, or add a channel (in place), after all restrictions.

        Parameters
        ----------
        access : AccessTable
            Access of the day.
        free : AccessTable
            Access without the policies in ``freed``.
        freed : tuple of Policy
            The policies from which this one frees people; empty unless the instrument has ``FREES =
            True``.
        day : DayInForce
        """

    def cut(self, day: DayInForce) -> Cut:
        """Return what is cut on the carrier graph."""
        return NOTHING

    def cost(self, users: np.ndarray, day: DayInForce) -> np.ndarray:
        """Return the cost of the policy to platforms, shape (states, platforms) [US dollars a day].

        Parameters
        ----------
        users : numpy.ndarray, shape (states, platforms)
            People who use each platform [persons].
        day : DayInForce
        """
        return users * 0.0

    def feared(self, targets: tuple[str, ...], setting: Setting) -> Policy | None:
        """Return the policy that people expect when this one is announced; None for none.

        Parameters
        ----------
        targets : tuple of str
            The targets that have not yet obeyed; never empty.
        setting : Setting
        """
        return self

    def happens(self, today: date, setting: Setting) -> list[Event]:
        """Return the permanent changes on a day in force, such as a sale, each with the new
        setting.
        """
        return []

    def sanctions(self, setting: Setting) -> list[Sanction]:
        """Return the sanctions that a refusing platform expects, in order of days; an instrument
        with this hook is a demand.
        """
        return []

    def answered(self, platform: str, answer: str, setting: Setting) -> Setting:
        """Return the setting after a platform has answered a demand (``complied, sold, freed, left,
        evades``).
        """
        return setting

    def is_done(self, setting: Setting) -> bool:
        """Return whether the demand has been met for good, as by a sale, so that nothing is left to
        lift.
        """
        return False

    def objects(self) -> tuple[Object, ...]:
        """Return the objects of the policy, in the order of `OBJECTS`."""
        return tuple(
            Object(kind, name)
            for key, kind in self.OBJECTS.items()
            for name in getattr(self, key) or ()
        )

    def about(self) -> str | None:
        """Return the id of the policy on which this one acts, its key ``policy``; None without
        one.
        """
        return getattr(self, "policy", None)

    def binds(self, other: Policy) -> bool:
        """Return whether it can act on another policy: states stay, end, extend and relieve only
        their own orders.
        """
        return bool(set(self.by) & set(other.by))

    def without(self, states: Collection[str]) -> Self | None:
        """Return the policy after some of its states have stayed or ended it; None if none is left.
        An order against another state's people ends as a whole, because it does not assign its
        targets to states.
        """
        left = tuple(state for state in self.by if state not in states)
        if left == self.by:
            return self
        is_whole = self.concerns() != self.by and self.targets
        return self.model_copy(update={"by": left}) if left and not is_whole else None

    def parts(self) -> tuple[Policy, ...]:
        """Return the parts of the policy for different people, each with its own `who`; by default
        the policy itself.
        """
        return (self,)

    @property
    def mark(self) -> str:
        """Name of the class of people to whom the policy applies: its id, plus words for a part."""
        return self.id

    def names_age(self) -> bool:
        """Return whether it concerns people by age, so that the ages of each platform's users
        matter.
        """
        return self.who is not None and self.who.age is not None

    def concerns(self) -> tuple[str, ...]:
        """Return the states whose people it concerns, all or those in `who`."""
        return self.by

    def acts_by_owner(self) -> bool:
        """Return whether the owners of its targets act, not the states."""
        return False

    def said_as(self) -> str:
        """Return the name of its sentence, for an instrument with several; else empty."""
        return ""

    def spares(self) -> tuple[str, ...]:
        """Return states that order it for another state without an effect on their own people."""
        return ()

    def national_means(self) -> str | None:
        """Return the technique that all blocks of its states can use from now on; None if it builds
        no filter.
        """
        return None

    def share_built(self, days: float) -> float:
        """Return the share of lines behind the filter that it builds, after some days in force
        [1].
        """
        return 1.0

    def people_cut_off(self) -> float:
        """Return the share of its states' people whom it cuts off all networks while in force
        [1].
        """
        return 0.0

    def meets_filter(self) -> bool:
        """Return whether a refusal leads to a filter, which counter-measures can evade."""
        return False

    def idle_keys(self) -> frozenset[str]:
        """Return the keys that change nothing in this policy: those of its class, but the technique
        counts where a block may follow.
        """
        return self.IDLE_KEYS - {"technique"} if self.meets_filter() else self.IDLE_KEYS

    def days_known(self, today: date) -> int | None:
        """Return the days since people learned of it [days]; None before."""
        return (
            None
            if self.announced is None or self.announced > today
            else (today - self.announced).days
        )

    def bites(self, today: date) -> date | None:
        """Return the day from which people would lose something by it, as known today; None for a
        bare threat.

        An instrument with a deadline has a law in force from `on`, which is feared until the
        deadline.
        """
        return self.due()

    def due(self) -> date | None:
        """Return the date that `put_off` changes; None for a bare threat."""
        return self.on

    def put_off(self, to: date) -> Self:
        """Return the same policy with a later date: its first day, or its deadline if it has
        one.
        """
        return self.model_copy(update={"on": to})

    def in_force(self, today: date) -> bool:
        """Return whether its own dates put it in force on a day, apart from any stay."""
        return self.on is not None and self.on <= today and not self.is_over(today)

    def is_over(self, today: date) -> bool:
        """Return whether its own end has come."""
        return self.until is not None and self.until <= today

    def on_day(self, number: int, setting: Setting) -> DayInForce:
        """Return a day in force for its hooks, from the number of days since the first day."""
        return DayInForce(
            number, setting, None if self.on is None else self.on + timedelta(days=number)
        )


# ``from`` is not a name in Python, so that the field cannot be written as the others are.
FROM_FIELDS: dict[str, Any] = {
    "from": (
        DecidingStates,
        Field(
            description="The state or states whose people lose access; `by` is the actor: the home "
            "of an owner who leaves, or the state that cuts."
        ),
    )
}


def dates_in(value: object) -> Iterator[date]:
    """Yield every date in a policy or in the value of a key, including those in steps."""
    if isinstance(value, date):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from dates_in(item)
    elif isinstance(value, BaseModel):
        for key in type(value).model_fields:
            yield from dates_in(getattr(value, key))

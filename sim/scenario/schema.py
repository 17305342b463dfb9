"""The keys of a scenario and of its parts as frozen models, each with its meaning, unit and
default.

The JSON Schema for editors, the listing of keys and most checks follow from these models. The names
of behaviours are known without importing them, so that reading scenarios needs no array packages.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date as calendar_date
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from .. import decisions
from ..core.groups import USERS, Group, is_community
from ..core.plugins import Registry
from ..errors import Code, Place, Problem, did_you_mean
from ..facts.model import REST_OF_WORLD, Kind, Mode
from ..people.rule import PeopleRule
from ..policies.values import (
    Day,
    Number,
    PlatformName,
    Platforms,
    Positive,
    Prose,
    Share,
    StateCode,
    Text,
    Texts,
    YesOrNo,
    no_twins,
    origin_name,
    platform_name,
    refuse,
    state_code,
)

OTHER = "other"
"""Key for everybody whose origin is not named, in a penetration by group."""
MOST_OF_STATE = 0.5
"""Largest share of a state's people in a community: a larger one is not a part of the state, but
the state itself.
"""
BASELINE = "baseline"
FIRST_DAY = "first_day"
INTERNET_USERS = "internet_users"
MEMBERS = "members"
REFERENCES: dict[str, str] = {
    BASELINE: "The same figure without the policies, on the same day.",
    FIRST_DAY: "The same figure without the policies, on the first day.",
    INTERNET_USERS: "The internet users of the state.",
    MEMBERS: "The members of the group.",
}
"""Bases of a share, besides the users of a platform and the same figure on another date."""
ObservedKind = Literal["kept", "gained", "vpn", "decay", "return", "speed", "contact", "routes"]
KINDS: dict[ObservedKind, str] = {
    "kept": "The use that a restricted platform retains.",
    "gained": "The gain of another platform.",
    "vpn": "The number of people who have a VPN.",
    "decay": "The part of a gain that remains some time later.",
    "return": "The use that returns once the order is lifted.",
    "speed": "The gain of another platform within hours or days.",
    "contact": "Contact with family abroad.",
    "routes": "Reach over the routes of carriers.",
}
LARGEST_FIGURE = 20
"""Largest figure, as a multiple of its reference: a larger figure is a percentage or a mistake
(assumption).
"""
INCREMENTS: frozenset[ObservedKind] = frozenset({"gained", "speed"})
"""Kinds that count an increase (policy minus baseline). The other kinds count a level."""


class Part(BaseModel):
    """A part of a scenario, frozen and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Range(Part):
    """An uncertain quantity, which ensembles draw."""

    low: Number
    """Lowest value that a seed can draw."""
    high: Number
    """Highest value that a seed can draw."""
    distribution: Literal["uniform", "log-uniform"] = "uniform"
    """Distribution of the draw between `low` and `high`."""

    def at(self, part: float) -> float:
        """Return the value at a part of the range, 0 for the low end and 1 for the high end.

        Parameters
        ----------
        part : float
            A uniform draw [1].
        """
        if self.distribution == "uniform":
            return self.low + part * (self.high - self.low)
        return float(self.low * (self.high / self.low) ** part)


def _origin(text: str, info: ValidationInfo) -> str:
    """Resolve the origin of a group: a state, a community within one, or everybody else."""
    return text if text == OTHER else origin_name(text, info)


def _number_or_table(value: object) -> str:
    """Distinguish a single number from a table of numbers by name."""
    return "by name" if isinstance(value, Mapping) else "one number"


def _community(text: str) -> str:
    """Refuse a text that cannot name a community."""
    if text == USERS:
        found = f"'{USERS}' names the users of targeted platforms, which the model samples apart"
        raise refuse(found, "another name", "Tibetans, say")
    if not is_community(text):
        allowed = "letters, digits, blanks and hyphens, and a letter first"
        raise refuse(f"'{text}' cannot name a community", allowed, "Tibetans, say")
    return text


Origin = Annotated[str, Field(json_schema_extra={"x-names": "origin"}), AfterValidator(_origin)]
Penetration = Annotated[
    Annotated[Share, Tag("one number")] | Annotated[Mapping[Origin, Share], Tag("by name")],
    Discriminator(_number_or_table),
]
PenetrationByState = Annotated[
    Annotated[Share, Tag("one number")]
    | Annotated[Mapping[StateCode, Penetration], Tag("by name")],
    Discriminator(_number_or_table),
]
People = Annotated[Number, Field(ge=1, le=1e10)]
CommunityName = Annotated[Text, Field(max_length=40), AfterValidator(_community)]
Migrants = Annotated[Number, Field(ge=1, le=1e9)]


class PlatformKeys(Part):
    """A new platform, or changes of a known one; a new platform takes missing values from its
    ``kind``.
    """

    owner: Text | None = None
    """The owner of the platform."""
    home: StateCode | None = None
    """The state whose law applies to the owner."""
    kind: Kind | None = None
    """The kind of platform."""
    modes: Annotated[tuple[Mode, ...], Field(min_length=1), AfterValidator(no_twins)] | None = None
    """Activities on the platform."""
    hosting: Texts | None = None
    """The clouds that host the platform; `own` means the firm's own data centres."""
    stores: Texts | None = None
    """The app stores that offer the platform; an empty list means a website."""
    evasion: Share | None = None
    """Share of a block's coverage that the platform's own counter-measures undo [1]."""
    penetration: PenetrationByState | None = None
    """Share of internet users who used the platform in the last 30 days [1]; one number for all
    states, or numbers by state or group.
    """


class StateKeys(Part):
    """A new state, or changes of a known one."""

    name: Text | None = None
    """English name."""
    population: People | None = None
    """Residents [persons]."""
    internet_users: People | None = None
    """Residents who use the Internet [persons]."""
    gdp_per_head: Annotated[Number, Field(ge=1, le=1e7)] | None = None
    """Gross domestic product per resident [US dollars of 2015]."""
    ios_share: Share | None = None
    """Share of smartphones that are iPhones [1]."""
    vpn_share: Share | None = None
    """Share of internet users with a VPN that opens blocked services [1]."""


class CommunityKeys(Part):
    """A named group within a state: a share of its people with their own platforms, blocks and
    diaspora.
    """

    share: Annotated[Number, Field(ge=1e-6, le=MOST_OF_STATE)]
    """Share of the state's people who belong to the community [1]."""
    platforms: Mapping[PlatformName, Share] = Field(default_factory=dict)
    """Share of the community's internet users who used a platform in the last 30 days [1]. Without
    an entry, the share is that of the state's other people.
    """
    blocks: Platforms = ()
    """Platforms that are blocked for the community in both arms from before the first day, in
    addition to those blocked in the whole state.
    """
    fear: Share = 0.0
    """Share of the community's families who ended contact with kin abroad on all platforms before
    the first day [1].
    """
    diaspora: Mapping[StateCode, Migrants] = Field(default_factory=dict)
    """People abroad who come from the community, by state of residence [persons]; the diaspora of
    the whole state no longer includes them.
    """

    @field_validator("diaspora")
    @classmethod
    def _has_places(cls, diaspora: Mapping[str, float]) -> Mapping[str, float]:
        """Refuse a diaspora that lives in the rest of the world, which is not a single place."""
        if REST_OF_WORLD in diaspora:
            raise refuse(
                "a diaspora in the rest of the world (XX)", "a state", "leave it out", Code.INVALID
            )
        return diaspora


class World(Part):
    """The world before the first day: the fact tables, and this scenario's changes."""

    facts: Annotated[Text, Field(json_schema_extra=lambda schema: schema.pop("default", None))] = ""
    """The world to start from; by default the shipped world whose date is nearest to `start`."""
    penetration: Mapping[StateCode, Mapping[PlatformName, Penetration]] = Field(
        default_factory=dict
    )
    """Share of internet users who used a platform in the last 30 days [1], by state, platform and
    group.
    """
    vpn_share: Mapping[StateCode, Share] = Field(default_factory=dict)
    """Share of a state's internet users who have a VPN that opens blocked services [1]."""
    internet_users: Mapping[StateCode, People] = Field(default_factory=dict)
    """Number of internet users by state [persons]."""
    migrants: Mapping[StateCode, Mapping[StateCode, People]] = Field(default_factory=dict)
    """Number of people in diasporas to add or change, by state of residence and state of birth
    [persons].
    """
    platforms: Mapping[Text, PlatformKeys] = Field(default_factory=dict)
    """Platforms to add or change, by name."""
    states: Mapping[Text, StateKeys] = Field(default_factory=dict)
    """States to add or change, by alpha-2 code."""
    blocks: Mapping[StateCode, Platforms] = Field(default_factory=dict)
    """Platforms blocked before the first day, by state; this applies to both arms, except where
    `blocks_policy_arm` names the state.
    """
    blocks_policy_arm: Mapping[StateCode, Platforms] = Field(default_factory=dict)
    """Platforms blocked on the first day of the policy arm, by state, in place of `blocks`; both
    arms have the same people.
    """
    communities: Mapping[StateCode, Mapping[CommunityName, CommunityKeys]] = Field(
        default_factory=dict
    )
    """Named groups within a state, by state and name, such as Uyghurs, Tibetans or Kashmiris."""


def _of(value: object) -> object:
    """Accept a date as well as a name."""
    if isinstance(value, calendar_date) and not isinstance(value, datetime):
        return value.isoformat()
    return value


def _reference(text: str, info: ValidationInfo) -> str:
    """Resolve the reference of a figure: a word, a date, or the name of a platform."""
    word = text.strip().replace(" ", "_")
    if word in REFERENCES:
        return word
    with suppress(ValueError):
        return calendar_date.fromisoformat(text).isoformat()
    try:
        return platform_name(text, info)
    except PydanticCustomError as error:
        allowed = ", ".join(REFERENCES) + ", a date, or the name of a platform"
        hint = did_you_mean(word, REFERENCES) or (error.context or {})["hint"]
        raise refuse(f"'{text}' cannot be the reference of a share", allowed, hint) from None


def _group(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a group, with its states given by code or name."""
    try:
        group = Group.read(text)
        states = (state_code(group.residence, info), state_code(group.origin, info))
        return str(Group(*states, group.side, group.community))
    except ValueError as error:
        if isinstance(error, PydanticCustomError):
            raise
        raise refuse(
            str(error), "a group of people", "US<-CN, or family:US<-CN for their families"
        ) from None


Reference = Annotated[
    Text,
    Field(json_schema_extra={"x-names": "reference"}),
    AfterValidator(_reference),
    BeforeValidator(_of),
]


class Observed(Part):
    """One observed figure."""

    date: Day
    """The day to which the figure refers."""
    metric: Annotated[Text, Field(json_schema_extra={"x-names": "metric"})]
    """The metric that counts as the source does."""
    state: StateCode | None = None
    """The state to which the figure refers."""
    platform: Platforms = ()
    """The platform; for a list of platforms, the figure is the sum of their users."""
    group: Annotated[Text, AfterValidator(_group)] | None = None
    """The group, such as IN<-CN, if the metric is reported by group."""
    of: Reference = BASELINE
    """The quantity of which the figure is a share: `baseline`, `first_day`, `internet_users`,
    `members`, a date or the name of a platform.
    """
    value: Number
    """The figure [1]; for the kinds `gained` and `speed` it is an increase over the baseline."""
    tolerance: Positive
    """Largest error of a forecast that still counts as near [1]."""
    kind: ObservedKind = "kept"
    """The effect that the figure tests, which decides how the model computes its own figure."""
    meter: Prose | None = None
    """The source's method of counting."""
    source: Prose | None = None
    """The publication of the figure."""
    confidence: Literal["A", "B", "C"] | None = None
    """Reliability of the figure, from A (highest) to C (lowest)."""
    use: Literal["scored", "soft", "evidence"] = "scored"
    """Whether the figure counts in the score; tables list the other figures outside the score."""
    row: Text | None = None
    """Id of the figure in the table of the record."""
    note: Prose | None = None
    """Derivation of the figure from the published numbers, and differences between the source and
    the metric.
    """

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        """Refuse a figure without a place, a percentage, and a share whose reference is missing."""
        for name, figure in (("value", self.value), ("tolerance", self.tolerance)):
            if abs(figure) > LARGEST_FIGURE:
                allowed = f"a share of what 'of' names, at most {LARGEST_FIGURE}"
                raise refuse(f"'{name}' is {figure:g}", allowed, "write 0.76 for 76 %")
        if self.state is None and self.group is None:
            raise refuse("neither 'state' nor 'group'", "the place of the figure", "state: IR")
        if self.of == MEMBERS and self.group is None:
            raise refuse(
                "'of: members' without a group",
                "the group whose members are meant",
                "group: US<-IR",
            )
        if self.of == INTERNET_USERS and self.state is None:
            raise refuse(
                "'of: internet_users' without a state",
                "the state whose users are meant",
                "state: IR",
            )
        if self.reference_platform is not None and self.state is None:
            raise refuse(
                "'of' names a platform but there is no state",
                "the state whose users are meant",
                "state: IR",
            )
        if self.reference_day is not None and self.reference_day >= self.date:
            raise refuse(
                f"'of' is {self.of}, not before {self.date}", "a date before that of the figure"
            )
        return self

    @property
    def reference_day(self) -> calendar_date | None:
        """The date that `of` names, if it names one."""
        with suppress(ValueError):
            return calendar_date.fromisoformat(self.of)
        return None

    @property
    def reference_platform(self) -> str | None:
        """The platform that `of` names, if it names one."""
        return None if self.of in REFERENCES or self.reference_day is not None else self.of

    @property
    def is_increment(self) -> bool:
        """True if the figure counts the increase over the baseline."""
        return self.kind in INCREMENTS


def _faults(behaviour: type[decisions.Switched]) -> Iterator[Problem]:
    """Yield the errors of a behaviour."""
    place = behaviour.place()
    name = behaviour.__name__
    base = PeopleRule if issubclass(behaviour, PeopleRule) else decisions.Behaviour
    if not behaviour.summary:
        yield Problem(place, f"class {name} has no docstring", "what it does, in a sentence")
    if not isinstance(behaviour.every_days, int) or behaviour.every_days < 1:
        yield Problem(
            place,
            f"every_days is {behaviour.every_days!r}",
            "1 or more, the days from one turn to the next",
        )
    hooks = {"decide": "def decide(self, people, today)"}
    if base is decisions.Behaviour:
        hooks = {"decide": "def decide(self, state)", "act": "def act(self, model)"}
    elif (
        issubclass(behaviour, PeopleRule)
        and len(taken := inspect.signature(behaviour.decide).parameters) != 3
    ):
        where = Place(
            behaviour.decide.__code__.co_filename, behaviour.decide.__code__.co_firstlineno
        )
        yield Problem(where, f"def decide({', '.join(taken)})", hooks["decide"])
    if all(getattr(behaviour, hook) is getattr(base, hook) for hook in hooks):
        hints = [did_you_mean(key, hooks) for key in vars(behaviour) if not key.startswith("_")]
        hint = next(filter(None, hints), "")
        yield Problem(place, f"class {name} decides nothing", ", or ".join(hooks.values()), hint)


BEHAVIOURS = Registry(
    "behaviours",
    {
        "platforms": "splinternet.actors.firms",
        "targets": "splinternet.actors.control",
        "control": "splinternet.actors.control",
        "retaliation": "splinternet.actors.answer",
        "imitation": "splinternet.actors.answer",
        "coalition": "splinternet.actors.answer",
        "pushback": "splinternet.actors.review",
        "governments": "splinternet.actors.review",
    },
    decisions.Switched.declared_in,
    _faults,
)
"""The behaviours by name, in the order of keys and tables. Names are known without importing any
behaviour.
"""


def _is_of_people(name: str) -> bool:
    """Return whether a behaviour is a user's rule for people; shipped behaviours are not, and are
    not loaded.
    """
    return name not in BEHAVIOURS.shipped() and issubclass(BEHAVIOURS[name], PeopleRule)


class Behaviour(Part):
    """Decisions of states and platforms, each of which a scenario switches on separately."""

    # Each behaviour has a key. Shipped behaviours are off by default; a user's own behaviour has a
    # key only if stated, so that imports do not change other scenarios.
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, YesOrNo]

    @model_validator(mode="before")
    @classmethod
    def _off_unless_stated(cls, keys: Any) -> Any:
        """Add the shipped behaviours that are not stated."""
        if not isinstance(keys, Mapping):
            return keys
        shipped = BEHAVIOURS.shipped()
        return {
            name: keys.get(name, False) for name in BEHAVIOURS if name in shipped or name in keys
        } | dict(keys)

    @property
    def on(self) -> tuple[str, ...]:
        """Names of the behaviours of states and platforms that are switched on."""
        return tuple(name for name in self._switched_on if not _is_of_people(name))

    @property
    def of_people(self) -> tuple[str, ...]:
        """Names of the user's own rules for people that are switched on, in alphabetical order."""
        return tuple(sorted(name for name in self._switched_on if _is_of_people(name)))

    @property
    def _switched_on(self) -> tuple[str, ...]:
        return tuple(name for name, switched in (self.__pydantic_extra__ or {}).items() if switched)

    def is_on(self, name: str) -> bool:
        """Return whether a behaviour is switched on."""
        return name in self._switched_on

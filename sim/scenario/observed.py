"""Observations of an event: the rows under ``observed:``, each a figure that a replay is compared with."""

from __future__ import annotations

from contextlib import suppress
from datetime import date as calendar_date
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from sim.errors import did_you_mean
from sim.groups import Group
from sim.policies.values import (
    Day,
    Number,
    Platforms,
    Positive,
    Prose,
    StateCode,
    Text,
    platform_name,
    refuse,
    state_code,
)

BASELINE, FIRST_DAY, INTERNET_USERS, MEMBERS = "baseline", "first_day", "internet_users", "members"
REFERENCES: dict[str, str] = {
    BASELINE: "The same figure without the policies, on the same day.",
    FIRST_DAY: "The same figure without the policies, on the first day.",
    INTERNET_USERS: "The internet users of the state.",
    MEMBERS: "The members of the group.",
}
"""What a figure may be a share of, besides the users of a platform and the same figure on a date."""
Kind = Literal["kept", "gained", "vpn", "decay", "return", "speed", "contact", "routes"]
KINDS: dict[Kind, str] = {
    "kept": "What is left of the use of a platform that was hit.",
    "gained": "What another platform has gained.",
    "vpn": "How many people have a VPN.",
    "decay": "What is left of a gain, some time after.",
    "return": "What is back once the order is lifted.",
    "speed": "What has been taken up within hours or days.",
    "contact": "Contact with family abroad.",
    "routes": "Reach over the carriers.",
}
MOST = 20
"""Largest figure, as a multiple of what it is a share of: more is a percentage or a slip (assumption)."""
INCREMENTS: frozenset[Kind] = frozenset({"gained", "speed"})
"""Kinds that count what came on top: policy less baseline. The others count what there is."""


def _of(value: object) -> object:
    """Accept a date as well as a name."""
    if isinstance(value, calendar_date) and not isinstance(value, datetime):
        return value.isoformat()
    return value


def _reference(text: str, info: ValidationInfo) -> str:
    """Resolve what a figure is a share of: a word, a date, or the name of a platform."""
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
        raise refuse(f"'{text}' is nothing to be a share of", allowed, hint) from None


def _group(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a group; its states are given by code or name."""
    try:
        group = Group.read(text)
        states = (state_code(group.residence, info), state_code(group.origin, info))
        return str(Group(*states, group.side, group.community))
    except ValueError as error:
        if isinstance(error, PydanticCustomError):
            raise
        raise refuse(str(error), "a group of people", "US<-CN, or family:US<-CN for their families") from None


Reference = Annotated[
    Text,
    Field(json_schema_extra={"x-names": "reference"}),
    AfterValidator(_reference),
    BeforeValidator(_of),
]


class Observed(BaseModel):
    """One observed figure."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    date: Day
    """The day that the figure is of."""
    metric: Annotated[Text, Field(json_schema_extra={"x-names": "metric"})]
    """The metric whose meter is like that of the source."""
    state: StateCode | None = None
    """Where."""
    platform: Platforms = ()
    """The platform; the users of several are added up."""
    group: Annotated[Text, AfterValidator(_group)] | None = None
    """The group, for a metric of groups, such as IN<-CN."""
    of: Reference = BASELINE
    """What the figure is a share of: baseline, first_day, internet_users, members, a date, or a platform's users."""
    value: Number
    """The figure [1]: an increment for the kinds gained and speed."""
    tolerance: Positive
    """How far a forecast may be off [1]."""
    kind: Kind = "kept"
    """What it tests, which also says how it is computed."""
    meter: Prose | None = None
    """Who counted what, and how."""
    source: Prose | None = None
    """Where it is printed."""
    confidence: Literal["A", "B", "C"] | None = None
    """How far the figure is to be trusted: A most, C least."""
    use: Literal["scored", "soft", "evidence"] = "scored"
    """Whether it counts in the score; what does not is shown beside it."""
    row: Text | None = None
    """Its id in the record table."""
    note: Prose | None = None
    """How the figure follows from what was printed, and what differs from the metric."""

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        """Refuse a figure of nowhere, a percentage, and a share of what the figure does not name."""
        for name, number in (("value", self.value), ("tolerance", self.tolerance)):
            if abs(number) > MOST:
                raise refuse(
                    f"'{name}' is {number:g}", f"a share of what 'of' names, at most {MOST}", "write 0.76 for 76 %"
                )
        if self.state is None and self.group is None:
            raise refuse("neither 'state' nor 'group'", "the place of the figure", "state: IR")
        if self.of == MEMBERS and self.group is None:
            raise refuse("'of: members' without a group", "a group for what is a share of its members", "group: US<-IR")
        if self.of == INTERNET_USERS and self.state is None:
            raise refuse("'of: internet_users' without a state", "the state whose users are meant", "state: IR")
        if self.reference_platform is not None and self.state is None:
            raise refuse("'of' names a platform but there is no state", "the state whose users are meant", "state: IR")
        if self.reference_day is not None and self.reference_day >= self.date:
            raise refuse(f"'of' is {self.of}, not before {self.date}", "a date before that of the figure")
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
        """Whether it counts what came on top of the baseline."""
        return self.kind in INCREMENTS

"""Whom a policy concerns: the key `who`, which narrows it to some of the people of its states.

All criteria that it states must hold. `splinternet.policies.classes` finds the people.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from ..errors import Code
from .values import Share, Text, parse_int, refuse, shown

OLDEST = 120
"""The highest age that a policy may name [years]."""

MOST = 63
"""The most policies with a `who` in a scenario: each is one bit of the class of a person."""


def _two_ages(value: object) -> object:
    """Accept two ages, the lower one first."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise refuse(f"{shown(value)} is no range of ages", "two ages in full years", "age: [0, 15]", Code.TYPE)
    return tuple(value)


def _age(value: int) -> int:
    """Refuse what is no age."""
    if not 0 <= value <= OLDEST:
        raise refuse(f"an age of {shown(value)}", f"0 to {OLDEST} years", "", Code.RANGE)
    return value


def _in_order(ages: tuple[int, int]) -> tuple[int, int]:
    """Refuse a range of ages upside down."""
    if ages[0] > ages[1]:
        found, hint = f"from {ages[0]} to {ages[1]} years", f"age: [{ages[1]}, {ages[0]}]"
        raise refuse(found, "the lower age first", hint, Code.ORDER)
    return ages


_Age = Annotated[int, AfterValidator(_age), BeforeValidator(parse_int)]
Ages = Annotated[
    tuple[_Age, _Age],
    AfterValidator(_in_order),
    BeforeValidator(_two_ages),
]


class Who(BaseModel):
    """Some of the people of a policy's states: those for whom all that is stated holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    age: Ages | None = None
    """The youngest and the oldest, in full years, both included [years]."""
    share: Share | None = None
    """Share of the people, drawn at random by the id of the policy [1]."""
    community: Text | None = None
    """A community within the state, from `world.communities`."""
    region: Text | None = None
    """A region of the state, from the table of regions."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        """Refuse to narrow a policy by nothing."""
        if not self.model_fields_set or all(value is None for value in vars(self).values()):
            allowed = f"at least one of {', '.join(type(self).model_fields)}"
            raise refuse("'who' names nobody", allowed, "leave it out for everybody", Code.MISSING)
        return self

    def __str__(self) -> str:
        """Return it in words, as the people whom it concerns."""
        words = "people" if self.share is None else f"{100 * self.share:g} % of the people"
        if self.age is not None:
            words += f" aged {self.age[0]} to {self.age[1]}"
        if self.community is not None:
            words += f" of the community {self.community}"
        return words + (f" in {self.region}" if self.region is not None else "")

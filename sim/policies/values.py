"""The kinds of value that the keys of a scenario and of its policies take."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from sim.errors import Code, unreadable
from sim.policies.names import (
    Names,
    cable_name,
    carrier_name,
    cloud_name,
    deciding_state,
    maker_name,
    no_carrier_twice,
    origin_name,
    platform_name,
    policy_id,
    refuse,
    state_code,
    store_name,
    technique_name,
)

__all__ = ["Names", "origin_name", "platform_name", "refuse", "state_code"]

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""First and last year of a policy's dates: a law may be old, and the range of dates in Python is limited."""
MOST_GATEWAYS = 10**12
"""A bound above any real number; if a state has fewer gateways, a warning says so."""


def _carrier(value: object) -> object:
    """Accept an AS number written as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else _text(value)


def _text(value: object) -> object:
    """Refuse numbers, dates and yes/no where a text is meant, and say how to write it; and what cannot be shown."""
    if isinstance(value, str):
        if not value.strip():
            raise refuse("an empty text", "a text")
        if fault := unreadable(value):
            raise refuse(fault, "letters, digits, punctuation and blanks", "remove it")
        return value
    if isinstance(value, bool | int | float | date):
        raise refuse(f"{shown(value)} is not a text", "a text", f"put it in quotes: '{shown(value)}'", code=Code.TYPE)
    raise refuse(f"{shown(value)} is not a text", "a text", code=Code.TYPE)


def _one_line(value: object) -> object:
    """Refuse a text of several lines. A name that ends in a line break equals no other."""
    text = _text(value)
    if isinstance(text, str) and ("\n" in text or "\t" in text):
        raise refuse("a text with a line break or a tab", "one line", ">- drops the last line break")
    return text


def _line(value: object) -> object:
    """Refuse a text of several lines; a line break at its end is that of the file, as `title: >` leaves it."""
    return _one_line(value.rstrip("\n") if isinstance(value, str) else value)


def number(value: object) -> object:
    """Refuse everything but a finite number; a yes/no or a text that looks like one is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        if not isinstance(value, str | bytes) and not isinstance(value, bool) and hasattr(value, "__float__"):
            return float(value)
        raise refuse(f"{shown(value)} is not a number", "a number", code=Code.TYPE)
    if isinstance(value, float) and value - value != 0:  # NaN and infinities differ from themselves
        raise refuse(f"{value} is not a finite number", "a finite number")
    if isinstance(value, int) and abs(value) > 10**300:
        raise refuse("a number of more than 300 digits", "a finite number")
    return value


def whole(value: object) -> object:
    """Refuse everything but a whole number; 1e5 counts as one."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise refuse(f"{shown(value)} is not a whole number", "a whole number", code=Code.TYPE)
    return operator.index(value)


def _day(value: object) -> object:
    """Accept a date or its text YYYY-MM-DD; a time of day means nothing here."""
    if isinstance(value, datetime):
        raise refuse(f"{value} has a time of day", "a date, YYYY-MM-DD")
    if isinstance(value, str) and len(value) == len("YYYY-MM-DD"):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if not isinstance(value, date):
        raise refuse(
            f"{shown(value)} is not a date", "a date that exists, YYYY-MM-DD, such as 2020-08-06", code=Code.TYPE
        )
    return _in_range(value)


def _in_range(day: date) -> date:
    """Refuse a day that no policy has; a date so far off stands for never, or is a slip."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        hint = "leave it out if it means never" if day.year > LAST_YEAR else ""
        raise refuse(f"the year {day.year}", f"a day from {FIRST_YEAR} to {LAST_YEAR}", hint, Code.RANGE)
    return day


def _yes_or_no(value: object) -> object:
    """Refuse everything but true and false."""
    if not isinstance(value, bool):
        raise refuse(f"{shown(value)} is neither true nor false", "true or false", code=Code.TYPE)
    return value


def _gateways(value: object) -> object:
    """Accept a number of gateways, or the word all."""
    if value == "all":
        return value
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise refuse(f"{shown(value)} is not a number of gateways", "a whole number from 0, or all", code=Code.TYPE)
    if value > MOST_GATEWAYS:
        raise refuse(f"{shown(value)} is too large", f"at most {MOST_GATEWAYS:,}, or all", "all", Code.RANGE)
    return value


def one_or_more(value: object) -> object:
    """Turn one name into a list of one; the rest is left for the list's own check."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise refuse(f"{shown(value)} is not a name", "a name, or a list of names", code=Code.TYPE)
    return items


def no_twins(items: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a name that appears twice in a list, in whatever spelling."""
    twins = [item for position, item in enumerate(items) if item in items[:position]]
    if twins:
        raise refuse(f"'{twins[0]}' appears twice", "each name once", code=Code.DUPLICATE)
    return items


def shown(value: object) -> str:
    """Return a value as a user would write it, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    quoted = f"'{value}'" if isinstance(value, str) else _digits(value)
    text = quoted.lower() if isinstance(value, bool) else quoted
    return text if len(text) <= 60 else f"{text[:57]}..."


def _digits(value: object) -> str:
    """Return the text of any other value; Python refuses to write out an integer of thousands of digits."""
    if isinstance(value, int) and abs(value) >= 10**60:
        return "a number of more than 60 digits"
    return str(value)


Text = Annotated[str, BeforeValidator(_one_line)]
Line = Annotated[str, BeforeValidator(_line)]
Prose = Annotated[str, BeforeValidator(_text)]
"""A text of one line that others may refer to, such as a name; one that is only read, such as a title; and one that
may have several lines, such as a source."""
YesOrNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Day = Annotated[date, BeforeValidator(_day)]
Number = Annotated[float, BeforeValidator(number)]
Share = Annotated[float, Field(ge=0, le=1), BeforeValidator(number)]
Amount = Annotated[float, Field(ge=0), BeforeValidator(number)]
Positive = Annotated[float, Field(gt=0), BeforeValidator(number)]
Whole = Annotated[int, BeforeValidator(whole)]
Count = Annotated[int, Field(ge=0), BeforeValidator(whole)]
Days = Annotated[int, Field(ge=1), BeforeValidator(whole)]
Name = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64), BeforeValidator(_text)]
Gateways = Annotated[int | str, BeforeValidator(_gateways)]

# The marks x-... add to the JSON Schema which names an editor should offer, and where brackets may be left out.
_STATE, _PLATFORM = (
    Field(json_schema_extra={"x-names": "state"}),
    Field(json_schema_extra={"x-names": "platform"}),
)
_STORE, _TECHNIQUE = (
    Field(json_schema_extra={"x-names": "store"}),
    Field(json_schema_extra={"x-names": "technique"}),
)
_ONE_OR_MORE = Field(json_schema_extra={"x-one-or-more": True})

StateCode = Annotated[str, _STATE, AfterValidator(state_code)]
DecidingState = Annotated[str, _STATE, AfterValidator(deciding_state)]
PlatformName = Annotated[str, _PLATFORM, AfterValidator(platform_name)]
StoreName = Annotated[str, _STORE, AfterValidator(store_name)]
TechniqueName = Annotated[str, _TECHNIQUE, AfterValidator(technique_name)]
CloudName = Annotated[str, AfterValidator(cloud_name)]
MakerName = Annotated[str, AfterValidator(maker_name)]
CarrierName = Annotated[str, BeforeValidator(_carrier), AfterValidator(carrier_name)]
CableName = Annotated[str, AfterValidator(cable_name)]
PolicyId = Annotated[str, AfterValidator(policy_id)]

Texts = Annotated[tuple[Text, ...], _ONE_OR_MORE, AfterValidator(no_twins), BeforeValidator(one_or_more)]
Platforms = Annotated[tuple[PlatformName, ...], _ONE_OR_MORE, AfterValidator(no_twins), BeforeValidator(one_or_more)]
States = Annotated[tuple[StateCode, ...], _ONE_OR_MORE, AfterValidator(no_twins), BeforeValidator(one_or_more)]
DecidingStates = Annotated[
    tuple[DecidingState, ...],
    Field(min_length=1),
    _ONE_OR_MORE,
    AfterValidator(no_twins),
    BeforeValidator(one_or_more),
]
Stores = Annotated[tuple[StoreName, ...], _ONE_OR_MORE, AfterValidator(no_twins), BeforeValidator(one_or_more)]
Clouds = Annotated[
    tuple[CloudName, ...], Field(min_length=1), _ONE_OR_MORE, AfterValidator(no_twins), BeforeValidator(one_or_more)
]
Carriers = Annotated[
    tuple[CarrierName, ...],
    _ONE_OR_MORE,
    AfterValidator(no_twins),
    AfterValidator(no_carrier_twice),
    BeforeValidator(one_or_more),
]
Cables = Annotated[tuple[CableName, ...], _ONE_OR_MORE, AfterValidator(no_twins), BeforeValidator(one_or_more)]
Makers = Annotated[tuple[MakerName, ...], _ONE_OR_MORE, AfterValidator(no_twins), BeforeValidator(one_or_more)]

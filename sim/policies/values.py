"""The kinds of value that the keys of a scenario and of its policies take.

Names of states, platforms, stores and policies are resolved while a scenario is read, against a
:class:`Names` given as pydantic's validation context; without one, in a test say, they are taken as they are.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from sim.errors import did_you_mean
from sim.facts import Facts, find_platform, find_state
from sim.facts.names import fold

REST_OF_WORLD = "XX"

TECHNIQUES: Mapping[str, str] = MappingProxyType(
    {
        "dns": "The name is not answered: a change of one setting gets round it.",
        "isp": "Blocklists run by each provider: uneven, and in over weeks.",
        "dpi": "National boxes that look into the traffic: Great Firewall, TSPU.",
        "geoblock": "The platform itself shuts that state out.",
        "calls_only": "Voice and video calls are cut; text works.",
    }
)


def refuse(found: str, allowed: str, hint: str = "") -> PydanticCustomError:
    """Return the error that a validator raises: what was found, what is allowed, how to mend it."""
    return PydanticCustomError("refused", "{found}; {allowed}", {"found": found, "allowed": allowed, "hint": hint})


@dataclass(frozen=True)
class Names:
    """The names that a scenario may use: those of its facts, and those it adds.

    Attributes
    ----------
    facts : Facts
        The fact tables of the scenario's world.
    states, platforms : mapping
        What the scenario itself adds: any spelling, folded -> the canonical name.
    policies : tuple of str
        The ids of the scenario's policies.
    """

    facts: Facts
    states: Mapping[str, str] = field(default_factory=dict)
    platforms: Mapping[str, str] = field(default_factory=dict)
    policies: tuple[str, ...] = ()

    def state(self, text: str) -> str | None:
        """Return the alpha-2 code of a state given by code, name or alias; None when unknown."""
        return find_state(text, self.facts) or self.states.get(fold(text))

    def platform(self, text: str) -> str | None:
        """Return the canonical name of a platform given by name or alias; None when unknown."""
        return find_platform(text, self.facts) or self.platforms.get(fold(text))

    def stores(self) -> tuple[str, ...]:
        """Return the names of the app stores that some platform depends on."""
        return tuple(sorted({store for fact in self.facts.platforms.values() for store in fact.stores}))

    def spellings(self, kind: str) -> list[str]:
        """Return every spelling of the states (``kind="state"``) or platforms, for did-you-mean."""
        if kind == "state":
            known = [(code, fact.name, *fact.aliases) for code, fact in self.facts.states.items()]
            return [spelling for spellings in known for spelling in spellings] + list(self.states.values())
        named = [(name, *fact.aliases) for name, fact in self.facts.platforms.items()]
        return [spelling for spellings in named for spelling in spellings] + list(self.platforms.values())


def _names(info: ValidationInfo) -> Names | None:
    """Return the names in force, or None outside the reading of a scenario."""
    return info.context if isinstance(info.context, Names) else None


def state_code(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a state to its alpha-2 code."""
    names = _names(info)
    code = names.state(text) if names else text
    if code is None and names is not None:
        hint = did_you_mean(text, names.spellings("state")) or "splinternet list states names them"
        raise refuse(f"unknown state '{text}'", "an ISO 3166 alpha-2 code or an English name", hint)
    return code or text


def deciding_state(text: str, info: ValidationInfo) -> str:
    """Resolve a state that can decide: the rest of the world cannot."""
    code = state_code(text, info)
    if code == REST_OF_WORLD:
        raise refuse("the rest of the world (XX) has no government", "one of the other states")
    return code


def _platform(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a platform to its canonical name."""
    names = _names(info)
    name = names.platform(text) if names else text
    if name is None and names is not None:
        hint = did_you_mean(text, names.spellings("platform")) or "splinternet list platforms names them"
        raise refuse(f"unknown platform '{text}'", f"a platform of {names.facts.name} or of world.platforms", hint)
    return name or text


def _store(text: str, info: ValidationInfo) -> str:
    """Resolve the name of an app store."""
    names = _names(info)
    known = names.stores() if names else ()
    found = {store.casefold(): store for store in known}.get(text.strip().casefold())
    if found is None and known:
        raise refuse(f"unknown store '{text}'", "one of " + ", ".join(known), did_you_mean(text, known))
    return found or text


def _policy(text: str, info: ValidationInfo) -> str:
    """Check that a policy with this id stands in the scenario."""
    names = _names(info)
    if names is not None and text not in names.policies:
        allowed = "the id of another policy in this scenario: " + (", ".join(names.policies) or "there is none")
        raise refuse(f"no policy has the id '{text}'", allowed, did_you_mean(text, names.policies))
    return text


def _technique(text: str) -> str:
    """Check the name of a technique."""
    if text not in TECHNIQUES:
        raise refuse(f"unknown technique '{text}'", "one of " + ", ".join(TECHNIQUES), did_you_mean(text, TECHNIQUES))
    return text


def _text(value: object) -> object:
    """Refuse numbers, dates and yes/no where a text is meant, and say how to write it."""
    if isinstance(value, str):
        if not value.strip():
            raise refuse("an empty text", "a text")
        return value
    if isinstance(value, bool | int | float | date):
        raise refuse(f"{shown(value)} is not a text", "a text", f"put it in quotes: '{shown(value)}'")
    raise refuse(f"{shown(value)} is not a text", "a text")


def number(value: object) -> object:
    """Refuse everything but a finite number; a yes/no or a text that looks like one is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        if not isinstance(value, str | bytes) and not isinstance(value, bool) and hasattr(value, "__float__"):
            return float(value)
        raise refuse(f"{shown(value)} is not a number", "a number")
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
        raise refuse(f"{shown(value)} is not a whole number", "a whole number")
    return operator.index(value)


def _day(value: object) -> object:
    """Accept a date or its text YYYY-MM-DD; a time of day means nothing here."""
    if isinstance(value, datetime):
        raise refuse(f"{value} has a time of day", "a date, YYYY-MM-DD")
    if isinstance(value, str) and len(value) == len("YYYY-MM-DD"):
        with suppress(ValueError):
            return date.fromisoformat(value)
    if not isinstance(value, date):
        raise refuse(f"{shown(value)} is not a date", "a date that exists, YYYY-MM-DD, such as 2020-08-06")
    return value


def _yes_or_no(value: object) -> object:
    """Refuse everything but true and false."""
    if not isinstance(value, bool):
        raise refuse(f"{shown(value)} is neither true nor false", "true or false")
    return value


def _gateways(value: object) -> object:
    """Accept a number of gateways, or the word all."""
    if value == "all":
        return value
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise refuse(f"{shown(value)} is not a number of gateways", "a whole number from 0, or all")
    return value


def one_or_more(value: object) -> object:
    """Turn one name into a list of one; the rest is left for the list's own check."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise refuse(f"{shown(value)} is not a name", "a name, or a list of names")
    return items


def no_twins(items: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a name that stands twice in a list, in whatever spelling."""
    twins = [item for position, item in enumerate(items) if item in items[:position]]
    if twins:
        raise refuse(f"'{twins[0]}' stands twice", "each name once")
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


Text = Annotated[str, BeforeValidator(_text)]
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

# The marks x-... tell the JSON Schema which names an editor should offer, and where brackets may be left out.
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
PlatformName = Annotated[str, _PLATFORM, AfterValidator(_platform)]
StoreName = Annotated[str, _STORE, AfterValidator(_store)]
TechniqueName = Annotated[str, _TECHNIQUE, AfterValidator(_technique)]
PolicyId = Annotated[str, AfterValidator(_policy)]

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

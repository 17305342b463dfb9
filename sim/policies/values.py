"""The kinds of value that the keys of a scenario and of its policies take, and the names that a scenario may use.

Names of states, platforms, carriers ... are looked up in a :class:`Names`, which is passed as pydantic's validation
context. Without a context, for example in a test, names are kept as they are.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from sim.core.groups import Group
from sim.errors import Code, did_you_mean, unreadable
from sim.facts import Facts, find_platform, find_state
from sim.facts.history import platform_not_there
from sim.facts.model import REST_OF_WORLD, TECHNIQUES
from sim.facts.network import find_carriers, find_row, load_network
from sim.facts.relations import load_trade
from sim.facts.states import find_place, load_places
from sim.facts.tables import fold

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""First and last year of a policy's dates: a law may be old, and the range of dates in Python is limited."""
MOST_GATEWAYS = 10**12
"""A bound above any real number; if a state has fewer gateways, a warning says so."""


def refuse(found: str, allowed: str, hint: str = "", code: Code = Code.INVALID) -> PydanticCustomError:
    """Return the error that a validator raises: what was found, what is allowed, how to mend it, and its kind."""
    context = {"found": found, "allowed": allowed, "hint": hint, "code": code.value}
    return PydanticCustomError("refused", "{found}; {allowed}", context)


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
    communities : tuple of str
        The communities that the scenario adds: ``CN:Tibetans``.
    """

    facts: Facts
    states: Mapping[str, str] = field(default_factory=dict)
    platforms: Mapping[str, str] = field(default_factory=dict)
    policies: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()

    def state(self, text: str) -> str | None:
        """Return the alpha-2 code of a state given by code, name or alias; None when unknown."""
        return find_state(text, self.facts) or self.states.get(fold(text)) or find_place(text)

    def origin(self, text: str) -> str | None:
        """Return where a group comes from, a state or a community (``CN:Tibetans``), None when unknown."""
        try:
            group = Group.read(text)
        except ValueError:
            return None
        code = self.state(group.residence)
        if code is None or not group.community:
            return code
        community = str(replace(group, residence=code, origin=code))
        return community if community in self.communities else None

    def platform(self, text: str) -> str | None:
        """Return the canonical name of a platform given by name or alias; None when unknown."""
        return find_platform(text, self.facts) or self.platforms.get(fold(text))

    def hosts(self) -> tuple[str, ...]:
        """Return the names of all clouds and networks of delivery that the facts know."""
        return tuple(host.name for host in load_network(self.facts.name).clouds.values() if host.kind != "store")

    def spellings(self, kind: str) -> list[str]:
        """Return every spelling of the states (``kind="state"``) or platforms, for did-you-mean."""
        if kind == "state":
            spellings = [(code, place.name, *place.aliases) for code, place in load_places().items()]
            return [text for texts in spellings for text in texts] + list(self.states.values())
        spellings = [(name, *fact.aliases) for name, fact in self.facts.platforms.items()]
        return [text for texts in spellings for text in texts] + list(self.platforms.values())


def names_of(info: ValidationInfo) -> Names | None:
    """Return the names in force, or None outside the reading of a scenario."""
    return info.context if isinstance(info.context, Names) else None


def _unknown(kind: str, text: str, allowed: str, spellings: Iterable[str], listing: str = "") -> PydanticCustomError:
    """Return the error of a name that does not exist, with the closest one, or the command that lists them."""
    hint = did_you_mean(text, spellings) or (f"splinternet list {listing} names them" if listing else "")
    return refuse(f"unknown {kind} '{text}'", allowed, hint, Code.UNKNOWN_NAME)


def state_code(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a state to its alpha-2 code."""
    names = names_of(info)
    code = names.state(text) if names else text
    if code is None and names is not None:
        raise _unknown("state", text, "an ISO 3166 alpha-2 code or an English name", names.spellings("state"), "states")
    return code or text


def origin_name(text: str, info: ValidationInfo) -> str:
    """Resolve where a group comes from: a state, or a community within one."""
    names = names_of(info)
    origin = names.origin(text) if names is not None else text
    if names is None or origin is not None:
        return origin or text
    if ":" not in text:
        return state_code(text, info)
    allowed = "a community of world.communities: " + (", ".join(names.communities) or "there is none")
    raise _unknown("community", text, allowed, names.communities)


def _deciding_state(text: str, info: ValidationInfo) -> str:
    """Resolve a state that can decide: the rest of the world cannot."""
    code = state_code(text, info)
    if code == REST_OF_WORLD:
        raise refuse("the rest of the world (XX) has no government", "one of the other states")
    return code


def platform_name(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a platform to its canonical name."""
    names = names_of(info)
    name = names.platform(text) if names else text
    if name is None and names is not None:
        if gone := platform_not_there(text, names.facts):
            raise refuse(*gone, Code.UNKNOWN_NAME)
        allowed = f"a platform of {names.facts.name} or of world.platforms"
        raise _unknown("platform", text, allowed, names.spellings("platform"), "platforms")
    return name or text


def _name_among(kind: str, names_in: Callable[[Facts], Iterable[str]]) -> AfterValidator:
    """Return the check of a name, whatever its case, among those in the facts; every name is right without facts."""

    def resolve(text: str, info: ValidationInfo) -> str:
        names = names_of(info)
        by_folded = {name.casefold(): name for name in names_in(names.facts)} if names else {}
        name = by_folded.get(text.strip().casefold())
        if name is None and by_folded:
            raise _unknown(kind, text, "one of " + ", ".join(by_folded.values()), by_folded.values())
        return name or text

    return AfterValidator(resolve)


def _stores_in(facts: Facts) -> list[str]:
    """Return the app stores that some platform depends on."""
    return sorted({store for fact in facts.platforms.values() for store in fact.stores})


def _clouds_in(facts: Facts) -> list[str]:
    """Return the clouds that the facts know."""
    return [host.name for host in load_network(facts.name).clouds.values() if host.kind == "cloud"]


def _makers_in(facts: Facts) -> list[str]:
    """Return the makers of phones whose share the facts know."""
    return sorted({maker for _, maker in load_trade(facts.name).makers})


def _carrier_name(text: str, info: ValidationInfo) -> str:
    """Check the name of a carrier or a firm, or an AS number; it stays as it is written."""
    names = names_of(info)
    if names is not None:
        network = load_network(names.facts.name)
        if not find_carriers(text, network):
            spellings = [word for c in network.carriers.values() for word in (c.name, *c.aliases, c.owner)]
            raise _unknown("carrier", text, "a carrier's name, a firm or an AS number", spellings, "carriers")
    return text


def _no_carrier_twice(items: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Refuse a carrier that appears twice in a list, by its number and by its name, say."""
    names = names_of(info)
    if names is None or len(items) < 2:
        return items
    network = load_network(names.facts.name)
    first: dict[frozenset[int], str] = {}
    for item in items:
        numbers = frozenset(find_carriers(item, network))
        if numbers in first:
            raise refuse(f"'{item}' and '{first[numbers]}' are the same", "each carrier once", code=Code.DUPLICATE)
        first[numbers] = item
    for part, item in first.items():
        firm = next((name for numbers, name in first.items() if part < numbers), None)
        if firm is not None:
            raise refuse(f"'{item}' is a carrier of '{firm}'", "each carrier once", code=Code.DUPLICATE)
    return items


def _cable_name(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a cable."""
    names = names_of(info)
    if names is None:
        return text
    network = load_network(names.facts.name)
    cable = find_row(text, network, "cables")
    if cable is None:
        spellings = [word for each in network.cables.values() for word in (each.name, *each.aliases)]
        raise _unknown("cable", text, "a cable or land crossing of the facts", spellings, "cables")
    return cable


def _policy_id(text: str, info: ValidationInfo) -> str:
    """Check that a policy with this id stands in the scenario."""
    names = names_of(info)
    if names is not None and text not in names.policies:
        allowed = "the id of another policy in this scenario: " + (", ".join(names.policies) or "there is none")
        raise refuse(f"no policy has the id '{text}'", allowed, did_you_mean(text, names.policies), Code.UNKNOWN_ID)
    return text


def _technique_name(text: str) -> str:
    """Check the name of a technique."""
    if text not in TECHNIQUES:
        raise _unknown("technique", text, "one of " + ", ".join(TECHNIQUES), TECHNIQUES)
    return text


def _as_number(value: object) -> object:
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


def parse_number(value: object) -> object:
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


def parse_int(value: object) -> object:
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
    if not FIRST_YEAR <= value.year <= LAST_YEAR:  # a date so far off stands for never, or is a slip
        hint = "leave it out if it means never" if value.year > LAST_YEAR else ""
        raise refuse(f"the year {value.year}", f"a day from {FIRST_YEAR} to {LAST_YEAR}", hint, Code.RANGE)
    return value


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
    if isinstance(value, int) and abs(value) >= 10**60:  # Python refuses to write out thousands of digits
        return "a number of more than 60 digits"
    text = f"'{value}'" if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


Text = Annotated[str, BeforeValidator(_one_line)]
Line = Annotated[str, BeforeValidator(_line)]
Prose = Annotated[str, BeforeValidator(_text)]
"""A text of one line that others may refer to, such as a name; one that is only read, such as a title; and one that
may have several lines, such as a source."""
YesOrNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Day = Annotated[date, BeforeValidator(_day)]
Number = Annotated[float, BeforeValidator(parse_number)]
Share = Annotated[float, Field(ge=0, le=1), BeforeValidator(parse_number)]
Amount = Annotated[float, Field(ge=0), BeforeValidator(parse_number)]
Positive = Annotated[float, Field(gt=0), BeforeValidator(parse_number)]
Whole = Annotated[int, BeforeValidator(parse_int)]
Count = Annotated[int, Field(ge=0), BeforeValidator(parse_int)]
Days = Annotated[int, Field(ge=1), BeforeValidator(parse_int)]
Name = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64), BeforeValidator(_text)]
Gateways = Annotated[int | str, BeforeValidator(_gateways)]

# The marks x-... add to the JSON Schema which names an editor should offer, and where brackets may be left out.
_T = TypeVar("_T")
OneOrMore = Annotated[
    tuple[_T, ...],
    Field(json_schema_extra={"x-one-or-more": True}),
    AfterValidator(no_twins),
    BeforeValidator(one_or_more),
]
AtLeastOne = Annotated[
    tuple[_T, ...],
    Field(min_length=1, json_schema_extra={"x-one-or-more": True}),
    AfterValidator(no_twins),
    BeforeValidator(one_or_more),
]
_STATE = Field(json_schema_extra={"x-names": "state"})

StateCode = Annotated[str, _STATE, AfterValidator(state_code)]
DecidingState = Annotated[str, _STATE, AfterValidator(_deciding_state)]
PlatformName = Annotated[str, Field(json_schema_extra={"x-names": "platform"}), AfterValidator(platform_name)]
TechniqueName = Annotated[str, Field(json_schema_extra={"x-names": "technique"}), AfterValidator(_technique_name)]
CarrierName = Annotated[str, BeforeValidator(_as_number), AfterValidator(_carrier_name)]
PolicyId = Annotated[str, AfterValidator(_policy_id)]

Texts = OneOrMore[Text]
Platforms = OneOrMore[PlatformName]
States = OneOrMore[StateCode]
DecidingStates = AtLeastOne[DecidingState]
Stores = OneOrMore[Annotated[str, Field(json_schema_extra={"x-names": "store"}), _name_among("store", _stores_in)]]
Clouds = AtLeastOne[Annotated[str, _name_among("cloud", _clouds_in)]]
Carriers = Annotated[
    tuple[CarrierName, ...],
    Field(json_schema_extra={"x-one-or-more": True}),
    AfterValidator(no_twins),
    AfterValidator(_no_carrier_twice),
    BeforeValidator(one_or_more),
]
Cables = OneOrMore[Annotated[str, AfterValidator(_cable_name)]]
Makers = OneOrMore[Annotated[str, _name_among("maker of phones", _makers_in)]]

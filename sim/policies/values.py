"""The types of values of the keys in scenarios and policies, and the names that a scenario may use.

Names of states, platforms, carriers etc. are looked up in `Names`, which is pydantic's validation
context. Without that context, for example in a test, names stay unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ..core.groups import Group
from ..errors import Code, did_you_mean, unreadable
from ..facts import Facts, find_platform, find_state
from ..facts.history import platform_not_there
from ..facts.model import REST_OF_WORLD, TECHNIQUES
from ..facts.network import find_carriers, find_row, load_network
from ..facts.relations import load_trade
from ..facts.states import find_place, load_places
from ..facts.tables import fold

FIRST_YEAR = 1900
LAST_YEAR = 2199
"""First and last year of a policy's dates: a law may be old, and the range of dates in Python is
limited.
"""
MOST_GATEWAYS = 10**12
"""A bound above any real number; a warning reports if a state has fewer gateways."""


def refuse(
    found: str, allowed: str, hint: str = "", code: Code = Code.INVALID
) -> PydanticCustomError:
    """Return the error for a validator to raise: the finding, the allowed values, a fix, and its
    kind.
    """
    context = {"found": found, "allowed": allowed, "hint": hint, "code": code.value}
    return PydanticCustomError("refused", "{found}; {allowed}", context)


@dataclass(frozen=True)
class Names:
    """The names that a scenario may use: those in its facts, and those that it adds.

    Attributes
    ----------
    facts : Facts
        The fact tables of the scenario's world.
    states, platforms : mapping
        Names that the scenario adds: any folded spelling -> the canonical name.
    policies : tuple of str
        The ids of the scenario's policies.
    communities : tuple of str
        The communities that the scenario adds: ``CN:Tibetans``.
    changed : mapping
        The scenario's changes of platforms: name -> owner, home and kind, if stated.
    """

    facts: Facts
    states: Mapping[str, str] = field(default_factory=dict)
    platforms: Mapping[str, str] = field(default_factory=dict)
    policies: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    changed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def state(self, text: str) -> str | None:
        """Return the alpha-2 code of a state given by code, name or alias; None when unknown."""
        return find_state(text, self.facts) or self.states.get(fold(text)) or find_place(text)

    def origin(self, text: str) -> str | None:
        """Return the origin of a group, a state or a community (``CN:Tibetans``); None when
        unknown.
        """
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

    def spellings(self, kind: str) -> list[str]:
        """Return every spelling of the states (``kind="state"``) or platforms, for did-you-mean."""
        if kind == "state":
            named = [(code, place.name, *place.aliases) for code, place in load_places().items()]
        else:
            named = [(name, *fact.aliases) for name, fact in self.facts.platforms.items()]
        added = self.states if kind == "state" else self.platforms
        return [text for texts in named for text in texts] + list(added.values())


_UNION = "it is not a state: name its members, such as [DE, FR, IT]"
_NO_STATES = {
    "eu": _UNION,
    "european union": _UNION,
    "europe": _UNION,
    "congo": "there are two: CG (Congo-Brazzaville) and CD (Congo-Kinshasa)",
}
"""Hints for names that are not states, by folded name."""


def _name(
    kind: str,
    find: Callable[[str, Names], str | None],
    spellings: Callable[[Names], Iterable[str]],
    allowed: str = "",
    hint: str = "",
    code: Code = Code.UNKNOWN_NAME,
) -> Callable[[str, ValidationInfo], str]:
    """Return the validator of a name.

    Parameters
    ----------
    kind : str
        Kind of name, in words.
    find : callable
        Returns its canonical spelling, or None if it is unknown.
    spellings : callable
        Returns the names to suggest.
    allowed : str
        The allowed names, in words; by default, a list of all.
    hint : str
        Hint if no name is close.
    code : Code
    """

    def resolve(text: str, info: ValidationInfo) -> str:
        names = info.context
        if not isinstance(names, Names):
            return text
        name = find(text, names)
        if name is None:
            choices = list(spellings(names))
            words = allowed or f"one of {', '.join(choices) or 'none: there is none'}"
            meant = _NO_STATES.get(fold(text), "") if kind == "state" else ""
            meant = meant or did_you_mean(text, choices) or hint
            raise refuse(f"unknown {kind} '{text}'", words, meant, code)
        return name

    return resolve


def _among(kind: str, names_in: Callable[[Facts], Iterable[str]]) -> AfterValidator:
    """Return the validator of a name from the facts, in any case."""

    def find(text: str, names: Names) -> str | None:
        return next(
            (name for name in names_in(names.facts) if name.casefold() == text.strip().casefold()),
            None,
        )

    return AfterValidator(_name(kind, find, lambda names: names_in(names.facts)))


def _clouds(facts: Facts) -> list[str]:
    """Return the names of all clouds of the facts."""
    hosts = load_network(facts.name).clouds.values()
    return [host.name for host in hosts if host.kind == "cloud"]


def _cloud(text: str, facts: Facts) -> str | None:
    """Return the name of a cloud given by name or alias; None when unknown."""
    name = find_row(text, load_network(facts.name), "clouds")
    return name if name in _clouds(facts) else None


def _platform(text: str, names: Names) -> str | None:
    """Return the canonical name of a platform; refuse one that did not exist on the first day, with
    its dates.
    """
    name = names.platform(text)
    if name is None and (gone := platform_not_there(text, names.facts)):
        raise refuse(*gone, Code.UNKNOWN_NAME)
    return name


state_code = _name(
    "state",
    lambda text, names: names.state(text),
    lambda names: names.spellings("state"),
    "an ISO 3166 alpha-2 code or an English name",
    "splinternet list states names them",
)
platform_name = _name(
    "platform",
    _platform,
    lambda names: names.spellings("platform"),
    "a platform of the facts or of world.platforms",
    "splinternet list platforms names them",
)
_community_name = _name(
    "community", lambda text, names: names.origin(text), lambda names: names.communities
)
_carrier_name = _name(
    "carrier",
    lambda text, names: text if find_carriers(text, load_network(names.facts.name)) else None,
    lambda names: [
        word
        for carrier in load_network(names.facts.name).carriers.values()
        for word in (*carrier.words(), carrier.owner)
    ],
    "a carrier's name, a firm or an AS number",
    "splinternet list carriers names them",
)
_cable_name = _name(
    "cable",
    lambda text, names: find_row(text, load_network(names.facts.name), "cables"),
    lambda names: [
        word for cable in load_network(names.facts.name).cables.values() for word in cable.words()
    ],
    "a cable or land crossing of the facts",
    "splinternet list cables names them",
)
_cloud_name = _name(
    "cloud", lambda text, names: _cloud(text, names.facts), lambda names: _clouds(names.facts)
)
_policy_id = _name(
    "policy",
    lambda text, names: text if text in names.policies else None,
    lambda names: names.policies,
    code=Code.UNKNOWN_ID,
)


def origin_name(text: str, info: ValidationInfo) -> str:
    """Resolve the origin of a group: a state, or a community within one."""
    return _community_name(text, info) if ":" in text else state_code(text, info)


def _deciding_state(text: str, info: ValidationInfo) -> str:
    """Resolve a state that can decide, which excludes the rest of the world."""
    code = state_code(text, info)
    if code == REST_OF_WORLD:
        raise refuse("the rest of the world (XX) has no government", "one of the other states")
    return code


def _technique_name(text: str) -> str:
    """Check the name of a technique, with or without the names of a scenario."""
    if text not in TECHNIQUES:
        hint = did_you_mean(text, TECHNIQUES)
        raise refuse(
            f"unknown technique '{text}'",
            f"one of {', '.join(TECHNIQUES)}",
            hint,
            Code.UNKNOWN_NAME,
        )
    return text


def _no_carrier_twice(items: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Refuse a carrier that appears twice in a list, for example by number and by name."""
    if isinstance(info.context, Names):
        network = load_network(info.context.facts.name)
        named = dict[int, str]()
        for item in items:
            for number in find_carriers(item, network):
                if named.setdefault(number, item) != item:
                    found = f"'{item}' and '{named[number]}' name the same carrier"
                    raise refuse(found, "each carrier once", code=Code.DUPLICATE)
    return items


def _readable(text: str) -> str:
    """Refuse an empty text, and one with invisible characters."""
    if not text.strip():
        raise refuse("an empty text", "a text")
    if fault := unreadable(text):
        raise refuse(fault, "letters, digits, punctuation and blanks", "remove it")
    return text


def _one_line(text: str) -> str:
    """Refuse a text of several lines. A line break at the end would make a name different."""
    if "\n" in text or "\t" in text:
        raise refuse(
            "a text with a line break or a tab", "one line", ">- drops the last line break"
        )
    return _readable(text)


def _line(text: str) -> str:
    """Refuse a text of several lines, but ignore a line break at its end, as from `title: >`."""
    return _one_line(text.rstrip("\n"))


def parse_int(value: object) -> object:
    """Refuse texts and booleans, which pydantic would accept as integers; accept 1e5."""
    is_whole = (
        value.is_integer() and abs(value) < 2**53
        if isinstance(value, float)
        else hasattr(value, "__index__")
    )
    if isinstance(value, bool) or not is_whole:
        raise refuse(f"{shown(value)} is not a whole number", "a whole number", code=Code.TYPE)
    return int(value)  # type: ignore[call-overload]


def as_date(value: object) -> object:
    """Return the day of a `datetime`, `pandas.Timestamp` or `numpy.datetime64` at midnight without
    a time zone. Other values, such as a time of day, stay unchanged.
    """
    if getattr(getattr(value, "dtype", None), "kind", "") == "M":  # of numpy, in any unit
        value = value.astype("datetime64[us]").item()  # type: ignore[attr-defined]
    if not isinstance(value, datetime) or value != value or value.tzinfo is not None:  # NaT
        return value
    is_midnight = value == datetime.combine(value.date(), time.min)
    return value.date() if is_midnight else value


def _day(value: object) -> object:
    """Accept a date or its text YYYY-MM-DD, without a time of day."""
    value = as_date(value)
    if isinstance(value, str) and len(value) == len("YYYY-MM-DD"):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if not isinstance(value, date) or isinstance(value, datetime):
        allowed = "a date that exists, YYYY-MM-DD, such as 2020-08-06"
        raise refuse(f"{shown(value)} is not a date", allowed, code=Code.TYPE)
    if (
        not FIRST_YEAR <= value.year <= LAST_YEAR
    ):  # such a distant date means never, or is a mistake
        hint = "leave it out if it means never" if value.year > LAST_YEAR else ""
        raise refuse(
            f"the year {value.year}", f"a day from {FIRST_YEAR} to {LAST_YEAR}", hint, Code.RANGE
        )
    return value


def _gateways(value: object) -> object:
    """Accept a number of gateways, or the word all."""
    if value == "all":
        return value
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise refuse(
            f"{shown(value)} is not a number of gateways",
            "a whole number from 0, or all",
            code=Code.TYPE,
        )
    if value > MOST_GATEWAYS:
        raise refuse(
            f"{shown(value)} is too large", f"at most {MOST_GATEWAYS:,}, or all", "all", Code.RANGE
        )
    return value


def one_or_more(value: object) -> object:
    """Turn one name into a list of one; the list's own check handles the rest."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise refuse(f"{shown(value)} is not a name", "a name, or a list of names", code=Code.TYPE)
    return items


def no_twins(items: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a name that appears twice in a list, in any spelling."""
    twins = [item for position, item in enumerate(items) if item in items[:position]]
    if twins:
        raise refuse(f"'{twins[0]}' appears twice", "each name once", code=Code.DUPLICATE)
    return items


def _with_pairs(value: object, info: ValidationInfo) -> object:
    """Replace a pair of states, such as ``IN-CN``, by all cables that land in both."""
    items = one_or_more(value)
    names = info.context
    if not isinstance(names, Names) or not isinstance(items, list | tuple):
        return items
    found: list[object] = []
    without = []
    for item in items:
        _refuse_state(item, names)
        pair = _pair_of_states(item, names) if isinstance(item, str) else None
        between = [item] if pair is None else _cables_between(*pair, names.facts)
        found += [cable for cable in between if pair is None or cable not in found]
        without += [] if between or pair is None else [pair]
    if without:
        pairs = ", or in both ".join(" and ".join(pair) for pair in without)
        ends = dict.fromkeys(state for pair in without for state in pair)
        allowed = "; ".join(f"in {state}: {_landing(state, names)}" for state in ends)
        hint = "splinternet list cables"
        text = f"the tables have no cable that lands in both {pairs}"
        raise refuse(text, f"one of them ({allowed})", hint, Code.UNAVAILABLE)
    return found


def _refuse_state(item: object, names: Names) -> None:
    """Refuse a state instead of a cable, and list the cables that land there."""
    network = load_network(names.facts.name)
    state = names.state(item) if isinstance(item, str) else None
    if isinstance(item, str) and state and not find_row(item, network, "cables"):
        found = f"'{item}' is a state, not a cable"
        allowed = f"one that lands in {state}: {_landing(state, names)}"
        raise refuse(found, allowed, "two states, such as IN-CN, are all that land in both")


def _landing(state: str, names: Names) -> str:
    """Return the cables of the tables that land in a state, as text."""
    cables = load_network(names.facts.name).cables.values()
    return ", ".join(cable.name for cable in cables if state in cable.landings) or "none"


def _pair_of_states(text: str, names: Names) -> tuple[str, str] | None:
    """Return the two states that a hyphen joins in a text; None for other texts and for names of
    cables.
    """
    if find_row(text, load_network(names.facts.name), "cables"):
        return None
    ends = [(text[:at], text[at + 1 :]) for at, letter in enumerate(text) if letter == "-"]
    pairs = [(names.state(one.strip()), names.state(other.strip())) for one, other in ends]
    return next(((one, other) for one, other in pairs if one and other), None)


def _cables_between(one: str, other: str, facts: Facts) -> list[str]:
    """Return the cables of the tables that land in two states."""
    cables = load_network(facts.name).cables.values()
    return [cable.name for cable in cables if {one, other} <= set(cable.landings)]


def shown(value: object) -> str:
    """Return a value as a user would write it, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping | list | tuple):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    if (
        isinstance(value, int) and abs(value) >= 10**60
    ):  # Python refuses to print thousands of digits
        return "a number of more than 60 digits"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, str):
        text = f"'{value}'"
    return text if len(text) <= 60 else f"{text[:57]}..."


Text = Annotated[str, AfterValidator(_one_line)]
Line = Annotated[str, AfterValidator(_line)]
Prose = Annotated[str, AfterValidator(_readable)]
"""Three kinds of text: one line that serves as a reference, such as a name; one line for readers,
such as a title; and several lines, such as a source.
"""
YesOrNo = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_day)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Share = Annotated[Number, Field(ge=0, le=1)]
Amount = Annotated[Number, Field(ge=0)]
Positive = Annotated[Number, Field(gt=0)]
Name = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
Gateways = Annotated[int | str, BeforeValidator(_gateways)]

# The marks x-... tell editors, in the JSON Schema, which names to offer and where brackets are
# optional.
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

StateCode = Annotated[
    str, Field(json_schema_extra={"x-names": "state"}), AfterValidator(state_code)
]
DecidingState = Annotated[
    str, Field(json_schema_extra={"x-names": "state"}), AfterValidator(_deciding_state)
]
PlatformName = Annotated[
    str, Field(json_schema_extra={"x-names": "platform"}), AfterValidator(platform_name)
]
TechniqueName = Annotated[
    str, Field(json_schema_extra={"x-names": "technique"}), AfterValidator(_technique_name)
]
StoreName = Annotated[
    str,
    Field(json_schema_extra={"x-names": "store"}),
    _among(
        "store",
        lambda facts: sorted({store for fact in facts.platforms.values() for store in fact.stores}),
    ),
]
CloudName = Annotated[str, AfterValidator(_cloud_name)]
MakerName = Annotated[
    str,
    _among(
        "maker of phones",
        lambda facts: sorted({maker for _, maker in load_trade(facts.name).makers}),
    ),
]
# An AS number may be written as a number.
CarrierName = Annotated[str, Field(coerce_numbers_to_str=True), AfterValidator(_carrier_name)]
PolicyId = Annotated[str, AfterValidator(_policy_id)]

Texts = OneOrMore[Text]
Platforms = OneOrMore[PlatformName]
States = OneOrMore[StateCode]
DecidingStates = AtLeastOne[DecidingState]
Stores = OneOrMore[StoreName]
Clouds = AtLeastOne[CloudName]
Carriers = Annotated[OneOrMore[CarrierName], AfterValidator(_no_carrier_twice)]
Cables = Annotated[
    OneOrMore[Annotated[str, AfterValidator(_cable_name)]], BeforeValidator(_with_pairs)
]
Makers = OneOrMore[MakerName]

OLDEST = 120
"""The highest age that a policy may name [years]."""
MOST_SIMULATED = 100_000
"""The most simulated people that a policy may request [persons]."""
MOST_ASKED = 3
"""Largest number of simulated people that policies may add, relative to those of the scenario [1]
(assumption).
"""
MOST = 63
"""The most policies with a `who` in a scenario: each is one bit of the class of a person."""


def _age(value: int) -> int:
    """Refuse an invalid age."""
    if not 0 <= value <= OLDEST:
        raise refuse(f"an age of {shown(value)}", f"0 to {OLDEST} years", "", Code.RANGE)
    return value


def _two_ages(value: object) -> object:
    """Accept two values; their own check follows."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise refuse(
            f"{shown(value)} is not a range of ages",
            "two ages in full years",
            "age: [0, 15]",
            Code.TYPE,
        )
    return tuple(value)


def _in_order(ages: tuple[int, int]) -> tuple[int, int]:
    """Refuse a range with the higher age first."""
    if ages[0] > ages[1]:
        found = f"from {ages[0]} to {ages[1]} years"
        hint = f"age: [{ages[1]}, {ages[0]}]"
        raise refuse(found, "the lower age first", hint, Code.ORDER)
    return ages


_Age = Annotated[int, AfterValidator(_age), BeforeValidator(parse_int)]
Ages = Annotated[tuple[_Age, _Age], AfterValidator(_in_order), BeforeValidator(_two_ages)]


class Who(BaseModel):
    """A part of the people of a policy's states: those who match all stated keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    age: Ages | None = None
    """The youngest and the oldest, in full years, both included [years]."""
    share: Share | None = None
    """Share of the people, drawn at random by the id of the policy [1]."""
    community: Text | None = None
    """A community within the state, from `world.communities`."""
    region: AtLeastOne[Text] | None = None
    """A region of the state, or any of several, from the table of regions."""
    simulated: Annotated[int, Field(ge=1, le=MOST_SIMULATED), BeforeValidator(parse_int)] | None = (
        None
    )
    """Least number of simulated people to whom it applies, in each state [persons]."""

    @field_serializer("region")
    def _one_or_more(self, region: tuple[str, ...] | None) -> object:
        """Write a single region without brackets, as usual."""
        return region[0] if region is not None and len(region) == 1 else region

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        """Refuse an empty `who`."""
        kinds = [name for name in type(self).model_fields if name != "simulated"]
        if all(getattr(self, name) is None for name in kinds):
            allowed = f"at least one of {', '.join(kinds)}"
            raise refuse("'who' names nobody", allowed, "leave it out for everybody", Code.MISSING)
        return self

    def __str__(self) -> str:
        """Return the description of the people, as text."""
        words = "people" if self.share is None else f"{100 * self.share:g} % of the people"
        if self.age is not None:
            words += f" aged {self.age[0]} to {self.age[1]}"
        if self.community is not None:
            words += f" of the community {self.community}"
        return words + (f" in {' or '.join(self.region)}" if self.region is not None else "")

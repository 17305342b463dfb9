"""The facts of a world: states, platforms, blocks, figures and parameters, with look-up by name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from .tables import (
    HOME,
    Cited,
    DayTextOrNone,
    Estimate,
    Fault,
    Names,
    Number,
    Platform,
    Quantity,
    Row,
    Spell,
    State,
    Text,
    Words,
    fold,
    one_of,
    read,
    split_words,
)

Kind = Literal[
    "messenger",
    "channel",
    "feed",
    "video",
    "mixed",
    "professional",
    "reference",
    "search",
    "commerce",
    "payment",
    "assistant",
    "stream",
]
Mode = Literal["text", "voice", "video", "post", "pay"]
Modes = Annotated[tuple[Mode, ...], split_words]
Kinds = Annotated[tuple[Kind, ...], split_words]
Device = Literal["Apple", "Android"]
Order = Literal["court", "regulator", "register", "decree"]

# The vocabularies of the model, defined only here.
KINDS: tuple[Kind, ...] = get_args(Kind)
MODES: tuple[Mode, ...] = get_args(Mode)
DEVICES: tuple[Device, ...] = get_args(Device)
ORDERS: tuple[Order, ...] = get_args(Order)
TECHNIQUES: Mapping[str, str] = MappingProxyType(
    {
        "dns": "Name servers do not resolve the name. One changed setting restores access.",
        "isp": "Each provider runs its own block list: uneven, and complete after weeks.",
        "dpi": "National filters inspect the traffic, as the Great Firewall and TSPU do.",
        "geoblock": "The platform itself refuses users from the state.",
        "calls_only": "The network cuts voice and video calls, while text works.",
    }
)
"""Techniques by which a network enforces a block, each with a description."""
REST_OF_WORLD = "XX"
ABSENT = "absent"
"""Kind of a platform that is left out of a scenario which names no platform of its group."""
PARAMETERS = HOME / "parameters.csv"
RULES = HOME / "rules.csv"
"""The tables of parameters: numbers, and the named rules that the record cannot distinguish."""
CHOICE = "choice"
"""Unit of a parameter that is one of a few named rules."""
_FACTOR = 100.0
STATE_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "population": "persons",
        "internet_users": "persons",
        "gdp_per_head": "US$ of 2015",
        "ios_share": "share",
        "vpn_share": "share",
    }
)
"""The figures of a detailed state, each with its unit."""


@dataclass(frozen=True)
class StateFact:
    """One state; ``XX`` is the rest of the world."""

    code: str
    """ISO 3166-1 alpha-2."""
    name: str
    """English name."""
    aliases: tuple[str, ...]
    """Other names that are accepted as input, the alpha-3 code among them."""
    population: Quantity
    """Residents [persons]."""
    internet_users: Quantity
    """Residents who used the Internet in the last three months [persons]."""
    gdp_per_head: Quantity
    """Gross domestic product per resident [US$ of 2015]."""
    ios_share: Quantity
    """Share of smartphones that are iPhones [1]."""
    vpn_share: Quantity
    """Share of Internet users with a VPN that really opens blocked services [1]."""


class PlatformFact(Cited, file="platforms.csv", key=("name",)):
    """One platform."""

    name: Text
    """The name that results use, whatever the year."""
    aliases: Words
    """Other names that are accepted as input."""
    owner: Text
    """The firm that controls it."""
    home: Annotated[str, one_of("home")]
    """Alpha-2 code of the state whose law the owner answers to."""
    kind: Kind
    """One of :data:`KINDS`."""
    modes: Modes
    """Activities on the platform, from :data:`MODES`."""
    hosting: Words
    """Clouds on which it runs; ``own`` for its own data centres."""
    stores: Words
    """Application stores that it depends on; empty for websites and preinstalled apps."""
    evasion: Number
    """Share of a block's coverage that the platform's own counter-measures undo [1]."""
    launched: DayTextOrNone = ""
    """First day on which people could use it, ``YYYY-MM-DD``; empty if unknown. The sources of both
    dates are in ``platform_dates.csv``.
    """
    closed: DayTextOrNone = ""
    """First day on which nobody could use it any more; empty while it works."""
    unless_named: Annotated[str, one_of(("", ABSENT, *KINDS))] = ""
    """Kind of the platform in a scenario that names no platform of its kind: another kind, or
    `ABSENT`; empty if the kind stays. New platforms thus do not change scenarios that do not name
    them.
    """

    def works_on(self, day: date) -> bool:
        """Return whether the platform had been launched by a day and was not closed yet."""
        text = day.isoformat()
        return self.launched <= text and not ("" < self.closed <= text)

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield impossible shares and days, and a platform without activities."""
        if not 0 <= self.evasion <= 1:
            yield f"evasion is {self.evasion:g}", "shares are 0 to 1"
        if self.closed and self.closed <= self.launched:
            yield (
                f"closed on {self.closed}, launched on {self.launched}",
                "launched before it was closed",
            )
        if not self.modes:
            yield "modes is empty", f"at least one of: {', '.join(MODES)}"


class BlockFact(Spell, file="blocks.csv", key=("state", "platform")):
    """A block of a platform in a state."""

    state: State
    platform: Platform
    technique: Annotated[str, one_of(TECHNIQUES)]
    """One of :data:`TECHNIQUES`."""

    def in_force_before(self, day: date) -> bool:
        """Return whether the block began before a day and still applied on it."""
        return self.since < day.isoformat() and self.holds_on(day)

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield an end before the beginning, and a block that is older than its platform."""
        yield from super().faults(names)
        launched = names.get("launched", {}).get(self.platform, "")
        if self.since < launched:
            found = f"since is {self.since}, but {self.platform} was launched on {launched} (platforms.csv)"
            yield found, f"{launched} or later"


class Parameter(Estimate, file="parameters.csv", key=("name",)):
    """A parameter of the model: a number with its range, or one of a few named rules."""

    name: Text
    description: Text
    choices: Words = ()

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield the problems of the number, and choices that do not match it."""
        yield from super().faults(names)
        last = len(self.choices) - 1
        if (self.unit == CHOICE) != bool(self.choices):
            found = f"unit is {self.unit}, choices are '{'|'.join(self.choices)}'"
            yield found, f"unit {CHOICE} and names, or neither"
        elif self.choices and (
            (self.low, self.high) != (0, last)
            or self.value not in range(last + 1)
            or len(set(self.choices)) <= max(1, last)
        ):
            found = f"value {self.value:g}, low {self.low:g}, high {self.high:g} with {last + 1} choices"
            yield found, f"two or more different names, the place of one from 0, low 0, high {last}"

    @property
    def quantity(self) -> Quantity:
        """The number, with the parameter's description as its note."""
        return replace(super().quantity, note=self.description)


class LimitRow(Row, file="limits.csv", key=("name",)):
    """Limits of a parameter, of all parameters with a prefix (``name*``), or of a unit
    (``unit:name``).
    """

    name: Text
    least: str
    most: str
    source: Text


def limits_of(name: str, quantity: Quantity) -> tuple[float, float]:
    """Return the smallest and largest value that the model accepts for a parameter, in the
    parameter's unit.

    Beyond these limits the model would divide by zero, or a number would overflow. The most
    specific row of `limits.csv` applies: the name, else its longest prefix, else the unit. The
    range in a table of parameters is always allowed, because a user's own rule may need it.
    """
    rows = read(LimitRow)
    beginnings = [row for row in rows if row.endswith("*") and name.startswith(row[:-1])]
    key = name if name in rows else max(beginnings, key=len, default="*")
    if key == "*" and f"unit:{quantity.unit}" in rows:
        key = f"unit:{quantity.unit}"
    least = rows[key].least
    most = rows[key].most
    widest = _FACTOR * max(1.0, abs(quantity.low), abs(quantity.high))
    below = 0.0 if quantity.low >= 0 else -widest
    low = float(least) if least else below
    high = float(most) if most else widest
    return min(low, quantity.low), max(high, quantity.high)


class ReadOnlyTables:
    """Base of dataclasses with read-only mappings, which are cached and shared by all scenarios."""

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]
            value = getattr(self, item.name)
            if isinstance(value, Mapping):
                object.__setattr__(self, item.name, MappingProxyType(dict(value)))

    def __reduce__(self) -> tuple[type[Any], tuple[Any, ...]]:
        """Pickle the mappings as plain dictionaries, because a read-only view cannot be pickled."""
        values = (getattr(self, item.name) for item in fields(self))  # type: ignore[arg-type]
        return type(self), tuple(
            dict(value) if isinstance(value, Mapping) else value for value in values
        )


@dataclass(frozen=True, eq=False)
class Facts(ReadOnlyTables):
    """One set of tables; every mapping is read-only and ordered as its file."""

    def __repr__(self) -> str:
        size = f"{len(self.states)} states, {len(self.platforms)} platforms"
        return f"<Facts {self.name} as of {self.day}: {size}, {len(self.parameters)} parameters>"

    name: str
    """Folder name of the tables, such as ``world-2020``."""
    day: date
    """The day of the tables, or the day to which :func:`splinternet.facts.history.as_of` has moved
    them.
    """
    states: Mapping[str, StateFact]
    """By alpha-2 code; the order is the state's number."""
    platforms: Mapping[str, PlatformFact]
    """By name; the order is the platform's number."""
    penetration: Mapping[tuple[str, str], Quantity]
    """Share of Internet users who used the platform in the last 30 days [1], by (state, platform);
    an absent pair is 0.
    """
    group_penetration: Mapping[tuple[str, str, str], Quantity]
    """Share of users among people born in ``origin`` who live in ``residence`` [1]; it takes
    precedence over the state's figure. By (residence, platform, origin).
    """
    blocks: Mapping[tuple[str, str], BlockFact]
    """Blocks in force before `day`, by (state, platform)."""
    migrants: Mapping[tuple[str, str], Quantity]
    """People born in ``origin`` who live in ``residence`` [persons]; by (residence, origin)."""
    parameters: Mapping[str, Quantity] = field(default_factory=dict)
    """Model parameters by dotted name."""
    revenue: Mapping[str, Quantity] = field(default_factory=dict)
    """Revenue per monthly user of a platform that earns like Facebook [US dollars a year]."""
    monetisation: Mapping[str, Quantity] = field(default_factory=dict)
    """Earnings of a platform per monthly user, relative to Facebook in the same state [ratio]."""
    news_use: Mapping[str, Quantity] = field(default_factory=dict)
    """Share of the platform's users who regularly get news there [share]."""
    youth_lean: Mapping[tuple[str, str], Quantity] = field(default_factory=dict)
    """Correlation between use of the platform and youth among internet users (tetrachoric, -1 to
    1), by (state, platform). States without a figure use that of ``XX``.
    """
    institutions: Mapping[tuple[str, str], Quantity] = field(default_factory=dict)
    """``freedom`` of the net and independence of the ``courts`` [share]; by (state, field)."""
    kinds: tuple[str, ...] = KINDS
    whole: Facts | None = None
    """The tables with the platforms that did not work on `day`; None if all did."""
    named: bool = False
    """Whether the tables include platforms that enter only if a scenario names one
    (``unless_named``).
    """
    acting: frozenset[str] = frozenset()
    """States that act in a scenario; for them the figures of `splinternet.facts.platforms.AtHome`
    replace assumptions.
    """

    def only(self, platforms: Collection[str], **changed: Any) -> Facts:
        """Return the tables with only some platforms, and with other changes."""
        tables = (
            "platforms",
            "penetration",
            "group_penetration",
            "blocks",
            "monetisation",
            "news_use",
            "youth_lean",
        )
        kept = {
            table: {
                key: row
                for key, row in getattr(self, table).items()
                if (key if isinstance(key, str) else key[1]) in platforms
            }
            for table in tables
        }
        return replace(self, **kept | changed)


def find_state(text: str, facts: Facts) -> str | None:
    """Return the alpha-2 code of a state of a world named by code, English name or alias, or
    None.
    """
    return name_index(facts, "states").get(fold(text))


def find_platform(text: str, facts: Facts) -> str | None:
    """Return the name of a platform of a world named by name or alias, or None."""
    return name_index(facts, "platforms").get(fold(text))


@lru_cache(maxsize=256)
def name_index(facts: ReadOnlyTables, table: str) -> dict[str, Any]:
    """Return folded name -> key in a table whose rows have a name and aliases."""
    rows: Mapping[Any, Any] = getattr(facts, table)
    return {
        fold(str(word)): key for key, row in rows.items() for word in (key, row.name, *row.aliases)
    }

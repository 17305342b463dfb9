"""The types of facts: a number with its range and source, and the states, platforms and blocks that have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, get_args

Basis = Literal["measured", "survey", "press", "assumption"]
Kind = Literal["messenger", "feed", "video", "mixed", "professional", "reference", "search", "commerce", "payment"]
Mode = Literal["text", "voice", "video", "post", "pay"]
Device = Literal["Apple", "Android"]
Order = Literal["court", "regulator", "register", "decree"]

# The vocabularies of the model, each defined here and nowhere else.
BASES: tuple[Basis, ...] = get_args(Basis)
KINDS: tuple[Kind, ...] = get_args(Kind)
MODES: tuple[Mode, ...] = get_args(Mode)
DEVICES: tuple[Device, ...] = get_args(Device)
ORDERS: tuple[Order, ...] = get_args(Order)
TECHNIQUES: Mapping[str, str] = MappingProxyType(
    {
        "dns": "The name is not answered: a change of one setting gets round it.",
        "isp": "Blocklists run by each provider: uneven, and in over weeks.",
        "dpi": "National boxes that look into the traffic: Great Firewall, TSPU.",
        "geoblock": "The platform itself shuts that state out.",
        "calls_only": "Voice and video calls are cut; text works.",
    }
)
"""How a network enforces a block, each with what it is."""
REST_OF_WORLD = "XX"


@dataclass(frozen=True)
class Quantity:
    """A number, how far it may be off, and where it comes from.

    Attributes
    ----------
    value, low, high : float
        Best figure and the range that ensembles draw from, ``low <= value <= high`` [unit].
    unit : str
        ``share`` is 0 to 1.
    source : str
        Publication or URL, or ``assumption: <reason>``.
    basis : str
        One of :data:`BASES`.
    licence : str
        Terms of the source; empty for model parameters, which are the project's own.
    note : str
        How the figure was derived from the source, or what a parameter means.
    choices : tuple of str
        Names of the alternatives of a parameter that is one of a few rules; its value is the place of one among them,
        from 0. Empty for a number.
    """

    value: float
    low: float
    high: float
    unit: str
    source: str
    basis: str
    licence: str = ""
    note: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class StateFact:
    """One state; ``XX`` is the rest of the world.

    Attributes
    ----------
    code : str
        ISO 3166-1 alpha-2.
    name : str
        English name.
    aliases : tuple of str
        Other names that are accepted as input, the alpha-3 code among them.
    population : Quantity
        Residents [persons].
    internet_users : Quantity
        Residents who used the Internet in the last three months [persons].
    gdp_per_head : Quantity
        Gross domestic product per resident [US$ of 2015].
    ios_share : Quantity
        Share of smartphones that are iPhones [1].
    vpn_share : Quantity
        Share of Internet users with a VPN that really opens blocked services [1].
    """

    code: str
    name: str
    aliases: tuple[str, ...]
    population: Quantity
    internet_users: Quantity
    gdp_per_head: Quantity
    ios_share: Quantity
    vpn_share: Quantity


@dataclass(frozen=True)
class PlatformFact:
    """One platform.

    Attributes
    ----------
    name : str
        The name that results use, whatever the year.
    aliases : tuple of str
        Other names that are accepted as input.
    owner : str
        The firm that decides about it.
    home : str
        Alpha-2 code of the state whose law the owner answers to.
    kind : str
        One of :data:`KINDS`.
    modes : tuple of str
        What people do there, from :data:`MODES`.
    hosting : tuple of str
        Clouds that it runs on; ``own`` for data centres of its own.
    stores : tuple of str
        Application stores that it depends on; empty for the web and for what comes with the phone.
    evasion : float
        Share of a block's coverage that the platform's own counter-measures undo [1].
    source, basis : str
        As in :class:`Quantity`; they cover owner and home, and the source says what is assumed.
    launched : str
        First day on which anybody could use it, ``YYYY-MM-DD``; empty where it is not known. The sources of both dates
        are in ``platform_dates.csv``.
    closed : str
        First day on which nobody could any more; empty while it works.
    """

    name: str
    aliases: tuple[str, ...]
    owner: str
    home: str
    kind: str
    modes: tuple[str, ...]
    hosting: tuple[str, ...]
    stores: tuple[str, ...]
    evasion: float
    source: str
    basis: str
    launched: str = ""
    closed: str = ""

    def works_on(self, day: date) -> bool:
        """Return whether the platform had been launched by a day and was not closed yet."""
        text = day.isoformat()
        return self.launched <= text and not ("" < self.closed <= text)


@dataclass(frozen=True)
class BlockFact:
    """A block that was already in force before the first day.

    Attributes
    ----------
    technique : str
        One of :data:`TECHNIQUES`.
    since : str
        Date, ``YYYY-MM-DD``; the first of the month where only the month is known.
    source, basis : str
        As in :class:`Quantity`.
    until : str
        First day on which it no longer applied; empty where no end is known.
    """

    technique: str
    since: str
    source: str
    basis: str
    until: str = ""

    def in_force_before(self, day: date) -> bool:
        """Return whether the block began before a day and still applied on it."""
        text = day.isoformat()
        return self.since < text and not ("" < self.until <= text)


@dataclass(frozen=True, eq=False)
class Facts:
    """One set of tables; every mapping is read-only and ordered as its file.

    Attributes
    ----------
    name : str
        Folder name of the tables, such as ``world-2020``.
    states : mapping of str to StateFact
        By alpha-2 code; the order is the state's number.
    platforms : mapping of str to PlatformFact
        By name; the order is the platform's number.
    penetration : mapping of (state, platform) to Quantity
        Share of Internet users who used it in the last 30 days [1]; an absent pair is 0.
    group_penetration : mapping of (residence, platform, origin) to Quantity
        The same for people born in ``origin`` who live in ``residence`` [1]; it wins over the state's figure.
    blocks : mapping of (state, platform) to BlockFact
        What was blocked before `day`.
    migrants : mapping of (residence, origin) to Quantity
        People born in ``origin`` who live in ``residence`` [persons].
    parameters : mapping of str to Quantity
        Model parameters by dotted name.
    revenue : mapping of state to Quantity
        Revenue per monthly user of a platform that earns like Facebook [US dollars a year].
    monetisation : mapping of platform to Quantity
        What a platform earns per monthly user against Facebook in the same state [ratio].
    news_use : mapping of platform to Quantity
        Share of its users who regularly get news there [share].
    youth_lean : mapping of (state, platform) to Quantity
        How far using it goes with youth among internet users (tetrachoric correlation, -1 to 1); those of ``XX`` hold
        wherever a state has no figure of its own.
    institutions : mapping of (state, field) to Quantity
        ``freedom`` of the net and independence of the ``courts`` [share].
    day : datetime.date, optional
        The day that the tables describe, or that :func:`sim.facts.dated.as_of` has moved them to.
    whole : Facts, optional
        The tables with the platforms that did not work on `day`; None where all did.
    """

    name: str
    states: Mapping[str, StateFact]
    platforms: Mapping[str, PlatformFact]
    penetration: Mapping[tuple[str, str], Quantity]
    group_penetration: Mapping[tuple[str, str, str], Quantity]
    blocks: Mapping[tuple[str, str], BlockFact]
    migrants: Mapping[tuple[str, str], Quantity]
    parameters: Mapping[str, Quantity] = field(default_factory=dict)
    revenue: Mapping[str, Quantity] = field(default_factory=dict)
    monetisation: Mapping[str, Quantity] = field(default_factory=dict)
    news_use: Mapping[str, Quantity] = field(default_factory=dict)
    youth_lean: Mapping[tuple[str, str], Quantity] = field(default_factory=dict)
    institutions: Mapping[tuple[str, str], Quantity] = field(default_factory=dict)
    kinds: tuple[str, ...] = KINDS
    day: date | None = None
    whole: Facts | None = None

    def __post_init__(self) -> None:
        """Make the tables read-only: they are cached and shared by every scenario."""
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Mapping):
                object.__setattr__(self, item.name, MappingProxyType(dict(value)))

    def __reduce__(self) -> tuple[type[Facts], tuple[Any, ...]]:
        """Travel between processes as plain dictionaries: a read-only view cannot be pickled."""
        values = (getattr(self, item.name) for item in fields(self))
        return type(self), tuple(dict(value) if isinstance(value, Mapping) else value for value in values)

"""The history of blocks, and of owners and names of platforms, which all worlds share.

It is read only for a day other than that of the world, or for a world without a table of blocks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sim.facts.model import BASES, TECHNIQUES, BlockFact, Facts, Quantity
from sim.facts.names import find_platform
from sim.facts.places import load_places
from sim.facts.table import QUANTITY_COLUMNS, Row, checked_rows, keep
from sim.facts.worlds import HISTORY, HOME

SLOWER = ("throttle", "delist")
"""Restrictions in the history that are no blocks: slowed down, taken out of the stores."""
ORDERS = ("decree", "regulator", "court", "owner", "unknown")
EVENTS = ("launched", "closed", "owner", "name", "note")
_BLOCK_COLUMNS = ("state", "platform", "technique", "since", "until", "order", "source", "basis", "note")
_DATE_COLUMNS = ("platform", "event", "date", "to", "home", "state", "source", "basis", "note")


@dataclass(frozen=True)
class Restriction:
    """A block or another restriction of a platform in a state, with its days.

    Attributes
    ----------
    state, platform : str
        Alpha-2 code; name as in ``platform_dates.csv``.
    fact : BlockFact
        Technique (one of `TECHNIQUES`, or of `SLOWER`), days and source.
    order : str
        Who ordered it, one of `ORDERS`.
    note : str
    """

    state: str
    platform: str
    fact: BlockFact
    order: str
    note: str

    @property
    def is_block(self) -> bool:
        """Whether it is a block: neither slowed down nor only out of the stores."""
        return self.fact.technique in TECHNIQUES


@dataclass(frozen=True)
class PlatformEvent:
    """A dated change of a platform.

    Attributes
    ----------
    platform, event, date : str
        ``event`` is one of `EVENTS`; the date is ``YYYY-MM-DD``.
    to, home : str
        New owner and its home for ``launched`` and ``owner``; the new name for ``name``.
    state : str
        The state whose part of the business it concerns; empty: all of it.
    source, basis, note : str
    """

    platform: str
    event: str
    date: str
    to: str
    home: str
    state: str
    source: str
    basis: str
    note: str


@dataclass(frozen=True)
class Before:
    """Use of a platform in a state before its first block there.

    Attributes
    ----------
    date : str
        Day of the figure.
    until : str
        First day of the block, or of the slow-down.
    share : Quantity
        Share of Internet users [1].
    """

    date: str
    until: str
    share: Quantity


@lru_cache(maxsize=1)
def load_events() -> tuple[PlatformEvent, ...]:
    """Return the dated changes of platforms, read once.

    Raises
    ------
    InputError
        The table has faulty rows (all of them, each with file and line).
    """
    homes = ("", *load_places())
    found = []
    for row in checked_rows(HOME / "platform_dates.csv", _DATE_COLUMNS):
        name, event = row.text("platform"), row.one_of("event", EVENTS)
        home, state = row.one_of("home", homes), row.one_of("state", homes)
        if event in ("launched", "owner") and not (row.cells["to"] and home):
            row.fault("to or home is empty", "the owner and its home")
        source, basis = row.text("source"), row.one_of("basis", BASES)
        to, note = row.cells["to"], row.cells["note"]
        found.append(PlatformEvent(name, event, row.day("date"), to, home, state, source, basis, note))
    return tuple(found)


@lru_cache(maxsize=1)
def dated_platforms() -> tuple[str, ...]:
    """Return the names of all platforms whose dates are known, in any world or in none."""
    return tuple(dict.fromkeys(event.platform for event in load_events()))


@lru_cache(maxsize=1)
def load_restrictions() -> tuple[Restriction, ...]:
    """Return all known blocks and other restrictions of all states, read once.

    Raises
    ------
    InputError
        The table has faulty rows (all of them, each with file and line).
    """
    states, platforms = tuple(load_places()), dated_platforms()
    found = []
    for row in checked_rows(HOME / HISTORY, _BLOCK_COLUMNS):
        fact = _dated_block(row)
        state, platform = row.one_of("state", states), row.one_of("platform", platforms)
        found.append(Restriction(state, platform, fact, row.one_of("order", ORDERS), row.cells["note"]))
    return tuple(found)


@lru_cache(maxsize=1)
def load_before() -> Mapping[tuple[str, str], Before]:
    """Return use before the first block by state and platform, read once.

    Raises
    ------
    InputError
        The table has faulty rows (all of them, each with file and line).
    """
    table: dict[tuple[str, str], Before] = {}
    states, platforms = tuple(load_places()), dated_platforms()
    columns = ("state", "platform", "date", "until", *QUANTITY_COLUMNS)
    for row in checked_rows(HOME / "before_blocks.csv", columns):
        key = row.one_of("state", states), row.one_of("platform", platforms)
        keep(table, key, Before(row.day("date"), row.day("until"), row.quantity()), row)
    return table


def blocks_before(day: date, facts: Facts, states: Collection[str] | None = None) -> dict[tuple[str, str], BlockFact]:
    """Return the blocks of a world's platforms that began before a day and still applied on it.

    Parameters
    ----------
    day : datetime.date
        First day of a scenario.
    facts : Facts
        The world; its names of platforms are used.
    states : collection of str, optional
        The states; those of the world where it is left out.
    """
    wanted = facts.states if states is None else states
    found: dict[tuple[str, str], BlockFact] = {}
    for restriction in load_restrictions():
        fact = restriction.fact
        if not (restriction.is_block and restriction.state in wanted and fact.in_force_before(day)):
            continue
        platform = find_platform(restriction.platform, facts)
        if platform is None:
            continue
        key = (restriction.state, platform)
        if key not in found or found[key].technique == "calls_only":
            found[key] = fact
    return found


def owner_on(platform: str, day: date) -> tuple[str, str] | None:
    """Return the owner of a platform on a day and its home, or None before the launch and where nothing is known.

    Parameters
    ----------
    platform : str
        Name as in ``platform_dates.csv``.
    day : datetime.date
    """
    text, found = day.isoformat(), None
    for event in load_events():
        if (
            event.platform == platform
            and event.event in ("launched", "owner")
            and not event.state
            and event.date <= text
        ):
            found = (event.to, event.home)
    return found


def name_on(platform: str, day: date) -> str:
    """Return the name that a platform had on a day: ``Twitter`` for ``X`` before 24 July 2023."""
    text, found = day.isoformat(), platform
    for event in load_events():
        if event.platform == platform and event.event == "name" and event.date <= text:
            found = event.to
    return found


def _dated_block(row: Row) -> BlockFact:
    """Return the technique, days and source of a row of the history."""
    technique = row.one_of("technique", (*TECHNIQUES, *SLOWER))
    since, until = row.day("since"), row.day_or_none("until")
    if until and until <= since:
        row.fault(f"since {since}, until {until}", "an end after the beginning")
    return BlockFact(technique, since, row.text("source"), row.one_of("basis", BASES), until)

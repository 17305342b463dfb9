"""The people of states, by age, region, place of birth and place of residence.

A world has the stocks between its detailed states in ``migrants.csv``; all other pairs of states
with 1,000 people or more are in ``other_migrants.csv``. A corridor is a pair (residence, origin).
An act of a state at either end exposes its people who use the target of the act with the other end:
they could lose a channel.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Literal

from ..errors import InputError, Place, Problem
from .history import DatedPlatform, is_shut
from .model import REST_OF_WORLD, Facts
from .platforms import blocks_elsewhere, share_left, use_anywhere, use_at_home
from .states import PlaceCode, state_anywhere
from .tables import (
    Cited,
    Fault,
    Names,
    Number,
    Quantity,
    Row,
    Text,
    Words,
    check_rows,
    claim_names,
    figure_table,
    fold,
    parsed,
    read,
)
from .worlds import load_world, read_shipped

OLDEST = 100
"""The last year of age; it includes everybody who is older [years]."""
CALL_PRICES = figure_table("call_prices.csv", unit="US dollars a minute", state=PlaceCode)
"""Cost of a call to a mobile telephone of a state."""
GROUP_YEARS = 5
"""Width of each age group of ``ages.csv`` except the last [years]."""
type Pair = tuple[str, str]
"""Residence and origin."""
LEAST = 1000
"""Smallest number of people for which the tables have a pair [persons]."""
SOURCES = {"UN DESA 2024": (0.9, 1.1), "UN DESA 2020": (0.8, 1.25), "UN DESA 2019": (0.8, 1.25)}
"""Revisions of the International Migrant Stock, and the range around their figures [ratio]
(assumption).
"""
_LINK = "https://www.un.org/development/desa/pd/content/international-migrant-stock"
LARGEST = 3
"""Number of the largest diasporas of an acting state that are in its world, whatever their size
(assumption).
"""
MOST_ADDED = 8
"""Largest number of states added for other diasporas (assumption)."""
LEAST_EXPOSED = 10_000
"""Smallest number of exposed people for which another diaspora adds a state [persons]
(assumption).
"""
LEAST_PART = 0.02
"""Smallest size, relative to the most exposed diaspora, for which another diaspora adds a state [1]
(assumption).
"""
STAYED = 0.8
"""Share of the migrants of 2000 who still lived there in 2019; the others had died, returned or
moved on (assumption).
"""
LEAST_USED = 0.05
"""Share of a diaspora that could lose an app, below which the targets count as unused between the
two states [1] (assumption).
"""
MOST_STATES = 127
"""Most states of a world, because a state's number is a signed 8-bit integer."""


def _people(cell: str) -> tuple[float, ...]:
    """Return the people of each group of ages."""
    groups = tuple(float(number) for number in cell.split("|"))
    if (
        len(groups) != OLDEST // GROUP_YEARS + 1
        or not min(groups) >= 0.0
        or not 0.0 < sum(groups) < 1e7
    ):
        raise ValueError(cell)
    return groups


def _age(cell: str) -> int:
    """Return a full year of age."""
    if not 0 <= int(cell) <= OLDEST:
        raise ValueError(cell)
    return int(cell)


Age = Annotated[int, parsed(_age, f"a full year of age, 0 to {OLDEST}")]


class Ages(Cited, file="ages.csv", key=("state", "year")):
    """The people of a state by age in one year."""

    state: PlaceCode
    """Alpha-2 code of a state or territory."""
    year: Annotated[int, parsed(int, "a year")]
    """The year; figures are for its middle."""
    people: Annotated[
        tuple[float, ...],
        parsed(_people, "21 numbers of thousands of people separated by |: of 0-4, 5-9, ..., 100+"),
    ]
    """People of 0 to 4 full years, 5 to 9, and so on; the last number is for 100 and over
    [thousands of persons].
    """
    licence: Text
    note: str


ONLINE = figure_table("internet_ages.csv", unit="share", youngest=Age, oldest=Age)
"""Share of an age group that uses the Internet, in states where only some people do; age limits are
inclusive.
"""
USE = figure_table(
    "platform_ages.csv",
    unit="share",
    state=PlaceCode,
    platform=DatedPlatform,
    youngest=Age,
    oldest=Age,
)
"""Share of an age group that uses a platform where it is not blocked; only differences between ages
matter.
"""


class Region(Cited, file="regions.csv", key=("state", "region")):
    """A region of a state."""

    where: Place
    state: PlaceCode
    """Alpha-2 code."""
    region: Text
    """English name."""
    also: Words
    """Other names."""
    people: Number
    """Residents of the region [persons]."""
    of: Number
    """Residents of the whole state, from the same count [persons]."""
    licence: Text
    note: str

    def faults(self, names: Names) -> Iterable[Fault]:
        """Yield the problem of a region that is not a part of its state."""
        if not 0.0 < self.people < self.of:
            yield (
                f"{self.people:g} people of {self.of:g}",
                "more than none, and fewer than in the whole state",
            )

    @property
    def share(self) -> float:
        """Share of the state's people who live there [1]."""
        return self.people / self.of


@lru_cache(maxsize=16)
def load_regions(world: str) -> Mapping[str, tuple[Region, ...]]:
    """Return the regions of states, by state, with a user's own regions last.

    Parameters
    ----------
    world : str
        The name of a world, shipped or of a user's own.

    Raises
    ------
    InputError
        If a user's own rows are faulty, or the regions of a state share a name or have more people
        than the state.
    """
    problems: list[Problem] = []
    own = check_rows(Region, load_world(world).cells(Region, problems, own=True), problems)
    rows = {key: row for key, row in read(Region).items() if key not in own} | own
    of_state: dict[str, tuple[Region, ...]] = {}
    owners: dict[str, dict[str, str]] = {}
    for row in rows.values():
        before = of_state.get(row.state, ())
        of_state[row.state] = (*before, row)
        taken = claim_names(owners.setdefault(row.state, {}), (row.region, *row.also))
        problems += [Problem(row.where, *fault) for fault in taken]
        total = sum(region.share for region in of_state[row.state])
        if total > 1.0:
            found = f"the regions of {row.state} are {total:.3g} of its people together"
            allowed = "regions without overlap, at most 1 together"
            problems.append(Problem(row.where, found, allowed))
    if problems:
        raise InputError(problems)
    return of_state


def regions_of(state: str, world: str) -> tuple[Region, ...]:
    """Return the regions of a state in the tables of a world, in order."""
    return load_regions(world).get(state, ())


def find_region(text: str, state: str, world: str) -> str | None:
    """Return the name of a region given by name or alias, in any case; None if unknown in a
    world.
    """
    named = (
        (word, region)
        for region in regions_of(state, world)
        for word in (region.region, *region.also)
    )
    return next((region.region for word, region in named if fold(word) == fold(text)), None)


def states_of_region(text: str, world: str) -> list[str]:
    """Return the states in which the tables of a world have a region of a name or alias."""
    return [state for state in load_regions(world) if find_region(text, state, world) is not None]


def part_of(state: str, region: str, world: str) -> tuple[float, float]:
    """Return the part of a state's people in a region, as an interval: the regions follow one
    another from 0 [1].

    Parameters
    ----------
    state : str
    region : str
        Its name or an alias.
    world : str
        The name of a world.

    Returns
    -------
    low, high : float
        The ends of the interval; both 0 if the tables have no such region.
    """
    name = find_region(region, state, world)
    low = 0.0
    for each in regions_of(state, world):
        if each.region == name:
            return low, low + each.share
        low += each.share
    return 0.0, 0.0


class Stock(Row, file="other_migrants.csv", key=("residence", "origin")):
    """People born in one state who live in another."""

    residence: PlaceCode
    origin: PlaceCode
    """Alpha-2 codes, at least one of a state that is not detailed."""
    value: int
    """Number of people [persons]."""
    source: Literal["UN DESA 2024", "UN DESA 2020", "UN DESA 2019"]
    """One of `SOURCES`."""
    basis: Literal["measured"]

    def faults(self, names: Names) -> tuple[Fault, ...]:
        """Return the faults of a pair: the same state twice, or too few people."""
        if self.residence == self.origin or self.value < LEAST:
            allowed = f"two different states and {LEAST} people or more"
            return ((f"{self.value} people from {self.origin} in {self.residence}", allowed),)
        return ()

    @property
    def quantity(self) -> Quantity:
        """The stock with its range and source [persons]."""
        low, high = (round(self.value * factor) for factor in SOURCES[self.source])
        source = f"{self.source.replace('UN DESA', 'UN DESA International Migrant Stock')}, {_LINK}"
        return Quantity(self.value, low, high, "persons", source, "measured", "CC BY 3.0 IGO")


def migrants_of(facts: Facts, states: Collection[str]) -> dict[Pair, Quantity]:
    """Return the people born in one of some states who live in another one, by (residence, origin)
    [persons].

    Parameters
    ----------
    facts : Facts
        A shipped world.
    states : collection of str
        Alpha-2 codes, of detailed states and of others.
    """
    wanted = frozenset(states)
    stocks = {pair: stock for pair, stock in facts.migrants.items() if wanted.issuperset(pair)}
    others = {
        pair: stock
        for pair, stock in read_shipped(Stock, facts.name).items()
        if wanted.issuperset(pair)
    }
    return stocks | {pair: stock.quantity for pair, stock in others.items() if pair not in stocks}


@lru_cache(maxsize=512)
def corridors_of(state: str, facts: Facts) -> Mapping[Pair, float]:
    """Return all diasporas with a state at one end: (residence, origin) -> people [persons]."""
    stocks = {
        pair: float(stock.value)
        for pair, stock in read_shipped(Stock, facts.name).items()
        if state in pair
    }
    stocks |= {pair: stock.value for pair, stock in facts.migrants.items() if state in pair}
    return {pair: people for pair, people in stocks.items() if REST_OF_WORLD not in pair}


def largest_diasporas(
    origin: str, facts: Facts, most: int = 3, *, side: int = 1
) -> tuple[tuple[str, float], ...]:
    """Return the largest diasporas from a state: (residence, persons), the largest first.

    Parameters
    ----------
    origin : str
        Alpha-2 code of any state.
    facts : Facts
        A shipped world.
    most : int
        Number of diasporas.
    side : {1, 0}
        With 0, return the largest diasporas in the state instead: (origin, persons).
    """
    stocks = {
        pair: people for pair, people in corridors_of(origin, facts).items() if pair[side] == origin
    }
    pairs = sorted(stocks, key=lambda pair: (-stocks[pair], pair))
    return tuple((pair[1 - side], stocks[pair]) for pair in pairs)[:most]


class EarlierMigrants(Cited, file="earlier_migrants.csv", key=("residence", "origin")):
    """Size of a stock of migrants in 2000 and 2019, in one revision."""

    residence: PlaceCode
    origin: PlaceCode
    earlier: Number
    """Stock of 2000 / stock of 2019 [1]."""


def recent_migrants(residence: str, origin: str, people: float) -> float | None:
    """Return the least number of a diaspora's people who came since 2000 [persons]; None if no
    table has it.

    This is the stock of 2019 minus the people of 2000 who stayed (`STAYED`).

    Parameters
    ----------
    residence, origin : str
        The states of residence and birth.
    people : float
        Its size [persons].
    """
    row = read(EarlierMigrants).get((residence, origin))
    return None if row is None else people * max(0.0, 1.0 - STAYED * row.earlier)


@lru_cache(maxsize=256)
def with_states(facts: Facts, codes: tuple[str, ...]) -> Facts:
    """Return a world with more detailed states, whose people are subtracted from the rest of the
    world.

    States that act have figures of `splinternet.facts.platforms.AtHome`.

    Parameters
    ----------
    facts : Facts
        A shipped world, as loaded or as of another day. Move it to a day first, then add states.
    codes : tuple of str
        Alpha-2 codes. Codes already in the world have no effect; new states come last, in this
        order.

    Raises
    ------
    InputError
        If a code is unknown.
    """
    new = [code for code in dict.fromkeys(codes) if code not in facts.states]
    pairs = [
        (code, name) for code in facts.states if code in facts.acting for name in facts.platforms
    ]
    at_home = {pair: share for pair in pairs if (share := use_at_home(*pair, facts)) is not None}
    if at_home:
        facts = replace(facts, penetration={**facts.penetration, **at_home})
    if not new:
        return facts
    added = {code: state_anywhere(code, facts) for code in new}
    cells = {
        (code, name): use_anywhere(code, name, facts) for code in new for name in facts.platforms
    }
    used = {pair: share for pair, share in cells.items() if share.value > 0}
    rest = facts.states[REST_OF_WORLD]
    people = sum(state.population.value for state in added.values())
    users = sum(state.internet_users.value for state in added.values())
    fewer = _less(rest.population, people)
    smaller = replace(
        rest, population=fewer, internet_users=_less(rest.internet_users, users, fewer.value)
    )
    left = {
        (REST_OF_WORLD, name): share_left(
            facts, name, {c: (added[c].internet_users.value, cells[c, name].value) for c in new}
        )
        for name in facts.platforms
        if (REST_OF_WORLD, name) in facts.penetration
    }
    blocks = blocks_elsewhere(facts)
    return replace(
        facts,
        states={**facts.states, REST_OF_WORLD: smaller, **added},
        penetration={**facts.penetration, **left, **used},
        blocks={
            **facts.blocks,
            **{pair: block for pair, block in blocks.items() if pair[0] in added},
        },
        migrants={**facts.migrants, **migrants_of(facts, (*facts.states, *new))},
        whole=None,
    )


def _less(quantity: Quantity, people: float, most: float = math.inf) -> Quantity:
    """Return a number of people minus some, at most `most`, with its range in proportion."""
    left = min(most, max(0.0, quantity.value - people))
    part = left / quantity.value
    note = f"less {people:,.0f} in states of their own"
    return replace(
        quantity, value=left, low=quantity.low * part, high=quantity.high * part, note=note
    )


@dataclass(frozen=True)
class Exposure:
    """A diaspora whose people could lose a channel by an act of a state."""

    residence: str
    origin: str
    """The states of residence and birth."""
    people: float
    """Its size [persons]."""
    share: float
    """Share of it that could lose a channel [1]."""
    largest: bool
    """Whether it is one of the largest diasporas of the acting state."""
    matters: bool = False
    """Whether it belongs in the world of the scenario."""

    @property
    def exposed(self) -> float:
        """People who could lose a channel [persons]."""
        return self.people * self.share


def exposures(facts: Facts, acting: Mapping[str, Collection[str] | None]) -> list[Exposure]:
    """Return the diasporas whose people could lose a channel by some acts: the largest of each
    acting state, then by exposure.

    Parameters
    ----------
    facts : Facts
        A world, on the first day of the scenario.
    acting : mapping of str to collection of str, or None
        State -> the platforms that its acts target; None if they target everything.
    """
    merged: dict[Pair, Exposure] = {}
    for state, targets in sorted(acting.items()):
        largest = {residence for residence, _ in largest_diasporas(state, facts, LARGEST)}
        of_state = [
            Exposure(
                *pair,
                people,
                share_exposed(*pair, targets, facts),
                pair[1] == state and pair[0] in largest,
            )
            for pair, people in corridors_of(state, facts).items()
            if people >= LEAST_EXPOSED or (pair[1] == state and pair[0] in largest)
        ]
        least = max(LEAST_EXPOSED, LEAST_PART * max((one.exposed for one in of_state), default=0.0))
        for one in of_state:
            matters = one.share >= LEAST_USED and (one.largest or one.exposed >= least)
            pair = one.residence, one.origin
            other = merged.get(pair, one)
            merged[pair] = replace(
                one,
                share=max(one.share, other.share),
                largest=one.largest or other.largest,
                matters=matters or other.matters,
            )
    return sorted(merged.values(), key=lambda e: (not e.largest, -e.exposed, e.residence, e.origin))


def states_added(
    facts: Facts, found: Iterable[Exposure], named: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the states that the diasporas add to a world, in the order of their exposure.

    Parameters
    ----------
    facts : Facts
        The world; its own states are not added.
    found : iterable of Exposure
        Diasporas from `exposures`.
    named : collection of str
        States that are in the world because the scenario names them; they do not count towards
        `MOST_ADDED`.
    """
    known = {*facts.states, *named}
    added: dict[str, bool] = {}
    for exposure in found:
        if not exposure.matters:
            continue
        for code in (exposure.residence, exposure.origin):
            others = sum(not largest for largest in added.values())
            room = len(known) + len(added) < MOST_STATES and (
                exposure.largest or others < MOST_ADDED
            )
            if room and code not in known and code not in added:
                added[code] = exposure.largest
    return tuple(added)


def share_exposed(
    residence: str, origin: str, targets: Collection[str] | None, facts: Facts
) -> float:
    """Return the share of a diaspora that could lose a channel, 0 to 1.

    Parameters
    ----------
    residence, origin : str
        The states of residence and birth.
    targets : collection of str, or None
        The platforms at stake; platforms without figures count as unused. None means everything.
    facts : Facts

    Notes
    -----
    The share is at most the smaller of the two ends' shares of users. A diaspora's share is the
    larger of that of the people around it and a part (``people.origin_platform_share``) of that at
    home.
    """
    if targets is None:
        return 1.0
    known = facts.parameters.get("people.origin_platform_share")
    carried = known.value if known is not None else 0.0
    most = 0.0
    for platform in targets:
        if platform not in facts.platforms:
            continue
        around, at_home = (
            use_anywhere(state, platform, facts).value for state in (residence, origin)
        )
        group = facts.group_penetration.get((residence, platform, origin))
        if group is not None:
            abroad = group.value
        elif is_shut(facts.blocks, (residence, platform)) or is_shut(
            blocks_elsewhere(facts), (residence, platform)
        ):
            abroad = around
        else:
            abroad = max(around, carried * at_home)
        most = max(most, min(abroad, at_home))
    return most


class Watched(Cited, file="watched.csv", key=("place",)):
    """A place, ``CN`` or ``CN:Tibetans``, in which surveillance of contact abroad makes families
    break it off.
    """

    place: Text


def is_watched(state: str, community: str = "") -> bool:
    """Return whether a state watches its people's contact abroad, or that of a community."""
    return state in read(Watched) or (bool(community) and f"{state}:{community}" in read(Watched))

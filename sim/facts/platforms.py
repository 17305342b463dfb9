"""Platforms: their use in any state, languages, stores, addresses and separate services.

Where a state has no figure for a platform, use is the median of its subregion, or of its region
(without the platform's home), or else what is left of the use in the rest of the world. All of
these are assumptions. In a state that acts in a scenario, figures of `AtHome` replace them; these
figures do not enter any median or any other state's use.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from typing import Annotated, Literal

from .history import (
    DatedPlatform,
    Pair,
    blocked_share,
    blocks_before,
    dated_name,
    dated_platforms,
    is_shut,
    share_on,
)
from .model import DEVICES, REST_OF_WORLD, BlockFact, Device, Facts, Kind, Kinds, Modes
from .states import (
    ENOUGH,
    MEDIAN_OF,
    PlaceCode,
    assumed,
    load_places,
    median_share,
    other_figures,
    place_code,
    vpn_share_in,
)
from .tables import (
    Basis,
    Cited,
    Day,
    DayText,
    Fault,
    Figure,
    Names,
    Quantity,
    Row,
    State,
    Text,
    Words,
    YesNo,
    figure_table,
    one_of,
    read,
)
from .worlds import read_shipped

UNUSED = 1e-4  # share of Internet users below which a platform counts as not used
APPLES_STORE = "Apple App Store"
"""The iPhone's store: without it an iPhone loses an app, and its maker loses buyers."""
ANY = "*"
"""In the table of scopes: any language, or any state's telephone numbers."""


OTHER_USE = figure_table("other_penetration.csv", unit="share", state=PlaceCode, platform=Text)
MINUTES = figure_table("minutes.csv", of=Text)
BUDGETS = figure_table("budget.csv", of=Text)
SURVEYS = figure_table("surveys.csv", state=Text, lost=Text, platform=Text)
FRESH = 1_096
"""Validity of a figure of `AtHome` after its last day [days] (assumption: three years)."""


class AtHome(Figure, file="use_at_home.csv", key=("state", "platform", "since")):
    """Use of a platform in a state, in a month in which no order restricted it there.

    It holds only in worlds where the state acts, from the first day of the month to `FRESH` days
    after the last.
    """

    UNIT = "share"
    state: PlaceCode
    platform: DatedPlatform
    since: DayText
    until: DayText
    """First and last day of the month, or of the period that contains the month."""
    population: Text
    """The population to which the share refers."""

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield an end before the beginning."""
        yield from super().faults(names)
        if self.until < self.since:
            yield f"since {self.since}, until {self.until}", "an end after the beginning"

    def holds_on(self, day: date) -> bool:
        """Return whether the figure holds for a scenario that starts on a day."""
        first = date.fromisoformat(self.since)
        last = date.fromisoformat(self.until)
        return first <= day and (day - last).days <= FRESH


@cache
def _at_home() -> Mapping[Pair, tuple[AtHome, ...]]:
    """Return the figures of `AtHome` by state and platform, the latest first."""
    table: dict[Pair, tuple[AtHome, ...]] = {}
    for row in sorted(read(AtHome).values(), key=lambda row: row.since, reverse=True):
        pair = row.state, row.platform
        table[pair] = (*table.get(pair, ()), row)
    return table


def outdated_at_home(state: str, platform: str, facts: Facts) -> AtHome | None:
    """Return the latest figure of `AtHome` of a platform in a state, if it is too old on the day of
    the facts and no later one holds; else None.
    """
    if platform not in facts.platforms:
        return None
    rows = _at_home().get((state, dated_name(facts.platforms[platform])), ())
    past = [row for row in rows if row.until < facts.day.isoformat()]
    return past[0] if past and not any(row.holds_on(facts.day) for row in rows) else None


def use_at_home(state: str, platform: str, facts: Facts) -> Quantity | None:
    """Return the figure of `AtHome` of a platform in a state that acts [share of Internet users],
    or None.

    The result is None if the state does not act, the platform is blocked, or the world has a better
    figure than an assumption.
    """
    if state not in facts.acting or platform not in facts.platforms:
        return None
    rows = _at_home().get((state, dated_name(facts.platforms[platform])), ())
    row = next((row for row in rows if row.holds_on(facts.day)), None)
    pair = state, platform
    if row is None or is_shut(facts.blocks, pair) or is_shut(blocks_elsewhere(facts), pair):
        return None
    known = (
        facts.penetration.get(pair)
        if state in facts.states
        else _figures_elsewhere(facts).get(pair)
    )
    return row.quantity if known is None or known.basis == "assumption" else None


@lru_cache(maxsize=256)
def where_acting(facts: Facts, states: frozenset[str]) -> Facts:
    """Return the facts of a day for a scenario in which some states act."""
    return replace(facts, acting=states)


@lru_cache(maxsize=16_384)
def use_anywhere(state: str, platform: str, facts: Facts) -> Quantity:
    """Return the use of a platform in any state [share of Internet users].

    Parameters
    ----------
    state : str
        Alpha-2 code.
    platform : str
        Name as in the world.
    facts : Facts
        A shipped world, as loaded or as of another day.

    Raises
    ------
    InputError
        No state has that code.
    """
    pair = state, platform
    if (at_home := use_at_home(state, platform, facts)) is not None:
        return at_home
    if state in facts.states:
        return facts.penetration.get(pair) or assumed(0.0, 0.0, 0.0, "no figure: not used there")
    figures = _figures_elsewhere(facts)
    if pair in figures:
        return figures[pair]
    place = load_places()[place_code(state)]
    share = _median(platform, (place.subregion, place.region), facts) or _rest(platform, facts)
    if is_shut(blocks_elsewhere(facts), pair):
        share = blocked_share(share, vpn_share_in(place.region, facts))
    return (
        share if share.value >= UNUSED else assumed(0.0, 0.0, 0.0, "less than one in ten thousand")
    )


def counted_in(platform: str, facts: Facts) -> set[str]:
    """Return the states in which a platform is open and for which a source has its use; elsewhere
    that is an assumption.

    Parameters
    ----------
    platform : str
        Name as in the world.
    facts : Facts
        A shipped world, as loaded or as of another day.
    """
    return {*_measured(facts).get(platform, {})}


@lru_cache(maxsize=128)
def blocks_elsewhere(facts: Facts) -> Mapping[Pair, BlockFact]:
    """Return the blocks on the facts' day in states that are not detailed."""
    return blocks_before(facts.day, facts, load_places().keys() - facts.states.keys())


@lru_cache(maxsize=128)
def _figures_elsewhere(facts: Facts) -> Mapping[Pair, Quantity]:
    """Return the figures of use in states that are not detailed, as of the facts' day."""
    base = facts.whole or facts
    places = load_places()
    blocks = blocks_elsewhere(facts)
    first = blocks_before(base.day, base, places.keys() - facts.states.keys())
    return {
        pair: share_on(
            base,
            pair,
            row.quantity,
            vpn_share_in(places[pair[0]].region, facts),
            facts.day,
            (is_shut(first, pair), is_shut(blocks, pair)),
        )
        for pair, row in read_shipped(OTHER_USE, facts.name).items()  # type: ignore[arg-type]
        if pair[0] not in facts.states and pair[1] in facts.platforms
    }


def _median(platform: str, areas: tuple[str, str], facts: Facts) -> Quantity | None:
    """Return the median of the measured figures in the first area that has enough of them, or None.

    The home of the platform does not count, because use there is no guide to use next door.
    """
    home = facts.platforms[platform].home if platform in facts.platforms else ""
    places = load_places()
    measured = {
        code: share for code, share in _measured(facts).get(platform, {}).items() if code != home
    }
    for area in areas:
        shares = [
            share
            for code, share in measured.items()
            if area in (places[code].subregion, places[code].region)
        ]
        if len(shares) >= ENOUGH:
            return median_share(shares, f"{MEDIAN_OF} {len(shares)} states in {area}")
    return None


@lru_cache(maxsize=128)
def _measured(facts: Facts) -> Mapping[str, Mapping[str, float]]:
    """Return the measured shares by platform and state, without the states that block the
    platform.
    """
    blocks = {**facts.blocks, **blocks_elsewhere(facts)}
    table: dict[str, dict[str, float]] = {}
    for pair, share in {**_figures_elsewhere(facts), **facts.penetration}.items():
        if share.basis != "assumption" and pair[0] != REST_OF_WORLD and not is_shut(blocks, pair):
            table.setdefault(pair[1], {})[pair[0]] = share.value
    return table


@lru_cache(maxsize=512)
def _rest(platform: str, facts: Facts) -> Quantity:
    """Return the use in the rest of the world without the states that have a figure."""
    if (REST_OF_WORLD, platform) not in facts.penetration:
        return assumed(0.0, 0.0, 0.0, "not used in the rest of the world")
    users = other_figures(facts.name)
    shares = {
        state: q.value for (state, name), q in _figures_elsewhere(facts).items() if name == platform
    }
    return share_left(
        facts, platform, {s: (users[s, "internet_users"].value, part) for s, part in shares.items()}
    )


def share_left(facts: Facts, platform: str, known: Mapping[str, tuple[float, float]]) -> Quantity:
    """Return the use of a platform in the rest of the world without some of its states.

    Parameters
    ----------
    facts : Facts
    platform : str
        A platform with users in the rest of the world.
    known : mapping of str to (float, float)
        Internet users of each of the states [persons], and the share of them who use it [1].
    """
    share = facts.penetration[REST_OF_WORLD, platform]
    users = facts.states[REST_OF_WORLD].internet_users.value
    others = users - sum(people for people, _ in known.values())
    if others <= 0:
        return share
    value = (users * share.value - sum(people * part for people, part in known.values())) / others
    value = min(1.0, max(0.0, value))
    low = value * share.low / share.value
    high = min(1.0, value * share.high / share.value)
    return assumed(value, low, high, "what is left of the rest of the world")


class KindRow(Cited, file="kinds.csv", key=("kind",)):
    """Activities on a platform of a kind: defaults for a platform that a scenario adds."""

    kind: Kind
    modes: Modes
    also: Kinds
    """Other kinds to which it partly belongs."""


class UnmodelledRow(Cited, file="unmodelled.csv", key=("service",)):
    """A service that orders name but that has no figures in the tables."""

    service: Text
    also: Words
    """Other names."""
    firm: Text
    home: State
    """The state whose law the firm answers to."""
    what: Text
    """Its purpose, in words."""
    missing: str
    """What the tables lack; empty where another instrument has it."""
    used: YesNo
    """Whether people use it themselves, so that a scenario may state it as a platform."""
    instead: str
    """How to write such an order; empty if the model cannot express it."""


class StoreFact(Cited, file="stores.csv", key=("store",)):
    """An app store."""

    store: Text
    device: Device
    """One of `splinternet.facts.model.DEVICES`."""
    gives_way_to: str
    """The store that phones use instead if a platform is blocked; empty for none."""
    where_blocked: str
    """That platform."""
    usual: YesNo
    """Whether the store has a platform that a scenario adds, unless the scenario states otherwise.
    For each kind of device, this is the store that phones use if nothing is blocked.
    """


def usual_stores() -> tuple[str, ...]:
    """Return the stores of a platform that names none, in the order of the devices."""
    return tuple(store_of(device, ()) for device in DEVICES)


def store_of(device: str, blocked: Collection[str]) -> str:
    """Return the store that phones of a kind use in a state in which some platforms are blocked on
    the first day.
    """
    usual = next(fact for fact in read(StoreFact).values() if fact.device == device and fact.usual)
    return usual.gives_way_to if usual.where_blocked in blocked else usual.store


def minutes_of(platform: str, kind: str) -> Quantity:
    """Return the time that users spend on a platform, or, without a row, on its kind [minutes a
    day].
    """
    table = read(MINUTES)
    return (table.get(platform) or table[kind]).quantity


class AppScope(Row, file="app_scope.csv", key=("platform",)):
    """The people for whom an app is made."""

    platform: Text
    languages: Words
    """Codes of languages; ``*`` alone for any."""
    numbers: Words
    """Codes of the states whose telephone numbers are sufficient for an account; ``*`` alone for
    any.
    """
    basis: Basis = "assumption"
    source: Text = "not in the table"

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield an empty column, and codes beside ``*``."""
        for column, words in (("languages", self.languages), ("numbers", self.numbers)):
            if not words or (ANY in words and len(words) > 1):
                yield f"{column} is '{'|'.join(words)}'", "codes separated by |, or * alone"

    def speaks(self, languages: frozenset[str]) -> bool:
        """Return whether the app has one of some languages; true if no languages are given."""
        return ANY in self.languages or not languages or not languages.isdisjoint(self.languages)

    def takes_numbers_of(self, state: str) -> bool:
        """Return whether a telephone number of a state opens an account."""
        return ANY in self.numbers or state in self.numbers or state == REST_OF_WORLD


def scope_of(platform: str) -> AppScope:
    """Return the people for whom an app is made: everybody, if the table has no row."""
    return read(AppScope).get(platform) or AppScope(
        platform=platform, languages=(ANY,), numbers=(ANY,)
    )


def languages_of(state: str) -> frozenset[str]:
    """Return the codes of the languages of a state's people; empty if unknown."""
    place = load_places().get(state)
    return frozenset(place.languages if place else ())


class Address(Cited, file="platform_addresses.csv", key=("kind", "address")):
    """An address of a platform."""

    platform: Annotated[str, one_of(dated_platforms)]
    kind: Literal["domain", "host", "test"]
    """``domain``: the host and every host below it; ``host``: this host only; ``test``: a test of
    OONI that measures the app itself.
    """
    address: Text


def platform_of_test(name: str) -> str | None:
    """Return the platform that a test of OONI measures, or None for a test of something else."""
    row = read(Address).get(("test", name))
    return row.platform if row else None


def platform_at(host: str) -> str | None:
    """Return the platform that serves a host such as ``www.facebook.com``, in any case, or None."""
    labels = host.casefold().rstrip(".").split(".")
    above = [("domain", ".".join(labels[at:])) for at in range(len(labels))]
    rows = read(Address)
    return next(
        (rows[key].platform for key in (("host", above[0][1]), *above) if key in rows), None
    )


class BesideTalk(Figure, file="carries.csv", key=("state", "platform", "what")):
    """Economic services of a platform in a state, other than communication, which the model does
    not simulate.
    """

    state: PlaceCode
    platform: Text
    what: Text


class Half(Cited, file="halves.csv", key=("state", "platform")):
    """A separate service of a platform for the people of a state, run in that state.

    The model serves a platform from one place, so a cut of the border also stops such a service at
    home. Its results there are not valid, and reports omit them.
    """

    state: Text
    platform: Text
    since: Day
    note: str


def read_halves() -> frozenset[Pair]:
    """Return (state, platform) for each separate service."""
    return frozenset(read(Half))

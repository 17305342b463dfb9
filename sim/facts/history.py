"""The histories of blocks, shutdowns, owners and names of platforms, for all worlds, and the facts
of a world on a day.

Figures of use are those of the world, unless a block begins or ends between the world's day and the
requested day:

- a platform that was not blocked yet has the figure from before its first block, if there is one;
- a platform that has been blocked since keeps its users with a VPN that opens it (assumption).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple

from ..errors import InputError, Place, Problem
from .model import TECHNIQUES, BlockFact, Facts, PlatformFact, find_platform
from .states import PlaceCode, load_places
from .tables import (
    Cited,
    DayText,
    Fault,
    Figure,
    Names,
    Quantity,
    Spell,
    Text,
    check_rows,
    fold,
    one_of,
    read,
)
from .worlds import ORDERS_TABLE, known_tables, load_world

type Pair = tuple[str, str]
"""State and platform."""
type Key = tuple[str, str, str]
"""State, platform and first day of an order; a shutdown has no platform."""
SHUTDOWN = "shutdown"
MOBILE_SHUTDOWN = "mobile shutdown"
"""Techniques of recorded orders without a platform: a shutdown of all networks, or of mobile
networks alone.
"""
RECORD_ENDS = date(2026, 4, 1)
"""Last day of the search for restrictions; later ones are unknown."""
SLOWER = ("throttle", "delist")
"""Restrictions in the history that are not blocks: throttles and removals from stores."""
PlaceOrNone = Annotated[str, one_of(lambda: ("", *load_places()))]


class PlatformEvent(Cited, file="platform_dates.csv"):
    """A dated change of a platform."""

    platform: Text
    event: Literal["launched", "closed", "owner", "name", "note"]
    date: DayText
    """The date is ``YYYY-MM-DD``."""
    to: str
    home: PlaceOrNone
    """New owner and its home for ``launched`` and ``owner``; the new name for ``name``."""
    state: PlaceOrNone
    """The state whose part of the business changes; empty for the whole business."""
    note: str

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield an owner without a home."""
        if self.event in ("launched", "owner") and not (self.to and self.home):
            yield "to or home is empty", "the owner and its home"


@cache
def dates_of(event: str) -> Mapping[str, str]:
    """Return the day of an event such as ``launched`` for each platform that has one, whether or
    not it is in a world.
    """
    return {row.platform: row.date for row in read(PlatformEvent).values() if row.event == event}


@cache
def dated_platforms() -> tuple[str, ...]:
    """Return the names of all platforms with known dates, whether or not they are in a world."""
    return tuple(dict.fromkeys(row.platform for row in read(PlatformEvent).values()))


DatedPlatform = Annotated[str, one_of(dated_platforms)]


class Restriction(BlockFact, file="block_history.csv"):
    """A block or another restriction of a platform in a state, with its days."""

    KEY = ()
    state: PlaceCode
    platform: DatedPlatform
    technique: Annotated[str, one_of((*TECHNIQUES, *SLOWER))]
    """One of `TECHNIQUES`, or of `SLOWER`."""
    order: Literal["decree", "regulator", "court", "owner", "unknown"]
    """The body that gave the order."""
    note: str

    @property
    def is_block(self) -> bool:
        """True if the order is a block, not a throttle or a removal from stores."""
        return self.technique in TECHNIQUES


class NationalShutdown(Spell, file="shutdowns.csv", key=("state", "since")):
    """A national shutdown, with its first day and the day on which the Internet came back."""

    state: PlaceCode
    networks: Literal["all", "mobile"]
    """``mobile`` if fixed lines worked."""
    order: Literal["decree", "regulator", "court", "unknown"]
    """The body that gave the order."""
    note: str


class AddedOrder(Restriction, file=ORDERS_TABLE, key=("state", "platform", "since")):
    """An order that a user adds to the record: against a platform, or a shutdown without a
    platform.
    """

    platform: Annotated[str, one_of("recorded")]
    technique: Annotated[str, one_of((*TECHNIQUES, *SLOWER, SHUTDOWN, MOBILE_SHUTDOWN))]
    order: Literal["decree", "regulator", "court", "owner", "unknown"] = "unknown"
    note: str = ""
    where: Place = Place("", 0)

    @property
    def is_cut(self) -> bool:
        """True if the order is a shutdown, of all networks or of mobile ones."""
        return self.technique in (SHUTDOWN, MOBILE_SHUTDOWN)

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield a shutdown with a platform, and a block without one."""
        yield from super().faults(names)
        if self.is_cut == bool(self.platform):
            found = f"technique {self.technique} of '{self.platform}'"
            yield found, "a platform, unless the technique is shutdown or mobile shutdown"


@lru_cache(maxsize=16)
def added_orders(world: str) -> Mapping[Key, AddedOrder]:
    """Return the orders that a user's tables add to the record, by state, platform and first day;
    none for a shipped world.

    Raises
    ------
    InputError
        The table has errors. The message lists all of them, with file and line.
    """
    problems: list[Problem] = []
    is_own = known_tables(world) is not None
    cells = load_world(world).cells(AddedOrder, problems, own=True) if is_own else []
    names = {"recorded": ("", *dated_platforms()), "launched": dates_of("launched")}
    rows = check_rows(AddedOrder, cells, problems, names)
    if problems:
        raise InputError(problems)
    return MappingProxyType(rows)


def restrictions(world: str = "") -> Collection[Restriction]:
    """Return the rows of the record of blocks, shipped and from a user's tables; the user's rows
    take precedence.

    Parameters
    ----------
    world : str
        Name of a world; without it, the shipped rows alone.
    """
    shipped = read(Restriction).values()
    added = added_orders(world)
    if not added:
        return shipped
    kept = [row for row in shipped if (row.state, row.platform, row.since) not in added]
    return [*kept, *(row for row in added.values() if not row.is_cut)]


def shutdowns(world: str = "") -> Collection[NationalShutdown]:
    """Return the rows of the record of national shutdowns, as `restrictions` does."""
    shipped = read(NationalShutdown).values()
    added = [row for row in added_orders(world).values() if row.is_cut]
    days = {(row.state, row.since) for row in added}
    made = [
        NationalShutdown(
            state=row.state,
            networks="mobile" if row.technique == MOBILE_SHUTDOWN else "all",
            order="unknown" if row.order == "owner" else row.order,
            since=row.since,
            until=row.until,
            source=row.source,
            basis=row.basis,
            note=row.note,
        )
        for row in added
    ]
    return [*(row for row in shipped if (row.state, row.since) not in days), *made]


def record_ends(world: str = "") -> date:
    """Return the last day of the record: the day up to which the shipped record covers all states,
    or the newest order in a user's tables.
    """
    days = [date.fromisoformat(row.since) for row in added_orders(world).values()]
    return max((RECORD_ENDS, *days))


class Recorded(NamedTuple):
    """An order from the tables: a state's restriction of some platforms by one technique from one
    day on.
    """

    state: str
    technique: str
    order: str
    since: date
    until: date | None
    """The first day without the order; None if no end is known."""
    platforms: tuple[str, ...]
    """Names from the histories; empty for a shutdown."""
    sources: tuple[str, ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """Return the order in words, without its sources."""
        named = f"{', '.join(self.platforms[:6])}{f' and {len(self.platforms) - 6} more' * (len(self.platforms) > 6)}"
        named = named or "the Internet"
        by = f", by {self.order}" * (self.order != "unknown")
        return f"{self.state}: {named}, {self.since} to {self.until or 'no known end'}, {self.technique}{by}"


def recorded(
    states: Collection[str],
    platforms: Collection[str] = (),
    technique: str = "",
    world: str = "",
) -> list[Recorded]:
    """Return the orders of some states in the tables of blocks and of national shutdowns, the
    newest first.

    Parameters
    ----------
    states : collection of str
        Alpha-2 codes; if empty, all states.
    platforms : collection of str
        Names from the histories; if empty, all platforms and shutdowns.
    technique : str
        Only orders by this technique; shutdowns are `SHUTDOWN` or `MOBILE_SHUTDOWN`.
    world : str
        Name of a world whose own tables may add orders.
    """
    rows: dict[tuple[str, ...], list[Restriction]] = {}
    for row in restrictions(world):
        wanted = (not states or row.state in states) and (
            not platforms or row.platform in platforms
        )
        if wanted and technique in ("", row.technique):
            rows.setdefault((row.since, row.state, row.technique, row.order, row.until), []).append(
                row
            )
    found = list[Recorded]()
    for cut in shutdowns(world) if not platforms else ():
        kind = MOBILE_SHUTDOWN if cut.networks == "mobile" else SHUTDOWN
        if (not states or cut.state in states) and technique in ("", kind):
            end = date.fromisoformat(cut.until) if cut.until else None
            days = date.fromisoformat(cut.since), end
            found.append(
                Recorded(
                    cut.state,
                    kind,
                    cut.order,
                    *days,
                    (),
                    (cut.source,),
                    (cut.note,) if cut.note else (),
                )
            )
    for (since, state, how, order, until), each in rows.items():
        apart = (
            tuple(dict.fromkeys(filter(None, map(attrgetter(key), each))))
            for key in ("platform", "source", "note")
        )
        end = date.fromisoformat(until) if until else None
        found.append(Recorded(state, how, order, date.fromisoformat(since), end, *apart))
    return sorted(found, key=lambda order: order.since, reverse=True)


class Before(Figure, file="before_blocks.csv", key=("state", "platform")):
    """Use of a platform in a state on a day before its first block, or its slow-down, there."""

    state: PlaceCode
    platform: DatedPlatform
    date: DayText
    until: DayText


def blocks_before(
    day: date, facts: Facts, states: Collection[str] | None = None
) -> dict[Pair, BlockFact]:
    """Return the blocks of a world's platforms that began before a day and still applied on it.

    Parameters
    ----------
    day : datetime.date
        First day of a scenario.
    facts : Facts
        The world; its names of platforms are used.
    states : collection of str, optional
        The states; by default those of the world.
    """
    wanted = facts.states if states is None else states
    blocks: dict[Pair, BlockFact] = {}
    for row in restrictions(facts.name):
        if row.is_block and row.state in wanted and row.in_force_before(day):
            pair = row.state, find_platform(row.platform, facts) or ""
            if pair[1] and (pair not in blocks or blocks[pair].technique == "calls_only"):
                blocks[pair] = row
    return blocks


def owner_on(platform: str, day: date) -> Pair | None:
    """Return the owner of a dated platform on a day, with its home; None before the launch or if
    unknown.
    """
    owners = [
        (event.to, event.home)
        for event in read(PlatformEvent).values()
        if event.platform == platform and event.event in ("launched", "owner") and not event.state
        if event.date <= day.isoformat()
    ]
    return owners[-1] if owners else None


@lru_cache(maxsize=128)
def as_of(facts: Facts, on: date, kept: frozenset[str] = frozenset()) -> Facts:
    """Return the facts of a world as they stood before the first day of a scenario.

    Parameters
    ----------
    facts : Facts
        The facts of a world; returned unchanged if they are of that day.
    on : datetime.date
        First day of the scenario. A block that begins on this day is not in force before it.
    kept : frozenset of str
        Platforms to keep although they did not work on that day, because a scenario lets them work.
    """
    base = facts.whole or facts
    if on == facts.day and not kept:
        return facts
    platforms = {name: _owned(fact, base.day, on) for name, fact in base.platforms.items()}
    working = {name for name, fact in base.platforms.items() if name in kept or fact.works_on(on)}
    then = replace(base, platforms=platforms).only(working)
    first = blocks_on(base, base.day)
    blocks = {p: b for p, b in blocks_on(base, on).items() if p[1] in working}
    vpn = {code: state.vpn_share for code, state in base.states.items()}
    shares = {
        pair: share_on(
            base, pair, share, vpn[pair[0]], on, (is_shut(first, pair), is_shut(blocks, pair))
        )
        for pair, share in then.penetration.items()
    }
    groups = {
        key: blocked_share(share, vpn[key[0]])
        if is_shut(blocks, key[:2]) and not is_shut(first, key[:2])
        else share
        for key, share in then.group_penetration.items()
    }
    return replace(
        then, penetration=shares, group_penetration=groups, blocks=blocks, day=on, whole=base
    )


def missing_platforms(base: Facts, on: date) -> list[Pair]:
    """Return the platforms that worked on a day but have no figures in a world, each with its
    launch.
    """
    text = on.isoformat()
    closed = dates_of("closed")
    working = [
        (name, day)
        for name, day in dates_of("launched").items()
        if day <= text < closed.get(name, "9999")
    ]
    return [(name, day) for name, day in working if find_platform(name, base) is None]


def share_on(
    base: Facts, pair: Pair, share: Quantity, vpn_share: Quantity, on: date, shut: tuple[bool, bool]
) -> Quantity:
    """Return the use of a platform in a state on a day.

    Parameters
    ----------
    base : Facts
        The world as it was loaded.
    pair : (state, platform)
    share : Quantity
        Its use on the world's day [share of Internet users].
    vpn_share : Quantity
        Share of the state's Internet users with a VPN that opens blocked services [1].
    on : datetime.date
    shut : (bool, bool)
        Whether the platform is blocked on the world's day, and on the day ``on``.
    """
    then, now = shut
    before = read(Before).get((pair[0], dated_name(base.platforms[pair[1]])))
    if before is not None and not now and on.isoformat() <= before.until:
        nearer = abs((date.fromisoformat(before.date) - on).days) < abs((base.day - on).days)
        return before.quantity if nearer or then else share
    if now and not then:
        return blocked_share(before.quantity if before is not None else share, vpn_share)
    return share


def is_shut(blocks: Mapping[Pair, BlockFact], pair: Pair) -> bool:
    """Return whether a platform is blocked in a state; a block of calls alone does not count."""
    return pair in blocks and blocks[pair].technique != "calls_only"


def blocked_share(share: Quantity, vpn: Quantity) -> Quantity:
    """Return the use of a blocked platform: its use before, by those with a VPN [share of Internet
    users].
    """
    return Quantity(
        value=share.value * vpn.value,
        low=share.low * vpn.low,
        high=min(1.0, share.high * vpn.high),
        unit=share.unit,
        source=f"assumption: {share.value:g} before the block, times the share with a VPN ({vpn.value:g})",
        basis="assumption",
        licence="own (MIT)",
        note=share.source,
    )


def with_added(blocks: Mapping[Pair, BlockFact], facts: Facts, on: date) -> dict[Pair, BlockFact]:
    """Return the blocks in force before a day with the orders that a user's own tables add to the
    record, which take precedence.
    """
    found = dict(blocks)
    for row in added_orders(facts.name).values():
        pair = row.state, find_platform(row.platform, facts) or ""
        if not row.is_block or not pair[1] or row.state not in facts.states:
            continue
        standing = found.get(pair)
        if row.in_force_before(on) and (row.technique != "calls_only" or standing is None):
            found[pair] = row
        elif standing is not None and standing.since == row.since and not row.in_force_before(on):
            del found[pair]
    return found


def blocks_on(base: Facts, on: date) -> dict[Pair, BlockFact]:
    """Return the blocks in force before a day: first a user's orders, then the world's rows, then
    the history.

    Where a world has its own table of blocks, that table takes precedence: what the history has in
    force on the world's day and the table does not is left out on every day.
    """
    return with_added(_blocks_on(base, on), base, on)


def _blocks_on(base: Facts, on: date) -> dict[Pair, BlockFact]:
    """Return the blocks in force before a day, without what a user adds to the record."""
    if not base.blocks:
        return blocks_before(on, base)
    own = {pair: fact for pair, fact in base.blocks.items() if fact.in_force_before(on)}
    if on == base.day:
        return own
    past = {pair: fact for pair, fact in blocks_before(on, base).items() if pair not in own}
    return own | {
        pair: fact
        for pair, fact in past.items()
        if pair in base.blocks or not fact.in_force_before(base.day)
    }


def _owned(fact: PlatformFact, day: date, on: date) -> PlatformFact:
    """Return a platform with the owner of another day, where it has changed hands in between."""
    name = dated_name(fact)
    before = owner_on(name, day)
    after = owner_on(name, on)
    if before is None or after is None or before == after:
        return fact
    return replace(fact, owner=after[0], home=after[1])


def dated_name(fact: PlatformFact) -> str:
    """Return the name under which the histories know a platform of a world."""
    return next((name for name in fact.words() if name in dated_platforms()), fact.name)


def platform_not_there(text: str, facts: Facts) -> tuple[str, str, str] | None:
    """Return why a dated platform is not in the facts (what was found, what is allowed, a hint), or
    None.

    Parameters
    ----------
    text : str
        Name or alias.
    facts : Facts
        As of the first day of a scenario; their platforms do not have that name.
    """
    base = facts.whole or facts
    day = facts.day
    name = find_platform(text, base)
    if name is not None:
        fact = base.platforms[name]
        shut = "" < fact.closed <= day.isoformat()
        said = (
            f"{name} closed on {fact.closed}" if shut else f"{name} was launched on {fact.launched}"
        )
        hint = f"leave it out, or name it under world.platforms to have it work all the same: {name}: {{}}"
        return (
            f"{said}, {'before' if shut else 'after'} the first day {day}",
            "a platform of that day",
            hint,
        )
    known = next((other for other in dated_platforms() if fold(other) == fold(text)), None)
    if known is None:
        return None
    days = [
        f"{event} {dates_of(event)[known]}"
        for event in ("launched", "closed")
        if known in dates_of(event)
    ]
    hint = "add it under world.platforms with owner, home, kind and penetration"
    return (
        f"{facts.name} has no figures of {known} ({', '.join(days) or 'no dates'})",
        "a platform of that world",
        hint,
    )

"""Inputs of the kernels: tables of rows, rules of behaviour, and the arrays of a day, as dtypes and
named tuples.

A row of a table holds all data of one person, platform or access cell, so that a kernel that visits
a contact reads one piece of memory instead of ten. This module loads no compiler.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..facts.model import KINDS, MODES
from .access import FELT, WIDTH, AccessTable, width

FRIEND = 4  # weight of a friend; an integer, so that sums do not depend on their order
FULL = 64  # integer that stands for a share of 1, for closeness
CLOSEST = 0.8  # closeness of two platforms of the same kind; a full burst (assumption)
LEAST_LEFT = (
    0.05  # least remaining value of a platform that is used beside its alternatives (assumption)
)
LEVELS = 250  # steps of the chance that a person uses a platform on a day
NEVER = 1 << 30  # a day after the last
NEVER_DAYS = np.float32(1e9)  # more days than any run has
N_MODES = len(MODES)
N_KINDS = len(KINDS)

Rows = np.ndarray[Any, Any]


PERSON = np.dtype(
    [
        ("member", np.int64),  # platforms that the person has, as bits
        ("using", np.int64),  # those of `member` that work for the person, as bits
        ("abroad", np.int64),  # platforms that the person uses with kin abroad, as bits
        ("first_member", np.int64),  # platforms that the person had on the first day, as bits
        ("trial", np.int64),  # platforms with a new account on trial, as bits
        ("lapsed", np.int64),  # platforms that the person gave up, as bits
        ("group", np.int16),  # the person's group: residents, diaspora or family
        ("state", np.int16),  # the person's place: a state, or a community or class within it
        ("store", np.int16),  # place in whose app stores the person has another account
        ("seen", np.int16),  # the day after the last look
        ("vpn", np.uint8),  # 0: no VPN, 1: since the first day or before, 2: got later
        ("aware", np.uint8),  # 1 if the person knows of VPNs, else 0
        ("first_vpn", np.uint8),  # `vpn` on the first day
        ("age", np.uint8),  # age in full years on the first day
        ("effort", np.float32),  # cost of a workaround, relative to a person of average skill
    ],
    align=True,
)
"""One person: a row of the table of people. It has 64 bytes, one cache line, because contacts read
it often.
"""

PRIVATE = np.dtype(
    [
        ("stuck", np.int64),  # platforms that fail or are worth less than doing without, as bits
        ("uninstalled", np.int64),  # platforms whose app no longer works on the phone, as bits
        ("lost", np.int64),  # platforms with a loss at the last look, as bits
        ("lapse_day", np.int32),  # day on which the person last gave up a platform
        ("hit_day", np.int32),  # the day after the present loss began, 0 without a loss
        ("vpn_day", np.int32),  # day on which a VPN is found, or an idle one dropped; 0 for none
        ("surplus", np.int32),  # value gained since the first day, in 64ths of a marginal user's
    ],
    align=True,
)
"""Data that only a person's own visit reads; all are 0 on the first day."""

FIRST = np.dtype(
    [
        (name, PERSON.fields[name][0])  # type: ignore[index]
        for name in ("member", "abroad", "effort", "group", "state", "store", "vpn", "age")
    ]
)
"""Traits and platforms of one person on the first day, which determine the rest of the person's
row.

The table is read by column and not by kernels, so its rows have no padding.
"""

PLATFORM = np.dtype(
    [
        ("kind", np.int64),
        ("tie_share", np.float64),  # share of the value that comes from people on the platform
        ("habit", np.float64),  # sessions a day of a regular user
        ("mode_weight", np.float64, (N_MODES,)),  # share of the value of each mode
        ("closeness", np.float64, (N_KINDS,)),  # to platforms of each kind [share]
        ("pull", np.float64, (N_KINDS,)),  # push to each kind from its loss [share]
        ("akin", np.int64),  # platforms of kinds with any closeness to its own, bits
        ("next_door", np.int64),  # substitutes that need no account or habit, bits
        ("levels", np.int64),  # number of kinds that replace it
        (
            "stand_ins",
            np.int64,
            (N_KINDS,),
        ),  # other platforms by kind, the closest kind first, bits
        ("covered", np.int64, (N_KINDS,)),  # part of it that those replace, in units of 1/FULL
    ],
    align=True,
)
"""One platform."""

TASTE = np.dtype(
    [
        ("base_value", np.float64),  # value to the marginal user [marginal feed users' value]
        ("penetration", np.float64),  # share of the group that uses it
        ("known", np.float64),  # share of the group that has heard of it
        ("unsaturated", np.float64),  # factor on adoption, which falls with the share of users [1]
    ],
    align=True,
)
"""A group and a platform."""

CROWD = np.dtype(
    [
        ("audience", np.float64),  # offer of the platform, relative to the first day
        ("wave", np.float64),  # newcomers, per person of the state who looks for such a platform
        (
            "led",
            np.float64,
        ),  # content from other platforms that authors bring to this one [share]
    ],
    align=True,
)
"""A group and a platform: joint moves of people in the state today."""

CELL_COLUMNS = (*FELT, "install_hazard", "push", "coming")
CELL = np.dtype(
    [
        (name, np.float64, (WIDTH[name],)) if name in WIDTH else (name, np.float64)
        for name in CELL_COLUMNS
    ]
    + [
        ("penalty", np.float64),  # expected cost of being caught with a workaround [value]
        ("deterred", np.float64),  # share of people whom a fine keeps from workarounds
        ("first_reach", np.float64, (N_MODES,)),  # of each mode on the first day
        ("first_vpn_share", np.float64),  # share of VPNs through which it worked on the first day
        ("first_effort", np.float64),  # effort of the workaround on the first day
    ],
    align=True,
)
"""A state and a platform: the access table as the kernels read it, in the order of its columns."""


class Rules(NamedTuple):
    """Parameters of behaviour, by the names of `sim/facts/parameters.csv`."""

    choice_review_days: float
    choice_alert_days: float
    choice_value_spread: float
    choice_value_cap: float
    choice_trying_days: float
    choice_trying_spread: float
    choice_join_rate: float
    choice_bandwagon: float
    choice_substitutability: float
    choice_drop_below: float
    choice_drop_by_vpn: float
    choice_audience_prior: float
    choice_audience_power: float
    choice_speed_exponent: float
    choice_fatigue_rate: float
    choice_discovery: float
    choice_next_door: float
    choice_elsewhere: float
    choice_extra_use: float
    choice_saturation: float
    choice_champion_trust: float
    circumvention_effort_spread: float
    vpn_aware_share: float
    vpn_aware_rate: float
    vpn_find_days: float
    vpn_idle_days: float
    vpn_keep_idle: float
    vpn_lifted_days: float
    vpn_keep_lifted: float
    fear_principle: float
    wave_rate: float
    wave_days: float
    wave_news: float
    wave_threshold: float  # 0 under the rule `linear`
    burst_messenger: float
    burst_feed: float
    burst_days: float
    burst_dormant_share: float
    burst_dormant_wakes: float
    trial_days: float
    trial_keep_messenger: float
    trial_keep_feed: float
    trial_circle: float
    trial_push: float
    return_days: float
    return_ceiling: float
    return_away_days: float
    circumvention_cost: float
    circumvention_want_power: float
    circumvention_friction: float
    circumvention_contagion: float
    circumvention_use: float
    delisting_sideload_share: float
    delisting_foresight_days: float
    ties_kin_weight: int  # weight of a kin tie, in FRIEND units


class Columns(NamedTuple):
    """The world as the kernels see it. During a run only `bridged` changes, and each arm has its
    own.
    """

    start: np.ndarray  # (people + 1,) row of each person in `packed`
    packed: np.ndarray  # (entries,) twice the other end of a tie, plus 1 for kin
    platform: Rows  # (platforms,) PLATFORM
    taste: Rows  # (groups, platforms) TASTE
    talk_bits: int  # platforms that carry talk, bits
    apple_only: int  # bits
    takes: (
        np.ndarray
    )  # (groups,) platforms in a language of the group that take its telephone numbers, bits
    around: np.ndarray  # (groups,) platforms with enough users around for people to find them, bits
    ios_share: np.ndarray  # (places,)
    vpn_share: np.ndarray  # (places,) holders of a VPN on the first day
    home: np.ndarray  # (places,) number of the state of each place
    bridged: (
        np.ndarray
    )  # (places,) messengers that talk to each other for a state's people today, bits


RULES = np.dtype(
    [(name, np.int64 if name == "ties_kin_weight" else np.float64) for name in Rules._fields],
    align=True,
)
"""`Rules` as a record, so that kernels receive one address instead of every number."""


class Today(NamedTuple):
    """One day as the kernels see it."""

    day: int
    crowd: Rows  # (groups, platforms) CROWD
    drifted: np.ndarray  # (groups,) platforms whose audience differs from the first day, bits
    differs: (
        np.ndarray
    )  # (places,) platforms whose access differs from the first day or from yesterday, bits
    changed: np.ndarray  # (places,) platforms whose access changed today, bits
    pushed: np.ndarray  # (places,) platforms that are promoted today, bits


def pack(table: AccessTable, first: AccessTable) -> Rows:
    """Return an access table as rows, shape (states, platforms)."""
    cells = np.zeros(table.speed.shape, CELL)
    cells["first_reach"] = first.reach
    cells["first_effort"] = first.effort
    cells["first_vpn_share"] = first.vpn_share * first.vpn_open[:, None]
    pack_again(table, slice(None), cells)
    return cells


def pack_again(table: AccessTable, states: np.ndarray | slice, cells: Rows) -> None:
    """Copy some states of an access table into rows packed for another day (in place)."""
    shared = width(*CELL_COLUMNS)
    rows = cells[states]
    rows.view(np.float64).reshape(*rows.shape, -1)[:, :, :shared] = table.block[states, :, :shared]
    rows["penalty"] = table.penalty[states, None]
    rows["deterred"] = table.deterred[states, None]
    rows["vpn_share"] *= table.vpn_open[states, None]
    cells[states] = rows


CIRCLE = np.dtype([("now", np.int64), ("first", np.int64)])
"""Weight of a person's circle on a platform: now and on the first day."""

ACT = np.dtype(
    [
        ("joined", np.int64),  # platforms joined today, bits
        ("stuck", np.int64),  # platforms that failed before the visit, bits
        ("uninstalled", np.int64),  # platforms whose app was lost before the visit, bits
        ("wake", np.int32),  # day of the next review
        ("source", np.int16),  # the lost platform behind a join, or -1
        ("again", np.int16),  # 1 for a look tomorrow in any case
    ],
    align=True,
)
"""Decisions of a visitor that are not in the table of people, and earlier values for the log."""


class Outcome(NamedTuple):
    """The decisions of the visitors of one day, one row each."""

    row: Rows  # (visitors,) PERSON, after the visit
    act: Rows  # (visitors,) ACT
    cause: np.ndarray  # (visitors, platforms) the finding about each, an index in CAUSES


class Visitor(NamedTuple):
    """The visited person: numbers among all people and today's visitors, phone, VPN, whether a
    review is due, day of last lapse.
    """

    i: int
    k: int
    device: int
    has_vpn: bool
    is_review: bool
    lapse_day: int


class Scratch(NamedTuple):
    """Arrays that each visit overwrites: rows for platforms, and for contacts."""

    looked: np.ndarray  # platforms on which something differs
    circle: Rows  # CIRCLE on each of them
    lost: np.ndarray  # platforms lost
    need: np.ndarray  # need for a substitute of each lost platform, 0 to 1
    gain: np.ndarray  # gain of value by a VPN for each lost platform
    kept: np.ndarray  # share of each platform's value that it gives today
    company: np.ndarray  # company on each platform, 0 to 1
    met: np.ndarray  # weight of the circle's users of each platform
    share: np.ndarray  # share of the circle on each platform
    fresh: (
        np.ndarray
    )  # share of newcomers to each platform, among contacts on lost platforms and in the state
    weight: np.ndarray  # of each contact
    held: np.ndarray  # platforms of each contact, bits
    tried: np.ndarray  # new accounts of each contact on trial, bits
    used: np.ndarray  # platforms that work for each contact, bits
    held_first: np.ndarray  # platforms of each contact on the first day, bits
    there: np.ndarray  # weight of the contacts on lost platforms


def empty_scratch(platforms: int, contacts: int) -> Scratch:
    """Return arrays for visitors with a limited number of contacts."""
    numbers = {name: np.empty(platforms, np.int64) for name in ("looked", "lost")}
    shares = {
        name: np.empty(platforms)
        for name in ("need", "gain", "kept", "company", "met", "share", "fresh")
    }
    circle = {
        name: np.zeros(contacts + 7, np.int64)
        for name in ("weight", "held", "used", "tried", "held_first", "there")
    }
    return Scratch(circle=np.empty(platforms, CIRCLE), **numbers, **shares, **circle)


class Agenda(NamedTuple):
    """The day on which each person looks again, and the reason.

    Attributes
    ----------
    wake : numpy.ndarray of int32, shape (people,)
        Day of the next review; a day before today if reviews were skipped (`next_look` finds the
        date).
    urgent : numpy.ndarray of uint8, shape (people,)
        1 for a look today: while a platform fails the person, or on the day after an agreement with
        kin abroad.
    circle_changed : numpy.ndarray of int64, shape (people,)
        Platforms on which anybody in the circle, or this person, has changed, bits.
    group, place : numpy.ndarray of int16, shape (people,)
        Group and place from the table of people.
    mixed : numpy.ndarray of bool, shape (groups,)
        Whether access differs within a group, because a policy concerns only some of its people.
    first : numpy.ndarray of int64, shape (groups + 1,)
        First person of each group, and the number of people; the people of a group are consecutive.
    active : numpy.ndarray of uint8, shape (groups,)
        1 from the day on which anything differs from the first day for anybody in the group.
    reviews : numpy.ndarray of uint64, shape (days + 1,)
        Keys of the random dates of reviews, from the day before the first day on.
    """

    wake: np.ndarray
    urgent: np.ndarray
    circle_changed: np.ndarray
    group: np.ndarray
    place: np.ndarray
    mixed: np.ndarray
    first: np.ndarray
    active: np.ndarray
    reviews: np.ndarray


class Bonds(NamedTuple):
    """Kin ties abroad, in the order of the ties.

    Attributes
    ----------
    usable : numpy.ndarray, shape (ties,), int64
        Platforms in a language of the family on which both ends can open an account, as bits.
    known : numpy.ndarray, shape (ties,), int64
        Those of `usable` of which at least one end has heard, as bits.
    afraid : numpy.ndarray, shape (ties,), bool
        Whether the household uses only channels of the first day.
    calls_only : numpy.ndarray, shape (ties,), bool
        Whether the family end only calls: it neither reads nor writes messages.
    agree : numpy.ndarray, shape (ties,), float32
        Number of days on which the two must be able to arrange another platform before they agree
        on one [days].
    notice, ready : numpy.ndarray, shape (ties,), float32
        The time from the loss until either end notices it, and from then until they use an app that
        both have [days].
    wire : numpy.ndarray, shape (ties,), float32
        The time from the loss until the two can arrange anything; 0 if they know a telephone number
        [days].
    help : numpy.ndarray, shape (ties,), float32
        The time until somebody has helped the family end to set up an app; 0 if it needs no help
        [days].
    follow : numpy.ndarray, shape (ties,), float32
        The time from the day on which a relative of the household is back in contact until this
        pair follows [days].
    plan : numpy.ndarray, shape (ties,), float32
        Days of certain notice after which the two have agreed on another channel [days].
    number : numpy.ndarray, shape (ties,), float32
        Days of certain notice after which the two have exchanged telephone numbers; 0 if they know
        one [days].
    phone : numpy.ndarray, shape (ties,), float32
        The time from the loss until the two telephone instead, if they know a number; 0 if they
        telephone anyway [days].
    """

    usable: np.ndarray
    known: np.ndarray
    afraid: np.ndarray
    calls_only: np.ndarray
    agree: np.ndarray
    notice: np.ndarray
    ready: np.ndarray
    wire: np.ndarray
    help: np.ndarray
    follow: np.ndarray
    plan: np.ndarray
    number: np.ndarray
    phone: np.ndarray


def empty_bonds(ties: int) -> Bonds:
    """Return the traits of a number of ties, all 0."""
    kinds = {"usable": np.int64, "known": np.int64, "afraid": np.bool_, "calls_only": np.bool_}
    return Bonds(**{name: np.zeros(ties, kinds.get(name, np.float32)) for name in Bonds._fields})


class VisitContext(NamedTuple):
    """The data that a visit may read: the day, access, the world, yesterday's people and agenda,
    rules and random keys.
    """

    today: Today
    access: Rows
    world: Columns
    people: Rows
    private: Rows  # (people,) PRIVATE; only the person's own visit reads and writes it
    use: np.ndarray  # (people, platforms) chance of use today, in LEVELS; same access rule
    agenda: Agenda
    rules: Rules  # a record of RULES
    keys: Any  # a record of `splinternet.people.state.KEYS`
    kept: (
        np.ndarray
    )  # (people,) platforms that a user's rules keep today, bits; (0,) without such a rule


def empty_outcome(visitors: int, platforms: int) -> Outcome:
    """Return empty arrays for the decisions of visitors."""
    return Outcome(
        np.empty(visitors, PERSON),
        np.empty(visitors, ACT),
        np.empty((visitors, platforms), np.int8),
    )

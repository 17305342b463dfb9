"""The inputs of the kernels: rules of behaviour, people, platforms and access, as named tuples and tables of rows.

A row of a table holds all data of one person, platform or access cell. A kernel that visits a neighbour then reads one
stretch of memory, not ten.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.facts.model import KINDS, MODES
from sim.mechanisms.access import FELT, WIDTH, AccessTable, width

FRIEND = 4  # weight of a friend in whole numbers, so that sums do not depend on their order
FULL = 64  # a whole share in whole numbers, for closeness
CLOSEST = 0.8  # closeness of two platforms of one kind, at which a burst is full (assumption)
LEAST_LEFT = 0.05  # least that alternatives leave of a platform that is used beside them (assumption)
LEVELS = 250  # steps of the chance that a person uses a platform on a day
N_MODES = len(MODES)
N_KINDS = len(KINDS)

Rows = np.ndarray[Any, Any]
Cells = np.ndarray[Any, Any]

PERSON = np.dtype(
    [
        ("member", np.int64),  # platforms held, bits
        ("using", np.int64),  # of them, those that work for this person, bits
        ("abroad", np.int64),  # platforms used with kin abroad, bits
        ("first_member", np.int64),  # platforms held on the first day, bits
        ("trial", np.int64),  # new accounts that are still on trial, bits
        ("lapsed", np.int64),  # platforms given up, bits
        ("group", np.int16),  # residents, diaspora or family that the person belongs to
        ("state", np.int8),  # of residence, or community within it that finds blocks of its own
        ("store", np.int8),  # the same of the state whose app store the person has an account of beside that of its own
        ("vpn", np.uint8),  # 0 none, 1 from the first day, 2 got since
        ("aware", np.uint8),  # 1 once the person knows of VPNs
        ("first_vpn", np.uint8),  # the same on the first day
        ("effort", np.float32),  # what a workaround costs against a person of middling skill
        ("seen", np.int32),  # day after the last look
    ],
    align=True,
)
"""One person: a row of the table of people. It has 64 bytes, the line of a cache, for contacts look at it often."""

OWN = np.dtype(
    [
        ("stuck", np.int64),  # platforms that fail or are worth less than doing without, bits
        ("uninstalled", np.int64),  # working apps lost, bits
        ("lost", np.int64),  # platforms of which something was missing at the last look, bits
        ("lapse_day", np.int32),  # day of the last lapse
        ("hit_day", np.int32),  # day after the loss began that is being made up for, 0 for none
        ("vpn_day", np.int32),  # day on which a VPN is found or, lying idle, let go, 0 for none
        ("surplus", np.int32),  # value gained against the first day, in 64ths of a marginal feed user's
    ],
    align=True,
)
"""What only a person's own visit looks at; all of it is 0 on the first day."""

FIRST = np.dtype(
    [
        (name, PERSON.fields[name][0])  # type: ignore[index]
        for name in ("member", "abroad", "effort", "group", "state", "store", "vpn")
    ]
)
"""What one person of a world is and has on the first day; all else of the row of a person follows from it.

Read column by column and never by kernels, so that its rows have no gaps.
"""

PLATFORM = np.dtype(
    [
        ("kind", np.int64),
        ("tie_share", np.float64),  # share of the value that comes from who is there
        ("habit", np.float64),  # sessions a day of a regular user
        ("mode_weight", np.float64, (N_MODES,)),  # share of the value of each mode
        ("closeness", np.float64, (N_KINDS,)),  # to platforms of each kind [share]
        ("akin", np.int64),  # platforms of kinds that are close to its own at all, bits
        ("levels", np.int64),  # kinds that stand in for it
        ("stand_ins", np.int64, (N_KINDS,)),  # other platforms, a kind each, the closest kind first, bits
        ("covered", np.int64, (N_KINDS,)),  # how far those stand in for it, in whole FULL-ths
    ],
    align=True,
)
"""One platform."""

TASTE = np.dtype(
    [
        ("base_value", np.float64),  # value to the marginal user [marginal feed users' value]
        ("penetration", np.float64),  # share that uses it
        ("known", np.float64),  # share that has heard of it
        ("unsaturated", np.float64),  # factor by which fewer take it up the more use it already [1]
    ],
    align=True,
)
"""A group and a platform."""

CELL_COLUMNS = (*FELT, "install_hazard", "push", "coming")
CELL = np.dtype(
    [(name, np.float64, (WIDTH[name],)) if name in WIDTH else (name, np.float64) for name in CELL_COLUMNS]
    + [
        ("penalty", np.float64),  # expected cost of being caught with a workaround [value]
        ("deterred", np.float64),  # share of people whom a fine keeps from workarounds
        ("first_reach", np.float64, (N_MODES,)),  # of each mode on the first day
        ("first_effort", np.float64),  # effort of the workaround on the first day
    ],
    align=True,
)
"""A state and a platform: the access table as the kernels read it, in the order of its columns."""


class Rules(NamedTuple):
    """Parameters of behaviour, by the names of `sim/facts/parameters.csv`."""

    review_days: float
    alert_days: float
    value_spread: float
    value_cap: float
    trying_days: float
    trying_spread: float
    join_rate: float
    bandwagon: float
    substitutability: float
    drop_below: float
    drop_by_vpn: float
    audience_prior: float
    audience_power: float
    speed_exponent: float
    fatigue_rate: float
    discovery: float
    extra_use: float
    saturation: float
    champion_trust: float
    effort_spread: float
    vpn_aware: float
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
    dormant: float
    dormant_wakes: float
    trial_days: float
    trial_keep_messenger: float
    trial_keep_feed: float
    trial_circle: float
    trial_push: float
    return_days: float
    return_ceiling: float
    return_away_days: float
    vpn_cost: float
    want_power: float
    friction: float
    contagion: float
    sideload_share: float
    foresight_days: float
    kin: int  # weight of a kin tie, in FRIEND units


class Columns(NamedTuple):
    """The world as the kernels see it; nothing changes during a run but `bridged`, which each arm has of its own."""

    start: np.ndarray  # (people + 1,) row of each person in `packed`
    packed: np.ndarray  # (entries,) twice the other end of a tie, plus 1 for kin
    platform: Rows  # (platforms,) PLATFORM
    taste: Cells  # (groups, platforms) TASTE
    talk_bits: int  # platforms that carry talk, bits
    apple_only: int  # bits
    reads: np.ndarray  # (groups,) platforms in a language that the group reads, bits
    ios_share: np.ndarray  # (places,)
    vpn_share: np.ndarray  # (places,) holders of a VPN on the first day
    bridged: np.ndarray  # (places,) messengers that talk to each other for a state's people today, bits


class Luck(NamedTuple):
    """Keys of the streams of chance that a visit uses."""

    provider: np.uint64
    vpn: np.uint64
    device: np.uint64
    value: np.uint64
    patience: np.uint64
    install: np.uint64
    sideload: np.uint64
    review: np.uint64
    lapse: np.uint64
    comeback: np.uint64
    join: np.uint64
    fatigue: np.uint64
    agree_on: np.uint64
    knows: np.uint64
    returner: np.uint64
    obey: np.uint64
    keeper: np.uint64
    dormant: np.uint64
    aware: np.uint64
    find: np.uint64
    drop: np.uint64
    trial: np.uint64
    settle: np.uint64
    follow: np.uint64
    maker: np.uint64
    push: np.uint64


RULES = np.dtype([(name, np.int64 if name == "kin" else np.float64) for name in Rules._fields], align=True)
LUCK = np.dtype([(name, np.uint64) for name in Luck._fields], align=True)
"""`Rules` and `Luck` as kernels get them."""


def as_record(numbers: Rules | Luck) -> Any:
    """Return a row of numbers as one record: kernels then hand on one address, not every number."""
    return np.array([tuple(numbers)], RULES if isinstance(numbers, Rules) else LUCK)[0]


class Today(NamedTuple):
    """One day as the kernels see it."""

    day: int
    audience: np.ndarray  # (groups, platforms) what the platform offers, against the first day
    wave: np.ndarray  # (groups, platforms) newcomers, per person of the state who looks for such a platform
    touched: np.ndarray  # (groups,) platforms whose access or audience differs from the first day, bits
    changed: np.ndarray  # (places,) platforms whose access changed today, bits
    pushed: np.ndarray  # (places,) platforms that are promoted today, bits


def pack(table: AccessTable, first: AccessTable) -> Cells:
    """Return an access table as rows, shape (states, platforms)."""
    cells = np.zeros(table.speed.shape, CELL)
    cells["first_reach"] = first.reach
    cells["first_effort"] = first.effort
    pack_again(table, slice(None), cells)
    return cells


def pack_again(table: AccessTable, states: np.ndarray | slice, cells: Cells) -> None:
    """Take over some states of an access table into rows that have been packed for another day (in place)."""
    shared, rows = width(*CELL_COLUMNS), cells[states]
    rows.view(np.float64).reshape(*rows.shape, -1)[:, :, :shared] = table.block[states, :, :shared]
    rows["penalty"], rows["deterred"] = table.penalty[states, None], table.deterred[states, None]
    rows["vpn_share"] *= table.vpn_open[states, None]
    cells[states] = rows

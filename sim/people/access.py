"""The access table: the access of a state's people to each platform today.

It is stateless: each day starts from the table of the first day and applies the policies in force.
After the end of a policy, access is exactly as before. If several rules apply, the strictest
counts, whatever their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..facts.model import DEVICES, MODES

TALK = ("text", "voice", "video")


class AccessTable(NamedTuple):
    """The access of people of each state (S) to each platform (P) on one day.

    Attributes
    ----------
    reach : numpy.ndarray, shape (S, P, modes)
        Share of the state's people whom each mode reaches without a workaround.
    speed : numpy.ndarray, shape (S, P)
        Speed of direct use, as people notice it (`felt_speed`); 1 is full speed.
    install : numpy.ndarray, shape (S, P, devices)
        Share of phones on which the app can be installed or updated from a store.
    install_hazard, install_rate : numpy.ndarray, shape (S, P, devices)
        Hazard of having lost a working app, summed since the app left the store [1], and today's
        rate [per day].
    vpn_share : numpy.ndarray, shape (S, P)
        Share of VPNs through which the platform works.
    vpn_speed : numpy.ndarray, shape (S, P)
        Speed of use by VPN, as people notice it; 1 is full speed. A VPN does not shorten a route or
        relieve a congested border.
    effort : numpy.ndarray, shape (S, P)
        Effort of a workaround, relative to that under national filtering [share].
    threat : numpy.ndarray, shape (S, P)
        Share of an announced loss that people expect [share].
    coming : numpy.ndarray, shape (S, P)
        Share of the first day's access that the law, in force or with a date, will have taken when
        it has full effect [share].
    rush : numpy.ndarray, shape (S, P)
        Extra installs by users before a dated ban [per day].
    price : numpy.ndarray, shape (S, P)
        Cost of direct use of a platform [marginal feed users' value].
    push : numpy.ndarray, shape (S, P)
        Rate at which people without a promoted platform start to use it [per day].
    dark : numpy.ndarray, shape (S, P)
        Share of people for whom a platform does not work in any way, because they are cut off or no
        route leads to it.
    sell : numpy.ndarray, shape (S, P)
        Share of a state's sellers who may sell on a platform.
    vpn_open : numpy.ndarray, shape (S,)
        Share of VPNs that work.
    silenced : numpy.ndarray, shape (S, P)
        Share of accounts and content that the platform hides from the state's people on the state's
        order [share].
    penalty : numpy.ndarray, shape (S,)
        Expected cost of being caught with a workaround [marginal feed users' value].
    deterred : numpy.ndarray, shape (S,)
        Share of people who use no workaround because they know of a fine and believe that it is
        enforced [share].
    lines_cut : numpy.ndarray, shape (S,)
        Share of people whose telephone lines are cut [share].
    bridged : numpy.ndarray of int64, shape (S,)
        Messengers that a bridge connects for a state's people, as bits.
    block : numpy.ndarray, shape (S, P, columns)
        All columns by state and platform side by side, in the order of `COLUMNS`; it shares memory
        with them. Whole tables are copied and compared as one stretch.
    """

    reach: np.ndarray
    speed: np.ndarray
    install: np.ndarray
    install_hazard: np.ndarray
    install_rate: np.ndarray
    vpn_share: np.ndarray
    vpn_speed: np.ndarray
    effort: np.ndarray
    threat: np.ndarray
    rush: np.ndarray
    price: np.ndarray
    push: np.ndarray
    coming: np.ndarray
    dark: np.ndarray
    sell: np.ndarray
    vpn_open: np.ndarray
    silenced: np.ndarray
    penalty: np.ndarray
    deterred: np.ndarray
    lines_cut: np.ndarray
    bridged: np.ndarray
    block: np.ndarray

    def __repr__(self) -> str:
        states, platforms = self.speed.shape
        return f"<AccessTable: {states} states, {platforms} platforms; {', '.join(self._fields)}>"

    @property
    def stored(self) -> tuple[np.ndarray, ...]:
        """The arrays that hold the table; states are the first dimension of each."""
        return self.block, *(getattr(self, name) for name in BY_STATE)


def felt_speed(left: np.ndarray | float, unnoticed: float) -> np.ndarray:
    """Return speeds as people notice them [1]: a loss of at most ``unnoticed`` counts as none.

    Parameters
    ----------
    left : numpy.ndarray of any shape, or float
        Remaining share of the usual speed [1].
    unnoticed : float
        Largest loss of speed that nobody notices, below 1 [1]; ``choice.speed_unnoticed``.

    Returns
    -------
    numpy.ndarray, shape of ``left``
    """
    return np.minimum(1.0, np.asarray(left) / (1.0 - unnoticed))


FELT = (
    "reach",
    "install",
    "install_rate",
    "speed",
    "vpn_share",
    "effort",
    "threat",
    "price",
    "dark",
    "vpn_speed",
)
"""Columns in which people notice a difference; they come first in a table's memory."""

COLUMNS = (*FELT, "install_hazard", "push", "coming", "rush", "sell", "silenced")


WIDTH = {
    "reach": len(MODES),
    "install": len(DEVICES),
    "install_rate": len(DEVICES),
    "install_hazard": len(DEVICES),
}
"""Width of each column with more than one number."""

BY_STATE = ("vpn_open", "penalty", "deterred", "lines_cut", "bridged")
"""Columns with one value per state."""

_CLOSED_AT_FIRST = (
    "effort",
    "threat",
    "price",
    "dark",
    "install_hazard",
    "install_rate",
    "push",
    "coming",
    "rush",
    "silenced",
)


def width(*names: str) -> int:
    """Return the total width of some columns."""
    return sum(WIDTH.get(name, 1) for name in names)


def _table(block: np.ndarray, *by_state: np.ndarray) -> AccessTable:
    """Return a table whose columns are views of one block."""
    columns = {}
    at = 0
    for name in COLUMNS:
        n = WIDTH.get(name, 0)
        columns[name] = block[:, :, at : at + n] if n else block[:, :, at]
        at += max(1, n)
    return AccessTable(**columns, **dict(zip(BY_STATE, by_state, strict=True)), block=block)


def open_table(states: int, platforms: int) -> AccessTable:
    """Return a table in which everything works."""
    block = np.ones((states, platforms, width(*COLUMNS)))
    none = (np.zeros(states) for _ in ("penalty", "deterred", "lines_cut"))
    table = _table(block, np.ones(states), *none, np.zeros(states, np.int64))
    for name in _CLOSED_AT_FIRST:
        getattr(table, name)[...] = 0.0
    return table


def copy_table(table: AccessTable) -> AccessTable:
    """Return an independent copy."""
    return _table(table.block.copy(), *(getattr(table, name).copy() for name in BY_STATE))


def rows_of(table: AccessTable, states: np.ndarray) -> AccessTable:
    """Return a copy of some rows of a table, in any order and with repetitions."""
    return _table(table.block[states], *(getattr(table, name)[states] for name in BY_STATE))


def joined(tables: Sequence[AccessTable]) -> AccessTable:
    """Return a new table with the rows of several tables, in order."""
    block, *by_state = (
        np.concatenate(columns) for columns in zip(*(table.stored for table in tables), strict=True)
    )
    return _table(block, *by_state)


def same(one: AccessTable, other: AccessTable) -> bool:
    """Return whether two tables are equal."""
    return moved(one, other).size == 0


def moved(one: AccessTable, other: AccessTable) -> np.ndarray:
    """Return the numbers of the states for which two tables differ, shape (differing states,)."""
    unlike = (one.block != other.block).any(axis=(1, 2))
    for name in BY_STATE:
        unlike |= getattr(one, name) != getattr(other, name)
    return np.flatnonzero(unlike)


_AGES = np.concatenate([np.full(width(name), name == "install_hazard") for name in COLUMNS])
"""Mask of the columns that grow every day without any change of the law."""


def only_ages(one: AccessTable, other: AccessTable, states: np.ndarray) -> bool:
    """Return whether some states differ only in the summed hazard of apps that left the stores
    earlier.
    """
    if any((getattr(one, name) != getattr(other, name))[states].any() for name in BY_STATE):
        return False
    was = one.block[states]
    now = other.block[states]
    return not ((was != now) & (~_AGES | ((was > 0) != (now > 0)))).any()


def bits(table: np.ndarray) -> np.ndarray:
    """Return one 64-bit number for each state from a boolean table of shape (S, P)."""
    powers = np.left_shift(np.int64(1), np.arange(table.shape[1], dtype=np.int64))
    return np.asarray(table @ powers)


def differs(
    one: AccessTable, other: AccessTable, states: np.ndarray | slice = slice(None)
) -> np.ndarray:
    """Return where access differs between two days, shape (S, P), or for some states only.

    The summed install hazard is not compared, because it grows every day anyway; its rate shows any
    effect on people.
    """
    felt = width(*FELT)
    result = (one.block[states, :, :felt] != other.block[states, :, :felt]).any(axis=2)
    closed = (
        (one.vpn_open != other.vpn_open)
        | (one.penalty != other.penalty)
        | (one.deterred != other.deterred)
    )
    if not closed[states].any():
        return result
    # A VPN that stops working matters only if something needs one.
    needs_vpn = (one.reach[states] < 1).any(axis=2) | (other.reach[states] < 1).any(axis=2)
    return np.asarray(result | (closed[states][:, None] & needs_vpn))


@dataclass
class AccessDiff:
    """The difference of today's access from that of yesterday, and from that of the first day.

    Attributes
    ----------
    places : numpy.ndarray of int
        Numbers of the places whose access differs from yesterday's.
    is_felt : bool
        Whether more differs than the summed hazard of apps that left the stores, which grows every
        day.
    changed, pushed : numpy.ndarray of int64, shape (places,)
        Platforms with a noticeable change of access today, and platforms promoted today, bits.
    differs : numpy.ndarray of int64, shape (places,)
        Platforms whose access differs from that of the first day, bits.
    coming : int
        Platforms that the law of any state removes, now or on a date, bits.
    bridges : bool
        Whether the bridges between messengers have changed since yesterday.
    lines : bool
        Whether cuts of telephone lines have changed since yesterday.
    """

    places: np.ndarray
    changed: np.ndarray
    pushed: np.ndarray
    differs: np.ndarray
    is_felt: bool = False
    coming: int = 0
    bridges: bool = False
    lines: bool = False

    @classmethod
    def none(cls, places: int) -> AccessDiff:
        """Return the difference before the first day."""
        return cls(np.empty(0, np.int64), *np.zeros((3, places), np.int64))

    def clear(self) -> None:
        """Begin a day with yesterday's access."""
        self.places = self.places[:0]
        self.is_felt = False
        self.bridges = False
        self.lines = False
        self.changed[:] = 0

    def update(
        self, before: AccessTable, today: AccessTable, first: AccessTable, bridged: np.ndarray
    ) -> np.ndarray:
        """Compare a new table; write today's bridged messengers into ``bridged``, shape (places,).

        Parameters
        ----------
        before, today, first : AccessTable
            Tables by place: yesterday's, today's, and that of the first day.
        bridged : numpy.ndarray of int64, shape (places,)

        Returns
        -------
        numpy.ndarray of int
            Places whose table changed today.
        """
        self.places = rows = moved(before, today)
        if not rows.size:
            return rows
        self.is_felt = not only_ages(before, today, rows)
        if self.is_felt:
            lost = today.install_hazard[rows].max(axis=2) > 0
            self.changed[rows] = bits(differs(before, today, rows))
            self.pushed[rows] = bits(today.push[rows] > 0)
            self.differs[rows] = bits(differs(today, first, rows) | lost)
            self.coming = int(np.bitwise_or.reduce(bits(today.coming > 0)))
            self.bridges = not np.array_equal(bridged, today.bridged)
            bridged[:] = today.bridged
            self.lines = not np.array_equal(before.lines_cut, today.lines_cut)
        return rows

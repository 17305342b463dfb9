"""The event log: kernels write a row for each change of a watched person or kin tie.

Kernels write only if somebody is watched, and draw no random numbers for it, so a run gives the
same results with and without a log. Only kernels that carry out decisions write, not those that
decide in threads. Rows are sorted by phase and person when they are read.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..core.kernels import part
from .kernel_types import Rows

WHAT = (
    "gives_up",
    "drops",
    "fails",
    "returns",
    "takes_up",
    "promoted",
    "works",
    "app_gone",
    "app_back",
    "poor",
    "good",
    "stays",
    "kin_use",
    "aware",
    "vpn",
    "no_vpn",
    "numbers",
    "agrees",
    "lost",
    "back",
    "changed",
    "phones",
)
"""Events of a person, or from ``numbers`` on, of a kin tie."""
(
    GIVES_UP,
    DROPS,
    FAILS,
    RETURNS,
    TAKES_UP,
    PROMOTED,
    WORKS_AGAIN,
    APP_GONE,
    APP_BACK,
    POOR,
    GOOD,
    STAYS,
    KIN_USE,
    AWARE,
    VPN,
    NO_VPN,
    NUMBERS,
    AGREES,
    LOST,
    BACK,
    CHANGED,
    PHONES,
) = range(len(WHAT))
_PHASES = (NUMBERS, AGREES, LOST, PHONES)  # the first event of each part of a day after the visits

CAUSES = (
    "works well enough",
    "works well enough by VPN alone",
    "works too poorly",
    "no way to it",
    "app gone",
    "a rule of your own",
    "calls do not get through",
    "no longer used with kin",
    "bridge ended",
)
"""Reasons why a platform is used or not, or why the last channel of a tie ended.

Reasons why a person keeps or loses an app. Its value may be at least that of doing without, only
with a burdensome workaround, or below it. Or there is no access, the app has left the phone, or a
user's rule decided. For a pair of relatives: calls do not reach a relative who only calls, the two
do not use the app with each other, or a bridge between two messengers has ended. If both ends
stopped on one day, the first reason that applies to either counts.
"""
WORKS, TIRED, TOO_POOR, NO_WAY, GONE, OWN_RULE, CALLS, APART, BRIDGE = range(len(CAUSES))
WAYS_TO_AGREE = ("both had it", "brought by a relative", "arranged", "beforehand")
"""Ways by which two relatives agree on a platform."""
BOTH_HAD_IT, BROUGHT, ARRANGED, BEFOREHAND = range(len(WAYS_TO_AGREE))

EVENT = np.dtype(
    [
        ("who", np.int32),  # number of the person, or of the kin tie
        ("what", np.int8),  # index in WHAT
        (
            "platform",
            np.int8,
        ),  # platform; for `aware`, `vpn` and `no_vpn` the first one missed; -1 for none
        (
            "cause",
            np.int8,
        ),  # index in CAUSES; for `agrees`, index in WAYS_TO_AGREE
        ("end", np.int8),  # end of a tie that cannot call: 0 in the diaspora, 1 in the family
        ("days", np.int32),  # time out of contact, for `back` and `phones` [days]
        (
            "was",
            np.int64,
        ),  # channels of a tie yesterday; platforms that a person misses or replaces, bits
        (
            "now",
            np.int64,
        ),  # channels of a tie today, for `lost` without the policies; platforms in use, bits
    ],
    align=True,
)
"""One event of a day."""


class Log(NamedTuple):
    """The log in the form for kernels; ``rows`` is empty while nobody is watched."""

    rows: Rows  # (room,) EVENT
    written: np.ndarray  # (1,) rows so far
    people: np.ndarray  # (people,) bool, whether each is watched
    ties: np.ndarray  # (ties,) bool, whether each kin tie is watched


class EventLog:
    """The events of one arm since the last reading.

    Parameters
    ----------
    people, ties : numpy.ndarray of bool, shape (people,) and (ties,), optional
        Whether each is watched; by default nobody.
    """

    def __init__(self, people: np.ndarray | None = None, ties: np.ndarray | None = None) -> None:
        nobody = np.zeros(0, np.bool_)
        watched = (nobody if people is None else people, nobody if ties is None else ties)
        self._is_on = people is not None
        self._log = Log(np.empty(0, EVENT), np.zeros(1, np.int64), *watched)

    def room_for(self, events: int) -> Log:
        """Return the log with room for more events, or without room if nobody is watched."""
        log = self._log
        if self._is_on and log.written[0] + events > log.rows.size:
            rows = np.empty(2 * (int(log.written[0]) + events), EVENT)
            rows[: log.written[0]] = log.rows[: log.written[0]]
            self._log = log._replace(rows=rows)
        return self._log

    def take(self) -> Rows:
        """Return the day's events in order, and remove them."""
        rows = self._log.rows[: self._log.written[0]].copy()
        self._log.written[0] = 0
        return rows[np.lexsort((rows["who"], np.searchsorted(_PHASES, rows["what"], side="right")))]


@part
def note(
    log: Log,
    what: int,
    who: int,
    platform: int,
    cause: int,
    end: int,
    days: int,
    was: int,
    now: int,
) -> None:
    """Append an event."""
    row = log.rows[log.written[0]]
    row.who = who
    row.what = what
    row.platform = platform
    row.cause = cause
    row.end = end
    row.days = days
    row.was = was
    row.now = now
    log.written[0] += 1

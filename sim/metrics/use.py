"""Use of platforms: users, minutes, installs, VPNs, and use by owner and home."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .registry import metric

if TYPE_CHECKING:
    from .arm_day import ArmDay

_NOISE = 24
"""Binary digits, of a float's 52, that `settled` rounds off, which leaves eight decimal digits."""


def settled(values: np.ndarray) -> np.ndarray:
    """Return numbers rounded to eight significant digits, as in the record, in the same shape.

    Further digits are rounding errors of long sums. They differ between processors, change from day
    to day even if nobody changes, and take most of the space of a packed array.
    """
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return ((bits + (1 << (_NOISE - 1))) >> _NOISE << _NOISE).view(np.float64)


def by_label(table: np.ndarray, label: np.ndarray, labels: int) -> np.ndarray:
    """Return the sums of columns that share a label, such as the platforms of an owner, shape
    (rows, labels).

    Parameters
    ----------
    table : numpy.ndarray, shape (rows, columns)
    label : numpy.ndarray of int, shape (columns,)
        Number of the label of each column.
    labels : int
    """
    order, present, starts = _in_order(label.tobytes(), label.dtype.str)
    out = np.zeros((table.shape[0], labels))
    out[:, present] = np.add.reduceat(table[:, order], starts, axis=1)
    return out


@lru_cache(maxsize=64)
def _in_order(labels: bytes, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return columns in the order of their labels, the labels in use, and the start of each."""
    label = np.frombuffer(labels, kind)
    order = np.argsort(label, kind="stable")
    return order, *np.unique(label[order], return_index=True)


def herfindahl(by_owner: np.ndarray) -> np.ndarray:
    """Return the sum of squared shares of each row, shape (states,), 0 to 1; NaN for a row without
    use.

    Parameters
    ----------
    by_owner : numpy.ndarray, shape (states, owners)
        Use of the platforms of each owner [any unit].
    """
    total = by_owner.sum(axis=1, keepdims=True)
    share = np.divide(by_owner, total, out=np.full_like(by_owner, np.nan), where=total > 0)
    return np.asarray((share**2).sum(axis=1))


@metric(
    "People who used the platform that day",
    "persons",
    ("state", "platform"),
    follows="people",
    error="users",
    headline=3,
    counts="daily users of {platform}",
)
def active_users(arm: ArmDay) -> np.ndarray:
    """Expected number of people who could use the platform that day and did."""
    return arm.active


@metric(
    "People who used the platform in a week",
    "persons",
    ("state", "platform"),
    follows="people",
    error="users",
    counts="weekly users of {platform}",
    every="week",
)
def weekly_users(arm: ArmDay) -> np.ndarray:
    """Expected number of people who would use the platform at least once in seven days like this
    one.
    """
    return arm.expected(arm.counts.week)


@metric(
    "People who use the platform and can",
    "persons",
    ("state", "platform"),
    follows="people",
    error="users",
    counts="monthly users of {platform}",
)
def monthly_users(arm: ArmDay) -> np.ndarray:
    """People who have the platform and can reach it, directly or by VPN."""
    return arm.members


@metric(
    "People under a limit of age who use the platform",
    "persons",
    ("state", "platform"),
    follows="people",
    needs="age_limit",
)
def users_under_limit(arm: ArmDay) -> np.ndarray:
    """People under the age of the state's `age_limit` who have the platform and can reach it,
    whether or not the limit covers the platform. The baseline counts the same people without the
    limit.
    """
    return arm.by_state(arm.young_using)


@metric(
    "People who opened the app that day, working or not",
    "persons",
    ("state", "platform"),
    follows="people",
    error="users",
    counts="people who open {platform}",
    every="week",
)
def openers(arm: ArmDay) -> np.ndarray:
    """People who open the platform's app that day, including those for whom it no longer works."""
    return arm.active + arm.by_state(arm.counts.dead) * arm.stickiness


@metric(
    "Minutes of use",
    "minutes a day",
    ("state", "platform"),
    follows="people",
    error="use",
    counts="minutes on {platform}",
    every="week",
)
def minutes(arm: ArmDay) -> np.ndarray:
    """Minutes that people spend on a platform in a day. When a platform loses minutes, people spend
    part of them on platforms that they use already, part on new ones, and the rest on none. Nobody
    spends more minutes in total than before.
    """
    return settled(arm.minutes)


@metric(
    "Minutes of use, by home state",
    "minutes a day",
    ("state", "partner"),
    follows="people",
    every="week",
)
def minutes_by_home(arm: ArmDay) -> np.ndarray:
    """Minutes that people in the state spend on platforms whose home is the partner state on that
    day.
    """
    return settled(by_label(arm.minutes, arm.home, len(arm.states)))


@metric(
    "Installs and updates a day",
    "persons",
    ("state", "platform"),
    summed="installs",
    follows="people",
    counts="installs of {platform}",
)
def installs(arm: ArmDay) -> np.ndarray:
    """Expected installs that day by people who replace a phone, join the platform, or rush to
    install it before a ban.
    """
    replaced = arm.parameters["delisting.loss_rate"]
    return arm.members * (replaced + arm.access.rush) * arm.installable + arm.by_state(
        arm.counts.joined
    )


@metric(
    "People with a VPN that can open blocked services",
    "persons",
    ("state",),
    follows="people",
    error="vpn",
    headline=4,
    counts="people with a VPN",
)
def vpn_users(arm: ArmDay) -> np.ndarray:
    """Internet users who have a VPN or a similar tool."""
    return arm.by_state(arm.counts.vpn) * arm.access.vpn_open


@metric(
    "Concentration of use (Herfindahl index)",
    "index",
    ("state",),
    form="index",
    follows="people",
    every="week",
)
def concentration(arm: ArmDay) -> np.ndarray:
    """Sum over owners of the squared share of the state's daily active users."""
    return herfindahl(by_label(arm.active, arm.owner, int(arm.owner.max()) + 1))


@metric(
    "People who turned from one platform to another",
    "persons",
    ("state", "source", "platform"),
    kind="total",
)
def flows(arm: ArmDay) -> np.ndarray:
    """People who joined the platform because they lost the source platform or feared to lose it."""
    return arm.by_state(arm.counts.flows)


@metric(
    "People who turn to the platform from one they miss",
    "persons",
    ("state", "platform"),
    follows="people",
    error="users",
    counts="people who turn to {platform}",
    every="week",
)
def turned_to(arm: ArmDay) -> np.ndarray:
    """People who turn to this platform that day because they miss another platform. The metric
    counts all people who started to use this platform since the first day. Of its earlier users, it
    counts a share that grows with the closeness of the two kinds of platform.
    """
    return settled(arm.turned_to)


@metric(
    "Use of platforms by their home state",
    "persons",
    ("state", "partner"),
    follows="people",
    every="week",
)
def use_by_home(arm: ArmDay) -> np.ndarray:
    """Active users in the state, summed over the platforms whose home is the partner state."""
    return by_label(arm.active, arm.home, len(arm.states))

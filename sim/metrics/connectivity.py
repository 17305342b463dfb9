"""Connectivity lost: the one measure of every run, for users, platforms and states, and in hours of a blackout.

The three parts follow the three questions of the literature on fragmentation: do people reach each other, do services
reach people, are networks of states open to each other (docs/metrics.md maps them to the names of others). Each is
compared with what one hour of a total shutdown of the state would lose in the same world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .family import share
from .registry import LOSSES, metric
from .use import by_label

if TYPE_CHECKING:
    from .arm_day import ArmDay

HOURS = 24
"""Hours of a day."""


def lost(baseline: np.ndarray, policy: np.ndarray, whole: np.ndarray | None = None) -> np.ndarray:
    """Return what the policies take away, as a share of a whole [1]; a gain is negative, NaN where there is no whole.

    Parameters
    ----------
    baseline, policy : numpy.ndarray
        What there is without the policies and with them, of one shape [any unit].
    whole : numpy.ndarray, optional
        By default the baseline.
    """
    return share(baseline - policy, baseline if whole is None else whole)


def across(by_home: np.ndarray) -> np.ndarray:
    """Return the minutes across the border of each state, shape (states,): on platforms from abroad, and by others.

    Parameters
    ----------
    by_home : numpy.ndarray, shape (states, states)
        Minutes of the people of a state (row) on the platforms of a home state (column).
    """
    foreign = np.where(np.eye(len(by_home), dtype=bool), 0.0, by_home)
    return np.asarray(foreign.sum(axis=1) + foreign.sum(axis=0))


def minutes_in_both_arms(arm: ArmDay) -> tuple[np.ndarray, np.ndarray]:
    """Return the minutes of the people of a state (row) on platforms of a home state (column), without and with the
    policies; a platform belongs to its home of the first day, because a sale alone loses no minute.
    """
    n = len(arm.states)
    return by_label(arm.minutes_before, arm.first_home, n), by_label(arm.minutes, arm.first_home, n)


def states_lost(arm: ArmDay) -> np.ndarray:
    """Return the share of what a state has in common with the others that the policies take away, (states,) [1]."""
    now = arm.connected
    return lost(now if arm.connected_before is None else arm.connected_before, now)


@metric("Connectivity that users lose", "days", ("state",), follows="people", running=True)
def connectivity_lost_users(arm: ArmDay) -> np.ndarray:
    """Days without any platform channel to the family so far, per person of the state who has family abroad and a
    channel to it in the baseline.
    """
    return share(arm.by_state(arm.lost_so_far.days), arm.by_state(arm.lost_so_far.had))


@metric("Connectivity that platforms lose", "share", ("state",), form="share", follows="people", averaged=True)
def connectivity_lost_platforms(arm: ArmDay) -> np.ndarray:
    """Of the minutes that the state's people spend on platforms of other states, and that others spend on its own, the
    share that is lost and not regained abroad.
    """
    return lost(*map(across, minutes_in_both_arms(arm)))


@metric("Connectivity that states lose", "share", ("state",), form="share", follows="people", averaged=True)
def connectivity_lost_states(arm: ArmDay) -> np.ndarray:
    """Fall of the likeness of access, times the share of pairs of people with a route, between the state and the rest
    of the world, as a share of the baseline's; other states count by their people.
    """
    return states_lost(arm)


@metric("Blackout hours", "hours a day", ("state", "loss"), follows="people")
def blackout_hours(arm: ArmDay) -> np.ndarray:
    """Connectivity that users, platforms and states lose, in hours of a total shutdown of the state that would lose as
    much in the same world.

    A total shutdown takes its people off every platform: nobody has a channel to the family, nobody spends a minute on
    a platform from abroad, and nothing is shared with other states.
    """
    before, now = minutes_in_both_arms(arm)
    hour = before.sum(axis=1) - np.diag(before)  # what a shutdown loses: others keep the state's own platforms
    by_loss = {
        "users": share(arm.by_state(arm.contact.without), arm.by_state(arm.contact.members)),
        "platforms": lost(across(before), across(now), hour),
        "states": states_lost(arm),
    }
    return HOURS * np.column_stack([by_loss[name] for name in LOSSES])

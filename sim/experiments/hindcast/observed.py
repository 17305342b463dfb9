"""What a replay says of an observed figure: the meaning of ``kind:`` and ``of:``, in one place.

======================================  =============================================================================
kind                                    the figure
======================================  =============================================================================
kept, decay, return, vpn, contact,      policy / reference
routes
gained, speed                           (policy - baseline) / reference
======================================  =============================================================================

======================================  =============================================================================
of                                      the reference
======================================  =============================================================================
baseline                                the same metric in the baseline arm, on the same day
first_day                               the same metric in the baseline arm, on the first day
a date                                  the same metric in the policy arm, on that date
internet_users                          the internet users of the state
members                                 the people of the group; 1 for a metric that is a share of them already
a platform                              its users in the baseline arm that day, by the same metric; its monthly users
                                        where the metric is not of platforms
======================================  =============================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.errors import InputError, Problem, did_you_mean
from sim.metrics.registry import METRICS
from sim.results.panel import ArmData, Array
from sim.scenario.observed import BASELINE, FIRST_DAY, INTERNET_USERS, MEMBERS, Observed


@dataclass(frozen=True)
class Replay:
    """Both arms of one member, as far as they were run.

    Attributes
    ----------
    baseline, policy : ArmData
        Without and with the policies; the arrays may end before the run does.
    internet_users : mapping of str to float
        By state [persons].
    start : date
        The first day.
    """

    baseline: ArmData
    policy: ArmData
    internet_users: Mapping[str, float]
    start: date

    def day(self, day: date) -> int:
        """Return the number of a day, 0 for the first."""
        return (day - self.start).days


def course(row: Observed, replay: Replay) -> Array:
    """Return what a replay says of a figure, for each day from the first to the figure's own [1].

    Parameters
    ----------
    row : Observed
        The figure.
    replay : Replay
        A run of at least as many days.

    Returns
    -------
    numpy.ndarray, shape (days,)
        NaN where the reference is 0.

    Raises
    ------
    InputError
        When the world of the run has no such group.
    """
    days = replay.day(row.date) + 1
    policy, baseline = (amount(row.metric, row, arm, row.platform)[:days] for arm in (replay.policy, replay.baseline))
    counted = policy - baseline if row.is_increment else policy
    reference = _reference(row, replay, policy, baseline, days)
    return np.asarray(np.divide(counted, reference, out=np.full(days, np.nan), where=reference > 0))


def _reference(row: Observed, replay: Replay, policy: Array, baseline: Array, days: int) -> Array:
    """Return what the figure is a share of, shape (days,)."""
    if row.of == BASELINE:
        return baseline
    if row.of == FIRST_DAY:
        return np.full(days, baseline[0])
    if row.of == INTERNET_USERS:
        return np.full(days, replay.internet_users[row.state or ""])
    if row.of == MEMBERS:
        is_share = METRICS[row.metric].form == "share"
        return np.full(days, 1.0 if is_share else replay.policy.real[row.group or ""])
    if row.reference_day is not None:
        return np.full(days, policy[replay.day(row.reference_day)])
    users = row.metric if "platform" in METRICS[row.metric].dims else "monthly_users"
    return amount(users, row, replay.baseline, (row.of,))[:days]


def amount(metric: str, row: Observed, arm: ArmData, platforms: tuple[str, ...]) -> Array:
    """Return a daily metric of an arm at the place of a figure, shape (days,); several platforms are added up.

    Parameters
    ----------
    metric : str
        A daily metric by state, by state and platform, or by group.
    row : Observed
        For the state or the group.
    arm : ArmData
        The arm.
    platforms : tuple of str
        The platforms, where the metric is of platforms.

    Raises
    ------
    InputError
        When the world of the run has no such group.
    """
    table, dims = arm.arrays[metric], METRICS[metric].dims
    if dims == ("group",):
        if row.group not in arm.axes.groups:
            hint = did_you_mean(row.group or "", arm.axes.groups)
            found = f"no group is called '{row.group}' in this world"
            raise InputError(Problem("observed", found, "one of " + ", ".join(arm.axes.groups), hint))
        return np.asarray(table[:, arm.axes.groups.index(row.group)])
    here = table[:, arm.axes.states.index(row.state or "")]
    if "platform" not in dims:
        return np.asarray(here)
    return np.asarray(here[:, [arm.axes.platforms.index(name) for name in platforms]].sum(axis=1))

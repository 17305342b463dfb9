"""The simulated value of an observed figure: the meaning of ``kind:`` and ``of:``.

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
                                        where the metric is not of platforms, or counts who turns to them
======================================  =============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import numpy as np

from ..core.groups import Group
from ..errors import InputError, Problem, did_you_mean
from ..metrics.registry import METRICS
from ..scenario.schema import BASELINE, FIRST_DAY, INTERNET_USERS, MEMBERS, Observed
from .model_error import TURNED, error_kind, widened
from .panel import ArmData, Array, Pair
from .stats import HIGH, LOW

NO_METRIC = "the run does not have the metric"
NO_DAY = "the run ends before"
NO_GROUP = "this small world does not have {group}; more people may help"
NO_REFERENCE = "what it is a share of ({of}) is 0 in some member; more people may help"


@dataclass(frozen=True)
class Beside:
    """An observed figure with its values in a run.

    Attributes
    ----------
    observed : Observed
        The figure.
    course : numpy.ndarray, shape (members, days)
        Value of each member, from the first day to that of the figure [1]; without days if it cannot be compared.
    why : str
        Why it cannot be compared; empty where it can.
    reference, above : float
        What the figure is a share of, and what it comes on top of, medians over members [unit of the metric].
    before, sd : float
        What the figure is without the policies [1], and the model's error, a standard deviation on its scale [1].
    """

    observed: Observed
    course: Array
    why: str = ""
    reference: float = 1.0
    above: float = 0.0
    before: float = 0.0
    sd: float = 0.0

    @property
    def simulated(self) -> float:
        """The median of the members [1]."""
        return float(np.median(self.course[:, -1]))

    @property
    def low(self) -> float:
        """The lower end of the 80 % interval [1]."""
        return float(np.quantile(self.spread_out()[:, -1], LOW))

    @property
    def high(self) -> float:
        """The upper end of the 80 % interval [1]."""
        return float(np.quantile(self.spread_out()[:, -1], HIGH))

    @property
    def is_inside(self) -> bool:
        """Whether the median lies within the tolerance."""
        return abs(self.simulated - self.observed.value) <= self.observed.tolerance

    def spread_out(self) -> Array:
        """Return what each member says with each of the model's errors, day by day, (members x errors, days) [1]."""
        if not self.sd:
            return self.course
        kind = error_kind(self.observed)
        spread = widened(self.course, self.sd, kind, self.before if kind == "vpn" else 0.0)
        return np.moveaxis(spread, -1, 0).reshape(-1, self.course.shape[1])

    @property
    def level(self) -> float:
        """Value of the policy arm that would agree with the figure [unit of the metric]."""
        return self.above + self.observed.value * self.reference


def beside(
    observed: Sequence[Observed], members: Sequence[Pair], sd_of: Callable[[Observed], float] = lambda _: 0.0
) -> list[Beside]:
    """Return the values of observed figures in a run, in their order.

    Parameters
    ----------
    observed : sequence of Observed
        The figures.
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    sd_of : callable
        Returns the model's error on a figure, on the scale of its kind; by default none.
    """
    found, first = list[Beside](), members[0][0]
    for row in observed:
        why, courses, scale = "", np.empty((len(members), 0)), (1.0, 0.0, 0.0)
        dims = METRICS[row.metric].dims if row.metric in METRICS else ()
        needed = {row.metric}
        if row.reference_platform is not None and "platform" not in dims:
            needed.add("monthly_users")
        if not needed <= set(first.arrays):
            why = NO_METRIC
        elif row.group is not None and row.group not in first.axes.groups:
            with suppress(ValueError):  # diasporas of too few people are left out
                if Group.read(row.group).states <= set(first.axes.states):
                    why = NO_GROUP.format(group=row.group)
        if not why and _day(row.date, members[0]) >= len(first.axes.dates):
            why = NO_DAY
        if not why:
            policy, baseline, reference = (
                np.array(part) for part in zip(*(_parts(row, pair) for pair in members), strict=True)
            )
            counted = policy - baseline if row.is_increment else policy
            courses = np.divide(counted, reference, out=np.full(counted.shape, np.nan), where=reference > 0)
            if np.isfinite(courses[:, -1]).all():
                without, unit = float(np.median(baseline[:, -1])), float(np.median(reference[:, -1]))
                scale = (unit, without, 0.0) if row.is_increment else (unit, 0.0, without / unit)
            else:
                why = NO_REFERENCE.format(of=row.of)
        found.append(Beside(row, courses, why, *scale, sd=sd_of(row)))
    return found


def metrics_of(observed: Sequence[Observed]) -> set[str]:
    """Return the metrics that a run must record to be compared with observed figures."""
    return {"monthly_users", *(row.metric for row in observed)}


def _day(day: date, pair: Pair) -> int:
    """Return the number of a day in a run, 0 for the first."""
    return (day - date.fromisoformat(pair[0].axes.dates[0])).days


def _parts(row: Observed, pair: Pair) -> tuple[Array, Array, Array]:
    """Return the metric of a figure in the policy arm and in the baseline arm, and its reference, (days,) each."""
    days, declared = _day(row.date, pair) + 1, METRICS[row.metric]
    baseline, policy = (_amount(row.metric, row, arm, row.platform)[:days] for arm in pair)
    if row.of == BASELINE:
        return policy, baseline, baseline
    if row.of == FIRST_DAY:
        reference = baseline[0]
    elif row.of == INTERNET_USERS:
        reference = pair[0].internet_users[row.state or ""]
    elif row.of == MEMBERS:
        reference = 1.0 if declared.form == "share" else pair[1].real[row.group or ""]
    elif row.reference_day is not None:
        reference = policy[_day(row.reference_day, pair)]
    else:
        users = row.metric if "platform" in declared.dims and row.metric != TURNED else "monthly_users"
        return policy, baseline, _amount(users, row, pair[0], (row.of,))[:days]
    return policy, baseline, np.full(days, reference)


def _amount(metric: str, row: Observed, arm: ArmData, platforms: tuple[str, ...]) -> Array:
    """Return a daily metric of an arm at the place of a figure, shape (days,); several platforms are added up.

    Raises
    ------
    InputError
        When the world of the run has no such group.
    """
    table, dims, axes = arm.arrays[metric], METRICS[metric].dims, arm.axes
    if dims == ("group",):
        if row.group not in axes.groups:
            found, hint = f"no group is called '{row.group}' in this world", did_you_mean(row.group or "", axes.groups)
            raise InputError(Problem("observed", found, "one of " + ", ".join(axes.groups), hint))
        return np.asarray(table[:, axes.groups.index(row.group)])
    here = table[:, axes.states.index(row.state or "")]
    if "platform" in dims:
        here = here[:, [axes.platforms.index(name) for name in platforms]].sum(axis=1)
    return np.asarray(here)

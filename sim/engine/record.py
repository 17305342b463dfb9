"""The record of one arm: every metric of every day, in real people, as arrays.

`steps.py` fills it day by day; results read it. Each metric is defined in its own file under
`sim/metrics`. The record keeps no reference to the arm: `Record.write` receives it for each day.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import numpy as np

from ..arm import Arm
from ..errors import InputError, Place, Problem
from ..metrics.arm_day import ArmDay
from ..metrics.registry import CONTACT_STEPS, LOSSES, METRICS, WAYS, Metric
from ..policies.base import dates_in
from ..scenario import Scenario

DAYS_APART = 7
"""Days between two values of a weekly metric [days]. Assumption: time and money change slowly
between the dates of policies.
"""
ALWAYS = ("active_users", "vpn_users")
"""Metrics in every record, because methods of the model read them."""


class Record:
    """Metrics of one arm, day by day.

    Parameters
    ----------
    arm : Arm
        The arm, before its first day.
    only : collection of str, optional
        Names of the metrics to write, beside `ALWAYS`; by default all. In a small run, writing them
        takes most of the time. They are computed each day, weekly metrics too.

    Attributes
    ----------
    day : int
        The latest recorded day; -1 for none.
    """

    def __repr__(self) -> str:
        return f"<Record: {len(self.arrays)} metrics until day {self.day}; arrays[NAME]>"

    def __init__(self, arm: Arm, only: Collection[str] | None = None) -> None:
        self.day = -1
        self.spec = arm.spec
        self._today = ArmDay(arm)
        # whether the day before had effects that last one day: new users, costs, other owners
        self._passing = True
        states = len(arm.setting.states)
        platforms = len(arm.setting.platforms)
        size = {
            "state": states,
            "partner": states,
            "platform": platforms,
            "source": platforms,
            "group": len(arm.world.groups),
            "way": len(WAYS),
            "loss": len(LOSSES),
            "step": len(CONTACT_STEPS),
        }
        days = {"daily": (arm.spec.days,), "total": ()}
        used = {
            "",
            *(policy.instrument for policy in (*arm.spec.policies, *arm.world.spec.policies)),
        }
        wanted = [METRICS[name] for name in METRICS if only is None or name in {*only, *ALWAYS}]
        self._metrics = [metric for metric in wanted if metric.needs in used]
        self._weekly = set() if only is not None else _weekly(self._metrics, arm.spec)
        self._days_of_week = _days_of_week(arm.spec)
        self._due = {metric.name for metric in self._metrics if metric.kind == "daily"}
        """Daily metrics that may have changed since they were last computed."""
        shipped = METRICS.shipped()
        self._own = {metric.name for metric in self._metrics if metric.name not in shipped}
        shapes = {
            metric.name: (*days[metric.kind], *(size[dim] for dim in metric.dims))
            for metric in self._metrics
        }
        # Most metrics of a baseline arm never change. Such a metric is stored as one day, which
        # takes little memory.
        self._arrays = {name: np.broadcast_to(np.nan, shape) for name, shape in shapes.items()}
        self._steady = {metric.name for metric in self._metrics if metric.kind == "daily"}
        """Daily metrics that have been constant so far."""
        self._filled = dict.fromkeys(self._steady, 0)
        """Number of days that are in the array of each daily metric; the last of them holds until
        the metric is written again, or read."""

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The metrics by name; daily ones have the day as first dimension, then the metric's own.
        NaN where not defined.

        A metric that is the same on all days of the run is a read-only view of one day.
        """
        if self.day + 1 < self.spec.days:
            for name in list(self._steady):
                self._make_room(name, self.day + 1)
        self._carry_forward()
        if self.day + 1 < self.spec.days:
            for name in self._filled:
                self._arrays[name][self.day + 1 :] = np.nan
        return self._arrays

    def so_far(self) -> dict[str, np.ndarray]:
        """Return the metrics by name, daily ones for the simulated days only."""
        if self.day + 1 == self.spec.days:
            return self.arrays
        self._carry_forward()
        return {
            metric.name: self._arrays[metric.name][: self.day + 1]
            if metric.kind == "daily"
            else self._arrays[metric.name]
            for metric in self._metrics
        }

    @property
    def connected(self) -> np.ndarray:
        """The mean likeness of each state's Internet to that of the others on the latest day, shape
        (states,) [1].
        """
        return self._today.connected

    def today(self, metric: str) -> np.ndarray:
        """Return the latest day's values of a daily metric."""
        if metric in self._filled:
            self._fill(metric, self.day + 1)
        return np.asarray(self._arrays[metric][max(0, self.day)])

    def write(self, arm: Arm) -> None:
        """Write the metrics of the arm's current day; values that cannot have changed are carried
        forward.

        Raises
        ------
        InputError
            If a user's own metric returns no numbers or the wrong shape, or changes on a day that
            its ``follows`` excludes.
        """
        day = arm.day
        last = arm.day == arm.spec.days - 1
        self.day = day
        other_setting = self._today.begin(arm)
        changed = {
            "day": True,
            "people": self._people_changed(arm) or other_setting,
            "access": arm.access_diff.is_felt,
            "routes": self._today.rerouted,
        }
        is_of_week = last or day in self._days_of_week
        for metric in self._metrics:
            array = self._arrays[metric.name]
            if metric.kind == "total":
                if last:
                    self._arrays[metric.name] = np.array(_values(metric, self._today, array.shape))
                continue
            if changed[metric.follows]:
                self._due.add(metric.name)
            if metric.name in self._due and (metric.name not in self._weekly or is_of_week):
                self._write_day(metric.name, _values(metric, self._today, array.shape[1:]))
                self._due.discard(metric.name)
                continue
            is_carried = metric.name in self._own and metric.name not in self._due
            if is_carried and (last or day.bit_count() == 1):
                self._check_carried(metric, array[self._filled[metric.name] - 1])

    def _check_carried(self, metric: Metric, carried: np.ndarray) -> None:
        """Raise InputError if a user's own metric changes on a day on which it is carried forward.

        To save time, the metric is checked on few such days: 1, 2, 4, 8, ... and the last one. A
        baseline arm carries values forward on almost every day.
        """
        values = _values(metric, self._today, carried.shape)
        if np.array_equal(values, carried, equal_nan=True):
            return
        says = f"the metric {metric.name} has follows='{metric.follows}'"
        found = (
            f"{says}, but its value also changes on other days, such as {self.dates()[self.day]}"
        )
        allowed = "everything on which the value depends"
        raise InputError(Problem(_place_of(metric), found, allowed, "leave follows= out"))

    def _write_day(self, name: str, values: np.ndarray) -> None:
        """Write the values of a daily metric for today."""
        array = self._arrays[name]
        if name in self._steady:
            if self.day == 0:
                self._arrays[name] = np.broadcast_to(np.array(values), array.shape)
                self._filled[name] = 1
                return
            if values.tobytes() == array[0].tobytes():
                return
            array = self._make_room(name, self.day)
        self._fill(name, self.day)
        array[self.day] = values
        self._filled[name] = self.day + 1

    def _make_room(self, name: str, days: int) -> np.ndarray:
        """Return a full array for a metric that was constant on the first ``days`` days; later days
        are not filled.
        """
        steady = self._arrays[name]
        self._arrays[name] = np.empty(self._arrays[name].shape)
        self._steady.discard(name)
        self._arrays[name][:days] = steady[:days]
        self._filled[name] = days
        return self._arrays[name]

    def _carry_forward(self) -> None:
        """Fill all arrays up to the latest day."""
        for name in self._filled:
            self._fill(name, self.day + 1)

    def _fill(self, name: str, days: int) -> None:
        """Fill the first ``days`` days of a metric: each day without a value has that of the last
        day with one. One copy of many days is faster than a copy each day.
        """
        filled = self._filled[name]
        if name not in self._steady and 0 < filled < days:
            self._arrays[name][filled:days] = self._arrays[name][filled - 1]
            self._filled[name] = days

    def _people_changed(self, arm: Arm) -> bool:
        """Return whether people or policies did something today, or the day before had effects of
        one day.
        """
        before = self._passing
        cache = arm.contact_cache
        self._passing = bool(arm.docket.in_force or arm.counts.joined.any())
        happens = cache.anybody or arm.visits or arm.access_diff.is_felt or cache.is_updated
        return bool(happens or self._passing or before)

    def dates(self) -> tuple[str, ...]:
        """Return the days of the run, ``YYYY-MM-DD``."""
        spec = self.spec
        return tuple(str(spec.start + timedelta(days=d)) for d in range(spec.days))


def _weekly(metrics: Collection[Metric], spec: Scenario) -> set[str]:
    """Return the metrics that are computed once a week; metrics that the scenario observes are
    daily.
    """
    observed = {row.metric for row in spec.observed}
    return {metric.name for metric in metrics if metric.every == "week"} - observed


def _days_of_week(spec: Scenario) -> set[int]:
    """Return the days on which weekly metrics are computed, except the last one.

    These include the dates of policies: a shutdown of three days could fall between two weekly
    values.
    """
    dated = {(day - spec.start).days for day in dates_in(spec.policies)}
    return {*range(0, spec.days, DAYS_APART), *dated}


def _place_of(metric: Metric) -> str:
    """Return the file and the line of a metric, or its name if unknown."""
    code = getattr(metric.function, "__code__", None)
    return Place(code.co_filename, code.co_firstlineno) if code else metric.name


def _values(metric: Metric, today: ArmDay, shape: tuple[int, ...]) -> np.ndarray:
    """Return the values of a metric, in the shape of its dimensions.

    Raises
    ------
    InputError
        If the metric returns anything but numbers, or another shape.
    """
    returned: Any = metric(today)
    dims = ", ".join(metric.dims)
    makes = f"its dimensions ({dims}) make {shape}, and a single number stands for all cells"
    try:
        values = np.asarray(np.nan if returned is None else returned, dtype=np.float64)
    except (TypeError, ValueError):
        values = None
    if returned is None or values is None:
        what = "None" if returned is None else type(returned).__name__
        raise InputError(
            Problem(_place_of(metric), f"the metric {metric.name} returned {what}", makes)
        )
    if values.shape not in (shape, ()):
        found = f"the metric {metric.name} returned an array of shape {values.shape}"
        raise InputError(Problem(_place_of(metric), found, makes))
    return values if values.shape == shape else np.broadcast_to(values, shape)

"""The record of one arm: every metric of every day, in real people, as arrays.

`day.py` fills it day by day; results read it. What a metric is stands in its own file, under `sim/metrics`. The record
keeps nothing of the arm: whatever a day is written from is handed to `Record.write`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import numpy as np

from sim.arm import Arm
from sim.errors import RunError
from sim.metrics.arm_day import ArmDay
from sim.metrics.metric import Metric
from sim.metrics.registry import METRICS, WAYS

ALWAYS = ("active_users", "vpn_users")
"""Metrics that every record has: the model's own methods read them."""


class Record:
    """Metrics of one arm, day by day.

    Parameters
    ----------
    arm : Arm
        Before its first day.
    only : collection of str, optional
        Names of the metrics to write, beside `ALWAYS`; all of them unless given. In a small run, writing takes longer
        than all else.

    Attributes
    ----------
    arrays : dict of str to numpy.ndarray
        By metric; daily ones have the day first, then the metric's dimensions. NaN where not defined.
    day : int
        The latest day that is written; -1 for none.
    """

    def __init__(self, arm: Arm, only: Collection[str] | None = None) -> None:
        self.day, self.spec = -1, arm.spec
        self._today = ArmDay(arm)
        self._passing = True  # whether the day before had what does not last: people who join, costs, other owners
        states, platforms = len(arm.setting.states), len(arm.setting.platforms)
        size = {"state": states, "partner": states, "platform": platforms, "source": platforms,
                "group": len(arm.world.groups), "way": len(WAYS)}  # fmt: skip
        days = {"daily": (arm.spec.days,), "total": ()}
        self._metrics = [METRICS[name] for name in METRICS if only is None or name in {*only, *ALWAYS}]
        self.arrays = {
            metric.name: np.full((*days[metric.kind], *(size[dim] for dim in metric.dims)), np.nan)
            for metric in self._metrics
        }

    def today(self, metric: str) -> np.ndarray:
        """Return the latest day's values of a daily metric."""
        return np.asarray(self.arrays[metric][max(0, self.day)])

    def write(self, arm: Arm) -> None:
        """Write the metrics of the day that the arm is on; what cannot have changed is carried forward."""
        day, last = arm.day, arm.day == arm.spec.days - 1
        self.day = day
        other_setting = self._today.begin(arm)
        moved = bool(arm.changes.moved.size)
        changed = {
            "day": True,
            "people": self._people_changed(arm) or other_setting,
            "access": moved,
            "routes": self._today.rerouted,
        }
        for metric in self._metrics:
            array = self.arrays[metric.name]
            if metric.kind == "total":
                if last:
                    _put(metric, self._today, array)
            elif day == 0 or changed[metric.follows]:
                _put(metric, self._today, array[day : day + 1])
            else:
                array[day] = array[day - 1]
        self._today.end()

    def _people_changed(self, arm: Arm) -> bool:
        """Return whether people or policies did something today, or the day before had something that does not last."""
        changes, before = arm.changes, self._passing
        self._passing = bool(arm.docket.in_force or arm.counts.joined.any())
        happens = changes.anybody or arm.visits or changes.moved.size or changes.followed
        return bool(happens or self._passing or before)

    def dates(self) -> tuple[str, ...]:
        """Return the days of the run, ``YYYY-MM-DD``."""
        spec = self.spec
        return tuple(str(spec.start + timedelta(days=d)) for d in range(spec.days))


def _put(metric: Metric, today: ArmDay, place: np.ndarray) -> None:
    """Write the values of a metric into their place.

    Raises
    ------
    RunError
        When they do not have the shape of the metric's dimensions.
    """
    values = np.asarray(metric(today))
    wanted = place.shape if metric.kind == "total" else place.shape[1:]
    if values.shape not in (wanted, ()):
        dims = ", ".join(metric.dims)
        raise RunError(
            f"the metric {metric.name} returned an array of shape {values.shape}; its dimensions ({dims}) "
            f"make {wanted}, and a single number stands for all cells"
        )
    place[...] = values

"""The declaration of a metric, and the decorator for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay

    type Function = Callable[[ArmDay], np.ndarray | float]

Kind = Literal["daily", "total"]
Form = Literal["share", "count", "index", "money"]
Follows = Literal["day", "people", "access", "routes"]
DIMS = ("state", "platform", "group", "partner", "way", "source")
_SUMS = {"persons": "person-days", "ties": "tie-days"}


@dataclass(frozen=True)
class Metric:
    """One metric; calling it with an arm returns its values of the day.

    Attributes
    ----------
    name : str
        The name that scenario files, tables and checks use; that of its file.
    label : str
        What an axis or a table says.
    unit : str
        Unit of the value; ``share`` is 0 to 1.
    dims : tuple of str
        Dimensions after the date: any of ``state``, ``platform``, ``group``, ``partner``, ``way``, ``source``.
    description : str
        One sentence that defines the metric.
    kind : {"daily", "total"}
        ``daily`` has one value a day, ``total`` one value a run, calculated on the last day.
    form : {"share", "count", "index", "money"}
        Whether a sum over days means something: shares and indices have no total.
    summed : str
        Unit of a sum over days, where it does not follow from that of a day.
    follows : {"day", "people", "access", "routes"}
        When a daily value can change: on any day; only when people or policies do something; only when somebody's
        access changes in more than the summed hazard of lost apps; only when routes change or people are taken off
        every network. On other days the value of the day before is kept.
    running : bool
        Whether a day's value covers the run up to that day: its total is that of the last day, and no sum.
    pairs_once : bool
        Whether the metric is a symmetric matrix of states whose tables show each pair once.
    function : callable
        Takes the arm and returns the values, of the shape of ``dims``.
    """

    name: str
    label: str
    unit: str
    dims: tuple[str, ...]
    description: str
    kind: Kind = "daily"
    form: Form = "count"
    summed: str = ""
    follows: Follows = field(default="day", repr=False)
    pairs_once: bool = field(default=False, repr=False)
    running: bool = field(default=False, repr=False)
    function: Function = field(repr=False, compare=False, kw_only=True)

    def __call__(self, arm: ArmDay) -> np.ndarray | float:
        """Return the values of the day, of the shape of ``dims``; NaN where not defined."""
        return self.function(arm)

    @property
    def total_unit(self) -> str:
        """Unit of a sum over the days of a run: money a day becomes money, people become person-days."""
        if self.summed or self.kind == "total" or self.running:
            return self.summed or self.unit
        return _SUMS.get(self.unit, self.unit.removesuffix(" a day"))


def metric(
    label: str,
    unit: str,
    dims: tuple[str, ...],
    description: str,
    *,
    kind: Kind = "daily",
    form: Form = "count",
    summed: str = "",
    follows: Follows = "day",
    pairs_once: bool = False,
    running: bool = False,
) -> Callable[[Function], Metric]:
    """Declare the function below as a metric under its own name; the parameters are those of `Metric`."""

    def declare(function: Function) -> Metric:
        name = function.__name__
        marks = (follows, pairs_once, running)
        return Metric(name, label, unit, tuple(dims), description, kind, form, summed, *marks, function=function)

    return declare

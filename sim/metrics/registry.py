"""The declaration of metrics, and all metrics by name: the shipped ones, then a user's own.

To add a metric, write a function of an `ArmDay` under the decorator `metric` in the file of its
subject. The record, tables, charts, scenario checks and ``splinternet list metrics`` then include
it, in the order of declaration.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, get_args

import numpy as np

from ..core.plugins import Registry, remember
from ..errors import Problem, did_you_mean

if TYPE_CHECKING:
    from .arm_day import ArmDay

type Calculation = Callable[[ArmDay], np.ndarray | float]
"""Function from the arm at the end of a day to its values."""

Kind = Literal["daily", "total"]
Form = Literal["share", "count", "index", "money"]
Follows = Literal["day", "people", "access", "routes"]
Better = Literal["", "less", "more"]
ErrorKind = Literal["", "users", "use", "vpn", "contact", "ties", "kept", "hours"]
Written = Literal["first", "soon", "last"]
Every = Literal["day", "week"]
DIMS = ("state", "platform", "group", "partner", "way", "source", "loss", "step")
SUBJECTS = ("family", "use", "reach", "money", "states")
WAYS = ("access back", "VPN", "substitute", "bridge")
"""Ways by which a tie comes back, in the order of the dimension ``way``."""
CONTACT_STEPS = ("app", "telephone", "cut_off")
"""Ways in which people still reach family abroad, in the order of the dimension ``step``: an app,
only telephone and text messages, or neither.
"""
LOSSES = ("users", "platforms", "states")
"""Kinds of lost connectivity, in the order of the dimension ``loss``."""
_SUMS = {"persons": "person-days", "ties": "tie-days"}


@dataclass(frozen=True)
class Metric:
    """One metric; calling it with an arm returns its values of the day.

    Attributes
    ----------
    name : str
        The name that scenario files, tables and checks use; that of its function.
    label : str
        Label of an axis or a table.
    unit : str
        Unit of the value; ``share`` is 0 to 1.
    dims : tuple of str
        Dimensions after the date: any of ``state``, ``platform``, ``group``, ``partner``, ``way``,
        ``source``, ``loss``, ``step``.
    description : str
        One sentence that defines the metric.
    kind : {"daily", "total"}
        ``daily`` has one value a day, ``total`` one value a run, calculated on the last day.
    form : {"share", "count", "index", "money"}
        Sort of number; a share or an index is never summed over days.
    summed : str
        Unit of a sum over days, if it does not follow from that of a day.
    follows : {"day", "people", "access", "routes"}
        When a daily value can change: on any day; only if people or policies do something; only if
        somebody's access changes, apart from the summed hazard of lost apps; only if routes change
        or people are cut off all networks. On other days the earlier value stays.
    pairs_once : bool
        Whether the metric is a symmetric matrix of states whose tables show each pair once.
    running : bool
        Whether a day's value covers the run up to that day; its total is then the last value, not a
        sum.
    averaged : bool
        Whether the total of a run is the mean over its days, as for a share of a daily quantity.
    needs : str
        The instrument that a run needs to have this metric; empty if every run has it.
    better : {"", "less", "more"}
        The best effect: the lowest with ``less``, the highest with ``more``, else the one nearest
        to 0.
    error : {"", "users", "use", "vpn", "contact", "ties", "kept", "hours"}
        The model error in its intervals: that of platforms' users, other use, holders of VPNs, a
        share of a group's contact, a number of ties, the use that platforms keep, or hours by kind
        of loss; empty for none.
    headline : int
        Its rank among the headlines, from 1; 0 if it is not a headline.
    written : {"first", "soon", "last"}
        When its rows are written, if ``series.csv`` cannot contain all.
    every : {"day", "week"}
        How often it is computed: each day; or each seventh day from the first, on the last day and
        on the dates of the scenario's policies. Between these days it keeps its value. Metrics that
        a scenario observes or a caller requests by name are computed each day.
    adds_up : bool
        Whether the sum of a count over the days has a meaning; sums of money have.
    counts : str
        The counted quantity, in words that may include ``{platform}``; empty for its label.
    function : callable
        Takes the arm and returns the values, in the shape of ``dims``.
    """

    name: str
    label: str
    unit: str
    dims: tuple[str, ...]
    description: str
    kind: Kind
    form: Form
    summed: str
    follows: Follows = field(repr=False)
    pairs_once: bool = field(repr=False)
    running: bool = field(repr=False)
    averaged: bool = field(repr=False)
    needs: str = field(repr=False)
    better: Better = field(repr=False)
    error: ErrorKind = field(repr=False)
    headline: int = field(repr=False)
    written: Written = field(repr=False)
    every: Every = field(repr=False)
    adds_up: bool = field(repr=False)
    counts: str = field(repr=False)
    function: Calculation = field(repr=False, compare=False, kw_only=True)

    @property
    def counts_users(self) -> bool:
        """Whether the metric counts the people in a state who use a platform."""
        return self.unit == "persons" and self.dims == ("state", "platform")

    def __call__(self, arm: ArmDay) -> np.ndarray | float:
        """Return the values of the day, of the shape of ``dims``; NaN where not defined."""
        return self.function(arm)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        """Pickle the metric by name, because the decorator has replaced the function of that
        name.
        """
        module = self.function.__module__
        if module.partition(".")[0] == __name__.partition(".")[0]:
            return _shipped, (module, self.name)
        return super().__reduce_ex__(protocol)

    @property
    def total_unit(self) -> str:
        """Unit of a sum over the days of a run: money a day becomes money, people become
        person-days.
        """
        if self.summed or self.kind == "total" or self.running or self.averaged:
            return self.summed or self.unit
        return _SUMS.get(self.unit, self.unit.removesuffix(" a day"))


def _shipped(module: str, name: str) -> Any:
    """Return a metric of this program."""
    return getattr(import_module(module), name)


def metric(
    label: str,
    unit: str,
    dims: tuple[str, ...],
    description: str = "",
    *,
    kind: Kind = "daily",
    form: Form = "count",
    summed: str = "",
    follows: Follows = "day",
    pairs_once: bool = False,
    running: bool = False,
    averaged: bool = False,
    needs: str = "",
    better: Better = "",
    error: ErrorKind = "",
    headline: int = 0,
    written: Written = "last",
    every: Every = "day",
    adds_up: bool = False,
    counts: str = "",
) -> Callable[[Calculation], Metric]:
    """Decorator that declares a function as a metric, under the name of the function.

    Parameters
    ----------
    description : str
        Definition of the metric; by default the first paragraph of the function's docstring.
    label, unit, dims, kind, form, summed, follows, pairs_once, running, averaged, needs, better, \
    error, headline, written, every, adds_up, counts
        As in `Metric`.
    """

    def declare(function: Calculation) -> Metric:
        definition = description or " ".join(
            inspect.cleandoc(function.__doc__ or "").partition("\n\n")[0].split()
        )
        declared = Metric(
            function.__name__,
            label,
            unit,
            tuple(dims),
            definition,
            kind,
            form,
            summed,
            follows,
            pairs_once,
            running,
            averaged,
            needs,
            better,
            error,
            headline,
            written,
            every,
            adds_up,
            counts,
            function=function,
        )
        remember("metrics", declared.name, declared, function.__module__)
        return declared

    return declare


def _declared_in(module: ModuleType) -> dict[str, Metric]:
    """Return the metrics that a module declares, by name."""
    metrics = [value for value in vars(module).values() if isinstance(value, Metric)]
    return {
        metric.name: metric for metric in metrics if metric.function.__module__ == module.__name__
    }


def _faults(metric: Metric) -> Iterator[Problem]:
    """Yield the faults of a metric's declaration."""
    file = inspect.getfile(metric.function)
    if unknown := ", ".join(repr(dim) for dim in metric.dims if dim not in DIMS):
        yield Problem(file, f"unknown dimension {unknown}", f"any of {', '.join(DIMS)}")
    if not metric.description:
        yield Problem(
            file, f"the metric {metric.name} has no definition", "a sentence as its docstring"
        )
    for name, allowed in (
        ("better", Better),
        ("error", ErrorKind),
        ("written", Written),
        ("every", Every),
    ):
        words = get_args(allowed)
        value = getattr(metric, name)
        if value not in words:
            hint = did_you_mean(str(value), words)
            yield Problem(
                file, f"{name} is {value!r}", f"any of {', '.join(filter(None, words))}", hint
            )
    if needed := _ERROR_DIMS.get(metric.error, set()) - set(metric.dims):
        found = f"error is '{metric.error}' and there is no dimension {', '.join(sorted(needed))}"
        yield Problem(file, found, f"dimensions with {', '.join(sorted(needed))}, or no error")


_ERROR_DIMS = {
    "users": {"state", "platform"},
    "use": {"state", "platform"},
    "vpn": {"state"},
    "ties": {"group"},
}
"""Kind of error -> the dimensions that it requires."""


METRICS = Registry(
    "metrics",
    [f"splinternet.metrics.{subject}" for subject in SUBJECTS],
    _declared_in,
    _faults,
)
"""The metrics by name, in the order of the tables."""


def headlines_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of some metrics that are headlines, by rank; at equal rank, a user's own
    first.
    """
    shipped = METRICS.shipped()
    known = [name for name in names if name in METRICS and METRICS[name].headline]
    return tuple(sorted(known, key=lambda name: (METRICS[name].headline, name in shipped, name)))


# --- means over states ----------------------------------------------------------------------------


def mean_abroad(values: np.ndarray, weight: np.ndarray, *, nobody: float = 1.0) -> np.ndarray:
    """Return the weighted mean of each row over the other states, shape (states,).

    Parameters
    ----------
    values, weight : numpy.ndarray, shape (states, states)
    nobody : float
        The value if no other state has a weight.
    """
    weight = np.where(np.eye(len(values), dtype=bool), 0.0, weight)
    total = weight.sum(axis=1)
    return np.asarray(
        np.divide(
            (values * weight).sum(axis=1), total, out=np.full(len(values), nobody), where=total > 0
        )
    )

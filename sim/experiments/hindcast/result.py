"""Hindcasts as data: what was observed, what was forecast for it, and the score of the model and of its rivals."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from sim.experiments.charts import draw
from sim.experiments.hindcast.targets import Target, choose
from sim.results.identity import version
from sim.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Forecaster = Literal["model", "half", "still"]
FORECASTERS: tuple[Forecaster, ...] = get_args(Forecaster)


@dataclass(frozen=True)
class HindcastRow:
    """A target and what was forecast for it.

    Attributes
    ----------
    target : Target
    model, low, high : float
        Median over members, and their 10th and 90th percentile [1].
    half, still : float
        The two rivals' forecasts [1].
    course : numpy.ndarray, shape (3, days)
        10th percentile, median and 90th percentile over members, from the first day to the target's [1].
    """

    target: Target
    model: float
    low: float
    high: float
    half: float
    still: float
    course: np.ndarray = field(default_factory=lambda: np.empty((3, 0)), compare=False, repr=False)

    def error(self, by: Forecaster = "model") -> float:
        """Return forecast less observed [1]."""
        forecast: float = getattr(self, by)
        return forecast - self.target.observed

    def is_inside(self, by: Forecaster = "model") -> bool:
        """Return whether the forecast lies within the target's tolerance."""
        return abs(self.error(by)) <= self.target.tolerance


@dataclass(frozen=True)
class HindcastTable:
    """All targets, and the score of the model and of its rivals.

    Attributes
    ----------
    rows : tuple of HindcastRow
    people, seeds : int
        Simulated people of each run, and members of each event.
    scenarios : mapping of str to Scenario
        The scenario that replays each event, by the name that its targets give.
    """

    rows: tuple[HindcastRow, ...]
    people: int
    seeds: int
    scenarios: Mapping[str, Scenario] = field(default_factory=dict, compare=False, repr=False)

    @property
    def run_id(self) -> str:
        """What tells these hindcasts from others: a digest of their scenarios, targets, people and seeds."""
        told = [*sorted(spec.digest for spec in self.scenarios.values()), *(repr(row.target) for row in self.rows)]
        text = "\n".join([*told, str(self.people), str(self.seeds), version()])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def scored(self) -> tuple[HindcastRow, ...]:
        """The rows that count."""
        return tuple(row for row in self.rows if row.target.is_scored)

    def mean_error(self, by: Forecaster = "model") -> float:
        """Return the mean absolute error over the rows that count [1]; NaN when none does."""
        errors = [abs(row.error(by)) for row in self.scored]
        return sum(errors) / len(errors) if errors else float("nan")

    def inside(self, by: Forecaster = "model") -> int:
        """Return how many of the rows that count lie within tolerance."""
        return sum(row.is_inside(by) for row in self.scored)

    def plot(self, event: str | None = None) -> Figure:
        """Return the panel of all targets, or the course of one event against what was observed.

        Parameters
        ----------
        event : str, optional
            Such as ``ru_instagram_2022``; the panel of all unless given.

        Raises
        ------
        InputError
            When no event here is called so.
        """
        if event is None:
            return draw("hindcast", self)
        target = choose([row.target for row in self.rows], [event])[0]
        return draw("hindcast", self, target.event, name="hindcast_event")

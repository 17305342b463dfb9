"""Thresholds: "at what enforcement does family contact collapse?" - a scan along a path, then
bisection, seed by seed.

The random numbers are the same at every value, so the response of a seed is a function of the value
alone. Bisection of the bracket in which the response passes the level finds the value; the values
of all seeds give an interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Unpack

import numpy as np
import pandas as pd

from ..changes import Given
from ..core.groups import is_diaspora
from ..errors import InputError, Problem
from ..metrics.registry import METRICS
from ..results.interval import interval
from ..results.summary import main_point
from ..scenario import Scenario
from ..scenario.load import steps_of
from ..text.numbers import counted, quantity
from .experiment import (
    Experiment,
    Output,
    Task,
    changed,
    check_output,
    choose,
    effects,
    unknown_path,
)
from .options import OptionsWithFolder, check_all, number_problems, posed, takes_options

GRID = 5
"""Number of values before the search, including both ends: enough to see a response that turns back
once.
"""
HALVINGS = 5
"""Halvings of the bracket; with four intervals, the result is within 1/128 of the path."""
MOST_HALVINGS = 50
"""Most halvings; beyond it both ends of a bracket are the same number."""


@takes_options()
def threshold(
    scenario: Given,
    path: str,
    metric: str = "family_contact_ever_lost",
    level: float = 0.1,
    *,
    low: float | None = None,
    high: float | None = None,
    at: str | None = None,
    state: str = "",
    platform: str = "",
    group: str = "",
    halvings: int = HALVINGS,
    **options: Unpack[OptionsWithFolder],
) -> Threshold:
    """Find the value of a path at which an effect passes a level.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    path : str
        The path of a number in the scenario, such as ``technique.dpi.coverage`` or
        ``policies.<id>.share``.
    metric : str
        The metric whose effect must pass the level.
    level : float
        The level of the effect, in the unit of the metric. For a metric that is a share, 0.1 means
        an effect of ten percentage points.
    low, high : float, optional
        Smallest and largest value of the path; by default those under ``uncertain:`` or in the
        table of parameters.
    at : {"total", "worst_week", "peak", "end"}, optional
        The time of the effect; by default ``total`` for a running total and ``peak`` for other
        metrics.
    state, platform, group : str
        The cell of the metric; by default the cell with the largest change at the two ends of the
        path.
    halvings : int
        Number of times that the search halves the bracket.
    **options
        See `Options`.

    Returns
    -------
    Threshold
        The result, which also says whether the response is monotone.

    Raises
    ------
    InputError
        The path is unknown or has no ends, or there is no such metric.
    RunError
        A run failed; the others are kept in the folder.
    """
    with posed(scenario, options) as (spec, seeds, place, _):
        when = at or (main_point(METRICS[metric]) if metric in METRICS else "")
        asked = {"metric": metric, "at": when, "state": state, "platform": platform, "group": group}
        check_output(spec, **asked)
        problems = number_problems("--level", level)
        for name, end in (("--low", low), ("--high", high)):
            problems += number_problems(name, end) if end is not None else []
        problems += number_problems(
            "--halvings", halvings, (0, MOST_HALVINGS), "halvings", "--halvings 5", whole=True
        )
        check_all(problems)
        ends = ends_of(spec, path, low, high)
        result = Threshold(spec, seeds, path, asked, level, ends, halvings)
        for value in result.grid:
            changed(spec, {path: value})
        return result.run(**place)


@dataclass(eq=False, repr=False)
class Threshold(Experiment):
    """The value of a path at which an effect passes a level.

    Attributes
    ----------
    path : str
        The path whose value is searched.
    asked : mapping of str to str
        The metric, the time and the cell, if named.
    level : float
        The level, in the unit of the metric.
    ends : (float, float)
        The ends of the path.
    halvings : int
        Number of times that the bracket of each seed is halved.
    """

    KIND = "threshold"

    path: str
    asked: Mapping[str, str]
    level: float
    ends: tuple[float, float]
    halvings: int = HALVINGS

    @property
    def grid(self) -> list[float]:
        """The values at which every seed is run before the search."""
        return np.linspace(*self.ends, GRID).tolist()

    def rounds(self) -> Iterator[list[Task]]:
        """Yield the runs of the grid, then those in the middle of every seed's first bracket."""
        places = [(value, seed) for seed in self.seeds for value in self.grid]
        for _ in range(self.halvings + 1):
            yield [
                Task(f"at-{value!r}", self.scenario, seed, ((self.path, value),))
                for value, seed in places
            ]
            brackets = [(seed, self.crossings(seed)[:1]) for seed in self.seeds]
            places = [((low + high) / 2, seed) for seed, found in brackets for low, high in found]

    def output(self, metric: str | None = None, at: str | None = None, **cell: str) -> Output:
        """Return the output to search: the matching cell that changes most on the grid, a diaspora
        if the metric has diasporas.
        """
        return self._output

    @cached_property
    def _output(self) -> Output:
        keys = [f"at-{value!r}-seed-{seed}" for seed in self.seeds for value in self.grid]
        table = pd.DataFrame(
            {**output._asdict(), "effect": effect}
            for key in keys
            for output, effect in effects(self.outcomes[key]).items()
        )
        is_fit = (table["metric"] == self.asked["metric"]) & table["group"].map(is_diaspora)
        alone = table[is_fit.to_numpy(bool)]
        return choose(alone if len(alone) and not self.asked["group"] else table, **self.asked)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each seed and computed value: ``seed``, the path, ``effect`` and
        ``passes``.
        """
        rows = [
            (seed, value, effect, effect >= self.level)
            for seed, values in self.responses.items()
            for value, effect in values.items()
        ]
        return pd.DataFrame(rows, columns=["seed", self.path, "effect", "passes"])

    @property
    def responses(self) -> dict[int, dict[float, float]]:
        """The effect at every computed value, by seed, in the order of the values; zero if
        undefined.
        """
        found: dict[int, dict[float, float]] = {seed: {} for seed in self.seeds}
        for key, outcome in self.outcomes.items():
            value = float(key.removeprefix("at-").partition("-seed-")[0])
            found[int(outcome["seed"])][value] = effects(outcome).get(self._output, 0.0)
        return {seed: dict(sorted(values.items())) for seed, values in found.items()}

    def crossings(self, seed: int) -> list[tuple[float, float]]:
        """Return the pairs of neighbouring values between which a seed's effect passes the
        level.
        """
        pairs = pairwise(self.responses[seed].items())
        return [(x, z) for (x, y), (z, w) in pairs if (y >= self.level) != (w >= self.level)]

    @property
    def by_seed(self) -> dict[int, float | None]:
        """The middle of each seed's first bracket; None if the level is not passed."""
        first = {seed: next(iter(self.crossings(seed)), None) for seed in self.seeds}
        return {seed: sum(found) / 2 if found else None for seed, found in first.items()}

    @property
    def is_monotone(self) -> bool:
        """True if no seed's effect, at the values of the grid, both rises and falls."""
        steps = [np.diff([values[x] for x in self.grid]) for values in self.responses.values()]
        return not any((step > 0).any() and (step < 0).any() for step in steps)

    @property
    def interval(self) -> tuple[float, float, float] | None:
        """Median and 80 % interval over the seeds that pass the level; None if no seed does."""
        values = [value for value in self.by_seed.values() if value is not None]
        if not values:
            return None
        low, high = map(float, interval(np.array(values)))
        return float(np.median(values)), low, high

    @property
    def warnings(self) -> list[str]:
        """Warnings that a reader needs before trusting the numbers, one sentence each."""
        warnings = super().warnings
        if not self.is_monotone:
            most = max(len(self.crossings(seed)) for seed in self.seeds)
            warnings.append(
                "the response is not monotone: it rises and falls along the path, and passes the "
                f"level up to {most} time(s); the first crossing is reported"
            )
        if missed := [seed for seed, value in self.by_seed.items() if value is None]:
            low, high = self.ends
            above = sum(self.responses[seed][low] >= self.level for seed in missed)
            warnings.append(
                f"{len(missed)} of {len(self.seeds)} seeds do not pass the level between {low:g} "
                f"and {high:g}: {above} are above it from the start, {len(missed) - above} never "
                "reach it"
            )
        return warnings

    def words(self) -> str:
        """Return the finding in a sentence."""
        level = quantity(self._output.metric, self.level)
        what = f"{self._output.words(self.scenario)}, passes {level}"
        if all(len(set(values.values())) == 1 for values in self.responses.values()):
            return f"{what}: never, because {self.path} makes no difference here; check that the scenario uses it"
        if self.interval is None:
            low, high = self.ends
            return f"{what}: for no seed, between {low:g} and {high:g} of {self.path}"
        middle, low, high = self.interval
        n = sum(value is not None for value in self.by_seed.values())
        spread = (
            "" if n == 1 else f"{low:.3g} to {high:.3g}, 10-90 % of "
        )  # a single seed has no interval
        return f"{what} at {self.path} = {middle:.3g} ({spread}{counted(n)})"


def ends_of(
    spec: Scenario, path: str, low: float | None, high: float | None
) -> tuple[float, float]:
    """Return the ends of a path: the given values, or those of its range.

    Raises
    ------
    InputError
        The path is unknown or has no ends, or the low end is above the high end.
    """
    if problems := unknown_path(spec, path, "--path"):
        raise InputError(problems)
    steps = steps_of(spec, path)
    known: Any = next(
        (r for other, r in spec.uncertain.items() if steps_of(spec, other) == steps), None
    )
    if known is None and steps[0] == "parameters":
        known = spec.facts.parameters.get(str(steps[-1]))
    first = low if low is not None else getattr(known, "low", None)
    last = high if high is not None else getattr(known, "high", None)
    option = "--low, --high"
    if first is None or last is None:
        found = f"'{path}' has no range of its own"
        raise InputError(
            Problem(option, found, "a number, with both of its ends", "low=0.2, high=0.9")
        )
    if not first < last:
        found = f"low is {first:g} but high is {last:g}"
        raise InputError(Problem(option, found, "low smaller", "swap them?"))
    return float(first), float(last)

"""Sensitivity: the parameters that an effect depends on, by the methods of Morris and of Sobol,
with SALib.

Every row of a design runs the same seeds, so that rows differ only in the parameters.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Unpack, cast

import numpy as np
import pandas as pd

from ..changes import Given
from ..core.program import more_packages
from ..errors import InputError, Problem, did_you_mean
from ..metrics.registry import METRICS
from ..scenario import Range, Scenario
from ..scenario.load import steps_of
from .experiment import TABLE, Experiment, Output, Task, changed
from .options import OptionsWithFolder, check_all, number_problems, posed, takes_options

type Method = Literal["morris", "sobol"]
Array = np.ndarray[Any, np.dtype[np.float64]]

INDEX: Mapping[str, str] = {"morris": "mu_star", "sobol": "ST"}
"""The index that ranks parameters, by method."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "morris": ("mu_star", "mu_star_conf", "mu", "sigma"),
    "sobol": ("ST", "ST_conf", "S1", "S1_conf"),
}
LEVELS = 4
"""Levels of the Morris grid: the usual choice (Campolongo, Cariboni & Saltelli 2007)."""
_SHOWN = ("contact_days_lost", "ties_out_of_contact", "consumer_surplus_lost")
"""Metrics that are shown beside the headlines."""
SAMPLES: Mapping[str, int] = {"morris": 10, "sobol": 64}
"""Trajectories or base samples by default: the lower end of what the literature uses for a first
look.
"""
MOST_SAMPLES = 100_000
"""Limit of samples; a larger number is probably a number of people."""
SEEDS = 2
"""Default number of seeds of each row."""


@takes_options(seeds=SEEDS)
def sensitivity(
    scenario: Given,
    method: Method | str = "morris",
    *,
    only: Sequence[str] | None = None,
    every: bool = False,
    samples: int | None = None,
    **options: Unpack[OptionsWithFolder],
) -> Sensitivity:
    """Compute the sensitivity of each effect of a scenario to each parameter.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    method : {"morris", "sobol"}
        The method. Morris (1991) screens many parameters with few runs: samples x (parameters + 1).
        Sobol (2001) divides the variance and needs many: samples x (parameters + 2), samples a
        power of two.
    only : sequence of str, optional
        Paths under ``uncertain:`` (also inherited paths) or model parameters to vary. A model
        parameter varies between its low and high values. By default the paths of the scenario's own
        ``uncertain:``. Inherited ranges vary only if named; otherwise seeds draw them, alike in
        every row.
    every : bool
        Whether to vary every model parameter between its low and high values, and all paths under
        ``uncertain:``.
    samples : int, optional
        Number of trajectories for Morris (by default 10) or of base samples for Sobol (by default
        64).
    **options
        See `Options`.

    Raises
    ------
    InputError
        Nothing is uncertain, SALib is missing, or a number is out of bounds.
    RunError
        A run failed; the others are kept in the folder.
    """
    with posed(scenario, options, seeds=SEEDS) as (whole, seeds, place, _):
        spec = whole.model_copy(update={"draw": "stated"})  # other values are not varied
        ranges = ranges_of(spec, every, only)
        design = design_of(method, list(ranges), samples, spec.seed)
        for end in ("low", "high"):  # raises errors before anything is written
            changed(spec, {path: getattr(r, end) for path, r in ranges.items()})
        return Sensitivity(spec, seeds, cast(Method, method), ranges, design).run(**place)


@dataclass(eq=False, repr=False)
class Sensitivity(Experiment):
    """The sensitivity of each effect to each parameter.

    Attributes
    ----------
    method : {"morris", "sobol"}
    ranges : mapping of str to Range
        The varied parameters with their ranges.
    design : (rows, parameters) float
        The position of each parameter within its range in each row [1].
    """

    KIND = "sensitivity"

    method: Method
    ranges: Mapping[str, Range]
    design: Array

    @property
    def settings(self) -> dict[str, Any]:
        """The method, the ranges and the size; with the scenario's seed, they define the design."""
        return {**super().settings, "design": len(self.design)}

    def rounds(self) -> Iterator[list[Task]]:
        """Yield the runs of all rows of the design."""
        names = list(self.ranges)
        yield [
            task
            for i, row in enumerate(zip(*self.columns.values(), strict=True))
            for task in self.tasks(f"row-{i}", values=tuple(zip(names, row, strict=True)))
        ]

    @property
    def columns(self) -> dict[str, list[float]]:
        """The values of each parameter in the rows of the design, in its unit."""
        return {
            path: [r.at(float(u)) for u in self.design[:, i]]
            for i, (path, r) in enumerate(self.ranges.items())
        }

    @property
    def samples(self) -> int:
        """Number of trajectories (Morris: one row more than parameters each) or base samples
        (Sobol: two more).
        """
        return len(self.design) // (len(self.ranges) + (1 if self.method == "morris" else 2))

    @cached_property
    def _outputs(self) -> dict[Output, Array]:
        """Mean effect over seeds in each row, by output; outputs that a row lacks are left out."""
        by_row = self.effects([f"row-{i}" for i in range(len(self.design))])
        return {output: values.mean(axis=0) for output, values in by_row.items()}

    def indices(self, output: Output) -> pd.DataFrame:
        """Return the indices of one output, the most important parameter first.

        Returns
        -------
        pandas.DataFrame
            ``parameter, low, high``; for Morris ``mu_star`` (mean size of the change of the output
            when the parameter goes through its range), ``mu_star_conf`` (half the width of its 95 %
            interval), ``mu`` (the signed mean) and ``sigma`` (the dependence on the other
            parameters); for Sobol ``ST`` (part of the output's variance that is due to the
            parameter, alone or with others), ``S1`` (alone) and their ``_conf``.
        """
        from SALib.analyze import morris, sobol

        rows = [(name, r.low, r.high) for name, r in self.ranges.items()]
        frame = pd.DataFrame(rows, columns=["parameter", "low", "high"])
        values = self._outputs[output]
        found = dict[str, Any]()
        if np.ptp(values) > 1e-12 * max(1.0, float(np.abs(values).max())):
            problem = problem_of(list(self.ranges))
            seed = self.scenario.seed % 2**32
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # one trajectory has no interval, and SALib would give many warnings
                if self.method == "morris":
                    found = morris.analyze(
                        problem, self.design, values, num_levels=LEVELS, seed=seed
                    )
                else:
                    found = sobol.analyze(problem, values, calc_second_order=False, seed=seed)
        # If nothing moves, every index is zero.
        columns = {
            name: np.nan_to_num(np.asarray(found.get(name, 0.0), np.float64))
            for name in COLUMNS[self.method]
        }
        frame = frame.assign(**columns)
        return frame.sort_values(
            INDEX[self.method], ascending=False, kind="stable", ignore_index=True
        )

    def has_converged(self, output: Output) -> bool:
        """Return whether the interval of the most important parameter is narrower than a tenth of
        its index.

        Sarrazin, Pianosi & Wagener (2016) take an interval of 0.05 for converged where indices go
        from 0 to 1.
        """
        index = INDEX[self.method]
        first = self.indices(output).iloc[0]
        return bool(2 * first[f"{index}_conf"] <= 0.1 * first[index])

    @cached_property
    def table(self) -> pd.DataFrame:
        """The indices of every headline that moves: the columns of `Output`, ``unit``, and those of
        `indices`.
        """
        parts = [
            self.indices(output).assign(**output._asdict(), unit=output.unit)
            for output, values in self._outputs.items()
            if (output.metric in _SHOWN or METRICS[output.metric].headline) and np.ptp(values) > 0
        ]
        columns = [*Output._fields, "unit", "parameter", "low", "high", *COLUMNS[self.method]]
        return (
            pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables to write: indices, and the design in the units of the parameters."""
        return {TABLE: self.table, "design.csv": pd.DataFrame(self.columns)}

    @property
    def sizes(self) -> pd.DataFrame:
        """Each output with its largest effect in any row."""
        rows = [
            {**output._asdict(), "effect": np.abs(values).max()}
            for output, values in self._outputs.items()
        ]
        return pd.DataFrame(rows, columns=[*Output._fields, "effect"])


def ranges_of(spec: Scenario, every: bool, only: Sequence[str] | None = None) -> dict[str, Range]:
    """Return the varied parameters with their ranges; ``uncertain:`` takes precedence over the
    table of parameters.

    Ranges of the file that a scenario extends are included only if requested.

    Raises
    ------
    InputError
        There are no ranges, or a name in ``only`` has no range.
    """
    ranges = {path: r for path, r in spec.uncertain.items() if r.low < r.high}
    if only is not None:
        return _ranges_named(spec, ranges, only)
    if every:
        taken = {steps_of(spec, path) for path in (*spec.uncertain, *spec.parameters)}
        ranges |= {
            name: r for name, r in _known_ranges(spec).items() if ("parameters", name) not in taken
        }
        return dict(sorted(ranges.items()))
    own = {path: r for path, r in ranges.items() if path not in spec.inherited}
    if not own:
        hint = "add ranges under uncertain:, or vary every parameter (--all, every=True)"
        if ranges:
            hint = f"--only can name inherited ranges: {', '.join(sorted(ranges))}; --all varies every parameter"
        found = "nothing is uncertain"
        found += ", but what it inherits" if ranges else ""
        raise InputError(Problem(str(spec.path or ""), found, "ranges under uncertain:", hint))
    return dict(sorted(own.items()))


def _known_ranges(spec: Scenario) -> dict[str, Range]:
    """Return the low and high end of every numeric model parameter."""
    return {
        name: Range(low=known.low, high=known.high)
        for name, known in spec.facts.parameters.items()
        if known.low < known.high and not known.choices
    }


def _ranges_named(
    spec: Scenario, ranges: Mapping[str, Range], only: Sequence[str]
) -> dict[str, Range]:
    """Return the ranges of the names that a user gives."""
    if isinstance(only, str) or not all(isinstance(name, str) for name in only) or not only:
        allowed = "a list of paths or parameters"
        hint = "only=['circumvention.cost']"
        raise InputError(Problem("only", f"{only!r} stands here", allowed, hint))
    by_steps = {
        steps_of(spec, path): (path, r) for path, r in {**_known_ranges(spec), **ranges}.items()
    }
    problems = list[Problem]()
    named = dict[str, Range]()
    for name in only:
        path, r = by_steps.get(steps_of(spec, name), ("", None))
        if r is None:
            allowed = "a range under uncertain:, or a model parameter with a low and a high"
            hint = did_you_mean(name, [path for path, _ in by_steps.values()])
            problems.append(Problem("only", f"'{name}' has no range", allowed, hint))
        else:
            named[path] = r
    check_all(problems)
    return dict(sorted(named.items()))


def design_of(method: str, names: list[str], samples: int | None, seed: int) -> Array:
    """Return the position of each parameter within its range in each row, shape (rows, parameters)
    [1].
    """
    methods = list(SAMPLES)
    if method not in methods:
        hint = did_you_mean(method, methods)
        raise InputError(
            Problem("--method", f"there is no method '{method}'", " or ".join(methods), hint)
        )
    samples = SAMPLES[method] if samples is None else samples
    example = f"--samples {SAMPLES[method]}"
    check_all(
        number_problems("--samples", samples, (2, MOST_SAMPLES), "samples", example, whole=True)
    )
    if method == "sobol" and samples & (samples - 1):
        raise InputError(Problem("--samples", f"{samples} samples", "a power of two", example))
    try:
        from SALib.sample import morris, sobol
    except ImportError as error:
        hint = more_packages("analysis")
        raise InputError(
            Problem("", "SALib is not installed", "SALib for this command", hint)
        ) from error
    problem = problem_of(names)
    if method == "morris":
        design = morris.sample(problem, samples, num_levels=LEVELS, seed=seed % 2**32)
    else:
        design = sobol.sample(problem, samples, calc_second_order=False, seed=seed % 2**32)
    return np.asarray(design, np.float64)


def problem_of(names: Sequence[str]) -> dict[str, Any]:
    """Return parameters as SALib describes them: each from 0 to 1, a part of its range."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}

"""Sweeps: the grid of a scenario's ``sweep:``, or a user's own points, each a paired ensemble with
the same seeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from itertools import product
from math import prod
from typing import Any, Unpack

import numpy as np
import pandas as pd

from ..changes import Given
from ..errors import InputError, Problem
from ..scenario import Scenario
from ..text.numbers import cells_in_words, unit
from .experiment import (
    FIELDS,
    MEMBER_RANGE,
    Experiment,
    NothingMovedError,
    Output,
    Task,
    changed,
    check_paths,
    spread_rows,
)
from .options import OptionsWithFolder, posed, takes_options

MOST_POINTS = 10_000
"""Most points of a grid; a sweep is not meant for more."""
NUMBERS = ("baseline", "policy", "effect", *MEMBER_RANGE, "mc_error", "members")


@takes_options()
def sweep(
    scenario: Given,
    grid: Mapping[str, Sequence[Any]] | None = None,
    *,
    points: pd.DataFrame | Sequence[Mapping[str, Any]] | None = None,
    **options: Unpack[OptionsWithFolder],
) -> SweepResult:
    """Run a scenario at every point of a grid, or at the points of a design.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    grid : mapping of str to sequence, optional
        The values for each path, which replace the scenario's ``sweep:``: dates, numbers, names, or
        any value that the path allows.
    points : pandas.DataFrame or sequence of mapping, optional
        Your own design instead of a grid. Each row is a point, and each column or key is a path, as
        for ``set``. A Latin hypercube or a sample of SALib is such a frame.
    **options
        See `Options`.

    Returns
    -------
    SweepResult

    Raises
    ------
    InputError
        There is nothing to sweep, a path is unknown, or a point is not a valid scenario; the error
        lists all problems.
    RunError
        A run failed; the others are kept in the folder.
    """
    with posed(scenario, options) as (spec, seeds, place, _):
        if points is None:
            design = points_of(spec, spec.sweep if grid is None else grid)
        elif grid is None:
            design = design_of(spec, points)
        else:
            raise InputError(Problem("points", "a grid and points", "one of the two"))
        return SweepResult(spec, seeds, design).run(**place)


@dataclass(eq=False, repr=False)
class SweepResult(Experiment):
    """Every point of a grid or a design, each a paired ensemble with the same seeds.

    Attributes
    ----------
    points : list of dict
        Path -> value for each point, in the order of the grid or of the design.
    """

    KIND = "sweep"

    points: list[dict[str, Any]]

    def rounds(self) -> Iterator[list[Task]]:
        """Yield the runs of all points."""
        yield [
            task
            for number, point in enumerate(self.points)
            for task in self.tasks(f"point-{number}", values=tuple(point.items()))
        ]

    @property
    def axes(self) -> dict[str, list[Any]]:
        """The values of every path."""
        axes: dict[str, list[Any]] = {}
        for point in self.points:
            for path, value in point.items():
                if value not in axes.setdefault(path, []):
                    axes[path].append(value)
        return axes

    @property
    def is_grid(self) -> bool:
        """True if the points are all combinations of the values of their paths."""
        return len(self.points) == prod(len(values) for values in self.axes.values())

    @property
    def headlines(self) -> tuple[str, ...]:
        """The metrics to show by default: those of the policies whose keys are swept, then the
        headlines.
        """
        swept = {path.split(".")[1] for path in self.axes if path.startswith("policies.")}
        own = [
            name
            for policy in self.scenario.policies
            if policy.id in swept
            for name in policy.HEADLINES
        ]
        return tuple(dict.fromkeys([*own, *super().headlines]))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each point and output.

        Returns
        -------
        pandas.DataFrame
            ``point``, a column for each path, then ``metric, state, platform, group, at, unit`` and
            ``baseline, policy, effect`` (medians over seeds), ``members_low, members_high`` (80 %
            interval of the effect over seeds, without the model's error, which ``low`` and ``high``
            of a run's summary include), ``mc_error`` (standard error of its mean) and ``members``
            (number of seeds).
        """
        rows = []
        for number, point in enumerate(self.points):
            cells = {"point": number, **{path: plain(value) for path, value in point.items()}}
            members = [self.outcomes[f"point-{number}-seed-{seed}"] for seed in self.seeds]
            rows += [{**cells, **row} for row in spread_rows(members)]
        columns = ["point", *self.axes, *FIELDS[:6], *NUMBERS]
        return pd.DataFrame(rows, columns=columns)

    def rows_in_words(self, output: Output) -> pd.DataFrame:
        """Return the rows of one output with their numbers as people read them: ``6.12m``, ``31
        %``.
        """
        rows = self.of(output)[[*self.axes, *NUMBERS[:-1]]]
        return cells_in_words(rows, output.metric, NUMBERS[:-1])

    def _repr_html_(self) -> str:
        """Return the default table of the sweep, for a notebook."""
        try:
            output = self.output()
        except NothingMovedError:
            return super()._repr_html_()
        head = escape(f"{self!r}. {output.words(self.scenario)} [{unit(output.metric)}]")
        return f"<p>{head}</p>{self.rows_in_words(output).to_html(index=False)}"


def points_of(spec: Scenario, grid: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return the points of a grid, with the last path changing fastest, after checking that each
    can be run.

    Raises
    ------
    InputError
        The grid or a point is wrong; the error lists all problems.
    """
    if not isinstance(grid, Mapping):
        allowed = "a mapping of paths to lists of values"
        hint = "{'policies.wechat-ban.on': ['2020-09-20', '2020-11-12']}"
        raise InputError(Problem("sweep", f"a grid that is {type(grid).__name__}", allowed, hint))
    lists = {
        path: given.tolist() if hasattr(given, "tolist") else given for path, given in grid.items()
    }  # of arrays
    problems = list[Problem]()
    for path, values in lists.items():
        if not isinstance(path, str):
            problems.append(
                Problem("sweep", f"{path!r} as a path", "a text, such as policies.<id>.on")
            )
        elif not isinstance(values, Sequence) or isinstance(values, str | bytes):
            hint = "[0.3, 0.6, 0.9]; one value is a list of one"
            problems.append(
                Problem(f"sweep: {path}", f"{values!r} as its values", "a list of values", hint)
            )
        elif twice := [value for i, value in enumerate(values) if value in values[:i]]:
            allowed = "each value once: a repeated point adds nothing"
            problems.append(Problem(f"sweep: {path}", f"{twice[0]!r} appears twice", allowed))
    if problems:
        raise InputError(problems)
    size = prod(len(values) for values in lists.values())
    if not lists or not size:
        hint = "sweep: {policies.wechat-ban.on: [2020-09-20, 2020-11-12]} in the file, or --set with the same"
        where = str(spec.path or "")
        raise InputError(
            Problem(where, "there is nothing to sweep", "a path with its values under sweep:", hint)
        )
    _check_size("sweep", size)
    check_paths(spec, lists, "sweep")
    points = [dict(zip(lists, values, strict=True)) for values in product(*lists.values())]
    _check_points(spec, points, "sweep")
    return points


def design_of(
    spec: Scenario, points: pd.DataFrame | Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the points of a design, in its order, after checking that each can be run.

    Raises
    ------
    InputError
        The design or a point is wrong; the error lists all problems.
    """
    rows: Any = points.to_dict("records") if isinstance(points, pd.DataFrame) else points
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        found = f"{type(points).__name__} stands here"
        hint = "[{'ties.only_channel': 0.3}, {'ties.only_channel': 0.6}]"
        allowed = (
            "a DataFrame with a column for each path, or a list of mappings of paths to values"
        )
        raise InputError(Problem("points", found, allowed, hint))
    if not rows or not rows[0]:
        raise InputError(
            Problem("points", "there is no point", "a row for each point, a column for each path")
        )
    _check_size("points", len(rows))
    design = [{path: _single(value) for path, value in row.items()} for row in rows]
    paths = list(design[0])
    problems = list[Problem]()
    for number, point in enumerate(design):
        where = f"points[{number}]"
        if set(point) != set(paths):
            other = ", ".join(sorted(map(str, set(point) ^ set(paths))))
            allowed = "the same paths in every point"
            problems.append(Problem(where, f"not all points state {other}", allowed))
        elif lacking := [path for path, value in point.items() if value != value or value is None]:
            problems.append(Problem(f"{where}: {lacking[0]}", "an empty cell", "a value"))
        elif point in design[:number]:
            allowed = "each point once: a repeated point adds nothing"
            problems.append(Problem(where, f"is points[{design.index(point)}] again", allowed))
    if problems:
        raise InputError(problems)
    check_paths(spec, paths, "points")
    _check_points(spec, design, "points")
    return design


def _single(value: Any) -> Any:
    """Return a value of a design as a plain Python value, also if it comes from an array."""
    return value.item() if isinstance(value, np.generic) else value


def _check_size(where: str, size: int) -> None:
    """Raise InputError if there are more than `MOST_POINTS` points."""
    if size > MOST_POINTS:
        allowed = f"at most {MOST_POINTS:,}"
        hint = "fewer values or paths"
        raise InputError(Problem(where, f"{size:,} points", allowed, hint))


def _check_points(spec: Scenario, points: Sequence[Mapping[str, Any]], option: str) -> None:
    """Raise InputError unless each point is a valid scenario."""
    problems = list[Problem]()
    for point in points:
        try:
            changed(spec, point)
        except InputError as error:
            where = f"{option}: " + ", ".join(f"{path}={value}" for path, value in point.items())
            problems += [replace(problem, where=where) for problem in error.problems]
    if problems:
        raise InputError(dict.fromkeys(problems))


def plain(value: Any) -> Any:
    """Return a value of a path as a cell of a table: numbers stay numbers, other values become
    text.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return value

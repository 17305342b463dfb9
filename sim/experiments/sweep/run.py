"""Sweeps: the grid of a scenario's ``sweep:``, each point a paired ensemble with the same seeds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from sim.errors import InputError, Problem
from sim.experiments.ensemble import DEFAULT_SEEDS, seeds_of
from sim.experiments.parallel import Progress
from sim.experiments.points import Task, Work, about_it, changed, folder_of, ready, run_tasks, unknown_path
from sim.experiments.store import Store, identity_of
from sim.experiments.sweep.result import SweepResult
from sim.scenario import Scenario, load

MOST_POINTS = 10_000
"""Most points of a grid: beyond it somebody has mistaken a sweep for a search."""


def sweep(
    scenario: Scenario | str | Path | dict[str, Any],
    grid: Mapping[str, Sequence[Any]] | None = None,
    *,
    people: int | None = None,
    days: int | None = None,
    seeds: int = DEFAULT_SEEDS,
    jobs: int | None = None,
    cluster: Any = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
) -> SweepResult:
    """Run a scenario at every point of a grid.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    grid : mapping of str to sequence, optional
        Path -> values, instead of the scenario's ``sweep:``. Dates, numbers, names: whatever may stand at the path.
    people, days : int, optional
        Simulated people and days, instead of the scenario's.
    seeds : int
        Members of every point, the same seeds for all: points differ by their values alone.
    jobs : int, optional
        Number of processes; by default one per core. The outcome is the same for any number.
    cluster : str, Client or Executor, optional
        A Dask cluster to work on instead.
    out : path, optional
        A folder to write or to resume. Without it, nothing is written.
    progress : callable, optional
        Called with (done, failed, total) after each run.

    Returns
    -------
    SweepResult

    Raises
    ------
    InputError
        When there is nothing to sweep, a path is unknown, or a point is not a possible scenario: all at once.
    RunError
        When a run failed; the others are kept in the folder.
    """
    from sim.metrics.registry import METRICS

    begun = time.monotonic()
    spec = load(scenario, people=people, days=days, known_metrics=METRICS)
    points = points_of(spec, spec.sweep if grid is None else grid)
    wanted = seeds_of(spec, seeds)
    settings = {"points": [{path: str(value) for path, value in point.items()} for point in points]}
    identity = identity_of("sweep", spec, wanted, settings)
    tasks = [
        Task(f"point-{number}-seed-{seed}", spec, seed, tuple(point.items()))
        for number, point in enumerate(points)
        for seed in wanted
    ]
    keys = [[f"point-{number}-seed-{seed}" for seed in wanted] for number in range(len(points))]
    work = ready(Work(jobs, cluster, progress))
    with Store(folder_of(out, spec, identity), identity) as store:
        found = run_tasks(tasks, store, work)
        result = SweepResult(spec, wanted, found, identity["run_id"], points, keys)
        result.folder = store.path
        store.finish(result.write_files, about_it(spec, begun, len(tasks)))
    return result


def points_of(spec: Scenario, grid: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return the points of a grid, the last path changing fastest, after making sure that each can be run.

    Raises
    ------
    InputError
        Everything that is wrong with any point.
    """
    grid = _listed(grid)
    if not grid or not all(len(values) for values in grid.values()):
        hint = "sweep: {policies.wechat-ban.on: [2020-09-20, 2020-11-12]} in the file, or --set with the same"
        where = str(spec.path or "")
        raise InputError(Problem(where, "there is nothing to sweep", "a path with its values under sweep:", hint))
    size = prod(len(values) for values in grid.values())
    if size > MOST_POINTS:
        raise InputError(Problem("sweep", f"{size:,} points", f"at most {MOST_POINTS:,}", "fewer values or paths"))
    points = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    problems = [problem for path in grid for problem in unknown_path(spec, path, "sweep")]
    if problems:
        raise InputError(problems)
    for point in points:
        try:
            changed(spec, point)
        except InputError as error:
            said = ", ".join(f"{path}={value}" for path, value in point.items())
            problems += [replace(p, where=f"sweep: {said}") for p in error.problems]
    if problems:
        raise InputError(dict.fromkeys(problems))
    return points


def _listed(grid: object) -> dict[str, list[Any]]:
    """Return a grid with its values as lists; an array is one.

    Raises
    ------
    InputError
        It is of another kind, or a value appears twice: everything that is wrong with it.
    """
    if not isinstance(grid, Mapping):
        allowed = "a mapping of paths to lists of values"
        hint = "{'policies.wechat-ban.on': ['2020-09-20', '2020-11-12']}"
        raise InputError(Problem("sweep", f"a grid that is {type(grid).__name__}", allowed, hint))
    problems, found = [], dict[str, list[Any]]()
    for path, given in grid.items():
        values = given.tolist() if hasattr(given, "tolist") else given  # numpy and pandas
        if not isinstance(path, str):
            problems.append(Problem("sweep", f"{path!r} as a path", "a text, such as policies.<id>.on"))
        elif not isinstance(values, Sequence) or isinstance(values, str | bytes):
            hint = "[0.3, 0.6, 0.9]; one value is a list of one"
            problems.append(Problem(f"sweep: {path}", f"{values!r} as its values", "a list of values", hint))
        elif twice := [value for i, value in enumerate(values) if value in values[:i]]:
            allowed = "each value once: a point that appears twice says nothing new"
            problems.append(Problem(f"sweep: {path}", f"{twice[0]!r} appears twice", allowed))
        else:
            found[path] = list(values)
    if problems:
        raise InputError(problems)
    return found

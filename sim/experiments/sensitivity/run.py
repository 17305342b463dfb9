"""Sensitivity: the parameters that an effect depends on, by the methods of Morris and of Sobol, with SALib.

Every row of a design runs the same seeds, so that rows differ in the parameters and not in chance.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from sim.errors import InputError, Problem, did_you_mean, more_packages
from sim.experiments.checks import check_all, count_problem
from sim.experiments.ensemble import seeds_of
from sim.experiments.parallel import Progress
from sim.experiments.points import Task, Work, about_it, changed, folder_of, ready, run_tasks
from sim.experiments.sensitivity.result import LEVELS, Array, Method, Sensitivity, problem_of
from sim.experiments.store import Store, identity_of
from sim.scenario import Range, Scenario, load
from sim.scenario.load import steps_of

SAMPLES: Mapping[str, int] = {"morris": 10, "sobol": 64}
"""Trajectories or base samples by default: the lower end of what the literature uses for a first look."""
MOST_SAMPLES = 100_000
"""Beyond it somebody has mistaken samples for people."""
SEEDS = 2
"""Members of each row by default."""


def sensitivity(
    scenario: Scenario | str | Path | dict[str, Any],
    method: Method | str = "morris",
    *,
    every: bool = False,
    samples: int | None = None,
    people: int | None = None,
    days: int | None = None,
    seeds: int = SEEDS,
    jobs: int | None = None,
    cluster: Any = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Compute how much each effect of a scenario depends on each parameter.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    method : {"morris", "sobol"}
        Morris (1991) screens many parameters with few runs: samples x (parameters + 1). Sobol (2001) shares out the
        variance and needs many: samples x (parameters + 2), samples a power of two.
    every : bool
        Vary every model parameter between its low and high, not only what ``uncertain:`` names.
    samples : int, optional
        Trajectories (by default 10) or base samples (by default 64).
    people, days : int, optional
        Simulated people and days, instead of the scenario's.
    seeds : int
        Members of each row, the same for all.
    jobs, cluster, out, progress
        As for `sweep`.

    Raises
    ------
    InputError
        When there is nothing uncertain, SALib is missing, or a number is out of bounds.
    RunError
        When a run failed; the others are kept in the folder.
    """
    from sim.metrics.registry import METRICS

    begun = time.monotonic()
    spec = load(scenario, people=people, days=days, known_metrics=METRICS)
    spec = spec.model_copy(update={"draw": "stated"})  # other values are not varied
    ranges = ranges_of(spec, every)
    design = design_of(method, list(ranges), samples, spec.seed)
    wanted = seeds_of(spec, seeds)
    for end in ("low", "high"):  # an error comes before anything is written
        changed(spec, {path: getattr(r, end) for path, r in ranges.items()})
    rows = [tuple((path, r.at(float(u))) for (path, r), u in zip(ranges.items(), row, strict=True)) for row in design]
    tasks = [Task(f"row-{i}-seed-{seed}", spec, seed, row) for i, row in enumerate(rows) for seed in wanted]
    settings = {"method": method, "ranges": {p: r.model_dump() for p, r in ranges.items()}, "rows": len(design)}
    identity = identity_of("sensitivity", spec, wanted, settings)
    work = ready(Work(jobs, cluster, progress))
    with Store(folder_of(out, spec, identity), identity) as store:
        found = run_tasks(tasks, store, work)
        result = Sensitivity(spec, wanted, found, identity["run_id"], cast(Method, method), ranges, design)
        result.folder = store.path
        store.finish(result.write_files, about_it(spec, begun, len(tasks)))
    return result


def ranges_of(spec: Scenario, every: bool) -> dict[str, Range]:
    """Return what is varied and between what: what ``uncertain:`` says wins over the table of parameters.

    Raises
    ------
    InputError
        When there is nothing.
    """
    ranges = {path: r for path, r in spec.uncertain.items() if r.low < r.high}
    if every:
        taken = {steps_of(spec, path) for path in spec.uncertain}
        for name, known in spec.facts.parameters.items():
            if (
                known.low < known.high
                and not known.choices
                and ("parameters", name) not in taken
                and name not in spec.parameters
            ):
                ranges[name] = Range(low=known.low, high=known.high)
    if not ranges:
        hint = "add ranges under uncertain:, or vary every parameter (--all, every=True)"
        raise InputError(Problem(str(spec.path or ""), "nothing is uncertain", "ranges under uncertain:", hint))
    return dict(sorted(ranges.items()))


def design_of(method: str, names: list[str], samples: int | None, seed: int) -> Array:
    """Return where in its range each parameter stands in each row, shape (rows, parameters) [1]."""
    if method not in get_args(Method.__value__):
        known = list(get_args(Method.__value__))
        hint = did_you_mean(method, known)
        raise InputError(Problem("--method", f"there is no method '{method}'", " or ".join(known), hint))
    samples = SAMPLES[method] if samples is None else samples
    check_all([count_problem("--samples", samples, (2, MOST_SAMPLES), "samples", f"--samples {SAMPLES[method]}")])
    if method == "sobol" and samples & (samples - 1):
        raise InputError(Problem("--samples", f"{samples} samples", "a power of two", f"--samples {SAMPLES[method]}"))
    try:
        from SALib.sample import morris, sobol
    except ImportError as error:
        hint = more_packages("analysis")
        raise InputError(Problem("", "SALib is not installed", "SALib for this command", hint)) from error
    seed = seed % 2**32
    if method == "morris":
        return np.asarray(morris.sample(problem_of(names), samples, num_levels=LEVELS, seed=seed), np.float64)
    return np.asarray(sobol.sample(problem_of(names), samples, calc_second_order=False, seed=seed), np.float64)

"""The runs of sweeps, attributions, sensitivity analyses and searches: a changed scenario with a seed.

Every point of an experiment runs the same seeds, and all random numbers are functions of the seed. Two points therefore
differ only in the changed values (common random numbers).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import Problem, RunError, did_you_mean
from sim.experiments.outcomes import outcome_of
from sim.experiments.pairs import run_pair
from sim.experiments.parallel import Cluster, Failure, Progress, executor_of, outcomes, progress_bar, workers_for
from sim.experiments.store import Outcome, Store
from sim.scenario import Scenario, varied
from sim.scenario.draws import member_spec
from sim.scenario.load import steps_of


@dataclass(frozen=True)
class Task:
    """One member of one point.

    Attributes
    ----------
    key : str
        What identifies it; the name of its file.
    spec : Scenario
        The scenario of the experiment.
    seed : int
        The member's seed.
    values : tuple of (str, value)
        Paths and what they are set to; what is set is no longer drawn.
    without : tuple of str
        Ids of policies left out; they leave the world and all luck as they are.
    """

    key: str
    spec: Scenario
    seed: int
    values: tuple[tuple[str, Any], ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """How the runs of an experiment are done.

    Attributes
    ----------
    jobs : int, optional
        Number of processes on this machine; by default one per core.
    cluster : str, Client or Executor, optional
        A Dask cluster to work on instead.
    progress : callable, optional
        Called with (done, failed, total) after each run.
    """

    jobs: int | None = None
    cluster: Cluster | None = None
    progress: Progress | None = None


def ready(work: Work) -> Work:
    """Return it after making sure that it can be done: what cannot is reported before a folder is made.

    Raises
    ------
    InputError
        A number of processes below 1, or a cluster that does not answer.
    """
    workers_for(work.jobs, 1)
    if work.cluster is not None:
        with executor_of(work.cluster):
            pass
    return work


def unknown_path(spec: Scenario, path: str, where: str) -> list[Problem]:
    """Return the problem with a path that leads nowhere; none when it may lead somewhere.

    Parameters
    ----------
    spec : Scenario
    path : str
        A parameter's name, or a path into the scenario.
    where : str
        What the user wrote it into.
    """
    if steps_of(spec, path)[0] in Scenario.model_fields:
        return []
    hint = did_you_mean(path, [*spec.facts.parameters, *(f"{head}." for head in ("policies", "world", "parameters"))])
    allowed = "a model parameter, or a path such as policies.<id>.on"
    found = f"unknown parameter or path '{path}'"
    return [Problem(where, found, allowed, hint or "splinternet list parameters names them")]


def changed(spec: Scenario, values: Mapping[str, Any]) -> Scenario:
    """Return a scenario with some values set; what is set is no longer drawn.

    Parameters
    ----------
    spec : Scenario
    values : mapping of str to value
        Path -> value, as in ``sweep:``.

    Raises
    ------
    InputError
        A path is unknown, or a value is not allowed.
    """
    taken = {steps_of(spec, path) for path in values}
    kept = {path: drawn for path, drawn in spec.uncertain.items() if steps_of(spec, path) not in taken}
    lean = spec.model_copy(update={"uncertain": kept, "sweep": {}})
    if not values:
        return lean
    point = varied(lean, values)
    point.note(drawn_from=spec.drawn_from)  # all points have its groups, as far as they can
    return point


def run_task(task: Task) -> Outcome:
    """Run one member of one point and return what it says."""
    whole = member_spec(changed(task.spec, dict(task.values)), task.seed)
    part = whole.model_copy(update={"policies": tuple(p for p in whole.policies if p.id not in task.without)})
    return outcome_of((task.spec, whole), run_pair(part, task.seed, world_of=whole))


AUTO = Path("<auto>")
"""Stands for ``runs/<scenario>-<experiment>-<hash>``, which is known only once the experiment is."""


def folder_of(out: Path | str | None, spec: Scenario, identity: Mapping[str, Any]) -> Path | None:
    """Return the folder of an experiment; None when nothing is to be written."""
    if out is None or Path(out) != AUTO:
        return None if out is None else Path(out)
    return Path("runs") / f"{spec.name}-{identity['experiment']}-{identity['run_id']}"


def run_tasks(tasks: Sequence[Task], store: Store, work: Work) -> dict[str, Outcome]:
    """Run what is not stored yet, keep each as soon as it is through, and return what all say, by key.

    Raises
    ------
    RunError
        When some failed; the others are kept.
    """
    missing = [task for task in tasks if task.key not in store.outcomes]
    done, failures = len(tasks) - len(missing), dict[str, Failure]()
    with progress_bar(tasks[0].spec.name if tasks else "", work.progress) as progress:
        for task, outcome in outcomes(run_task, missing, jobs=work.jobs, cluster=work.cluster):
            if isinstance(outcome, Failure):
                failures[task.key] = outcome
                store.log(f"{task.key} failed\n{outcome.trace}")
            else:
                store.add(task.key, outcome)
                done += 1
            if progress is not None:
                progress(done, len(failures), len(tasks))
    if failures:
        _raise_for(failures, is_kept=store.path is not None)
    return {task.key: store.outcomes[task.key] for task in tasks}


def _raise_for(failures: Mapping[str, Failure], *, is_kept: bool) -> None:
    """Say which runs failed and what the first said last."""
    first = next(iter(failures.values()))
    runs = "1 run" if len(failures) == 1 else f"{len(failures)} runs"
    kept = "; the others are kept in the folder, where log.txt has the trace" if is_kept else ""
    raise RunError(f"{runs} failed ({', '.join(list(failures)[:5])}): {first.last_words}{kept}")


def about_it(spec: Scenario, begun: float, n_runs: int) -> dict[str, Any]:
    """Return what the manifest of an experiment says beside its identity."""
    import sys

    spent = round(time.monotonic() - begun, 3)
    return {"command": " ".join(sys.argv), "wall_seconds": spent, "runs": n_runs, "warnings": list(spec.warnings)}

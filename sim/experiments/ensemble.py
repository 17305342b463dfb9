"""Ensembles: many members of one scenario, each a pair of arms with its own seed and draw of the uncertain values.

Members are stored one by one as they finish, so that a killed run can resume.
"""

from __future__ import annotations

import shlex
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sim.errors import RunError
from sim.experiments.checks import check_count
from sim.experiments.memory import fitting_jobs
from sim.experiments.parallel import (
    Cluster,
    Failure,
    Progress,
    check_cluster,
    cores,
    outcomes,
    progress_bar,
    workers_for,
)
from sim.experiments.using import sorted_out, using, with_added
from sim.metrics.metric import Metric
from sim.metrics.registry import METRICS
from sim.results import open_run
from sim.results.folder import RunFolder, write_member
from sim.results.manifest import own_files
from sim.results.panel import Pair
from sim.results.result import Result
from sim.scenario import Scenario, load, varied
from sim.scenario.draws import drawn, drawn_by_default, member_spec

DEFAULT_SEEDS = 12
"""Members by default: more members of fewer people hold more of what is not known in the same time."""


def seeds_of(spec: Scenario, seeds: int) -> tuple[int, ...]:
    """Return the seeds of an ensemble: the scenario's, and on from there."""
    check_count("--seeds", seeds, "members", 8)
    return tuple(range(spec.seed, spec.seed + seeds))


def run_member(
    spec: Scenario, seed: int, threads: int = 1, on_day: Callable[[int], None] | None = None, *, ties: bool = False
) -> Pair:
    """Run one member; with its kin ties one by one where that is wanted."""
    from sim.experiments.pairs import run_pair  # the engine: not loaded where other processes do the work

    return run_pair(member_spec(spec, seed), seed, threads=threads, on_day=on_day, ties=ties)


def run(
    scenario: Scenario | str | Path | dict[str, Any],
    *,
    people: int | None = None,
    days: int | None = None,
    seeds: int = DEFAULT_SEEDS,
    set: Mapping[str, Any] | None = None,
    policies: Sequence[Any] = (),
    metrics: Sequence[Metric] = (),
    jobs: int | None = None,
    cluster: Cluster | None = None,
    out: Path | str | None = None,
    ties: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Run a scenario with and without its policies, for several seeds.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    people, days : int, optional
        Simulated people and days, instead of the scenario's.
    seeds : int
        Members of the ensemble.
    set : mapping of str to object, optional
        Values that differ, by path or bare parameter name, as for ``--set``: ``{"ties.only_channel": 0.6}``.
    policies : sequence, optional
        What the run adds, each decided by its type. A mapping is a policy, with the keys of a scenario file; a policy
        of another scenario will do, too. Anything else is an instrument of your own: a class, an object or a module
        with the names of an instrument file. Where no policy uses an instrument, the run adds its ``EXAMPLE``.
    metrics : sequence of Metric, optional
        Metrics of your own: functions under the decorator `metric`.
    jobs : int, optional
        Number of processes; by default one per core, but at most one per member. The outcome is the same for any
        number.
    cluster : str, Client or Executor, optional
        A Dask cluster to work on instead: the address of its scheduler, or a client. The outcome is the same.
    out : path, optional
        A run folder to write or to resume. Without it, nothing is written.
    ties : bool
        Whether to keep every kin tie abroad for `Result.ties`; a finished run in ``out`` that lacks them is run again.
    progress : callable, optional
        Called with (done, failed, total) after each member; by default a bar in a notebook or on a terminal.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        When the scenario, or the folder, cannot be used.
    RunError
        When a member failed; the others are kept in the folder.
    """
    instruments, added = sorted_out(policies)
    with using(instruments=instruments, metrics=metrics):
        spec = load(scenario, people=people, days=days, known_metrics=METRICS)
        spec, notes = with_added(spec, instruments, added)
        if set:
            spec = varied(spec, set)
        with progress_bar(spec.name, progress) as report:
            result = _run(spec, seeds_of(spec, seeds), jobs, cluster, out, report, ties=ties, notes=notes)
        _ = result.about  # the identity of the run includes what was handed over
    return result


def _run(
    spec: Scenario,
    seeds: tuple[int, ...],
    jobs: int | None,
    cluster: Cluster | None,
    out: Path | str | None,
    progress: Progress,
    *,
    ties: bool,
    notes: Sequence[str],
) -> Result:
    """Run a scenario that is ready, in so many processes or on a cluster."""
    begun = time.monotonic()
    # A wrong number, or a cluster that does not answer, is reported before a folder is made.
    workers = workers_for(jobs, len(seeds))
    check_cluster(cluster)
    threads = 1
    if cluster is None:
        workers, fewer = fitting_jobs(spec, len(seeds), workers)
        if fewer:
            warnings.warn(fewer, stacklevel=4)
        threads = max(1, (jobs or cores()) // workers)  # of a member, where there are few of them
    run_one = partial(_run_seed, spec, threads=threads, ties=ties)
    if out is None:
        members: list[Pair] = []
        failures: dict[int, Failure] = {}
        for seed, outcome in outcomes(run_one, seeds, jobs=workers, cluster=cluster):
            if isinstance(outcome, Failure):
                failures[seed] = outcome
            else:
                members.append(outcome)
            progress(len(members) + len(failures), len(failures), len(seeds))
        _raise_for(failures)
        return Result(spec, members, _info(spec, seeds, begun, jobs, notes))
    with RunFolder(out, spec, seeds, ties=ties) as folder:
        if folder.state == "finished":
            return open_run(folder.path)
        # A worker on this machine stores its member itself: sending a member takes longer than storing it.
        store_one = run_one if cluster is not None else partial(_store_seed, folder.members_path.absolute(), run_one)
        _raise_for(_fill(folder, outcomes(store_one, folder.missing(), jobs=workers, cluster=cluster), progress))
        result = Result(spec, list(folder.members()), _info(spec, seeds, begun, jobs, notes))
        folder.finish(result)
    return result


def _run_seed(spec: Scenario, seed: int, *, threads: int, ties: bool) -> Pair:
    """Run one member; the function that travels to other processes."""
    return run_member(spec, seed, threads, ties=ties)


def _store_seed(folder: Path, run_one: Callable[[int], Pair], seed: int) -> RunError | None:
    """Run one member and store it; return the error when the disk refuses, which ends the run."""
    pair = run_one(seed)
    try:
        write_member(folder, *pair)
    except RunError as error:
        return error
    return None


def _fill(folder: RunFolder, results: Iterator[tuple[int, Any]], progress: Progress) -> dict[int, Failure]:
    """Store each member as soon as it is done, unless a worker has stored it; log and return those that failed."""
    failures: dict[int, Failure] = {}
    for seed, outcome in results:
        if isinstance(outcome, Failure):
            failures[seed] = outcome
            folder.log(f"member with seed {seed} failed\n{outcome.trace}")
        elif isinstance(outcome, RunError):
            raise outcome
        elif outcome is None:
            folder.note(seed)
        else:
            folder.add(*outcome)
        progress(len(folder.seeds) - len(folder.missing()), len(failures), len(folder.seeds))
    return failures


def _raise_for(failures: dict[int, Failure]) -> None:
    """Say which members failed and what the first said last; the whole trace is in the run's log."""
    if not failures:
        return
    seeds = ", ".join(map(str, failures))
    first = next(iter(failures.values()))
    own = ", or of an item of your own" if own_files() else ""
    count = "1 member" if len(failures) == 1 else f"{len(failures)} members"
    kept = "the others are kept in the run's folder, where log.txt has the trace"
    blame = (
        "" if first.short or first.died else f". This is a fault of the program{own}: please report it with that log"
    )
    raise RunError(f"{count} failed (seed {seeds}): {first.last_words}; {kept}{blame}")


def _info(spec: Scenario, seeds: Sequence[int], begun: float, jobs: int | None, said: Sequence[str]) -> dict[str, Any]:
    """Return the description of a run that is stored with its numbers."""
    notes = [*said, *([_only_channel_note(spec)] if any(policy.targets for policy in spec.policies) else [])]
    return {
        "name": spec.name,
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "wall_seconds": round(time.monotonic() - begun, 3),
        "jobs": jobs,
        "notes": notes,
        "drawn": {str(seed): draws for seed in seeds if (draws := drawn(spec, seed))},
    }


def _only_channel_note(spec: Scenario) -> str:
    """Return a note on the share of families with a single channel in the run, which is unknown."""
    name = "ties.only_channel"
    known = spec.facts.parameters[name]
    stated = spec.uncertain.get(name) or spec.uncertain.get(f"parameters.{name}")
    if (stated is not None and spec.draw != "nothing") or name in drawn_by_default(spec):
        low, high = (known.low, known.high) if stated is None else (stated.low, stated.high)
        takes = f"every member draws it from {low:g} to {high:g}"
    else:
        value = spec.parameters.get(name, known.value)
        takes = f"this run takes {value:g} (it may be {known.low:g} to {known.high:g}; set {name} to see what it does)"
    return f"The share of families who keep in touch on a single platform is not known: {takes}."

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
from sim.experiments.executors import (
    Cluster,
    Failure,
    Progress,
    executor_of,
    outcomes,
    workers_for,
)
from sim.experiments.finishing import Together, get_ready
from sim.experiments.jupyter import shown
from sim.experiments.memory import fitting_jobs
from sim.experiments.processes import cores, quick_start, start_early
from sim.experiments.using import sorted_out, using, with_added
from sim.metrics.metric import Metric
from sim.metrics.registry import METRICS
from sim.results.arrays import pack
from sim.results.folder import RunFolder
from sim.results.identity import own_files
from sim.results.panel import Packed, Pair, write_member
from sim.results.result import Result
from sim.results.save import finish
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
        Called with (done, failed, total) after each member; by default a bar in a notebook.

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
        with shown(spec.name, progress) as report:
            result = _run(spec, seeds, (jobs, cluster), (out, ties), report, notes)
        _ = result.about  # the identity of the run includes what was handed over
    return result


def _run(
    spec: Scenario,
    seeds: int,
    work_on: tuple[int | None, Cluster | None],
    to: tuple[Path | str | None, bool],
    progress: Progress | None,
    notes: Sequence[str],
) -> Result:
    """Run a scenario that is ready, in so many processes or on a cluster."""
    (jobs, cluster), (out, ties) = work_on, to
    begun = time.monotonic()
    wanted = seeds_of(spec, seeds)
    # Report a wrong number, or a cluster that does not answer, before a folder is made.
    workers = workers_for(jobs, seeds)
    if cluster is None:
        workers, fewer = fitting_jobs(spec, seeds, workers)
        if fewer:
            warnings.warn(fewer, stacklevel=3)
    else:
        with executor_of(cluster):
            pass
    work = partial(outcomes, jobs=workers, cluster=cluster)
    threads = 1 if cluster is not None else (jobs or cores()) // workers  # of a member, where there are few of them
    how = ({"ties": True} if ties else {}) | ({"threads": threads} if threads > 1 else {})
    if out is None:
        members, failures = _collect(spec, wanted, partial(work, partial(_member, how)), progress)
        _raise_for(failures)
        return Result(spec, members, _info(spec, wanted, begun, jobs, notes))
    with RunFolder(out, spec, wanted, ties=ties) as folder:
        if folder.state == "finished":
            from sim.results.opening import open_run

            return open_run(folder.path)
        apart = cluster is None and (jobs or cores()) > 1 and quick_start()
        if apart:  # the workers load what members need; meanwhile this process loads what the end of the run needs
            start_early()
            get_ready()
        _raise_for(_fill(folder, partial(work, apart=apart), how, progress, sends=cluster is not None))
        result = Result(spec, list(folder.members()), _info(spec, wanted, begun, jobs, notes))
        finish(folder, result, Together(folder, jobs or cores()))
    return result


type Work = Callable[..., Iterator[tuple[Any, Any]]]
"""`outcomes` with the processes or the cluster, and sometimes the tasks, already given."""

type How = Mapping[str, Any]
"""What `run_member` is given by name, where it differs from its defaults: ``threads``, ``ties``."""


def _collect(
    spec: Scenario, seeds: Sequence[int], run_all: Work, progress: Progress | None
) -> tuple[list[Pair], dict[int, Failure]]:
    """Run members and keep them in memory; if one fails, the others continue."""
    members: list[Pair] = []
    failures: dict[int, Failure] = {}
    for (_, seed), outcome in run_all([(spec, seed) for seed in seeds]):
        if isinstance(outcome, Failure):
            failures[seed] = outcome
        else:
            members.append(outcome)
        if progress is not None:
            progress(len(members) + len(failures), len(failures), len(seeds))
    return members, failures


def _fill(folder: RunFolder, work: Work, how: How, progress: Progress | None, *, sends: bool) -> dict[int, Failure]:
    """Run the members that a folder lacks; store each as soon as it is done, and log those that fail.

    The process that runs a member also packs and stores it, which costs half as much as sending it to this process. The
    workers of a cluster may not have access to this disk, so they send their members.
    """
    failures: dict[int, Failure] = {}
    at = folder.members_path.absolute()
    tasks = [(folder.scenario, seed) for seed in folder.missing()]
    for (_, seed), outcome in work(partial(_packed, how) if sends else partial(_stored, at, how), tasks):
        if isinstance(outcome, Failure):
            failures[seed] = outcome
            folder.log(f"member with seed {seed} failed\n{outcome.trace}")
        elif isinstance(outcome, RunError):
            raise outcome
        elif sends:
            (baseline, policy), packed = outcome
            folder.add(baseline, policy, packed)
        else:
            folder.note(seed)
        if progress is not None:
            progress(len(folder.seeds) - len(folder.missing()), len(failures), len(folder.seeds))
    return failures


def _member(how: How, task: tuple[Scenario, int]) -> Pair:
    """Run the member that a task names; other processes find it by its name."""
    return run_member(*task, **how)


def _packed(how: How, task: tuple[Scenario, int]) -> tuple[Pair, Packed]:
    """Run the member that a task names, and pack it as the panel will hold it."""
    pair = _member(how, task)
    return pair, pack(pair)


def _stored(at: Path, how: How, task: tuple[Scenario, int]) -> RunError | None:
    """Run the member that a task names and store it; return the error when the disk refuses, which ends the run."""
    pair, packed = _packed(how, task)
    try:
        write_member(at, *pair, packed)
    except RunError as error:
        return error
    return None


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


__all__ = ["DEFAULT_SEEDS", "cores", "member_spec", "run", "run_member", "seeds_of"]

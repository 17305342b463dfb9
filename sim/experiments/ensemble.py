"""Ensembles: many members of one scenario, each a pair of arms with its own seed and draw of the
uncertain values.

Members are stored one by one as they finish, so that a killed run can resume.
"""

from __future__ import annotations

import math
import shlex
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from ..changes import Given
from ..core.program import version
from ..errors import InputError, Problem, RunError
from ..results import open_run
from ..results.folder import RunFolder, write_member
from ..results.manifest import LOG, code_hash, data_hashes, file_hash, packages
from ..results.memory import fitting_jobs
from ..results.panel import Pair
from ..results.result import Result
from ..scenario import Scenario
from ..scenario.load import drawn, drawn_by_default, member_spec
from .options import OptionsWithFolder, Progress, posed, takes_options
from .parallel import check_cluster, cores, error_of, progress_bar, run_missing, workers_for


def run_member(spec: Scenario, seed: int, threads: int = 1, *, ties: bool = False) -> Pair:
    """Run one member; with its kin ties one by one where that is wanted."""
    from .pairs import run_pair  # the engine: not loaded where other processes do the work

    return run_pair(member_spec(spec, seed), seed, threads=threads, ties=ties)


@takes_options()
def run(
    scenario: Given,
    *,
    overwrite: bool = False,
    ties: bool = False,
    **options: Unpack[OptionsWithFolder],
) -> Result:
    """Run a scenario with and without its policies, for several seeds.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    overwrite : bool
        Whether another run that ``out`` holds is replaced, as while you write an item of your own.
    ties : bool
        Whether to keep every kin tie abroad for `Result.ties`; a finished run in ``out`` that lacks
        them is run again.
    **options
        See `Options`.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        When the scenario, or the folder, cannot be used.
    RunError
        When a member failed; the others are kept in the folder. Its cause is what was raised, with
        its traceback.
    """
    with posed(scenario, options) as (spec, members, place, notes):
        jobs, cluster, out, progress = (
            place["jobs"],
            place["cluster"],
            place["out"],
            place["progress"],
        )
        # A wrong number, or a cluster that does not answer, is reported before a folder is made.
        workers = workers_for(jobs, len(members))
        check_cluster(cluster)
        threads = 1
        if cluster is None:
            workers, fewer = fitting_jobs(spec, len(members), workers)
            if fewer:
                warnings.warn(fewer, stacklevel=3)
            threads = max(
                1, (jobs or cores()) // workers
            )  # of a member, where there are few of them
        if any(policy.targets for policy in spec.policies):
            notes.append(_only_channel_note(spec))
        begun = time.monotonic()
        with (
            RunFolder(out, spec, members, ties=ties, overwrite=overwrite) as folder,
            progress_bar(spec.name, progress) as report,
        ):
            if folder.path is not None and folder.state == "finished":
                return open_run(folder.path)
            # A worker on this machine stores its member itself: sending a member takes longer than
            # storing it.
            path = (
                None
                if folder.members_path is None or cluster is not None
                else folder.members_path.absolute()
            )
            run_one = partial(_run_seed, spec, threads, ties, path)
            failures = run_missing(
                run_one,
                members,
                folder,
                named="seed {}".format,
                jobs=workers,
                cluster=cluster,
                progress=report,
            )
            if failures:
                log = None if folder.path is None else folder.path / LOG
                count = "1 member" if len(failures) == 1 else f"{len(failures)} members"
                raise error_of(failures, f"{count} failed ({', '.join(sorted(failures))})", log)
            info = {
                "name": spec.name,
                "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
                "wall_seconds": round(time.monotonic() - begun, 3),
                "jobs": jobs,
                "notes": notes,
                "drawn": {str(seed): draws for seed in members if (draws := drawn(spec, seed))},
            }
            result = Result(spec, folder.members(), info)
            folder.finish(result)
        _ = result.about  # the identity of the run includes what was handed over
    return result


def _run_seed(
    spec: Scenario, threads: int, ties: bool, folder: Path | None, seed: int
) -> Pair | RunError | None:
    """Run one member, and return it or, where there is a folder, store it; runs in other processes.

    Where the member cannot be stored, the error is returned: it ends the run, unlike the failure of
    a member.
    """
    pair = run_member(spec, seed, threads, ties=ties)
    if folder is None:
        return pair
    try:
        write_member(folder, *pair)
    except RunError as error:
        return error
    return None


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


# --- once more ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reproduction:
    """A stored run compared with the same run made again.

    Attributes
    ----------
    metrics : mapping of str to float
        Metrics whose values differ, with the largest difference in the metric's unit.
    touched : tuple of str
        Files that no longer agree with the run's manifest, because they were changed or deleted.
    causes : tuple of str
        Differences from the time when the run was made: program, facts, packages.
    """

    metrics: Mapping[str, float]
    touched: tuple[str, ...]
    causes: tuple[str, ...]

    @property
    def same_numbers(self) -> bool:
        """Whether every value of every metric came out the same to the bit."""
        return not self.metrics

    def lines(self) -> Iterator[str]:
        """Yield the comparison, one sentence each."""
        if self.same_numbers:
            yield "the same numbers: every value of every metric came out the same to the bit"
        else:
            yield f"other numbers: {len(self.metrics)} metrics differ"
            yield from (f"  {name}: by up to {size:g}" for name, size in self.metrics.items())
        for name in self.touched:
            yield f"{name} is not what the run's manifest says: it was changed or deleted after the run"
        for cause in self.causes:
            yield f"not as it was: {cause}"
        if not self.same_numbers and not self.causes:
            yield "program, facts and packages are as they were: another machine, or a fault of the program"


def reproduce(
    folder: Path | str, *, jobs: int | None = None, progress: Progress | None = None
) -> Reproduction:
    """Run a stored run again from its manifest.

    Parameters
    ----------
    folder : Path or str
        The folder of a finished run; nothing in it is touched.
    jobs : int, optional
        Number of processes; by default one per core.
    progress : callable, optional
        Called with (done, failed, total) after each member.

    Raises
    ------
    InputError
        When it is not the folder of a finished run, or its seeds are not those of an ensemble.
    RunError
        When a member failed.
    """
    path = Path(folder)
    old = open_run(path, verify=False)  # what was changed is part of the answer
    stored = old.info["manifest"]
    first, n = old.scenario.seed, len(old.seeds)
    if old.seeds != tuple(range(first, first + n)):
        allowed = f"seeds that count up from the scenario's, {first}"
        raise InputError(
            Problem(str(path), f"its seeds are {', '.join(map(str, old.seeds))}", allowed)
        )
    new = run(old.scenario, seeds=n, jobs=jobs, progress=progress)
    differences = dict.fromkeys(
        [*old.metrics, *new.metrics], math.inf
    )  # where it cannot be computed
    for name in set(old.metrics) & set(new.metrics):
        before, after = (
            np.stack([arm.arrays[name] for pair in run.members for arm in pair])
            for run in (old, new)
        )
        if before.shape == after.shape and np.array_equal(np.isnan(before), np.isnan(after)):
            differences[name] = float(np.nanmax(np.abs(before - after), initial=0.0))
    hashes: Mapping[str, str] = stored["files_sha256"]
    touched = [
        name
        for name in hashes
        if not (path / name).is_file() or file_hash(path / name) != hashes[name]
    ]
    metrics = {name: size for name, size in differences.items() if size > 0}
    return Reproduction(metrics, tuple(touched), tuple(_causes(stored)))


def _causes(stored: Mapping[str, Any]) -> Iterator[str]:
    """Yield the differences from the time when a run was made."""
    if stored["version"] != version():
        yield f"splinternet {stored['version']} then, {version()} now"
    elif stored["code_sha256"] != code_hash():
        yield f"the program's source (both call themselves {version()})"
    then, now = stored["data_sha256"], data_hashes()
    if changed := sorted(name for name in {**then, **now} if then.get(name) != now.get(name)):
        yield f"the tables {', '.join(changed)}"
    mine = packages()
    for name, before in stored.get("packages", {}).items():
        if mine.get(name) != before:
            yield f"{name} {before} then, {mine.get(name, 'none')} now"

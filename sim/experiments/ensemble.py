"""Ensembles: many members of one scenario, each a pair of arms with its own seed and draw of the uncertain values.

Members are stored one by one as they finish, so that a killed run can resume.
"""

from __future__ import annotations

import shlex
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Unpack

from ..changes import Given
from ..errors import RunError
from ..results import open_run
from ..results.folder import RunFolder, write_member
from ..results.manifest import LOG
from ..results.panel import Pair
from ..results.result import Result
from ..scenario import Scenario
from ..scenario.draws import drawn, drawn_by_default, member_spec
from .memory import fitting_jobs
from .options import OptionsWithFolder, posed, takes_options
from .parallel import (
    Cluster,
    Failure,
    Progress,
    check_cluster,
    cores,
    error_of,
    outcomes,
    progress_bar,
    workers_for,
)


def run_member(spec: Scenario, seed: int, threads: int = 1, *, ties: bool = False) -> Pair:
    """Run one member; with its kin ties one by one where that is wanted."""
    from .pairs import run_pair  # the engine: not loaded where other processes do the work

    return run_pair(member_spec(spec, seed), seed, threads=threads, ties=ties)


@takes_options()
def run(
    scenario: Given, *, overwrite: bool = False, ties: bool = False, **options: Unpack[OptionsWithFolder]
) -> Result:
    """Run a scenario with and without its policies, for several seeds.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    overwrite : bool
        Whether another run that ``out`` holds is replaced, as while you write an item of your own.
    ties : bool
        Whether to keep every kin tie abroad for `Result.ties`; a finished run in ``out`` that lacks them is run again.
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
        When a member failed; the others are kept in the folder. Its cause is what was raised, with its traceback.
    """
    with posed(scenario, options) as (spec, members, place, notes):
        jobs, cluster, out, progress = place["jobs"], place["cluster"], place["out"], place["progress"]
        # A wrong number, or a cluster that does not answer, is reported before a folder is made.
        workers = workers_for(jobs, len(members))
        check_cluster(cluster)
        threads = 1
        if cluster is None:
            workers, fewer = fitting_jobs(spec, len(members), workers)
            if fewer:
                warnings.warn(fewer, stacklevel=3)
            threads = max(1, (jobs or cores()) // workers)  # of a member, where there are few of them
        if any(policy.targets for policy in spec.policies):
            notes.append(_only_channel_note(spec))
        begun = time.monotonic()
        folder = None if out is None else RunFolder(out, spec, members, ties=ties, overwrite=overwrite)
        with folder or nullcontext(), progress_bar(spec.name, progress) as report:
            if folder is not None and folder.state == "finished":
                return open_run(folder.path)
            # A worker on this machine stores its member itself: sending a member takes longer than storing it.
            path = None if folder is None or cluster is not None else folder.members_path.absolute()
            run_one = partial(_run_seed, spec, threads, ties, path)
            pairs = _run_members(run_one, members, workers, cluster, folder, report)
            info = {
                "name": spec.name,
                "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
                "wall_seconds": round(time.monotonic() - begun, 3),
                "jobs": jobs,
                "notes": notes,
                "drawn": {str(seed): draws for seed in members if (draws := drawn(spec, seed))},
            }
            result = Result(spec, pairs if folder is None else list(folder.members()), info)
            if folder is not None:
                folder.finish(result)
        _ = result.about  # the identity of the run includes what was handed over
    return result


def _run_seed(spec: Scenario, threads: int, ties: bool, folder: Path | None, seed: int) -> Pair | RunError | None:
    """Run one member, and return it or, where there is a folder, store it; runs in other processes.

    Where the member cannot be stored, the error is returned: it ends the run, unlike the failure of a member.
    """
    pair = run_member(spec, seed, threads, ties=ties)
    if folder is None:
        return pair
    try:
        write_member(folder, *pair)
    except RunError as error:
        return error
    return None


def _run_members(
    run_one: Callable[[int], Pair | RunError | None],
    seeds: Sequence[int],
    workers: int,
    cluster: Cluster | None,
    folder: RunFolder | None,
    progress: Progress,
) -> list[Pair]:
    """Run the members that are missing; store each in the folder, if there is one, as soon as it is done."""
    missing = list(seeds) if folder is None else folder.missing()
    done, pairs, failures = len(seeds) - len(missing), list[Pair](), dict[int, Failure]()
    for seed, outcome in outcomes(run_one, missing, jobs=workers, cluster=cluster):
        if isinstance(outcome, Failure):
            failures[seed] = outcome
            if folder is not None:
                folder.log(f"member with seed {seed} failed\n{outcome.trace}")
        elif isinstance(outcome, RunError):
            raise outcome
        elif folder is None:
            pairs += [outcome] if outcome is not None else []
        elif outcome is None:
            folder.note(seed)
        else:
            folder.add(*outcome)
        done += seed not in failures
        progress(done, len(failures), len(seeds))
    if failures:
        count = "1 member" if len(failures) == 1 else f"{len(failures)} members"
        failed = f"{count} failed (seed{'s' * (len(failures) > 1)} {', '.join(map(str, sorted(failures)))})"
        raise error_of(failures, failed, None if folder is None else folder.path / LOG)
    return pairs


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

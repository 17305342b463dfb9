"""Ensembles: one scenario for many seeds, each a pair of arms with its own draw of the uncertain
values.

Each seed is stored as soon as it finishes, so that a killed run can resume.
"""

from __future__ import annotations

import shlex
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Unpack

from ..changes import Given
from ..core.plugins import code_counted, digest
from ..core.program import cores
from ..errors import InputError, Problem, RunError
from ..facts.record import ERROR, carries_errors
from ..results import open_run
from ..results.focus import stored_focus
from ..results.folder import RunFolder, read_members, write_json, write_member
from ..results.manifest import LOG, own_code, read_json
from ..results.memory import fitting_jobs
from ..results.panel import Pair
from ..results.result import Result
from ..results.summary import shown_data
from ..scenario import Scenario
from ..scenario.load import drawn, drawn_by_default, member_spec
from ..scenario.schema import BEHAVIOURS
from .options import OptionsWithFolder, posed, takes_options
from .parallel import (
    Failure,
    beside,
    check_cluster,
    error_of,
    progress_bar,
    run_missing,
    workers_for,
)

_TOLD = "shown.json"
"""File beside the stored members with what the figures of the run show."""
_LOOK_EVERY = 0.01
"""Time between two looks for that file [s]."""

type Steps = Sequence[Callable[[Any], None] | str] | None
"""The order of phases in a day, as for `Model`; None for the default order."""


def run_member(
    spec: Scenario,
    seed: int,
    threads: int = 1,
    *,
    ties: bool = False,
    steps: Steps = None,
    carry: bool = False,
) -> Pair:
    """Run one seed. On request, store each pair of relatives and apply the errors on past events to
    them.
    """
    from .pairs import (
        run_pair,
    )  # loads the engine, which is not needed if other processes do the work

    own = member_spec(spec, seed)
    return run_pair(own, seed, threads=threads, ties=ties, steps=steps, carry=carry)


@takes_options()
def run(
    scenario: Given,
    *,
    overwrite: bool = False,
    ties: bool = False,
    steps: Steps = None,
    **options: Unpack[OptionsWithFolder],
) -> Result:
    """Run a scenario with and without its policies, for several seeds.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    overwrite : bool
        Whether the run replaces another run in ``out``, for example while you develop your own
        instrument.
    ties : bool
        Whether to keep every kin tie abroad for ``Result.ties``. If ``out`` has a finished run
        without them, the run is repeated.
    steps : sequence of callable or str, optional
        The phases of the day in both arms, in order, as for `Model`.
    **options
        See `Options`.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        The scenario or the folder cannot be used.
    RunError
        A seed failed; the others are kept in the folder. The cause is the original exception with
        its traceback.
    """
    with (
        posed(scenario, options) as (spec, members, place, notes),
        order_of_the_day(spec, steps) as changed,
    ):
        notes += changed
        jobs = place["jobs"]
        cluster = place["cluster"]
        out = place["out"]
        progress = place["progress"]
        # A wrong number, or a cluster that does not answer, is reported before a folder is made.
        workers = workers_for(jobs, len(members))
        check_cluster(cluster)
        threads = 1
        if cluster is None:
            workers, fewer = fitting_jobs(spec, len(members), workers, stored=out is not None)
            if fewer:
                warnings.warn(fewer, stacklevel=3)
            threads = max(
                1, (jobs or cores()) // workers
            )  # threads of each seed, if there are fewer seeds than cores
        if any(policy.targets for policy in spec.policies):
            notes.append(_only_channel_note(spec))
        begun = time.monotonic()
        with (
            RunFolder(out, spec, members, ties=ties, overwrite=overwrite) as folder,
            progress_bar(spec.name, progress) as report,
        ):
            if folder.path is not None and folder.state == "finished":
                return open_run(folder.path)
            # A worker on this machine stores its own result: sending it takes longer than storing
            # it.
            path = (
                None
                if folder.members_path is None or cluster is not None
                else folder.members_path.absolute()
            )
            run_one = partial(_run_seed, spec, threads, ties, carries_errors(), path, steps)
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
                count = "1 seed" if len(failures) == 1 else f"{len(failures)} seeds"
                raise error_of(failures, f"{count} failed ({', '.join(sorted(failures))})", log)
            info = {
                "name": spec.name,
                "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
                "wall_seconds": round(time.monotonic() - begun, 3),
                "jobs": jobs,
                "notes": notes,
                "drawn": {str(seed): row for seed in members if (row := _drawn(spec, seed))},
            }
            # The figures take longest, so their worker begins before the members are opened here.
            with figures_beside(spec, members, info, path, workers) as figures:
                result = Result(spec, folder.members(), info)
                if figures is not None and path is not None:
                    write_json(path / _TOLD, shown_data(result))
                folder.finish(result, figures)
        _ = result.about  # the identity of the run includes the caller's own items
    return result


@contextmanager
def figures_beside(
    spec: Scenario, seeds: Sequence[int], info: dict[str, Any], members: Path | None, workers: int
) -> Iterator[Callable[[], dict[str, bytes] | None] | None]:
    """Let a worker draw the figures from the stored members, while the files of the run are
    written; yield a function that waits for them, and returns None if the worker failed. Yield
    None if there is no such worker, or if it may not know the user's own charts.

    The worker opens the members at once, and then waits for the summary, which the caller writes
    as `shown_data` into the file ``_TOLD`` beside them.
    """
    if members is None or workers == 1 or own_code():
        yield None
        return
    (members / _TOLD).unlink(missing_ok=True)  # of a run that was killed while it was written
    with beside(_draw, (spec, tuple(seeds), info, members), workers) as outcome:

        def figures() -> dict[str, bytes] | None:
            drawn = outcome()
            return None if isinstance(drawn, Failure) else drawn

        yield figures


def _draw(run: tuple[Scenario, tuple[int, ...], dict[str, Any], Path]) -> dict[str, bytes]:
    """Return the figures of a run from its stored members, as PNG files by name."""
    from ..plots import run_figures

    spec, seeds, info, members = run
    pairs = read_members(members, seeds)
    firms = Result(spec, pairs, info).firms  # computed while the summary is
    shown = members / _TOLD
    while not shown.exists():  # the caller ends this process if it fails
        time.sleep(_LOOK_EVERY)
    known = read_json(shown)
    focus = stored_focus(known)
    return run_figures(Result(spec, pairs, info, rows=known["rows"], firms=firms, focus=focus))


def _drawn(spec: Scenario, seed: int) -> dict[str, float]:
    """Return the draws of a seed: parameters, and errors on past events."""
    from ..world.carried import draws  # needs the kernels' random numbers

    errors = draws(spec.policies, spec.episode or "", seed)
    carried = {f"{ERROR}{kind}.{of}": one.z for (kind, of), one in errors.items() if one.sd}
    return {**drawn(spec, seed), **carried}


@contextmanager
def order_of_the_day(spec: Scenario, steps: Steps) -> Iterator[list[str]]:
    """Check an order of phases, and make it part of the identity of the run; return notes for the
    reader.

    Raises
    ------
    InputError
        The order names an unknown phase.
    """
    if steps is None:
        yield []
        return
    # A run with the default order does not load the engine here.
    from ..engine.steps import schedule_with

    if isinstance(steps, str) or not isinstance(steps, Sequence):
        found = f"{type(steps).__name__} stands here"
        raise InputError(Problem("steps", found, "a list", 'steps=["events", "decide", ...]'))
    rules: Any = [BEHAVIOURS[name] for name in spec.behaviour.of_people]
    day = schedule_with(rules, steps)
    if "measure" not in day.names:
        found = f"no 'measure' among {', '.join(day.names) or 'no phases'}"
        raise InputError(Problem("steps", found, "the phase that measures, as the last"))
    text = [f"{phase.name} {digest(phase.function)}" for phase in day]
    with code_counted("steps", "\n".join(text)):
        yield [f"The order of the day is changed: {', '.join(day.names)}."]


def _run_seed(
    spec: Scenario,
    threads: int,
    ties: bool,
    carry: bool,
    folder: Path | None,
    steps: Steps,
    seed: int,
) -> Pair | RunError | None:
    """Run one seed in another process, and return the result, or store it if there is a folder.

    An error of storing is returned: unlike the failure of a seed, it ends the run.
    """
    pair = run_member(spec, seed, threads, ties=ties, steps=steps, carry=carry)
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
        takes = f"every seed draws it from {low:g} to {high:g}"
    else:
        value = spec.parameters.get(name, known.value)
        takes = f"this run takes {value:g} (it may be {known.low:g} to {known.high:g}; set {name} to see what it does)"
    return f"The share of families who keep in touch on a single platform is not known: {takes}."

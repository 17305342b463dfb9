"""Ensembles: many members of one scenario, each a pair of arms with its own seed and draw of the uncertain values.

Members are stored one by one as they finish, so that a killed run can resume.
"""

from __future__ import annotations

import shlex
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import InputError, Problem, RunError
from ..metrics.registry import METRICS, Metric
from ..plugins import items_added
from ..policies import INSTRUMENTS
from ..policies.base import Policy
from ..results import open_run
from ..results.folder import RunFolder, write_member
from ..results.manifest import own_files
from ..results.panel import Pair
from ..results.result import Result
from ..scenario import Scenario, load, varied, with_policies
from ..scenario.draws import drawn, drawn_by_default, member_spec
from .checks import check_count
from .memory import fitting_jobs
from .parallel import (
    Cluster,
    Failure,
    Progress,
    check_cluster,
    cores,
    outcomes,
    progress_bar,
    workers_for,
)

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
    from .pairs import run_pair  # the engine: not loaded where other processes do the work

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
        members = seeds_of(spec, seeds)
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
        folder = None if out is None else RunFolder(out, spec, members, ties=ties)
        with folder or nullcontext(), progress_bar(spec.name, progress) as report:
            if folder is not None and folder.state == "finished":
                return open_run(folder.path)
            # A worker on this machine stores its member itself: sending a member takes longer than storing it.
            place = None if folder is None or cluster is not None else folder.members_path.absolute()
            run_one = partial(_run_seed, spec, threads, ties, place)
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
    _raise_for(failures)
    return pairs


def _raise_for(failures: dict[int, Failure]) -> None:
    """Raise RunError with the members that failed and the last line of the first trace; do nothing without any."""
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


@contextmanager
def using(*, instruments: Sequence[type[Policy]] = (), metrics: Sequence[Metric] = ()) -> Iterator[None]:
    """Use instruments and metrics that Python code defines, in all that runs inside the ``with`` block.

    Lists, scenarios, runs with any number of jobs, and run folders that are opened know them; afterwards they are gone.

    Parameters
    ----------
    instruments : sequence of type
        Subclasses of `Policy`. The name of the class, ``PaymentBan``, gives that of the instrument, ``payment_ban``.
    metrics : sequence of Metric
        Functions under the decorator `metric`.

    Raises
    ------
    InputError
        When one of them is not what it should be: all that is wrong with it.
    """
    added: dict[tuple[str, str], Any] = {}
    for option, items, registry in (("policies", instruments, INSTRUMENTS), ("metrics", metrics, METRICS)):
        for at, item in enumerate(_as_list(option, items)):
            found, where = getattr(item, "__name__", repr(item)), f"{option}[{at}]"
            if option == "policies" and not (isinstance(item, type) and issubclass(item, Policy)):
                allowed = "a class with the base sn.Policy, or a mapping of keys"
                raise InputError(Problem(where, f"{found} is no policy and no instrument", allowed))
            if option == "metrics" and not isinstance(item, Metric):
                allowed = "a function under the decorator @sn.metric(...)"
                raise InputError(Problem(where, f"{found} is not a metric", allowed))
            name = item.name() if option == "policies" else item.name
            registry.check_new(name)
            if (registry.kind, name) in added:
                raise InputError(Problem(registry.kind, f"'{name}' appears twice", "each name once"))
            added[registry.kind, name] = registry.checked(item)
    with items_added(added):
        yield


def sorted_out(policies: Sequence[Any]) -> tuple[list[type[Policy]], list[dict[str, Any]]]:
    """Return the instruments among what a user gives as ``policies=``, and the keys of the policies.

    A policy that is made from a class of the user's own brings its class along.

    Raises
    ------
    InputError
        When something is neither.
    """
    instruments: list[Any] = []
    added: list[dict[str, Any]] = []
    for given in _as_list("policies", policies):
        if isinstance(given, Mapping):
            added.append(dict(given))
        elif isinstance(given, Policy):
            follows_on = "announced" not in given.model_fields_set
            added.append(given.model_dump(exclude_none=True, exclude={"announced"} if follows_on else None))
            if given.instrument not in INSTRUMENTS and type(given) not in instruments:
                instruments.append(type(given))
        else:
            instruments.append(given)
    return instruments, added


def with_added(
    spec: Scenario, instruments: Sequence[type[Policy]], added: list[dict[str, Any]]
) -> tuple[Scenario, list[str]]:
    """Return a scenario with the policies that a user adds, and notes for the reader.

    An instrument that no policy uses would have no effect. It is therefore used as in its example, from the first day
    unless the example has a date.

    Parameters
    ----------
    spec : Scenario
        The scenario.
    instruments : sequence of type
        The instruments that the user adds (`using`).
    added : list of dict
        Keys of policies.
    """
    used = {policy.instrument for policy in spec.policies} | {str(keys.get("instrument")) for keys in added}
    examples = [
        {"id": kind.name(), "instrument": kind.name(), "on": str(spec.start), **kind.EXAMPLE}
        for kind in instruments
        if kind.name() not in used
    ]
    notes = [
        f"No policy of the scenario uses {keys['instrument']}, so the run adds its EXAMPLE, from {keys['on']}."
        for keys in examples
    ]
    return (with_policies(spec, [*added, *examples]) if added or examples else spec), notes


def _as_list(option: str, given: Any) -> Sequence[Any]:
    """Return a list that a user gives; raise InputError where it is not a list: a single item, say."""
    if not isinstance(given, list | tuple):
        found = f"{getattr(given, '__name__', type(given).__name__)} stands here"
        raise InputError(Problem(option, found, "a list", f"{option}=[...]"))
    return given

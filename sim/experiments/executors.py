"""Executors: this process, the cores of this machine, or a Dask cluster. The outcome is the same for all of them.

All use the interface of `concurrent.futures.Executor`; Dask provides it by ``Client.get_executor()``.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from sim import plugins
from sim.errors import InputError, Problem, RunError, more_packages
from sim.experiments.checks import check_count
from sim.experiments.memory import give_back, is_shortage
from sim.experiments.processes import carry, cores, pool_of, submit
from sim.experiments.watch import Watch
from sim.results.identity import code_hash

type Cluster = str | Any
"""The address of a Dask scheduler, a Dask client or cluster, or any `concurrent.futures.Executor`."""

type Progress = Callable[[int, int, int], None]
"""Called with (done, failed, total) after each run."""

FEWER = "run fewer people (--people) or fewer jobs (--jobs)"
CLOSE_SECONDS = 5
CONNECT_SECONDS = 30
"""How long to wait for a scheduler to answer, assumption: schedulers of batch systems start slowly [s]."""


@dataclass(frozen=True)
class Failure:
    """A task that failed.

    Attributes
    ----------
    trace : str
        The traceback, as text.
    died : bool
        Whether the process that worked on it died.
    short : bool
        Whether memory ran out.
    """

    trace: str
    died: bool = False
    short: bool = False

    @property
    def last_words(self) -> str:
        """The last line of the trace: what went wrong."""
        said = self.trace.strip().splitlines()[-1]
        return f"not enough memory ({said}); {FEWER}" if self.short else said


def outcomes[T, R](
    function: Callable[[T], R],
    tasks: Sequence[T],
    *,
    jobs: int | None = None,
    cluster: Cluster | None = None,
    apart: bool = False,
) -> Iterator[tuple[T, R | Failure]]:
    """Yield each task with its result as soon as it is done; if one fails, the others continue.

    Parameters
    ----------
    function : callable
        Takes a task. On this machine it may be defined anywhere, in a notebook too.
    tasks : sequence
        What to work on, each different.
    jobs : int, optional
        Number of processes on this machine; by default one per core, but at most one per task.
    cluster : str, Client, Cluster or Executor, optional
        Work there instead.
    apart : bool
        Whether to run even a single task in another process, because the caller has not loaded what it needs.

    Raises
    ------
    InputError
        When a task says that the input is wrong, or a cluster cannot be used.
    """
    workers = workers_for(jobs, len(tasks))
    if cluster is not None:
        with executor_of(cluster) as executor:
            give = partial(carry, executor) if plugins.own_items()[1] else executor.submit
            yield from _through(give, function, tasks, code_hash())
    elif workers <= 1 and not apart:
        for task in tasks:
            yield task, attempt(function, task)
    else:
        yield from _in_processes(function, tasks, workers)


def attempt[T, R](function: Callable[[T], R], task: T, code: str = "", own: plugins.Own | None = None) -> R | Failure:
    """Run one task; return its traceback if it fails, so that the others continue.

    Parameters
    ----------
    function, task
        What to do.
    code : str
        The required hash of this program's source; a worker with another version would give other numbers.
    own : Own, optional
        What the user adds to the process that gave the task; not where this is the same process.
    """
    if own is not None:
        plugins.use_own_items(own)
    if code and code != code_hash():
        raise InputError(
            Problem(
                "--cluster", "a worker has another version of splinternet", "the same source on every machine",
                "install this one there",
            )
        )  # fmt: skip
    try:
        return function(task)
    except InputError:
        raise
    except Exception as error:
        return failure_of(error)
    finally:
        give_back()


def failure_of(error: BaseException) -> Failure:
    """Return the failure that an error makes of a task."""
    return Failure("".join(traceback.format_exception(error)), short=is_shortage(error))


def workers_for(jobs: int | None, tasks: int) -> int:
    """Return how many processes to use."""
    if jobs is not None:
        check_count("--jobs", jobs, "processes", 2)
    return max(1, min(jobs or cores(), tasks))


def _in_processes[T, R](function: Callable[[T], R], tasks: Sequence[T], workers: int) -> Iterator[tuple[T, Any]]:
    """Work in processes of this machine, and continue in new ones when one dies.

    If several tasks ran when a process died, the cause is unknown. The remaining tasks are then run one at a time until
    the cause is found, and only that task fails. A task that ran out of memory next to others is also tried again
    alone.
    """
    left, at_once = list(range(len(tasks))), workers
    while left:
        lost: list[int] = []
        with pool_of(at_once) as pool:
            for i, outcome in _through(partial(submit, pool), function, tasks, "", left, Watch(pool)):
                if isinstance(outcome, Failure) and (outcome.died or (outcome.short and at_once > 1)):
                    lost.append(i)
                else:
                    yield tasks[i], outcome
        left = sorted(lost)
        if left and at_once == 1:
            guilty = left.pop(0)
            yield tasks[guilty], Failure(_DIED, died=True)
            at_once = workers
        else:
            at_once = 1


_GONE = (
    "the cluster stopped before the work was done: its scheduler ended, or it lost its workers. What was finished is "
    "kept; give the same command again when the cluster runs"
)
_CLUSTER_ERRORS = frozenset(
    {"CancelledError", "FutureCancelledError", "CommClosedError", "ClosedClientError", "KilledWorker"}
)
"""What a Dask cluster raises in the place of a result, by name: Dask need not be installed."""
_DIED = f"the process that worked on it died: it was killed, or memory ran out; {FEWER}"


def _through(
    hand_over: Callable[..., Future[Any]],
    function: Callable[[Any], Any],
    tasks: Sequence[Any],
    code: str,
    only: Sequence[int] | None = None,
    watch: Watch | None = None,
) -> Iterator[tuple[Any, Any]]:
    """Yield what becomes of tasks that are handed over; with ``only``, the places of these and what becomes of them.

    What a pool has that ``watch`` finds to be stuck counts as lost with its process.
    """
    places = range(len(tasks)) if only is None else only
    own = plugins.own_items()
    pending: dict[Future[Any], int] = {hand_over(attempt, function, tasks[i], code, own): i for i in places}
    try:
        left = set(pending)
        while left:
            done, left = wait(left, watch.seconds if watch else None, FIRST_COMPLETED)
            while done:  # a finished member is large, so keep only one copy
                future = done.pop()
                i = pending.pop(future)
                yield (tasks[i] if only is None else i), _outcome(future)
                del future
            if watch and watch.is_stuck():
                watch.end()
                done, left = wait(left, watch.seconds)
                for future in left:
                    yield (tasks[pending[future]] if only is None else pending[future]), Failure(_DIED, died=True)
                left = done
    finally:
        for future in pending:
            future.cancel()


def _outcome(future: Future[Any]) -> Any:
    """Return what a future holds; wrong input and a missing module are raised at once, the rest becomes a failure."""
    try:
        error = future.exception()
    except CancelledError as gone:
        raise RunError(_GONE) from gone
    if error is None:
        return future.result()
    if type(error).__name__ in _CLUSTER_ERRORS:
        raise RunError(f"{_GONE} ({type(error).__name__})") from error
    if isinstance(error, InputError):
        raise error
    if isinstance(error, BrokenProcessPool):
        return Failure(_DIED, died=True)
    if isinstance(error, ImportError) and not is_shortage(error):
        raise RunError(
            f"a worker process cannot import what it needs: {error}; install it where the worker runs"
        ) from error
    return failure_of(error)


@contextmanager
def executor_of(cluster: Cluster) -> Iterator[Executor]:
    """Give the executor of a cluster; what was opened here is closed again.

    Parameters
    ----------
    cluster : str, Client, Cluster or Executor
        The address of a Dask scheduler, say; a client or an executor of the caller stays open.

    Raises
    ------
    InputError
        When Dask is not installed, or nobody answers at the address.
    """
    if isinstance(cluster, Executor):
        yield cluster
        return
    try:
        from distributed import Client
    except ImportError as error:
        hint = more_packages("cluster")
        raise InputError(Problem("--cluster", "Dask is not installed", "dask and distributed", hint)) from error
    if isinstance(cluster, Client):
        yield cluster.get_executor()
        return
    try:
        client = Client(cluster, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        allowed = "the address of a Dask scheduler, such as tcp://10.0.0.1:8786"
        raise InputError(Problem("--cluster", f"no scheduler answers at '{cluster}'", allowed)) from error
    try:
        yield client.get_executor()
    finally:
        with suppress(Exception):  # the scheduler may be gone already
            client.close(timeout=CLOSE_SECONDS)

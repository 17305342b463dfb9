"""Runs in parallel: in this process, in processes of this machine (joblib), or on a Dask cluster.

Every task is independent, and its outcome is the same wherever it runs. A task that fails becomes a
`Failure`; the others continue.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path
from typing import Any, cast

import cloudpickle
from joblib.externals.loky import get_reusable_executor
from tqdm.auto import tqdm

from ..core import plugins
from ..core.program import commit, cores, more_packages, version
from ..core.workers import ONE_THREAD, server
from ..errors import InputError, Problem, RunError, SplinternetError
from ..results.manifest import own_code
from ..results.memory import is_shortage, memory_released
from .options import Cluster, Progress, check_count

FEWER = "use fewer people or fewer jobs"
CLOSE_SECONDS = 5
CONNECT_SECONDS = 30
"""Longest wait for a scheduler's answer [s]; assumption: schedulers of batch systems start slowly.
"""
IDLE_SECONDS = 20
"""Longest wait of a worker for the next experiment [s]; assumption: longer than a pause in a run.
"""

_is_worker: ContextVar[bool] = ContextVar("is_worker", default=False)
"""Whether a worker runs a task in this thread: threads of a Dask worker may share a process."""
_DIED = f"the process that worked on it died: it was killed, or memory ran out; {FEWER}"
_CLUSTER_GONE = (
    "the cluster stopped before the work was done: its scheduler ended, or it lost its workers. "
    "What was finished is "
    "kept; give the same command again when the cluster runs"
)
_CLUSTER_ERRORS = frozenset(
    {
        "CancelledError",
        "FutureCancelledError",
        "CommClosedError",
        "ClosedClientError",
        "KilledWorker",
    }
)
"""Names of errors that a Dask cluster raises instead of a result; Dask need not be installed."""


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
    meant : bool
        Whether the program raised the error on purpose.
    where : str
        The line of the user's own code that failed, ``file:line``; empty if other code failed.
    own_trace : str
        The part of the traceback from the user's own code on.
    error : Exception, optional
        The exception, if it was raised in this process; another process returns only its text.
    """

    trace: str
    died: bool = False
    short: bool = False
    meant: bool = False
    where: str = ""
    own_trace: str = ""
    error: Exception | None = field(default=None, compare=False, repr=False)

    @property
    def last_words(self) -> str:
        """The last line of the trace, which names the error."""
        last_line = self.trace.strip().splitlines()[-1]
        return f"not enough memory ({last_line}); {FEWER}" if self.short else last_line


class RemoteError(Exception):
    """An error from another process, with the text of its traceback."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def error_of(failures: Mapping[Any, Failure], failed: str, log: Path | None) -> RunError:
    """Return the error for tasks that failed, with the traceback of the first as its cause.

    Parameters
    ----------
    failures : mapping of task to Failure
    failed : str
        Description of what failed.
    log : Path, optional
        The file with the tracebacks, in the folder of finished runs; None if nothing is stored.
    """
    first = next(iter(failures.values()))
    parts = [
        f"{failed}: {first.last_words}",
        f"in your own code, {first.where}" if first.where else "",
    ]
    parts.append(
        ""
        if log is None
        else f"the others are kept in the run's folder, and {log} has the traceback"
    )
    text = "; ".join(filter(None, parts))
    if not (first.where or first.short or first.died or first.meant):
        own = (
            ", or of an item of your own (splinternet check --import FILE); in the first case, "
            if own_code()
            else ": "
        )
        log_or_trace = "the traceback" if log is None else "that log"
        text += f". This is a fault of the program{own}please report it with {log_or_trace}"
    error = RunError(text)
    error.trace = first.own_trace
    error.__cause__ = first.error or RemoteError(first.trace)
    return error


def outcomes[T, R](
    function: Callable[[T], R],
    tasks: Sequence[T],
    *,
    jobs: int | None = None,
    cluster: Cluster | None = None,
) -> Iterator[tuple[T, R | Failure]]:
    """Yield each task with its result as soon as it is done; if one fails, the others continue.

    Parameters
    ----------
    function : callable
        A function of a task. It may be defined anywhere, including a script or a notebook.
    tasks : sequence
        The tasks.
    jobs : int, optional
        Number of processes on this machine; by default one per core, but at most one per task.
    cluster : str, Client, Cluster or Executor, optional
        A Dask cluster that runs the tasks instead.

    Raises
    ------
    InputError
        A task finds that the input is wrong, or a cluster cannot be used.
    RunError
        A task cannot be sent to another process, a worker lacks a module, or the cluster stopped.
    """
    workers = workers_for(jobs, len(tasks))
    if cluster is None and workers == 1:
        for task in tasks:
            yield task, attempt(function, task)
        return
    plugins.own_items()  # raises an error that names an item of the user's that cannot be sent
    try:  # a worker unpacks a call once it knows the user's own items
        calls = [bytes(cloudpickle.dumps((function, task))) for task in tasks]
    except Exception as error:
        raise RunError(
            f"cannot be sent to another process: {error}; run with one job (--jobs 1, jobs=1)"
        ) from error
    results = _in_processes(calls, workers) if cluster is None else _on_cluster(calls, cluster)
    try:
        for i, outcome in results:
            yield tasks[i], outcome
    except ImportError as error:
        raise RunError(
            f"a worker process cannot import what it needs: {error}; install it where the worker runs"
        ) from error
    finally:
        results.close()


def run_missing(
    function: Callable[[Any], Any],
    tasks: Sequence[Any],
    store: Any,
    *,
    named: Callable[[Any], str] = attrgetter("key"),
    jobs: int | None = None,
    cluster: Cluster | None = None,
    progress: Progress,
) -> dict[str, Failure]:
    """Run the tasks whose outcome is not stored yet, and store each outcome as soon as it is known.

    Parameters
    ----------
    function : callable
        A function that takes a task and returns its outcome.
    tasks : sequence
        The tasks to run.
    store : Store or RunFolder
        Its method ``missing`` returns the tasks to run, and ``keep`` stores an outcome.
    named : callable
        Returns the name of a task; by default its ``key``.
    jobs, cluster
        As for `outcomes`.
    progress : callable
        Called with (done, failed, total) after each run.

    Returns
    -------
    dict of str to Failure
        The tasks that failed, by name; their traces are in the log.
    """
    missing = store.missing(tasks)
    failures = dict[str, Failure]()
    done = len(tasks) - len(missing)
    for task, outcome in outcomes(function, missing, jobs=jobs, cluster=cluster):
        if isinstance(outcome, Failure):
            failures[named(task)] = outcome
            store.log(f"{named(task)} failed\n{outcome.trace}")
        else:
            store.keep(task, outcome)
            done += 1
        progress(done, len(failures), len(tasks))
    return failures


def attempt[T, R](function: Callable[[T], R], task: T) -> R | Failure:
    """Run one task; return its traceback if it fails, so that the others continue. Wrong input is
    raised.
    """
    with memory_released():
        try:
            return function(task)
        except InputError:
            raise
        except Exception as error:
            trace = "".join(traceback.format_exception(error))
            short = is_shortage(error)
            own = plugins.own_frames(error)
            if short or not own:
                return Failure(
                    trace,
                    short=short,
                    meant=isinstance(error, SplinternetError),
                    error=None if short else error,
                )
            lines = [*traceback.format_list(own), *traceback.format_exception_only(error)]
            return Failure(
                trace,
                where=f"{own[-1].filename}:{own[-1].lineno}",
                own_trace="".join(lines),
                error=error,
            )


def workers_for(jobs: int | None, tasks: int) -> int:
    """Return the number of processes to use.

    Raises
    ------
    InputError
        The number is wrong, or this process is a worker, which must not start workers.
    """
    if _is_worker.get():
        raise InputError(_started_by_worker())
    if jobs is not None:
        check_count("jobs", jobs, "processes", 2)
    return max(1, min(jobs or cores(), tasks))


@contextmanager
def progress_bar(what: str, progress: Progress | None) -> Iterator[Progress]:
    """Yield the caller's own function for progress or, by default, a bar in a notebook or on a
    terminal.

    Parameters
    ----------
    what : str
        Description of the work.
    progress : callable, optional
        The caller's function.
    """
    if progress is not None:
        yield progress
        return
    with tqdm(
        desc=what, unit="run", disable=None
    ) as bar:  # None: hidden if standard error is a file

        def show(done: int, failed: int, total: int) -> None:
            bar.total = total
            bar.n = done
            if failed:
                bar.set_postfix(failed=failed, refresh=False)
            bar.refresh()

        yield show


def _started_by_worker() -> Problem:
    """Return the problem if a worker starts runs, with the user's line that does so."""
    callers = plugins.own_callers()
    imported = [frame for frame in callers if frame.name == "<module>"]
    for frame in imported[-1:]:
        name = Path(frame.filename).name
        found = f"a run starts while a worker process imports {name}, and so on without end"
        hint = 'put the call under `if __name__ == "__main__":`'
        return Problem(_line_of(frame), found, "a file that starts no run when imported", hint)
    where = _line_of(callers[-1]) if callers else ""
    hint = "within a run, sn.Model simulates in the same process"
    return Problem(where, "a run starts inside a worker process", "runs one after another", hint)


def _line_of(frame: traceback.FrameSummary) -> str:
    return f"{frame.filename}:{frame.lineno}"


def _call(i: int, packed: bytes, own: plugins.Own, program: str = "") -> tuple[int, Any]:
    """Run one task in a worker."""
    marked = _is_worker.set(True)
    try:
        return i, _work(packed, own, program)
    finally:
        _is_worker.reset(marked)


def _work(packed: bytes, own: plugins.Own, program: str) -> Any:
    """Return the outcome of a task, which may import a user's own files."""
    plugins.use_own_items(own)
    if program and program != (mine := _program()):
        found = f"a worker has {mine}, this is {program}"
        allowed = "the same program on every machine"
        raise InputError(Problem("--cluster", found, allowed, "install this one there"))
    outcome = attempt(*cloudpickle.loads(packed))
    return replace(outcome, error=None) if isinstance(outcome, Failure) else outcome


def _program() -> str:
    """Return the version and the whole commit of this program."""
    return f"splinternet {version()} (commit {commit() or 'unknown'})"


type Outcomes = Generator[tuple[int, Any]]
"""The indices of tasks with their outcomes, as they finish."""


def _in_processes(calls: Sequence[bytes], workers: int) -> Outcomes:
    """Run calls in processes of this machine.

    When a process dies, the calls in progress are run again, one at a time; a call that dies again
    has failed. A call that ran out of memory beside others is also run again alone, without the
    memory of an idle process.
    """
    own = plugins.own_items()
    waiting = deque(range(len(calls)))
    again = list[int]()
    alone = False
    running: dict[Future[Any], int] = {}

    def start(i: int) -> None:
        running[_pool(1 if alone else workers).submit(_call, i, calls[i], own)] = i

    # A run needs more memory than an idle worker; loky takes this for a leak, restarts the worker,
    # and warns.
    warnings.filterwarnings(
        "ignore", message="A worker (was restarted|stopped while)", category=UserWarning
    )
    try:
        while waiting or again or running:
            if not running:
                alone = bool(again)
            if not running and again:
                start(again.pop())
            while waiting and not (alone or again) and len(running) < workers:
                start(waiting.popleft())
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                i = running.pop(future)
                try:
                    outcome = future.result()[1]
                except BrokenProcessPool:
                    outcome = Failure(_DIED, died=True)
                if isinstance(outcome, Failure) and (outcome.died or outcome.short) and not alone:
                    again.append(i)
                else:
                    yield i, outcome
    finally:
        if not all(future.done() for future in running):  # for example after an interrupt
            _pool(workers).shutdown(kill_workers=True)


@contextmanager
def beside[T, R](
    function: Callable[[T], R], task: T, workers: int
) -> Iterator[Callable[[], R | Failure]]:
    """Run one task in a worker process while the block runs; a task that is not finished ends with
    the block.

    Parameters
    ----------
    function : callable
        A function of a task, as for `outcomes`.
    task : object
        The task.
    workers : int
        Number of processes in the pool.

    Yields
    ------
    callable
        A function that waits for the outcome, and returns a `Failure` if the task failed or its
        process died.
    """
    packed = bytes(cloudpickle.dumps((function, task)))
    future = _pool(workers).submit(_call, 0, packed, plugins.own_items())

    def outcome() -> R | Failure:
        try:
            return cast("R", future.result()[1])
        except BrokenProcessPool:
            return Failure(_DIED, died=True)

    try:
        yield outcome
    finally:
        if not future.done():  # for example after an interrupt
            _pool(workers).shutdown(kill_workers=True)


def _pool(workers: int) -> Any:
    """Return the pool of this process, or a new pool if a worker has died."""
    served = server()
    return get_reusable_executor(
        workers,
        timeout=IDLE_SECONDS,
        initializer=_begin_worker,
        initargs=(served is not None,),
        env=ONE_THREAD,
        context=served,
    )


def _begin_worker(served: bool) -> None:
    """Leave interrupts to the main process, and end when it has ended; otherwise a worker would
    wait for the next task.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    above = os.getppid()
    main = multiprocessing.parent_process() if served else None  # above it is the server

    def watch() -> None:
        while os.getppid() == above if main is None else main.is_alive():
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _on_cluster(calls: Sequence[bytes], cluster: Cluster) -> Outcomes:
    """Run calls on a cluster; joblib's own Dask backend would wait forever for a task that kills
    its workers.
    """
    own = plugins.own_items()
    program = _program()
    with executor_of(cluster) as executor:
        futures = [
            executor.submit(_call, i, packed, own, program) for i, packed in enumerate(calls)
        ]
        try:
            for future in as_completed(futures):
                futures.remove(future)  # a finished result is large
                yield future.result()
                del future
        except CancelledError as error:
            raise RunError(_CLUSTER_GONE) from error
        except Exception as error:
            if type(error).__name__ in _CLUSTER_ERRORS:
                raise RunError(f"{_CLUSTER_GONE} ({type(error).__name__})") from error
            raise
        finally:
            for future in futures:
                future.cancel()


@contextmanager
def executor_of(cluster: Cluster) -> Iterator[Executor]:
    """Yield the executor of a cluster; an executor that was opened here is closed again.

    Parameters
    ----------
    cluster : str, Client, Cluster or Executor
        The address of a Dask scheduler, or a client, cluster or executor of the caller, which stays
        open.

    Raises
    ------
    InputError
        Dask is not installed, or no scheduler answers at the address.
    """
    if isinstance(cluster, Executor):
        yield cluster
        return
    try:
        from distributed import Client
    except ImportError as error:
        hint = more_packages("cluster")
        raise InputError(
            Problem("--cluster", "Dask is not installed", "dask and distributed", hint)
        ) from error
    if isinstance(cluster, Client):
        yield cluster.get_executor()
        return
    try:
        client = Client(cluster, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        allowed = "the address of a Dask scheduler, such as tcp://10.0.0.1:8786"
        raise InputError(
            Problem("--cluster", f"no scheduler answers at '{cluster}'", allowed)
        ) from error
    try:
        yield client.get_executor()
    finally:
        with suppress(Exception):  # the scheduler may be gone already
            client.close(timeout=CLOSE_SECONDS)


def check_cluster(cluster: Cluster | None) -> None:
    """Raise InputError if a cluster cannot be used."""
    if cluster is not None:
        with executor_of(cluster):
            pass

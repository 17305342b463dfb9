"""Processes on this machine: how they start, what they have loaded, and how they end with their run.

There are two kinds of pool. The workers of the standard fork server are copies of a process that has loaded everything,
so they start at once. But multiprocessing runs the user's script again in each of them, and a script without a
``__main__`` guard would start its run again. Loky never runs the script, but its workers load everything themselves,
which takes some seconds. Therefore scripts use loky, and the command line and notebooks use the fork server.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import forkserver, parent_process
from typing import Any

import cloudpickle

from sim import plugins
from sim.errors import RunError

_PACKAGE = "splinternet"
_LOADED = (
    _PACKAGE,  # before its contents, because it finds sim even if something else has that name
    "sim.experiments.start_compiler",
    "mesa",  # before the rest, because it searches all loaded modules, which is quick while there are few
    "sim.experiments.ready",
)
_BLAS_THREADS = "OPENBLAS_NUM_THREADS"
_IDLE = 20.0  # after which a worker of loky that has nothing to do ends, assumption: longer than a pause in a run [s]
_LOOK = 1.0  # between two looks at whether the parent is alive, assumption [s]


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def quick_start() -> bool:
    """Return whether a new process is a copy of one that has loaded everything.

    macOS could do so, but its own libraries do not bear being copied.
    """
    return sys.platform == "linux" and not _would_run_a_script()


def _would_run_a_script() -> bool:
    """Return whether multiprocessing would run a user's script again in each new process, to find what it defines."""
    main = sys.modules["__main__"]
    if getattr(getattr(main, "main", None), "__module__", "") == "sim.cli":
        return False  # our own command, which does nothing when it is imported
    spec = getattr(main, "__spec__", None)
    return not spec.name.endswith("__main__") if spec is not None else hasattr(main, "__file__")


def start_early() -> None:
    """Start loading what workers need, in the process that they will be copies of; return at once.

    It starts no threads, so that a copy cannot hang (those of its libraries are put away while it is copied), and it
    goes when this process goes.
    """
    if quick_start():
        forkserver.set_forkserver_preload(list(_LOADED))
        with _one_thread_each():
            forkserver.ensure_running()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that start meanwhile multiply matrices on one thread, unless the user has said how many.

    There is a worker for each processor, and the threads of NumPy's library keep theirs busy while they wait for work.
    """
    if _BLAS_THREADS in os.environ:
        yield
        return
    os.environ[_BLAS_THREADS] = "1"
    try:
        yield
    finally:
        del os.environ[_BLAS_THREADS]


@contextmanager
def pool_of(workers: int) -> Iterator[Executor]:
    """Give an executor of so many processes; hand it work with `submit`.

    Parameters
    ----------
    workers : int
        How many.
    """
    if quick_start():
        start_early()
        context = multiprocessing.get_context("forkserver")
        with ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_with_parent) as pool:
            yield pool
        return
    import loky

    package = _PACKAGE if find_spec(_PACKAGE) else "sim"
    # A member needs more memory than an idle worker; loky treats that as a leak, restarts the worker, and warns.
    warnings.filterwarnings("ignore", message="A worker was restarted", category=UserWarning)
    with loky.ProcessPoolExecutor(workers, timeout=_IDLE, initializer=import_module, initargs=(package,)) as pool:
        yield pool


def submit(pool: Executor, function: Callable[..., Any], *given: Any) -> Future[Any]:
    """Hand some work to a pool; what is defined in a script or a notebook travels with it.

    Parameters
    ----------
    pool : Executor
        From `pool_of`.
    function : callable
    *given
        What it is called with.

    Returns
    -------
    Future
        An `ImportError` in it says that the worker does not find a module.

    Raises
    ------
    RunError
        When the function or what it is given cannot be sent to another process.
    """
    return pool.submit(_call_in_worker, plugins.own_items(), _packed(function, given))


def carry(executor: Executor, function: Callable[..., Any], *given: Any) -> Future[Any]:
    """Hand some work to an executor of the caller's, with what a script or a notebook defines and has handed over.

    Parameters and errors are those of `submit`.
    """
    return executor.submit(_call, plugins.own_items(), _packed(function, given))


def _packed(function: Callable[..., Any], given: tuple[Any, ...]) -> bytes:
    """Return some work as it travels."""
    try:
        return bytes(cloudpickle.dumps((function, given)))
    except Exception as error:
        raise RunError(f"cannot be sent to another process: {error}; run with one job (--jobs 1, jobs=1)") from error


def _call_in_worker(own: plugins.Own, work: bytes) -> Any:
    """Do some work, in a worker of a pool of ours."""
    _leave_when_orphaned()
    return _call(own, work)


def _call(own: plugins.Own, work: bytes) -> Any:
    """Do some work with the items that the user adds."""
    plugins.use_own_items(own)
    function, given = cloudpickle.loads(work)
    return function(*given)


def _leave_with_parent() -> None:
    """End this worker of the fork server when the process that it works for is gone."""
    parent = parent_process()
    if parent is not None:
        _leave_after(parent.join)


@cache
def _leave_when_orphaned() -> None:
    """End this worker when its parent is gone; otherwise it would wait for its next task without end."""
    parent = os.getppid()

    def wait() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK)

    _leave_after(wait)


def _leave_after(wait: Callable[[], object]) -> None:
    """End this process after something, which another thread waits for."""

    def watch() -> None:
        wait()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

"""Processes of this machine: how they start, what they have at hand, and that none outlives the run it works for."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver, parent_process
from typing import Any

from sim import plugins

_READY = "sim.experiments.ready"

QUICK_START = sys.platform == "linux"
"""Whether a new process is a copy of one that has loaded everything. Elsewhere it starts afresh: macOS has the means,
but its own libraries do not bear being copied."""


def start_early() -> None:
    """Start loading what workers need, in the process that they will be copies of; return at once.

    It starts no threads, so that a copy cannot hang (those of its libraries are put away while it is copied), and it
    goes when this process goes.
    """
    if not QUICK_START:
        return
    forkserver.set_forkserver_preload([_READY])
    with main_left_alone():
        forkserver.ensure_running()


@contextmanager
def pool_of(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give an executor of so many processes; submit under `main_left_alone`.

    Parameters
    ----------
    workers : int
        How many.
    """
    start_early()
    context = multiprocessing.get_context("forkserver" if QUICK_START else "spawn")
    project = os.environ.get(plugins.VARIABLE)
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(project,)) as pool:
        yield pool


def _begin(project: str | None) -> None:
    """Use the project of the process that asks, which may be another than when the first of them was started."""
    plugins.use_project(project)
    _leave_with_parent()


def _leave_with_parent() -> None:
    """End this process when the one that it works for is gone: it would wait for its next task for ever."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def main_left_alone() -> Iterator[None]:
    """Keep new processes from running the user's script again.

    They would, to find what it defines, and a script without a ``__main__`` guard would start its run in each of them;
    members need nothing but this package.
    """
    main = sys.modules["__main__"]
    hidden: dict[str, Any] = {
        name: main.__dict__.pop(name) for name in ("__file__", "__spec__") if name in main.__dict__
    }
    main.__dict__["__spec__"] = None
    try:
        yield
    finally:
        main.__dict__.update(hidden)

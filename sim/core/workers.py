"""A server from which the worker processes of the command line are forked.

The server imports the model once, while the command reads its input, so that a worker begins at
once. A user's script has no such server: its workers would import the script again.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import sys
from multiprocessing import forkserver
from multiprocessing.context import BaseContext

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""The environment of a worker: one thread each, because other workers use the other cores."""
_PRELOADED = (
    "splinternet.cli",
    "splinternet.experiments.pairs",
    "splinternet.experiments.ensemble",
)

_allowed: list[bool] = []
_begun: list[BaseContext] = []


def allow_server() -> None:
    """Let this process have a server: it is the command line's own, and no script's."""
    _allowed.append(True)


def begin_server() -> None:
    """Start the server, if this process may have one.

    Only Linux has it: on macOS, a fork of a process that has loaded system libraries may crash.
    Under a limit of memory there is none: the check of memory comes first, and says what to do.
    """
    if not _allowed or _begun or sys.platform != "linux" or _has_limit():
        return
    context = mp.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    _begun.append(context)


def _has_limit() -> bool:
    """Return whether the address space of this process is limited (`ulimit -v`)."""
    import resource  # only Unix has this module

    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def server() -> BaseContext | None:
    """Return the context of the server, or None if there is none."""
    return _begun[0] if _begun else None

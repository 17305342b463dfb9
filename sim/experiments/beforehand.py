"""Has another process compile on the very first run; it loads little itself, so that the other starts early."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from contextlib import suppress
from functools import cache
from multiprocessing import parent_process

from sim.compiled import compiled_elsewhere, is_first_run
from sim.experiments.processes import cores

_COMPILING = "sim.engine.compiling"


@cache
def compile_beforehand() -> None:
    """Let another process compile the visits while this one makes the world, on the very first run.

    Only where a core is free for it, and once: where it does not work out, this process compiles them when it needs
    them.
    """
    if cores() < 2 or parent_process() is not None or not is_first_run():
        return
    with suppress(OSError):
        process = subprocess.Popen(  # noqa: S603  (this Python, with a module of ours)
            [sys.executable, "-P", "-m", _COMPILING],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        atexit.register(process.kill)
        compiled_elsewhere(process)

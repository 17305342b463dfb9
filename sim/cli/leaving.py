"""How a command's process ends."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End this process with an exit code, without freeing its objects one by one.

    After a large run Python needs about half a second for that, and the system frees the memory anyway. Functions
    registered with `atexit` are called first. If another thread still works, Python ends as usual and waits for it.

    Parameters
    ----------
    code : int
        The exit code; output must have been flushed.
    """
    others = (thread for thread in threading.enumerate() if thread is not threading.main_thread())
    if any(not thread.daemon for thread in others):
        sys.exit(code)
    atexit._run_exitfuncs()  # noqa: SLF001  (the way of mypy and other commands; there is no public name)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # closed, or gone
            stream.flush()
    os._exit(code)

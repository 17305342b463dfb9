"""A watch over the processes of a pool: without it, a run would wait forever for processes that neither work nor end.

This can happen when memory runs out: an error that ends a thread of the pool is not reported.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path
from typing import Any

STILL = 300.0
"""After so long in which no process of a pool has done anything, it is stuck: longer than a slow disk takes
(assumption) [s]."""
_LOOK = 5.0
_AGAIN = 0.5
"""Between two times that the processes of a stuck pool are killed (assumption) [s]."""

type Work = tuple[tuple[int, int], ...]


class Watch:
    """Looks whether a pool of this machine still works.

    Parameters
    ----------
    pool : Executor
        From `pool_of`.
    still : float, optional
        How long its processes may do nothing while there is work [s].

    Attributes
    ----------
    seconds : float
        How long to wait between two looks [s].
    """

    def __init__(self, pool: Executor, still: float = STILL) -> None:
        self._pool, self._still = pool, still
        self.seconds = min(_LOOK, still)
        self._worked: Work | None = None
        self._since = time.monotonic()

    def is_stuck(self) -> bool:
        """Return whether no more results will come, because no thread collects them or no process works."""
        manager = getattr(self._pool, "_executor_manager_thread", None)
        if manager is not None and not manager.is_alive():
            return True
        now, worked = time.monotonic(), _worked(self._pids())
        if worked is None or worked != self._worked:
            self._worked, self._since = worked, now
            return False
        return now - self._since >= self._still

    def end(self) -> None:
        """Kill the processes of the pool, so that the run continues and none is left.

        A pool may replace a process that died. The new one is killed too, until the pool hands out no more work.
        """
        self._kill()
        threading.Thread(target=self._kill_the_rest, daemon=True).start()

    def _kill_the_rest(self) -> None:
        """Kill what the pool starts while the thread that hands out its work is alive."""
        while (manager := getattr(self._pool, "_executor_manager_thread", None)) is not None and manager.is_alive():
            time.sleep(_AGAIN)
            self._kill()

    def _kill(self) -> None:
        for process in list(self._processes()):
            kill(process)

    def _processes(self) -> Iterable[Any]:
        return dict(getattr(self._pool, "_processes", None) or {}).values()

    def _pids(self) -> list[int]:
        return [process.pid for process in self._processes()]


def kill(process: Any) -> None:
    """Kill a process; one that is gone is left. Those of loky have no method for it."""
    with suppress(OSError):
        if hasattr(signal, "SIGKILL"):
            os.kill(process.pid, signal.SIGKILL)
        else:
            process.terminate()


def _worked(pids: list[int]) -> Work | None:
    """Return which processes there are and for how long each has worked; None where the system does not say."""
    found = []
    try:
        for pid in sorted(pids):
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
            found.append((pid, int(fields[11]) + int(fields[12])))
    except (OSError, IndexError, ValueError):
        return None
    return tuple(found)

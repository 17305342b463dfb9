"""The day that each member of an ensemble is on, for a progress bar: one byte pattern a member in a small file.

Members run in other processes, so each writes its day to its place in the file, and a thread of the main process reads.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

type OnDay = Callable[[int, int], None]
"""Called with the number of a member, from 1, and the days that it has done."""

_BYTES = 4
_EVERY = 0.2
"""Pause between two looks [s]."""


def note_day(file: Path | None, member: int) -> Callable[[int], None] | None:
    """Return what writes the days that a member has done into the file; None without a file.

    Parameters
    ----------
    file : Path or None
    member : int
        Its number, from 0.
    """
    if file is None:
        return None

    def note(done: int) -> None:
        with suppress(OSError):  # the bar is all that suffers
            place = os.open(file, os.O_WRONLY)
            try:
                os.pwrite(place, done.to_bytes(_BYTES, "little"), member * _BYTES)
            finally:
                os.close(place)

    return note


@contextmanager
def days_watched(members: int, on_day: OnDay | None) -> Iterator[Path | None]:
    """Give the file into which members write their days; meanwhile a thread reports the latest that moved."""
    if on_day is None or not hasattr(os, "pwrite"):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="splinternet-") as folder:
        file, stop = Path(folder) / "days", threading.Event()
        file.write_bytes(bytes(members * _BYTES))

        def watch() -> None:
            before = [0] * members
            while not stop.wait(_EVERY):
                data = file.read_bytes()
                days = [int.from_bytes(data[at : at + _BYTES], "little") for at in range(0, len(data), _BYTES)]
                moved = [(days[member], member) for member in range(members) if days[member] != before[member]]
                if moved:
                    day, member = max(moved)
                    on_day(member + 1, day)
                before = days

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield file
        finally:
            stop.set()
            thread.join()

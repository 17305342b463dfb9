"""Work in copies of this process, which have everything loaded that this process has.

A copy starts in milliseconds; a worker would have to load its modules and read the run again. A process with threads
must not be copied, so only the command line, which has none, uses copies, and only on Linux.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import struct
import threading
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from sim.experiments.processes import cores, quick_start

_PLACE = struct.Struct("H")  # one item in the pipe; the kernel writes so few bytes at once
_MOST = 4_096 // _PLACE.size
"""Number of items that the pipe can always hold without a reader."""
_WORTH = 4
"""Smallest number of items for which copies are worthwhile, if each takes a tenth of a second or more (assumption)."""


def may_copy() -> bool:
    """Return whether this process may be copied, and a processor is free for the copy."""
    return cores() > 1 and threading.active_count() == 1 and quick_start()


class Shared[T, R]:
    """Work that copies of this process have started; this process helps when it asks for the results.

    Parameters
    ----------
    function : callable
        Takes an item. Changes that it makes in a copy are lost.
    items : sequence
        The items to work on; the next free process takes each.
    copies : int, optional
        Number of copies; by default one fewer than cores, or none if this process may not be copied.
    mine : collection, optional
        Items that this process does itself, because it has their most expensive inputs by then.
    """

    def __init__(
        self,
        function: Callable[[T], R],
        items: Sequence[T],
        copies: int | None = None,
        mine: Collection[T] = (),
    ) -> None:
        self._function, self._items, self._mine = function, list(items), mine
        self._done: dict[int, R] = {}
        self._waiting: list[tuple[Any, Connection]] = []
        if copies is None:
            copies = cores() - 1 if may_copy() else 0
        if copies and _WORTH <= len(self._items) <= _MOST:
            self._start(min(copies, len(self._items) - 1))

    def __iter__(self) -> Iterator[R]:
        """Yield the results; this process does no work before the first one is requested."""
        yield from self.results()

    def results(self) -> list[R]:
        """Return the result of each item, in order; an error in a copy is raised here."""
        if self._waiting:
            for place, item in enumerate(self._items):
                if item in self._mine:
                    self._do(place)
            _work(self._left, lambda place: self._do(place))
            os.close(self._left)
        for process, end in self._waiting:
            self._take(end)
            process.join()
        self._waiting.clear()
        for place in range(len(self._items)):
            if place not in self._done:  # no copy did it, or it failed there; here, the error is raised
                self._do(place)
        return [self._done[place] for place in range(len(self._items))]

    def _do(self, place: int) -> None:
        self._done[place] = self._function(self._items[place])

    def _start(self, copies: int) -> None:
        """Put the places of all items into a pipe and start copies that take them out."""
        self._left, put = os.pipe()
        for place, item in enumerate(self._items):
            if item not in self._mine:
                os.write(put, _PLACE.pack(place))
        os.close(put)
        context = multiprocessing.get_context("fork")
        for _ in range(copies):
            mine, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_copy, args=(self._left, theirs, self._function, self._items), daemon=True)
            with warnings.catch_warnings():  # Python warns of threads of libraries, which can be copied
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
            theirs.close()
            self._waiting.append((process, mine))

    def _take(self, end: Connection) -> None:
        """Read the results of a copy, until it closes its end because it has finished or died."""
        with end:
            try:
                while True:
                    place, made = end.recv()
                    self._done[place] = made
            except EOFError:
                return


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[Callable[[], object]]:
    """Let a copy of this process do some work that ends in files; what is given waits until it is done.

    Parameters
    ----------
    work : callable
        Where this process may not be copied, or the copy fails, this process does the work when it waits.

    Yields
    ------
    callable
        Raises what the work raises. A copy that is still at work at the end of the block is killed.
    """
    if not may_copy():
        yield work
        return
    process = multiprocessing.get_context("fork").Process(target=_do_quietly, args=(work,), daemon=True)
    with warnings.catch_warnings():  # Python warns of threads of libraries, which can be copied
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()

    def wait() -> None:
        process.join()
        if process.exitcode:
            work()

    try:
        yield wait
    finally:
        process.kill()
        process.join()


def _do_quietly(work: Callable[[], object]) -> None:
    """Do some work in a copy; the first process repeats what fails, and raises the error."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        work()
    except Exception:
        raise SystemExit(1) from None


def _copy(left: int, end: Connection, function: Callable[[Any], Any], items: Sequence[Any]) -> None:
    """Work in a copy, and send back what is done; what fails is left to the first process."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    made: list[tuple[int, Any]] = []
    with suppress(Exception):  # the first process repeats the item and raises the error
        _work(left, lambda place: made.append((place, function(items[place]))))
    for each in made:
        end.send(each)
    end.close()


def _work(left: int, do: Callable[[int], object]) -> None:
    """Take items out of the pipe until there are none."""
    while found := os.read(left, _PLACE.size):
        do(_PLACE.unpack(found)[0])

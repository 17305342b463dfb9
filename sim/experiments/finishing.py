"""The end of an ensemble, shared out: others pack the members and write the tidy table, this process draws.

It has read and checked all members before; the others do not check them again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from sim.experiments import copies
from sim.experiments.copies import may_copy
from sim.experiments.processes import cores, pool_of, quick_start, submit
from sim.plots import charts
from sim.results.arrays import Packed, pack
from sim.results.folder import RunFolder
from sim.results.panel import member_path, read_member
from sim.results.result import Result
from sim.results.save import Alone
from sim.scenario import Scenario

_AHEAD = 8
"""Members that are packed before they are written: a large ensemble must not wait in the memory."""


_LATER = ("matplotlib.backends.backend_agg", "h5netcdf")


def get_ready() -> None:
    """Load what the end of a run takes while the workers load what members take; what is missing is reported then."""
    with suppress(ImportError):
        for name in _LATER:
            import_module(name)
        charts()


@contextmanager
def helpers(folder: RunFolder, workers: int, most: int) -> Iterator[Alone | None]:
    """Give what helps to write a run whose members lie in a folder; nobody where starting helpers takes longer.

    Parameters
    ----------
    folder : RunFolder
    workers : int
        Processes that ran the members: with one, a single process writes all but the charts.
    most : int
        Processes that may be at work at once.
    """
    if most < 2 or not quick_start():
        yield None
    elif workers < 2:
        yield Drawing(most)
    else:
        with ExitStack() as stack:
            yield Shared(lambda: stack.enter_context(pool_of(workers)), folder.members_path.absolute(), most)


class Drawing(Alone):
    """Draws the charts in copies of this process, and does the rest here.

    Parameters
    ----------
    most : int
        Processes that may be at work at once, this one among them.
    """

    def __init__(self, most: int) -> None:
        self.most = most

    def draw(self, result: Result) -> Callable[[Path], object]:
        """Begin to draw the charts in copies of this process, which helps in the end."""
        copied = min(self.most, cores()) - 1 if may_copy() else 0
        return result.begin_figures(lambda draw, names: copies.Shared(draw, names, copied))


class Shared(Drawing):
    """Shares out the work over processes, each of which reads the members by itself; what one drops is done here.

    Parameters
    ----------
    start : callable
        Starts the pool of processes, when the charts are drawn.
    members : Path
        The folder of members.
    most : int
        As for `Drawing`.
    """

    def __init__(self, start: Callable[[], Executor], members: Path, most: int = 1) -> None:
        super().__init__(most)
        self._start_pool, self.members = start, members

    @cached_property
    def pool(self) -> Executor:
        """The processes; they start when they are first needed."""
        return self._start_pool()

    def write_series(self, result: Result, path: Path) -> Callable[[], object]:
        """Start writing the tidy table."""
        about = (result.scenario, result.info, self.members, result.seeds, path.absolute())
        written = self._start(_write_series, *about)

        def wait() -> None:
            try:
                written.result()
            except BrokenProcessPool:
                _write_series(*about)

        return wait

    def pack(self, result: Result) -> Iterable[Packed]:
        """Start packing the first members; the others follow as they are asked for."""
        started = deque((seed, self._start(_pack, self.members, seed)) for seed in result.seeds[:_AHEAD])
        return self._packed(started, result.seeds[_AHEAD:])

    def _packed(self, started: deque[tuple[int, Future[Packed]]], waiting: Iterable[int]) -> Iterator[Packed]:
        """Yield packed members in order, and keep others at work."""
        left = iter(waiting)
        while started:
            seed, packed = started.popleft()
            for following in left:
                started.append((following, self._start(_pack, self.members, following)))
                break
            try:
                yield packed.result()
            except BrokenProcessPool:
                yield _pack(self.members, seed)

    def _start(self, function: Callable[..., Any], *given: Any) -> Future[Any]:
        """Hand over some work."""
        try:
            return submit(self.pool, function, *given)
        except BrokenProcessPool as error:
            dropped: Future[Any] = Future()
            dropped.set_exception(error)
            return dropped


def _write_series(scenario: Scenario, info: dict[str, Any], members: Path, seeds: Iterable[int], path: Path) -> None:
    """Write the tidy table of stored members."""
    result = Result(scenario, [read_member(member_path(members, seed), checked=True) for seed in seeds], info)
    Alone().write_series(result, path)


def _pack(members: Path, seed: int) -> Packed:
    """Pack a stored member."""
    return pack(read_member(member_path(members, seed), checked=True))

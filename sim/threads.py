"""Work on many people that is shared out over threads; kernels let other threads run meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor


def shared_out[T](threads: int, size: int, at_a_time: int, work: Callable[[int, int], T]) -> Sequence[T]:
    """Return what some work says of each part of a list; each thread takes the next part that nobody has taken.

    Parameters
    ----------
    threads : int
        With one, the parts are worked on in their order by this thread.
    size : int
        Length of the list.
    at_a_time : int
        Length of a part.
    work : callable
        Called with the first place of a part, and the place after its last.

    Returns
    -------
    sequence
        In the order of the parts; an error in a thread is raised here.
    """
    firsts = range(0, size, at_a_time)
    ends = [min(first + at_a_time, size) for first in firsts]
    if min(threads, len(firsts)) < 2:
        return [work(first, end) for first, end in zip(firsts, ends, strict=True)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, firsts, ends))

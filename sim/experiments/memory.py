"""The memory that a run needs and that this machine has; a shortage is reported before the run starts.

The figures were measured on runs, so a run may need a little more in the worst case.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sim.errors import InputError, Problem
from sim.scenario import Scenario

PROCESS = 300e6
"""A process that has loaded the model and its kernels (measured: 290 to 310 MB) [bytes]."""
ADDRESSES = 850e6
"""The addresses that such a process reserves at least (measured: 960 MB on two cores) [bytes]."""
PERSON = 330
"""A person in both arms, beside the ties: platforms, condition, agenda (measured: 240 to 334) [bytes]."""
TIE = 6.25
"""A tie of a person: a little more than one entry of four bytes (measured: 24 entries for a mean of 16) [bytes]."""
DAY = 250e3
"""A recorded day of both arms (measured: 245 kB with 23 states and 49 platforms) [bytes]."""
_GROUPS = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
"""Files of a control group: the limit and what is used, of both versions of Linux's interface."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # names of options of glibc's mallopt, from malloc.h
_KEPT = 1 << 30  # larger freed arrays are not kept, so that a large world is returned at once (assumption) [bytes]
_GROWN = 200e6
"""Bytes by which a process grows before its memory is looked through (assumption: less than a member takes)."""
_LEFT: dict[str, float] = {}
"""Bytes that this process held when its memory was last looked through."""
_WORDS = ("cannot allocate memory", "failed to map segment", "can't start new thread", "unable to allocate")


class Memory(NamedTuple):
    """What there is.

    Attributes
    ----------
    together : float
        What all processes can still take; infinite where the system does not say [bytes].
    each : float
        What one process may take by a limit of the user, such as ``ulimit -v``; infinite without [bytes].
    """

    together: float
    each: float


def needed(spec: Scenario) -> float:
    """Return about what one member needs beside the program itself [bytes]."""
    ties = spec.parameters.get("ties.degree_mean", spec.facts.parameters["ties.degree_mean"].value)
    return spec.people * (PERSON + TIE * ties) + DAY * spec.days


def available() -> Memory:
    """Return what there is now."""
    return Memory(min(_free(), _left_in_own_groups()), _limit_of_a_process())


def fitting_jobs(spec: Scenario, seeds: int, jobs: int, memory: Memory | None = None) -> tuple[int, str]:
    """Return how many processes fit into the memory, and what to say where these are fewer than wanted.

    Parameters
    ----------
    spec : Scenario
    seeds : int
        Members, whose results are held together at the end.
    jobs : int
        Processes that are wanted.
    memory : Memory, optional
        What there is; by default that of this machine.

    Raises
    ------
    InputError
        When not even one member fits, or the results do not.
    """
    there, member, results = memory or available(), needed(spec), seeds * DAY * spec.days
    if ADDRESSES + member > there.each:
        raise _too_much(spec, f"a process of {gigabytes(ADDRESSES + member)}", there.each, "each process may take")
    if PROCESS + member > there.together:
        raise _too_much(spec, f"about {gigabytes(PROCESS + member)}", there.together, "are free")
    if results > min(there.together, there.each):
        said = f"{seeds:,} members of {spec.days:,} days need about {gigabytes(results)} when they are put together"
        raise InputError(Problem("--seeds", said, f"{gigabytes(there.together)} are free", "fewer members (--seeds)"))
    fit = max(1, int(there.together // (PROCESS + member))) if there.together < float("inf") else jobs
    if fit >= jobs:
        return jobs, ""
    return fit, (
        f"{jobs} processes would need about {gigabytes(jobs * (PROCESS + member))} of memory, and "
        f"{gigabytes(there.together)} are free: {fit} at a time; the outcome is the same"
    )


def check_memory(spec: Scenario) -> None:
    """Raise MemoryError where a member of a scenario cannot fit into what is free now."""
    need, there = needed(spec), available()
    if need > there.together or need > there.each:
        free = gigabytes(max(0.0, min(there)))
        raise MemoryError(f"{spec.people:,} people over {spec.days:,} days need {gigabytes(need)}, and {free} are free")


def is_shortage(error: BaseException) -> bool:
    """Return whether an error says that memory, or addresses for it, ran out."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return isinstance(error, ImportError | OSError | RuntimeError) and any(
        words in str(error).casefold() for words in _WORDS
    )


def keep_freed() -> None:
    """Let this process keep the memory of freed arrays for the next arrays, which are as large.

    Otherwise a member of the opening case spends a twentieth of its time on asking for memory. `give_back` returns the
    memory when it becomes too much.
    """
    option = getattr(_c_library(), "mallopt", None)
    if option is not None:
        for threshold in (_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD):
            option(threshold, _KEPT)


def give_back() -> None:
    """Give the memory of worlds that are done with back to the system.

    Arms and what they record refer to one another, and Python looks for such circles the more rarely the larger a
    program is, whatever arrays they hold. Where the C library is glibc it also keeps what arrays of less than 32 MB
    leave behind. A process that simulates many worlds one after the other grows to many times what one of them needs.
    To look for circles takes the longer the more a program holds, so it is done once a process has grown by `_GROWN`.
    """
    held = _held()
    if held is not None and held < _LEFT.get("bytes", 0.0) + _GROWN:
        return
    gc.collect()
    trim = getattr(_c_library(), "malloc_trim", None)
    if trim is not None:
        trim(0)
    _LEFT["bytes"] = _held() or 0.0


def _held() -> float | None:
    """Return what this process holds of the memory; None where the system does not say [bytes]."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return float(pages * os.sysconf("SC_PAGE_SIZE"))
    return None


@lru_cache(maxsize=1)
def _c_library() -> ctypes.CDLL | None:
    """Return the C library of this process; None where it cannot be loaded."""
    try:
        return ctypes.CDLL(None) if sys.platform == "linux" else None
    except OSError:
        return None


def gigabytes(size: float) -> str:
    """Return a size in words."""
    return f"{size / 1e9:,.1f} GB"


def _too_much(spec: Scenario, need: str, there: float, have: str) -> InputError:
    """Return the error of a member that does not fit."""
    found = f"{spec.people:,} people over {spec.days:,} days need {need} of memory for each member"
    hint = "fewer people (--people) or days (--days)"
    return InputError(Problem("people", found, f"{gigabytes(max(0.0, there))} {have}", hint))


def _free() -> float:
    """Return what the system can give without taking it from others [bytes]."""
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        known = {name: 1024 * float(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
        return known["MemAvailable"] + known.get("SwapFree", 0.0)
    with suppress(AttributeError, OSError, ValueError):  # other systems report only the total
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return float("inf")


def left_in_groups(listed: str, root: Path) -> float:
    """Return what the control groups of a process leave, such as those of a container or a batch system [bytes].

    Parameters
    ----------
    listed : str
        The process's groups: what ``/proc/self/cgroup`` says.
    root : Path
        Where the groups are mounted.
    """
    left = float("inf")
    for line in listed.splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        top = root / controllers
        own = top / name.lstrip("/")
        for folder in (own, *own.parents):
            for limit, used in _GROUPS:
                with suppress(OSError, ValueError):  # no such file, or "max"
                    most = float((folder / limit).read_text(encoding="ascii"))
                    taken = float((folder / used).read_text(encoding="ascii"))
                    left = min(left, most - taken + _cache(folder))
            if folder == top:
                break
    return left


def _cache(folder: Path) -> float:
    """Return what a group holds of files, which it gives up when memory is short [bytes]."""
    with suppress(OSError, ValueError):
        lines = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
        known = {name: float(size) for name, _, size in (line.partition(" ") for line in lines)}
        return known.get("total_inactive_file", known.get("inactive_file", 0.0))
    return 0.0


def _left_in_own_groups() -> float:
    """Return what the control groups of this process leave [bytes]."""
    with suppress(OSError, ValueError):
        return left_in_groups(Path("/proc/self/cgroup").read_text(encoding="ascii"), Path("/sys/fs/cgroup"))
    return float("inf")


def _limit_of_a_process() -> float:
    """Return what one process may take [bytes]."""
    if sys.platform == "win32":
        return float("inf")
    import resource

    limits = (resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA))
    return min((float(limit) for limit in limits if limit != resource.RLIM_INFINITY), default=float("inf"))

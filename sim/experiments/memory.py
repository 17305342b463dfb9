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
from math import inf
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


class Memory(NamedTuple):
    """Free memory.

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


def fitting_jobs(spec: Scenario, seeds: int, jobs: int) -> tuple[int, str]:
    """Return how many processes fit into the memory, and a warning where these are fewer than wanted.

    Parameters
    ----------
    spec : Scenario
    seeds : int
        Members, whose results are held together at the end.
    jobs : int
        Processes that are wanted.

    Raises
    ------
    InputError
        When not even one member fits, or the results do not.
    """
    free, member, results = available(), needed(spec), seeds * DAY * spec.days
    each = PROCESS + member
    hint = "fewer people (--people) or days (--days)"
    for need, most, room in (
        (f"a process of {gigabytes(ADDRESSES + member)}", free.each - ADDRESSES, "each process may take"),
        (f"about {gigabytes(each)}", free.together - PROCESS, "are free"),
    ):
        if member > most:
            found = f"{spec.people:,} people over {spec.days:,} days need {need} of memory for each member"
            there = free.each if room.startswith("each") else free.together
            raise InputError(Problem("people", found, f"{gigabytes(max(0.0, there))} {room}", hint))
    if results > min(free):
        found = f"{seeds:,} members of {spec.days:,} days need about {gigabytes(results)} when they are put together"
        raise InputError(Problem("--seeds", found, f"{gigabytes(free.together)} are free", "fewer members (--seeds)"))
    fit = jobs if free.together == inf else min(jobs, max(1, int(free.together // each)))
    if fit == jobs:
        return jobs, ""
    return fit, (
        f"{jobs} processes would need about {gigabytes(jobs * each)} of memory, and "
        f"{gigabytes(free.together)} are free: {fit} at a time; the outcome is the same"
    )


def check_memory(spec: Scenario) -> None:
    """Raise MemoryError where a member of a scenario cannot fit into what is free now."""
    need, free = needed(spec), max(0.0, min(available()))
    if need > free:
        found = f"{spec.people:,} people over {spec.days:,} days need {gigabytes(need)}"
        raise MemoryError(f"{found}, and {gigabytes(free)} are free")


def is_shortage(error: BaseException) -> bool:
    """Return whether an error says that memory, or addresses for it, ran out."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    words = ("cannot allocate memory", "failed to map segment", "can't start new thread", "unable to allocate")
    return isinstance(error, ImportError | OSError | RuntimeError) and any(w in str(error).casefold() for w in words)


def release_memory() -> None:
    """Return the memory of worlds that are done with to the system.

    Arms and what they record refer to one another, so only the garbage collector frees them; glibc also keeps what
    arrays of less than 32 MB leave behind.
    """
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def available() -> Memory:
    """Return what is free now, within the limits of the system, the process and its control groups (containers)."""
    together = each = inf
    with suppress(OSError, ValueError):
        lines = (line.split() for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        kilobytes = {name: float(number) for name, number, *_ in lines}
        together = 1024 * (kilobytes["MemAvailable:"] + kilobytes["SwapFree:"])
    if together == inf and hasattr(os, "sysconf"):  # other systems report only the total
        together = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with suppress(OSError, ValueError):
        groups = Path("/proc/self/cgroup").read_text(encoding="ascii")
        together = min(together, left_in_groups(groups, Path("/sys/fs/cgroup")))
    if sys.platform != "win32":
        import resource

        limits = (resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA))
        each = min((float(limit) for limit in limits if limit != resource.RLIM_INFINITY), default=inf)
    return Memory(together, each)


def left_in_groups(groups: str, root: Path) -> float:
    """Return what the control groups of a process leave, such as those of a container or a batch system [bytes].

    Parameters
    ----------
    groups : str
        The process's groups: the text of ``/proc/self/cgroup``.
    root : Path
        Where the groups are mounted.
    """
    left = inf
    for line in groups.splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers in ("", "memory"):  # the second version of Linux's groups, and the first
            limit, usage = ("limit_in_bytes", "usage_in_bytes") if controllers else ("max", "current")
            own = root / controllers / name.lstrip("/")
            for folder in (own, *own.parents):
                with suppress(OSError, ValueError):  # no such file, or "max"
                    taken = float((folder / f"memory.{usage}").read_text()) - _cached_files(folder)
                    left = min(left, float((folder / f"memory.{limit}").read_text()) - taken)
    return left


def _cached_files(group: Path) -> float:
    """Return what a control group holds of files, which it gives up when memory is short [bytes]."""
    with suppress(OSError, ValueError, KeyError):
        return float(dict(line.split() for line in (group / "memory.stat").read_text().splitlines())["inactive_file"])
    return 0.0


def gigabytes(size: float) -> str:
    """Return a size in words."""
    return f"{size / 1e9:,.1f} GB"

"""The memory that a run needs and that this machine has; a shortage is reported before the run
starts.

The memory of a seed is a fixed amount, an amount for each person and their ties, and an amount for
each recorded day, as measured.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path

from ..errors import InputError, Problem
from ..policies.values import MOST_ASKED
from ..scenario import Scenario

PROCESS = 300e6
"""Memory of a process that has loaded the model and its kernels (measured: 290 to 310 MB) [bytes].
"""
RESERVED = 550e6
"""Address space that such a process reserves but does not use (measured: 650 MB on two cores)
[bytes].
"""
PERSON = 445
"""Memory of a person in both arms, without ties: platforms, condition, agenda (measured: 355 to
450) [bytes].
"""
TIE = 6.25
"""Memory of a tie: a little more than one entry of four bytes (measured: 24 entries for a mean of
16) [bytes].
"""
DAY = 250e3
"""Memory of a recorded day of both arms (measured: 245 kB with 23 states and 49 platforms) [bytes].
"""
PUT_TOGETHER = 500e6
"""Memory of the process that combines stored members (measured: 440 MB for 12 members of 365 days)
[bytes].
"""
STORED_DAY = 12e3
"""Memory for one day of a stored member, both arms, while the panel is written [bytes]. The packed
size counts twice, in the file and in memory (measured: 3.5 kB a day for runs of 365 days, 6 kB for
the longest run).
"""


def needed(spec: Scenario) -> float:
    """Return an estimate of the memory of one seed, without the program itself [bytes]."""
    ties = spec.parameters.get("ties.degree_mean", spec.facts.parameters["ties.degree_mean"].value)
    whom = (policy.who for policy in spec.policies if policy.who is not None)
    asks = any(who.simulated is not None for who in whom)
    people = spec.people * (1 + MOST_ASKED if asks else 1)
    return people * (PERSON + TIE * ties) + DAY * spec.days


def needed_at_end(spec: Scenario, seeds: int, *, stored: bool) -> float:
    """Return an estimate of the memory to combine the members of a run [bytes].

    Parameters
    ----------
    spec : Scenario
    seeds : int
        Number of seeds.
    stored : bool
        Whether members are read from a folder, one metric at a time, and not all in memory.
    """
    days = float(seeds * spec.days)
    return PUT_TOGETHER + STORED_DAY * days if stored else DAY * days


def fitting_jobs(spec: Scenario, seeds: int, jobs: int, *, stored: bool) -> tuple[int, str]:
    """Return the number of processes that fit into memory, and a warning if it is below the
    requested number.

    Parameters
    ----------
    spec : Scenario
    seeds : int
        Number of seeds, whose results are combined at the end.
    jobs : int
        Requested number of processes.
    stored : bool
        Whether finished members are stored in a folder.

    Raises
    ------
    InputError
        Not even one seed fits into memory, or the results do not.
    """
    together, each = available()
    member = PROCESS + needed(spec)
    results = needed_at_end(spec, seeds, stored=stored)
    if member > min(each, together - PROCESS):
        found = f"{spec.people:,} people over {spec.days:,} days need about {gigabytes(member)} of memory per seed"
        allowed = f"{gigabytes(max(0.0, min(together, each)))} are free for a process"
        raise InputError(Problem("people", found, allowed, "fewer people or days"))
    if results > min(together, each):
        found = f"{seeds:,} seeds of {spec.days:,} days need about {gigabytes(results)} when they are combined"
        hint = "fewer seeds" + ("" if stored else ", or a folder for them (out=)")
        raise InputError(Problem("seeds", found, f"{gigabytes(together)} are free", hint))
    fit = jobs if together == inf else min(jobs, max(1, int(together // member)))
    if fit == jobs:
        return jobs, ""
    return fit, (
        f"{jobs} processes would need about {gigabytes(jobs * member)} of memory, and "
        f"{gigabytes(together)} are free: {fit} at a time; the outcome is the same"
    )


def check_memory(spec: Scenario) -> None:
    """Raise MemoryError if one seed of a scenario does not fit into the free memory."""
    need = needed(spec)
    free = max(0.0, min(available()))
    if need > free:
        found = f"{spec.people:,} people over {spec.days:,} days need {gigabytes(need)}"
        raise MemoryError(f"{found}, and {gigabytes(free)} are free")


def is_shortage(error: BaseException) -> bool:
    """Return whether an error reports that memory, or addresses for it, ran out."""
    if isinstance(error, MemoryError) or (
        isinstance(error, OSError) and error.errno == errno.ENOMEM
    ):
        return True
    words = (
        "cannot allocate memory",
        "failed to map segment",
        "can't start new thread",
        "unable to allocate",
    )
    return isinstance(error, ImportError | OSError | RuntimeError) and any(
        w in str(error).casefold() for w in words
    )


def release_memory() -> None:
    """Return the memory of discarded worlds to the system.

    Arms and their records refer to each other, so only the garbage collector frees them; glibc also
    keeps the memory of arrays below 32 MB.
    """
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def memory_released() -> Iterator[None]:
    """Return the memory of objects that the block makes to the system afterwards.

    The collection skips earlier objects: checking them took half of the time of a small run.
    """
    outermost = not gc.get_freeze_count()
    if outermost:
        gc.freeze()
    try:
        yield
    finally:
        release_memory()
        if outermost:
            gc.unfreeze()


def available() -> tuple[float, float]:
    """Return the free memory.

    Returns
    -------
    tuple of float
        The memory that all processes can still take within the limits of the system and of their
        control group (a container, a batch job), and the memory that one process may use under a
        user's limit, such as ``ulimit -v``; infinite without a limit [bytes].
    """
    together = each = inf
    with suppress(OSError, ValueError):
        lines = (
            line.split() for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        )
        kilobytes = {name: float(number) for name, number, *_ in lines}
        together = 1024 * (kilobytes["MemAvailable:"] + kilobytes["SwapFree:"])
    if together == inf and hasattr(os, "sysconf"):  # other systems report only the total
        together = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with suppress(OSError, ValueError):
        groups = Path("/proc/self/cgroup").read_text(encoding="ascii")
        together = min(together, left_in_groups(groups, Path("/sys/fs/cgroup")))
    if sys.platform != "win32":
        import resource

        limits = (
            resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA)
        )
        each = min(
            (limit - RESERVED for limit in limits if limit != resource.RLIM_INFINITY), default=inf
        )
    return together, each


def left_in_groups(groups: str, root: Path) -> float:
    """Return the free memory within the control groups of a process [bytes]; file caches, which can
    be dropped, count as free.

    Parameters
    ----------
    groups : str
        The text of ``/proc/self/cgroup``.
    root : Path
        The mount point of the groups.
    """
    left = inf
    for line in groups.splitlines():
        _, controllers, name = line.split(":", 2)
        own = root / name.lstrip("/")
        for folder in (
            () if controllers else (own, *own.parents)
        ):  # an empty list of controllers means version 2 of control groups
            with suppress(OSError, ValueError):  # no such file, or "max"
                limit, used = (
                    float((folder / f"memory.{file}").read_text()) for file in ("max", "current")
                )
                stat = (
                    (folder / "memory.stat").read_text()
                    if (folder / "memory.stat").is_file()
                    else ""
                )
                cached = dict(line.split() for line in stat.splitlines()).get("inactive_file", 0.0)
                left = min(left, limit - used + float(cached))
    return left


def gigabytes(size: float) -> str:
    """Return a size in words."""
    return f"{size / 1e9:,.1f} GB"

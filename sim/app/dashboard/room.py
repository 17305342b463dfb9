"""The limit on what all open tabs simulate together: people, and recorded days.

The unit is simulated people. A day that both arms record takes as much memory as `DAY` people.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Hashable
from contextlib import suppress

from ...errors import InputError, Problem
from ...scenario import Scenario

DAY = 500
"""People who take as much memory as one recorded day: 250 kB by 500 bytes, measured with 23 states, 49 platforms."""
MOST_TOGETHER = 2_500_000
"""What all sessions may take together: about 1.3 gigabytes (assumption: a laptop can spare them) [persons]."""
LEAST_PEOPLE, LEAST_DAYS = 1_000, 30
"""With room for fewer than these, no further session is begun (assumption)."""
_taken: dict[Hashable, int] = {}


def size(people: int, days: int) -> int:
    """Return what a session takes [persons]."""
    return people + DAY * days


def take(key: Hashable, spec: Scenario) -> None:
    """Note what a session takes, in the place of what it took before."""
    _taken[key] = size(spec.people, spec.days)


def leave(key: Hashable) -> None:
    """Give back what a session took."""
    _taken.pop(key, None)


def room(but: Hashable = None) -> int:
    """Return how much another session could take, or one of those that there are [persons]."""
    return max(0, MOST_TOGETHER - sum(taken for key, taken in list(_taken.items()) if key != but))


def is_full() -> bool:
    """Return whether there is no room for even the smallest session."""
    return room() < size(LEAST_PEOPLE, LEAST_DAYS)


def check_room(people: int, days: int, but: Hashable) -> None:
    """Raise InputError if a session is too large to be simulated together with the others."""
    left = room(but)
    if size(people, days) <= left:
        return
    if (most := left - DAY * days) >= LEAST_PEOPLE:
        found = f"{people:,} people are too many next to the other tabs"
        raise InputError(Problem("people", found, f"at most {most:,} here", "close a tab, or simulate fewer people"))
    found, most = f"{days:,} days are too many next to the other tabs", max(0, left - LEAST_PEOPLE) // DAY
    raise InputError(Problem("days", found, f"at most {most:,} here", "close a tab, or simulate fewer days"))


def fitting(people: int, days: int, left: int) -> tuple[int, int]:
    """Return as many people and days as fit into so much room, fewer people first.

    Parameters
    ----------
    people, days : int
        What is wanted.
    left : int
        Of `room` [persons].
    """
    fewer = max(LEAST_PEOPLE, min(people, left - DAY * days))
    return fewer, max(1, min(days, (left - fewer) // DAY))


def give_back_memory() -> None:
    """Return the memory of sessions that have ended to the system.

    Arms refer to each other in circles, and the C library keeps what is freed for later use.
    """
    gc.collect()
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # another C library than GNU's
            ctypes.CDLL(None).malloc_trim(0)

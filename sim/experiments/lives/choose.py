"""The lives to show: the median and the worst by days without contact, with one rule for all runs."""

from __future__ import annotations

import numpy as np

from sim.results.lives import HIT, OTHER, TYPICAL, WORST


def choose(days: np.ndarray, longest: np.ndarray, silent: np.ndarray, count: int) -> list[tuple[int, str]]:
    """Return places of people and the role of each, in the order in which they are shown.

    People are put in order by the days without any platform channel to kin, then by the longest stretch, then by the
    conversations lost, then by their number. ``typical of the group`` is in the middle of all, ``typical of those who
    lose contact`` in the middle of those with such days, and ``worst`` is the last. More are spread evenly between
    them.

    Parameters
    ----------
    days, longest : numpy.ndarray of int, shape (people,)
        Days without contact, and the longest stretch of them [days].
    silent : numpy.ndarray of float, shape (people,)
        Conversations lost over the run.
    count : int
        How many to show, if there are so many.
    """
    order = np.lexsort((np.arange(days.size), silent, longest, days))
    hit = order[days[order] > 0]
    found: dict[int, str] = {}
    if hit.size:
        wanted = [(hit[(hit.size - 1) // 2], HIT), (hit[-1], WORST)]
        wanted += [(order[(order.size - 1) // 2], TYPICAL)] if count > 2 else []
    else:
        wanted = [(order[(order.size - 1) // 2], TYPICAL)]
    for place, role in wanted[:count]:
        found.setdefault(int(place), role)
    pool = hit if hit.size else order
    spread = np.linspace(0, pool.size - 1, count + 1).astype(int)
    for place in (*pool[spread], *pool[::-1], *order[::-1]):
        if len(found) >= min(count, days.size):
            break
        found.setdefault(int(place), OTHER)
    rank = {int(place): at for at, place in enumerate(order)}
    return sorted(found.items(), key=lambda one: rank[one[0]])

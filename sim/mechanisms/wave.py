"""Newcomers: the share of those looking for a new platform who have just moved to it.

People who lose a platform at the same time look for another one together. They choose by how many have just moved to a
platform and not by how many use it: people follow contacts, and stores and the press name what grows fastest.
"""

from __future__ import annotations

import numpy as np

from sim.kernels import kernel
from sim.mechanisms.settings import CLOSEST, Rows


def newcomers_share(newcomers: np.ndarray, losers: np.ndarray, platform: Rows) -> np.ndarray:
    """Return newcomers to each platform per person who looks for one like it, at most 1.

    The people who look for a platform are the users of one lost platform: the one from which most look for such a
    platform.

    Parameters
    ----------
    newcomers : numpy.ndarray, shape (states, platforms)
        People with a new account that is on trial [persons].
    losers : numpy.ndarray, shape (states, platforms)
        People who miss something of each platform [persons].
    platform : numpy.ndarray of PLATFORM, shape (platforms,)
        The closeness of kinds says how many of those who miss one look for another.

    Returns
    -------
    numpy.ndarray, shape (states, platforms)
        0 if nobody looks for such a platform.
    """
    likeness = np.minimum(1.0, platform["closeness"][:, platform["kind"]] / CLOSEST, order="C")
    share = np.zeros(newcomers.shape)
    _share_looking(newcomers, losers, likeness, share)
    return share


@kernel
def _share_looking(newcomers: np.ndarray, losers: np.ndarray, likeness: np.ndarray, share: np.ndarray) -> None:
    """Write newcomers per person who looks for each platform; ``likeness`` is to those missed."""
    for state in range(len(losers)):
        for p in range(losers.shape[1]):
            for q in range(losers.shape[1] if losers[state, p] > 0.0 else 0):
                share[state, q] = max(share[state, q], losers[state, p] * likeness[p, q])
        for q in range(losers.shape[1]):
            looking = share[state, q]
            share[state, q] = min(1.0, newcomers[state, q] / looking) if looking > 0.0 else 0.0

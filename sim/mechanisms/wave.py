"""Newcomers: how many of those who look for a new platform have just moved to it.

Those who lose a platform at the same time look for another one together. What they go by is not how many use it, but
how many have just moved: people follow whom they know, and stores and the press name what grows fastest.
"""

from __future__ import annotations

import numpy as np

from sim.mechanisms.settings import CLOSEST, Rows


def newcomers_share(newcomers: np.ndarray, losers: np.ndarray, platform: Rows) -> np.ndarray:
    """Return newcomers to each platform per person who looks for one like it, at most 1.

    Who looks for a platform are the users of that platform lost of which most people look for one like it.

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
        0 where nobody looks for such a platform.
    """
    likeness = np.minimum(1.0, platform["closeness"][:, platform["kind"]] / CLOSEST)
    looking = (losers[:, :, None] * likeness[None]).max(axis=1)
    share = np.divide(newcomers, looking, out=np.zeros_like(looking), where=looking > 0)
    return np.minimum(1.0, share)

"""How many internets there are, and which states share one."""

from __future__ import annotations

import numpy as np


def likeness_of_access(usable: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return how alike two states' access to platforms is [1], shape (states, states).

    The weighted Jaccard index: of what either state can use, the share that both can. It looks at what is open, never
    at what people like, so that a taste for a domestic platform splits nothing.

    Parameters
    ----------
    usable : numpy.ndarray, shape (states, platforms)
        Share of each platform that a person in the state gets without effort, 0 to 1.
    weight : numpy.ndarray, shape (platforms,)
        What each platform counts; its users in all the world on the first day.
    """
    n = usable.shape[0]
    out = np.ones((n, n))
    for a in range(n - 1):
        either = (weight * np.maximum(usable[a], usable[a + 1 :])).sum(axis=1)
        both = (weight * np.minimum(usable[a], usable[a + 1 :])).sum(axis=1)
        out[a, a + 1 :] = out[a + 1 :, a] = np.divide(both, either, out=np.ones_like(both), where=either > 0)
    return out


def find_blocs(likeness: np.ndarray, together: float) -> np.ndarray:
    """Return the bloc of each state, shape (states,): the number of its first member.

    Blocs grow by average linkage (Sokal & Michener 1958): the two most alike join, the first pair among equals, as long
    as their members are on average at least ``together`` alike. The outcome is the same for the same table, always.

    Parameters
    ----------
    likeness : numpy.ndarray, shape (states, states)
    together : float
        Average likeness from which two blocs are one [1].
    """
    n = likeness.shape[0]
    bloc = np.arange(n)
    size = np.ones(n)
    mean = likeness.astype(float).copy()
    np.fill_diagonal(mean, -1.0)
    while n > 1:
        a, b = divmod(int(mean.argmax()), n)
        a, b = min(a, b), max(a, b)
        if mean[a, b] < together or mean[a, b] < 0:
            break
        joined = (size[a] * mean[a] + size[b] * mean[b]) / (size[a] + size[b])
        mean[a], mean[:, a] = joined, joined
        mean[b], mean[:, b], mean[a, a] = -1.0, -1.0, -1.0
        size[a] += size[b]
        bloc[bloc == b] = a
    return bloc


def effective_internets(bloc: np.ndarray, people: np.ndarray) -> float:
    """Return 1 / the sum of squared bloc sizes: 1 for one Internet, k for k blocs of equal size.

    Parameters
    ----------
    bloc : numpy.ndarray of int, shape (states,)
    people : numpy.ndarray, shape (states,)
        Internet users [persons].
    """
    share = np.bincount(bloc, weights=people) / people.sum()
    return float(1.0 / (share**2).sum())


def internets_by_likeness(likeness: np.ndarray, people: np.ndarray) -> float:
    """Return the effective number of internets without any threshold [1].

    The diversity of order 2 that knows of likeness: the inverse of how alike the access of two people drawn at random
    is (Leinster & Cobbold 2012, https://doi.org/10.1890/10-2402.1).

    Parameters
    ----------
    likeness : numpy.ndarray, shape (states, states)
    people : numpy.ndarray, shape (states,)
        Internet users [persons].
    """
    share = people / people.sum()
    return float(1.0 / (share[:, None] * likeness * share[None, :]).sum())

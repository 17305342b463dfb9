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


def blocking_alignment(blocked: np.ndarray) -> np.ndarray:
    """Return how alike what two states block is (Jaccard), shape (states, states); NaN where neither blocks anything.

    After Merrill & Weber 2020, https://doi.org/10.5210/fm.v26i1.11415.

    Parameters
    ----------
    blocked : numpy.ndarray of bool, shape (states, platforms)
    """
    both = blocked.astype(float) @ blocked.astype(float).T
    count = np.diag(both)
    either = count[:, None] + count[None, :] - both
    return np.asarray(np.divide(both, either, out=np.full_like(both, np.nan), where=either > 0))


def cascades(causes: dict[str, str]) -> dict[str, tuple[int, int]]:
    """Return the size and the depth of each cascade, by the policy that began it.

    Parameters
    ----------
    causes : dict of str to str
        Each policy's id -> the id of the policy that it answers or copies; empty for a first one.

    Returns
    -------
    dict of str to (int, int)
        Number of policies that follow from it, and the longest chain of them; (0, 0) where nobody followed.
    """
    found: dict[str, list[int]] = {}
    for policy in causes:
        depth, at, seen = 0, policy, {policy}
        while causes.get(at, "") and causes[at] not in seen:
            at = causes[at]
            seen.add(at)
            depth += 1
        entry = found.setdefault(at, [0, 0])
        entry[0] += depth > 0
        entry[1] = max(entry[1], depth)
    return {root: (size, depth) for root, (size, depth) in found.items()}

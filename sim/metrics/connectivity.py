"""The arithmetic of metrics of connectivity: the people and services that each state still reaches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels import kernel

if TYPE_CHECKING:
    from sim.policies.base import PolicyKeys

LIKE_HALF = 0.5
"""A service works for the median person where it works for at least half of the people."""


def people_online(in_force: Iterable[tuple[PolicyKeys, int]], states: Sequence[str]) -> np.ndarray:
    """Return the share of each state's internet users whom no policy takes off every network, shape (states,) [1].

    Parameters
    ----------
    in_force : iterable of (PolicyKeys, int)
        The policies in force, with the days since they began. Where several cut people off, the largest share counts.
    states : sequence of str
    """
    off = np.zeros(len(states))
    for policy, _ in in_force:
        share = policy.people_cut_off()
        for state in policy.by if share > 0 else ():
            off[states.index(state)] = max(off[states.index(state)], share)
    return 1.0 - off


def reach_abroad(reach: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return the share of the people abroad to whom the people of each state have a route, shape (states,).

    Parameters
    ----------
    reach : numpy.ndarray, shape (states, states)
        Share of the pairs of people, one in each state, with a route [1].
    people : numpy.ndarray, shape (states,)
        Internet users [persons].

    Returns
    -------
    numpy.ndarray, shape (states,)
        1 where nobody lives abroad.
    """
    return _mean_abroad(reach, np.broadcast_to(people, reach.shape), nobody=1.0)


def route_length(stretch: np.ndarray, reach: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return the mean length of the routes abroad that are left, against the first day, shape (states,).

    Parameters
    ----------
    stretch : numpy.ndarray, shape (states, states)
        Length of routes against the first day [1].
    reach, people
        As in `reach_abroad`.

    Returns
    -------
    numpy.ndarray, shape (states,)
        NaN where no route abroad is left.
    """
    return _mean_abroad(stretch, reach * people, nobody=np.nan)


def pairs_of_states(reach: np.ndarray) -> float:
    """Return how many pairs of states reach each other: the sum of the shares of their people who do [pairs]."""
    return float(reach[np.triu_indices(len(reach), 1)].sum())


def people_within_reach(
    usable: np.ndarray, holders: np.ndarray, reach: np.ndarray, people: np.ndarray, social: np.ndarray
) -> np.ndarray:
    """Return the share of the people abroad whom a person of each state can reach on a platform, shape (states,).

    People of two states meet on the one platform that joins most of them: its share of users at the other end, times
    the share of it that works at this end. How the users of several platforms overlap is not known between states, so
    the figure is a lower bound.

    Parameters
    ----------
    usable : numpy.ndarray, shape (states, platforms)
        Share of each platform that a person of the state gets without effort [1].
    holders : numpy.ndarray, shape (states, platforms)
        People who hold each platform and reach it [persons].
    reach : numpy.ndarray, shape (states, states)
        Share of the pairs of people with a route [1].
    people : numpy.ndarray, shape (states,)
        Internet users [persons].
    social : numpy.ndarray of bool, shape (platforms,)
        Whether people meet on each platform.
    """
    share = np.divide(holders, people[:, None], out=np.zeros_like(holders), where=people[:, None] > 0)
    share = np.minimum(share, 1.0)[:, social]
    joined = np.zeros(reach.shape)
    _join(usable[:, social], share, joined)
    return _mean_abroad(joined * reach, np.broadcast_to(people, reach.shape), nobody=0.0)


@kernel
def _join(usable: np.ndarray, share: np.ndarray, joined: np.ndarray) -> None:
    """Write what the one platform joins that joins most, of each state with each other one, shape (states, states)."""
    for i in range(len(usable)):
        for j in range(len(share)):
            for p in range(share.shape[1]):
                joined[i, j] = max(joined[i, j], usable[i, p] * share[j, p])


def services_left(works: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the share of services that works, by state, shape (states,); NaN where nothing is used.

    Parameters
    ----------
    works : numpy.ndarray, shape (states, platforms)
        How much of each platform works [1].
    weight : numpy.ndarray, shape (platforms,) or (states, platforms)
        What each platform counts, such as its users.
    """
    total = np.broadcast_to(weight, works.shape).sum(axis=1)
    return np.asarray(np.divide((works * weight).sum(axis=1), total, out=np.full(len(works), np.nan), where=total > 0))


def _mean_abroad(values: np.ndarray, weight: np.ndarray, *, nobody: float) -> np.ndarray:
    """Return the mean of each row over the other states, shape (states,)."""
    weight = np.where(np.eye(len(values), dtype=bool), 0.0, weight)
    total = weight.sum(axis=1)
    return np.asarray(
        np.divide((values * weight).sum(axis=1), total, out=np.full(len(values), nobody), where=total > 0)
    )

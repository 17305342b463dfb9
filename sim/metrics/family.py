"""Metrics of contact with family abroad, by group."""

from __future__ import annotations

import numpy as np

from sim.kernels import kernel
from sim.people.contact import BRIDGED


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole [share], of the shape of both; NaN where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0))


def median_duration(duration: np.ndarray, ended: np.ndarray) -> float:
    """Return the Kaplan-Meier median of durations of which some have not ended.

    Parameters
    ----------
    duration : numpy.ndarray, shape (spells,)
        How long each spell lasted, or has lasted so far [days].
    ended : numpy.ndarray of bool, shape (spells,)
        False for a spell that was still going on when it was last seen.

    Returns
    -------
    float
        First duration by which at least half have ended; NaN where fewer than half are known to [days].
    """
    survival = 1.0
    for days in np.unique(duration[ended]):
        at_risk = np.count_nonzero(duration >= days)
        survival *= 1.0 - np.count_nonzero((duration == days) & ended) / at_risk
        if survival <= 0.5:
            return float(days)
    return float("nan")


@kernel
def leave_out(
    unkept: np.ndarray, channels: np.ndarray, opened: np.ndarray, state: np.ndarray, group: np.ndarray, ties: np.ndarray
) -> None:  # fmt: skip
    """Leave out of the open kin ties of each diaspora those that are no contact, though a platform joins the two ends.

    A tie without a channel on the first day was never kept by platform. It does not become contact because people at
    both ends happen to take up the same substitute; it does by a bridge, or by a platform that law has opened.

    Parameters
    ----------
    unkept : numpy.ndarray of int
        Ties without a channel on the first day.
    channels : numpy.ndarray of int64, shape (ties,)
        Platforms that join the two ends today, bits.
    opened : numpy.ndarray of int64, shape (states,)
        Platforms of which law leaves more than on the baseline's first day, bits.
    state : numpy.ndarray of int, shape (groups,)
        State of residence of each group.
    group : numpy.ndarray of int, shape (ties, 2)
        Groups of the two ends, the diaspora's first.
    ties : numpy.ndarray of int64, shape (groups,)
        Ties with a channel today (in place).
    """
    for k in unkept:
        by_law = opened[state[group[k, 0]]] | opened[state[group[k, 1]]] | BRIDGED
        if channels[k] != 0 and channels[k] & by_law == 0:
            ties[group[k, 0]] -= 1


def pair_matrix(
    open_ties: np.ndarray,
    weight: np.ndarray,
    residence: np.ndarray,
    origin: np.ndarray,
    diaspora: np.ndarray,
    states: int,
) -> np.ndarray:
    """Return kin ties that have a channel, by pair of states, in both directions of the matrix.

    Parameters
    ----------
    open_ties, weight : numpy.ndarray, shape (groups,)
        Simulated ties and real people for each simulated one.
    residence, origin : numpy.ndarray of int, shape (groups,)
    diaspora : numpy.ndarray of bool, shape (groups,)
        Ties are counted at their diaspora end.
    states : int

    Returns
    -------
    numpy.ndarray, shape (states, states)
        Ties; NaN where none was simulated.
    """
    here, there = residence[diaspora], origin[diaspora]
    pair = np.minimum(here, there), np.maximum(here, there)
    out, simulated = np.zeros((states, states)), np.zeros((states, states), np.bool_)
    np.add.at(out, pair, (weight * open_ties)[diaspora])
    simulated[pair] = True
    out = np.where(simulated, out, np.nan)
    return np.asarray(np.where(simulated.T, out.T, out))

"""Metrics of use: users by platform, concentration, and lost surplus."""

from __future__ import annotations

import numpy as np

from sim.metrics.weights import by_label


def concentration(active: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Return the Herfindahl index of use over owners, by state.

    Parameters
    ----------
    active : numpy.ndarray, shape (states, platforms)
        People active [persons].
    owner : numpy.ndarray of int, shape (platforms,)
        Number of the owner of each platform.

    Returns
    -------
    numpy.ndarray, shape (states,)
        Sum of squared shares, 0 to 1; NaN where nobody uses anything.
    """
    return herfindahl(by_label(active, owner, int(owner.max()) + 1))


def herfindahl(by_owner: np.ndarray) -> np.ndarray:
    """Return the Herfindahl index of each row of a table of use, shape (states, owners)."""
    total = by_owner.sum(axis=1, keepdims=True)
    share = np.divide(by_owner, total, out=np.full_like(by_owner, np.nan), where=total > 0)
    return np.asarray((share**2).sum(axis=1))


def by_home(active: np.ndarray, home: np.ndarray, states: int) -> np.ndarray:
    """Return use by the home state of the platforms, shape (states, home states) [persons]."""
    return by_label(active, home, states)


def surplus_lost(gained: np.ndarray, dollars_a_day: float, income: np.ndarray) -> np.ndarray:
    """Return the consumer surplus lost, by state [US dollars a day].

    Parameters
    ----------
    gained : numpy.ndarray, shape (states,)
        Value gained against the first day [marginal feed users' value x persons].
    dollars_a_day : float
        What a unit of value is worth to a person in the United States.
    income : numpy.ndarray, shape (states,)
        Income per head against the United States, by which the value is scaled (assumption: willingness to pay is
        in proportion to income).
    """
    return np.asarray(-gained * dollars_a_day * income)

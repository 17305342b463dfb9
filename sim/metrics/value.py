"""The value of platforms, and the part that people can use without effort."""

from __future__ import annotations

import numpy as np


def platform_value(users: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return each platform's part in the value of all, by the world's users and what a user of its kind gets from it.

    Parameters
    ----------
    users : numpy.ndarray, shape (platforms,)
        Monthly users in the whole world on the first day [persons].
    value : numpy.ndarray, shape (platforms,)
        Value to the marginal user of the platform's kind [marginal feed users' value].

    Returns
    -------
    numpy.ndarray, shape (platforms,)
        Shares that sum to 1; all 0 where nobody uses anything.
    """
    worth = users * value
    total = worth.sum()
    return np.asarray(worth / total if total > 0 else np.zeros_like(worth))


def open_share(
    part: np.ndarray, reach: np.ndarray, modes: np.ndarray, speed: np.ndarray, install: np.ndarray
) -> np.ndarray:
    """Return the share of the world's platforms, by value, that a person can use without effort, by state.

    Without effort means: without a VPN or another workaround, at full speed, from the store of one's phone. A platform
    that is slowed counts for the speed that is left, one off the stores for those whose phone still gets it there.

    Parameters
    ----------
    part : numpy.ndarray, shape (platforms,)
        From `platform_value` [share].
    reach : numpy.ndarray, shape (states, platforms, modes)
        Share of the state's people whom each mode reaches directly.
    modes : numpy.ndarray, shape (platforms, modes)
        Weight of each mode in the platform's value, summing to 1.
    speed, install : numpy.ndarray, shape (states, platforms)
        Speed left, and share of phones that can install it.

    Returns
    -------
    numpy.ndarray, shape (states,)
        0 to 1 [share].
    """
    reached = (reach * modes[None, :, :]).sum(axis=2)
    return np.asarray((reached * speed * install * part[None, :]).sum(axis=1))


def usable_share(
    reach: np.ndarray, has_modes: np.ndarray, speed: np.ndarray, install: np.ndarray, ios_share: np.ndarray
) -> np.ndarray:
    """Return the share of each platform that a person in each state gets without effort, shape (states, platforms).

    Reach over the platform's modes, times the speed left, times the share of phones that can install it.

    Parameters
    ----------
    reach : numpy.ndarray, shape (states, platforms, modes)
        Share of the state's people whom each mode reaches directly.
    has_modes : numpy.ndarray, shape (platforms, modes)
        Whether each platform has each mode [0 or 1].
    speed : numpy.ndarray, shape (states, platforms)
        Speed left.
    install : numpy.ndarray, shape (states, platforms, devices)
        Share of phones of each make on which the store has the app.
    ios_share : numpy.ndarray, shape (states,)
        Share of phones that are iPhones.
    """
    reached = (reach * has_modes).sum(axis=2) / has_modes.sum(axis=1)
    ios = ios_share[:, None]
    return np.asarray(reached * speed * (install[:, :, 0] * ios + install[:, :, 1] * (1.0 - ios)))

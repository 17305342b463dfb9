"""Authors: strangers who publish on a platform leave with its audience, or before it closes, and
people follow them.

Most of the value of feeds, videos and live streams comes from strangers. Authors leave a platform
in proportion to its lost audience, or to the loss by a dated law, with the lag
`choice.audience_lag_days`. They tell their audience where they go, so people can hear of and join a
small platform without contacts there. Authors gather on few platforms of a similar kind, more often
on those of a firm with a large reach (`authors.reach`); chance decides on which (`authors.gather`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..core.chance import uniform_plain
from .access import AccessTable
from .kernel_types import CLOSEST, Rows

FEW = 0.01
"""Largest share of lost authors that nobody notices (assumption)."""


class Heirs(NamedTuple):
    """Destinations of the authors of each platform, which do not change during a run.

    Attributes
    ----------
    carried : numpy.ndarray, shape (platforms, platforms)
        Share of a platform's value (row) that moves to another platform (column) if all of its
        authors do [share].
    nearness : numpy.ndarray, shape (platforms, platforms)
        Similarity of another platform (column) to a platform (row) in the authors' choice [1].
    appeal : numpy.ndarray, shape (states, platforms)
        Attraction of each platform for the authors of each state; 0 for platforms that are unknown
        or closed to newcomers there.
    """

    carried: np.ndarray
    nearness: np.ndarray
    appeal: np.ndarray


def make_heirs(
    platform: Rows,
    reach: np.ndarray,
    known: np.ndarray,
    owners: Sequence[str],
    q: Mapping[str, float],
    key: int,
) -> Heirs:
    """Return the destinations of authors.

    Parameters
    ----------
    platform : numpy.ndarray of PLATFORM, shape (platforms,)
    reach : numpy.ndarray, shape (states, platforms)
        Share of the residents of each state who use each platform on the first day [share].
    known : numpy.ndarray of bool, shape (states, platforms)
        Whether enough residents use each platform for others to find it, and they can read it and
        open an account.
    owners : sequence of str
        The owner of each platform.
    q : mapping of str to float
        Parameters, including those of ``authors``.
    key : int
        Key of the random numbers.

    Notes
    -----
    Platforms of one owner share its largest reach, since it can recommend one on the other. Each
    possible destination gets a share in proportion to (nearness x reach^`authors.reach` /
    E)^`authors.gather`, where E is a standard exponential number. With a high `authors.gather`, all
    go to one platform, drawn in proportion to nearness x reach^`authors.reach`.
    """
    gather = q["authors.gather"]
    near = np.minimum(1.0, platform["pull"][:, platform["kind"]] / CLOSEST)
    np.fill_diagonal(near, 0.0)
    largest = np.zeros(reach.shape)
    firm = np.array(owners)
    for owner in set(owners):
        largest[:, firm == owner] = reach[:, firm == owner].max(axis=1, keepdims=True)
    appeal = np.zeros(reach.shape)
    for s, p in np.argwhere(known).tolist():
        luck = -math.log(1.0 - uniform_plain(key, s, p))
        appeal[s, p] = math.pow(
            math.pow(float(largest[s, p]), q["authors.reach"]) / max(luck, 1e-12), gather
        )
    return Heirs(
        q["authors.follow"] * (1.0 - platform["tie_share"][:, None]) * near,
        np.array([[math.pow(one, gather) for one in row] for row in near.tolist()]),
        appeal,
    )


def authors_gone(gone: np.ndarray, level: np.ndarray, coming: np.ndarray, lag: float) -> np.ndarray:
    """Return the share of the authors of each platform who have left it, shape (states, platforms)
    [share].

    Parameters
    ----------
    gone : numpy.ndarray, shape (states, platforms)
        Yesterday's share [share].
    level : numpy.ndarray, shape (states, platforms)
        Audience relative to the first day [1].
    coming : numpy.ndarray, shape (states, platforms)
        Share of access that the law, in force or with a date, will finally remove [share].
    lag : float
        Time constant [days].
    """
    return np.asarray(gone + (np.maximum(coming, 1.0 - np.minimum(1.0, level)) - gone) / lag)


def open_to_authors(here: AccessTable) -> np.ndarray:
    """Return the part of authors who can move to each platform, shape (states, platforms)
    [share]: it must open directly and not be threatened.
    """
    return np.asarray(here.reach.max(axis=2) * (1.0 - here.threat))


def led_to(gone: np.ndarray, open_share: np.ndarray, heirs: Heirs) -> np.ndarray:
    """Return the share of another platform's content that people find on each platform, shape
    (states, platforms) [share].

    Parameters
    ----------
    gone : numpy.ndarray, shape (states, platforms)
        Share of the authors of each platform who have left it [share].
    open_share : numpy.ndarray, shape (states, platforms)
        The part of authors who can move to each platform [share].
    heirs : Heirs
    """
    led = np.zeros(gone.shape)
    state, left = np.nonzero(gone > FEW)
    if not state.size:
        return led
    weight = heirs.nearness[left] * (heirs.appeal * open_share)[state]
    total = weight.sum(axis=1, keepdims=True)
    share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0.0)
    np.maximum.at(led, state, gone[state, left][:, None] * heirs.carried[left] * share)
    return led

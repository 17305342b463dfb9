"""Authors: strangers who publish on a platform leave it with its audience, or before it closes, and
people follow.

Most of the value of feeds, videos and live streams comes from people whom one does not know.
Authors leave a platform as its audience does, or as far as a law with a date takes it, and as
slowly as `choice.audience_lag_days`. They tell their audience where they go, so that a small
platform is heard of and joined though nobody of the circle is there. They gather on few platforms,
and which ones cannot be foreseen: platforms of a near kind, more often those of a firm with a large
reach (`authors.reach`), and luck decides (`authors.gather`).
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
"""Share of the authors up to which nobody notices that they are gone (assumption)."""


class Heirs(NamedTuple):
    """Destinations of the authors of each platform, which do not change during a run.

    Attributes
    ----------
    carried : numpy.ndarray, shape (platforms, platforms)
        Share of the value of a platform (rows) that goes to another one if all of its authors do
        [share].
    nearness : numpy.ndarray, shape (platforms, platforms)
        How near another platform is to one (rows), as authors choose [1].
    appeal : numpy.ndarray, shape (states, platforms)
        How much each platform attracts the authors of each state, 0 for what is unknown or closed
        to newcomers there.
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
    """Return where authors would go.

    Parameters
    ----------
    platform : numpy.ndarray of PLATFORM, shape (platforms,)
    reach : numpy.ndarray, shape (states, platforms)
        Share of the residents of each state who use each platform on the first day [share].
    known : numpy.ndarray of bool, shape (states, platforms)
        Whether enough of them use it to be come across, and they can read it and open an account.
    owners : sequence of str
        The owner of each platform.
    q : mapping of str to float
        Parameters; those of ``authors`` are read.
    key : int
        The stream of luck.

    Notes
    -----
    Platforms of one owner share its largest reach, since it can recommend one on the other. Of the
    platforms that authors may go to, each gets a share in proportion to (nearness x
    reach^`authors.reach` / E)^`authors.gather`, where E is a standard exponential number. A high
    `authors.gather` sends all to one, and each platform with a chance in proportion to nearness x
    reach^`authors.reach`.
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
        The same of yesterday [share].
    level : numpy.ndarray, shape (states, platforms)
        Its audience against the first day [1].
    coming : numpy.ndarray, shape (states, platforms)
        Share of what people have that the law takes in the end, in force or with a date [share].
    lag : float
        Time constant [days].
    """
    return np.asarray(gone + (np.maximum(coming, 1.0 - np.minimum(1.0, level)) - gone) / lag)


def open_to_authors(here: AccessTable) -> np.ndarray:
    """Return how far authors go to each platform, shape (states, platforms) [share]: to what opens
    directly and is not threatened.
    """
    return np.asarray(here.reach.max(axis=2) * (1.0 - here.threat))


def led_to(gone: np.ndarray, open_share: np.ndarray, heirs: Heirs) -> np.ndarray:
    """Return the share of the content of another platform that people find on each one, shape
    (states, platforms) [share].

    Parameters
    ----------
    gone : numpy.ndarray, shape (states, platforms)
        Share of the authors of each platform who have left it [share].
    open_share : numpy.ndarray, shape (states, platforms)
        How far authors go to each [share].
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

"""The traits of a kin tie abroad that decide how it comes back after a loss: drawn once, the same in both arms."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

NEVER_DAYS = np.float32(1e9)
"""More days than any run has."""


class Bonds(NamedTuple):
    """Kin ties abroad, in the order of the ties.

    Attributes
    ----------
    usable : numpy.ndarray, shape (ties,), int64
        Platforms in a language of the family on which both ends can open an account, bits.
    known : numpy.ndarray, shape (ties,), int64
        Of them, those that at least one end has heard of, bits.
    afraid : numpy.ndarray, shape (ties,), bool
        Whether the household takes up no channel that it has not had on the first day.
    calls_only : numpy.ndarray, shape (ties,), bool
        Whether the family end only calls: it neither reads nor writes messages.
    agree : numpy.ndarray, shape (ties,), float32
        Days on which the two could arrange it until they agree on another platform [days].
    notice, ready : numpy.ndarray, shape (ties,), float32
        From the loss until either end notices it, and from then until an app that both have is in use [days].
    wire : numpy.ndarray, shape (ties,), float32
        From the loss until they can arrange anything at all: 0 where a telephone number is known [days].
    help : numpy.ndarray, shape (ties,), float32
        Until somebody has helped the family end to set up an app; 0 where no help is needed [days].
    follow : numpy.ndarray, shape (ties,), float32
        From a relative of the same household being back until this one follows [days].
    plan : numpy.ndarray, shape (ties,), float32
        Days of certain notice after which the two have agreed on another channel beforehand [days].
    number : numpy.ndarray, shape (ties,), float32
        Days of certain notice after which they have exchanged telephone numbers; 0 where they know one [days].
    phone : numpy.ndarray, shape (ties,), float32
        From the loss until the telephone does instead, where a number is known; 0 where it is a habit [days].
    """

    usable: np.ndarray
    known: np.ndarray
    afraid: np.ndarray
    calls_only: np.ndarray
    agree: np.ndarray
    notice: np.ndarray
    ready: np.ndarray
    wire: np.ndarray
    help: np.ndarray
    follow: np.ndarray
    plan: np.ndarray
    number: np.ndarray
    phone: np.ndarray


def empty_bonds(ties: int) -> Bonds:
    """Return room for the traits of so many ties."""
    kinds = {"usable": np.int64, "known": np.int64, "afraid": np.bool_, "calls_only": np.bool_}
    return Bonds(**{name: np.zeros(ties, kinds.get(name, np.float32)) for name in Bonds._fields})

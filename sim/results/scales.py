"""The scales on which a model's error is similar for small and large figures.

=========  ===========================  ====================================================================
scale      of                           form
=========  ===========================  ====================================================================
logit      shares of what there was     ln(x / (1 - x)): near 0 and 1 an error is small
asinh      increments                   asinh(x / 0.05): an error is a factor where x is large, and an amount
                                        where it is small, so that zero may turn out not to be
log        ratios of two dates          ln(x): an error is a factor
=========  ===========================  ====================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

import numpy as np

from sim.scenario.schema import INTERNET_USERS, MEMBERS, Observed

type Array = np.ndarray[Any, np.dtype[np.float64]]

NODES: Array = np.array([NormalDist().inv_cdf((i + 0.5) / 21) for i in range(21)])
"""Errors in standard deviations: the middles of 21 equal parts of a normal distribution."""
SMALL_GAIN = 0.05
"""Increment below which an error is an amount rather than a factor (assumption) [1]."""
EDGE = 0.02
"""Shares nearer to 0 or 1 count as if so far away: no meter of use is finer (assumption) [1]."""


@dataclass(frozen=True)
class Scale:
    """A scale and its inverse.

    Attributes
    ----------
    name : str
    forward, back, slope : callable
        To the scale, from it, and its derivative, of arrays of any shape.
    """

    name: str
    forward: Callable[[Array], Array]
    back: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def _inside(x: Array) -> Array:
    return np.clip(x, EDGE, 1.0 - EDGE)


SCALES: Mapping[str, Scale] = MappingProxyType(
    {
        "logit": Scale(
            "logit",
            lambda x: np.log(_inside(x) / (1.0 - _inside(x))),
            lambda z: 1.0 / (1.0 + np.exp(-z)),
            lambda x: 1.0 / (_inside(x) * (1.0 - _inside(x))),
        ),
        "asinh": Scale(
            "asinh",
            lambda x: np.arcsinh(x / SMALL_GAIN),
            lambda z: SMALL_GAIN * np.sinh(z),
            lambda x: 1.0 / np.hypot(x, SMALL_GAIN),
        ),
        "log": Scale(
            "log",
            lambda x: np.log(np.maximum(x, EDGE)),
            np.exp,
            lambda x: 1.0 / np.maximum(x, EDGE),
        ),
    }
)
SCALE_OF: Mapping[str, str] = MappingProxyType(
    {"kept": "logit", "gained": "asinh", "vpn": "asinh", "ratio": "log", "contact": "logit"}
)
"""The scale of each kind of error: what hit platforms keep, what others gain, the rise of VPNs, ratios of two dates,
and shares of a group that lose contact."""

ESTIMATED = ("kept", "gained", "vpn", "ratio")
"""Kinds of error that the record measures."""


def error_kind(seen: Observed) -> str:
    """Return which kind of error a figure has: a key of `SCALE_OF`; empty where none has been measured."""
    if seen.kind in ("gained", "speed"):
        return "gained"
    if seen.kind == "vpn" and seen.of == INTERNET_USERS:
        return "vpn"
    if seen.kind in ("kept", "return", "decay"):
        return "ratio" if seen.reference_day is not None else "kept"
    return "contact" if seen.kind == "contact" and seen.of == MEMBERS else ""


def widened(values: Array, sd: float, kind: str, nodes: Array, before: float | Array = 0.0) -> Array:
    """Return what values may turn out to be with the model's error, shape (..., nodes).

    Where a value lies beyond the edge of its scale, the error is that of the edge, taken from the value: a share of
    exactly 0 or 1 stays.

    Parameters
    ----------
    values : numpy.ndarray
        What the model says [1].
    sd : float
        Standard deviation of the error on the scale of the kind.
    kind : str
        A key of `SCALE_OF`.
    nodes : numpy.ndarray, shape (nodes,)
        Errors in standard deviations.
    before : float or numpy.ndarray
        What an increment comes on top of, so that its error is that of the increment [1].
    """
    known = np.asarray(values, dtype=np.float64)[..., None] - np.asarray(before)[..., None]
    scale = SCALES[SCALE_OF[kind]]
    if scale.name == "logit":
        share = np.clip(known, 0.0, 1.0)
        odds = np.divide(share, 1.0 - share, out=np.full_like(share, np.inf), where=share < 1.0) * np.exp(sd * nodes)
        result = np.where(np.isinf(odds), 1.0, odds / (1.0 + np.where(np.isinf(odds), 0.0, odds)))
        return np.asarray(np.where(known > 1.0, known, result))  # more than before is not a share of it
    moved = scale.back(scale.forward(known) + sd * nodes)
    return np.asarray(np.asarray(before)[..., None] + moved)

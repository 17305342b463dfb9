"""Random numbers of the reference model, in plain Python."""

from __future__ import annotations

import math
from functools import lru_cache

from sim.chance import Purpose
from sim.chance import uniform_plain as drawn

__all__ = ["DAILY", "normal", "uniform_plain"]

uniform_plain = lru_cache(maxsize=100_000)(drawn)
"""What is drawn once in a life is asked for at every look."""

DAILY = (
    Purpose.REVIEW, Purpose.LAPSE, Purpose.RETURN, Purpose.JOIN, Purpose.FATIGUE, Purpose.PUSH,
    Purpose.AWARE, Purpose.FIND, Purpose.DROP, Purpose.TRIAL, Purpose.SETTLE,
)  # fmt: skip
"""Draws that are made again each day; all others are made once per person."""


def normal(key: int, person: int, item: int = 0) -> float:
    """Return a standard normal number (Box and Muller 1958)."""
    u = 1.0 - uniform_plain(key, person, 2 * item)
    v = uniform_plain(key, person, 2 * item + 1)
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)

"""Trends that states see: platforms and firms rise and fall, and economies grow at different rates.

The logarithm of each is a random walk with one step a month and the spread from the tables of facts. The use of the
simulated people changes by policies alone; in what states see, the walk is added to it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.arm import StatesArm
from sim.behaviour.standing import rivals, situation
from sim.chance import Purpose, normal_of, stream

MONTH = 30
"""Days from one step to the next [days]."""


class Moved(NamedTuple):
    """By how much the world has moved since the first day.

    Attributes
    ----------
    size : numpy.ndarray, shape (targets,)
        Of each target: the odds that somebody uses it, and what it earns [log].
    product : numpy.ndarray, shape (states,)
        Of each economy [log].
    """

    size: np.ndarray
    product: np.ndarray


def moved(model: StatesArm) -> Moved:
    """Return by how much the world has moved until today; a function of the seed and the months since the first day."""
    s, q = situation(model), model.setting.parameters
    month = max(0, model.day) // MONTH
    known = model.ledger.trend
    if known is None:
        known = 0, np.zeros(len(s.targets)), np.zeros(len(s.states))
    done, size, product = known
    if done < month:
        size, product = size.copy(), product.copy()
        steps = tuple(q[name] * math.sqrt(MONTH / 365.25) for name in ("trend.targets", "trend.economies"))
        for k in range(done + 1, month + 1):
            key = stream(model.member_seed, Purpose.TREND, k)
            size += steps[0] * np.array([normal_of(key, j, 0) for j in range(size.size)])
            product += steps[1] * np.array([normal_of(key, size.size + i, 0) for i in range(product.size)])
    model.ledger.trend = month, size, product
    return Moved(size, product)


def rivals_today(model: StatesArm) -> np.ndarray:
    """Return how far each state sees another as a rival today [1]: a rival whose economy catches up is more of one."""
    s, product = situation(model), moved(model).product
    return np.asarray(rivals(model) * _size(s.product * np.exp(product)) / _size(s.product))


def _size(product: np.ndarray) -> np.ndarray:
    """Return the size of each economy beside each other [1], 1 for an equal or a larger one, shape (states, states)."""
    return np.asarray(np.minimum(1.0, 2.0 * product[None, :] / (product[None, :] + product[:, None])))

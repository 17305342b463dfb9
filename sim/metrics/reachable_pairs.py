"""Reach each other over the carriers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Reach each other over the carriers",
    "share",
    ("state", "partner"),
    "Share of the pairs of people, one in each state, who are on a network and whose carriers have a valley-free route "
    "to each other.",
    form="share",
    follows="routes",
)
def reachable_pairs(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (states, states); 1 while nothing is cut."""
    return arm.routes_reach

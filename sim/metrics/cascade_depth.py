"""Longest chain of policies that the state began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Longest chain of policies that the state began",
    "policies",
    ("state",),
    "Length of the longest chain in which each policy answers or copies the one before; 0 where nobody followed.",
    kind="total",
    form="index",
)
def cascade_depth(arm: ArmDay) -> np.ndarray:
    """Return the policies, shape (states,)."""
    return arm.cascades[1]

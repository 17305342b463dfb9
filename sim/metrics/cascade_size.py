"""Policies that followed from those the state began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Policies that followed from those the state began",
    "policies",
    ("state",),
    "Decided policies that answer or copy, directly or through others, a policy that the state began.",
    kind="total",
    form="index",
)
def cascade_size(arm: ArmDay) -> np.ndarray:
    """Return the policies, shape (states,)."""
    return arm.cascades[0]

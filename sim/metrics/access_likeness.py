"""Likeness of access between two states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Likeness of access between two states",
    "share",
    ("state", "partner"),
    "Of what people of either state get without effort, weighted by the platforms' users, the share that both get.",
    form="share",
    follows="access",
)
def access_likeness(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (states, states)."""
    return arm.likeness

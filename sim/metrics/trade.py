"""Spent on platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Spent on platforms",
    "US$ a day",
    ("state", "platform"),
    "What everybody spends on a platform. What people no longer spend on one goes in part to others that they use, the "
    "more to those that are used more and are of a close kind; nobody spends more than before.",
    form="money",
    follows="people",
)
def trade(arm: ArmDay) -> np.ndarray:
    """Return the dollars of today, shape (states, platforms)."""
    return arm.spent

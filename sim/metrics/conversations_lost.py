"""Conversations with family abroad that had no channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Conversations with family abroad that had no channel",
    "conversations",
    ("group",),
    "Conversations a day that ties without a channel would have carried at their usual frequency.",
    follows="people",
)
def conversations_lost(arm: ArmDay) -> np.ndarray:
    """Return the conversations of today, shape (groups,)."""
    return arm.contact.silent * arm.weight

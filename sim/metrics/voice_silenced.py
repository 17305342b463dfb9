"""Accounts and content silenced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Accounts and content silenced",
    "share",
    ("state", "platform"),
    "Share of accounts and content that the platform keeps from the state's people, by removal and by obedience.",
    form="share",
    follows="people",
)
def voice_silenced(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (states, platforms)."""
    return arm.access.silenced

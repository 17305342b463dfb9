"""People who used the platform that day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "People who used the platform that day",
    "persons",
    ("state", "platform"),
    "Expected number of people who used the platform that day and could.",
    follows="people",
)
def active_users(arm: ArmDay) -> np.ndarray:
    """Return the people, shape (states, platforms)."""
    return arm.active

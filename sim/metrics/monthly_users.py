"""People who use the platform and can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "People who use the platform and can",
    "persons",
    ("state", "platform"),
    "People who hold the platform and reach it, directly or by VPN.",
    follows="people",
)
def monthly_users(arm: ArmDay) -> np.ndarray:
    """Return the people, shape (states, platforms)."""
    return arm.members

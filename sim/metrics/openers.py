"""People who opened the app that day, working or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "People who opened the app that day, working or not",
    "persons",
    ("state", "platform"),
    "Active users and those who still open an app that no longer works.",
    follows="people",
)
def openers(arm: ArmDay) -> np.ndarray:
    """Return the people, shape (states, platforms)."""
    return arm.active + arm.by_state(arm.counts.dead) * arm.stickiness

"""People who used the platform in a week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "People who used the platform in a week",
    "persons",
    ("state", "platform"),
    "Expected number of people who use the platform at least once in seven days like this one.",
    follows="people",
)
def weekly_users(arm: ArmDay) -> np.ndarray:
    """Return the people, shape (states, platforms)."""
    return arm.expected(arm.counts.week)

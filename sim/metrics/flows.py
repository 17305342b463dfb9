"""People who turned from one platform to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "People who turned from one platform to another",
    "persons",
    ("state", "source", "platform"),
    "People who joined the platform because they lost, or feared to lose, the source platform.",
    kind="total",
)
def flows(arm: ArmDay) -> np.ndarray:
    """Return the people, shape (states, platforms, platforms)."""
    return arm.by_state(arm.counts.flows)

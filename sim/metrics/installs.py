"""Installs and updates a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Installs and updates a day",
    "persons",
    ("state", "platform"),
    "Expected new installs that day: replaced phones, people who join, and the rush before a ban.",
    summed="installs",
    follows="people",
)
def installs(arm: ArmDay) -> np.ndarray:
    """Return the installs of today, shape (states, platforms)."""
    replaced = arm.parameters["delisting.loss_rate"]
    return arm.members * (replaced + arm.access.rush) * arm.installable + arm.by_state(arm.counts.joined)

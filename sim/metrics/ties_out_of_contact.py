"""Kin ties abroad out of contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Kin ties abroad out of contact",
    "ties",
    ("group",),
    "Kin ties abroad with a channel that day in the baseline arm and none in this one.",
    follows="people",
)
def ties_out_of_contact(arm: ArmDay) -> np.ndarray:
    """Return the ties, shape (groups,)."""
    return arm.contact.out * arm.weight

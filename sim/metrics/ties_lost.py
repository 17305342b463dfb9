"""Kin ties abroad out of contact for 30 days or more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Kin ties abroad out of contact for 30 days or more",
    "ties",
    ("group",),
    "Kin ties abroad that have been out of contact for 30 days in a row or more.",
    follows="people",
)
def ties_lost(arm: ArmDay) -> np.ndarray:
    """Return the ties, shape (groups,)."""
    return arm.contact.lost * arm.weight

"""Kin ties abroad that have been out of contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Kin ties abroad that have been out of contact",
    "ties",
    ("group",),
    "Kin ties abroad that have been out of contact on some day so far, running total.",
    form="index",
    follows="people",
    running=True,
)
def ties_ever_out(arm: ArmDay) -> np.ndarray:
    """Return the ties, shape (groups,)."""
    return arm.contact.ever * arm.weight

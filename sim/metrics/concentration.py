"""Concentration of use (Herfindahl index)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Concentration of use (Herfindahl index)",
    "index",
    ("state",),
    "Sum of squared shares of the state's daily active users over owners.",
    form="index",
    follows="people",
)
def concentration(arm: ArmDay) -> np.ndarray:
    """Return the index, shape (states,)."""
    from sim.metrics.use import concentration as herfindahl

    return herfindahl(arm.active, arm.owner)

"""Platforms of the world that a person can use without effort."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Platforms of the world that a person can use without effort",
    "share",
    ("state",),
    "Share of the world's platforms, by value, that a person in the state can use directly, at full speed "
    "and from the phone's store.",
    form="share",
    follows="access",
)
def openness(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (states,)."""
    from sim.metrics.value import open_share

    return open_share(arm.value_share, arm.access.reach, arm.mode_weights, arm.access.speed, arm.installable)

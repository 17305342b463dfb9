"""Platforms that people get less of than on the first day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Platforms that people get less of than on the first day",
    "platforms",
    ("state",),
    "Of the platforms with users anywhere, those that reach the state's people less, slower or not in its stores.",
    form="index",
    follows="access",
)
def platforms_restricted(arm: ArmDay) -> np.ndarray:
    """Return the platforms, shape (states,)."""
    used = arm.world_users > 0
    return (arm.usable < arm.first_usable)[:, used].sum(axis=1).astype(float)

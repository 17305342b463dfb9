"""Bloc of the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Bloc of the state",
    "number of its first member",
    ("state",),
    "States whose access to platforms is alike on average (average linkage); those with one number share a bloc.",
    form="index",
    follows="access",
)
def bloc(arm: ArmDay) -> np.ndarray:
    """Return the number of the first member of each state's bloc, shape (states,)."""
    return arm.bloc.astype(float)

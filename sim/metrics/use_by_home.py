"""Use of platforms by their home state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Use of platforms by their home state",
    "persons",
    ("state", "partner"),
    "Active users in the state of platforms whose home is the partner state.",
    follows="people",
)
def use_by_home(arm: ArmDay) -> np.ndarray:
    """Return the people, shape (states, states)."""
    from sim.metrics.use import by_home

    return by_home(arm.active, arm.home, len(arm.states))

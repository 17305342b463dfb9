"""Revenue of platforms, by the home state of the platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Revenue of platforms, by home state",
    "US$ a day",
    ("state", "partner"),
    "Revenue of platforms in the state, of platforms whose home is the partner state on that day.",
    form="money",
    follows="people",
)
def revenue_by_home(arm: ArmDay) -> np.ndarray:
    """Return the table of today, shape (states, states)."""
    from sim.metrics.budget import per_home, settled

    return settled(per_home(arm.revenue, arm.home, len(arm.states)))

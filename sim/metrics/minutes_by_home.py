"""Minutes of use, by the home state of the platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Minutes of use, by home state",
    "minutes a day",
    ("state", "partner"),
    "Minutes of use in the state, of platforms whose home is the partner state on that day.",
    form="count",
    follows="people",
)
def minutes_by_home(arm: ArmDay) -> np.ndarray:
    """Return the table of today, shape (states, states)."""
    from sim.metrics.budget import per_home, settled

    return settled(per_home(arm.minutes, arm.home, len(arm.states)))

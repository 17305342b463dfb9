"""Revenue of platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Revenue of platforms",
    "US$ a day",
    ("state", "platform"),
    "What a platform earns with its users in the state: from advertisers in step with the minutes, where no platform "
    "gains what no other in the state loses; for shops what buyers spend there.",
    form="money",
    follows="people",
)
def revenue(arm: ArmDay) -> np.ndarray:
    """Return the dollars of today, shape (states, platforms)."""
    from sim.metrics.budget import settled

    return settled(arm.revenue)

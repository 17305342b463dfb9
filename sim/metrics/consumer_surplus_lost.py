"""Consumer surplus lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Consumer surplus lost",
    "US dollars a day",
    ("state",),
    "Value of use foregone against the first day, at the feed's monthly value scaled by income.",
    form="money",
    follows="people",
)
def consumer_surplus_lost(arm: ArmDay) -> np.ndarray:
    """Return the dollars of today, shape (states,)."""
    from sim.metrics.use import surplus_lost

    return surplus_lost(arm.value_gained, arm.dollars_a_day, arm.income)

"""Sold by a state's sellers on platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Sold by a state's sellers on platforms",
    "US$ a day",
    ("state", "platform"),
    "What a state's sellers sell: less where they are barred, and in step with the use that the platform has left.",
    form="money",
    follows="people",
)
def sales(arm: ArmDay) -> np.ndarray:
    """Return the dollars of today, shape (states, platforms)."""
    import numpy as np

    whole = arm.world_users
    left = np.divide(arm.members.sum(axis=0), whole, out=np.ones_like(whole), where=whole > 0)
    return np.asarray(arm.trade.sold * arm.access.sell * np.minimum(1.0, left))

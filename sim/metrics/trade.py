"""Spent on platforms by their first users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Spent on platforms by their first users",
    "US$ a day",
    ("state", "platform"),
    "What the people who used a platform on the first day still spend there; what they move to rivals is in flows.",
    form="money",
    follows="people",
)
def trade(arm: ArmDay) -> np.ndarray:
    """Return the dollars of today, shape (states, platforms)."""
    import numpy as np

    return np.asarray(np.minimum(arm.members, arm.first_users) * arm.trade.spent)

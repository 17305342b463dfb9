"""Can pay on a platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Can pay on a platform",
    "persons",
    ("state", "platform"),
    "People who use a platform with payments, where these work.",
    follows="people",
)
def payment_users(arm: ArmDay) -> np.ndarray:
    """Return the people, shape (states, platforms)."""
    import numpy as np

    from sim.facts.model import MODES

    return np.where(arm.pays, arm.members * arm.access.reach[:, :, MODES.index("pay")], 0.0)

"""Days without any platform channel to the family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Days without any platform channel to the family",
    "person-days",
    ("group",),
    "People who lost every platform channel to their family, that day; the total is person-days.",
    follows="people",
)
def contact_days_lost(arm: ArmDay) -> np.ndarray:
    """Return the person-days of today, shape (groups,)."""
    return arm.contact.without * arm.weight

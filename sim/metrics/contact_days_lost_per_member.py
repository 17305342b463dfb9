"""Days without any platform channel, per member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Days without any platform channel, per member",
    "days",
    ("group",),
    "Days without any platform channel to the family so far, per person who has had one in the baseline.",
    follows="people",
    running=True,
)
def contact_days_lost_per_member(arm: ArmDay) -> np.ndarray:
    """Return the days so far, shape (groups,)."""
    from sim.metrics.family import share

    return share(arm.lost_so_far.days, arm.lost_so_far.had)

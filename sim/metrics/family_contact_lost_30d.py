"""Lost every platform channel for 30 days or more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Lost every platform channel for 30 days or more",
    "share",
    ("group",),
    "As family_contact_ever_lost, without any for 30 days in a row or more.",
    form="share",
    follows="people",
    running=True,
)
def family_contact_lost_30d(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (groups,)."""
    from sim.metrics.family import share

    return share(arm.lost_so_far.month, arm.lost_so_far.had)

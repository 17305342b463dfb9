"""Ever lost every platform channel to their family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Ever lost every platform channel to their family",
    "share",
    ("group",),
    "Of a group's people with a channel to kin abroad in the baseline, the share with none on some day so far.",
    form="share",
    follows="people",
    running=True,
)
def family_contact_ever_lost(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (groups,)."""
    from sim.metrics.family import share

    return share(arm.lost_so_far.ever, arm.lost_so_far.had)

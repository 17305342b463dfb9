"""Lost every platform channel to their family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Lost every platform channel to their family",
    "share",
    ("group",),
    "Of a group's people with a kin tie abroad that has a channel that day in the baseline, the share with none.",
    form="share",
    follows="people",
)
def family_contact_lost(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (groups,)."""
    from sim.metrics.family import share

    return share(arm.contact.without, arm.contact.members)

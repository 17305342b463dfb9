"""Lost every channel to their family, telephone included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Lost every channel to their family, telephone included",
    "share",
    ("group",),
    "As family_contact_lost, but telephone, SMS and e-mail must fail too.",
    form="share",
    follows="people",
)
def family_contact_lost_entirely(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (groups,)."""
    from sim.metrics.family import share

    return share(arm.contact.entirely, arm.contact.members)

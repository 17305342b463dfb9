"""People who ever lost every platform channel to their family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "People who ever lost every platform channel to their family",
    "persons",
    ("group",),
    "family_contact_ever_lost in people; a diaspora counts its own end, a family group the families' end.",
    follows="people",
    running=True,
)
def family_contact_ever_lost_people(arm: ArmDay) -> np.ndarray:
    """Return the people so far, shape (groups,)."""
    return arm.lost_so_far.ever * arm.weight

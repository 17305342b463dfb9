"""People who lost every platform channel to their family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "People who lost every platform channel to their family",
    "persons",
    ("group",),
    "The same in people; a diaspora group counts its own end, a family group the families' end.",
    follows="people",
)
def family_contact_lost_people(arm: ArmDay) -> np.ndarray:
    """Return the people, shape (groups,)."""
    return arm.contact.without * arm.weight

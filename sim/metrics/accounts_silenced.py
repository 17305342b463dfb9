"""Accounts silenced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Accounts silenced",
    "persons",
    ("state",),
    "Monthly users whose accounts would be silenced at the platforms' shares, over all platforms.",
    follows="people",
)
def accounts_silenced(arm: ArmDay) -> np.ndarray:
    """Return the people, shape (states,)."""
    import numpy as np

    return np.asarray((arm.access.silenced * arm.members).sum(axis=1))

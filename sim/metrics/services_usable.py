"""Services of the world that work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Services of the world that work",
    "share",
    ("state",),
    "Share of the services of the world, each counted by its users in all states, that a person in the state can use "
    "directly, at full speed and from the phone's store.",
    form="share",
    follows="access",
)
def services_usable(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (states,)."""
    from sim.metrics.connectivity import services_left

    return services_left(arm.usable, arm.world_users)

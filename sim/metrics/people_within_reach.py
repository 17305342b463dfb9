"""People abroad whom a person can reach on a platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "People abroad met on one platform",
    "share",
    ("state",),
    "Share of the people in the other states of the run who use the one messenger or network that joins most of them "
    "to a person in the state, where it works at both ends and a route joins them; a lower bound.",
    form="share",
    follows="people",
)
def people_within_reach(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (states,)."""
    from sim.metrics.connectivity import people_within_reach as share

    return share(arm.usable, arm.members, arm.routes_reach, arm.internet_users, arm.social)

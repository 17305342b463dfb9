"""Have a route to people abroad."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Have a route to people abroad",
    "share",
    ("state",),
    "Share of the people in the other states of the run to whom a person in the state has a route over the carriers.",
    form="share",
    follows="routes",
)
def reach_abroad(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (states,); 1 while nothing is cut."""
    from sim.metrics.connectivity import reach_abroad as share

    return share(arm.routes_reach, arm.internet_users)

"""Length of the routes abroad against the first day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Length of routes abroad, first day 1",
    "ratio",
    ("state",),
    "Mean number of carriers on the routes from the state to people abroad that are left, against the first day.",
    form="index",
    follows="routes",
)
def route_length(arm: ArmDay) -> np.ndarray:
    """Return the ratio, shape (states,); 1 while nothing is cut, NaN where no route is left."""
    import numpy as np

    from sim.metrics.connectivity import route_length as mean

    stretch = np.broadcast_to(arm.on_routes(lambda routes: routes.stretch), arm.routes_reach.shape)
    return mean(stretch, arm.routes_reach, arm.internet_users)

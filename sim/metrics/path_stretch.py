"""Length of routes against the first day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Length of routes against the first day",
    "ratio",
    ("state", "partner"),
    "Mean number of carriers on a route against the first day, over the pairs of people with a route on both days.",
    form="index",
    follows="routes",
)
def path_stretch(arm: ArmDay) -> np.ndarray | float:
    """Return the ratio, shape (states, states); 1 while nothing is cut."""
    return arm.on_routes(lambda routes: routes.stretch)

"""Capacity left at the border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Capacity left at the border",
    "share",
    ("state",),
    "Capacity of a state's links abroad that is left, against the first day.",
    form="share",
    follows="routes",
)
def border_capacity(arm: ArmDay) -> np.ndarray | float:
    """Return the share, shape (states,); 1 while nothing is cut."""
    return arm.on_routes(lambda routes: routes.capacity_left)

"""Load at the border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Load at the border",
    "ratio",
    ("state",),
    "Traffic per capacity at a state's border, against the first day.",
    form="index",
    follows="routes",
)
def border_load(arm: ArmDay) -> np.ndarray | float:
    """Return the ratio, shape (states,); 1 while nothing is cut."""
    return arm.on_routes(lambda routes: routes.load)

"""Reach each other at home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Reach each other at home",
    "share",
    ("state",),
    "Share of a state's people whom a person there reaches over the carriers.",
    form="share",
)
def domestic_reach(arm: ArmDay) -> np.ndarray | float:
    """Return the share, shape (states,); 1 while nothing is cut."""
    return arm.on_routes(lambda routes: routes.domestic_reach)

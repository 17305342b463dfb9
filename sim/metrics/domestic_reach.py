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
    "Share of the pairs of people in a state who are on a network and reach each other over the carriers.",
    form="share",
    follows="routes",
)
def domestic_reach(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (states,); 1 while nothing is cut."""
    import numpy as np

    return np.diag(arm.routes_reach)

"""Kin ties abroad that depend on a single platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Kin ties abroad that depend on a single platform",
    "share",
    ("group",),
    "Of the kin ties with a channel that day, the share with exactly one platform that works at both ends.",
    form="share",
    follows="people",
)
def fragile_ties(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (groups,)."""
    from sim.metrics.family import share

    return share(arm.contact.fragile, arm.contact.open)

"""Ties that came back, by the way they came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Ties that came back, by the way they came back",
    "ties",
    ("group", "way"),
    "Ties that regained a channel, running total, by the first way: access back, VPN, a substitute or a bridge.",
    form="index",
    follows="people",
    running=True,
)
def reconnected(arm: ArmDay) -> np.ndarray:
    """Return the ties, shape (groups, ways)."""
    return arm.contact.back * arm.weight[:, None]

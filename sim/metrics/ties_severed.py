"""Kin ties abroad without a channel in the run's last 90 days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay

WINDOW = 90
"""Days before the end that count [days]."""


@metric(
    "Kin ties abroad without a channel in the run's last 90 days",
    "ties",
    ("group",),
    "Ties out of contact on every one of the last 90 days; not defined for a run shorter than 90 days.",
    kind="total",
)
def ties_severed(arm: ArmDay) -> np.ndarray | float:
    """Return the ties, shape (groups,); NaN after a run shorter than the window."""
    if arm.days < WINDOW:
        return float("nan")
    return arm.contact.severed * arm.weight

"""Median time until a tie out of contact comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Median time until a tie out of contact comes back",
    "days",
    ("group",),
    "Kaplan-Meier median over ties, from the first day out of contact; ties still out at the end are "
    "censored; not defined where fewer than half have come back.",
    kind="total",
    form="index",
)
def days_to_reconnect(arm: ArmDay) -> np.ndarray:
    """Return the median, shape (groups,) [days]."""
    import numpy as np

    from sim.metrics.family import median_duration

    median = np.full(len(arm.groups), np.nan)
    out = arm.kin.first_out >= 0
    group, back = arm.kin.group[out], arm.kin.first_back[out]
    lasted = np.where(back >= 0, back, arm.days) - arm.kin.first_out[out]
    for g in np.unique(group):
        here = (group == g).any(axis=1)
        median[g] = median_duration(lasted[here], back[here] >= 0)
    return median

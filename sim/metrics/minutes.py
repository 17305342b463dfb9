"""Minutes of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Minutes of use",
    "minutes a day",
    ("state", "platform"),
    "Time that people spend on a platform in a day, within a budget: part of the time that other platforms lose goes "
    "nowhere, part to what people use already, part to what they newly use; nobody has more minutes than before.",
    form="count",
    follows="people",
)
def minutes(arm: ArmDay) -> np.ndarray:
    """Return the minutes of today, shape (states, platforms)."""
    from sim.metrics.budget import settled

    return settled(arm.minutes)

"""Kin ties between two states that have a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Kin ties between two states that have a channel",
    "ties",
    ("state", "partner"),
    "Kin ties between the two states that have a channel that day; a tie without any on the first day counts only "
    "through what law has opened since. Counted once, in both directions of the matrix.",
    follows="people",
    pairs_once=True,
)
def cross_border_contact(arm: ArmDay) -> np.ndarray:
    """Return the ties, shape (states, states)."""
    return arm.kin_in_contact

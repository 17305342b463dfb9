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
    "Kin ties between the two states that have a channel that day; counted once, in both directions of the matrix.",
    follows="people",
    pairs_once=True,
)
def cross_border_contact(arm: ArmDay) -> np.ndarray:
    """Return the ties, shape (states, states)."""
    from sim.metrics.family import pair_matrix

    return pair_matrix(arm.contact.open, arm.weight, arm.state, arm.partner, arm.diaspora, len(arm.states))

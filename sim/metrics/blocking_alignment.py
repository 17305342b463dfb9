"""Likeness of what two states block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay

MOST = 0.5
"""A platform counts as blocked where at most this share of the people gets it without effort [1]."""


@metric(
    "Likeness of what two states block",
    "share",
    ("state", "partner"),
    "Of the platforms that either state keeps most of its people from, the share that both do (Jaccard).",
    form="share",
    follows="access",
)
def blocking_alignment(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (states, states)."""
    from sim.metrics.blocs import blocking_alignment as alignment

    used = arm.world_users > 0  # a platform that nobody uses anywhere does not count
    return alignment((arm.usable <= MOST)[:, used])

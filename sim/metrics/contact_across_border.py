"""Kin pairs across a state's border who are in contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Pairs of kin abroad in contact",
    "ties",
    ("state",),
    "Pairs of kin, one in the state and one abroad, who have a channel that day; a pair counts once, by whatever "
    "channels, and one without any on the first day counts only through what law has opened since.",
    form="index",
    follows="people",
)
def contact_across_border(arm: ArmDay) -> np.ndarray:
    """Return the pairs, shape (states,); NaN where none was simulated."""
    import numpy as np

    missing = np.isnan(arm.kin_in_contact)
    pairs = np.where(missing, 0.0, arm.kin_in_contact).sum(axis=1)
    pairs[missing.all(axis=1)] = np.nan
    return pairs

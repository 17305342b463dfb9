"""iPhone sales that depend on a platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "iPhone sales that depend on a platform",
    "share",
    ("platform",),
    "Share of iPhone sales to people who used a platform that the App Store there no longer has while "
    "another store does, times the share who would rather change phones.",
    form="share",
    follows="people",
)
def handset_sales_at_stake(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (platforms,)."""
    import numpy as np

    from sim.facts.model import DEVICES

    apple, android = (arm.access.install[:, :, at] for at in range(len(DEVICES)))
    depend = arm.on_apples_store * np.maximum(0.0, android - apple) * arm.first_users
    depend /= arm.internet_users[:, None]
    return np.asarray(arm.trade.handsets @ depend * arm.parameters["dependence.switch_share"])

"""People with a VPN that can open blocked services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "People with a VPN that can open blocked services",
    "persons",
    ("state",),
    "Internet users who hold a VPN or a like tool.",
    follows="people",
)
def vpn_users(arm: ArmDay) -> np.ndarray:
    """Return the people, shape (states,)."""
    return arm.by_state(arm.counts.vpn) * arm.access.vpn_open

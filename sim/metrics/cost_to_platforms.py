"""Cost of complying."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Cost of complying",
    "US$ a day",
    ("state", "platform"),
    "What policies make platforms spend, such as a move to another cloud.",
    form="money",
    follows="people",
)
def cost_to_platforms(arm: ArmDay) -> np.ndarray:
    """Return the dollars of today, shape (states, platforms)."""
    import numpy as np

    from sim.policies import load

    total = np.zeros_like(arm.members)
    for policy, days in arm.docket.in_force:
        total += load(policy.instrument).cost(policy, days, arm.members, arm.setting)
    return total

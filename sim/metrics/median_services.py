"""What the median person's own services still give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric(
    "Own services that work",
    "share",
    ("state",),
    "Share of the services of the first day, each counted by its users in the state, that still work for the median "
    "person there: a mode that reaches fewer than half of the people does not, a slow service counts in part.",
    form="share",
    follows="access",
)
def median_services(arm: ArmDay) -> np.ndarray:
    """Return the share, shape (states,); NaN where nothing is used."""
    import numpy as np

    from sim.metrics.connectivity import LIKE_HALF, services_left

    access, modes = arm.access, arm.setting.has_modes
    works = ((access.reach >= LIKE_HALF) & (modes > 0)).sum(axis=2) / np.maximum(modes.sum(axis=1), 1)
    return services_left(works * access.speed, arm.first_users)

"""Effective number of internets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    from sim.metrics.arm_day import ArmDay


@metric(
    "Effective number of internets",
    "internets",
    (),
    "1 / the sum of squared bloc sizes in internet users: 1 for one Internet, k for k blocs of equal size.",
    form="index",
    follows="access",
)
def effective_internets(arm: ArmDay) -> float:
    """Return the number, a scalar, shape ()."""
    from sim.metrics.blocs import effective_internets as number

    return number(arm.bloc, arm.internet_users)

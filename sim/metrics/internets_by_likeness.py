"""Effective number of internets, without a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    from sim.metrics.arm_day import ArmDay


@metric(
    "Effective number of internets, without a threshold",
    "internets",
    (),
    "The inverse of how alike the access of two internet users drawn at random is (Leinster & Cobbold 2012).",
    form="index",
    follows="access",
)
def internets_by_likeness(arm: ArmDay) -> float:
    """Return the number, a scalar, shape ()."""
    from sim.metrics.blocs import internets_by_likeness as number

    return number(arm.likeness, arm.internet_users)

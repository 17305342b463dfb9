"""Internets: how many there are, and which states share one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.actors import statecraft
from sim.metrics.metric import metric

if TYPE_CHECKING:
    import numpy as np

    from sim.metrics.arm_day import ArmDay


@metric("Effective number of internets", "internets", (), form="index", follows="access")
def effective_internets(arm: ArmDay) -> float:
    """1 / the sum of squared bloc sizes in internet users: 1 for one Internet, k for k blocs of equal size."""
    return statecraft.effective_internets(arm.bloc, arm.internet_users)


@metric("Effective number of internets, without a threshold", "internets", (), form="index", follows="access")
def internets_by_likeness(arm: ArmDay) -> float:
    """The inverse of how alike the access of two internet users drawn at random is (Leinster & Cobbold 2012)."""
    return statecraft.internets_by_likeness(arm.likeness, arm.internet_users)


@metric("Bloc of the state", "number of its first member", ("state",), form="index", follows="access")
def bloc(arm: ArmDay) -> np.ndarray:
    """States whose access to platforms is alike on average (average linkage); those with one number share a bloc."""
    return arm.bloc.astype(float)


@metric("Likeness of access between two states", "share", ("state", "partner"), form="share", follows="access")
def access_likeness(arm: ArmDay) -> np.ndarray:
    """Of what people of either state get without effort, weighted by the platforms' users, the share that both get."""
    return arm.likeness

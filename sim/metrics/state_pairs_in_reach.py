"""Pairs of states that reach each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.metric import metric

if TYPE_CHECKING:
    from sim.metrics.arm_day import ArmDay


@metric(
    "Pairs of states that reach each other",
    "pairs",
    (),
    "Pairs of states of the run with a route to each other; a pair of which some people have none counts in part.",
    form="index",
    follows="routes",
)
def state_pairs_in_reach(arm: ArmDay) -> float:
    """Return the number of pairs, a scalar, shape ()."""
    from sim.metrics.connectivity import pairs_of_states

    return pairs_of_states(arm.routes_reach)

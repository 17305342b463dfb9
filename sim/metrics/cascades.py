"""Cascades of what was decided: who began what, and what followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim import policies
from sim.decisions import Decision
from sim.metrics.blocs import cascades

if TYPE_CHECKING:
    from sim.arm import Arm

OF_PLATFORMS = ("platforms", "scenario")
"""What platforms answer, and what a scenario has settled for them: no policies of states."""


def causes(decisions: list[Decision]) -> dict[str, str]:
    """Return each policy's id -> the id of the policy that it answers or copies; empty for a first one.

    What ends a policy does not count; a decision without a policy goes by state, target and day.
    """
    found: dict[str, str] = {}
    for d in decisions:
        if d.behaviour in OF_PLATFORMS:
            continue
        if d.policy is not None and policies.keys(d.policy.instrument).HALTS:
            continue
        found[d.id] = d.cause
    return found


def cascades_by_state(model: Arm) -> tuple[np.ndarray, np.ndarray]:
    """Return how many policies follow from those that each state began, and the longest chain, shape (states,) each."""
    states = model.setting.states
    began = {p.id: p.by[0] for p in (*model.spec.policies, *model.decided)}
    began |= {d.id: d.who for d in model.decisions if d.policy is None and d.behaviour not in OF_PLATFORMS}
    size, depth = np.zeros(len(states)), np.zeros(len(states))
    for root, (followers, longest) in cascades(causes(model.decisions)).items():
        if root in began:
            i = states.index(began[root])
            size[i] += followers
            depth[i] = max(depth[i], longest)
    return size, depth

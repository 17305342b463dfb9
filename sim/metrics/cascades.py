"""Cascades of decisions: who began, and what followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.decisions import Decision, Dissolve, Grew, Leave, Lift, TakeOffice
from sim.metrics.blocs import cascades

if TYPE_CHECKING:
    from sim.arm import Arm

OF_PLATFORMS = ("platforms", "scenario")
"""What platforms answer, and what a scenario has settled for them: no policies of states."""
ENDS = (Lift, Leave, Dissolve)
"""What ends a policy or a membership."""


def causes(decisions: list[Decision]) -> dict[str, str]:
    """Return each policy's id -> the id of the policy that it answers or copies; empty for a first one.

    What ends something does not count. A new government and what rises in the world do not count either: the state
    that acts on them begins.
    A decision without a policy goes by state, target and day.
    """
    found: dict[str, str] = {}
    world = {d.id for d in decisions if isinstance(d.act, Grew | TakeOffice)}
    for d in decisions:
        if d.behaviour in OF_PLATFORMS or isinstance(d.act, ENDS) or d.id in world:
            continue
        first = d.cause in world or d.rests_on_fact
        found[d.id] = "" if first else d.cause
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

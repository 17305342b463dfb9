"""The names of facts that decisions follow from: ``fact:TABLE:KEY/KEY``, a row of a table in ``sim/facts``."""

from __future__ import annotations

from sim.arm import StatesArm
from sim.behaviour.standing import situation
from sim.decisions import FACT


def fact_of_reason(model: StatesArm, state: int, target: int, reason: str) -> str:
    """Return the fact on which a reason to fear a target rests: its users in the state, or its firm."""
    s = situation(model)
    found = s.targets[target]
    if reason == "popularity" and found.platform >= 0:
        return f"{FACT}penetration:{s.states[state]}/{found.name}"
    if reason == "popularity":
        return f"{FACT}presence:{found.owner}/{found.sector}/{s.states[state]}"
    return f"{FACT}firms:{found.owner}"


def fact_of_state(code: str) -> str:
    """Return the fact of a state's economy."""
    return f"{FACT}states:{code}"


def fact_of_regime(code: str) -> str:
    """Return the fact of how free a state is, and so how often its governments change."""
    return f"{FACT}regimes:{code}"

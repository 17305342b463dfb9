"""Stances of governments: how ready they are to act, what they tolerate, and what they can afford."""

from __future__ import annotations

import numpy as np

from sim.arm import StatesArm
from sim.behaviour.standing import situation
from sim.ledger import Government


def government(model: StatesArm, state: int) -> Government:
    """Return the government of a state today."""
    return model.ledger.stances.governments.get(state, Government())


def readiness(model: StatesArm) -> np.ndarray:
    """Return how ready to act each government is, against that of the first day [1], shape (states,)."""
    return np.array([government(model, i).readiness for i in range(len(situation(model).states))])


def tolerated(model: StatesArm, score: np.ndarray) -> np.ndarray:
    """Return the score from which each state acts on each target [1], shape (states, targets).

    The conditions of the first day are no new reason to act: a state acts on a score that exceeds them by a margin.
    ``targets.accustomed`` says how far this goes; at 0 a state acts on all that is above ``targets.threshold``.

    Parameters
    ----------
    model : StatesArm
    score : numpy.ndarray, shape (states, targets)
        Fear less cost today; remembered when it is the first.
    """
    stances, q = model.ledger.stances, model.setting.parameters
    if stances.tolerated is None:
        above = np.maximum(0.0, score + q["targets.margin"] - q["targets.threshold"])
        stances.tolerated = q["targets.threshold"] + q["targets.accustomed"] * above
    return stances.tolerated


def put_up_with(model: StatesArm, state: int, targets: tuple[int, ...], score: np.ndarray) -> None:
    """Let a state that gives up a policy put up with its targets until they are feared by a margin more."""
    bar = tolerated(model, score)
    for j in targets:
        bar[state, j] = max(bar[state, j], float(score[state, j]) + model.setting.parameters["targets.margin"])


def can_afford(model: StatesArm, state: int, cost: float) -> bool:
    """Return whether a government has the political capital for a policy of some cost, and how far it is spent."""
    return _spent(model, state) + _price(model, cost) <= 1.0


def spend(model: StatesArm, state: int, cost: float) -> None:
    """Let a government pay for a policy with political capital, which comes back with time."""
    model.ledger.stances.spent[state] = (_spent(model, state) + _price(model, cost), model.day)


def _price(model: StatesArm, cost: float) -> float:
    """Return the part of a government's political capital that a policy takes [1]; dearer where it costs its people."""
    return model.setting.parameters["capital.price"] * (1.0 + max(0.0, cost))


def _spent(model: StatesArm, state: int) -> float:
    """Return the political capital that is spent and has not come back yet [1]."""
    spent, day = model.ledger.stances.spent.get(state, (0.0, 0))
    return max(0.0, spent - (model.day - day) / model.setting.parameters["capital.recovery_days"])

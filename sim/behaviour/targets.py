"""Each month a state weighs every foreign platform and firm, and may act against the one it fears most.

Three reasons, as the offensive of 2020 shows: economic rivalry, technology that it cannot soon match, popularity;
against the political cost: its own users, its diaspora, its own firms exposed abroad.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arm import StatesArm
from sim.behaviour.repertoire import strike
from sim.behaviour.standing import off_limits, rivals, situation, users_today
from sim.chance import Purpose, stream, uniform_plain
from sim.decisions import Decision, FirstStrike
from sim.mechanisms.statecraft import REASONS, fear, political_cost

SUMMARY = "States choose whom to ban: economy, technology and popularity against the political cost."
EVERY_DAYS = 30


class Weighed(NamedTuple):
    """What states make of each target, shape (states, targets): fear, cost, and the number of the leading reason."""

    fear: np.ndarray
    cost: np.ndarray
    reason: np.ndarray

    @property
    def score(self) -> np.ndarray:
        """Fear less cost."""
        return np.asarray(self.fear - self.cost)


def weigh(model: StatesArm) -> Weighed:
    """Return what every state makes of every target today; nothing is feared at home."""
    s, q = situation(model), model.setting.parameters
    users, home = users_today(model), s.home
    weights = q["targets.weight_economy"], q["targets.weight_technology"], q["targets.weight_popularity"]
    feared, reason = fear(s.reasons(users), weights, rivals(model)[:, home])
    at_home = s.users[home, np.arange(len(s.targets))]
    diaspora = s.migrants[:, home] * at_home[None, :] * s.talks[None, :]
    costs = q["targets.cost_users"], q["targets.cost_diaspora"], q["targets.cost_exposure"]
    cost = political_cost(users * s.worth[None, :], diaspora, exposure(model)[:, home], costs)
    return Weighed(feared, cost, reason)


def exposure(model: StatesArm) -> np.ndarray:
    """Return how exposed each state is to each other [1], shape (states, states).

    The larger of the share of its own firms' revenue that stands there, and of its trade.
    """
    s = situation(model)
    here = s.users * s.people[:, None]
    world = here.sum(axis=0)
    part = np.divide(here, world, out=np.zeros_like(here), where=world > 0) * s.revenue
    out = np.zeros((len(s.states), len(s.states)))
    for i in range(len(s.states)):
        mine = s.home == i
        total = float(s.revenue[mine].sum())
        out[i] = part[:, mine].sum(axis=1) / total if total > 0 else 0.0
    return np.asarray(np.maximum(out, s.trade))


def act(model: StatesArm) -> list[Decision]:
    """Let every government that takes up a case this month act against the target it fears most, if enough."""
    s, q = situation(model), model.setting.parameters
    weighed = weigh(model)
    score = np.where(off_limits(model), -np.inf, weighed.score)
    key = stream(model.member_seed, Purpose.TARGETS, model.day)
    found = []
    for i in np.flatnonzero(s.decides):
        j = int(score[i].argmax())
        if uniform_plain(key, int(i)) >= q["targets.attention"] or score[i, j] < q["targets.threshold"]:
            continue
        parts = {name: float(value[i, j]) for name, value in zip(REASONS, s.reasons(users_today(model)), strict=True)}
        scores = parts | {"fear": float(weighed.fear[i, j]), "cost": float(weighed.cost[i, j])}
        why = FirstStrike(REASONS[weighed.reason[i, j]])
        notice = int(q["targets.notice_days"])
        found.append(strike(model, int(i), j, "targets", notice=notice, reason=why, cause="", scores=scores))
    return found

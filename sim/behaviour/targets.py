"""Each month a state scores every foreign platform and firm, and may act against one that it fears more than before.

There are three reasons, as the offensive of 2020 shows: economic rivalry, technology that it cannot soon match, and
popularity. Against them stands the political cost: the state's own users, its diaspora, its own firms exposed abroad,
and what it already suffers for earlier policies. The conditions of the first day are no reason to act: a state acts if
a firm grows, a rival catches up, or a new government is readier to act.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.arm import StatesArm
from sim.behaviour.causes import fact_of_reason, fact_of_state
from sim.behaviour.repertoire import strike
from sim.behaviour.stances import can_afford, government, readiness, spend, tolerated
from sim.behaviour.standing import banned, harms, off_limits, situation, users_today
from sim.behaviour.trend import moved, rivals_today
from sim.chance import Purpose, stream, uniform_plain
from sim.decisions import Aim, Decision, FirstStrike, Grew, Trend
from sim.mechanisms.statecraft import REASONS, Reasons, contest_moved, fear, grown, political_cost

SUMMARY = "States choose whom to ban: economy, technology and popularity against the political cost."
EVERY_DAYS = 30


class Weighed(NamedTuple):
    """What states make of each target, shape (states, targets)."""

    fear: np.ndarray
    cost: np.ndarray
    reason: np.ndarray
    """Number of the leading reason."""
    reasons: Reasons
    rival: np.ndarray
    """Rivalry with the target's home [1]."""
    ready: np.ndarray
    """How ready to act each government is [1], shape (states,)."""

    @property
    def score(self) -> np.ndarray:
        """Fear minus cost."""
        return np.asarray(self.fear - self.cost)


def weigh(model: StatesArm, *, as_if_open: bool = False) -> Weighed:
    """Return the scores that every state gives to every target today; a state does not fear its own firms.

    Parameters
    ----------
    model : StatesArm
    as_if_open : bool
        Whether to ignore the states' own policies and use the users of the first day.
    """
    s, q, here = situation(model), model.setting.parameters, moved(model)
    users, home = grown(s.users if as_if_open else users_today(model), here.size), s.home
    reasons = reasons_today(model, users)
    weights = q["targets.weight_economy"], q["targets.weight_technology"], q["targets.weight_popularity"]
    rival, ready = rivals_today(model)[:, home], readiness(model)
    feared, reason = fear(reasons, weights, rival)
    at_home = s.users[home, np.arange(len(s.targets))]
    diaspora = s.migrants[:, home] * at_home[None, :] * s.talks[None, :]
    costs = q["targets.cost_users"], q["targets.cost_diaspora"], q["targets.cost_exposure"]
    cost = political_cost(users * s.worth[None, :], diaspora, exposure(model)[:, home], costs)
    cost = cost + q["targets.cost_answers"] * answered(model)[:, home]
    return Weighed(feared * ready[:, None], cost, reason, reasons, rival, ready)


def reasons_today(model: StatesArm, users: np.ndarray) -> Reasons:
    """Return the three reasons to fear each target today [1], shape (states, targets).

    Parameters
    ----------
    users : numpy.ndarray, shape (states, targets)
        Share of each state's people who use each target [1].
    """
    s, here = situation(model), moved(model)
    economy = np.clip(s.economy + contest_moved(s.revenue, s.own_best, here.size, here.product), 0.0, None)
    weight = np.divide(np.log1p(s.revenue * np.exp(here.size)), np.log1p(s.revenue), where=s.revenue > 0,
                       out=np.ones(s.revenue.size))  # fmt: skip
    return Reasons(economy, s.technology * weight, users)


def exposure(model: StatesArm) -> np.ndarray:
    """Return how exposed each state is to each other [1], shape (states, states).

    The larger of the share of its own firms' revenue that stands there, and of its trade.
    """
    s = situation(model)
    if model.ledger.exposure is None:
        here = s.users * s.people[:, None]
        world = here.sum(axis=0)
        part = np.divide(here, world, out=np.zeros_like(here), where=world > 0) * s.revenue
        out = np.zeros((len(s.states), len(s.states)))
        for i in range(len(s.states)):
            mine = s.home == i
            total = float(s.revenue[mine].sum())
            out[i] = part[:, mine].sum(axis=1) / total if total > 0 else 0.0
        model.ledger.exposure = out
    return np.asarray(np.maximum(model.ledger.exposure, s.trade))


def answered(model: StatesArm) -> np.ndarray:
    """Return how much of what a state's firms earn in another that other has shut out [1], shape (states, states)."""
    s, table = situation(model), harms(model)
    open_before = np.where(s.blocked, 0.0, table)
    shut = np.where(banned(model, in_force=True), open_before, 0.0)
    mine = np.zeros((len(s.targets), len(s.states)))
    mine[np.arange(len(s.targets)), s.home] = 1.0
    lost, earned = shut @ mine, open_before @ mine  # (states that ban, homes)
    return np.asarray(np.divide(lost, earned, out=np.zeros_like(lost), where=earned > 0).T)


def act(model: StatesArm) -> list[Decision]:
    """Let every government that takes up a case this month act on the target that has risen most, if enough."""
    s, q, stances = situation(model), model.setting.parameters, model.ledger.stances
    weighed = weigh(model)
    if not isinstance(stances.first, Weighed):
        stances.first = weighed
    above = np.where(off_limits(model), -np.inf, weighed.score - tolerated(model, weighed.score))
    key = stream(model.member_seed, Purpose.TARGETS, model.day)
    found = []
    for i in (int(n) for n in np.flatnonzero(s.decides)):
        j = int(above[i].argmax())
        if uniform_plain(key, i) >= q["targets.attention"] or above[i, j] < 0.0:
            continue
        if not can_afford(model, i, float(weighed.cost[i, j])):
            continue
        spend(model, i, float(weighed.cost[i, j]))
        cause, rows = _cause(model, weighed, stances.first, i, j)
        parts = {name: float(value[i, j]) for name, value in zip(REASONS, weighed.reasons, strict=True)}
        scores = parts | {"fear": float(weighed.fear[i, j]), "cost": float(weighed.cost[i, j])}
        why = FirstStrike(REASONS[weighed.reason[i, j]])
        notice = int(q["targets.notice_days"])
        found += [*rows, strike(model, i, j, "targets", notice=notice, reason=why, cause=cause, scores=scores)]
    return found


def _cause(model: StatesArm, now: Weighed, first: Weighed, i: int, j: int) -> tuple[str, list[Decision]]:
    """Return what made a target rise most in the eyes of a state: an id, and the row that it names if it is new."""
    s, q = situation(model), model.setting.parameters
    weights = [q[f"targets.weight_{name}"] for name in REASONS]
    by = {name: w * float(a[i, j] - b[i, j]) * float(now.rival[i, j]) * float(now.ready[i])
          for name, w, a, b in zip(REASONS, weights, now.reasons, first.reasons, strict=True)}  # fmt: skip
    plain = sum(w * float(b[i, j]) for w, b in zip(weights, first.reasons, strict=True))
    by["rival"] = plain * float(now.rival[i, j] - first.rival[i, j]) * float(now.ready[i])
    by["ready"] = plain * float(first.rival[i, j]) * float(now.ready[i] - first.ready[i])
    most = max(by, key=lambda name: (by[name], name))
    if by[most] <= 0.0:
        return fact_of_reason(model, i, j, REASONS[now.reason[i, j]]), []
    if most == "ready":
        return government(model, i).row, []
    here, target = moved(model), s.targets[j]
    if most == "rival":
        who, act, aim = s.states[target.home], Grew("economy", math.exp(here.product[target.home])), Aim(s.states[i])
        fact = fact_of_state(s.states[target.home])
    else:
        users = most == "popularity"
        factor = float(now.reasons.popularity[i, j] / max(1e-9, first.reasons.popularity[i, j])) if users else 0.0
        act = (
            Grew("popularity" if target.platform >= 0 else "share", factor)
            if users
            else Grew("revenue", math.exp(here.size[j]))
        )
        who, aim, fact = target.name, Aim(s.states[i], target.sector), fact_of_reason(model, i, j, most)
    row = Decision(model.date, who, "trend", act, (aim,), cause=fact, reason=Trend())
    return row.id, [row]

"""The first blow: each month a state scores every foreign platform and firm, and may act against one that it fears.

There are three reasons, as the offensive of 2020 shows: economic rivalry, technology that it cannot soon match, and
popularity. Against them stands the political cost: the state's own users, its diaspora, its own firms exposed abroad,
and what it already suffers for earlier policies. The conditions of the first day are no reason to act: a state acts if
a firm grows, a rival catches up, or a new government is readier to act.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.actors.statecraft import REASONS, Reasons, contest_moved, fear, grown, political_cost
from sim.core.chance import Purpose, stream, uniform_plain
from sim.decisions import FACT, Aim, Behaviour, Decision, FirstStrike, Grew, Trend

if TYPE_CHECKING:  # Mesa takes longer to load than a list of behaviours may
    from sim.actors.politics import Politics
    from sim.actors.states import State


class Weighed(NamedTuple):
    """What states make of each target, shape (states, targets).

    Attributes
    ----------
    fear, cost : numpy.ndarray
    reason : numpy.ndarray of int
        Number of the leading reason.
    reasons : Reasons
    rival : numpy.ndarray
        Rivalry with the target's home [1].
    ready : numpy.ndarray, shape (states,)
        How ready to act each government is [1].
    """

    fear: np.ndarray
    cost: np.ndarray
    reason: np.ndarray
    reasons: Reasons
    rival: np.ndarray
    ready: np.ndarray

    @property
    def score(self) -> np.ndarray:
        """Fear minus cost."""
        return np.asarray(self.fear - self.cost)


def readiness(model: Politics) -> np.ndarray:
    """Return how ready to act each government is, against that of the first day [1], shape (states,)."""
    return np.array([state.government.readiness for state in model.outlook.states])


def weigh(model: Politics, *, as_if_open: bool = False) -> Weighed:
    """Return the scores that every state gives to every target today; a state does not fear its own firms.

    Parameters
    ----------
    model : Politics
    as_if_open : bool
        Whether to ignore the states' own policies and use the users of the first day.
    """
    outlook, q = model.outlook, model.setting.parameters
    s, now, home = outlook.situation, outlook.moved(), outlook.situation.home
    users = grown(s.users if as_if_open else model.users_today(), now.size)
    economy = np.clip(s.economy + contest_moved(s.revenue, s.own_best, now.size, now.product), 0.0, None)
    weight = np.divide(np.log1p(s.revenue * np.exp(now.size)), np.log1p(s.revenue), where=s.revenue > 0,
                       out=np.ones(s.revenue.size))  # fmt: skip
    reasons = Reasons(economy, s.technology * weight, users)
    weights = q["targets.weight_economy"], q["targets.weight_technology"], q["targets.weight_popularity"]
    rival, ready = outlook.rivals_today()[:, home], readiness(model)
    feared, reason = fear(reasons, weights, rival)
    at_home = s.users[home, np.arange(len(s.targets))]
    diaspora = s.migrants[:, home] * at_home[None, :] * s.talks[None, :]
    costs = q["targets.cost_users"], q["targets.cost_diaspora"], q["targets.cost_exposure"]
    cost = political_cost(users * s.worth[None, :], diaspora, outlook.exposure[:, home], costs)
    cost = cost + q["targets.cost_answers"] * shut_out(model)[:, home]
    return Weighed(feared * ready[:, None], cost, reason, reasons, rival, ready)


def shut_out(model: Politics) -> np.ndarray:
    """Return how much of what a state's firms earn in another that other has shut out [1], shape (states, states)."""
    s, table = model.outlook.situation, model.outlook.harms
    open_before = np.where(s.blocked, 0.0, table)
    shut = np.where(model.outlook.banned(in_force=True), open_before, 0.0)
    of_home = np.zeros((len(s.targets), len(s.states)))
    of_home[np.arange(len(s.targets)), s.home] = 1.0
    lost, earned = shut @ of_home, open_before @ of_home  # (states that ban, homes)
    return np.asarray(np.divide(lost, earned, out=np.zeros_like(lost), where=earned > 0).T)


class Targets(Behaviour):
    """States choose whom to ban: economy, technology and popularity against the political cost."""

    every_days = 30

    def __init__(self) -> None:
        self.first: Weighed | None = None

    def act(self, model: Politics) -> Iterator[Decision]:
        """Weigh all targets, then let every government that takes up a case this month act on one."""
        self.weighed = weighed = weigh(model)
        self.first = self.first or weighed
        bars = np.array([state.bar(score) for state, score in zip(model.outlook.states, weighed.score, strict=True)])
        self.above = np.where(model.outlook.off_limits(), -np.inf, weighed.score - bars)
        self.key = stream(model.member_seed, Purpose.TARGETS, model.day)
        yield from super().act(model)

    def decide(self, state: State) -> Iterator[Decision]:
        """Act on the target that has risen most, if enough."""
        q, weighed, i = state.model.setting.parameters, self.weighed, state.number
        j = int(self.above[i].argmax())
        if uniform_plain(self.key, i) >= q["targets.attention"] or self.above[i, j] < 0.0:
            return
        if not state.can_afford(float(weighed.cost[i, j])):
            return
        state.spend(float(weighed.cost[i, j]))
        cause, trend = cause_of(weighed, self.first or weighed, state, j)
        if trend is not None:
            yield trend
        parts = {name: float(value[i, j]) for name, value in zip(REASONS, weighed.reasons, strict=True)}
        scores = parts | {"fear": float(weighed.fear[i, j]), "cost": float(weighed.cost[i, j])}
        why, notice = FirstStrike(REASONS[weighed.reason[i, j]]), int(q["targets.notice_days"])
        yield state.strike(j, self.name, notice=notice, reason=why, cause=cause, scores=scores)


def cause_of(now: Weighed, first: Weighed, state: State, j: int) -> tuple[str, Decision | None]:
    """Return what made a target rise most in the eyes of a state: the id of a row or a fact, and the row if it is new.

    Parameters
    ----------
    now, first : Weighed
        Today, and when states first weighed their targets.
    state : State
    j : int
        Number of the target.
    """
    model, i = state.model, state.number
    s, moved, q = model.outlook.situation, model.outlook.moved(), model.setting.parameters
    weights = [q[f"targets.weight_{name}"] for name in REASONS]
    by = {name: w * float(a[i, j] - b[i, j]) * float(now.rival[i, j]) * float(now.ready[i])
          for name, w, a, b in zip(REASONS, weights, now.reasons, first.reasons, strict=True)}  # fmt: skip
    plain = sum(w * float(b[i, j]) for w, b in zip(weights, first.reasons, strict=True))
    by["rival"] = plain * float(now.rival[i, j] - first.rival[i, j]) * float(now.ready[i])
    by["ready"] = plain * float(first.rival[i, j]) * float(now.ready[i] - first.ready[i])
    most = max(by, key=lambda name: (by[name], name))
    if by[most] <= 0.0:
        return _fact_of_reason(state, j, REASONS[now.reason[i, j]]), None
    if most == "ready":
        return state.government.row, None
    target = s.targets[j]
    if most == "rival":
        who, aim = s.states[target.home], Aim(state.code)
        act, fact = Grew("economy", math.exp(moved.product[target.home])), f"{FACT}states:{who}"
    else:
        who, aim, fact = target.name, Aim(state.code, target.sector), _fact_of_reason(state, j, most)
        if most == "popularity":
            factor = float(now.reasons.popularity[i, j] / max(1e-9, first.reasons.popularity[i, j]))
            act = Grew("popularity" if target.platform >= 0 else "share", factor)
        else:
            act = Grew("revenue", math.exp(moved.size[j]))
    row = Decision(model.date, who, "trend", act, (aim,), cause=fact, reason=Trend())
    return row.id, row


def _fact_of_reason(state: State, j: int, reason: str) -> str:
    """Return the fact on which a reason to fear a target rests: its users in the state, or its firm."""
    target = state.model.outlook.situation.targets[j]
    if reason != "popularity":
        return f"{FACT}firms:{target.owner}"
    if target.platform >= 0:
        return f"{FACT}penetration:{state.code}/{target.name}"
    return f"{FACT}presence:{target.owner}/{target.sector}/{state.code}"

"""Acting against foreign firms: the first blow, and tit for tat.

Each month a state scores every foreign platform and firm, and may act against one that it fears.
There are three reasons, as the offensive of 2020 shows: economic rivalry, technology that it cannot
soon match, and popularity. Against them stands the political cost: the state's own users, its
diaspora, its own firms exposed abroad, and what it already suffers for earlier policies. The
conditions of the first day are no reason to act: a state acts if a firm grows, a rival catches up,
or a new government is readier to act.

A state that is hit answers late, in proportion and in kind, and later lifts the answer. It does not
answer harm that is older than a year. Orders of `control` do not count as harm: they are about a
state's own people, and no home state has answered one (`Outlook.hostile`). A state keeps accounts
with every other state: harm suffered times the strength, minus harm inflicted. If the balance is
positive, it acts against the firm whose loss fits best. If it has done too much because the other
gave way, it lifts a policy. It does not lift an answer that was too strong from the beginning while
the other continues as before. An answer to an answer counts for less (`retaliation.echo`), so that
a dispute is bounded, and a state tires of a dispute that costs its own people.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .. import decisions
from ..core.chance import Purpose, stream, uniform_plain
from ..decisions import (
    FACT,
    Aim,
    Behaviour,
    Decision,
    FirstStrike,
    GaveWay,
    Grew,
    Lift,
    Tired,
    Trend,
)
from ..facts.orders import FREE, PRECEDENT_DAYS, disputes_on
from .statecraft import REASONS, best_answer, chance, contest_moved, grown

if TYPE_CHECKING:  # Mesa takes longer to load than a list of behaviours may
    from .agents import State
    from .politics import Politics, Standing


class Weighed(NamedTuple):
    """Each state's assessment of each target, shape (states, targets).

    Attributes
    ----------
    fear, cost : numpy.ndarray
    reason : numpy.ndarray of int
        Number of the leading reason.
    reasons : numpy.ndarray, shape (3, states, targets)
        Each of `REASONS`, 0 to 1.
    rival : numpy.ndarray
        Rivalry with the target's home [1].
    ready : numpy.ndarray, shape (states,)
        How ready to act each government is, against that of the first day [1].
    """

    fear: np.ndarray
    cost: np.ndarray
    reason: np.ndarray
    reasons: np.ndarray
    rival: np.ndarray
    ready: np.ndarray

    @property
    def score(self) -> np.ndarray:
        """Fear minus cost."""
        return np.asarray(self.fear - self.cost)


def weigh(model: Politics, *, as_if_open: bool = False) -> Weighed:
    """Return the scores that every state gives to every target today; a state does not fear its own
    firms.

    Parameters
    ----------
    model : Politics
    as_if_open : bool
        Whether to ignore the states' own policies and use the users of the first day.
    """
    outlook = model.outlook
    q = model.setting.parameters
    s = outlook.situation
    now = outlook.moved()
    home = outlook.situation.home
    users = grown(s.users if as_if_open else model.users_today(), now.size)
    economy = np.clip(
        s.economy + contest_moved(s.revenue, s.own_best, now.size, now.product), 0.0, None
    )
    larger = np.divide(
        np.log1p(s.revenue * np.exp(now.size)),
        np.log1p(s.revenue),
        where=s.revenue > 0,
        out=np.ones(s.revenue.size),
    )
    reasons = np.stack([economy, s.technology * larger, users])
    weighted = np.array([q[f"targets.weight_{name}"] for name in REASONS])[:, None, None] * reasons
    rival = outlook.rivals_today()[:, home]
    ready = np.array([state.readiness for state in outlook.states])
    diaspora = s.migrants[:, home] * s.users[home, np.arange(len(s.targets))] * s.talks
    cost = (
        q["targets.cost_users"] * (users * s.worth)
        + q["targets.cost_diaspora"] * diaspora
        + q["targets.cost_exposure"] * outlook.exposure[:, home]
        + q["targets.cost_answers"] * shut_out(model)[:, home]
    )
    return Weighed(
        weighted.sum(axis=0) * rival * ready[:, None],
        cost,
        weighted.argmax(axis=0),
        reasons,
        rival,
        ready,
    )


def shut_out(model: Politics) -> np.ndarray:
    """Return the share of the earnings of a state's firms in another state that the other has shut
    out [1], shape (states, states).
    """
    s = model.outlook.situation
    table = model.outlook.harms
    open_before = np.where(s.blocked, 0.0, table)
    shut = np.where(model.outlook.banned(in_force=True), open_before, 0.0)
    of_home = np.zeros((len(s.targets), len(s.states)))
    of_home[np.arange(len(s.targets)), s.home] = 1.0
    # (states that ban, homes)
    lost = shut @ of_home
    earned = open_before @ of_home
    return np.asarray(np.divide(lost, earned, out=np.zeros_like(lost), where=earned > 0).T)


def harmless(model: Politics) -> np.ndarray:
    """Return the firms behind networks that nobody could turn against a state, shape (states,
    targets).

    A state acts first against makers, carriers and clouds for its security: the firm answers to no
    full ally, and to an unfree state that is less free than itself, or to one with which it is at
    war, has clashed, or has sanctions. This was true of all 15 states that had barred the equipment
    of Huawei by the end of 2024 (``joiners.csv``).
    """
    s = model.outlook.situation
    feared = (s.freedom < FREE)[None, :] & (s.freedom[None, :] < s.freedom[:, None])
    for pair in disputes_on(model.date, "war", "clash", "sanctions"):
        if pair <= {*s.states}:
            a, b = (s.states.index(code) for code in pair)
            feared[a, b] = feared[b, a] = True
    behind = np.array([target.platform < 0 for target in s.targets])
    return np.asarray(behind[None, :] & ~(feared & (s.alliance < 1.0))[:, s.home])


class Targets(Behaviour):
    """States decide which foreign platforms to ban. They weigh economy, technology and popularity
    against the political cost.
    """

    every_days = 30

    def __init__(self) -> None:
        self.first: Weighed | None = None

    def act(self, model: Politics) -> Iterator[Decision]:
        """Weigh all targets, then let every government that takes up a case this month act on one."""
        self.weighed = weighed = weigh(model)
        self.first = self.first or weighed
        bars = np.array(
            [
                state.bar(score)
                for state, score in zip(model.outlook.states, weighed.score, strict=True)
            ]
        )
        s = model.outlook.situation
        least = model.setting.parameters["targets.least_size"]
        product = s.product * np.exp(model.outlook.moved().product)
        small = (
            product[:, None] < least * product[s.home][None, :]
        )  # who is far smaller does not act first
        left = (
            model.outlook.off_limits() | model.outlook.leaves_platforms() | small | harmless(model)
        )
        self.above = np.where(left, -np.inf, weighed.score - bars)
        self.key = stream(model.member_seed, Purpose.TARGETS, model.day)
        yield from super().act(model)

    def decide(self, state: State) -> Iterator[Decision]:
        """Act on the target whose score has risen most, if it has risen enough."""
        q = state.model.setting.parameters
        weighed = self.weighed
        i = state.number
        j = int(self.above[i].argmax())
        cost = float(weighed.cost[i, j])
        passes = uniform_plain(self.key, i) >= q["targets.attention"]
        if passes or self.above[i, j] < 0.0 or not state.can_afford(cost):
            return
        state.spend(cost)
        cause, trend = cause_of(weighed, self.first or weighed, state, j)
        if trend is not None:
            yield trend
        parts = {
            name: float(value[i, j]) for name, value in zip(REASONS, weighed.reasons, strict=True)
        }
        scores = parts | {"fear": float(weighed.fear[i, j]), "cost": cost}
        why = FirstStrike(REASONS[weighed.reason[i, j]])
        notice = int(q["targets.notice_days"])
        yield state.strike(j, self.name, notice=notice, reason=why, cause=cause, scores=scores)


def cause_of(now: Weighed, first: Weighed, state: State, j: int) -> tuple[str, Decision | None]:
    """Return what raised a state's concern about a target most: the id of a row or a fact, and the
    row if it is new.

    Parameters
    ----------
    now, first : Weighed
        Today, and when states first weighed their targets.
    state : State
    j : int
        Number of the target.
    """
    model = state.model
    i = state.number
    s = model.outlook.situation
    moved = model.outlook.moved()
    q = model.setting.parameters
    target = s.targets[j]
    rival = float(now.rival[i, j])
    ready = float(now.ready[i])
    weights = [q[f"targets.weight_{name}"] for name in REASONS]
    by = {
        name: w * float(a[i, j] - b[i, j]) * rival * ready
        for name, w, a, b in zip(REASONS, weights, now.reasons, first.reasons, strict=True)
    }
    plain = sum(w * float(b[i, j]) for w, b in zip(weights, first.reasons, strict=True))
    by["rival"] = plain * float(now.rival[i, j] - first.rival[i, j]) * ready
    by["ready"] = plain * float(first.rival[i, j]) * float(now.ready[i] - first.ready[i])
    most = max(by, key=lambda name: (by[name], name))
    if most == "ready" and by[most] > 0.0:
        return state.government.row, None
    reason = most if by[most] > 0.0 else REASONS[now.reason[i, j]]
    fact = f"{FACT}firms:{target.owner}"
    if reason == "popularity":
        use = (
            f"penetration:{state.code}/{target.name}",
            f"presence:{target.owner}/{target.sector}/{state.code}",
        )
        fact = FACT + use[target.platform < 0]
    if by[most] <= 0.0:
        return fact, None
    who = target.name
    aim = Aim(state.code, target.sector)
    if most == "rival":
        who = s.states[target.home]
        aim = Aim(state.code)
        act = Grew("economy", math.exp(moved.product[target.home]))
        fact = f"{FACT}states:{who}"
    elif most == "popularity":
        factor = float(now.reasons[2, i, j] / max(1e-9, first.reasons[2, i, j]))
        act = Grew("popularity" if target.platform >= 0 else "share", factor)
    else:
        act = Grew("revenue", math.exp(moved.size[j]))
    if act.factor <= 1.0:  # it has only shrunk less than what it is compared with
        return fact, None
    row = Decision(model.date, who, "trend", act, (aim,), cause=fact, reason=Trend())
    return row.id, row


class Hit(NamedTuple):
    """A policy of one state that harms firms of another, and what it costs the other [US$ bn a
    year].
    """

    standing: Standing
    cost: float


class Retaliation(Behaviour):
    """States answer harm with harm, after a delay and in proportion. They end the answer when the
    other state ends the harm.
    """

    every_days = 7

    def act(self, model: Politics) -> Iterable[Decision]:
        """Let each state settle its accounts with each other that has harmed it, or that it has
        harmed.
        """
        self.hits = hits_of(model)
        orders = {d.id for d in model.decisions if d.behaviour == "control"}
        angered = np.zeros(len(model.outlook.situation.states), dtype=bool)
        for one in model.outlook.hostile():
            if one.id in orders:  # what control decides is answered in kind, or not at all
                angered[model.outlook.situation.home[list(one.objects)]] = True
        left = model.outlook.leaves_platforms()[None, :] & ~angered[:, None]
        self.off_limits = model.outlook.off_limits() | left
        given = [
            d for d in model.decisions if d.behaviour == self.name and not isinstance(d.act, Lift)
        ]
        self.answers = {d.policy.id: d for d in given if d.policy is not None}
        self.depths: dict[
            str, int
        ] = {}  # answers in a row behind each answer, 1 for an answer to a first blow
        for name, decision in self.answers.items():
            self.depths[name] = self.depths.get(decision.cause, 0) + 1
        standing = {m.id for m in model.outlook.standing()}
        s = model.outlook.situation
        # An answer whose cause has ended is not answered: a state that gave way waits for it to be
        # lifted.
        self.settled = {name for name, d in self.answers.items() if d.cause not in standing}
        self.tired_of = {
            (s.states.index(d.who), self.answers[d.act.policy].cause)
            for d in model.decisions
            if isinstance(d.act, Lift)
            and isinstance(d.reason, Tired)
            and d.act.policy in self.answers
        }
        for other, i in sorted({*self.hits, *((b, a) for a, b in self.hits)}):
            if s.decides[other] and s.decides[i]:
                yield from self.decide(model.outlook.states[i], other)

    def decide(self, state: State, other: int) -> Iterable[Decision]:
        """Answer what another state did, take an answer back, or tire of the dispute.

        Parameters
        ----------
        state : State
        other : int
            Number of the other state.
        """
        i = state.number
        q = state.model.setting.parameters
        inflicted = self.hits.get((i, other), [])
        suffered = [
            hit
            for hit in self.hits.get((other, i), [])
            if hit.standing.id not in self.settled
            and (i, hit.standing.id) not in self.tired_of
            and hit.standing.days >= self._delay(hit.standing, state)
        ]
        # What nobody has answered within a year is not answered any more.
        fresh = [hit for hit in suffered if hit.standing.days <= PRECEDENT_DAYS]
        harm = self._harm(suffered, q["retaliation.echo"])
        # Two states with strengths whose product is below 1 come to rest; above it the dispute
        # grows until nothing is left to ban (Richardson 1960, Arms and Insecurity).
        paid = sum(hit.cost for hit in inflicted)
        owed = q["retaliation.strength"] * harm - paid
        own = [
            hit
            for hit in inflicted
            if hit.standing.id in self.answers and state.model.outlook.can_be_lifted(hit.standing)
        ]
        if owed <= 0:
            made = self._give_way(state, -owed, harm, own)
        elif fresh:
            due = q["retaliation.strength"] * self._harm(fresh, q["retaliation.echo"]) - paid
            made = self._answer(state, other, due, harm, fresh)
        else:
            made = None
        made = made or self._tire(state, own)
        return [] if made is None else [made]

    def _harm(self, hits: Iterable[Hit], echo: float) -> float:
        """Return what policies of another state count for [US$ bn a year].

        An answer counts as a wrong less than what it answers, and so on: any dispute is bounded for
        an echo below 1.
        """
        return sum(echo ** self.depths.get(hit.standing.id, 0) * hit.cost for hit in hits)

    def _delay(self, standing: Standing, state: State) -> float:
        """Return after how many days a state answers a policy: half to one and a half times the
        mean.

        It is drawn once for the two states, the target and the day on which the policy came into
        force.
        """
        model = state.model
        key = stream(model.member_seed, Purpose.RETALIATION, model.day - standing.days)
        first = standing.objects[0] if standing.objects else 0
        item = standing.by * len(model.outlook.situation.targets) + first
        return model.setting.parameters["retaliation.delay_days"] * (
            0.5 + uniform_plain(key, state.number, item)
        )

    def _answer(
        self, state: State, other: int, owed: float, suffered: float, hits: list[Hit]
    ) -> Decision | None:
        """Return the policy against a firm of the other that fits what is owed; None when none
        does.
        """
        model = state.model
        i = state.number
        s = model.outlook.situation
        q = model.setting.parameters
        harms = model.outlook.harms[i]
        if owed < q["retaliation.least"]:
            return None
        theirs = (s.home == other) & (harms > 0)
        able = np.array(
            [
                bool(o) and state.means_against(t) is not None
                for o, t in zip(theirs, s.targets, strict=True)
            ]
        )
        # Like for like: platforms for platforms, carriers for carriers, clouds for clouds; another
        # layer only where the other has nothing of the kind.
        layers = ["" if t.platform >= 0 else t.sector for t in s.targets]
        hit = {layers[k] for one in hits for k in one.standing.objects if s.home[k] == i}
        alike = able & np.array([layer in hit for layer in layers])
        blows = [hit.standing for hit in sorted(hits, key=lambda hit: (hit.cost, hit.standing.id))]
        worst = blows[-1]
        if not alike.any() and any(d.cause == worst.id for d in self.answers.values()):
            return None  # in another layer, one answer to a blow
        can = (alike if alike.any() else able) & ~self.off_limits[i]
        j = best_answer(owed, np.where(can, harms, 0.0), q["retaliation.slack"])
        burden = float(s.users[i, j] * s.worth[j])
        if j < 0 or not state.can_afford(burden):
            return None
        state.spend(burden)
        scores = {"owed": owed, "harm": float(harms[j]), "suffered": suffered}
        # What it answers is the blow against the same layer that cost it most.
        alike_blows = [
            blow
            for blow in blows
            if any(s.home[k] == i and layers[k] == layers[j] for k in blow.objects)
        ]
        worst = (alike_blows or blows)[-1]
        firms = tuple(s.targets[k].aim for k in worst.objects if s.home[k] == i)
        reason = decisions.Retaliation(s.states[worst.by], firms, worst.id)
        return state.strike(j, self.name, notice=1, reason=reason, cause=worst.id, scores=scores)

    def _give_way(
        self, state: State, surplus: float, suffered: float, own: list[Hit]
    ) -> Decision | None:
        """Return the end of an answer that is more than what is suffered calls for; None when there
        is none.

        Only what is suffered less than when the answer was given takes it back, and not one that
        was a little too strong.
        """
        leniency = state.model.setting.parameters["retaliation.leniency"]
        for standing, cost in own:
            less = suffered < self.answers[standing.id].scores["suffered"]
            if standing.days >= 0 and less and surplus > leniency * cost:
                return state.lift(
                    standing, self.name, GaveWay(), {"surplus": surplus, "harm": cost}
                )
        return None

    def _tire(self, state: State, own: list[Hit]) -> Decision | None:
        """Return the end of an answer that a state tires of, by chance; what costs its own people
        more, sooner.
        """
        model = state.model
        i = state.number
        s = model.outlook.situation
        q = model.setting.parameters
        key = stream(model.member_seed, Purpose.POLICY_REVIEW, model.day)
        for standing, cost in own:
            burden = float(sum(s.users[i, j] * s.worth[j] for j in standing.objects))
            rate = q["retaliation.fatigue"] / 12.0 * (1.0 + burden)
            luck = uniform_plain(key, i, len(s.targets) + standing.objects[0])
            if standing.days >= q["review.patience_days"] and luck < chance(rate, self.every_days):
                return state.lift(standing, self.name, Tired(), {"harm": cost, "burden": burden})
        return None


def hits_of(model: Politics) -> dict[tuple[int, int], list[Hit]]:
    """Return the hostile policies of each state against the firms of each other, with what they
    cost.
    """
    home = model.outlook.situation.home
    table = model.outlook.harms
    hits: dict[tuple[int, int], list[Hit]] = {}
    for standing in model.outlook.hostile():
        cost: dict[int, float] = {}
        for j in standing.objects:
            cost[int(home[j])] = cost.get(int(home[j]), 0.0) + float(table[standing.by, j])
        for state, lost in cost.items():
            if state != standing.by:
                hits.setdefault((standing.by, state), []).append(Hit(standing, lost))
    return hits

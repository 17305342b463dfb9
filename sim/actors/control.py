"""States act against foreign firms: first strikes, and orders that control speech.

By `targets` a state scores every foreign platform and firm each month, and may act against one that
it fears (`splinternet.actors.weighing`). The conditions of the first day are not a reason to act: a
state acts if a firm grows, a rival catches up, or a new government is readier to act.

By `control` orders come with the chance estimated from the record. Each month a state may restrict
any platform that is open there. The chance is that of `splinternet.facts.orders`, whose weights are
fitted to the record of 2012-2021, in the world as the run has changed it: use, growth of platforms,
and restrictions here and elsewhere. It is higher near an election, a coup or protests, as in the
record, and lower at other times. Between states at war, or after a clash, orders come in packages
against the platforms of the other side. The means of a state decide how it restricts a platform. A
state with its own filters blocks it, slows it, or removes it from the stores; providers with block
lists block it; a large market bars business or demands a sale. A state may block a slowed platform
within a year. A restriction ends by chance, as rarely as in the record; the state then leaves the
platform alone for a year unless an election, coup or protest is near.

A state may also demand that foreign platforms appoint a representative, on the model of Turkey's
law 7253 and as often as in 2020-2022; platforms answer in their own step (`firms`), and a state
repeats its demand to platforms that do not obey. It also adopts laws of other kinds
(`splinternet.facts.orders`) when the run gives a reason for them: demands for removal or data at
home, a ban on VPNs once it restricts something, a filter, a domestic champion that replaces a
restricted platform, an age limit, a ban on official devices. In a month of protests or a coup it
may shut its networks down.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.chance import Purpose
from ..decisions import (
    FACT,
    Aim,
    Behaviour,
    Decision,
    Demand,
    FirstStrike,
    Grew,
    Hardened,
    Lift,
    Likely,
    Obeyed,
    Reviewed,
    ShutOut,
    Spare,
    Strike,
    TakeUp,
    Trend,
)
from ..facts.history import dated_name
from ..facts.orders import (
    FREE,
    KINDS_OF_LAWS,
    PRECEDENT_DAYS,
    REASONS,
    RECORDED,
    REPRESENTATIVE,
    SHUTDOWN,
    TALK,
    TRADES,
    Dispute,
    Law,
    bounded,
    chance_of_order,
    chance_of_shutdown,
    disputes_on,
    faded,
    features,
    known_on,
    most_orders,
    precedents,
    rate_of_laws,
    recalled,
    trade_barred_on,
    weights,
)
from ..facts.relations import Rung
from ..facts.tables import read
from ..policies.demands import GRANTED
from .calendar import SHOCKS
from .stances import dropped, factors, threats, with_odds
from .statecraft import FEARS, grown
from .weighing import Weighed, weigh

if TYPE_CHECKING:  # Mesa is slow to load
    from ..policies.base import Policy
    from .agents import State
    from .politics import Politics

YEAR = 365.25
"""Period to which the chance of an order refers [days]."""
FACTS = {
    "calls": "block_history",
    "precedent": "block_history",
    "siblings": "block_history",
    "control": "penetration",
}
"""The fact table behind each reason; by default that of regimes."""


# --- first strikes: targets --------------------------------------------------------------------


def feared(model: Politics) -> np.ndarray:
    """Return from which homes a state fears for its security, shape (states, states).

    The home is no full ally, and is unfree and less free than the state itself, or at war with it,
    or under its sanctions, or has clashed with it.
    """
    s = model.outlook.situation
    found = (s.freedom < FREE)[None, :] & (s.freedom[None, :] < s.freedom[:, None])
    for pair in disputes_on(model.date, "war", "clash", "sanctions"):
        if pair <= {*s.states}:
            a, b = (s.states.index(code) for code in pair)
            found[a, b] = found[b, a] = True
    return np.asarray(found & (s.alliance < 1.0))


def harmless(model: Politics) -> np.ndarray:
    """Return the network firms that no foreign government could turn against a state, shape
    (states, targets).

    A state strikes first at makers, carriers and clouds only for its security (`feared`). This was
    true of all 15 states that had barred Huawei's equipment by the end of 2024 (``joiners.csv``).
    """
    s = model.outlook.situation
    behind = np.array([target.platform < 0 for target in s.targets])
    return np.asarray(behind[None, :] & ~feared(model)[:, s.home])


class Targets(Behaviour):
    """States decide which foreign platforms to ban. They weigh economy, technology and popularity
    against the political cost.
    """

    every_days = 30

    def __init__(self) -> None:
        self.first: Weighed | None = None

    def act(self, model: Politics) -> Iterator[Decision]:
        """Weigh all targets, then let every government that considers a case this month act on one
        target.
        """
        self.weighed = weighed = weigh(model)
        self.first = self.first or weighed
        states = zip(model.outlook.states, weighed.score, strict=True)
        bars = np.array([state.bar(score) for state, score in states])
        s = model.outlook.situation
        least = model.setting.parameters["targets.least_size"]
        product = model.outlook.product_today()
        # A far smaller state does not act first.
        small = product[:, None] < least * product[s.home][None, :]
        left = (
            model.outlook.off_limits() | model.outlook.leaves_platforms() | small | harmless(model)
        )
        self.above = np.where(left, -np.inf, weighed.score - bars)
        yield from super().act(model)

    def decide(self, state: State) -> Iterator[Decision]:
        """Act on the target whose score has risen most, if it has risen enough."""
        q = state.parameters
        weighed = self.weighed
        i = state.number
        j = int(self.above[i].argmax())
        cost = float(weighed.cost[i, j])
        passes = state.luck(Purpose.TARGETS) >= q["targets.attention"]
        if passes or self.above[i, j] < 0.0 or not state.spend(cost):
            return
        cause, trend = cause_of(weighed, self.first or weighed, state, j)
        if trend is not None:
            yield trend
        parts = {
            name: float(value[i, j]) for name, value in zip(FEARS, weighed.reasons, strict=True)
        }
        scores = parts | {"fear": float(weighed.fear[i, j]), "cost": cost}
        why = FirstStrike(FEARS[weighed.reason[i, j]])
        notice = int(q["targets.notice_days"])
        yield state.strike(j, self.name, notice=notice, reason=why, cause=cause, scores=scores)


def cause_of(now: Weighed, first: Weighed, state: State, j: int) -> tuple[str, Decision | None]:
    """Return the main cause of a state's greater concern about a target: the id of a decision or a
    fact, and the decision if it is new.

    Parameters
    ----------
    now, first : Weighed
        The assessments of today, and of the first time.
    state : State
    j : int
        Number of the target.
    """
    model = state.model
    i = state.number
    s = model.outlook.situation
    moved = model.outlook.moved()
    q = state.parameters
    target = s.targets[j]
    rival = float(now.rival[i, j])
    ready = float(now.ready[i])
    weights = [q[f"targets.weight_{name}"] for name in FEARS]
    by = {
        name: w * float(a[i, j] - b[i, j]) * rival * ready
        for name, w, a, b in zip(FEARS, weights, now.reasons, first.reasons, strict=True)
    }
    plain = sum(w * float(b[i, j]) for w, b in zip(weights, first.reasons, strict=True))
    by["rival"] = plain * float(now.rival[i, j] - first.rival[i, j]) * ready
    by["ready"] = plain * float(first.rival[i, j]) * float(now.ready[i] - first.ready[i])
    most = max(by, key=lambda name: (by[name], name))
    if most == "ready" and by[most] > 0.0:
        return state.government.row, None
    reason = most if by[most] > 0.0 else FEARS[now.reason[i, j]]
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
    if act.factor <= 1.0:  # it has not grown, only shrunk less than others
        return fact, None
    row = Decision(model.date, who, "trend", act, (aim,), cause=fact, reason=Trend())
    return row.id, row


# --- control ------------------------------------------------------------------------------------


def _rates_of_packages(today: date) -> Iterator[tuple[tuple[str, str], tuple[Dispute, float]]]:
    """Yield each two states that are at war or remember a clash, the dispute, and the rate of
    packages of orders [1/year].
    """
    table = weights()
    memory = table["memory"]
    for row in read(Dispute).values():
        if row.kind not in ("war", "clash") or not row.holds_on(today):
            continue
        age = (today - date.fromisoformat(row.since)).days
        rate = table["package"] * (1.0 if row.kind == "war" else recalled(age, memory))
        if rate > 0.0:
            yield (row.a, row.b), (row, rate)
            yield (row.b, row.a), (row, rate)


class Control(Behaviour):
    """States restrict platforms with a chance estimated from the record of orders, and seldom lift
    a restriction.
    """

    every_days = 30

    def __init__(self) -> None:
        self.first_seen: np.ndarray | None = None

    def is_due(self, model: Politics) -> bool:
        """Return whether the behaviour acts today: once a month, and on the day after a firm has
        announced its exit.
        """
        return super().is_due(model) or bool(threats(model))

    def act(self, model: Politics) -> Iterator[Decision]:
        """Find the chance of every order this month, then let each state decide; drop demands that
        make firms leave.
        """
        for state in model.outlook.deciding:
            yield from dropped(state, self.name)
        if super().is_due(model) or not threats(model):
            self._look(model)
            yield from super().act(model)

    def _look(self, model: Politics) -> None:
        """Find the chance of every order this month."""
        s = model.outlook.situation
        self.at = [j for j, target in enumerate(s.targets) if target.platform >= 0]
        self.reasons = self.seen(model)
        self.open = ~model.outlook.off_limits()[:, self.at]
        self.may = self.open & self._served(model)
        self.foes = self._foes(model)
        names = [s.targets[j].name for j in self.at]
        answered, self.stances = factors(model, names)
        self.unanswered = self._bounded(
            model, np.where(self.may, chance_of_order(self.reasons), 0.0)
        )
        self.chances = with_odds(self.unanswered, answered)
        self.near = {
            state.number: model.outlook.calendar.near(state.code)
            for state in model.outlook.deciding
        }
        self.at_war = dict(_rates_of_packages(model.date))
        self.own = {
            d.id for d in model.made_by(self.name) if not isinstance(d.act, Lift | Demand | Spare)
        }
        number = model.outlook.numbers
        today = model.date
        rest = model.setting.parameters["control.rest_days"]
        self.rests = {
            (s.states.index(d.who), number[aim])
            for d in model.decisions
            if isinstance(d.act, Lift) and (today - d.day).days < rest
            for aim in d.target
            if aim in number
        }

    def _served(self, model: Politics) -> np.ndarray:
        """Return whether each platform serves each state, shape (states, platforms): it has users
        there, and, if it is a shop or payment service, its home does not bar all trade with the
        state.
        """
        s = model.outlook.situation
        facts = model.setting.platform_facts
        sells = np.array([facts[s.targets[j].name].kind in TRADES for j in self.at])
        barred = np.zeros((len(s.states), len(s.states)), dtype=bool)
        for a, b in (sorted(pair) for pair in trade_barred_on(model.date)):
            if a in s.states and b in s.states:
                one = s.states.index(a)
                other = s.states.index(b)
                barred[one, other] = barred[other, one] = True
        return np.asarray((self.users > 0.0) & ~(barred[:, s.home[self.at]] & sells))

    def _foes(self, model: Politics) -> np.ndarray:
        """Return whether the home of each platform is at war with each state, shape (states,
        platforms).
        """
        s = model.outlook.situation
        wars = disputes_on(model.date, "war")
        homes = [s.states[home] for home in s.home[self.at]]
        return np.array(
            [[frozenset((state, home)) in wars for home in homes] for state in s.states]
        )

    def _bounded(self, model: Politics, chances: np.ndarray) -> np.ndarray:
        """Return the chances of orders [1], shape (states, platforms), bounded for states without
        any order so far in the record or the run.
        """
        has_ordered = {
            d.who
            for d in model.made_by(self.name)
            if isinstance(d.act, Strike | ShutOut) and getattr(d.reason, "leading", "") != "laws"
        }
        out = chances.copy()
        for state in model.outlook.deciding:
            if state.code not in has_ordered:
                most = most_orders(state.code, model.spec.start, model.date)
                out[state.number] = bounded(out[state.number], most)
        return out

    def seen(self, model: Politics) -> np.ndarray:
        """Return the reasons of every state against every platform today, shape (reasons, states,
        platforms).
        """
        s = model.outlook.situation
        facts = model.setting.platform_facts
        platforms = [s.targets[j] for j in self.at]
        home = s.home[self.at]
        banned = model.outlook.banned(in_force=True)[:, self.at]
        new = banned & ~s.blocked[:, self.at]
        if self.first_seen is None:
            self.first_seen = np.full(new.shape, np.inf)
        # Lifted orders also count as precedents; all precedents fade.
        self.first_seen = np.where(new & np.isinf(self.first_seen), model.day, self.first_seen)
        # States that do not decide follow the record, and later keep its last state.
        deciding = [state.code for state in model.outlook.deciding]
        own = precedents(model.spec.start, deciding)
        today = min(model.date, RECORDED)
        of_all = precedents(today)
        of_deciding = precedents(today, deciding)
        names = [dated_name(facts[target.name]) for target in platforms]
        fading = np.array([own.get(name, 0.0) for name in names])
        others = np.array([of_all.get(name, 0.0) - of_deciding.get(name, 0.0) for name in names])
        in_run = 2.0 ** (-np.maximum(0.0, model.day - self.first_seen) / PRECEDENT_DAYS)
        in_run = np.where(np.isinf(self.first_seen), 0.0, in_run)
        self.users = grown(model.users_today(), model.outlook.moved().size)[:, self.at]
        self.talk = np.array([facts[target.name].kind in TALK for target in platforms])
        same_home = (home[:, None] == home[None, :]).astype(float)
        blocks = others + fading * faded(max(0, model.day)) + in_run.sum(axis=0)
        calls = np.array([float(known_on(model.spec.start).calls[code]) for code in s.states])
        return features(
            1.0 - s.freedom, blocks, self.users, banned.astype(float) @ same_home, self.talk, calls
        )

    def decide(self, state: State) -> Iterator[Decision]:
        """End own restrictions by chance, restrict platforms, singly or in a package, and make
        laws.
        """
        yield from self._end_or_harden(state)
        i = state.number
        times = self.near[i]
        struck = set(self._package(state))
        for column in np.flatnonzero(self.may[i]).tolist():
            j = self.at[column]
            if (i, j) in self.rests and max(times.values()) <= 1.0:
                continue
            if column in struck:
                yield self._order(state, column, self._war(state, column))
                continue
            factor = math.prod(times.values())
            luck = state.luck(Purpose.CONTROL, j)
            part = factor * self.every_days / YEAR
            comes = luck < 1.0 - (1.0 - float(self.chances[i, column])) ** part
            otherwise = luck < 1.0 - (1.0 - float(self.unanswered[i, column])) ** part
            if comes:
                yield self._order(state, column, self._why(state, column, is_refusal=not otherwise))
            elif otherwise:
                yield from self._spare(state, column)
        yield from self._demand(state)
        yield from self._legislate(state)

    def _order(self, state: State, column: int, why: tuple[Likely, str]) -> Decision:
        """Return the order of a state against a platform, for a reason and a cause."""
        j = self.at[column]
        i = state.number
        factor = math.prod(self.near[i].values())
        scores = {"chance": float(self.chances[i, column]), "moments": factor}
        return state.strike(
            j,
            self.name,
            notice=1,
            reason=why[0],
            cause=why[1],
            scores=scores | self._parts(i, column),
            luck=state.luck(Purpose.CONTROL_WAYS, j),
        )

    def _why(self, state: State, column: int, *, is_refusal: bool) -> tuple[Likely, str]:
        """Return the main reason for an order, and the fact or the platform's answer behind it."""
        i = state.number
        target = state.model.outlook.situation.targets[self.at[column]]
        times = self.near[i]
        parts = self._parts(i, column)
        most, near = (max(each, key=lambda name: (each[name], name)) for each in (parts, times))
        moment = near if times[near] > 1.0 else ""
        stance = self.stances.get((i, target.name))
        if is_refusal and stance is not None:
            return Likely("refused", moment), stance.cause
        of = state.code if most != "precedent" else target.name
        return Likely(most, moment), f"{FACT}{FACTS.get(most, 'regimes')}:{of}"

    def _war(self, state: State, column: int) -> tuple[Likely, str]:
        """Return the reason of an order in a package, and its fact."""
        s = state.model.outlook.situation
        war, _ = self.at_war[state.code, s.states[s.home[self.at[column]]]]
        return Likely("war", ""), f"{FACT}disputes:{war.a}/{war.b}/{war.since}"

    def _spare(self, state: State, column: int) -> Iterator[Decision]:
        """Yield the decision to spare a platform that has obeyed; nothing for one that has left."""
        i = state.number
        target = state.model.outlook.situation.targets[self.at[column]]
        stance = self.stances.get((i, target.name))
        if stance is not None and stance.word != "left":
            scores = {"chance": float(self.chances[i, column])}
            yield state.decision(
                self.name,
                Spare(),
                Obeyed(stance.demand),
                stance.cause,
                scores,
                target=(target.aim,),
            )

    def _end_or_harden(self, state: State) -> Iterator[Decision]:
        """Lift own restrictions, and block slowed platforms, by chance; neither against a state
        with which there is war.
        """
        q = state.parameters
        foes = {j for j, is_foe in zip(self.at, self.foes[state.number], strict=True) if is_foe}
        own = [
            m
            for m in state.model.outlook.liftable(state.number)
            if m.id in self.own and m.days >= 0 and not foes.intersection(m.objects)
        ]
        blocked = {j for m in state.standing for j in m.objects if m.instrument == "block"}
        ends = q["control.lift_rate"] / 12.0
        for standing in own:
            j = standing.objects[0]
            if state.happens(Purpose.CONTROL_ENDS, j, ends, self.every_days):
                yield state.lift(standing, self.name, Reviewed(new_government=False), {})
            elif standing.instrument == "throttle" and j not in blocked:
                rate = q["control.harden_rate"] * recalled(standing.days)
                if state.happens(Purpose.CONTROL_WAYS, j, rate / 12.0, self.every_days):
                    row = state.strike(
                        j,
                        self.name,
                        notice=1,
                        reason=Likely("throttle", ""),
                        cause=standing.id,
                        scores={"rate": rate},
                    )
                    yield row
                    yield state.lift(standing, self.name, Hardened(), {}, cause=row.id)

    def _package(self, state: State) -> Iterator[int]:
        """Yield the positions in `at` of the platforms that a state restricts today because of a
        war or clash with their home.
        """
        i = state.number
        s = state.model.outlook.situation
        included = weights()["included"]
        for home in sorted({int(s.home[j]) for j in self.at}):
            _, rate = self.at_war.get((state.code, s.states[home]), (None, 0.0))
            item = len(s.targets) + home
            if not state.happens(Purpose.PACKAGES, item, rate / 12.0, self.every_days):
                continue
            for column, j in enumerate(self.at):
                if s.home[j] != home or not self.may[i, column]:
                    continue
                if state.luck(Purpose.PACKAGES, j) < included:
                    yield column

    # --- demands and laws -------------------------------------------------------------------------

    def _demand(self, state: State) -> Iterator[Decision]:
        """Demand a representative of the platforms that have enough users and have not obeyed yet.

        A state repeats the demand to platforms that refused or grew later, at the rate of first
        demands.
        """
        model = state.model
        q = state.parameters
        s = model.outlook.situation
        law = read(Law).get((state.code, REPRESENTATIVE))
        if law is not None and law.since <= model.date.isoformat():
            return  # a demand exists already
        share = float((1.0 - s.freedom[state.number]) / (1.0 - s.freedom[s.decides]).mean())
        rate = q["control.demand_rate"] * share
        if not state.happens(Purpose.DEMANDS, 0, rate / 12.0, self.every_days):
            return
        used = self.users[state.number] >= q["control.demand_reach"]
        given = model.setting.answers or {}
        # No second demand while the first can still be enforced or is in court, nor to platforms
        # that obeyed or left.
        over = (*GRANTED, "left")
        settled = {
            name
            for m in state.standing
            if m.policy is not None and m.instrument == REPRESENTATIVE
            for name in m.policy.targets
            if m.policy.on is None
            or max([m.policy.on, *(one.on for one in m.policy.sanctions(model.setting))])
            > model.date
            or given.get((m.id, name)) in over
        }
        settled |= {
            name
            for (asking, name), stance in self.stances.items()
            if asking == state.number and stance.word == "court"
        }
        free = np.array([s.targets[j].name not in settled for j in self.at])
        i = state.number
        concerned = self.open[i] & ~self.foes[i] & self.talk & used & free
        aims = tuple(s.targets[self.at[k]].aim for k in np.flatnonzero(concerned))
        if not aims:
            return
        rungs = sorted(read(Rung).values(), key=lambda rung: rung.step)
        notice = next(rung for rung in rungs if rung.sanction == "announced")
        on = model.date + timedelta(days=-notice.after_days)
        ladder = [
            {
                "on": on + timedelta(days=rung.after_days),
                "sanction": rung.sanction,
                **({"amount": rung.amount} if rung.amount else {}),
                **({"share": rung.share} if rung.share else {}),
            }
            for rung in rungs
            if rung is not notice
        ]
        keys: dict[str, Any] = {"targets": tuple(aim.name for aim in aims), "ladder": ladder}
        policy = state.draft(REPRESENTATIVE, REPRESENTATIVE, -notice.after_days, **keys)
        yield state.decision(
            self.name,
            Demand(REPRESENTATIVE),
            Likely("demands", ""),
            f"{FACT}regimes:{state.code}",
            {"rate": rate},
            target=aims,
            policy=policy,
        )

    def _legislate(self, state: State) -> Iterator[Decision]:
        """Adopt laws that the state lacks and needs today, by chance; or shut its networks down in
        unrest.
        """
        model = state.model
        have = {m.instrument for m in state.standing}
        have |= {
            d.policy.instrument
            for d in model.made_by(self.name)
            if d.who == state.code and d.policy is not None
        }
        have |= {
            row.instrument
            for row in read(Law).values()
            if row.state == state.code and row.since < model.spec.start.isoformat()
        }
        free = bool(model.outlook.situation.freedom[state.number] >= FREE)
        notice = round(state.parameters["control.notice_days"])
        for number, instrument in enumerate(KINDS_OF_LAWS):
            rate = rate_of_laws(instrument, free=free).ratio
            if instrument in have or not state.happens(
                Purpose.LAWS, number, rate / 12.0, self.every_days
            ):
                continue
            terms = self._terms(state, instrument)
            if terms is not None:
                has_come = any(row.instrument == instrument for row in read(Law).values())
                cause = f"laws:{instrument}" if has_come else f"regimes:{state.code}"
                policy = state.draft(instrument, instrument, notice, **terms)
                yield self._law(state, policy, rate, cause)
        yield from self._shut_down(state)

    def _shut_down(self, state: State) -> Iterator[Decision]:
        """Shut the networks of the state down for some days in unrest, by chance."""
        calendar = state.model.outlook.calendar
        near = next((kind for kind in SHOCKS if calendar.has_come(kind, state.code)), "")
        rate = chance_of_shutdown(state.code)
        if near and state.luck(Purpose.LAWS, len(KINDS_OF_LAWS)) < rate:
            days = round(state.parameters["control.shutdown_days"])
            until = state.model.date + timedelta(days=1 + days)
            policy = state.draft(SHUTDOWN, SHUTDOWN, 1, until=until)
            yield self._law(state, policy, rate, f"moments:{near}", near)

    def _law(
        self, state: State, policy: Policy, rate: float, cause: str, near: str = ""
    ) -> Decision:
        """Return the decision to adopt a law, from its policy, its rate or chance, and a fact."""
        act = Strike if policy.targets else TakeUp
        if policy.demands():
            act = Demand
        aims = tuple(Aim(name) for name in policy.targets)
        return state.decision(
            self.name,
            act(policy.instrument),
            Likely("laws", near),
            FACT + cause,
            {"rate": rate},
            target=aims,
            policy=policy,
        )

    def _terms(self, state: State, instrument: str) -> dict[str, Any] | None:
        """Return the keys of a law that the state needs today; None if it has no need or no
        means.
        """
        model = state.model
        i = state.number
        q = state.parameters
        s = model.outlook.situation
        enough = q["targets.means_enough"]
        platforms = [s.targets[j] for j in self.at]
        used = self.users[i] >= q["control.demand_reach"]
        foreign = self.open[i] & used
        asked = foreign & ~self.foes[i]
        kinds = [model.setting.platform_facts[target.name].kind for target in platforms]

        def names(mask: np.ndarray) -> tuple[str, ...]:
            return tuple(
                target.name for target, is_in in zip(platforms, mask, strict=True) if is_in
            )

        works = ~model.outlook.closed()[self.at]
        restricted = ~self.open[i] & (s.home[self.at] != i) & works
        found: dict[str, Any]
        match instrument:
            case "content_removal" | "data_localisation":
                if state.boxes < enough and s.means["lists"][i] < enough:
                    return None
                removal = {"share": q["compliance.silenced"], "hours": q["control.removal_hours"]}
                found = {"targets": names(asked & self.talk)} | (
                    removal if instrument == "content_removal" else {}
                )
            case "vpn_ban":
                if state.boxes < enough or not restricted.any():
                    return None
                return {"share_closed": round(q["control.vpn_closed"] * state.boxes, 3)}
            case "sovereign_internet":
                years = q["control.build_years"]
                return (
                    None
                    if state.boxes > 1.0 - enough
                    else {"capability": "dpi", "build_years": years}
                )
            case "national_champion":
                lost = {
                    kind
                    for kind, is_out in zip(kinds, restricted, strict=True)
                    if is_out and kind in TALK
                }
                own = [
                    k
                    for k, j in enumerate(self.at)
                    if s.home[j] == i and kinds[k] in lost and works[k]
                ]
                best = max(own, key=lambda k: (float(self.users[i, k]), -k), default=None)
                return (
                    None
                    if best is None
                    else {"targets": (platforms[best].name,), "preinstalled": True}
                )
            case "age_limit":
                speech = np.array([kind in TALK and kind != "messenger" for kind in kinds])
                own = used & speech & works & (s.home[self.at] == i)
                # No state limits foreign platforms alone where its own lead.
                speech &= self.users[i, own].sum() <= self.users[i, asked & speech].sum()
                found = {"targets": names(asked & speech), "age": round(q["control.age"])}
            case "device_ban":
                home = s.home[self.at]
                spies = foreign & self.talk & feared(model)[i, home]
                rival = model.outlook.rivals_today()[i, home] * spies
                best = max(
                    range(len(platforms)),
                    key=lambda k: (float(rival[k]), float(self.users[i, k]), -k),
                )
                found = {
                    "targets": (platforms[best].name,) * bool(rival[best] > 0.0),
                    "devices": q["control.devices"],
                }
            case _:
                return {}
        return found if found["targets"] else None

    def _parts(self, i: int, column: int) -> dict[str, float]:
        """Return the contribution of each reason to the log odds, relative to the mean open pair
        [1].
        """
        mean = self.reasons[:, self.open].mean(axis=1)
        return {
            name: float(weights()[name] * (values[i, column] - at))
            for name, values, at in zip(REASONS, self.reasons, mean, strict=True)
        }

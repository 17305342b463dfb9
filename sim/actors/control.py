"""Orders by which states control what is said, by the chance that the record shows.

Each month a state may restrict any platform that is open there. The chance is that of
`splinternet.facts.orders`, whose weights are fitted to the record of 2012-2021, with what the run
has made of the world: who uses what today, how much platforms have grown, what is restricted here
and elsewhere. Near an election, a coup or protests it is higher, as in the record
(`splinternet.facts.orders`), and lower at other times. Between states at war, or after a clash,
orders come in packages against the platforms of the other side. The means of a state decide how it
restricts a platform. A state with its own filters blocks it, slows it, or removes it from the
stores; providers with block lists block it; a large market bars business or demands a sale. A
platform that is slowed may be blocked within a year. A restriction ends by chance, as rarely as in
the record, and then the state leaves the platform alone for a year unless a moment is near.

A state may also demand that foreign platforms appoint a representative, on the model of Turkey's
law 7253 and as often as such laws came in 2020-2022; platforms answer in their own step (`firms`),
and a state repeats its demand to platforms that do not obey. It also adopts laws of other kinds
(`splinternet.facts.orders`) when the run gives a reason for them: demands for removal or data at
home, a ban on VPNs once it restricts something, a filter, a champion in place of what it has
restricted, a limit of age, a ban on official devices. In a month of protests or a coup it may shut
its networks down.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import policies
from ..core.chance import Purpose, stream, uniform_plain
from ..decisions import (
    FACT,
    Aim,
    Behaviour,
    Decision,
    Demand,
    Hardened,
    Lift,
    Likely,
    Obeyed,
    Reviewed,
    ShutOut,
    Spare,
    Strike,
    TakeUp,
    name_of,
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
from .answered import dropped, factors, threats, with_odds
from .calendar import SHOCKS
from .statecraft import chance, grown

if TYPE_CHECKING:  # Mesa takes longer to load than a list of behaviours may
    from .agents import State
    from .politics import Politics

YEAR = 365.25
"""Days that the chance of an order is about [days]."""
FACTS = {
    "calls": "block_history",
    "precedent": "block_history",
    "siblings": "block_history",
    "control": "penetration",
}
"""The table behind a reason; that of regimes otherwise."""


def _rates_of_packages(today: date) -> Iterator[tuple[tuple[str, str], tuple[Dispute, float]]]:
    """Yield each state and other that are at war or remember a clash, the dispute, and how many
    packages of orders come a year [1/year].
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
        """Return whether it is the day of the month, or the day after a firm said that it will
        leave.
        """
        return super().is_due(model) or bool(threats(model))

    def act(self, model: Politics) -> Iterator[Decision]:
        """Find the chance of every order this month, then let each state decide; drop demands for
        which firms would leave.
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
        self.key = stream(model.member_seed, Purpose.CONTROL, model.day)
        own = [
            d
            for d in model.decisions
            if d.behaviour == self.name and not isinstance(d.act, Lift | Demand | Spare)
        ]
        self.own = {d.id for d in own}
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
        """Return whether each platform serves each state, shape (states, platforms): somebody uses
        it there, and a shop or a payment service is not barred from all trade with it by its home.
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

    def _bounded(self, model: Politics, chances: np.ndarray) -> np.ndarray:
        """Return the chances of orders [1], shape (states, platforms), those of a state that has
        ordered nothing in the record or in the run bounded by that.
        """
        has_ordered = {
            d.who
            for d in model.decisions
            if d.behaviour == self.name
            and isinstance(d.act, Strike | ShutOut)
            and getattr(d.reason, "leading", "") != "laws"
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
        # What was lifted since counts as a precedent, too; all precedents fade.
        self.first_seen = np.where(new & np.isinf(self.first_seen), model.day, self.first_seen)
        # States that do not decide go on as in the record, and after it as at its end.
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
        """End own restrictions by chance, restrict platforms, each by itself or in a package, and
        make laws.
        """
        yield from self._end_or_harden(state)
        i = state.number
        times = self.near[i]
        struck = set(self._package(state))
        for column, j in enumerate(self.at):
            if (i, j) in self.rests and max(times.values()) <= 1.0:
                continue
            if column in struck:
                yield self._order(state, column, self._war(state, column))
                continue
            factor = math.prod(times.values())
            luck = uniform_plain(self.key, i, j)
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
        model = state.model
        j = self.at[column]
        i = state.number
        factor = math.prod(self.near[i].values())
        scores = {"chance": float(self.chances[i, column]), "moments": factor}
        luck = uniform_plain(stream(model.member_seed, Purpose.CONTROL_WAYS, model.day), i, j)
        return state.strike(
            j,
            self.name,
            notice=1,
            reason=why[0],
            cause=why[1],
            scores=scores | self._parts(i, column),
            luck=luck,
        )

    def _why(self, state: State, column: int, *, is_refusal: bool) -> tuple[Likely, str]:
        """Return what made an order likely most, and the fact or the answer behind it."""
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
        """Yield that a state leaves alone who has obeyed it; nothing about who has left."""
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
        """Lift own restrictions by chance, and block by chance what is only slowed."""
        model = state.model
        i = state.number
        q = state.model.setting.parameters
        key = stream(model.member_seed, Purpose.CONTROL_ENDS, model.day)
        blocked = {
            j
            for m in model.outlook.standing()
            for j in m.objects
            if m.by == i and m.policy is not None and m.policy.instrument == "block"
        }
        for standing in model.outlook.standing():
            if (
                standing.by != i
                or standing.id not in self.own
                or standing.days < 0
                or not standing.objects
            ):
                continue
            if not model.outlook.can_be_lifted(standing):
                continue
            j = standing.objects[0]
            if uniform_plain(key, i, j) < chance(q["control.lift_rate"] / 12.0, self.every_days):
                yield state.lift(standing, self.name, Reviewed(new_government=False), {})
            elif (
                standing.policy is not None
                and standing.policy.instrument == "throttle"
                and j not in blocked
            ):
                luck = uniform_plain(
                    stream(model.member_seed, Purpose.CONTROL_WAYS, model.day), i, j
                )
                rate = q["control.harden_rate"] * recalled(standing.days)
                if luck < chance(rate / 12.0, self.every_days):
                    why = Likely("throttle", "")
                    scores = {"rate": rate}
                    row = state.strike(
                        j, self.name, notice=1, reason=why, cause=standing.id, scores=scores
                    )
                    yield row
                    yield state.lift(standing, self.name, Hardened(), {}, cause=row.id)

    def _package(self, state: State) -> Iterator[int]:
        """Yield the places in `at` of what a state restricts today of states that it is at war or
        has clashed with.
        """
        model = state.model
        i = state.number
        s = state.model.outlook.situation
        table = weights()
        key = stream(model.member_seed, Purpose.PACKAGES, model.day)
        for home in sorted({int(s.home[j]) for j in self.at}):
            _, rate = self.at_war.get((state.code, s.states[home]), (None, 0.0))
            luck = uniform_plain(key, i, len(s.targets) + home)
            if luck >= chance(rate / 12.0, self.every_days):
                continue
            for column, j in enumerate(self.at):
                if (
                    s.home[j] == home
                    and self.may[i, column]
                    and uniform_plain(key, i, j) < table["included"]
                ):
                    yield column

    # --- demands and laws -------------------------------------------------------------------------

    def _demand(self, state: State) -> Iterator[Decision]:
        """Demand a representative of the platforms that enough people use and that have not obeyed
        it already.

        A state asks again those that have refused, and those that came into use later, as often as
        it asks at first.
        """
        model = state.model
        q = state.model.setting.parameters
        s = state.model.outlook.situation
        law = read(Law).get((state.code, REPRESENTATIVE))
        if law is not None and law.since <= model.date.isoformat():
            return  # it is asked for already
        share = float((1.0 - s.freedom[state.number]) / (1.0 - s.freedom[s.decides]).mean())
        key = stream(model.member_seed, Purpose.DEMANDS, model.day)
        if uniform_plain(key, state.number) >= chance(
            q["control.demand_rate"] * share / 12.0, self.every_days
        ):
            return
        used = self.users[state.number] >= q["control.demand_reach"]
        given = model.setting.answers or {}
        laws = {
            m.policy
            for m in model.outlook.standing()
            if m.by == state.number
            and m.policy is not None
            and m.policy.instrument == REPRESENTATIVE
        }
        # Not asked twice: what a law not yet in force asks. Not asked again: what was granted, and
        # who has left.
        over = (*GRANTED, "left")
        settled = {
            name
            for law in laws
            for name in law.targets
            if law.on is None or law.on > model.date or given.get((law.id, name)) in over
        }
        free = np.array([s.targets[j].name not in settled for j in self.at])
        concerned = self.open[state.number] & self.talk & used & free
        aims = tuple(
            s.targets[j].aim
            for j, is_concerned in zip(self.at, concerned, strict=True)
            if is_concerned
        )
        if not aims:
            return
        rungs = sorted(read(Rung).values(), key=lambda rung: rung.step)
        notice = next(rung for rung in rungs if rung.sanction == "announced")
        today = model.date
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
        policy = policies.INSTRUMENTS[REPRESENTATIVE](
            id=name_of(state.code, REPRESENTATIVE, today),
            by=(state.code,),
            announced=today,
            on=on,
            **keys,
        )
        why = Likely("demands", "")
        scores = {"rate": q["control.demand_rate"] * share}
        yield state.decision(
            self.name,
            Demand(REPRESENTATIVE),
            why,
            f"{FACT}regimes:{state.code}",
            scores,
            target=aims,
            policy=policy,
        )

    def _legislate(self, state: State) -> Iterator[Decision]:
        """Adopt laws that the state lacks and has a use for today, by chance; or shut its networks
        down in unrest.
        """
        model = state.model
        i = state.number
        today = state.model.date
        s = state.model.outlook.situation
        q = model.setting.parameters
        have = {
            m.policy.instrument
            for m in model.outlook.standing()
            if m.by == i and m.policy is not None
        }
        have |= {
            d.policy.instrument
            for d in model.decisions
            if d.who == state.code and d.policy is not None and d.behaviour == self.name
        }
        have |= {
            row.instrument
            for row in read(Law).values()
            if row.state == state.code and row.since < model.spec.start.isoformat()
        }
        key = stream(model.member_seed, Purpose.LAWS, model.day)
        free = bool(s.freedom[i] >= FREE)
        for number, instrument in enumerate((*KINDS_OF_LAWS, SHUTDOWN)):
            is_shutdown = instrument == SHUTDOWN
            rate = (
                chance_of_shutdown(state.code)
                if is_shutdown
                else rate_of_laws(instrument, free=free).ratio
            )
            if is_shutdown and not any(
                model.outlook.calendar.has_come(kind, state.code) for kind in SHOCKS
            ):
                continue
            if uniform_plain(key, i, number) >= (
                rate if is_shutdown else chance(rate / 12.0, self.every_days)
            ):
                continue
            terms = (
                self._terms(state, instrument) if is_shutdown or instrument not in have else None
            )
            if terms is None:
                continue
            aims = tuple(Aim(name) for name in terms.get("targets", ()))
            kind = policies.INSTRUMENTS[instrument]
            act: Demand | Strike | TakeUp = Strike(instrument) if aims else TakeUp(instrument)
            if kind.demands():
                act = Demand(instrument)
            on = today + timedelta(days=1 if is_shutdown else round(q["control.notice_days"]))
            if is_shutdown:
                terms["until"] = on + timedelta(days=round(q["control.shutdown_days"]))
            policy = kind(
                id=name_of(state.code, instrument, today),
                by=(state.code,),
                announced=today,
                on=on,
                **terms,
            )
            near = next(
                (
                    kind
                    for kind in SHOCKS
                    if is_shutdown and model.outlook.calendar.has_come(kind, state.code)
                ),
                "",
            )
            has_come = any(row.instrument == instrument for row in read(Law).values())
            cause = f"{FACT}laws:{instrument}" if has_come else f"{FACT}regimes:{state.code}"
            cause = f"{FACT}moments:{near}" if is_shutdown else cause
            yield state.decision(
                self.name,
                act,
                Likely("laws", near),
                cause,
                {"rate": rate},
                target=aims,
                policy=policy,
            )

    def _terms(self, state: State, instrument: str) -> dict[str, Any] | None:
        """Return the keys of a law that the state has a use for today; None where it has none, or
        no means for it.
        """
        model = state.model
        i = state.number
        q = state.model.setting.parameters
        s = state.model.outlook.situation
        enough = q["targets.means_enough"]
        platforms = [s.targets[j] for j in self.at]
        used = self.users[i] >= q["control.demand_reach"]
        foreign = self.open[i] & used
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
                found = {"targets": names(foreign & self.talk)} | (
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
                found = {"targets": names(foreign & speech), "age": round(q["control.age"])}
            case "device_ban":
                rival = model.outlook.rivals_today()[i, s.home[self.at]] * (foreign & self.talk)
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
        """Return by how much each reason raises the log odds above those of the mean open pair [1]."""
        mean = self.reasons[:, self.open].mean(axis=1)
        return {
            name: float(weights()[name] * (values[i, column] - at))
            for name, values, at in zip(REASONS, self.reasons, mean, strict=True)
        }

"""The politics of one arm: the law, the states' view of each other, and decisions.

`splinternet.arm.Arm` adds access and people to it, `splinternet.actors.agents.StatesAlone` has
states only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import mesa
import numpy as np

from ..core.chance import Purpose, normal_plain, stream
from ..decisions import Behaviour, Decision, Lift, Settled, ShutOut
from ..errors import RunError
from ..people.setting import Setting, dollars_a_day
from ..policies.base import Policy
from ..scenario import Scenario
from ..scenario.schema import BEHAVIOURS
from ..world.law import Docket, docket_of
from ..world.situation import Situation, situation_of
from .calendar import Calendar
from .statecraft import closeness, rivalry, size_ratio, with_votes

SECTORS: dict[str, str | None] = {
    "platform": None,
    "carrier": "carrier",
    "cloud": "cloud",
    "maker": "phones",
}
"""Sector by kind of object, for objects that states can target; a platform is found by name
alone.
"""
MONTH = 30
"""Days from one step of the trends to the next [days]."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A policy of one state that is announced or in force.

    Attributes
    ----------
    id : str
        Id of the policy, or of the decision if the modelled network has no instrument for it.
    by : int
        Number of the state.
    objects : tuple of int
        Numbers of its targets; empty for a policy without a target abroad.
    days : int
        Days in force; negative while it is only announced.
    policy : Policy or None
    """

    id: str
    by: int
    objects: tuple[int, ...]
    days: int
    policy: Policy | None = field(default=None, compare=False)

    @property
    def instrument(self) -> str:
        """The name of its instrument; empty where the modelled network has none for it."""
        return self.policy.instrument if self.policy is not None else ""


class Moved(NamedTuple):
    """The change of the world since the first day.

    Attributes
    ----------
    size : numpy.ndarray, shape (targets,)
        Change of each target, added to the log odds of its use and to the log of its earnings
        [log].
    product : numpy.ndarray, shape (states,)
        Growth of each economy [log].
    """

    size: np.ndarray
    product: np.ndarray


class Outlook:
    """The view that states have of the world; parts that depend only on the first day are
    calculated once.

    Parameters
    ----------
    model : Politics
    situation : Situation, optional
        The world of the first day as states see it; by default that of the model's facts.
    """

    def __init__(self, model: Politics, situation: Situation | None = None) -> None:
        self.model = model
        if situation is not None:
            self.situation = situation
        self._aims: dict[str, list[tuple[int, tuple[int, ...]]]] = {}
        self._today: dict[str, tuple[tuple[int, int], Any]] = {}
        self._by_votes: dict[int, np.ndarray] = {}

    @cached_property
    def situation(self) -> Situation:
        """The world of the first day, as states see it."""
        return situation_of(self.model.setting)

    @cached_property
    def states(self) -> list[Any]:
        """The agents of the states, in the order of the situation."""
        by_code = {state.code: state for state in self.model.states}
        return [by_code[code] for code in self.situation.states]

    @property
    def deciding(self) -> list[Any]:
        """The agents of the states with a government and known relations, in order."""
        return [
            state
            for state, decides in zip(self.states, self.situation.decides, strict=True)
            if decides
        ]

    @cached_property
    def calendar(self) -> Calendar:
        """Elections, coups and protests of the states that decide."""
        return Calendar(self.model)

    @cached_property
    def rivals(self) -> np.ndarray:
        """Rivalry that each state sees in each other state on the first day [1], shape (states,
        states).
        """
        s = self.situation
        discount = self.model.setting.parameters["targets.ally_discount"]
        return rivalry(s.alliance, s.likeness, s.product, discount)

    @cached_property
    def close(self) -> np.ndarray:
        """Closeness of each state to another from facts that do not change in a run [1], shape
        (states, states).
        """
        s = self.situation
        q = self.model.setting.parameters
        weights = q["imitation.alliance"], q["imitation.trade"], q["imitation.likeness"]
        return closeness(s.alliance, s.trade, s.likeness, weights, q["imitation.trade_full"])

    @cached_property
    def harms(self) -> np.ndarray:
        """Loss of each target's home state when a state bans the target [US$ bn a year], shape
        (states, targets).

        Its revenue falls by the state's part of its users (assumption: a user is worth the same
        everywhere).
        """
        s = self.situation
        here = s.users * s.people[:, None]
        return np.divide(
            here * s.revenue, here.sum(axis=0), out=np.zeros_like(here), where=here.sum(axis=0) > 0
        )

    @cached_property
    def exposure(self) -> np.ndarray:
        """Economic exposure of each state to each other state [1], shape (states, states).

        The larger of two shares: of its firms' revenue that comes from there, and of its trade.
        """
        s = self.situation
        here = s.users * s.people[:, None]
        part = (
            np.divide(here, here.sum(axis=0), out=np.zeros_like(here), where=here.sum(axis=0) > 0)
            * s.revenue
        )
        out = np.zeros((len(s.states), len(s.states)))
        for i in range(len(s.states)):
            own = s.home == i
            total = float(s.revenue[own].sum())
            out[i] = part[:, own].sum(axis=1) / total if total > 0 else 0.0
        return np.maximum(out, s.trade)

    def losses(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the current `Politics.losses`, calculated again only on a new day or after a
        decision.
        """
        return self.once_a_day("losses", self.model.losses)

    def once_a_day[T](self, name: str, work_out: Callable[[], T]) -> T:
        """Return the value with a name, calculated again only on a new day or after a decision."""
        now = self.model.day, len(self.model.decisions)
        if name not in self._today or self._today[name][0] != now:
            self._today[name] = now, work_out()
        found: T = self._today[name][1]
        return found

    # --- trends -----------------------------------------------------------------------------------

    @cached_property
    def _months(self) -> list[Moved]:
        """Changes of the world up to each month requested so far."""
        return [Moved(np.zeros(len(self.situation.targets)), np.zeros(len(self.situation.states)))]

    def moved(self) -> Moved:
        """Return the change of the world until today, which depends only on the seed and the month.

        Platforms and firms rise and fall, and economies grow at different rates. The logarithm of
        each is a random walk with one step a month. Only policies change the use of the simulated
        people; states see this use plus the walk.
        """
        month = max(0, self.model.day) // MONTH
        q = self.model.setting.parameters
        steps = tuple(
            q[name] * math.sqrt(MONTH / 365.25) for name in ("trend.targets", "trend.economies")
        )
        while len(self._months) <= month:
            key = stream(self.model.member_seed, Purpose.TREND, len(self._months))
            size, product = self._months[-1]
            size = size + steps[0] * np.array([normal_plain(key, j, 0) for j in range(size.size)])
            product = product + steps[1] * np.array(
                [normal_plain(key, size.size + i, 0) for i in range(product.size)]
            )
            self._months.append(Moved(size, product))
        return self._months[month]

    def rivals_today(self) -> np.ndarray:
        """Return the rivalry that each state sees in each other state today [1], shape (states,
        states).

        Rivalry grows as the economy of the rival catches up.
        """
        before = self.situation.product
        return np.asarray(self.rivals * size_ratio(self.product_today()) / size_ratio(before))

    def product_today(self) -> np.ndarray:
        """Return the product of each state today, shape (states,) [US$]."""
        return np.asarray(self.situation.product * np.exp(self.moved().product))

    def close_today(self) -> np.ndarray:
        """Return the closeness of each state to each other state as a model to follow today [1],
        shape (states, states).

        The votes of a year count from the next year; those of the last known year stay in use.
        """
        known = self.situation.votes
        year = max((year for year in known if year < self.model.date.year), default=None)
        if year is None:
            return self.close
        if year not in self._by_votes:
            self._by_votes[year] = with_votes(
                self.close, known[year], self.model.setting.parameters["imitation.votes"]
            )
        return self._by_votes[year]

    # --- policies ---------------------------------------------------------------------------------

    def standing(self) -> list[Standing]:
        """Return the policies announced or in force today, by id; do not change the list."""
        return self.once_a_day(
            "standing",
            lambda: sorted(
                [*self._of_docket(), *self._outside_the_network()], key=lambda m: (m.id, m.by)
            ),
        )

    def hostile(self) -> list[Standing]:
        """Return the policies that are announced or in force against other states and their firms.

        The policies of `control` are rarely among them, because they are about the speech and
        reading of a state's own people. Of 168 orders of 14 days or more against foreign platforms
        in 2012-2021 (``block_history.csv``) no home answered one in kind in two years;
        ``retaliation.orders`` is that rate.
        """
        inward = {d.id for d in self.model.made_by("control") if not self._is_taken_up(d)}
        return [standing for standing in self.standing() if standing.id not in inward]

    def _is_taken_up(self, order: Decision) -> bool:
        """Return whether the home of a platform counts an order by `control` as harm, by chance."""
        place = self.numbers.get(order.target[0], 0) if order.target else 0
        by = self.states[self.situation.states.index(order.who)]
        luck = by.luck(Purpose.IN_KIND, place, (order.day - self.model.spec.start).days)
        return luck < self.model.setting.parameters["retaliation.orders"]

    def leaves_platforms(self) -> np.ndarray:
        """Return the targets that only the behaviour `control` acts against, if it is on, shape
        (targets,).

        Its rule is scored on the record of platforms, and counts the examples of other states as
        precedents.
        """
        on = self.model.spec.behaviour.is_on("control")
        return np.array([on and target.platform >= 0 for target in self.situation.targets])

    def _of_docket(self) -> Iterator[Standing]:
        """Yield the policies in the law, and those decided today that are not in it yet."""
        docket = self.model.docket
        decided = self.model.decided
        today = self.model.date
        listed = [*docket.once, *((notice.policy, -1) for notice in docket.announced)]
        ids = {policy.id for policy, _ in listed}
        # A policy that a state has decided to end is in force until tomorrow, but must not be ended
        # again.
        ended = {p.about() or "" for p in decided if p.HALTS}
        over = ended | {p.id for p in decided if p.HALTS or p.is_over(today)}
        for policy, days in (
            *listed,
            *((p, -1) for p in decided if p.id not in ids and p.id not in over),
        ):
            if policy.id not in ended:
                for by, abroad in self._aims_of(policy):
                    yield Standing(policy.id, by, abroad, days, policy)

    def _aims_of(self, policy: Policy) -> list[tuple[int, tuple[int, ...]]]:
        """Return each state behind a policy, with the foreign targets that it bans; empty for a
        relief.
        """
        if policy.id not in self._aims:
            s = self.situation
            banned = [
                (o.name, SECTORS[o.kind])
                for o in policy.objects()
                if policy.BANS and o.kind in SECTORS
            ]
            objects = [
                j for name, sector in banned if (j := self._number_of(name, sector)) is not None
            ]
            by = () if policy.relieves() else map(s.states.index, policy.by)
            self._aims[policy.id] = [(i, tuple(j for j in objects if s.home[j] != i)) for i in by]
        return self._aims[policy.id]

    def _number_of(self, name: str, sector: str | None) -> int | None:
        """Return the number of a target; a cloud's name begins with that of its firm."""
        targets = self.situation.targets
        numbers = {
            (t.name, None if t.platform >= 0 else t.sector): j for j, t in enumerate(targets)
        }
        begins = (
            j
            for (firm, of), j in numbers.items()
            if of == sector is not None and name.startswith(firm)
        )
        return numbers.get((name, sector), next(begins, None))

    def _outside_the_network(self) -> Iterator[Standing]:
        """Yield decisions for which the modelled network has no instrument, such as a ban on a
        maker.
        """
        s = self.situation
        decisions = self.model.decisions
        over = {d.act.policy for d in decisions if isinstance(d.act, Lift) and d.policy is None}
        for d in decisions:
            if isinstance(d.act, ShutOut) and d.id not in over:
                objects = tuple(self.numbers[aim] for aim in d.target)
                yield Standing(d.id, s.states.index(d.who), objects, (self.model.date - d.day).days)

    @cached_property
    def numbers(self) -> dict[Any, int]:
        """Aim -> number of the target."""
        return {target.aim: j for j, target in enumerate(self.situation.targets)}

    def banned(self, *, in_force: bool = False) -> np.ndarray:
        """Return the targets that each state bans, shape (states, targets): blocked on the first
        day, in force or announced.

        Parameters
        ----------
        in_force : bool
            Whether to leave out policies that are only announced.
        """
        out = self.situation.blocked.copy()
        for standing in self.standing():
            if standing.days >= 0 or not in_force:
                out[standing.by, list(standing.objects)] = True
        return out

    def closed(self) -> np.ndarray:
        """Return the platforms that their owners have closed for good by today, shape
        (targets,).
        """
        names = self.model.setting.closed_on(self.model.date)
        return np.array(
            [target.platform >= 0 and target.name in names for target in self.situation.targets]
        )

    def can_be_lifted(self, standing: Standing) -> bool:
        """Return whether the policy can be lifted: False if a sale took place or the platform has
        closed.
        """
        is_done = standing.policy is not None and standing.policy.is_done(self.model.setting)
        return not (is_done or (standing.objects and self.closed()[list(standing.objects)].all()))

    def liftable(self, by: int | None = None) -> list[Standing]:
        """Return the policies against foreign firms that one state can end by itself, including
        those that are only logged.

        Parameters
        ----------
        by : int, optional
            Number of a state; by default the policies of all states.
        """
        return [
            m
            for m in self.standing()
            if by in (None, m.by)
            and m.objects
            and (m.policy is None or len(m.policy.by) == 1)
            and self.can_be_lifted(m)
        ]

    def off_limits(self) -> np.ndarray:
        """Return the targets that each state will not act against, shape (states, targets).

        These are the targets that it bans or that its people won back, its own firms, platforms
        that have closed, and firms behind networks without a share of its market.
        """
        s = self.situation
        behind = np.array([target.platform < 0 for target in s.targets])
        absent = behind[None, :] & (s.users <= 0.0)
        out = (
            absent
            | self.banned()
            | (s.home[None, :] == np.arange(len(s.states))[:, None])
            | self.closed()
        )
        for d in self.model.made_by("pushback"):
            # States remember only policies against a single firm.
            if len(d.target) == 1 and d.target[0] in self.numbers:
                out[s.states.index(d.who), self.numbers[d.target[0]]] = True
        return np.asarray(out)


class Politics(mesa.Model):
    """The law of one arm, and the agents who decide.

    Parameters
    ----------
    spec : Scenario
    arm : {"policy", "baseline"}
        Nobody decides in the baseline arm.
    seed : int
        The seed of the world.
    setting : Setting
        Facts with the scenario's changes, on the first day.

    Attributes
    ----------
    states : mesa.agent.AgentSet of State
    day : int
        Number of today, from 0; -1 before the first day.
    docket : Docket
        The law of today.
    decided : tuple of Policy
        Policies that states have decided; they join those of the scenario.
    decisions : list of Decision
        All decisions, in order.
    behaviours : tuple of Behaviour
        Behaviours that the scenario switches on, in alphabetical order. A behaviour may remember
        things for this arm.
    open_decisions : dict of str to (int, list of Decision)
        By behaviour: the day of its latest decisions, and those not carried out yet.
    outlook : Outlook
        The states' view of the world.
    """

    states: mesa.agent.AgentSet[Any]

    def __init__(self, spec: Scenario, arm: str, seed: int, setting: Setting) -> None:
        super().__init__(rng=seed)
        self.spec = spec
        self.arm = arm
        self.member_seed = seed
        self.setting = setting
        self.day = -1
        self.docket = Docket((), ())
        self.decided: tuple[Policy, ...] = ()
        self.decisions: list[Decision] = []
        on = sorted(spec.behaviour.on) if arm == "policy" else []
        made = (BEHAVIOURS[name]() for name in on)
        self.behaviours = tuple(behaviour for behaviour in made if isinstance(behaviour, Behaviour))
        self.outlook = Outlook(self)
        self.open_decisions: dict[str, tuple[int, list[Decision]]] = {}

    @property
    def date(self) -> date:
        """Today's date; before the first step, the day before the first day."""
        return self.spec.start + timedelta(days=self.day)

    def made_by(self, *behaviours: str) -> list[Decision]:
        """Return the decisions of some behaviours so far, in order."""
        return [d for d in self.decisions if d.behaviour in behaviours]

    def adopt(self, setting: Setting) -> None:
        """Replace the facts of this arm for good, as after a sale."""
        self.setting = setting

    def enforce(self) -> None:
        """Find today's law, and carry out and log its permanent changes, such as a sale or a move
        of data.
        """
        dated = self.spec.policies if self.arm == "policy" else ()
        self.docket = docket_of((*dated, *self.decided), self.date)
        for policy, _ in self.docket.in_force:
            for platform, act, setting in policy.happens(self.date, self.setting):
                self.adopt(setting)
                reason = Settled(policy.id, policy.by)
                self.decisions.append(
                    Decision(self.date, platform, "scenario", act, cause=policy.id, reason=reason)
                )

    def decide(self) -> None:
        """Let states and platforms decide by each behaviour that acts today, and log the decisions.

        A policy decided today is in force tomorrow at the earliest, because today's law is already
        fixed.
        """
        for behaviour in self.behaviours:
            for decision in self._open_decisions(behaviour):
                self._carry_out(decision)
            self.open_decisions[behaviour.name] = self.day, []

    def decide_for(self, who: str) -> None:
        """Let one state or platform decide by each behaviour that acts today; `decide` lets all
        states and platforms do so.

        Parameters
        ----------
        who : str
            The code of a state or the name of a platform. Decisions of nobody in particular, such
            as the growth of a firm, are carried out with the first.
        """
        known = {agent.who for agent in self.agents}
        for behaviour in self.behaviours:
            found = self._open_decisions(behaviour)
            left = [each for each in found if each.who in known - {who}]
            self.open_decisions[behaviour.name] = self.day, left
            for decision in found:
                if decision.who not in known - {who}:
                    self._carry_out(decision)

    def _open_decisions(self, behaviour: Behaviour) -> list[Decision]:
        """Return today's decisions by a behaviour that are not carried out yet.

        A behaviour decides once a day: no state sees what others decide at the same time.
        """
        day, found = self.open_decisions.get(behaviour.name, (-1, []))
        if day == self.day:
            return found
        return list(behaviour.act(self)) if behaviour.is_due(self) else []

    def _carry_out(self, decision: Decision) -> None:
        """Log a decision; a policy that follows from it joins those of the scenario."""
        self.decisions.append(decision)
        if not isinstance(decision.policy, Policy):
            return
        if decision.policy.who is not None:
            raise RunError(
                f"{decision.behaviour} decided {decision.policy.id} with a 'who': a policy that is "
                "decided during a run concerns everybody; only those of the scenario concern "
                "some people"
            )
        self.decided += (decision.policy,)

    # --- people as states see them; an arm with simulated people counts them ----------------------

    def share_concerned(self, policy: Policy) -> np.ndarray:
        """Return the share of each state's people to whom a policy applies, shape (states,) [1]."""
        return np.ones(len(self.setting.states))

    def users_today(self) -> np.ndarray:
        """Return the share of each state's people who use each target, shape (states, targets) [1].

        Shares are those of the first day, and 0 where the target is banned.
        """
        s = self.outlook.situation
        return np.where(self.outlook.banned(in_force=True) & ~s.blocked, 0.0, s.users)

    def losses(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the share of each state's people who lost contact and the surplus lost [US$ a day
        and user].

        Both follow from the policies in force, shape (states,) each: the diaspora that talked on
        the platforms, and the users cut off, each valued as a messenger's user and without
        workarounds (an upper bound).
        """
        s = self.outlook.situation
        contact = np.zeros(len(s.states))
        surplus = np.zeros(len(s.states))
        a_day = dollars_a_day(self.setting) * self.setting.parameters["value.messenger"]
        part = s.product / s.product.sum()
        for m in self.outlook.standing():
            for j in m.objects if m.days >= 0 else ():
                home = s.home[j]
                contact[m.by] += s.migrants[m.by, home] * s.users[home, j] * s.talks[j]
                surplus[m.by] += (
                    s.users[m.by, j] * s.worth[j] * a_day * min(1.0, float(part[m.by] / part.max()))
                )
        return np.minimum(1.0, contact), surplus

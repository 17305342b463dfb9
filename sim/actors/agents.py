"""The agents that decide: states, which make policies, and platforms, whose firms answer
demands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any

import mesa
import numpy as np

from .. import policies
from ..core.chance import Purpose, stream, uniform_plain
from ..decisions import Act, Aim, Decision, Lift, Reason, ShutOut, Strike, name_of
from ..facts import PlatformFact, StateFact
from ..facts.orders import recalled
from ..facts.relations import Rung, Way
from ..facts.tables import read
from ..facts.worlds import load_world
from ..policies.base import Policy
from ..policies.demands import USUAL_DAYS
from ..scenario import Scenario
from ..world.law import docket_of
from ..world.scenario_setting import make_setting
from ..world.situation import Situation, Target
from . import statecraft
from .politics import Outlook, Politics, Standing

_stream = lru_cache(maxsize=256)(stream)
"""Many draws of a day have the same key."""


class Actor(mesa.Agent[Any]):
    """Base of the agents that decide in the model: states and platforms.

    Attributes
    ----------
    who : str
        The name that decisions and results use: the code of a state, or the name of a platform.
    number : int
        Its position in arrays of states or of platforms.
    """

    number: int

    def __init__(self, model: Politics, who: str) -> None:
        super().__init__(model)
        self.who = who

    @property
    def parameters(self) -> Mapping[str, float]:
        """The parameters of the run by name."""
        values: Mapping[str, float] = self.model.setting.parameters
        return values

    def step(self) -> None:
        """Let the state decide by each behaviour that acts today, and carry out the decisions.
        Further calls on the same day have no effect.

        The phase ``decide`` lets all agents decide, behaviour by behaviour. In your own schedule,
        ``model.agents.shuffle_do("step")`` can replace it.
        """
        self.model.decide_for(self.who)

    def luck(self, purpose: Purpose, item: int = 0, day: int | None = None) -> float:
        """Return a random number from 0 to 1, the same for each call with the same arguments.

        Parameters
        ----------
        purpose : Purpose
        item : int
            The object of the decision, such as the number of a target.
        day : int, optional
            By default today; 0 also for a number drawn once a run.
        """
        model = self.model
        key = _stream(model.member_seed, purpose, model.day if day is None else day)
        return uniform_plain(key, self.number, item)

    def decision(
        self,
        behaviour: str,
        act: Act,
        reason: Reason,
        cause: str,
        scores: Mapping[str, float] | None = None,
        *,
        target: tuple[Aim, ...] = (),
        policy: Policy | None = None,
        platforms: tuple[str, ...] = (),
    ) -> Decision:
        """Return a decision of today; the parameters are the attributes of `Decision`."""
        return Decision(
            self.model.date,
            self.who,
            behaviour,
            act,
            target,
            policy,
            cause,
            scores or {},
            reason,
            platforms,
        )


class State(Actor):
    """A state, with its facts, its government and the means that it can use.

    Attributes
    ----------
    code : str
        ISO 3166 alpha-2.
    fact : StateFact
        Population, users, income and phones, with their sources.
    government : Government
        That of today.
    tolerated : numpy.ndarray or None, shape (targets,)
        Fear minus cost at which the state acts against each target [1]; None before its first
        assessment.
    """

    def __init__(self, model: Politics, code: str, fact: StateFact) -> None:
        super().__init__(model, code)
        self.code = code
        self.fact = fact
        self.government = statecraft.Government()
        self.tolerated: np.ndarray | None = None
        self._spent = 0.0
        self._spent_on = 0

    @cached_property
    def number(self) -> int:  # type: ignore[override]
        """The position of the state in `Outlook.situation`."""
        return self.model.outlook.situation.states.index(self.code)

    @property
    def name(self) -> str:
        """English name."""
        return self.fact.name

    @property
    def readiness(self) -> float:
        """Readiness of today's government to act, relative to that of the first day [1]."""
        return self.government.readiness ** recalled(self.model.day - self.government.since)

    @property
    def policies(self) -> list[str]:
        """Ids of its policies in force today."""
        return [p.id for p, _ in self.model.docket.once if self.code in p.by]

    def bar(self, score: np.ndarray) -> np.ndarray:
        """Return the score at which the state acts against each target [1], shape (targets,).

        The first day's conditions are not a new reason to act: a state acts only on a score that
        exceeds that of the first day by a margin. ``targets.accustomed`` sets the strength of this
        rule; at 0 a state acts on every score above ``targets.threshold``.

        Parameters
        ----------
        score : numpy.ndarray, shape (targets,)
            Fear minus cost today; the first score is remembered.
        """
        if self.tolerated is None:
            q = self.parameters
            above = np.maximum(0.0, score + q["targets.margin"] - q["targets.threshold"])
            self.tolerated = np.asarray(q["targets.threshold"] + q["targets.accustomed"] * above)
        return self.tolerated

    @cached_property
    def boxes_before(self) -> float:
        """Share of the state's lines that its own filters inspected before any law of the scenario
        [1].

        The table of means has the value of the world's day, which includes filters that earlier
        laws have built.
        """
        day = load_world(self.model.setting.facts.name).day
        without = 1.0
        for law in self.model.spec.policies:
            if (
                self.code in law.by
                and law.national_means() == "dpi"
                and law.on is not None
                and law.on <= day
            ):
                built = law.share_built((day - law.on).days)
                without *= 1.0 - built if built < 1.0 else 1.0
        first = float(self.model.outlook.situation.means["filter"][self.number])
        return max(0.0, 1.0 - (1.0 - first) / without)

    @property
    def boxes(self) -> float:
        """Share of the state's lines that its own filters inspect today [1]. Laws that build a
        filter raise this share over time.
        """
        without = 1.0 - self.boxes_before
        for standing in self.standing:
            law = standing.policy
            if standing.days >= 0 and law is not None and law.national_means() == "dpi":
                without *= 1.0 - law.share_built(standing.days)
        return 1.0 - without

    @property
    def standing(self) -> list[Standing]:
        """Its policies that are announced or in force today, by id."""
        return [m for m in self.model.outlook.standing() if m.by == self.number]

    def happens(self, purpose: Purpose, item: int, rate: float, days: float) -> bool:
        """Return whether an event with a monthly rate happens within some days, by chance.

        Parameters
        ----------
        purpose : Purpose
        item : int
            As in `luck`.
        rate : float
            [1/month].
        days : float
            Period, such as the time between two turns of a behaviour [days].
        """
        return self.luck(purpose, item) < statecraft.chance(rate, days)

    def burden(self, objects: Iterable[int]) -> float:
        """Return the loss of the state's people without some targets [1]: the share of users of
        each, times its worth to a user, relative to a messenger.
        """
        s = self.model.outlook.situation
        return float(sum(s.users[self.number, j] * s.worth[j] for j in objects))

    def can_afford(self, cost: float) -> bool:
        """Return whether the government has enough political capital for a policy with a given cost
        to its people [1].
        """
        return self._spent_with(cost) <= 1.0

    def spend(self, cost: float) -> bool:
        """Let the government pay for a policy with political capital, which recovers over time;
        return whether it has enough.
        """
        if not self.can_afford(cost):
            return False
        self._spent = self._spent_with(cost)
        self._spent_on = self.model.day
        return True

    def _spent_with(self, cost: float) -> float:
        """Return the political capital spent after one more policy [1]; a policy that costs the
        people takes more.
        """
        q = self.parameters
        spent = max(
            0.0, self._spent - (self.model.day - self._spent_on) / q["capital.recovery_days"]
        )
        return spent + q["capital.price"] * (1.0 + max(0.0, cost))

    def strike(
        self,
        j: int,
        behaviour: str,
        *,
        notice: int,
        reason: Reason,
        cause: str,
        scores: dict[str, float],
        luck: float | None = None,
    ) -> Decision:
        """Return the decision to act against a target with the means of the state.

        Parameters
        ----------
        j : int
            Number of the target.
        behaviour : str
            Name of the behaviour that decides.
        notice : int
            Days from announcement to force; a policy binds tomorrow at the earliest [days].
        reason : Reason
            Why it acts.
        cause : str
            Id of the policy that the decision answers or copies, or of a fact.
        scores : dict of str to float
            The scores on which the decision rests.
        luck : float, optional
            A number from 0 to 1 that selects one of the possible instruments; by default the most
            frequent one.
        """
        target = self.model.outlook.situation.targets[j]
        means = self.means_against(target, luck)
        if means is None:
            return self.decision(behaviour, ShutOut(), reason, cause, scores, target=(target.aim,))
        instrument, keys = means
        policy = self.draft(instrument, target.label, max(1, notice), **keys)
        return self.decision(
            behaviour,
            Strike(instrument),
            reason,
            cause,
            scores,
            target=(target.aim,),
            policy=policy,
        )

    def draft(self, instrument: str, label: str, notice: int, **keys: Any) -> Policy:
        """Return a policy that the state announces today.

        Parameters
        ----------
        instrument : str
        label : str
            Text from which its id is made.
        notice : int
            Days from announcement to force [days].
        **keys
            The keys of the instrument.
        """
        today = self.model.date
        return policies.INSTRUMENTS[instrument](
            id=name_of(self.code, label, today),
            by=(self.code,),
            announced=today,
            on=today + timedelta(days=notice),
            **keys,
        )

    def lift(
        self,
        standing: Standing,
        behaviour: str,
        reason: Reason,
        scores: dict[str, float],
        *,
        cause: str = "",
    ) -> Decision:
        """Return the decision to end a policy tomorrow.

        Parameters
        ----------
        standing : Standing
            The policy to end; if the modelled network has no instrument for it, only the log
            records the end.
        behaviour : str
            Name of the behaviour that decides.
        reason : Reason
            Why.
        scores : dict of str to float
            The scores on which the decision rests.
        cause : str
            Id of the earlier decision that leads to this one; by default that of the policy itself.
        """
        tomorrow = self.model.date + timedelta(days=1)
        policy = None
        if standing.policy is not None:
            keys: dict[str, Any] = {"by": (self.code,), "on": tomorrow, "policy": standing.id}
            policy = policies.INSTRUMENTS[policies.ending()](
                id=f"{standing.id[:49]}-end-{tomorrow}", **keys
            )
        aims = tuple(self.model.outlook.situation.targets[j].aim for j in standing.objects)
        act = Lift(standing.id)
        return self.decision(
            behaviour, act, reason, cause or standing.id, scores, target=aims, policy=policy
        )

    def copy_of(self, policy: Policy, label: str, *, has_date: bool = True) -> Policy:
        """Return a copy of another state's policy that this state announces today.

        Parameters
        ----------
        policy : Policy
        label : str
            Text from which its id is made.
        has_date : bool
            Whether it is in force from tomorrow; a threat without a date is copied as a threat.
        """
        today = self.model.date
        dates = {
            "announced": today,
            "on": today + timedelta(days=1) if has_date else None,
            "until": None,
        }
        own = {"id": name_of(self.code, label, today), "by": (self.code,), "reference": None}
        return policy.model_copy(update=dates | own)

    def means_against(
        self, target: Target, luck: float | None = None
    ) -> tuple[str, dict[str, Any]] | None:
        """Return the instrument that the state can use against a target, with the instrument's own
        keys; None if it has none.

        Parameters
        ----------
        target : Target
        luck : float, optional
            As in `strike`.
        """
        kind = "platform" if target.platform >= 0 else target.sector
        ways = [
            way
            for way in read(Way).values()
            if way.object == kind
            and way.sector in ("", target.sector)
            and way.instrument in policies.INSTRUMENTS
            and self._has(way.means)
        ]
        if not ways:
            return None
        best = [way for way in ways if (way.means, way.sector) == (ways[0].means, ways[0].sector)]
        way = max(best, key=lambda one: one.share)
        if luck is not None:
            ends = np.cumsum([one.share for one in best])
            way = best[min(len(best) - 1, int((ends / ends[-1] <= luck).sum()))]
        names = (target.name,)
        if kind == "cloud":  # a policy names those clouds of the firm that host platforms
            hosts = {
                host for fact in self.model.setting.platform_facts.values() for host in fact.hosting
            }
            names = tuple(sorted(host for host in hosts if host.startswith(target.name)))
        key = next(
            key
            for key, named in policies.INSTRUMENTS[way.instrument].OBJECTS.items()
            if named == kind
        )
        more: dict[str, Any] = {"technique": way.technique} if way.technique else {}
        boxes = round(self.boxes, 2) if way.means == "filter" else 1.0
        if way.instrument == "throttle":  # as strict as the last sanction of a demand
            more |= {"share": max(rung.share for rung in read(Rung).values()), "coverage": boxes}
        elif policies.INSTRUMENTS[way.instrument].SELLS:
            more["days"] = USUAL_DAYS
        elif boxes < 1.0 and way.technique:
            more["boxes"] = boxes
        return (way.instrument, {key: names, **more}) if names else None

    def _has(self, means: str) -> bool:
        """Return whether the state has enough of some means; it may have built a filter since the
        first day.
        """
        if not means:
            return True
        level = (
            self.boxes
            if means == "filter"
            else float(self.model.outlook.situation.means[means][self.number])
        )
        return level >= self.parameters["targets.means_enough"]

    def __repr__(self) -> str:
        return f"<State {self.code}: {', '.join(self.policies) or 'no policy in force'}>"


class Platform(Actor):
    """A platform, with its facts and its use today.

    Attributes
    ----------
    name : str
        The name that results use.
    number : int
        Its position in arrays of platforms.
    """

    def __init__(self, model: Politics, name: str) -> None:
        super().__init__(model, name)
        self.name = name
        self.number = model.setting.platforms.index(name)

    @property
    def fact(self) -> PlatformFact:
        """Owner, home state, kind, modes, hosting and stores today, with their source; a sale
        changes some of them.
        """
        fact: PlatformFact = self.model.setting.platform_facts[self.name]
        return fact

    @property
    def home(self) -> str:
        """State whose law the owner answers to, alpha-2."""
        return self.fact.home

    @property
    def active_users(self) -> float:
        """Expected number of people in all states who use it today [persons]."""
        return float(self.model.active_users(self.name))

    def __repr__(self) -> str:
        users = self.active_users  # unknown before the end of the first day
        use = f"{users:,.0f} active users" if users == users else "before the first day"
        return f"<Platform {self.name} ({self.fact.kind}, {self.home}): {use}>"


class StatesAlone(Politics):
    """The states of a scenario without simulated people, for sweeps over thousands of worlds.

    The behaviours act on the same days as in a run. A world takes a fraction of a second instead of
    minutes. The policies in force replace the choices of people: a banned platform counts as lost.

    Parameters
    ----------
    spec : Scenario
    seed : int, optional
        The seed; by default that of the scenario.
    world : Situation, optional
        A world that you build yourself; by default the world of the scenario's facts.
    """

    def __init__(
        self, spec: Scenario, seed: int | None = None, world: Situation | None = None
    ) -> None:
        # Platforms decide by the value of their users, which this model does not have.
        states = spec.behaviour.model_copy(update={"platforms": False})
        spec = spec.model_copy(update={"behaviour": states})
        super().__init__(spec, "policy", spec.seed if seed is None else seed, make_setting(spec))
        for code, fact in self.setting.state_facts.items():
            State(self, code, fact)
        self.states = self.agents_by_type[State]
        self.outlook = Outlook(self, world)

    def __repr__(self) -> str:
        size = f"{len(self.states)} states, {len(self.decisions)} decisions"
        return f"<StatesAlone {self.spec.name}: {self.date}, {size}>"

    def step(self) -> None:
        """Simulate one day: first the law, then the decisions."""
        self.day += 1
        self.docket = docket_of((*self.spec.policies, *self.decided), self.date)
        self.decide()

    def run(self) -> StatesAlone:
        """Simulate all days and return the arm; days on which no state decides are skipped."""
        for day in range(self.spec.days):
            self.day = day
            if day == self.spec.days - 1 or any(each.is_due(self) for each in self.behaviours):
                self.day = day - 1
                self.step()
        return self

    def blocs(self) -> np.ndarray:
        """Return the bloc of each state today, as the number of the bloc's first member, shape
        (states,).
        """
        return statecraft.find_blocs(self.likeness(), self.setting.parameters["blocs.together"])

    def likeness(self) -> np.ndarray:
        """Return the likeness of access of each two states today [1], shape (states, states). A
        banned platform counts as closed.
        """
        s = self.outlook.situation
        columns = [j for j, t in enumerate(s.targets) if t.platform >= 0]
        usable = 1.0 - self.outlook.banned(in_force=True)[:, columns].astype(float)
        return statecraft.likeness_of_access(
            usable, (s.users * s.people[:, None]).sum(axis=0)[columns]
        )

    def effective_internets(self) -> float:
        """Return the effective number of internets today."""
        return statecraft.effective_internets(self.blocs(), self.outlook.situation.people)

    def internets_by_likeness(self) -> float:
        """Return the effective number of internets today, computed from likeness without a
        threshold.
        """
        return statecraft.internets_by_likeness(self.likeness(), self.outlook.situation.people)

"""States: the agents whose borders cut the network, each with its government and the means that it can use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from typing import Any

import mesa
import numpy as np

from sim import policies
from sim.actors.politics import Politics, Standing
from sim.actors.statecraft import Government
from sim.decisions import Behaviour, Decision, Lift, Reason, ShutOut, Strike, name_of
from sim.facts import StateFact
from sim.facts.relations import Way
from sim.facts.tables import read
from sim.world.situation import Target

_FILTER = "dpi"
"""The technique of a national filter."""


class State(mesa.Agent[Politics]):
    """A state: its facts, its government, and what it decides by each behaviour.

    Attributes
    ----------
    code : str
        ISO 3166 alpha-2.
    fact : StateFact
        Population, users, income and phones, with their sources.
    government : Government
        That of today.
    tolerated : numpy.ndarray or None, shape (targets,)
        Fear minus cost from which it acts on each target [1]; None before it weighs for the first time.
    """

    def __init__(self, model: Politics, code: str, fact: StateFact) -> None:
        super().__init__(model)
        self.code, self.fact = code, fact
        self.government = Government()
        self.tolerated: np.ndarray | None = None
        self._spent, self._spent_on = 0.0, 0

    @cached_property
    def number(self) -> int:
        """Its place in what states see (`Outlook.situation`)."""
        return self.model.outlook.situation.states.index(self.code)

    @property
    def name(self) -> str:
        """English name."""
        return self.fact.name

    @property
    def policies(self) -> list[str]:
        """Ids of its policies in force today."""
        return [p.id for p, _ in self.model.docket.in_force if self.code in p.by]

    def step(self, behaviour: Behaviour, *about: Any) -> Iterable[Decision]:
        """Return what the state decides today by a behaviour.

        Parameters
        ----------
        behaviour : Behaviour
        *about
            What it is asked about, where a behaviour asks more than once a day, such as another state.
        """
        return behaviour.decide(self, *about)

    def bar(self, score: np.ndarray) -> np.ndarray:
        """Return the score from which the state acts on each target [1], shape (targets,).

        The conditions of the first day are no new reason to act: a state acts on a score that exceeds them by a margin.
        ``targets.accustomed`` says how far this goes; at 0 a state acts on all that is above ``targets.threshold``.

        Parameters
        ----------
        score : numpy.ndarray, shape (targets,)
            Fear less cost today; remembered when it is the first.
        """
        if self.tolerated is None:
            q = self.model.setting.parameters
            above = np.maximum(0.0, score + q["targets.margin"] - q["targets.threshold"])
            self.tolerated = np.asarray(q["targets.threshold"] + q["targets.accustomed"] * above)
        return self.tolerated

    def can_afford(self, cost: float) -> bool:
        """Return whether the government has the political capital for a policy that costs its people so much [1]."""
        return self._capital_spent() + self._price(cost) <= 1.0

    def spend(self, cost: float) -> None:
        """Let the government pay for a policy with political capital, which comes back with time."""
        self._spent, self._spent_on = self._capital_spent() + self._price(cost), self.model.day

    def _price(self, cost: float) -> float:
        """Return the part of its capital that a policy takes [1]; dearer where it costs its people."""
        return self.model.setting.parameters["capital.price"] * (1.0 + max(0.0, cost))

    def _capital_spent(self) -> float:
        """Return the political capital that is spent and has not come back yet [1]."""
        recovery = self.model.setting.parameters["capital.recovery_days"]
        return max(0.0, self._spent - (self.model.day - self._spent_on) / recovery)

    # --- means ------------------------------------------------------------------------------------------------------

    def can_act(self, target: Target) -> bool:
        """Return whether the state has an instrument against a target in the modelled network."""
        return bool(self._instrument(target)[0])

    def strike(
        self, j: int, behaviour: str, *, notice: int, reason: Reason, cause: str, scores: dict[str, float]
    ) -> Decision:
        """Return the decision to act against a target, by the means of the state.

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
            Id of the policy that it answers or copies; empty for a first one.
        scores : dict of str to float
            What was weighed.
        """
        target, today = self.model.outlook.situation.targets[j], self.model.date
        instrument, own = self._instrument(target)
        policy = None
        if instrument:
            keys: dict[str, Any] = {
                "id": name_of(self.code, target.label, today),
                "instrument": instrument,
                "by": (self.code,),
            }
            dates: dict[str, Any] = {"announced": today, "on": today + timedelta(days=max(1, notice))}
            policy = policies.INSTRUMENTS[instrument](**keys, **dates, **own)
        act = Strike(policy.instrument) if policy else ShutOut()
        return Decision(today, self.code, behaviour, act, (target.aim,), policy, cause, scores, reason)

    def lift(
        self, standing: Standing, behaviour: str, reason: Reason, scores: dict[str, float], *, cause: str = ""
    ) -> Decision:
        """Return the decision to end a policy from tomorrow.

        Parameters
        ----------
        standing : Standing
            What it ends; where the modelled network has no instrument for it, the log alone says that it ends.
        behaviour : str
            Name of the behaviour that decides.
        reason : Reason
            Why.
        scores : dict of str to float
            What was weighed.
        cause : str
            Id of an earlier decision that it follows from; by default that of the policy itself.
        """
        today, targets = self.model.date, self.model.outlook.situation.targets
        tomorrow = today + timedelta(days=1)
        policy = None
        if standing.policy is not None:
            name, instrument = f"{standing.id[:49]}-end-{tomorrow}", policies.ending()
            keys: dict[str, Any] = {"id": name, "instrument": instrument, "by": (self.code,), "on": tomorrow}
            policy = policies.INSTRUMENTS[instrument](**(keys | {"policy": standing.id}))
        aims = tuple(targets[j].aim for j in standing.objects)
        return Decision(
            today, self.code, behaviour, Lift(standing.id), aims, policy, cause or standing.id, scores, reason
        )

    def _instrument(self, target: Target) -> tuple[str, dict[str, Any]]:
        """Return the instrument for a target and its own keys; an empty name where the state has none."""
        kind = "platform" if target.platform >= 0 else target.sector
        ready = policies.available()
        for way in read(Way).values():
            fits = way.object == kind and way.sector in ("", target.sector) and way.instrument in ready
            if fits and self._has(way.means):
                names = self._names(target, kind)
                key = next(key for key, named in policies.INSTRUMENTS[way.instrument].OBJECTS.items() if named == kind)
                technique = {"technique": way.technique} if way.technique else {}
                return (way.instrument, {key: names, **technique}) if names else ("", {})
        return "", {}

    def _has(self, means: str) -> bool:
        """Return whether the state has enough of some means; a filter may be its own work since the first day."""
        if not means:
            return True
        outlook = self.model.outlook
        enough = outlook.situation.means[means][self.number] >= self.model.setting.parameters["targets.means_enough"]
        return bool(enough) or (
            means == "filter"
            and any(
                m.by == self.number and m.days >= 0 and m.policy is not None and m.policy.national_means() == _FILTER
                for m in outlook.standing()
            )
        )

    def _names(self, target: Target, kind: str) -> tuple[str, ...]:
        """Return the names by which a policy is aimed at a target; those of a cloud begin with its firm's."""
        if kind != "cloud":
            return (target.name,)
        hosting = (host for fact in self.model.setting.platform_facts.values() for host in fact.hosting)
        return tuple(sorted({host for host in hosting if host.startswith(target.name)}))

    def __repr__(self) -> str:
        return f"<State {self.code}: {', '.join(self.policies) or 'no policy in force'}>"

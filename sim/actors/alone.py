"""The states of a scenario without simulated people, for sweeps over thousands of worlds."""

from __future__ import annotations

import numpy as np

from sim.actors.blocs import effective_internets, find_blocs, internets_by_likeness, likeness_of_access
from sim.actors.politics import Outlook, Politics
from sim.actors.states import State
from sim.policies.law import docket_of
from sim.scenario import Scenario
from sim.world.scenario_setting import make_setting
from sim.world.situation import Situation


class StatesAlone(Politics):
    """The states of a scenario without simulated people, for sweeps over thousands of worlds.

    The behaviours and their days are the same as in a run. A world takes a fraction of a second instead of minutes. The
    policies in force stand for the choices of people: a banned platform counts as lost.

    Parameters
    ----------
    spec : Scenario
    seed : int, optional
        The member's seed; by default that of the scenario.
    world : Situation, optional
        A world made by hand; by default the one of the scenario's facts.
    """

    def __init__(self, spec: Scenario, seed: int | None = None, world: Situation | None = None) -> None:
        # Platforms decide by the value of their users, and here there are no users.
        states = spec.behaviour.model_copy(update={"platforms": False})
        spec = spec.model_copy(update={"behaviour": states})
        super().__init__(spec, "policy", spec.seed if seed is None else seed, make_setting(spec))
        for code, fact in self.setting.state_facts.items():
            State(self, code, fact)
        self.states, self.outlook = self.agents_by_type[State], Outlook(self, world)

    def step(self) -> None:
        """Simulate one day: the law, then the decisions."""
        self.day += 1
        self.docket = docket_of((*self.spec.policies, *self.decided), self.date)
        self.decide()

    def run(self) -> StatesAlone:
        """Simulate all days and return the arm; days on which no state decides are skipped."""
        for day in range(self.spec.days):
            if day == self.spec.days - 1 or any(day % each.every_days == 0 for each in self.behaviours):
                self.day = day - 1
                self.step()
        return self

    def blocs(self) -> np.ndarray:
        """Return the bloc of each state today, shape (states,): the number of its first member."""
        return find_blocs(self.likeness(), self.setting.parameters["blocs.together"])

    def likeness(self) -> np.ndarray:
        """Return how similar the access of two states is today [1], shape (states, states); banned counts as closed."""
        s = self.outlook.situation
        columns = [j for j, t in enumerate(s.targets) if t.platform >= 0]
        usable = 1.0 - self.outlook.banned(in_force=True)[:, columns].astype(float)
        return likeness_of_access(usable, (s.users * s.people[:, None]).sum(axis=0)[columns])

    def effective_internets(self) -> float:
        """Return the effective number of internets today."""
        return effective_internets(self.blocs(), self.outlook.situation.people)

    def internets_by_likeness(self) -> float:
        """Return the effective number of internets today without a threshold."""
        return internets_by_likeness(self.likeness(), self.outlook.situation.people)

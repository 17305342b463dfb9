"""The states of a scenario without simulated people, for sweeps over thousands of worlds.

The behaviours and their days are the same as in a run. A world takes a fraction of a second instead of minutes. The
policies in force stand for the choices of people: a banned platform counts as lost. To simulate people and their
contact, run the scenario itself.
"""

from __future__ import annotations

import numpy as np

from sim import behaviour
from sim.arm import StatesArm
from sim.behaviour.standing import banned, situation
from sim.metrics.blocs import effective_internets, find_blocs, internets_by_likeness, likeness_of_access
from sim.policies.law import docket_of
from sim.scenario import Scenario
from sim.scenario.behaviours import BEHAVIOURS
from sim.world.setting import make_setting
from sim.world.situation import Situation


class StatesAlone(StatesArm):
    """The states of a scenario, deciding day by day.

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
        self.ledger.situation = world

    def step(self) -> None:
        """Simulate one day: the law, then the decisions."""
        self.day += 1
        self.docket = docket_of((*self.spec.policies, *self.decided), self.date)
        behaviour.act(self)

    def run(self) -> StatesAlone:
        """Simulate all days and return the arm; days on which no state decides are skipped."""
        days = [BEHAVIOURS[name].every_days for name in BEHAVIOURS if self.spec.behaviour.is_on(name)]
        for day in range(self.spec.days):
            if day == self.spec.days - 1 or any(day % every == 0 for every in days):
                self.day = day - 1
                self.step()
        return self

    def blocs(self) -> np.ndarray:
        """Return the bloc of each state today: the number of its first member."""
        return find_blocs(self.likeness(), self.setting.parameters["blocs.together"])

    def likeness(self) -> np.ndarray:
        """Return how similar the access of two states is today [1], shape (states, states); banned counts as closed."""
        s = situation(self)
        columns = [j for j, t in enumerate(s.targets) if t.platform >= 0]
        usable = 1.0 - banned(self, in_force=True)[:, columns].astype(float)
        return likeness_of_access(usable, (s.users * s.people[:, None]).sum(axis=0)[columns])

    def effective_internets(self) -> float:
        """Return the effective number of internets today."""
        return effective_internets(self.blocs(), situation(self).people)

    def internets_by_likeness(self) -> float:
        """Return the effective number of internets today without a threshold."""
        return internets_by_likeness(self.likeness(), situation(self).people)

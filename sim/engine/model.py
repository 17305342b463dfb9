"""The model: one arm of a run, a `mesa.Model` whose step is one day.

Its state is that of `arm.Arm`. States and platforms are Mesa agents; people are columns, visited by kernels when
they have something to decide. The day is `SCHEDULE` of `sim/engine/steps.py`, unless ``steps`` says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from operator import attrgetter
from typing import Any

import mesa
import numpy as np

from ..actors.agents import Platform, State
from ..arm import Arm
from ..core.daily import Daily, check_arm, seed_of
from ..people.kernel_types import LEVELS
from ..policies.base import Policy
from ..scenario import Scenario, load, varied
from ..world.build import World, make_world
from .people import PeopleView
from .record import Record
from .steps import SCHEDULE, Phase, schedule_with


class Model(Daily, Arm):
    """One arm of a run.

    Parameters
    ----------
    scenario : Scenario or str or mapping, optional
        The scenario, or what `splinternet.load` takes; by default ``baseline_2020``.
    arm : {"policy", "baseline"}
        The baseline arm is the same world and luck without the policies.
    rng : int or numpy.random.Generator, optional
        The seed, or a generator that draws one; by default the scenario's.
    world : World, optional
        A world already built for this scenario and seed, to share between arms.
    baseline : Model, optional
        The other arm of a pair, stepped before this one each day; contact is measured against it, or against the
        first day where there is none.
    threads : int
        Threads for one large world; the outcome is the same for any number.
    metrics : collection of str, optional
        Names of the metrics to record; by default all.
    collect : bool
        Whether to fill ``datacollector`` each day; runs of pairs leave it empty and read ``record``.
    steps : iterable of Phase, callable or str, optional
        The order of the day; by default `SCHEDULE`. Strings name its phases, functions of the model are your own.
    **overrides
        Keys of the scenario that differ, such as ``people=20_000``.

    Attributes
    ----------
    people : PeopleView
        Everybody: ``model.people.select(state="US", age=(13, 15))``, ``model.people.age``.
    schedule : Schedule
        The order of the day; ``model.schedule.insert(phase, before="contact")`` changes it, printing shows it.
    """

    def __init__(
        self,
        scenario: Scenario | str | dict[str, Any] | None = None,
        *,
        arm: str = "policy",
        rng: int | np.random.Generator | None = None,
        world: World | None = None,
        baseline: Any = None,
        threads: int = 1,
        metrics: Collection[str] | None = None,
        collect: bool = True,
        steps: Iterable[Phase | Callable[[Any], None] | str] = SCHEDULE,
        **overrides: Any,
    ) -> None:
        check_arm(arm)
        spec = _resolve(scenario, overrides)
        seed = seed_of(rng, spec.seed)
        world = world or make_world(spec, seed, threads=threads)
        super().__init__(spec, arm, seed, world, baseline=baseline, threads=threads)
        self.people = PeopleView(self)
        self.record: Record = Record(self, metrics)
        self.schedule = schedule_with(self.people_rules.values(), steps)
        self.collects = collect
        self.datacollector = mesa.DataCollector(model_reporters=HEADLINES, agenttype_reporters=OF_AGENTS)

    @property
    def seed(self) -> int:
        """The member's seed."""
        return self.member_seed

    def step(self) -> None:
        """Simulate one day.

        Raises
        ------
        RunError
            After the last day of the scenario.
        """
        self.begin_day()
        for phase in self.schedule:
            phase.function(self)
        if self.collects:
            self.datacollector.collect(self)
        self.end_day()

    def __repr__(self) -> str:
        people, of = self.person.size, self.spec.days
        return (
            f"<Model {self.spec.name}: {self.arm} arm, day {self.day + 1} of {of}, {people:,} people, seed {self.seed}>"
        )

    def policies_in_force(self) -> list[Policy]:
        """Return the policies in force today."""
        return [policy for policy, _ in self.docket.once]

    def active_users(self, platform: str, state: str | None = None) -> float:
        """Return the expected number of people who use a platform today, in one state or in all [persons]."""
        table = self.record.today("active_users")[:, self.setting.platforms.index(platform)]
        return float(table.sum() if state is None else table[self.setting.states.index(state)])

    def active_today(self) -> np.ndarray:
        """Return the expected number of people who use each platform today, shape (states, platforms) [persons]."""
        return self.group_table.using(self.counts.use) / LEVELS

    def family_contact_lost(self, group: str) -> float:
        """Return the share of a group's members who have lost every platform channel to their family, today [share]."""
        g = [x.label for x in self.world.groups].index(group)
        return float(self.contact.without[g] / self.contact.members[g]) if self.contact.members[g] else float("nan")


def _resolve(spec: Scenario | str | dict[str, Any] | None, overrides: dict[str, Any]) -> Scenario:
    """Return the scenario to run; overrides go through the same checks as a file."""
    scenario = spec if isinstance(spec, Scenario) else load(spec if spec is not None else "baseline_2020")
    return varied(scenario, overrides) if overrides else scenario


# Functions of this module and not lambdas, so that a model can be pickled.
def _active_users(model: Model) -> float:
    return float(model.record.today("active_users").sum())


def _vpn_users(model: Model) -> float:
    return float(model.record.today("vpn_users").sum())


def _family_contact_lost_people(model: Model) -> float:
    groups = model.group_table
    return float((model.contact.without * groups.weight)[groups.diaspora].sum())


def _policies_in_force(model: Model) -> int:
    return len(model.policies_in_force())


def _policies_of(state: State) -> int:
    return len(state.policies)


HEADLINES: dict[str, Callable[[Model], float]] = {
    "active_users": _active_users,
    "vpn_users": _vpn_users,
    "family_contact_lost_people": _family_contact_lost_people,
    "policies_in_force": _policies_in_force,
}
OF_AGENTS: dict[type[mesa.Agent], dict[str, Callable[[Any], Any]]] = {
    State: {"state": attrgetter("code"), "policies": _policies_of},
    Platform: {"platform": attrgetter("name"), "users": attrgetter("active_users")},
}
"""What Mesa's data collector asks states and platforms each day; the names differ from those of the model's figures."""

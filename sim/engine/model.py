"""The model: one arm of a run, a `mesa.Model` whose step is one day.

Its state is that of `arm.Arm`. States and platforms are Mesa agents; people are columns, visited by
kernels when they have something to decide. The day is `SCHEDULE` of `sim/engine/steps.py`, unless
``steps`` says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from operator import attrgetter
from typing import Any, Unpack

import mesa
import numpy as np

from ..actors.agents import Platform, State
from ..arm import Arm
from ..changes import Changes, Given, model_spec, spelled_out
from ..core.daily import Daily, check_arm, seed_of
from ..metrics.registry import Metric
from ..people.kernel_types import LEVELS
from ..policies.base import Policy
from ..world.build import World, make_world
from .people import PeopleView
from .record import Record
from .steps import SCHEDULE, Phase, owns_people, schedule_with


@spelled_out(Changes, any_path=True)
class Model(Daily, Arm):
    """One arm of a run.

    Parameters
    ----------
    scenario : Scenario or str or mapping, optional
        The scenario, or any source that ``splinternet.load`` accepts; by default ``baseline_2020``.
    arm : {"policy", "baseline"}
        The arm to simulate. The baseline arm has the same world and random numbers, but no
        policies.
    rng : int or numpy.random.Generator, optional
        The seed, or a generator that draws a seed; by default the scenario's seed.
    world : World, optional
        A world already built for this scenario and seed, which both arms can share.
    baseline : Model, optional
        The baseline arm of the same pair, which must be stepped first each day. Contact is measured
        relative to it, or relative to the first day if there is no baseline.
    threads : int
        Number of threads for one large world; the results do not depend on it.
    metrics : collection of str and Metric, optional
        Names of the metrics to record; by default all metrics. Metrics of your own, functions under
        the decorator `metric`, are always recorded.
    collect : bool
        Whether to fill ``datacollector`` each day. Runs of both arms leave it empty and use
        ``record``.
    steps : iterable of Phase, callable or str, optional
        The phases of the day, in order; by default `SCHEDULE`. Strings name phases of `SCHEDULE`;
        functions of the model are your own phases.
    **changes
        See `Changes`.

    Attributes
    ----------
    spec : Scenario
        The scenario that runs, with all changes applied.
    people : PeopleView
        All people of the model, as in ``model.people.select(state="US", age=(13, 15))`` or
        ``model.people.age``.
    schedule : Schedule
        The phases of a day in order, which ``model.schedule.insert(phase, before="contact")``
        changes.
    """

    def __init__(
        self,
        scenario: Given | None = None,
        *,
        arm: str = "policy",
        rng: int | np.random.Generator | None = None,
        world: World | None = None,
        baseline: Any = None,
        threads: int = 1,
        metrics: Collection[str | Metric] | None = None,
        collect: bool = True,
        steps: Iterable[Phase | Callable[[Any], None] | str] = SCHEDULE,
        **changes: Unpack[Changes],
    ) -> None:
        check_arm(arm)
        own = [metric for metric in metrics or () if not isinstance(metric, str)]
        names = [metric if isinstance(metric, str) else metric.name for metric in metrics or ()]
        with model_spec(scenario, changes, own) as spec:
            seed = seed_of(rng, spec.seed)
            world = world or make_world(spec, seed, threads=threads)
            super().__init__(spec, arm, seed, world, baseline=baseline, threads=threads)
            self.people = PeopleView(self)
            self.record: Record = Record(
                self, None if metrics is None or (own and len(own) == len(names)) else names
            )
            self.schedule = schedule_with(self.people_rules.values(), steps)
        self._open_people(False)
        self.collects = collect
        self.datacollector = mesa.DataCollector(
            model_reporters=HEADLINES, agenttype_reporters=OF_AGENTS
        )

    @property
    def seed(self) -> int:
        """The seed of the world."""
        return self.member_seed

    def step(self) -> None:
        """Simulate one day.

        Raises
        ------
        RunError
            If the last day of the scenario has passed.
        """
        self.begin_day()
        try:
            for phase in self.schedule:
                self._open_people(owns_people(phase))
                phase.function(self)
        finally:
            self._open_people(False)
        if self.collects:
            self.datacollector.collect(self)
        self.end_day()

    def _open_people(self, is_open: bool) -> None:
        """Make the table of people writable or read-only; numpy raises if somebody writes a
        read-only one.
        """
        if self.everybody.flags.writeable != is_open:
            agenda = self.agenda.wake, self.agenda.urgent, self.agenda.circle_changed
            for table in (self.everybody, self.private, self.use, *agenda):
                table.flags.writeable = is_open

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a copy. Read-only arrays from a pickle cannot be made writable, so the tables are
        copied.
        """
        self.__dict__.update(state)
        self.everybody, self.private, self.use = map(
            np.array, (self.everybody, self.private, self.use)
        )
        own = {
            name: np.array(getattr(self.agenda, name))
            for name in ("wake", "urgent", "circle_changed")
        }
        self.agenda = self.agenda._replace(**own)
        self._open_people(False)

    def __repr__(self) -> str:
        people = self.person.size
        of = self.spec.days
        return f"<Model {self.spec.name}: {self.arm} arm, day {self.day + 1} of {of}, {people:,} people, seed {self.seed}>"

    def policies_in_force(self) -> list[Policy]:
        """Return the policies in force today."""
        return [policy for policy, _ in self.docket.once]

    def active_users(self, platform: str, state: str | None = None) -> float:
        """Return the expected number of people who use a platform today, in one state or in all
        [persons].
        """
        table = self.record.today("active_users")[:, self.setting.platforms.index(platform)]
        return float(table.sum() if state is None else table[self.setting.states.index(state)])

    def active_today(self) -> np.ndarray:
        """Return the expected number of people who use each platform today, shape (states,
        platforms) [persons].
        """
        return self.group_table.using(self.counts.use) / LEVELS

    def family_contact_lost(self, group: str) -> float:
        """Return the share of a group's people who have no platform channel to their family left
        today [share].
        """
        g = [x.label for x in self.world.groups].index(group)
        return (
            float(self.contact.without[g] / self.contact.members[g])
            if self.contact.members[g]
            else float("nan")
        )


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
"""Values that Mesa's data collector reads from states and platforms each day; their names differ
from those of the model's own values.
"""

"""The model: one arm of a run, a `mesa.Model` whose step is one day.

States and platforms are Mesa agents; people are columns, visited by kernels when they have something to decide. The day
is the tuple `SCHEDULE` of `sim/day.py`, read from top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Protocol

import mesa
import numpy as np

from sim.day import SCHEDULE
from sim.decisions import Decision
from sim.errors import InputError, Problem, did_you_mean
from sim.mechanisms.access import AccessTable
from sim.mechanisms.condition import first_condition
from sim.mechanisms.contact import (
    KinTies,
    empty_contact,
    find_channels,
    kin_ties,
)
from sim.mechanisms.look import empty_outcome
from sim.mechanisms.settings import Columns, as_record, pack
from sim.mechanisms.tally import Counts, count_all, empty_counts
from sim.network import Coupling
from sim.policies.base import PolicyKeys
from sim.policies.docket import Docket
from sim.record import Record
from sim.scenario import Scenario, load, varied
from sim.world.build import World, make_world
from sim.world.opening import opening_of
from sim.world.people import PeopleView
from sim.world.platforms import Platform
from sim.world.states import State

ARMS = ("policy", "baseline")


class OtherArm(Protocol):
    """What a policy arm reads of the baseline arm, on the same day."""

    _any_change: bool

    @property
    def kin(self) -> KinTies:
        """Kin ties and their channels."""

    @property
    def counts(self) -> Counts:
        """Simulated people by group and platform."""


class Model(mesa.Model):
    """One arm of a run.

    Parameters
    ----------
    spec : Scenario or str or mapping, optional
        The scenario, or what `sim.load` takes; ``baseline_2020`` unless given.
    arm : {"policy", "baseline"}
        The baseline arm is the same world and luck without the policies.
    rng : int, optional
        The seed; the scenario's unless given.
    world : World, optional
        A world already built for this scenario and seed, to share between arms.
    baseline : Model or OtherArm, optional
        The other arm of a pair, stepped before this one each day; contact is measured against it, or against the
        first day where there is none.
    threads : int
        Threads for the visits of a day; the outcome is the same for any number.
    **overrides
        Keys of the scenario that differ, such as ``people=20_000``.
    """

    def __init__(
        self,
        spec: Scenario | str | dict[str, Any] | None = None,
        *,
        arm: str = "policy",
        rng: int | None = None,
        world: World | None = None,
        baseline: OtherArm | None = None,
        threads: int = 1,
        **overrides: Any,
    ) -> None:
        if arm not in ARMS:
            raise InputError(Problem("arm", f"{arm!r} is no arm", "one of " + ", ".join(ARMS), did_you_mean(arm, ARMS)))
        self.spec = _resolve(spec, overrides)
        self.arm = arm
        self.member_seed = int(self.spec.seed if rng is None else rng)
        super().__init__(rng=self.member_seed)
        self.world = world or make_world(self.spec, self.member_seed)
        self.baseline = baseline
        self.threads = threads
        self.opening = opening_of(self.world, self.spec, arm)
        self.setting = self.opening.setting
        self.columns: Columns = self.opening.columns._replace(bridged=np.zeros(len(self.setting.states), np.int64))
        rules, seed = self.world.rules, self.member_seed
        self.person, self.use, self.agenda = first_condition(self.world.first, self.columns, rules, seed)
        self.access: AccessTable = self.world.access
        self.cells = pack(self.access, self.world.access)
        self.docket = Docket((), ())
        self._grounds: tuple[Docket, ...] = ()  # of the access table
        self.routes: Coupling | None = None
        self.decided: tuple[PolicyKeys, ...] = ()
        self.decisions: list[Decision] = []
        self.memory: dict[str, Any] = {}  # what behaviours keep from one day to the next
        self.day = -1
        self._rules = as_record(self.world.rules)
        self._changed = np.zeros(len(self.setting.states), np.int64)
        self._differs, self._pushed = self._changed.copy(), self._changed.copy()
        self._moved = np.empty(0, np.int64)  # states whose access is not what it was yesterday
        self._prepare_counts()
        self.states = self._make_agents(State, self.setting.state_facts)
        self.platforms = self._make_agents(Platform, self.setting.platform_facts)
        self.people = PeopleView(self.person, self.world.groups, self.setting.platforms)
        self.record = Record(self)
        self.datacollector = mesa.DataCollector(model_reporters=HEADLINES)

    def _prepare_counts(self) -> None:
        """Count everybody on the first day, and find which kin ties have a channel."""
        groups, platforms = len(self.world.groups), len(self.setting.platforms)
        self.counts: Counts = empty_counts(groups, platforms)
        count_all(self.columns, self.person, self.use, self.counts)
        self.first_using = self.counts.using.copy()
        self.offer = np.ones((len(self.setting.states), platforms))
        self.kin: KinTies = kin_ties(self.world.ties, self.person)
        find_channels(self.kin, self.columns, self.person)
        self.kin.first[:] = self.kin.channels
        self.contact, self._mark = empty_contact(groups), np.empty(self.kin.slot_group.size, np.uint8)
        self._most_ties = int(np.diff(self.columns.start).max())
        self._due, self._outcome = np.empty(self.person.size, np.int32), empty_outcome(0, platforms)
        self._any_change, self._rebridged, self._followed = True, False, True
        self._changed_people, self._n_changed = np.empty(self.person.size, np.int32), 0
        self._first_audience, self._has_changed = np.ones((groups, platforms)), False

    def _make_agents(self, kind: type[mesa.Agent], facts: Any) -> mesa.agent.AgentSet:
        for name, fact in facts.items():
            kind(self, name, fact) if kind is State else kind(self, fact)
        return self.agents_by_type[kind]

    @property
    def date(self) -> date:
        """Today; the day before the first one until the first step."""
        return self.spec.start + timedelta(days=self.day)

    @property
    def seed(self) -> int:
        """The member's seed."""
        return self.member_seed

    def step(self) -> None:
        """Live through one day."""
        self.day += 1
        for phase in SCHEDULE:
            phase.function(self)
        self.datacollector.collect(self)
        if self.day + 1 >= self.spec.days:
            self.running = False

    def run_for(self, duration: float) -> None:
        """Live through so many days [days]."""
        for _ in range(int(duration)):
            self.step()

    def policies_in_force(self) -> list[PolicyKeys]:
        """Return the policies in force today."""
        return [policy for policy, _ in self.docket.in_force]

    def active_users(self, platform: str, state: str | None = None) -> float:
        """Return the expected number of people who use a platform today, in one state or in all [persons]."""
        table = self.record.today("active_users")[:, self.setting.platforms.index(platform)]
        return float(table.sum() if state is None else table[self.setting.states.index(state)])

    def family_contact_lost(self, group: str) -> float:
        """Return the share of a group's members who have lost every platform channel to their family, today [share]."""
        g = [x.label for x in self.world.groups].index(group)
        return float(self.contact.without[g] / self.contact.members[g]) if self.contact.members[g] else float("nan")


def _resolve(spec: Scenario | str | dict[str, Any] | None, overrides: dict[str, Any]) -> Scenario:
    """Return the scenario to run; overrides go through the same checks as a file."""
    scenario = spec if isinstance(spec, Scenario) else load(spec if spec is not None else "baseline_2020")
    return varied(scenario, overrides) if overrides else scenario


HEADLINES: dict[str, Callable[[Model], float]] = {
    "active_users": lambda model: float(model.record.today("active_users").sum()),
    "vpn_users": lambda model: float(model.record.today("vpn_users").sum()),
    "family_contact_lost_people": lambda model: float(model.record.family_people_lost()),
}

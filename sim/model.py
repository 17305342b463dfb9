"""The model: one arm of a run, a `mesa.Model` whose step is one day.

States and platforms are Mesa agents; people are columns, visited by kernels when they have something to decide. The day
is the tuple `SCHEDULE`, read from top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any, NamedTuple

import mesa
import numpy as np

from sim.chance import Purpose, stream
from sim.mechanisms.access import AccessTable, bits, copy_table, differs
from sim.mechanisms.condition import first_condition, luck_of
from sim.mechanisms.contact import (
    KinTies,
    empty_contact,
    find_channels,
    follow,
    kin_ties,
    measure_contact,
)
from sim.mechanisms.look import Scene, empty_outcome
from sim.mechanisms.settings import Columns, Today, as_record, pack
from sim.mechanisms.tally import Counts, count_all, empty_counts, write_down
from sim.mechanisms.value import empty_room
from sim.mechanisms.visit import find_due, visit_all
from sim.policies import module
from sim.policies.base import PolicyKeys
from sim.policies.docket import Docket, docket_of
from sim.record import Record
from sim.scenario import Scenario, load, varied
from sim.world.build import World, make_world
from sim.world.people import PeopleView
from sim.world.platforms import Platform
from sim.world.states import State

MANY_VISITS = 20_000
"""From so many visits a day on, they are shared out over threads."""

VISIBLE_DRIFT = 0.01
"""From this change of what a platform offers on, all of its users in a state look at it again."""


class Phase(NamedTuple):
    """One part of the day."""

    name: str
    does: str
    function: Callable[[Model], None]
    reads: tuple[str, ...]
    writes: tuple[str, ...]


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
    baseline : Model, optional
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
        baseline: Model | None = None,
        threads: int = 1,
        **overrides: Any,
    ) -> None:
        self.spec = _resolve(spec, overrides)
        self.arm = arm
        self.member_seed = int(self.spec.seed if rng is None else rng)
        super().__init__(rng=self.member_seed)
        self.world = world or make_world(self.spec, self.member_seed)
        self.baseline = baseline
        self.threads = threads
        self.setting = self.world.setting
        self.columns: Columns = self.world.columns
        self.person, self.use = first_condition(self.world.first, self.columns, self.world.rules, self.member_seed)
        self.access: AccessTable = self.world.access
        self.cells = pack(self.access, self.world.access)
        self.docket = Docket((), ())
        self.day = -1
        self._changed = np.zeros(len(self.setting.states), np.int64)
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
        self.contact = empty_contact(groups)
        self._most_ties = int(np.diff(self.columns.start).max())
        self._due = np.empty(self.person.size, np.int64)
        self._any_change = True

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


# --- the day, phase by phase ------------------------------------------------------------------------------------


def events(model: Model) -> None:
    """Find which policies are announced, in force or stayed today."""
    policies = model.spec.policies if model.arm == "policy" else ()
    model.docket = docket_of(policies, model.date)
    model.states.do("note_policies")


def access(model: Model) -> None:
    """Start from the first day's table and apply what is in force and what is announced."""
    before = model.access
    if not (model.docket.in_force or model.docket.announced) and before is model.world.access:
        model._changed[:] = 0
        return
    table = copy_table(model.world.access)
    for policy, days in model.docket.in_force:
        module(policy.instrument).apply(policy, days, table, model.setting)
    for policy, days_left in model.docket.announced:
        _announce(policy, days_left, table, model)
    model._changed[:] = bits(differs(before, table))
    model.access = table if (model.docket.in_force or model.docket.announced) else model.world.access
    model.cells = pack(model.access, model.world.access)


def _announce(policy: PolicyKeys, days_left: int | None, table: AccessTable, model: Model) -> None:
    """Let people fear for what an announced policy targets, and rush for it in the last days."""
    q = model.setting.parameters
    for state in policy.by:
        s = model.setting.states.index(state)
        for target in policy.targets:
            p = model.setting.platforms.index(target)
            table.threat[s, p] = max(table.threat[s, p], q["announcement.belief"])
            if days_left is not None and days_left <= q["announcement.rush_days"]:
                table.rush[s, p] = max(table.rush[s, p], q["announcement.rush_rate"])


def people_decide(model: Model) -> None:
    """Visit everyone who has something to decide, then write down what they decided."""
    c, people = model.columns, model.person
    today = Today(model.day, _audience(model), _touched(model), model._changed)
    luck = luck_of(model.member_seed, model.day)
    rules = as_record(model.world.rules)
    n = find_due(today, c, people, rules, luck, model._due)
    outcome = empty_outcome(n, c.platform.size)
    scene = Scene(today, model.cells, c, people, rules, luck)

    def visit(first: int, last: int) -> None:
        room = empty_room(c.platform.size, model._most_ties)
        visit_all(model._due, first, last, scene, model.use, outcome, room)

    if model.threads > 1 and n >= MANY_VISITS:
        cuts = [int(x) for x in np.linspace(0, n, model.threads + 1)]
        with ThreadPoolExecutor(model.threads) as pool:
            list(pool.map(visit, cuts[:-1], cuts[1:]))
    else:
        visit(0, n)
    model.visits = n
    model.counts.joined[:] = 0
    model._any_change = write_down(model._due, n, c, people, model.use, outcome, model.counts) > 0


def _audience(model: Model) -> np.ndarray:
    """Return what each platform offers each group, against the first day; it follows the audience slowly.

    A diaspora and its families look at both states: half to each (assumption).
    """
    now, first = model.record.using(model.counts.using), model.record.using(model.first_using)
    level = np.divide(now, first, out=np.ones_like(now), where=first > 0)
    model.offer += (level - model.offer) / model.setting.parameters["choice.audience_lag_days"]
    return np.asarray(0.5 * (model.offer[model.record.state] + model.offer[model.record.partner]))


def _touched(model: Model) -> np.ndarray:
    """Return, for each group, the platforms whose access or audience differs from the first day (bits).

    What changes in a person's own circle is told to that person directly, not here.
    """
    access = model._changed.copy()
    if model.access is not model.world.access:
        access |= bits(differs(model.access, model.world.access) | (model.access.install_hazard > 0).any(axis=2))
    offer = bits(np.abs(model.offer - 1.0) > VISIBLE_DRIFT)
    state, partner = model.record.state, model.record.partner
    return np.asarray(access[state] | offer[state] | offer[partner])


def contact(model: Model) -> None:
    """Find which kin ties have a channel today, and follow those that have none."""
    other = model.baseline.kin.channels if model.baseline is not None else model.kin.first
    news = model._any_change or (model.baseline is not None and model.baseline._any_change)
    if not news and model.day > 0 and not model.contact.out.any():
        return
    if model._any_change:
        find_channels(model.kin, model.columns, model.person)
    provider = stream(model.member_seed, Purpose.PROVIDER_LUCK)
    follow(model.kin, other, model.day, model.columns, model.person, model.cells, provider)
    for column in model.contact:
        column[...] = 0
    measure_contact(model.kin, other, np.zeros(model.kin.slot_group.size, np.uint8), model.contact)


def measure(model: Model) -> None:
    """Write the day's measures into the record."""
    model.record.write(model.day)
    model.platforms.do("note_use")


SCHEDULE: tuple[Phase, ...] = (
    Phase("events", "dated policies are announced, begin, are stayed, end", events, ("spec.policies",), ("docket",)),
    Phase("access", "policies in force make the access table", access, ("docket",), ("access",)),
    Phase("people", "keep, lapse, get a VPN, move, return", people_decide, ("access", "people"), ("people", "counts")),
    Phase("contact", "which kin ties have a channel", contact, ("people",), ("kin", "contact")),
    Phase("measure", "counts become measures", measure, ("counts", "contact"), ("record",)),
)  # fmt: skip

HEADLINES: dict[str, Callable[[Model], float]] = {
    "active_users": lambda model: float(model.record.today("active_users").sum()),
    "vpn_users": lambda model: float(model.record.today("vpn_users").sum()),
    "family_contact_lost_people": lambda model: float(model.record.family_people_lost()),
}

"""The state of one arm of a run, which the phases of a day read and write.

`Politics` contains the law and the deciding agents; `Arm` adds access and people. Both arms of a
pair share one world.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .actors.agents import Platform, State
from .actors.politics import Politics
from .network import Coupling
from .people.access import AccessDiff, AccessTable
from .people.contact import (
    ContactCache,
    KinTies,
    days_out_of_touch,
    empty_contact,
    find_channels,
    kin_ties,
    no_spells,
    none_lost,
)
from .people.events import EventLog
from .people.kernel_types import (
    CROWD,
    PRIVATE,
    RULES,
    Columns,
    Today,
    VisitContext,
    empty_outcome,
    pack,
)
from .people.own_rules import NO_WISHES, PeopleToday, Proposals
from .people.rule import PeopleRule
from .people.setting import Setting, dollars_a_day, income
from .people.state import (
    Counts,
    count_all,
    empty_counts,
    first_condition,
    keys_for_day,
)
from .people.visit import SURPLUS_UNITS, Workspace
from .policies.base import Policy
from .scenario import Scenario
from .scenario.schema import BEHAVIOURS
from .world.build import GroupTable, World, opening_of
from .world.carried import Carried
from .world.classes import divided


class Arm(Politics):
    """The complete state of one arm.

    Parameters
    ----------
    spec, arm, seed
        As for `Politics`.
    world : World
        The world of the first day, which the other arm may share.
    baseline : Arm, optional
        The baseline arm of the pair, which simulates each day first; this arm reads its ``kin``,
        ``counts`` and ``anybody_changed``.
    threads : int
        Number of threads for one large world; the results do not depend on it.

    Attributes
    ----------
    opening : AccessTable
        The access at the start of each day.
    group_table : GroupTable
        The groups, stored as columns.
    rules : numpy record
        Parameters of behaviour in the form of the kernels.
    columns : Columns
        The world in the form of the kernels; only ``bridged`` changes.
    law_signature : tuple or None
        The law from which the access table was computed; None if it must be computed again.
    places : Places
        Places of residence for access, divided by the people to whom policies apply.
    first_found : AccessTable
        Access on the first day of the world, by place.
    by_class : tuple of AccessTable
        Today's access of each class of people, by state; a change makes a new table.
    found : AccessTable
        Today's access by place.
    access : AccessTable
        Today's mean access of the people of a state.
    cells : numpy.ndarray of CELL, shape (places, platforms)
        Access in the form of the kernels, with rows for communities with other blocks than their
        state.
    routes : Coupling or None
        The states that reach each other over the carriers; None while nothing is cut.
    everybody, private : numpy.ndarray of PERSON and PRIVATE, shape (people,)
        Everybody's state, and the private part that contacts do not read. Only the phases that own
        these columns write them.
    use : numpy.ndarray of uint8, shape (people, platforms)
        Chance that each person uses each platform today, in LEVELS.
    agenda : Agenda
        The day of each person's next review.
    visits : int
        Number of people who had a decision to make today.
    counts : Counts
        Simulated people by group and platform.
    first_using, first_users : numpy.ndarray, shape (groups, platforms) and (states, platforms)
        Users of the first day: simulated people by group, and real people by state [persons].
    first_crowd : numpy.ndarray of CROWD, shape (groups, platforms)
        The initial crowd: the audience of the first day, no newcomers, and no departed authors.
    no_drift : numpy.ndarray of int64, shape (groups,)
        Platforms with a changed audience, initially none.
    offer : numpy.ndarray, shape (states, platforms)
        Offer of each platform relative to the first day, which slowly follows its audience [1].
    authors_gone : numpy.ndarray, shape (states, platforms)
        Share of the authors of each platform who have left it [share].
    kin : KinTies
        Kin ties abroad, with their channels and days without a channel.
    contact : GroupContact
        Contact by group. spells, lost_so_far : Spells and LostSoFar Days without any channel to kin
        abroad, by person and by group.
    access_diff : AccessDiff
        Differences of access from yesterday and from the first day.
    contact_cache : ContactCache
        The people who changed today, whose channels must be computed again.
    workspace : Workspace
    events : EventLog
        Events of the observed people; by default nobody.
    people_rules : dict of str to PeopleRule
        The user's own rules for what people decide, by name; the same in both arms.
    proposals : dict of str to Proposals or None
        The last proposals of each rule.
    proposed : dict of str to int
        Number of proposals of each rule to people so far.
    people_today : PeopleToday
        All people, in the form for such rules.
    record : splinternet.engine.record.Record or None
        The record of the metrics, which the arm does not read.
    """

    def __init__(
        self,
        spec: Scenario,
        arm: str,
        seed: int,
        world: World,
        *,
        baseline: Any = None,
        threads: int = 1,
    ) -> None:
        setting, self.opening = opening_of(world, spec, arm)
        super().__init__(spec, arm, seed, setting)
        self.world = world
        self.baseline = baseline
        self.threads = threads
        self.group_table = GroupTable(world.groups, self.setting.states)
        # The world may be made for more policies than this run has.
        policies = (*spec.policies, *world.spec.policies)
        labels = self.setting.states
        self.places, first = divided(
            world.places, policies, world.first, world.groups, labels, seed, setting.facts.name
        )
        states = len(self.setting.states)
        groups = len(world.groups)
        platforms = len(self.setting.platforms)
        self.rules = np.array([tuple(world.rules)], RULES)[0]
        at = self.places.state
        shares = world.setting
        self.columns: Columns = world.columns._replace(
            ios_share=shares.ios_share[at],
            vpn_share=shares.vpn_share[at],
            home=at,
            bridged=np.zeros(len(at), np.int64),
        )
        self.everybody, self.private, self.use, self.agenda = first_condition(
            first, self.columns, world.rules, seed, spec.days
        )
        self.law_signature: tuple[Any, ...] | None = None
        self.access: AccessTable = world.access
        self.by_class = (world.access,) * len(self.places.classes)
        self.found = self.first_found = self.places.table(self.by_class, self.setting)
        self.cells = pack(self.found, self.first_found)
        self.routes: Coupling | None = None
        self.visits = 0
        self.offer = np.ones((states, platforms))
        self.authors_gone = np.zeros((states, platforms))
        self.first_crowd = np.zeros((groups, platforms), CROWD)
        self.no_drift = np.zeros(groups, np.int64)
        self.first_crowd["audience"] = 1.0
        self.access_diff = AccessDiff.none(len(self.places))
        self.contact_cache = ContactCache(np.empty(self.everybody.size, np.int32))
        first_day = self.context(day=0)
        self.counts: Counts = empty_counts(groups, platforms)
        count_all(first_day, self.counts)
        self.first_using = self.counts.using.copy()
        self.first_users = self.group_table.using(self.first_using)
        self.kin: KinTies = kin_ties(world.ties, world.bonds, self.everybody)
        find_channels(self.kin, first_day)
        self.kin.first[:] = self.kin.before[:] = self.kin.channels
        self.bonds = world.bonds
        self.carried: Carried | None = None
        self.contact = empty_contact(groups)
        self.spells = no_spells(self.kin.slot_group.size)
        self.lost_so_far = none_lost(groups)
        self.workspace = Workspace(
            due=np.empty(self.everybody.size, np.int32),
            outcome=empty_outcome(0, platforms),
            mark=np.empty(self.kin.slot_group.size, np.uint8),
            most_ties=int(np.diff(self.columns.start).max()),
        )
        self.events = EventLog()
        made = (BEHAVIOURS[name]() for name in spec.behaviour.of_people)
        self.people_rules = {rule.name: rule for rule in made if isinstance(rule, PeopleRule)}
        self.proposals: dict[str, Proposals | None] = {}
        self.proposed = dict.fromkeys(self.people_rules, 0)
        self.people_today = PeopleToday(
            self.columns,
            world.groups,
            self.setting.states,
            self.setting.platforms,
            world.rules.ties_kin_weight,
            seed,
            (world.ties.diaspora_end, world.ties.family_end),
        )
        self.record: Any = None
        for code, fact in self.setting.state_facts.items():
            State(self, code, fact)
        for name in self.setting.platform_facts:
            Platform(self, name)
        self.states = self.agents_by_type[State]
        self.platforms = self.agents_by_type[Platform]

    def context(
        self,
        *,
        day: int | None = None,
        kept: np.ndarray = NO_WISHES.kept,
        crowd: np.ndarray | None = None,
        drifted: np.ndarray | None = None,
    ) -> VisitContext:
        """Return the data that rules for people may read.

        Parameters
        ----------
        day : int, optional
            By default today.
        kept : numpy.ndarray of int64, shape (people,) or (0,)
            Platforms that the user's own rules keep today, as bits.
        crowd, drifted : numpy.ndarray, optional
            Fields of `Today`; by default those of the first day.
        """
        day = self.day if day is None else day
        diff = self.access_diff
        crowd = self.first_crowd if crowd is None else crowd
        drifted = self.no_drift if drifted is None else drifted
        return VisitContext(
            Today(day, crowd, drifted, diff.changed | diff.differs, diff.changed, diff.pushed),
            self.cells,
            self.columns,
            self.everybody,
            self.private,
            self.use,
            self.agenda,
            self.rules,
            keys_for_day(self.member_seed, day),
            kept,
        )

    @property
    def person(self) -> np.ndarray:
        """The table `everybody`, read-only, for code that must not change people."""
        table = self.everybody.view()
        table.flags.writeable = False
        return table

    def days_out_of_touch(self) -> np.ndarray:
        """Return the number of days in a row on which each person has been out of touch, shape
        (people,).
        """
        return days_out_of_touch(self.kin, self.spells, self.person.size)

    @property
    def anybody_changed(self) -> bool:
        """True if the platforms or the VPN of anybody changed today."""
        return self.contact_cache.anybody

    def condition(self, name: str, who: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return a copy of a column of PERSON or of OWN for some people, shape (people,)."""
        return np.array((self.private if name in (PRIVATE.names or ()) else self.person)[name][who])

    def carry(self, episode: str) -> None:
        """Draw the model's errors on the record and apply them to the kin ties of this arm."""
        self.carried = Carried(
            episode, self.member_seed, self.person, np.flatnonzero(np.diff(self.kin.start))
        )
        self.kin = self.kin._replace(missed=self.carried.missed, spared=self.carried.spared)
        pace = self.carried.pace((*self.spec.policies, *self.world.spec.policies))
        bonds = self.bonds
        self.bonds = bonds._replace(
            agree=(bonds.agree / pace).astype(bonds.agree.dtype),
            plan=(bonds.plan / pace).astype(bonds.plan.dtype),
        )

    def adopt(self, setting: Setting) -> None:
        """Replace the facts and invalidate the access table."""
        self.setting = setting
        self.law_signature = None

    @property
    def connected(self) -> np.ndarray:
        """The mean likeness of each state's Internet to those of other states on the latest day,
        shape (states,) [1].
        """
        return np.asarray(self.record.connected)

    def share_concerned(self, policy: Policy) -> np.ndarray:
        """Return the share of each state's people to whom a policy applies, shape (states,) [1]."""
        return (
            super().share_concerned(policy)
            if policy.who is None
            else self.places.share_of(policy.mark)
        )

    def users_without_policies(self, platform: str) -> np.ndarray:
        """Return the monthly users of a platform in each state without the policies, shape
        (states,) [persons].
        """
        counts = self.first_using if self.baseline is None else self.baseline.counts.using
        users = self.outlook.once_a_day("without policies", lambda: self.group_table.using(counts))
        return np.asarray(users[:, self.setting.platforms.index(platform)])

    def users_today(self) -> np.ndarray:
        """Return the share of each state's people who used each target yesterday, shape (states,
        targets) [1].
        """
        s = self.outlook.situation
        users = s.users.copy()
        if self.day > 0:
            now = self.group_table.using(self.counts.using) / s.people[:, None]
            platforms = [j for j, target in enumerate(s.targets) if target.platform >= 0]
            users[:, platforms] = now[:, [s.targets[j].platform for j in platforms]]
        return users

    def losses(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the share of each state's people who lost contact and the surplus lost [US$ a day
        and user].

        Both values are for yesterday, shape (states,) each.
        """
        people = self.outlook.situation.people
        groups = self.group_table
        setting = self.setting
        if self.day == 0:
            return np.zeros(len(people)), np.zeros(len(people))
        without = np.bincount(
            groups.state, weights=self.contact.without * groups.weight, minlength=len(people)
        )
        gained = groups.using(self.counts.surplus) / SURPLUS_UNITS
        wealth = np.array([income(setting, state) for state in self.outlook.situation.states])
        return without / people, -gained * dollars_a_day(setting) * wealth / people

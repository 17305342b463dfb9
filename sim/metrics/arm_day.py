"""The input of a metric: one arm of a run at the end of a day, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.facts.minutes import minutes_of, read_budget
from sim.facts.model import DEVICES, REST_OF_WORLD
from sim.facts.stores import APPLES_STORE
from sim.metrics.blocs import find_blocs, likeness_of_access
from sim.metrics.budget import from_purse, nowhere, share_out
from sim.metrics.cascades import cascades_by_state
from sim.metrics.connectivity import people_online
from sim.metrics.family import leave_out, pair_matrix
from sim.metrics.value import platform_value, usable_share
from sim.people.kernel_types import LEVELS
from sim.people.visit import SURPLUS_UNITS
from sim.world.build import closeness_table
from sim.world.money import advertising_of, dollars_a_day, income, trade_of

if TYPE_CHECKING:
    from sim.arm import Arm
    from sim.network import Coupling
    from sim.people.access import AccessTable
    from sim.people.contact import GroupContact, KinTies, LostSoFar
    from sim.people.state import Counts
    from sim.policies.docket import Docket
    from sim.world.setting import Setting


MEETING_KINDS = ("messenger", "feed", "mixed", "professional")
"""Kinds of platform on which people meet; the others are for watching, finding, buying and paying (assumption)."""
_ROUNDING = 1e-9


class ArmDay:
    """One arm at the end of a day. Every array is to be read only.

    Attributes
    ----------
    day, days : int
        The day, from 0, and the length of the run [days].
    states, platforms, groups : tuple of str
        Labels along the dimensions.
    weight : numpy.ndarray, shape (groups,)
        Real people for each simulated person [persons].
    state, partner : numpy.ndarray of int, shape (groups,)
        State of residence of each group, and the state at the other end of its corridor (its own for residents).
    diaspora : numpy.ndarray of bool, shape (groups,)
        Whether the group lives abroad.
    internet_users : numpy.ndarray, shape (states,)
        Internet users [persons].
    first_users : numpy.ndarray, shape (states, platforms)
        People who use each platform on the first day [persons].
    world_users : numpy.ndarray, shape (platforms,)
        The same, in all states [persons].
    trade : Trade
        What is traded by way of platforms: ``spent``, ``sold``, ``handsets``.
    dollars_a_day : float
        What a unit of value is worth to a person in the United States [US dollars a day].
    income : numpy.ndarray, shape (states,)
        Income per head against the United States [1].
    stickiness : numpy.ndarray, shape (platforms,)
        Share of people who still open an app that fails [1].
    value_share : numpy.ndarray, shape (platforms,)
        Each platform's part in the value of all [1].
    mode_weights : numpy.ndarray, shape (platforms, modes)
        Weight of each mode in the platform's value.
    minutes_each : numpy.ndarray, shape (platforms,)
        How long people use each platform on a day of use [minutes].
    close : numpy.ndarray, shape (platforms, platforms)
        How well one platform stands in for another, by kind [1].
    advertising : numpy.ndarray, shape (states, platforms)
        What a user of a month brings each platform [US$ a day].
    social : numpy.ndarray of bool, shape (platforms,)
        Whether people meet on each platform: messengers and networks.
    owner, home : numpy.ndarray of int, shape (platforms,)
        Number of the owner of each platform, and of its home state.
    on_apples_store, pays : numpy.ndarray of bool, shape (platforms,)
        Whether each platform is in Apple's store, and whether people pay with it.
    rerouted : bool
        Whether the routes, or the people with access to a network, changed since the day before.
    """

    _arm: Arm

    def __init__(self, arm: Arm) -> None:
        self.day, self.days = -1, arm.spec.days
        self.rerouted, self._routes, self._online = True, arm.routes, np.ones(len(arm.setting.states))
        setting = arm.setting
        self.states, self.platforms = setting.states, setting.platforms
        self.groups = tuple(group.label for group in arm.world.groups)
        self._table = arm.group_table
        self.weight, self.state, self.partner = self._table.weight, self._table.state, self._table.partner
        self.diaspora = self._table.diaspora
        self.internet_users = np.array([setting.users[code] for code in self.states])
        self.trade, self.dollars_a_day = trade_of(setting), dollars_a_day(setting)
        self.income = np.array([income(setting, code) for code in self.states])
        q, kinds = setting.parameters, [setting.platform_facts[name].kind for name in self.platforms]
        self.stickiness = np.array([q[f"stickiness.{kind}"] for kind in kinds])
        self.first_users = arm.first_users
        self.world_users = self.first_users.sum(axis=0)
        self.value_share = platform_value(self.world_users, np.array([q[f"value.{kind}"] for kind in kinds]))
        self.mode_weights: np.ndarray = arm.columns.platform["mode_weight"]
        self.minutes_each = np.array(
            [minutes_of(name, kind).value for name, kind in zip(self.platforms, kinds, strict=True)]
        )
        number = np.array([setting.facts.kinds.index(kind) for kind in kinds])
        self.close = closeness_table(setting)[number][:, number]
        self.advertising = advertising_of(setting)
        self.social = np.array([kind in MEETING_KINDS for kind in kinds])
        regular = self.minutes_each * self.stickiness
        self._by_the_minute = self.advertising / np.where(regular > 0, regular, 1.0)
        self._sells = self.trade.spent > 0
        self._spent_each = self.trade.spent[self.state]
        self._baseline = _Kept()
        self._unkept = np.flatnonzero(arm.kin.first == 0)
        self._note_owners(setting)

    def _note_owners(self, setting: Setting) -> None:
        """Read who owns which platform and where its home is: a sale changes both."""
        self._owned_in = setting
        facts = [setting.platform_facts[name] for name in self.platforms]
        owners = sorted({fact.owner for fact in facts})
        self.owner = np.array([owners.index(fact.owner) for fact in facts])
        homes = [fact.home if fact.home in self.states else REST_OF_WORLD for fact in facts]
        self.home = np.array([self.states.index(home) for home in homes])
        self.on_apples_store = np.array([APPLES_STORE in fact.stores for fact in facts])
        self.pays = np.array(["pay" in fact.modes for fact in facts])

    def begin(self, arm: Arm) -> bool:
        """Move to the end of the arm's current day; return whether the setting changed.

        Values computed for the day before are dropped. Tables that depend on access alone are kept while access does
        not change, and tables of routes while routes do not change. The likeness of states and their blocs are kept
        while the platforms that people can use, and the people they reach, stay the same.
        """
        self._arm, self.day = arm, arm.day
        online = people_online(self.docket.in_force, self.states)
        self.rerouted = arm.day == 0 or arm.routes is not self._routes or not np.array_equal(online, self._online)
        self._routes, self._online = arm.routes, online
        for name in _DAILY:
            self.__dict__.pop(name, None)
        reached = self.__dict__.pop("routes_reach", None) if self.rerouted else self.routes_reach
        same = reached is not None and (not self.rerouted or np.array_equal(reached, self.routes_reach))
        if arm.day == 0 or arm.changes.access:
            before = self.__dict__.pop("usable", None)
            same = same and before is not None and np.array_equal(before, self.usable)
        if not same:
            self.__dict__.pop("likeness", None)
            self.__dict__.pop("bloc", None)
        if arm.setting is self._owned_in:
            return False
        self._note_owners(arm.setting)
        return True

    def end(self) -> None:
        """Let go of the arm: nothing is kept of it but arrays."""
        del self._arm

    @property
    def setting(self) -> Setting:
        """Facts and parameters as they stand in this arm."""
        return self._arm.setting

    @property
    def parameters(self) -> Mapping[str, float]:
        """The model's parameters by name."""
        return self._arm.setting.parameters

    @property
    def counts(self) -> Counts:
        """Simulated people by group and platform."""
        return self._arm.counts

    @property
    def contact(self) -> GroupContact:
        """Contact with family abroad by group, in simulated people and ties."""
        return self._arm.contact

    @property
    def lost_so_far(self) -> LostSoFar:
        """Who has lost contact on some day so far, and for how long, by group, in simulated people."""
        return self._arm.lost_so_far

    @property
    def kin(self) -> KinTies:
        """Kin ties abroad, one by one."""
        return self._arm.kin

    @property
    def access(self) -> AccessTable:
        """Access by state and platform."""
        return self._arm.access

    @property
    def docket(self) -> Docket:
        """The policies in force and announced."""
        return self._arm.docket

    def by_state(self, counts: np.ndarray) -> np.ndarray:
        """Return real people by state from simulated people by group, shape (states, ...) [persons]."""
        return self._table.using(counts)

    def expected(self, counts: np.ndarray) -> np.ndarray:
        """Return expected people by state from chances of use summed by group, shape (states, ...) [persons]."""
        return self.by_state(counts) / LEVELS

    def on_routes(self, read: Callable[[Coupling], np.ndarray]) -> np.ndarray | float:
        """Return a table of the routes for all states, shape (states, ...); 1 while nothing is cut.

        States without carriers of their own, at the end of the order, have 1 as well.
        """
        routes = self._arm.routes
        if routes is None:
            return 1.0
        found, n = read(routes), len(routes.states)
        whole = np.ones((len(self.states),) * found.ndim)
        whole[(slice(n),) * found.ndim] = found
        return whole

    @cached_property
    def active(self) -> np.ndarray:
        """Expected people who use each platform today, shape (states, platforms) [persons]."""
        return self.expected(self.counts.use)

    @cached_property
    def minutes(self) -> np.ndarray:
        """Minutes of use today, within a budget of time, shape (states, platforms) [minutes a day]."""
        each, budget = self.minutes_each, read_budget()
        first, later, half, new = (
            budget[f"time.{name}"].value for name in ("nowhere_first", "nowhere_later", "settle_days", "new_weight")
        )
        days = max((days for _, days in self.docket.in_force), default=0.0)
        if self._arm.setting.blocks != self._arm.world.setting.blocks:
            days = np.inf  # blocks of the first day are years old
        own, base = self.counts.use / LEVELS * each, self._use_before
        return self.by_state(share_out(own, base, self.close, nowhere(first, later, half, days), new))

    @cached_property
    def spent(self) -> np.ndarray:
        """What people spend on each platform today, shape (states, platforms) [US$ a day]."""
        base = self._baseline.get("spent", self._counts_before.using, lambda using: using * self._spent_each)
        own, budget = self.counts.using * self._spent_each, read_budget()
        lost, new = budget["money.nowhere"].value, budget["time.new_weight"].value
        return self.by_state(share_out(own, base, self.close, lost, new))

    @cached_property
    def revenue(self) -> np.ndarray:
        """What each platform earns from its users today, shape (states, platforms) [US$ a day].

        What advertisers pay follows the minutes, out of the purse that they have in the state; for shops it is what
        buyers spend.
        """
        before = self._baseline.get(
            "paid", self._counts_before.use, lambda _: self._paid(self.by_state(self._use_before))
        )
        return np.where(self._sells, self.spent, from_purse(self._paid(self.minutes), before))

    def _paid(self, minutes: np.ndarray) -> np.ndarray:
        """Return what advertisers would pay for some minutes, shape (states, platforms) [US$ a day]."""
        return np.where(self._sells, 0.0, minutes * self._by_the_minute)

    @property
    def _use_before(self) -> np.ndarray:
        """Minutes that the people of the baseline arm would use, shape (groups, platforms) [minutes a day]."""
        use = self._counts_before.use
        return self._baseline.get("minutes", use, lambda use: use / LEVELS * self.minutes_each)

    @property
    def _counts_before(self) -> Counts:
        """Simulated people by group and platform, of the baseline arm."""
        baseline = self._arm.baseline
        return self._arm.counts if baseline is None else baseline.counts

    @cached_property
    def members(self) -> np.ndarray:
        """People who hold each platform and reach it, shape (states, platforms) [persons]."""
        return self.by_state(self.counts.using)

    @cached_property
    def value_gained(self) -> np.ndarray:
        """Value gained against the first day, shape (states,) [marginal feed users' value x persons]."""
        return self.by_state(self.counts.surplus) / SURPLUS_UNITS

    @cached_property
    def installable(self) -> np.ndarray:
        """Share of phones that can install each platform from a store, shape (states, platforms)."""
        ios, install = self.setting.ios_share[:, None], self.access.install
        apple, android = (install[:, :, at] for at in range(len(DEVICES)))
        return np.asarray(apple * ios + android * (1 - ios))

    @cached_property
    def usable(self) -> np.ndarray:
        """Share of each platform that a person in each state gets without effort, shape (states, platforms)."""
        return self._usable(self.access)

    @cached_property
    def first_usable(self) -> np.ndarray:
        """The same on the first day, shape (states, platforms)."""
        return self._usable(self._arm.world.access)

    @cached_property
    def opened(self) -> np.ndarray:
        """Platforms of which law leaves more than in the baseline's first day, by state, bits, shape (states,)."""
        more = self.usable > self.first_usable + _ROUNDING
        return np.asarray((more * (np.int64(1) << np.arange(len(self.platforms)))).sum(axis=1))

    @cached_property
    def routes_reach(self) -> np.ndarray:
        """Share of the pairs of people of two states who are on a network and have a route, (states, states) [1]."""
        n, online = len(self.states), np.outer(self._online, self._online)
        return np.asarray(self.on_routes(lambda routes: routes.reach) * online).reshape(n, n)

    @cached_property
    def kin_in_contact(self) -> np.ndarray:
        """Kin ties between two states that have a channel, shape (states, states); NaN where none was simulated."""
        kin, ties = self._arm.kin, self.contact.open.copy()
        leave_out(self._unkept, kin.channels, self.opened, self.state, kin.group, ties)
        return pair_matrix(ties, self.weight, self.state, self.partner, self.diaspora, len(self.states))

    @cached_property
    def likeness(self) -> np.ndarray:
        """How alike two states' access is [1], shape (states, states): people who reach nobody there share nothing."""
        together = np.minimum(self.routes_reach, self.routes_reach.T)
        np.fill_diagonal(together, 1.0)
        return np.asarray(likeness_of_access(self.usable, self.world_users) * together)

    @cached_property
    def bloc(self) -> np.ndarray:
        """Number of the first member of each state's bloc, shape (states,)."""
        return find_blocs(self.likeness, self.parameters["blocs.together"])

    @cached_property
    def cascades(self) -> tuple[np.ndarray, np.ndarray]:
        """Policies that followed from those of each state so far, and the longest chain, shape (states,) each."""
        return cascades_by_state(self._arm)

    def _usable(self, access: AccessTable) -> np.ndarray:
        """Return the table of `usable` for an access table, shape (states, platforms)."""
        setting = self.setting
        return usable_share(access.reach, setting.has_modes, access.speed, access.install, setting.ios_share)


class _Kept:
    """What was calculated from an array, kept while the array has the same numbers: most baselines rarely change."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def get(self, name: str, array: np.ndarray, calculate: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return what follows from an array, under a name."""
        known = self._known.get(name)
        if known is None or not np.array_equal(known[0], array):
            known = self._known[name] = array.copy(), calculate(array)
        return known[1]


_DAILY = (
    "active", "minutes", "spent", "revenue", "members", "value_gained", "installable", "cascades", "opened",
    "kin_in_contact",
)  # fmt: skip
"""What is calculated again each day; the tables of access and of routes are kept while they stay the same."""

"""The input of a metric: one arm of a run at the end of a day, as arrays, and the tables that several metrics share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np

from sim.actors.statecraft import find_blocs, likeness_of_access
from sim.arm import Arm
from sim.core.kernels import kernel
from sim.facts.model import DEVICES, REST_OF_WORLD
from sim.facts.platforms import APPLES_STORE, BUDGETS, minutes_of
from sim.facts.tables import read
from sim.metrics.budget import from_purse, nowhere, share_out
from sim.network import Coupling
from sim.people.access import AccessTable
from sim.people.contact import BRIDGED
from sim.people.kernel_types import LEVELS
from sim.people.visit import SURPLUS_UNITS
from sim.policies.base import Policy
from sim.world.build import closeness_table
from sim.world.setting import Setting, advertising_of, dollars_a_day, income, trade_of

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
    setting : Setting
        Facts and parameters as they stand in this arm.
    parameters : mapping of str to float
        The model's parameters by name.
    counts, counts_before : Counts
        Simulated people by group and platform, in this arm and in the baseline.
    contact : GroupContact
        Contact with family abroad by group, in simulated people and ties.
    lost_so_far : LostSoFar
        Who has lost contact on some day so far, and for how long, by group, in simulated people.
    kin : KinTies
        Kin ties abroad, one by one.
    access : AccessTable
        Access by state and platform.
    docket : Docket
        The policies in force and announced.
    policies : tuple of Policy
        All policies so far: those of the scenario, and what states have decided.
    decisions : list of Decision
        What was decided so far, in order.
    routes : Coupling or None
        Which state reaches which over the carriers; None while nothing is cut.
    rerouted : bool
        Whether the routes, or the people with access to a network, changed since the day before.
    """

    def __init__(self, arm: Arm) -> None:
        self.day, self.days = -1, arm.spec.days
        self.rerouted, self.routes, self._online = True, arm.routes, np.ones(len(arm.setting.states))
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
        self._first_access, self._first_blocks = arm.world.access, arm.world.setting.blocks
        self._without_channel_at_first = np.flatnonzero(arm.kin.first == 0)
        self._use_then = self._using_then = np.empty(0)
        self._note_owners(setting)

    def _note_owners(self, setting: Setting) -> None:
        """Read who owns which platform and where its home is: a sale changes both."""
        self.setting, self.parameters = setting, setting.parameters
        facts = [setting.platform_facts[name] for name in self.platforms]
        owners = sorted({fact.owner for fact in facts})
        self.owner = np.array([owners.index(fact.owner) for fact in facts])
        homes = [fact.home if fact.home in self.states else REST_OF_WORLD for fact in facts]
        self.home = np.array([self.states.index(home) for home in homes])
        self.on_apples_store = np.array([APPLES_STORE in fact.stores for fact in facts])
        self.pays = np.array(["pay" in fact.modes for fact in facts])

    def begin(self, arm: Arm) -> bool:
        """Move to the end of the arm's current day; return whether the setting changed.

        No reference to the arm is kept. Tables computed for the day before are dropped, but those that depend on access
        alone are kept while access does not change, those of routes while routes do not change, and the likeness of
        states and their blocs while the platforms that people can use, and the people they reach, stay the same.
        """
        self.day, self.access, self.docket, self.kin, self.contact = (
            arm.day,
            arm.access,
            arm.docket,
            arm.kin,
            arm.contact,
        )
        self.lost_so_far, self.counts = arm.lost_so_far, arm.counts
        self.counts_before = arm.counts if arm.baseline is None else arm.baseline.counts
        self.policies, self.decisions = (*arm.spec.policies, *arm.decided), arm.decisions
        online = people_online(self.docket.in_force, self.states)
        self.rerouted = arm.day == 0 or arm.routes is not self.routes or not np.array_equal(online, self._online)
        self.routes, self._online = arm.routes, online
        self._forget(*_DAILY)
        use, using = self.counts_before.use, self.counts_before.using
        if not (np.array_equal(use, self._use_then) and np.array_equal(using, self._using_then)):
            self._use_then, self._using_then = use.copy(), using.copy()
            self._forget(*_OF_THE_BASELINE)
        reached = self.__dict__.pop("routes_reach", None) if self.rerouted else self.routes_reach
        same = reached is not None and (not self.rerouted or np.array_equal(reached, self.routes_reach))
        sold = arm.setting is not self.setting
        if sold:
            self._note_owners(arm.setting)
        if arm.day == 0 or arm.access_diff.is_felt:
            before = self.__dict__.pop("usable", None)
            same = same and before is not None and np.array_equal(before, self.usable)
        if not same:
            self._forget("likeness", "bloc")
        return sold

    def _forget(self, *tables: str) -> None:
        """Drop tables, so that they are calculated again when a metric asks for them."""
        for name in tables:
            self.__dict__.pop(name, None)

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
        if self.routes is None:
            return 1.0
        table, n = read(self.routes), len(self.routes.states)
        whole = np.ones((len(self.states),) * table.ndim)
        whole[(slice(n),) * table.ndim] = table
        return whole

    @cached_property
    def active(self) -> np.ndarray:
        """Expected people who use each platform today, shape (states, platforms) [persons]."""
        return self.expected(self.counts.use)

    @cached_property
    def members(self) -> np.ndarray:
        """People who hold each platform and reach it, shape (states, platforms) [persons]."""
        return self.by_state(self.counts.using)

    @cached_property
    def minutes(self) -> np.ndarray:
        """Minutes of use today, within a budget of time, shape (states, platforms) [minutes a day]."""
        budget = read(BUDGETS)
        first, later, half, new = (
            budget[f"time.{name}"].value for name in ("nowhere_first", "nowhere_later", "settle_days", "new_weight")
        )
        days = max((days for _, days in self.docket.in_force), default=0.0)
        if self.setting.blocks != self._first_blocks:
            days = np.inf  # blocks of the first day are years old
        own = self.counts.use / LEVELS * self.minutes_each
        return self.by_state(share_out(own, self._minutes_before, self.close, nowhere(first, later, half, days), new))

    @cached_property
    def spent(self) -> np.ndarray:
        """What people spend on each platform today, shape (states, platforms) [US$ a day]."""
        own, budget = self.counts.using * self._spent_each, read(BUDGETS)
        lost, new = budget["money.nowhere"].value, budget["time.new_weight"].value
        return self.by_state(share_out(own, self._spent_before, self.close, lost, new))

    @cached_property
    def revenue(self) -> np.ndarray:
        """What each platform earns from its users today, shape (states, platforms) [US$ a day].

        What advertisers pay follows the minutes, out of the purse that they have in the state; for shops it is what
        buyers spend.
        """
        return np.where(self._sells, self.spent, from_purse(self._paid(self.minutes), self._paid_before))

    def _paid(self, minutes: np.ndarray) -> np.ndarray:
        """Return what advertisers would pay for some minutes, shape (states, platforms) [US$ a day]."""
        return np.where(self._sells, 0.0, minutes * self._by_the_minute)

    @cached_property
    def _minutes_before(self) -> np.ndarray:
        """Minutes that the people of the baseline arm would use, shape (groups, platforms) [minutes a day]."""
        return self.counts_before.use / LEVELS * self.minutes_each

    @cached_property
    def _spent_before(self) -> np.ndarray:
        """What the people of the baseline arm would spend, shape (groups, platforms) [US$ a day]."""
        return self.counts_before.using * self._spent_each

    @cached_property
    def _paid_before(self) -> np.ndarray:
        """What advertisers would pay in the baseline arm, shape (states, platforms) [US$ a day]."""
        return self._paid(self.by_state(self._minutes_before))

    @property
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
        """Share of each platform that a person in each state gets without effort, shape (states, platforms).

        Reach over the platform's modes, times the speed left, times the share of phones that can install it.
        """
        return usable_share(self.access, self.setting)

    @cached_property
    def first_usable(self) -> np.ndarray:
        """The same on the first day, shape (states, platforms)."""
        return usable_share(self._first_access, self.setting)

    @cached_property
    def routes_reach(self) -> np.ndarray:
        """Share of the pairs of people of two states who are on a network and have a route, (states, states) [1]."""
        n, online = len(self.states), np.outer(self._online, self._online)
        return np.asarray(self.on_routes(lambda routes: routes.reach) * online).reshape(n, n)

    @cached_property
    def kin_in_contact(self) -> np.ndarray:
        """Kin ties between two states that have a channel, shape (states, states); NaN where none was simulated."""
        more = self.usable > self.first_usable + _ROUNDING
        opened = np.asarray((more * (np.int64(1) << np.arange(len(self.platforms)))).sum(axis=1))
        ties = self.contact.open.copy()
        leave_out(self._without_channel_at_first, self.kin.channels, opened, self.state, self.kin.group, ties)
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


_DAILY = ("active", "members", "minutes", "spent", "revenue", "installable", "kin_in_contact")
"""What is calculated again each day; the tables of access and of routes are kept while they stay the same."""
_OF_THE_BASELINE = ("_minutes_before", "_spent_before", "_paid_before")
"""What is calculated again when people of the baseline arm do something else; most baselines rarely change."""


def platform_value(users: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return each platform's part in the value of all, shape (platforms,) [share]; all 0 where nobody uses anything.

    Parameters
    ----------
    users : numpy.ndarray, shape (platforms,)
        Monthly users in the whole world on the first day [persons].
    value : numpy.ndarray, shape (platforms,)
        Value to the marginal user of the platform's kind [marginal feed users' value].
    """
    worth = users * value
    total = worth.sum()
    return np.asarray(worth / total if total > 0 else np.zeros_like(worth))


def usable_share(access: AccessTable, setting: Setting) -> np.ndarray:
    """Return `ArmDay.usable` for an access table, shape (states, platforms) [1]."""
    reached = (access.reach * setting.has_modes).sum(axis=2) / setting.has_modes.sum(axis=1)
    ios = setting.ios_share[:, None]
    return np.asarray(reached * access.speed * (access.install[:, :, 0] * ios + access.install[:, :, 1] * (1.0 - ios)))


def people_online(in_force: Iterable[tuple[Policy, int]], states: Sequence[str]) -> np.ndarray:
    """Return the share of each state's internet users whom no policy takes off every network, shape (states,) [1].

    Parameters
    ----------
    in_force : iterable of (Policy, int)
        The policies in force, with the days since they began. Where several cut people off, the largest share counts.
    states : sequence of str
    """
    off = np.zeros(len(states))
    for policy, _ in in_force:
        share = policy.people_cut_off()
        for state in policy.by if share > 0 else ():
            off[states.index(state)] = max(off[states.index(state)], share)
    return 1.0 - off


@kernel
def leave_out(
    unkept: np.ndarray, channels: np.ndarray, opened: np.ndarray, state: np.ndarray, group: np.ndarray, ties: np.ndarray
) -> None:  # fmt: skip
    """Leave out of the open kin ties of each diaspora those that are no contact, though a platform joins the two ends.

    A tie without a channel on the first day was never kept by platform. It does not become contact because people at
    both ends happen to take up the same substitute; it does by a bridge, or by a platform that law has opened.

    Parameters
    ----------
    unkept : numpy.ndarray of int
        Ties without a channel on the first day.
    channels : numpy.ndarray of int64, shape (ties,)
        Platforms that join the two ends today, bits.
    opened : numpy.ndarray of int64, shape (states,)
        Platforms of which law leaves more than on the baseline's first day, bits.
    state : numpy.ndarray of int, shape (groups,)
        State of residence of each group.
    group : numpy.ndarray of int, shape (ties, 2)
        Groups of the two ends, the diaspora's first.
    ties : numpy.ndarray of int64, shape (groups,)
        Ties with a channel today (in place).
    """
    for k in unkept:
        by_law = opened[state[group[k, 0]]] | opened[state[group[k, 1]]] | BRIDGED
        if channels[k] != 0 and channels[k] & by_law == 0:
            ties[group[k, 0]] -= 1


def pair_matrix(
    open_ties: np.ndarray,
    weight: np.ndarray,
    residence: np.ndarray,
    origin: np.ndarray,
    diaspora: np.ndarray,
    states: int,
) -> np.ndarray:
    """Return kin ties that have a channel, by pair of states, in both directions of the matrix.

    Parameters
    ----------
    open_ties, weight : numpy.ndarray, shape (groups,)
        Simulated ties and real people for each simulated one.
    residence, origin : numpy.ndarray of int, shape (groups,)
    diaspora : numpy.ndarray of bool, shape (groups,)
        Ties are counted at their diaspora end.
    states : int

    Returns
    -------
    numpy.ndarray, shape (states, states)
        Ties; NaN where none was simulated.
    """
    here, there = residence[diaspora], origin[diaspora]
    pair = np.minimum(here, there), np.maximum(here, there)
    out, simulated = np.zeros((states, states)), np.zeros((states, states), np.bool_)
    np.add.at(out, pair, (weight * open_ties)[diaspora])
    simulated[pair] = True
    out = np.where(simulated, out, np.nan)
    return np.asarray(np.where(simulated.T, out.T, out))

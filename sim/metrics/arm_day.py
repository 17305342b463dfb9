"""The input of a metric: one arm of a run at the end of a day, as arrays, and the tables that
several metrics share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..actors.statecraft import find_blocs, likeness_of_access
from ..arm import Arm
from ..facts.model import DEVICES, REST_OF_WORLD
from ..facts.platforms import BUDGETS, minutes_of
from ..facts.tables import read
from ..network import Coupling
from ..people.access import AccessTable
from ..people.budget import Spending, share_out
from ..people.contact import BRIDGED
from ..people.kernel_types import LEVELS
from ..people.own_rules import PeopleToday
from ..people.setting import Setting, advertising_of, dollars_a_day, income, trade_of
from ..people.state import count_turned
from ..people.visit import SURPLUS_UNITS
from ..policies.access import too_young
from ..policies.base import Policy
from ..world.build import closeness_table
from .registry import mean_abroad
from .use import by_label

MEETING_KINDS = ("messenger", "channel", "feed", "mixed", "professional")
"""Kinds of platform on which people meet; others are for watching, search, shopping and payment
(assumption).
"""
_ROUNDING = 1e-9
_LARGEST = np.finfo(np.float64).max


class ArmDay:
    """One arm at the end of a day. Do not write to any of its arrays.

    Attributes
    ----------
    day, days : int
        Number of the day, from 0, and length of the run [days].
    states, platforms, groups : tuple of str
        Labels along the dimensions.
    weight : numpy.ndarray, shape (groups,)
        Number of real people per simulated person [persons].
    state, partner : numpy.ndarray of int, shape (groups,)
        State of residence of each group, and the state in which its kin abroad live (for residents,
        the state of residence).
    diaspora : numpy.ndarray of bool, shape (groups,)
        Whether the group lives abroad.
    internet_users : numpy.ndarray, shape (states,)
        Internet users [persons].
    first_users : numpy.ndarray, shape (states, platforms)
        Number of people who use each platform on the first day [persons].
    world_users : numpy.ndarray, shape (platforms,)
        Number of people in all states who use each platform on the first day [persons].
    trade : Trade
        Trade over platforms: ``spent``, ``sold`` and ``handsets``.
    dollars_a_day : float
        Worth of a unit of value to a person in the United States [US dollars a day].
    income : numpy.ndarray, shape (states,)
        Income per head, relative to the United States [1].
    stickiness : numpy.ndarray, shape (platforms,)
        Share of people who still open an app that fails [1].
    value_share : numpy.ndarray, shape (platforms,)
        Share of each platform in the value of all platforms, by users and kind [1]; 0 for all if
        nobody uses a platform.
    mode_weights : numpy.ndarray, shape (platforms, modes)
        Weight of each mode in the platform's value.
    minutes_each : numpy.ndarray, shape (platforms,)
        Time for which people use each platform on a day of use [minutes].
    close : numpy.ndarray, shape (platforms, platforms)
        How well one platform replaces another, by kind [1].
    advertising : numpy.ndarray, shape (states, platforms)
        Revenue of each platform from one monthly user [US$ a day].
    social : numpy.ndarray of bool, shape (platforms,)
        Whether people meet on each platform, as on messengers and networks.
    first_home : numpy.ndarray of int, shape (platforms,)
        Number of the home state of each platform on the first day.
    connected_before : numpy.ndarray or None, shape (states,)
        `connected` in the baseline [1]; None in the baseline itself.
    first_usable : numpy.ndarray, shape (states, platforms)
        `usable` on the first day [1].
    setting : Setting
        Facts and parameters of this arm.
    parameters : mapping of str to float
        The model's parameters by name.
    counts, counts_before : Counts
        Simulated people by group and platform, in this arm and in the baseline.
    contact : GroupContact
        Contact with family abroad by group, in simulated people and ties.
    lost_so_far : LostSoFar
        People who have lost contact on at least one day so far, and for how long, by group
        [simulated people].
    kin : KinTies
        Kin ties abroad, one by one.
    access : AccessTable
        Access by state and platform, on average over the people of the state.
    docket : Docket
        The policies in force and announced.
    policies : tuple of Policy
        All policies so far: the policies of the scenario, and those that states have decided.
    decisions : list of Decision
        All decisions so far, in order.
    routes : Coupling or None
        States that reach each other over the carriers; None while nothing is cut.
    rerouted : bool
        Whether the routes, or the people with access to a network, changed since the day before.
    """

    def __init__(self, arm: Arm) -> None:
        setting = arm.setting
        self._table = arm.group_table
        self.day = -1
        self.days = arm.spec.days
        self.setting = setting
        self.routes = arm.routes
        self._online = np.ones(len(setting.states))
        self._places = arm.places
        self.states = setting.states
        self.platforms = setting.platforms
        self.groups = tuple(group.label for group in arm.world.groups)
        self.weight = self._table.weight
        self.state = self._table.state
        self.partner = self._table.partner
        self.diaspora = self._table.diaspora
        self.internet_users = np.array([setting.users[code] for code in self.states], np.float64)
        self.first_users = arm.first_users
        self.world_users = arm.first_users.sum(axis=0)
        self.trade = trade_of(setting)
        self.dollars_a_day = dollars_a_day(setting)
        self.income = np.array([income(setting, code) for code in self.states])
        q = setting.parameters
        kinds = [setting.platform_facts[name].kind for name in self.platforms]
        self.stickiness = np.array([q[f"stickiness.{kind}"] for kind in kinds])
        worth = self.world_users * np.array([q[f"value.{kind}"] for kind in kinds])
        self.value_share = worth / worth.sum() if worth.sum() > 0 else np.zeros_like(worth)
        self.mode_weights: np.ndarray = arm.columns.platform["mode_weight"]
        minutes = [
            minutes_of(name, kind).value for name, kind in zip(self.platforms, kinds, strict=True)
        ]
        self.minutes_each = np.array(minutes)
        self.advertising = advertising_of(setting)
        self._lost_for_good = np.array([q[f"diversion.{kind}"] for kind in kinds])
        number = np.array([setting.facts.kinds.index(kind) for kind in kinds])
        self.close = closeness_table(setting)[number][:, number]
        self.social = np.array([kind in MEETING_KINDS for kind in kinds])
        self.first_home = self.home
        self._connected: np.ndarray | None = None
        self._usable_before: np.ndarray | None = None
        self._alike = np.ones((len(self.states), len(self.states)))
        self.connected_before: np.ndarray | None = None
        self.first_usable = usable_share(arm.world.access, setting)
        self._first_blocks = arm.world.setting.blocks
        self._without_channel_at_first = np.flatnonzero(arm.kin.first == 0)
        self._size = np.bincount(arm.person["group"], minlength=len(self.groups))[:, None]
        self._unchanged = Unchanged()
        pairs = pairs_of_groups(self.state, self.partner, self.diaspora, len(self.states))
        self._pairs, self._is_simulated = pairs
        self._person = arm.person
        self._young = under_limit(arm)

    def __repr__(self) -> str:
        sizes = (
            f"{len(self.states)} states, {len(self.platforms)} platforms, {len(self.groups)} groups"
        )
        return f"<ArmDay: day {self.day} of {self.days}, {sizes}>"

    def begin(self, arm: Arm) -> bool:
        """Move to the end of the arm's current day; return whether the setting changed.

        No reference to the arm is kept, and tables of the day before are dropped.
        """
        sold = arm.setting is not self.setting
        self.setting = arm.setting
        self.parameters = arm.setting.parameters
        kept: tuple[str, ...] = () if sold else OF_A_SETTING
        if not sold and not arm.access_diff.is_felt:
            kept += OF_AN_ACCESS
        for name in OF_A_DAY:
            if name not in kept:
                self.__dict__.pop(name, None)
        laws = [arm.docket.for_class(concerned_by).in_force for concerned_by in arm.places.classes]
        online = arm.places.mean([people_online(in_force, self.states) for in_force in laws])
        self.rerouted = (
            arm.day == 0
            or arm.routes is not self.routes
            or not np.array_equal(online, self._online)
        )
        self.routes = arm.routes
        self._online = online
        if self.rerouted or sold or arm.access_diff.is_felt:
            self._connected = None
        self.connected_before = None if arm.baseline is None else arm.baseline.connected
        self.day = arm.day
        self.access = arm.access
        self.docket = arm.docket
        self.kin = arm.kin
        self._by_class = arm.by_class
        self._people = arm.person
        self._use = arm.use
        baseline = arm if arm.baseline is None else arm.baseline
        self._people_before = baseline.person
        self._use_before = baseline.use
        self._missed = arm.private["lost"]
        self._tie_share = arm.columns.platform["tie_share"]
        self._people_today = arm.people_today, arm.cells, arm.access_diff.differs, arm.private
        self._days_out = arm.days_out_of_touch
        self.contact = arm.contact
        self.lost_so_far = arm.lost_so_far
        self.counts = arm.counts
        self.counts_before = arm.counts if arm.baseline is None else arm.baseline.counts
        self.policies = (*arm.spec.policies, *arm.decided)
        self.decisions = arm.decisions
        return sold

    def by_state(self, counts: np.ndarray) -> npt.NDArray[np.float64]:
        """Convert counts of simulated people by group into numbers of real people by state, shape
        (states, ...) [persons].
        """
        return self._table.using(counts)

    @cached_property
    def people(self) -> PeopleToday:
        """All people at the end of the day, as a rule for people sees them. The arrays are
        read-only.
        """
        people, cells, differs, private = self._people_today
        people.begin(self._people, private, cells, differs, self._days_out)
        return people

    def share_concerned(self, policy: Policy) -> np.ndarray:
        """Return the share of each state's people to whom a policy applies, shape (states,) [1]."""
        return (
            np.ones(len(self.states)) if policy.who is None else self._places.share_of(policy.mark)
        )

    def over_classes(self, measured: Callable[[AccessTable], np.ndarray]) -> np.ndarray:
        """Return the mean over a state's people of a quantity computed from an access table, shape
        (states, ...).

        A class is the people whom the same policies concern. The quantity is computed for each
        class and then averaged, because the quantity of a mean table would differ.
        """
        tables = {id(table): table for table in self._by_class}
        values = {key: measured(table) for key, table in tables.items()}
        return self._places.mean([values[id(table)] for table in self._by_class])

    def expected(self, counts: np.ndarray) -> np.ndarray:
        """Convert chances of use, summed by group, into expected numbers of people by state, shape
        (states, ...) [persons].
        """
        return self.by_state(counts) / LEVELS

    def on_routes(self, table_of: Callable[[Coupling], np.ndarray]) -> np.ndarray | float:
        """Return a table of the routes for all states, shape (states, ...); 1 while nothing is cut.

        States without carriers also have 1; they come last.
        """
        if self.routes is None:
            return 1.0
        table = table_of(self.routes)
        n = len(self.routes.states)
        whole = np.ones((len(self.states),) * table.ndim)
        whole[(slice(n),) * table.ndim] = table
        return whole

    # --- platforms: a sale changes who owns them --------------------------------------------------

    @cached_property
    def owner(self) -> np.ndarray:
        """Number of the owner of each platform today, shape (platforms,)."""
        return np.unique(
            [self.setting.platform_facts[name].owner for name in self.platforms],
            return_inverse=True,
        )[1]

    @cached_property
    def home(self) -> np.ndarray:
        """Number of the home state of each platform today, shape (platforms,)."""
        homes = [self.setting.platform_facts[name].home for name in self.platforms]
        return np.array(
            [self.states.index(home if home in self.states else REST_OF_WORLD) for home in homes]
        )

    # --- use and money ----------------------------------------------------------------------------

    @cached_property
    def active(self) -> np.ndarray:
        """Expected number of people who use each platform today, shape (states, platforms)
        [persons].
        """
        return self.expected(self.counts.use)

    @cached_property
    def members(self) -> np.ndarray:
        """Number of people who have each platform and can reach it, shape (states, platforms)
        [persons].
        """
        return self.by_state(self.counts.using)

    @cached_property
    def minutes(self) -> np.ndarray:
        """Minutes of use today, within a budget of time, shape (states, platforms) [minutes a
        day].
        """
        budget = {name: row.value for name, row in read(BUDGETS).items()}
        days = max((days for _, days in self.docket.in_force), default=0.0)
        if self.setting.blocks != self._first_blocks:
            days = np.inf  # a block from before the run has changed: people have adapted
        first = budget["time.nowhere_first"]
        settle = budget["time.settle_days"]
        lost = nowhere(first, self._lost_for_good, settle, days)
        each = np.broadcast_to(self.minutes_each / LEVELS, self.counts.use.shape)
        return self.by_state(
            share_out(
                Spending(self._people["using"], self._use),
                Spending(self._people_before["using"], self._use_before),
                self.counts.use,
                self._people["group"],
                each,
                self.close,
                lost,
            )
        )

    @cached_property
    def minutes_before(self) -> np.ndarray:
        """Minutes of use today in the baseline, shape (states, platforms) [minutes a day]."""
        return self._unchanged(
            "minutes_before",
            lambda use: self.by_state(use * (self.minutes_each / LEVELS)),
            self.counts_before.use,
        )

    @cached_property
    def minutes_by_first_home(self) -> np.ndarray:
        """Minutes that people of a state (row) spend on the platforms whose home on the first day
        is another state (column). A sale alone loses no minutes. Shape (states, states) [minutes a
        day].
        """
        return by_label(self.minutes, self.first_home, len(self.states))

    @cached_property
    def minutes_by_first_home_before(self) -> np.ndarray:
        """Minutes that people of a state spend on platforms by their first home state, in the
        baseline, shape (states, states) [minutes a day].
        """
        return self._unchanged(
            "minutes_by_first_home_before",
            lambda minutes: by_label(minutes, self.first_home, len(self.states)),
            self.minutes_before,
        )

    @cached_property
    def minutes_across(self) -> tuple[np.ndarray, np.ndarray]:
        """Minutes of use across the border of each state, without and with the policies, each of
        shape (states,) [minutes a day].
        """
        return across(self.minutes_by_first_home_before), across(self.minutes_by_first_home)

    @cached_property
    def turned_to(self) -> np.ndarray:
        """Number of people who turn to each platform because they miss another platform today,
        shape (states, platforms) [persons].
        """
        replaced = self.parameters["choice.substitutability"] * self.close
        company = self.counts.using / np.maximum(1, self._size)
        turned = np.zeros(self.counts.using.shape)
        count_turned(self._people, self._missed, replaced, self._tie_share, company, turned)
        return self.by_state(turned)

    @cached_property
    def spent(self) -> np.ndarray:
        """Amount that people spend on each platform today, (states, platforms) [US$ a day]."""
        each = self.trade.spent[self.state]
        sells = np.flatnonzero(each.any(axis=0))  # most platforms sell nothing
        shops = np.bitwise_or.reduce(np.int64(1) << sells)

        def of_people(own: np.ndarray, before: np.ndarray) -> np.ndarray:
            lost = np.full(len(self.platforms), read(BUDGETS)["money.nowhere"].value)
            one = np.zeros((0, len(self.platforms)), np.uint8)
            group = self._people["group"]
            now = Spending(own, one)
            total = self.counts.using * each.any(axis=0)
            shared = share_out(now, Spending(before, one), total, group, each, self.close, lost)
            return self.by_state(shared)

        held = self._people["using"] & shops, self._people_before["using"] & shops
        return self._unchanged("spent", of_people, *held)

    @cached_property
    def revenue(self) -> np.ndarray:
        """Revenue of each platform from its users today, shape (states, platforms) [US$ a day].

        Advertisers pay in proportion to minutes, from a fixed budget in the state; for shops, the
        amount is what buyers spend.
        """
        sells = self.trade.spent > 0
        regular = self.minutes_each * self.stickiness
        a_minute = np.where(sells, 0.0, self.advertising / np.where(regular > 0, regular, 1.0))
        return np.where(
            sells, self.spent, from_purse(self.minutes * a_minute, self.minutes_before * a_minute)
        )

    @property
    def young_using(self) -> np.ndarray:
        """Number of people under an age limit who have each platform and can reach it, shape
        (groups, platforms) [simulated persons].
        """
        return using_by_group(self._person[self._young], len(self.groups), len(self.platforms))

    @property
    def value_gained(self) -> np.ndarray:
        """Value gained since the first day, shape (states,) [value of a feed to its marginal user x
        persons].
        """
        return self.by_state(self.counts.surplus) / SURPLUS_UNITS

    # --- access and routes ------------------------------------------------------------------------

    @cached_property
    def installable(self) -> np.ndarray:
        """Share of phones that can install each platform from a store, shape (states,
        platforms).
        """
        return self.over_classes(lambda table: installable_share(table, self.setting))

    @cached_property
    def usable(self) -> np.ndarray:
        """Share of each platform that a person in each state can use without effort, shape (states,
        platforms).

        Reach over the platform's modes, times the speed left, times the share of phones that can
        install it.
        """
        return self.over_classes(lambda table: usable_share(table, self.setting))

    @cached_property
    def opened(self) -> np.ndarray:
        """Platforms that the law restricts less than on the first day, shape (states,) [bits]."""
        is_opened = self.usable > self.first_usable + _ROUNDING
        return np.asarray(is_opened @ (np.int64(1) << np.arange(len(self.platforms))))

    @cached_property
    def usable_by_weight(self) -> np.ndarray:
        """Share of each platform's value that a person in each state can use without effort, shape
        (states, platforms). Modes count by their part in the value.
        """

        def of_table(table: AccessTable) -> np.ndarray:
            reached = (table.reach * self.mode_weights).sum(axis=2)
            return np.asarray(reached * table.speed * installable_share(table, self.setting))

        return self.over_classes(of_table)

    @cached_property
    def routes_reach(self) -> np.ndarray:
        """Share of the pairs of people of two states who are connected to a network and have a
        route, shape (states, states) [1].
        """
        online = np.outer(self._online, self._online)
        return np.asarray(self.on_routes(lambda routes: routes.reach) * online)

    @cached_property
    def likeness(self) -> np.ndarray:
        """Likeness of access of two states, shape (states, states) [1]. People who reach nobody in
        the other state count as sharing no platform.
        """
        together = np.minimum(self.routes_reach, self.routes_reach.T)
        np.fill_diagonal(together, 1.0)
        if self._usable_before is None or not np.array_equal(self._usable_before, self.usable):
            self._usable_before = self.usable
            self._alike = likeness_of_access(self.usable, self.world_users)
        return np.asarray(self._alike * together)

    @property
    def connected(self) -> np.ndarray:
        """The mean likeness of each state's access to that of the other states, weighted by their
        people, shape (states,) [1].

        The value is cached until access or routes change.
        """
        if self._connected is None:
            self._connected = mean_abroad(
                self.likeness, np.broadcast_to(self.internet_users, self.likeness.shape)
            )
        return self._connected

    @cached_property
    def bloc(self) -> np.ndarray:
        """Number of the first member of each state's bloc, shape (states,)."""
        return find_blocs(self.likeness, self.parameters["blocs.together"])

    @cached_property
    def kin_in_contact(self) -> np.ndarray:
        """Number of pairs of relatives in two states whom an app connects, shape (states, states);
        NaN for states without simulated pairs.
        """
        unkept = self._without_channel_at_first
        unkept = unkept[
            self.kin.channels[unkept] != 0
        ]  # few cells; elsewhere nothing is subtracted
        ends = self.kin.group[unkept]
        channels = self.kin.channels[unkept]
        no_contact = ends[is_no_contact(channels, self.opened[self.state[ends]]), 0]
        ties = self.contact.open - np.bincount(no_contact, minlength=len(self.groups))
        return pair_matrix((ties * self.weight)[self.diaspora], self._pairs, self._is_simulated)


class Unchanged:
    """Tables that are computed again only if their inputs have changed."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[list[np.ndarray], np.ndarray]] = {}

    def __call__(
        self, name: str, make: Callable[..., np.ndarray], *given: np.ndarray
    ) -> np.ndarray:
        """Return ``make(*given)``, or the cached result under the name if the arrays are equal."""
        before = self._last.get(name)
        if before is None or not all(map(np.array_equal, before[0], given)):
            before = self._last[name] = [array.copy() for array in given], make(*given)
        return before[1]


OF_A_DAY = tuple(name for name, value in vars(ArmDay).items() if isinstance(value, cached_property))
"""Tables that are computed at most once a day, when a metric needs them."""
OF_A_SETTING = ("owner", "home")
"""Tables that stay valid until a platform is sold or a block of the facts changes."""
OF_AN_ACCESS = ("installable", "usable", "opened", "usable_by_weight")
"""Tables that also become invalid when people notice a change of access."""


def under_limit(arm: Arm) -> np.ndarray:
    """Return the rows of people too young for an age limit where they live, shape (people found,)
    of int.
    """
    places = arm.places
    young = too_young((*arm.spec.policies, *arm.world.spec.policies))
    kinds = [number for number, concerned_by in enumerate(places.classes) if concerned_by & young]
    return np.flatnonzero(np.isin(places.kind[arm.person["state"]], kinds))


def using_by_group(people: np.ndarray, groups: int, platforms: int) -> np.ndarray:
    """Return the number of some people, rows of PERSON, who use each platform, shape (groups,
    platforms).
    """
    counts = np.zeros((groups, platforms))
    for p in range(platforms):
        counts[:, p] = np.bincount(people["group"][people["using"] >> p & 1 == 1], minlength=groups)
    return counts


def installable_share(access: AccessTable, setting: Setting) -> np.ndarray:
    """Return `ArmDay.installable` for an access table, shape (states, platforms) [1]."""
    ios = setting.ios_share[:, None]
    apple, android = (access.install[:, :, device] for device in range(len(DEVICES)))
    return np.asarray(apple * ios + android * (1.0 - ios))


def usable_share(access: AccessTable, setting: Setting) -> np.ndarray:
    """Return `ArmDay.usable` for an access table, shape (states, platforms) [1]."""
    reached = (access.reach * setting.has_modes).sum(axis=2) / setting.has_modes.sum(axis=1)
    return np.asarray(reached * access.speed * installable_share(access, setting))


def people_online(in_force: Iterable[tuple[Policy, int]], states: Sequence[str]) -> np.ndarray:
    """Return the share of each state's internet users whom no policy cuts off all networks, shape
    (states,) [1].

    Parameters
    ----------
    in_force : iterable of (Policy, int)
        The policies in force, with the days since they began. If several policies cut people off,
        the largest share counts.
    states : sequence of str
    """
    off = np.zeros(len(states))
    for policy, _ in in_force:
        share = policy.people_cut_off()
        for state in policy.by if share > 0 else ():
            off[states.index(state)] = max(off[states.index(state)], share)
    return 1.0 - off


def is_no_contact(channels: np.ndarray, opened: np.ndarray) -> np.ndarray:
    """Return whether each pair of relatives counts as not in contact despite a common platform,
    shape (ties,) of bool.

    A tie without a channel on the first day did not depend on platforms. It does not count as
    contact if both ends happen to adopt the same substitute, only through a bridge or a platform
    that the law has opened.

    Parameters
    ----------
    channels : numpy.ndarray of int64, shape (ties,)
        Platforms that connect the two ends today (bits), for ties without a channel on the first
        day.
    opened : numpy.ndarray of int64, shape (ties, 2)
        Platforms that the law restricts less at either end than on the baseline's first day (bits).
    """
    return np.asarray((channels != 0) & (channels & (opened[:, 0] | opened[:, 1] | BRIDGED) == 0))


def pairs_of_groups(
    residence: np.ndarray, origin: np.ndarray, diaspora: np.ndarray, states: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pair of states of each diaspora, and whether each pair is simulated.

    Parameters
    ----------
    residence, origin : numpy.ndarray of int, shape (groups,)
    diaspora : numpy.ndarray of bool, shape (groups,)
        Ties are counted at their diaspora end.
    states : int

    Returns
    -------
    pairs : numpy.ndarray of int, shape (diasporas,)
        Number of the cell of each pair in the upper half of a table of states, row by row.
    is_simulated : numpy.ndarray of bool, shape (states, states)
        Whether each pair is simulated, in both directions.
    """
    here = residence[diaspora]
    there = origin[diaspora]
    pairs = np.minimum(here, there) * states + np.maximum(here, there)
    is_simulated = np.zeros(states * states, np.bool_)
    is_simulated[pairs] = True
    table = is_simulated.reshape(states, states)
    return pairs, table | table.T


def pair_matrix(ties: np.ndarray, pairs: np.ndarray, is_simulated: np.ndarray) -> np.ndarray:
    """Return the pairs of relatives whom an app connects, by pair of states, in both directions;
    NaN for states without simulated pairs.

    Parameters
    ----------
    ties : numpy.ndarray, shape (diasporas,)
        Real ties.
    pairs, is_simulated
        From `pairs_of_groups`.
    """
    states = len(is_simulated)
    upper = np.bincount(pairs, ties, minlength=states * states).reshape(states, states)
    return np.where(is_simulated, upper + upper.T, np.nan)  # no diaspora lives in its own state


def across(by_home: np.ndarray) -> np.ndarray:
    """Return the minutes across the border of each state, shape (states,): by its people on foreign
    platforms, and by foreigners on its platforms.

    Parameters
    ----------
    by_home : numpy.ndarray, shape (states, states)
        Minutes of the people of a state (row) on the platforms of a home state (column).
    """
    foreign = np.where(np.eye(len(by_home), dtype=bool), 0.0, by_home)
    return np.asarray(foreign.sum(axis=1) + foreign.sum(axis=0))


# --- budgets of time and money: losses of one platform go to others, or stay unused ---------------


def nowhere(first: float, later: np.ndarray, half_life: float, days: float) -> np.ndarray:
    """Return the share of lost use that does not go to another platform, shape (platforms,) [1].

    Parameters
    ----------
    first : float
        The share on the first day [1].
    later : numpy.ndarray, shape (platforms,)
        The share in the long run [1].
    half_life : float
        Days until half of the difference is gone [days].
    days : float
    """
    return later + (first - later) * 0.5 ** (days / half_life)


def _sum(table: np.ndarray) -> np.ndarray:
    """Return the sum of each row, shape (rows, 1)."""
    return np.asarray(table.sum(axis=1, keepdims=True))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return parts / wholes; 0 where the whole is 0."""
    ratio = np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole > 0.0)
    return np.minimum(ratio, _LARGEST)  # for tiny wholes; 0 times this is 0, unlike infinity


@np.errstate(over="ignore")  # a ratio to a tiny number
def from_purse(paid: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the payments of advertisers if all gains of platforms come from losses of others in
    the same state.

    If attention moves to platforms with more revenue per minute, advertisers would spend more in
    total. They do not: budgets move with people, and the share of income that is spent on media
    stays the same for decades (McCombs 1972). Therefore, if the gains in a state exceed its losses,
    each gain shrinks by the same factor.

    Parameters
    ----------
    paid, before : numpy.ndarray, shape (states, platforms)
        Revenue from today's minutes at earlier rates, with and without the policies [any unit].
    """
    gain = np.maximum(paid - before, 0.0)
    loss = np.maximum(before - paid, 0.0)
    covered = _ratio(_sum(loss), _sum(gain))
    return np.asarray(np.minimum(paid, before) + gain * np.minimum(1.0, covered))

"""The record of one arm: every measure of every day, in real people, as arrays.

`day.py` fills it day by day; results read it. One method a family of measures. It keeps nothing of the arm: whatever
a day is written from is handed to `Record.write`.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from sim.arm import Arm
from sim.facts.model import DEVICES, MODES, REST_OF_WORLD
from sim.fragmentation import Fragmentation
from sim.mechanisms.settings import LEVELS
from sim.mechanisms.visit import SURPLUS_UNITS
from sim.metrics.family import median_duration, pair_matrix, share
from sim.metrics.openness import accounts_silenced, openness, platform_value
from sim.metrics.registry import METRICS, WAYS
from sim.metrics.use import herfindahl, surplus_lost
from sim.metrics.weights import LabelSums
from sim.policies import load
from sim.world.money import dollars_a_day, income, trade_of
from sim.world.setting import Setting


class Record:
    """Measures of one arm, day by day.

    Parameters
    ----------
    arm : Arm
        Before its first day.

    Attributes
    ----------
    arrays : dict of str to numpy.ndarray
        By metric; daily ones have the day first, then the metric's dimensions. NaN where not defined.
    day : int
        The latest day that is written; -1 for none.
    groups : GroupTable
    first : numpy.ndarray, shape (states, platforms)
        People who use each platform on the first day [persons].
    """

    def __init__(self, arm: Arm) -> None:
        setting, states = arm.setting, arm.setting.states
        self.day, self.spec, self.groups = -1, arm.spec, arm.group_table
        platforms = [setting.platform_facts[p] for p in setting.platforms]
        self._note_owners(setting)
        q = setting.parameters
        self._dollars_a_day = dollars_a_day(setting)
        self._income = np.array([income(setting, s) for s in states])
        self._trade = trade_of(setting)
        self._pays = np.array(["pay" in p.modes for p in platforms])
        self._in_store = np.array(["Apple App Store" in p.stores for p in platforms])
        self._kind_value = np.array([q[f"value.{p.kind}"] for p in platforms])
        self._stick = np.array([q[f"stickiness.{p.kind}"] for p in platforms])
        size = {"state": len(states), "partner": len(states), "platform": len(platforms), "source": len(platforms),
                "group": len(arm.world.groups), "way": len(WAYS)}  # fmt: skip
        self.arrays = {
            name: np.full(((arm.spec.days,) if m.kind == "daily" else ()) + tuple(size[d] for d in m.dims), np.nan)
            for name, m in METRICS.items()
        }

        self.first = arm.first_users
        self._world = self.first.sum(axis=0)
        self._fragmentation = Fragmentation(arm, self._world)
        self._online = np.array([setting.users[s] for s in states])
        self._part = platform_value(self._world, self._kind_value)
        self._installable, self._depend, self._openness = (
            np.empty(shape) for shape in (self.first.shape, self.first.shape, len(states))
        )
        self._read_access(arm, slice(None))
        self._daily = [name for name, metric in METRICS.items() if metric.kind == "daily"]

    def _note_owners(self, setting: Setting) -> None:
        """Note who owns which platform, and where its home is: a sale changes both."""
        self._setting = setting
        platforms, states = [setting.platform_facts[p] for p in setting.platforms], setting.states
        owners = sorted({p.owner for p in platforms})
        self._by_owner = LabelSums(np.array([owners.index(p.owner) for p in platforms]), len(owners))
        home = [states.index(p.home) if p.home in states else states.index(REST_OF_WORLD) for p in platforms]
        self._by_home = LabelSums(np.array(home), len(states))
        self._passing = True  # whether the day before had what does not last: people who join, costs, other owners

    def today(self, metric: str) -> np.ndarray:
        """Return the latest day's values of a daily metric."""
        return np.asarray(self.arrays[metric][max(0, self.day)])

    def write(self, arm: Arm) -> None:
        """Write the measures of the day that the arm is on; what nobody changed is carried forward."""
        day, changes = arm.day, arm.changes
        self.day = day
        if arm.setting is not self._setting:
            self._note_owners(arm.setting)
        passing = bool(arm.docket.in_force or arm.counts.joined.any())
        happens = changes.anybody or arm.visits or changes.moved.size or changes.followed
        still = not (happens or passing or self._passing)
        self._passing = passing
        if day > 0 and still:
            for array in (self.arrays[name] for name in self._daily):
                array[day] = array[day - 1]
        else:
            self._write_use(arm)
            self._write_contact(arm)
        self._write_routes(arm)  # a border can be fuller although nobody's access changes
        self._fragmentation.write(arm, self.arrays)
        if day == arm.spec.days - 1:
            self._write_totals(arm)

    def _write_use(self, arm: Arm) -> None:
        day, a = arm.day, self.arrays
        n, access, using = arm.counts, arm.access, self.groups.using
        if arm.changes.moved.size:
            self._read_access(arm, arm.changes.moved)
        active, members = using(n.use) / LEVELS, using(n.using)
        a["active_users"][day] = active
        a["weekly_users"][day] = using(n.week) / LEVELS
        a["monthly_users"][day] = members
        a["openers"][day] = active + using(n.dead) * self._stick
        a["vpn_users"][day] = using(n.vpn) * access.vpn_open
        a["concentration"][day] = herfindahl(self._by_owner(active))
        a["use_by_home"][day] = self._by_home(active)
        gained = using(n.surplus) / SURPLUS_UNITS
        a["consumer_surplus_lost"][day] = surplus_lost(gained, self._dollars_a_day, self._income)
        replaced = arm.setting.parameters["delisting.loss_rate"]
        self._write_trade(arm, members)
        a["installs"][day] = members * (replaced + access.rush) * self._installable + using(n.joined)
        a["openness"][day] = self._openness
        a["voice_silenced"][day] = access.silenced
        a["accounts_silenced"][day] = accounts_silenced(access.silenced, members)

    def _read_access(self, arm: Arm, states: np.ndarray | slice) -> None:
        """Work out what follows from access alone, for the states whose access is not what it was yesterday."""
        setting, access = arm.setting, arm.access
        ios, install = setting.ios_share[states, None], access.install[states]
        apple, android = install[:, :, DEVICES.index("Apple")], install[:, :, DEVICES.index("Android")]
        self._installable[states] = can = apple * ios + android * (1 - ios)
        modes = arm.columns.platform["mode_weight"]
        self._openness[states] = openness(self._part, access.reach[states], modes, access.speed[states], can)
        self._depend[states] = self._in_store * np.maximum(0.0, android - apple) * self.first[states]
        self._depend[states] /= self._online[states, None]

    def _write_routes(self, arm: Arm) -> None:
        """Write which state reaches which over the carriers; all is as on the first day while nothing is cut."""
        day, a, routes = arm.day, self.arrays, arm.routes
        if routes is None:
            for name in ("reachable_pairs", "path_stretch", "domestic_reach", "border_capacity", "border_load"):
                a[name][day] = 1.0
            return
        n = len(routes.states)
        for name in ("reachable_pairs", "path_stretch"):
            a[name][day] = 1.0
        a["reachable_pairs"][day, :n, :n], a["path_stretch"][day, :n, :n] = routes.reach, routes.stretch
        for name, found in (
            ("domestic_reach", routes.domestic_reach),
            ("border_capacity", routes.capacity_left),
            ("border_load", routes.load),
        ):
            a[name][day], a[name][day, :n] = 1.0, found

    def _write_trade(self, arm: Arm, using: np.ndarray) -> None:
        """Write trade, payments and what hangs on a store, given the people who use each platform."""
        day, a, access = arm.day, self.arrays, arm.access
        a["trade"][day] = np.minimum(using, self.first) * self._trade.spent
        whole = self._world
        left = np.divide(using.sum(axis=0), whole, out=np.ones_like(whole), where=whole > 0)
        a["sales"][day] = self._trade.sold * access.sell * np.minimum(1.0, left)
        a["payment_users"][day] = np.where(self._pays, using * access.reach[:, :, MODES.index("pay")], 0.0)
        cost = np.zeros_like(using)
        for policy, days in arm.docket.in_force:
            cost += load(policy.instrument).cost(policy, days, using, arm.setting)
        a["cost_to_platforms"][day] = cost
        a["handset_sales_at_stake"][day] = (
            self._trade.handsets @ self._depend * arm.setting.parameters["dependence.switch_share"]
        )

    def _write_contact(self, arm: Arm) -> None:
        day, n, a, w = arm.day, arm.contact, self.arrays, self.groups.weight
        a["family_contact_lost"][day] = share(n.without, n.members)
        a["family_contact_lost_entirely"][day] = share(n.entirely, n.members)
        a["family_contact_lost_people"][day] = n.without * w
        a["contact_days_lost"][day] = n.without * w
        a["conversations_lost"][day] = n.silent * w
        a["ties_out_of_contact"][day] = n.out * w
        a["ties_lost"][day] = n.lost * w
        a["ties_ever_out"][day] = n.ever * w
        a["fragile_ties"][day] = share(n.fragile, n.open)
        a["reconnected"][day] = n.back * w[:, None]
        a["cross_border_contact"][day] = pair_matrix(
            n.open, w, self.groups.state, self.groups.partner, self.groups.diaspora, len(arm.setting.states)
        )

    def _write_totals(self, arm: Arm) -> None:
        self._fragmentation.write_totals(arm, self.arrays)
        if arm.spec.days >= 90:
            self.arrays["ties_severed"][...] = arm.contact.severed * self.groups.weight
        self.arrays["flows"][...] = self.groups.using(arm.counts.flows)
        kin, last = arm.kin, arm.spec.days
        out = kin.first_out >= 0
        back = kin.first_back[out]
        lasted = np.where(back >= 0, back, last) - kin.first_out[out]
        for g in np.unique(kin.group[out]):
            here = (kin.group[out] == g).any(axis=1)
            self.arrays["days_to_reconnect"][g] = median_duration(lasted[here], back[here] >= 0)

    def dates(self) -> tuple[str, ...]:
        """Return the days of the run, ``YYYY-MM-DD``."""
        spec = self.spec
        return tuple(str(spec.start + timedelta(days=d)) for d in range(spec.days))

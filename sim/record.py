"""The record of one arm: every measure of every day, in real people, as arrays.

`model.py` fills it day by day; results read it. One method a family of measures.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from sim.fragmentation import Fragmentation
from sim.mechanisms.access import DEVICES, MODES
from sim.mechanisms.settings import LEVELS
from sim.mechanisms.tally import real_people
from sim.mechanisms.visit import SURPLUS_UNITS
from sim.metrics.family import median_duration, pair_matrix, share
from sim.metrics.openness import accounts_silenced, openness, platform_value
from sim.metrics.registry import METRICS, WAYS
from sim.metrics.use import herfindahl, surplus_lost
from sim.metrics.weights import LabelSums
from sim.policies import module
from sim.world.money import dollars_a_day, income, trade_of

if TYPE_CHECKING:
    from sim.model import Model


class Record:
    """Measures of one arm, day by day.

    Attributes
    ----------
    arrays : dict of str to numpy.ndarray
        By metric; daily ones have the day first, then the metric's dimensions. NaN where not defined.
    state, partner : numpy.ndarray of int, shape (groups,)
        State of residence of each group, and the state at the other end of its corridor (its own for residents).
    first : numpy.ndarray, shape (states, platforms)
        People who use each platform on the first day [persons].
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        states, groups = model.setting.states, model.world.groups
        self.state = np.array([states.index(g.residence) for g in groups])
        other = [(set(g.corridor) - {g.residence}).pop() if g.corridor else g.residence for g in groups]
        self.partner = np.array([states.index(code) for code in other])
        self.weight = np.array([g.weight for g in groups])
        starts = np.flatnonzero(np.diff(self.state, prepend=-1))  # the groups of a state stand in a row
        self._starts, self._rows = np.append(starts, len(groups)), self.state[starts]
        self._diaspora = np.array([g.role == "diaspora" for g in groups])
        platforms = [model.setting.platform_facts[p] for p in model.setting.platforms]
        self.note_owners()
        q = model.setting.parameters
        self._dollars_a_day = dollars_a_day(model.setting)
        self._income = np.array([income(model.setting, s) for s in states])
        self._trade = trade_of(model.setting)
        self._pays = np.array(["pay" in p.modes for p in platforms])
        self._in_store = np.array(["Apple App Store" in p.stores for p in platforms])
        self._kind_value = np.array([q[f"value.{p.kind}"] for p in platforms])
        self._stick = np.array([q[f"stickiness.{p.kind}"] for p in platforms])
        size = {"state": len(states), "partner": len(states), "platform": len(platforms), "source": len(platforms),
                "group": len(groups), "way": len(WAYS)}  # fmt: skip
        self.arrays = {
            name: np.full(((model.spec.days,) if m.kind == "daily" else ()) + tuple(size[d] for d in m.dims), np.nan)
            for name, m in METRICS.items()
        }

        self.first = self.using(model.first_using)
        self._world = self.first.sum(axis=0)
        self._fragmentation = Fragmentation(model, self._world)
        self._online = np.array([model.setting.users[s] for s in states])
        self._part = platform_value(self._world, self._kind_value)
        self._installable, self._depend, self._openness = (
            np.empty(shape) for shape in (self.first.shape, self.first.shape, len(states))
        )
        self._read_access(slice(None))
        self._daily = [name for name, metric in METRICS.items() if metric.kind == "daily"]

    def note_owners(self) -> None:
        """Note who owns which platform, and where its home is: a sale changes both."""
        setting = self._model.setting
        platforms, states = [setting.platform_facts[p] for p in setting.platforms], setting.states
        owners = sorted({p.owner for p in platforms})
        self._by_owner = LabelSums(np.array([owners.index(p.owner) for p in platforms]), len(owners))
        home = [states.index(p.home) if p.home in states else states.index("XX") for p in platforms]
        self._by_home = LabelSums(np.array(home), len(states))
        self._passing = True  # whether the day before had what does not last: people who join, costs, other owners

    def using(self, counts: np.ndarray) -> np.ndarray:
        """Return real people by state from simulated people by group."""
        table = counts.reshape(len(counts), -1)
        real = np.zeros((len(self._model.setting.states), table.shape[1]))
        real_people(table, self.weight, self._starts, self._rows, real)
        return real.reshape(-1, *counts.shape[1:])

    def today(self, metric: str) -> np.ndarray:
        """Return the latest day's values of a daily metric."""
        return np.asarray(self.arrays[metric][max(0, self._model.day)])

    def active_today(self) -> np.ndarray:
        """Return people active today, shape (states, platforms) [persons]."""
        return self.using(self._model.counts.use) / LEVELS

    def family_people_lost(self) -> float:
        """Return people of all diasporas who have lost every platform channel to their family, today [persons]."""
        return float((self._model.contact.without * self.weight)[self._diaspora].sum())

    def write(self, day: int) -> None:
        """Write the measures of one day; what nobody changed is carried forward."""
        model = self._model
        passing = bool(model.docket.in_force or model.counts.joined.any())
        happens = model._any_change or model.visits or model._moved.size or model._followed
        still = not (happens or passing or self._passing)
        self._passing = passing
        if day > 0 and still:
            for array in (self.arrays[name] for name in self._daily):
                array[day] = array[day - 1]
        else:
            self._write_use(day)
            self._write_contact(day)
        self._write_routes(day)  # a border can be fuller although nobody's access changes
        self._fragmentation.write(day, self.arrays)
        if day == model.spec.days - 1:
            self._write_totals()

    def _write_use(self, day: int) -> None:
        model, a = self._model, self.arrays
        n, access = model.counts, model.access
        if model._moved.size:
            self._read_access(model._moved)
        active, members = self.using(n.use) / LEVELS, self.using(n.using)
        a["active_users"][day] = active
        a["weekly_users"][day] = self.using(n.week) / LEVELS
        a["monthly_users"][day] = members
        a["openers"][day] = active + self.using(n.dead) * self._stick
        a["vpn_users"][day] = self.using(n.vpn) * access.vpn_open
        a["concentration"][day] = herfindahl(self._by_owner(active))
        a["use_by_home"][day] = self._by_home(active)
        gained = self.using(n.surplus) / SURPLUS_UNITS
        a["consumer_surplus_lost"][day] = surplus_lost(gained, self._dollars_a_day, self._income)
        replaced = model.setting.parameters["delisting.loss_rate"]
        self._write_trade(day, members)
        a["installs"][day] = members * (replaced + access.rush) * self._installable + self.using(n.joined)
        a["openness"][day] = self._openness
        a["voice_silenced"][day] = access.silenced
        a["accounts_silenced"][day] = accounts_silenced(access.silenced, members)

    def _read_access(self, states: np.ndarray | slice) -> None:
        """Work out what follows from access alone, for the states whose access is not what it was yesterday."""
        model, access = self._model, self._model.access
        ios, install = model.setting.ios_share[states, None], access.install[states]
        apple, android = (install[:, :, DEVICES.index(device)] for device in ("Apple", "Android"))
        self._installable[states] = can = apple * ios + android * (1 - ios)
        modes = model.columns.platform["mode_weight"]
        self._openness[states] = openness(self._part, access.reach[states], modes, access.speed[states], can)
        self._depend[states] = self._in_store * np.maximum(0.0, android - apple) * self.first[states]
        self._depend[states] /= self._online[states, None]

    def _write_routes(self, day: int) -> None:
        """Write which state reaches which over the carriers; all is as on the first day while nothing is cut."""
        a, routes = self.arrays, self._model.routes
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

    def _write_trade(self, day: int, using: np.ndarray) -> None:
        """Write trade, payments and what hangs on a store, given the people who use each platform."""
        model, a, access = self._model, self.arrays, self._model.access
        a["trade"][day] = np.minimum(using, self.first) * self._trade.spent
        whole = self._world
        left = np.divide(using.sum(axis=0), whole, out=np.ones_like(whole), where=whole > 0)
        a["sales"][day] = self._trade.sold * access.sell * np.minimum(1.0, left)
        a["payment_users"][day] = np.where(self._pays, using * access.reach[:, :, MODES.index("pay")], 0.0)
        cost = np.zeros_like(using)
        for policy, days in model.docket.in_force:
            demanded = getattr(module(policy.instrument), "cost", None)
            if demanded is not None:
                cost += demanded(policy, days, using, model.setting)
        a["cost_to_platforms"][day] = cost
        a["handset_sales_at_stake"][day] = (
            self._trade.handsets @ self._depend * model.setting.parameters["dependence.switch_share"]
        )

    def _write_contact(self, day: int) -> None:
        n, a, w = self._model.contact, self.arrays, self.weight
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
            n.open, w, self.state, self.partner, self._diaspora, len(self._model.setting.states)
        )

    def _write_totals(self) -> None:
        model = self._model
        self._fragmentation.write_totals(self.arrays)
        if model.spec.days >= 90:
            self.arrays["ties_severed"][...] = model.contact.severed * self.weight
        self.arrays["flows"][...] = self.using(model.counts.flows)
        kin, last = model.kin, model.spec.days
        out = kin.first_out >= 0
        back = kin.first_back[out]
        lasted = np.where(back >= 0, back, last) - kin.first_out[out]
        for g in np.unique(kin.group[out]):
            here = (kin.group[out] == g).any(axis=1)
            self.arrays["days_to_reconnect"][g] = median_duration(lasted[here], back[here] >= 0)

    def dates(self) -> tuple[str, ...]:
        """Return the days of the run, ``YYYY-MM-DD``."""
        spec = self._model.spec
        return tuple(str(spec.start + timedelta(days=d)) for d in range(spec.days))

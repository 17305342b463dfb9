"""Ways to a platform, directly or by a VPN, and the decision to get a VPN.

One tool opens everything that is blocked, so the decision compares the sum of all losses (the
gateway effect of Hobbs & Roberts 2018, https://doi.org/10.1017/S0003055418000084) with a cost that
differs between people and falls with the share of contacts who have a tool. A person who knows of
VPNs finds one within days of wanting one, and gives it up when it is idle. Only people who know of
VPNs can use one. Some people never do because they obey the law; a fine increases their number.
"""

from __future__ import annotations

import math

import numpy as np
from numba import int64

from ..core.chance import uniform
from ..core.kernels import leaf, part
from .kernel_types import N_MODES, NEVER, Outcome, VisitContext, Visitor

NO_WAY = -1.0
WHOLE = 1.0 - 1e-9  # shares of modes sum to one, except for rounding
AWARE_CONTACTS = 0.3
"""Share of contacts with a VPN at which awareness spreads at its full rate (assumption)."""
AWARE_ALONE = 0.15
"""Share of that rate without any such contact (assumption)."""


@leaf
def device_of(i: int, ctx: VisitContext) -> int:
    """Return 0 for an Apple phone, 1 for Android."""
    return 0 if uniform(ctx.keys.device, i) < ctx.world.ios_share[ctx.people[i].state] else 1


@leaf
def in_store(i: int, p: int, device: int, ctx: VisitContext) -> bool:
    """Return whether one of the person's stores has the app. One draw serves all apps, because the
    store is that of the phone's maker.

    People with an account in their origin's store also have that store's apps.
    """
    me = ctx.people[i]
    share = max(ctx.access[me.state, p].install[device], ctx.access[me.store, p].install[device])
    return uniform(ctx.keys.maker, i) < share


@leaf
def can_reinstall(i: int, p: int, device: int, ctx: VisitContext) -> bool:
    """Return whether a person could put the app (back) on the phone without a foreign store
    account.
    """
    if in_store(i, p, device, ctx):
        return True
    return device == 1 and uniform(ctx.keys.sideload, i) < ctx.rules.delisting_sideload_share


@leaf
def app_life(i: int, p: int, ctx: VisitContext) -> float:
    """Return the summed hazard at which this person's app stops working."""
    return -math.log(1.0 - uniform(ctx.keys.install, i, p))


@leaf
def opens_directly(i: int, p: int, ctx: VisitContext) -> bool:
    """Return whether any mode of a platform reaches a person without a workaround."""
    reach = 0.0
    for m in range(N_MODES):
        reach = max(reach, ctx.access[ctx.people[i].state, p].reach[m])
    return uniform(ctx.keys.provider, i) >= 1.0 - reach


@leaf
def _share_reached(i: int, p: int, reach: np.ndarray, ctx: VisitContext) -> float:
    """Return the value share of the modes that reach a person; ``reach`` (modes,) is by mode
    [1].
    """
    # One draw for all platforms, because the person's provider either blocks or does not.
    provider = uniform(ctx.keys.provider, i)
    share = 0.0
    for m in range(N_MODES):
        if provider >= 1.0 - reach[m]:
            share += ctx.world.platform[p].mode_weight[m]
    return share


@leaf
def direct_value(i: int, p: int, worth: float, ctx: VisitContext) -> float:
    """Return the value of a platform worth ``worth`` when opened directly, or NO_WAY."""
    cell = ctx.access[ctx.people[i].state, p]
    share = _share_reached(i, p, cell.reach, ctx)
    if share <= 0.0:
        return NO_WAY
    if cell.speed < 1.0:
        share *= math.pow(cell.speed, ctx.rules.choice_speed_exponent)
    return worth * share - cell.price


@leaf
def luck_of_vpn(i: int, p: int, ctx: VisitContext) -> float:
    """Return the random rank of a person's VPN for a platform, 0 to 1; above the share of working
    VPNs, it fails.

    People who have used a platform by VPN since the first day have one that works.
    """
    me = ctx.people[i]
    cell = ctx.access[ctx.people[i].state, p]
    luck = uniform(ctx.keys.vpn, i)
    held = me.first_vpn != 0 and me.first_member & (int64(1) << p) != 0
    if held and _share_reached(i, p, cell.first_reach, ctx) <= 0.0:
        return luck * cell.first_vpn_share
    return luck


@leaf
def workaround_value(i: int, p: int, worth: float, ctx: VisitContext) -> float:
    """Return the value of the platform by VPN, minus friction and penalty, or NO_WAY if the VPN
    does not work.
    """
    cell = ctx.access[ctx.people[i].state, p]
    if cell.dark > 0.0 and uniform(ctx.keys.provider, i) < cell.dark:
        return NO_WAY
    if luck_of_vpn(i, p, ctx) >= cell.vpn_share or uniform(ctx.keys.obey, i) < cell.deterred:
        return NO_WAY
    effort = max(cell.effort, cell.first_effort)
    if effort <= 0.0:
        effort = 1.0
    if cell.vpn_speed < 1.0:
        worth *= math.pow(cell.vpn_speed, ctx.rules.choice_speed_exponent)
    return worth - ctx.rules.circumvention_friction * ctx.people[i].effort * effort - cell.penalty


@leaf
def open_worth(i: int, p: int, first_worth: float, ctx: VisitContext) -> float:
    """Return the value of a platform on the first day as if nothing on it had been closed.

    A platform, or its calls, that was already closed on the first day is not a loss today.
    """
    me = ctx.people[i]
    cell = ctx.access[ctx.people[i].state, p]
    share = _share_reached(i, p, cell.first_reach, ctx)
    if share > WHOLE:
        return first_worth
    by_vpn = first_worth + ctx.rules.circumvention_friction * me.effort * cell.first_effort
    if share <= 0.0:
        return by_vpn
    directly = first_worth / share
    return min(directly, by_vpn) if me.first_vpn else directly


@leaf
def use_by_vpn(i: int, p: int, ctx: VisitContext) -> float:
    """Return the frequency of use by VPN, relative to direct use; it falls with the effort of the
    workaround.

    Platforms that were closed on the first day are not used less.
    """
    cell = ctx.access[ctx.people[i].state, p]
    if _share_reached(i, p, cell.first_reach, ctx) <= 0.0:
        return 1.0
    return 1.0 - (1.0 - ctx.rules.circumvention_use) * min(1.0, max(cell.effort, cell.first_effort))


@leaf
def ability(i: int, ctx: VisitContext) -> float:
    """Return the ease of workarounds for a person, 0 to 1: roughly the share of people who find
    them harder.
    """
    if ctx.rules.circumvention_effort_spread <= 0.0:
        return 0.5
    # The logistic function of 1.7 x is within 0.01 of the normal distribution function of x.
    return 1.0 / (
        1.0 + math.exp(1.7 * math.log(ctx.people[i].effort) / ctx.rules.circumvention_effort_spread)
    )


@leaf
def obeys(i: int, ctx: VisitContext) -> bool:
    """Return whether a person never gets a VPN, on principle or for fear of a fine."""
    share = 1.0 - (1.0 - ctx.rules.fear_principle) * (
        1.0 - ctx.access[ctx.people[i].state, 0].deterred
    )
    return uniform(ctx.keys.obey, i) < share


@leaf
def vpn_cost(i: int, holders: float, ctx: VisitContext) -> float:
    """Return the cost for this person to get a VPN, given the share of contacts who have one
    [value].
    """
    rules = ctx.rules
    return (
        rules.circumvention_cost
        * math.pow(ctx.people[i].effort, rules.circumvention_want_power)
        * math.exp(-rules.circumvention_contagion * holders)
    )


@part
def look_for_vpn(
    v: Visitor, gain: float, holders: float, days: float, ctx: VisitContext, out: Outcome
) -> int:
    """Let a person who would gain from a VPN learn of VPNs, look for one, or find one.

    Parameters
    ----------
    gain : float
        Gain of value by a VPN [value].
    holders : float
        Share of contacts with a VPN [1].
    days : float
        Days since the last visit.

    Returns
    -------
    int
        Day of the next step.
    """
    rules = ctx.rules
    keys = ctx.keys
    row = out.row[v.k]
    private = ctx.private[v.i]
    if gain <= vpn_cost(v.i, holders, ctx) or obeys(v.i, ctx):
        private.vpn_day = 0
        return NEVER
    skill = ability(v.i, ctx)
    if row.aware == 0:
        share = ctx.world.vpn_share[ctx.people[v.i].state]
        # Assumption, as in a prototype: awareness grows with the cube of the share of people
        # without a VPN.
        knows = 1.0 - (1.0 - rules.vpn_aware_share) * math.pow(1.0 - share, 3.0)
        rate = rules.vpn_aware_rate * (AWARE_ALONE + holders / AWARE_CONTACTS)
        if skill < 1.0 - knows and uniform(keys.aware, v.i) >= 1.0 - math.exp(-rate * days):
            return NEVER
        row.aware = 1
    if private.vpn_day == 0:
        # Assumption, as in a prototype: the ablest find one four times as fast as the least able.
        rate = math.log(2.0) / rules.vpn_find_days * (0.4 + 1.2 * skill)
        private.vpn_day = ctx.today.day + int(-math.log(1.0 - uniform(keys.find, v.i)) / rate) + 1
    if private.vpn_day > ctx.today.day + 1:
        return int(private.vpn_day) - 1
    row.vpn = 2
    private.vpn_day = 0
    return ctx.today.day + 1


@part
def keep_vpn(v: Visitor, is_used: bool, is_needed: bool, ctx: VisitContext, out: Outcome) -> int:
    """Drop a VPN that a person obtained since the first day and no longer uses; return the due day.

    ``is_needed`` says whether anything is still closed to the person.
    """
    rules = ctx.rules
    today = ctx.today.day
    private = ctx.private[v.i]
    if is_used:
        private.vpn_day = 0
        return NEVER
    floor = rules.vpn_keep_lifted
    days = rules.vpn_lifted_days / math.log(2.0)
    if is_needed:
        floor = rules.vpn_keep_idle
        days = rules.vpn_idle_days
    if uniform(ctx.keys.keeper, v.i) < floor:
        return NEVER
    if private.vpn_day == 0 or (
        not is_needed and private.vpn_day - today > 5.0 * rules.vpn_lifted_days
    ):
        private.vpn_day = today + 1 + int(-math.log(1.0 - uniform(ctx.keys.drop, v.i)) * days)
    if private.vpn_day > today:
        return int(private.vpn_day)
    out.row[v.k].vpn = 0
    private.vpn_day = 0
    return NEVER

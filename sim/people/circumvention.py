"""Ways to a platform, directly or by a VPN, and the decision to get a VPN.

One tool opens everything that is blocked, so the decision compares the sum of all losses (the gateway effect of Hobbs &
Roberts 2018, https://doi.org/10.1017/S0003055418000084) with a cost that differs between people and falls with the
share of contacts who have a tool. A person who knows VPNs finds one within days of wanting one, and gives it up when it
is idle. The number of VPN users is limited by the people who know VPNs. Some people never use one because they obey the
law, and a fine makes them more.
"""

from __future__ import annotations

import math

from sim.chance import uniform
from sim.kernels import leaf, part
from sim.people.kernel_types import (
    N_MODES,
    NEVER,
    Columns,
    Outcome,
    RandomKeys,
    Rows,
    Rules,
    VisitContext,
    Visitor,
)

NO_WAY = -1.0
WHOLE = 1.0 - 1e-9  # shares of modes sum to one but for rounding


@leaf
def device_of(i: int, world: Columns, people: Rows, keys: RandomKeys) -> int:
    """Return 0 for an Apple phone, 1 for Android."""
    return 0 if uniform(keys.device, i) < world.ios_share[people[i].state] else 1


@leaf
def in_store(i: int, p: int, device: int, access: Rows, people: Rows, keys: RandomKeys) -> bool:
    """Return whether a store of this person's has the app; one draw for all apps: it is the store of the phone's maker.

    Who has kept an account of the store of the state of origin has the apps of that store, too.
    """
    here, kept = access[people[i].state, p].install[device], access[people[i].store, p].install[device]
    return uniform(keys.maker, i) < max(here, kept)


@leaf
def can_reinstall(i: int, p: int, device: int, access: Rows, people: Rows, rules: Rules, keys: RandomKeys) -> bool:
    """Return whether a person could put the app (back) on the phone without a foreign store account."""
    if in_store(i, p, device, access, people, keys):
        return True
    return device == 1 and uniform(keys.sideload, i) < rules.sideload_share


@leaf
def app_life(i: int, p: int, keys: RandomKeys) -> float:
    """Return the summed hazard at which this person's app stops working."""
    return -math.log(1.0 - uniform(keys.install, i, p))


@leaf
def app_lost(i: int, p: int, device: int, access: Rows, people: Rows, keys: RandomKeys) -> bool:
    """Return whether the working app has gone with a replaced phone or an aged version since it left the store."""
    hazard = access[people[i].state, p].install_hazard[device]
    return hazard > 0 and app_life(i, p, keys) <= hazard and not in_store(i, p, device, access, people, keys)


@leaf
def opens_directly(i: int, p: int, access: Rows, people: Rows, keys: RandomKeys) -> bool:
    """Return whether any mode of a platform reaches a person without a workaround."""
    reach = 0.0
    for m in range(N_MODES):
        reach = max(reach, access[people[i].state, p].reach[m])
    return uniform(keys.provider, i) >= 1.0 - reach


@leaf
def direct_value(
    i: int, p: int, worth: float, access: Rows, world: Columns, people: Rows, rules: Rules, keys: RandomKeys
) -> float:
    """Return what a platform worth ``worth`` gives when opened directly, or NO_WAY."""
    state = people[i].state
    provider = uniform(keys.provider, i)
    share = 0.0
    for m in range(N_MODES):
        # One draw for all platforms, because the person's provider either blocks or does not.
        if provider >= 1.0 - access[state, p].reach[m]:
            share += world.platform[p].mode_weight[m]
    if share <= 0.0:
        return NO_WAY
    speed = access[state, p].speed
    if speed < 1.0:
        share *= math.pow(speed, rules.speed_exponent)
    return worth * share - access[state, p].price


@leaf
def workaround_value(i: int, p: int, worth: float, access: Rows, people: Rows, rules: Rules, keys: RandomKeys) -> float:
    """Return what the platform gives by VPN, friction and penalty taken off, or NO_WAY where VPNs do not work."""
    state = people[i].state
    if access[state, p].dark > 0.0 and uniform(keys.provider, i) < access[state, p].dark:
        return NO_WAY
    if uniform(keys.vpn, i) >= access[state, p].vpn_share:
        return NO_WAY
    if uniform(keys.obey, i) < access[state, p].deterred:
        return NO_WAY
    effort = max(access[state, p].effort, access[state, p].first_effort)
    if effort <= 0.0:
        effort = 1.0
    speed = access[state, p].vpn_speed
    if speed < 1.0:
        worth *= math.pow(speed, rules.speed_exponent)
    return worth - rules.friction * people[i].effort * effort - access[state, p].penalty


@leaf
def open_worth(
    i: int, p: int, first_worth: float, access: Rows, world: Columns, people: Rows, rules: Rules, keys: RandomKeys
) -> float:
    """Return what a platform held on the first day would have been worth then, had nothing of it been closed.

    What was closed already - all of it, or calls alone - was borne on the first day: it is no loss today.
    """
    state, provider, share = people[i].state, uniform(keys.provider, i), 0.0
    for m in range(N_MODES):
        if provider >= 1.0 - access[state, p].first_reach[m]:
            share += world.platform[p].mode_weight[m]
    if share > WHOLE:
        return first_worth
    by_vpn = first_worth + rules.friction * people[i].effort * access[state, p].first_effort
    if share <= 0.0:
        return by_vpn
    directly = first_worth / share
    return min(directly, by_vpn) if people[i].first_vpn else directly


@leaf
def ability(i: int, people: Rows, rules: Rules) -> float:
    """Return how easy workarounds are for a person, from 0 to 1: about the share of people who find them harder."""
    if rules.effort_spread <= 0.0:
        return 0.5
    # The logistic function of 1.7 x is within 0.01 of the normal distribution function of x.
    return 1.0 / (1.0 + math.exp(1.7 * math.log(people[i].effort) / rules.effort_spread))


@leaf
def obeys(i: int, access: Rows, people: Rows, rules: Rules, keys: RandomKeys) -> bool:
    """Return whether a person gets no VPN, on principle or for fear of a fine, whatever it would bring."""
    share = 1.0 - (1.0 - rules.fear_principle) * (1.0 - access[people[i].state, 0].deterred)
    return uniform(keys.obey, i) < share


@leaf
def vpn_cost(i: int, holders: float, people: Rows, rules: Rules) -> float:
    """Return what it takes this person to get a VPN, given the share of contacts who have one [value]."""
    return rules.vpn_cost * math.pow(people[i].effort, rules.want_power) * math.exp(-rules.contagion * holders)


AWARE_CONTACTS = 0.3
"""Share of contacts with a VPN at which awareness spreads at its full rate (assumption)."""

AWARE_ALONE = 0.15
"""Part of that rate without any such contact (assumption)."""


@part
def look_for_vpn(v: Visitor, gain: float, holders: float, days: float, ctx: VisitContext, out: Outcome) -> int:
    """Let a person without a VPN who would gain from one learn of VPNs, look for one, or have found it.

    ``holders`` is the share of contacts who have one; ``days`` have passed since the last look. Return the day on which
    there is something to do about it.
    """
    rules, keys, row = ctx.rules, ctx.keys, out.row[v.k]
    if gain <= vpn_cost(v.i, holders, ctx.people, rules) or obeys(v.i, ctx.access, ctx.people, rules, keys):
        out.private[v.k].vpn_day = 0
        return NEVER
    skill = ability(v.i, ctx.people, rules)
    if row.aware == 0:
        share = ctx.world.vpn_share[ctx.people[v.i].state]
        # Assumption, as in a prototype: knowing of VPNs grows with the cube of the share who have none.
        knows = 1.0 - (1.0 - rules.vpn_aware) * math.pow(1.0 - share, 3.0)
        rate = rules.vpn_aware_rate * (AWARE_ALONE + holders / AWARE_CONTACTS)
        if skill < 1.0 - knows and uniform(keys.aware, v.i) >= 1.0 - math.exp(-rate * days):
            return NEVER
        out.row[v.k].aware = 1
    if out.private[v.k].vpn_day == 0:
        # Assumption, as in a prototype: the ablest find one four times as fast as the least able.
        rate = math.log(2.0) / rules.vpn_find_days * (0.4 + 1.2 * skill)
        out.private[v.k].vpn_day = ctx.today.day + int(-math.log(1.0 - uniform(keys.find, v.i)) / rate) + 1
    if out.private[v.k].vpn_day > ctx.today.day + 1:
        return int(out.private[v.k].vpn_day) - 1
    out.row[v.k].vpn, out.private[v.k].vpn_day = 2, 0
    return ctx.today.day + 1


@part
def keep_vpn(v: Visitor, is_used: bool, is_needed: bool, ctx: VisitContext, out: Outcome) -> int:
    """Let a VPN got since the first day go once it lies idle; return the day on which that is due.

    ``is_needed`` says whether anything is still closed to the person.
    """
    rules, keys, today = ctx.rules, ctx.keys, ctx.today.day
    if is_used:
        out.private[v.k].vpn_day = 0
        return NEVER
    floor, days = (rules.vpn_keep_idle, rules.vpn_idle_days) if is_needed else (
        rules.vpn_keep_lifted, rules.vpn_lifted_days / math.log(2.0)
    )  # fmt: skip
    if uniform(keys.keeper, v.i) < floor:
        return NEVER
    due = today + 1 + int(-math.log(1.0 - uniform(keys.drop, v.i)) * days)
    if out.private[v.k].vpn_day == 0 or (
        not is_needed and out.private[v.k].vpn_day - today > 5.0 * rules.vpn_lifted_days
    ):
        out.private[v.k].vpn_day = due
    if out.private[v.k].vpn_day > today:
        return int(out.private[v.k].vpn_day)
    out.row[v.k].vpn, out.private[v.k].vpn_day = 0, 0
    return NEVER

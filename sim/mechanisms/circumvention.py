"""Ways to a platform: directly, or by a VPN or a similar tool, and the decision to get one.

One tool opens everything that is blocked, so the decision compares the sum of all losses (the gateway effect of Hobbs &
Roberts 2018, https://doi.org/10.1017/S0003055418000084) with a cost that differs between people and falls with the
share of contacts who have a tool.
"""

from __future__ import annotations

import math

from sim.chance import uniform
from sim.kernels import leaf
from sim.mechanisms.settings import N_MODES, Cells, Columns, Luck, Rows, Rules

NO_WAY = -1.0
WHOLE = 1.0 - 1e-9  # shares of modes sum to one but for rounding


@leaf
def device_of(i: int, c: Columns, people: Rows, luck: Luck) -> int:
    """Return 0 for an Apple phone, 1 for Android."""
    return 0 if uniform(luck.device, i) < c.ios_share[people[i].state] else 1


@leaf
def in_store(i: int, p: int, device: int, access: Cells, people: Rows, luck: Luck) -> bool:
    """Return whether a store of this person's has the app; one draw for all apps: it is the store of the phone's maker.

    Who has kept an account of the store of the state of origin has the apps of that store, too.
    """
    here, kept = access[people[i].state, p].install[device], access[people[i].store, p].install[device]
    return uniform(luck.maker, i) < max(here, kept)


@leaf
def can_reinstall(i: int, p: int, device: int, access: Cells, people: Rows, rules: Rules, luck: Luck) -> bool:
    """Return whether a person could put the app (back) on the phone without a foreign store account."""
    if in_store(i, p, device, access, people, luck):
        return True
    return device == 1 and uniform(luck.sideload, i) < rules.sideload_share


@leaf
def app_life(i: int, p: int, luck: Luck) -> float:
    """Return the summed hazard at which this person's app stops working."""
    return -math.log(1.0 - uniform(luck.install, i, p))


@leaf
def app_lost(i: int, p: int, device: int, access: Cells, people: Rows, luck: Luck) -> bool:
    """Return whether the working app has gone with a replaced phone or an aged version since it left the store."""
    hazard = access[people[i].state, p].install_hazard[device]
    return hazard > 0 and app_life(i, p, luck) <= hazard and not in_store(i, p, device, access, people, luck)


@leaf
def opens_directly(i: int, p: int, access: Cells, people: Rows, luck: Luck) -> bool:
    """Return whether any mode of a platform reaches a person without a workaround."""
    reach = 0.0
    for m in range(N_MODES):
        reach = max(reach, access[people[i].state, p].reach[m])
    return uniform(luck.provider, i) >= 1.0 - reach


@leaf
def direct_value(
    i: int, p: int, worth: float, access: Cells, c: Columns, people: Rows, rules: Rules, luck: Luck
) -> float:
    """Return what a platform worth ``worth`` gives when opened directly, or NO_WAY."""
    state = people[i].state
    provider = uniform(luck.provider, i)
    share = 0.0
    for m in range(N_MODES):
        # One draw for all platforms, because the person's provider either blocks or does not.
        if provider >= 1.0 - access[state, p].reach[m]:
            share += c.platform[p].mode_weight[m]
    if share <= 0.0:
        return NO_WAY
    speed = access[state, p].speed
    if speed < 1.0:
        share *= math.pow(speed, rules.speed_exponent)
    return worth * share - access[state, p].price


@leaf
def workaround_value(i: int, p: int, worth: float, access: Cells, people: Rows, rules: Rules, luck: Luck) -> float:
    """Return what the platform gives by VPN, friction and penalty taken off, or NO_WAY where VPNs do not work."""
    state = people[i].state
    if access[state, p].dark > 0.0 and uniform(luck.provider, i) < access[state, p].dark:
        return NO_WAY
    if uniform(luck.vpn, i) >= access[state, p].vpn_share:
        return NO_WAY
    if uniform(luck.obey, i) < access[state, p].deterred:
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
    i: int, p: int, first_worth: float, access: Cells, c: Columns, people: Rows, rules: Rules, luck: Luck
) -> float:
    """Return what a platform held on the first day would have been worth then, had nothing of it been closed.

    What was closed already - all of it, or calls alone - was borne on the first day: it is no loss today.
    """
    state, provider, share = people[i].state, uniform(luck.provider, i), 0.0
    for m in range(N_MODES):
        if provider >= 1.0 - access[state, p].first_reach[m]:
            share += c.platform[p].mode_weight[m]
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
def obeys(i: int, access: Cells, people: Rows, rules: Rules, luck: Luck) -> bool:
    """Return whether a person gets no VPN, on principle or for fear of a fine, whatever it would bring."""
    share = 1.0 - (1.0 - rules.fear_principle) * (1.0 - access[people[i].state, 0].deterred)
    return uniform(luck.obey, i) < share


@leaf
def vpn_cost(i: int, holders: float, people: Rows, rules: Rules) -> float:
    """Return what it takes this person to get a VPN, given the share of contacts who have one [value]."""
    return rules.vpn_cost * math.pow(people[i].effort, rules.want_power) * math.exp(-rules.contagion * holders)

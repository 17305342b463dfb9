"""VPNs as a stock: a person who knows VPNs finds one within days of wanting one, and gives it up when it is idle.

A person wants a VPN if the value that it would restore, beyond that of open substitutes, exceeds its cost (`vpn_cost`).
The number of VPN users is limited by the people who know VPNs. Some people never use one because they obey the law, and
a fine makes them more.
"""

from __future__ import annotations

import math

from sim.chance import uniform
from sim.kernels import part
from sim.mechanisms.circumvention import ability, obeys, vpn_cost
from sim.mechanisms.look import NEVER, Outcome, Scene, Visitor

AWARE_CONTACTS = 0.3
"""Share of contacts with a VPN at which awareness spreads at its full rate (assumption)."""
AWARE_ALONE = 0.15
"""Part of that rate without any such contact (assumption)."""


@part
def look_for_vpn(v: Visitor, gain: float, holders: float, days: float, scene: Scene, o: Outcome) -> int:
    """Let a person without a VPN who would gain from one learn of VPNs, look for one, or have found it.

    ``holders`` is the share of contacts who have one; ``days`` have passed since the last look. Return the day on which
    there is something to do about it.
    """
    rules, luck, row = scene.rules, scene.luck, o.row[v.k]
    if gain <= vpn_cost(v.i, holders, scene.people, rules) or obeys(v.i, scene.access, scene.people, rules, luck):
        o.own[v.k].vpn_day = 0
        return NEVER
    skill = ability(v.i, scene.people, rules)
    if row.aware == 0:
        share = scene.c.vpn_share[scene.people[v.i].state]
        # Assumption, as in a prototype: knowing of VPNs grows with the cube of the share who have none.
        knows = 1.0 - (1.0 - rules.vpn_aware) * math.pow(1.0 - share, 3.0)
        rate = rules.vpn_aware_rate * (AWARE_ALONE + holders / AWARE_CONTACTS)
        if skill < 1.0 - knows and uniform(luck.aware, v.i) >= 1.0 - math.exp(-rate * days):
            return NEVER
        o.row[v.k].aware = 1
    if o.own[v.k].vpn_day == 0:
        # Assumption, as in a prototype: the ablest find one four times as fast as the least able.
        rate = math.log(2.0) / rules.vpn_find_days * (0.4 + 1.2 * skill)
        o.own[v.k].vpn_day = scene.today.day + int(-math.log(1.0 - uniform(luck.find, v.i)) / rate) + 1
    if o.own[v.k].vpn_day > scene.today.day + 1:
        return int(o.own[v.k].vpn_day) - 1
    o.row[v.k].vpn, o.own[v.k].vpn_day = 2, 0
    return scene.today.day + 1


@part
def keep_vpn(v: Visitor, is_used: bool, is_needed: bool, scene: Scene, o: Outcome) -> int:
    """Let a VPN got since the first day go once it lies idle; return the day on which that is due.

    ``is_needed`` says whether anything is still closed to the person.
    """
    rules, luck, today = scene.rules, scene.luck, scene.today.day
    if is_used:
        o.own[v.k].vpn_day = 0
        return NEVER
    floor, days = (rules.vpn_keep_idle, rules.vpn_idle_days) if is_needed else (
        rules.vpn_keep_lifted, rules.vpn_lifted_days / math.log(2.0)
    )  # fmt: skip
    if uniform(luck.keeper, v.i) < floor:
        return NEVER
    due = today + 1 + int(-math.log(1.0 - uniform(luck.drop, v.i)) * days)
    if o.own[v.k].vpn_day == 0 or (not is_needed and o.own[v.k].vpn_day - today > 5.0 * rules.vpn_lifted_days):
        o.own[v.k].vpn_day = due
    if o.own[v.k].vpn_day > today:
        return int(o.own[v.k].vpn_day)
    o.row[v.k].vpn, o.own[v.k].vpn_day = 0, 0
    return NEVER

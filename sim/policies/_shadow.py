"""The shadow that an announced policy casts: how far people count what it will take from them as lost already.

The fear of a platform's users in a state is `announcement.belief` times the part of what they have there that the law
takes once all that is announced has come in. That part is read from the access table, so it holds for every instrument:
it is the part of the people (a technique's coverage, a regional shutdown), of the devices (one store, one maker's
phones) and of the value (calls of a messenger, speed, a fee) concerned, less what an exemption leaves. What takes
nothing from users - a push for a champion, a ban on sellers, a cloud that a platform has moved from - frightens nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.policies import module
from sim.policies._demand import refusing
from sim.policies.docket import Docket

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.mechanisms.access import AccessTable
    from sim.policies.base import PolicyKeys
    from sim.world.setting import Setting

COME_IN = 365
"""Days after which every announced policy is looked at: ramps are over, and what could move has moved [days]."""


def cast_shadow(docket: Docket, table: AccessTable, setting: Setting, law: Callable[[Docket], AccessTable]) -> None:
    """Let people fear for what is announced, and rush to install what is about to leave the stores (in place).

    Parameters
    ----------
    docket : Docket
        What is in force and what is announced.
    table : AccessTable
        Today's, without any shadow.
    setting : Setting
    law : function of a Docket
        Returns the access table under what a docket has in force.
    """
    q = setting.parameters
    have, shall_have = usable(table, setting), usable(law(come_in(docket, None, setting)), setting)
    taken = np.divide(have - shall_have, have, out=np.zeros_like(have), where=have > 0)
    table.threat[:] = q["announcement.belief"] * taken.clip(0.0, 1.0)
    soon = come_in(docket, int(q["announcement.rush_days"]), setting)
    if len(soon.in_force) > len(docket.in_force):
        gone = phones(table, setting) - phones(law(soon), setting)
        table.rush[:] = q["announcement.rush_rate"] * gone.clip(0.0, 1.0)


def come_in(docket: Docket, within: int | None, setting: Setting) -> Docket:
    """Return a docket with what is announced in force as well, all of it or what begins within so many days."""
    coming = []
    for policy, days_left in docket.announced:
        if within is not None and (days_left is None or days_left > within):
            continue
        feared = what_is_feared(policy, setting)
        if feared is not None:
            coming.append((feared, COME_IN))
    return Docket((*docket.in_force, *coming), ())


def what_is_feared(policy: PolicyKeys, setting: Setting) -> PolicyKeys | None:
    """Return the policy that people expect: itself, or what follows where a platform refuses a demand."""
    feared = getattr(module(policy.instrument), "feared", None)
    if feared is None:
        return policy
    targets = refusing(policy, setting)  # nothing more is asked of those that have obeyed, sold or left
    found: PolicyKeys | None = feared(policy, targets, setting) if targets else None
    return found


def usable(table: AccessTable, setting: Setting) -> np.ndarray:
    """Return the share of each platform that a state's people have: people x devices x value, shape (S, P) [1].

    Directly, or by the VPNs that there were on the first day; the parts are taken as independent of one another.
    """
    from sim.world.build import mode_weights

    q = setting.parameters
    worth = np.array([q[f"value.{setting.platform_facts[name].kind}"] for name in setting.platforms])
    reached, exponent = table.reach.max(axis=2), q["choice.speed_exponent"]
    directly = (table.reach * mode_weights(setting)).sum(axis=2) * phones(table, setting) * table.speed**exponent
    directly *= 1.0 - np.minimum(1.0, table.price / worth)
    others = np.maximum(0.0, 1.0 - reached - table.dark) * setting.vpn_share[:, None]
    by_vpn = others * table.vpn_share * table.vpn_open[:, None] * table.vpn_speed**exponent
    return np.asarray(directly + by_vpn * (1.0 - np.minimum(1.0, table.penalty[:, None] / worth)))


def phones(table: AccessTable, setting: Setting) -> np.ndarray:
    """Return the share of a state's phones on which each platform can be installed or updated, shape (S, P) [1]."""
    apple = setting.ios_share[:, None]
    return np.asarray(table.install[:, :, 0] * apple + table.install[:, :, 1] * (1.0 - apple))

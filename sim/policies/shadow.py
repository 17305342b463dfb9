"""The effect of announced policies: how much of the coming loss people treat as lost already.

The fear of a platform's users in a state is `announcement.belief` times the share of their use that the law removes
when the announced policies are in force. The share is read from the access table, so the rule applies to every
instrument. It is the share of the people (a technique's coverage, a regional shutdown), of the devices (one store, one
maker's phones) and of the value (calls of a messenger, speed, a fee) concerned, minus exemptions. A policy that takes
nothing from users, such as a push for a champion, a ban on sellers, or a ban of a cloud that a platform has left,
causes no fear.

People respond to an announcement for `announcement.heed_days` when it is news, and for as long again before its date.
In between, or if a threat without a date is old, they behave as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.people.access import moved
from sim.policies.demand import refusing
from sim.policies.docket import Docket, Notice
from sim.policies.instrument import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sim.people.access import AccessTable
    from sim.policies.base import PolicyKeys
    from sim.world.setting import Setting

COME_IN = 365
"""Age at which announced policies are evaluated: after all lags and moves [days]."""


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
    coming, soon = what_comes(docket, setting)
    feared = law(coming)
    touched = moved(table, feared)
    table.threat[:] = 0.0
    if touched.size:
        here = slice(touched[0], touched[-1] + 1)  # without a loss, there is no fear
        have, shall_have = usable(table, setting, here), usable(feared, setting, here)
        taken = np.divide(have - shall_have, have, out=np.zeros_like(have), where=have > 0)
        table.threat[here] = q["announcement.belief"] * taken.clip(0.0, 1.0)
    if len(soon.in_force) > len(docket.in_force):
        by_then = feared if soon.in_force == coming.in_force else law(soon)
        gone = phones(table, setting) - phones(by_then, setting)
        table.rush[:] = q["announcement.rush_rate"] * gone.clip(0.0, 1.0)


def taken_in_the_end(
    docket: Docket, first: AccessTable, setting: Setting, law: Callable[[Docket], AccessTable]
) -> np.ndarray:  # fmt: skip
    """Return the share of people's use on the first day that the law removes in the end, shape (states, platforms) [1].

    This includes all policies in force and all with a date. A threat without a date does not count.

    Parameters
    ----------
    docket, setting, law
        As for `cast_shadow`.
    first : AccessTable
        Of the first day.
    """
    by_then = law(what_is_dated(docket, setting))
    touched = moved(first, by_then)
    taken = np.zeros_like(first.speed)
    if touched.size:
        here = slice(touched[0], touched[-1] + 1)
        have, shall_have = usable(first, setting, here), usable(by_then, setting, here)
        taken[here] = np.divide(have - shall_have, have, out=np.zeros_like(have), where=have > 0).clip(0.0, 1.0)
    return taken


def what_is_dated(docket: Docket, setting: Setting) -> Docket:
    """Return the law when all policies in force and all policies with a date are in full effect."""
    in_force = Docket(tuple((policy, max(days, COME_IN)) for policy, days in docket.in_force), ())
    return come_in(in_force, [n.policy for n in docket.announced if n.days_left is not None], setting)


def what_comes(docket: Docket, setting: Setting) -> tuple[Docket, Docket]:
    """Return the law when the policies that people heed are in force, and the same for those that cause a rush."""
    heed, rush = (setting.parameters[f"announcement.{name}_days"] for name in ("heed", "rush"))
    stirs = [is_soon(n, heed) or n.days_known < heed for n in docket.announced]
    # People count on a policy that relieves, however long they have known of it.
    heeded = [n.policy for n, now in zip(docket.announced, stirs, strict=True)
              if now or (any(stirs) and load(n.policy.instrument).relieves)]  # fmt: skip
    soon = [n.policy for n in docket.announced if is_soon(n, rush)]
    return come_in(docket, heeded, setting), come_in(docket, soon, setting)


def is_soon(notice: Notice, days: float) -> bool:
    """Return whether an announced policy begins within a number of days."""
    return notice.days_left is not None and notice.days_left <= days


def come_in(docket: Docket, policies: Iterable[PolicyKeys], setting: Setting) -> Docket:
    """Return a docket with announced policies in force as well."""
    feared = (what_is_feared(policy, setting) for policy in policies)
    return Docket((*docket.in_force, *((policy, COME_IN) for policy in feared if policy is not None)), ())


def what_is_feared(policy: PolicyKeys, setting: Setting) -> PolicyKeys | None:
    """Return the policy that people expect: itself, or what follows where a platform refuses a demand."""
    instrument = load(policy.instrument)
    if not instrument.has("feared"):
        return policy
    targets = refusing(policy, setting)  # nothing more is asked of those that have obeyed, sold or left
    return instrument.feared(policy, targets, setting) if targets else None


def usable(table: AccessTable, setting: Setting, here: slice = slice(None)) -> np.ndarray:
    """Return the share of each platform that people have in the states ``here``: people x devices x value [1].

    Directly, or by the VPNs that there were on the first day; the parts are taken as independent of one another.
    """
    worth, exponent = setting.kind_value, setting.parameters["choice.speed_exponent"]
    reach, penalty = table.reach[here], table.penalty[here, None]
    vpn_open = table.vpn_open[here, None] * (1.0 - table.deterred[here, None])
    directly = (reach * setting.mode_weights).sum(axis=2) * phones(table, setting, here) * table.speed[here] ** exponent
    directly *= 1.0 - np.minimum(1.0, table.price[here] / worth)
    others = np.maximum(0.0, 1.0 - reach.max(axis=2) - table.dark[here]) * setting.vpn_share[here, None]
    by_vpn = others * table.vpn_share[here] * vpn_open * table.vpn_speed[here] ** exponent
    return np.asarray(directly + by_vpn * (1.0 - np.minimum(1.0, penalty / worth)))


def phones(table: AccessTable, setting: Setting, here: slice = slice(None)) -> np.ndarray:
    """Return the share of phones on which each platform can be installed or updated in the states ``here`` [1]."""
    apple, install = setting.ios_share[here, None], table.install[here]
    return np.asarray(install[:, :, 0] * apple + install[:, :, 1] * (1.0 - apple))

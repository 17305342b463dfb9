"""Contact: which kin ties abroad have a channel today, at both ends.

A tie has a channel if some platform that carries talk is used, and works, at both ends: WeChat banned at one end and
WhatsApp blocked at the other leave none. A tie without a channel is out of contact, lost after thirty days in a row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.chance import Key, uniform
from sim.kernels import kernel
from sim.mechanisms.settings import Cells, Columns, Rows

LOST_AFTER = 30  # days without a channel after which a tie counts as lost
SEVERED_WINDOW = 90  # days at the end of a run on all of which a severed tie has no channel
ACCESS_BACK, VPN, SUBSTITUTE = 1, 2, 3  # ways back, in the order of `sim.metrics.registry.WAYS`


class KinTies(NamedTuple):
    """Kin ties abroad and their contact so far."""

    diaspora_end: np.ndarray  # (ties,)
    family_end: np.ndarray  # (ties,)
    conversations: np.ndarray  # (ties,) a day
    fallback: np.ndarray  # (ties,)
    channels: np.ndarray  # (ties,) platforms that join the two ends today, bits
    first: np.ndarray  # (ties,) the same on the first day
    out_days: np.ndarray  # (ties,) days in a row without a channel, of those that have one in the baseline arm
    way_back: np.ndarray  # (ties,) how it first came back, 0 if it has not


@kernel
def find_channels(t: KinTies, c: Columns, people: Rows) -> None:
    """Find the platforms that join the two ends of each tie (in place)."""
    talk = c.talk_bits
    for k in range(t.diaspora_end.size):
        i, j = t.diaspora_end[k], t.family_end[k]
        t.channels[k] = people[i].using & people[j].using & people[i].abroad & people[j].abroad & talk


@kernel
def follow(t: KinTies, baseline: np.ndarray, c: Columns, people: Rows, access: Cells, provider: Key) -> None:
    """Count the days without a channel of each tie, against the baseline arm's channels, and note how ties come back.

    ``provider`` is the key of the luck of people's providers.
    """
    for k in range(t.diaspora_end.size):
        if baseline[k] != 0 and t.channels[k] == 0:
            t.out_days[k] += 1
            continue
        if t.out_days[k] > 0 and t.way_back[k] == 0:
            i, j = t.diaspora_end[k], t.family_end[k]
            t.way_back[k] = _way(t.channels[k] & t.first[k], i, j, c, people, access, provider)
        t.out_days[k] = 0


@kernel
def _way(old: int, i: int, j: int, c: Columns, people: Rows, access: Cells, provider: Key) -> int:
    """Return how a tie came back: on a platform it had before (directly or by VPN), or on another one."""
    if old == 0:
        return SUBSTITUTE
    for p in range(c.platform.size):
        if old & (1 << p):
            if not (_by_workaround(i, p, people, access, provider) or _by_workaround(j, p, people, access, provider)):
                return ACCESS_BACK
    return VPN


@kernel
def _by_workaround(i: int, p: int, people: Rows, access: Cells, provider: Key) -> bool:
    """Return whether a person who uses a platform can do so only by VPN, or by an app from elsewhere."""
    cell = access[people[i].state, p]
    return uniform(provider, i) < 1.0 - cell.reach.max() or people[i].uninstalled & (1 << p) != 0


class GroupContact(NamedTuple):
    """Contact of each group, in simulated people and ties."""

    members: np.ndarray  # (groups,) people with a channel to kin in the baseline arm
    without: np.ndarray  # (groups,) of them, without any in this arm
    entirely: np.ndarray  # (groups,) of them, whose telephone, SMS and e-mail fail too
    ties: np.ndarray  # (groups,) ties with a channel in the baseline arm
    out: np.ndarray  # (groups,) of them, without one
    lost: np.ndarray  # (groups,) of them, for LOST_AFTER days or more
    severed: np.ndarray  # (groups,) of them, for SEVERED_WINDOW days or more
    silent: np.ndarray  # (groups,) conversations a day that those without a channel would have carried
    open: np.ndarray  # (groups,) ties with a channel in this arm
    fragile: np.ndarray  # (groups,) of them, with exactly one platform
    back: np.ndarray  # (groups, ways) ties that came back, by way


def empty_contact(groups: int) -> GroupContact:
    """Return the contact of nobody."""
    names = ("members", "without", "entirely", "ties", "out", "lost", "severed", "open", "fragile")
    whole = {name: np.zeros(groups, np.int64) for name in names}
    return GroupContact(**whole, silent=np.zeros(groups), back=np.zeros((groups, 3), np.int64))


@kernel
def measure_contact(t: KinTies, baseline: np.ndarray, people: Rows, flag: np.ndarray, n: GroupContact) -> None:
    """Add up contact by group; ``flag`` (people,) is room to work in, zero before and after."""
    for k in range(t.diaspora_end.size):
        a, b = people[t.diaspora_end[k]].group, people[t.family_end[k]].group
        _measure_tie(k, a, t, baseline, n)
        _measure_tie(k, b, t, baseline, n)
        mark = (1 if baseline[k] != 0 else 0) | (2 if t.channels[k] != 0 else 0) | (4 if t.fallback[k] else 0)
        flag[t.diaspora_end[k]] |= mark
        flag[t.family_end[k]] |= mark
    for k in range(t.diaspora_end.size):
        _measure_person(t.diaspora_end[k], people, flag, n)
        _measure_person(t.family_end[k], people, flag, n)


@kernel
def _measure_tie(k: int, g: int, t: KinTies, baseline: np.ndarray, n: GroupContact) -> None:
    if t.channels[k] != 0:
        n.open[g] += 1
        if t.channels[k] & (t.channels[k] - 1) == 0:
            n.fragile[g] += 1
    if t.way_back[k] > 0:
        n.back[g, t.way_back[k] - 1] += 1
    if baseline[k] == 0:
        return
    n.ties[g] += 1
    if t.channels[k] == 0:
        n.out[g] += 1
        n.silent[g] += t.conversations[k]
        n.lost[g] += 1 if t.out_days[k] >= LOST_AFTER else 0
        n.severed[g] += 1 if t.out_days[k] >= SEVERED_WINDOW else 0


@kernel
def _measure_person(i: int, people: Rows, flag: np.ndarray, n: GroupContact) -> None:
    """Count a person once: the first tie that meets the person takes the mark away."""
    mark = flag[i]
    flag[i] = 0
    if mark & 1:
        n.members[people[i].group] += 1
        if not mark & 2:
            n.without[people[i].group] += 1
            if not mark & 4:
                n.entirely[people[i].group] += 1

"""Contact: which kin ties abroad have a channel today, at both ends, and for how long people have been without.

A tie has a channel if some platform that carries talk is used, and works, at both ends: WeChat banned at one end and
WhatsApp blocked at the other leave none. A tie without a channel is out of contact, lost after thirty days in a row.
Who was out at all, for a week in a row or for a month, depends on each person's history. It is stored as four small
numbers per person, and summed by group during the run.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numba import int64

from sim.chance import Key, uniform
from sim.facts.model import MODES
from sim.kernels import kernel, leaf, lowest, part
from sim.people.kernel_types import N_MODES, NEVER_DAYS, Bonds, Columns, PrivateState, RandomKeys, Rows
from sim.people.state import lacks_app

VOICE, VIDEO = MODES.index("voice"), MODES.index("video")


@leaf
def calls_work(i: int, p: int, access: Rows, world: Columns, people: Rows, keys: RandomKeys) -> bool:
    """Return whether a person can call on a platform: it carries calls, and they get through directly or by VPN."""
    if world.platform[p].mode_weight[VOICE] + world.platform[p].mode_weight[VIDEO] <= 0.0:
        return False
    cell = access[people[i].state, p]
    provider = uniform(keys.provider, i)
    if provider >= 1.0 - max(cell.reach[VOICE], cell.reach[VIDEO]):
        return True
    if people[i].vpn == 0 or (cell.dark > 0.0 and provider < cell.dark):
        return False
    return uniform(keys.vpn, i) < cell.vpn_share


@kernel
def can_call(i: int, p: int, access: Rows, world: Columns, people: Rows, keys: RandomKeys) -> bool:
    """Return what `calls_work` returns, to Python code."""
    return calls_work(i, p, access, world, people, keys)


@leaf
def with_calls(i: int, j: int, platforms: int, access: Rows, world: Columns, people: Rows, keys: RandomKeys) -> int:
    """Return those of some platforms (bits) on which both of two people can call."""
    found, left = int64(0), platforms
    while left != 0:
        p = lowest(left)
        left &= left - 1
        if calls_work(i, p, access, world, people, keys) and calls_work(j, p, access, world, people, keys):
            found |= int64(1) << p
    return found


BRIDGED = np.int64(-(2**63))  # among the channels of a tie: a bridge between two messengers; the bit of no platform


LOST_AFTER = 30  # days without a channel after which a tie counts as lost
N_WAYS = 4
SEVERED_WINDOW = 90  # days at the end of a run on all of which a severed tie has no channel


ACCESS_BACK, VPN, SUBSTITUTE, BRIDGE = 1, 2, 3, 4  # ways back, in the order of `sim.metrics.registry.WAYS`


class Ends(Protocol):
    """Both ends of kin ties, and how often they talk."""

    @property
    def diaspora_end(self) -> np.ndarray: ...  # noqa: D102
    @property
    def family_end(self) -> np.ndarray: ...  # noqa: D102
    @property
    def conversations(self) -> np.ndarray: ...  # noqa: D102


class KinTies(NamedTuple):
    """Kin ties abroad and their contact so far."""

    diaspora_end: np.ndarray  # (ties,)
    family_end: np.ndarray  # (ties,)
    conversations: np.ndarray  # (ties,) a day
    phone: np.ndarray  # (ties,) days until the telephone does instead, with the numbers that they know today
    afraid: np.ndarray  # (ties,) whether it takes up no channel that it has not had on the first day
    calls_only: np.ndarray  # (ties,) whether the family end only calls
    channels: np.ndarray  # (ties,) platforms that join the two ends today, bits
    first: np.ndarray  # (ties,) the same on the first day; all before it
    out_days: np.ndarray  # (ties,) days in a row without a channel, of those that have one in the baseline arm
    way_back: np.ndarray  # (ties,) how it first came back, 0 if it has not
    first_out: np.ndarray  # (ties,) first day without a channel, -1 if there was none
    first_back: np.ndarray  # (ties,) day on which it came back from that, -1 if it has not
    group: np.ndarray  # (ties, 2) groups of the two ends
    slot: np.ndarray  # (ties, 2) places of the two ends among the people who have kin abroad
    slot_group: np.ndarray  # (slots,) group of each of them
    since: np.ndarray  # (ties,) day on which a tie lost the last channel that it had on the first day, -1 for none
    prepared: np.ndarray  # (ties,) days of notice so far, each as far as the law takes their channels
    searched: np.ndarray  # (ties,) days since then on which the two could arrange another one
    led: np.ndarray  # (ties,) days since then on which a relative in the same household was in contact
    agreed: np.ndarray  # (ties,) platform that the two agree on today, -1 for none
    asked: np.ndarray  # (slots,) platforms agreed on with anybody today, bits; room to work in, 0 outside that phase
    start: np.ndarray  # (people + 1,) row of each person in `ties_of`
    ties_of: np.ndarray  # (2 ties,) ties of each person, the people one after the other


def kin_ties(ties: Ends, bonds: Bonds, people: Rows) -> KinTies:
    """Return the kin ties abroad of a world on its first day.

    Parameters
    ----------
    ties : Ends
        With ``diaspora_end``, ``family_end`` and ``conversations``, a row each.
    bonds : Bonds
        Of the same ties.
    people : numpy.ndarray of PERSON, shape (people,)
    """
    n = ties.diaspora_end.size
    ends = np.column_stack([ties.diaspora_end, ties.family_end]).astype(np.int64)
    who, slot = np.unique(ends, return_inverse=True)
    start = np.zeros(people.size + 1, np.int32)
    np.cumsum(np.bincount(ends.ravel(), minlength=people.size), out=start[1:])
    return KinTies(
        ties.diaspora_end,
        ties.family_end,
        ties.conversations,
        np.where((bonds.number == 0) | (bonds.phone == 0), bonds.phone, NEVER_DAYS),
        bonds.afraid,
        bonds.calls_only,
        channels=np.zeros(n, np.int64),
        first=np.full(n, -1, np.int64),
        out_days=np.zeros(n, np.int32),
        way_back=np.zeros(n, np.int8),
        first_out=np.full(n, -1, np.int32),
        first_back=np.full(n, -1, np.int32),
        since=np.full(n, -1, np.int32),
        prepared=np.zeros(n),
        searched=np.zeros(n, np.int32),
        led=np.zeros(n, np.int32),
        agreed=np.full(n, -1, np.int16),
        asked=np.zeros(who.size, np.int64),
        group=people["group"][ends],
        slot=slot.reshape(n, 2).astype(np.int32),
        slot_group=people["group"][who],
        start=start,
        ties_of=(np.argsort(ends.ravel(), kind="stable") // 2).astype(np.int32),
    )


@kernel
def find_channels(t: KinTies, world: Columns, people: Rows, access: Rows, keys: RandomKeys) -> None:
    """Find the platforms that join the two ends of each tie (in place)."""
    for k in range(t.diaspora_end.size):
        _find_channel(k, t, world, people, access, keys)


@kernel
def find_channels_of(
    who: np.ndarray, n: int, t: KinTies, world: Columns, people: Rows, access: Rows, keys: RandomKeys
) -> None:  # fmt: skip
    """Find them again for the ties of the people ``who[:n]``."""
    for a in range(n):
        for row in range(t.start[who[a]], t.start[who[a] + 1]):
            _find_channel(int64(t.ties_of[row]), t, world, people, access, keys)


@leaf
def _find_channel(k: int, t: KinTies, world: Columns, people: Rows, access: Rows, keys: RandomKeys) -> None:
    i, j = t.diaspora_end[k], t.family_end[k]
    t.channels[k] = people[i].using & people[j].using & people[i].abroad & people[j].abroad & world.talk_bits
    if have_bridge(i, j, world, people):
        t.channels[k] |= BRIDGED
    if t.calls_only[k]:
        # A bridge carries text alone.
        t.channels[k] = with_calls(i, j, t.channels[k] & ~BRIDGED, access, world, people, keys)
    if t.afraid[k]:
        t.channels[k] &= t.first[k]


@leaf
def have_bridge(i: int, j: int, world: Columns, people: Rows) -> bool:
    """Return whether both use a messenger that the law of one end joins to the other's."""
    bridged = world.bridged[people[i].state] | world.bridged[people[j].state]
    return people[i].using & bridged != 0 and people[j].using & bridged != 0


@kernel
def follow(
    t: KinTies, baseline: np.ndarray, day: int, world: Columns, people: Rows, private: PrivateState,
    access: Rows, provider: Key,
) -> None:  # fmt: skip
    """Count the days without a channel of each tie, against the baseline arm's channels, and note how ties come back.

    ``provider`` is the key of the luck of people's providers.
    """
    for k in range(t.diaspora_end.size):
        if baseline[k] != 0 and t.channels[k] == 0:
            t.out_days[k] += 1
            if t.first_out[k] < 0:
                t.first_out[k] = day
            continue
        if t.out_days[k] > 0 and t.way_back[k] == 0 and t.channels[k] != 0:
            i, j = t.diaspora_end[k], t.family_end[k]
            t.first_back[k] = day
            t.way_back[k] = _way(t.channels[k], t.first[k], i, j, world, people, private, access, provider)
        t.out_days[k] = 0


@part
def _way(
    channels: int, first: int, i: int, j: int, world: Columns, people: Rows, private: PrivateState,
    access: Rows, provider: Key,
) -> int:  # fmt: skip
    """Return how a tie came back: on a platform it had before (directly or by VPN), on another one, or by a bridge."""
    old = channels & first & ~BRIDGED
    if old == 0:
        return BRIDGE if channels == BRIDGED else SUBSTITUTE
    for p in range(world.platform.size):
        if old & (1 << p):
            around = _by_workaround(i, p, people, private, access, provider)
            if not (around or _by_workaround(j, p, people, private, access, provider)):
                return ACCESS_BACK
    return VPN


@part
def _by_workaround(i: int, p: int, people: Rows, private: PrivateState, access: Rows, provider: Key) -> bool:
    """Return whether a person who uses a platform can do so only by VPN, or by an app from elsewhere."""
    reach = 0.0
    for m in range(N_MODES):
        reach = max(reach, access[people[i].state, p].reach[m])
    return uniform(provider, i) < 1.0 - reach or lacks_app(i, p, private)


class GroupContact(NamedTuple):
    """Contact of each group, in simulated people and ties."""

    members: np.ndarray  # (groups,) people with a channel to kin in the baseline arm
    without: np.ndarray  # (groups,) of them, without any in this arm
    entirely: np.ndarray  # (groups,) of them, who do not telephone either
    ties: np.ndarray  # (groups,) ties with a channel in the baseline arm
    out: np.ndarray  # (groups,) of them, without one
    lost: np.ndarray  # (groups,) of them, for LOST_AFTER days or more
    severed: np.ndarray  # (groups,) of them, for SEVERED_WINDOW days or more
    silent: np.ndarray  # (groups,) conversations a day that those without a channel would have carried
    ever: np.ndarray  # (groups,) ties that have been without one on some day
    open: np.ndarray  # (groups,) ties with a channel in this arm
    fragile: np.ndarray  # (groups,) of them, with exactly one platform
    back: np.ndarray  # (groups, ways) ties that came back, by way


def empty_contact(groups: int) -> GroupContact:
    """Return the contact of nobody."""
    names = ("members", "without", "entirely", "ties", "out", "lost", "severed", "ever", "open", "fragile")
    whole = {name: np.zeros(groups, np.int64) for name in names}
    return GroupContact(**whole, silent=np.zeros(groups), back=np.zeros((groups, N_WAYS), np.int64))


@kernel
def measure_contact(t: KinTies, baseline: np.ndarray, same: bool, mark: np.ndarray, n: GroupContact) -> None:
    """Add up contact by group (in place).

    ``baseline`` (ties,) are the channels of the baseline arm; ``same`` says that they are those of the last time, so
    that the members stand. ``mark`` (slots,) is room to work in.
    """
    for g in range(n.members.size):
        n.members[g] = n.members[g] if same else 0
        n.without[g], n.entirely[g], n.ties[g], n.out[g], n.lost[g] = 0, 0, 0, 0, 0
        n.severed[g], n.ever[g], n.open[g], n.fragile[g], n.silent[g] = 0, 0, 0, 0, 0.0
        for way in range(N_WAYS):
            n.back[g, way] = 0
    mark[:] = 0
    # Ties between the same two groups are consecutive, so values that most have are added for all of them at once.
    begun = int64(0)
    for k in range(t.diaspora_end.size):
        if t.group[k, 0] != t.group[begun, 0] or t.group[k, 1] != t.group[begun, 1]:
            _measure_ties(begun, k, t, baseline, same, mark, n)
            begun = k
    _measure_ties(begun, t.diaspora_end.size, t, baseline, same, mark, n)
    for slot in range(mark.size):
        if mark[slot] & 1:
            g = t.slot_group[slot]
            n.members[g] += 0 if same else 1
            if not mark[slot] & 2:
                n.without[g] += 1
                n.entirely[g] += 0 if mark[slot] & 4 else 1


@part
def _measure_ties(
    first: int, last: int, t: KinTies, baseline: np.ndarray, same: bool, mark: np.ndarray, n: GroupContact
) -> None:  # fmt: skip
    """Add up the ties ``first:last``, all between the same two groups."""
    ties, is_open, fragile, ever, out = 0, 0, 0, 0, 0
    for k in range(first, last):
        ties += 1 if baseline[k] != 0 else 0
        is_open += 1 if t.channels[k] != 0 else 0
        fragile += 1 if t.channels[k] != 0 and t.channels[k] & (t.channels[k] - 1) == 0 else 0
        ever += 1 if t.first_out[k] >= 0 else 0
        out += 1 if baseline[k] != 0 and t.channels[k] == 0 else 0
    # If no tie is out, nobody is without contact: all kin abroad of a person are in one group, so these are all ties.
    for k in range(first, last if out > 0 or not same else first):
        found = (1 if baseline[k] != 0 else 0) | (2 if t.channels[k] != 0 else 0)
        found |= 4 if t.phone[k] < max(1, t.out_days[k]) else 0
        mark[t.slot[k, 0]] |= found
        mark[t.slot[k, 1]] |= found
    for k in range(first, last if ever > 0 else first):
        if t.first_out[k] >= 0:
            _measure_tie(k, t, baseline, n)
    for end in range(2 if first < last else 0):
        g = t.group[first, end]
        n.ties[g] += ties
        n.open[g] += is_open
        n.fragile[g] += fragile
        n.ever[g] += ever


@leaf
def _measure_tie(k: int, t: KinTies, baseline: np.ndarray, n: GroupContact) -> None:
    """Add a tie that has been without a channel on some day."""
    for end in range(2):
        g = t.group[k, end]
        if t.way_back[k] > 0:
            n.back[g, t.way_back[k] - 1] += 1
        if baseline[k] != 0 and t.channels[k] == 0:
            n.out[g] += 1
            n.silent[g] += t.conversations[k]
            n.lost[g] += 1 if t.out_days[k] >= LOST_AFTER else 0
            n.severed[g] += 1 if t.out_days[k] >= SEVERED_WINDOW else 0


WEEK, MONTH = 7, 30  # days in a row from which a spell counts as one of a week, or of a month


_NEVER = -2  # no day, and not the day before the first one either


class Spells(NamedTuple):
    """People who have kin abroad and their spells without a channel to any of them, in the order of `KinTies.slot`."""

    had: np.ndarray  # (slots,) 1 from the day on which the baseline arm has a channel, else 0
    last: np.ndarray  # (slots,) last day without one, of those who have one in the baseline arm
    now: np.ndarray  # (slots,) length of the spell that includes it [days]
    longest: np.ndarray  # (slots,) length of the longest spell so far [days]


class LostSoFar(NamedTuple):
    """What the days so far come to, by group, in simulated people."""

    had: np.ndarray  # (groups,) people who have had a channel to kin in the baseline arm
    ever: np.ndarray  # (groups,) of them, without any in this arm on some day
    week: np.ndarray  # (groups,) of them, for WEEK days in a row or more
    month: np.ndarray  # (groups,) of them, for MONTH days in a row or more
    days: np.ndarray  # (groups,) days without one, of all of them [person-days]


def no_spells(slots: int) -> Spells:
    """Return the spells of people before the first day."""
    return Spells(
        had=np.zeros(slots, np.uint8),
        last=np.full(slots, _NEVER, np.int16),
        now=np.zeros(slots, np.int16),
        longest=np.zeros(slots, np.int16),
    )


def none_lost(groups: int) -> LostSoFar:
    """Return what no day comes to."""
    return LostSoFar(*(np.zeros(groups, np.int64) for _ in LostSoFar._fields))


@kernel
def follow_spells(day: int, mark: np.ndarray, slot_group: np.ndarray, s: Spells, n: LostSoFar) -> None:
    """Add a day to the spells of those who are without a channel today (in place).

    ``mark`` (slots,) is as `measure_contact` leaves it: bit 1 for who has a channel in the baseline arm, bit 2 for who
    has one in this arm, nothing for groups in which no tie is out.
    """
    for slot in range(mark.size):
        if not mark[slot] & 1:
            continue
        g = slot_group[slot]
        if s.had[slot] == 0:
            s.had[slot] = 1
            n.had[g] += 1
        if mark[slot] & 2:
            continue
        s.now[slot] = s.now[slot] + 1 if s.last[slot] == day - 1 else 1
        s.last[slot] = day
        n.days[g] += 1
        if s.now[slot] > s.longest[slot]:
            # The longest spell grows by single days, so each length is reached once.
            s.longest[slot] = s.now[slot]
            n.ever[g] += 1 if s.now[slot] == 1 else 0
            n.week[g] += 1 if s.now[slot] == WEEK else 0
            n.month[g] += 1 if s.now[slot] == MONTH else 0

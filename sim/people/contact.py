"""Contact: pairs of relatives in two states with a working app today, and time without one.

A tie has a channel if some platform that carries talk is used, and works, at both ends: WeChat
banned at one end and WhatsApp blocked at the other leave none. A tie without a channel is out of
contact, lost after thirty days in a row. Whether a person was out of contact at all, for a week in
a row or for a month, depends on that person's history. It is stored as four small numbers per
person, and summed by group during the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import int64

from ..core.chance import uniform
from ..core.kernels import kernel, leaf, lowest, part
from ..facts.model import MODES
from .access import AccessDiff
from .circumvention import luck_of_vpn, opens_directly
from .events import BACK, CALLS, CHANGED, LOST, PHONES, Log, note
from .kernel_types import NEVER_DAYS, Bonds, Outcome, Rows, VisitContext
from .state import Counts, carry_out

VOICE = MODES.index("voice")
VIDEO = MODES.index("video")
BRIDGED = np.int64(
    -(2**63)
)  # a bridge between two messengers, as a channel; no platform has this bit
LOST_AFTER = 30  # days without a channel after which a tie counts as lost
SEVERED_WINDOW = 90  # days at the end of a run; a severed tie has no channel on any of them
# lengths of a spell that counts as one week, or one month [days]
WEEK = 7
MONTH = 30
# ways back, in the order of `splinternet.metrics.registry.WAYS`
ACCESS_BACK = 1
VPN = 2
SUBSTITUTE = 3
BRIDGE = 4
N_WAYS = 4
_NO_DAY = -2  # unlike -1, not the day before the first


@leaf
def calls_work(i: int, p: int, ctx: VisitContext) -> bool:
    """Return whether a person can call on a platform: it carries calls, and they get through
    directly or by VPN.
    """
    weight = ctx.world.platform[p].mode_weight
    cell = ctx.access[ctx.people[i].state, p]
    if weight[VOICE] + weight[VIDEO] <= 0.0:
        return False
    provider = uniform(ctx.keys.provider, i)
    if provider >= 1.0 - max(cell.reach[VOICE], cell.reach[VIDEO]):
        return True
    if ctx.people[i].vpn == 0 or (cell.dark > 0.0 and provider < cell.dark):
        return False
    return luck_of_vpn(i, p, ctx) < cell.vpn_share


@leaf
def with_calls(i: int, j: int, platforms: int, ctx: VisitContext) -> int:
    """Return those of some platforms (bits) on which two people can call each other."""
    callable_on = int64(0)
    left = platforms
    while left != 0:
        p = lowest(left)
        left &= left - 1
        if calls_work(i, p, ctx) and calls_work(j, p, ctx):
            callable_on |= int64(1) << p
    return callable_on


class KinTies(NamedTuple):
    """Kin ties abroad and their contact so far."""

    diaspora_end: np.ndarray  # (ties,)
    family_end: np.ndarray  # (ties,)
    conversations: np.ndarray  # (ties,) conversations a day
    phone: np.ndarray  # (ties,) days until the pair phones instead, with today's known numbers
    afraid: np.ndarray  # (ties,) whether it uses first-day channels only
    calls_only: np.ndarray  # (ties,) whether the family end only calls
    channels: np.ndarray  # (ties,) platforms that connect the two ends today, bits
    before: np.ndarray  # (ties,) channels yesterday
    first: np.ndarray  # (ties,) channels on the first day; before it, all bits
    out_days: (
        np.ndarray
    )  # (ties,) days in a row without a channel, for ties with one in the baseline arm
    way_back: np.ndarray  # (ties,) way of the first return, 0 for none
    first_out: np.ndarray  # (ties,) first day without a channel, -1 if there was none
    first_back: np.ndarray  # (ties,) day of the first return, -1 for none
    no_line: np.ndarray  # (ties,) whether the telephone lines of either end are cut today
    group: np.ndarray  # (ties, 2) groups of the two ends
    slot: np.ndarray  # (ties, 2) slots of the two ends: positions among people with kin abroad
    slot_group: np.ndarray  # (slots,) group of each person with kin abroad
    since: (
        np.ndarray
    )  # (ties,) day on which a tie lost the last channel that it had on the first day, -1 for none
    # (people,) platforms that count as lost, and as kept, under the errors of the run, bits
    missed: np.ndarray
    spared: np.ndarray
    rings: np.ndarray  # (ties,) 1 once a user's own rule makes the pair telephone
    prepared: (
        np.ndarray
    )  # (ties,) days of notice so far, weighted by the share of channels that the law removes
    searched: np.ndarray  # (ties,) days since then on which they could arrange another channel
    led: (
        np.ndarray
    )  # (ties,) days since ``since`` on which a relative in the same household was in contact
    agreed: np.ndarray  # (ties,) platform on which the two agree today, -1 for none
    # (slots,) platforms agreed on today, bits; working memory, 0 outside this phase
    asked: np.ndarray
    start: np.ndarray  # (people + 1,) row of each person in `ties_of`
    ties_of: np.ndarray  # (2 ties,) ties of each person, person by person


def kin_ties(ties: Any, bonds: Bonds, people: Rows) -> KinTies:
    """Return the kin ties abroad of a world on its first day.

    Parameters
    ----------
    ties : splinternet.world.ties.Ties
        Ties with ``diaspora_end``, ``family_end`` and ``conversations``.
    bonds : Bonds
        Traits of the same ties.
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
        before=np.zeros(n, np.int64),
        first=np.full(n, -1, np.int64),
        out_days=np.zeros(n, np.int32),
        way_back=np.zeros(n, np.int8),
        first_out=np.full(n, -1, np.int32),
        first_back=np.full(n, -1, np.int32),
        no_line=np.zeros(n, np.bool_),
        missed=np.zeros(people.size, np.int64),
        spared=np.zeros(people.size, np.int64),
        since=np.full(n, -1, np.int32),
        rings=np.zeros(n, np.uint8),
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
def find_lines(kin: KinTies, cut: np.ndarray, ctx: VisitContext) -> None:
    """Find whether the telephone lines of either end of each tie are cut today (in place).

    ``cut`` (places,) is the share of people with cut lines; the provider decides for a person, as
    in every partial cut.
    """
    for k in range(kin.diaspora_end.size):
        kin.no_line[k] = False
        for i in (kin.diaspora_end[k], kin.family_end[k]):
            share = cut[ctx.people[i].state]
            if share > 0.0 and uniform(ctx.keys.provider, i) < share:
                kin.no_line[k] = True


@leaf
def telephones(k: int, days: int, kin: KinTies) -> bool:
    """Return whether a pair telephones after some days without a channel."""
    return not kin.no_line[k] and kin.phone[k] < days


@kernel
def find_channels(kin: KinTies, ctx: VisitContext) -> None:
    """Find the platforms that connect the two ends of each tie (in place)."""
    for k in range(kin.diaspora_end.size):
        _find_channel(k, kin, ctx)


@kernel
def find_channels_of(who: np.ndarray, kin: KinTies, ctx: VisitContext) -> None:
    """Find the channels of the ties of the people ``who`` again (in place)."""
    for a in range(who.size):
        for row in range(kin.start[who[a]], kin.start[who[a] + 1]):
            _find_channel(int64(kin.ties_of[row]), kin, ctx)


@leaf
def _find_channel(k: int, kin: KinTies, ctx: VisitContext) -> None:
    """Find the platforms that connect the two ends of one tie (in place)."""
    i = kin.diaspora_end[k]
    j = kin.family_end[k]
    one = ctx.people[i]
    other = ctx.people[j]
    bridged = ctx.world.bridged
    lost = kin.missed[i] | kin.missed[j]
    channels = one.using & other.using & one.abroad & other.abroad & ctx.world.talk_bits & ~lost
    # The law at one end bridges two messengers.
    joined = bridged[one.state] | bridged[other.state]
    if kin.calls_only[k]:  # a bridge carries only text
        channels = with_calls(i, j, channels, ctx)
    elif one.using & joined != 0 and other.using & joined != 0:
        channels |= BRIDGED
    kept = kin.spared[i] | kin.spared[j]
    if kept != 0:
        here = one.using | kin.spared[i]
        there = other.using | kin.spared[j]
        channels |= kept & here & there & ~lost & kin.first[k]
    kin.channels[k] = channels & kin.first[k] if kin.afraid[k] else channels


@dataclass
class ContactCache:
    """People whose channels of kin ties must be found again because their platforms or VPN changed.

    Attributes
    ----------
    people : numpy.ndarray of int32
        Numbers of people; the first ``n_people`` changed today.
    n_found : int
        Number of them with channels found again today; -1 if none has been processed yet.
    anybody : bool
        Whether anybody changed today; on the first day, everybody has.
    ever : bool
        Whether anybody has changed since the first day.
    out_of_touch : int
        Kin ties without their first-day channels at the last update.
    is_updated : bool
        Whether contact was counted again today; otherwise it is unchanged.
    """

    people: np.ndarray
    n_people: int = 0
    n_found: int = -1
    anybody: bool = True
    ever: bool = False
    out_of_touch: int = 0
    is_updated: bool = True

    def clear(self) -> None:
        """Begin a day on which nobody has changed."""
        self.n_people = 0
        self.n_found = -1
        self.anybody = False

    def carry_out(
        self, due: np.ndarray, out: Outcome, ctx: VisitContext, counts: Counts, log: Log
    ) -> None:
        """Carry out the decisions of the people ``due``, and note the people who changed."""
        if len(self.people) < self.n_people + len(due):  # a person may decide twice a day
            self.people = np.concatenate([self.people, np.empty(len(due), np.int32)])
        self.n_people += carry_out(due, ctx, out, counts, log, self.people[self.n_people :])
        self.anybody = self.n_people > 0
        self.ever |= self.anybody

    def note(self, people: np.ndarray) -> None:
        """Note that the channels of some people must be found again."""
        n = self.n_people + len(people)
        if len(self.people) < n:
            self.people = np.concatenate([self.people, np.empty(n, np.int32)])
        self.people[self.n_people : n] = people
        self.n_people = n
        self.anybody = True
        self.ever = True

    def update(self, kin: KinTies, access: AccessDiff, ctx: VisitContext) -> None:
        """Find the channels of kin ties again (in place) if they may have changed since the last
        call today.
        """
        if self.n_found < 0 and (access.bridges or calls_changed(kin, access)):
            find_channels(kin, ctx)
        else:
            find_channels_of(self.people[max(0, self.n_found) : self.n_people], kin, ctx)
        self.n_found = self.n_people


def calls_changed(kin: KinTies, access: AccessDiff) -> bool:
    """Return whether calls may have started or stopped working since yesterday for kin who only
    call.
    """
    return bool(access.changed.any() and kin.calls_only.any())


@kernel
def follow(kin: KinTies, baseline: np.ndarray, ctx: VisitContext, log: Log) -> None:
    """Count each tie's days without a channel, relative to the baseline arm, and note ways of
    return.

    ``baseline`` (ties,) are the baseline arm's channels, bits.
    """
    for k in range(kin.diaspora_end.size):
        days_out = kin.out_days[k]
        kin.out_days[k] = 0
        if baseline[k] != 0 and kin.channels[k] == 0:
            kin.out_days[k] = days_out + 1
            if kin.first_out[k] < 0:
                kin.first_out[k] = ctx.today.day
        elif days_out > 0 and kin.way_back[k] == 0 and kin.channels[k] != 0:
            kin.first_back[k] = ctx.today.day
            kin.way_back[k] = _way_back(k, kin, ctx)
        if log.ties.size > 0 and log.ties[k]:
            _log_contact(k, days_out, baseline[k], kin, ctx, log)
        kin.before[k] = kin.channels[k]


@part
def _log_contact(
    k: int, days_out: int, baseline: int, kin: KinTies, ctx: VisitContext, log: Log
) -> None:
    """Log the changes of a tie today; ``days_out`` is its time out of contact until yesterday
    [days].
    """
    was = kin.before[k]
    now = kin.channels[k]
    days = kin.out_days[k]
    what = CHANGED
    if days == 1:
        what = LOST
        now = baseline
    elif days == 0 and days_out > 0 and now != 0:
        what = BACK
    if what != CHANGED or now != was:
        gone = was if was != 0 or what != LOST else now
        p, end = _without_calls(k, gone & ~(BRIDGED if what == LOST else now), kin, ctx)
        note(log, what, k, p, CALLS, end, days_out, was, now)
    if telephones(k, days, kin) and (days == 1 or kin.phone[k] >= days - 1):
        note(log, PHONES, k, -1, 0, 0, days, was, 0)


@part
def _without_calls(k: int, platforms: int, kin: KinTies, ctx: VisitContext) -> tuple[int, int]:
    """Return the first of some platforms (bits) that kin who only call still have, and the end that
    cannot call.

    Both are -1 if there is none.
    """
    i = kin.diaspora_end[k]
    j = kin.family_end[k]
    left = (
        platforms & ctx.people[i].using & ctx.people[j].using & ~BRIDGED
        if kin.calls_only[k]
        else int64(0)
    )
    while left != 0:
        p = lowest(left)
        left &= left - 1
        if not calls_work(i, p, ctx):
            return p, 0
        if not calls_work(j, p, ctx):
            return p, 1
    return -1, -1


@part
def _way_back(k: int, kin: KinTies, ctx: VisitContext) -> int:
    """Return the way of a tie's return: a former platform (directly or by VPN), another one, or a
    bridge.
    """
    old = kin.channels[k] & kin.first[k] & ~BRIDGED
    if old == 0:
        return BRIDGE if kin.channels[k] == BRIDGED else SUBSTITUTE
    while old != 0:
        p = lowest(old)
        old &= old - 1
        if not (
            _by_workaround(kin.diaspora_end[k], p, ctx) or _by_workaround(kin.family_end[k], p, ctx)
        ):
            return ACCESS_BACK
    return VPN


@leaf
def _by_workaround(i: int, p: int, ctx: VisitContext) -> bool:
    """Return whether a person can use a platform only by VPN, or with an app from a foreign
    store.
    """
    return not opens_directly(i, p, ctx) or ctx.private[i].uninstalled >> p & 1 == 1


class GroupContact(NamedTuple):
    """Contact of each group, in simulated people and ties."""

    members: np.ndarray  # (groups,) people with a channel to kin in the baseline arm
    without: np.ndarray  # (groups,) those of them without one in this arm
    entirely: np.ndarray  # (groups,) those of them who do not telephone either
    ties: np.ndarray  # (groups,) ties with a channel in the baseline arm
    out: np.ndarray  # (groups,) those of them without one in this arm
    lost: np.ndarray  # (groups,) those without one for LOST_AFTER days or more
    severed: np.ndarray  # (groups,) those without one for SEVERED_WINDOW days or more
    silent: np.ndarray  # (groups,) usual conversations a day of the ties without a channel
    ever: np.ndarray  # (groups,) ties that have been without one on any day
    open: np.ndarray  # (groups,) ties with a channel in this arm
    fragile: np.ndarray  # (groups,) open ties with exactly one platform
    back: np.ndarray  # (groups, ways) ties that came back, by way


def empty_contact(groups: int) -> GroupContact:
    """Return zero counts of contact."""
    tables = {"silent": np.zeros(groups), "back": np.zeros((groups, N_WAYS), np.int64)}
    return GroupContact(
        **tables,
        **{name: np.zeros(groups, np.int64) for name in GroupContact._fields if name not in tables},
    )


def measure_contact(kin: KinTies, baseline: np.ndarray, mark: np.ndarray, n: GroupContact) -> None:
    """Add up contact by group (in place).

    Parameters
    ----------
    t : KinTies
    baseline : numpy.ndarray, shape (ties,)
        Channels of the baseline arm, bits.
    mark : numpy.ndarray of uint8, shape (slots,)
        Overwritten: 1 for people with a channel in the baseline arm, 2 for people with one in this
        arm, 4 for people who phone, as bits.
    n : GroupContact
    """
    for array in (*n, mark):
        array.fill(0)
    _add_up(kin, baseline, mark, n)


@kernel
def _add_up(kin: KinTies, baseline: np.ndarray, mark: np.ndarray, n: GroupContact) -> None:
    for k in range(kin.diaspora_end.size):
        in_baseline = baseline[k] != 0
        channels = kin.channels[k]
        out_days = kin.out_days[k]
        bits = (
            (1 if in_baseline else 0)
            | (2 if channels != 0 else 0)
            | (4 if telephones(k, max(1, out_days), kin) else 0)
        )
        for end in range(2):
            g = kin.group[k, end]
            mark[kin.slot[k, end]] |= bits
            n.ties[g] += 1 if in_baseline else 0
            n.open[g] += 1 if channels != 0 else 0
            n.fragile[g] += 1 if channels != 0 and channels & (channels - 1) == 0 else 0
            n.ever[g] += 1 if kin.first_out[k] >= 0 else 0
            if kin.way_back[k] > 0:
                n.back[g, kin.way_back[k] - 1] += 1
            if in_baseline and channels == 0:
                n.out[g] += 1
                n.silent[g] += kin.conversations[k]
                n.lost[g] += 1 if out_days >= LOST_AFTER else 0
                n.severed[g] += 1 if out_days >= SEVERED_WINDOW else 0
    for slot in range(mark.size):
        if mark[slot] & 1:
            g = kin.slot_group[slot]
            n.members[g] += 1
            if not mark[slot] & 2:
                n.without[g] += 1
                n.entirely[g] += 0 if mark[slot] & 4 else 1


class Spells(NamedTuple):
    """Spells of people without a channel to any kin abroad, in the order of `KinTies.slot`."""

    had: np.ndarray  # (slots,) 1 from the day on which the baseline arm has a channel, else 0
    last: np.ndarray  # (slots,) last day without a channel, for people with one in the baseline arm
    now: np.ndarray  # (slots,) length of the spell that includes that day [days]
    longest: np.ndarray  # (slots,) length of the longest spell so far [days]
    cut_off: np.ndarray  # (slots,) 1 from the first day on which they could not telephone either


class LostSoFar(NamedTuple):
    """Totals of the days so far, by group, in simulated people."""

    had: np.ndarray  # (groups,) people who have had a channel to kin in the baseline arm
    ever: np.ndarray  # (groups,) those of them without one in this arm on any day
    week: np.ndarray  # (groups,) those without one for WEEK days in a row or more
    month: np.ndarray  # (groups,) those without one for MONTH days in a row or more
    days: np.ndarray  # (groups,) days without one, summed over people [person-days]
    cut_off: np.ndarray  # (groups,) people who on some day could not telephone either


def no_spells(slots: int) -> Spells:
    """Return the spells of people before the first day."""
    return Spells(
        had=np.zeros(slots, np.uint8),
        last=np.full(slots, _NO_DAY, np.int16),
        now=np.zeros(slots, np.int16),
        longest=np.zeros(slots, np.int16),
        cut_off=np.zeros(slots, np.uint8),
    )


def none_lost(groups: int) -> LostSoFar:
    """Return zero counts."""
    return LostSoFar(*(np.zeros(groups, np.int64) for _ in LostSoFar._fields))


def days_out_of_touch(kin: KinTies, spells: Spells, people: int) -> np.ndarray:
    """Return each person's days in a row without an app to any relative abroad, at the last update;
    shape (people,).

    It is 0 for people with a channel, and for people without one in the baseline arm (in that arm:
    on the first day).
    """
    days = np.zeros(people, np.int16)
    ends = (kin.diaspora_end, kin.family_end)
    is_out = kin.out_days > 0
    is_open = kin.channels != 0
    for side, end in enumerate(ends):
        days[end[is_out]] = spells.now[kin.slot[is_out, side]]
    for end in ends:
        days[end[is_open]] = 0
    return days


@kernel
def follow_spells(
    day: int, mark: np.ndarray, slot_group: np.ndarray, s: Spells, n: LostSoFar
) -> None:
    """Add a day to the spells of people without a channel today (in place).

    ``mark`` (slots,) comes from `measure_contact`.
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
        if not mark[slot] & 4 and s.cut_off[slot] == 0:
            s.cut_off[slot] = 1
            n.cut_off[g] += 1
        if s.now[slot] > s.longest[slot]:
            # The longest spell grows by single days, so each length is reached once.
            s.longest[slot] = s.now[slot]
            n.ever[g] += 1 if s.now[slot] == 1 else 0
            n.week[g] += 1 if s.now[slot] == WEEK else 0
            n.month[g] += 1 if s.now[slot] == MONTH else 0

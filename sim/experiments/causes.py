"""Why kin ties are out of contact: a log of each tie, the event that ended its last channel, and the policy behind it.

The engine keeps no history, so `KinLog` goes round each day of a run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.arm import Arm
from sim.people.access import AccessTable, moved
from sim.people.contact import BRIDGED, can_call
from sim.people.kernel_types import NEVER_DAYS, Rows, empty_outcome, empty_scratch
from sim.people.visit import VALUE_DTYPE, look_back
from sim.policies.base import Policy
from sim.policies.law import Docket, access_under
from sim.results.ties import NEVER, RANKS, KinHistory, KinTable, MemberTies
from sim.world.people import youth_of

WORKS, TIRED, POOR = "works well enough", "works well enough by VPN alone", "works too poorly"
NO_WAY, GONE, CALLS, APART, BRIDGE = (
    "no way to it", "app gone", "calls do not get through", "no longer used with kin", "bridge ended",
)  # fmt: skip
CAUSES = (WORKS, TIRED, POOR, NO_WAY, GONE, CALLS, APART, BRIDGE)
"""Why the last channel of a tie ended, by what the app gives the end that does not use it.

It gives at least what doing without gives; it does so by a workaround alone, a habit that fades; it gives something,
but less; nothing gets through; it has left the phone. Or both still use it, but calls do not get through to kin who
only call; or not with each other; or the bridge between two messengers has ended. Where both ends stopped on one day,
the first of these that is true of either counts.
"""
RULES = {
    WORKS: "left for another app",
    TIRED: "workaround given up",
    POOR: "poor service",
    NO_WAY: "blocked",
    GONE: "update lapsed",
    CALLS: "calls blocked",
    APART: "not used with kin",
    BRIDGE: "bridge ended",
}
"""The same as the table of ties names it; a service that is slower than on the first day has decayed."""
DECAYED = "service decayed"
_LATE = 365  # days in force at which an announced policy is evaluated


class Cause(NamedTuple):
    """What ended the last channel of a tie.

    Attributes
    ----------
    cause : str
        One of `CAUSES`.
    who, platform : int
        The end that stopped using a platform, and the platform; -1 if neither end stopped.
    """

    cause: str
    who: int = -1
    platform: int = -1


def causes(arm: Arm, lost: np.ndarray, before: np.ndarray, morning: Rows) -> list[Cause]:
    """Return the cause for each of some ties that are out of contact for the first time today.

    Parameters
    ----------
    arm : Arm
        At the end of the day.
    lost : numpy.ndarray of int, shape (losses,)
        The ties.
    before : numpy.ndarray of int64, shape (losses,)
        Their channels of yesterday, bits.
    morning : numpy.ndarray of PERSON, shape (people,)
        Everybody this morning, as the visits of the day found them: a VPN that is got today opens nothing before
        tomorrow, and who comes back today is met then.
    """
    asked: list[tuple[int, int, int]] = []
    found = [Cause(APART if int(channels) & ~int(BRIDGED) else BRIDGE) for channels in before]
    for k, (tie, channels) in enumerate(zip(lost, before, strict=True)):
        for who in (arm.kin.diaspora_end[tie], arm.kin.family_end[tie]):
            stopped = int(channels) & ~int(BRIDGED) & ~int(arm.person["using"][who])
            while stopped:
                asked.append((k, int(who), (stopped & -stopped).bit_length() - 1))
                stopped &= stopped - 1
        if arm.kin.calls_only[tie]:
            found[k] = _without_calls(arm, int(tie), int(channels) & ~int(BRIDGED)) or found[k]
    given = reasons(arm, [(who, platform) for _, who, platform in asked], morning)
    for (k, _, _), cause in zip(asked, given, strict=True):
        if CAUSES.index(cause.cause) < CAUSES.index(found[k].cause):
            found[k] = cause
    return found


def _without_calls(arm: Arm, tie: int, channels: int) -> Cause | None:
    """Return the end that no longer can call on a platform that both still use, for kin who only call; else nothing."""
    ctx = arm.context()
    ends = int(arm.kin.diaspora_end[tie]), int(arm.kin.family_end[tie])
    for p in range(len(arm.setting.platforms)):
        if channels >> p & 1 and all(int(arm.person["using"][who]) >> p & 1 for who in ends):
            for who in ends:
                if not can_call(who, p, ctx):
                    return Cause(CALLS, who, p)
    return None


def reasons(arm: Arm, asked: Sequence[tuple[int, int]], morning: Rows) -> list[Cause]:
    """Return what people find today on platforms, as the cause of what they do about them.

    Parameters
    ----------
    arm : Arm
        After its people have decided today.
    asked : sequence of (int, int)
        Person and platform of each look.
    morning : numpy.ndarray of PERSON, shape (people,)
        Everybody this morning, as for `causes`.
    """
    if not asked:
        return []
    places = _what_it_gives(arm, asked, morning)
    return [Cause(CAUSES[place], who, platform) for (who, platform), place in zip(asked, places, strict=True)]


def _what_it_gives(arm: Arm, asked: Sequence[tuple[int, int]], morning: Rows) -> np.ndarray:
    """Return the place in `CAUSES` of what each app gives each person today, shape (looks,)."""
    n, platforms = len(asked), len(arm.setting.platforms)
    who, platform = (np.array([row[at] for row in asked], np.int64) for at in (0, 1))
    found = np.zeros(n, VALUE_DTYPE)
    state, partner = arm.group_table.state, arm.group_table.partner
    offer = 0.5 * (arm.offer[state] + arm.offer[partner])
    ctx = arm.context(audience=offer)._replace(people=morning)
    room = empty_scratch(platforms, int(np.diff(arm.columns.start).max()))
    look_back(who, platform, morning["vpn"][who] > 0, ctx, empty_outcome(n, platforms), room, found)
    direct, best, without, gone = (found[name] for name in VALUE_DTYPE.names or ())
    is_so = [direct >= without, best >= without, best > 0.0, gone == 0]
    return np.select(is_so, [CAUSES.index(cause) for cause in (WORKS, TIRED, POOR, NO_WAY)], CAUSES.index(GONE))


class Blame:
    """Which policy is behind what people find on a platform: the one that alone would change it most.

    Parameters
    ----------
    arm : Arm
        The arm whose law it is.
    """

    def __init__(self, arm: Arm) -> None:
        self._first: AccessTable = arm.opening.access
        self._alone: dict[str, tuple[int, AccessTable, frozenset[int]]] = {}

    def of(self, arm: Arm, cause: Cause) -> tuple[str, str]:
        """Return the id of the policy, empty where none changes anything there, and the rule in `RULES`."""
        if cause.who < 0:
            return "", RULES[cause.cause]
        place, p = int(arm.person["state"][cause.who]), cause.platform
        state = int(arm.world.places.state[place])
        rule = RULES[cause.cause]
        if cause.cause == POOR and arm.cells["speed"][place, p] < self._first.speed[state, p]:
            rule = DECAYED
        self._look(arm)
        sizes = {policy: self._change(policy, cause.cause, state, p) for policy in self._alone}
        # Of policies with the same effect, the one in force longest counts; an ended one counts only if no other does.
        days = {policy.id: n for policy, n in arm.docket.in_force}
        worst = max(sizes, key=lambda policy: (sizes[policy], policy in days, days.get(policy, -1)), default="")
        return (worst if worst and max(sizes[worst]) > 0 else ""), rule

    def of_bridge(self, arm: Arm) -> str:
        """Return the id of the policy that joins messengers, the first by id; empty where none does."""
        self._look(arm)
        joined = (
            policy for policy, (_, table, _) in self._alone.items() if (table.bridged != self._first.bridged).any()
        )
        return min(joined, default="")

    def _look(self, arm: Arm) -> None:
        """Work out what each policy known of would do alone; again whenever its days in force have doubled."""
        known = [(policy, days) for policy, days in arm.docket.in_force]
        in_force = {policy.id for policy, _ in known}
        known += [(notice.policy, _LATE) for notice in arm.docket.announced if notice.policy.id not in in_force]
        for policy, days in known:
            seen = self._alone.get(policy.id)
            if seen is None or seen[0] != days.bit_length():
                self._alone[policy.id] = (days.bit_length(), *self._under(arm, policy, days))

    def _under(self, arm: Arm, policy: Policy, days: int) -> tuple[AccessTable, frozenset[int]]:
        """Return the access table under a policy alone, and the states for which it differs from the first day's."""
        table = access_under(Docket(((policy, days),), ()), self._first, arm.setting)
        return table, frozenset(moved(self._first, table).tolist())

    def _change(self, policy: str, cause: str, state: int, p: int) -> tuple[float, float]:
        """Return how much a policy alone changes of what ended a channel, and of anything there."""
        _, table, states = self._alone[policy]
        if state not in states:
            return 0.0, 0.0
        first = self._first
        reach = float((first.reach[state, p] - table.reach[state, p]).max())
        speed = float(first.speed[state, p] - table.speed[state, p])
        install = float((first.install[state, p] - table.install[state, p]).max())
        install += float(table.install_hazard[state, p].max())
        whole = float(np.abs(table.block[state, p] - first.block[state, p]).sum())
        return {GONE: install, NO_WAY: reach, CALLS: reach, TIRED: reach, POOR: max(reach, speed)}.get(
            cause, 0.0
        ), whole


class KinLog:
    """The changes of the channels of kin ties in one arm, and the causes of first losses.

    Parameters
    ----------
    arm : Arm
        Before its first day. `morning` and `evening` go round each of its days.
    """

    def __init__(self, arm: Arm) -> None:
        self.arm = arm
        self._before = arm.kin.first.copy()
        self._seen = self._before.copy()
        self._phone = arm.kin.phone.copy()
        self._number_on = np.where(self._phone < NEVER_DAYS, 0, -1).astype(np.int16)
        self._changes: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._cause = np.full(self._seen.size, -1, np.int16)
        self._causes: dict[tuple[str, str], int] = {}
        self._blame = Blame(arm)
        self._people: Rows | None = None

    def morning(self) -> None:
        """Note what the day begins with, in an arm that has any law: nothing is lost in another."""
        arm = self.arm
        if not arm.spec.behaviour.on and (arm.arm == "baseline" or not arm.spec.policies):
            return
        if self._people is None:
            self._people = np.empty_like(arm.person)
        np.copyto(self._people.view(np.uint8), arm.person.view(np.uint8))  # as bytes: half the time of a copy by fields

    def evening(self) -> None:
        """Note which ties have other channels than yesterday, and why ties are lost for the first time."""
        arm, now = self.arm, self.arm.kin.channels
        lost = np.flatnonzero(arm.kin.first_out == arm.day)
        if lost.size and self._people is not None:
            # On the first day the world differs between the arms, so use the first condition of the other arm.
            other = arm.baseline.kin.first if arm.baseline is not None else self._before
            yesterday = np.where(self._seen[lost] != 0, self._seen[lost], other[lost])
            for tie, cause in zip(lost, causes(arm, lost, yesterday, self._people), strict=True):
                known = self._blame.of(arm, cause)
                self._cause[tie] = self._causes.setdefault(known, len(self._causes))
        exchanged = np.flatnonzero(
            arm.kin.phone != self._phone
        )  # before a ban with a date, some exchange their numbers
        self._number_on[exchanged], self._phone[exchanged] = arm.day, arm.kin.phone[exchanged]
        changed = np.flatnonzero(now != self._seen)
        if changed.size:
            day = np.full(changed.size, arm.day, np.int16)
            self._changes.append((changed.astype(np.int32), day, now[changed].copy()))
            self._seen[changed] = now[changed]

    def history(self) -> KinHistory:
        """Return what was noted."""
        none = np.zeros(0, np.int32), np.zeros(0, np.int16), np.zeros(0, np.int64)
        tie, day, channels = (np.concatenate(column) for column in zip(none, *self._changes, strict=True))
        kin = self.arm.kin
        return KinHistory(
            before=self._before,
            tie=tie,
            day=day,
            channels=channels,
            first_out=kin.first_out.astype(np.int16),
            first_back=kin.first_back.astype(np.int16),
            way_back=kin.way_back.copy(),
            number_on=self._number_on,
            cause=self._cause,
            causes=tuple(self._causes),
        )


def member_ties(baseline: KinLog, policy: KinLog) -> MemberTies:
    """Return the kin ties of a member from the logs of its arms."""
    return MemberTies(kin_table(policy.arm), baseline.history(), policy.history())


def kin_table(arm: Arm) -> KinTable:
    """Return who is tied to whom, and who these people are."""
    kin = arm.kin
    person = np.unique(np.concatenate([kin.diaspora_end, kin.family_end]))
    youth = youth_of(arm.member_seed, 0, arm.person.size)[person]
    spread = arm.world.setting.parameters["circumvention.effort_spread"]
    effort = np.log(arm.person["effort"][person].astype(np.float64))
    return KinTable(
        person=person.astype(np.int32),
        group=kin.slot_group.astype(np.int16),
        age=_rank(-youth),
        skill=_rank(-effort / spread if spread > 0 else np.zeros(person.size)),
        diaspora_end=kin.slot[:, 0].astype(np.int32),
        family_end=kin.slot[:, 1].astype(np.int32),
        conversations=kin.conversations.copy(),
        phone=np.minimum(np.floor(kin.phone), NEVER).astype(np.int16),
    )


def _rank(normal: np.ndarray) -> np.ndarray:
    """Return the share of people with a lower value of a standard normal trait, in `RANKS`-ths."""
    share = [0.5 * (1.0 + math.erf(z / math.sqrt(2.0))) for z in normal.tolist()]
    return np.round(np.array(share) * RANKS).astype(np.int16)

"""Events of single kin ties: contact lost, other channels, an agreement, contact again, the telephone instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.arm import Arm
from sim.experiments.why_lost import WORKS, Blame, Cause, causes
from sim.people.contact import BRIDGED
from sim.people.kernel_types import Rows

WOKEN, HOUSEHOLD, ARRANGED = "both had it", "brought by a relative", "arranged"
BEFOREHAND, NUMBERS = "beforehand", "telephone numbers"
SAME, OTHER_APP, A_BRIDGE = "on a platform of before", "on another platform", "over a bridge"
ADDED, PHONE = "one more in common", "telephone"


class TieStep(NamedTuple):
    """What becomes of one tie.

    Attributes
    ----------
    tie : int
    what : str
        One of `sim.results.lives.BETWEEN`, or ``agrees``.
    platforms, instead : int
        Bits.
    rule, policy : str
    value : float
        Days out of contact, of ``back`` and ``phones``; NaN for others [days].
    """

    tie: int
    what: str
    platforms: int
    rule: str
    policy: str
    instead: int = 0
    value: float = float("nan")


class TieWatch:
    """Some kin ties of an arm, their channels, and why they change.

    Parameters
    ----------
    arm : Arm
        Before its first day.
    ties : numpy.ndarray of int, shape (watched,)
    blame : Blame
        Of the same arm.
    """

    def __init__(self, arm: Arm, ties: np.ndarray, blame: Blame) -> None:
        self._arm, self._ties, self._blame = arm, ties, blame
        self._seen = arm.kin.channels[ties].copy()
        self._out = np.zeros(ties.size, np.int64)
        self._calls = np.zeros(ties.size, np.bool_)
        self._phone = arm.kin.phone[ties].copy()
        self._behind: dict[int, str] = {}

    def agreements(self, new: dict[int, int], morning: Rows) -> list[TieStep]:
        """Return which pairs have agreed on a platform today; between agreeing and finding the channels.

        Parameters
        ----------
        new : dict of int to int
            Person -> platforms taken up by an agreement today, bits; who has nothing new is not in it.
        morning : numpy.ndarray of PERSON, shape (people,)
        """
        kin = self._arm.kin
        found = list(self._numbers())
        if not new:
            return found
        for k, tie in enumerate(self._ties.tolist()):
            p, ends = int(kin.agreed[tie]), (int(kin.diaspora_end[tie]), int(kin.family_end[tie]))
            if p < 0 or not any(new.get(end, 0) >> p & 1 for end in ends):
                continue
            had = int(self._seen[k]) or int(kin.first[tie])
            if kin.channels[tie] != 0:
                found.append(TieStep(tie, "agrees", 1 << p, BEFOREHAND, self._coming(tie), had))
                continue
            if self._out[k] == 0 and tie not in self._behind:
                self._behind[tie] = self._why(tie, had, morning)[0]
            found.append(TieStep(tie, "agrees", 1 << p, self._how(tie, p, morning), self._behind.get(tie, ""), had))
        return found

    def _numbers(self) -> Iterator[TieStep]:
        """Yield the ties whose two ends have given each other their telephone numbers today, in view of what comes."""
        phone = self._arm.kin.phone[self._ties]
        for tie in self._ties[phone < self._phone].tolist():
            yield TieStep(tie, "numbers", 0, NUMBERS, self._coming(tie), int(self._arm.kin.channels[tie]))
        self._phone = phone

    def _coming(self, tie: int) -> str:
        """Return the policy that takes most of what joins a tie, in the end."""
        kin, cells, most, found = self._arm.kin, self._arm.cells, 0.0, Cause(WORKS)
        for end in (int(kin.diaspora_end[tie]), int(kin.family_end[tie])):
            place = int(self._arm.person["state"][end])
            for p in range(len(self._arm.setting.platforms)):
                taken = float(cells["coming"][place, p])
                if int(kin.channels[tie]) >> p & 1 and taken > most:
                    most, found = taken, Cause(WORKS, end, p)
        return self._blame.of(self._arm, found)[0]

    def followed(self, baseline: np.ndarray, morning: Rows) -> list[TieStep]:
        """Return what is not as it was yesterday, after contact is worked out.

        Parameters
        ----------
        baseline : numpy.ndarray of int64, shape (all ties,)
            Channels without the policies.
        morning : numpy.ndarray of PERSON, shape (people,)
        """
        now, without = self._arm.kin.channels[self._ties], baseline[self._ties]
        out = (without != 0) & (now == 0)
        moved = np.flatnonzero((now != self._seen) | (out != (self._out > 0)))
        found = [step for k in moved.tolist() for step in self._step(k, bool(out[k]), int(without[k]), morning)]
        self._out = np.where(out, self._out + 1, 0)
        self._seen[:] = now
        found += self._telephone()
        return found

    def _step(self, k: int, out: bool, without: int, morning: Rows) -> Iterator[TieStep]:
        """Yield what becomes of one tie today."""
        tie, was = int(self._ties[k]), int(self._seen[k])
        now = int(self._arm.kin.channels[tie])
        if out and not self._out[k]:
            had = was or without
            self._behind[tie], rule = self._why(tie, had, morning)
            yield TieStep(tie, "lost", had, rule, self._behind[tie])
        elif not out and self._out[k] and now:
            yield TieStep(tie, "back", now, self._way(tie, now), self._behind.pop(tie, ""), 0, float(self._out[k]))
        elif now != was:
            gone = was & ~now
            if gone:
                self._behind[tie], rule = self._why(tie, gone, morning)
            else:
                rule = ADDED
            yield TieStep(tie, "changed", now, rule, self._behind.get(tie, ""), was)

    def _telephone(self) -> Iterator[TieStep]:
        """Yield the ties whose two ends begin to telephone today because they have no channel."""
        phone = self._arm.kin.phone[self._ties]
        calls = (self._out > 0) & (phone < np.maximum(1, self._out))
        for k in np.flatnonzero(calls & ~self._calls).tolist():
            tie = int(self._ties[k])
            yield TieStep(tie, "phones", 0, PHONE, self._behind.get(tie, ""), 0, float(self._out[k]))
        self._calls = calls

    def _why(self, tie: int, gone: int, morning: Rows) -> tuple[str, str]:
        """Return the policy and the rule by which a tie has lost some channels (bits)."""
        bits = np.array([gone & 0xFFFF_FFFF_FFFF_FFFF], np.uint64).view(np.int64)
        (cause,) = causes(self._arm, np.array([tie]), bits, morning)
        return self._blame.of(self._arm, cause)

    def _way(self, tie: int, now: int) -> str:
        """Return on what a tie is back."""
        if now & int(self._arm.kin.first[tie]) & ~int(BRIDGED):
            return SAME
        return A_BRIDGE if now == int(BRIDGED) else OTHER_APP

    def _how(self, tie: int, p: int, morning: Rows) -> str:
        """Return by which rule a pair has agreed: an app of both, one that a relative brings, or one they arrange."""
        kin, bonds = self._arm.kin, self._arm.world.bonds
        i, j = int(kin.diaspora_end[tie]), int(kin.family_end[tie])
        if int(morning["using"][i]) & int(morning["using"][j]) & 1 << p:
            return WOKEN
        others = [int(each) for each in kin.ties_of[kin.start[i] : kin.start[i + 1]] if each != tie]
        through = 0
        for other in others:
            through |= int(kin.channels[other])
        is_led = kin.led[tie] >= bonds.follow[tie] and through & int(bonds.usable[tie]) & 1 << p
        return HOUSEHOLD if is_led else ARRANGED

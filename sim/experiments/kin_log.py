"""A log of each kin tie abroad, written day by day during a run, because the engine keeps no history."""

from __future__ import annotations

import math

import numpy as np

from sim.arm import Arm
from sim.experiments.why_lost import Blame, causes
from sim.people.kernel_types import NEVER_DAYS, Rows
from sim.results.ties import NEVER, RANKS, KinHistory, KinTable, MemberTies
from sim.world.people import youth_of


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

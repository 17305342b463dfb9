"""Kin ties abroad of a run, one by one: who is tied to whom, and on which platforms, from the first day to the last.

The history has each tie's channels before the first day and every change of them. When a tie was lost, for how long,
and how it came back, all follow from that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

NEVER = np.iinfo(np.int16).max
"""Days until the telephone is used, where it never is; more than any run has."""
HOW_BACK = ("direct", "vpn", "substitute", "bridge")
"""How a tie first came back, in the order of `sim.metrics.registry.WAYS`: 1 is the first, 0 is not."""
RANKS = 10_000
"""Steps in which ranks are kept: age and skill are shares of this many."""


@dataclass(frozen=True)
class KinTable:
    """Who is tied to whom in one member; the same in both arms.

    Attributes
    ----------
    person : numpy.ndarray of int32, shape (people,)
        Numbers of the simulated people who have kin abroad, or are it.
    group : numpy.ndarray of int16, shape (people,)
        Place of the group of each among the groups of the run.
    age, skill : numpy.ndarray of int16, shape (people,)
        Rank among the internet users of the state: 0 for the youngest, and for who finds workarounds hardest, to
        `RANKS` for the oldest, and for who finds them easiest.
    diaspora_end, family_end : numpy.ndarray of int32, shape (ties,)
        Places of the two ends among these people.
    conversations : numpy.ndarray of float32, shape (ties,)
        Usual conversations [a day].
    phone : numpy.ndarray of int16, shape (ties,)
        Full days without a channel until the two telephone, once they know the number; `NEVER` where they never do
        in the policy arm [days].
    """

    person: np.ndarray
    group: np.ndarray
    age: np.ndarray
    skill: np.ndarray
    diaspora_end: np.ndarray
    family_end: np.ndarray
    conversations: np.ndarray
    phone: np.ndarray


@dataclass(frozen=True)
class KinHistory:
    """What became of the kin ties abroad in one arm of a member.

    Attributes
    ----------
    before : numpy.ndarray of int64, shape (ties,)
        Platforms that join the two ends before the first day, bits in the order of the platforms of the run.
    tie, day, channels : numpy.ndarray of int32, int16 and int64, shape (changes,)
        Changes of the channels: which tie, on which day, and to which platforms; in the order of the days.
    first_out, first_back : numpy.ndarray of int16, shape (ties,)
        First day without a channel that the baseline arm has, and the day on which the tie came back; -1 for none.
    way_back : numpy.ndarray of int8, shape (ties,)
        How it first came back; 0 if it has not.
    number_on : numpy.ndarray of int16, shape (ties,)
        Day from which the telephone can do instead, as the two know each other's numbers: 0 from the start; -1 never.
    cause : numpy.ndarray of int16, shape (ties,)
        Place of the cause of the first loss in ``causes``; -1 for none.
    causes : tuple of (str, str)
        Id of the policy, empty where no policy caused it, and what ended the last channel.
    """

    before: np.ndarray
    tie: np.ndarray
    day: np.ndarray
    channels: np.ndarray
    first_out: np.ndarray
    first_back: np.ndarray
    way_back: np.ndarray
    number_on: np.ndarray
    cause: np.ndarray
    causes: tuple[tuple[str, str], ...]

    def days_with_channel(self, days: int, ties: slice = slice(None)) -> np.ndarray:
        """Return whether each tie has a channel at the end of each day, shape (days, ties).

        Parameters
        ----------
        days : int
            Days of the run.
        ties : slice
            Which ties, a stretch of them.
        """
        first, last, _ = ties.indices(self.before.size)
        now = self.before[first:last] != 0
        found = np.empty((days, now.size), np.bool_)
        here = (self.tie >= first) & (self.tie < last)
        tie, day, channels = self.tie[here] - first, self.day[here], self.channels[here]
        ends = np.searchsorted(day, np.arange(days + 1))
        for d in range(days):
            changed = slice(ends[d], ends[d + 1])
            now[tie[changed]] = channels[changed] != 0
            found[d] = now
        return found

    def channels_after(self, day: np.ndarray) -> np.ndarray:
        """Return the channels of each tie at the end of a day of its own, shape (ties,); -1 is before the first."""
        found = self.before.copy()
        known = self.day <= day[self.tie]
        found[self.tie[known]] = self.channels[known]  # of several changes the last one stays
        return found


def columns(value: KinTable | KinHistory) -> dict[str, np.ndarray]:
    """Return the arrays of a table or a history, by name."""
    return {f.name: getattr(value, f.name) for f in fields(value) if f.name != "causes"}


@dataclass(frozen=True)
class MemberTies:
    """The kin ties abroad of one member.

    Attributes
    ----------
    table : KinTable
    baseline, policy : KinHistory
        The same ties in either arm.
    """

    table: KinTable
    baseline: KinHistory
    policy: KinHistory

    def arms(self) -> dict[str, KinHistory]:
        """Return the histories by the name of their arm."""
        return {"baseline": self.baseline, "policy": self.policy}

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return all of it as arrays by name, the causes as texts."""
        found = {f"table/{name}": array for name, array in columns(self.table).items()}
        for arm, history in self.arms().items():
            found |= {f"{arm}/{name}": array for name, array in columns(history).items()}
            causes = np.array(history.causes, np.str_).reshape(-1, 2)
            found |= {f"{arm}/policy": causes[:, 0], f"{arm}/rule": causes[:, 1]}
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> MemberTies:
        """Return what `to_arrays` was made of.

        Raises
        ------
        KeyError
            When something is missing.
        """
        names = [f.name for f in fields(KinTable)]
        table = KinTable(**{name: np.asarray(arrays[f"table/{name}"]) for name in names})
        arms = {}
        for arm in ("baseline", "policy"):
            names = [f.name for f in fields(KinHistory) if f.name != "causes"]
            given = {name: np.asarray(arrays[f"{arm}/{name}"]) for name in names}
            causes = zip(arrays[f"{arm}/policy"], arrays[f"{arm}/rule"], strict=True)
            arms[arm] = KinHistory(**given, causes=tuple((str(policy), str(rule)) for policy, rule in causes))
        return cls(table, arms["baseline"], arms["policy"])

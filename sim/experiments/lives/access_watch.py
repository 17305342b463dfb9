"""Changes of access for single people: a way closed or open, the speed, the store, payments, a threat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.arm import Arm
from sim.experiments.why_lost import GONE, NO_WAY, POOR, WORKS, Blame, Cause
from sim.facts.model import MODES
from sim.world.people import lucky_providers

STEPS = (0.9, 0.75, 0.5, 0.25)
"""Shares of the speed of the first day below which a platform counts as one step slower (assumption)."""
_TEXT, _CALLS, _PAY = MODES.index("text"), (MODES.index("voice"), MODES.index("video")), MODES.index("pay")

PARTS = {
    "way": (NO_WAY, "closed", "open again"),
    "calls": (NO_WAY, "calls closed", "calls open again"),
    "pay": (WORKS, "payments closed", "payments open again"),
    "store": (GONE, "out of the store", "in the store again"),
    "speed": (POOR, "slower", "faster"),
    "threat": (WORKS, "threatened", "no longer threatened"),
}
"""Parts of access that a person may notice: by what a policy is found, and the rule when it is worse or better."""


class AccessChange(NamedTuple):
    """A part of access that is not what it was yesterday, for one person.

    Attributes
    ----------
    person, platform : int
    rule, policy : str
    speed : float
        Of the platform against the first day, for the part ``speed`` [share]; NaN for others.
    """

    person: int
    platform: int
    rule: str
    policy: str
    speed: float


class AccessWatch:
    """Access as some people of an arm find it, each by the provider that they have.

    Parameters
    ----------
    arm : Arm
        Before its first day.
    people : numpy.ndarray of int, shape (watched,)
    blame : Blame
        Of the same arm.
    """

    def __init__(self, arm: Arm, people: np.ndarray, blame: Blame) -> None:
        self._arm, self._people, self._blame = arm, people, blame
        self._place = arm.person["state"][people].astype(np.int64)
        self._luck = lucky_providers(arm.member_seed, 0, arm.person.size)[people]
        self._first_speed = arm.cells["speed"].copy()
        self._places = np.unique(self._place)
        self._cells = self._numbers()
        self._behind: dict[tuple[int, int, str], str] = {}
        self._seen = {p: self._found(p) for p in range(len(arm.setting.platforms))}

    def changes(self) -> Iterator[AccessChange]:
        """Yield what is not as it was yesterday, of platforms that the person holds; after access is worked out."""
        arm = self._arm
        if not arm.access_diff.states.size:
            return
        held, cells = arm.person["member"][self._people], self._numbers()
        moved = np.flatnonzero((cells != self._cells).any(axis=(0, 2)))
        self._cells = cells
        for p in moved.tolist():
            was, now = self._seen[p], self._found(p)
            for part in PARTS:
                for k in np.flatnonzero((was[part] != now[part]) & (held >> p & 1 == 1)):
                    yield self._change(int(k), p, part, worse=bool(now[part][k] < was[part][k]))
            self._seen[p] = now

    def _numbers(self) -> np.ndarray:
        """Return access where these people live, shape (places, platforms, columns)."""
        cells = self._arm.cells[self._places]
        return np.asarray(cells.view(np.float64).reshape(*cells.shape, -1))

    def _change(self, k: int, p: int, part: str, *, worse: bool) -> AccessChange:
        """Return one change, with the policy that is behind it, or was behind what is over."""
        arm, (cause, closed, opened) = self._arm, PARTS[part]
        place, person = int(self._place[k]), int(self._people[k])
        if worse:
            self._behind[place, p, part] = self._blame.of(arm, Cause(cause, person, p))[0]
        policy = self._behind.get((place, p, part), "")
        speed = float("nan")
        if part == "speed":
            speed = float(arm.cells["speed"][place, p] / self._first_speed[place, p])
        return AccessChange(person, p, closed if worse else opened, policy, speed)

    def _found(self, p: int) -> dict[str, np.ndarray]:
        """Return how each person finds each part of access to a platform: the more the better, shape (watched,)."""
        cell = self._arm.cells[self._place, p]
        near = self._luck[:, None] >= 1.0 - cell["reach"]
        used = self._arm.columns.platform["mode_weight"][p] > 0
        talk = [mode for mode in _CALLS if used[mode]]
        way = (near & used).any(axis=1)
        left = cell["speed"] / self._first_speed[self._place, p]
        none = np.zeros(self._people.size, np.int64)
        return {
            "way": way.astype(np.int64),
            "calls": np.where(way & near[:, _TEXT], near[:, talk].any(axis=1), 1) if talk else none,
            "pay": np.where(way, near[:, _PAY], 1) if used[_PAY] else none,
            "store": (cell["install"] > 0).any(axis=1).astype(np.int64),
            "speed": -sum((left < step).astype(np.int64) for step in STEPS),
            "threat": -(cell["threat"] > 0).astype(np.int64),
        }


__all__ = ["PARTS", "AccessChange", "AccessWatch"]

"""The model's errors on the record, carried through each kin tie of a run.

The record measures the model's errors in the use that platforms keep and that others gain
(`splinternet.facts.record`). Each seed of an ensemble draws one error of each type for each
technique, with mean zero, for all platforms under the technique. Channels to families then change
as if the share that keeps a platform, and the pace of agreements on another one, had these errors:

- *kept*: in each group, the remaining share of a restricted platform's users changes by the error
  on the logit scale. If it falls, some remaining users count as having lost the platform for all
  their ties; if it rises, some who have lost it count as keeping it. One draw per person decides. A
  share of 0 or 1 does not change.
- *gained*: the waiting time until a pair agrees on another platform, or on a plan beforehand, is
  divided by the error's factor on a large increment.

VPNs have no separate error here, because the use that platforms keep includes use by VPN. Use
itself does not change; its own figures add its error.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import int64

from ..core.chance import Purpose, normal_plain, stream, uniform_many
from ..core.kernels import kernel
from ..facts.record import CARRIED, error_of
from ..people.kernel_types import Rows
from ..scenario.scenario import restricts

if TYPE_CHECKING:
    from ..policies.base import Policy


def technique_of(policy: Policy) -> str:
    """Return the technique of an order, as named in the record."""
    return policy.technique or policy.instrument


class Draw(NamedTuple):
    """The error of a technique in a run, in standard deviations, and the standard deviation."""

    z: float
    sd: float

    @property
    def error(self) -> float:
        """The error on the scale of its kind."""
        return self.z * self.sd


def draw(kind: str, technique: str, episode: str, seed: int) -> Draw:
    """Return the error that a seed draws: a pure function of the seed, the kind and the
    technique.
    """
    of = zlib.crc32(f"{kind} {technique}".encode())  # one number for each technique
    z = normal_plain(stream(seed, Purpose.ERROR), of)
    return Draw(z, error_of(kind, episode, technique))


def draws(policies: Iterable[Policy], episode: str, seed: int) -> dict[tuple[str, str], Draw]:
    """Return all errors that a seed draws, by kind and technique."""
    techniques = dict.fromkeys(technique_of(policy) for policy in policies if restricts(policy))
    return {
        (kind, technique): draw(kind, technique, episode, seed)
        for kind in CARRIED
        for technique in techniques
    }


def moved_share(share: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return shares after a factor on their odds; 0 and 1 do not change."""
    odds = np.divide(share, 1.0 - share, out=np.full_like(share, np.inf), where=share < 1.0)
    odds = odds * factor
    return np.where(np.isinf(odds), 1.0, odds / (1.0 + np.where(np.isinf(odds), 0.0, odds)))


class Carried:
    """The errors of one policy arm, and the people concerned today.

    Parameters
    ----------
    episode : str
        Episode of the scenario: a recorded event gets the error of the other events.
    seed : int
        The seed of the run.
    everybody : numpy.ndarray of PERSON, shape (people,)
    who : numpy.ndarray of int
        People with kin abroad; the use of others does not matter here.

    Attributes
    ----------
    group : numpy.ndarray of int, shape (who,)
    missed, spared : numpy.ndarray of int64, shape (people,)
        Platforms that count as lost, or as kept, by each person, bits.
    """

    def __init__(self, episode: str, seed: int, everybody: Rows, who: np.ndarray) -> None:
        people = len(everybody)
        self.who = who
        self.group = everybody["group"][who]
        self.episode = episode
        self.seed = seed
        self.missed = np.zeros(people, np.int64)
        self.spared = np.zeros(people, np.int64)
        self._luck = uniform_many(stream(seed, Purpose.CARRIED), who)
        self._changed = np.empty(who.size, np.int32)
        self._draws: dict[str, Draw] = {}

    def pace(self, policies: Iterable[Policy]) -> float:
        """Return the factor on the pace of agreements under some policies."""
        found = draws(policies, self.episode, self.seed)
        gained = [one for (kind, _), one in found.items() if kind == "gained"]
        widest = max(gained, key=lambda one: one.sd, default=None)
        return 1.0 if widest is None else math.exp(widest.error)

    def kept(self, policies: Iterable[Policy], talk: Sequence[str]) -> dict[tuple[str, str], float]:
        """Return the error of the share that each restricted platform keeps, by state and platform.
        With several techniques, the error is that of the technique with the least evidence.

        A policy without targets may restrict every platform for talk.
        """
        widest: dict[tuple[str, str], Draw] = {}
        for policy in filter(restricts, policies):
            technique = technique_of(policy)
            if technique not in self._draws:
                self._draws[technique] = draw("kept", technique, self.episode, self.seed)
            one = self._draws[technique]
            for cell in product(policy.concerns(), policy.targets or talk):
                if cell not in widest or one.sd > widest[cell].sd:
                    widest[cell] = one
        return {cell: one.error for cell, one in widest.items()}

    def update(
        self, errors: Mapping[tuple[int, int], float], before: Rows, now: Rows, state: np.ndarray
    ) -> np.ndarray:
        """Find the people concerned by errors today (in place); return those for whom this has
        changed.

        Parameters
        ----------
        errors : mapping of (state, platform) to float
            Errors by the numbers of state and platform.
        before, now : numpy.ndarray of PERSON, shape (people,)
            All people without and with the policies, read-only.
        state : numpy.ndarray of int, shape (groups,)
            State of residence of each group.
        """
        cells = np.array(sorted(errors), np.int64).reshape(-1, 2)
        first = np.searchsorted(cells[:, 0], np.arange(state.max() + 2))
        users = UseOfDay(self.who, self.group, state, first, cells[:, 1], before, now)
        had, has = np.zeros((2, len(cells), len(state)))
        _count_users(users, had, has)
        share = np.divide(has, had, out=np.ones_like(had), where=had > 0)
        # An error on the logit scale is a factor on the odds.
        factor = np.array([math.exp(errors[state_of, p]) for state_of, p in cells.tolist()])
        moved = moved_share(share, factor[:, None])
        left = np.divide(moved, share, out=np.ones_like(had), where=share > 0)
        back = np.divide(moved - share, 1.0 - share, out=np.zeros_like(had), where=share < 1.0)
        concerned = Concerned(self._luck, left, back, self.missed, self.spared, self._changed)
        return self._changed[: _find_concerned(users, concerned)]


class UseOfDay(NamedTuple):
    """People with kin abroad, and the platforms that they use; a cell is a state and a platform."""

    who: np.ndarray  # (who,)
    group: np.ndarray  # (who,)
    state: np.ndarray  # (groups,)
    first: np.ndarray  # (states + 1,) first cell of each state
    platform: np.ndarray  # (cells,)
    before: Rows  # (people,) people without the policies
    now: Rows  # (people,) people with the policies


class Concerned(NamedTuple):
    """People concerned by the errors of cells."""

    luck: np.ndarray  # (who,) one draw per person
    left: np.ndarray  # (cells, groups) share of the people keeping the platform who still keep it
    back: np.ndarray  # (cells, groups) share of the people losing it who keep it
    missed: np.ndarray  # (people,) bits
    spared: np.ndarray  # (people,) bits
    changed: np.ndarray  # (who,) people with a change, one after the other


@kernel
def _count_users(users: UseOfDay, had: np.ndarray, has: np.ndarray) -> None:
    """Count the users of each cell by group: those without the policies into ``had``, and those of
    them with the policies into ``has`` (cells, groups).
    """
    for k in range(users.who.size):
        i = users.who[k]
        g = users.group[k]
        for c in range(users.first[users.state[g]], users.first[users.state[g] + 1]):
            bit = int64(1) << users.platform[c]
            if users.before[i].using & bit != 0:
                had[c, g] += 1.0
                if users.now[i].using & bit != 0:
                    has[c, g] += 1.0


@kernel
def _find_concerned(users: UseOfDay, concerned: Concerned) -> int:
    """Find the platforms that count as lost and as kept by each person; list the people with a
    change, and return their number.
    """
    n = 0
    for k in range(users.who.size):
        i = users.who[k]
        g = users.group[k]
        lost = int64(0)
        kept = int64(0)
        for c in range(users.first[users.state[g]], users.first[users.state[g] + 1]):
            bit = int64(1) << users.platform[c]
            if users.before[i].using & bit == 0:
                continue
            if users.now[i].using & bit == 0:
                kept |= bit if concerned.luck[k] < concerned.back[c, g] else int64(0)
            elif concerned.luck[k] >= concerned.left[c, g]:
                lost |= bit
        if lost != concerned.missed[i] or kept != concerned.spared[i]:
            concerned.missed[i] = lost
            concerned.spared[i] = kept
            concerned.changed[n] = i
            n += 1
    return n

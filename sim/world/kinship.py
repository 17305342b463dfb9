"""How families keep in touch on the first day: on one platform only, or on a second one as well.

The share of families with a single channel is unknown and is a parameter (``ties.only_channel``, 0.3 to 0.9). In a
family with a single channel each member uses the most common platform of the corridor that this person has; in any
other a member shares a second one with every relative abroad.
"""

from __future__ import annotations

import numpy as np

from sim.chance import Key, Purpose, stream, uniform
from sim.groups import families_of
from sim.kernels import kernel, part
from sim.world.people import People
from sim.world.strata import Group
from sim.world.ties import Ties, household_size


def shared_platforms(
    groups: list[Group],
    penetration: np.ndarray,
    talk: np.ndarray,
    open_to: np.ndarray,
    states: tuple[str, ...],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the corridor of each group, and how common each platform is at both ends of each corridor.

    Parameters
    ----------
    groups : list of Group
    penetration : numpy.ndarray, shape (groups, platforms)
    talk : numpy.ndarray of bool, shape (platforms,)
        Platforms that carry talk.
    open_to : numpy.ndarray of bool, shape (states, platforms)
        Whether most people of a state reach the platform without a workaround on the first day.
    states : tuple of str

    Returns
    -------
    corridor : numpy.ndarray, shape (groups,), int16
        -1 for residents.
    shared : numpy.ndarray, shape (corridors, platforms)
        Product of the penetration at both ends; 0 where a platform is closed at one.
    """
    row_of = {g.label: row for row, g in enumerate(groups)}
    corridor = np.full(len(groups), -1, np.int16)
    shared: list[np.ndarray] = []
    for row, group in enumerate(groups):
        if group.role != "diaspora":
            continue
        family = row_of[families_of(group.label)]
        corridor[row] = corridor[family] = len(shared)
        both_open = open_to[states.index(group.residence)] & open_to[states.index(group.origin)]
        shared.append(penetration[row] * penetration[family] * (talk & both_open))
    return corridor, np.array(shared) if shared else np.zeros((1, penetration.shape[1]))


@kernel
def _choose_channels(
    a: np.ndarray, b: np.ndarray, group: np.ndarray, corridor: np.ndarray, shared: np.ndarray, order: np.ndarray,
    apple_only: int, only_channel: float, household: np.ndarray, keys: np.ndarray,
    member: np.ndarray, abroad: np.ndarray,
) -> None:  # fmt: skip
    for k in range(a.size):
        i, j = a[k], b[k]
        route = corridor[group[j]]
        main = -1
        for p in order[route]:
            if shared[route, p] > 0.0 and member[j] & (1 << p):
                main = p
                break
        if main < 0:
            continue
        if uniform(keys[0], household[j]) < only_channel:
            abroad[j] = 1 << main
            continue
        second = _second(j, route, main, shared, apple_only, keys[1])
        if second >= 0:
            member[i] |= 1 << second
            member[j] |= 1 << second


@part
def _second(j: int, route: int, main: int, shared: np.ndarray, apple_only: int, key: Key) -> int:
    """Draw a second platform for a family member, by how common it is at both ends; one for all relatives."""
    total = 0.0
    for p in range(shared.shape[1]):
        if p != main and not apple_only & (1 << p):
            total += shared[route, p]
    u = uniform(key, j) * total
    for p in range(shared.shape[1]):
        if p != main and not apple_only & (1 << p):
            u -= shared[route, p]
            if u < 0.0:
                return p
    return -1


def choose_channels(
    people: People, groups: list[Group], ties: Ties, corridor: np.ndarray, shared: np.ndarray, apple_only: int,
    rules: dict[str, float], seed: int,
) -> None:  # fmt: skip
    """Set on which platforms families keep in touch on the first day (in place, in ``people``)."""
    sizes = np.array([g.size for g in groups])
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    # A household is numbered by its first member.
    household = np.arange(len(people)) - (np.arange(len(people)) - first) % household_size(rules["ties.kin_abroad"])
    keys = np.array([stream(seed, Purpose.SINGLE_CHANNEL), stream(seed, Purpose.SECOND_CHANNEL)])
    order = np.argsort(-shared, axis=1, kind="stable")
    _choose_channels(
        ties.diaspora_end, ties.family_end, people.group, corridor, shared, order, apple_only,
        rules["ties.only_channel"], household, keys, people.member, people.abroad,
    )  # fmt: skip

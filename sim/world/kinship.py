"""How families keep in touch on the first day: on one platform only, or on a second one as well.

The share of families with a single channel is unknown and is a parameter (``ties.only_channel``, 0.3 to 0.9). In a
family with a single channel, each member uses the most common platform of the corridor that this person has. In other
families, a member shares a second one with every relative abroad, as far as the group has users of it: families decide
who uses a platform, and not how many do (`sim/world/second_channels.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.chance import Key, Purpose, stream, uniform
from sim.groups import families_of
from sim.kernels import kernel
from sim.world.people import People
from sim.world.second_channels import Households, find_second_channels, swap_holders
from sim.world.strata import Group
from sim.world.ties import Ties, households


def shared_platforms(
    groups: list[Group],
    penetration: np.ndarray,
    talk: np.ndarray,
    open_to: np.ndarray,
    place: Sequence[int],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the corridor of each group, and how common each platform is at both ends of each corridor.

    Parameters
    ----------
    groups : list of Group
    penetration : numpy.ndarray, shape (groups, platforms)
    talk : numpy.ndarray of bool, shape (platforms,)
        Platforms that carry talk.
    open_to : numpy.ndarray of bool, shape (places, platforms)
        Whether most people of a place reach the platform without a workaround on the first day.
    place : sequence of int
        Of each group.

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
        both_open = open_to[place[row]] & open_to[place[family]]
        shared.append(penetration[row] * penetration[family] * (talk & both_open))
    return corridor, np.array(shared) if shared else np.zeros((1, penetration.shape[1]))


@kernel
def _find_mains(
    b: np.ndarray, group: np.ndarray, corridor: np.ndarray, shared: np.ndarray, order: np.ndarray, member: np.ndarray,
    main: np.ndarray,
) -> None:  # fmt: skip
    """Fill the most common platform of its corridor that the family end of each tie holds, or -1."""
    for k in range(b.size):
        route = corridor[group[b[k]]]
        main[k] = -1
        for p in order[route]:
            if shared[route, p] > 0.0 and member[b[k]] & (1 << p):
                main[k] = p
                break


@kernel
def _household_luck(key: Key, household: np.ndarray, out: np.ndarray) -> None:
    for k in range(household.size):
        out[k] = uniform(key, household[k])


def choose_channels(
    people: People, groups: list[Group], ties: Ties, corridor: np.ndarray, shared: np.ndarray, closed: np.ndarray,
    rules: dict[str, float], seed: int,
) -> np.ndarray:  # fmt: skip
    """Set on which platforms families keep in touch on the first day (in place, in ``people``).

    Parameters
    ----------
    people : People
    groups : list of Group
    ties : Ties
    corridor, shared : numpy.ndarray
        As `shared_platforms` returns them.
    closed : numpy.ndarray, shape (groups,), int64
        Platforms that not everybody of a group can take up - they run on some phones alone, or are blocked for some -
        and that nobody therefore takes up as a second channel, bits.
    rules : dict
        Parameters ``ties.*``.
    seed : int

    Returns
    -------
    numpy.ndarray, shape (corridors, 2)
        Families of several channels, counted by family member: that were to have a second one, and that have it.
    """
    a, b = ties.diaspora_end, ties.family_end
    household = households(b, groups, rules["ties.kin_abroad"])
    main, luck = np.empty(b.size, np.int64), np.empty(b.size)
    _find_mains(b, people.group, corridor, shared, np.argsort(-shared, axis=1, kind="stable"), people.member, main)
    _household_luck(stream(seed, Purpose.SINGLE_CHANNEL), household, luck)
    single = (main >= 0) & (luck < rules["ties.only_channel"])
    people.abroad[b[single]] = 1 << main[single]
    homes = Households(a, b, household, main, luck, single)
    needed, count = find_second_channels(people, groups, homes, corridor, shared, closed, seed)
    swap_holders(people, groups, needed, seed)
    return count

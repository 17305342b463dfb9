"""Second channels of families abroad, assigned among the users of each group.

A group's share of users of a platform is a fact. A family that keeps in touch on a second platform therefore adds no
user: its members replace other users of the group, who do not need the platform for kin abroad. Families are processed
in a random order, which is the same for any share of families with one channel, until all users of a group are
assigned. The person who is replaced has the same youth as the one who replaces, so that the age of an audience does not
change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import int64

from sim.chance import Key, Purpose, stream, uniform
from sim.kernels import kernel, part
from sim.people.access import bits
from sim.world.people import People, youth_of
from sim.world.strata import Group


class Households(NamedTuple):
    """Kin ties abroad and the households at their family end; ties of a household stand in a row."""

    a: np.ndarray  # (ties,) person at the diaspora end
    b: np.ndarray  # (ties,) person at the family end
    household: np.ndarray  # (ties,) first member of the family end's household
    main: np.ndarray  # (ties,) platform that the family end keeps in touch on first, or -1
    luck: np.ndarray  # (ties,) luck of the household: the higher, the sooner it has a second channel
    single: np.ndarray  # (ties,) whether it has one channel alone


def closed_to_some(place: Sequence[int], hidden: np.ndarray, apples: np.ndarray) -> np.ndarray:
    """Return the platforms that some people of each group cannot take up, shape (groups,), bits.

    Parameters
    ----------
    place : sequence of int
        Of each group.
    hidden : numpy.ndarray, shape (places, platforms)
        Share of people whom a block of the first day keeps from direct access.
    apples : numpy.ndarray of bool, shape (platforms,)
        Platforms that Apple's phones alone run.
    """
    closed = bits((hidden > 0) | apples[None, :])
    return np.asarray(closed[list(place)])


def find_second_channels(
    people: People, groups: list[Group], homes: Households, corridor: np.ndarray, shared: np.ndarray,
    closed: np.ndarray, seed: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Find who needs which platform to keep in touch with kin abroad.

    Parameters
    ----------
    people : People
        With the holders that each group has; not changed.
    groups : list of Group
    homes : Households
    corridor, shared : numpy.ndarray
        As `kinship.shared_platforms` returns them.
    closed : numpy.ndarray, shape (groups,), int64
        Platforms that nobody takes up, bits.
    seed : int

    Returns
    -------
    needed : numpy.ndarray, shape (people,), int64
        Platforms that each person needs, bits; no group needs more holders than it has.
    count : numpy.ndarray, shape (corridors, 2), int64
        Family members who were to have a second channel, and who have one.
    """
    needed = np.zeros(len(people), np.int64)
    room = holders_of(people, len(groups), shared.shape[1])
    count = np.zeros((len(shared), 2), np.int64)
    _keep_mains(homes.a, homes.b, homes.main, people.group, people.member, needed, room)
    start = np.flatnonzero(np.diff(homes.household, prepend=-1))
    # In the order of luck: who has a second channel at one share of single families has it at a lower one, too.
    order = np.argsort(-homes.luck[start], kind="stable")
    end = np.append(start[1:], homes.b.size)
    _grant(
        start[order], end[order], homes, people.group, people.member, corridor, shared, closed,
        stream(seed, Purpose.SECOND_CHANNEL), needed, room, count,
    )  # fmt: skip
    return needed, count


def holders_of(people: People, groups: int, platforms: int) -> np.ndarray:
    """Return how many people of each group hold each platform, shape (groups, platforms), int64."""
    held = np.zeros((groups, platforms), np.int64)
    for p in range(platforms):
        held[:, p] = np.bincount(people.group[people.member >> p & 1 == 1], minlength=groups)
    return held


@kernel
def _keep_mains(
    a: np.ndarray, b: np.ndarray, main: np.ndarray, group: np.ndarray, member: np.ndarray, needed: np.ndarray,
    room: np.ndarray,
) -> None:  # fmt: skip
    """Note that both ends need the first channel that they have."""
    for k in range(b.size):
        if main[k] >= 0:
            _need(b[k], main[k], group, needed, room)
            if member[a[k]] & (1 << main[k]):
                _need(a[k], main[k], group, needed, room)


@part
def _need(i: int, p: int, group: np.ndarray, needed: np.ndarray, room: np.ndarray) -> None:
    """Note that a person needs a platform, and take one of the group's places."""
    if not needed[i] & (1 << p):
        needed[i] |= 1 << p
        room[group[i], p] -= 1


@kernel
def _grant(
    starts: np.ndarray, ends: np.ndarray, homes: Households, group: np.ndarray, member: np.ndarray,
    corridor: np.ndarray, shared: np.ndarray, closed: np.ndarray, key: Key, needed: np.ndarray, room: np.ndarray,
    count: np.ndarray,
) -> None:  # fmt: skip
    """Give the members of each household that is to have one a second channel, while there are places (in place)."""
    for at in range(starts.size):
        first, last = starts[at], ends[at]
        for k in range(first, last):
            j = homes.b[k]
            is_first = True
            for t in range(first, k):
                is_first = is_first and homes.b[t] != j
            if not is_first or homes.single[k] or homes.main[k] < 0:
                continue
            route = corridor[group[j]]
            count[route, 0] += 1
            # Of the platforms with places left, one that most of them hold already.
            fewest, candidates = int64(1) << 62, int64(0)
            for p in range(shared.shape[1]):
                if p != homes.main[k] and shared[route, p] > 0.0:
                    new = _new_holders(j, p, first, last, homes, group, member, closed, needed, room)
                    if 0 <= new <= fewest:
                        candidates = (int64(1) << p) | (candidates if new == fewest else int64(0))
                        fewest = new
            p = _draw(homes.household[k], route, candidates, shared, key)
            if p < 0:
                continue
            _need(j, p, group, needed, room)
            for t in range(first, last):
                if homes.b[t] == j:
                    _need(homes.a[t], p, group, needed, room)
            count[route, 1] += 1


@part
def _draw(household: int, route: int, candidates: int, shared: np.ndarray, key: Key) -> int:
    """Draw one of some platforms (bits), by how common it is at both ends; -1 when there is none.

    The same luck for all of a household, so that it keeps in touch on one second platform where that is possible.
    """
    total = 0.0
    for p in range(shared.shape[1]):
        if candidates & (1 << p):
            total += shared[route, p]
    u = uniform(key, household) * total
    for p in range(shared.shape[1]):
        if candidates & (1 << p):
            u -= shared[route, p]
            if u < 0.0:
                return p
    return -1


@part
def _new_holders(
    j: int, p: int, first: int, last: int, homes: Households, group: np.ndarray, member: np.ndarray,
    closed: np.ndarray, needed: np.ndarray, room: np.ndarray,
) -> int:  # fmt: skip
    """Return how many of a family member and its relatives abroad do not hold a platform yet; -1 if not all can."""
    bit = int64(1) << p
    here, new = 0 if needed[j] & bit else 1, 0 if (member[j] | needed[j]) & bit else 1
    if here > room[group[j], p] or (new > 0 and closed[group[j]] & bit):
        return -1
    there = 0
    for t in range(first, last):
        if homes.b[t] != j:
            continue
        i = homes.a[t]
        there += 0 if needed[i] & bit else 1
        if there > room[group[i], p] or (closed[group[i]] & bit and not member[i] & bit):
            return -1
        new += 0 if member[i] & bit or needed[i] & bit else 1
    return new


def swap_holders(people: People, groups: list[Group], needed: np.ndarray, seed: int) -> None:
    """Let who needs a platform hold it in the place of others of the same group and the same youth (in place).

    Parameters
    ----------
    people : People
    groups : list of Group
    needed : numpy.ndarray, shape (people,), int64
        As `find_second_channels` returns it.
    seed : int
    """
    lacking = needed & ~people.member
    first = 0
    for group in groups:
        rows = slice(first, first + group.size)
        first += group.size
        wanted = int(np.bitwise_or.reduce(lacking[rows])) if group.size else 0
        if not wanted:
            continue
        youth = youth_of(seed, rows.start, group.size)
        for p in (p for p in range(wanted.bit_length()) if wanted >> p & 1):
            takes = np.flatnonzero(lacking[rows] >> p & 1)
            gives = np.flatnonzero(people.member[rows] >> p & ~(needed[rows] >> p) & 1)
            gives = gives[_alike(youth[takes], youth[gives])]
            people.member[rows.start + takes] |= 1 << p
            people.member[rows.start + gives] &= ~(1 << p)


def _alike(youth: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return for each person another one of about the same youth, nobody twice, shape (people,).

    There are at least as many others as people.
    """
    n, by_youth = youth.size, np.argsort(others, kind="stable")
    # The nearest of those that are left, both in the order of youth.
    place = np.searchsorted(others[by_youth], np.sort(youth))
    place = np.maximum.accumulate(place - np.arange(n)) + np.arange(n)
    return by_youth[np.minimum(place, others.size - n + np.arange(n))]

"""Ties: who talks to whom, as compressed sparse rows, and the kin ties that cross a border.

At home a person has friends and kin in the community and anywhere in the state; a member of a diaspora also has kin in
the families at home. A tie between strata has the weight of the smaller one: a simulated resident, who represents many
people, lists a simulated member of a diaspora, who represents few, with a probability equal to the ratio of their
weights. The circle of a person therefore does not depend on how a group is sampled. Both passes draw the same
counter-based numbers, so only the rows themselves are stored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.chance import Purpose, normal, stream, uniform
from sim.core.groups import USERS, Group, families_of
from sim.core.kernels import kernel, part
from sim.world.groups import Stratum
from sim.world.people import People, uniform_draws


@dataclass(frozen=True)
class Ties:
    """Ties of all people.

    Attributes
    ----------
    start : numpy.ndarray, shape (people + 1,), int32 (int64 in worlds of more than 2 ** 31 entries)
        Row of each person in ``packed``.
    packed : numpy.ndarray, shape (entries,), int32
        Twice the index of the other end, plus 1 for a kin tie.
    diaspora_end, family_end : numpy.ndarray, shape (kin ties abroad,), int32
        The two ends of each kin tie abroad, in the order of the first.
    conversations : numpy.ndarray, shape (kin ties abroad,), float32
        Usual frequency [conversations a day].
    """

    start: np.ndarray
    packed: np.ndarray
    diaspora_end: np.ndarray
    family_end: np.ndarray
    conversations: np.ndarray

    def of(self, person: int) -> list[tuple[int, bool]]:
        """Return (other end, is kin) for each tie of a person."""
        row = self.packed[self.start[person] : self.start[person + 1]]
        return [(int(x) >> 1, bool(x & 1)) for x in row]


@part
def _pick(u: float, first: int, size: int, not_this: int) -> int:
    """Return one of ``size`` people from ``first`` on, but not a given one; -1 if there is nobody else."""
    inside = first <= not_this < first + size
    n = size - 1 if inside else size
    if n <= 0:
        return -1
    other = first + int(u * n)
    return other + 1 if inside and other >= not_this else other


@kernel
def _home_ties(
    count_only: bool, pick_first: np.ndarray, pick_size: np.ndarray, near_first: np.ndarray, near_size: np.ndarray,
    group: np.ndarray, own_halves: np.ndarray, weight: np.ndarray, degree_mean: float, degree_spread: float,
    inside_share: float, kin: float, keys: np.ndarray, fill: np.ndarray, packed: np.ndarray,
) -> None:  # fmt: skip
    """Count (or write) the ties at home that each person draws, and their other ends.

    ``near_*`` is a person's community, ``pick_*`` the residents of the state (by group). ``own_halves`` marks groups
    whose communities pick each other, so that each end draws half of the ties.
    """
    base = math.log(degree_mean) - degree_spread * degree_spread / 2
    for i in range(group.size):
        g = group[i]
        degree = math.exp(base + degree_spread * normal(keys[0], i))
        near = degree * inside_share * (0.5 if own_halves[g] else 1.0)
        far = degree * (1 - inside_share) * (0.5 if own_halves[g] == 2 else 1.0)
        n_near = int(near + uniform(keys[0], i, 100))
        n_far = int(far + uniform(keys[0], i, 101))
        n_kin = kin * (0.5 if own_halves[g] else 1.0)
        for k in range(n_near + n_far):
            u = uniform(keys[1], i, k)
            if k < n_near:
                j = _pick(u, near_first[i], near_size[i], i)
            else:
                j = _pick(u, pick_first[g], pick_size[g], i)
            if j < 0:
                continue
            is_kin = 1 if k < n_near and k < n_kin else 0
            back = group[j] == g or uniform(keys[2], i, k) * weight[group[j]] < weight[g]
            if not count_only:
                packed[fill[i]] = 2 * j + is_kin
                if back:
                    packed[fill[j]] = 2 * i + is_kin
            fill[i] += 1
            if back:
                fill[j] += 1


def household_size(kin_abroad: float) -> int:
    """Return how many live in a family left behind, so that its members abroad know ``kin_abroad`` on average."""
    return max(1, round(2 * kin_abroad - 1))


def households(family_end: np.ndarray, groups: Sequence[Stratum], kin_abroad: float) -> np.ndarray:
    """Return the household at the family end of each kin tie abroad, numbered by its first member, shape (ties,)."""
    sizes = np.array([g.size for g in groups])
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)[family_end] if family_end.size else family_end
    return np.asarray(family_end - (family_end - first) % household_size(kin_abroad))


@kernel
def _kin_abroad(
    first: int, size: int, family_first: int, family_size: int, household: int, no_family: float, keys: np.ndarray,
    out_a: np.ndarray, out_b: np.ndarray,
) -> int:  # fmt: skip
    """Draw the kin abroad of one diaspora: one to all members of one household. Returns the number of ties."""
    n = 0
    for k in range(size):
        i = first + k
        if uniform(keys[0], i) < no_family:
            continue
        at = int(k * family_size / size) // household * household
        here = min(household, family_size - at)
        wanted = 1 + int(uniform(keys[1], i) * here)
        # A random start in the household gives distinct relatives without a list of those taken.
        offset = int(uniform(keys[2], i) * here)
        for r in range(wanted):
            out_a[n] = i
            out_b[n] = family_first + at + (offset + r) % here
            n += 1
    return n


def _draw_kin_abroad(
    groups: Sequence[Stratum], firsts: Mapping[str, int], q: Mapping[str, float], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return both ends of all kin ties abroad, shape (ties,), int32 each, sorted by the diaspora end."""
    keys = np.array([stream(seed, p) for p in (Purpose.HAS_FAMILY, Purpose.KIN_COUNT, Purpose.KIN)])
    household, sizes = household_size(q["ties.kin_abroad"]), {g.label: g.size for g in groups}
    ends = [np.empty((2, 0), np.int32)]
    for group in groups:
        if group.role == "diaspora":
            family = families_of(group.label)
            both = np.empty((2, group.size * household), np.int32)
            n = _kin_abroad(
                firsts[group.label], group.size, firsts[family], sizes[family], household, q["ties.no_family_share"],
                keys, both[0], both[1],
            )  # fmt: skip
            ends.append(both[:, :n])
    diaspora_end, family_end = np.concatenate(ends, axis=1)
    return diaspora_end, family_end


def _is_guest(group: Stratum) -> bool:
    """Return whether the people of a group live among those of another one, who are their friends."""
    return group.role == "family" or group.community == USERS


def _neighbourhoods(
    people: People, groups: Sequence[Stratum], firsts: Mapping[str, int], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return first person and size of the community that each person picks from, shape (people,), int32 each.

    Residents and diasporas live in their own communities. Families, and residents who are sampled separately as users
    of a platform, live in a community of their state's residents, or of the group within the state that they belong to.
    """
    near = np.empty((len(people), 2), np.int32)
    blocks: dict[str, np.ndarray] = {}  # first person and size of each community of a group
    for group in sorted(groups, key=_is_guest):
        numbers = np.arange(firsts[group.label], firsts[group.label] + group.size)
        if _is_guest(group):
            community = group.community if group.role == "family" else ""
            around = blocks[str(Group(group.residence, group.residence, community=community))]
            home = (uniform_draws(seed, Purpose.HOME_COMMUNITY, numbers) * len(around)).astype(np.int64)
            near[numbers] = around[home]
        else:
            _, first, block, size = np.unique(
                people.community[numbers], return_index=True, return_inverse=True, return_counts=True
            )
            blocks[group.label] = np.column_stack([first + firsts[group.label], size])
            near[numbers] = blocks[group.label][block]
    return np.ascontiguousarray(near[:, 0]), np.ascontiguousarray(near[:, 1])


@kernel
def _add_kin(a: np.ndarray, b: np.ndarray, count_only: bool, fill: np.ndarray, packed: np.ndarray) -> None:
    for k in range(a.size):
        if not count_only:
            packed[fill[a[k]]] = 2 * b[k] + 1
            packed[fill[b[k]]] = 2 * a[k] + 1
        fill[a[k]] += 1
        fill[b[k]] += 1


def _draw_habits(diaspora_end: np.ndarray, q: Mapping[str, float], seed: int) -> np.ndarray:
    """Return how often each kin tie abroad is used [conversations a day]."""
    talks = np.array([q[f"contact.talks_{name}"] for name in ("often", "weekly", "monthly", "rarely")])
    # The survey asks a person how often, not about each relative: one draw for all kin, who share the talks.
    left, habit = uniform_draws(seed, Purpose.FREQUENCY, diaspora_end), np.zeros(diaspora_end.size, np.int64)
    rarer = np.ones(diaspora_end.size, np.bool_)
    for name in ("weekly_or_more", "weekly", "monthly"):
        rarer &= left >= q[f"contact.{name}"]
        left[rarer] -= q[f"contact.{name}"]
        habit += rarer
    kin = np.bincount(diaspora_end)  # kin abroad of each member of a diaspora
    return np.asarray(talks[habit] / 30.0 / kin[diaspora_end], np.float32)


def make_ties(people: People, groups: Sequence[Stratum], q: Mapping[str, float], seed: int) -> Ties:
    """Draw the ties of a world.

    Parameters
    ----------
    people : People
    groups : sequence of Stratum
        In the order of the people.
    q : mapping
        Parameters ``ties.*`` and ``contact.*``.
    seed : int
    """
    sizes = {g.label: g.size for g in groups}
    firsts = dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
    near_first, near_size = _neighbourhoods(people, groups, firsts, seed)
    pick_first = np.array([firsts[g.residence] for g in groups], np.int32)
    pick_size = np.array([sizes[g.residence] for g in groups], np.int32)
    # 2: both near and far ties are drawn from either end; 1: near ties only; 0: this end draws them all.
    halves = np.array([2 if g.is_rest else 0 if _is_guest(g) else 1 for g in groups], np.int8)
    weight = np.array([g.weight for g in groups])
    keys = np.array([stream(seed, p) for p in (Purpose.DEGREE, Purpose.FRIEND, Purpose.RECIPROCAL)])
    a, b = _draw_kin_abroad(groups, firsts, q, seed)
    args = (
        pick_first, pick_size, near_first, near_size, people.group, halves, weight, q["ties.degree_mean"],
        q["ties.degree_spread"], q["ties.inside_share"], q["ties.kin_domestic"], keys,
    )  # fmt: skip
    nothing, degree = np.empty(0, np.int32), np.zeros(len(people), np.int64)
    _home_ties(True, *args, degree, nothing)
    _add_kin(a, b, True, degree, nothing)
    start = np.concatenate([[0], np.cumsum(degree)]).astype(np.int64)
    packed, fill = np.empty(start[-1], np.int32), start[:-1].copy()
    _home_ties(False, *args, fill, packed)
    _add_kin(a, b, False, fill, packed)
    if start[-1] <= np.iinfo(np.int32).max:
        start = start.astype(np.int32)
    return Ties(start, packed, a, b, _draw_habits(a, q, seed))

"""Ties: contacts, the apps that connect families on the first day, and traits that decide how
contact comes back.

Ties are compressed sparse rows. A person has friends and kin in the community and anywhere in the
state of residence; people in a diaspora also have kin in the families at home. A tie between groups
has the smaller of their weights: a simulated resident, who represents many people, has a tie to a
simulated person in a diaspora, who represents few, with a probability equal to the ratio of their
weights. A person's circle therefore does not depend on the sampling of a group. Both passes draw
the same counter-based numbers, so only the rows are stored.

The share of families with a single channel is unknown and is a parameter (``ties.only_channel``,
0.3 to 0.9). In a family with a single channel, each member uses that of their platforms which is
most common in the corridor. In other families, a member shares a second platform with every
relative abroad, as far as the group has users of it. A group's share of users is a fact, so these
members replace other users in the group, of the same youth, who do not need the platform for kin
abroad. Families are processed in a random order, which is the same for any share of families with
one channel, until all users in a group are assigned.

The traits of a pair that decide on its return are drawn on the first day. Readiness, the need for
help and the knowledge of telephone numbers are the same for all pairs of a household at home.
Readiness is correlated with the ability of the two people to use workarounds, which is higher for
young and active people.
"""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numba import int64

from ..core.chance import Key, Purpose, normal, stream, uniform
from ..core.groups import Group
from ..core.kernels import kernel, leaf, part
from ..facts.people import is_watched
from ..facts.platforms import languages_of, scope_of
from ..people.access import bits
from ..people.kernel_types import NEVER_DAYS, Bonds, empty_bonds
from ..people.setting import Setting
from .groups import Stratum
from .people import People, rows_of, uniform_draws, youth_of

PLAN_DAYS = 45.0
"""Time of notice to which the parameter for the share of planning pairs refers [days]."""
_SPREAD = 1.0
"""Spread of the logarithm of waiting times between pairs (assumption)."""
_READY, _HELP, _NUMBER, _HELPER, _PLAN = (int64(item) for item in range(5))
"""Keys of the random numbers that a household shares. They have one type, so that kernels are
compiled only once.
"""
Keys = namedtuple(
    "Keys",
    [
        "household",
        "notice",
        "ready",
        "agree",
        "number",
        "route",
        "need",
        "helper",
        "by_phone",
        "follow",
        "phone",
        "plan",
        "exchange",
        "afraid",
        "youth",
        "caller",
        "knows",
        "account",
    ],
)
"""Keys of the random streams of traits; the names are those of `Purpose`."""
Rules = namedtuple(
    "Rules",
    [
        "kin_news_days",
        "kin_ready_days",
        "kin_fading_days",
        "kin_readiness_spread",
        "kin_household_correlation",
        "kin_elder_share",
        "kin_elder_calls",
        "kin_elder_needs_helper",
        "kin_young_needs_helper",
        "kin_helper_at_hand",
        "kin_help_by_phone",
        "kin_helper_days",
        "kin_other_route",
        "kin_other_route_days",
        "kin_follow_days",
        "announcement_plan_share",
        "announcement_plan_days",
        "announcement_number_share",
        "phone_number_known",
        "phone_habit",
        "phone_takeover",
        "phone_days",
        "fear_kin_telephone",
        "agree_rate",
        "follow_share",
    ],
)
"""Parameters by the names of ``parameters.csv``, and values that follow from the named rules in
force.

Three named rules have other choices: an app that both have stays unused (``kin.dormant_rule``), the
rate of agreements stays constant (``kin.agreement_rule``), or nobody follows a relative
(``kin.household_rule``).
"""
_QUANTILES = (
    "kin_elder_share",
    "kin_elder_needs_helper",
    "kin_young_needs_helper",
    "kin_helper_at_hand",
    "phone_number_known",
)
"""Shares that are stored as quantiles, for comparison with standard normal numbers."""


@dataclass(frozen=True)
class Ties:
    """The ties between all people of a world.

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


class Scope(NamedTuple):
    """Platforms that each group could adopt.

    Knowledge of a platform depends on its number of users in the group, not on blocks of other
    platforms.
    """

    reads: np.ndarray  # (groups,) platforms in a language that the group reads, bits
    registers: (
        np.ndarray
    )  # (groups,) platforms that accept a telephone number of its state of residence, bits
    known: (
        np.ndarray
    )  # (groups, platforms) share of the group that has heard of each platform [share]
    talk: int  # platforms that carry talk, bits


def scope_of_groups(
    groups: Sequence[Stratum], setting: Setting, penetration: np.ndarray, talk: np.ndarray
) -> Scope:
    """Return the platforms that each group could adopt.

    Parameters
    ----------
    groups : sequence of Stratum
    setting : Setting
    penetration : numpy.ndarray, shape (groups, platforms)
    talk : numpy.ndarray of bool, shape (platforms,)
        Platforms that carry talk.

    Notes
    -----
    A diaspora reads the languages of both its states, its families those of the state of origin.
    """
    scopes = [scope_of(name) for name in setting.platforms]
    reads, registers = np.zeros((2, *penetration.shape), np.bool_)
    for row, group in enumerate(groups):
        tongues = languages_of(group.home)
        if group.side == "diaspora":
            tongues |= languages_of(group.origin)
        reads[row] = [scope.speaks(tongues) for scope in scopes]
        registers[row] = [scope.takes_numbers_of(group.home) for scope in scopes]
    known = -np.expm1(-penetration / max(1e-9, setting.parameters["kin.known_use"]))
    return Scope(bits(reads), bits(registers), known, int(bits(talk[None, :])[0]))


@kernel
def _fill_ties(
    count_only: bool,
    pick_first: np.ndarray,
    pick_size: np.ndarray,
    near_first: np.ndarray,
    near_size: np.ndarray,
    group: np.ndarray,
    own_halves: np.ndarray,
    weight: np.ndarray,
    degree_mean: float,
    degree_spread: float,
    inside_share: float,
    kin: float,
    keys: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    fill: np.ndarray,
    packed: np.ndarray,
) -> None:
    """Count (or write) the ties at home that each person draws, and their other ends; then do the
    same for kin ties abroad.

    ``near_*`` is a person's community, ``pick_*`` the residents of the state (by group).
    ``own_halves`` marks groups whose communities pick each other, so that each end draws half of
    the ties. ``a`` and ``b`` are the ends abroad.
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
            # Anybody else in the community, or among the state's residents.
            first, size = (
                (near_first[i], near_size[i]) if k < n_near else (pick_first[g], pick_size[g])
            )
            inside = first <= i < first + size
            others = size - 1 if inside else size
            if others <= 0:
                continue
            j = first + int(uniform(keys[1], i, k) * others)
            j += 1 if inside and j >= i else 0
            is_kin = 1 if k < n_near and k < n_kin else 0
            back = group[j] == g or uniform(keys[2], i, k) * weight[group[j]] < weight[g]
            if not count_only:
                packed[fill[i]] = 2 * j + is_kin
                if back:
                    packed[fill[j]] = 2 * i + is_kin
            fill[i] += 1
            if back:
                fill[j] += 1
    for k in range(a.size):
        if not count_only:
            packed[fill[a[k]]] = 2 * b[k] + 1
            packed[fill[b[k]]] = 2 * a[k] + 1
        fill[a[k]] += 1
        fill[b[k]] += 1


def household_size(kin_abroad: float) -> int:
    """Return the size of a family left behind, so that people abroad have ``kin_abroad`` relatives
    on average.
    """
    return max(1, round(2 * kin_abroad - 1))


def households(family_end: np.ndarray, groups: Sequence[Stratum], kin_abroad: float) -> np.ndarray:
    """Return the household of the relative at home, by the number of its first person, for each
    pair of relatives in two states, shape (ties,).
    """
    sizes = np.array([g.size for g in groups])
    first = (
        np.repeat(np.cumsum(sizes) - sizes, sizes)[family_end] if family_end.size else family_end
    )
    return np.asarray(family_end - (family_end - first) % household_size(kin_abroad))


@kernel
def _kin_abroad(
    first: int,
    size: int,
    family_first: int,
    family_size: int,
    household: int,
    no_family: float,
    keys: np.ndarray,
    out_a: np.ndarray,
    out_b: np.ndarray,
) -> int:
    """Draw the kin of one diaspora: for each person, one or more members of one household. Return
    the number of ties.
    """
    n = 0
    for k in range(size):
        i = first + k
        if uniform(keys[0], i) < no_family:
            continue
        at = int(k * family_size / size) // household * household
        here = min(household, family_size - at)
        wanted = 1 + int(uniform(keys[1], i) * here)
        # A random start in the household gives distinct relatives without a list.
        offset = int(uniform(keys[2], i) * here)
        for r in range(wanted):
            out_a[n] = i
            out_b[n] = family_first + at + (offset + r) % here
            n += 1
    return n


def _neighbourhoods(
    people: People, groups: Sequence[Stratum], firsts: Mapping[str, int], seed: int
) -> np.ndarray:
    """Return first person and size of the community from which each person picks, shape (2,
    people), int32.

    Residents and diasporas live in their own communities. Families, and residents who are sampled
    separately as users of a platform, live in a community of their state's residents, or of their
    community within the state.
    """
    near = np.empty((len(people), 2), np.int32)
    blocks: dict[str, np.ndarray] = {}  # first person and size of each community of a group
    for group in sorted(groups, key=_is_guest):
        numbers = np.arange(firsts[group.label], firsts[group.label] + group.size)
        if _is_guest(group):
            community = group.community if group.side == "family" else ""
            around = blocks[Group(group.home, group.home, community=community).label]
            home = (uniform_draws(seed, Purpose.HOME_COMMUNITY, numbers) * len(around)).astype(
                np.int64
            )
            near[numbers] = around[home]
        else:
            _, first, block, size = np.unique(
                people.community[numbers],
                return_index=True,
                return_inverse=True,
                return_counts=True,
            )
            blocks[group.label] = np.column_stack([first + firsts[group.label], size])
            near[numbers] = blocks[group.label][block]
    return np.ascontiguousarray(near.T)


def _is_guest(group: Stratum) -> bool:
    """Return whether the people of a group live among those of another group, and have friends
    there.
    """
    return group.side == "family" or group.is_users


def make_ties(people: People, groups: Sequence[Stratum], q: Mapping[str, float], seed: int) -> Ties:
    """Draw the ties of a world.

    Parameters
    ----------
    people : People
    groups : sequence of Stratum
        Groups, in the order of the people.
    q : mapping
        Parameters ``ties.*`` and ``contact.*``.
    seed : int
    """
    sizes = {group.label: group.size for group in groups}
    firsts = {group.label: rows.start for group, rows in zip(groups, rows_of(groups), strict=True)}
    # Kin ties abroad, both ends, sorted by the diaspora end.
    household = household_size(q["ties.kin_abroad"])
    keys = np.array([stream(seed, p) for p in (Purpose.HAS_FAMILY, Purpose.KIN_COUNT, Purpose.KIN)])
    ends = [np.empty((2, 0), np.int32)]
    for group in groups:
        if group.side == "diaspora":
            family = group.families.label
            both = np.empty((2, group.size * household), np.int32)
            n = _kin_abroad(
                firsts[group.label],
                group.size,
                firsts[family],
                sizes[family],
                household,
                q["ties.no_family_share"],
                keys,
                both[0],
                both[1],
            )
            ends.append(both[:, :n])
    a, b = np.concatenate(ends, axis=1)
    near_first, near_size = _neighbourhoods(people, groups, firsts, seed)
    pick_first = np.array([firsts[g.home] for g in groups], np.int32)
    pick_size = np.array([sizes[g.home] for g in groups], np.int32)
    # 2: both ends draw near and far ties; 1: both ends draw near ties only; 0: this end draws all.
    halves = np.array([0 if _is_guest(g) else 1 for g in groups], np.int8)
    halves[[g.is_rest for g in groups]] = 2
    weight = np.array([g.weight for g in groups])
    keys = np.array([stream(seed, p) for p in (Purpose.DEGREE, Purpose.FRIEND, Purpose.RECIPROCAL)])
    args = (
        pick_first,
        pick_size,
        near_first,
        near_size,
        people.group,
        halves,
        weight,
        q["ties.degree_mean"],
        q["ties.degree_spread"],
        q["ties.inside_share"],
        q["ties.kin_domestic"],
        keys,
        a,
        b,
    )
    nothing = np.empty(0, np.int32)
    degree = np.zeros(len(people), np.int64)
    _fill_ties(True, *args, degree, nothing)
    start = np.concatenate([[0], np.cumsum(degree)]).astype(np.int64)
    packed = np.empty(start[-1], np.int32)
    fill = start[:-1].copy()
    _fill_ties(False, *args, fill, packed)
    if start[-1] <= np.iinfo(np.int32).max:
        start = start.astype(np.int32)
    # The survey asks a person for the total frequency, so one draw is divided among all kin.
    left = uniform_draws(seed, Purpose.FREQUENCY, a)
    habit = np.zeros(a.size, np.int64)
    rarer = np.ones(a.size, np.bool_)
    for name in ("weekly_or_more", "weekly", "monthly"):
        rarer &= left >= q[f"contact.{name}"]
        left[rarer] -= q[f"contact.{name}"]
        habit += rarer
    talks = np.array(
        [q[f"contact.talks_{name}"] for name in ("often", "weekly", "monthly", "rarely")]
    )
    return Ties(
        start, packed, a, b, np.asarray(talks[habit] / 30.0 / np.bincount(a)[a], np.float32)
    )


class Families(NamedTuple):
    """Kin ties abroad, sorted by the household at the family end, and the platforms that their
    people have or could adopt.
    """

    a: np.ndarray  # (ties,) person at the diaspora end
    b: np.ndarray  # (ties,) person at the family end
    household: np.ndarray  # (ties,) first member of the family end's household
    main: np.ndarray  # (ties,) main platform of the family end, or -1
    group: np.ndarray  # (people,)
    member: np.ndarray  # (people,) platforms that each person holds, bits
    needed: np.ndarray  # (people,) platforms that each person needs for kin abroad, bits
    room: (
        np.ndarray
    )  # (groups, platforms) number of further people in each group who may need each platform
    corridor: np.ndarray  # (groups,) number of its corridor; -1 for residents
    shared: (
        np.ndarray
    )  # (corridors, platforms) product of the penetration at both ends; 0 if closed at one
    closed: np.ndarray  # (groups,) platforms that not everybody can adopt, bits


def choose_channels(
    people: People,
    groups: Sequence[Stratum],
    ties: Ties,
    penetration: np.ndarray,
    usable: np.ndarray,
    closed: np.ndarray,
    q: Mapping[str, float],
    seed: int,
) -> None:
    """Set the platforms on which families keep in touch on the first day (in place, in ``people``).

    Parameters
    ----------
    people : People
    groups : sequence of Stratum
    ties : Ties
    penetration : numpy.ndarray, shape (groups, platforms)
    usable : numpy.ndarray of bool, shape (groups, platforms)
        Whether the platform carries talk, and most people in the group reach it without a
        workaround on the first day.
    closed : numpy.ndarray, shape (groups,), int64
        Platforms that not everybody in a group can adopt, because they run only on some phones or
        are blocked for some people, bits. Nobody adopts them as a second channel.
    q : mapping
        Parameters ``ties.*``.
    seed : int
    """
    row_of = {g.label: row for row, g in enumerate(groups)}
    ends = np.array(
        [(row_of[g.label], row_of[g.families.label]) for g in groups if g.side == "diaspora"],
        np.int64,
    )
    corridor = np.full(len(groups), -1, np.int16)
    ends = ends.reshape(-1, 2)
    corridor[ends] = np.arange(len(ends))[:, None]
    shared = np.zeros((max(1, len(ends)), penetration.shape[1]))
    shared[: len(ends)] = penetration[ends].prod(axis=1) * usable[ends].all(axis=1)
    a = ties.diaspora_end
    b = ties.family_end
    household = households(b, groups, q["ties.kin_abroad"])
    needed = np.zeros(len(people), np.int64)
    room = np.empty((len(groups), shared.shape[1]), np.int64)
    for p in range(shared.shape[1]):
        room[:, p] = np.bincount(people.group[people.member >> p & 1 == 1], minlength=len(groups))
    families = Families(
        a,
        b,
        household,
        np.empty(b.size, np.int64),
        people.group,
        people.member,
        needed,
        room,
        corridor,
        shared,
        closed,
    )
    _find_mains(families, np.argsort(-shared, axis=1, kind="stable"))
    luck = uniform_draws(seed, Purpose.SINGLE_CHANNEL, household)
    single = (families.main >= 0) & (luck < q["ties.only_channel"])
    people.abroad[b[single]] = 1 << families.main[single]
    start = np.flatnonzero(np.diff(household, prepend=-1))
    # In random order: a family with a second channel keeps it at a lower share of single families.
    order = np.argsort(-luck[start], kind="stable")
    last = np.append(start[1:], b.size)[order]
    _grant_seconds(families, start[order], last, single, stream(seed, Purpose.SECOND_CHANNEL))
    # People who need a platform replace others of the same group and similar youth as its users.
    for rows in rows_of(groups):
        member = people.member[rows.start : rows.stop]
        need = needed[rows.start : rows.stop]
        wanted = int(np.bitwise_or.reduce(need & ~member))
        youth = youth_of(seed, rows.start, len(rows)) if wanted else np.empty(0)
        for p in (p for p in range(wanted.bit_length()) if wanted >> p & 1):
            takes, gives = (
                np.flatnonzero(held >> p & 1) for held in (need & ~member, member & ~need)
            )
            n = takes.size
            by_youth = np.argsort(youth[gives], kind="stable")
            # The nearest remaining person, in the order of youth; nobody is replaced twice.
            place = np.searchsorted(youth[gives][by_youth], np.sort(youth[takes])) - np.arange(n)
            place = np.minimum(np.maximum.accumulate(place), gives.size - n) + np.arange(n)
            member[takes] |= 1 << p
            member[gives[by_youth[place]]] &= ~(1 << p)


@part
def _need(f: Families, i: int, p: int) -> None:
    """Mark that a person needs a platform, and reduce the group's remaining number."""
    if not f.needed[i] & (1 << p):
        f.needed[i] |= 1 << p
        f.room[f.group[i], p] -= 1


@kernel
def _find_mains(f: Families, order: np.ndarray) -> None:
    """Fill the main platform of each family end: the most common one of the corridor that it has.
    Both ends need it if they have it.
    """
    for k in range(f.b.size):
        route = f.corridor[f.group[f.b[k]]]
        f.main[k] = -1
        for p in order[route]:
            if f.shared[route, p] > 0.0 and f.member[f.b[k]] & (1 << p):
                f.main[k] = p
                _need(f, f.b[k], p)
                if f.member[f.a[k]] & (1 << p):
                    _need(f, f.a[k], p)
                break


@kernel
def _grant_seconds(
    f: Families, starts: np.ndarray, ends: np.ndarray, single: np.ndarray, key: Key
) -> None:
    """Give a second channel to the selected households, while the groups have users left (in
    place).
    """
    for at in range(starts.size):
        first = starts[at]
        last = ends[at]
        for k in range(first, last):
            j = f.b[k]
            is_first = True
            for t in range(first, k):
                is_first = is_first and f.b[t] != j
            if not is_first or single[k] or f.main[k] < 0:
                continue
            candidates = _fewest_new(f, k, first, last)
            chosen = _draw_second(f, k, candidates, uniform(key, f.household[k]))
            if chosen < 0:
                continue
            _need(f, j, chosen)
            for t in range(first, last):
                if f.b[t] == j:
                    _need(f, f.a[t], chosen)


@part
def _fewest_new(f: Families, k: int, first: int, last: int) -> int:
    """Return the possible second platforms that need the fewest new users in a household (bits)."""
    j = f.b[k]
    route = f.corridor[f.group[j]]
    fewest = int64(1) << 62
    candidates = int64(0)
    for p in range(f.shared.shape[1]):
        if p != f.main[k] and f.shared[route, p] > 0.0:
            new = _new_holders(f, j, p, first, last)
            if 0 <= new <= fewest:
                candidates = (int64(1) << p) | (candidates if new == fewest else int64(0))
                fewest = new
    return int(candidates)


@part
def _draw_second(f: Families, k: int, candidates: int, luck: float) -> int:
    """Return one of some platforms (bits), drawn in proportion to use; -1 if there is none.

    All people in a household share one random number, so that they have the same second platform if
    possible.
    """
    route = f.corridor[f.group[f.b[k]]]
    total = 0.0
    for p in range(f.shared.shape[1]):
        if candidates & (1 << p):
            total += f.shared[route, p]
    left = luck * total
    for p in range(f.shared.shape[1]):
        if candidates & (1 << p):
            left -= f.shared[route, p]
            if left < 0.0:
                return p
    return -1


@part
def _new_holders(f: Families, j: int, p: int, first: int, last: int) -> int:
    """Return the number of people, among a family member and the relatives abroad, who do not have
    a platform yet; -1 if not all can adopt it.
    """
    bit = int64(1) << p
    here = 0 if f.needed[j] & bit else 1
    new = 0 if (f.member[j] | f.needed[j]) & bit else 1
    if here > f.room[f.group[j], p] or (new > 0 and f.closed[f.group[j]] & bit):
        return -1
    there = 0
    for t in range(first, last):
        if f.b[t] != j:
            continue
        i = f.a[t]
        there += 0 if f.needed[i] & bit else 1
        if there > f.room[f.group[i], p] or (f.closed[f.group[i]] & bit and not f.member[i] & bit):
            return -1
        new += 0 if f.member[i] & bit or f.needed[i] & bit else 1
    return new


def monthly_rate(share: float, spread: float, days: float = 30.0) -> float:
    """Return the rate of pairs with average readiness at which a share of all pairs agrees within
    30 days [1/day].

    Parameters
    ----------
    share : float
        Share of pairs, 0 to 1: 0 for no agreements, 1 for immediate ones.
    spread : float
        Spread of the logarithm of the rate between pairs.
    days : float
        Days at the full rate that are equivalent to 30 days.
    """
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1e6
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    pace = np.exp(spread * nodes)
    weights = weights / weights.sum()
    low = 1e-9
    high = 1e6
    for _ in range(200):
        middle = math.sqrt(low * high)
        reached = float(weights @ -np.expm1(-days * middle * pace))
        low, high = (middle, high) if reached < share else (low, middle)
    return low


def _rules_of(q: Mapping[str, float]) -> Any:
    """Return the parameters of bonds, in the form for kernels."""
    parameters = {name: name.replace("_", ".", 1) for name in Rules._fields}
    values = {name: q[parameter] for name, parameter in parameters.items() if parameter in q}
    for name in _QUANTILES:
        ends = -math.inf if values[name] <= 0.0 else math.inf
        values[name] = NormalDist().inv_cdf(values[name]) if 0.0 < values[name] < 1.0 else ends
    fades = q["kin.agreement_rule"] != 0
    fading = q["kin.fading_days"] if fades else math.inf
    # Days at the first day's rate that are equivalent to 30 days of searching.
    days = -fading * math.expm1(-30.0 / fading) if fades else 30.0
    values["kin_fading_days"] = fading
    values["kin_ready_days"] = float(NEVER_DAYS) if q["kin.dormant_rule"] else q["kin.ready_days"]
    values["agree_rate"] = monthly_rate(
        q["choice.invite_acceptance"], q["kin.readiness_spread"], days
    )
    values["follow_share"] = 0.0 if q["kin.household_rule"] else q["choice.late_acceptance"]
    return Rules(**values)


def make_bonds(
    people: People, groups: Sequence[Stratum], ties: Ties, setting: Setting, scope: Scope, seed: int
) -> Bonds:
    """Draw the random numbers that decide how each kin tie abroad comes back.

    Parameters
    ----------
    people : People
    groups : sequence of Stratum
    ties : Ties
    setting : Setting
    scope : Scope
        The platforms that each group can read, join and knows.
    seed : int
    """
    q = setting.parameters
    a = ties.diaspora_end
    b = ties.family_end
    out = empty_bonds(a.size)
    keys = Keys(*(stream(seed, Purpose[name.upper()]) for name in Keys._fields))
    _find_known(a, b, people.group, people.member, scope, 1.0 - q["kin.account_barrier"], keys, out)
    spread = q["circumvention.effort_spread"]
    # Each person's ease with workarounds, standard normal.
    ease = (
        -np.log(people.effort.astype(np.float64)) / spread if spread > 0 else np.zeros(len(people))
    )
    # Conversations a day for which half of the people like the one abroad would pay: the spending
    # on calls at which half of the group does without [US$ a month], and the price of one
    # conversation a day, for a month [US$].
    income = [setting.state_facts[group.home].gdp_per_head.value for group in groups]
    afford = np.array([q["phone.bill_share"] * gdp / 12.0 for gdp in income])
    pays = afford[people.group[a]] / max(1e-9, 30.0 * q["phone.minutes"] * q["phone.price"])
    # Share of households like the family's that adopt no other channel.
    watched = [is_watched(group.home, group.community) for group in groups]
    fear = np.where(watched, q["fear.kin_contact_watched"], q["fear.kin_contact"])[people.group[b]]
    home = households(b, groups, q["ties.kin_abroad"])
    _draw_bonds(a, b, home, ties.conversations, ease, pays, fear, _rules_of(q), keys, out)
    return out


@kernel
def _find_known(
    a: np.ndarray,
    b: np.ndarray,
    group: np.ndarray,
    member: np.ndarray,
    scope: Scope,
    at_home: float,
    keys: Any,
    out: Bonds,
) -> None:
    """Fill the platforms that each pair could adopt, and those known to either end.

    A platform must accept a number of the person's state, or one kept from home.
    """
    for k in range(a.size):
        tongues = scope.talk & scope.reads[group[a[k]]] & scope.reads[group[b[k]]]
        for p in range(scope.known.shape[1]):
            bit = np.int64(1) << p
            can = tongues & bit != 0
            knows = False
            for i in (a[k], b[k]):
                has_account = (member[i] | scope.registers[group[i]]) & bit != 0
                can = can and (has_account or uniform(keys.account, i, p) < at_home)
            for i in (a[k], b[k]):
                has_heard = can and (
                    member[i] & bit != 0 or uniform(keys.knows, i, p) < scope.known[group[i], p]
                )
                knows = knows or has_heard
            out.usable[k] |= bit if can else np.int64(0)
            out.known[k] |= bit if knows else np.int64(0)


@kernel
def _draw_bonds(
    a: np.ndarray,
    b: np.ndarray,
    household: np.ndarray,
    conversations: np.ndarray,
    ease: np.ndarray,
    pays: np.ndarray,
    fear: np.ndarray,
    q: Any,
    keys: Any,
    out: Bonds,
) -> None:
    """Fill the waiting times of each pair."""
    for k in range(a.size):
        i = a[k]
        j = b[k]
        home = household[k]
        talks = _wait(keys.notice, j, 2 * i) / max(1e-6, conversations[k])
        out.notice[k] = min(talks, _wait(keys.notice, j, 2 * i + 1) * q.kin_news_days)
        out.ready[k] = q.kin_ready_days * math.exp(_SPREAD * normal(keys.ready, j, i))
        ready = math.sqrt(q.kin_household_correlation) * normal(keys.household, home, _READY)
        ready += math.sqrt(1.0 - q.kin_household_correlation) * (ease[i] + ease[j]) / math.sqrt(2.0)
        pace = q.agree_rate * math.exp(q.kin_readiness_spread * ready)
        out.agree[k] = _days_until(_wait(keys.agree, j, i), pace, q.kin_fading_days)
        has_number = _alike(home, j, _NUMBER, q, keys.household, keys.number) < q.phone_number_known
        out.wire[k] = 0.0 if has_number else NEVER_DAYS
        if not has_number and uniform(keys.route, j, 2 * i) < q.kin_other_route:
            out.wire[k] = _wait(keys.route, j, 2 * i + 1) * q.kin_other_route_days
        is_old = normal(keys.youth, j) < q.kin_elder_share
        needs = q.kin_elder_needs_helper if is_old else q.kin_young_needs_helper
        out.calls_only[k] = is_old and uniform(keys.caller, j) < q.kin_elder_calls
        exchange = _lead(
            uniform(keys.exchange, j, i), q.announcement_number_share, q.announcement_plan_days
        )
        out.number[k] = 0.0 if has_number else exchange
        out.help[k] = 0.0
        if _alike(home, j, _HELP, q, keys.household, keys.need) < needs:
            # Somebody helps: in the household, or the other end by telephone.
            out.help[k] = NEVER_DAYS
            if _alike(home, j, _HELPER, q, keys.household, keys.helper) < q.kin_helper_at_hand:
                out.help[k] = q.kin_helper_days * math.exp(_SPREAD * normal(keys.helper, j, 1))
            if has_number and uniform(keys.by_phone, j, i) < q.kin_help_by_phone:
                by_phone = (
                    2.0 * q.kin_helper_days * math.exp(_SPREAD * normal(keys.by_phone, j, i + 1))
                )
                out.help[k] = min(out.help[k], by_phone)
        out.follow[k] = NEVER_DAYS
        if uniform(keys.follow, j, i) < q.follow_share:
            wait = q.kin_follow_days * math.exp(_SPREAD * normal(keys.follow, j, i + 1))
            out.follow[k] = wait if out.help[k] == 0.0 else wait + 0.5 * q.kin_helper_days
        out.plan[k] = NEVER_DAYS
        if q.agree_rate > 0.0:  # if nobody ever agrees, nobody plans
            rank = 0.5 * (
                1.0
                + math.erf(_alike(home, j, _PLAN, q, keys.household, keys.plan) / math.sqrt(2.0))
            )
            in_time = rank * -math.expm1(-PLAN_DAYS / q.announcement_plan_days)
            out.plan[k] = max(
                out.help[k], _lead(in_time, q.announcement_plan_share, q.announcement_plan_days)
            )
        out.phone[k] = _first_call(j, i, conversations[k] / pays[k], q, keys)
        out.afraid[k] = uniform(keys.afraid, home, 0) < fear[k]
        if out.afraid[k] and uniform(keys.afraid, home, 1) < q.fear_kin_telephone:
            out.phone[k] = NEVER_DAYS


@part
def _first_call(j: int, i: int, burden: float, q: Any, keys: Any) -> float:
    """Return the time without an app until a pair telephones [days].

    The pair telephones by habit, or begins after a while if it knows a number and can afford the
    cost.
    """
    if uniform(keys.phone, j, 2 * i) < q.phone_habit:
        return 0.0
    if uniform(keys.phone, j, 2 * i + 1) < q.phone_takeover / (1.0 + burden):
        return float(q.phone_days)
    return float(NEVER_DAYS)


@leaf
def _days_until(limit: float, rate: float, fading: float) -> float:
    """Return the days until a rate that may fade sums up to a limit [days]."""
    if rate <= 0.0:
        return float(NEVER_DAYS)
    days = limit / rate
    if fading < math.inf:
        days = -fading * math.log(1.0 - days / fading) if days < fading else float(NEVER_DAYS)
    return min(days, float(NEVER_DAYS))


@leaf
def _lead(rank: float, share: float, days: float) -> float:
    """Return the notice after which people at a rank (0 to 1) act, if a share of people ever does
    [days].
    """
    return -days * math.log(1.0 - rank / share) if rank < share else float(NEVER_DAYS)


@part
def _wait(key: Key, j: int, item: int) -> float:
    """Return a waiting time whose mean is one."""
    return -math.log(1.0 - uniform(key, j, item))


@part
def _alike(home: int, j: int, what: int, q: Any, key_home: Key, key_own: Key) -> float:
    """Return a standard normal number for a person, correlated within the household."""
    together = q.kin_household_correlation
    return math.sqrt(together) * normal(key_home, home, what) + math.sqrt(1.0 - together) * normal(
        key_own, j
    )

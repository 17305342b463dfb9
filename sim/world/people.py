"""People as columns: who they are, their platforms on the first day, and how easily they get round a block."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.chance import Key, Purpose, normal, stream, uniform
from sim.kernels import kernel
from sim.people.kernel_types import FIRST, Rows
from sim.threads import shared_out
from sim.world.strata import Group
from sim.world.users_apart import condition
from sim.world.youth import HOLDER_NOISE, leaning_weights, skill_weights

MAX_PLATFORMS = 63  # a person's platforms are the bits of one signed 64-bit number
_SHARED_ACTIVITY = 0.3  # assumption: share of the variance of activity online that a community shares


@dataclass(frozen=True)
class People:
    """Columns of people, grouped: the people of a group stand in a row.

    Attributes
    ----------
    group : numpy.ndarray, shape (people,), int16
    community : numpy.ndarray, shape (people,), int32
        A diaspora and its families share the communities of their corridor.
    state : numpy.ndarray, shape (people,), int8
        Number of the state of residence, or of the community within it where that finds blocks of its own.
    store : numpy.ndarray, shape (people,), int8
        The same of the state whose app store the person has an account of, beside that of its own.
    effort : numpy.ndarray, shape (people,), float32
        What a workaround costs this person against one of middling skill [1].
    vpn : numpy.ndarray, shape (people,), uint8
        1 for holders of a VPN on the first day.
    member : numpy.ndarray, shape (people,), int64
        Platforms held on the first day, one bit each.
    abroad : numpy.ndarray, shape (people,), int64
        Platforms used to keep in touch with kin abroad, one bit each.
    """

    group: np.ndarray
    community: np.ndarray
    state: np.ndarray
    store: np.ndarray
    effort: np.ndarray
    vpn: np.ndarray
    member: np.ndarray
    abroad: np.ndarray

    def __len__(self) -> int:
        return len(self.group)

    def rows(self) -> Rows:
        """Return what each person is and has on the first day, a row each."""
        rows = np.zeros(len(self), FIRST)
        for name in FIRST.names or ():
            rows[name] = getattr(self, name)
        return rows


@dataclass(frozen=True)
class Person:
    """A read-only view of one person."""

    index: int
    group: str
    residence: str
    origin: str
    weight: float
    platforms: tuple[str, ...]
    has_vpn: bool


class PeopleView(Sequence[Person]):
    """``model.people``: people one by one, as views of the columns."""

    def __init__(self, people: Rows, groups: Sequence[Group], platforms: Sequence[str]) -> None:
        self._people, self._groups, self._platforms = people, groups, platforms

    def __len__(self) -> int:
        return len(self._people)

    def __getitem__(self, index: int) -> Person:  # type: ignore[override]
        if not -len(self) <= index < len(self):
            raise IndexError(f"person {index} of {len(self)}")
        index %= len(self)
        row = self._people[index]
        group = self._groups[int(row["group"])]
        bits = int(row["using"])
        held = tuple(name for i, name in enumerate(self._platforms) if bits >> i & 1)
        return Person(index, group.label, group.residence, group.origin, group.weight, held, bool(row["vpn"]))

    def __iter__(self) -> Iterator[Person]:
        return (self[i] for i in range(len(self)))


@kernel
def _youth(first: int, key: Key, out: np.ndarray) -> None:
    for k in range(out.size):
        out[k] = normal(key, first + k)


@kernel
def _activity(
    first: int, community: np.ndarray, youth: np.ndarray, w_youth: float, key_own: Key, key_shared: Key,
    out: np.ndarray,
) -> None:  # fmt: skip
    """Fill how active each person is online (standard normal)."""
    rest = math.sqrt(1 - w_youth * w_youth)
    for k in range(out.size):
        shared = math.sqrt(_SHARED_ACTIVITY) * normal(key_shared, community[k], 1000)
        own = math.sqrt(1 - _SHARED_ACTIVITY) * normal(key_own, first + k)
        out[k] = w_youth * youth[k] + rest * (shared + own)


@kernel
def _difficulty(
    first: int, activity: np.ndarray, youth: np.ndarray, w_activity: float, w_youth: float, w_own: float, key: Key,
    out: np.ndarray,
) -> None:  # fmt: skip
    """Fill how hard each person finds workarounds (standard normal)."""
    for k in range(out.size):
        out[k] = w_own * normal(key, first + k) - w_activity * activity[k] - w_youth * youth[k]


@kernel
def _holder_score(first: int, difficulty: np.ndarray, key: Key, out: np.ndarray) -> None:
    for k in range(out.size):
        out[k] = difficulty[k] + HOLDER_NOISE * normal(key, first + k)


@kernel
def _leaning(
    first: int, platform: int, activity: np.ndarray, youth: np.ndarray, community: np.ndarray, w_activity: float,
    w_youth: float, w_community: float, w_own: float, key_community: Key, key_taste: Key, out: np.ndarray,
) -> None:  # fmt: skip
    """Fill how much each person of a group leans to a platform (standard normal)."""
    last, shared = -1, 0.0
    for k in range(out.size):
        if community[k] != last:
            last = community[k]
            shared = normal(key_community, last, platform)
        own = w_own * normal(key_taste, first + k, platform)
        out[k] = w_activity * activity[k] + w_youth * youth[k] + w_community * shared + own


def _take(score: np.ndarray, share: float, eligible: np.ndarray | None = None) -> np.ndarray:
    """Return the indices of the ``share`` of people with the highest score, among those eligible."""
    quota = round(share * score.size)
    if eligible is not None:
        score = np.where(eligible, score, -np.inf)
        quota = min(quota, int(eligible.sum()))
    if quota <= 0:
        return np.empty(0, np.int64)
    if quota >= score.size:
        return np.arange(score.size)
    return np.argpartition(score, score.size - quota)[score.size - quota :]


def _communities(groups: Sequence[Group], size: int) -> tuple[np.ndarray, int]:
    """Return the community of each person: blocks of a group, one numbering for a diaspora and its families."""
    parts, base = [], 0
    by_corridor: dict[tuple[str, str, str], tuple[int, int]] = {}
    for group in groups:
        corridor = (*group.corridor, group.community) if group.corridor is not None else None
        if corridor is not None and corridor in by_corridor:
            start, n = by_corridor[corridor]
        else:
            n = max(1, round(group.size / size))
            start, base = base, base + n
            if corridor is not None:
                by_corridor[corridor] = (start, n)
        parts.append((start + np.arange(group.size) * n // max(1, group.size)).astype(np.int32))
    return np.concatenate(parts), base


def _whole_corridors(groups: Sequence[Group]) -> list[Group]:
    """Return the groups with the diaspora of each corridor before its families, so that both get its communities."""
    return sorted(groups, key=lambda g: g.role == "family")


class Holdings(NamedTuple):
    """What people hold on the first day, and what decides who holds it.

    Attributes
    ----------
    penetration : numpy.ndarray, shape (groups, platforms)
        Share of each group that uses each platform; met exactly, up to one person.
    vpn_share : numpy.ndarray, shape (places,)
        Share of a state's users who hold a VPN that opens blocked services.
    hidden : numpy.ndarray, shape (places, platforms)
        Share of people whom a block of the first day keeps from direct access; where it is above 0, a platform is
        held only by holders of a VPN and by those whom the block does not reach.
    lean : numpy.ndarray, shape (places, platforms)
        How far using each platform goes with youth, as `youth.lean_table` gives it.
    ios_share : numpy.ndarray, shape (places,)
        Share of a state's phones that are Apple's.
    apple_only : numpy.ndarray of bool, shape (platforms,)
        Platforms that only these run.
    """

    penetration: np.ndarray
    vpn_share: np.ndarray
    hidden: np.ndarray
    lean: np.ndarray
    ios_share: np.ndarray
    apple_only: np.ndarray


def make_people(
    groups: Sequence[Group], place: Sequence[int], held: Holdings, rules: dict[str, float], seed: int, threads: int = 1
) -> People:
    """Make the people of a world and what they hold on the first day.

    Parameters
    ----------
    groups : sequence of Group
    place : sequence of int
        Row of each group in the tables of ``held``: its state, or its community within one.
    held : Holdings
        What each group holds.
    rules : dict
        Parameters ``people.*`` and ``circumvention.*``.
    seed : int
    threads : int
        The outcome is the same for any number.
    """
    n = sum(g.size for g in groups)
    ordered = _whole_corridors(groups)
    numbered = _communities(ordered, int(rules["people.community_size"]))[0]
    blocks = np.split(numbered, np.cumsum([g.size for g in ordered])[:-1])
    community_by_group = dict(zip([g.label for g in ordered], blocks, strict=True))
    community = np.concatenate([community_by_group[g.label] for g in groups]) if n else np.empty(0, np.int32)
    people = People(
        group=np.repeat(np.arange(len(groups), dtype=np.int16), [g.size for g in groups]),
        community=community,
        state=np.repeat(np.array(place, np.int8), [g.size for g in groups]),
        store=np.repeat(np.array(place, np.int8), [g.size for g in groups]),
        effort=np.empty(n, np.float32),
        vpn=np.zeros(n, np.uint8),
        member=np.zeros(n, np.int64),
        abroad=np.full(n, -1, np.int64),
    )
    firsts = np.cumsum([0, *(g.size for g in groups)]).tolist()

    def fill(row: int, _: int) -> None:
        _fill_group(people, firsts[row], groups[row], held._replace(penetration=held.penetration[row]), rules, seed)

    shared_out(threads, len(groups), 1, fill)
    return people


def _fill_group(people: People, first: int, group: Group, held: Holdings, rules: dict[str, float], seed: int) -> None:
    """Draw skill, VPNs and platforms of the people of one group (in place); ``held.penetration`` is that group's."""
    rows = slice(first, first + group.size)
    community = people.community[rows]
    youth, activity, difficulty, score = (np.empty(group.size) for _ in range(4))
    if not group.size:
        return
    _youth(first, stream(seed, Purpose.YOUTH), youth)
    shared = stream(seed, Purpose.COMMUNITY)
    together = rules["people.youth_activity"]
    _activity(first, community, youth, together, stream(seed, Purpose.ACTIVITY), shared, activity)
    if group.tail is not None:
        _luck(stream(seed, Purpose.TAIL), first, luck := np.empty(group.size))
        condition(group.tail, together, luck, activity, youth)
    ease = skill_weights(rules["circumvention.skill_correlation"], rules["circumvention.skill_youth"], together)
    _difficulty(first, activity, youth, *ease, stream(seed, Purpose.SKILL), difficulty)
    people.effort[rows] = np.exp(rules["circumvention.effort_spread"] * difficulty)
    _holder_score(first, difficulty, stream(seed, Purpose.VPN_HOLDER), score)
    state = int(people.state[first])
    holders = float(held.vpn_share[state]) if group.tail is None else group.tail.vpn
    people.vpn[first + _take(-score, holders)] = 1
    provider = lucky_providers(seed, first, group.size)
    _luck(stream(seed, Purpose.DEVICE), first, phones := np.empty(group.size))
    for platform in map(int, np.flatnonzero(held.penetration > 0)):
        weights = leaning_weights(float(held.lean[state, platform]), rules)
        taste = stream(seed, Purpose.TASTE)
        _leaning(first, platform, activity, youth, community, *weights, shared, taste, score)
        eligible = None
        if held.hidden[state, platform] > 0:
            eligible = (people.vpn[rows] == 1) | (provider >= held.hidden[state, platform])
        if held.apple_only[platform]:
            on_apple = phones < held.ios_share[state]
            eligible = on_apple if eligible is None else eligible & on_apple
        people.member[first + _take(score, float(held.penetration[platform]), eligible)] |= 1 << platform


def youth_of(seed: int, first: int, size: int) -> np.ndarray:
    """Return the youth of people, standard normal among the users of a state, shape (size,)."""
    out = np.empty(size)
    _youth(first, stream(seed, Purpose.YOUTH), out)
    return out


@kernel
def _luck(key: Key, first: int, out: np.ndarray) -> None:
    for k in range(out.size):
        out[k] = uniform(key, first + k)


def lucky_providers(seed: int, first: int, size: int) -> np.ndarray:
    """Return the luck of people's providers, 0 to 1, shape (size,).

    A block of coverage c leaves those with luck >= c untouched.
    """
    out = np.empty(size)
    _luck(stream(seed, Purpose.PROVIDER_LUCK), first, out)
    return out

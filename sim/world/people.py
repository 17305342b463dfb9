"""People as columns: their traits, their platforms on the first day, and their ease with
workarounds.

Audiences differ in age (Odnoklassniki's is old, Instagram's young), and young people find
workarounds more easily. Both follow from one trait of a person, youth, which is standard normal
among the internet users of a state. Without it, the users of all platforms would be equally able to
avoid a block.

If a sample would contain too few users of a platform, the group is split: its tail of likely users
is simulated in more detail. `splinternet.people` has the rules for the following days.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from ..core.chance import Key, Purpose, normal, stream, uniform_many
from ..core.kernels import kernel, shared_out
from ..facts.model import REST_OF_WORLD
from ..facts.tables import Quantity
from .ages import age_of, highest_by_age
from .groups import Stratum

# assumption: chance, relative to ease, in holding a VPN on the first day [standard deviations]
HOLDER_NOISE = 0.7
_SHARED_ACTIVITY = (
    0.3  # assumption: share of the variance of activity online that a community shares
)


@dataclass(frozen=True)
class People:
    """The people of a world: one column per attribute, group by group.

    Attributes
    ----------
    group : numpy.ndarray, shape (people,), int16
    community : numpy.ndarray, shape (people,), int32
        A diaspora and its families share the communities of their corridor.
    state : numpy.ndarray, shape (people,), int16
        Number of the state of residence, or of a community within it that has its own blocks.
    store : numpy.ndarray, shape (people,), int16
        Number of the state in whose app store the person has another account.
    effort : numpy.ndarray, shape (people,), float32
        Cost of a workaround, relative to a person of average skill [1].
    vpn : numpy.ndarray, shape (people,), uint8
        1 for holders of a VPN on the first day.
    member : numpy.ndarray, shape (people,), int64
        Platforms held on the first day, one bit each.
    abroad : numpy.ndarray, shape (people,), int64
        Platforms used to keep in touch with kin abroad, one bit each.
    age : numpy.ndarray, shape (people,), uint8
        Age on the first day [full years].
    """

    group: np.ndarray
    community: np.ndarray
    state: np.ndarray
    store: np.ndarray
    effort: np.ndarray
    vpn: np.ndarray
    member: np.ndarray
    abroad: np.ndarray
    age: np.ndarray

    def __len__(self) -> int:
        return len(self.group)


class Leaning(NamedTuple):
    """Relation of the inclination to a platform, or of holding a VPN, to online activity and to
    youth.

    Attributes
    ----------
    activity, youth, community, own : float
        Weights of these traits in a person's leaning to the platform, a sum of standard normal
        traits.
    together : float
        Correlation of activity and youth [1].
    """

    activity: float
    youth: float
    together: float
    community: float = 0.0
    own: float = 0.0

    @property
    def with_activity(self) -> float:
        """Correlation with activity [1]."""
        return self.activity + self.youth * self.together

    @property
    def with_youth(self) -> float:
        """Correlation with youth [1]."""
        return self.youth + self.activity * self.together

    def correlation(self, other: Leaning) -> float:
        """Return the correlation with leaning to another platform [1]; the two share only activity
        and youth.
        """
        return self.activity * other.with_activity + self.youth * other.with_youth


def lean_table(
    facts: Mapping[tuple[str, str], Quantity], states: Sequence[str], platforms: Sequence[str]
) -> np.ndarray:
    """Return the correlation of use with youth for each platform.

    Parameters
    ----------
    facts : mapping of (state, platform) to Quantity
        Figures of ``youth_lean.csv``; states without a figure have that of the rest of the world.
    states, platforms : sequence of str

    Returns
    -------
    numpy.ndarray, shape (states, platforms)
        Correlations, -1 to 1; NaN without any figure.
    """
    figures = [
        [facts.get((s, p)) or facts.get((REST_OF_WORLD, p)) for p in platforms] for s in states
    ]
    return np.array([[math.nan if q is None else q.value for q in row] for row in figures])


def leaning_of(lean: float, q: Mapping[str, float]) -> Leaning:
    """Return the relation of a person's traits to the inclination to a platform.

    Parameters
    ----------
    lean : float
        Correlation of use with youth; NaN for that of any online activity.
    q : mapping
        ``people.activity``, ``people.homophily`` and ``people.youth_activity``.

    Notes
    -----
    Activity implies some correlation with youth, ``activity x youth_activity``; youth's own weight
    adds the rest.
    """
    activity = q["people.activity"]
    community = q["people.homophily"]
    together = q["people.youth_activity"]
    youth = 0.0 if math.isnan(lean) else lean - activity * together
    explained = (
        activity * activity
        + youth * youth
        + 2 * activity * youth * together
        + community * community
    )
    # Above 1 the sum is not standard normal, but it only ranks people.
    return Leaning(activity, youth, together, community, math.sqrt(max(0.0, 1 - explained)))


def skill_weights(activity: float, youth: float, together: float) -> tuple[float, float, float]:
    """Return the weights of activity, youth and chance in a person's ease with workarounds.

    Parameters
    ----------
    activity, youth : float
        Correlations of ease with activity online and with youth.
    together : float
        Correlation of the two, below 1.

    Notes
    -----
    These are the coefficients of a regression on both, which give the required correlations.
    """
    room = 1 - together * together
    w_activity = (activity - together * youth) / room
    w_youth = (youth - together * activity) / room
    explained = activity * w_activity + youth * w_youth
    return w_activity, w_youth, math.sqrt(max(0.0, 1 - explained))


def holding_of(q: Mapping[str, float]) -> Leaning:
    """Return the relation of holding a VPN to activity and youth: that of ease, diluted by chance.

    Parameters
    ----------
    q : mapping
        Parameters ``people.*`` and ``circumvention.*``.
    """
    together = q["people.youth_activity"]
    spread = math.sqrt(1.0 + HOLDER_NOISE * HOLDER_NOISE)
    activity, youth, _ = skill_weights(
        q["circumvention.skill_correlation"], q["circumvention.skill_youth"], together
    )
    return Leaning(activity / spread, youth / spread, together)


def depth_in_tail(share: float, luck: np.ndarray) -> np.ndarray:
    """Return the leaning of people in the tail to their platforms, standard normal in the whole
    population.

    Parameters
    ----------
    share : float
        Share of the population that is in the tail [1].
    luck : numpy.ndarray, shape (people,)
        Position in the tail, 0 to 1.
    """
    inverse = NormalDist().inv_cdf
    last = math.nextafter(1.0, 0.0)
    ranks = (1.0 - share * min(max(u, 1e-12), 1.0 - 1e-12) for u in luck.tolist())
    return np.array([inverse(min(rank, last)) for rank in ranks])


@kernel
def _fill_normal(key: Key, people: np.ndarray, item: int, out: np.ndarray) -> None:
    for k in range(out.size):
        out[k] = normal(key, people[k], item)


def uniform_draws(seed: int, purpose: Purpose, people: np.ndarray, of: int = 0) -> np.ndarray:
    """Return a number in [0, 1) for each of some people (their numbers), shape (people,).

    ``of`` selects one of several streams of a purpose.
    """
    return uniform_many(stream(seed, purpose, of), people)


def normal_draws(seed: int, purpose: Purpose, people: np.ndarray, item: int = 0) -> np.ndarray:
    """Return a standard normal number for each of some people or communities (their numbers), shape
    (people,).
    """
    out = np.empty(people.size)
    _fill_normal(stream(seed, purpose), people.astype(np.int64), item, out)
    return out


def youth_of(seed: int, first: int, size: int) -> np.ndarray:
    """Return the youth of people, standard normal among the users of a state, shape (size,)."""
    return normal_draws(seed, Purpose.YOUTH, np.arange(first, first + size))


@kernel
def _leaning(
    first: int,
    platform: int,
    activity: np.ndarray,
    youth: np.ndarray,
    community: np.ndarray,
    weight: Leaning,
    key_community: Key,
    key_taste: Key,
    out: np.ndarray,
) -> None:
    """Fill the leaning of each person of a group to a platform (standard normal)."""
    last = -1
    shared = 0.0
    for k in range(out.size):
        if community[k] != last:
            last = community[k]
            shared = normal(key_community, last, platform)
        own = weight.own * normal(key_taste, first + k, platform)
        out[k] = (
            weight.activity * activity[k]
            + weight.youth * youth[k]
            + weight.community * shared
            + own
        )


def _highest(
    score: np.ndarray,
    share: float,
    eligible: np.ndarray | None = None,
    by_age: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """Return the indices of the ``share`` of eligible people with the highest scores, by age if
    given.
    """
    quota = round(share * score.size)
    if eligible is not None:
        score = np.where(eligible, score, -np.inf)
        quota = min(quota, int(eligible.sum()))
    if quota <= 0:
        return np.empty(0, np.int64)
    if quota >= score.size:
        return np.arange(score.size)
    if by_age is not None:
        return highest_by_age(score, quota, *by_age)
    return np.argpartition(score, score.size - quota)[score.size - quota :]


class Holdings(NamedTuple):
    """Shares of people with each platform and a VPN on the first day, and related traits."""

    penetration: (
        np.ndarray
    )  # (groups, platforms) share of each group that uses each, exact up to one person
    vpn_share: (
        np.ndarray
    )  # (places,) share of a state's users who hold a VPN that opens blocked services
    # (places, platforms) share of people without direct access because of a block on the first day;
    # above 0, only people with a VPN, or outside the block, have the platform
    hidden: np.ndarray
    lean: np.ndarray  # (places, platforms) correlation of use with youth, from `lean_table`
    ios_share: np.ndarray  # (places,) share of a state's phones that are Apple's
    apple_only: np.ndarray  # (platforms,) whether only these run each platform
    age_steps: (
        np.ndarray
    )  # (places, 100) rank from which people are older than each age, from `age_steps`
    # use by age, from `use_by_age`, by place and platform; empty if no policy of the scenario names
    # an age
    use_by_age: Mapping[tuple[int, int], np.ndarray] = MappingProxyType({})


def rows_of(groups: Sequence[Stratum]) -> list[range]:
    """Return the numbers of the people of each group."""
    ends = np.cumsum([g.size for g in groups]).tolist()
    return [range(end - group.size, end) for group, end in zip(groups, ends, strict=True)]


def make_people(
    groups: Sequence[Stratum],
    place: Sequence[int],
    holdings: Holdings,
    q: Mapping[str, float],
    seed: int,
    threads: int = 1,
) -> People:
    """Make the people of a world and their platforms on the first day.

    Parameters
    ----------
    groups : sequence of Stratum
    place : sequence of int
        Row of each group in the tables of ``holdings``: its state, or its community within one.
    holdings : Holdings
        Platforms and VPNs of each group.
    q : mapping
        Parameters ``people.*`` and ``circumvention.*``.
    seed : int
    threads : int
        Number of threads, which does not change the result.
    """
    sizes = [g.size for g in groups]
    rows = rows_of(groups)
    n = sum(sizes)
    total = 0
    community = np.empty(n, np.int32)
    first_and_count = {}
    # Communities of a group; a diaspora and its families share the numbers of the diaspora.
    for row in sorted(range(len(groups)), key=lambda row: groups[row].side == "family"):
        group = groups[row]
        if group.side != "family":
            count = max(1, round(group.size / int(q["people.community_size"])))
            first_and_count[group.label] = total, count
            total += count
            if group.side == "diaspora":
                first_and_count[group.families.label] = first_and_count[group.label]
        first, count = first_and_count[group.label]
        community[rows[row].start : rows[row].stop] = first + np.arange(group.size) * count // max(
            1, group.size
        )
    people = People(
        group=np.repeat(np.arange(len(groups), dtype=np.int16), sizes),
        community=community,
        state=np.repeat(np.array(place, np.int16), sizes),
        store=np.repeat(np.array(place, np.int16), sizes),
        effort=np.empty(n, np.float32),
        vpn=np.zeros(n, np.uint8),
        member=np.zeros(n, np.int64),
        abroad=np.full(n, -1, np.int64),
        age=np.zeros(n, np.uint8),
    )

    def fill(row: int, _: int) -> None:
        if groups[row].size:
            _fill_group(
                people,
                rows[row],
                groups[row],
                holdings._replace(penetration=holdings.penetration[row]),
                q,
                seed,
            )

    shared_out(threads, len(groups), 1, fill)
    return people


def _fill_group(
    people: People, at: range, group: Stratum, holdings: Holdings, q: Mapping[str, float], seed: int
) -> None:
    """Draw age, skill, VPNs and platforms of the people of one group (in place), with the group's
    penetration.
    """
    first = at.start
    rows = slice(at.start, at.stop)
    numbers = np.array(at)
    community = people.community[rows]
    together = q["people.youth_activity"]
    youth = normal_draws(seed, Purpose.YOUTH, numbers)
    # Online activity, standard normal: correlated with youth, and partly shared by a community.
    shared = math.sqrt(_SHARED_ACTIVITY) * normal_draws(seed, Purpose.COMMUNITY, community, 1000)
    own = math.sqrt(1 - _SHARED_ACTIVITY) * normal_draws(seed, Purpose.ACTIVITY, numbers)
    activity = together * youth + math.sqrt(1 - together * together) * (shared + own)
    if group.tail is not None:
        # Given leaning L, activity and youth are normal about (r_a L, r_y L); the drawn values,
        # standard normal with correlation ``together``, add the rest of their variance.
        tail = group.tail
        depth = depth_in_tail(group.tail.share, uniform_draws(seed, Purpose.TAIL, numbers))
        alone = (activity - together * youth) / math.sqrt(1.0 - together * together)
        spread = math.sqrt(1.0 - tail.youth * tail.youth)
        common = (together - tail.activity * tail.youth) / spread
        rest = math.sqrt(max(0.0, 1.0 - tail.activity * tail.activity - common * common))
        activity = tail.activity * depth + common * youth + rest * alone
        youth = tail.youth * depth + spread * youth
    place = int(people.state[first])
    people.age[rows] = age_of(youth, holdings.age_steps[place])
    w_activity, w_youth, w_own = skill_weights(
        q["circumvention.skill_correlation"], q["circumvention.skill_youth"], together
    )
    difficulty = (
        w_own * normal_draws(seed, Purpose.SKILL, numbers) - w_activity * activity - w_youth * youth
    )
    people.effort[rows] = np.exp(q["circumvention.effort_spread"] * difficulty)
    score = difficulty + HOLDER_NOISE * normal_draws(seed, Purpose.VPN_HOLDER, numbers)
    holders = float(holdings.vpn_share[place]) if group.tail is None else group.tail.vpn
    people.vpn[first + _highest(-score, holders)] = 1
    provider = uniform_draws(seed, Purpose.PROVIDER_LUCK, numbers)
    phones = uniform_draws(seed, Purpose.DEVICE, numbers)
    key_community = stream(seed, Purpose.COMMUNITY)
    key_taste = stream(seed, Purpose.TASTE)
    for platform in np.flatnonzero(holdings.penetration > 0).tolist():
        leaning = leaning_of(float(holdings.lean[place, platform]), q)
        _leaning(
            first, platform, activity, youth, community, leaning, key_community, key_taste, score
        )
        eligible = None
        if holdings.hidden[place, platform] > 0:
            eligible = (people.vpn[rows] == 1) | (provider >= holdings.hidden[place, platform])
        if holdings.apple_only[platform]:
            on_apple = phones < holdings.ios_share[place]
            eligible = on_apple if eligible is None else eligible & on_apple
        use = holdings.use_by_age.get((place, platform))
        share = float(holdings.penetration[platform])
        # A block on the first day decides who still uses a platform, so ages from other states do
        # not apply.
        by_age = (
            None if use is None or holdings.hidden[place, platform] > 0 else (people.age[rows], use)
        )
        people.member[first + _highest(score, share, eligible, by_age)] |= 1 << platform

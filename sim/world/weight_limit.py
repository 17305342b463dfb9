"""The limit on the weight of a single simulated person, and the cost of weights in precision.

Four simulated users must never represent a quarter of a targeted platform's users in a state, because their random
choices would then appear as a finding. More simulated residents keep the limit. If these would be too many, the
residents who use the platform become a separate group (``US:users``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.sampled import FEW, PART, Sampled, design_effect
from sim.world.strata import Group
from sim.world.users_apart import share_of_any

LEAST_OF_ALL = FEW / PART
"""Simulated people that as many as all users of a platform would be, at the largest weight allowed."""
MARGIN = 1.1  # assumption: what sizes keep of the limit, since users change a little with the diasporas simulated
LEAST_USERS = 100  # simulated residents who use a targeted platform; no more of them keep the limit anyway
PLAIN_BUDGET = 0.25  # assumption: of all simulated people, for residents who are added to have so many users
PLAIN_EACH = 0.1  # assumption: the same in any one state; where it takes more, users are sampled apart
USERS_SIZE = 500  # simulated residents who use a targeted platform, where they are a group of their own
USERS_BUDGET = 0.1  # assumption: of all simulated people, for all such groups


def sampled_users(
    pairs: Iterable[tuple[str, str]], groups: Sequence[Group], table: np.ndarray, platforms: Sequence[str]
) -> tuple[Sampled, ...]:
    """Return how the users of targeted platforms are sampled, those with users on the first day.

    Parameters
    ----------
    pairs : iterable of (state, platform)
    groups : sequence of Group
    table : numpy.ndarray, shape (groups, platforms)
        Share of each group that uses each platform; a group has this share of its simulated people as users, rounded.
    platforms : sequence of str
    """
    found = []
    for state, platform in dict.fromkeys(pairs):
        rows = [row for row, g in enumerate(groups) if g.residence == state]
        column = table[rows, platforms.index(platform)]
        here = [groups[row] for row in rows]
        users = float(sum(share * g.people for share, g in zip(column, here, strict=True)))
        if users <= 0:
            continue
        held = [round(float(share) * g.size) for share, g in zip(column, here, strict=True)]
        # Residents are the majority. A platform that no simulated one uses would be missing, so their weight counts.
        felt = [g for n, share, g in zip(held, column, here, strict=True) if n or (g.role == "resident" and share > 0)]
        heaviest = max(felt, key=lambda g: g.weight, default=here[0])
        effect = design_effect([g.weight for g in here], held)
        found.append(Sampled(state, platform, users, sum(held), heaviest.weight, heaviest.label, effect))
    return tuple(found)


class Floors(NamedTuple):
    """How a world comes to enough residents who use what policies target.

    Attributes
    ----------
    residents : mapping of str to int
        Least simulated residents by state.
    apart : mapping of str to tuple of str
        Platforms whose users among the residents are a group of their own, by state.
    sizes : mapping of str to int
        Simulated people of those groups, by state.
    """

    residents: Mapping[str, int]
    apart: Mapping[str, tuple[str, ...]]
    sizes: Mapping[str, int]


class Use(NamedTuple):
    """A targeted platform in a state: its users, and the residents among whom they are.

    Attributes
    ----------
    state, platform : str
    residents : float
        Residents who belong to no other group [persons].
    simulated : int
        Simulated ones, as their number comes without any floor.
    share : float
        Share of them who use it [1].
    users : float
        All users in the state [persons].
    """

    state: str
    platform: str
    residents: float
    simulated: int
    share: float
    users: float

    @property
    def limit(self) -> int:
        """Simulated residents at which one weighs no more than the limit allows."""
        return math.ceil(MARGIN * LEAST_OF_ALL * self.residents / self.users)

    @property
    def least(self) -> int:
        """Simulated residents at which `LEAST_USERS` of them use it; 0 where they do anyway."""
        return math.ceil(LEAST_USERS / self.share) if self.simulated * self.share < LEAST_USERS else 0


def floors_for(uses: Sequence[Use], people: int) -> Floors:
    """Return how a world of so many simulated people comes to enough residents who use what policies target.

    Parameters
    ----------
    uses : sequence of Use
        With users among the residents.
    people : int

    Notes
    -----
    The more common platforms get more residents, each state up to `PLAIN_EACH` of all people and all states together
    up to `PLAIN_BUDGET`. For the others, the users of a state are a group of their own. It has `USERS_SIZE` members, as
    far as `USERS_BUDGET` goes, and more where the rarest platform would have fewer than `LEAST_USERS` of them. Where it
    would be too small for the weight limit, its most common platforms are left to the other residents.
    A platform with `LEAST_USERS` simulated users is within the limit: each stands for 1 % of them at most.
    """
    residents: dict[str, int] = {}
    apart: dict[str, list[Use]] = {}
    room = PLAIN_BUDGET * people
    for use in sorted(uses, key=lambda u: (u.least, u.state, u.platform)):
        more = max(0, use.least - max(use.simulated, residents.get(use.state, 0)))
        if not use.least or (use.least <= PLAIN_EACH * people and more <= room):
            room -= more
            residents[use.state] = max(residents.get(use.state, 0), use.least)
        else:
            apart.setdefault(use.state, []).append(use)
    budget, sizes = int(USERS_BUDGET * people), dict[str, int]()
    for state, found in apart.items():
        each = budget // len(apart)
        while len(found) > 1 and _limit(found) > each and found[0].limit <= PLAIN_EACH * people:
            residents[state] = max(residents.get(state, 0), found.pop(0).limit)
        share = share_of_any(u.share for u in found)
        rarest = math.ceil(LEAST_USERS * share / min(u.share for u in found))
        wanted = min(max(USERS_SIZE, rarest), each)
        sizes[state] = max(1, min(max(wanted, _limit(found)), int(share * found[0].residents), budget))
    return Floors(residents, {state: tuple(u.platform for u in found) for state, found in apart.items()}, sizes)


def _limit(uses: Sequence[Use]) -> int:
    """Return the simulated people whom all users of some platforms need as a group of their own, by the limit."""
    return max(math.ceil(share_of_any(u.share for u in uses) * u.limit) for u in uses)

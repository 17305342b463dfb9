"""Classes of people by the policies that concern them; access differs by place and class.

Every policy with a `who` concerns some of the people of its states. A class consists of the people
concerned by the same of these policies; each class of a place has its own row in the access table.
Without such policies there is one class.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..core.chance import Purpose
from ..core.groups import Group
from ..facts.people import part_of
from ..people.kernel_types import Rows
from ..people.setting import Setting
from ..policies.base import Policy
from ..policies.values import Who
from .ages import user_ages
from .groups import Stratum
from .people import uniform_draws
from .scenario_setting import Places


def divided(
    places: Places,
    policies: Iterable[Policy],
    first: Rows,
    groups: Sequence[Stratum],
    states: Sequence[str],
    seed: int,
    world: str,
) -> tuple[Places, Rows]:
    """Return places divided into classes by policies with a `who`, and the people with their rows.

    Parameters
    ----------
    places : Places
        The undivided places.
    policies : iterable of Policy
        Policies; those without a `who` concern everybody and do not divide places.
    first : numpy.ndarray of FIRST, shape (people,)
        All people on the first day, not modified.
    groups : sequence of Stratum
    states : sequence of str
    seed : int
        The seed of the world.
    world : str
        The name of the world whose tables have the regions.

    Returns
    -------
    Places, numpy.ndarray of FIRST
        The arguments themselves if no policy has a `who`.
    """
    narrowed = [law for _, law in sorted({p.mark: p for p in narrowed_parts(policies)}.items())]
    if not narrowed:
        return places, first
    place = first["state"].astype(np.int64)
    store = first["store"].astype(np.int64)
    here, there = np.zeros((2, len(first)), np.int64)
    for n, policy in enumerate(narrowed):
        is_meant = concerned(policy, first, groups, seed, world)
        acts = np.isin(places.state, [states.index(code) for code in policy.concerns()])
        here |= (is_meant & acts[place]).astype(np.int64) << n
        # A law at the place of a person's other app store applies by age and share, not by
        # residence.
        if policy.who is not None and policy.who.community is None and policy.who.region is None:
            there |= (is_meant & acts[store]).astype(np.int64) << n
    there = np.where(store == place, here, there)
    codes = np.unique(np.concatenate([[0], here, there]))
    rows = [
        np.searchsorted(codes, code) * len(places) + base
        for code, base in ((here, place), (there, store))
    ]
    kept = np.unique(np.concatenate([np.arange(len(places)), *rows]))
    people = first.copy()
    people["state"], people["store"] = (np.searchsorted(kept, row) for row in rows)
    weight = np.array([group.weight for group in groups])[first["group"]]
    cells = places.state[place] * len(codes) + np.searchsorted(codes, here)
    sums = np.bincount(cells, weight, len(states) * len(codes)).reshape(len(states), len(codes))
    total = sums.sum(axis=1, keepdims=True)
    ids = [policy.mark for policy in narrowed]
    return (
        replace(
            places,
            state=places.state[kept % len(places)],
            base=kept % len(places),
            kind=kept // len(places),
            classes=tuple(
                frozenset(name for n, name in enumerate(ids) if code >> n & 1)
                for code in codes.tolist()
            ),
            share=np.divide(sums, total, out=np.zeros_like(sums), where=total > 0),
        ),
        people,
    )


def narrowed_parts(policies: Iterable[Policy]) -> list[Policy]:
    """Return the parts of policies that concern some of the people of their states."""
    return [part for policy in policies for part in policy.parts() if part.who is not None]


def concerned(
    policy: Policy, first: Rows, groups: Sequence[Stratum], seed: int, world: str
) -> np.ndarray:
    """Return whether each person matches the `who` of a policy, whatever the state of residence,
    shape (people,) of bool.

    Parameters
    ----------
    policy : Policy
    first : numpy.ndarray of FIRST, shape (people,)
        All people on the first day.
    groups : sequence of Stratum
    seed : int
        The seed of the world.
    world : str
        The name of the world whose tables have the regions.
    """
    who = policy.who
    meant = np.ones(len(first), np.bool_)
    people = np.arange(len(first))
    if who is None:
        return meant
    if who.age is not None:
        meant &= (first["age"] >= who.age[0]) & (first["age"] <= who.age[1])
    if who.share is not None:
        of = zlib.crc32(policy.id.encode())  # one random stream for each policy, by its id
        meant &= uniform_draws(seed, Purpose.CONCERNED, people, of) < who.share
    if who.community is not None:
        meant &= np.array([belongs(group, who.community) for group in groups])[first["group"]]
    if who.region is not None:
        # The regions of a state divide its people; one draw per person, for all policies, gives the
        # region.
        where = uniform_draws(seed, Purpose.REGION, people)
        lives_there = np.zeros(len(first), np.bool_)
        for region in who.region:
            parts = np.array([part_of(group.home, region, world) for group in groups])
            low, high = parts[first["group"]].T
            lives_there |= (where >= low) & (where < high)
        meant &= lives_there
    return meant


def share_in(state: str, regions: Sequence[str] | None, world: str) -> float:
    """Return the share of a state's people who live in any of some regions; 1 for None [1].

    Parameters
    ----------
    state : str
    regions : sequence of str or None
        Names or aliases; duplicates count once.
    world : str
        The name of the world whose tables have the regions.
    """
    if regions is None:
        return 1.0
    parts = {part_of(state, region, world) for region in regions}
    return sum(high - low for low, high in parts)


def belongs(group: Group, community: str) -> bool:
    """Return whether the people of a group belong to a community in their state of residence."""
    return group.community == community and group.side != "diaspora"


def share_meant(who: Who, group: Group, setting: Setting, year: int) -> float:
    """Return the share of a group that matches the `who` of a policy, on average over seeds [1].

    Parameters
    ----------
    who : Who
    group : Group
    setting : Setting
    year : int
        Year of the first day.
    """
    if who.community is not None and not belongs(group, who.community):
        return 0.0
    part = 1.0 if who.share is None else who.share
    part *= share_in(group.home, who.region, setting.facts.name)
    if who.age is not None:
        ages = user_ages(setting, year)[setting.states.index(group.home)]
        part *= float(ages[who.age[0] : who.age[1] + 1].sum())
    return part


class Expected(NamedTuple):
    """The people concerned by a policy, on average over seeds.

    Attributes
    ----------
    people, everybody : float
        Internet users concerned, and all Internet users of its states [persons].
    simulated : float
        Simulated people concerned.
    """

    people: float
    everybody: float
    simulated: float


def expected(policy: Policy, groups: Iterable[Stratum], setting: Setting, year: int) -> Expected:
    """Return the number of people concerned by a policy.

    Parameters
    ----------
    policy : Policy
    groups : iterable of Stratum
        All groups of the world.
    setting : Setting
    year : int
        Year of the first day.

    Notes
    -----
    The criteria are assumed to be independent, and each group to have the age distribution of its
    state.
    """
    people = 0.0
    everybody = 0.0
    simulated = 0.0
    for group in groups:
        if group.home not in policy.concerns():
            continue
        part = 1.0 if policy.who is None else share_meant(policy.who, group, setting, year)
        people = people + part * group.people
        everybody = everybody + group.people
        simulated += part * group.size
    return Expected(people, everybody, simulated)

"""The focus of a run: the states and platforms that its scenario names, and those that its policies affect most.

Tables and charts show these; the panel has all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.groups import Group
from sim.metrics.registry import METRICS
from sim.results.asked import asked_groups
from sim.results.cells import Cell, is_pair, simulated
from sim.results.panel import Axes, Pair

if TYPE_CHECKING:
    from sim.scenario import Scenario

MOST = 10  # platforms, groups and pairs that a table shows beside those that the scenario names
_BY_STATE = ("penetration", "vpn_share", "internet_users", "states", "blocks", "blocks_policy_arm")
_USE = ("active_users", "monthly_users", "weekly_users", "openers")
_LOAD, _ROUTES = "border_load", ("reachable_pairs", "path_stretch")
_CONTACT = ("family_contact_lost_people", "ties_out_of_contact", "ties_lost", "conversations_lost")


@dataclass(frozen=True)
class Focus:
    """The part of a run that tables and charts show, in the order of the axes.

    Attributes
    ----------
    states, named_platforms : tuple of str
        Those that the scenario names, and the home states of the platforms it names.
    platforms : tuple of str
        The named platforms and the ten that gain and lose most (if fewer do, the most used beside them).
    groups : tuple of str
        The named states' residents, the groups whose two ends are named, those that the question is about, and the
        ten that lose most contact.
    pairs : frozenset of (str, str)
        Pairs of named states, and the ten that lose most ties.
    borders : tuple of str
        The ten states whose borders fill most, only for the load at the border, because neighbours that the scenario
        does not name carry the traffic of a state that closes its border.
    routes : frozenset of (str, str)
        The ten pairs of states between which routes change for most people, and the ten of a named state and another;
        both directions, for reach and length of routes alone.
    """

    states: tuple[str, ...]
    named_platforms: tuple[str, ...]
    platforms: tuple[str, ...]
    groups: tuple[str, ...]
    pairs: frozenset[tuple[str, str]]
    borders: tuple[str, ...] = ()
    routes: frozenset[tuple[str, str]] = frozenset()

    def shows(self, cell: Cell) -> bool:
        """Return whether a cell belongs to what is shown."""
        parts = cell.parts
        if "partner" in parts and is_pair(cell.metric):
            return (parts["state"], parts["partner"]) in self.pairs
        if cell.metric == _LOAD:
            return cell.state in (*self.states, *self.borders)
        if cell.metric in _ROUTES and (parts["state"], parts["partner"]) in self.routes:
            return True
        return (
            parts.get("state", "") in (*self.states, "")
            and parts.get("partner", "") in (*self.states, "")
            and parts.get("platform", "") in (*self.platforms, "")
            and parts.get("source", "") in (*self.platforms, "")
            and parts.get("group", "") in (*self.groups, "")
        )


def find_focus(scenario: Scenario, members: Sequence[Pair]) -> Focus:
    """Return what a run is about.

    Parameters
    ----------
    scenario : Scenario
        The resolved scenario.
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    """
    axes = members[0][0].axes
    words = set(_named(scenario))
    named_platforms = tuple(p for p in axes.platforms if p in words)
    words |= set(_homes(scenario, named_platforms))
    # A scenario that names no state is shown for the four that the facts put first.
    states = tuple(s for s in axes.states if s in words) or axes.states[:4]
    moved = _most(axes.platforms, _effect(members, _USE, "platform"))
    used = [name for name in _most(axes.platforms, _level(members, _USE)) if name not in moved]
    most = {*moved, *used[: MOST - len(moved)]}
    platforms = tuple(p for p in axes.platforms if p in named_platforms or p in most)
    return Focus(
        states,
        named_platforms,
        platforms,
        _groups(axes, states, asked_groups(scenario), members),
        _pairs(axes, states, members),
        tuple(_most(axes.states, _fuller(members))),
        _routes(axes, states, members),
    )


def _named(scenario: Scenario) -> Iterator[str]:
    """Yield every word of a scenario that may be a state or a platform."""
    world = scenario.world
    for key in _BY_STATE:
        yield from _words(getattr(world, key, None))
    yield from getattr(world, "platforms", None) or ()
    for policy in scenario.policies:
        yield from policy.by
        yield from (name for _, name in policy.objects())


def _words(value: Any) -> Iterator[str]:
    """Yield the texts inside nested keys and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value
        yield from _words(value.values())
    elif isinstance(value, Iterable):
        for item in value:
            yield from _words(item)


def _homes(scenario: Scenario, platforms: Sequence[str]) -> Iterator[str]:
    """Yield the home states of platforms, as the scenario or the facts give them."""
    known = scenario.facts.platforms
    added = getattr(scenario.world, "platforms", None) or {}
    for name in platforms:
        home = getattr(added.get(name), "home", None) or (known[name].home if name in known else None)
        if home is not None:
            yield home


def _groups(axes: Axes, states: Sequence[str], asked: Collection[str], members: Sequence[Pair]) -> tuple[str, ...]:
    """Return the groups to show: within the named states, those asked about, and the ten that lose most contact."""
    shown = {*asked, *_most(axes.groups, _effect(members, _CONTACT, "group"))}
    return tuple(g for g in axes.groups if Group.read(g).states <= set(states) or g in shown)


def _pairs(axes: Axes, states: Sequence[str], members: Sequence[Pair]) -> frozenset[tuple[str, str]]:
    """Return the pairs of states to show: the named ones, and the ten that lose most ties."""
    every = [(a, b) for i, a in enumerate(axes.states) for b in axes.states[i + 1 :]]
    named = {(a, b) for a, b in every if a in states and b in states}
    if "cross_border_contact" not in members[0][0].arrays:
        return frozenset(named)
    effect = np.mean([p.arrays["cross_border_contact"] - b.arrays["cross_border_contact"] for b, p in members], axis=0)
    peak = np.abs(np.nan_to_num(effect)).max(axis=0)
    upper = np.triu_indices(len(axes.states), 1)
    return frozenset(named | {every[i] for i in _largest(peak[upper])})


def _fuller(members: Sequence[Pair]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return by how much the load at each border grows at most, mean over members: (states,) [ratio]."""
    if _LOAD not in members[0][0].arrays:
        return np.zeros(len(members[0][0].axes.states))
    more = [(policy.arrays[_LOAD] - baseline.arrays[_LOAD]).max(axis=0) for baseline, policy in members]
    return np.asarray(np.mean(more, axis=0))


def _routes(axes: Axes, states: Sequence[str], members: Sequence[Pair]) -> frozenset[tuple[str, str]]:
    """Return the pairs of states, both directions, between which reach or length of routes changes for most people."""
    people = np.array([members[0][0].real.get(state, 0.0) for state in axes.states])
    weights = np.triu(np.outer(people, people), 1)
    named = np.isin(axes.states, states)
    found: set[tuple[str, str]] = set()
    for metric in _ROUTES:
        if metric not in members[0][0].arrays:
            continue
        change = [np.abs(np.nan_to_num(p.arrays[metric] - b.arrays[metric])).max(axis=0) for b, p in members]
        size = np.mean(change, axis=0) * weights
        for part in (size, np.where(named[:, None] | named, size, 0.0)):
            places = (divmod(at, len(people)) for at in _largest(part.ravel()))
            found |= {(axes.states[i], axes.states[j]) for i, j in places}
    return frozenset(found | {(b, a) for a, b in found})


def _effect(members: Sequence[Pair], metrics: Sequence[str], dim: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the largest daily effect, in size, along a dimension: mean over members, sum over the others.

    The first of the metrics that the run holds is read; without any, there is no effect.
    """
    name = _first(metrics, members)
    if name is None:
        return np.zeros(len(members[0][0].axes.labels(dim)))
    at = 1 + METRICS[name].dims.index(dim)
    effect = np.zeros(members[0][0].arrays[name].shape)
    for baseline, policy in members:
        effect += np.nan_to_num(policy.arrays[name] - baseline.arrays[name]) / len(members)
    others = tuple(i for i in range(1, effect.ndim) if i != at)
    return np.asarray(np.abs(effect.sum(axis=others)).max(axis=0))


def _level(members: Sequence[Pair], metrics: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return how much each platform is used on the first day of the baseline arm, all states together."""
    name = _first(metrics, members)
    if name is None:
        return np.zeros(len(members[0][0].axes.platforms))
    return np.asarray(np.nansum(members[0][0].arrays[name][0], axis=0))


def _first(metrics: Sequence[str], members: Sequence[Pair]) -> str | None:
    """Return the first of some metrics that a run holds."""
    return next((name for name in metrics if name in members[0][0].arrays), None)


def _most(labels: Sequence[str], sizes: np.ndarray[Any, np.dtype[np.float64]]) -> list[str]:
    """Return the labels of the ten largest sizes above zero, the largest first."""
    return [labels[i] for i in _largest(sizes)]


def _largest(sizes: np.ndarray[Any, np.dtype[np.float64]]) -> list[int]:
    """Return where the ten largest sizes above zero stand; among equals the first wins."""
    order = np.argsort(-sizes, kind="stable")[:MOST]
    return [int(i) for i in order if sizes[i] > 0]


def fewest_people(cell: Cell, members: Sequence[Pair]) -> int:
    """Return the number of simulated people that a cell stands on, in the member where it is smallest."""
    return min(simulated(cell, baseline.cells) for baseline, _ in members)

"""The subject of a run: the states and platforms that its scenario names, the people concerned, and
the largest changes.

Tables and charts show only these; the panel has all cells.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from ..core.groups import Group, families_of
from ..errors import Code, Problem
from ..facts.people import LARGEST, LEAST_USED, largest_diasporas, recent_migrants
from ..metrics.registry import METRICS
from .manifest import texts_in
from .panel import Array, Axes, Cells, Pair

if TYPE_CHECKING:
    from ..scenario import Scenario

MOST = 10  # platforms, groups and pairs that a table shows in addition to those of the scenario
_BY_STATE = ("penetration", "vpn_share", "internet_users", "states", "blocks", "blocks_policy_arm")
_USE = ("active_users", "monthly_users", "weekly_users", "openers")
_LOAD = "border_load"
_ROUTES = ("reachable_pairs", "path_stretch")
_CONTACT = ("family_contact_lost_people", "ties_out_of_contact", "ties_lost", "conversations_lost")
MOST_ACTORS = 3
"""Largest number of states whose diasporas are chosen state by state; for more, they are chosen
together.
"""
MOST_DIASPORAS = 9
"""Number of diasporas shown if more states than `MOST_ACTORS` lose something."""
MOST_EXPOSED = 3
"""Number of diasporas shown for their exposure, in addition to the largest."""
MANY_LOSE = 0.1
"""Share of a diaspora that loses contact above which it precedes others [1] (assumption)."""
IMMIGRANTS = 10.0
"""If immigrants outnumber emigrants by this factor, the question is about them (assumption)."""
FEW = 100
"""Smallest number of simulated people for a reliable result of a group."""


@dataclass(frozen=True)
class Focus:
    """The part of a run that tables and charts show, in the order of the axes.

    Attributes
    ----------
    states, named_platforms : tuple of str
        The states and platforms that the scenario names, and the home states of these platforms.
    platforms : tuple of str
        The named platforms and the ten that gain and lose most (if fewer do, the most used beside
        them).
    groups : tuple of str
        Residents of the named states, groups with both ends named, groups of the question, and the
        ten groups that lose most contact.
    pairs : frozenset of (str, str)
        Pairs of named states, and the ten that lose most ties.
    borders : tuple of str
        The ten states with the largest increase of border load, used only for that metric:
        neighbours that the scenario does not name carry the traffic of a state that closes its
        border.
    routes : frozenset of (str, str)
        The ten pairs of states between which routes change for most people, and ten such pairs with
        one named state; both directions, only for reach and length of routes.
    """

    states: tuple[str, ...]
    named_platforms: tuple[str, ...]
    platforms: tuple[str, ...]
    groups: tuple[str, ...]
    pairs: frozenset[tuple[str, str]]
    borders: tuple[str, ...] = ()
    routes: frozenset[tuple[str, str]] = frozenset()

    def shows(self, metric: str, axes: Axes) -> Cells:
        """Return a mask of the shown cells of a metric, shaped like its array without the date."""

        def joined(pairs: Collection[tuple[str, str]]) -> Cells:
            return np.array([[(a, b) in pairs for b in axes.states] for a in axes.states], np.bool_)

        if METRICS[metric].pairs_once:
            return joined(self.pairs)
        states = (*self.states, *self.borders) if metric == _LOAD else self.states
        among = {"state": states, "partner": self.states, "group": self.groups}
        among |= dict.fromkeys(("platform", "source"), self.platforms)
        dims = [
            np.isin(axes.labels(dim), among.get(dim, axes.labels(dim)))
            for dim in METRICS[metric].dims
        ]
        shown: Cells = reduce(np.logical_and.outer, dims, np.ones((), np.bool_))
        return shown | joined(self.routes) if metric in _ROUTES else shown


_FOCUS = TypeAdapter(Focus)


def stored_focus(summary: Mapping[str, Any]) -> Focus | None:
    """Return the focus stored in the content of a ``summary.json``, or None."""
    with suppress(KeyError, ValidationError):
        return _FOCUS.validate_python(summary["focus"])
    return None


def find_focus(scenario: Scenario, members: Sequence[Pair]) -> Focus:
    """Return the subject of a run.

    Parameters
    ----------
    scenario : Scenario
        The resolved scenario.
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    """
    axes = members[0][0].axes
    arrays = members[0][0].arrays
    words = {
        *scenario.world.platforms,
        *(state for policy in scenario.policies for state in policy.by),
    }
    words |= {name for policy in scenario.policies for _, name in policy.objects()}
    words |= {text for key in _BY_STATE for text in texts_in(getattr(scenario.world, key, None))}
    named_platforms = tuple(p for p in axes.platforms if p in words)
    platforms = scenario.platforms
    words |= {platforms[name].home for name in named_platforms if name in platforms}
    # For a scenario that names no state, the first four states of the facts are shown.
    states = tuple(s for s in axes.states if s in words) or axes.states[:4]
    moved = _most(axes.platforms, _effect(members, _USE, "platform"))
    use = next((arrays[name] for name in _USE if name in arrays), None)
    level = np.zeros(len(axes.platforms)) if use is None else np.nansum(use[0], axis=0)
    used = [name for name in _most(axes.platforms, level) if name not in moved]
    most = {*named_platforms, *moved, *used[: MOST - len(moved)]}
    shown = {*asked_groups(scenario), *_most(axes.groups, _effect(members, _CONTACT, "group"))}
    load = np.zeros(len(axes.states))  # largest increase, mean over seeds
    if _LOAD in arrays:
        load = np.mean(
            [(policy.arrays[_LOAD] - base.arrays[_LOAD]).max(axis=0) for base, policy in members],
            axis=0,
        )
    return Focus(
        states,
        named_platforms,
        tuple(p for p in axes.platforms if p in most),
        tuple(g for g in axes.groups if Group.read(g).states <= set(states) or g in shown),
        _pairs(axes, states, members),
        tuple(_most(axes.states, load)),
        _routes(axes, states, members),
    )


def _pairs(
    axes: Axes, states: Sequence[str], members: Sequence[Pair]
) -> frozenset[tuple[str, str]]:
    """Return the pairs of states to show: the named ones, and the ten that lose most ties."""
    every = [(a, b) for i, a in enumerate(axes.states) for b in axes.states[i + 1 :]]
    named = {(a, b) for a, b in every if a in states and b in states}
    if "cross_border_contact" not in members[0][0].arrays:
        return frozenset(named)
    peak = np.zeros((len(axes.states), len(axes.states)))
    for state, rows in _changed_rows(members, "cross_border_contact"):
        effect = np.mean([policy - base for base, policy in rows], axis=0)
        peak[state] = np.abs(np.nan_to_num(effect)).max(axis=-1)
    return frozenset(named.union(_most(every, peak[np.triu_indices(len(axes.states), 1)])))


def _routes(
    axes: Axes, states: Sequence[str], members: Sequence[Pair]
) -> frozenset[tuple[str, str]]:
    """Return the pairs of states, both directions, between which reach or length of routes changes
    for most people.
    """
    people = np.array([members[0][0].real.get(state, 0.0) for state in axes.states])
    weights = np.triu(np.outer(people, people), 1)
    named = np.isin(axes.states, states)
    every = [(a, b) for a in axes.states for b in axes.states]
    pairs = set[tuple[str, str]]()
    for metric in _ROUTES:
        if metric in members[0][0].arrays:
            size = np.zeros(weights.shape)
            for state, rows in _changed_rows(members, metric):
                change = [np.abs(np.nan_to_num(p - b)).max(axis=-1) for b, p in rows]
                size[state] = np.mean(change, axis=0)
            size *= weights
            pairs.update(_most(every, size.ravel()))
            pairs.update(_most(every, np.where(named[:, None] | named, size, 0.0).ravel()))
    return frozenset(pairs | {(b, a) for a, b in pairs})


def _effect(members: Sequence[Pair], metrics: Sequence[str], dim: str) -> Array:
    """Return the largest absolute daily effect along a dimension: mean over seeds, sum over the
    other dimensions.

    The first metric that the run has is used; without any, the effect is zero.
    """
    first = members[0][0]
    name = next((name for name in metrics if name in first.arrays), None)
    if name is None:
        return np.zeros(len(first.axes.labels(dim)))
    at = METRICS[name].dims.index(dim)
    effect = np.zeros((len(first.axes.labels(dim)), len(first.axes.dates)))
    others = tuple(range(len(METRICS[name].dims) - 1))
    for row, rows in _changed_rows(members, name):
        mean = np.sum([np.nan_to_num(p - b) / len(members) for b, p in rows], axis=0)
        if at == 0:
            effect[row] = mean.sum(axis=others)
        else:
            effect += mean.sum(axis=tuple(i for i in others if i != at - 1))
    return np.asarray(np.abs(effect).max(axis=-1))


def _changed_rows(
    members: Sequence[Pair], metric: str
) -> Iterator[tuple[int, list[tuple[Array, Array]]]]:
    """Yield the indices of the first dimension of a metric at which the arms differ for some seed,
    with both arms of each seed, (..., date). Most states are equal in both arms.
    """
    for place in range(len(members[0][0].axes.labels(METRICS[metric].dims[0]))):
        if not all(policy.same_row(base, metric, place) for base, policy in members):
            yield (
                place,
                [(base.row(metric, place), policy.row(metric, place)) for base, policy in members],
            )


def _most[Label](labels: Sequence[Label], sizes: Array) -> list[Label]:
    """Return the labels of the ten largest sizes above zero, the largest first; equal sizes keep
    their order.
    """
    return [labels[i] for i in np.argsort(-sizes, kind="stable")[:MOST] if sizes[i] > 0]


# --- the people in the question -------------------------------------------------------------------


@dataclass(frozen=True)
class Diaspora:
    """One of the largest diasporas of a state whose people lose something.

    Attributes
    ----------
    residence, origin : str
    people : float
        Number of people by UN DESA, or as the scenario states it [persons].
    used : bool
        Whether enough of them use a target with people at home for a loss to be possible.
    """

    residence: str
    origin: str
    people: float
    used: bool

    @property
    def group(self) -> str:
        """The name of its group."""
        return str(Group(self.residence, self.origin, "diaspora"))

    @property
    def recent(self) -> float | None:
        """Lower bound of the people who came since 2000 [persons]; None without a figure."""
        return recent_migrants(self.residence, self.origin, self.people)

    @property
    def flow(self) -> float:
        """Number that ranks groups: people who came since 2000, else all [persons]."""
        return self.people if self.recent is None else self.recent


def states_concerned(scenario: Scenario) -> tuple[str, ...]:
    """Return the states whose people lose something by a policy, in the order of the policies."""
    acting = scenario.scene.acting
    return tuple(
        dict.fromkeys(
            state for policy in scenario.policies for state in policy.concerns() if state in acting
        )
    )


def largest(scenario: Scenario) -> dict[str, tuple[Diaspora, ...]]:
    """Return the largest diasporas of each state concerned."""
    acting = states_concerned(scenario)
    diasporas = dict[str, tuple[Diaspora, ...]]()
    shares = {(e.residence, e.origin): e.share for e in scenario.scene.exposures}
    for state in acting:
        stated = {home: own[state] for home, own in scenario.world.migrants.items() if state in own}
        people = dict(largest_diasporas(state, scenario.facts, LARGEST + len(stated))) | stated
        first = sorted(people, key=lambda residence: (-people[residence], residence))[:LARGEST]
        diasporas[state] = tuple(
            Diaspora(home, state, people[home], shares.get((home, state), 0.0) >= LEAST_USED)
            for home in first
        )
    return diasporas


def from_abroad(scenario: Scenario) -> dict[str, tuple[Diaspora, ...]]:
    """Return the largest exposed diasporas living in each affected state with more immigrants than
    emigrants.

    The Gulf's ban on calls is about the workers who live there, not about the few emigrants.
    """
    found = dict[str, tuple[Diaspora, ...]]()
    for state, left in largest(scenario).items():
        exposed = [e for e in scenario.scene.exposures if e.residence == state and e.matters]
        first = sorted(exposed, key=lambda e: (-e.people, e.origin))[:LARGEST]
        if first and first[0].people > max((d.people for d in left), default=0.0):
            found[state] = tuple(Diaspora(state, e.origin, e.people, True) for e in first)
    return found


def asked_groups(scenario: Scenario) -> tuple[str, ...]:
    """Return the diasporas and families of the question, including those not in the run, the
    largest flow of people first.
    """
    both = (*from_abroad(scenario).values(), *largest(scenario).values())
    named = {d.group: d for listed in both for d in listed if d.used}
    exposed = [
        Diaspora(e.residence, e.origin, e.people, True)
        for e in scenario.scene.exposures
        if e.matters and not e.largest
    ]
    many = len(states_concerned(scenario)) > MOST_ACTORS
    more = sorted(exposed, key=lambda d: -d.flow) if many else exposed[:MOST_EXPOSED]
    found = {d.group: d for d in more} | named
    asked = sorted(found, key=lambda group: -found[group].flow)
    diasporas = asked[:MOST_DIASPORAS] if many else asked
    return tuple(group for diaspora in diasporas for group in (diaspora, families_of(diaspora)))


def diasporas_asked(scenario: Scenario) -> dict[str, Diaspora]:
    """Return the diasporas of the question, and all diasporas that may lose a channel, by name."""
    exposed = (Diaspora(e.residence, e.origin, e.people, True) for e in scenario.scene.exposures)
    both = (*from_abroad(scenario).values(), *largest(scenario).values())
    return {d.group: d for d in exposed} | {d.group: d for listed in both for d in listed}


def in_order(scenario: Scenario, lost: Mapping[str, float]) -> list[str]:
    """Return groups that lose contact in the order of the question.

    Within each rank of `question_order`, the largest flow of people of the question comes first if
    it loses contact, then groups of which more than `MANY_LOSE` do, then the others.

    Parameters
    ----------
    scenario : Scenario
    lost : mapping of str to float
        The share of each group that ever loses contact [1].
    """
    key = question_order(scenario)
    groups = sorted(lost, key=key)
    first: dict[tuple[bool, int], str] = {}
    for group in sorted({*lost, *asked_groups(scenario)}, key=key):
        first.setdefault(key(group)[:2], group)

    def place(group: str) -> tuple[bool, int, bool]:
        is_family, rank, _ = key(group)
        is_first = first[is_family, rank] == group
        return is_family, rank, not is_first and lost[group] <= MANY_LOSE

    return sorted(groups, key=place)


def question_order(scenario: Scenario) -> Callable[[str], tuple[bool, int, float]]:
    """Return the sort key of groups in the order of the question.

    Groups of families come last. First come communities that the scenario names; then emigrants of
    an affected state in another one, who lose at both ends; then other emigrants of an affected
    state, immigrants there from the home of a target, and immigrants in a state with far more
    immigrants than emigrants; then all others. Within each rank, the largest flow of
    people comes first: people who came since 2000 if there is a figure, else all.
    """
    platforms = scenario.facts.platforms
    acting = scenario.scene.acting
    homes = {platforms[p].home for ps in acting.values() for p in ps or () if p in platforms}
    left = {
        s: max((d.people for d in abroad), default=0.0) for s, abroad in largest(scenario).items()
    }
    came = {s: max(d.people for d in inside) for s, inside in from_abroad(scenario).items()}
    flow = {group: diaspora.flow for group, diaspora in diasporas_asked(scenario).items()}

    def key(label: str) -> tuple[bool, int, float]:
        group = Group.read(label)
        many_came = came.get(group.residence, 0.0) > IMMIGRANTS * left.get(group.residence, 0.0)
        moved_in = group.residence in acting and (group.origin in homes or many_came)
        place = 2 if group.origin in acting or moved_in else 3
        place = 1 if at_both_ends(scenario, label) else place
        people = flow.get(f"{group.residence}<-{group.origin}", 0.0)
        return group.side == "family", 0 if group.community else place, -people

    return key


def at_both_ends(scenario: Scenario, label: str) -> bool:
    """Return whether a group lives in one affected state and comes from another."""
    group = Group.read(label)
    ends = {group.origin, group.residence}
    return len(ends) == 2 and ends <= set(scenario.scene.acting)


def thin_groups(scenario: Scenario, cells: Sequence[Mapping[str, int]]) -> list[Problem]:
    """Return a warning about the groups of the question that have few simulated people, or None.

    Parameters
    ----------
    scenario : Scenario
    cells : sequence of mapping of str to int
        Simulated people by group, for each seed.
    """
    fewest = {
        g: min(one.get(g, 0) for one in cells) for g in asked_groups(scenario) if g in cells[0]
    }
    thin = {group: number for group, number in fewest.items() if number < FEW}
    if not thin:
        return []
    named = ", ".join(f"{group} ({number})" for group, number in thin.items())
    found = f"fewer than {FEW} simulated people in groups that the question is about: {named}"
    where = scenario.origins.get("people", "people")
    return [Problem(where, found, f"{FEW} or more in each", "use more people", Code.FEW)]

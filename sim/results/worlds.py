"""Members of a run that differ in kind: the kind of world of each, a typical one of each kind, and
the map of a day.

The mean of a world without events and one with two opposing camps describes neither. The kinds are
defined by the state on the last day, and not by the number of members.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ..core.groups import Group, is_diaspora
from ..decisions import (
    Decision,
    Dissolve,
    Join,
    Launch,
    Leave,
    Lift,
    ShutOut,
    Strike,
    TakeOver,
    TakeUp,
)
from ..facts.network import load_network
from ..scenario import Scenario
from .panel import Pair
from .series import MIN_PEOPLE

KINDS = ("two_camps", "one_camp", "apart", "thaw", "quiet")
"""Kinds of worlds, in the order of sentences."""
QUIET = 5
"""A world in which states adopt no more policies than this is quiet [policies] (assumption)."""
THAWED = 0.5
"""Share of the adopted policies that have ended from which a world without camps has thawed [1]
(assumption).
"""
ADOPTS = Strike | ShutOut | TakeUp | TakeOver

OPENNESS = "openness"
LOST = "family_contact_lost_people"
REACH = "reachable_pairs"
"""The metrics of the map; each is left out where a run does not measure it."""
PARTED = 0.05
"""Share of pairs of people that two states must lose on the routes for the map to show it [1]
(assumption).
"""
FEWEST = 1_000.0
"""People out of contact from which a corridor is shown [persons] (assumption)."""

type Camps = Mapping[tuple[str, str], frozenset[str]]


@dataclass(frozen=True)
class World:
    """What kind of world a member is.

    Attributes
    ----------
    member : int
        Its number in the run, from 1.
    kind : str
        One of `KINDS`.
    adopted, ended, left : int
        Policies that states adopted by themselves, those of them and of the scenario's that they
        ended, and exits from programmes.
    camps : mapping of (str, str) to frozenset of str
        (leader, adversary) of each programme that has members on the last day -> everybody in it.
    internets : float
        Effective number of internets on the last day, by likeness of access; NaN where it was not
        measured.
    """

    member: int
    kind: str
    adopted: int
    ended: int
    left: int
    camps: Camps
    internets: float


def camps_of(decisions: Iterable[Decision]) -> Camps:
    """Return the members of each programme after all decisions, without programmes that have no
    members.
    """
    inside: dict[tuple[str, str], set[str]] = {}
    for d in decisions:
        match d.act:
            case Launch(adversary):
                inside[d.who, adversary] = {d.who}
            case Dissolve(adversary):
                inside.pop((d.who, adversary), None)
            case Join(leader, adversary):
                inside.setdefault((leader, adversary), {leader}).add(d.who)
            case Leave(leader, adversary):
                inside.get((leader, adversary), set()).discard(d.who)
    return {pair: frozenset(states) for pair, states in inside.items() if len(states) > 1}


def world_of(member: int, decisions: Sequence[Decision], internets: float = float("nan")) -> World:
    """Return what kind of world a member is.

    Parameters
    ----------
    member : int
        Its number, from 1.
    decisions : sequence of Decision
        What was decided in it, in order.
    internets : float
        Effective number of internets on the last day.
    """
    adopted, ended, left = (
        sum(isinstance(d.act, acts) for d in decisions) for acts in (ADOPTS, Lift, Leave)
    )
    camps = camps_of(decisions)
    if adopted <= QUIET:
        kind = "quiet"
    elif camps:
        hostile = any(foe in others for (_, foe) in camps for others in camps.values())
        kind = "two_camps" if hostile else "one_camp"
    else:
        kind = "thaw" if ended >= THAWED * adopted else "apart"
    return World(member, kind, adopted, ended, left, camps, internets)


def worlds(members: Sequence[Pair]) -> list[World]:
    """Return what kind of world each member of a run is."""
    return [
        world_of(
            number,
            policy.decisions,
            float(policy.arrays.get("internets_by_likeness", [np.nan])[-1]),
        )
        for number, (_, policy) in enumerate(members, 1)
    ]


def by_kind(found: Sequence[World]) -> dict[str, list[World]]:
    """Return the members of each kind, the kind that most share first; ties in the order of
    `KINDS`.
    """
    groups = {kind: [w for w in found if w.kind == kind] for kind in KINDS}
    return dict(sorted(((k, ws) for k, ws in groups.items() if ws), key=lambda item: -len(item[1])))


def typical(alike: Sequence[World]) -> World:
    """Return the member nearest to all others of its kind: by policies, ends, exits and camps
    (logs), and internets.
    """
    counts = [(w.adopted, w.ended, w.left, sum(map(len, w.camps.values()))) for w in alike]
    table = np.column_stack([np.log1p(counts), np.nan_to_num([w.internets for w in alike])])
    spread = table.std(axis=0)
    scaled = table / np.where(spread > 0, spread, 1.0)
    far = np.abs(scaled[:, None, :] - scaled[None, :, :]).sum(axis=(1, 2))
    return alike[int(far.argmin())]


# --- the map --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MapDay:
    """What the map shows on a day.

    Attributes
    ----------
    date : str
        ISO date.
    openness : dict of str to float
        Share of the world's platforms that people in a state can use without effort [1].
    corridors : tuple of (str, str, float)
        Residence, origin, and people of the diaspora who have no platform channel because of the
        policies [persons].
    parted : tuple of (str, str, float)
        Two states, and the share of pairs of people who have lost their route [1]; those with most
        people last.
    cables : tuple of (str, tuple of str)
        Cables that are cut, and the states they join.
    """

    date: str
    openness: dict[str, float]
    corridors: tuple[tuple[str, str, float], ...]
    parted: tuple[tuple[str, str, float], ...]
    cables: tuple[tuple[str, tuple[str, ...]], ...]


def shown_members(members: Sequence[Pair]) -> tuple[list[Pair], int]:
    """Return the members that a map shows: all, or a typical one of the commonest kind where they
    differ in kind.

    The second value is the number of that one, from 1; 0 for all.
    """
    kinds = by_kind(worlds(members)) if any(policy.decisions for _, policy in members) else {}
    if len(kinds) < 2:
        return list(members), 0
    one = typical(next(iter(kinds.values()))).member
    return [members[one - 1]], one


def map_day(members: Sequence[Pair], scenario: Scenario, day: int) -> MapDay:
    """Return what the map shows on a day: the median over members.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
    scenario : Scenario
    day : int
        From 0.
    """
    first = members[0][1]
    states = first.axes.states
    groups = first.axes.groups
    people = first.real

    def lost(metric: str, *, gained: bool = False) -> np.ndarray | None:
        """Return how much less, or more, of a metric there is with the policies; None where it was
        not measured.
        """
        if metric not in first.arrays:
            return None
        change = [
            np.nan_to_num(policy.arrays[metric][day] - base.arrays[metric][day])
            for base, policy in members
        ]
        return np.asarray(np.median(change, axis=0) * (1 if gained else -1))

    openness = dict[str, float]()
    corridors = list[tuple[str, str, float]]()
    parted = list[tuple[str, str, float]]()
    if OPENNESS in first.arrays:
        opened = np.median([policy.arrays[OPENNESS][day] for _, policy in members], axis=0)
        openness = dict(zip(states, map(float, opened), strict=True))
    if (out := lost(LOST, gained=True)) is not None:
        for label, size in zip(groups, out.tolist(), strict=True):
            if is_diaspora(label) and size >= FEWEST and first.cells.get(label, 0) >= MIN_PEOPLE:
                group = Group.read(label)
                corridors.append((group.residence, group.origin, size))
    if (gone := lost(REACH)) is not None:
        pairs = np.argwhere(np.triu(gone >= PARTED, 1)).tolist()
        parted = [(states[i], states[j], float(gone[i, j])) for i, j in pairs]
    today = scenario.start + timedelta(days=day)
    halted = {p.about() for p in scenario.policies if p.HALTS and p.in_force(today)}
    standing = [p for p in scenario.policies if p.in_force(today) and p.id not in halted]
    banned = {name for policy in standing for kind, name in policy.objects() if kind == "cable"}
    cables = load_network(scenario.world.facts).cables if banned else {}
    return MapDay(
        first.axes.dates[day],
        openness,
        tuple(sorted(corridors, key=lambda row: row[2])),
        tuple(
            sorted(
                parted, key=lambda row: row[2] * people.get(row[0], 0.0) * people.get(row[1], 0.0)
            )
        ),
        tuple((name, tuple(cables[name].joins)) for name in sorted(banned) if name in cables),
    )

"""Members of a run that differ in kind: the kind of world of each, and the typical member of each kind.

The mean of a world without events and one with two opposing camps describes neither. The kinds are defined by the state
on the last day, and not by the number of members.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.decisions import Decision, Dissolve, Join, Launch, Leave, Lift, ShutOut, Strike, TakeOver, TakeUp
from sim.results.panel import Pair

KINDS = ("two_camps", "one_camp", "apart", "thaw", "quiet")
"""Kinds of worlds, in the order of sentences."""
QUIET = 5
"""A world in which states adopt no more policies than this is quiet [policies] (assumption)."""
THAWED = 0.5
"""Share of the adopted policies that have ended from which a world without camps has thawed [1] (assumption)."""
ADOPTS = Strike | ShutOut | TakeUp | TakeOver

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
        Policies that states adopted by themselves, those of them and of the scenario's that they ended, and exits from
        programmes.
    camps : mapping of (str, str) to frozenset of str
        (leader, adversary) of each programme that has members on the last day -> everybody in it.
    internets : float
        Effective number of internets on the last day, by likeness of access; NaN where it was not measured.
    """

    member: int
    kind: str
    adopted: int
    ended: int
    left: int
    camps: Camps
    internets: float

    @property
    def features(self) -> tuple[float, ...]:
        """What makes a member like another: policies, ends and exits on a log scale, and the size of camps."""
        size = sum(len(inside) for inside in self.camps.values())
        counts = (self.adopted, self.ended, self.left, size)
        return (*(float(np.log1p(n)) for n in counts), float(np.nan_to_num(self.internets)))


def camps_of(decisions: Iterable[Decision]) -> Camps:
    """Return the members of each programme after all decisions, without programmes that have no members."""
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
    adopted = sum(isinstance(d.act, ADOPTS) for d in decisions)
    ended = sum(isinstance(d.act, Lift) for d in decisions)
    left = sum(isinstance(d.act, Leave) for d in decisions)
    camps = camps_of(decisions)
    hostile = any(foe in others for (_, foe) in camps for others in camps.values())
    if adopted <= QUIET:
        kind = "quiet"
    elif hostile:
        kind = "two_camps"
    elif camps:
        kind = "one_camp"
    else:
        kind = "thaw" if ended >= THAWED * adopted else "apart"
    return World(member, kind, adopted, ended, left, camps, internets)


def worlds(members: Sequence[Pair]) -> list[World]:
    """Return what kind of world each member of a run is."""
    found = []
    for number, (_, policy) in enumerate(members, 1):
        counted = policy.arrays.get("internets_by_likeness")
        internets = float(counted[-1]) if counted is not None and len(counted) else float("nan")
        found.append(world_of(number, policy.decisions, internets))
    return found


def by_kind(found: Sequence[World]) -> dict[str, list[World]]:
    """Return the members of each kind, the kind that most share first; ties in the order of `KINDS`."""
    groups = {kind: [w for w in found if w.kind == kind] for kind in KINDS}
    return dict(sorted(((k, ws) for k, ws in groups.items() if ws), key=lambda item: -len(item[1])))


def typical(alike: Sequence[World]) -> World:
    """Return the member that is nearest to all others of its kind, each feature counted by its spread."""
    table = np.array([w.features for w in alike])
    spread = table.std(axis=0)
    scaled = table / np.where(spread > 0, spread, 1.0)
    far = np.abs(scaled[:, None, :] - scaled[None, :, :]).sum(axis=(1, 2))
    return alike[int(far.argmin())]

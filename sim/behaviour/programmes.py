"""Programmes of one state against another, and their members, derived from the log of decisions.

Two programmes are hostile when the adversary of one is in the other. Nobody is in two programmes that are hostile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sim.arm import StatesArm
from sim.behaviour.standing import situation, standing_policies
from sim.decisions import Decision, Dissolve, Join, Launch, Leave, TakeOver
from sim.ledger import Standing


@dataclass
class Programme:
    """One programme.

    Attributes
    ----------
    leader, adversary : int
        Numbers of the states.
    launched : Decision
        The decision that opened it.
    members : dict of int to Decision
        Number of a member -> the decision by which it joined, in order.
    """

    leader: int
    adversary: int
    launched: Decision
    members: dict[int, Decision] = field(default_factory=dict)

    @property
    def inside(self) -> set[int]:
        """The leader and the members."""
        return {self.leader, *self.members}

    def hostile_to(self, other: Programme) -> bool:
        """Return whether the adversary of one is in the other."""
        return self.adversary in other.inside or other.adversary in self.inside


def programmes(model: StatesArm) -> dict[tuple[int, int], Programme]:
    """Return the programmes that stand, by (leader, adversary), in the order in which they were opened."""
    codes = {code: i for i, code in enumerate(situation(model).states)}
    found: dict[tuple[int, int], Programme] = {}
    for d in model.decisions:
        if d.behaviour != "coalition":
            continue
        act = d.act
        if isinstance(act, Launch):
            key = codes[d.who], codes[act.adversary]
            found[key] = Programme(*key, d)
        elif isinstance(act, Dissolve):
            found.pop((codes[d.who], codes[act.adversary]), None)
        elif isinstance(act, Join):
            found[codes[act.leader], codes[act.adversary]].members[codes[d.who]] = d
        elif isinstance(act, Leave):
            found[codes[act.leader], codes[act.adversary]].members.pop(codes[d.who], None)
    return found


def conflicts(known: Mapping[tuple[int, int], Programme]) -> Iterator[tuple[int, Programme, Programme]]:
    """Yield each state that is in two hostile programmes, with both."""
    every = list(known.values())
    for n, a in enumerate(every):
        for b in every[n + 1 :]:
            if a.hostile_to(b):
                yield from ((state, a, b) for state in sorted(a.inside & b.inside))


def policies_against(model: StatesArm) -> dict[tuple[int, int], tuple[Standing, ...]]:
    """Return the policies of each state against each other; what a member took over is none of its own."""
    s = situation(model)
    taken = {d.policy.id for d in model.decisions if d.policy is not None and isinstance(d.act, TakeOver)}
    by_pair: dict[tuple[int, int], dict[str, Standing]] = {}
    for standing in standing_policies(model):
        if standing.id in taken:
            continue
        for adversary in {int(s.home[j]) for j in standing.objects} | set(_avoided(model, standing)):
            if adversary != standing.by:
                by_pair.setdefault((standing.by, adversary), {})[standing.id] = standing
    return {pair: tuple(known.values()) for pair, known in sorted(by_pair.items())}


def _avoided(model: StatesArm, standing: Standing) -> Iterator[int]:
    """Yield the states whose networks a policy wants avoided."""
    codes = situation(model).states
    objects = standing.policy.objects() if standing.policy is not None else ()
    for kind, name in objects:
        if kind == "state" and name in codes:
            yield codes.index(name)

"""The sampling of the people of a run: simulated people by group, weights of users, and their cost in precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sim.groups import Group, Sampled, design_effect

if TYPE_CHECKING:
    from sim.results.panel import Pair


@dataclass(frozen=True)
class GroupSample:
    """One group of a run.

    Attributes
    ----------
    simulated : int
        Simulated people, in the member where they are fewest.
    real : float
        Real people that they stand for, in the first member [persons].
    """

    simulated: int
    real: float


@dataclass(frozen=True)
class Sampling:
    """How the people of a run are sampled.

    Attributes
    ----------
    design_effect : float
        Of the weights of all simulated people, in the first member [1].
    groups : mapping of str to GroupSample
        By label.
    users : tuple of Sampled
        The users of each targeted platform in a state that acts, in the member whose heaviest weighs most; their
        simulated number is that of the member where they are fewest.
    """

    design_effect: float
    groups: Mapping[str, GroupSample]
    users: tuple[Sampled, ...]

    def simulated(self, group: str) -> int:
        """Return the simulated people of a group, 0 where the run has no such group: the number that is printed."""
        found = self.groups.get(group)
        return found.simulated if found is not None else 0

    def in_state(self, state: str) -> int:
        """Return the simulated people who live in a state, those of all its groups."""
        return sum(group.simulated for label, group in self.groups.items() if Group.read(label).home == state)

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "design_effect": self.design_effect,
            "groups": {
                # All members of a group weigh the same.
                label: {"simulated": group.simulated, "real": group.real, "design_effect": 1.0}
                for label, group in self.groups.items()
            },
            "users": [
                {**asdict(one), "share_of_four": one.share_of_few, "within_limit": one.within_limit}
                for one in self.users
            ],
        }


def sampling_of(members: Sequence[Pair]) -> Sampling:
    """Return how the people of a run are sampled.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
    """
    first = members[0][0]
    groups = {
        label: GroupSample(min(pair[0].cells.get(label, 0) for pair in members), first.real.get(label, 0.0))
        for label in first.axes.groups
    }
    sizes = {label: first.cells.get(label, 0) for label in groups}
    weights = [groups[label].real / n if n else 0.0 for label, n in sizes.items()]
    return Sampling(design_effect(weights, list(sizes.values())), groups, _worst(members))


def _worst(members: Sequence[Pair]) -> tuple[Sampled, ...]:
    """Return the users of each targeted platform in the member whose heaviest weighs most."""
    found: dict[tuple[str, str], list[Sampled]] = {}
    for baseline, _ in members:
        for one in baseline.sampled:
            found.setdefault((one.state, one.platform), []).append(one)
    worst = []
    for every in found.values():
        heaviest = max(every, key=lambda one: one.share_of_few)
        fields = {**asdict(heaviest), "simulated": min(one.simulated for one in every)}
        worst.append(Sampled(**fields))
    return tuple(worst)

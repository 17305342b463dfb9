"""Forbids a state's traffic to cross carriers or states."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from sim.errors import Code
from sim.policies.base import Doubt, Known, Objects, PolicyKeys
from sim.policies.values import Carriers, States, refuse

if TYPE_CHECKING:
    from sim.cut import Cut
    from sim.world.setting import Setting

SUMMARY = "Forbids a state's traffic to cross carriers or states."
CASE = "5G Clean Path 2020"
EXAMPLE = {"by": "US", "avoid_states": "CN"}


class Keys(PolicyKeys):
    """Keys of a rule on paths."""

    NEEDS_TARGETS: ClassVar[bool] = False
    CUTS_NETWORKS: ClassVar[bool] = True
    OBJECTS: ClassVar[Objects] = {"targets": "platform", "avoid_carriers": "carrier", "avoid_states": "state"}

    avoid_carriers: Carriers = ()
    """Carriers that traffic may not cross; they may still be its end."""
    avoid_states: States = ()
    """States none of whose carriers traffic may cross."""

    @model_validator(mode="after")
    def _avoids_something(self) -> Self:
        """Refuse a rule that forbids nothing."""
        if not self.avoid_carriers and not self.avoid_states:
            raise refuse("neither avoid_carriers nor avoid_states", "at least one of them", code=Code.MISSING)
        return self

    def doubts(self, known: Known) -> Iterator[Doubt]:
        """Yield the states that are to avoid themselves: their traffic begins or ends there."""
        own = [state for state in self.avoid_states if state in self.by]
        if own:
            found = f"the traffic of {', '.join(own)} cannot avoid {', '.join(own)}, where it begins or ends"
            yield Doubt("avoid_states", found, "other states")


def cut(policy: Keys, days_in_force: int, setting: Setting) -> Cut:
    """Return the rule on the carrier graph: one for each state."""
    from sim.cut import Cut, PathRule
    from sim.facts.network import carriers_called

    carriers = carriers_called(policy.avoid_carriers, setting.facts.name)
    states = tuple(sorted(policy.avoid_states))
    return Cut(rules=tuple(PathRule(state, carriers, states) for state in policy.by))

"""Forbids a state's traffic to cross carriers or states."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from sim.errors import Code
from sim.policies.base import PolicyKeys
from sim.policies.values import Carriers, States, refuse

if TYPE_CHECKING:
    from sim.world.setting import Setting

INSTRUMENT = "path_rule"
SUMMARY = "Forbids a state's traffic to cross carriers or states."
CASE = "5G Clean Path 2020"
AVAILABLE = True


class Keys(PolicyKeys):
    """Keys of a rule on paths."""

    NEEDS_TARGETS: ClassVar[bool] = False

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


def cut(policy: Keys, days_in_force: int, setting: Setting) -> list[str]:
    """Return the rule on the carrier graph, in the words of `sim.network.read_cut`."""
    avoided = "+".join((*policy.avoid_carriers, *policy.avoid_states))
    return [f"avoid:{state}:{avoided}" for state in policy.by]

"""Forbids a state's traffic to cross carriers or states."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from sim.policies.base import PolicyKeys
from sim.policies.values import States, Texts, refuse

INSTRUMENT = "path_rule"
SUMMARY = "Forbids a state's traffic to cross carriers or states."
CASE = "5G Clean Path 2020"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a rule on paths."""

    NEEDS_TARGETS: ClassVar[bool] = False

    avoid_carriers: Texts = ()
    """Carriers that traffic may not cross."""
    avoid_states: States = ()
    """States that traffic may not cross."""

    @model_validator(mode="after")
    def _avoids_something(self) -> Self:
        """Refuse a rule that forbids nothing."""
        if not self.avoid_carriers and not self.avoid_states:
            raise refuse("neither avoid_carriers nor avoid_states", "at least one of them")
        return self

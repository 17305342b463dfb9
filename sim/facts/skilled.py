"""When a rule that is tested on a known series shows skill: one definition for states and for platforms."""

from __future__ import annotations

from typing import Protocol

CHANCE = 0.5
"""The chance to put two in the right order by a guess [1]."""


class Tested(Protocol):
    """The skill of a rule, for states and for firms."""

    @property
    def low(self) -> float:
        """Lower end of the 80 % interval of the skill [1]."""

    @property
    def ahead_low(self) -> float:
        """Lower end of the 80 % interval of the rule's lead over the best rival [1]."""


def is_skilled(rule: Tested) -> bool:
    """Return whether a rule beats chance and the best rival, each with its whole interval."""
    return rule.low > CHANCE and rule.ahead_low > 0.0

"""Cuts the interconnections of carriers in a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sim.policies.base import PolicyKeys
from sim.policies.values import Carriers

if TYPE_CHECKING:
    from sim.world.setting import Setting

INSTRUMENT = "carrier_ban"
SUMMARY = "Cuts the interconnections of carriers in a state."
CASE = "Clean Carrier 2020: China Telecom, China Mobile"
AVAILABLE = True


class Keys(PolicyKeys):
    """Keys of a ban on carriers."""

    NEEDS_TARGETS: ClassVar[bool] = False

    carriers: Carriers = Field(min_length=1)
    """The carriers concerned: names, AS numbers, or firms for all that are theirs."""


def cut(policy: Keys, days_in_force: int, setting: Setting) -> list[str]:
    """Return what is cut on the carrier graph: the links of these carriers with those of the states."""
    return [f"carrier:{carrier}@{state}" for carrier in policy.carriers for state in policy.by]

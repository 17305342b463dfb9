"""Cuts the interconnections of carriers in a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sim.policies.base import Objects, PolicyKeys
from sim.policies.values import Carriers

if TYPE_CHECKING:
    from sim.cut import Cut
    from sim.world.setting import Setting

SUMMARY = "Cuts the interconnections of carriers in a state."
CASE = "Clean Carrier 2020: China Telecom, China Mobile"
EXAMPLE = {"by": "US", "carriers": ["China Telecom", "China Mobile", "China Unicom"]}
VERB = "cuts the interconnections of"


class Keys(PolicyKeys):
    """Keys of a ban on carriers."""

    NEEDS_TARGETS: ClassVar[bool] = False
    CUTS_NETWORKS: ClassVar[bool] = True
    OBJECTS: ClassVar[Objects] = {"targets": "platform", "carriers": "carrier"}
    SEVERS: ClassVar[bool] = True

    carriers: Carriers = Field(min_length=1)
    """The carriers concerned: names, AS numbers, or firms for all that are theirs."""


def cut(policy: Keys, days_in_force: int, setting: Setting) -> Cut:
    """Return what is cut on the carrier graph: the links of these carriers with those of the states."""
    from sim.cut import Cut
    from sim.facts.network import carriers_called

    carriers = carriers_called(policy.carriers, setting.facts.name)
    return Cut(carriers=tuple((asn, state) for asn in carriers for state in policy.by))

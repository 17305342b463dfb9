"""Keeps cables from landing: less capacity, longer paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sim.policies.base import Objects, PolicyKeys
from sim.policies.values import Cables

if TYPE_CHECKING:
    from sim.cut import Cut
    from sim.world.setting import Setting

SUMMARY = "Keeps cables from landing: less capacity, longer paths."
CASE = "Clean Cable 2020: the Pacific Light Cable Network and Hong Kong"
EXAMPLE = {"by": "AU", "cables": ["Southern Cross", "Hawaiki", "INDIGO-West", "Australia Singapore Cable"]}


class Keys(PolicyKeys):
    """Keys of a ban on cables."""

    NEEDS_TARGETS: ClassVar[bool] = False
    CUTS_NETWORKS: ClassVar[bool] = True
    OBJECTS: ClassVar[Objects] = {"targets": "platform", "cables": "cable"}

    cables: Cables = Field(min_length=1)
    """The cables concerned; one that is only planned takes nothing away when it is not built."""


def cut(policy: Keys, days_in_force: int, setting: Setting) -> Cut:
    """Return what is cut on the carrier graph: what these cables carry."""
    from sim.cut import Cut

    return Cut(cables=policy.cables)

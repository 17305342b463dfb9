"""Keeps cables from landing: less capacity, longer paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sim.policies.base import PolicyKeys
from sim.policies.values import Cables

if TYPE_CHECKING:
    from sim.world.setting import Setting

INSTRUMENT = "cable_ban"
SUMMARY = "Keeps cables from landing: less capacity, longer paths."
CASE = "Clean Cable 2020: the Pacific Light Cable Network and Hong Kong"
AVAILABLE = True


class Keys(PolicyKeys):
    """Keys of a ban on cables."""

    NEEDS_TARGETS: ClassVar[bool] = False

    cables: Cables = Field(min_length=1)
    """The cables concerned; one that is only planned takes nothing away when it is not built."""


def cut(policy: Keys, days_in_force: int, setting: Setting) -> list[str]:
    """Return what is cut on the carrier graph: what these cables carry."""
    return [f"cable:{cable}" for cable in policy.cables]

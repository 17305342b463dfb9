"""Cuts the interconnections of carriers in a state."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import Texts

INSTRUMENT = "carrier_ban"
SUMMARY = "Cuts the interconnections of carriers in a state."
CASE = "Clean Carrier 2020: China Telecom, China Mobile"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a ban on carriers."""

    NEEDS_TARGETS: ClassVar[bool] = False

    carriers: Texts
    """The carriers concerned."""

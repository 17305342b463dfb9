"""Keeps cables from landing: less capacity, longer paths."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import Texts

INSTRUMENT = "cable_ban"
SUMMARY = "Keeps cables from landing: less capacity, longer paths."
CASE = "Clean Cable 2020: the Pacific Light Cable Network and Hong Kong"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a ban on cables."""

    NEEDS_TARGETS: ClassVar[bool] = False

    cables: Texts
    """The cables concerned."""

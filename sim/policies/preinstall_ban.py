"""Forbids makers of phones to preinstall platforms: slower adoption on their new phones."""

from __future__ import annotations

from sim.policies.base import PolicyKeys
from sim.policies.values import Texts

INSTRUMENT = "preinstall_ban"
SUMMARY = "Forbids makers of phones to preinstall platforms: slower adoption on their new phones."
CASE = "Clean Apps 2020 (Huawei)"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a ban on preinstalled apps."""

    makers: Texts = ()
    """The makers of phones concerned; all of them unless stated."""

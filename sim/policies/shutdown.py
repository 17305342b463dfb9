"""Switches everything off, nationally or in a region."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import Share, Text

INSTRUMENT = "shutdown"
SUMMARY = "Switches everything off, nationally or in a region."
CASE = "Blackouts in India, Iran 2019, Myanmar 2021"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a shutdown."""

    NEEDS_TARGETS: ClassVar[bool] = False

    share: Share = 1.0
    """Share of people cut off [1]."""
    region: Text | None = None
    """The region concerned; the whole state unless stated."""

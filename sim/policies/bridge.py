"""Lets messengers talk to each other: a channel between people on different platforms."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from sim.policies.base import PolicyKeys
from sim.policies.values import Platforms

INSTRUMENT = "bridge"
SUMMARY = "Lets messengers talk to each other: a channel between people on different platforms."
CASE = "Interoperability of messengers, EU Digital Markets Act 2022"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a bridge."""

    NEEDS_TARGETS: ClassVar[bool] = False

    platforms: Platforms = Field(min_length=2)
    """The messengers that are joined."""

"""Silences a share of the content or accounts of platforms."""

from __future__ import annotations

from sim.policies.base import PolicyKeys
from sim.policies.values import Positive, Share

INSTRUMENT = "content_removal"
SUMMARY = "Silences a share of the content or accounts of platforms."
CASE = "Turkey's law 7253, 2020"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a removal of content."""

    share: Share
    """Share of content or accounts silenced [1]."""
    hours: Positive | None = None
    """Time a platform has to remove it [hours]."""

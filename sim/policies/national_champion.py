"""Pushes domestic substitutes, its targets: promoted, preinstalled or compulsory."""

from __future__ import annotations

from sim.policies.base import PolicyKeys
from sim.policies.values import YesOrNo

INSTRUMENT = "national_champion"
SUMMARY = "Pushes domestic substitutes, its targets: promoted, preinstalled or compulsory."
CASE = "Weixin in China; VK and MAX in Russia"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a push for a domestic platform."""

    promoted: YesOrNo = True
    """Whether the state advertises it."""
    preinstalled: YesOrNo = False
    """Whether new phones carry it."""
    compulsory: YesOrNo = False
    """Whether some services need it."""

"""Closes VPNs and punishes their use."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import Amount, Share

INSTRUMENT = "vpn_ban"
SUMMARY = "Closes VPNs and punishes their use."
CASE = "China; Russia 2017 and 2024"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a ban on VPNs."""

    NEEDS_TARGETS: ClassVar[bool] = False

    share_closed: Share
    """Share of VPNs that stop working [1]."""
    penalty: Amount = 0.0
    """Expected cost of use to a user [US dollars a month]."""

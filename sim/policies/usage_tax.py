"""Puts a price on the use of platforms."""

from __future__ import annotations

from sim.policies.base import PolicyKeys
from sim.policies.values import Amount

INSTRUMENT = "usage_tax"
SUMMARY = "Puts a price on the use of platforms."
CASE = "Uganda's daily social-media tax 2018"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a tax on use."""

    fee_per_day: Amount
    """What a user pays for a day of use [US dollars]."""

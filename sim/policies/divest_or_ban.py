"""Sets a clock: sell by the date, or another instrument follows."""

from __future__ import annotations

from typing import Literal

from sim.policies.base import PolicyKeys
from sim.policies.values import Days, Text

INSTRUMENT = "divest_or_ban"
SUMMARY = "Sets a clock: sell by the date, or another instrument follows."
CASE = "ByteDance and TikTok, 90 days from 14 August 2020"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of an order to sell."""

    days: Days = 90
    """Days from the announcement to the deadline [days]."""
    buyer: Text | None = None
    """Who buys; the owner and the home of the platform change with a sale."""
    outcome: Literal["sold", "extended", "banned"] = "banned"
    """What happens at the deadline."""
    then: Text = "transaction_ban"
    """The instrument that follows if nobody buys."""

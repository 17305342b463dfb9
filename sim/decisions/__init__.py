"""What states and platforms decide, as values: who does what, to whom and why. No value holds a sentence.

Behaviours create decisions and compare them; results count them; `sim.text.decisions` turns them into English. To add
an act or a reason, add a frozen dataclass in `acts` or `reasons`, and its words there.
"""

from __future__ import annotations

from sim.decisions.acts import (
    Act,
    Answer,
    Hosted,
    Join,
    Judgment,
    Lift,
    Other,
    SaleRefused,
    ShutOut,
    Sold,
    Strike,
    TakeOver,
    TakeUp,
)
from sim.decisions.decision import Decision, Policy, PolicyName, name_of
from sim.decisions.reasons import (
    Allegiance,
    Cheapest,
    Demanded,
    FirstStrike,
    GaveWay,
    Imitation,
    Membership,
    PushedBack,
    Reason,
    Retaliation,
    Settled,
    Stated,
)
from sim.decisions.stored import from_data, to_data
from sim.decisions.values import Aim, Coded

__all__ = [
    "Act",
    "Aim",
    "Allegiance",
    "Answer",
    "Cheapest",
    "Coded",
    "Decision",
    "Demanded",
    "FirstStrike",
    "GaveWay",
    "Hosted",
    "Imitation",
    "Join",
    "Judgment",
    "Lift",
    "Membership",
    "Other",
    "Policy",
    "PolicyName",
    "PushedBack",
    "Reason",
    "Retaliation",
    "SaleRefused",
    "Settled",
    "ShutOut",
    "Sold",
    "Stated",
    "Strike",
    "TakeOver",
    "TakeUp",
    "from_data",
    "name_of",
    "to_data",
]

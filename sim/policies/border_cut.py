"""Closes all or some of a state's gateways abroad."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import Gateways

INSTRUMENT = "border_cut"
SUMMARY = "Closes all or some of a state's gateways abroad."
CASE = "The extreme of Russia's law 90-FZ"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a cut at the border."""

    NEEDS_TARGETS: ClassVar[bool] = False

    gateways_closed: Gateways = "all"
    """How many gateways abroad are closed, or all."""

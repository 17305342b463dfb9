"""Demands that data are hosted at home; otherwise a block follows."""

from __future__ import annotations

from sim.policies.base import PolicyKeys
from sim.policies.values import Day

INSTRUMENT = "data_localisation"
SUMMARY = "Demands that data are hosted at home; otherwise a block follows."
CASE = "Russia's law 242-FZ (LinkedIn 2016); Turkey"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a demand to host at home."""

    deadline: Day | None = None
    """The day by which data must be at home."""

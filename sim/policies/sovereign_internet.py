"""Gives a state its own filter, name system, gateways and inner exchange mesh."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import Day, Gateways, TechniqueName, YesOrNo

INSTRUMENT = "sovereign_internet"
SUMMARY = "Gives a state its own filter, name system, gateways and inner exchange mesh."
CASE = "Russia's law 90-FZ, in force 1 November 2019"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a sovereign Internet."""

    NEEDS_TARGETS: ClassVar[bool] = False

    capability: TechniqueName = "dpi"
    """The technique that later blocks of this state may use."""
    dns: YesOrNo = False
    """Whether names are answered nationally."""
    gateways_closed: Gateways = 0
    """How many gateways abroad are closed, or all."""
    domestic_mesh: YesOrNo = False
    """Whether exchange points inside the state are meshed."""
    test_days: tuple[Day, ...] = ()
    """Days on which the disconnection is rehearsed."""

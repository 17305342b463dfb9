"""Closes all or some of a state's gateways abroad."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import Gateways

if TYPE_CHECKING:
    from sim.mechanisms.access import AccessTable
    from sim.world.setting import Setting

INSTRUMENT = "border_cut"
SUMMARY = "Closes all or some of a state's gateways abroad."
CASE = "The extreme of Russia's law 90-FZ"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a cut at the border."""

    NEEDS_TARGETS: ClassVar[bool] = False

    gateways_closed: Gateways = "all"
    """How many gateways abroad are closed, or all."""


def close_border(state: str, table: AccessTable, setting: Setting) -> None:
    """Part a state from the rest: its people reach only what is at home, and nobody abroad reaches that."""
    s = setting.states.index(state)
    for p, name in enumerate(setting.platforms):
        if setting.platform_facts[name].home == state:
            abroad = [row for row in range(len(setting.states)) if row != s]
            table.reach[abroad, p] = 0.0
            table.vpn_share[abroad, p] = 0.0
        else:
            table.reach[s, p] = 0.0
            table.vpn_share[s, p] = 0.0

"""Closes all or some of a state's gateways abroad."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import Gateways, YesOrNo

if TYPE_CHECKING:
    from sim.world.setting import Setting

INSTRUMENT = "border_cut"
SUMMARY = "Closes all or some of a state's gateways abroad."
CASE = "The extreme of Russia's law 90-FZ"
AVAILABLE = True


class Keys(PolicyKeys):
    """Keys of a cut at the border."""

    NEEDS_TARGETS: ClassVar[bool] = False
    HEADLINES: ClassVar[tuple[str, ...]] = ("domestic_reach", "border_capacity")

    gateways_closed: Gateways = "all"
    """How many gateways abroad are closed, those with most people behind them first, or all."""
    domestic_peering: YesOrNo = True
    """Whether carriers at home still exchange traffic with one another; without, only what they buy is left."""


def cut(policy: Keys, days_in_force: int, setting: Setting) -> list[str]:
    """Return what is cut on the carrier graph, in the words of `sim.network.read_cut`."""
    return closed_gateways(policy.by, policy.gateways_closed) + parted_at_home(policy.by, policy.domestic_peering)


def closed_gateways(states: tuple[str, ...], how_many: int | str) -> list[str]:
    """Return the words that close so many gateways of each state; none for 0."""
    return [f"gateways:{state}:{how_many}" for state in states] if how_many != 0 else []


def parted_at_home(states: tuple[str, ...], domestic_peering: bool) -> list[str]:
    """Return the words that take the peering inside each state, as if its exchanges were shut; none where kept."""
    return [] if domestic_peering else [f"unpeered:{state}" for state in states]

"""Closes all or some of a state's gateways abroad."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from sim.policies.base import Doubt, Known, PolicyKeys
from sim.policies.values import Gateways, YesOrNo

if TYPE_CHECKING:
    from sim.cut import Cut
    from sim.world.setting import Setting

SUMMARY = "Closes all or some of a state's gateways abroad."
CASE = "The extreme of Russia's law 90-FZ"
EXAMPLE = {"by": "RU", "gateways_closed": 4}
__all__ = ["closed_gateways", "parted_at_home", "too_many_gateways"]


class Keys(PolicyKeys):
    """Keys of a cut at the border."""

    NEEDS_TARGETS: ClassVar[bool] = False
    CUTS_NETWORKS: ClassVar[bool] = True
    CUTS_ALL: ClassVar[bool] = True
    HEADLINES: ClassVar[tuple[str, ...]] = ("domestic_reach", "border_capacity")

    gateways_closed: Gateways = "all"
    """How many gateways abroad are closed, those with most people behind them first, or all."""
    domestic_peering: YesOrNo = True
    """Whether carriers at home still exchange traffic with one another; without, only what they buy is left."""

    def doubts(self, known: Known) -> Iterator[Doubt]:
        """Yield a number of gateways that no state has."""
        yield from too_many_gateways(self.by, self.gateways_closed, known)


def cut(policy: Keys, days_in_force: int, setting: Setting) -> Cut:
    """Return what is cut on the carrier graph: gateways, and the peering at home where it is not kept."""
    return closed_gateways(policy.by, policy.gateways_closed) | parted_at_home(policy.by, policy.domestic_peering)


def too_many_gateways(states: tuple[str, ...], how_many: int | str, known: Known) -> Iterator[Doubt]:
    """Yield a doubt where more gateways are to be closed than each of the states has."""
    if not isinstance(how_many, int) or how_many == 0:
        return
    from sim.facts.network import count_gateways, load_network

    most = max(count_gateways(load_network(known.facts.name), state) for state in states)
    if how_many > most:
        yield Doubt("gateways_closed", f"{how_many:,} gateways are to be closed; there are {most}", "all")


def closed_gateways(states: tuple[str, ...], how_many: int | str) -> Cut:
    """Return the cut that closes so many gateways of each state; an empty one for 0."""
    from sim.cut import ALL, NOTHING, Cut

    if how_many == 0:
        return NOTHING
    return Cut(gateways=tuple((state, ALL if how_many == "all" else int(how_many)) for state in states))


def parted_at_home(states: tuple[str, ...], domestic_peering: bool) -> Cut:
    """Return the cut that takes the peering inside each state, as if its exchanges were shut; empty where kept."""
    from sim.cut import NOTHING, Cut

    return NOTHING if domestic_peering else Cut(unpeered=states)

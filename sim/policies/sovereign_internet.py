"""Gives a state its own filter, name system, gateways and inner exchange mesh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from sim.policies.base import Doubt, Known, PolicyKeys
from sim.policies.border_cut import closed_gateways, parted_at_home, too_many_gateways
from sim.policies.values import Day, Gateways, TechniqueName, YesOrNo

if TYPE_CHECKING:
    from sim.cut import Cut
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Gives a state its own filter, name system, gateways and inner exchange mesh."
CASE = "Russia's law 90-FZ, in force 1 November 2019"
EXAMPLE = {"by": "RU", "gateways_closed": "all"}


class Keys(PolicyKeys):
    """Keys of a sovereign Internet."""

    NEEDS_TARGETS: ClassVar[bool] = False
    CUTS_NETWORKS: ClassVar[bool] = True
    CUTS_ALL: ClassVar[bool] = True
    HEADLINES: ClassVar[tuple[str, ...]] = ("domestic_reach", "border_capacity")

    capability: TechniqueName = "dpi"
    """The technique that blocks of this state use from now on, where they would use a weaker one."""
    dns: YesOrNo = False
    """Whether names are answered nationally, so that choosing another name server is no way round."""
    gateways_closed: Gateways = 0
    """How many gateways abroad are closed, or all."""
    domestic_mesh: YesOrNo = False
    """Whether exchange points inside the state are meshed: all its carriers then reach one another at home."""
    domestic_peering: YesOrNo = True
    """Whether the peering that carriers at home had before is kept; a mesh makes up for it."""
    test_days: tuple[Day, ...] = ()
    """Days on which the disconnection is rehearsed."""

    def doubts(self, known: Known) -> Iterator[Doubt]:
        """Yield a number of gateways that the state does not have."""
        yield from too_many_gateways(self.by, self.gateways_closed, known)

    def national_means(self) -> str:
        """Return the technique of all blocks from now on; where names are answered nationally, none goes round them."""
        return "isp" if self.dns and self.capability == "dns" else self.capability


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Enforce what the state blocks already by the new means.

    Blocks that other policies lay down are strengthened in `sim/policies/law.py`.
    """
    from sim.policies.law import stronger
    from sim.world.setting import Enforcement, cut_off

    means = policy.national_means()
    for state in policy.by:
        for (blocking, target), technique in setting.blocks.items():
            if blocking == state and stronger(technique, means) != technique:
                cut_off(setting, table, state, target, Enforcement(means, days_in_force))


def cut(policy: Keys, days_in_force: int, setting: Setting) -> Cut:
    """Return what is closed and meshed on the carrier graph: all gateways on a day of rehearsal."""
    from sim.cut import Cut

    today = policy.on and policy.on + timedelta(days=days_in_force)
    closed = "all" if today in policy.test_days else policy.gateways_closed
    meshed = Cut(mesh=policy.by if policy.domestic_mesh else ())
    return closed_gateways(policy.by, closed) | parted_at_home(policy.by, policy.domestic_peering) | meshed

"""How the first day opens for one arm: the world's own, unless `world.blocks_policy_arm` has other blocks there.

People are the same in both arms: what they hold, and the friction they have borne, come of the blocks of the baseline
arm. The policy arm finds the other blocks on its first day, in full: a new one as if it had stood for years, a block
that is gone as if it had never been.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from sim.mechanisms.access import AccessTable
from sim.mechanisms.settings import Columns
from sim.scenario import Scenario
from sim.world.build import World
from sim.world.scenario_setting import blocks_under
from sim.world.setting import Setting, first_access


class Opening(NamedTuple):
    """What differs between the arms before the first policy.

    Attributes
    ----------
    setting : Setting
        With the blocks of the arm.
    access : AccessTable
        What each of the arm's days starts from.
    columns : Columns
        What the kernels read.
    """

    setting: Setting
    access: AccessTable
    columns: Columns


def opening_of(world: World, spec: Scenario, arm: str) -> Opening:
    """Return how an arm opens; it is the world's own table, not a copy, where nothing differs.

    Parameters
    ----------
    world : World
    spec : Scenario
        Of the run; the world may be built for another that has more policies.
    arm : {"policy", "baseline"}
    """
    listed = spec.world.blocks_policy_arm if arm == "policy" else {}
    blocks = blocks_under(listed, world.setting.blocks, world.setting.facts)
    if blocks == world.setting.blocks:
        return Opening(world.setting, world.access, world.columns)
    setting = replace(world.setting, blocks=blocks)
    return Opening(setting, first_access(setting), world.columns)

"""The first day of one arm: that of the world, unless `world.blocks_policy_arm` has other blocks.

People are the same in both arms: their platforms, and the friction that they have had, follow from the blocks of the
baseline arm. In the policy arm, the other blocks apply in full on the first day: a new block as if it were years old,
and a removed block as if it had never existed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from sim.people.access import AccessTable
from sim.people.kernel_types import Columns
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

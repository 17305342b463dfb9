"""How the first day opens for one arm: the world's own, unless `world.blocks_policy_arm` has other blocks there.

People are the same in both arms: what they hold, and the friction they have borne, come of the blocks of the baseline
arm. The policy arm finds the other blocks on its first day, in full: a new one as if it had stood for years, a block
that is gone as if it had never been.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sim.mechanisms.access import AccessTable
from sim.mechanisms.settings import Columns
from sim.scenario import Scenario
from sim.world.build import World
from sim.world.kinship import shared_platforms
from sim.world.scenario_setting import blocks_under
from sim.world.setting import Setting, first_access

MOST_PEOPLE = 0.5
"""A platform is open to a state if more than this share of the people reach it directly."""


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
    access = first_access(setting)
    return Opening(setting, access, _open_to_kin(world, access))


def _open_to_kin(world: World, access: AccessTable) -> Columns:
    """Return the columns in which kin may agree on what this arm has open at both ends.

    What is closed now keeps its figure: that it is closed, access tells.
    """
    taste, bits = world.columns.taste.copy(), world.columns.talk_bits
    talk = np.array([bool(bits >> p & 1) for p in range(len(world.setting.platforms))])
    is_open = np.maximum(world.access.reach, access.reach).max(axis=2) > MOST_PEOPLE
    corridor, shared = shared_platforms(world.groups, taste["penetration"], talk, is_open, world.setting.states)
    taste["shared"] = np.where(corridor[:, None] >= 0, shared[corridor], 0.0)
    return world.columns._replace(taste=taste)

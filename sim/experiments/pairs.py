"""A pair of arms: the same world and random numbers with and without the policies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.groups import StatePair, Users
from ..engine.model import Model
from ..metrics.arm_day import under_limit, using_by_group
from ..metrics.registry import WAYS
from ..results.panel import ArmData, Axes
from ..results.ties import MemberTies
from ..scenario import Scenario
from ..world.build import make_world
from .causes import KinLog, kin_table
from .memory import check_memory


def run_pair(
    spec: Scenario,
    seed: int,
    *,
    world_of: Scenario | None = None,
    threads: int = 1,
    ties: bool = False,
    metrics: Collection[str] | None = None,
) -> tuple[ArmData, ArmData]:
    """Run both arms of one member in step; raise MemoryError where it cannot fit into the memory that is free now.

    Parameters
    ----------
    spec : Scenario
    seed : int
        The member's seed.
    world_of : Scenario, optional
        The scenario whose world is used, if it is another one. Policies decide which groups are simulated in more
        detail, so a run with some of the policies must use the world of all policies to be comparable.
    threads : int
        Threads for one large world; the outcome is the same for any number.
    ties : bool
        Whether to keep what becomes of each kin tie abroad.
    metrics : collection of str, optional
        Names of the metrics to record; by default all.

    Returns
    -------
    tuple of ArmData
        The baseline arm and the policy arm, with the ties where they are kept.
    """
    check_memory(spec)
    baseline, policy = make_arms(spec, seed, threads=threads, world_of=world_of, metrics=metrics)
    logs = [KinLog(arm) for arm in (baseline, policy)] if ties else []
    for _ in range(spec.days):
        baseline.step()
        policy.step()
        for log in logs:
            log.read()
    kept = MemberTies(kin_table(policy), *(log.history() for log in logs)) if ties else None
    return arm_data(baseline), replace(arm_data(policy), ties=kept)


def make_arms(
    spec: Scenario,
    seed: int,
    *,
    threads: int = 1,
    world_of: Scenario | None = None,
    metrics: Collection[str] | None = None,
) -> tuple[Model, Model]:
    """Return both arms of one member before their first day, in one world; the baseline is stepped first each day.

    Parameters
    ----------
    spec, seed, threads, world_of
        As for `run_pair`.
    metrics : collection of str, optional
        Names of the metrics to record; by default all.
    """
    world = make_world(world_of or spec, seed, threads=threads)
    shared: dict[str, Any] = {"rng": seed, "world": world, "threads": threads, "metrics": metrics, "collect": False}
    baseline = Model(spec, arm="baseline", **shared)
    other = Model(spec, arm="policy", baseline=baseline, **shared)
    return baseline, other


def arm_data(model: Model) -> ArmData:
    """Return what an arm reports, when it is through.

    A result is not shown for a cell of too few simulated people: of a group, of a platform in a state, or of a pair of
    states. Users of a platform are those of the first day or the last, whichever are more, so that what was taken up
    during the run is shown too.
    """
    groups, states, platforms = model.world.groups, model.setting.states, model.setting.platforms
    cells = {g.label: g.size for g in groups}
    counted = {"": np.maximum(model.first_using, model.counts.using)}
    if (young := under_limit(model)).size:
        counted[Users.TOO_YOUNG] = using_by_group(model.person[young], *model.counts.using.shape)
    for which, users in counted.items():
        for row, state in enumerate(states):
            here = users[model.group_table.state == row].sum(axis=0).astype(int).tolist()
            cells |= {str(Users(state, p + which)): n for p, n in zip(platforms, here, strict=True)}
    for group in groups:
        if group.side == "diaspora":
            pair = str(StatePair(*sorted((group.residence, group.origin), key=states.index)))
            cells[pair] = cells.get(pair, 0) + group.size
    return ArmData(
        seed=model.member_seed,
        arm=model.arm,
        axes=Axes(model.record.dates(), states, platforms, tuple(g.label for g in groups), WAYS),
        arrays=model.record.arrays,
        cells=cells,
        real={g.label: g.people for g in groups},
        decisions=tuple(decision.stored() for decision in model.decisions),
        sampled=model.world.sample.users,
    )

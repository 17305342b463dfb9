"""Why ties first lose contact: for each kin tie, what ended its last channel on the first day without one.

A tie that is out of contact because an app works and somebody left it all the same would be a fault of the rules, not
an effect of a policy; the count shows how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.model import Model
from sim.errors import RunError
from sim.experiments.checks import check_count
from sim.experiments.ensemble import member_spec, seeds_of
from sim.experiments.executors import Failure, Progress, outcomes
from sim.experiments.pairs import make_arms
from sim.mechanisms.condition import luck_of
from sim.mechanisms.contact import BRIDGED
from sim.mechanisms.hindsight import GIVEN, look_back
from sim.mechanisms.look import Scene, empty_outcome
from sim.mechanisms.settings import Rows, Today, as_record
from sim.mechanisms.value import empty_room
from sim.scenario import Scenario, load

WORKS, TIRED, POOR = "works well enough", "works well enough by VPN alone", "works too poorly"
NO_WAY, GONE, BRIDGE = "no way to it", "app gone", "bridge ended"
CAUSES = (WORKS, TIRED, POOR, NO_WAY, GONE, BRIDGE)
"""Why the last channel of a tie ended, by what the app gives the end that does not use it.

It gives at least what doing without gives; it does so by a workaround alone, a habit that fades; it gives something,
but less; nothing gets through; it has left the phone; or the bridge between two messengers has ended. Where both ends
stopped on one day, the first of these that is true of either counts.
"""


@dataclass(frozen=True)
class FirstLosses:
    """Kin ties that were out of contact on some day, by cause of the first time.

    Attributes
    ----------
    by_cause : dict of str to int
        Simulated ties, by cause.
    ties : int
        Simulated ties that had a channel on the first day.
    seeds : tuple of int
        The members counted.
    """

    by_cause: dict[str, int]
    ties: int
    seeds: tuple[int, ...]

    @property
    def total(self) -> int:
        """Simulated ties that were out of contact on some day."""
        return sum(self.by_cause.values())

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a cause: the cause, the ties, and their share of all first losses."""
        return [
            {"cause": cause, "ties": n, "share": n / self.total if self.total else 0.0}
            for cause, n in self.by_cause.items()
        ]


def first_losses(
    scenario: Scenario | str | Path | dict[str, Any],
    *,
    people: int | None = None,
    days: int | None = None,
    seeds: int = 1,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> FirstLosses:
    """Run a scenario and count why kin ties were first out of contact.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    people, days : int, optional
        Simulated people and days, instead of the scenario's.
    seeds : int
        Members; their ties are added up.
    jobs : int, optional
        Processes; one for each core unless given.
    progress : callable, optional
        Called with (done, failed, total) whenever a member is through.

    Raises
    ------
    InputError
        When the scenario or a number cannot be used.
    RunError
        When a member failed.
    """
    check_count("--seeds", seeds, "members", 1)
    spec = load(scenario, people=people, days=days)
    wanted, found, ties, done = seeds_of(spec, seeds), Counter[str](), 0, 0
    for (_, seed), outcome in outcomes(_count, [(spec, seed) for seed in wanted], jobs=jobs):
        if isinstance(outcome, Failure):
            raise RunError(f"the member with seed {seed} failed: {outcome.last_words}")
        found.update(outcome[0])
        ties, done = ties + outcome[1], done + 1
        if progress is not None:
            progress(done, 0, len(wanted))
    return FirstLosses({cause: found[cause] for cause in CAUSES}, ties, wanted)


def _count(task: tuple[Scenario, int]) -> tuple[dict[str, int], int]:
    """Return the first losses of one member by cause, and its ties that have a channel on the first day."""
    spec, seed = member_spec(*task), task[1]
    baseline, policy = make_arms(spec, seed)
    causes: Counter[str] = Counter()
    ties = int((policy.kin.first != 0).sum())
    for _ in range(spec.days):
        before, morning = policy.kin.channels.copy(), policy.person.copy()
        baseline.step()
        policy.step()
        lost = np.flatnonzero(policy.kin.first_out == policy.day)
        if lost.size:
            causes.update(_causes(policy, lost, before[lost], morning))
    return dict(causes), ties


def _causes(model: Model, lost: np.ndarray, before: np.ndarray, morning: Rows) -> list[str]:
    """Return the cause for each of the ties that are out of contact for the first time today.

    ``before`` (ties,) are their channels of yesterday; ``morning`` (people,) is everybody this morning, as the visits
    of the day found them: a VPN that is got today opens nothing before tomorrow, and who comes back today is met then.
    """
    asked: list[tuple[int, int, int]] = []
    for k, (tie, channels) in enumerate(zip(lost, before, strict=True)):
        for who in (model.kin.diaspora_end[tie], model.kin.family_end[tie]):
            stopped = int(channels) & ~int(BRIDGED) & ~int(model.person["using"][who])
            asked += [(k, int(who), p) for p in range(len(model.setting.platforms)) if stopped >> p & 1]
    rank = np.full(lost.size, CAUSES.index(BRIDGE))
    for (k, _, _), cause in zip(asked, _what_it_gives(model, asked, morning), strict=True):
        rank[k] = min(rank[k], cause)
    return [CAUSES[at] for at in rank]


def _what_it_gives(model: Model, asked: Sequence[tuple[int, int, int]], morning: Rows) -> np.ndarray:
    """Return the place in `CAUSES` of what each app gives each person today, shape (looks,)."""
    n, platforms = len(asked), len(model.setting.platforms)
    who, platform = (np.array([row[at] for row in asked], np.int64) for at in (1, 2))
    found = np.zeros(n, GIVEN)
    state, partner = model.group_table.state, model.group_table.partner
    nothing = np.zeros(len(model.setting.states), np.int64)
    offer = 0.5 * (model.offer[state] + model.offer[partner])
    today = Today(model.day, offer, np.zeros(len(model.world.groups), np.int64), nothing, nothing)
    scene = Scene(
        today, model.cells, model.columns, morning, model.agenda, as_record(model.world.rules),
        luck_of(model.member_seed, model.day),
    )  # fmt: skip
    room = empty_room(platforms, int(np.diff(model.columns.start).max()))
    look_back(who, platform, morning["vpn"][who] > 0, scene, empty_outcome(n, platforms), room, found)
    direct, best, without, gone = (found[name] for name in GIVEN.names or ())
    is_so = [direct >= without, best >= without, best > 0.0, gone == 0]
    return np.select(is_so, [CAUSES.index(cause) for cause in (WORKS, TIRED, POOR, NO_WAY)], CAUSES.index(GONE))


__all__ = ["CAUSES", "WORKS", "FirstLosses", "first_losses"]

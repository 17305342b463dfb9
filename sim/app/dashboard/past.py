"""What was lived through in one world, kept so that other policies need not live through it again.

Three things are kept. The world and its baseline arm, which no policy changes: they are made once. Resting points of
the policy arms: another set of policies takes up from the last day on which the law was still the same. And the last
few arms as they stand, so that going back to one answers at once. All of it gives the same numbers as starting afresh.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np

from sim.engine.model import Model
from sim.experiments.pairs import arm_data
from sim.mechanisms.contact import KinTies
from sim.mechanisms.tally import Counts
from sim.metrics.registry import METRICS
from sim.policies.docket import docket_of
from sim.results.panel import Pair
from sim.scenario import Scenario
from sim.world.build import make_world

KEPT, KEPT_BYTES = 3, 100_000_000
"""Policy arms that are kept besides the one in hand, for a switch is often thrown twice: at most so many, and about so
much memory for all of them (assumption)."""
RESTS, REST_BYTES = 12, 40_000_000
"""Resting points of an arm, evenly over its days: at most so many, and about so much memory for all of them."""
_NO_MATTER = {"policies", "title", "status", "uncertain", "sweep", "draw"}
"""Keys of a scenario that leave the world and its baseline arm as they are."""


class Baseline:
    """The arm without policies, and of each of its days what the other arm reads.

    Parameters
    ----------
    model : Model
        Before its first day.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._channels: list[np.ndarray] = []
        self._using: list[np.ndarray] = []
        self._use: list[np.ndarray] = []
        self._news: list[bool] = []

    def reach(self, day: int) -> None:
        """Live on until a day is through."""
        while self.model.day < day:
            self.model.step()
            self._channels.append(_kept(self._channels, self.model.kin.channels))
            self._using.append(_kept(self._using, self.model.counts.using))
            self._use.append(_kept(self._use, self.model.counts.use))
            self._news.append(self.model.anybody_changed)

    def on(self, day: int) -> tuple[KinTies, Counts, bool]:
        """Return the kin ties and counts of a day that is through, and whether anybody changed on it."""
        ties = self.model.kin._replace(channels=self._channels[day])
        return ties, self.model.counts._replace(using=self._using[day], use=self._use[day]), self._news[day]


def _kept(before: list[np.ndarray], now: np.ndarray) -> np.ndarray:
    """Return a copy to keep; where nothing changed, the one that is kept already."""
    return before[-1] if before and np.array_equal(before[-1], now) else now.copy()


class Follower:
    """The baseline arm as one policy arm meets it, day by day.

    Attributes
    ----------
    kin, counts : KinTies and Counts
        Of the day; only what the other arm reads of them is of that day.
    anybody_changed : bool
        Whether anybody changed on it.
    """

    def __init__(self, past: Baseline, day: int = -1) -> None:
        self._past, self._day = past, day
        self.kin, self.counts, self.anybody_changed = past.model.kin, past.model.counts, True
        if day >= 0:
            self.kin, self.counts, self.anybody_changed = past.on(day)

    def step(self) -> None:
        """Go on to the next day."""
        self._day += 1
        self._past.reach(self._day)
        self.kin, self.counts, self.anybody_changed = self._past.on(self._day)


@dataclass
class Line:
    """One policy arm, the baseline that it follows, and where it can be taken up again.

    Attributes
    ----------
    arm : Model
    other : Follower
    rests : dict of int to Model
        The arm as it was after a day; copies, never stepped themselves.
    """

    arm: Model
    other: Follower
    rests: dict[int, Model] = field(default_factory=dict)

    def step(self) -> None:
        """Live through one day, the baseline first."""
        self.other.step()
        self.arm.step()
        many = max(1, min(RESTS, REST_BYTES // _bytes_of_people(self.arm)))
        if self.arm.day % max(1, self.arm.spec.days // many) == 0:
            self.rests[self.arm.day] = _copy(self.arm, {})

    def latest(self, day: int) -> Model | None:
        """Return the latest state of the arm that is not after a day; None where there is none."""
        if 0 <= self.arm.day <= day:
            return self.arm
        return max((rest for at, rest in self.rests.items() if at <= day), key=lambda m: m.day, default=None)


class Past:
    """All that was lived through in one world.

    Parameters
    ----------
    spec : Scenario
        The scenario that is wanted first.
    whole : Scenario
        Whose policies decide which groups are simulated more finely: all that can be switched on, so that a switch
        changes the law and not the people.
    """

    def __init__(self, spec: Scenario, whole: Scenario) -> None:
        self.key = world_key(spec, whole)
        self._world = make_world(spec.model_copy(update={"policies": whole.policies}), spec.seed)
        self._baseline = Baseline(Model(spec, arm="baseline", rng=spec.seed, world=self._world))
        self._lines: dict[str, Line] = {}

    def line(self, spec: Scenario, day: int) -> Line:
        """Return the policy arm of a scenario, lived through as far as is known, but not beyond a day.

        Parameters
        ----------
        spec : Scenario
            Of this world: it has the key of the past.
        day : int
            The last day that is wanted, from 0.
        """
        known = self._lines.pop(spec.digest, None)
        if known is None or known.arm.day > day:
            known = self._taken_up(spec, day, [*self._lines.values(), *([known] if known else [])])
        self._lines[spec.digest] = known
        while len(self._lines) > min(KEPT, KEPT_BYTES // _bytes_of(known.arm)) + 1:
            del self._lines[next(iter(self._lines))]
        return known

    def _taken_up(self, spec: Scenario, day: int, lines: list[Line]) -> Line:
        """Return a new line, begun from the latest state of the others that the same law leads to."""
        states = [line.latest(min(day, days_alike(line.arm.spec, spec) - 1)) for line in lines]
        start = max((state for state in states if state is not None), key=lambda model: model.day, default=None)
        if start is None:
            other = Follower(self._baseline)
            arm = Model(spec, rng=spec.seed, world=self._world, baseline=other)
            return Line(arm, other)
        other = Follower(self._baseline, start.day)
        arrays = {name: _rows(name, array, start.day + 1) for name, array in start.record.arrays.items()}
        arm = _copy(start, {id(start.spec): spec, id(start.baseline): other, id(start.record.arrays): arrays})
        return Line(arm, other)

    def pair(self, line: Line) -> Pair:
        """Return both arms as results are made of; of the baseline, days after the line's may be filled as well."""
        return arm_data(self._baseline.model), arm_data(line.arm)


def _bytes_of(arm: Model) -> int:
    """Return about how much memory an arm takes beside its world [bytes]."""
    return _bytes_of_people(arm) + sum(array.nbytes for array in arm.record.arrays.values())


def _bytes_of_people(arm: Model) -> int:
    """Return about how much memory the people of an arm take [bytes]."""
    return int(arm.person.nbytes + sum(array.nbytes for array in arm.own))


def world_key(spec: Scenario, whole: Scenario) -> str:
    """Return what the world and its baseline arm hang on: all but the policies, and whom those are about."""
    about = sorted({(policy.by, policy.targets) for policy in whole.policies})
    return json.dumps([spec.model_dump(mode="json", exclude=_NO_MATTER), about], sort_keys=True)


def days_alike(one: Scenario, other: Scenario) -> int:
    """Return for how many days from the first one the law is the same under two scenarios of one world [days]."""
    if one.digest != other.digest and one.behaviour.on:
        return 0  # what states decide can meet a policy of the scenario before that shows in the law
    for day in range(one.days):
        date = one.start + timedelta(days=day)
        if docket_of(one.policies, date) != docket_of(other.policies, date):
            return day
    return one.days


def _rows(metric: str, array: np.ndarray, days: int) -> np.ndarray:
    """Return a metric with its first days; nothing is known of the others, and of the whole run, yet."""
    made = np.full(array.shape, np.nan)
    if METRICS[metric].kind == "daily":
        made[:days] = array[:days]
    return made


def _copy(model: Model, replaced: dict[int, Any]) -> Model:
    """Return an arm as it stands; what never changes is shared, and some objects, by their id, are replaced."""
    ties = (
        "diaspora_end", "family_end", "conversations", "calls_only", "first", "group", "slot", "slot_group", "start",
        "own",
    )  # fmt: skip
    shared: list[Any] = [
        model.world, model.world.access, model.group_table, model.access, model.setting, model.spec, model.baseline,
        model.record.arrays, model.docket, *model.setting.platform_facts.values(), *model.setting.state_facts.values(),
        *(getattr(model.columns, name) for name in model.columns._fields if name != "bridged"),
        *(getattr(model.kin, name) for name in ties),
    ]  # fmt: skip
    return copy.deepcopy(model, {id(each): each for each in shared} | replaced)

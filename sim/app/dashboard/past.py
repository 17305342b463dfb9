"""Simulated days of one world, kept so that a change of policies does not simulate them again.

Three things are kept. The first is the world and its baseline arm, which no policy changes. The second is copies of the
policy arms at some days ("resting points"): another set of policies continues from the last day on which the law was
the same. The third is the most recent arms, so that a user can return to one at once. The numbers are the same as those
of a new run.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np

from ...engine.model import Model
from ...experiments.pairs import arm_data
from ...metrics.registry import METRICS
from ...people.contact import KinTies
from ...people.state import Counts
from ...policies.law import docket_of
from ...results.panel import Pair
from ...scenario import Scenario
from ...world.build import make_world

KEPT, KEPT_BYTES = 3, 100_000_000
"""The largest number of policy arms that are kept besides the current one, and about how much memory they may take
[bytes] (assumption). A user often undoes a switch."""
RESTS, REST_BYTES = 12, 40_000_000
"""The largest number of resting points of an arm, evenly spread over its days, and about how much memory they may take
[bytes]."""
_NO_MATTER = {"policies", "title", "status", "uncertain", "sweep", "draw"}
"""Keys of a scenario that do not change the world and its baseline arm."""


class Baseline:
    """The arm without policies, and the values of each of its days that the other arm reads.

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
        self._connected: list[np.ndarray] = []

    def reach(self, day: int) -> None:
        """Simulate up to and including a day."""
        while self.model.day < day:
            self.model.step()
            self._channels.append(_kept(self._channels, self.model.kin.channels))
            self._using.append(_kept(self._using, self.model.counts.using))
            self._use.append(_kept(self._use, self.model.counts.use))
            self._news.append(self.model.anybody_changed)
            self._connected.append(_kept(self._connected, self.model.connected))

    def on(self, day: int) -> tuple[KinTies, Counts, bool, np.ndarray]:
        """Return what `Follower` has of a simulated day."""
        ties = self.model.kin._replace(channels=self._channels[day])
        counts = self.model.counts._replace(using=self._using[day], use=self._use[day])
        return ties, counts, self._news[day], self._connected[day]


def _kept(before: list[np.ndarray], now: np.ndarray) -> np.ndarray:
    """Return a copy to keep; if nothing changed, the previous copy."""
    return before[-1] if before and np.array_equal(before[-1], now) else now.copy()


class Follower:
    """The baseline arm as one policy arm meets it, day by day.

    Attributes
    ----------
    kin, counts : KinTies and Counts
        Of the day; only the values that the other arm reads are those of the day.
    anybody_changed : bool
        Whether anybody changed on the day.
    connected : numpy.ndarray, shape (states,)
        How far each state shares the Internet of the others [1]; empty before the first day.
    """

    def __init__(self, past: Baseline, day: int = -1) -> None:
        self._past, self._day = past, day
        self.kin, self.counts, self.anybody_changed, self.connected = (
            past.model.kin,
            past.model.counts,
            True,
            np.empty(0),
        )
        if day >= 0:
            self.kin, self.counts, self.anybody_changed, self.connected = past.on(day)

    def step(self) -> None:
        """Move to the next day."""
        self._day += 1
        self._past.reach(self._day)
        self.kin, self.counts, self.anybody_changed, self.connected = self._past.on(self._day)


@dataclass
class Line:
    """One policy arm, the baseline that it reads, and its resting points.

    Attributes
    ----------
    arm : Model
    other : Follower
    rests : dict of int to Model
        Copies of the arm after some days; a copy itself is never stepped.
    """

    arm: Model
    other: Follower
    rests: dict[int, Model] = field(default_factory=dict)

    def step(self) -> None:
        """Simulate one day, the baseline first."""
        self.other.step()
        self.arm.step()
        many = max(1, min(RESTS, REST_BYTES // _bytes_of_people(self.arm)))
        if self.arm.day % max(1, self.arm.spec.days // many) == 0:
            self.rests[self.arm.day] = _copy(self.arm, {})

    def latest(self, day: int) -> Model | None:
        """Return the latest state of the arm up to a day; None if there is none."""
        if 0 <= self.arm.day <= day:
            return self.arm
        return max((rest for at, rest in self.rests.items() if at <= day), key=lambda m: m.day, default=None)


class Past:
    """The simulated days of one world.

    Parameters
    ----------
    spec : Scenario
        The scenario to simulate first.
    whole : Scenario
        The scenario with all policies that can be switched on. It decides which groups are simulated in more detail, so
        that a switch changes the law and not the people.
    """

    def __init__(self, spec: Scenario, whole: Scenario) -> None:
        self.key = world_key(spec, whole)
        self._world = make_world(spec.model_copy(update={"policies": whole.policies}), spec.seed)
        self._baseline = Baseline(Model(spec, arm="baseline", rng=spec.seed, world=self._world))
        self._lines: dict[str, Line] = {}

    def line(self, spec: Scenario, day: int) -> Line:
        """Return the policy arm of a scenario with the days that are already simulated, up to a day.

        Parameters
        ----------
        spec : Scenario
            A scenario of this world: it has the same `world_key`.
        day : int
            The last day to return, from 0.
        """
        known = self._lines.pop(spec.digest, None)
        if known is None or known.arm.day > day:
            known = self._taken_up(spec, day, [*self._lines.values(), *([known] if known else [])])
        self._lines[spec.digest] = known
        while len(self._lines) > min(KEPT, KEPT_BYTES // _bytes_of(known.arm)) + 1:
            del self._lines[next(iter(self._lines))]
        return known

    def _taken_up(self, spec: Scenario, day: int, lines: list[Line]) -> Line:
        """Return a new line that starts from the latest state of the other lines with the same law up to then."""
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
        """Return the data of both arms; the baseline may contain days after the last one of the line."""
        return arm_data(self._baseline.model), arm_data(line.arm)


def _bytes_of(arm: Model) -> int:
    """Return about how much memory an arm takes beside its world [bytes]."""
    return _bytes_of_people(arm) + sum(array.nbytes for array in arm.record.arrays.values())


def _bytes_of_people(arm: Model) -> int:
    """Return about how much memory the people of an arm take [bytes]."""
    return int(arm.person.nbytes + arm.private.nbytes + arm.use.nbytes)


def world_key(spec: Scenario, whole: Scenario) -> str:
    """Return a key of all that the world and its baseline arm depend on, including whom the policies are about."""
    about = sorted({(p.by, p.targets, p.id if p.who else "", str(p.who)) for p in whole.policies})
    return json.dumps([spec.model_dump(mode="json", exclude=_NO_MATTER), about], sort_keys=True)


def days_alike(one: Scenario, other: Scenario) -> int:
    """Return for how many days from the first one the law is the same under two scenarios of one world [days]."""
    if one.digest != other.digest and one.behaviour.on:
        return 0  # a state's decision can meet a policy of the scenario before the law shows it
    for day in range(one.days):
        date = one.start + timedelta(days=day)
        if docket_of(one.policies, date) != docket_of(other.policies, date):
            return day
    return one.days


def _rows(metric: str, array: np.ndarray, days: int) -> np.ndarray:
    """Return a metric with its first days; other days, and totals over the run, are not known yet and are NaN."""
    made = np.full(array.shape, np.nan)
    if METRICS[metric].kind == "daily":
        made[:days] = array[:days]
    return made


def _copy(model: Model, replaced: dict[int, Any]) -> Model:
    """Return a copy of an arm. Immutable objects are shared; `replaced` maps ids of objects to their replacements."""
    ties = (
        "diaspora_end", "family_end", "conversations", "calls_only", "first", "group", "slot", "slot_group", "start",
        "ties_of",
    )  # fmt: skip
    shared: list[Any] = [
        model.world, model.world.access, model.group_table, model.access, model.found, model.first_found,
        *model.by_class, model.places, model.setting, model.spec, model.baseline,
        model.record.arrays, model.docket, *model.setting.platform_facts.values(), *model.setting.state_facts.values(),
        *(getattr(model.columns, name) for name in model.columns._fields if name != "bridged"),
        *(getattr(model.kin, name) for name in ties),
    ]  # fmt: skip
    return copy.deepcopy(model, {id(each): each for each in shared} | replaced)

"""The scene that a page shows: both arms up to a day, and the groups, states and platforms that matter most by then."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...core.groups import Group, StatePair, Users, is_diaspora, read
from ...results.focus import find_focus
from ...results.panel import ArmData, Pair
from ...results.series import MIN_PEOPLE
from ...scenario import Scenario
from ...text.reportable import FEWEST_CASES

Array = np.ndarray[Any, np.dtype[np.float64]]
EVER, EVER_PEOPLE, LOST, LOST_PEOPLE, TIES, OUT, USE, VPN = (
    "family_contact_ever_lost",
    "family_contact_ever_lost_people",
    "family_contact_lost",
    "family_contact_lost_people",
    "cross_border_contact",
    "ties_out_of_contact",
    "active_users",
    "vpn_users",
)
SHORT, HORIZONS = 400, (120, 240, 480, 960, 1920)
"""Days of a run whose charts show all of it from the start; the steps in which those of a longer one grow [days]."""
MOST_GROUPS, MOST_PLATFORMS, MOST_STATES, MOST_VPN = 5, 6, 9, 3


@dataclass(frozen=True)
class Scene:
    """Both arms of one member up to the day that is shown.

    Attributes
    ----------
    spec : Scenario
    pair : (ArmData, ArmData)
        Baseline and policy arm.
    day : int
        The day shown, from 0.
    done : int
        The last day that is simulated; by default the day shown.
    """

    spec: Scenario
    pair: Pair
    day: int
    done: int = -1

    @property
    def horizon(self) -> int:
        """Days on the axis of the charts [days]: all, or in a long run a round number above the simulated days."""
        days, reached = self.spec.days, max(self.day, self.done)
        if days <= SHORT:
            return days
        return next((part for part in HORIZONS if reached < 0.95 * part and part < days), days)

    @property
    def date(self) -> dt.date:
        """The day shown."""
        return self.spec.start + dt.timedelta(days=self.day)

    @property
    def baseline(self) -> ArmData:
        """The arm without the policies."""
        return self.pair[0]

    @property
    def policy(self) -> ArmData:
        """The arm with them."""
        return self.pair[1]

    def both(self, metric: str, *index: int) -> tuple[Array, Array]:
        """Return a metric up to the day shown, without and with the policies: (days, ...) each."""
        place: Any = (slice(0, self.day + 1), *index)
        return self.baseline.arrays[metric][place], self.policy.arrays[metric][place]

    def effect(self, metric: str) -> Array:
        """Return what the policies change, day by day: (days, ...); zero where it is not defined."""
        without, given = self.both(metric)
        return np.asarray(np.nan_to_num(given - without))

    def group(self, label: str) -> int:
        """Return the place of a group."""
        return self.policy.axes.groups.index(label)

    @cached_property
    def named(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """States and platforms that the scenario is about."""
        # The first day is enough to find them; what changed later is found in this class, day by day.
        first = (_first_day(self.baseline), _first_day(self.policy))
        focus = find_focus(self.spec, [first])
        return focus.states, focus.named_platforms

    @cached_property
    def groups(self) -> list[str]:
        """Diaspora groups to show: those that lost most up to the day, and those the scenario names; most first.

        A group of fewer than 30 simulated people is never shown, nor one in which only one or two are concerned.
        """
        axes, cells, real = self.policy.axes, self.policy.cells, self.policy.real
        ever = self.effect(EVER_PEOPLE)[-1]
        states = set(self.named[0])
        found: list[tuple[float, str]] = []
        for at, label in enumerate(axes.groups):
            size = cells.get(label, 0)
            if not is_diaspora(label) or size < MIN_PEOPLE:
                continue
            cases = ever[at] * size / real[label] if real.get(label) else 0.0
            if cases >= FEWEST_CASES:
                found.append((float(ever[at]), label))
            elif Group.read(label).states <= states:
                found.append((0.0, label))
        return [label for _, label in sorted(found, key=lambda pair: -pair[0])][:MOST_GROUPS]

    @cached_property
    def touched(self) -> list[str]:
        """Those of `groups` in which people have lost contact, on some day so far."""
        ever = self.effect(EVER_PEOPLE)[-1]
        cells, real = self.policy.cells, self.policy.real
        return [
            label
            for label in self.groups
            if real.get(label) and ever[self.group(label)] * cells[label] / real[label] >= FEWEST_CASES
        ]

    @cached_property
    def state(self) -> str:
        """The state in which the use of platforms changes most up to the day; else the first that acts."""
        moved = np.abs(self.effect(USE)).sum(axis=(0, 2))
        states = self.policy.axes.states
        if moved.max() > 0:
            return states[int(moved.argmax())]
        acting = [state for policy in self.spec.policies for state in policy.by if state in states]
        return (acting or [*self.named[0], *states])[0]

    def platforms(self, state: str) -> list[str]:
        """Return the platforms to show in a state: those named, then those whose use changed most so far."""
        axes, row = self.policy.axes, self.policy.axes.states.index(state)
        moved = np.abs(self.effect(USE)[:, row]).sum(axis=0)
        level = np.nan_to_num(self.baseline.arrays[USE][0, row])
        shown = [at for at, name in enumerate(axes.platforms) if self.policy.cells.get(str(Users(state, name)), 0) >= 1]
        first = [at for at in shown if axes.platforms[at] in self.named[1]]
        first.sort(key=lambda at: -moved[at])
        rest = sorted((at for at in shown if at not in first), key=lambda at: (-moved[at], -level[at]))
        return [axes.platforms[at] for at in [*first, *rest][:MOST_PLATFORMS]]

    @cached_property
    def states(self) -> list[str]:
        """States of the matrix and the network, in the order of the facts: named, most concerned, best connected."""
        axes = self.policy.axes
        lost = np.zeros(len(axes.states))
        for (i, j), ties in self._out[0].items():
            lost[[i, j]] += ties
        size = np.nan_to_num(self.baseline.arrays[TIES][0]).sum(axis=1)
        enough = [read(key) for key, people in self.policy.cells.items() if people >= MIN_PEOPLE]
        joined = {state for pair in enough if isinstance(pair, StatePair) for state in pair.states}
        order = sorted(
            (at for at in range(len(axes.states)) if size[at] > 0 and axes.states[at] in joined),
            key=lambda at: (axes.states[at] not in self.named[0], -lost[at], -size[at]),
        )
        chosen = set(order[:MOST_STATES])
        return [state for at, state in enumerate(axes.states) if at in chosen]

    def ties(self, a: str, b: str) -> tuple[float, float] | None:
        """Return the kin ties between two states that have a channel without the policies, and how many keep one.

        Ties are counted one by one against the other arm: one that was cut is not made good by another that was made.
        None where fewer than 30 simulated people stand behind them.
        """
        order = self.policy.axes.states
        i, j = sorted((order.index(a), order.index(b)))
        if self.policy.cells.get(str(StatePair(order[i], order[j])), 0) < MIN_PEOPLE:
            return None
        without = float(self.baseline.arrays[TIES][self.day, i, j])
        if np.isnan(without) or without <= 0:
            return None
        return without, max(0.0, without - self._out[-1].get((i, j), 0.0))

    @cached_property
    def _out(self) -> list[dict[tuple[int, int], float]]:
        """Kin ties out of contact by pair of states: the sum over the days so far, and the day shown [ties]."""
        order = self.policy.axes.states
        daily = np.nan_to_num(self.policy.arrays[OUT][: self.day + 1])
        found: list[dict[tuple[int, int], float]] = []
        for values in (daily.sum(axis=0), daily[-1]):
            by_pair: dict[tuple[int, int], float] = {}
            for at, label in enumerate(self.policy.axes.groups):
                if is_diaspora(label):
                    i, j = sorted(order.index(state) for state in Group.read(label).states)
                    by_pair[i, j] = by_pair.get((i, j), 0.0) + float(values[at])
            found.append(by_pair)
        return found

    @property
    def ties_out(self) -> float:
        """Kin ties abroad that have no channel on the day and would have one without the policies [ties]."""
        return sum(self._out[-1].values())

    @cached_property
    def vpn_states(self) -> list[str]:
        """States whose VPN users are shown: those that act, then those where most changes."""
        states = self.policy.axes.states
        moved = np.abs(self.effect(VPN)).sum(axis=0)
        acting = list(dict.fromkeys(s for policy in self.spec.policies for s in policy.by if s in states))
        rest = [states[at] for at in np.argsort(-moved, kind="stable") if moved[at] > 0 and states[at] not in acting]
        return [*acting, *rest, self.state][:MOST_VPN] if acting or rest else [self.state]


def _first_day(arm: ArmData) -> ArmData:
    """Return an arm cut down to its first day."""
    return until(arm, 0)


def until(arm: ArmData, day: int) -> ArmData:
    """Return an arm up to a day; what is known only at the end of a run is left out before it is reached.

    Parameters
    ----------
    arm : ArmData
    day : int
        The last day to keep, from 0.
    """
    from ...metrics.registry import METRICS

    axes = arm.axes
    whole = day + 1 >= len(axes.dates)
    arrays = {
        name: array if METRICS[name].kind == "total" else array[: day + 1]
        for name, array in arm.arrays.items()
        if whole or METRICS[name].kind != "total"
    }
    kept = type(axes)(axes.dates[: day + 1], axes.states, axes.platforms, axes.groups, axes.ways)
    return ArmData(arm.seed, arm.arm, kept, arrays, arm.cells, arm.real)

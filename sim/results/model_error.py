"""The model's error from event to event, in the intervals that a user sees.

The record measures it for the users that restricted platforms keep, the users that others gain, and
VPN users (`facts.record`). An interval includes it as follows, with the same error for every day of
a run and for every seed:

- use of a platform that an order restricts: that of ``kept``, on the share of its users that is
  left; an order that cuts a state off (``CUTS_ALL``) restricts every platform there
- use of another platform, or additional use: that of ``gained``, on the increment per user of the
  restricted platforms
- VPN users: that of ``vpn``, on the increment per internet user
- contact lost (shares, people, days): that of ``contact``, on the share of the group that loses it;
  an assumption, from the few surveys of lost contact, which measure something else
- ties, conversations: that of ``contact``, as a factor
- connectivity that users lose: that of ``contact``, on the share of their days
- connectivity that platforms lose: that of ``kept``, on the share of the minutes that is lost; an
  assumption, because those minutes are lost if a platform is not kept
- everything else (routes, blocs, money ...): none, because no event measures it; the interval
  includes only chance and draws

The seeds of a run apply ``kept`` and ``gained`` to each kin tie (`world.carried`): their lost
contact includes these errors, and no error is added. The assumed error of contact is for results
without them: those of earlier versions, and figures of events beside surveys.

An effect of exactly zero stays zero: a policy that reaches nobody changes nothing. No interval
exceeds what is possible: a platform cannot lose more users than it has or have more users than its
state has people online, and no more ties are cut than had a channel.

Errors are taken on scales on which they are similar for small and large figures:

- logit, for shares: ln(x / (1 - x)), where an error is small near 0 and 1
- asinh, for increments: asinh(x / 0.05), where an error is a factor if x is large and an amount if
  x is small, so that zero may turn out not to be zero
- log, for ratios of two dates: ln(x), where an error is a factor

The simulated value of an observed figure follows from its ``kind:`` and ``of:``. It is (policy -
baseline) / reference for the kinds ``gained`` and ``speed``, and policy / reference for all other
kinds. The reference is, by the value of ``of:``,

- baseline: the same metric in the baseline arm, on the same day
- first_day: the same metric in the baseline arm, on the first day
- a date: the same metric in the policy arm, on that date
- internet_users: the internet users of the state
- members: the people of the group; 1 for a metric that is already a share of them
- a platform: its users in the baseline arm that day, by the same metric; its monthly users if the
  metric is not by platform, or counts people who turn to them
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ..core.groups import Group
from ..errors import InputError, Problem, did_you_mean
from ..facts.record import error_of
from ..metrics.registry import METRICS
from ..scenario.scenario import restricts
from ..scenario.schema import BASELINE, FIRST_DAY, INTERNET_USERS, MEMBERS, Observed
from .interval import interval
from .panel import ArmData, Array, Pair
from .series import Cell, Widen

if TYPE_CHECKING:
    from ..scenario import Scenario

TURNED = "turned_to"
"""The metric whose figures are shares of the users of the abandoned platform."""
HOURS_A_DAY = 24.0
NODES: Array = np.array([NormalDist().inv_cdf((i + 0.5) / 21) for i in range(21)])
"""Errors in standard deviations: the midpoints of 21 equal parts of a normal distribution."""
SMALL_GAIN = 0.05
"""Increment below which an error is an amount rather than a factor (assumption) [1]."""
EDGE = 0.02
"""Smallest distance of shares from 0 and 1: no measurement of use is finer (assumption) [1]."""


@dataclass(frozen=True)
class Scale:
    """A scale and its inverse.

    Attributes
    ----------
    forward, back, slope : callable
        Functions of arrays of any shape: to the scale, from the scale, and the derivative.
    """

    forward: Callable[[Array], Array]
    back: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def _inside(x: Array) -> Array:
    return np.clip(x, EDGE, 1.0 - EDGE)


SCALES: Mapping[str, Scale] = {
    "logit": Scale(
        lambda x: np.log(_inside(x) / (1.0 - _inside(x))),
        lambda z: 1.0 / (1.0 + np.exp(-z)),
        lambda x: 1.0 / (_inside(x) * (1.0 - _inside(x))),
    ),
    "asinh": Scale(
        lambda x: np.arcsinh(x / SMALL_GAIN),
        lambda z: SMALL_GAIN * np.sinh(z),
        lambda x: 1.0 / np.hypot(x, SMALL_GAIN),
    ),
    "log": Scale(
        lambda x: np.log(np.maximum(x, EDGE)), np.exp, lambda x: 1.0 / np.maximum(x, EDGE)
    ),
}
SCALE_OF = {"kept": "logit", "gained": "asinh", "vpn": "asinh", "ratio": "log", "contact": "logit"}
"""The scale of each kind of error: users that restricted platforms keep, users that others gain,
the rise of VPNs, ratios of two dates, and shares of a group that lose contact.
"""
ESTIMATED = ("kept", "gained", "vpn", "ratio")
"""Kinds of error that the record measures."""


def error_kind(seen: Observed) -> str:
    """Return the kind of error of a figure, a key of `SCALE_OF`; empty if none has been
    measured.
    """
    if seen.kind in ("gained", "speed"):
        return "gained"
    if seen.kind == "vpn" and seen.of == INTERNET_USERS:
        return "vpn"
    if seen.kind in ("kept", "return", "decay"):
        return "ratio" if seen.reference_day is not None else "kept"
    return "contact" if seen.kind == "contact" and seen.of == MEMBERS else ""


def widened(values: Array, sd: float, kind: str, before: float | Array = 0.0) -> Array:
    """Return possible values with the model's error, shape (..., `NODES`).

    A value beyond the edge of its scale gets the error of the edge, so that a share of exactly 0 or
    1 stays.

    Parameters
    ----------
    values : numpy.ndarray
        Values of the model [1].
    sd : float
        Standard deviation of the error on the scale of the kind.
    kind : str
        A key of `SCALE_OF`.
    before : float or numpy.ndarray
        The value before an increment; the error applies only to the increment [1].
    """
    base = np.asarray(before)[..., None]
    known = np.asarray(values, dtype=np.float64)[..., None] - base
    if SCALE_OF[kind] == "logit":
        share = np.clip(known, 0.0, 1.0)
        odds = np.divide(
            share, 1.0 - share, out=np.full_like(share, np.inf), where=share < 1.0
        ) * np.exp(sd * NODES)
        result = np.where(np.isinf(odds), 1.0, odds / (1.0 + np.where(np.isinf(odds), 0.0, odds)))
        return np.asarray(
            np.where(known > 1.0, known, result)
        )  # a value above its reference is not a share of it
    scale = SCALES[SCALE_OF[kind]]
    return np.asarray(base + scale.back(scale.forward(known) + sd * NODES))


class ModelError:
    """The model's error in the intervals of a run.

    Parameters
    ----------
    scenario : Scenario
        The scenario with its policies and its episode: an event of the record gets the error of the
        other events.
    chance_only : bool
        Whether to leave out the error.
    carried : bool
        Whether the errors of use already apply to each kin tie, so that contact needs no error of
        its own.
    """

    def __init__(
        self, scenario: Scenario, *, chance_only: bool = False, carried: bool = False
    ) -> None:
        restricting = list(filter(restricts, scenario.policies))
        # Of several techniques, the largest error counts.
        techniques: set[str | None] = {p.technique or p.instrument for p in restricting} or {None}
        self._sd = (
            {}
            if chance_only
            else {
                kind: max(
                    error_of(kind, scenario.episode or "", technique) for technique in techniques
                )
                for kind in SCALE_OF
            }
        )
        self._contact = 0.0 if carried else self._sd.get("contact", 0.0)
        self._hit = {
            (state, platform)
            for p in restricting
            for state in p.concerns()
            for platform in p.targets
        }
        self._cut_off = {
            state for policy in scenario.policies if policy.CUTS_ALL for state in policy.concerns()
        }

    def __repr__(self) -> str:
        known = ", ".join(f"{kind} {sd:.3g}" for kind, sd in self._sd.items() if sd)
        return f"<ModelError: {known or 'none'} (standard deviations on the scale of each kind)>"

    @property
    def is_known(self) -> bool:
        """True if intervals include an error: it has been measured and is not left out."""
        return bool(self._sd.get("kept") or self._sd.get("gained"))

    def of_observed(self, seen: Observed) -> float:
        """Return the standard deviation of the error on an observed figure, on the scale of its
        kind [1].
        """
        return self._sd.get(error_kind(seen), 0.0)

    def of(self, cell: Cell, members: Sequence[Pair]) -> Widen | None:
        """Return a function that widens the effects of a cell by the error.

        Parameters
        ----------
        cell : Cell
        members : sequence of (ArmData, ArmData)
            The members whose effects are widened, in order.

        Returns
        -------
        callable or None
            None if there is no error, or none is known.
        """
        kind = METRICS[cell.metric].error
        contact = self._contact
        if kind in ("users", "use"):
            is_of_pair = "source" in cell.parts or not {"state", "platform"} <= set(cell.parts)
            return self._use(cell, members) if self.is_known and not is_of_pair else None
        if kind == "vpn" and (vpn := self._sd.get("vpn", 0.0)):
            online = _online(cell, members)
            return _of_increment(online, online, vpn)
        if kind == "ties" and contact:
            return self._ties(cell, members, contact)
        if kind == "contact" and contact:
            return self._part(_most_contact(cell, members[0][0]), "contact")
        if kind == "hours":
            lost = {"platforms": "kept", "users": "contact"}.get(cell.group, "")
            sd = contact if lost == "contact" else self._sd.get(lost)
            return self._part(HOURS_A_DAY, lost) if sd else None
        return self._part(1.0, "kept") if kind == "kept" and self._sd.get("kept") else None

    def _use(self, cell: Cell, members: Sequence[Pair]) -> Widen:
        """Return the function that widens the use of a platform in a state."""
        is_hit = (cell.state, cell.platform) in self._hit or cell.state in self._cut_off
        axes = members[0][0].axes
        # Users of the platform on the first day, or of the platforms restricted in the state.
        named = [p for p, name in enumerate(axes.platforms) if (cell.state, name) in self._hit]
        state = axes.states.index(cell.state)
        # Without losses on the first day, nobody turns to another platform.
        counted = "active_users" if cell.metric == TURNED else cell.metric
        first = np.array([baseline.row(counted, state)[:, 0] for baseline, _ in members])
        of_hit = first[:, named].sum(axis=1)
        users = np.where(of_hit > 0, of_hit, first[:, axes.platforms.index(cell.platform)])
        most = (
            _online(cell, members)
            if METRICS[cell.metric].error == "users"
            else np.full(len(members), np.inf)
        )

        return _of_increment(users, most, self._sd["gained"], self._sd["kept"] if is_hit else None)

    def _part(self, most: float, kind: str) -> Widen:
        """Return the function that widens a loss as a share of its daily maximum."""
        sd = self._sd[kind]

        def widen(baseline: Array, policy: Array, days: int) -> Array:
            effect = policy - baseline
            whole = most * days
            return np.asarray(
                np.sign(effect)[..., None] * whole * widened(np.abs(effect) / whole, sd, kind)
            )

        return widen

    def _ties(self, cell: Cell, members: Sequence[Pair], sd: float) -> Widen:
        """Return the function that widens a number of ties or of conversations."""
        group = Group.read(cell.group)
        states = members[0][0].axes.states
        name = "cross_border_contact"
        most = np.full(len(members), np.inf)  # ties with a channel on the first day, if known
        held = name in members[0][0].arrays and cell.metric != "conversations_lost"
        if held and group.side != "resident" and group.states <= set(states):
            ends = states.index(group.residence), states.index(group.origin)
            most = np.array([baseline.series(name, ends)[0] for baseline, _ in members])

        def widen(baseline: Array, policy: Array, days: int) -> Array:
            effect = policy - baseline
            spread = effect[..., None] * np.exp(sd * NODES)
            return _within(spread, effect, -baseline, _like(most, effect) * days - baseline)

        return widen


def _most_contact(cell: Cell, arm: ArmData) -> float:
    """Return the largest possible daily loss of contact of a group, in the unit of the metric."""
    declared = METRICS[cell.metric]
    if declared.form == "share":
        return 1.0
    # Number of days for a metric of days per person over the run; otherwise the people of the
    # group.
    return float(
        len(arm.axes.dates) if declared.unit == "days" else arm.real.get(cell.group, np.inf)
    )


def _of_increment(per: Array, most: Array, sd: float, kept: float | None = None) -> Widen:
    """Return the function that widens increments, relative to a daily reference, (M,), up to a
    maximum, (M,).

    If the error on kept users is also given, it widens losses, as an error of the remaining share.
    """

    def widen(baseline: Array, policy: Array, days: int) -> Array:
        effect = policy - baseline
        users = _like(per, effect) * days
        part = np.divide(effect, users, out=np.zeros_like(effect), where=users > 0)
        gain = widened(part, sd, "gained") * users[..., None]
        change = np.where(
            (part == 0.0)[..., None], effect[..., None], gain
        )  # nothing stays nothing
        if kept is not None:
            share = np.divide(policy, baseline, out=np.ones_like(policy), where=baseline > 0)
            left = (widened(share, kept, "kept") - 1.0) * baseline[..., None]
            change = np.where((effect <= 0)[..., None], left, change)
        return _within(change, effect, -baseline, _like(most, effect) * days - baseline)

    return widen


def _online(cell: Cell, members: Sequence[Pair]) -> Array:
    """Return the people online in the state of a cell, by seed, (M,) [persons]."""
    return np.array([baseline.internet_users[cell.state] for baseline, _ in members])


def _within(values: Array, effect: Array, least: Array, most: Array) -> Array:
    """Return effects with their error, limited to what is possible; the model's own values stay."""
    low = np.minimum(least, effect)
    high = np.maximum(most, effect)
    return np.asarray(np.clip(values, low[..., None], high[..., None]))


def _like(per_member: Array, effect: Array) -> Array:
    """Return one number per seed in the shape of the effects, (M,) or (M, T)."""
    return np.broadcast_to(per_member.reshape(-1, *[1] * (effect.ndim - 1)), effect.shape).astype(
        np.float64
    )


# --- observed figures -----------------------------------------------------------------------------

NO_METRIC = "the run does not have the metric"
NO_DAY = "the run ends before"
NO_GROUP = "this small world does not have {group}; more people may help"
NO_REFERENCE = "its reference ({of}) is 0 for some seed; more people may help"


@dataclass(frozen=True)
class Beside:
    """An observed figure with its values in a run.

    Attributes
    ----------
    observed : Observed
        The figure.
    course : numpy.ndarray, shape (members, days)
        Value of each seed, from the first day to the day of the figure [1]; without days if it
        cannot be compared.
    why : str
        The reason why it cannot be compared; empty if it can.
    reference, above : float
        The reference of the figure, and the value to which it is added, medians over seeds [unit of
        the metric].
    before, sd : float
        The figure without the policies [1], and the standard deviation of the model's error on its
        scale [1].
    """

    observed: Observed
    course: Array
    why: str = ""
    reference: float = 1.0
    above: float = 0.0
    before: float = 0.0
    sd: float = 0.0

    @property
    def simulated(self) -> float:
        """The median of the seeds [1]."""
        return float(np.median(self.course[:, -1]))

    @property
    def low(self) -> float:
        """The lower end of the 80 % interval [1]."""
        return float(interval(self.draws()[:, :, -1])[0])

    @property
    def high(self) -> float:
        """The upper end of the 80 % interval [1]."""
        return float(interval(self.draws()[:, :, -1])[1])

    @property
    def is_near(self) -> bool:
        """True if the median lies within the tolerance."""
        return abs(self.simulated - self.observed.value) <= self.observed.tolerance

    @property
    def is_missed(self) -> bool:
        """True if the figure lies outside the 80 % interval."""
        return not self.low <= self.observed.value <= self.high

    def draws(self) -> Array:
        """Return the value of each seed with each of the model's errors, day by day, (seeds,
        errors, days) [1].
        """
        if not self.sd:
            return self.course[:, None, :]
        kind = error_kind(self.observed)
        spread = widened(self.course, self.sd, kind, self.before if kind == "vpn" else 0.0)
        return np.moveaxis(spread, -1, 1)

    def spread_out(self) -> Array:
        """Return the same values in one dimension, (seeds x errors, days) [1]."""
        draws = self.draws()
        return draws.reshape(-1, draws.shape[2])

    @property
    def level(self) -> float:
        """Value of the policy arm that would agree with the figure [unit of the metric]."""
        return self.above + self.observed.value * self.reference


def beside(
    observed: Sequence[Observed],
    members: Sequence[Pair],
    sd_of: Callable[[Observed], float] = lambda _: 0.0,
) -> list[Beside]:
    """Return the values of observed figures in a run, in their order.

    Parameters
    ----------
    observed : sequence of Observed
        The figures.
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    sd_of : callable
        Returns the model's error on a figure, on the scale of its kind; by default none.
    """
    found = list[Beside]()
    first = members[0][0]
    for row in observed:
        why = ""
        courses = np.empty((len(members), 0))
        scale = (1.0, 0.0, 0.0)
        dims = METRICS[row.metric].dims if row.metric in METRICS else ()
        needed = {row.metric}
        if row.reference_platform is not None and "platform" not in dims:
            needed.add("monthly_users")
        if not needed <= set(first.arrays):
            why = NO_METRIC
        elif row.group is not None and row.group not in first.axes.groups:
            with suppress(ValueError):  # diasporas of too few people are left out
                if Group.read(row.group).states <= set(first.axes.states):
                    why = NO_GROUP.format(group=row.group)
        if not why and _day(row.date, members[0]) >= len(first.axes.dates):
            why = NO_DAY
        if not why:
            policy, baseline, reference = (
                np.array(part)
                for part in zip(*(_parts(row, pair) for pair in members), strict=True)
            )
            counted = policy - baseline if row.is_increment else policy
            courses = np.divide(
                counted, reference, out=np.full(counted.shape, np.nan), where=reference > 0
            )
            if np.isfinite(courses[:, -1]).all():
                without = float(np.median(baseline[:, -1]))
                unit = float(np.median(reference[:, -1]))
                scale = (unit, without, 0.0) if row.is_increment else (unit, 0.0, without / unit)
            else:
                why = NO_REFERENCE.format(of=row.of)
        found.append(Beside(row, courses, why, *scale, sd=sd_of(row)))
    return found


def metrics_of(observed: Sequence[Observed]) -> set[str]:
    """Return the metrics that a run must record to be compared with observed figures."""
    return {"monthly_users", *(row.metric for row in observed)}


def _day(day: date, pair: Pair) -> int:
    """Return the number of a day in a run, 0 for the first."""
    return (day - date.fromisoformat(pair[0].axes.dates[0])).days


def _parts(row: Observed, pair: Pair) -> tuple[Array, Array, Array]:
    """Return the metric of a figure in the policy arm and in the baseline arm, and its reference,
    (days,) each.
    """
    days = _day(row.date, pair) + 1
    declared = METRICS[row.metric]
    baseline, policy = (_amount(row.metric, row, arm, row.platform)[:days] for arm in pair)
    if row.of == BASELINE:
        return policy, baseline, baseline
    if row.of == FIRST_DAY:
        reference = baseline[0]
    elif row.of == INTERNET_USERS:
        reference = pair[0].internet_users[row.state or ""]
    elif row.of == MEMBERS:
        reference = 1.0 if declared.form == "share" else pair[1].real[row.group or ""]
    elif row.reference_day is not None:
        reference = policy[_day(row.reference_day, pair)]
    else:
        users = (
            row.metric if "platform" in declared.dims and row.metric != TURNED else "monthly_users"
        )
        return policy, baseline, _amount(users, row, pair[0], (row.of,))[:days]
    return policy, baseline, np.full(days, reference)


def _amount(metric: str, row: Observed, arm: ArmData, platforms: tuple[str, ...]) -> Array:
    """Return a daily metric of an arm for the cell of a figure, shape (days,), summed over several
    platforms.

    Raises
    ------
    InputError
        The world of the run has no such group.
    """
    table = arm.arrays[metric]
    dims = METRICS[metric].dims
    axes = arm.axes
    if dims == ("group",):
        if row.group not in axes.groups:
            found = f"no group is called '{row.group}' in this world"
            hint = did_you_mean(row.group or "", axes.groups)
            raise InputError(Problem("observed", found, "one of " + ", ".join(axes.groups), hint))
        return np.asarray(table[:, axes.groups.index(row.group)])
    here = table[:, axes.states.index(row.state or "")]
    if "platform" in dims:
        here = here[:, [axes.platforms.index(name) for name in platforms]].sum(axis=1)
    return np.asarray(here)

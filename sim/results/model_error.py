"""The model's error from event to event, in the intervals that a user sees.

The record measures it for what hit platforms keep, what others gain, and who gets a VPN (`sim.facts.record`). It
goes into an interval like this, the same error for every day of a run and for every member:

==========================================  ========================================================================
metric                                      error
==========================================  ========================================================================
use of a platform that an order restricts   that of ``kept``, on the share of its users that is left; an order that cuts
                                            a state off (``CUTS_ALL``) restricts every platform there
use of another platform, or more of it      that of ``gained``, on the increment per user of the platforms restricted
VPN users                                   that of ``vpn``, on the increment per internet user
contact lost: shares, people, days          that of ``contact``, on the share of the group that loses it: an assumption,
                                            as wide as the wider of ``kept`` and ``gained``, since contact is lost where
                                            a platform is not kept and no other is gained
ties, conversations                         the same, as a factor
everything else (routes, blocs, money ...)  none: no event measures it; the interval holds chance and draws only
==========================================  ========================================================================

An effect of exactly zero stays zero: a policy that reaches nobody changes nothing. No interval holds more than there
is: nobody loses users whom a platform does not have, no platform has more users than its state has people online, and
no more ties are cut than had a channel.

Errors are taken on scales on which they are similar for small and large figures:

=========  ===========================  ====================================================================
scale      of                           form
=========  ===========================  ====================================================================
logit      shares of what there was     ln(x / (1 - x)): near 0 and 1 an error is small
asinh      increments                   asinh(x / 0.05): an error is a factor where x is large, and an amount
                                        where it is small, so that zero may turn out not to be
log        ratios of two dates          ln(x): an error is a factor
=========  ===========================  ====================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from sim.core.groups import Group
from sim.facts.record import error_of
from sim.metrics.registry import METRICS
from sim.results.panel import Array, Pair
from sim.results.series import Cell
from sim.results.stats import Widen
from sim.scenario.schema import INTERNET_USERS, MEMBERS, Observed

if TYPE_CHECKING:
    from sim.scenario import Scenario

USE = ("active_users", "monthly_users", "weekly_users", "openers", "payment_users", "minutes", "revenue")
VPN = ("vpn_users",)
SHARES = (
    "family_contact_lost", "family_contact_lost_entirely", "family_contact_ever_lost", "family_contact_lost_7d",
    "family_contact_lost_30d",
)  # fmt: skip
PEOPLE = ("family_contact_lost_people", "family_contact_ever_lost_people", "contact_days_lost")
MEAN_DAYS = ("contact_days_lost_per_member",)
OF_PEOPLE = ("active_users", "monthly_users", "weekly_users", "openers", "payment_users")
"""Metrics of use that count people: at most all who are online in the state."""
FACTORS = ("ties_ever_out", "ties_lost", "ties_out_of_contact", "ties_severed", "conversations_lost")
NODES: Array = np.array([NormalDist().inv_cdf((i + 0.5) / 21) for i in range(21)])
"""Errors in standard deviations: the middles of 21 equal parts of a normal distribution."""
SMALL_GAIN = 0.05
"""Increment below which an error is an amount rather than a factor (assumption) [1]."""
EDGE = 0.02
"""Shares nearer to 0 or 1 count as if so far away: no meter of use is finer (assumption) [1]."""


@dataclass(frozen=True)
class Scale:
    """A scale and its inverse.

    Attributes
    ----------
    name : str
    forward, back, slope : callable
        To the scale, from it, and its derivative, of arrays of any shape.
    """

    name: str
    forward: Callable[[Array], Array]
    back: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def _inside(x: Array) -> Array:
    return np.clip(x, EDGE, 1.0 - EDGE)


SCALES: Mapping[str, Scale] = MappingProxyType(
    {
        "logit": Scale(
            "logit",
            lambda x: np.log(_inside(x) / (1.0 - _inside(x))),
            lambda z: 1.0 / (1.0 + np.exp(-z)),
            lambda x: 1.0 / (_inside(x) * (1.0 - _inside(x))),
        ),
        "asinh": Scale(
            "asinh",
            lambda x: np.arcsinh(x / SMALL_GAIN),
            lambda z: SMALL_GAIN * np.sinh(z),
            lambda x: 1.0 / np.hypot(x, SMALL_GAIN),
        ),
        "log": Scale(
            "log",
            lambda x: np.log(np.maximum(x, EDGE)),
            np.exp,
            lambda x: 1.0 / np.maximum(x, EDGE),
        ),
    }
)
SCALE_OF: Mapping[str, str] = MappingProxyType(
    {"kept": "logit", "gained": "asinh", "vpn": "asinh", "ratio": "log", "contact": "logit"}
)
"""The scale of each kind of error: what hit platforms keep, what others gain, the rise of VPNs, ratios of two dates,
and shares of a group that lose contact."""

ESTIMATED = ("kept", "gained", "vpn", "ratio")
"""Kinds of error that the record measures."""


def error_kind(seen: Observed) -> str:
    """Return which kind of error a figure has: a key of `SCALE_OF`; empty where none has been measured."""
    if seen.kind in ("gained", "speed"):
        return "gained"
    if seen.kind == "vpn" and seen.of == INTERNET_USERS:
        return "vpn"
    if seen.kind in ("kept", "return", "decay"):
        return "ratio" if seen.reference_day is not None else "kept"
    return "contact" if seen.kind == "contact" and seen.of == MEMBERS else ""


def widened(values: Array, sd: float, kind: str, nodes: Array, before: float | Array = 0.0) -> Array:
    """Return what values may turn out to be with the model's error, shape (..., nodes).

    Where a value lies beyond the edge of its scale, the error is that of the edge, taken from the value: a share of
    exactly 0 or 1 stays.

    Parameters
    ----------
    values : numpy.ndarray
        What the model says [1].
    sd : float
        Standard deviation of the error on the scale of the kind.
    kind : str
        A key of `SCALE_OF`.
    nodes : numpy.ndarray, shape (nodes,)
        Errors in standard deviations.
    before : float or numpy.ndarray
        What an increment comes on top of, so that its error is that of the increment [1].
    """
    known = np.asarray(values, dtype=np.float64)[..., None] - np.asarray(before)[..., None]
    scale = SCALES[SCALE_OF[kind]]
    if scale.name == "logit":
        share = np.clip(known, 0.0, 1.0)
        odds = np.divide(share, 1.0 - share, out=np.full_like(share, np.inf), where=share < 1.0) * np.exp(sd * nodes)
        result = np.where(np.isinf(odds), 1.0, odds / (1.0 + np.where(np.isinf(odds), 0.0, odds)))
        return np.asarray(np.where(known > 1.0, known, result))  # more than before is not a share of it
    moved = scale.back(scale.forward(known) + sd * nodes)
    return np.asarray(np.asarray(before)[..., None] + moved)


class ModelError:
    """The model's error in the intervals of one run.

    Parameters
    ----------
    scenario : Scenario
        For what its policies restrict, and for the episode: an event of the record gets the error of the others.
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    chance_only : bool
        Whether to leave the error out.
    """

    def __init__(self, scenario: Scenario, members: Sequence[Pair], *, chance_only: bool = False) -> None:
        self._baselines = [baseline for baseline, _ in members]
        self._axes = self._baselines[0].axes
        kinds = () if chance_only else ("kept", "gained", "vpn", "ratio", "contact")
        self._sd = {kind: error_of(kind, scenario.episode or "") for kind in kinds}
        self._hit = {
            (state, platform)
            for policy in scenario.policies
            if not (policy.PROMOTES or policy.HALTS or policy.EXTENDS)
            for state in policy.by
            for platform in policy.targets
        }
        self._cut_off = {state for policy in scenario.policies if policy.CUTS_ALL for state in policy.by}

    @property
    def is_known(self) -> bool:
        """Whether intervals hold an error: it has been measured, and was asked for."""
        return bool(self._sd.get("kept") or self._sd.get("gained"))

    def of(self, cell: Cell) -> Widen | None:
        """Return how the error widens the effects of a cell; None where there is none, or none is known."""
        name = cell.metric
        if name in USE and "platform" in cell.parts and "state" in cell.parts and "source" not in cell.parts:
            return self._use(cell) if self.is_known else None
        if name in VPN and (sd := self._sd.get("vpn")):
            return self._vpn(cell, sd)
        if name in FACTORS and (sd := self._sd.get("contact")):
            return self._ties(cell, sd)
        if name in (*SHARES, *PEOPLE, *MEAN_DAYS) and (sd := self._sd.get("contact")):
            return self._contact(cell, sd)
        return None

    def of_observed(self, seen: Observed) -> float:
        """Return the standard deviation of the error on an observed figure, on the scale of its kind [1]."""
        return self._sd.get(error_kind(seen), 0.0)

    def _use(self, cell: Cell) -> Widen:
        """Return how the error widens the use of a platform in a state."""
        hit = (cell.state, cell.platform) in self._hit or cell.state in self._cut_off
        users, no_limit = self._users_hit(cell), np.full(len(self._baselines), np.inf)
        online = self._online(cell) if cell.metric in OF_PEOPLE else no_limit

        def widen(baseline: Array, policy: Array, days: int) -> Array:
            effect = policy - baseline
            change = _gain(effect, _like(users, effect) * days, self._sd["gained"])
            if hit:
                share = np.divide(policy, baseline, out=np.ones_like(policy), where=baseline > 0)
                left = (widened(share, self._sd["kept"], "kept", NODES) - 1.0) * baseline[..., None]
                change = np.where((effect <= 0)[..., None], left, change)
            return _within(change, effect, -baseline, _like(online, effect) * days - baseline)

        return widen

    def _vpn(self, cell: Cell, sd: float) -> Widen:
        """Return how the error widens how many people hold a VPN."""
        online = self._online(cell)

        def widen(baseline: Array, policy: Array, days: int) -> Array:
            effect = policy - baseline
            people = _like(online, effect) * days
            return _within(_gain(effect, people, sd), effect, -baseline, people - baseline)

        return widen

    def _online(self, cell: Cell) -> Array:
        """Return the people who are online in the state of a cell, by member, (M,) [persons]."""
        return np.array([baseline.internet_users[cell.state] for baseline in self._baselines])

    def _users_hit(self, cell: Cell) -> Array:
        """Return the users of the platforms that are restricted in a state on the first day, by member, (M,).

        Where none is, those of the platform itself.
        """
        platforms, state = self._axes.platforms, self._axes.states.index(cell.state)
        hit = [platforms.index(name) for where, name in self._hit if where == cell.state and name in platforms]
        first = np.array([baseline.arrays[cell.metric][0, state] for baseline in self._baselines])
        total = first[:, hit].sum(axis=1)
        return np.where(total > 0, total, first[:, platforms.index(cell.platform)])

    def _contact(self, cell: Cell, sd: float) -> Widen:
        """Return how the error widens what the people of a group lose."""
        name = cell.metric
        members = self._baselines[0].real.get(cell.group, np.inf) if name in PEOPLE else 1.0
        length = len(self._axes.dates) if name in MEAN_DAYS else 1

        def widen(baseline: Array, policy: Array, days: int) -> Array:
            most = members * length * (days if name in PEOPLE else 1)
            effect = policy - baseline
            share = widened(np.abs(effect) / most, sd, "contact", NODES)
            return np.asarray(np.sign(effect)[..., None] * most * share)

        return widen

    def _ties(self, cell: Cell, sd: float) -> Widen:
        """Return how the error widens a number of ties or of conversations."""
        group, states, name = Group.read(cell.group), self._axes.states, "cross_border_contact"
        most = np.full(len(self._baselines), np.inf)  # ties with a channel on the first day, where that is known
        held = name in self._baselines[0].arrays and cell.metric != "conversations_lost"
        if held and group.side != "resident" and group.states <= set(states):
            ends = 0, states.index(group.residence), states.index(group.origin)
            most = np.array([baseline.arrays[name][ends] for baseline in self._baselines])

        def widen(baseline: Array, policy: Array, days: int) -> Array:
            effect = policy - baseline
            spread = effect[..., None] * np.exp(sd * NODES)
            return _within(spread, effect, -baseline, _like(most, effect) * days - baseline)

        return widen


def _within(values: Array, effect: Array, least: Array, most: Array) -> Array:
    """Return effects with their error, none beyond what there is; what the model itself says stays."""
    low, high = np.minimum(least, effect), np.maximum(most, effect)
    return np.asarray(np.clip(values, low[..., None], high[..., None]))


def _gain(effect: Array, per: Array, sd: float) -> Array:
    """Return increments with their error; nothing stays nothing."""
    part = np.divide(effect, per, out=np.zeros_like(effect), where=per > 0)
    gain = widened(part, sd, "gained", NODES) * per[..., None]
    return np.asarray(np.where((part == 0.0)[..., None], effect[..., None], gain))


def _like(per_member: Array, effect: Array) -> Array:
    """Return one number a member in the shape of the effects, (M,) or (M, T)."""
    return np.broadcast_to(per_member.reshape(-1, *[1] * (effect.ndim - 1)), effect.shape).astype(np.float64)


def kinds_of_error() -> Mapping[str, tuple[str, ...]]:
    """Return the metrics that have an error, by its kind; those that the program computes."""
    kinds = {"kept or gained": USE, "vpn": VPN, "contact": (*SHARES, *PEOPLE, *MEAN_DAYS, *FACTORS)}
    return {kind: tuple(name for name in names if name in METRICS) for kind, names in kinds.items()}

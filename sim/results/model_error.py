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
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.facts.record import error_of
from sim.groups import Group
from sim.metrics.registry import METRICS
from sim.results.cells import Cell
from sim.results.observed import internet_users
from sim.results.panel import Pair
from sim.results.scales import NODES, error_kind, widened
from sim.results.stats import Widen

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.scenario.schema import Observed

type Array = np.ndarray[Any, np.dtype[np.float64]]
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
        self._members = members
        self._episode = scenario.episode or ""
        self._chance_only = chance_only
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
        return not self._chance_only and bool(self._sd("kept") or self._sd("gained"))

    def of(self, cell: Cell) -> Widen | None:
        """Return how the error widens the effects of a cell; None where there is none, or none is known."""
        name = cell.metric
        if self._chance_only:
            return None
        if name in USE and "platform" in cell.parts and "state" in cell.parts and "source" not in cell.parts:
            return self._use(cell)
        if name in VPN and (sd := self._sd("vpn")):
            return self._vpn(cell, sd)
        if name in (*SHARES, *PEOPLE, *MEAN_DAYS, *FACTORS) and (sd := self._sd("contact")):
            return self._contact(cell, sd)
        return None

    def of_observed(self, seen: Observed) -> float:
        """Return the standard deviation of the error on an observed figure, on the scale of its kind [1]."""
        kind = error_kind(seen)
        return self._sd(kind) if kind and not self._chance_only else 0.0

    def _sd(self, kind: str) -> float:
        """Return the standard deviation of the error of a kind."""
        return error_of(kind, self._episode)

    def _use(self, cell: Cell) -> Widen | None:
        """Return how the error widens the use of a platform in a state."""
        kept, gained = self._sd("kept"), self._sd("gained")
        if not (kept or gained):
            return None
        hit = (cell.state, cell.platform) in self._hit or cell.state in self._cut_off
        per = self._users_hit(cell)
        online = self._online(cell) if cell.metric in OF_PEOPLE else np.full(len(self._members), np.inf)

        def widen(baseline: Array, policy: Array, days: int) -> Array:
            effect = policy - baseline
            gain = _gain(effect, _like(per, baseline) * days, gained)
            if hit:
                share = np.divide(policy, baseline, out=np.ones_like(policy), where=baseline > 0)
                left = (widened(share, kept, "kept", NODES) - 1.0) * baseline[..., None]
                gain = np.where((effect <= 0)[..., None], left, gain)
            return _within(gain, effect, -baseline, _like(online, baseline) * days - baseline)

        return widen

    def _vpn(self, cell: Cell, sd: float) -> Widen:
        """Return how the error widens how many people hold a VPN."""
        online = self._online(cell)

        def widen(baseline: Array, policy: Array, days: int) -> Array:
            people, effect = _like(online, baseline) * days, policy - baseline
            return _within(_gain(effect, people, sd), effect, -baseline, people - baseline)

        return widen

    def _online(self, cell: Cell) -> Array:
        """Return the people who are online in the state of a cell, by member, (M,) [persons]."""
        return np.array([internet_users(baseline)[cell.state] for baseline, _ in self._members])

    def _users_hit(self, cell: Cell) -> Array:
        """Return the users of the platforms that are restricted in a state on the first day, by member, (M,).

        Where none is, those of the platform itself.
        """
        axes = self._members[0][0].axes
        state = axes.states.index(cell.state)
        own = [
            axes.platforms.index(name) for where, name in self._hit if where == cell.state and name in axes.platforms
        ]
        first = np.array([baseline.arrays[cell.metric][0, state] for baseline, _ in self._members])
        total = first[:, own].sum(axis=1)
        return np.where(total > 0, total, first[:, axes.platforms.index(cell.platform)])

    def _contact(self, cell: Cell, sd: float) -> Widen:
        """Return how the error widens what a group loses."""
        name = cell.metric
        if name in FACTORS:
            return self._ties(cell, sd)
        members = self._members[0][0].real.get(cell.group, np.inf) if name in PEOPLE else 1.0
        length = len(self._members[0][0].axes.dates) if name in MEAN_DAYS else 1

        def widen(baseline: Array, policy: Array, days: int) -> Array:
            most = members * length * (days if name in PEOPLE else 1)
            effect = policy - baseline
            share = widened(np.abs(effect) / most, sd, "contact", NODES)
            return np.asarray(np.sign(effect)[..., None] * most * share)

        return widen

    def _ties(self, cell: Cell, sd: float) -> Widen:
        """Return how the error widens a number of ties or of conversations."""
        most = self._ties_in_contact(cell)

        def widen(baseline: Array, policy: Array, days: int) -> Array:
            effect = policy - baseline
            spread = effect[..., None] * np.exp(sd * NODES)
            return _within(spread, effect, -baseline, _like(most, baseline) * days - baseline)

        return widen

    def _ties_in_contact(self, cell: Cell) -> Array:
        """Return the ties of a corridor with a channel on the first day, by member, (M,); infinite if not known."""
        group, name = Group.read(cell.group), "cross_border_contact"
        axes = self._members[0][0].axes
        held = name in self._members[0][0].arrays and cell.metric != "conversations_lost"
        if not held or group.side == "resident" or not group.states <= set(axes.states):
            return np.full(len(self._members), np.inf)
        ends = axes.states.index(group.residence), axes.states.index(group.origin)
        return np.array([baseline.arrays[name][0][ends] for baseline, _ in self._members])


def _within(values: Array, effect: Array, least: Array, most: Array) -> Array:
    """Return effects with their error, none beyond what there is; what the model itself says stays."""
    low, high = np.minimum(least, effect), np.maximum(most, effect)
    return np.asarray(np.clip(values, low[..., None], high[..., None]))


def _gain(effect: Array, per: Array, sd: float) -> Array:
    """Return increments with their error; nothing stays nothing."""
    part = np.divide(effect, per, out=np.zeros_like(effect), where=per > 0)
    gain = widened(part, sd, "gained", NODES) * per[..., None]
    return np.asarray(np.where((part == 0.0)[..., None], effect[..., None], gain))


def _like(per_member: Array, arm: Array) -> Array:
    """Return one number a member in the shape of an arm."""
    return np.broadcast_to(per_member.reshape(-1, *[1] * (arm.ndim - 1)), arm.shape).astype(np.float64)


def kinds_of_error() -> Mapping[str, tuple[str, ...]]:
    """Return the metrics that have an error, by its kind; those that the program computes."""
    kinds = {"kept or gained": USE, "vpn": VPN, "contact": (*SHARES, *PEOPLE, *MEAN_DAYS, *FACTORS)}
    return {kind: tuple(name for name in names if name in METRICS) for kind, names in kinds.items()}

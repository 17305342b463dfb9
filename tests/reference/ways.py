"""Access of a person of the reference model: random numbers, ways to a platform, and VPNs."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import mesa

from splinternet.core.chance import Purpose, uniform_plain
from splinternet.facts.model import MODES

from .surroundings import ANDROID, APPLE, NEVER, Platform

if TYPE_CHECKING:
    from .model import Twin
    from .surroundings import Plan

CALLS = [MODES.index("voice"), MODES.index("video")]


class Ways(mesa.Agent):
    """A person's luck and ways to a platform, directly or by a VPN: the base of
    `splinternet.twin.person.Person`.
    """

    model: Twin

    # --- chance -----------------------------------------------------------------------------------

    def chance(self, purpose: Purpose, item: int = 0) -> float:
        """Return this person's random number for a purpose: drawn anew each day or once, as the
        purpose says.
        """
        return uniform_plain(self.model.keys[purpose], self.index, item)

    def happens(self, purpose: Purpose, hazard: float, item: int = 0) -> bool:
        """Return whether an event with this hazard, summed since the last look, has happened."""
        return self.chance(purpose, item) < 1.0 - math.exp(-hazard)

    def days_until(self, purpose: Purpose, mean: float, item: int = 0) -> int:
        """Return a random number of days until an event, given the mean."""
        return int(-math.log(1.0 - self.chance(purpose, item)) * mean)

    def next_review(self, mean: float) -> int:
        """Return the day of the next look, drawn ahead."""
        return self.model.day + 1 + self.days_until(Purpose.REVIEW, mean)

    # --- ways to a platform: directly, or by a VPN; None where there is no way --------------------

    @cached_property
    def device(self) -> int:
        """The kind of phone."""
        return APPLE if self.chance(Purpose.DEVICE) < self.state.ios_share else ANDROID

    def in_store(self, platform: Platform) -> bool:
        """Return whether the store of this person's phone has the app, here or in the state of
        another account.
        """
        shares = [place.access[platform].install[self.device] for place in (self.place, self.store)]
        return self.chance(Purpose.MAKER) < max(shares)

    def can_reinstall(self, platform: Platform) -> bool:
        """Return whether the app can be put (back) on the phone without a foreign store account."""
        if self.in_store(platform):
            return True
        return (
            self.device == ANDROID
            and self.chance(Purpose.SIDELOAD) < self.model.rules.delisting_sideload_share
        )

    @cached_property
    def provider_luck(self) -> float:
        """The rank of this person's provider among all; the last provider to block lets most people
        through.
        """
        return self.chance(Purpose.PROVIDER_LUCK)

    def gets(self, reach: float) -> bool:
        """Return whether something that reaches this share of people passes this person's
        provider.
        """
        return self.provider_luck >= 1.0 - reach

    def opens(self, platform: Platform) -> bool:
        """Return whether any mode of a platform reaches this person without a workaround."""
        return self.gets(max(self.place.access[platform].reach))

    def needs_workaround(self, platform: Platform) -> bool:
        """Return whether a person who uses a platform can do so only by VPN, or by an app from
        elsewhere.
        """
        return not self.opens(platform) or platform in self.uninstalled

    def can_call_on(self, platform: Platform) -> bool:
        """Return whether a platform carries calls, and they get through to this person, directly or
        by VPN.
        """
        here = self.place.access[platform]
        if not sum(platform.mode_weights[m] for m in CALLS):
            return False
        if self.gets(max(here.reach[m] for m in CALLS)):
            return True
        return (
            self.has_vpn
            and not self.is_dark(platform)
            and self.luck_of_vpn(platform) < here.vpn_share
        )

    def luck_of_vpn(self, platform: Platform) -> float:
        """Return the random number of the VPN; a person who has used a platform by VPN since the
        first day has one that works.
        """
        here = self.place.access[platform]
        luck = self.chance(Purpose.VPN_LUCK)
        held = self.had_vpn and platform in self.first_member
        return (
            luck * here.first_vpn_share
            if held and self.share_open(platform, here.first_reach) <= 0.0
            else luck
        )

    def is_dark(self, platform: Platform) -> bool:
        """Return whether this person has no way to a platform."""
        return self.provider_luck < self.place.access[platform].dark

    def share_open(self, platform: Platform, reach: list[float]) -> float:
        """Return the share of a platform's value in the modes that get through to this person."""
        share = 0.0
        for of_mode, weight in zip(reach, platform.mode_weights, strict=True):
            share += weight if self.gets(of_mode) else 0.0
        return share

    def direct(self, platform: Platform, worth: float) -> float | None:
        """Return the value of the platform when opened directly."""
        here = self.place.access[platform]
        share = self.share_open(platform, here.reach)
        if share <= 0.0:
            return None
        if here.speed < 1.0:
            share *= math.pow(here.speed, self.model.rules.choice_speed_exponent)
        return worth * share - here.price

    def by_vpn(self, platform: Platform, worth: float) -> float | None:
        """Return the value of the platform by VPN, minus friction."""
        here = self.place.access[platform]
        rules = self.model.rules
        works = not self.is_dark(platform) and self.luck_of_vpn(platform) < here.vpn_share
        if not works or self.chance(Purpose.OBEY) < self.place.deterred:
            return None
        effort = max(here.effort, here.first_effort) or 1.0
        if here.vpn_speed < 1.0:
            worth *= math.pow(here.vpn_speed, rules.choice_speed_exponent)
        return worth - rules.circumvention_friction * self.effort * effort - self.place.penalty

    def open_worth(self, platform: Platform, first_worth: float) -> float:
        """Return the worth of a platform held on the first day if nothing of it had been closed
        then.
        """
        here = self.place.access[platform]
        share = self.share_open(platform, here.first_reach)
        if share > 1.0 - 1e-9:
            return first_worth
        by_vpn = (
            first_worth + self.model.rules.circumvention_friction * self.effort * here.first_effort
        )
        if share <= 0.0:
            return by_vpn
        directly = first_worth / share
        return min(directly, by_vpn) if self.had_vpn else directly

    def use_by_vpn(self, platform: Platform) -> float:
        """Return the frequency of use by VPN, relative to direct use; use of modes closed on the
        first day does not change.
        """
        here = self.place.access[platform]
        if self.share_open(platform, here.first_reach) <= 0.0:
            return 1.0
        return 1.0 - (1.0 - self.model.rules.circumvention_use) * min(
            1.0, max(here.effort, here.first_effort)
        )

    # --- VPNs: learned of, looked for, found, and let go ------------------------------------------

    @property
    def ability(self) -> float:
        """The person's rank in skill with workarounds, from 0, the worst, to 1."""
        spread = self.model.rules.circumvention_effort_spread
        return 1.0 / (1.0 + math.exp(1.7 * math.log(self.effort) / spread)) if spread > 0.0 else 0.5

    def holders_around(self) -> float:
        """Return the share of contacts who have a VPN."""
        return (
            sum(other.has_vpn for other, _ in self.circle) / len(self.circle)
            if self.circle
            else 0.0
        )

    def wants_vpn(self, gain: float) -> bool:
        """Return whether the gain of a VPN exceeds its cost, which falls with the number of
        contacts who have one.

        A person who obeys, on principle or for fear of a fine, never gets one.
        """
        rules = self.model.rules
        effort = math.pow(self.effort, rules.circumvention_want_power)
        cost = (
            rules.circumvention_cost
            * effort
            * math.exp(-rules.circumvention_contagion * self.holders_around())
        )
        obeys = 1.0 - (1.0 - rules.fear_principle) * (1.0 - self.place.deterred)
        return gain > cost and self.chance(Purpose.OBEY) >= obeys

    def learns_of_vpns(self, days: int) -> bool:
        """Return whether a person knows what a VPN is, or has learned of it since the last look."""
        rules = self.model.rules
        knows = 1.0 - (1.0 - rules.vpn_aware_share) * math.pow(1.0 - self.state.vpn_share, 3.0)
        rate = rules.vpn_aware_rate * (0.15 + self.holders_around() / 0.3)
        return self.ability >= 1.0 - knows or self.happens(Purpose.AWARE, rate * days)

    def look_for_vpn(self, plan: Plan, gain: float, days: int) -> int:
        """Learn of VPNs, look for one, or find one; return the day of the next step."""
        if not self.wants_vpn(gain):
            plan.vpn_day = 0
            return NEVER
        if not (plan.is_aware or self.learns_of_vpns(days)):
            return NEVER
        plan.is_aware = True
        if not plan.vpn_day:
            rate = math.log(2.0) / self.model.rules.vpn_find_days * (0.4 + 1.2 * self.ability)
            plan.vpn_day = (
                self.model.day + int(-math.log(1.0 - self.chance(Purpose.FIND)) / rate) + 1
            )
        if plan.vpn_day > self.model.day + 1:
            return plan.vpn_day - 1
        plan.has_vpn = True
        plan.vpn_day = 0
        return self.model.day + 1

    def keep_vpn(self, plan: Plan) -> int:
        """Drop an idle VPN obtained since the first day; return the day on which this is due."""
        rules = self.model.rules
        today = self.model.day
        if plan.uses_vpn:
            plan.vpn_day = 0
            return NEVER
        floor = rules.vpn_keep_lifted
        days = rules.vpn_lifted_days / math.log(2.0)
        if plan.is_closed:
            floor = rules.vpn_keep_idle
            days = rules.vpn_idle_days
        if self.chance(Purpose.KEEPER) < floor:
            return NEVER
        if not plan.vpn_day or (
            not plan.is_closed and plan.vpn_day - today > 5.0 * rules.vpn_lifted_days
        ):
            plan.vpn_day = today + 1 + self.days_until(Purpose.DROP, days)
        if plan.vpn_day > today:
            return plan.vpn_day
        plan.has_vpn = False
        plan.vpn_day = 0
        return NEVER

"""What a platform is worth to a person, and the ways to it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.chance import Purpose

from .places import ANDROID, APPLE, FULL, Platform

if TYPE_CHECKING:
    from .person import Person

FRIEND = 4  # weight of a friend, in whole numbers


class Worth:
    """What a platform is worth: its kind, the person's taste, its audience, and who of the circle is there."""

    def first_worth(self: Person, platform: Platform) -> float:
        """Return the worth on the first day, in the value of a marginal feed user."""
        rules, u = self.model.rules, max(self.chance(Purpose.VALUE, platform.index), 1e-12)
        return self.group.base_value[platform] * min(rules.value_cap, math.exp(-rules.value_spread * math.log(u)))

    def doing_without(self: Person, platform: Platform) -> float:
        """Return the worth below which a person does without."""
        return min(1.0, self.group.base_value[platform])

    def circle_weights(self: Person, platform: Platform) -> tuple[int, int, int, int]:
        """Return the weight of the circle on a platform: now, on the first day, and of whom it alone reaches."""
        now = first = now_alone = first_alone = 0
        for circle, weight in ((self.friends, FRIEND), (self.kin, self.model.rules.kin)):
            for other in circle:
                if platform in other.member:  # who still tries is expected back, and counts
                    now += weight * FULL
                    now_alone += weight * (FULL - covered_without(platform, self.using & other.using))
                if platform in other.first_member:
                    first += weight * FULL
                    first_alone += weight * (FULL - covered_without(platform, self.first_member & other.first_member))
        return now, first, now_alone, first_alone

    def liveliness(self: Person, platform: Platform) -> tuple[float, float]:
        """Return audience and circle against the first day: all of it, and that of contacts it alone reaches."""
        now, first, now_alone, first_alone = self.circle_weights(platform)
        prior = self.model.rules.audience_prior * FRIEND * FULL
        audience = self.group.audience[platform]
        met = min(1.5, (prior * audience + now) / (prior + first))
        alone = min(1.5, (prior * audience + now_alone) / (prior + first_alone))
        return met, met if self.needs_for_kin(platform) else alone

    def needs_for_kin(self: Person, platform: Platform) -> bool:
        """Return whether a platform is the only channel to somebody of the kin abroad."""
        return any(
            self.model.talk & self.using & other.using & self.abroad & other.abroad == {platform}
            for other in self.kin
            if other.group.state is not self.group.state
        )


def covered_without(platform: Platform, common: set[Platform]) -> int:
    """Return how far a contact is covered without a platform, in 64ths, given all that both use."""
    for platforms, covered in platform.stand_ins:
        if not platforms.isdisjoint(common):
            return covered
    return 0


class Ways:
    """Ways to a platform: directly, or by a VPN; None where there is no way."""

    @property
    def device(self: Person) -> int:
        """Return the kind of phone."""
        return APPLE if self.chance(Purpose.DEVICE) < self.state.ios_share else ANDROID

    def in_store(self: Person, platform: Platform) -> bool:
        """Return whether the store of this person's phone has the app, here or where an account is kept."""
        shares = [state.access[platform].install[self.device] for state in (self.state, self.store)]
        return self.chance(Purpose.MAKER) < max(shares)

    def can_reinstall(self: Person, platform: Platform) -> bool:
        """Return whether the app can be put (back) on the phone without a foreign store account."""
        if self.in_store(platform):
            return True
        return self.device == ANDROID and self.chance(Purpose.SIDELOAD) < self.model.rules.sideload_share

    def app_life(self: Person, platform: Platform) -> float:
        """Return the summed hazard at which this person's app stops working."""
        return -math.log(1.0 - self.chance(Purpose.INSTALL, platform.index))

    def direct(self: Person, platform: Platform, worth: float) -> float | None:
        """Return what the platform gives when it is opened directly."""
        here, share = self.state.access[platform], 0.0
        provider = self.chance(Purpose.PROVIDER_LUCK)
        for reach, weight in zip(here.reach, platform.mode_weights, strict=True):
            if provider >= 1.0 - reach:
                share += weight
        if share <= 0.0:
            return None
        if here.speed < 1.0:
            share *= math.pow(here.speed, self.model.rules.speed_exponent)
        return worth * share - here.price

    def by_vpn(self: Person, platform: Platform, worth: float) -> float | None:
        """Return what the platform gives by VPN, friction taken off."""
        here = self.state.access[platform]
        if here.dark > 0.0 and self.chance(Purpose.PROVIDER_LUCK) < here.dark:
            return None
        if self.chance(Purpose.VPN_LUCK) >= here.vpn_share:
            return None
        rules = self.model.rules
        if here.penalty > 0.0 and self.chance(Purpose.OBEY) < rules.fear_fine * rules.fear_known:
            return None
        effort = max(here.effort, here.first_effort)
        if here.vpn_speed < 1.0:
            worth *= math.pow(here.vpn_speed, self.model.rules.speed_exponent)
        return worth - self.model.rules.friction * self.effort * (effort if effort > 0.0 else 1.0) - here.penalty

    def open_worth(self: Person, platform: Platform, first_worth: float) -> float:
        """Return what a platform held on the first day would have been worth then, had nothing of it been closed."""
        here, provider, share = self.state.access[platform], self.chance(Purpose.PROVIDER_LUCK), 0.0
        for reach, weight in zip(here.first_reach, platform.mode_weights, strict=True):
            if provider >= 1.0 - reach:
                share += weight
        if share > 1.0 - 1e-9:
            return first_worth
        by_vpn = first_worth + self.model.rules.friction * self.effort * here.first_effort
        if share <= 0.0:
            return by_vpn
        directly = first_worth / share
        return min(directly, by_vpn) if self.had_vpn else directly


def better(one: float | None, other: float | None) -> float | None:
    """Return the better of two ways."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)

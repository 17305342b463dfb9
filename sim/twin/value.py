"""What a platform is worth to a person, the ways to it, and VPNs: learned of, looked for, found, and let go."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.core.chance import Purpose
from sim.facts.model import MODES
from sim.twin.places import ANDROID, APPLE, NEVER, Platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sim.twin.person import Person, Plan

FRIEND = 4  # weight of a friend, in whole numbers


class Worth:
    """What a platform is worth: its kind, the person's taste, its audience, and who of the circle is there."""

    def first_worth(self: Person, platform: Platform) -> float:
        """Return the worth on the first day, in the value of a marginal feed user."""
        rules, u = self.model.rules, max(self.chance(Purpose.VALUE, platform.index), 1e-12)
        return self.group.base_value[platform] * min(
            rules.choice_value_cap, math.exp(-rules.choice_value_spread * math.log(u))
        )

    def doing_without(self: Person, platform: Platform) -> float:
        """Return the worth below which a person does without."""
        return min(1.0, self.group.base_value[platform])

    def liveliness(self: Person, platform: Platform) -> float:
        """Return audience and circle on a platform against the first day."""
        now = first = 0
        for circle, weight in ((self.friends, FRIEND), (self.kin, self.model.rules.ties_kin_weight)):
            for other in circle:
                if platform in other.member:  # who still tries is expected back, and counts
                    now += weight
                if platform in other.first_member:
                    first += weight
        prior = self.model.rules.choice_audience_prior * FRIEND
        return min(1.5, (prior * self.group.audience[platform] + now) / (prior + first))

    def advantage(self: Person, platform: Platform, *, by_vpn: bool) -> float:
        """Return what is left of a platform's advantage over others in use: over all that open directly, by VPN."""
        if self.needs_for_kin(platform):
            return 1.0
        theirs = {other: other.using for other in self.friends + self.kin}
        if by_vpn:
            return self.left_beside(platform, [one for one in self.using if self.opens(one)], theirs)
        now = self.left_beside(platform, self.using, theirs)
        first = {other: other.first_member for other in self.friends + self.kin}
        return now / max(0.05, self.left_beside(platform, self.first_member, first))

    def left_beside(
        self: Person, platform: Platform, mine: Iterable[Platform], theirs: Mapping[Person, Iterable[Platform]]
    ) -> float:
        """Return what other platforms leave of one, given what this person and each of the circle use."""
        rules, share, left = self.model.rules, platform.tie_share, 1.0
        met = [(other, FRIEND) for other in self.friends] + [(other, rules.ties_kin_weight) for other in self.kin]
        met = [(other, weight) for other, weight in met if platform in other.first_member]
        prior, everybody = rules.choice_audience_prior * FRIEND, sum(weight for _, weight in met)
        for rival in self.model.platforms:
            close = rules.choice_substitutability * platform.kind.closeness[rival.kind]
            if rival is not platform and rival in mine and close > 0.0:
                there = sum(weight for other, weight in met if rival in theirs[other])
                seen = max(rules.choice_discovery, self.group.penetration[rival])
                size, lost = seen * self.group.audience[rival], self.group.penetration[platform]
                breadth = (1.0 - share) * (1.0 if lost <= size else math.pow(size / lost, rules.choice_audience_power))
                left *= 1.0 - close * (breadth + share * ((prior * seen + there) / (prior + everybody)))
        return left

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
        return self.device == ANDROID and self.chance(Purpose.SIDELOAD) < self.model.rules.delisting_sideload_share

    def app_life(self: Person, platform: Platform) -> float:
        """Return the summed hazard at which this person's app stops working."""
        return -math.log(1.0 - self.chance(Purpose.INSTALL, platform.index))

    def opens(self: Person, platform: Platform) -> bool:
        """Return whether anything of a platform reaches this person without a workaround."""
        return self.chance(Purpose.PROVIDER_LUCK) >= 1.0 - max(self.state.access[platform].reach)

    def can_call_on(self: Person, platform: Platform) -> bool:
        """Return whether a platform carries calls, and they get through to this person, directly or by VPN."""
        here, provider = self.state.access[platform], self.chance(Purpose.PROVIDER_LUCK)
        calls = [MODES.index("voice"), MODES.index("video")]
        if not sum(platform.mode_weights[m] for m in calls):
            return False
        if provider >= 1.0 - max(here.reach[m] for m in calls):
            return True
        if not self.has_vpn or (here.dark > 0.0 and provider < here.dark):
            return False
        return self.chance(Purpose.VPN_LUCK) < here.vpn_share

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
            share *= math.pow(here.speed, self.model.rules.choice_speed_exponent)
        return worth * share - here.price

    def by_vpn(self: Person, platform: Platform, worth: float) -> float | None:
        """Return what the platform gives by VPN, friction taken off."""
        here = self.state.access[platform]
        if here.dark > 0.0 and self.chance(Purpose.PROVIDER_LUCK) < here.dark:
            return None
        if self.chance(Purpose.VPN_LUCK) >= here.vpn_share:
            return None
        if self.chance(Purpose.OBEY) < here.deterred:
            return None
        effort = max(here.effort, here.first_effort)
        if here.vpn_speed < 1.0:
            worth *= math.pow(here.vpn_speed, self.model.rules.choice_speed_exponent)
        return (
            worth
            - self.model.rules.circumvention_friction * self.effort * (effort if effort > 0.0 else 1.0)
            - here.penalty
        )

    def open_worth(self: Person, platform: Platform, first_worth: float) -> float:
        """Return what a platform held on the first day would have been worth then, had nothing of it been closed."""
        here, provider, share = self.state.access[platform], self.chance(Purpose.PROVIDER_LUCK), 0.0
        for reach, weight in zip(here.first_reach, platform.mode_weights, strict=True):
            if provider >= 1.0 - reach:
                share += weight
        if share > 1.0 - 1e-9:
            return first_worth
        by_vpn = first_worth + self.model.rules.circumvention_friction * self.effort * here.first_effort
        if share <= 0.0:
            return by_vpn
        directly = first_worth / share
        return min(directly, by_vpn) if self.had_vpn else directly


def better(one: float | None, other: float | None) -> float | None:
    """Return the better of two ways."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


class Circumventing:
    """What a person does about a VPN."""

    @property
    def ability(self: Person) -> float:
        """Return how easy workarounds are, from 0 to 1."""
        spread = self.model.rules.circumvention_effort_spread
        return 1.0 / (1.0 + math.exp(1.7 * math.log(self.effort) / spread)) if spread > 0.0 else 0.5

    def holders_around(self: Person) -> float:
        """Return the share of contacts who have a VPN."""
        circle = self.friends + self.kin
        return sum(other.has_vpn for other in circle) / len(circle) if circle else 0.0

    def cost_of_vpn(self: Person) -> float:
        """Return what it takes to get a VPN: less, the more contacts have one."""
        rules = self.model.rules
        effort = math.pow(self.effort, rules.circumvention_want_power)
        return rules.circumvention_cost * effort * math.exp(-rules.circumvention_contagion * self.holders_around())

    def obeys(self: Person) -> bool:
        """Return whether a person gets no VPN on principle or for fear of a fine, whatever it would bring."""
        deterred = self.state.access[self.model.platforms[0]].deterred
        return self.chance(Purpose.OBEY) < 1.0 - (1.0 - self.model.rules.fear_principle) * (1.0 - deterred)

    def knows_of_vpns(self: Person, days: int) -> bool:
        """Return whether a person knows what a VPN is, or has learned of it since the last look."""
        rules = self.model.rules
        knows = 1.0 - (1.0 - rules.vpn_aware_share) * math.pow(1.0 - self.state.vpn_share, 3.0)
        rate = rules.vpn_aware_rate * (0.15 + self.holders_around() / 0.3)
        return self.ability >= 1.0 - knows or self.chance(Purpose.AWARE) < 1.0 - math.exp(-rate * days)

    def look_for_vpn(self: Person, plan: Plan, gain: float, days: int) -> int:
        """Learn of VPNs, look for one, or have found one; return when there is something to do about it."""
        if gain <= self.cost_of_vpn() or self.obeys():
            plan.vpn_day = 0
            return NEVER
        if not (plan.is_aware or self.knows_of_vpns(days)):
            return NEVER
        plan.is_aware = True
        if not plan.vpn_day:
            rate = math.log(2.0) / self.model.rules.vpn_find_days * (0.4 + 1.2 * self.ability)
            plan.vpn_day = self.model.day + int(-math.log(1.0 - self.chance(Purpose.FIND)) / rate) + 1
        if plan.vpn_day > self.model.day + 1:
            return plan.vpn_day - 1
        plan.has_vpn, plan.vpn_day = True, 0
        return self.model.day + 1

    def keep_vpn(self: Person, plan: Plan) -> int:
        """Let a VPN got since the first day go once it lies idle; return when that is due."""
        rules, today = self.model.rules, self.model.day
        if plan.uses_vpn:
            plan.vpn_day = 0
            return NEVER
        floor, days = rules.vpn_keep_lifted, rules.vpn_lifted_days / math.log(2.0)
        if plan.is_closed:
            floor, days = rules.vpn_keep_idle, rules.vpn_idle_days
        if self.chance(Purpose.KEEPER) < floor:
            return NEVER
        due = today + 1 + int(-math.log(1.0 - self.chance(Purpose.DROP)) * days)
        if not plan.vpn_day or (not plan.is_closed and plan.vpn_day - today > 5.0 * rules.vpn_lifted_days):
            plan.vpn_day = due
        if plan.vpn_day > today:
            return plan.vpn_day
        plan.has_vpn, plan.vpn_day = False, 0
        return NEVER

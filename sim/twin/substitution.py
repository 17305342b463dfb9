"""Where people turn: a substitute close in kind where their circle is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.core.chance import Purpose
from sim.twin.places import ANDROID, NEVER, Platform
from sim.twin.value import FRIEND, better

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.twin.person import Person, Plan


class Substitutes:
    """Substitutes for what is lost, and what a state pushes."""

    def company(self: Person, lost: Iterable[Platform]) -> dict[Platform, float]:
        """Return how much company a person finds on each platform, 0 to 1, of those met on the lost ones at first."""
        rules, found, everybody = self.model.rules, dict.fromkeys(self.model.platforms, 0), 0
        for circle, weight in ((self.friends, FRIEND), (self.kin, rules.ties_kin_weight)):
            for other in circle:
                if other.first_member.isdisjoint(lost):
                    continue
                everybody += weight
                for platform in other.using:
                    found[platform] += weight
        prior = rules.choice_audience_prior * FRIEND
        return {
            platform: (prior * max(rules.choice_discovery, self.group.penetration[platform]) + weight)
            / (prior + everybody)
            for platform, weight in found.items()
        }

    def share_of_circle(self: Person, platform: Platform) -> float:
        """Return the share of the circle who use a platform."""
        there = everybody = 0
        for circle, weight in ((self.friends, FRIEND), (self.kin, self.model.rules.ties_kin_weight)):
            everybody += weight * len(circle)
            there += weight * sum(platform in other.using for other in circle)
        return there / everybody if everybody else 0.0

    def knows(self: Person, platform: Platform) -> bool:
        """Return whether a person has heard of a platform, or somebody of the circle uses it."""
        if self.share_of_circle(platform) > 0.0:
            return True
        news = self.model.rules.wave_news * self.state.wave[platform]
        return self.chance(Purpose.KNOWS, platform.index) < 1.0 - (1.0 - self.group.known[platform]) * math.exp(-news)

    def newcomers(self: Person, platform: Platform, lost: Iterable[Platform]) -> float:
        """Return the share of newcomers to a platform among those met on what is lost, and in the state."""
        rules, fresh, everybody = self.model.rules, 0, 0
        for circle, weight in ((self.friends, FRIEND), (self.kin, rules.ties_kin_weight)):
            for other in circle:
                if not other.first_member.isdisjoint(lost):
                    everybody += weight
                    fresh += weight * (platform in other.trial)
        prior = rules.choice_audience_prior * FRIEND
        return (prior * self.state.wave[platform] + fresh) / (prior + everybody)

    def following(self: Person, newcomers: float, age: float, days: int) -> float:
        """Return the hazard since the last look of following newcomers, who are a share of those who look."""
        rules = self.model.rules
        if newcomers <= 0.0:
            return 0.0
        if rules.wave_threshold > 0.0:
            newcomers = 1.0 if newcomers >= rules.wave_threshold * self.chance(Purpose.FOLLOWER) else 0.0
        spent = math.exp(-max(0.0, age - days) / rules.wave_days) - math.exp(-age / rules.wave_days)
        return rules.wave_rate * rules.wave_days * spent * newcomers

    def still_unmet(self: Person, lost: Platform, using: set[Platform], company: dict[Platform, float]) -> float:
        """Return what share of a loss the substitutes already in use do not make up for."""
        share, left = lost.tie_share, 1.0
        for platform in self.model.platforms:
            close = self.model.rules.choice_substitutability * lost.kind.closeness[platform.kind]
            if platform is not lost and close > 0.0 and platform in using:
                left *= 1.0 - close * ((1.0 - share) + share * company[platform])
        return left

    def would_take_up(self: Person, platform: Platform) -> bool:
        """Return whether a platform can be installed and is worth having as it works here today."""
        if platform.apple_only and self.device == ANDROID:
            return False
        if not (self.has_vpn or self.can_reinstall(platform)):
            return False
        worth = self.first_worth(platform)
        best = self.direct(platform, worth)
        if self.has_vpn:
            best = better(best, self.by_vpn(platform, worth))
        return best is not None and best >= self.doing_without(platform)

    def push(self: Person, platform: Platform, needs: dict[Platform, float]) -> tuple[float, Platform | None]:
        """Return how much a person is pushed to a platform by all that is lost, at most 1, and by which most."""
        push, most, reason, feared = 0.0, 0.0, None, self.state.access[platform].threat
        for lost, need in needs.items():
            this = lost.kind.closeness[platform.kind] * (need - feared)
            if this > 0.0:
                push += this
                if this > most:
                    most, reason = this, lost
        return min(1.0, push), reason

    def find_substitutes(self: Person, plan: Plan, needs: dict[Platform, float], days: int) -> int:
        """Join substitutes for what is lost, each by a chance of its own; return when the first trial may end."""
        wake, rules = NEVER, self.model.rules
        for platform in self.model.platforms:
            if platform in plan.member | self.lapsed or platform not in self.group.reads:
                continue
            push, reason = self.push(platform, needs)
            if push <= 0.0:
                continue
            age, use = self.model.day + 2 - plan.hit_day, self.group.penetration[platform]
            hazard = push * self.following(self.newcomers(platform, needs), age, days)
            if self.knows(platform):
                hazard += self.hazard_of_joining(platform, reason, push, age, days)
            trust = rules.choice_champion_trust if platform in self.state.pushed else 1.0
            hazard *= trust * math.pow(1.0 - use, rules.choice_saturation)
            if self.chance(Purpose.JOIN, platform.index) < 1.0 - math.exp(-hazard) and self.would_take_up(platform):
                plan.to_join.add(platform)
                plan.reason = reason
                plan.trial.add(platform)
                wait = -math.log(1.0 - self.chance(Purpose.TRIAL, platform.index)) * rules.trial_days
                wake = min(wake, self.model.day + 1 + int(wait))
        plan.take_up(plan.to_join)
        return wake

    def hazard_of_joining(
        self: Person, platform: Platform, reason: Platform, push: float, age: float, days: int
    ) -> float:
        """Return the hazard since the last look: word of mouth, the burst of the first days, a dormant account."""
        rules, use = self.model.rules, self.group.penetration[platform]
        hazard = rules.choice_join_rate * push * self.share_of_circle(platform) * days
        if age < 12.0 * rules.burst_days:
            began, full = max(0.0, age - days), min(1.0, push / 0.8)
            is_messenger = reason in self.model.talk and reason.tie_share > 0.5
            size, span = (rules.burst_messenger, 1.0) if is_messenger else (rules.burst_feed, 7.0)
            part = math.exp(-began / rules.burst_days) - math.exp(-age / rules.burst_days)
            hazard += size * part / (1.0 - math.exp(-span / rules.burst_days)) * full
            if use < 1.0 and self.chance(Purpose.DORMANT, platform.index) < rules.burst_dormant_share * use / (
                1.0 - use
            ):
                hazard += rules.burst_dormant_wakes * (math.exp(-began / 0.7) - math.exp(-age / 0.7)) * full
        return hazard

    def settle_trials(
        self: Person, plan: Plan, needs: dict[Platform, float], needed_for_kin: set[Platform], days: int
    ) -> int:
        """Keep or drop new accounts whose trial is over; return when the next may end."""
        rules, wake = self.model.rules, NEVER
        for platform in self.trial:
            if self.chance(Purpose.SETTLE, platform.index) >= 1.0 - math.exp(-days / rules.trial_days):
                wake = min(wake, self.model.day + 1 + int(rules.trial_days))
                continue
            plan.trial.discard(platform)
            push, _ = self.push(platform, needs)
            least = rules.trial_keep_messenger if platform.tie_share > 0.5 else rules.trial_keep_feed
            kept = least + (1.0 - least) * min(1.0, self.share_of_circle(platform) / rules.trial_circle)
            kept = 1.0 - (1.0 - kept) * (1.0 - rules.trial_push * push)
            if push <= 0.0:
                kept *= 0.5
            if platform not in needed_for_kin and self.chance(Purpose.SETTLE, 64 + platform.index) >= kept:
                plan.drop(platform)
        return wake

    def follow_the_circle(self: Person, plan: Plan) -> None:
        """Take up platforms that more of the circle use than on the first day, though nothing is missed."""
        rules = self.model.rules
        for platform in self.model.platforms:
            if platform not in self.brought_up() - plan.member:
                continue
            now = first = everybody = 0
            for circle, weight in ((self.friends, FRIEND), (self.kin, rules.ties_kin_weight)):
                everybody += weight * len(circle)
                now += weight * sum(platform in other.using for other in circle)
                first += weight * sum(platform in other.first_member for other in circle)
            if now <= first:
                continue
            rate = rules.choice_join_rate * rules.choice_bandwagon * (now - first) / everybody
            rate *= rules.choice_champion_trust if platform in self.state.pushed else 1.0
            rate *= math.pow(1.0 - self.group.penetration[platform], rules.choice_saturation)
            joins = self.chance(Purpose.JOIN, platform.index) < 1.0 - math.exp(-rate * rules.choice_review_days)
            if joins and self.would_take_up(platform):
                plan.join({platform})

    def heed_push(self: Person, plan: Plan) -> None:
        """Take up platforms that the state promotes, puts on new phones or makes compulsory."""
        for platform in self.model.platforms:
            if platform in self.pushed() - plan.member - plan.lapsed:
                rate = self.state.access[platform].push * self.model.rules.choice_review_days
                if self.chance(Purpose.PUSH, platform.index) < 1.0 - math.exp(-rate) and self.would_take_up(platform):
                    plan.join({platform})

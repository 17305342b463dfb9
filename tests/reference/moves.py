"""Where people turn: a substitute close in kind where their circle is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.chance import Purpose

from .places import ANDROID, Platform
from .value import FRIEND, better

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .person import Person
    from .plan import Plan


class Substitutes:
    """Substitutes for what is lost, and what a state pushes."""

    def company(self: Person, lost: Iterable[Platform]) -> dict[Platform, float]:
        """Return how much company a person finds on each platform, 0 to 1, of those met on the lost ones at first."""
        rules, found, everybody = self.model.rules, dict.fromkeys(self.model.platforms, 0), 0
        for circle, weight in ((self.friends, FRIEND), (self.kin, rules.kin)):
            for other in circle:
                if other.first_member.isdisjoint(lost):
                    continue
                everybody += weight
                for platform in other.using:
                    found[platform] += weight
        prior = rules.audience_prior * FRIEND
        return {
            platform: (prior * max(rules.discovery, self.group.penetration[platform]) + weight) / (prior + everybody)
            for platform, weight in found.items()
        }

    def knows(self: Person, platform: Platform, lost_on: Iterable[Platform]) -> bool:
        """Return whether a person has heard of a platform, or somebody met on what is lost uses it."""
        if self.chance(Purpose.KNOWS, platform.index) < self.group.known[platform]:
            return True
        return any(
            platform in other.using and not other.first_member.isdisjoint(lost_on)
            for other in (*self.friends, *self.kin)
        )

    def weigh_needs(self: Person, plan: Plan, losses: dict[Platform, float], gains: dict[Platform, float]) -> float:
        """Weigh losses by what nothing else in use makes up for; return what a VPN would bring back."""
        vpn_gain, plan.company = 0.0, self.company(losses)
        for platform, gain in gains.items():
            left = self.still_unmet(platform, plan.using, plan.company)
            losses[platform] *= left
            vpn_gain += gain * left
        return vpn_gain

    def still_unmet(self: Person, lost: Platform, using: set[Platform], company: dict[Platform, float]) -> float:
        """Return what share of a loss the substitutes already in use do not make up for."""
        share, left = lost.tie_share, 1.0
        for platform in self.model.platforms:
            close = self.model.rules.substitutability * lost.kind.closeness[platform.kind]
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

    def choose_substitute(
        self: Person, needs: dict[Platform, float], held: set[Platform], company: dict[Platform, float]
    ) -> tuple[Platform, Platform] | None:
        """Return the substitute joined at this review and what it is for; each candidate has a rate, one is drawn."""
        rates: list[tuple[Platform, Platform, float]] = []
        total = 0.0
        for platform in self.model.platforms:
            if platform in held or platform not in self.group.reads:
                continue
            pull, reason, feared = 0.0, None, self.state.access[platform].threat
            for lost, need in needs.items():
                this = lost.kind.closeness[platform.kind] * (need - feared)
                if this > pull:
                    pull, reason = this, lost
            if reason is not None and self.knows(platform, lost_on=needs):
                rate = self.model.rules.join_rate * pull * company[platform]
                rates.append((platform, reason, rate))
                total += rate
        if self.chance(Purpose.JOIN, 0) >= 1.0 - math.exp(-total):
            return None
        u = self.chance(Purpose.JOIN, 1) * total
        for platform, reason, rate in rates:
            u -= rate
            if u < 0.0:
                return (platform, reason) if self.would_take_up(platform) else None
        return None

    def find_substitute(self: Person, plan: Plan, losses: dict[Platform, float]) -> None:
        """Join a substitute for what is lost."""
        choice = self.choose_substitute(losses, plan.member | plan.lapsed, plan.company)
        if choice is not None:
            platform, plan.reason = choice
            plan.take_up({platform})

    def heed_push(self: Person, plan: Plan) -> None:
        """Take up platforms that the state promotes, puts on new phones or makes compulsory."""
        for platform in self.model.platforms:
            if platform in self.pushed() - plan.member - plan.lapsed:
                rate = self.state.access[platform].push * self.model.rules.review_days
                if self.chance(Purpose.PUSH, platform.index) < 1.0 - math.exp(-rate) and self.would_take_up(platform):
                    plan.join({platform})

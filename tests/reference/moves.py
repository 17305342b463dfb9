"""Where people turn: a substitute close in kind where their circle is, or one agreed on with kin abroad."""

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
            if platform in held:
                continue
            pull, reason, feared = 0.0, None, self.state.access[platform].threat
            for lost, need in needs.items():
                this = lost.kind.closeness[platform.kind] * (need - feared)
                if this > pull:
                    pull, reason = this, lost
            if reason is not None:
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


class KinAbroad:
    """What people agree on with kin abroad out of contact."""

    def has_channel(self: Person, other: Person) -> bool:
        """Return whether a platform carries talk between two people and works at both ends, or a bridge does."""
        if not self.model.talk.isdisjoint(self.using & other.using & self.abroad & other.abroad):
            return True
        return self.has_bridge(other)

    def has_bridge(self: Person, other: Person) -> bool:
        """Return whether both use a messenger that the law of one end joins to the other's."""
        bridged = self.state.bridged | other.state.bridged
        return not (bridged.isdisjoint(self.using) or bridged.isdisjoint(other.using))

    def had_channel(self: Person, other: Person) -> bool:
        """Return whether they had one on the first day."""
        both = self.first_member & other.first_member & self.first_abroad & other.first_abroad
        return not self.model.talk.isdisjoint(both)

    def kin_out_of_contact(self: Person) -> list[Person]:
        """Return the kin abroad with whom a person has lost touch."""
        return [
            other
            for other in self.kin
            if other.state is not self.state and self.had_channel(other) and not self.has_channel(other)
        ]

    def proposal(self: Person, out_of_contact: list[Person]) -> Platform | None:
        """Return the platform proposed to the kin out of contact at this review."""
        if not self.group.has_corridor:
            return None
        if self.chance(Purpose.INVITE, 0) >= 1.0 - math.exp(-self.model.rules.join_rate):
            return None
        other = out_of_contact[0]
        # Something that both hold already, and have not used with each other so far, comes first.
        both = self.using & other.using & self.model.talk
        candidates = [p for p in self.model.platforms if p in both or not both]
        total = 0.0
        for platform in candidates:
            total += self.pull(platform, other, both)
        u = self.chance(Purpose.INVITE, 1) * total
        for platform in candidates:
            u -= self.pull(platform, other, both)
            if u < 0.0:
                return platform
        return None

    def pull(self: Person, platform: Platform, other: Person, both: set[Platform]) -> float:
        """Return how much a platform offers itself to two people: how common it is at both ends, where it is open."""
        common = self.group.shared[platform]
        if platform in both:
            return max(1e-6, common)
        if platform.apple_only and self.device == ANDROID:
            return 0.0
        for person in (self, other):
            here = person.state.access[platform]
            if here.reach[0] <= 0.5 or max(here.install) <= 0.0:
                return 0.0
        return common

    def accepted(self: Person) -> set[Platform]:
        """Return the platforms, of those that kin abroad ask to use, that a person takes up."""
        taken = set()
        # Some follow at once; the others, the old and the wary among them, only when somebody helps.
        agile = self.chance(Purpose.AGILITY) < self.model.rules.invite_acceptance
        chance = 1.0 if agile else self.model.rules.late_acceptance
        for platform in self.invited:
            if self.chance(Purpose.ACCEPT, platform.index) < chance:
                if platform in self.using or self.would_take_up(platform):
                    taken.add(platform)
        return taken

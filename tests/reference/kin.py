"""Kin abroad of the reference model: whom a person is in touch with, and how pairs find each other again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.chance import Purpose

from .chance import uniform_plain
from .contact import BRIDGED
from .places import Platform
from .plan import chance_of_use

if TYPE_CHECKING:
    from .contact import Tie
    from .person import Person

ASK_AGAIN = 7  # days after which a pair that found no app looks again


class KinAbroad:
    """What a person shares with kin abroad."""

    def has_bridge(self: Person, other: Person) -> bool:
        """Return whether both use a messenger that the law of one end joins to the other's."""
        bridged = self.state.bridged | other.state.bridged
        return not (bridged.isdisjoint(self.using) or bridged.isdisjoint(other.using))

    def can_use(self: Person, platform: Platform) -> bool:
        """Return whether a person uses a platform or could take it up today."""
        return platform in self.using or self.would_take_up(platform)

    def nearness(self: Person, platform: Platform) -> float:
        """Return how near a platform is: in use already, or else how many of the group use it."""
        if platform in self.using:
            return 1.0
        return max(self.model.rules.choice_discovery, self.group.penetration[platform])

    def take_up_with_kin(self: Person, platforms: set[Platform], reason: Platform | None) -> None:
        """Take up what was agreed on with kin abroad; look at it all again tomorrow."""
        changed = platforms - self.using
        for person in (self, *self.friends, *self.kin):
            person.circle_changed |= changed
        for platform in changed:
            self.group.joined[platform] += 1
            if reason is not None:
                flow = (reason, platform)
                self.group.flows[flow] = self.group.flows.get(flow, 0) + 1
            self.use[platform] = chance_of_use(self.model.rules.choice_extra_use, platform.habit)
        self.member |= changed
        self.using |= changed
        self.lapsed -= changed
        self.abroad |= platforms
        self.looks_again = bool(changed)


def agreement(tie: Tie, day: int) -> Platform | None:
    """Return the platform on which a pair out of touch agrees today, if any."""
    one, other = tie.ends
    bond, gone = tie.bond, day - tie.since + 1  # days, at the end of today
    if bond.is_afraid:
        return None
    both = tie.that_serve(one.using & other.using & one.model.talk)
    if both and bond.notice + bond.ready < gone:
        return choose(tie, both)
    if bond.notice >= gone:
        return None
    relatives = set().union(*(mate.channels for mate in one.ties if mate is not tie)) - {BRIDGED}
    if relatives:
        tie.led += 1
        if tie.led >= bond.follow:
            found = choose(tie, tie.that_serve(relatives & bond.usable))
            if found is not None:
                return found
    if bond.wire < gone or relatives or tie.prepared >= bond.number:
        tie.searched += 1
        if agree_after(tie, tie.searched):
            is_first = not agree_after(tie, tie.searched - 1)
            if is_first or gone % ASK_AGAIN == 0:
                return choose(tie, tie.that_serve(bond.known))
    return None


def preparation(tie: Tie, day: int) -> Platform | None:
    """Count a day of notice of a pair in touch; return the platform on which it agrees beforehand, if any."""
    one, other = tie.ends
    taken = 0.0 if BRIDGED in tie.channels else min(taken_from(tie, platform) for platform in tie.channels)
    before = tie.prepared
    tie.prepared += taken
    plan = tie.bond.plan
    if tie.bond.is_afraid or not taken or tie.prepared < plan or (before >= plan and day % ASK_AGAIN):
        return None
    candidates = tie.that_serve((one.using & other.using & one.model.talk | tie.bond.known) - tie.channels)
    return choose(tie, {platform for platform in candidates if not taken_from(tie, platform)})


def taken_from(tie: Tie, platform: Platform) -> float:
    """Return how far the law of either end takes a platform in the end."""
    return max(end.state.access[platform].coming for end in tie.ends)


def agree_after(tie: Tie, days: int) -> bool:
    """Return whether a pair agrees after so many days on which it could arrange something."""
    return days >= tie.bond.help and days >= tie.bond.agree


def choose(tie: Tie, candidates: set[Platform]) -> Platform | None:
    """Draw a platform that both have or can take up, by how near it is to both."""
    one, other = tie.ends
    possible = [p for p in one.model.platforms if p in candidates and one.can_use(p) and other.can_use(p)]
    total = 0.0
    for platform in possible:
        total += one.nearness(platform) * other.nearness(platform)
    u = uniform_plain(one.model.keys[Purpose.AGREE_ON], other.index, one.index) * total
    for platform in possible:
        u -= one.nearness(platform) * other.nearness(platform)
        if u < 0.0:
            return platform
    return possible[-1] if possible else None

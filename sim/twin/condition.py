"""The condition of a person of the reference model, and the plan for tomorrow."""

from __future__ import annotations

from dataclasses import dataclass, field

from .surroundings import Platform, chance_of_use


@dataclass
class Condition:
    """The condition of a person, as it is today or as it is planned for tomorrow."""

    member: set[Platform]  # platforms held
    abroad: set[Platform]  # platforms used with kin abroad
    using: set[Platform] = field(default_factory=set)  # platforms held that work
    stuck: set[Platform] = field(default_factory=set)  # held but failing, or worth less than doing without
    lapsed: set[Platform] = field(default_factory=set)  # given up
    uninstalled: set[Platform] = field(default_factory=set)  # with the app gone
    trial: set[Platform] = field(default_factory=set)  # new accounts that are still on trial
    lost: set[Platform] = field(default_factory=set)  # platforms of which something was missing at the last look
    use: dict[Platform, int] = field(default_factory=dict)  # chance of use today, in LEVELS
    wake: int = 0  # day of the next look
    lapse_day: int = 0  # day on which something was given up
    seen: int = 0  # day after the last look; 0 for none
    hit_day: int = 0  # day after the loss began that is made up for; 0 for none
    vpn_day: int = 0  # day on which a VPN is found or let go; 0 for none
    surplus: int = 0  # value gained since the first day
    has_vpn: bool = False
    is_aware: bool = False  # of VPNs


@dataclass
class Plan(Condition):
    """What a visitor decided: the own condition of tomorrow, and what is noted on the way."""

    joined: set[Platform] = field(default_factory=set)
    reason: Platform | None = None  # the lost platform that drove the joining
    kept: dict[Platform, float] = field(default_factory=dict)  # share of the value of what was looked at
    is_returning: bool = False  # to something that works again
    is_closed: bool = False  # something is closed
    uses_vpn: bool = False
    by_rule: set[Platform] = field(default_factory=set)  # of those joined, by a rule of the user's own
    looks_again: bool = False  # tomorrow, whatever is due

    def drop(self, platform: Platform) -> None:
        """Give up a platform."""
        for platforms in (self.member, self.using, self.stuck):
            platforms.discard(platform)
        self.lapsed.add(platform)

    def hold(self, platform: Platform) -> None:
        """Hold a platform and use it."""
        self.member.add(platform)
        self.using.add(platform)
        self.lapsed.discard(platform)

    def join(self, platforms: set[Platform]) -> None:
        """Take up platforms."""
        for platform in platforms - self.member:
            self.joined.add(platform)
            self.hold(platform)
            self.use[platform] = chance_of_use(1.0, platform.habit)

    def share_time(self, first_member: frozenset[Platform], extra_use: float) -> None:
        """Use what was newly taken up no more often, all together, than what it replaces was."""
        freed = wish = 0.0
        for platform, kept in self.kept.items():
            if platform in first_member:
                freed += platform.habit * max(0.0, 1.0 - kept)
        new = sorted(self.using - first_member, key=lambda platform: platform.index)
        for platform in new:
            wish += platform.habit
        for platform in new:
            share = max(extra_use, min(1.0, freed / wish))
            self.use[platform] = chance_of_use(self.kept.get(platform, 1.0) * share, platform.habit)

"""What a visitor of the reference model decided, to be taken over when all have decided."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .places import LEVELS, Platform


def chance_of_use(kept: float, habit: float) -> int:
    """Return the chance that a platform is used on a day, in LEVELS, given the share of its value that is left."""
    return int(LEVELS * (1.0 - math.exp(-habit * max(0.0, kept))) + 0.5)


@dataclass
class Plan:
    """What a visitor decided: the own condition of tomorrow, and what others notice of it."""

    member: set[Platform]
    using: set[Platform]
    abroad: set[Platform]
    stuck: set[Platform]
    lapsed: set[Platform]
    uninstalled: set[Platform]
    use: dict[Platform, int]
    wake: int
    lapse_day: int
    has_vpn: bool
    surplus: int = 0
    seen: int = 0  # day after the last look
    hit_day: int = 0  # day after the loss began that is made up for
    vpn_day: int = 0  # day on which a VPN is found or let go
    is_aware: bool = False  # of VPNs
    is_returning: bool = False  # to something that works again
    is_closed: bool = False  # something is closed
    uses_vpn: bool = False
    trial: set[Platform] = field(default_factory=set)  # new accounts that are still on trial
    lost: set[Platform] = field(default_factory=set)  # platforms of which something is missing
    to_join: set[Platform] = field(default_factory=set)
    kept: dict[Platform, float] = field(default_factory=dict)  # share of the value of what was looked at
    joined: set[Platform] = field(default_factory=set)
    reason: Platform | None = None  # the lost platform that drove the joining

    def give_up(self, platform: Platform, day: int) -> None:
        """Give up a platform."""
        for held in (self.member, self.using, self.stuck):
            held.discard(platform)
        self.lapsed.add(platform)
        self.lapse_day = day

    def drop(self, platform: Platform) -> None:
        """Drop an account that was on trial."""
        for held in (self.member, self.using, self.stuck):
            held.discard(platform)
        self.lapsed.add(platform)

    def hold(self, platform: Platform) -> None:
        """Hold a platform and use it."""
        self.member.add(platform)
        self.using.add(platform)
        self.lapsed.discard(platform)

    def share_time(self, first_member: frozenset[Platform], extra_use: float) -> None:
        """Use what was newly taken up no more often, all together, than what it replaces was."""
        freed = 0.0
        for platform, kept in self.kept.items():
            if platform in first_member:
                freed += platform.habit * max(0.0, 1.0 - kept)
        new = sorted(self.using - first_member, key=lambda platform: platform.index)
        wish = 0.0
        for platform in new:
            wish += platform.habit
        for platform in new:
            share = max(extra_use, min(1.0, freed / wish))
            self.use[platform] = chance_of_use(self.kept.get(platform, 1.0) * share, platform.habit)

    def take_up(self, platforms: set[Platform]) -> None:
        """Take up platforms, with kin abroad too."""
        self.join(platforms)
        self.abroad |= platforms

    def join(self, platforms: set[Platform]) -> None:
        """Take up platforms."""
        for platform in platforms - self.member:
            self.joined.add(platform)
            self.hold(platform)
            self.use[platform] = chance_of_use(1.0, platform.habit)

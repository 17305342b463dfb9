"""Contact with kin abroad: which ties have a channel today, and how pairs find each other again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.core.chance import Purpose, uniform_plain
from sim.twin.places import Platform, chance_of_use

if TYPE_CHECKING:
    from sim.twin.person import Person

LOST_AFTER, SEVERED_AFTER = 30, 90  # days


ACCESS_BACK, VPN, SUBSTITUTE, BRIDGE = 1, 2, 3, 4


BRIDGED = "bridge"  # among the channels of a tie


WEEK, MONTH = 7, 30  # days in a row


COUNTS = ("members", "without", "entirely", "ties", "out", "lost", "severed", "ever", "open", "fragile", "silent")


class Bond(NamedTuple):
    """What decides how a kin tie comes back, drawn on the first day; times in days."""

    usable: set[Platform]  # in the language of the family, and both can open an account
    known: set[Platform]  # of them, those that one of the two has heard of
    is_afraid: bool  # to take up a channel that they have not had on the first day
    calls_only: bool  # whether the family end only calls
    agree: float  # on which they could arrange it, until they agree on another one
    notice: float  # until either notices that the channel is gone
    ready: float  # until an app that both have is in use
    wire: float  # until they can arrange anything
    help: float  # until somebody has helped the family end
    follow: float  # until it follows a relative who is back
    plan: float  # of certain notice, with which they have agreed on another channel beforehand
    number: float  # of certain notice, with which they have exchanged telephone numbers
    phone: float  # until they telephone instead, where they know a number


@dataclass(eq=False)
class Tie:
    """A kin tie abroad."""

    diaspora_end: Person
    family_end: Person
    conversations: float  # a day
    bond: Bond  # what decides how it comes back
    channels: set[Platform | str] = field(default_factory=set)  # platforms that join the two ends today
    first: set[Platform | str] = field(default_factory=set)  # the same on the first day
    out_days: int = 0  # days in a row without a channel, where the baseline arm has one
    way_back: int = 0  # how it first came back
    first_out: int = -1  # first day without a channel
    first_back: int = -1  # day on which it came back from that
    since: int = -1  # day on which it lost the last channel of the first day
    prepared: float = 0.0  # days of notice, each as far as the law takes their channels
    searched: int = 0  # days since then on which the two could arrange another one
    led: int = 0  # days since then on which a relative in the same household was in contact

    @property
    def ends(self) -> tuple[Person, Person]:
        """The two people."""
        return self.diaspora_end, self.family_end

    @property
    def telephones(self) -> bool:
        """Whether the telephone does instead today."""
        has_number = self.bond.phone == 0 or self.prepared >= self.bond.number
        return has_number and self.bond.phone < max(1, self.out_days)

    def find_channels(self) -> None:
        """Find the platforms that join the two ends today."""
        self.channels = self.joint() & self.first if self.bond.is_afraid else self.joint()

    def joint(self) -> set[Platform | str]:
        """Return the platforms that both ends use with kin abroad today."""
        one, other = self.ends
        found: set[Platform | str] = one.using & other.using & one.abroad & other.abroad & one.model.talk
        if self.bond.calls_only:
            return self.that_serve(found)
        return found | {BRIDGED} if one.has_bridge(other) else found

    def that_serve(self, platforms: set[Platform]) -> set[Platform]:
        """Return those of some platforms that serve the pair: all, or where one end only calls, those for calls."""
        if not self.bond.calls_only:
            return platforms
        return {p for p in platforms if all(end.can_call_on(p) for end in self.ends)}

    def follow(self, in_baseline: set[Platform | str], day: int) -> None:
        """Count the days without a channel, and note when and how the tie comes back."""
        if in_baseline and not self.channels:
            self.out_days += 1
            if self.first_out < 0:
                self.first_out = day
            return
        if self.out_days > 0 and self.way_back == 0 and self.channels:
            self.first_back = day
            self.way_back = self.way()
        self.out_days = 0

    def way(self) -> int:
        """Return how it came back: on a platform it had before (directly or by VPN), or on another one."""
        old = self.channels & self.first - {BRIDGED}
        if not old:
            return BRIDGE if self.channels == {BRIDGED} else SUBSTITUTE
        return VPN if all(any(by_workaround(end, p) for end in self.ends) for p in old) else ACCESS_BACK


def by_workaround(person: Person, platform: Platform) -> bool:
    """Return whether a person who uses a platform can do so only by VPN, or by an app from elsewhere."""
    return not person.state.reaches(platform, person) or platform in person.uninstalled


@dataclass
class Member:
    """A person who has had a channel to kin abroad in the baseline arm."""

    group: int
    days_out: list[int] = field(default_factory=list)  # days on which all of their ties were without one

    @property
    def longest(self) -> int:
        """The longest spell of days in a row."""
        longest = now = 0
        for i, day in enumerate(self.days_out):
            now = now + 1 if i and self.days_out[i - 1] == day - 1 else 1
            longest = max(longest, now)
        return longest


def lost_so_far(members: dict[Person, Member], groups: int) -> dict[str, np.ndarray]:
    """Add up by group who has been without a channel, for how long, in simulated people."""
    count = {name: np.zeros(groups, np.int64) for name in ("had", "ever", "week", "month", "days")}
    for member in members.values():
        count["had"][member.group] += 1
        count["ever"][member.group] += bool(member.days_out)
        count["week"][member.group] += member.longest >= WEEK
        count["month"][member.group] += member.longest >= MONTH
        count["days"][member.group] += len(member.days_out)
    return count


def measure(
    ties: list[Tie], in_baseline: list[set[Platform | str]], groups: int, members: dict[Person, Member], day: int
) -> dict[str, np.ndarray]:
    """Add up contact by group, in simulated people and ties, and note in ``members`` who is without a channel today."""
    count = {name: np.zeros(groups, float if name == "silent" else np.int64) for name in COUNTS}
    count["back"] = np.zeros((groups, 4), np.int64)
    ties_of: dict[Person, list[int]] = {}
    for k, tie in enumerate(ties):
        for person in tie.ends:
            ties_of.setdefault(person, []).append(k)
            _measure_tie(tie, bool(in_baseline[k]), person.group.index, count)
    for person, mine in ties_of.items():
        g = person.group.index
        if any(in_baseline[k] for k in mine):
            count["members"][g] += 1
            member = members.setdefault(person, Member(g))
            if not any(ties[k].channels for k in mine):
                count["without"][g] += 1
                member.days_out.append(day)
                count["entirely"][g] += not any(ties[k].telephones for k in mine)
    return count


def _measure_tie(tie: Tie, has_in_baseline: bool, g: int, count: dict[str, np.ndarray]) -> None:
    if tie.channels:
        count["open"][g] += 1
        count["fragile"][g] += len(tie.channels) == 1
    count["ever"][g] += tie.first_out >= 0
    if tie.way_back:
        count["back"][g, tie.way_back - 1] += 1
    if has_in_baseline:
        count["ties"][g] += 1
        if not tie.channels:
            count["out"][g] += 1
            count["silent"][g] += tie.conversations
            count["lost"][g] += tie.out_days >= LOST_AFTER
            count["severed"][g] += tie.out_days >= SEVERED_AFTER


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

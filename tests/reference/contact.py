"""Contact of the reference model: which kin ties abroad have a channel today, and what became of those without."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .places import Platform

if TYPE_CHECKING:
    from .person import Person

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

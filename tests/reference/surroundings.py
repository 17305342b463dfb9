"""The surroundings of people: platforms and their kinds, states, groups, and ties to kin abroad."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple

import mesa
import numpy as np

from splinternet.core.chance import Purpose, uniform_plain
from splinternet.facts.model import DEVICES
from splinternet.people.access import AccessTable, differs, rows_of
from splinternet.people.setting import LONG_AGO, Enforcement, Setting, cut_off
from splinternet.world.build import closeness_table, pull_table

if TYPE_CHECKING:
    from splinternet.world.build import World

    from .person import Person

FRIEND = 4  # weight of a friend, in whole numbers: sums over contacts do not depend on their order
FULL = 64  # a whole contact, in whole numbers
LEVELS = 250  # steps of the chance that a person uses a platform on a day
NEVER = 1 << 30  # a day after the last
APPLE = DEVICES.index("Apple")
ANDROID = DEVICES.index("Android")
BRIDGED = "bridge"  # among the channels of a tie
# how a tie comes back
ACCESS_BACK = 1
VPN = 2
SUBSTITUTE = 3
BRIDGE = 4
ASK_AGAIN = 7  # days after which a pair that found no app looks again
CELL = (
    "reach",
    "speed",
    "install",
    "install_hazard",
    "install_rate",
    "vpn_share",
    "vpn_speed",
    "effort",
    "threat",
    "price",
    "push",
    "coming",
    "dark",
)
"""Access of people of a state to a platform: columns of
`splinternet.people.access.AccessTable`.
"""


def chance_of_use(kept: float, habit: float) -> int:
    """Return the chance that a platform is used on a day, in LEVELS, given the share of its value
    that is left.
    """
    return int(LEVELS * (1.0 - math.exp(-habit * max(0.0, kept))) + 0.5)


@cache
def chance_in_a_week(level: int) -> int:
    """Return the chance of at least one day of use in seven, in LEVELS."""
    return int(LEVELS * (1.0 - (1.0 - level / LEVELS) ** 7.0) + 0.5)


# --- places ---------------------------------------------------------------------------------------


@dataclass(eq=False)
class Kind:
    """A kind of platform, and how well the other kinds replace it."""

    name: str
    platforms: set[Platform] = field(default_factory=set)
    closeness: dict[Kind, float] = field(default_factory=dict)  # closeness of another kind [share]
    pull: dict[Kind, float] = field(
        default_factory=dict
    )  # degree to which a loss pushes people to another kind [share]
    covered: dict[Kind, int] = field(
        default_factory=dict
    )  # of a contact, by another kind, in 64ths; the closest first


def make_kinds(world: World) -> list[Kind]:
    """Return the kinds of platforms, with their closeness to each other."""
    kinds = [Kind(name) for name in world.setting.facts.kinds]
    share = world.setting.parameters["choice.substitutability"]
    table = closeness_table(world.setting)
    pull = pull_table(world.setting)
    for row, kind in enumerate(kinds):
        kind.closeness = {other: float(table[row, k]) for k, other in enumerate(kinds)}
        kind.pull = {other: float(pull[row, k]) for k, other in enumerate(kinds)}
        covered = {k: round(FULL * share * close) for k, close in kind.closeness.items()}
        kind.covered = {
            other: covered[other]
            for other in sorted(kinds, key=lambda k: -covered[k])
            if covered[other]
        }
    return kinds


class Platform(mesa.Agent):
    """A platform, as people see it."""

    def __init__(self, model: mesa.Model, index: int, name: str, kind: Kind, world: World) -> None:
        super().__init__(model)
        row = world.columns.platform[index]
        self.index = index
        self.bit = 1 << index
        self.name = name
        self.kind = kind
        self.tie_share = float(row["tie_share"])  # share of the value that comes from who is there
        self.habit = float(row["habit"])  # sessions a day of a regular user
        self.mode_weights = row["mode_weight"].tolist()  # share of the value of each mode
        self.carries_talk = bool(world.columns.talk_bits >> index & 1)
        self.apple_only = bool(world.columns.apple_only >> index & 1)
        self.next_door = int(row["next_door"])  # bits
        kind.platforms.add(self)

    @cached_property
    def stand_ins(self) -> list[tuple[set[Platform], int]]:
        """The platforms that replace this one, and to what degree, in 64ths; the closest first."""
        return [(kind.platforms - {self}, covered) for kind, covered in self.kind.covered.items()]

    def covered_by(self, common: set[Platform]) -> int:
        """Return the degree to which a contact is covered without this platform, in 64ths, given
        the platforms that both use.
        """
        return next(
            (covered for platforms, covered in self.stand_ins if not platforms.isdisjoint(common)),
            0,
        )

    def __repr__(self) -> str:
        return self.name


class State(mesa.Agent):
    """A state: its phones, its VPNs, and what each platform offers there."""

    def __init__(
        self, model: mesa.Model, index: int, code: str, ios_share: float, vpn_share: float
    ) -> None:
        super().__init__(model)
        self.index = index
        self.code = code
        self.ios_share = ios_share
        self.vpn_share = vpn_share
        self.wave: dict[Platform, float] = {}  # newcomers, per person who looks for such a platform
        self.offer: dict[
            Platform, float
        ] = {}  # the offer of each platform here, relative to the first day
        self.gone: dict[Platform, float] = {}  # share of its authors who have left each platform
        self.led: dict[
            Platform, float
        ] = {}  # what authors bring to each platform of what people had on another one

    def __repr__(self) -> str:
        return self.code


class Place:
    """The access of the people of a state whom the same policies concern, and its changes today."""

    def __init__(
        self,
        state: State,
        blocks: Mapping[str, str],
        concerned_by: frozenset[str],
        first: AccessTable,
        now: Setting,
    ) -> None:
        self.state = state
        self.blocks = blocks
        self.concerned_by = concerned_by
        self.access: dict[
            Platform, SimpleNamespace
        ] = {}  # the columns of CELL, and some of the first day
        self.penalty = self.deterred = (
            0.0  # expected cost of a workaround; share of people whom a fine keeps from it
        )
        self.lines_cut = 0.0  # share of people whose telephone lines are cut
        self.changed: set[Platform] = set()  # platforms whose access changed today
        self.unlike_first_day: set[Platform] = (
            set()
        )  # platforms whose access is not that of the first day
        self.pushed: set[Platform] = set()  # platforms that are promoted today
        self.bridged: set[Platform] = set()  # messengers that talk to each other for people here
        self.first = self.table = self.own_row(first, now)
        self.read(state.model.platforms)

    def own_row(self, table: AccessTable, setting: Setting) -> AccessTable:
        """Return the row of the state in an access table, with a community's own blocks."""
        row = rows_of(table, np.array([self.state.index]))
        for platform, technique in self.blocks.items():
            cut_off(setting, row, 0, platform, Enforcement(technique, LONG_AGO))
        return row

    def update(self, table: AccessTable, setting: Setting, platforms: list[Platform]) -> None:
        """Copy today's access table of the state."""
        before = self.table
        self.table = self.own_row(table, setting)
        changed = differs(before, self.table)[0]
        unlike = (
            changed
            | differs(self.table, self.first)[0]
            | (self.table.install_hazard > 0).any(axis=2)[0]
        )
        self.changed = {platform for platform in platforms if changed[platform.index]}
        self.unlike_first_day = {platform for platform in platforms if unlike[platform.index]}
        if not all(map(np.array_equal, before, self.table)):
            self.read(platforms)

    def read(self, platforms: list[Platform]) -> None:
        """Read the row as plain numbers."""
        today, first = (
            {name: column[0].tolist() for name, column in row._asdict().items()}
            for row in (self.table, self.first)
        )
        self.penalty = today["penalty"]
        self.deterred = today["deterred"]
        self.lines_cut = today["lines_cut"]
        self.pushed = {platform for platform in platforms if today["push"][platform.index] > 0}
        self.bridged = {
            platform for platform in platforms if today["bridged"] >> platform.index & 1
        }
        for platform in platforms:
            here = {name: today[name][platform.index] for name in CELL}
            here["vpn_share"] *= today["vpn_open"]  # of all VPNs there are
            at_first = {
                f"first_{name}": first[name][platform.index]
                for name in ("reach", "effort", "vpn_share")
            }
            at_first["first_vpn_share"] *= first["vpn_open"]
            self.access[platform] = SimpleNamespace(**here, **at_first)


class Group:
    """A stratum of people, and the counts of its simulated people."""

    def __init__(
        self, world: World, index: int, states: dict[str, State], platforms: list[Platform]
    ) -> None:
        fact = world.groups[index]
        taste = world.columns.taste[index]
        self.index = index
        self.label = fact.label
        self.weight = fact.weight
        self.community = fact.community
        self.is_abroad = fact.side == "diaspora"
        self.state = states[fact.home]
        self.partner = states[fact.partner]  # state at the other end of its corridor
        self.base_value, self.penetration, self.known = (
            {p: float(taste[name][p.index]) for p in platforms}
            for name in ("base_value", "penetration", "known")
        )
        self.takes = {p for p in platforms if world.columns.takes[index] >> p.index & 1}
        self.around = {p for p in platforms if world.columns.around[index] >> p.index & 1}
        self.audience = dict.fromkeys(platforms, 1.0)
        self.drifted: set[Platform] = set()  # platforms whose audience differs from the first day
        self.joined: Counter[Platform] = Counter()  # joined today
        self.flows: Counter[tuple[Platform, Platform]] = (
            Counter()
        )  # joined the second because of the first
        self.people: list[Person] = []
        self.count()

    def count(self) -> None:
        """Count the people of the group from zero."""
        people = self.people
        self.vpn = sum(person.has_vpn for person in people)
        self.surplus = sum(person.surplus for person in people)
        self.trial = tally(person.trial for person in people)  # hold a new account that is on trial
        self.lost = tally(person.lost for person in people)  # miss something of it
        self.using = tally(
            person.member & person.using for person in people
        )  # hold the platform and it works for them
        self.dead = tally(
            person.member - person.using for person in people
        )  # still open an app that fails
        self.use: Counter[Platform] = Counter()  # sum of the chance of use today, in LEVELS
        self.week: Counter[Platform] = Counter()  # the same for seven days like this one
        for person in people:
            for platform in person.member & person.using:
                self.use[platform] += person.use[platform]
                self.week[platform] += chance_in_a_week(person.use[platform])

    def note_joining(self, platform: Platform, reason: Platform | None) -> None:
        """Count a person who has joined a platform today because another one was lost."""
        self.joined[platform] += 1
        if reason is not None:
            self.flows[reason, platform] += 1


def tally(sets: Iterable[set[Platform]]) -> Counter[Platform]:
    """Return the number of sets that contain each platform."""
    return Counter(chain.from_iterable(sets))


# --- kin abroad -----------------------------------------------------------------------------------


class Bond(NamedTuple):
    """Traits that decide how a kin tie comes back, drawn on the first day; times in days."""

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
    bond: Bond
    channels: set[Platform | str] = field(
        default_factory=set
    )  # platforms that join the two ends today
    first: set[Platform | str] = field(default_factory=set)  # the same on the first day
    out_days: int = 0  # days in a row without a channel, where the baseline arm has one
    way_back: int = 0  # how it first came back
    first_out: int = -1  # first day without a channel
    first_back: int = -1  # day on which it came back from that
    since: int = -1  # day on which it lost the last channel of the first day
    rings: bool = False  # once a rule of the user's own has the pair telephone
    proposed: list[Platform] = field(default_factory=list)  # today, by such a rule
    prepared: float = 0.0  # days of notice, each as far as the law takes their channels
    searched: int = 0  # days since then on which the two could arrange another one
    led: int = 0  # days since then on which a relative in the same household was in contact

    @property
    def ends(self) -> tuple[Person, Person]:
        """The two people."""
        return self.diaspora_end, self.family_end

    @property
    def telephones(self) -> bool:
        """Whether the telephone replaces an app today."""
        has_number = self.bond.phone == 0 or self.prepared >= self.bond.number
        has_lines = all(end.provider_luck >= end.place.lines_cut for end in self.ends)
        by_phone = has_number and self.bond.phone < max(1, self.out_days)
        return has_lines and (self.rings or by_phone)

    # --- what joins the two today -----------------------------------------------------------------

    def find_channels(self) -> None:
        """Find the platforms that connect the two ends today."""
        self.channels = self.joint() & self.first if self.bond.is_afraid else self.joint()

    def joint(self) -> set[Platform | str]:
        """Return the platforms that both ends use with kin abroad today."""
        one, other = self.ends
        platforms = self.that_serve(self.both_use & one.abroad & other.abroad)
        # A bridge connects two people who each use a messenger that the law of one end connects
        # with others.
        bridged = one.place.bridged | other.place.bridged
        has_bridge = not (bridged.isdisjoint(one.using) or bridged.isdisjoint(other.using))
        return platforms | {BRIDGED} if has_bridge and not self.bond.calls_only else platforms

    @property
    def both_use(self) -> set[Platform]:
        """The platforms for talk that both use, with any contact."""
        return self.diaspora_end.using & self.family_end.using & self.diaspora_end.model.talk

    def that_serve(self, platforms: set[Platform]) -> set[Platform]:
        """Return the platforms that serve the pair: all of them or, if one end only calls, those
        for calls.
        """
        if not self.bond.calls_only:
            return platforms
        return {p for p in platforms if all(end.can_call_on(p) for end in self.ends)}

    def follow(self, in_baseline: set[Platform | str], day: int) -> None:
        """Count the days without a channel, and store when and how the tie comes back."""
        if in_baseline and not self.channels:
            self.out_days += 1
            self.first_out = day if self.first_out < 0 else self.first_out
            return
        if self.out_days > 0 and self.way_back == 0 and self.channels:
            self.first_back = day
            self.way_back = self.way()
        self.out_days = 0

    def way(self) -> int:
        """Return how the tie came back: on an earlier platform (directly or by VPN), or on
        another one.
        """
        old = self.channels & self.first - {BRIDGED}
        if not old:
            return BRIDGE if self.channels == {BRIDGED} else SUBSTITUTE
        return (
            VPN
            if all(any(end.needs_workaround(p) for end in self.ends) for p in old)
            else ACCESS_BACK
        )

    # --- how the two agree on another channel -----------------------------------------------------

    def agreement(self, day: int) -> Platform | None:
        """Return the platform on which the pair, while out of touch, agrees today, if any."""
        # days, at the end of today
        bond = self.bond
        gone = day - self.since + 1
        if bond.is_afraid:
            return None
        both = self.that_serve(self.both_use)
        if both and bond.notice + bond.ready < gone:
            return self.choose(both)
        if bond.notice >= gone:
            return None
        relatives = set().union(
            *(tie.channels for tie in self.diaspora_end.ties if tie is not self)
        ) - {BRIDGED}
        if relatives:
            self.led += 1
            if self.led >= bond.follow:
                platform = self.choose(self.that_serve(relatives & bond.usable))
                if platform is not None:
                    return platform
        if bond.wire < gone or relatives or self.rings or self.prepared >= bond.number:
            self.searched += 1
            agree_after = max(bond.help, bond.agree)  # days on which they could arrange something
            if self.searched >= agree_after and (
                self.searched - 1 < agree_after or gone % ASK_AGAIN == 0
            ):
                return self.choose(self.that_serve(bond.known))
        return None

    def agreement_by_rule(self) -> Platform | None:
        """Return the platform on which the pair agrees today by a user's own rule, if any."""
        for platform in () if self.bond.is_afraid else self.proposed:
            is_new = platform not in self.channels and self.that_serve({platform})
            if is_new and all(end.can_use(platform) for end in self.ends):
                return platform
        return None

    def preparation(self, day: int) -> Platform | None:
        """Count a day of notice of the pair, in touch; return the platform on which it agrees
        beforehand, if any.
        """
        taken = 0.0 if BRIDGED in self.channels else min(map(self.taken_from, self.channels))
        before = self.prepared
        plan = self.bond.plan
        self.prepared += taken
        if (
            self.bond.is_afraid
            or not taken
            or self.prepared < plan
            or (before >= plan and day % ASK_AGAIN)
        ):
            return None
        candidates = self.that_serve((self.both_use | self.bond.known) - self.channels)
        return self.choose({platform for platform in candidates if not self.taken_from(platform)})

    def taken_from(self, platform: Platform) -> float:
        """Return the share of a platform that the law of either end will take."""
        return max(end.place.access[platform].coming for end in self.ends)

    def choose(self, candidates: set[Platform]) -> Platform | None:
        """Draw a platform that both have or can take up, weighted by its nearness to both."""
        one, other = self.ends
        possible = [
            p
            for p in one.model.platforms
            if p in candidates and one.can_use(p) and other.can_use(p)
        ]
        near = [one.nearness(platform) * other.nearness(platform) for platform in possible]
        total = 0.0
        for (
            weight
        ) in near:  # one after the other: `sum` makes up for rounding errors, the engine does not
            total += weight
        u = uniform_plain(one.model.keys[Purpose.AGREE_ON], other.index, one.index) * total
        for platform, weight in zip(possible, near, strict=True):
            u -= weight
            if u < 0.0:
                return platform
        return possible[-1] if possible else None


# --- contact by group -----------------------------------------------------------------------------

# days
LOST_AFTER = 30
SEVERED_AFTER = 90
# days in a row
WEEK = 7
MONTH = 30
COUNTS = (
    "members",
    "without",
    "entirely",
    "ties",
    "out",
    "lost",
    "severed",
    "ever",
    "open",
    "fragile",
    "silent",
)


def measure(
    ties: list[Tie],
    in_baseline: list[set],
    groups: int,
    days_out: dict[Person, list[int]],
    cut_off: set[Person],
    day: int,
) -> dict:
    """Add up contact by group, in simulated people and ties; count in ``days_out`` people without
    a channel today, and in ``cut_off`` those who do not telephone either.
    """
    count: dict[str, list] = {name: [0] * groups for name in COUNTS}
    back = np.zeros((groups, 4), np.int64)
    ties_of: dict[Person, list[tuple[Tie, bool]]] = {}
    for tie, channels in zip(ties, in_baseline, strict=True):
        is_out = bool(channels) and not tie.channels
        for person in tie.ends:
            g = person.group.index
            ties_of.setdefault(person, []).append((tie, bool(channels)))
            count["open"][g] += bool(tie.channels)
            count["fragile"][g] += len(tie.channels) == 1
            count["ever"][g] += tie.first_out >= 0
            count["ties"][g] += bool(channels)
            count["out"][g] += is_out
            count["silent"][g] += tie.conversations if is_out else 0.0
            count["lost"][g] += is_out and tie.out_days >= LOST_AFTER
            count["severed"][g] += is_out and tie.out_days >= SEVERED_AFTER
            if tie.way_back:
                back[g, tie.way_back - 1] += 1
    for person, own in ties_of.items():
        if not any(had for _, had in own):
            continue
        g = person.group.index
        days = days_out.setdefault(person, [])
        count["members"][g] += 1
        if not any(tie.channels for tie, _ in own):
            days.append(day)
            count["without"][g] += 1
            if not any(tie.telephones for tie, _ in own):
                cut_off.add(person)
                count["entirely"][g] += 1
    columns = {
        name: np.array(own, float if name == "silent" else np.int64) for name, own in count.items()
    }
    return {**columns, "back": back}


def lost_so_far(
    days_out: dict[Person, list[int]], cut_off: set[Person], groups: int
) -> dict[str, np.ndarray]:
    """Add up, by group, the simulated people without a channel and their days."""
    names = ("had", "ever", "week", "month", "days", "cut_off")
    count = {name: np.zeros(groups, np.int64) for name in names}
    for person, days in days_out.items():
        longest = now = 0  # days in a row
        for i, day in enumerate(days):
            now = now + 1 if i and days[i - 1] == day - 1 else 1
            longest = max(longest, now)
        lasted = {
            "had": 1,
            "ever": bool(days),
            "week": longest >= WEEK,
            "month": longest >= MONTH,
            "days": len(days),
            "cut_off": person in cut_off,
        }
        for name, n in lasted.items():
            count[name][person.group.index] += n
    return count


@dataclass
class Condition:
    """The condition of a person, today's or the one planned for tomorrow."""

    member: set[Platform]  # platforms held
    abroad: set[Platform]  # platforms used with kin abroad
    using: set[Platform] = field(default_factory=set)  # platforms held that work
    stuck: set[Platform] = field(
        default_factory=set
    )  # held but failing, or worth less than doing without
    lapsed: set[Platform] = field(default_factory=set)  # given up
    uninstalled: set[Platform] = field(default_factory=set)  # with the app gone
    trial: set[Platform] = field(default_factory=set)  # new accounts that are still on trial
    lost: set[Platform] = field(
        default_factory=set
    )  # platforms of which something was missing at the last look
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
    """The result of a visit: the person's condition of tomorrow, and other values from the
    visit.
    """

    joined: set[Platform] = field(default_factory=set)
    reason: Platform | None = None  # the lost platform that drove the joining
    kept: dict[Platform, float] = field(
        default_factory=dict
    )  # share of the value of what was looked at
    is_returning: bool = False  # to something that works again
    is_closed: bool = False  # something is closed
    uses_vpn: bool = False
    by_rule: set[Platform] = field(
        default_factory=set
    )  # of those joined, by a rule of the user's own
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
        """Use all new platforms together no more often than the platforms that they replace."""
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

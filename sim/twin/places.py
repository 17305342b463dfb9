"""States, platforms, kinds and groups of the reference model."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from sim.core.chance import Purpose
from sim.facts.model import DEVICES
from sim.people.access import AccessTable
from sim.people.kernel_types import Columns
from sim.world.build import closeness_table

if TYPE_CHECKING:
    from sim.twin.person import Person
    from sim.world.build import World

FULL = 64  # a whole contact, in whole numbers


LEVELS = 250  # steps of the chance that a person uses a platform on a day


NEVER = 1 << 30  # a day after the last


SURPLUS_UNITS = 64.0  # steps of value, in those of a marginal feed user


def chance_of_use(kept: float, habit: float) -> int:
    """Return the chance that a platform is used on a day, in LEVELS, given the share of its value that is left."""
    return int(LEVELS * (1.0 - math.exp(-habit * max(0.0, kept))) + 0.5)


@dataclass(eq=False)
class Kind:
    """A kind of platform, and how well the other kinds stand in for it."""

    name: str
    platforms: set[Platform] = field(default_factory=set)
    closeness: dict[Kind, float] = field(default_factory=dict)
    """How close another kind is [share]."""
    covered: dict[Kind, int] = field(default_factory=dict)
    """How far a contact is covered by a platform of another kind, in 64ths; the closest kind first."""


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
        kind.platforms.add(self)

    @cached_property
    def stand_ins(self) -> list[tuple[set[Platform], int]]:
        """Return the platforms that stand in for this one, and how far they do, in 64ths; the closest first."""
        return [(kind.platforms - {self}, covered) for kind, covered in self.kind.covered.items()]

    def __repr__(self) -> str:
        return self.name


@dataclass(slots=True)
class Access:
    """What people of a state find when they open a platform today; devices are Apple, Android."""

    reach: list[float]  # by mode
    speed: float
    install: list[float]  # by device
    install_hazard: list[float]  # by device
    install_rate: list[float]  # by device
    vpn_share: float  # share of VPNs that work, of all there are
    vpn_speed: float
    effort: float
    threat: float
    price: float  # of direct use
    push: float  # rate at which a promoted platform is taken up, a day
    coming: float  # share of the first day's value that the law takes in the end, in force or with a date
    penalty: float  # expected cost of being caught with a workaround
    deterred: float  # share of people whom a fine keeps from workarounds
    dark: float  # share for whom nothing works
    first_reach: list[float]  # by mode, on the first day
    first_effort: float  # effort of the workaround on the first day


class State(mesa.Agent):
    """A state: what its people find, and what changed for them today."""

    def __init__(self, model: mesa.Model, index: int, code: str, ios_share: float, vpn_share: float) -> None:
        super().__init__(model)
        self.index = index
        self.code = code
        self.ios_share = ios_share
        self.vpn_share = vpn_share
        self.access: dict[Platform, Access] = {}
        self.changed: set[Platform] = set()  # platforms whose access changed today
        self.unlike_first_day: set[Platform] = set()  # platforms whose access is not that of the first day
        self.pushed: set[Platform] = set()  # platforms that are promoted today
        self.bridged: set[Platform] = set()  # messengers that talk to each other for people here
        self.wave: dict[Platform, float] = {}  # newcomers, per person who looks for such a platform
        self.offer: dict[Platform, float] = {}  # what each platform offers here, against the first day

    def read(self, today: dict[str, Any], first: dict[str, Any], platforms: list[Platform]) -> None:
        """Take over today's access tables, given as lists (states, platforms)."""
        s = self.index
        self.pushed = {platform for platform in platforms if today["push"][s][platform.index] > 0}
        self.bridged = {platform for platform in platforms if today["bridged"][s] >> platform.index & 1}
        for platform in platforms:
            p = platform.index
            self.access[platform] = Access(
                reach=today["reach"][s][p],
                speed=today["speed"][s][p],
                install=today["install"][s][p],
                install_hazard=today["install_hazard"][s][p],
                install_rate=today["install_rate"][s][p],
                vpn_share=today["vpn_share"][s][p] * today["vpn_open"][s],
                vpn_speed=today["vpn_speed"][s][p],
                effort=today["effort"][s][p],
                threat=today["threat"][s][p],
                price=today["price"][s][p],
                push=today["push"][s][p],
                coming=today["coming"][s][p],
                penalty=today["penalty"][s],
                deterred=today["deterred"][s],
                dark=today["dark"][s][p],
                first_reach=first["reach"][s][p],
                first_effort=first["effort"][s][p],
            )

    def reaches(self, platform: Platform, person: Person) -> bool:
        """Return whether a person's provider lets any mode of a platform through today."""
        return person.chance(Purpose.PROVIDER_LUCK) >= 1.0 - max(self.access[platform].reach)

    def __repr__(self) -> str:
        return self.code


class Group:
    """A stratum of people, and the counts of its simulated people."""

    def __init__(
        self, world: World, columns: Columns, index: int, states: dict[str, State], platforms: list[Platform]
    ) -> None:  # fmt: skip
        fact, taste = world.groups[index], columns.taste[index]
        self.index = index
        self.label = fact.label
        self.weight = fact.weight
        self.is_diaspora = fact.side == "diaspora"
        self.state = states[fact.home]
        self.partner = states[fact.partner]  # state at the other end of its corridor
        self.base_value = {p: float(taste["base_value"][p.index]) for p in platforms}
        self.penetration = {p: float(taste["penetration"][p.index]) for p in platforms}
        self.known = {p: float(taste["known"][p.index]) for p in platforms}
        self.reads = {p for p in platforms if columns.reads[index] >> p.index & 1}
        self.audience = dict.fromkeys(platforms, 1.0)
        self.touched: set[Platform] = set()
        self.joined = dict.fromkeys(platforms, 0)  # joined today
        self.flows: dict[tuple[Platform, Platform], int] = {}  # joined the second because of the first
        self.clear(platforms)

    def clear(self, platforms: list[Platform]) -> None:
        """Forget who was counted."""
        self.trial = dict.fromkeys(platforms, 0)  # hold a new account that is on trial
        self.lost = dict.fromkeys(platforms, 0)  # miss something of it
        self.using = dict.fromkeys(platforms, 0)  # hold the platform and it works for them
        self.dead = dict.fromkeys(platforms, 0)  # still open an app that fails
        self.use = dict.fromkeys(platforms, 0)  # sum of the chance of use today, in LEVELS
        self.week = dict.fromkeys(platforms, 0)  # the same for seven days like this one
        self.vpn = 0
        self.surplus = 0

    def count(self, person: Person) -> None:
        """Add a person to the counts."""
        self.vpn += person.has_vpn
        self.surplus += person.surplus
        for platform in person.trial:
            self.trial[platform] += 1
        for platform in person.lost:
            self.lost[platform] += 1
        for platform in person.member:
            if platform in person.using:
                self.using[platform] += 1
                self.use[platform] += person.use[platform]
                self.week[platform] += chance_in_a_week(person.use[platform])
            else:
                self.dead[platform] += 1


def chance_in_a_week(level: int) -> int:
    """Return the chance of at least one day of use in seven, in LEVELS."""
    return int(LEVELS * (1.0 - (1.0 - level / LEVELS) ** 7.0) + 0.5)


def make_kinds(world: World) -> list[Kind]:
    """Return the kinds of platforms, knowing each other."""
    kinds = [Kind(name) for name in world.setting.facts.kinds]
    q, table = world.setting.parameters, closeness_table(world.setting)
    for row, kind in enumerate(kinds):
        kind.closeness = {other: float(table[row, k]) for k, other in enumerate(kinds)}
        # In whole numbers, so that sums over contacts do not depend on their order.
        covered = {k: round(FULL * q["choice.substitutability"] * close) for k, close in kind.closeness.items()}
        kind.covered = {other: covered[other] for other in sorted(kinds, key=lambda k: -covered[k]) if covered[other]}
    return kinds


def as_lists(table: AccessTable) -> dict[str, Any]:
    """Return an access table as lists."""
    return {name: column.tolist() for name, column in table._asdict().items()}


def chosen(table: np.ndarray, state: State, platforms: list[Platform]) -> set[Platform]:
    """Return the platforms that a yes/no table (states, platforms) marks for a state."""
    return {platform for platform in platforms if table[state.index, platform.index]}


APPLE = DEVICES.index("Apple")


ANDROID = DEVICES.index("Android")

"""The world on its first day: facts and scenario become groups, people, ties and the columns that
the kernels read.

A world is built once for each seed and shared by both arms of a pair; nothing in it changes during
a run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from ..core.chance import Purpose, stream
from ..core.kernels import kernel
from ..facts.platforms import APPLES_STORE
from ..people.access import TALK, AccessTable, bits
from ..people.authors import Heirs, make_heirs
from ..people.budget import as_floats
from ..people.kernel_types import (
    CLOSEST,
    FIRST,
    FRIEND,
    FULL,
    PLATFORM,
    TASTE,
    Bonds,
    Columns,
    Rows,
    Rules,
)
from ..people.setting import Setting, blocks_under, first_access
from ..scenario import Scenario
from .ages import age_steps, use_by_age, user_ages, uses_ages
from .groups import Stratum
from .people import Holdings, People, lean_table, make_people, rows_of, uniform_draws
from .sampling import Sample, sample_groups
from .scenario_setting import Places, make_setting, places_of
from .ties import (
    Scope,
    Ties,
    choose_channels,
    household_size,
    make_bonds,
    make_ties,
    scope_of_groups,
)

AT_ONE_CLICK = frozenset({"search", "reference", "commerce", "assistant"})
"""Kinds in which a substitute needs no account, no habit and no other users (assumption)."""
_PAIRWISE = 128
"""Largest number of groups that numpy sums in one block."""
_PARALLEL_SUMS = 8
"""Number of partial sums in numpy."""
THRESHOLD = 1
"""The `wave.rule` by which people follow if enough others did."""
CLOSE_KIND = 0.5  # kinds at least this close compete for the same attention
LEAST_ATTENTION = (
    0.05  # share of attention for a platform almost without users, before the exponent
)


@dataclass(frozen=True)
class World:
    """The starting point of a run.

    Attributes
    ----------
    spec : Scenario
    setting : Setting
        Facts with the scenario's changes.
    groups : list of Stratum
    first : numpy.ndarray of FIRST, shape (people,)
        Everybody on the first day.
    ties : Ties
    bonds : Bonds
        Traits that decide how kin ties abroad come back.
    columns : Columns
        The data for the kernels.
    rules : Rules
    heirs : Heirs
        Destinations of the authors of each platform.
    access : AccessTable
        Access on the first day.
    seed : int
    sample : Sample
        The samples of the groups, and the use of platforms in each.
    places : Places
        The places where people live, for access.
    """

    spec: Scenario
    setting: Setting
    groups: list[Stratum]
    first: Rows
    ties: Ties
    bonds: Bonds
    columns: Columns
    rules: Rules
    heirs: Heirs
    access: AccessTable
    seed: int
    sample: Sample
    places: Places

    def __repr__(self) -> str:
        sizes = f"{self.first.size:,} people in {len(self.groups)} groups"
        return f"<World {self.spec.name}: {sizes}, seed {self.seed}>"


def make_world(spec: Scenario, seed: int, *, threads: int = 1) -> World:
    """Build the world of a scenario for one seed.

    Parameters
    ----------
    spec : Scenario
    seed : int
        The seed; everything random is a function of it.
    threads : int
        Number of threads, which does not change the world.
    """
    setting = make_setting(spec)
    q = setting.parameters
    states = setting.states
    sample = sample_groups(spec, setting)
    groups = sample.groups
    penetration = sample.penetration
    access = first_access(setting)
    places = places_of(spec, setting)
    place = [places.of(group, states) for group in groups]
    hidden = 1.0 - places.table((access,), setting).reach.max(axis=2)
    at = places.state
    facts = [setting.platform_facts[name] for name in setting.platforms]
    talk = np.array([not set(fact.modes).isdisjoint(TALK) for fact in facts])
    # Platforms only on iPhones: from Apple's store, or preinstalled.
    with_phones = [f.owner == "Apple" and f.kind == "messenger" and not f.stores for f in facts]
    apple_only = np.array([f.stores == (APPLES_STORE,) for f in facts]) | with_phones
    lean = lean_table(setting.facts.youth_lean, states, setting.platforms)
    steps = age_steps(user_ages(setting, spec.start.year))
    ios_share = setting.ios_share[at]
    holdings = Holdings(
        penetration, setting.vpn_share[at], hidden, lean[at], ios_share, apple_only, steps[at]
    )
    if uses_ages(spec):
        by_state = use_by_age(setting)
        pairs = product(enumerate(at.tolist()), range(len(facts)))
        by_place = {(place, p): by_state[s, p] for (place, s), p in pairs if (s, p) in by_state}
        holdings = holdings._replace(use_by_age=by_place)
    people = make_people(groups, place, holdings, q, seed, threads)
    ties = make_ties(people, groups, q, seed)
    usable = talk & (hidden[place] < 0.5)
    closed = bits((hidden > 0) | apple_only)[place]
    choose_channels(people, groups, ties, penetration, usable, closed, q, seed)
    _end_contact_and_keep_accounts(people, groups, setting, spec, seed)
    scope = scope_of_groups(groups, setting, sample.around, talk)
    first = np.zeros(len(people), FIRST)
    for name in FIRST.names or ():
        first[name] = getattr(people, name)
    first.flags.writeable = False  # both arms and all other readers share it
    # Parameters by their names, with ``_`` for the dot.
    rules: dict[str, Any] = {name: q[name.replace("_", ".", 1)] for name in Rules._fields}
    rules["ties_kin_weight"] = round(FRIEND * rules["ties_kin_weight"])
    if q["wave.rule"] != THRESHOLD:
        rules["wave_threshold"] = 0.0
    columns = _columns(setting, ties, sample.around, scope, int(bits(apple_only[None, :])[0]), at)
    return World(
        spec=spec,
        setting=setting,
        groups=groups,
        first=first,
        ties=ties,
        bonds=make_bonds(people, groups, ties, setting, scope, seed),
        columns=columns,
        rules=Rules(**rules),
        heirs=_heirs(setting, groups, sample.around, columns, seed),
        access=access,
        seed=seed,
        sample=sample,
        places=places,
    )


def _end_contact_and_keep_accounts(
    people: People, groups: Sequence[Stratum], setting: Setting, spec: Scenario, seed: int
) -> None:
    """Remove all channels of families who fear contact abroad, and let diasporas keep accounts (in
    place).

    A household ends contact as a whole, before the first day and in both arms: a policy cannot take
    a channel from it. A removal from local app stores does not affect people in a diaspora who keep
    an account in the origin's stores.
    """
    q = setting.parameters
    household = household_size(setting.parameters["ties.kin_abroad"])
    for group, rows in zip(groups, rows_of(groups), strict=True):
        here = slice(rows.start, rows.stop)
        keys = spec.world.communities.get(group.home, {}).get(group.community)
        if group.side == "family" and keys is not None and keys.fear > 0.0:
            afraid = uniform_draws(seed, Purpose.FEAR, np.array(rows[::household])) < keys.fear
            people.abroad[here][np.repeat(afraid, household)[: group.size]] = 0
        if group.side == "diaspora":
            kept = (
                uniform_draws(seed, Purpose.STORE_ACCOUNT, np.array(rows))
                < q["delisting.foreign_account"]
            )
            people.store[here][kept] = setting.states.index(group.origin)


def opening_of(world: World, spec: Scenario, arm: str) -> tuple[Setting, AccessTable]:
    """Return the setting of an arm before the first policy, and the access at the start of each of
    its days.

    If the arms do not differ, these are the world's own objects, not copies.

    People are the same in both arms: the blocks of the baseline arm determine their platforms and
    friction. In the policy arm, those of ``world.blocks_policy_arm`` apply in full on the first
    day: a new block as if it were years old, and a removed block as if it had never existed.

    Parameters
    ----------
    world : World
    spec : Scenario
        The scenario of the run; the world may come from a scenario with more policies.
    arm : {"policy", "baseline"}
    """
    listed = spec.world.blocks_policy_arm if arm == "policy" else {}
    blocks = blocks_under(listed, world.setting.blocks, world.setting.facts)
    if blocks == world.setting.blocks:
        return world.setting, world.access
    setting = replace(world.setting, blocks=blocks)
    return setting, first_access(setting)


def closeness_table(setting: Setting) -> np.ndarray:
    """Return the closeness of kinds as substitutes for each other, shape (kinds, kinds) [share];
    pairs without a parameter are 0.
    """
    kinds = setting.facts.kinds
    table = np.zeros((len(kinds), len(kinds)))
    for name, value in setting.parameters.items():
        head, _, pair = name.partition(".")
        if head == "closeness":
            one, other = (kinds.index(kind) for kind in pair.split("-"))
            table[one, other] = table[other, one] = value
    return table


def pull_table(setting: Setting) -> np.ndarray:
    """Return the push from the loss of one kind of platform to each other kind, shape (kinds,
    kinds) [share].

    People prefer the closest kinds more than in proportion: a loss of short videos does not create
    a need for a messenger.
    """
    close = closeness_table(setting)
    power = setting.parameters["choice.closeness_power"]
    return np.array(
        [[CLOSEST * math.pow(one / CLOSEST, power) for one in row] for row in close.tolist()]
    )


def _columns(
    setting: Setting,
    ties: Ties,
    penetration: np.ndarray,
    scope: Scope,
    apple_only: int,
    at: np.ndarray,
) -> Columns:
    """Return the world as the kernels see it; ``at`` is the state of each place."""
    q = setting.parameters
    kinds = setting.facts.kinds
    kind = np.array(
        [kinds.index(setting.platform_facts[p].kind) for p in setting.platforms], np.int64
    )
    close = closeness_table(setting)
    platform = np.zeros(len(kind), PLATFORM)
    platform["kind"] = kind
    platform["tie_share"] = [q[f"tie_share.{kinds[k]}"] for k in kind]
    # A regular user opens it on a day with a chance equal to the kind's stickiness (Poisson).
    platform["habit"] = [-math.log(1.0 - q[f"stickiness.{kinds[k]}"]) for k in kind]
    platform["mode_weight"] = setting.mode_weights
    platform["closeness"] = close[kind]
    platform["pull"] = pull_table(setting)[kind]
    platform["akin"] = bits(close[kind][:, kind] > 0)
    itself = np.left_shift(np.int64(1), np.arange(len(kind), dtype=np.int64))
    at_one_click = np.array([kinds[k] in AT_ONE_CLICK for k in kind])
    platform["next_door"] = bits((kind[:, None] == kind) & at_one_click[:, None]) & ~itself
    # The substitutes of each platform, by kind, the closest first, and the part that they replace,
    # in units of 1/FULL.
    covered = np.rint(FULL * q["choice.substitutability"] * close).astype(np.int64)
    order = np.argsort(-covered, axis=1, kind="stable")[kind]
    of_kind = bits(kind[None, :] == np.arange(len(close))[:, None])
    platform["stand_ins"] = of_kind[order] & ~itself[:, None]
    platform["covered"] = np.take_along_axis(covered[kind], order, axis=1)
    platform["levels"] = (platform["covered"] > 0).sum(axis=1)
    # The value to the marginal user of each group: that of the kind, lower for a minor platform.
    rivals = close[kind][:, kind] >= CLOSE_KIND
    np.fill_diagonal(rivals, True)
    largest = np.array([np.where(rivals, row[None, :], 0.0).max(axis=1) for row in penetration])
    attention = np.divide(penetration, largest, out=np.ones_like(penetration), where=largest > 0)
    worth = np.maximum(LEAST_ATTENTION, attention) ** q["choice.minor_exponent"]
    taste = np.zeros(penetration.shape, TASTE)
    taste["base_value"] = setting.kind_value * worth
    taste["penetration"] = penetration
    taste["known"] = scope.known
    saturation = q["choice.saturation"]
    taste["unsaturated"] = [
        [math.pow(max(0.0, 1.0 - share), saturation) for share in row]
        for row in penetration.tolist()
    ]
    return Columns(
        start=ties.start,
        packed=ties.packed,
        platform=platform,
        taste=taste,
        talk_bits=scope.talk,
        apple_only=apple_only,
        takes=scope.reads & scope.registers,
        around=bits(penetration >= q["choice.least_use"]),
        ios_share=setting.ios_share[at],
        vpn_share=setting.vpn_share[at],
        home=at,
        bridged=np.zeros(len(at), np.int64),
    )


def _heirs(
    setting: Setting,
    groups: Sequence[Stratum],
    penetration: np.ndarray,
    columns: Columns,
    seed: int,
) -> Heirs:
    """Return the destinations of each platform's authors, from use by residents of each state."""
    reach = np.zeros((len(setting.states), len(setting.platforms)))
    known = np.zeros(reach.shape, np.bool_)
    bit = np.arange(len(setting.platforms))
    for s, state in enumerate(setting.states):
        rows = [
            g for g, group in enumerate(groups) if group.home == state and group.side == "resident"
        ]
        people = np.array([groups[g].people for g in rows])
        if people.sum() > 0.0:
            reach[s] = people @ penetration[rows] / people.sum()
        known[s] = (columns.takes[rows][:, None] >> bit & 1).any(axis=0)
    least = setting.parameters["choice.least_use"]
    owners = [setting.platform_facts[p].owner for p in setting.platforms]
    of_luck = int(stream(seed, Purpose.AUTHORS))
    return make_heirs(
        columns.platform, reach, known & (reach >= least), owners, setting.parameters, of_luck
    )


class GroupTable:
    """The groups of a world, in their order, as columns; nothing in it changes during a run.

    Parameters
    ----------
    groups : sequence of Stratum
        The groups, state by state.
    states : sequence of str
        Codes, in the order of every table.

    Attributes
    ----------
    state, partner : numpy.ndarray of int, shape (groups,)
        State of residence of each group, and the state in which its kin abroad live (for residents,
        the state of residence).
    weight : numpy.ndarray, shape (groups,)
        Real people that a simulated person represents [persons].
    diaspora : numpy.ndarray of bool, shape (groups,)
        Whether a group is a diaspora.
    using : StateSums
        Function from simulated people by group to real people by state.
    """

    def __init__(self, groups: Sequence[Stratum], states: Sequence[str]) -> None:
        self.state = np.array([states.index(g.home) for g in groups])
        self.partner = np.array([states.index(g.partner) for g in groups])
        self.weight = np.array([g.weight for g in groups])
        self.diaspora = np.array([g.side == "diaspora" for g in groups])
        self.using = StateSums(self.weight, self.state, len(states))


class StateSums:
    """Sums real people over the groups of each state, for many tables of the same groups.

    Parameters
    ----------
    weight : numpy.ndarray, shape (groups,)
        Real people that a simulated person represents [persons].
    state : numpy.ndarray, shape (groups,)
        State of residence of each group; groups are ordered by state.
    states : int
        Number of states.
    """

    def __init__(self, weight: np.ndarray, state: np.ndarray, states: int) -> None:
        self._weight = as_floats(weight)
        self._states = states
        self._starts = np.flatnonzero(np.concatenate([[True], state[1:] != state[:-1]]))
        self._rows = state[self._starts]
        sizes = np.diff(self._starts, append=len(state))
        self._few = bool(sizes.max(initial=0) <= _PAIRWISE)

    def __call__(self, counts: np.ndarray) -> np.ndarray:
        """Return real people by state, shape (states, ...), from simulated people by group, shape
        (groups, ...).
        """
        table = counts.reshape(len(counts), -1)
        out = np.zeros((self._states, table.shape[1]))
        if counts.ndim > 2:  # few pairs of platforms have a flow
            some = np.flatnonzero(table.any(axis=0))
            out[np.ix_(self._rows, some)] = self._sums(table[:, some])
        elif self._few:
            room = np.empty((_PARALLEL_SUMS, table.shape[1]))
            _sum_groups(as_floats(table), self._weight, self._starts, self._rows, room, out)
        else:
            out[self._rows] = self._sums(table)
        return out.reshape(self._states, *counts.shape[1:])

    def _sums(self, table: np.ndarray) -> np.ndarray:
        """Return the sums. A matrix product would not do, because its order of addition depends on
        the threads.
        """
        return np.asarray(np.add.reduceat(table * self._weight[:, None], self._starts, axis=0))


@kernel
def _sum_groups(
    counts: np.ndarray,
    weight: np.ndarray,
    starts: np.ndarray,
    rows: np.ndarray,
    room: np.ndarray,
    out: np.ndarray,
) -> None:
    """Sum up weighted groups, (groups, platforms), into the row of their state.

    The order of addition is that of `numpy.add.reduceat`: the first number plus the sum of the
    others, with eight partial sums if there are enough. ``room`` (_PARALLEL_SUMS, platforms) is
    working memory.
    """
    for k in range(len(starts)):
        first = starts[k]
        last = starts[k + 1] if k + 1 < len(starts) else len(counts)
        even = first + 1 + (last - first - 1) // _PARALLEL_SUMS * _PARALLEL_SUMS
        total = out[rows[k]]
        if even > first + 1:
            room[:] = 0.0
            for i in range(first + 1, even):
                side = room[(i - first - 1) % _PARALLEL_SUMS]
                for p in range(len(total)):
                    side[p] += counts[i, p] * weight[i]
            for p in range(len(total)):
                low = (room[0, p] + room[1, p]) + (room[2, p] + room[3, p])
                total[p] = low + ((room[4, p] + room[5, p]) + (room[6, p] + room[7, p]))
        for i in range(even, last):
            for p in range(len(total)):
                total[p] += counts[i, p] * weight[i]
        for p in range(len(total)):
            total[p] += counts[first, p] * weight[first]

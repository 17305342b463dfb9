"""The groups of a world, and the number of simulated people in each.

The plan follows from the scenario as it is written. All members of an ensemble, and all points of a sweep over numbers
of the world, have the same groups and the same number of simulated residents and members of diasporas, whatever they
draw. Only the size of families depends on the draw of a member, because both ends of a tie have the same weight. A
member can therefore have more or fewer simulated people than the scenario states. `sim/world/strata.py` has the
formula, `sim/world/reach.py` the people whom policies affect, and `sim/world/weight_limit.py` the limit of weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sim.groups import USERS
from sim.sampled import Sampled
from sim.scenario import Scenario
from sim.world.communities import communities_of, diasporas_of_communities
from sim.world.penetration import group_penetration
from sim.world.reach import (
    choose_corridors,
    named_corridors,
    platforms_concerned,
    states_concerned,
    with_exposure,
)
from sim.world.scenario_setting import make_setting
from sim.world.setting import Setting
from sim.world.strata import (
    FLOOR_BUDGET,
    LEAST_SIZE,
    MIN_RESIDENTS,
    Corridor,
    Group,
    Residents,
    Within,
    all_groups,
    at_most,
    families_by_rules,
    moved_groups,
    people_left,
    size_diasporas,
    size_residents,
    top_size,
)
from sim.world.users_apart import holding_of, leaning_of, users_apart
from sim.world.weight_limit import LEAST_OF_ALL, MARGIN, Floors, Use, floors_for, sampled_users
from sim.world.youth import lean_table

TARGET_USERS = 500  # simulated users of a platform that a scenario names, in the states concerned
WORLD_BUDGET = 0.25  # assumption: of all simulated people, for platforms that only `world:` names


@dataclass(frozen=True)
class Sample:
    """The groups of a world.

    Attributes
    ----------
    groups : list of Group
    penetration : numpy.ndarray, shape (groups, platforms)
        Share of each group that uses each platform on the first day.
    around : numpy.ndarray, shape (groups, platforms)
        The same as people see it: users who are sampled separately, and other residents, see the shares of all
        residents.
    users : tuple of Sampled
        How the users of each targeted platform are sampled in the states that act.
    """

    groups: list[Group]
    penetration: np.ndarray
    around: np.ndarray
    users: tuple[Sampled, ...]


class _Plan(NamedTuple):
    """What all members of an ensemble share.

    Attributes
    ----------
    kept : list of (Corridor, int)
        The diasporas, and the simulated members of each.
    floors : Floors
    residents : mapping of str to int
        Simulated people of each group of residents, by label.
    """

    kept: list[tuple[Corridor, int]]
    floors: Floors
    residents: Mapping[str, int]


def sample_groups(spec: Scenario, setting: Setting, top: int | None = None) -> Sample:
    """Return the groups of a world, and who uses what in each.

    Parameters
    ----------
    spec : Scenario
        Of one member.
    setting : Setting
        The facts with the scenario's changes.
    top : int, optional
        Simulated members of the diaspora that is exposed most; by default `strata.top_size` of the scenario's people.
    """
    written, planned = spec.drawn_from, setting
    if written is not spec:
        planned = make_setting(written)
        if not _is_alike(spec, setting, written, planned):
            written, planned = spec, setting
    plan = _plan_once(written, planned, top_size(spec.people) if top is None else top)
    people = _online(setting, spec)[0]
    kept = [(replace(c, people=people.get(_key(c), c.people)), size) for c, size in plan.kept]
    within = communities_of(spec, setting)
    moved = moved_groups(kept, families_by_rules(setting.parameters), setting.users, within)
    left, within = people_left(setting.users, moved, within)
    within += _users_apart(setting, plan.floors, left, within, moved)
    groups = all_groups(setting.users, left, within, moved, _no_more_than_real(plan.residents, left, within))
    table = penetration_of(setting, groups)
    users = sampled_users(platforms_concerned(spec, setting), groups, table, setting.platforms)
    return Sample(groups, table, _around(groups, table), users)


def _is_alike(spec: Scenario, setting: Setting, written: Scenario, planned: Setting) -> bool:
    """Return whether two scenarios differ in numbers alone, so that one can have the groups of the other."""
    named = [{state: set(names) for state, names in one.world.communities.items()} for one in (spec, written)]
    same = (spec.people, spec.policies, setting.states) == (written.people, written.policies, planned.states)
    return same and setting.platforms == planned.platforms and named[0] == named[1]


def _around(groups: Sequence[Group], table: np.ndarray) -> np.ndarray:
    """Return the shares that people see around them."""
    seen = table.copy()
    for row, group in enumerate(groups):
        if group.tail is not None:
            rest = next(r for r, g in enumerate(groups) if g.is_rest and g.residence == group.residence)
            people = np.array([group.people, groups[rest].people])
            seen[[row, rest]] = people @ table[[row, rest]] / people.sum()
    return seen


def penetration_of(
    setting: Setting, groups: Sequence[Group], platforms: Sequence[str] | None = None, *, usual: bool = False
) -> np.ndarray:
    """Return the share of each group that uses each platform, shape (groups, platforms).

    Parameters
    ----------
    setting : Setting
    groups : sequence of Group
    platforms : sequence of str, optional
        The columns; by default all platforms.
    usual : bool
        Whether to take parameters as in their table, not those that a member draws.
    """
    blocked = frozenset(pair for pair, technique in setting.blocks.items() if technique != "calls_only")
    name = "people.origin_platform_share"
    share = setting.facts.parameters[name].value if usual else setting.parameters[name]
    names = setting.platforms if platforms is None else platforms
    return group_penetration(setting.facts, setting.penetration, blocked, groups, names, share)


def _key(corridor: Corridor) -> tuple[str, str, str]:
    return corridor.residence, corridor.origin, corridor.community


def _online(setting: Setting, spec: Scenario) -> tuple[dict[tuple[str, str, str], float], list[Corridor]]:
    """Return internet users of each diaspora [persons], and the diasporas worth simulating."""
    share = {code: min(1.0, setting.users[code] / fact.population.value) for code, fact in setting.state_facts.items()}
    stock = {pair: q.value for pair, q in setting.facts.migrants.items() if pair[0] in share and pair[1] in share}
    focus = states_concerned(spec)
    own, stock = diasporas_of_communities(spec, stock, share, focus)
    corridors = [*own, *choose_corridors(stock, share, focus, named_corridors(spec))]
    return {_key(c): c.people for c in corridors}, corridors


_latest: list[tuple[Scenario, Setting, int, _Plan]] = []
"""The latest plan, after the arguments that it was made from."""


def _plan_once(spec: Scenario, setting: Setting, top: int) -> _Plan:
    """Return the same as `_plan`; members of an ensemble that run one after another share one plan."""
    for known, planned, people, plan in _latest:
        if people == top and planned.facts is setting.facts and known == spec:
            return plan
    plan = _plan(spec, setting, top)
    _latest[:] = [(spec, setting, top, plan)]
    return plan


def _plan(spec: Scenario, setting: Setting, top: int) -> _Plan:
    """Return the plan of a scenario as it is written."""
    usual = families_by_rules({name: q.value for name, q in setting.facts.parameters.items()})
    within, pairs = communities_of(spec, setting), list(dict.fromkeys(platforms_concerned(spec, setting)))
    corridors = _online(setting, spec)[1]
    groups = _unsized([(c, 1) for c in corridors], usual, setting, within)
    table = penetration_of(setting, groups, usual=True)
    corridors = with_exposure(corridors, groups, table, spec, setting)
    corridors = _with_least(corridors, groups, table, pairs, setting.platforms, top)
    kept = size_diasporas(corridors, usual, spec.people, top)
    moved = moved_groups(kept, usual, setting.users, within)
    left, within = people_left(setting.users, moved, within)
    sizes = _resident_sizes(spec, setting, (left, within, moved), Floors({}, {}, {}), {})
    groups = all_groups(setting.users, left, within, moved, sizes)
    of_world = list(dict.fromkeys(_named_by_world(spec)))
    named = list(dict.fromkeys(name for _, name in (*pairs, *of_world)))
    use = _Census(groups, penetration_of(setting, groups, named, usual=True), named)
    floors = floors_for(use.among_residents(pairs), spec.people)
    within += _users_apart(setting, floors, left, within, moved)
    wanted = _wanted(spec.people, use, pairs, of_world, floors)
    return _Plan(kept, floors, _resident_sizes(spec, setting, (left, within, moved), floors, wanted))


def _unsized(
    kept: Sequence[tuple[Corridor, int]], families: float, setting: Setting, within: Sequence[Within]
) -> list[Group]:
    """Return groups whose residents have no size yet."""
    moved = moved_groups(kept, families, setting.users, within)
    left, within = people_left(setting.users, moved, within)
    sizes = dict.fromkeys([*setting.users, *(w.label for w in within)], 0)
    return all_groups(setting.users, left, within, moved, sizes)


def _with_least(
    corridors: Sequence[Corridor],
    groups: Sequence[Group],
    table: np.ndarray,
    pairs: Sequence[tuple[str, str]],
    platforms: Sequence[str],
    top: int,
) -> list[Corridor]:
    """Return the diasporas with the members that the weight limit asks for, their own weight and their families'.

    A member weighs as much as a member of the families does, and both count where they live. A platform that would take
    more members than any diaspora has (``top``) asks for none: they would not be enough.
    """
    row_of = {group.label: row for row, group in enumerate(groups)}
    of_state: dict[str, list[tuple[np.ndarray, float]]] = {}
    for state, platform in pairs:
        column = table[:, platforms.index(platform)]
        users = sum(float(column[row]) * g.people for row, g in enumerate(groups) if g.residence == state)
        if users > 0:
            of_state.setdefault(state, []).append((column, users))
    found = []
    for corridor in corridors:
        least = 0
        for end in (corridor.name, corridor.name.families):
            row = row_of[str(end)]
            for column, users in of_state.get(groups[row].residence, ()):
                needed = math.ceil(MARGIN * LEAST_OF_ALL * corridor.people / users)
                # If so few people would be simulated that none of them uses it, they have no weight among its users.
                size = needed * groups[row].people / corridor.people
                least = max(least, needed if float(column[row]) * size >= 0.5 and needed <= top else 0)
        found.append(replace(corridor, least=least))
    return found


class _Census(NamedTuple):
    """Groups and what they use of the platforms that a scenario names."""

    groups: Sequence[Group]
    table: np.ndarray  # (groups, named platforms) share of each group that uses each platform
    named: Sequence[str]

    def among_residents(self, pairs: Sequence[tuple[str, str]]) -> list[Use]:
        """Return the platforms, by state, that residents use."""
        found = []
        for state, platform in pairs:
            column = self.table[:, self.named.index(platform)]
            rows = [row for row, g in enumerate(self.groups) if g.residence == state]
            rest = next(row for row in rows if self.groups[row].is_rest)
            users = sum(float(column[row]) * self.groups[row].people for row in rows)
            if column[rest] > 0 and users > 0:
                residents = self.groups[rest]
                found.append(Use(state, platform, residents.people, residents.size, float(column[rest]), users))
        return found

    def lacking(self, use: Use) -> int:
        """Return the residents at which a platform has `TARGET_USERS` simulated users; 0 where it has them anyway."""
        column = self.table[:, self.named.index(use.platform)]
        here = [
            (float(column[row]) * g.size, g.is_rest) for row, g in enumerate(self.groups) if g.residence == use.state
        ]
        others = sum(n for n, is_rest in here if not is_rest)
        short = sum(n for n, _ in here) < TARGET_USERS
        return math.ceil((TARGET_USERS - others) / use.share) if short else 0


def _named_by_world(spec: Scenario) -> list[tuple[str, str]]:
    """Return the (state, platform) that the world of a scenario names."""
    named = [(state, name) for state, row in spec.world.penetration.items() for name in row]
    return named + [(state, name) for state, names in spec.world.blocks.items() for name in names]


def _wanted(
    people: int, use: _Census, pairs: Sequence[tuple[str, str]], of_world: Sequence[tuple[str, str]], floors: Floors
) -> dict[str, int]:
    """Return the residents at which a named platform has `TARGET_USERS` simulated users, by state.

    What policies target comes first. What only `world:` names comes second, the common platforms first, as far as
    there is room.
    """
    wanted: dict[str, int] = {}
    for one in use.among_residents(pairs):
        if one.platform not in floors.apart.get(one.state, ()):
            wanted[one.state] = max(wanted.get(one.state, 0), use.lacking(one))
    room = min(WORLD_BUDGET * people, FLOOR_BUDGET * people - sum(wanted.values()))
    for one in sorted(use.among_residents(of_world), key=lambda u: (-u.share, u.state, u.platform)):
        more = use.lacking(one) - wanted.get(one.state, 0)
        if one.platform not in floors.apart.get(one.state, ()) and 0 < more <= room:
            room, wanted[one.state] = room - more, wanted.get(one.state, 0) + more
    return {state: n for state, n in wanted.items() if n}


def _users_apart(
    setting: Setting, floors: Floors, left: dict[str, float], within: Sequence[Within], moved: Sequence[Group]
) -> list[Within]:
    """Return the residents who use targeted platforms, where they are groups of their own (taken out of ``left``)."""
    if not floors.apart:
        return []
    sizes = dict.fromkeys([*setting.users, *(w.label for w in within)], 0)
    groups = all_groups(setting.users, left, within, moved, sizes)
    table = penetration_of(setting, groups)
    lean = lean_table(setting.facts.youth_lean, list(floors.apart), setting.platforms)
    found = []
    for leans, (state, names) in zip(lean, floors.apart.items(), strict=True):
        rest = next(row for row, g in enumerate(groups) if g.is_rest and g.residence == state)
        shares = dict(zip(setting.platforms, table[rest].tolist(), strict=True))
        chosen = [name for name in names if shares[name] > 0]
        if not chosen:
            continue
        leaning = {
            name: leaning_of(value, setting.parameters)
            for name, value in zip(setting.platforms, leans.tolist(), strict=True)
        }
        vpn = float(setting.vpn_share[setting.states.index(state)]), holding_of(setting.parameters)
        tail, uses = users_apart(shares, chosen, leaning, vpn)
        found.append(Within(state, USERS, tail.share * left[state], uses, tail))
        left[state] -= found[-1].people
    return found


def _resident_sizes(
    spec: Scenario,
    setting: Setting,
    parts: tuple[Mapping[str, float], Sequence[Within], Sequence[Group]],
    floors: Floors,
    wanted: Mapping[str, int],
) -> dict[str, int]:
    """Return the simulated people of each group of residents, by label."""
    left, within, moved = parts
    apart = {w.label: floors.sizes[w.state] for w in within if w.name == USERS}
    residents = {w.label: Residents(w.state, w.people, LEAST_SIZE) for w in within if w.label not in apart}
    for state in setting.users:
        must = max(MIN_RESIDENTS, floors.residents.get(state, 0))
        residents[state] = Residents(state, left[state], must, wanted.get(state, 0))
    room = spec.people - sum(g.size for g in moved) - sum(apart.values())
    return {**size_residents(residents, states_concerned(spec), max(0, room)), **apart}


def _no_more_than_real(sizes: Mapping[str, int], left: Mapping[str, float], within: Sequence[Within]) -> dict[str, int]:
    """Return the planned sizes of residents, none larger than the real people that a member has of them."""
    people = {**left, **{w.label: w.people for w in within}}
    return {label: at_most(sizes.get(label, LEAST_SIZE), real) for label, real in people.items()}

"""The number of simulated people in each group of a world.

Small groups are oversampled, so that a sample of a hundred thousand people is meaningful for a
group of two million. The number of simulated people of a diaspora depends on the possible effect of
policies on it. With *P* real people, of whom *E* are exposed,

    n = min(P, max(least, top x sqrt(E / largest E)))

The remaining people are residents, in each state in proportion to ``boost x sqrt(users)``, and at
least its floor. Both are power allocations with exponent 1/2 (Bankier 1988, The American
Statistician 42, 174-177), between Neyman's (exponent 1), which minimises the error of the total,
and equal errors in all groups (exponent 0).

Four simulated users must never represent a quarter of a targeted platform's users in a state,
because their random choices would then look like a result. More simulated residents keep this
limit. If too many would be needed, the residents who use the platform become a separate group
(``US:users``). Users have a higher leaning to a platform than others. Leaning is correlated with
online activity and youth, and so with the leaning to other platforms; the group is drawn from this
tail of the distribution (`splinternet.world.people`).

The plan follows from the scenario as written, not from draws. All seeds of an ensemble, and all
points of a sweep over numbers of the world or of policies, have the same groups in the same order,
with the same numbers of simulated residents and people in diasporas. Only the size of families
depends on the draw of a seed, because both ends of a tie have the same weight. A seed can therefore
have more or fewer simulated people than the scenario states.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from ..core.groups import FEW, PART, USERS, Sampled, design_effect
from ..facts.model import REST_OF_WORLD
from ..people.access import TALK
from ..people.setting import Setting, blocks_under
from ..policies.values import MOST_ASKED
from ..scenario import Scenario
from ..scenario.scenario import restricts
from .classes import narrowed_parts, share_meant
from .groups import Corridor, Stratum, Tail, corridors_of, partition, penetration_of
from .people import Leaning, depth_in_tail, holding_of, lean_table, leaning_of
from .scenario_setting import make_setting

TOP_SIZE = (
    2_000  # assumption: simulated people of the most exposed diaspora; a share of 1 % is +-0.2 %
)
LEAST_SIZE = 100  # assumption: simulated people of any diaspora that a policy can reach
OTHER_SIZE = 60  # assumption: twice the smallest cell in printed results
LEAST_SHARE = 0.005  # assumption: LEAST_SIZE in a small world, as a share of all simulated people
GROWS_FROM = 100_000  # assumption: total of simulated people above which diasporas grow with it
SHRINKS = (
    1 / 3
)  # assumption: below it, the most exposed diaspora shrinks with this power of the total
DIASPORA_BUDGET = (
    0.6  # assumption: largest share of the simulated people in diaspora and family groups
)
# assumption: share of all simulated people for diasporas and families above their least size
TOP_BUDGET = 0.3
FOCUS_BOOST = 4.0  # assumption: factor on the simulated residents of a state concerned
# assumption: factor on those of the rest of the world, which has no detailed results
REST_BOOST = 0.25
# assumption: largest share of simulated residents for users of named platforms
FLOOR_BUDGET = 0.6
MIN_RESIDENTS = 30  # simulated residents of any state: the smallest cell in printed results
TARGET_USERS = 500  # simulated users of a platform that a scenario names, in the states concerned
WORLD_BUDGET = (
    0.25  # assumption: share of all simulated people for platforms that only `world:` names
)
LEAST_OF_ALL = FEW / PART
"""Number of simulated users of a platform at the largest allowed weight."""
# assumption: margin on the limit, since users change slightly with the simulated diasporas
MARGIN = 1.1
LEAST_USERS = 100  # simulated residents who use a targeted platform, which are enough for the limit
PLAIN_BUDGET = 0.25  # assumption: share of all simulated people for residents added for this
PLAIN_EACH = 0.1  # assumption: share for one state; above it, users are sampled separately
USERS_SIZE = 500  # simulated residents who use a targeted platform, as a separate group
USERS_BUDGET = 0.1  # assumption: share of all simulated people for all such groups
_TAIL_STEPS = 200  # quantiles of the tail over which shares are averaged


class Sample(NamedTuple):
    """The groups of a world."""

    groups: list[Stratum]
    penetration: (
        np.ndarray
    )  # (groups, platforms) share of each group that uses each platform on the first day
    # (groups, platforms) the share around people: separately sampled users, and other residents,
    # see that of all residents
    around: np.ndarray
    users: tuple[
        Sampled, ...
    ]  # samples of the users of each targeted platform in the states that act


class Floors(NamedTuple):
    """Ways to simulate enough residents who use the targets of policies, by state."""

    residents: Mapping[str, int]  # least simulated residents
    apart: Mapping[str, tuple[str, ...]]  # platforms whose resident users are a separate group
    sizes: Mapping[str, int]  # simulated people of those groups


class Plan(NamedTuple):
    """The parts of a world that all seeds of an ensemble share."""

    corridors: list[tuple[Corridor, int]]  # the diasporas, with the simulated people of each
    floors: Floors
    residents: Mapping[str, int]  # simulated people of each group of residents, by label


class Use(NamedTuple):
    """A targeted platform in a state: its users among the residents."""

    state: str
    platform: str
    residents: float  # residents who belong to no other group [persons]
    simulated: int  # simulated residents without any floor
    share: float  # share of these residents who use it [1]
    limit: int  # simulated residents for which the weight is within the limit
    least: int  # simulated residents of whom `LEAST_USERS` use it; 0 if they do anyway
    # simulated residents of whom `TARGET_USERS` use it; 0 if they do anyway
    wanted: int


def sample_groups(spec: Scenario, setting: Setting) -> Sample:
    """Return the groups of a world, and the use of platforms in each.

    Parameters
    ----------
    spec : Scenario
        The scenario of one seed.
    setting : Setting
        The facts with the scenario's changes.
    """
    plan = plan_for(spec, setting)
    people = {c.label: c.people for c in corridors_of(spec, setting, states_concerned(spec))}
    corridors = [
        (replace(c, people=people.get(c.label, c.people)), size) for c, size in plan.corridors
    ]
    groups = partition(corridors, families_per_member(setting.parameters), setting.users, spec)
    groups = [
        replace(g, size=plan.residents[g.label]) if g.side == "resident" else g
        for g in _with_users_apart(setting, groups, plan.floors)
    ]
    table = penetration_of(setting, groups)
    around = table.copy()
    for row, group in enumerate(groups):
        if group.tail is not None:
            rest = next(r for r, g in enumerate(groups) if g.is_rest and g.home == group.home)
            weights = np.array([group.people, groups[rest].people])
            around[[row, rest]] = weights @ table[[row, rest]] / weights.sum()
    users = sampled_users(platforms_concerned(spec, setting), groups, table, setting.platforms)
    return Sample(groups, table, around, users)


_latest: deque[tuple[Scenario, Setting, Plan]] = deque(maxlen=8)
"""The latest plans, with their arguments: without them, each seed would take a tenth of a second
longer.
"""


def plan_for(spec: Scenario, setting: Setting) -> Plan:
    """Return the plan of the written scenario behind a seed or a point.

    All seeds of a point have the same plan. It is that of the scenario that the points vary, unless
    the point differs from it in more than numbers.
    """
    origin = spec
    planned = spec, setting
    while (written := origin.drawn_from) is not origin:
        origin = written
        of_origin = make_setting(origin)
        if _kinds(origin, of_origin) == _kinds(spec, setting):
            planned = origin, of_origin
    return plan_of(*planned)


def _kinds(spec: Scenario, setting: Setting) -> tuple[object, ...]:
    """Return the properties that determine a scenario's groups, which exclude numbers of the world
    and of policies.
    """
    policies = [(p.concerns(), p.targets, restricts(p), p.relieves()) for p in spec.policies]
    communities = {state: set(named) for state, named in spec.world.communities.items()}
    return spec.people, policies, setting.states, setting.platforms, communities


def plan_of(spec: Scenario, setting: Setting) -> Plan:
    """Return the plan of a scenario as written; consecutive seeds of an ensemble share it."""
    for planned_spec, planned, plan in tuple(_latest):  # another thread may add one
        if planned.facts is setting.facts and planned_spec == spec:
            return plan
    top = top_size(spec.people)
    families = families_per_member({name: q.value for name, q in setting.facts.parameters.items()})
    corridors = _with_exposure(spec, setting, families, top)
    sized = size_diasporas(corridors, families, spec.people, top)
    groups = partition(sized, families, setting.users, spec)
    sizes = _size_residents(spec, groups, Floors({}, {}, {}), {}, {})
    of_world = [(state, name) for state, row in spec.world.penetration.items() for name in row]
    of_world += [(state, name) for state, names in spec.world.blocks.items() for name in names]
    targeted = platforms_concerned(spec, setting)
    with_sizes = [replace(g, size=sizes[g.label]) if g.side == "resident" else g for g in groups]
    table = penetration_of(setting, with_sizes, usual=True)
    uses, others = (
        _uses_of(dict.fromkeys(pairs), with_sizes, table, setting.platforms)
        for pairs in (targeted, of_world)
    )
    floors = floors_for(uses, spec.people)
    wanted = _wanted_residents(spec.people, uses, others, floors)
    divided = _with_users_apart(setting, groups, floors)
    meant = _asked_for(spec, setting, divided)
    sizes = _size_residents(spec, divided, floors, wanted, meant)
    plan = Plan(sized, floors, sizes)
    _latest.append((spec, setting, plan))
    return plan


def families_per_member(q: Mapping[str, float]) -> float:
    """Return the people in families left behind per person in a diaspora, from the parameters."""
    return (
        q["ties.kin_abroad"] / q["ties.kin_per_family_member"] * (1.0 - q["ties.no_family_share"])
    )


def states_concerned(spec: Scenario) -> frozenset[str]:
    """Return the states whose people the policies concern, or whose blocks differ between the
    arms.
    """
    acting = {state for policy in spec.policies for state in policy.concerns()}
    return frozenset(acting | set(spec.world.blocks_policy_arm)) - {REST_OF_WORLD}


def platforms_concerned(spec: Scenario, setting: Setting) -> list[tuple[str, str]]:
    """Return the distinct (state, platform) pairs that policies target or that are blocked in only
    one arm.
    """
    named = [
        (state, target)
        for policy in spec.policies
        for target in policy.targets
        for state in policy.concerns()
    ]
    after = blocks_under(spec.world.blocks_policy_arm, setting.blocks, setting.facts)
    return list(dict.fromkeys(named + sorted(set(after) ^ set(setting.blocks))))


def _with_exposure(spec: Scenario, setting: Setting, families: float, top: int) -> list[Corridor]:
    """Return the diasporas with their exposed people, and the simulated people that the weight
    limit requires.

    Notes
    -----
    Of *P* people, *E* = *P* x (1 - product over platforms of (1 - *u v*)) use one of the platforms
    with the other end, with the shares of users *u* and *v* at the two ends, assumed to be
    independent. A platform that is closed at one end on the first day does not count. If some
    targets of a policy carry talk, only these count; a policy without a named platform can affect
    all of them. Courts, extensions, promotions and relief are left out, because they remove
    nothing. If the policy arm lifts a block, everybody at that end could adopt the platform, so its
    share counts as 1.
    """
    corridors = corridors_of(spec, setting, states_concerned(spec))
    groups = partition([(c, 1) for c in corridors], families, setting.users, spec)
    table = penetration_of(setting, groups, usual=True)
    row_of = {group.label: row for row, group in enumerate(groups)}
    names = setting.platforms
    talk = np.array([bool(set(setting.platform_facts[p].modes) & set(TALK)) for p in names])
    after = blocks_under(spec.world.blocks_policy_arm, setting.blocks, setting.facts)
    # Blocked platforms by state, without blocks of calls alone.
    closed, closed_after = (
        {
            s: np.array([blocks.get((s, n), "calls_only") != "calls_only" for n in names])
            for s in setting.states
        }
        for blocks in (setting.blocks, after)
    )
    takes = [p for p in spec.policies if restricts(p) and not p.relieves()]
    acts = [(state, policy.targets) for policy in takes for state in policy.concerns()]
    acts += [(state, (platform,)) for state, platform in set(after) ^ set(setting.blocks)]
    aims = []
    for state, targets in acts:
        aimed = np.array([not targets or name in targets for name in names])
        aims.append((state, aimed & talk if (aimed & talk).any() else aimed))
    exposed = []
    for corridor in corridors:
        here = corridor.residence
        there = corridor.origin
        members = 0.0
        if hit := [aimed for state, aimed in aims if state in (here, there)]:
            abroad = table[row_of[corridor.label]]
            home = table[row_of[corridor.families.label]]
            both = np.where(
                np.logical_or.reduce(hit) & ~(closed[here] | closed[there]), abroad * home, 0.0
            )
            opens = (
                talk & (closed[here] ^ closed[there]) & ~(closed_after[here] | closed_after[there])
            )
            both = np.where(opens, np.where(closed[here], home, abroad), both)
            members = corridor.people * float(1.0 - np.prod(1.0 - both))
        exposed.append(replace(corridor, exposed=members))
    return _with_least(exposed, groups, table, spec, setting, top)


def _with_least(
    corridors: Sequence[Corridor],
    groups: Sequence[Stratum],
    table: np.ndarray,
    spec: Scenario,
    setting: Setting,
    top: int,
) -> list[Corridor]:
    """Return the diasporas with the simulated people that the weight limit requires for their
    weight and their families'.

    People in a diaspora and in its families have the same weight, and count where they live. A
    platform that would need more people than any diaspora has (``top``) is ignored, because these
    would not suffice.
    """
    row_of = {group.label: row for row, group in enumerate(groups)}
    users_of: dict[str, list[tuple[np.ndarray, float]]] = {}
    for state, platform in platforms_concerned(spec, setting):
        column = table[:, setting.platforms.index(platform)]
        users = sum(
            float(column[row]) * g.people for row, g in enumerate(groups) if g.home == state
        )
        if users > 0:
            users_of.setdefault(state, []).append((column, users))
    limited = []
    for corridor in corridors:
        least = 0
        for row in (row_of[corridor.label], row_of[corridor.families.label]):
            for column, users in users_of.get(groups[row].home, ()):
                needed = math.ceil(MARGIN * LEAST_OF_ALL * corridor.people / users)
                # If none of the few simulated people would use it, they do not count among its
                # users.
                size = needed * groups[row].people / corridor.people
                least = max(
                    least, needed if float(column[row]) * size >= 0.5 and needed <= top else 0
                )
        limited.append(replace(corridor, least=least))
    return limited


def top_size(people: int) -> int:
    """Return the simulated people of the most exposed diaspora, from the number in the world."""
    part = people / GROWS_FROM
    return int(TOP_SIZE * (part if part > 1.0 else part**SHRINKS))


def size_diasporas(
    corridors: Sequence[Corridor], families: float, people: int, top: int
) -> list[tuple[Corridor, int]]:
    """Return the diasporas for which there is room, with the simulated people of each.

    Parameters
    ----------
    corridors : sequence of Corridor
        Possible diasporas, in any order.
    families : float
        People in families left behind per person in a diaspora: the usual figure, not a draw, so
        that all seeds have the same groups.
    people : int
        Simulated people in all.
    top : int
        Simulated people of the most exposed diaspora, if there is room.

    Notes
    -----
    The docstring of this module has the formula. The least size is `LEAST_SIZE` if a policy can
    reach anybody, else `OTHER_SIZE`. ``top`` is lowered until the people above the least sizes fit
    `TOP_BUDGET`. The order is: the most exposed diaspora, which is smaller in a small world;
    diasporas for which the scenario has figures; the largest of the states that act; and the others
    by exposed people, until `DIASPORA_BUDGET` is spent. Other diasporas count as residents.
    """
    each = 1.0 + families
    grown = max(1.0, people / GROWS_FROM)
    reached = min(LEAST_SIZE * grown, max(OTHER_SIZE, LEAST_SHARE * people))
    most = max((c.exposed for c in corridors), default=0.0)

    def least(c: Corridor) -> int:
        usual = int(reached if c.exposed > 0 or c.named else OTHER_SIZE * grown)
        return at_most(min(top, max(usual, c.least)), c.people)

    leasts = np.array([least(c) for c in corridors], np.int64)
    limits = np.array([at_most(top, c.people) for c in corridors], np.int64)
    parts = np.array([math.sqrt(c.exposed / most) if most > 0 else 0.0 for c in corridors])

    def sizes(highest: float) -> np.ndarray:
        return np.maximum(leasts, np.clip((highest * parts).astype(np.int64), 1, limits))

    def importance(c: Corridor) -> tuple[object, ...]:
        is_largest = c.largest and c.exposed > 0
        rank = (
            c.exposed < most or most <= 0.0,
            not c.named,
            not is_largest,
            -c.exposed,
            not c.relevant,
            -c.people,
        )
        return *rank, c.residence, c.origin, c.community

    highest = _largest(
        lambda x: each * int((sizes(x) - leasts).sum()) <= TOP_BUDGET * people,
        float(top),
    )
    kept: list[tuple[Corridor, int]] = []
    budget = DIASPORA_BUDGET * people
    sized = zip(corridors, sizes(highest).tolist(), strict=True)
    for corridor, n in sorted(sized, key=lambda pair: importance(pair[0])):
        if not kept:
            n = max(1, min(n, int(budget / each)))
        budget -= n * each
        if budget < 0 and kept:
            break
        kept.append((corridor, n))
    return kept


def at_most(size: int, people: float) -> int:
    """Return a size that does not exceed the real people, and is not zero."""
    return max(1, min(size, int(people)))


def _largest(fits: Callable[[float], bool], most: float) -> float:
    """Return the largest number up to ``most`` that fits; all smaller numbers must fit as well."""
    if fits(most):
        return most
    low = 0.0
    high = most
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _size_residents(
    spec: Scenario,
    groups: Sequence[Stratum],
    floors: Floors,
    wanted: Mapping[str, int],
    meant: Mapping[str, int],
) -> dict[str, int]:
    """Return the simulated people of each group of residents, by label; at most the real ones.

    Sizes follow the square root of a group's users, with more people where a policy applies. The
    total exceeds the remaining people of the scenario only if the floors require it. ``wanted`` are
    residents to add to a state if there is room, ``meant`` the least sizes of groups by label.
    """
    apart = {g.label: floors.sizes[g.home] for g in groups if g.is_users}
    residents = [g for g in groups if g.side == "resident" and not g.is_users]
    room = max(0, spec.people - sum(g.size for g in groups) - sum(apart.values()))
    boost = dict.fromkeys(states_concerned(spec), FOCUS_BOOST) | {REST_OF_WORLD: REST_BOOST}
    # Small floors are met fully, the others in equal parts.
    given: dict[str, int] = {}
    for done, state in enumerate(sorted(wanted, key=lambda s: (wanted[s], s))):
        share = (int(FLOOR_BUDGET * room) - sum(given.values())) // (len(wanted) - done)
        given[state] = min(wanted[state], share)
    root = np.array([math.sqrt(max(0.0, g.people)) * boost.get(g.home, 1.0) for g in residents])
    floor = {g.label: LEAST_SIZE for g in residents if g.community}
    for state in (g.home for g in residents if g.is_rest):
        floor[state] = max(MIN_RESIDENTS, floors.residents.get(state, 0), given.get(state, 0))
    floor |= {label: max(least, floor[label]) for label, least in meant.items()}

    lows = np.array([floor[g.label] for g in residents], np.int64)
    limits = np.array([max(1, int(g.people)) for g in residents], np.int64)

    def sizes(factor: float) -> np.ndarray:
        wanted = np.minimum(factor * root, limits).astype(np.int64)
        return np.clip(np.maximum(lows, wanted), 1, limits)

    # The other groups shrink in proportion to the additions by floors, so that the total stays near
    # the requested one.
    scale = room / max(1e-9, min((r for r in root.tolist() if r > 0), default=1.0))
    found = sizes(_largest(lambda factor: int(sizes(factor).sum()) <= room, scale)).tolist()
    return dict(zip([g.label for g in residents], found, strict=True)) | apart


def _asked_for(spec: Scenario, setting: Setting, groups: Sequence[Stratum]) -> dict[str, int]:
    """Return the least sizes of groups, by label, that policies request (``who: {simulated:
    400}``).

    The groups are residents, of whom a part is concerned: a region with a hundredth of a state
    needs a hundred times as many. The total is at most `MOST_ASKED` times the scenario's people.
    """
    asked: dict[str, int] = {}
    for policy in narrowed_parts(spec.policies):
        who = policy.who
        if who is None or who.simulated is None:
            continue
        for group in groups:
            if group.home not in policy.concerns() or group.side != "resident" or group.is_users:
                continue
            part = share_meant(who, group, setting, spec.start.year)
            if part > 0.0 and (who.community is not None or group.is_rest):
                needed = math.ceil(who.simulated / part)
                asked[group.label] = max(asked.get(group.label, 0), needed)
    each = min(1.0, MOST_ASKED * spec.people / max(1, sum(asked.values())))
    return {label: int(each * needed) for label, needed in asked.items()}


def _uses_of(
    pairs: Iterable[tuple[str, str]],
    groups: Sequence[Stratum],
    table: np.ndarray,
    names: Sequence[str],
) -> list[Use]:
    """Return the platforms, by state, that residents use; ``names`` are the columns of
    ``table``.
    """
    uses = []
    for state, platform in pairs:
        column = table[:, names.index(platform)].tolist()
        here = [(g, share) for g, share in zip(groups, column, strict=True) if g.home == state]
        rest, share = next((g, share) for g, share in here if g.is_rest)
        users = sum(s * g.people for g, s in here)
        if share > 0 and users > 0:
            others = sum(s * g.size for g, s in here if not g.is_rest)
            short = sum(s * g.size for g, s in here) < TARGET_USERS
            wanted = math.ceil((TARGET_USERS - others) / share) if short else 0
            limit = math.ceil(MARGIN * LEAST_OF_ALL * rest.people / users)
            least = math.ceil(LEAST_USERS / share) if rest.size * share < LEAST_USERS else 0
            uses.append(Use(state, platform, rest.people, rest.size, share, limit, least, wanted))
    return uses


def _wanted_residents(
    people: int, uses: Sequence[Use], of_world: Sequence[Use], floors: Floors
) -> dict[str, int]:
    """Return the simulated residents for which a named platform has `TARGET_USERS` simulated users,
    by state.

    Platforms that policies target come first. Platforms that only `world:` names come second, the
    common ones first, while there is room.
    """
    wanted: dict[str, int] = {}
    for use in uses:
        if use.platform not in floors.apart.get(use.state, ()):
            wanted[use.state] = max(wanted.get(use.state, 0), use.wanted)
    room = min(WORLD_BUDGET * people, FLOOR_BUDGET * people - sum(wanted.values()))
    for use in sorted(of_world, key=lambda u: (-u.share, u.state, u.platform)):
        more = use.wanted - wanted.get(use.state, 0)
        if use.platform not in floors.apart.get(use.state, ()) and 0 < more <= room:
            room = room - more
            wanted[use.state] = wanted.get(use.state, 0) + more
    return {state: n for state, n in wanted.items() if n}


def floors_for(uses: Sequence[Use], people: int) -> Floors:
    """Return the floors by which enough simulated residents use the targets.

    Parameters
    ----------
    uses : sequence of Use
        Targeted platforms with users among the residents.
    people : int

    Notes
    -----
    The more common platforms get more residents, each state up to `PLAIN_EACH` of all people and
    all states together up to `PLAIN_BUDGET`. For other platforms, the users in a state are a
    separate group. It has `USERS_SIZE` people, within `USERS_BUDGET`, and more if the rarest
    platform would have fewer than `LEAST_USERS` of them. If it would be too small for the weight
    limit, its most common platforms are left to the other residents. A platform with `LEAST_USERS`
    simulated users is within the limit: each represents at most 1 % of its users.
    """
    residents: dict[str, int] = {}
    apart: dict[str, list[Use]] = {}
    room = PLAIN_BUDGET * people
    for use in sorted(uses, key=lambda u: (u.least, u.state, u.platform)):
        more = max(0, use.least - max(use.simulated, residents.get(use.state, 0)))
        if not use.least or (use.least <= PLAIN_EACH * people and more <= room):
            room -= more
            residents[use.state] = max(residents.get(use.state, 0), use.least)
        else:
            apart.setdefault(use.state, []).append(use)

    def limit(uses: Sequence[Use]) -> int:
        return max(math.ceil(share_of_any(u.share for u in uses) * u.limit) for u in uses)

    budget = int(USERS_BUDGET * people)
    sizes = dict[str, int]()
    for state, here in apart.items():
        each = budget // len(apart)
        while len(here) > 1 and limit(here) > each and here[0].limit <= PLAIN_EACH * people:
            residents[state] = max(residents.get(state, 0), here.pop(0).limit)
        share = share_of_any(u.share for u in here)
        rarest = math.ceil(LEAST_USERS * share / min(u.share for u in here))
        wanted = min(max(USERS_SIZE, rarest), each)
        sizes[state] = max(1, min(max(wanted, limit(here)), int(share * here[0].residents), budget))
    return Floors(
        residents, {state: tuple(u.platform for u in here) for state, here in apart.items()}, sizes
    )


def _with_users_apart(setting: Setting, groups: Sequence[Stratum], floors: Floors) -> list[Stratum]:
    """Return the groups, with separate users of targeted platforms among the residents if the
    floors require it.
    """
    divided = [*groups]
    if not floors.apart:
        return divided
    table = penetration_of(setting, groups)
    lean = lean_table(setting.facts.youth_lean, list(floors.apart), setting.platforms)
    for leans, (state, names) in zip(lean.tolist(), floors.apart.items(), strict=True):
        row, rest = next((row, g) for row, g in enumerate(groups) if g.is_rest and g.home == state)
        shares = dict(zip(setting.platforms, table[row].tolist(), strict=True))
        chosen = [name for name in names if shares[name] > 0]
        if not chosen:
            # Here diasporas account for all use in the state. All seeds have the same groups, so
            # this one represents a single person.
            chosen = [names[0]]
            shares[names[0]] = 1.0 / max(1.0, rest.people)
        leaning = {
            n: leaning_of(x, setting.parameters)
            for n, x in zip(setting.platforms, leans, strict=True)
        }
        vpn = (
            float(setting.vpn_share[setting.states.index(state)]),
            holding_of(setting.parameters),
        )
        tail, uses = users_apart(shares, chosen, leaning, vpn)
        users = Stratum(state, state, "resident", USERS, tail.share * rest.people, 0, uses, tail)
        divided[divided.index(rest)] = replace(rest, people=rest.people - users.people)
        after = max(at for at, g in enumerate(divided) if g.side == "resident" and g.home == state)
        divided.insert(after + 1, users)
    return divided


def users_apart(
    shares: Mapping[str, float],
    chosen: Sequence[str],
    leaning: Mapping[str, Leaning],
    vpn: tuple[float, Leaning],
) -> tuple[Tail, dict[str, float]]:
    """Return the people from whom a group of users is drawn, and the share of them who use each
    platform.

    Parameters
    ----------
    shares : mapping of str to float
        Share of all residents who use each platform [1].
    chosen : sequence of str
        The platforms with all their users in the group.
    leaning : mapping of str to Leaning
    vpn : tuple of (float, Leaning)
        Share of all residents with a VPN [1], and its relation to activity and youth.

    Notes
    -----
    The group is the share 1 - product of (1 - share) of the residents, as if they used the chosen
    platforms independently (assumption). Several chosen platforms have one leaning, the mean
    weighted by users.
    """
    in_group = share_of_any(shares[name] for name in chosen)
    users = sum(shares[name] for name in chosen)
    mean = Leaning(
        sum(shares[n] * leaning[n].activity for n in chosen) / users,
        sum(shares[n] * leaning[n].youth for n in chosen) / users,
        leaning[chosen[0]].together,
    )
    depth = depth_in_tail(in_group, (np.arange(_TAIL_STEPS) + 0.5) / _TAIL_STEPS).tolist()
    normal = NormalDist()

    def share_in_tail(share: float, other: Leaning) -> float:
        """Return the share of a platform's users among people with a high leaning to another one
        (bivariate normal).
        """
        if not 0.0 < share < 1.0:
            return share
        correlation = mean.correlation(other)
        threshold = normal.inv_cdf(1.0 - share)
        own = math.sqrt(1.0 - min(correlation * correlation, 0.999))
        return float(np.mean([normal.cdf((correlation * d - threshold) / own) for d in depth]))

    tail = Tail(
        frozenset(chosen), in_group, mean.with_activity, mean.with_youth, share_in_tail(*vpn)
    )
    uses = {
        name: min(1.0, share / in_group) if name in chosen else share_in_tail(share, leaning[name])
        for name, share in shares.items()
        if share > 0
    }
    return tail, uses


def share_of_any(shares: Iterable[float]) -> float:
    """Return the share of people who use any of several platforms, used independently of each other
    [1].
    """
    return 1.0 - math.prod(1.0 - share for share in shares)


def sampled_users(
    pairs: Iterable[tuple[str, str]],
    groups: Sequence[Stratum],
    table: np.ndarray,
    platforms: Sequence[str],
) -> tuple[Sampled, ...]:
    """Return the samples of users of targeted platforms with users on the first day.

    Parameters
    ----------
    pairs : iterable of (state, platform)
    groups : sequence of Stratum
    table : numpy.ndarray, shape (groups, platforms)
        Share of each group that uses each platform; a group has this share of its simulated people
        as users, rounded.
    platforms : sequence of str
    """
    sampled = []
    for state, platform in pairs:
        column = table[:, platforms.index(platform)]
        here = [(g, share) for g, share in zip(groups, column, strict=True) if g.home == state]
        users = float(sum(share * g.people for g, share in here))
        if users <= 0:
            continue
        counts = [round(float(share) * g.size) for g, share in here]
        # Residents are the majority, so their weight counts even for a platform that no simulated
        # resident uses.
        felt = [
            g
            for n, (g, share) in zip(counts, here, strict=True)
            if n or (g.side == "resident" and share > 0)
        ]
        heaviest = max(felt, key=lambda g: g.weight, default=here[0][0])
        effect = design_effect([g.weight for g, _ in here], counts)
        sampled.append(
            Sampled(state, platform, users, sum(counts), heaviest.weight, heaviest.label, effect)
        )
    return tuple(sampled)

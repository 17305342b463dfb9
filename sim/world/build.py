"""The world on its first day: facts and scenario become groups, people, ties and the columns that the kernels read.

A world is built once for each seed and shared by both arms of a pair; nothing in it changes during a run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.facts.model import REST_OF_WORLD, PlatformFact
from sim.mechanisms.access import TALK, AccessTable, bits
from sim.mechanisms.bonds import Bonds
from sim.mechanisms.settings import FRIEND, FULL, PLATFORM, TASTE, Columns, Rows, Rules
from sim.scenario import Scenario
from sim.world.agreement import make_bonds
from sim.world.kinship import choose_channels, shared_platforms
from sim.world.penetration import group_penetration
from sim.world.people import Holdings, make_people
from sim.world.scenario_setting import blocks_under, make_setting
from sim.world.scope import Scope, scope_of_groups
from sim.world.second_channels import closed_to_some
from sim.world.setting import Setting, first_access
from sim.world.strata import (
    FLOOR_BUDGET,
    NAMED_SIZE,
    TARGET_USERS,
    WORLD_BUDGET,
    Group,
    afford,
    choose_corridors,
    families_by_rules,
    make_groups,
)
from sim.world.ties import Ties, make_ties
from sim.world.youth import lean_table

CLOSE_KIND = 0.5  # kinds at least this close compete for the same attention
_APPLE, _APPLES_STORE = "Apple", "Apple App Store"
LEAST_ATTENTION = 0.05  # a platform that hardly anyone uses is worth this share of attention, before the exponent


@dataclass(frozen=True)
class World:
    """Everything that a run starts from.

    Attributes
    ----------
    spec : Scenario
    setting : Setting
        Facts with the scenario's changes.
    groups : list of Group
    first : numpy.ndarray of FIRST, shape (people,)
        Everybody on the first day.
    ties : Ties
    bonds : Bonds
        What decides how kin ties abroad come back.
    columns : Columns
        What the kernels read.
    rules : Rules
    access : AccessTable
        Of the first day.
    seed : int
    second_channels : numpy.ndarray, shape (corridors, 2), int64
        Family members who were to have a second channel abroad, and who have one: as far as each group has users.
    """

    spec: Scenario
    setting: Setting
    groups: list[Group]
    first: Rows
    ties: Ties
    bonds: Bonds
    columns: Columns
    rules: Rules
    access: AccessTable
    seed: int
    second_channels: np.ndarray


def states_concerned(spec: Scenario) -> frozenset[str]:
    """Return the states whose policies the scenario holds, or whose blocks differ between the arms."""
    acting = {state for policy in spec.policies for state in policy.by}
    return frozenset(acting | set(spec.world.blocks_policy_arm)) - {REST_OF_WORLD}


def platforms_concerned(spec: Scenario, setting: Setting) -> list[tuple[str, str]]:
    """Return (state, platform) of what policies target, and of what is blocked in one arm alone."""
    named = [(state, target) for policy in spec.policies for target in policy.targets for state in policy.by]
    other = blocks_under(spec.world.blocks_policy_arm, setting.blocks, setting.facts)
    return named + sorted(set(other) ^ set(setting.blocks))


def corridors_named(spec: Scenario, setting: Setting) -> frozenset[tuple[str, str]]:
    """Return the corridors that a scenario is about: between a state that acts and the home of its target."""
    named = set()
    for state, target in platforms_concerned(spec, setting):
        home = setting.platform_facts[target].home
        named |= {(state, home), (home, state)} if state != home else set()
    for state, row in setting.penetration.items():
        for figure in row.values():
            if not isinstance(figure, (int, float)):
                named |= {(state, origin) for origin in figure if origin not in ("other", state)}
    named |= {(residence, origin) for residence, origins in spec.world.migrants.items() for origin in origins}
    return frozenset(named)


def make_world(spec: Scenario, seed: int, *, named_size: int = NAMED_SIZE) -> World:
    """Build the world of a scenario for one seed.

    Parameters
    ----------
    spec : Scenario
    seed : int
        The member's seed; everything random is a function of it.
    named_size : int
        Simulated members of each diaspora that the scenario names.
    """
    setting = make_setting(spec)
    groups = _make_groups(spec, setting, named_size)
    access = first_access(setting)
    hidden = 1.0 - access.reach.max(axis=2)
    rules = setting.parameters
    penetration = _penetration(setting, groups)
    lean = lean_table(setting.facts.youth_lean, setting.states, setting.platforms)
    apples = _apple_only(setting)
    held = Holdings(penetration, setting.vpn_share, hidden, lean, setting.ios_share, apples)
    people = make_people(groups, setting.states, held, dict(rules), seed)
    ties = make_ties(people, groups, dict(rules), seed)
    talk = np.array([bool(set(setting.platform_facts[p].modes) & set(TALK)) for p in setting.platforms])
    apple = int(bits(apples[None, :])[0])
    corridor, shared = shared_platforms(groups, penetration, talk, hidden < 0.5, setting.states)
    closed = closed_to_some(groups, setting.states, hidden, apples)
    second = choose_channels(people, groups, ties, corridor, shared, closed, dict(rules), seed)
    scope = scope_of_groups(groups, setting, penetration, talk)
    bonds = make_bonds(people, groups, ties, setting, scope, seed)
    columns = _columns(setting, ties, penetration, scope, apple)
    return World(spec, setting, groups, people.rows(), ties, bonds, columns, _behaviour(setting), access, seed, second)


def _make_groups(spec: Scenario, setting: Setting, named_size: int) -> list[Group]:
    """Return the groups of the world; first without, then with room for the users of targeted platforms."""
    share = {code: min(1.0, setting.users[code] / fact.population.value) for code, fact in setting.state_facts.items()}
    stock = {pair: q.value for pair, q in setting.facts.migrants.items() if pair[0] in share and pair[1] in share}
    focus = states_concerned(spec)
    needed = frozenset((e.residence, e.origin) for e in spec.scene.exposures if e.largest and e.matters)
    corridors = choose_corridors(stock, share, focus, corridors_named(spec, setting), needed)
    usual = families_by_rules({name: q.value for name, q in setting.facts.parameters.items()})
    kept = afford(corridors, usual, spec.people, named_size)
    families = families_by_rules(setting.parameters)
    groups = make_groups(setting.users, kept, {}, families, focus, spec.people)
    short = _thin_targets(spec, setting, groups)
    return make_groups(setting.users, kept, short, families, focus, spec.people) if short else groups


def _thin_targets(spec: Scenario, setting: Setting, groups: list[Group]) -> dict[str, float]:
    """Return, for each state with too few simulated users of a named platform, the residents' share that uses it.

    What only `world:` names comes second, the common platforms first, as far as there is room.
    """
    short = _too_few(platforms_concerned(spec, setting), setting, groups)
    needed = {state: TARGET_USERS / share for state, share in short.items()}
    room = min(WORLD_BUDGET * spec.people, FLOOR_BUDGET * spec.people - sum(needed.values()))
    named = [(state, name) for state, row in spec.world.penetration.items() for name in row]
    named += [(state, name) for state, names in spec.world.blocks.items() for name in names]
    for state, share in sorted(_too_few(named, setting, groups, most=room).items(), key=lambda row: (-row[1], row[0])):
        more = TARGET_USERS / share - needed.get(state, 0.0)
        if 0 < more <= room:
            room, short[state] = room - more, share
    return short


def _too_few(
    pairs: Sequence[tuple[str, str]], setting: Setting, groups: list[Group], most: float = math.inf
) -> dict[str, float]:
    """Return, for each state with too few simulated users of one of its platforms, the residents' share that uses it.

    Pairs of (state, platform) that would need more than ``most`` residents are passed over.
    """
    table = _penetration(setting, groups)
    size = np.array([g.size for g in groups])
    short: dict[str, float] = {}
    for state, platform in pairs:
        column = table[:, setting.platforms.index(platform)]
        rows = [r for r, g in enumerate(groups) if g.residence == state]
        resident = next(r for r in rows if groups[r].role == "resident")
        users, share = float(column[rows] @ size[rows]), float(column[resident])
        if 0 < users < TARGET_USERS and share > 0:
            # Residents make up what the other groups lack.
            lacking = TARGET_USERS - (users - share * size[resident])
            if lacking / share <= most:
                short[state] = min(short.get(state, 1.0), share * TARGET_USERS / lacking)
    return short


def _penetration(setting: Setting, groups: list[Group]) -> np.ndarray:
    blocked = frozenset(pair for pair, technique in setting.blocks.items() if technique != "calls_only")
    share = setting.parameters["people.origin_platform_share"]
    return group_penetration(setting.facts, setting.penetration, blocked, groups, setting.platforms, share)


def _apple_only(setting: Setting) -> np.ndarray:
    """Return which platforms run on Apple's phones alone, shape (platforms,): from its store, or with its phones."""
    facts = [setting.platform_facts[name] for name in setting.platforms]
    return np.array([f.stores == (_APPLES_STORE,) or _comes_with_its_phones(f) for f in facts])


def _comes_with_its_phones(fact: PlatformFact) -> bool:
    return fact.owner == _APPLE and fact.kind == "messenger" and not fact.stores


def _behaviour(setting: Setting) -> Rules:
    """Return the rules of behaviour from the parameters."""
    q = setting.parameters
    choice = {f: q[f"choice.{f}"] for f in Rules._fields if f"choice.{f}" in q}
    return Rules(
        **choice,
        vpn_cost=q["circumvention.cost"],
        friction=q["circumvention.friction"],
        contagion=q["circumvention.contagion"],
        sideload_share=q["delisting.sideload_share"],
        kin=round(FRIEND * q["ties.kin_weight"]),
    )


def closeness_table(setting: Setting) -> np.ndarray:
    """Return how well kinds stand in for each other, shape (kinds, kinds) [share]; pairs without a parameter are 0."""
    kinds = setting.facts.kinds
    table = np.zeros((len(kinds), len(kinds)))
    for name, value in setting.parameters_of("closeness").items():
        one, other = name.removeprefix("closeness.").split("-")
        table[kinds.index(one), kinds.index(other)] = table[kinds.index(other), kinds.index(one)] = value
    return table


def _base_value(setting: Setting, penetration: np.ndarray, kind: np.ndarray, closeness: np.ndarray) -> np.ndarray:
    """Return the value of each platform to the marginal user of each group: its kind's, less for a minor platform."""
    worth = np.array([setting.parameters[f"value.{k}"] for k in setting.facts.kinds])
    rivals = closeness[kind][:, kind] >= CLOSE_KIND
    np.fill_diagonal(rivals, True)
    largest = np.array([np.where(rivals, row[None, :], 0.0).max(axis=1) for row in penetration])
    attention = np.divide(penetration, largest, out=np.ones_like(penetration), where=largest > 0)
    return np.asarray(
        worth[kind] * np.maximum(LEAST_ATTENTION, attention) ** setting.parameters["choice.minor_exponent"]
    )


def _stand_ins(kind: np.ndarray, closeness: np.ndarray, substitutability: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the other platforms that stand in for each platform, by kind (bits), and how far [FULL-ths].

    Both have shape (platforms, kinds), the closest kind first.
    """
    covered = np.rint(FULL * substitutability * closeness).astype(np.int64)
    order = np.argsort(-covered, axis=1, kind="stable")[kind]
    of_kind = bits(kind[None, :] == np.arange(len(closeness))[:, None])
    itself = np.left_shift(np.int64(1), np.arange(len(kind), dtype=np.int64))
    return of_kind[order] & ~itself[:, None], np.take_along_axis(covered[kind], order, axis=1)


def _columns(
    setting: Setting,
    ties: Ties,
    penetration: np.ndarray,
    scope: Scope,
    apple: int,
) -> Columns:
    """Return the world as the kernels see it."""
    q, kinds = setting.parameters, setting.facts.kinds
    kind = np.array([kinds.index(setting.platform_facts[p].kind) for p in setting.platforms], np.int64)
    close = closeness_table(setting)
    platform = np.zeros(len(kind), PLATFORM)
    platform["kind"] = kind
    platform["tie_share"] = [q[f"tie_share.{kinds[k]}"] for k in kind]
    # A regular user opens it at least once on a day with the kind's stickiness (Poisson).
    platform["habit"] = [-math.log(1.0 - q[f"stickiness.{kinds[k]}"]) for k in kind]
    platform["mode_weight"] = setting.mode_weights
    platform["closeness"] = close[kind]
    platform["akin"] = bits(close[kind][:, kind] > 0)
    platform["stand_ins"], platform["covered"] = _stand_ins(kind, close, q["choice.substitutability"])
    platform["close"] = np.bitwise_or.reduce(platform["stand_ins"], axis=1)
    platform["levels"] = (platform["covered"] > 0).sum(axis=1)
    taste = np.zeros(penetration.shape, TASTE)
    taste["base_value"] = _base_value(setting, penetration, kind, close)
    taste["penetration"] = penetration
    taste["known"] = scope.known
    return Columns(
        start=ties.start,
        packed=ties.packed,
        platform=platform,
        taste=taste,
        talk_bits=scope.talk,
        apple_only=apple,
        reads=scope.reads,
        ios_share=setting.ios_share,
        bridged=np.zeros(len(setting.states), np.int64),
    )

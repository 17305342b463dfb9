"""The world on its first day: facts and scenario become groups, people, ties and the columns that the kernels read.

A world is built once for each seed and shared by both arms of a pair; nothing in it changes during a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from sim.core.groups import Sampled
from sim.facts.platforms import APPLES_STORE
from sim.people.access import TALK, AccessTable, bits
from sim.people.kernel_types import FRIEND, FULL, PLATFORM, TASTE, Bonds, Columns, Rows, Rules
from sim.scenario import Scenario
from sim.world.groups import Stratum
from sim.world.kin import Scope, choose_channels, end_contact, make_bonds, scope_of_groups, shared_platforms
from sim.world.people import Holdings, keep_accounts, lean_table, make_people
from sim.world.places import Places, places_of
from sim.world.sampling import Sample, sample_groups
from sim.world.scenario_setting import make_setting
from sim.world.setting import Setting, blocks_under, first_access
from sim.world.ties import Ties, make_ties

THRESHOLD = 1
"""`wave.rule` under which people follow of whom enough others did."""
CLOSE_KIND = 0.5  # kinds at least this close compete for the same attention
LEAST_ATTENTION = 0.05  # a platform that hardly anyone uses is worth this share of attention, before the exponent


@dataclass(frozen=True)
class World:
    """Everything that a run starts from.

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
        What decides how kin ties abroad come back.
    columns : Columns
        What the kernels read.
    rules : Rules
    access : AccessTable
        Of the first day.
    seed : int
    second_channels : numpy.ndarray, shape (corridors, 2), int64
        Family members who were to have a second channel abroad, and who have one: as far as each group has users.
    sample : Sample
        How the groups are sampled, and who uses what in each.
    places : Places
        Where they live, as access sees it.
    """

    spec: Scenario
    setting: Setting
    groups: list[Stratum]
    first: Rows
    ties: Ties
    bonds: Bonds
    columns: Columns
    rules: Rules
    access: AccessTable
    seed: int
    second_channels: np.ndarray
    sample: Sample
    places: Places

    @property
    def limits(self) -> tuple[Sampled, ...]:
        """How the users of each targeted platform are sampled, and how much the heaviest of them weighs."""
        return self.sample.users


def make_world(spec: Scenario, seed: int, *, top: int | None = None, threads: int = 1) -> World:
    """Build the world of a scenario for one seed.

    Parameters
    ----------
    spec : Scenario
    seed : int
        The member's seed; everything random is a function of it.
    top : int, optional
        Simulated members of the diaspora that is exposed most; by default by the number of people.
    threads : int
        Threads that share the groups of people; the world is the same for any number.
    """
    setting = make_setting(spec)
    q, states = setting.parameters, setting.states
    sample = sample_groups(spec, setting, top)
    groups, penetration = sample.groups, sample.penetration
    access, places = first_access(setting), places_of(spec, setting)
    place = [places.of(group, states) for group in groups]
    hidden, at = 1.0 - places.table(access, setting).reach.max(axis=2), places.state
    facts = [setting.platform_facts[name] for name in setting.platforms]
    talk = np.array([not set(fact.modes).isdisjoint(TALK) for fact in facts])
    # Platforms that run on Apple's phones alone: from its store, or with its phones.
    with_phones = [f.owner == "Apple" and f.kind == "messenger" and not f.stores for f in facts]
    apple_only = np.array([f.stores == (APPLES_STORE,) for f in facts]) | with_phones
    lean = lean_table(setting.facts.youth_lean, states, setting.platforms)
    held = Holdings(penetration, setting.vpn_share[at], hidden, lean[at], setting.ios_share[at], apple_only)
    people = make_people(groups, place, held, q, seed, threads)
    keep_accounts(people, groups, states, q["delisting.foreign_account"], seed)
    ties = make_ties(people, groups, q, seed)
    corridor, shared = shared_platforms(groups, penetration, talk & (hidden[place] < 0.5))
    closed = bits((hidden > 0) | apple_only)[place]
    second = choose_channels(people, groups, ties, corridor, shared, closed, q, seed)
    end_contact(people, groups, spec, q, seed)
    scope = scope_of_groups(groups, setting, sample.around, talk)
    return World(
        spec=spec,
        setting=setting,
        groups=groups,
        first=people.rows(),
        ties=ties,
        bonds=make_bonds(people, groups, ties, setting, scope, seed),
        columns=_columns(setting, ties, sample.around, scope, int(bits(apple_only[None, :])[0]), at),
        rules=_rules_of(q),
        access=access,
        seed=seed,
        second_channels=second,
        sample=sample,
        places=places,
    )


class Opening(NamedTuple):
    """What differs between the arms before the first policy.

    Attributes
    ----------
    setting : Setting
        With the blocks of the arm.
    access : AccessTable
        What each of the arm's days starts from.
    """

    setting: Setting
    access: AccessTable


def opening_of(world: World, spec: Scenario, arm: str) -> Opening:
    """Return how an arm opens; it is the world's own table, not a copy, where nothing differs.

    People are the same in both arms: their platforms, and the friction that they have had, follow from the blocks of
    the baseline arm. In the policy arm, those of ``world.blocks_policy_arm`` apply in full on the first day: a new
    block as if it were years old, and a removed block as if it had never existed.

    Parameters
    ----------
    world : World
    spec : Scenario
        Of the run; the world may be built for another that has more policies.
    arm : {"policy", "baseline"}
    """
    listed = spec.world.blocks_policy_arm if arm == "policy" else {}
    blocks = blocks_under(listed, world.setting.blocks, world.setting.facts)
    if blocks == world.setting.blocks:
        return Opening(world.setting, world.access)
    setting = replace(world.setting, blocks=blocks)
    return Opening(setting, first_access(setting))


def _rules_of(q: Mapping[str, float]) -> Rules:
    """Return the rules of behaviour: parameters by their names, with ``_`` for the dot."""
    values: dict[str, Any] = {name: q[name.replace("_", ".", 1)] for name in Rules._fields}
    values["ties_kin_weight"] = round(FRIEND * values["ties_kin_weight"])
    if q["wave.rule"] != THRESHOLD:
        values["wave_threshold"] = 0.0
    return Rules(**values)


def closeness_table(setting: Setting) -> np.ndarray:
    """Return how well kinds stand in for each other, shape (kinds, kinds) [share]; pairs without a parameter are 0."""
    kinds = setting.facts.kinds
    table = np.zeros((len(kinds), len(kinds)))
    for name, value in setting.parameters.items():
        head, _, pair = name.partition(".")
        if head == "closeness":
            one, other = (kinds.index(kind) for kind in pair.split("-"))
            table[one, other] = table[other, one] = value
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
    setting: Setting, ties: Ties, penetration: np.ndarray, scope: Scope, apple_only: int, at: np.ndarray
) -> Columns:
    """Return the world as the kernels see it; ``at`` is the state of each place."""
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
    platform["levels"] = (platform["covered"] > 0).sum(axis=1)
    taste = np.zeros(penetration.shape, TASTE)
    taste["base_value"] = _base_value(setting, penetration, kind, close)
    taste["penetration"] = penetration
    taste["known"] = scope.known
    saturation = q["choice.saturation"]
    taste["unsaturated"] = [
        [math.pow(max(0.0, 1.0 - share), saturation) for share in row] for row in penetration.tolist()
    ]
    return Columns(
        start=ties.start,
        packed=ties.packed,
        platform=platform,
        taste=taste,
        talk_bits=scope.talk,
        apple_only=apple_only,
        reads=scope.reads,
        ios_share=setting.ios_share[at],
        vpn_share=setting.vpn_share[at],
        bridged=np.zeros(len(at), np.int64),
    )

"""The world on its first day: facts and scenario become groups, people, ties and the columns that the kernels read.

A world is built once for each seed and shared by both arms of a pair; nothing in it changes during a run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.facts.model import PlatformFact
from sim.facts.stores import APPLES_STORE
from sim.people.access import TALK, AccessTable, bits
from sim.people.kernel_types import FRIEND, FULL, PLATFORM, TASTE, Bonds, Columns, Rows, Rules
from sim.sampled import Sampled
from sim.scenario import Scenario
from sim.world.agreement import make_bonds
from sim.world.communities import end_contact
from sim.world.kinship import choose_channels, shared_platforms
from sim.world.people import Holdings, make_people
from sim.world.places import Places, places_of
from sim.world.sampling import Sample, sample_groups
from sim.world.scenario_setting import make_setting
from sim.world.scope import Scope, scope_of_groups
from sim.world.second_channels import closed_to_some
from sim.world.setting import Setting, first_access
from sim.world.store_accounts import keep_accounts
from sim.world.strata import Group
from sim.world.ties import Ties, household_size, make_ties
from sim.world.youth import lean_table

THRESHOLD = 1
"""`wave.rule` under which people follow of whom enough others did."""
CLOSE_KIND = 0.5  # kinds at least this close compete for the same attention
_APPLE = "Apple"
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
    sample : Sample
        How the groups are sampled, and who uses what in each.
    places : Places
        Where they live, as access sees it.
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
    sample = sample_groups(spec, setting, top)
    groups, penetration = sample.groups, sample.penetration
    access, places = first_access(setting), places_of(spec, setting)
    hidden, at = 1.0 - places.table(access, setting).reach.max(axis=2), places.state
    place = [places.of(group, setting.states) for group in groups]
    rules = setting.parameters
    lean = lean_table(setting.facts.youth_lean, setting.states, setting.platforms)
    apples = _apple_only(setting)
    held = Holdings(penetration, setting.vpn_share[at], hidden, lean[at], setting.ios_share[at], apples)
    people = make_people(groups, place, held, dict(rules), seed, threads)
    keep_accounts(people, groups, setting.states, rules["delisting.foreign_account"], seed)
    ties = make_ties(people, groups, dict(rules), seed)
    talk = np.array([bool(set(setting.platform_facts[p].modes) & set(TALK)) for p in setting.platforms])
    apple = int(bits(apples[None, :])[0])
    corridor, shared = shared_platforms(groups, penetration, talk, hidden < 0.5, place)
    closed = closed_to_some(place, hidden, apples)
    second = choose_channels(people, groups, ties, corridor, shared, closed, dict(rules), seed)
    end_contact(people, groups, spec, household_size(rules["ties.kin_abroad"]), seed)
    scope = scope_of_groups(groups, setting, sample.around, talk)
    bonds = make_bonds(people, groups, ties, setting, scope, seed)
    columns = _columns(setting, ties, sample.around, scope, apple)
    columns = columns._replace(
        ios_share=setting.ios_share[at], vpn_share=setting.vpn_share[at], bridged=np.zeros(len(places), np.int64)
    )
    first, behaviour = people.rows(), _behaviour(setting)
    return World(spec, setting, groups, first, ties, bonds, columns, behaviour, access, seed, second, sample, places)


def _apple_only(setting: Setting) -> np.ndarray:
    """Return which platforms run on Apple's phones alone, shape (platforms,): from its store, or with its phones."""
    facts = [setting.platform_facts[name] for name in setting.platforms]
    return np.array([f.stores == (APPLES_STORE,) or _comes_with_its_phones(f) for f in facts])


def _comes_with_its_phones(fact: PlatformFact) -> bool:
    return fact.owner == _APPLE and fact.kind == "messenger" and not fact.stores


def _behaviour(setting: Setting) -> Rules:
    """Return the rules of behaviour from the parameters."""
    q = setting.parameters
    choice = {f: q[f"choice.{f}"] for f in Rules._fields if f"choice.{f}" in q}
    return Rules(
        **choice,
        vpn_cost=q["circumvention.cost"],
        want_power=q["circumvention.want_power"],
        friction=q["circumvention.friction"],
        contagion=q["circumvention.contagion"],
        sideload_share=q["delisting.sideload_share"],
        foresight_days=q["delisting.foresight_days"],
        effort_spread=q["circumvention.effort_spread"],
        vpn_aware=q["vpn.aware_share"],
        vpn_aware_rate=q["vpn.aware_rate"],
        vpn_find_days=q["vpn.find_days"],
        vpn_idle_days=q["vpn.idle_days"],
        vpn_keep_idle=q["vpn.keep_idle"],
        vpn_lifted_days=q["vpn.lifted_days"],
        vpn_keep_lifted=q["vpn.keep_lifted"],
        fear_principle=q["fear.principle"],
        wave_rate=q["wave.rate"],
        wave_days=q["wave.days"],
        wave_news=q["wave.news"],
        wave_threshold=q["wave.threshold"] if q["wave.rule"] == THRESHOLD else 0.0,
        burst_messenger=q["burst.messenger"],
        burst_feed=q["burst.feed"],
        burst_days=q["burst.days"],
        dormant=q["burst.dormant_share"],
        dormant_wakes=q["burst.dormant_wakes"],
        trial_days=q["trial.days"],
        trial_keep_messenger=q["trial.keep_messenger"],
        trial_keep_feed=q["trial.keep_feed"],
        trial_circle=q["trial.circle"],
        trial_push=q["trial.push"],
        return_days=q["return.days"],
        return_ceiling=q["return.ceiling"],
        return_away_days=q["return.away_days"],
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
        apple_only=apple,
        reads=scope.reads,
        ios_share=setting.ios_share,
        vpn_share=setting.vpn_share,
        bridged=np.zeros(len(setting.states), np.int64),
    )

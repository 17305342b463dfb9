"""Follow simulated people of a finished run, and count why ties first lose contact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import NamedTuple, TypeGuard, Unpack

import numpy as np

from ..changes import Given
from ..core.groups import Group, is_diaspora, is_family, spoken
from ..errors import InputError, Problem, RunError, did_you_mean
from ..people.events import CAUSES
from ..results import Result, open_run
from ..results.lives import HIT, OTHER, TYPICAL, WORST, Bond, Happening, Life, Lives, Person
from ..results.manifest import maker
from ..results.panel import ARMS, Pair
from ..results.ties import RANKS
from ..scenario import Scenario
from ..scenario.draws import member_spec
from ..text.reportable import EVER, family_groups, main_groups
from .causes import CAUSE_OF_RULE, kin_table
from .checks import check_count
from .diary import Diary
from .ensemble import run as run_ensemble
from .options import OptionsWithFolder, posed, takes_options
from .pairs import arm_data, make_arms


def choose(days: np.ndarray, longest: np.ndarray, silent: np.ndarray, count: int) -> list[tuple[int, str]]:
    """Return places of people and the role of each, in the order in which they are shown.

    People are put in order by the days without any platform channel to kin, then by the longest stretch, then by the
    conversations lost, then by their number. ``typical of the group`` is in the middle of all, ``typical of those who
    lose contact`` in the middle of those with such days, and ``worst`` is the last. More are spread evenly between
    them.

    Parameters
    ----------
    days, longest : numpy.ndarray of int, shape (people,)
        Days without contact, and the longest stretch of them [days].
    silent : numpy.ndarray of float, shape (people,)
        Conversations lost over the run.
    count : int
        How many to show, if there are so many.
    """
    order = np.lexsort((np.arange(days.size), silent, longest, days)).tolist()
    hit, count = [place for place in order if days[place] > 0], min(count, days.size)
    middle = (order[(len(order) - 1) // 2], TYPICAL)
    wanted = [(hit[(len(hit) - 1) // 2], HIT), (hit[-1], WORST), middle] if hit else [middle]
    roles: dict[int, str] = {}
    for place, role in wanted[:count]:
        roles.setdefault(place, role)
    pool = hit or order
    spread = [pool[at] for at in np.linspace(0, len(pool) - 1, count + 1).astype(int)]
    for place in (*spread, *pool[::-1], *order[::-1]):
        if len(roles) < count:
            roles.setdefault(place, OTHER)
    return sorted(roles.items(), key=lambda shown: order.index(shown[0]))


class Watched(NamedTuple):
    """One member that was run again, with the diaries of a group.

    Attributes
    ----------
    group : str
    baseline, policy : Diary
    pair : Pair
        What the two arms report.
    """

    group: str
    baseline: Diary
    policy: Diary
    pair: Pair


@takes_options()
def follow(
    result: Result | Given,
    group: str | None = None,
    count: int = 3,
    *,
    seed: int | None = None,
    world_of: Scenario | None = None,
    on_day: Callable[[int], None] | None = None,
    **options: Unpack[OptionsWithFolder],
) -> Lives:
    """Follow simulated people of a group and their kin abroad through a run, in both arms.

    Parameters
    ----------
    result : Result, path, name of a shipped scenario, or what else `run` takes
        A run, or its folder; or a scenario, which is run first, with the options.
    group : str, optional
        A diaspora or its families, such as ``US<-CN``, ``CN-in-US`` or ``family:US<-CN``; by default the one that
        loses most contact.
    count : int
        How many people: a typical one of the group, a typical one of those who lose contact, the worst, and others
        between them.
    seed : int, optional
        Seed of the member; by default the median one by the share of the group that ever loses contact.
    world_of : Scenario, optional
        The scenario whose world is used, if it is another one.
    on_day : callable, optional
        Called with the number of days done, for progress.
    **options
        See `Options`.

    Returns
    -------
    Lives
        The same for the same run, byte for byte.

    Raises
    ------
    InputError
        When the run has no such group or member, nobody in the group has a channel to kin, or there are options for
        a run that is finished.
    RunError
        When the member differs from the one in the run, because other code or data made the run.
    """
    check_count("--count", count, "people", 3)
    if not (isinstance(result, Result) or _is_folder(result)):
        with posed(result, options) as (spec, seeds, place, _):
            made = run_ensemble(spec, seeds=len(seeds), **place)
            return follow(made, group, count, seed=seed, world_of=world_of, on_day=on_day)
    if options:
        found = f"{', '.join(options)} for a run that is finished"
        raise InputError(
            Problem("follow", found, "a scenario, which is run with them", "sn.follow('wechat_19m', people=20_000)")
        )
    run = result if isinstance(result, Result) else open_run(result)
    name = _group(run, group)
    member = _member(run, name, seed)
    watched = watch(run.scenario, run.seeds[member], name, on_day, world_of=world_of)
    _check(run, member, watched.pair)
    lives, seed = all_lives(watched), run.seeds[member]
    if not lives:
        problem = f"nobody of {name} has a platform channel to kin abroad in the member with seed {seed}"
        raise InputError(Problem("--group", problem, "a group whose people have one", "run more people"))
    days = np.array([life.days_without() for life in lives])
    longest = np.array([life.longest() for life in lives])
    silent = np.array([sum(bond.conversations * bond.out[ARMS[1]].sum() for bond in life.bonds) for life in lives])
    shown = tuple(replace(lives[place], role=role) for place, role in choose(days, longest, silent, count))
    dates, ever = watched.pair[0].axes.dates, int((days > 0).sum())
    program = run.version, run.commit
    return Lives(run.name, run.run_id, *program, run.scenario, name, seed, dates, len(lives), ever, shown)


def _is_folder(result: Given) -> TypeGuard[str | Path]:
    """Return whether a run folder is meant, even one that is missing, and not a scenario."""
    if not isinstance(result, str | Path):
        return False
    path = Path(result)
    return path.is_dir() or (len(path.parts) > 1 and path.parent.is_dir() and not path.suffix)


def watch(
    spec: Scenario,
    seed: int,
    group: str,
    on_day: Callable[[int], None] | None = None,
    *,
    world_of: Scenario | None = None,
) -> Watched:
    """Run a member and keep the diaries of a group and its kin, in both arms.

    Parameters
    ----------
    spec : Scenario
        Of the ensemble.
    seed : int
        The member's.
    group : str
        A diaspora or a group of families.
    on_day, world_of : optional
        As for `follow`.
    """
    spec = member_spec(spec, seed)
    baseline, policy = make_arms(spec, seed, world_of=world_of)
    number = [each.label for each in policy.world.groups].index(group)
    ties = np.flatnonzero((policy.kin.group == number).any(axis=1))
    diaries = Diary(baseline, ties), Diary(policy, ties)
    for day in range(spec.days):
        for arm, diary in zip((baseline, policy), diaries, strict=True):
            arm.step()
            diary.read()
        if on_day is not None:
            on_day(day + 1)
    return Watched(group, *diaries, (arm_data(baseline), arm_data(policy)))


def all_lives(watched: Watched) -> list[Life]:
    """Return the life of everybody of the group who has a channel to any kin without the policies, by number."""
    diaries = dict(zip(ARMS, (watched.baseline, watched.policy), strict=True))
    policy, about, has_channel = watched.policy, _people(watched.policy), watched.baseline.open.any(axis=0)
    by_person: dict[str, dict[int, list[tuple[int, Happening]]]] = {arm: {} for arm in ARMS}
    for arm, diary in diaries.items():
        for place, happening in enumerate(diary.happenings):
            by_person[arm].setdefault(happening.person, []).append((place, happening))
    bonds: dict[int, list[Bond]] = {}
    in_touch: set[int] = set()
    for k, tie in enumerate(policy.ties.tolist()):
        for person, kin in permutations(policy.ends(tie)):
            bond = Bond(
                about[kin],
                policy.names(int(watched.baseline.first[k])),
                float(policy.arm.kin.conversations[tie]),
                bool(policy.arm.kin.afraid[tie]),
                {arm: diary.out[:, k] for arm, diary in diaries.items()},
                {arm: diary.open[:, k] for arm, diary in diaries.items()},
            )
            bonds.setdefault(person, []).append(bond)
            if has_channel[k] and about[person].group == watched.group:
                in_touch.add(person)
    return [
        Life(
            about[person],
            HIT,
            tuple(bonds[person]),
            {arm: _happenings(person, [bond.kin.number for bond in bonds[person]], by_person[arm]) for arm in ARMS},
        )
        for person in sorted(in_touch)
    ]


def _happenings(
    person: int, kin: Sequence[int], by_person: dict[int, list[tuple[int, Happening]]]
) -> tuple[Happening, ...]:
    """Return what happens to a person and to the kin, in the order of the diary.

    What happens between a person and one of the kin stands once, as the person meets it; what happens between the kin
    and others is left out.
    """
    placed = [each for who in {person, *kin} for each in by_person.get(who, ())]
    placed.sort(key=lambda each: each[0])
    return tuple(happening for _, happening in placed if happening.person == person or happening.kin < 0)


def _people(diary: Diary) -> dict[int, Person]:
    """Return who the watched people are, by number."""
    arm, table = diary.arm, kin_table(diary.arm)
    rows = np.searchsorted(table.person, diary.people).tolist()
    people = {}
    for k, (number, row) in enumerate(zip(diary.people.tolist(), rows, strict=True)):
        group = arm.world.groups[int(arm.person["group"][number])]
        age, skill = (round(float(rank[row]) / RANKS, 4) for rank in (table.age, table.skill))
        platforms, has_vpn = diary.names(int(diary.platforms[k])), bool(diary.has_vpn[k])
        home = Group.read(group.label).home
        people[number] = Person(number, group.label, home, float(group.weight), age, skill, platforms, has_vpn)
    return people


def _group(run: Result, asked: str | None) -> str:
    """Return the group that is asked for, as the run names it.

    Raises
    ------
    InputError
        When there is no such group, or the run has none.
    """
    labels = [label for label in run.members[0][0].axes.groups if is_diaspora(label) or is_family(label)]
    if not labels:
        raise InputError(Problem("--group", "this run has no diaspora", "a run with people who have kin abroad"))
    if asked is None:
        most = main_groups(run, 1) or family_groups(run, 1)
        return (most or [label for label in run.focus.groups if label in labels] or labels)[0]
    name = spoken(asked)
    if name not in labels:
        allowed = f"one of {', '.join(labels)}; 'CN-in-US' is 'US<-CN'"
        raise InputError(Problem("--group", f"there is no group '{asked}'", allowed, did_you_mean(name, labels)))
    return name


def _member(run: Result, group: str, seed: int | None) -> int:
    """Return the place of the member to follow.

    Raises
    ------
    InputError
        When no member has the seed.
    """
    if seed is not None:
        if seed not in run.seeds:
            allowed = f"one of {', '.join(map(str, run.seeds))}"
            raise InputError(Problem("--seed", f"this run has no member with seed {seed}", allowed))
        return run.seeds.index(seed)
    if EVER not in run.metrics:
        return 0
    g = run.members[0][0].axes.groups.index(group)
    share = np.array([policy.arrays[EVER][-1, g] for _, policy in run.members])
    return int(np.argsort(np.nan_to_num(share), kind="stable")[share.size // 2])


def _check(run: Result, member: int, pair: Pair) -> None:
    """Raise RunError where a member does not come out as the run has it."""
    for stored, made in zip(run.members[member], pair, strict=True):
        shared = [name for name in stored.arrays if name in made.arrays]
        is_same = (np.array_equal(stored.arrays[name], made.arrays[name], equal_nan=True) for name in shared)
        if stored.axes == made.axes and all(is_same):
            continue
        manifest = run.info.get("manifest")
        by = f"; the run is the work of {maker(manifest)}, this is {maker()}" if manifest else ""
        raise RunError(
            f"the member with seed {stored.seed}, run again, does not give the numbers of the run{by}: "
            "run the scenario again, then follow that run"
        )


@dataclass(frozen=True)
class FirstLosses:
    """Kin ties that were out of contact on some day, by the event that ended their last channel the first time.

    If somebody leaves an app that works, and a tie loses contact because of that, this is a fault of the rules and not
    an effect of a policy. The count shows how many such ties there are.

    Attributes
    ----------
    by_cause : dict of str to int
        Simulated ties, by cause.
    ties : int
        Simulated ties that had a channel on the first day.
    seeds : tuple of int
        The members counted.
    """

    by_cause: dict[str, int]
    ties: int
    seeds: tuple[int, ...]

    @property
    def total(self) -> int:
        """Simulated ties that were out of contact on some day."""
        return sum(self.by_cause.values())


@takes_options(seeds=1)
def first_losses(scenario: Given, **options: Unpack[OptionsWithFolder]) -> FirstLosses:
    """Run a scenario and count why kin ties were first out of contact, all members together.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    **options
        See `Options`.

    Raises
    ------
    InputError
        When the scenario or a number cannot be used.
    RunError
        When a member failed.
    """
    asked: OptionsWithFolder = {"seeds": 1, **options}
    result = run_ensemble(scenario, ties=True, **asked)
    histories = [ties.policy for ties in result.kept_ties().values()]
    rules = [rule for history in histories for rule in history.rule[history.cause[history.cause >= 0]].tolist()]
    counts = Counter(CAUSE_OF_RULE[rule] for rule in rules)
    ties = sum(int((history.before != 0).sum()) for history in histories)
    return FirstLosses({cause: counts[cause] for cause in CAUSES}, ties, result.seeds)

"""Follow simulated people of a finished run: one member is run again from its seed and observed day by day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.core.groups import Group, is_diaspora, is_family, spoken
from sim.errors import InputError, Problem, RunError, did_you_mean
from sim.experiments.causes import kin_table
from sim.experiments.checks import check_count
from sim.experiments.diary import Diary
from sim.experiments.pairs import arm_data, make_arms
from sim.results import Result, open_run
from sim.results.lives import HIT, OTHER, TYPICAL, WORST, Bond, Happening, Life, Lives, Person
from sim.results.manifest import maker
from sim.results.panel import ARMS, Pair
from sim.results.ties import RANKS, KinTable
from sim.scenario import Scenario
from sim.scenario.draws import member_spec
from sim.text.reportable import EVER, family_groups, main_groups


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
    order = np.lexsort((np.arange(days.size), silent, longest, days))
    hit = order[days[order] > 0]
    found: dict[int, str] = {}
    if hit.size:
        wanted = [(hit[(hit.size - 1) // 2], HIT), (hit[-1], WORST)]
        wanted += [(order[(order.size - 1) // 2], TYPICAL)] if count > 2 else []
    else:
        wanted = [(order[(order.size - 1) // 2], TYPICAL)]
    for place, role in wanted[:count]:
        found.setdefault(int(place), role)
    pool = hit if hit.size else order
    spread = np.linspace(0, pool.size - 1, count + 1).astype(int)
    for place in (*pool[spread], *pool[::-1], *order[::-1]):
        if len(found) >= min(count, days.size):
            break
        found.setdefault(int(place), OTHER)
    rank = {int(place): at for at, place in enumerate(order)}
    return sorted(found.items(), key=lambda one: rank[one[0]])


MOST = 1_000_000
"""Lives that may be asked for at once; a group has fewer."""


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


def follow(
    result: Result | str | Path,
    group: str | None = None,
    count: int = 3,
    *,
    seed: int | None = None,
    world_of: Scenario | None = None,
    on_day: Callable[[int], None] | None = None,
) -> Lives:
    """Follow simulated people of a group and their kin abroad through a run, in both arms.

    Parameters
    ----------
    result : Result or path
        A run, or its folder.
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

    Returns
    -------
    Lives
        The same for the same run, byte for byte.

    Raises
    ------
    InputError
        When the run has no such group or member, or nobody in the group has a channel to kin.
    RunError
        When the member differs from the one in the run, because other code or data made the run.
    """
    run = result if isinstance(result, Result) else open_run(result)
    check_count("--count", count, "people", 3)
    check_count("--count", MOST - count + 1, f"people beyond {MOST:,}", 3)
    name = _group(run, group)
    member = _member(run, name, seed)
    watched = watch(run.scenario, run.seeds[member], name, on_day, world_of=world_of)
    _check(run, member, watched.pair)
    lives = all_lives(watched)
    return chosen(run, watched, lives, count)


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
    lived = member_spec(spec, seed)
    baseline, policy = make_arms(lived, seed, world_of=world_of)
    number = [one.label for one in policy.world.groups].index(group)
    ties = np.flatnonzero((policy.kin.group == number).any(axis=1))
    diaries = Diary(baseline, ties), Diary(policy, ties)
    for day in range(lived.days):
        baseline.step()
        policy.step()
        for diary in diaries:
            diary.read()
        if on_day is not None:
            on_day(day + 1)
    return Watched(group, *diaries, (arm_data(baseline), arm_data(policy)))


def all_lives(watched: Watched) -> list[Life]:
    """Return the life of everybody of the group who has a channel to any kin without the policies, by number."""
    model = watched.policy.arm
    number = [one.label for one in model.world.groups].index(watched.group)
    ties, table = watched.policy.ties, kin_table(model)
    about = _people(watched, table)
    by_arm = {arm: _by_person(diary) for arm, diary in zip(ARMS, (watched.baseline, watched.policy), strict=True)}
    bonds: dict[int, list[tuple[int, int]]] = {}
    for k, tie in enumerate(ties.tolist()):
        ends = watched.policy.ends(tie)
        for end, kin in (ends, ends[::-1]):
            if about[end].group == watched.group:
                bonds.setdefault(end, []).append((k, kin))
    had = watched.baseline.open.any(axis=0)
    found = []
    for person in sorted(bonds):
        if model.person["group"][person] != number or not any(had[k] for k, _ in bonds[person]):
            continue
        mine = tuple(_bond(watched, k, about[kin]) for k, kin in bonds[person])
        whole = [person, *dict.fromkeys(kin for _, kin in bonds[person])]
        happenings = {arm: _merged(by_arm[arm], whole) for arm in ARMS}
        found.append(Life(about[person], HIT, mine, happenings))
    return found


def chosen(run: Result, watched: Watched, lives: Sequence[Life], count: int) -> Lives:
    """Return some of a group's lives, as `sim.experiments.follow.choose` picks them.

    Raises
    ------
    InputError
        When there are none.
    """
    seed = watched.pair[0].seed
    if not lives:
        found = f"nobody of {watched.group} has a platform channel to kin abroad in the member with seed {seed}"
        raise InputError(Problem("--group", found, "a group whose people have one", "run more people"))
    days = np.array([life.days_without() for life in lives])
    longest = np.array([life.longest() for life in lives])
    silent = np.array(
        [sum(bond.conversations * bond.out[ARMS[1]].sum() for bond in life.bonds) for life in lives], np.float64
    )
    places = choose(days, longest, silent, count)
    selected = tuple(Life(lives[at].person, role, lives[at].bonds, lives[at].happenings) for at, role in places)
    dates = watched.pair[0].axes.dates
    ever = int((days > 0).sum())
    return Lives(
        run.name, run.run_id, run.version, run.scenario, watched.group, seed, dates, len(lives), ever, selected
    )


def _group(run: Result, asked: str | None) -> str:
    """Return the group that is asked for, as the run names it.

    Raises
    ------
    InputError
        When there is no such group, or the run has none.
    """
    known = [label for label in run.members[0][0].axes.groups if is_diaspora(label) or is_family(label)]
    if not known:
        raise InputError(Problem("--group", "this run has no diaspora", "a run with people who have kin abroad"))
    if asked is None:
        most = main_groups(run, 1) or family_groups(run, 1)
        return (most or [label for label in run.focus.groups if label in known] or known)[0]
    name = spoken(asked)
    if name not in known:
        allowed = f"one of {', '.join(known)}; 'CN-in-US' is 'US<-CN'"
        raise InputError(Problem("--group", f"there is no group '{asked}'", allowed, did_you_mean(name, known)))
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
    share = [float(np.nan_to_num(policy.arrays[EVER][-1, g])) for _, policy in run.members]
    order = sorted(range(len(share)), key=lambda at: (share[at], at))
    return order[len(order) // 2]


def _check(run: Result, member: int, pair: Pair) -> None:
    """Raise RunError where a member does not come out as the run has it."""
    for stored, made in zip(run.members[member], pair, strict=True):
        shared = [name for name in stored.arrays if name in made.arrays]
        if stored.axes == made.axes and all(
            np.array_equal(stored.arrays[name], made.arrays[name], equal_nan=True) for name in shared
        ):
            continue
        manifest = run.info.get("manifest")
        by = f"; the run is the work of {maker(manifest)}, this is {maker()}" if manifest else ""
        raise RunError(
            f"the member with seed {stored.seed}, run again, does not give the numbers of the run{by}: "
            "run the scenario again, then follow that run"
        )


def _people(watched: Watched, table: KinTable) -> dict[int, Person]:
    """Return who the watched people are, by number."""
    model, diary = watched.policy.arm, watched.policy
    groups = model.world.groups
    row = {int(number): at for at, number in enumerate(table.person)}
    found = {}
    for k, number in enumerate(diary.people.tolist()):
        group, at = groups[int(model.person["group"][number])], row[number]
        found[number] = Person(
            number, group.label, Group.read(group.label).home, float(group.weight),
            round(float(table.age[at]) / RANKS, 4), round(float(table.skill[at]) / RANKS, 4),
            diary.names(int(diary.platforms[k])), bool(diary.has_vpn[k]),
        )  # fmt: skip
    return found


def _bond(watched: Watched, k: int, kin: Person) -> Bond:
    """Return one watched tie."""
    diaries = dict(zip(ARMS, (watched.baseline, watched.policy), strict=True))
    ties, tie = watched.policy.arm.kin, watched.policy.ties[k]
    return Bond(
        kin,
        watched.policy.names(int(watched.baseline.first[k])),
        float(ties.conversations[tie]),
        bool(ties.afraid[tie]),
        {arm: diary.out[:, k] for arm, diary in diaries.items()},
        {arm: diary.open[:, k] for arm, diary in diaries.items()},
    )


def _by_person(diary: Diary) -> dict[int, list[tuple[int, Happening]]]:
    """Return what happens to each person, with its place in the diary."""
    found: dict[int, list[tuple[int, Happening]]] = {}
    for place, one in enumerate(diary.happenings):
        found.setdefault(one.person, []).append((place, one))
    return found


def _merged(by_person: dict[int, list[tuple[int, Happening]]], people: Sequence[int]) -> tuple[Happening, ...]:
    """Return what happens to a person, listed first, and to the kin, in the order of the diary.

    What happens between a person and one of the kin stands once, as the person meets it; what happens between the kin
    and others is left out.
    """
    me = people[0]
    mine = [one for person in people for one in by_person.get(person, ())]
    return tuple(one for _, one in sorted(mine, key=lambda each: each[0]) if one.person == me or one.kin < 0)

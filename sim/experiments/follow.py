"""Follow simulated people of a finished run, and count why ties first lose contact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import NamedTuple, TypeGuard, Unpack

import numpy as np

from ..arm import Arm
from ..changes import Given
from ..core.groups import Group, is_diaspora, is_family, spoken
from ..errors import InputError, Problem, RunError, did_you_mean
from ..people.contact import BRIDGED
from ..people.events import (
    AGREES,
    APP_BACK,
    APP_GONE,
    AWARE,
    BACK,
    BEFOREHAND,
    CAUSES,
    CHANGED,
    DROPS,
    FAILS,
    GIVES_UP,
    GONE,
    GOOD,
    KIN_USE,
    LOST,
    NO_VPN,
    NUMBERS,
    OWN_RULE,
    PHONES,
    POOR,
    PROMOTED,
    RETURNS,
    STAYS,
    TAKES_UP,
    TIRED,
    VPN,
    WAYS_TO_AGREE,
    WHAT,
    WORKS,
    WORKS_AGAIN,
)  # fmt: skip
from ..people.kernel_types import Rows
from ..results import Result, open_run
from ..results.lives import HIT, OTHER, TYPICAL, WORST, Bond, Happening, Life, Lives, Person
from ..results.manifest import maker
from ..results.panel import ARMS, Pair
from ..results.ties import BRIDGE, RANKS
from ..scenario import Scenario
from ..scenario.draws import member_spec
from ..text.reportable import EVER, family_groups, main_groups
from .causes import CAUSE_OF_RULE, Cause, TieWatch, kin_table, platforms_in
from .checks import check_count
from .ensemble import run as run_ensemble
from .options import OptionsWithFolder, posed, takes_options
from .pairs import arm_data, make_arms

DIRECT, BY_VPN, POORLY, INSTALLED = "opens directly", "opens by VPN", "opens poorly", "app is back"
AROUND, AGREED, TRIAL_OVER = "workaround left", "agreed with kin", "trial over"
_RULES = {
    DROPS: TRIAL_OVER, STAYS: TRIAL_OVER, TAKES_UP: "substitute", PROMOTED: "promoted", KIN_USE: AGREED,
    AWARE: "VPN known", VPN: "VPN found", NO_VPN: "VPN idle", APP_BACK: INSTALLED, NUMBERS: "telephone numbers",
    PHONES: "telephone", CHANGED: "one more in common",
}  # fmt: skip
"""The rule by which something happens, where it does not follow from what a person finds on the platform."""
_WORSE, _BETTER = (GIVES_UP, FAILS, POOR, APP_GONE), (WORKS_AGAIN, GOOD, RETURNS, APP_BACK)
SAME, OTHER_APP, A_BRIDGE = "on a platform of before", "on another platform", "over a bridge"
_ABOUT_VPN = -1  # in place of the platform, where a policy is noted for what somebody does about VPNs


class Diary(TieWatch):
    """What happens in one arm to some kin ties and to the people at both ends of them.

    Parameters
    ----------
    arm : Arm
        Before its first day; `read` follows each of its days.
    ties : numpy.ndarray of int, shape (watched,)
        Numbers of the kin ties.

    Attributes
    ----------
    happenings : list of Happening
        In the order of the days.
    open, out : numpy.ndarray of bool, shape (days, watched)
        Whether each tie has a channel, and whether it is out of contact.
    """

    def __init__(self, arm: Arm, ties: np.ndarray) -> None:
        super().__init__(arm, ties)
        self.ties, self.first = ties, arm.kin.first[ties].copy()
        self.platforms, self.has_vpn = arm.person["using"][self.people], arm.person["vpn"][self.people] > 0
        self.happenings: list[Happening] = []
        self.open, self.out = np.zeros((2, arm.spec.days, ties.size), np.bool_)
        self._behind: dict[tuple[int, int], str] = {}  # policy behind what a person does about a platform
        self._behind_tie: dict[int, str] = {}
        self._contact: dict[int, Rows] = {}  # what becomes of the contact of each tie today

    def read(self) -> None:
        """Write down the day, after it."""
        arm, today, events = self.arm, str(self.arm.date), self.events()
        self._contact = {int(event["who"]): event for event in events[events["what"] >= LOST]}
        for event in events:
            self.happenings += (self._of_person if event["what"] < NUMBERS else self._of_tie)(event, today)
        self.open[arm.day] = arm.kin.channels[self.ties] != 0
        self.out[arm.day] = arm.kin.out_days[self.ties] > 0

    def _of_person(self, event: Rows, today: str) -> Iterator[Happening]:
        """Yield what somebody does about a platform, or about VPNs."""
        who, what, p, was = (int(event[name]) for name in ("who", "what", "platform", "was"))
        cause = Cause(GONE if what == APP_GONE else int(event["cause"]), who, platforms_in(was)[0] if was else p)
        policy, rule = self.blame.of(cause) if cause.platform >= 0 else ("", "")
        key = who, _ABOUT_VPN if what in (AWARE, VPN, NO_VPN) else p
        before = self._behind.get(key, "")
        if what in _WORSE:
            self._behind[key] = policy = policy or before
        elif what == NO_VPN:
            policy = before
        elif what in (DROPS, STAYS, *_BETTER):
            policy = before or policy
        else:
            self._behind[key] = policy
        if what == APP_GONE and event["now"] >> p & 1:
            rule = AROUND
        elif what in _BETTER:
            rule = {WORKS: DIRECT, TIRED: BY_VPN}.get(cause.cause, POORLY)
        names = () if key[1] == _ABOUT_VPN else self.names(1 << p)
        if cause.cause == OWN_RULE and what == TAKES_UP:
            yield Happening(today, who, WHAT[what], names, rule, policy)
            return
        yield Happening(today, who, WHAT[what], names, _RULES.get(what, rule), policy, instead=self.names(was))

    def _of_tie(self, event: Rows, today: str) -> Iterator[Happening]:
        """Yield what becomes of a tie, once for each end."""
        tie, what, p, was, now = (int(event[name]) for name in ("who", "what", "platform", "was", "now"))
        one, two = ends = self.ends(tie)
        bits, instead, rule = now, 0, _RULES.get(what, "")
        if what == NUMBERS:
            bits, instead, policy = 0, now, self._coming(ends, now)
        elif what == AGREES:
            bits, instead, rule = 1 << p, was, WAYS_TO_AGREE[event["cause"]]
            if event["cause"] == BEFOREHAND:
                policy = self._coming(ends, now)
            else:
                if tie not in self._behind_tie:
                    self._behind_tie[tie] = self.blame.of(self.why(self._contact.get(tie, event), was))[0]
                policy = self._behind_tie[tie]
            self._behind |= {(end, p): policy for end in ends}
        elif what == BACK:
            is_same = now & int(self.arm.kin.first[tie]) & ~int(BRIDGED)
            rule = SAME if is_same else A_BRIDGE if now == int(BRIDGED) else OTHER_APP
            policy = self._behind_tie.pop(tie, "")
        else:
            if what == LOST:
                bits = was or now
            elif what == CHANGED:
                instead = was
            gone = bits if what == LOST else was & ~now if what == CHANGED else 0
            if gone:
                self._behind_tie[tie], rule = self.blame.of(self.why(event, gone))
            policy = self._behind_tie.get(tie, "")
        if not policy:  # the tie follows from what one of the two did about one of these platforms
            moved = bits ^ instead if instead else bits
            policies = (self._behind.get((end, q), "") for end in ends for q in platforms_in(moved))
            policy = next(filter(None, policies), "") or (self.blame.of_bridge() if moved & int(BRIDGED) else "")
        value = float(event["days"]) if what in (BACK, PHONES) else float("nan")
        names, replaced = self.names(bits), self.names(instead)
        for person, kin in ((one, two), (two, one)):
            yield Happening(today, person, WHAT[what], names, rule, policy, kin, replaced, value)

    def _coming(self, ends: tuple[int, int], channels: int) -> str:
        """Return the policy that takes most of the channels (bits) of two people in the end."""
        coming, state = self.arm.cells["coming"], self.arm.person["state"]
        taken = [(float(coming[state[end], p]), Cause(WORKS, end, p)) for end in ends for p in platforms_in(channels)]
        most = max(taken, key=lambda each: each[0], default=(0.0, Cause(WORKS)))
        return self.blame.of(most[1])[0] if most[0] > 0.0 else ""

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the platforms of bits, by name; a bridge between two of them comes last."""
        names = tuple(self.arm.setting.platforms[p] for p in platforms_in(bits))
        return (*names, *([BRIDGE] if bits & int(BRIDGED) else ()))


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
            return follow(made, group, count, seed=seed, on_day=on_day)
    if options:
        found = f"{', '.join(options)} for a run that is finished"
        raise InputError(
            Problem("follow", found, "a scenario, which is run with them", "sn.follow('wechat_19m', people=20_000)")
        )
    run = result if isinstance(result, Result) else open_run(result)
    name = _group(run, group)
    member = _member(run, name, seed)
    watched = watch(run.scenario, run.seeds[member], name, on_day)
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


def watch(spec: Scenario, seed: int, group: str, on_day: Callable[[int], None] | None = None) -> Watched:
    """Run a member and keep the diaries of a group and its kin, in both arms.

    Parameters
    ----------
    spec : Scenario
        Of the ensemble.
    seed : int
        The member's.
    group : str
        A diaspora or a group of families.
    on_day : callable, optional
        As for `follow`.
    """
    spec = member_spec(spec, seed)
    baseline, policy = make_arms(spec, seed)
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


class FirstLosses(NamedTuple):
    """Kin ties that were out of contact on some day, by the event that ended their last channel the first time.

    If somebody leaves an app that works, and a tie loses contact because of that, this is a fault of the rules and not
    an effect of a policy. The count shows how many such ties there are.

    Attributes
    ----------
    by_cause : dict of str to int
        Simulated ties, by cause.
    ties, total : int
        Simulated ties that had a channel on the first day, and of them those that were out of contact on some day.
    seeds : tuple of int
        The members counted.
    """

    by_cause: dict[str, int]
    ties: int
    total: int
    seeds: tuple[int, ...]


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
    return FirstLosses({cause: counts[cause] for cause in CAUSES}, ties, len(rules), result.seeds)

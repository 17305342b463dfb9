"""Follow simulated people of a finished run and their kin, day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, Unpack

import numpy as np

from ..arm import Arm
from ..changes import Given
from ..core.groups import Group, is_diaspora, is_family, spoken
from ..errors import InputError, Problem, RunError, did_you_mean
from ..people import events
from ..people.contact import BRIDGED
from ..people.kernel_types import Rows
from ..results import Result, open_run
from ..results.manifest import maker
from ..results.panel import ARMS, Pair
from ..results.ties import (
    BRIDGE,
    HIT,
    OTHER,
    RANKS,
    TYPICAL,
    WORST,
    Bond,
    Happening,
    Life,
    Lives,
    Person,
)
from ..scenario import Scenario
from ..scenario.load import member_spec
from ..text.reportable import EVER, family_groups, main_groups
from .ensemble import run as run_ensemble
from .options import OptionsWithFolder, check_count, posed, takes_options
from .pairs import Cause, TieWatch, arm_data, kin_table, make_arms, platforms_in

DIRECT, BY_VPN, POORLY, INSTALLED = "opens directly", "opens by VPN", "opens poorly", "app is back"
AROUND, AGREED, TRIAL_OVER = "workaround left", "agreed with kin", "trial over"
_RULES = {
    events.DROPS: TRIAL_OVER,
    events.STAYS: TRIAL_OVER,
    events.TAKES_UP: "substitute",
    events.PROMOTED: "promoted",
    events.KIN_USE: AGREED,
    events.AWARE: "VPN known",
    events.VPN: "VPN found",
    events.NO_VPN: "VPN idle",
    events.APP_BACK: INSTALLED,
    events.NUMBERS: "telephone numbers",
    events.PHONES: "telephone",
    events.CHANGED: "one more in common",
}
"""The rule by which something happens, where it does not follow from what a person finds on the
platform.
"""
_WORSE = (events.GIVES_UP, events.FAILS, events.POOR, events.APP_GONE)
_BETTER = (events.WORKS_AGAIN, events.GOOD, events.RETURNS, events.APP_BACK)
SAME, OTHER_APP, A_BRIDGE = "on a platform of before", "on another platform", "over a bridge"
_ABOUT_VPN = (
    -1
)  # in place of the platform, where a policy is noted for what somebody does about VPNs


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
        self.platforms, self.has_vpn = (
            arm.person["using"][self.people],
            arm.person["vpn"][self.people] > 0,
        )
        self.happenings: list[Happening] = []
        self.open, self.out = np.zeros((2, arm.spec.days, ties.size), np.bool_)
        self._behind: dict[
            tuple[int, int], str
        ] = {}  # policy behind what a person does about a platform
        self._behind_tie: dict[int, str] = {}
        self._contact: dict[int, Rows] = {}  # what becomes of the contact of each tie today

    def read(self) -> None:
        """Write down the day, after it."""
        arm, today, rows = self.arm, str(self.arm.date), self.events()
        self._contact = {int(event["who"]): event for event in rows[rows["what"] >= events.LOST]}
        for event in rows:
            self.happenings += (
                self._of_person if event["what"] < events.NUMBERS else self._of_tie
            )(event, today)
        self.open[arm.day] = arm.kin.channels[self.ties] != 0
        self.out[arm.day] = arm.kin.out_days[self.ties] > 0

    def _of_person(self, event: Rows, today: str) -> Iterator[Happening]:
        """Yield what somebody does about a platform, or about VPNs."""
        who, what, p, was = (int(event[name]) for name in ("who", "what", "platform", "was"))
        cause = Cause(
            events.GONE if what == events.APP_GONE else int(event["cause"]),
            who,
            platforms_in(was)[0] if was else p,
        )
        policy, rule = self.blame.of(cause) if cause.platform >= 0 else ("", "")
        key = who, _ABOUT_VPN if what in (events.AWARE, events.VPN, events.NO_VPN) else p
        before = self._behind.get(key, "")
        if what in _WORSE:
            self._behind[key] = policy = policy or before
        elif what == events.NO_VPN:
            policy = before
        elif what in (events.DROPS, events.STAYS, *_BETTER):
            policy = before or policy
        else:
            self._behind[key] = policy
        if what == events.APP_GONE and event["now"] >> p & 1:
            rule = AROUND
        elif what in _BETTER:
            rule = {events.WORKS: DIRECT, events.TIRED: BY_VPN}.get(cause.cause, POORLY)
        names = () if key[1] == _ABOUT_VPN else self.names(1 << p)
        if cause.cause == events.OWN_RULE and what == events.TAKES_UP:
            yield Happening(today, who, events.WHAT[what], names, rule, policy)
            return
        yield Happening(
            today,
            who,
            events.WHAT[what],
            names,
            _RULES.get(what, rule),
            policy,
            instead=self.names(was),
        )

    def _of_tie(self, event: Rows, today: str) -> Iterator[Happening]:
        """Yield what becomes of a tie, once for each end."""
        tie, what, p, was, now = (
            int(event[name]) for name in ("who", "what", "platform", "was", "now")
        )
        one, two = ends = self.ends(tie)
        bits, instead, rule = now, 0, _RULES.get(what, "")
        if what == events.NUMBERS:
            bits, instead, policy = 0, now, self._coming(ends, now)
        elif what == events.AGREES:
            bits, instead, rule = 1 << p, was, events.WAYS_TO_AGREE[event["cause"]]
            if event["cause"] == events.BEFOREHAND:
                policy = self._coming(ends, now)
            else:
                if tie not in self._behind_tie:
                    self._behind_tie[tie] = self.blame.of(
                        self.why(self._contact.get(tie, event), was)
                    )[0]
                policy = self._behind_tie[tie]
            self._behind |= {(end, p): policy for end in ends}
        elif what == events.BACK:
            is_same = now & int(self.arm.kin.first[tie]) & ~int(BRIDGED)
            rule = SAME if is_same else A_BRIDGE if now == int(BRIDGED) else OTHER_APP
            policy = self._behind_tie.pop(tie, "")
        else:
            if what == events.LOST:
                bits = was or now
            elif what == events.CHANGED:
                instead = was
            gone = bits if what == events.LOST else was & ~now if what == events.CHANGED else 0
            if gone:
                self._behind_tie[tie], rule = self.blame.of(self.why(event, gone))
            policy = self._behind_tie.get(tie, "")
        if not policy:  # the tie follows from what one of the two did about one of these platforms
            moved = bits ^ instead if instead else bits
            policies = (self._behind.get((end, q), "") for end in ends for q in platforms_in(moved))
            policy = next(filter(None, policies), "") or (
                self.blame.of_bridge() if moved & int(BRIDGED) else ""
            )
        value = float(event["days"]) if what in (events.BACK, events.PHONES) else float("nan")
        names, replaced = self.names(bits), self.names(instead)
        for person, kin in ((one, two), (two, one)):
            yield Happening(
                today, person, events.WHAT[what], names, rule, policy, kin, replaced, value
            )

    def _coming(self, ends: tuple[int, int], channels: int) -> str:
        """Return the policy that takes most of the channels (bits) of two people in the end."""
        coming, state = self.arm.cells["coming"], self.arm.person["state"]
        taken = [
            (float(coming[state[end], p]), Cause(events.WORKS, end, p))
            for end in ends
            for p in platforms_in(channels)
        ]
        most = max(taken, key=lambda each: each[0], default=(0.0, Cause(events.WORKS)))
        return self.blame.of(most[1])[0] if most[0] > 0.0 else ""

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the platforms of bits, by name; a bridge between two of them comes last."""
        names = tuple(self.arm.setting.platforms[p] for p in platforms_in(bits))
        return (*names, *([BRIDGE] if bits & int(BRIDGED) else ()))


def choose(
    days: np.ndarray, longest: np.ndarray, silent: np.ndarray, count: int
) -> list[tuple[int, str]]:
    """Return places of people and the role of each, in the order in which they are shown.

    People are put in order by the days without any platform channel to kin, then by the longest
    stretch, then by the conversations lost, then by their number. ``typical of the group`` is in
    the middle of all, ``typical of those who lose contact`` in the middle of those with such days,
    and ``worst`` is the last. More are spread evenly between them.

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
        A diaspora or its families, such as ``US<-CN``, ``CN-in-US`` or ``family:US<-CN``; by
        default the one that loses most contact.
    count : int
        How many people: a typical one of the group, a typical one of those who lose contact, the
        worst, and others between them.
    seed : int, optional
        Seed of the member; by default the median one by the share of the group that ever loses
        contact.
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
        When the run has no such group or member, nobody in the group has a channel to kin, or there
        are options for a run that is finished.
    RunError
        When the member differs from the one in the run, because other code or data made the run.
    """
    check_count("--count", count, "people", 3)
    path = Path(result) if isinstance(result, str | Path) else None
    # A run folder, even one that is missing, and no scenario.
    is_folder = path and (
        path.is_dir() or (len(path.parts) > 1 and path.parent.is_dir() and not path.suffix)
    )
    if not (isinstance(result, Result) or is_folder):
        with posed(result, options) as (spec, seeds, place, _):
            made = run_ensemble(spec, seeds=len(seeds), **place)
            return follow(made, group, count, seed=seed, on_day=on_day)
    if options:
        found = f"{', '.join(options)} for a run that is finished"
        raise InputError(
            Problem(
                "follow",
                found,
                "a scenario, which is run with them",
                "sn.follow('wechat_19m', people=20_000)",
            )
        )
    run = result if isinstance(result, Result) else open_run(Path(str(result)))
    name = _group(run, group)
    member = _member(run, name, seed)
    watched = watch(run.scenario, run.seeds[member], name, on_day)
    for stored, again in zip(run.members[member], watched.pair, strict=True):
        shared = [key for key in stored.arrays if key in again.arrays]
        same = (
            np.array_equal(stored.arrays[key], again.arrays[key], equal_nan=True) for key in shared
        )
        if stored.axes != again.axes or not all(same):
            manifest = run.info.get("manifest")
            by = (
                f"; the run is the work of {maker(manifest)}, this is {maker()}" if manifest else ""
            )
            raise RunError(
                f"the member with seed {stored.seed}, run again, does not give the numbers of the run{by}: "
                "run the scenario again, then follow that run"
            )
    lives, seed = all_lives(watched), run.seeds[member]
    if not lives:
        problem = (
            f"nobody of {name} has a platform channel to kin abroad in the member with seed {seed}"
        )
        raise InputError(
            Problem("--group", problem, "a group whose people have one", "run more people")
        )
    days = np.array([life.days_without() for life in lives])
    longest = np.array([life.longest() for life in lives])
    silent = np.array(
        [sum(bond.conversations * bond.out[ARMS[1]].sum() for bond in life.bonds) for life in lives]
    )
    shown = tuple(
        replace(lives[place], role=role) for place, role in choose(days, longest, silent, count)
    )
    dates, ever = watched.pair[0].axes.dates, int((days > 0).sum())
    program = run.version, run.commit
    return Lives(
        run.name, run.run_id, *program, run.scenario, name, seed, dates, len(lives), ever, shown
    )


def watch(
    spec: Scenario, seed: int, group: str, on_day: Callable[[int], None] | None = None
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
    """Return the life of everybody of the group who has a channel to any kin without the policies,
    by number.
    """
    diaries = dict(zip(ARMS, (watched.baseline, watched.policy), strict=True))
    policy, about, has_channel = (
        watched.policy,
        _people(watched.policy),
        watched.baseline.open.any(axis=0),
    )
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
    lives = []
    for person in sorted(in_touch):
        shown: dict[str, tuple[Happening, ...]] = {}
        for arm, happenings in by_person.items():
            # What happens to the person and to the kin. What happens between the two stands once,
            # as the person meets it; what happens between the kin and others is left out.
            people = {person, *(bond.kin.number for bond in bonds[person])}
            placed = sorted(
                (each for who in people for each in happenings.get(who, ())), key=itemgetter(0)
            )
            shown[arm] = tuple(one for _, one in placed if one.person == person or one.kin < 0)
        lives.append(Life(about[person], HIT, tuple(bonds[person]), shown))
    return lives


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
        people[number] = Person(
            number, group.label, home, float(group.weight), age, skill, platforms, has_vpn
        )
    return people


def _group(run: Result, asked: str | None) -> str:
    """Return the group that is asked for, as the run names it.

    Raises
    ------
    InputError
        When there is no such group, or the run has none.
    """
    labels = [
        label for label in run.members[0][0].axes.groups if is_diaspora(label) or is_family(label)
    ]
    if not labels:
        raise InputError(
            Problem("--group", "this run has no diaspora", "a run with people who have kin abroad")
        )
    if asked is None:
        most = main_groups(run, 1) or family_groups(run, 1)
        return (most or [label for label in run.focus.groups if label in labels] or labels)[0]
    name = spoken(asked)
    if name not in labels:
        allowed = f"one of {', '.join(labels)}; 'CN-in-US' is 'US<-CN'"
        raise InputError(
            Problem("--group", f"there is no group '{asked}'", allowed, did_you_mean(name, labels))
        )
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

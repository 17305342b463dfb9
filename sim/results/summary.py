"""The summary of a run: rows with intervals for every metric, and the other numbers of
``summary.json``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..core.groups import Group, Sampled, design_effect, is_diaspora, is_family
from ..decisions import ADOPTS, Answer, Join
from ..metrics.registry import METRICS, Metric
from .calls import bill
from .firms import Firms, beside_surveys, is_measured
from .focus import Diaspora, from_abroad, largest, states_concerned
from .interval import interval
from .panel import ArmData, Array, Pair, metrics_held
from .series import (
    MIN_PEOPLE,
    At,
    Cell,
    Keep,
    Widen,
    at_median,
    at_point,
    cells_of,
    fewest_people,
    spread,
    values,
)

if TYPE_CHECKING:
    from .model_error import ModelError
    from .result import Result

ROW_COLUMNS = (
    "metric",
    "state",
    "platform",
    "group",
    "unit",
    "at",
    "date",
    "baseline",
    "policy",
    "effect",
    "low",
    "high",
    "mc_error",
    "simulated",
)
Row = dict[str, str | float | int | None]
_USERS = "active_users"
_MOST_STATES = 8
"""Number of acting states whose platforms are reported, in the order of their policies."""
_MOST_USED = 5
"""Number of platforms that are named if everything is cut."""


def summary_rows(
    members: Sequence[Pair],
    keep: Keep | None = None,
    *,
    error: ModelError | None = None,
    only: Collection[str] | None = None,
) -> Iterator[Row]:
    """Yield the rows of a summary.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    keep : callable, optional
        The cells to show, such as `Focus.shows`; by default all. Cells with fewer than 30 simulated
        people are left out.
    error : ModelError, optional
        The model's error, which widens the intervals.
    only : collection of str, optional
        The metrics to show; by default all.

    Yields
    ------
    dict
        One value for each column of `ROW_COLUMNS`; None if a number is undefined.
    """
    axes = members[0][0].axes
    for name in metrics_held(members):
        if only is not None and name not in only:
            continue
        sparse = "source" in METRICS[name].dims  # few of all pairs of platforms have a flow
        flows = (
            np.any([arm.arrays[name] != 0 for pair in members for arm in pair], axis=0)
            if sparse
            else None
        )
        for cell in cells_of(name, axes, keep, flows):
            if fewest_people(cell, members) >= MIN_PEOPLE:
                yield from cell_rows(
                    cell, members, None if error is None else error.of(cell, members)
                )


def cell_rows(cell: Cell, members: Sequence[Pair], widen: Widen | None = None) -> Iterator[Row]:
    """Yield the rows of one cell, one for each of its `points`; ``widen`` adds the model's error to
    the interval.
    """
    dates = members[0][0].axes.dates
    arms = [values(cell, members, arm) for arm in (0, 1)]
    people = fewest_people(cell, members)
    for at in points(METRICS[cell.metric]):
        yield cell_row(cell, arms, at, dates, people, widen)


def cell_row(
    cell: Cell,
    arms: Sequence[Array],
    at: At,
    dates: Sequence[str],
    people: int,
    widen: Widen | None = None,
) -> Row:
    """Return the row of a cell at one point in time, from its values in both arms, (M, T) or
    (M,).
    """
    metric = METRICS[cell.metric]
    baseline, policy, day, days = numbers_at(metric, arms, at)
    both = spread(baseline, policy, day, widen=widen, days=days)
    unit = metric.total_unit if at == "total" else metric.unit
    date = None if both.day is None else dates[both.day]
    numbers = (both.baseline, both.policy, both.effect, both.low, both.high, both.mc_error, people)
    return dict(zip(ROW_COLUMNS, (*cell.key, unit, at, date, *numbers), strict=True))


def numbers_at(
    metric: Metric, arms: Sequence[Array], at: At
) -> tuple[Array, Array, int | None, int]:
    """Return one number of each arm for each seed, like `at_point`, for a metric of any kind; a
    loss of users is that of the median users (`at_median`).
    """
    if metric.kind == "total":
        return arms[0], arms[1], None, 1
    *both, day, days = at_point(arms[0], arms[1], "end" if metric.running else at)
    baseline, policy = at_median(metric, *both)
    return (
        (baseline / days, policy / days, day, 1)
        if metric.averaged and at == "total"
        else (baseline, policy, day, days)
    )


def points(metric: Metric) -> tuple[At, ...]:
    """Return the points in time for which a summary has a row.

    The last day of a running total covers the whole run, so it has no peak. Shares and indices have
    no sum.
    """
    if metric.kind == "total":
        return ("total",)
    if metric.running:
        return ("end", "total")
    daily: tuple[At, ...] = ("end", "peak", "worst_week")
    return daily if metric.form in ("share", "index") and not metric.averaged else (*daily, "total")


def main_point(metric: Metric) -> At:
    """Return the default point in time of a metric."""
    return "total" if metric.kind == "total" or metric.running or metric.averaged else "peak"


def shown_data(result: Result) -> dict[str, Any]:
    """Return the part of `summary.json` that charts show: ``rows`` and ``focus``."""
    focus = asdict(result.focus).items()
    return {
        "rows": result.rows(),
        "focus": {
            name: sorted(value) if isinstance(value, frozenset) else value for name, value in focus
        },
    }


def summary_data(result: Result) -> dict[str, Any]:
    """Return the content of `summary.json`.

    Returns
    -------
    dict
        ``rows`` (`Result.rows`); ``focus`` (`Result.focus`); ``firms`` and ``homes``: time and
        money by firm and by home state;
        ``diasporas``: people of the largest diasporas of the acting states; ``platforms``: the
        share of daily users that each target loses; ``surveys``: the platforms that gain the
        minutes of a target, beside a survey; ``adopted``: policies that states adopt by themselves,
        by seed; ``answers``: answers of firms; ``programmes``: programmes that states join;
        ``drivers``: sources of the range of contact, by group (`splinternet.results.drivers`);
        ``calls``: cost of calls home for the members of each diaspora
        (`splinternet.results.calls.Bill`); ``ties_back``: the share of cut ties that came back, by
        group, with its interval; ``sampling`` (`Result.sampling`).
    """
    money = result.firms if is_measured(result) else Firms([], [])
    # An order that does not change when a run is stored.
    groups = sorted(
        group for group in result.members[0][0].cells if is_diaspora(group) or is_family(group)
    )
    listed: dict[str, Diaspora] = {}
    for diasporas in (*largest(result.scenario).values(), *from_abroad(result.scenario).values()):
        listed |= {each.group: each for each in diasporas}
    return {
        **shown_data(result),
        **{
            name: [
                asdict(row) | {"revenue": asdict(row.revenue) | {"share": row.revenue.share}}
                for row in rows
            ]
            for name, rows in (("firms", money.by_firm), ("homes", money.by_home))
        },
        "diasporas": [
            {
                "group": group,
                "people": each.people,
                "since_2000": each.recent,
                "uses_targets_with_home": each.used,
            }
            for group, each in listed.items()
        ],
        "platforms": platforms_asked(result),
        "surveys": [asdict(each) for each in beside_surveys(result)],
        "adopted": adopted(result.members),
        "answers": [each._asdict() for each in answers_shared(result)],
        "programmes": [each._asdict() for each in programmes(result)],
        "calls": [
            asdict(each) for group in groups if (each := bill(result.scenario, group)) is not None
        ],
        "drivers": _drivers(result),
        "ties_back": {
            group: share._asdict()
            for group in groups
            if (share := share_back(result, group)) is not None
        },
        "sampling": {
            "design_effect": result.sampling.design_effect,
            # All people of a group have the same weight.
            "groups": {
                name: {**each._asdict(), "design_effect": 1.0}
                for name, each in result.sampling.groups.items()
            },
            "users": [
                {
                    **asdict(each),
                    "share_of_four": each.share_of_few,
                    "within_limit": each.within_limit,
                }
                for each in result.sampling.users
            ],
        },
    }


def _drivers(result: Result) -> dict[str, list[dict[str, Any]]]:
    """Return the drivers of the range of the share that loses every app, by diaspora."""
    from .drivers import drivers

    rows = [
        row
        for row in result.rows()
        if (row["metric"], row["at"]) == ("family_contact_ever_lost", "total")
        and is_diaspora(str(row["group"]))
    ]
    found = {str(row["group"]): drivers(result, row) for row in rows}
    return {group: [each._asdict() for each in every] for group, every in found.items() if every}


class Returned(NamedTuple):
    """The share of a group's cut ties that came back: median and 80 % interval."""

    share: float
    low: float
    high: float


def share_back(result: Result, group: str) -> Returned | None:
    """Return the share of a group's cut ties that came back in any way by the last day [1].

    It is computed for each seed, because medians of ways or of two metrics do not add up.

    Returns
    -------
    Returned or None
        None if no cut tie of the group is reported.
    """
    least = 1e-12  # fewer ties are a rounding error
    reported = {row["metric"] for row in result.rows() if row["group"] == group}
    if "ties_ever_out" not in reported:
        return None
    shares: list[float] = []
    for baseline, policy in result.members:
        cut = _at_end(policy, "ties_ever_out", group) - _at_end(baseline, "ties_ever_out", group)
        back = _at_end(policy, "reconnected", group) - _at_end(baseline, "reconnected", group)
        if cut > least:
            shares.append(min(1.0, max(0.0, back) / cut))
    if not shares:
        return None
    return Returned(float(np.median(shares)), *map(float, interval(np.array(shares))))


def shares_by_way(result: Result, group: str) -> dict[str, Returned]:
    """Return the share of a group's ties that came back in each way among those that did [1], by
    way; empty if none did.

    It is computed for each seed, like `share_back`.
    """
    axes = result.members[0][0].axes
    at = axes.labels("group").index(group)
    ends = [[arm.arrays["reconnected"][-1, at] for arm in pair] for pair in result.members]
    back = np.maximum(0.0, np.diff(np.nan_to_num(ends), axis=1)[:, 0])  # members, ways
    some = back[back.sum(axis=1) > 0.0]
    if not len(some):
        return {}
    shares = some / some.sum(axis=1, keepdims=True)
    return {
        way: Returned(float(np.median(each)), *map(float, interval(each)))
        for way, each in zip(axes.labels("way"), shares.T, strict=True)
    }


def _at_end(arm: ArmData, metric: str, group: str) -> float:
    """Return a group's total on the last day, summed over all other dimensions; 0 if the run lacks
    the metric.
    """
    if metric not in arm.arrays:
        return 0.0
    dims = METRICS[metric].dims
    last = arm.arrays[metric][-1]
    of_group = np.take(last, arm.axes.labels("group").index(group), axis=dims.index("group"))
    return float(np.nansum(of_group))


# --- the platforms in the question ----------------------------------------------------------------


def platforms_asked(result: Result) -> list[dict[str, Any]]:
    """Return the targeted platforms with users, in the order of the states and their policies.

    If a state acts on everything, they are the platforms that its people use most. ``share_lost``
    is the share of its daily users that a platform loses on its worst day, the median of the seeds
    [1]; None if it has too few simulated users.
    """
    if _USERS not in result.metrics:
        return []
    scenario = result.scenario
    axes = result.members[0][0].axes
    platforms: list[dict[str, Any]] = []
    for state in states_concerned(scenario)[:_MOST_STATES]:
        # Daily users without the policies, on the day of the largest effect.
        rows = (
            row
            for row in result.rows()
            if (row["metric"], row["at"], row["state"]) == (_USERS, "peak", state)
        )
        users = {str(row["platform"]): float(row["baseline"] or 0.0) for row in rows}
        names = dict.fromkeys(
            t for policy in scenario.policies if state in policy.concerns() for t in policy.targets
        )
        if scenario.scene.acting[state] is None:
            names |= dict.fromkeys(
                sorted(users, key=lambda platform: -users[platform])[:_MOST_USED]
            )
        for name in names:
            lost = None
            if users.get(name):
                at = axes.states.index(state), axes.platforms.index(name)
                had, has = (
                    np.array([pair[arm].series(_USERS, at) for pair in result.members])
                    for arm in (0, 1)
                )
                shares = 1.0 - has / np.where(
                    had > 0, had, np.inf
                )  # share of users lost on each day
                lost = float(np.median(np.max(shares, axis=1, where=had > 0, initial=0.0)))
            platforms.append({"state": state, "platform": name, "share_lost": lost})
    return platforms


# --- decisions ------------------------------------------------------------------------------------


class SharedAnswer(NamedTuple):
    """An answer of a firm to a demand, in effect for all its platforms, and the number of seeds
    with this answer.
    """

    platforms: str
    kind: str
    members: int


def answers_shared(result: Result) -> list[SharedAnswer]:
    """Return the last answer in effect of each firm, with the most frequent answers first."""
    count: dict[tuple[str, str], int] = {}
    for _, policy in result.members:
        last = {}
        for one in policy.decisions:
            if isinstance(one.act, Answer) and one.act.in_effect:
                last[", ".join(one.platforms) or one.who] = one.act.kind
        for key in last.items():
            count[key] = count.get(key, 0) + 1
    found = [SharedAnswer(*key, n) for key, n in count.items()]
    return sorted(
        found,
        key=lambda each: (-each.members, -each.platforms.count(","), each.platforms, each.kind),
    )


class Programme(NamedTuple):
    """A programme of a state against another state, which states join by themselves.

    ``joined`` are the states that have joined it for each seed; ``states`` are those that join for
    more than half of the seeds.
    """

    leader: str
    adversary: str
    joined: tuple[int, ...]
    states: tuple[str, ...]


def programmes(result: Result) -> list[Programme]:
    """Return the programmes that states join for more than half of the seeds, the largest first."""
    who: dict[tuple[str, str], list[set[str]]] = {}
    for member, (_, policy) in enumerate(result.members):
        for one in policy.decisions:
            if isinstance(one.act, Join):
                inside = who.setdefault(
                    (one.act.leader, one.act.adversary), [set() for _ in result.members]
                )
                inside[member].add(one.who)
    found = list[Programme]()
    half = len(result.members) / 2
    for pair, by_member in who.items():
        share = Counter(state for states in by_member for state in states)
        often = sorted(
            (state for state in share if share[state] > half),
            key=lambda state: (-share[state], state),
        )
        if sum(map(bool, by_member)) > half:
            found.append(Programme(*pair, tuple(map(len, by_member)), tuple(often)))
    return sorted(found, key=lambda each: (-sum(each.joined), each.leader, each.adversary))


def adopted(members: Sequence[Pair]) -> list[int]:
    """Return the number of policies that states adopt by themselves for each seed [policies]."""
    return [
        sum(isinstance(decision.act, ADOPTS) for decision in policy.decisions)
        for _, policy in members
    ]


def typical_member(members: Sequence[Pair]) -> int:
    """Return the number of the first seed, counted from 1, whose number of adopted policies is
    nearest to the median.
    """
    counts = np.array(adopted(members))
    return 1 + int(np.abs(counts - np.median(counts)).argmin())


# --- sampling -------------------------------------------------------------------------------------


class GroupSample(NamedTuple):
    """One group: the smallest number of simulated people of any seed, and the real people of the
    first seed [persons].
    """

    simulated: int
    real: float


@dataclass(frozen=True)
class Sampling:
    """The sample of people of a run.

    Attributes
    ----------
    design_effect : float
        Design effect of the weights of all simulated people, for the first seed [1].
    groups : mapping of str to GroupSample
        Groups by label.
    users : tuple of Sampled
        The users of each targeted platform in an acting state, for the seed with the heaviest user;
        their simulated number is the smallest of any seed.
    """

    design_effect: float
    groups: Mapping[str, GroupSample]
    users: tuple[Sampled, ...]

    def __repr__(self) -> str:
        return f"<Sampling: {len(self.groups)} groups, design effect {self.design_effect:.3g}>"

    def __str__(self) -> str:
        rows = [
            f"{label:<28} {group.simulated:>10,} {group.real:>16,.0f}"
            for label, group in self.groups.items()
        ]
        return "\n".join([repr(self), f"{'group':<28} {'simulated':>10} {'real':>16}", *rows])

    @classmethod
    def of(cls, members: Sequence[Pair]) -> Sampling:
        """Return the sampling of people over some seeds."""
        first = members[0][0]
        groups = {
            label: GroupSample(
                min(base.cells.get(label, 0) for base, _ in members), first.real.get(label, 0.0)
            )
            for label in first.axes.groups
        }
        sizes = [first.cells.get(label, 0) for label in groups]
        weights = [
            group.real / n if n else 0.0 for group, n in zip(groups.values(), sizes, strict=True)
        ]
        by_platform: dict[tuple[str, str], list[Sampled]] = {}
        for each in (each for baseline, _ in members for each in baseline.sampled):
            by_platform.setdefault((each.state, each.platform), []).append(each)
        users = (
            replace(
                max(every, key=lambda each: each.share_of_few),
                simulated=min(each.simulated for each in every),
            )
            for every in by_platform.values()
        )
        return cls(design_effect(weights, sizes), groups, tuple(users))

    def simulated(self, group: str) -> int:
        """Return the printed number of simulated people of a group, 0 if the run has no such
        group.
        """
        return self.groups[group].simulated if group in self.groups else 0

    def in_state(self, state: str) -> int:
        """Return the simulated people of all groups that live in a state."""
        return sum(
            group.simulated
            for label, group in self.groups.items()
            if Group.read(label).home == state
        )

"""The effects of a run that are reported: the groups and platforms, by size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from ..core.groups import is_diaspora, is_family
from ..people.access import TALK
from ..results.firms import served_apart
from ..results.result import Result
from ..results.summary import Row
from ..scenario import Scenario
from ..scenario.explain import assumed_targets

LOST = "family_contact_lost"
LOST_PEOPLE = "family_contact_lost_people"
LOST_DAYS = "contact_days_lost"
EVER = "family_contact_ever_lost"
EVER_PEOPLE = "family_contact_ever_lost_people"
BY_STEP = "contact_by_step"
TELEPHONE = "telephone"
CUT_OFF = "cut_off"
WEEK = "family_contact_lost_7d"
MONTH = "family_contact_lost_30d"
DAYS_EACH = "contact_days_lost_per_member"
CONTACT = (EVER, WEEK, MONTH, DAYS_EACH)
"""The headline metric of lost contact over the run."""
_HIT = {EVER_PEOPLE: "total", EVER: "total", LOST_PEOPLE: "worst_week", LOST: "worst_week"}
"""Metrics of the people in a group who lose contact, the best first, each with its point in time.
"""
MAIN_GROUPS = 3
"""Number of groups that a headline reports."""
FEWEST_CASES = 3
"""Smallest number of simulated people who lose contact for a group to be named; fewer may be chance
(assumption).
"""
FELT = 0.001
"""Smallest share of users that a platform loses or gains to be named (assumption)."""
NOISE = 0.001
"""Smallest change of a listed platform, as a share of the largest change (assumption)."""
WIDEST = 10.0
"""Largest ratio of the high to the low end of a gain at which a winner is named (assumption)."""
LEAST = 1e-12
"""Smaller effects are rounding errors."""
VISIBLE = 0.005
"""Smallest change of routes or services that counts [1] (assumption)."""


@dataclass(frozen=True)
class Index:
    """The rows of a summary, by subject."""

    rows: dict[tuple[str, str, str, str, str], Row]

    def get(
        self, metric: str, at: str, state: str = "", platform: str = "", group: str = ""
    ) -> Row | None:
        """Return one row, or None if the summary lacks it."""
        return self.rows.get((metric, state, platform, group, at))


def index(result: Result) -> Index:
    """Return the rows of a result by metric, state, platform, group and point in time; cached by
    result.
    """
    held = vars(result)
    if "_by_cell" not in held:
        held["_by_cell"] = by_cell(result.rows())
    return held["_by_cell"]  # type: ignore[no-any-return]


def by_cell(rows: Iterable[Row]) -> Index:
    """Return rows by metric, state, platform, group and point in time."""
    keys = ("metric", "state", "platform", "group", "at")
    return Index({tuple(str(row[key]) for key in keys): row for row in rows})  # type: ignore[misc]


def effect(row: Row | None, column: str = "effect") -> float:
    """Return a number of a row; zero if the row or the number is missing."""
    value = row[column] if row is not None else None
    return float(value) if isinstance(value, int | float) else 0.0


def ends(row: Row | None) -> tuple[float, float, float]:
    """Return the effect of a row and the ends of its interval."""
    return effect(row), effect(row, "low"), effect(row, "high")


def nothing_changed(result: Result) -> bool:
    """Return whether both arms are the same on every day, for every metric and seed."""
    return all(
        baseline.same_array(policy, name)
        for baseline, policy in result.members
        for name in baseline.arrays
    )


def main_groups(result: Result, n: int = MAIN_GROUPS) -> list[str]:
    """Return the diasporas that lose most contact with their families, ordered by people
    affected.
    """
    return hit_most(
        result, index(result), [group for group in result.focus.groups if is_diaspora(group)]
    )[:n]


def hit_most(result: Result, found: Index, groups: Sequence[str]) -> list[str]:
    """Return the groups in which enough people lose contact, ordered by people affected."""
    sizes = {group: people_hit(result, found, group) for group in groups}
    touched = [group for group, size in sizes.items() if cases(result, group, size) >= FEWEST_CASES]
    return sorted(touched, key=lambda group: -sizes[group])


def people_hit(result: Result, found: Index, group: str) -> float:
    """Return the number of people in a group who ever lose contact or, if not measured, in its
    worst week.
    """
    metric = metric_of_hit(result)
    size = effect(found.get(metric, _HIT.get(metric, ""), group=group))
    return (
        size
        if metric in (EVER_PEOPLE, LOST_PEOPLE)
        else size * result.members[0][0].real.get(group, 0.0)
    )


def metric_of_hit(result: Result) -> str:
    """Return the metric of the people in a group who lose contact; empty if a run measures none."""
    return next((metric for metric in _HIT if metric in result.metrics), "")


def cases(result: Result, group: str, people: float) -> float:
    """Return the number of simulated people that represent a number of real people of a group."""
    baseline = result.members[0][0]
    real = baseline.real.get(group, 0.0)
    simulated = baseline.cells.get(group, 0)
    return people * simulated / real if real else 0.0


def family_groups(result: Result, n: int = MAIN_GROUPS) -> list[str]:
    """Return the families at home that lose most contact, ordered by people affected."""
    return hit_most(
        result, index(result), [group for group in result.focus.groups if is_family(group)]
    )[:n]


def carriers_of_ties(scenario: Scenario) -> set[str]:
    """Return the platforms by which relatives can talk; others carry no family tie."""
    platforms = scenario.platforms.items()
    return {name for name, fact in platforms if not set(fact.modes).isdisjoint(TALK)}


def acting(result: Result) -> frozenset[str]:
    """Return the acting states of a run: by a policy of the scenario, or by their own decision."""
    decided = {
        d.who for _, policy in result.members for d in policy.decisions if d.policy is not None
    }
    return frozenset(state for policy in result.scenario.policies for state in policy.by) | decided


def aimed(result: Result) -> list[tuple[str, str]]:
    """Return (state, platform) for each target of the policies, in the order of the scenario."""
    pairs = [
        pair
        for policy in result.scenario.policies
        for pair in product(policy.concerns(), policy.targets)
    ]
    return list(dict.fromkeys(pairs))


def counted_at(result: Result) -> str:
    """Return the point in time at which use is counted: the last day or, if every policy is over by
    then, a platform's worst week.
    """
    last = date.fromisoformat(result.dates[-1])
    acts = [policy for policy in result.scenario.policies if not policy.HALTS]
    ended = {
        policy.about()
        for policy in result.scenario.policies
        if policy.ENDS and policy.in_force(last)
    }
    over = [p for p in acts if p.on and p.on <= last and (p.id in ended or not p.in_force(last))]
    by_themselves = any(policy.decisions for _, policy in result.members)
    return "worst_week" if over and len(over) == len(acts) and not by_themselves else "end"


def movers(result: Result, at: str = "") -> list[Row]:
    """Return the rows of daily users that the policies change, sorted by effect, the largest gain
    first.

    The rows are for one point in time, by default that of `counted_at`.

    The result leaves out effects that are negligible beside the largest one. If a policy cuts
    networks, it also leaves out services that run separately in their users' state, because the
    model does not represent them.
    """
    apart = served_apart(result.scenario)
    at = at or counted_at(result)
    rows = [
        row
        for row in result.rows()
        if (row["metric"], row["at"]) == ("active_users", at)
        and (row["state"], row["platform"]) not in apart
    ]
    least = max(LEAST, NOISE * max((abs(effect(row)) for row in rows), default=0.0))
    return sorted((row for row in rows if abs(effect(row)) > least), key=lambda row: -effect(row))


def shown_movers(result: Result, most: int) -> list[Row]:
    """Return the rows of a table of movers, the largest losses and then the largest gains.

    A change that may be zero has a row only for a target. If the use of the targets is an
    assumption, no winner is named.
    """
    aims = aimed(result)
    is_assumed = bool(assumed_targets(result.scenario))
    rows = [
        row for row in movers(result) if is_sure(row) or (row["state"], row["platform"]) in aims
    ]
    losses = [row for row in reversed(rows) if effect(row) < 0][:most]
    return losses + [row for row in rows if effect(row) > 0 and not is_assumed][:most]


def is_felt(row: Row) -> bool:
    """Return whether a platform clearly loses or gains a large enough share of its users."""
    if abs(effect(row)) <= LEAST or effect(row, "low") < 0 < effect(row, "high"):
        return False
    return abs(effect(row)) >= FELT * effect(row, "baseline")


def is_sure(row: Row | None) -> bool:
    """Return whether the interval of an effect excludes zero; for one seed, whether there is an
    effect.
    """
    if row is None:
        return False
    low, high = sorted((effect(row, "low"), effect(row, "high")))
    return low > LEAST or high < -LEAST


def names_winner(low: float, high: float) -> bool:
    """Return whether the interval of a gain is narrow enough to name a winner: its ends differ less
    than tenfold.
    """
    return 0.0 < high < WIDEST * low


def any_lost(result: Result) -> bool:
    """Return whether anybody lost contact with the family on any day."""
    lost = [
        row
        for row in result.rows()
        if row["metric"] in _HIT and row["at"] in ("total", "worst_week")
    ]
    return any(abs(effect(row)) > LEAST for row in lost)

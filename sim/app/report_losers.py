"""The part of a report on who loses contact and which platforms lose and gain people."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ..core.groups import is_diaspora, is_family
from ..results import Result
from ..results.firms import is_measured
from ..results.series import MIN_PEOPLE
from ..results.summary import summary_rows
from ..text import firms
from ..text.numbers import capital, compact, compact_range, day, group_name, number, state_name
from ..text.reportable import (
    CONTACT,
    EVER,
    EVER_PEOPLE,
    FEWEST_CASES,
    LOST,
    LOST_PEOPLE,
    Index,
    effect,
    hit_most,
    metric_of_hit,
    shown_movers,
)
from .pages import Picture, Table
from .report_run import FIRM_CHART, picture

_SHOWN = frozenset((*CONTACT, EVER, EVER_PEOPLE, LOST, LOST_PEOPLE))
_MOVERS = 8  # platforms that lose, and that gain


@dataclass(frozen=True)
class Losers:
    """Who loses contact, and which platforms lose and gain people.

    Attributes
    ----------
    groups, platforms : Table, optional
        Group by group, and platform by platform; None if the run has no metric of it.
    firms : list of Table
        Time and money by firm, and beside surveys; none where no firm surely gains or loses.
    firm_chart : Picture, optional
        The same by home state; None unless a policy is aimed at a platform of another state and a firm surely moves.
    """

    TEMPLATE: ClassVar[str] = "losers.html"
    groups: Table | None
    platforms: Table | None
    firms: list[Table]
    firm_chart: Picture | None


def losers(result: Result) -> Losers:
    """Return who loses contact, group by group, and which platforms lose and gain people."""
    return Losers(_by_group(result), _by_platform(result), list(_by_firm(result)), _firm_chart(result))


def _by_group(result: Result) -> Table | None:
    """Return the table of groups; its note names those that it leaves out."""
    if not {EVER, EVER_PEOPLE, LOST, LOST_PEOPLE} & set(result.metrics):
        return None
    first = result.members[0][0]
    groups = [group for group in first.axes.groups if is_diaspora(group) or is_family(group)]
    thin = [group for group in groups if result.sampling.simulated(group) < MIN_PEOPLE]
    thick = [group for group in groups if group not in thin]
    # Include every group, not only those in focus. The other columns are computed only for those that lose contact.
    hit = hit_most(result, _rows_of(result, thick, {metric_of_hit(result)}), thick)
    found = _rows_of(result, hit, _SHOWN)
    rest = len(groups) - len(thin) - len(hit)
    left = []
    if rest:
        lost = f"nobody, or fewer than {FEWEST_CASES} simulated people, which may be chance"
        left.append(f"{_groups(rest, 'other ' if hit else '')} {'loses' if rest == 1 else 'lose'} {lost}.")
    if thin:
        left.append(f"{_groups(len(thin))} of fewer than {MIN_PEOPLE} simulated people left out.")
    note = (
        "A family is counted where it lives, its relatives abroad apart. Shares and days are of those who without the "
        "policies have a platform channel to the other end, not of all whom the group stands for; the worst week is "
        "the mean of seven days. "
    )
    header = (
        "group", "simulated", "stand for", "ever lost contact", "for 7 days or more", "for 30 days or more",
        "days each", "in the worst week",
    )  # fmt: skip
    cells = [_group_row(result, found, group) for group in hit]
    title = "Who loses every platform channel to the family: effect of the policies (10 to 90 % of members)"
    text = (note if hit else "") + " ".join(left)
    return Table(title, header, cells, numbers=range(1, 8), widths=(20, 8, 9, 13, 13, 13, 11, 13), note=text)


def _rows_of(result: Result, groups: Sequence[str], metrics: Collection[str]) -> Index:
    """Return the rows of a summary of some groups and metrics, and of nothing else."""
    focus = replace(result.focus, groups=tuple(groups), states=(), platforms=(), pairs=frozenset())
    rows = [
        row
        for row in summary_rows(result.members, focus.shows, error=result.model_error, only=metrics)
        if row["group"] and not row["platform"]
    ]
    return Index({tuple(str(row[k]) for k in ("metric", "state", "platform", "group", "at")): row for row in rows})  # type: ignore[misc]


def _groups(n: int, which: str = "") -> str:
    """Return ``1 group`` or ``12 other groups``."""
    return f"{n} {which}group{'s' * (n != 1)}"


def _group_row(result: Result, found: Index, group: str) -> tuple[str, ...]:
    """Return one group as a row."""

    def cell(metric: str, at: str) -> str:
        row = found.get(metric, at, group=group)
        if row is None or row["effect"] is None:
            return "-"
        return compact_range(metric, effect(row), effect(row, "low"), effect(row, "high"))

    return (
        capital(group_name(result.scenario, group)),
        f"{result.sampling.simulated(group):,}",
        number(result.sampling.groups[group].real),
        *(cell(metric, "total") for metric in CONTACT),
        cell(LOST, "worst_week"),
    )


def _by_platform(result: Result) -> Table | None:
    """Return the table of platforms that lose and gain daily users; without rows where none does."""
    if "active_users" not in result.metrics:
        return None
    rows = shown_movers(result, _MOVERS)
    cells: list[Sequence[str]] = [
        (
            f"{row['platform']}, {state_name(result.scenario, str(row['state']))}",
            compact("active_users", effect(row, "baseline")),
            compact("active_users", effect(row, "policy")),
            compact_range("active_users", *(effect(row, key) for key in ("effect", "low", "high"))),
            f"{int(effect(row, 'simulated')):,}",
        )
        for row in rows
    ]
    header = ("platform, state", "without", "with the policies", "effect (10-90 %)", "simulated users")
    title = f"Daily users on {day(result.dates[-1])} [persons]: the largest losses, then the largest gains"
    unsure = any(effect(row, "low") <= 0 <= effect(row, "high") for row in rows)
    note = "If the interval includes zero, chance may explain the change." if unsure else ""
    return Table(title, header, cells, numbers=range(1, 5), note=note)


def _by_firm(result: Result) -> Iterator[Table]:
    """Yield the tables of time and money by firm, and of where the time of a lost platform goes, beside a survey."""
    rows = firms.table(result)
    if rows:
        yield Table(firms.TITLE, ("firm", *firms.HEADER), rows, numbers=range(1, 6), note=firms.NOTE)
    for survey in firms.surveys(result):
        header = ("platform", *firms.SURVEY_HEADER)
        yield Table(survey.title, header, survey.rows, numbers=range(1, 4), note=firms.SURVEY_NOTE)


def _firm_chart(result: Result) -> Picture | None:
    """Return the chart of firms by home state, where a policy is aimed abroad and the chart shows something."""
    from .. import plots

    if not (is_measured(result) and firms.aimed_abroad(result)):
        return None
    figure: Any = plots.draw(result, FIRM_CHART)
    return None if figure.shows_nothing else picture(result, figure, plots.charts()[FIRM_CHART].description)

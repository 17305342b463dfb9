"""Gains and losses of time and money in words: by firm, by home state, and next to the answers in surveys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ..results.firms import REVENUE, Amount, FirmRow, beside_surveys, is_measured
from .numbers import capital, compact, compact_range, percent, state_name, with_range

if TYPE_CHECKING:
    from ..results.result import Result

TITLE = "Time and money by firm, its home and the state of its users: minutes on the last day, US$ over the run"
HEADER = ("minutes a day", "US$", "US$ at stake", "share")
SURVEY_TITLE = "Where the time of {lost} in {state} goes, next to a survey of its users"
SURVEY_HEADER = ("of the minutes gained", "of those asked", "of all their answers")
NOTE = (
    "Ranges cover members and ranges of minutes, spending and revenue per user (sim/facts). For shops, US$ are what "
    "buyers spend. Firms are those that own the platforms on the day."
)
SURVEY_NOTE = (
    "The survey asked for platforms, not minutes, with several answers each, in another year than that of the run: the "
    "last column, each as a share of all answers, is what compares with the first."
)
_FIRMS = 6
"""Firms that lose, and that gain, in the table."""
_SMALL = 0.01
"""A change below this share of the largest one has no row (assumption)."""
_PART = 0.1
"""Firms that lose at least this share of the largest loss are those who lose: others have a bystander's loss
(assumption)."""


class Survey(NamedTuple):
    """What a run shows beside a survey."""

    title: str
    rows: list[tuple[str, ...]]


class Chosen(NamedTuple):
    """What a table or a chart shows: firms that lose and gain most, and the firms of each home state together."""

    firms: list[FirmRow]
    homes: list[FirmRow]


def table(result: Result) -> list[tuple[str, ...]]:
    """Return the rows of the table: firms that lose and gain most by the state of their users, then home states."""
    shown = chosen(result)
    rows = [_cells(f"{row.firm} ({row.home}), in {row.users}", row) for row in shown.firms]
    return rows + [_cells(capital(f"{_name(result, row.home)}, everywhere"), row) for row in shown.homes]


def chosen(result: Result) -> Chosen:
    """Return the firms that surely lose and gain most by the state of their users, and the sums of home states."""
    if not is_measured(result):
        return Chosen([], [])
    rows = _large(result.firms.by_firm)
    lose = [row for row in rows if _sign(row) < 0][:_FIRMS]
    gain = [row for row in reversed(rows) if _sign(row) > 0][:_FIRMS]
    return Chosen([*lose, *gain], _large(result.firms.by_home) if lose or gain else [])


def aimed_abroad(result: Result) -> list[tuple[str, str]]:
    """Return (state, platform) for each platform of another state that a policy is aimed at."""
    known = result.scenario.facts.platforms
    aims = {
        (state, platform)
        for policy in result.scenario.policies
        for state in policy.concerns()
        for platform in policy.targets
        if platform in known and known[platform].home != state
    }
    return sorted(aims)


def _size(name: str) -> Callable[[FirmRow], float]:
    """Return a key that sorts rows by their change of time or money."""
    return lambda row: float(getattr(row, name).change)


def surveys(result: Result) -> list[Survey]:
    """Return the tables beside a survey, for each platform that the run targets and people were asked about."""
    tables: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for one in beside_surveys(result):
        known = one.asked is not None and one.of_answers is not None
        both = (percent(one.asked or 0.0), percent(one.of_answers or 0.0)) if known else ("not asked", "")
        gained = with_range("openness", one.gained, one.low, one.high)
        tables.setdefault((one.state, one.lost), []).append((one.platform, gained, *both))
    return [
        Survey(SURVEY_TITLE.format(lost=lost, state=_name(result, state)), rows)
        for (state, lost), rows in tables.items()
    ]


def _cells(label: str, row: FirmRow) -> tuple[str, ...]:
    """Return a row of the table."""
    money = row.revenue
    share = percent(money.share) if money.share is not None else ""
    return (
        label,
        compact_range("minutes", row.minutes.change, row.minutes.low, row.minutes.high),
        compact_range(REVENUE, money.change, money.low, money.high),
        compact(REVENUE, money.without),
        share,
    )


def _large(rows: list[FirmRow]) -> list[FirmRow]:
    """Return the rows with a sure change that is not small beside the largest one, of time or of money."""
    most = [max((abs(getattr(row, name).change) for row in rows), default=0.0) for name in ("minutes", "revenue")]

    def is_large(row: FirmRow) -> bool:
        both = zip((row.minutes, row.revenue), most, strict=True)
        return any(is_sure(each) and abs(each.change) >= _SMALL * largest for each, largest in both)

    return [row for row in rows if is_large(row)]


def _sign(row: FirmRow) -> float:
    """Return the direction of a row: of its money where that is sure, otherwise of its minutes."""
    return row.revenue.change if is_sure(row.revenue) else row.minutes.change


def is_sure(amount: Amount) -> bool:
    """Return whether an amount changes and its interval excludes zero."""
    return amount.change != 0 and not amount.low <= 0 <= amount.high


def _name(result: Result, state: str) -> str:
    return state_name(result.scenario, state, article=True)

"""Gains and losses of time and money in words: by firm, by home state, and next to the answers in surveys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..results.firms import REVENUE, Amount, FirmRow, beside_surveys, is_measured
from ..results.series import MIN_PEOPLE
from .numbers import capital, compact, compact_range, percent, state_name, with_range
from .reportable import effect, index, range_text
from .reportable import is_sure as is_sure_row

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
_STAKES = 3
"""Platforms of which what is at stake is reported where nothing is lost."""
_PART = 0.1
"""Firms that lose at least this share of the largest loss are those who lose: others have a bystander's loss
(assumption)."""
_LEAST_DOLLARS = 1e6
"""A sum over the run below this has no sentence (assumption)."""


class Survey(NamedTuple):
    """What a run shows beside a survey."""

    title: str
    rows: list[tuple[str, ...]]


class Chosen(NamedTuple):
    """What a table or a chart shows: firms that lose and gain most, and the firms of each home state together."""

    firms: list[FirmRow]
    homes: list[FirmRow]


def found(result: Result) -> Iterator[str]:
    """Yield which home states' firms gain and lose most money, and who gets the minutes of what is lost."""
    if not is_measured(result):
        return
    rows = result.firms.by_firm
    for row in _losers(rows)[:1]:
        lost, stake = _words(row.revenue, -1), compact(REVENUE, row.revenue.without)
        where = _name(result, row.users)
        yield f"{row.firm} loses US$ {lost} over the run with its users in {where}, of US$ {stake} at stake."
    totals = [row for row in result.firms.by_home if is_sure(row.revenue) and row.revenue.change >= _LEAST_DOLLARS]
    for row in totals[-1:]:
        most = [each for each in reversed(rows) if each.home == row.home and is_sure(each.revenue)][:2]
        yield f"Firms of {_name(result, row.home)} gain US$ {_words(row.revenue, 1)} over the run."
        gains = [_gain(result, rows, each) for each in most if each.revenue.change > 0]
        if gains:
            yield f"Most of it goes to {'; then to '.join(gains)}."


def _losers(rows: list[FirmRow]) -> list[FirmRow]:
    """Return the firms that surely lose money worth a sentence, the largest loss first."""
    return [row for row in rows if is_sure(row.revenue) and row.revenue.change <= -_LEAST_DOLLARS]


def unhurt(result: Result) -> Iterator[str]:
    """Yield what platforms that are struck from abroad have at stake and hardly lose, where no firm loses much."""
    if not is_measured(result) or _losers(result.firms.by_firm):
        return
    found = index(result)
    for state, platform in aimed_abroad(result)[:_STAKES]:
        row, where = found.get(REVENUE, "total", state=state, platform=platform), _name(result, state)
        if row is None:
            yield (
                f"Fewer than {MIN_PEOPLE} simulated people use {platform} in {where}: there is hardly any use, and no "
                "loss of money that the run can report."
            )
        elif effect(row, "baseline") > 0:
            stake, change = compact(REVENUE, effect(row, "baseline")), range_text(row)
            verdict = (
                f"{platform} has little to lose in {where}"
                if is_sure_row(row)
                else f"No change of the money of {platform} in {where} is sure"
            )
            yield f"{verdict}: US$ {stake} over the run at stake, of which the policies change US$ {change}."


def table(result: Result) -> list[tuple[str, ...]]:
    """Return the rows of the table: firms that lose and gain most by the state of their users, then home states."""
    shown = chosen(result)
    rows = [_cells(f"{row.firm} ({row.home}), in {row.users}", row) for row in shown.firms]
    return rows + [_cells(f"{_name(result, row.home)}, everywhere", row) for row in shown.homes]


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
        for state in policy.by
        for platform in policy.targets
        if platform in known and known[platform].home != state
    }
    return sorted(aims)


def in_short(result: Result, shown: Chosen) -> str:
    """Return the largest loss of a firm and the largest gain of a home state: the title of a chart.

    Where money does not surely move, time does.
    """
    parts = []
    for name, before, after in ((REVENUE, "US$ ", ""), ("minutes", "", " minutes a day")):
        lose = min((row for row in shown.firms if is_sure(getattr(row, name))), default=None, key=_size(name))
        gain = max((row for row in shown.homes if is_sure(getattr(row, name))), default=None, key=_size(name))
        if lose is not None and getattr(lose, name).change < 0:
            amount = compact(name, -getattr(lose, name).change)
            parts.append(f"{lose.firm} loses {before}{amount}{after} in {_name(result, lose.users)}")
        if gain is not None and getattr(gain, name).change > 0:
            amount = compact(name, getattr(gain, name).change)
            parts.append(f"firms of {_name(result, gain.home)} gain {before}{amount}{after}")
        if parts:
            break
    return capital("; ".join(parts))


def _size(name: str) -> Callable[[FirmRow], float]:
    """Return a key that sorts rows by their change of time or money."""
    return lambda row: float(getattr(row, name).change)


def _gain(result: Result, rows: list[FirmRow], gains: FirmRow) -> str:
    """Return what a firm gains, with its range and its share of what those have at stake who lose in the same state."""
    there = [row for row in rows if row.users == gains.users and is_sure(row.revenue)]
    most = max(_LEAST_DOLLARS, _PART * max((-row.revenue.change for row in there), default=0.0))
    stake = sum(row.revenue.without for row in there if row.revenue.change <= -most)
    text = f"{gains.firm}: US$ {_words(gains.revenue, 1)}"
    share = f"{percent(gains.revenue.change / stake)} of what the losers had at stake" if stake else ""
    return f"{text}{', ' if share else ''}{share} in {_name(result, gains.users)}"


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


def _words(amount: Amount, sign: int) -> str:
    """Return an amount with its interval; with sign -1 a loss is a positive number."""
    low, high = sorted(sign * end for end in (amount.low, amount.high))
    return with_range(REVENUE, sign * amount.change, low, high)


def _name(result: Result, state: str) -> str:
    return state_name(result.scenario, state, article=True)

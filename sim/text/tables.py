"""Tables of a run: people in reach, gains in time and money, observed figures, family contact, and
use.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeGuard

from ..core.groups import is_diaspora, is_family
from ..metrics.registry import CONTACT_STEPS, LOSSES, METRICS
from ..results.firms import REVENUE, Amount, FirmRow, beside_surveys, is_measured
from ..results.result import Result
from ..results.series import MIN_PEOPLE
from ..results.summary import Row, summary_rows
from ..scenario.scenario import Scenario
from ..scenario.schema import Observed
from .findings import cutters
from .numbers import (
    capital,
    compact,
    compact_range,
    day,
    group_name,
    listed,
    number,
    percent,
    sentence,
    state_name,
    unit,
)
from .numbers import table as texts
from .reportable import (
    BY_STEP,
    CONTACT,
    FEWEST_CASES,
    LEAST,
    LOST,
    Index,
    by_cell,
    counted_at,
    effect,
    hit_most,
    index,
    metric_of_hit,
    shown_movers,
)

BY_STATE = (
    "reach_abroad",
    "domestic_reach",
    "route_length",
    "services_usable",
    "median_services",
    "people_within_reach",
    "contact_across_border",
)
PAIRS = "state_pairs_in_reach"
WORST = "worst_week"
_STATES = 3  # most states with a table
_SHOWN = 5  # most platforms that gain, and that lose
_FIRMS = 6  # most firms that lose, and that gain
_SMALL = 0.01  # smallest change of a firm with a row, as a share of the largest (assumption)


class Named(NamedTuple):
    """A cell of a table for a parameter or a path: a description, which may be empty, and the
    dotted name.
    """

    said: str
    code: str


class Table(NamedTuple):
    """A table whose first column names its rows."""

    caption: str
    """Title of the table."""
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    """The cells: texts, or `Named`."""
    numbers: Collection[int] = ()
    """Indices of the columns with numbers, from 0."""
    widths: Sequence[int] = ()
    """Widths of the columns on a page [%]; by default as wide as their cells."""
    note: str = ""
    """Notes below the table."""


def range_text(row: Row | None) -> str:
    """Return one effect with its interval in short form; a dash if there is none."""
    known = {} if row is None else row
    numbers = [
        effect(row, end) if known.get(end) is not None else None
        for end in ("effect", "low", "high")
    ]
    return compact_range(str(known.get("metric")), *numbers)


def points_text(row: Row) -> str:
    """Return one effect with its interval in short form; changes of shares are in percentage
    points.
    """
    text = range_text(row)
    is_share = METRICS[str(row["metric"])].form == "share"
    return text.replace(" %", " points") if is_share and effect(row, "baseline") else text


# --- connectivity ---------------------------------------------------------------------------------


def leads(result: Result) -> bool:
    """Return whether connectivity comes first in a run: a policy cuts networks, and it was
    measured.
    """
    return bool(cutters(result)) and any(metric in result.metrics for metric in (*BY_STATE, PAIRS))


def cut_most(result: Result) -> list[str]:
    """Return the states whose policies cut networks, ordered by loss; in other runs the states in
    focus.
    """
    known = index(result)

    def lost(state: str) -> float:
        return sum(
            effect(known.get(metric, WORST, state=state))
            for metric in ("services_usable", "reach_abroad")
        )

    most = sorted(cutters(result) or result.focus.states, key=lost)
    return (
        most if not most or lost(most[0]) < 0 else most[::-1]
    )  # without losses, the largest gain comes first


def connectivity(result: Result, *, every: bool = False) -> list[Table]:
    """Return the tables of connectivity, all states first.

    With ``every``, there are also tables if no policy cuts networks, for the states in focus with a
    change.
    """
    leading = leads(result)
    known = index(result)
    found = list[Table]()
    header = ("", "without", "with the policies (80 %)", "last day")
    row = known.get(PAIRS, WORST) if leading else None
    if row is not None:
        title = f"Connectivity of all {len(result.members[0][0].axes.states)} states of the run, worst 7 days"
        found.append(
            Table(title, header, [_reached(PAIRS, row, known.get(PAIRS, "end"))], range(1, 4))
        )
    shown = [
        state
        for state in (cut_most(result) if leading or every else ())
        if leading
        or any(abs(effect(known.get(metric, WORST, state=state))) > LEAST for metric in BY_STATE)
    ]
    for state in shown[:_STATES]:
        rows = [(metric, known.get(metric, WORST, state=state)) for metric in BY_STATE]
        cells = [
            _reached(metric, row, known.get(metric, "end", state=state))
            for metric, row in rows
            if row
        ]
        title = f"The Internet of a person in {state_name(result.scenario, state, article=True)}, worst 7 days"
        if cells:
            found.append(Table(title, header, cells, range(1, 4)))
    return found


def blackout_hours(result: Result) -> Table:
    """Return the losses of each acting state over the run in hours of a total shutdown of its
    network: for its users, its platforms and its reach of other countries.
    """
    known = index(result)
    words = texts("run", "LOSSES")
    rows = [
        (f"{state_name(result.scenario, state)}: {words[name]}", range_text(row))
        for state in result.scenario.scene.acting
        for name in LOSSES
        if (row := known.get("blackout_hours", "total", state=state, group=name)) is not None
    ]
    title = "Blackout hours: length of a total shutdown of the state's Internet with the same loss"
    return Table(title, ("", "hours (80 %)"), rows, (1,))


def _reached(metric: str, row: Row, last: Row | None) -> tuple[str, ...]:
    """Return a row of a table: the measure, its values without and with the policies, and the last
    day.

    The value with the policies has the range of the effect. If the policies leave nothing to
    measure, such as the length of routes if there are none, there is no level, because the measured
    week is then before the policies.
    """

    def text(row: Row, arm: str) -> str:
        value = row[arm]
        if _is_number(value):
            return compact(metric, value)
        return "none left" if _is_number(row["baseline"]) else "not in this run"

    gone = last is not None and _is_number(last["baseline"]) and not _is_number(last["policy"])
    given = text(row, "policy")
    if _is_number(row["policy"]) and _is_number(row["low"]):
        most = 1.0 if METRICS[metric].form == "share" else math.inf
        moved = [
            0.0 if abs(effect(row, end)) <= LEAST else effect(row, end) for end in ("low", "high")
        ]
        low, high = (min(most, max(0.0, effect(row, "baseline") + each)) for each in moved)
        given = compact_range(metric, effect(row, "policy"), low, high)
    return (
        f"{METRICS[metric].label} [{unit(metric)}]",
        text(row, "baseline"),
        "none left" if gone else given,
        "" if last is None else text(last, "policy"),
    )


def _is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a cell of a summary row is a number."""
    return isinstance(value, int | float)


# --- firms ----------------------------------------------------------------------------------------


class Firms(NamedTuple):
    """The firms in a table or a chart: the firms that lose and gain most, and the sums by home
    state.
    """

    firms: list[FirmRow]
    homes: list[FirmRow]


def firms_shown(result: Result) -> Firms:
    """Return the firms that clearly lose and gain most, and the sums of the firms of each home
    state.
    """
    if not is_measured(result):
        return Firms([], [])
    rows = _large(result.firms.by_firm)
    # The direction of a row is that of its money if that is clear, otherwise of its minutes.
    signs = [row.revenue.change if moves(row.revenue) else row.minutes.change for row in rows]
    lose = [row for row, sign in zip(rows, signs, strict=True) if sign < 0][:_FIRMS]
    gain = [row for row, sign in zip(rows[::-1], signs[::-1], strict=True) if sign > 0][:_FIRMS]
    homes = [row for row in result.firms.by_home if not row.firm]
    return Firms([*lose, *gain], _large(homes) if lose or gain else [])


def _large(rows: list[FirmRow]) -> list[FirmRow]:
    """Return the rows with a clear change of time or money that is not small relative to the
    largest.
    """
    most = [
        max((abs(getattr(row, name).change) for row in rows), default=0.0)
        for name in ("minutes", "revenue")
    ]

    def is_large(row: FirmRow) -> bool:
        both = zip((row.minutes, row.revenue), most, strict=True)
        return any(moves(each) and abs(each.change) >= _SMALL * largest for each, largest in both)

    return [row for row in rows if is_large(row)]


def moves(amount: Amount) -> bool:
    """Return whether an amount changes and its interval excludes zero."""
    return amount.change != 0 and not amount.low <= 0 <= amount.high


def firms(result: Result) -> list[Table]:
    """Return the table of time and money by firm and home state, then one beside each survey of a
    lost platform.
    """
    shown = firms_shown(result)
    rows = [
        (
            f"{row.firm} ({row.home}), in {row.users}"
            if row.firm
            else capital(f"{state_name(result.scenario, row.home, article=True)}, everywhere"),
            *(
                compact_range(name, each.change, each.low, each.high)
                for name, each in (("minutes", row.minutes), (REVENUE, row.revenue))
            ),
            compact(REVENUE, row.revenue.without),
            percent(row.revenue.share) if row.revenue.share is not None else "",
        )
        for row in (*shown.firms, *shown.homes)
    ]
    header: tuple[str, ...] = ("firm", "minutes a day", "US$", "US$ at stake", "share")
    title = sentence("run", "head_of_firms")
    note = sentence("run", "of_firms")
    found = [Table(title, header, rows, range(1, 5), note=note)] if rows else []
    surveys: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for one in beside_surveys(result):
        known = one.asked is not None and one.of_answers is not None
        both = (percent(one.asked), percent(one.of_answers)) if known else ("not asked", "")
        gained = compact_range("openness", one.gained, one.low, one.high)
        surveys.setdefault((one.state, one.lost), []).append((one.platform, gained, *both))
    header = ("platform", "of the minutes gained", "of respondents", "of all their answers")
    for (state, lost), answers in surveys.items():
        place = state_name(result.scenario, state, article=True)
        title = sentence("run", "head_of_survey", lost=lost, place=place)
        found.append(Table(title, header, answers, range(1, 4), note=sentence("run", "of_survey")))
    return found


# --- what was observed ----------------------------------------------------------------------------


def observed(result: Result) -> Table:
    """Return each comparable observed figure with the run's value, one in each row.

    A figure outside the 80 % interval is missed; the verdict is in brackets if the figure is not
    scored.
    """
    rows = []
    for each in result.observed:
        if not each.why:
            verdict = "missed" if each.is_missed else "inside"
            simulated = f"{each.simulated:.2f} ({each.low:.2f} to {each.high:.2f})"
            figures = (f"{each.observed.value:.3g}", f"{each.observed.tolerance:.2g}", simulated)
            rows.append(
                (
                    what(result.scenario, each.observed),
                    *figures,
                    verdict if each.observed.use == "scored" else f"({verdict})",
                )
            )
    header = ("what was counted", "observed", "+-", "simulated (80 %)", "verdict")
    return Table("Observed beside simulated", header, rows, range(1, 5))


def observed_notes(result: Result) -> list[str]:
    """Return notes on the comparison: the meaning of figures, and figures that are not scored or
    not compared.
    """
    rows = [each for each in result.observed if not each.why]
    soft = sum(each.observed.use != "scored" for each in rows)
    notes = [sentence("run", "observed_shares")] if rows else []
    notes += [f"In brackets: shown, but not scored ({soft} of {len(rows)})."] if soft else []
    return [
        *notes,
        *(
            f"Not compared: {what(result.scenario, each.observed)}: {each.why}."
            for each in result.observed
            if each.why
        ),
    ]


_KIND_WORDS = {
    "gained": "gain of ",
    "speed": "gain within days of ",
    "return": "return of ",
    "decay": "what is left of ",
}
"""Text before the quantity, by kind of figure; other kinds have none."""
_SHARE_WORDS = {
    "baseline": "",
    "members": "",
    "first_day": ", against the first day",
    "internet_users": ", per internet user",
}
"""The reference of a figure in words, except dates and platforms."""


def what(scenario: Scenario, seen: Observed) -> str:
    """Return the counted quantity, with place and day: ``daily users of Twitter in Brazil, 8
    October 2024``.
    """
    declared = METRICS[seen.metric]
    counted = (declared.counts or declared.label).format(platform=listed(seen.platform))
    place = state_name(scenario, seen.state, article=True) if seen.state else ""
    whom = f", {group_name(scenario, seen.group)}" if seen.group else f" in {place}" * bool(place)
    other = f", against {day(seen.of)}" if seen.of[0].isdigit() else f", per user of {seen.of}"
    of = _SHARE_WORDS.get(seen.of, other)
    return f"{_KIND_WORDS.get(seen.kind, '')}{counted}{whom}{of}, {day(str(seen.date))}"


# --- contact and use ------------------------------------------------------------------------------


def by_group(result: Result) -> Table | None:
    """Return the table of groups; its note counts the groups that it leaves out."""
    if not metric_of_hit(result):
        return None
    groups = [
        group
        for group in result.members[0][0].axes.groups
        if is_diaspora(group) or is_family(group)
    ]
    thick = [group for group in groups if result.sampling.simulated(group) >= MIN_PEOPLE]
    # Include every group, not only groups in focus. Other columns are computed only for groups that
    # lose contact.
    hit = hit_most(result, _rows_of(result, thick, {metric_of_hit(result)}), thick)
    found = _rows_of(result, hit, {*CONTACT, BY_STEP, LOST})

    def counted(n: int, which: str = "") -> str:
        return f"{n} {which}{'group' if n == 1 else 'groups'}"

    notes = []
    if hit:
        notes.append(
            "A family is counted where it lives; its relatives abroad are a group of their own. Shares and days are of "
            "those who can reach the other end by app without the policies, not of the whole group. The worst week is "
            "a mean of seven days."
        )
    if rest := len(thick) - len(hit):
        lost = f"nobody, or fewer than {FEWEST_CASES} simulated people, loses contact; so few may be chance"
        notes.append(f"In {counted(rest, 'other ' if hit else '')}, {lost}.")
    if thin := len(groups) - len(thick):
        notes.append(f"{counted(thin)} with fewer than {MIN_PEOPLE} simulated people left out.")
    rows = [
        (
            capital(group_name(result.scenario, group)),
            f"{result.sampling.simulated(group):,}",
            *(
                range_text(found.get(BY_STEP, "total", platform=step, group=group))
                for step in CONTACT_STEPS
                if step != "app"
            ),
            *(range_text(found.get(metric, "total", group=group)) for metric in CONTACT),
            range_text(found.get(LOST, WORST, group=group)),
            number(result.sampling.groups[group].real),
        )
        for group in hit
    ]
    header = (
        "group",
        "simulated",
        "only telephone or text",
        "cut off from both",
        "lost every app",
        "for 7 days or more",
        "for 30 days or more",
        "days each",
        "in the worst week",
        "stand for",
    )
    title = "Who loses every platform channel to the family: effect of the policies, with 80 % intervals"
    return Table(
        title,
        header,
        rows,
        numbers=range(1, 8),
        widths=(20, 8, 13, 13, 13, 11, 13, 9),
        note=" ".join(notes),
    )


def _rows_of(result: Result, groups: Sequence[str], metrics: Collection[str]) -> Index:
    """Return the rows of a summary for some groups and metrics only."""
    focus = replace(result.focus, groups=tuple(groups), states=(), platforms=(), pairs=frozenset())
    rows = summary_rows(result.members, focus.shows, error=result.model_error, only=metrics)
    return by_cell(
        row for row in rows if row["group"] and (not row["platform"] or row["metric"] == BY_STEP)
    )


def use(result: Result) -> Table:
    """Return the table of platforms that gained and lost daily users."""
    when = (
        f"on {day(result.dates[-1])}"
        if counted_at(result) == "end"
        else "in the week of the largest change"
    )
    title = f"Daily users {when} [persons]: who lost, who gained"
    movers = shown_movers(result, _SHOWN)
    rows = [
        (
            f"{row['platform']}, {state_name(result.scenario, str(row['state']))}",
            compact(str(row["metric"]), effect(row, "baseline")),
            range_text(row),
            f"{int(effect(row, 'simulated')):,}",
        )
        for row in movers
    ]
    is_unsure = any(effect(row, "low") <= 0.0 <= effect(row, "high") for row in movers)
    note = "If an interval includes zero, chance may explain the change." if is_unsure else ""
    header = ("platform, country", "without", "effect (80 %)", "simulated")
    return Table(title, header, rows, range(1, 4), note=note)

"""The parts of a report on one run: the question, what was changed, what was found, the charts, who loses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from markupsafe import Markup

from .. import plots
from ..core.groups import is_diaspora, is_family
from ..plots.marks import policy_timeline
from ..plots.runs import draw_lives
from ..policies.base import Policy
from ..results import Result
from ..results.firms import is_measured
from ..results.lives import Life, Lives
from ..results.panel import ARMS
from ..results.series import MIN_PEOPLE
from ..results.summary import summary_rows
from ..scenario.draws import drawn_names
from ..text import lives as of_lives
from ..text import tables
from ..text.basis import basis
from ..text.decisions import chronicles
from ..text.findings import FIRST, members_alone, sentences
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
from ..text.scenario import in_words, own_keys, world_changes
from ..text.tables import leads
from .pages import Picture, Table, picture, render

_ASKS = {
    "projection": "It was ordered, and did not happen or goes on. What does the model expect",
    "hindcast": "It happened. What does the model compute for it",
    "what-if": "An invented case. What does the model expect",
}
POLICY_HEADER = ("policy", "by", "on", "announced", "in force", "what it does", "source of the facts")
_ORDER = (
    "observed",
    "family_contact",
    "contact_days_by_group",
    "reconnection",
    "contact_map",
    "active_users",
    "gains",
    "flows",
    "vpn_users",
)
"""Charts in the order in which a report shows them; others follow by name."""
FIRM_CHART = "firm_gains"  # shown next to the table of firms
_SHOWN = frozenset((*CONTACT, EVER, EVER_PEOPLE, LOST, LOST_PEOPLE))
_MOVERS = 8  # platforms that lose, and that gain


def question(result: Result) -> Markup:
    """Return the question of a run, and how it is answered."""
    scenario = result.scenario
    ask = f"{_ASKS.get(str(scenario.status), 'What does the model expect')}: {scenario.title.rstrip('.?')}?"
    first, last = day(result.dates[0]), day(result.dates[-1])
    return render("question.html", ask=ask, first=first, last=last, days=f"{len(result.dates):,}", times=_times(result))


def _times(result: Result) -> str:
    """Return how often a world was run."""
    n = len(result.members)
    if n == 1:
        return "once, so there is no interval"
    draws = " and its own draw of what is uncertain" if drawn_names(result.scenario) else ""
    return f"for {n} seeds, each with its own random numbers{draws}; intervals cover 10 to 90 % of them"


def finding(result: Result) -> Markup:
    """Return what else the run found, in words, with intervals, and what it stands on."""
    notes = [*filter(None, [members_alone(result)]), *basis(result), *(f"Note: {n}" for n in result.notes)]
    return render("finding.html", more=sentences(result)[FIRST:], notes=notes, chronicles=chronicles(result))


def changed(result: Result) -> Markup:
    """Return the policies in time, and what the scenario changes of the world."""
    rows = [policy_row(result, policy) for policy in result.scenario.policies]
    # One policy is a single bar: the table has its dates, and the charts over time have the bar.
    bars = "Bars: in force; rings: announced; hatched: stayed by a court."
    timeline = picture(result, policy_timeline(result), bars) if len(rows) > 1 else None
    policies = Table("Policies", POLICY_HEADER, rows, widths=(13, 9, 12, 10, 12, 23, 21))
    world = [(in_words(path, result.scenario), path, value) for path, value in world_changes(result)]
    return render("changed.html", timeline=timeline, policies=policies, world=world)


def policy_row(result: Result, policy: Policy) -> tuple[str, ...]:
    """Return a policy as a row, under `POLICY_HEADER`."""
    by = ", ".join(state_name(result.scenario, state) for state in policy.by)
    on = day(str(policy.on)) if policy.on else "never: a bare threat"
    if policy.on and policy.on < result.scenario.start:
        on += ", in this run from its first day"
    if policy.until:
        on += f" to {day(str(policy.until))} (first day free again)"
    announced = "-" if policy.announced in (None, policy.on) else day(str(policy.announced))
    keys = own_keys(result.scenario, policy)
    what = policy.summary() + (f" ({keys})" if keys else "")
    source = policy.reference or "not stated"
    return policy.id, by, ", ".join(policy.targets) or "-", announced, on, what, source


def observed_beside(result: Result) -> Markup:
    """Return what was observed beside what the run says of it."""
    seen = tables.observed(result)
    rows = Table(seen.title, ("what was counted", *seen.header), seen.rows, numbers=range(1, 4))
    return render("observed.html", rows=rows, notes=tables.observed_notes(result))


def reached(result: Result) -> Markup:
    """Return who is still reached and what still works, a table for all states and one for each that cuts networks."""
    shown = [Table(each.title, ("", *each.header), each.rows, numbers=range(1, len(each.header) + 1))
             for each in tables.connectivity(result, every=True)]  # fmt: skip
    return render("tables.html", tables=shown)


def charts(result: Result) -> Markup:
    """Return the other charts that show something, the story first; those that show nothing are named."""
    shown: list[Picture] = []
    empty: list[str] = []
    for name in _names(result):
        figure: Any = plots.draw(result, name)
        if not figure.shows_nothing:
            shown.append(picture(result, figure, plots.charts()[name].description))
        elif name != "decisions" or _states_decide(result):
            empty.append(plots.charts()[name].title)
    return render("charts.html", pictures=shown, empty=empty)


def _names(result: Result) -> list[str]:
    """Return the charts that fit a run and have no place of their own in the report, the story first."""
    known = dict(plots.charts())
    for elsewhere in (next(plots.leading_charts(result), ""), FIRM_CHART):
        known.pop(elsewhere, None)
    order = ("connectivity", "routes_matrix", *_ORDER) if leads(result) else _ORDER
    names = sorted(known, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [name for name in names if known[name].metrics and known[name].fits(result)]


def _states_decide(result: Result) -> bool:
    """Return whether any state could decide; where none could, that none did is no finding."""
    return bool(set(result.scenario.behaviour.on) - {"platforms"})


def losers(result: Result) -> Markup:
    """Return who loses contact, group by group, and which platforms and firms lose and gain."""
    return render(
        "losers.html", groups=by_group(result), platforms=_by_platform(result), firms=list(_by_firm(result)),
        firm_chart=_firm_chart(result),
    )  # fmt: skip


def by_group(result: Result) -> Table | None:
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
    for each in tables.firms(result):
        header = ("firm" if len(each.header) == 4 else "platform", *each.header)
        yield Table(each.title, header, each.rows, numbers=range(1, len(header)), note=each.note)


def _firm_chart(result: Result) -> Picture | None:
    """Return the chart of firms by home state, where a policy is aimed abroad and the chart shows something."""
    if not (is_measured(result) and tables.aimed_abroad(result)):
        return None
    figure: Any = plots.draw(result, FIRM_CHART)
    return None if figure.shows_nothing else picture(result, figure, plots.charts()[FIRM_CHART].description)


# --- simulated people -------------------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """One life: its title, who it is, and for each arm its name and a line for each day on which anything happens."""

    title: str
    about: list[str]
    arms: list[tuple[str, list[str]]]


def followed(lives: Lives) -> Markup:
    """Return simulated people and their days, with a chart."""
    _, _, *head = of_lives.heading(lives)  # the title and the status head the report
    caption = "Each bar is a kin tie: thin where the two have a platform channel, thick where they have none."
    shown = [_shown(lives, life, place) for place, life in enumerate(lives, start=1)]
    heading, chart = [*head, *of_lives.policies(lives)], picture(lives, draw_lives(lives), caption)
    return render("lives.html", heading=heading, picture_of_all=chart, lives=shown)


def _shown(lives: Lives, life: Life, place: int) -> Shown:
    arms = []
    for arm in ARMS:
        days = [f"{day(date)}: {' '.join(said)}" for date, said in of_lives.sentences(life, arm)]
        arms.append((of_lives.ARM[arm], days or ["nothing changes"]))
    return Shown(of_lives.title(lives, life, place), list(of_lives.about(lives, life)), arms)

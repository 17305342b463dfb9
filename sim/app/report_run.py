"""The parts of a report on one run: the question, what was changed, what was found, the charts."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..policies.base import Policy
from ..results import Result
from ..scenario.draws import drawn_names
from ..text.basis import basis
from ..text.connectivity import leads
from ..text.finding import FIRST
from ..text.findings import sentences
from ..text.main_decisions import MAIN_HEAD, Line, main_decisions
from ..text.numbers import day, state_name
from ..text.observed import HEADER, TITLE, observed_notes, observed_rows
from ..text.scenario import in_words, own_keys, world_changes
from ..text.terminal import connectivity_line
from ..text.worlds import Typical, chronicles
from .pages import Picture, Table

if TYPE_CHECKING:
    from ..plots.page import House, Source

_ASKS = {
    "projection": "It was ordered, and did not happen or goes on. What does the model expect",
    "hindcast": "It happened. What does the model compute for it",
    "what-if": "An invented case. What does the model expect",
}
POLICY_HEADER = ("policy", "by", "on", "announced", "in force", "what it does", "source of the facts")
_ORDER = (
    "observed",
    "family_contact",
    "contact_by_diaspora",
    "contact_days_by_group",
    "reconnection",
    "contact_map",
    "contact_matrix",
    "active_users",
    "gains",
    "flows",
    "vpn_users",
)
"""Charts in the order in which a report shows them; others follow by name."""
FIRM_CHART = "firm_gains"  # shown next to the table of firms


@dataclass(frozen=True)
class Question:
    """The question of a run, and how it is answered.

    Attributes
    ----------
    ask : str
        The question.
    first, last, days : str
        First day, last day, and how many there are.
    times : str
        How often a world was run.
    """

    TEMPLATE: ClassVar[str] = "question.html"
    ask: str
    first: str
    last: str
    days: str
    times: str


def question(result: Result) -> Question:
    """Return the question of a run, and how it is answered."""
    scenario = result.scenario
    title = scenario.title.rstrip(".?")
    return Question(
        ask=f"{_ASKS.get(str(scenario.status), 'What does the model expect')}: {title}?",
        first=day(result.dates[0]),
        last=day(result.dates[-1]),
        days=f"{len(result.dates):,}",
        times=_times(result),
    )


def _times(result: Result) -> str:
    """Return how often a world was run."""
    n = len(result.members)
    if n == 1:
        return "once, so there is no interval"
    draws = " and its own draw of what is uncertain" if drawn_names(result.scenario) else ""
    return f"for {n} seeds, each with its own random numbers{draws}; intervals cover 10 to 90 % of them"


@dataclass(frozen=True)
class Finding:
    """What a run found.

    Attributes
    ----------
    first : str
        The main sentence.
    lost : str
        How much connectivity is lost.
    rest, more, notes : list of str
        The next sentences, those that are folded, and what a reader must know.
    head : str
        Heading of the decisions.
    decisions : list of str
        The main decisions of states and firms; empty if nobody decided.
    states : str
        What the codes in them stand for.
    chronicles : list of Typical
        The chronicle of one typical member of each kind of world.
    """

    TEMPLATE: ClassVar[str] = "finding.html"
    first: str
    lost: str
    rest: list[str]
    more: list[str]
    notes: list[str]
    head: str
    decisions: list[str]
    states: str
    chronicles: list[Typical]


def finding(result: Result) -> Finding:
    """Return what the run found, in words, with intervals."""
    first, *rest = sentences(result)
    stories = chronicles(result)
    decisions = list(main_decisions(result.members, of_states=not stories))
    return Finding(
        first=first,
        lost=connectivity_line(result),
        rest=rest[: FIRST - 1],
        more=rest[FIRST - 1 :],
        notes=[*basis(result), *(f"Note: {note}" for note in result.notes)],
        head=MAIN_HEAD,
        decisions=[line.text for line in decisions],
        states=_states_named(result, decisions),
        chronicles=stories,
    )


def _states_named(result: Result, decisions: Sequence[Line]) -> str:
    """Return what the codes of states in decisions stand for: ``CN: China; US: United States``."""
    states = result.scenario.facts.states
    codes = sorted({name for line in decisions for name in line.names if name in states})
    return "; ".join(f"{code}: {state_name(result.scenario, code)}" for code in codes)


@dataclass(frozen=True)
class Change:
    """A change of the world before the first day.

    Attributes
    ----------
    said : str
        What it changes, in words; empty where there are none.
    path, value : str
        Where it stands in the scenario, and what it sets.
    """

    said: str
    path: str
    value: str


@dataclass(frozen=True)
class Changed:
    """What a scenario changes.

    Attributes
    ----------
    timeline : Picture, optional
        The policies in time; None if there are fewer than two.
    policies : Table
        The policies.
    world : list of Change
        What is changed of the world before the first day.
    """

    TEMPLATE: ClassVar[str] = "changed.html"
    timeline: Picture | None
    policies: Table
    world: list[Change]


def changed(result: Result) -> Changed:
    """Return the policies in time, and what the scenario changes of the world."""
    rows = [policy_row(result, policy) for policy in result.scenario.policies]
    return Changed(
        # One policy is a single bar: the table has its dates, and the charts over time have the bar.
        timeline=_timeline(result) if len(rows) > 1 else None,
        policies=Table("Policies", POLICY_HEADER, rows, widths=(13, 9, 12, 10, 12, 23, 21)),
        world=[Change(in_words(path, result.scenario), path, value) for path, value in world_changes(result)],
    )


def _timeline(result: Result) -> Picture:
    """Return the policies in time as a picture."""
    from ..plots.timeline import policy_timeline

    return picture(result, policy_timeline(result), "Bars: in force; rings: announced; hatched: stayed by a court.")


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


@dataclass(frozen=True)
class ObservedBeside:
    """What was observed beside what the run says of it."""

    TEMPLATE: ClassVar[str] = "observed.html"
    rows: Table
    notes: list[str]


def observed_beside(result: Result) -> ObservedBeside:
    """Return what was observed beside what the run says of it."""
    table = Table(TITLE, ("what was counted", *HEADER), observed_rows(result), numbers=range(1, 4))
    return ObservedBeside(table, observed_notes(result))


@dataclass(frozen=True)
class Charts:
    """Charts that show something, and the titles of those that show nothing."""

    TEMPLATE: ClassVar[str] = "charts.html"
    pictures: list[Picture]
    empty: list[str]


def main_picture(result: Result) -> Charts:
    """Return the chart of the run's main finding; none where the run has no finding to draw."""
    from .. import plots

    known = plots.charts()
    for name in plots.leading_charts(result):
        figure: Any = plots.draw(result, name)
        if figure.shows_nothing:
            return Charts([], [known[name].title])
        return Charts([picture(result, figure, known[name].description)], [])
    return Charts([], [])


def charts(result: Result) -> Charts:
    """Return the other charts that show something, the story first; those that show nothing are named."""
    from .. import plots

    shown: list[Picture] = []
    empty: list[str] = []
    for name in _names(result):
        figure: Any = plots.draw(result, name)
        if not figure.shows_nothing:
            shown.append(picture(result, figure, plots.charts()[name].description))
        elif name != "decisions" or _states_decide(result):
            empty.append(plots.charts()[name].title)
    return Charts(shown, empty)


def _names(result: Result) -> list[str]:
    """Return the charts that fit a run and have no place of their own in the report, the story first."""
    from .. import plots

    known = dict(plots.charts())
    for elsewhere in (next(plots.leading_charts(result), ""), FIRM_CHART):
        known.pop(elsewhere, None)
    order = ("connectivity", "routes_matrix", *_ORDER) if leads(result) else _ORDER
    names = sorted(known, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [name for name in names if known[name].metrics and known[name].fits(result)]


def _states_decide(result: Result) -> bool:
    """Return whether any state could decide; where none could, that none did is no finding."""
    return bool(set(result.scenario.behaviour.on) - {"platforms"})


def picture(result: Source, figure: House, description: str) -> Picture:
    """Return a chart as an inline picture with a description in words."""
    from ..plots import save_svg

    stream = io.BytesIO()
    save_svg(figure, stream, result)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    wide, high = (round(inches * 96) for inches in figure.get_size_inches())
    return Picture(data, f"{figure.title}. {description}", wide, high, description)

"""The summary of a run for a terminal: first the finding, then the numbers, then their basis."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ..core.groups import families_of
from ..metrics.registry import METRICS, WAYS
from ..results.summary import Row
from . import connectivity, firms
from .basis import basis, status_text
from .findings import headline
from .main_decisions import MAIN_HEAD, main_decisions
from .numbers import (
    WAY_WORDS,
    capital,
    compact,
    compact_range,
    day,
    group_name,
    state_name,
)
from .observed import HEADER, TITLE, observed_notes, observed_rows
from .reportable import (
    CONTACT,
    EVER_PEOPLE,
    LOST,
    LOST_DAYS,
    LOST_PEOPLE,
    Index,
    effect,
    family_groups,
    index,
    main_groups,
    nothing_changed,
    shown_movers,
)
from .sampling import simulated_text
from .worlds import chronicles

if TYPE_CHECKING:
    from ..results.result import Result

_COLOURS = {"PROJECTION": "yellow", "HINDCAST": "green", "WHAT-IF": "cyan"}
_SHOWN = 5  # platforms that gain, and that lose
_WIDTH = 100  # columns of the plain text
_OVER_THE_RUN = (*CONTACT, EVER_PEOPLE, LOST_DAYS, "conversations_lost", "ties_ever_out", "ties_severed")
_BY_WEEK = ("ties_out_of_contact", "ties_lost", "family_contact_lost_entirely", LOST_PEOPLE, LOST)
_SHORT = (*CONTACT, EVER_PEOPLE, LOST_DAYS, LOST)
"""What stands in the table of the group hit most, what of it over the run; and in the tables of others."""


def table(result: Result) -> RenderableType:
    """Return the summary of a run, to be printed with rich.

    Parameters
    ----------
    result : Result
        The run.

    Returns
    -------
    rich renderable
        Headline, tables, notes.
    """
    stamp, meaning = status_text(result)
    colour = _COLOURS.get(stamp, "white")
    head = Text.assemble((f" {stamp} ", f"bold reverse {colour}"), (f"  {meaning}", colour))
    first, *rest = headline(result)
    found = Text.assemble((first, "bold"), *(f"\n{sentence}" for sentence in rest))
    parts: list[RenderableType] = [
        Text(result.scenario.title, style="bold"),
        head,
        Panel(found, border_style=colour),
    ]
    stories = chronicles(result)
    for one in stories:
        parts.append(Text(one.head, "bold"))
        parts.extend(Padding(Text(line), (0, 0, 0, 1)) for line in (*one.lines, ""))
    lines = main_decisions(result.members, of_states=not stories)
    if lines:
        parts.append(Text(MAIN_HEAD, "bold"))
        parts.extend(Padding(Text(line), (0, 0, 0, 1)) for line in (*(each.text for each in lines), ""))
    parts.extend(_connectivity(result))
    if not nothing_changed(result):
        parts.extend(part for part in (*_contact(result), _use(result), *_firms(result)) if part.row_count)
    parts.extend(_observed(result))
    parts.extend(Padding(Text(line, style="dim"), (0, 0, 0, 1)) for line in basis(result))
    parts.extend(Padding(Text(f"Note: {line}"), (0, 0, 0, 1)) for line in result.notes)
    parts.extend(Padding(Text(f"Warning: {line}", style="yellow"), (0, 0, 0, 1)) for line in result.warnings)
    return Group(*parts)


def text(result: Result, width: int = _WIDTH) -> str:
    """Return the summary as plain text, without colours."""
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None, force_terminal=False, legacy_windows=False).print(
        table(result)
    )
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def short(result: Result) -> str:
    """Return the title, the headline and the warnings of a run as plain text."""
    head = f"{result.scenario.title} [{result.scenario.status}]"
    return "\n".join([head, *headline(result), *(f"Warning: {line}" for line in result.warnings)])


def _new_table(title: str, columns: tuple[str, ...]) -> Table:
    """Return an empty table in the house style."""
    made = Table(title=Text(title, style="bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    made.add_column("")
    for name in columns:
        made.add_column(name, justify="right", no_wrap=True)
    return made


def _add(made: Table, *cells: str) -> None:
    """Add a row of plain text: what stands in square brackets is a unit, not a style."""
    made.add_row(*(Text(cell) for cell in cells))


def _connectivity(result: Result) -> Iterator[Table]:
    """Yield the tables of who reaches whom and what works, where policies cut networks."""
    for found in connectivity.tables(result):
        made = _new_table(found.title, connectivity.HEADER)
        for row in found.rows:
            _add(made, *row)
        yield made


def _contact(result: Result) -> Iterator[Table]:
    """Yield the tables of contact with families: the group hit most in full, the others in short."""
    found = index(result)
    groups = main_groups(result)
    # The families in the headline: those of the group hit most.
    families = [families_of(groups[0])] if groups else []
    groups += [g for g in families if g in family_groups(result, len(result.focus.groups))] or family_groups(result, 1)
    for i, group in enumerate(groups):
        title = f"{capital(group_name(result.scenario, group))} ({group}; {simulated_text(result, group)})"
        made = _new_table(title, ("effect (10-90 %)",))
        for metric in (metric for metric in _OVER_THE_RUN if i == 0 or metric in _SHORT):
            row = found.get(metric, "total", group=group)
            _add_row(made, metric, _effect(row, zero=metric in CONTACT))
        if i == 0:
            _add_return(made, group, found)
        for metric in (metric for metric in _BY_WEEK if i == 0 or metric in _SHORT):
            for at, when in (("worst_week", ", worst 7 days"), ("end", ", last day")):
                _add_row(made, metric, _effect(found.get(metric, at, group=group)), when)
        if made.row_count:
            yield made


def _add_row(made: Table, metric: str, value: str, when: str = "") -> None:
    """Add a row of a metric where there is something to show."""
    if value:
        _add(made, f"{METRICS[metric].label}{when} [{_unit(metric)}]", value)


def _add_return(made: Table, group: str, found: Index) -> None:
    """Add how long it took until ties came back, and by what way they did."""
    days = effect(found.get("days_to_reconnect", "total", group=group), "policy")
    _add_row(made, "days_to_reconnect", f"{days:.0f}" if days else "")
    for way in WAYS:
        row = _effect(found.get("reconnected", "total", platform=way, group=group))
        if row:
            _add(made, f"Ties that came back {WAY_WORDS[way]} [ties]", row)


def _effect(row: Row | None, *, zero: bool = False) -> str:
    """Return one effect with its interval, short; empty where there is none, or none but zero unless that is wanted."""
    if row is None or row["effect"] is None:
        return ""
    if not zero and not any(effect(row, key) for key in ("effect", "low", "high")):
        return ""
    return compact_range(str(row["metric"]), *(effect(row, key) for key in ("effect", "low", "high")))


def _observed(result: Result) -> Iterator[RenderableType]:
    """Yield what was observed beside what the run says of it, where the scenario says what was."""
    rows = observed_rows(result)
    if rows:
        made = _new_table(TITLE, HEADER)
        for row in rows:
            _add(made, *row)
        yield made
    yield from (Padding(Text(line, style="dim"), (0, 0, 0, 1)) for line in observed_notes(result))


def _use(result: Result) -> Table:
    """Return the table of platforms that gained and lost daily users."""
    made = _new_table(
        f"Daily users on {day(result.dates[-1])} [persons]: who lost, who gained",
        ("without", "with the policies", "effect (10-90 %)", "simulated"),
    )
    for row in shown_movers(result, _SHOWN):
        metric = str(row["metric"])
        _add(
            made,
            f"{row['platform']}, {state_name(result.scenario, str(row['state']))}",
            *(compact(metric, effect(row, arm)) for arm in ("baseline", "policy")),
            compact_range(metric, *(effect(row, key) for key in ("effect", "low", "high"))),
            f"{int(effect(row, 'simulated')):,}",
        )
    return made


def _firms(result: Result) -> Iterator[Table]:
    """Yield the tables of time and money by firm, and beside a survey."""
    made = _new_table(firms.TITLE, firms.HEADER)
    for row in firms.table(result):
        _add(made, *row)
    yield made
    for survey in firms.surveys(result):
        beside = _new_table(survey.title, firms.SURVEY_HEADER)
        for row in survey.rows:
            _add(beside, *row)
        yield beside


def _unit(metric: str) -> str:
    """Return the unit of a metric as a table says it."""
    unit = METRICS[metric].unit
    return "%" if unit == "share" else unit

"""The output of a run: the answer in twenty lines, and the rest on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from ..core.groups import is_diaspora, is_family
from ..metrics.registry import METRICS
from ..results.summary import Row
from ..scenario.explain import target_cells
from . import tables
from .basis import basis, for_readers, status_text, targets
from .decisions import note, story
from .finding_sentences import driven_by, measured, members_alone, sentences, without_internet
from .findings import FIRST, find
from .numbers import (
    WIDTH,
    aligned,
    brief,
    capital,
    compact,
    group_name,
    listed,
    sentence,
    shortened,
    state_name,
    wrapped,
)
from .numbers import table as texts
from .orders import FIRST_NAMED, FIRST_ORDERS, first_orders, order_sentences, said_back
from .reportable import (
    BY_STEP,
    CONTACT,
    CUT_OFF,
    FELT,
    TELEPHONE,
    effect,
    index,
    is_sure,
    nothing_changed,
    shown_movers,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..results.result import Result

_COLOURS = {"PROJECTION": "yellow", "HINDCAST": "green", "WHAT-IF": "cyan"}
_ROWS = 6
"""Number of rows in the table of a run."""
_MOST_USES = 3
"""Largest number of kinds of use of the targets in a line."""
_WARNED = 2
"""Largest number of lines of the warning."""
_ORDERED = 3
"""Largest number of lines of an order."""
MOST_LINES = 18
"""Largest number of lines of the answer, before the folder and the next command."""


class Line(NamedTuple):
    """A line of terminal output, and its style for rich."""

    text: str = ""
    style: str = ""


def first_lines(result: Result, width: int = WIDTH, most: int = MOST_LINES) -> list[Line]:
    """Return the lines that a run prints: title, orders, three findings, a table of six rows, the
    effect of a cut network on families, and one or two warnings.

    The number of lines is limited: the table has fewer rows if sentences are long.
    """
    stamp, _ = status_text(result)
    colour = _COLOURS.get(stamp, "white")
    lines = [
        Line(each, f"bold {colour}")
        for each in wrapped(f"[{stamp}] {result.scenario.title}", width)
    ]
    title = len(lines)
    seen = measured(result)
    for said in seen:
        lines += [Line(each, "bold") for each in wrapped(said, width, "- ")]
    for at, said in enumerate(sentences(result)[: max(1, FIRST - len(seen))]):
        lines += [Line(each, "" if at else "bold") for each in wrapped(said, width, "- ")]
        if not at and (alone := members_alone(result) or driven_by(result)):
            lines += [Line(each, "dim") for each in wrapped(alone, width, "  ")]
    warned = _warning(result, width)
    room = most - len(lines) - len(warned)
    if room < _ORDERED:  # the orders matter more than the interval over seeds
        lines = [line for line in lines if line.style != "dim"]
        room = most - len(lines) - len(warned)
    lines[title:title] = map(Line, _ordered(result, width, room))
    if len(lines) + len(warned) < most:  # left out, like the table, if sentences are long
        lines += [Line(each, "dim") for each in _affected(result, width)]
    few = short_table(result)
    like = wrapped(without_internet(result), width)
    for count in range(len(few.rows), 0, -1):  # a long name takes two lines
        head, *below = aligned([few.header, *few.rows[:count]], width)
        if len(below) < most - len(lines) - len(like) - len(warned):
            lines += [Line(head, "dim"), *map(Line, below)]
            break
    lines += [Line(each) for each in like if len(lines) + len(like) + len(warned) <= most]
    return [*lines, *(Line(each, "yellow") for each in warned)]


def _warning(result: Result, width: int) -> list[str]:
    """Return the warning of rules without skill and the scenario's own, or else the first warning,
    with the number of others.
    """
    own = list(filter(None, [note(result.scenario.behaviour.on), result.scenario.caveat]))
    warnings = [*own, *for_readers(result)]
    if not warnings:
        return []
    *before, last = own or warnings[:1]
    rest = len(warnings) - len(before) - 1
    after = f" {sentence('run', 'more_warnings', count=rest)}" if rest else ""
    lines = [line for each in before for line in shortened(f"Warning: {each}", width, most=_WARNED)]
    return [*lines, *shortened(f"Warning: {last}", width, after, _WARNED)]


def _affected(result: Result, width: int) -> list[str]:
    """Return the targets by kind of use, or their numbers if they are many."""
    cells = target_cells(result.scenario)
    if not cells:
        return []
    counts = Counter(cell.use for cell in cells).most_common()
    said = " ".join(targets(result))
    if len(counts) > 1 or len(said) > width:
        words = texts("run", "USES")
        kinds = [f"{many} {words[use]}" for use, many in counts]
        if len(kinds) > _MOST_USES:
            others = sum(many for _, many in counts[_MOST_USES - 1 :])
            kinds[_MOST_USES - 1 :] = [f"{others} others"]
        said = sentence("run", "count_targets", counts=listed(kinds))
    return shortened(said, width)


def _ordered(result: Result, width: int, most: int) -> list[str]:
    """Return the first orders in a limited number of lines, or only the first order. Its end is
    more important than who loses nothing.
    """
    for count, named in product(range(FIRST_ORDERS, 0, -1), (FIRST_NAMED, 1)):
        said = said_back(result.scenario, count, named)
        found = [line for text in said for line in wrapped(text, width)]
        if len(found) <= most:
            return found
    first = [
        order_sentences(result.scenario, policy, 1, spared=False)
        for policy in first_orders(result.scenario, 1)
    ]
    return [line for text in first for line in shortened(text, width, most=max(1, most))]


def lines(
    result: Result, width: int = WIDTH, *, every: bool = False, most: int = MOST_LINES
) -> list[Line]:
    """Return the answer of a run and, on request, all other findings, tables and notes."""
    first = first_lines(result, width, most)
    return [*first, Line(), *_everything(result, width)] if every else first


def table(result: Result, width: int = WIDTH, *, every: bool = False) -> RenderableType:
    """Return the output of a run as a rich object."""
    from rich.console import Group
    from rich.text import Text

    return Group(*(Text(*line) for line in lines(result, width, every=every)))


def text(result: Result, width: int = WIDTH, *, every: bool = False) -> str:
    """Return the output of a run as plain text, without colours."""
    return "".join(f"{line.text}\n" for line in lines(result, width, every=every))


def short(result: Result) -> str:
    """Return the title, what was measured, the first findings and the warnings of a run as plain
    text.
    """
    head = f"{result.scenario.title} [{result.scenario.status}]"
    said = [*measured(result), *sentences(result)[:FIRST]]
    return "\n".join([head, *said, *(f"Warning: {line}" for line in for_readers(result))])


def short_rows(result: Result) -> list[Row]:
    """Return the rows of the short table: rows of findings, then of contact, then of other clear
    changes.
    """
    found = find(result)
    known = index(result)
    rows = dict[tuple[object, ...], Row]()

    def add(row: Row | None) -> None:
        if row is not None and row["effect"] is not None and len(rows) < _ROWS:
            rows.setdefault(
                tuple(row[key] for key in ("metric", "state", "platform", "group")), row
            )

    for at, row in enumerate(one.row for one in found):
        if row is not None and (at < FIRST or is_sure(row)):
            add(row)
            if at == 0 and row["metric"] == CONTACT[0]:
                group = str(row["group"])
                below = [
                    known.get(BY_STEP, "total", platform=step, group=group)
                    for step in (TELEPHONE, CUT_OFF)
                ]
                for each in below:
                    add(each if is_sure(each) else None)
    for mover in shown_movers(result, 2):
        add(mover if abs(effect(mover)) >= FELT * effect(mover, "baseline") else None)
    return list(rows.values())


def short_table(result: Result) -> tables.Table:
    """Return the rows of the summary that matter most."""
    rows = [
        (
            row_name(result, row),
            compact(str(row["metric"]), effect(row, "baseline")),
            tables.points_text(row),
        )
        for row in short_rows(result)
    ]
    return tables.Table("In numbers", ("", "without", "effect (80 %)"), rows, numbers=(1, 2))


def row_name(result: Result, row: Row) -> str:
    """Return the subject of a row in the short table: ``WeChat, United States: daily users``."""
    metric = str(row["metric"])
    state = str(row["state"])
    group = str(row["group"])
    if metric == BY_STEP:
        return f"- {texts('run', 'STEPS')[row['platform']]}"
    what = texts("run", "ROWS").get(metric, METRICS[metric].label)
    place = state_name(result.scenario, state) if state else ""
    if is_diaspora(group) or is_family(group):
        place = capital(brief(group_name(result.scenario, group).removeprefix("people ")))
    elif group.startswith("partner:"):
        place = f"{place}, {state_name(result.scenario, group.removeprefix('partner:'))}"
    if metric in CONTACT[1:]:
        return f"- {what}"
    if (
        row["at"] == "worst_week" and effect(row) < 0
    ):  # a run of years, which one week does not represent
        what = sentence("run", "in_worst_week", what=what)
    where = ", ".join(part for part in (str(row["platform"]), place) if part)
    return f"{where}: {what}" if where else capital(what)


# --- everything -----------------------------------------------------------------------------------


def _everything(result: Result, width: int) -> Iterator[Line]:
    """Yield the findings, tables and notes of a run after its first lines."""
    for said in sentences(result)[max(1, FIRST - len(measured(result))) :]:
        yield from map(Line, wrapped(said, width, "- "))
    if (told := story(result)) is not None:
        yield from (Line(), *(Line(each, "bold") for each in wrapped(told.head, width)))
        yield from (Line(each) for said in told.lines for each in wrapped(said, width, "  "))
    shown = tables.connectivity(result)
    if not nothing_changed(result):
        shown += [
            *filter(None, [tables.by_group(result)]),
            tables.use(result),
            *tables.firms(result),
        ]
    for each in (*shown, tables.blackout_hours(result), tables.observed(result)):
        if each.rows:
            yield from (Line(), *(Line(part, "bold") for part in wrapped(each.caption, width)))
            yield from map(Line, aligned([each.header, *each.rows], width))
    yield Line()
    _, meaning = status_text(result)
    notes = (
        meaning,
        *tables.observed_notes(result),
        *basis(result),
        *(f"Note: {line}" for line in result.notes),
    )
    yield from (Line(each, "dim") for note in notes for each in wrapped(note, width))
    yield from (
        Line(each, "yellow")
        for note in result.warnings
        for each in wrapped(f"Warning: {note}", width)
    )

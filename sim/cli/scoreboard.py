"""The score of event files on the terminal, and as a table in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.output import say, say_table
from sim.text.numbers import counted

if TYPE_CHECKING:
    from sim.experiments.hindcast.scoreboard import Scoreboard, ScoredRow, Summary

_HEADER = (
    "event", "kind", "what", "date", "observed", "+-", "simulated", "10-90 %", "inside", "covered", "half", "nothing",
)  # fmt: skip
_SCORES = (
    "targets", "series", "mean absolute error", "inside", "80 % covers", "width", "CRPS", "half", "nothing",
)  # fmt: skip


def is_event_file(case: str, events: Sequence[str]) -> bool:
    """Return whether an argument of ``hindcast`` is an event file, and not one of the calibration's events by name.

    Parameters
    ----------
    case : str
        What the user typed.
    events : sequence of str
        The events of the calibration.
    """
    from sim.scenario.files import EVENTS, SUFFIXES, shipped_name

    if Path(case).suffix in SUFFIXES and Path(case).is_file():
        return True
    name = shipped_name(case.removesuffix(".yaml").removeprefix("./").removeprefix("scenarios/"))
    known = name is not None and name.startswith(EVENTS)
    return known and (case.startswith(EVENTS) or case.rpartition("/")[2].removesuffix(".yaml") not in events)


def say_scoreboard(board: Scoreboard) -> None:
    """Print every figure beside what the replays say of it, and the scores by kind and by series."""
    say_table(_HEADER, [_cells(row) for row in board.rows])
    say()
    for one in board.left:
        say(f"Not compared: {one.event}, {one.observed.metric} of {one.observed.date}: {one.why}.")
    if board.empty:
        say(f"Nothing observed to compare: {', '.join(board.empty)}.")
    say(
        "Observed, simulated and the rivals are parts of what follows 'of', or of the same figure without policies. "
        "Gained and speed count what came on top of it, the other kinds what there is."
    )
    others = len(board.rows) - len(board.counting)
    if others:
        rows = "1 row stands" if others == 1 else f"{others} rows stand"
        say(f"{rows} in brackets: shown, not scored (soft, evidence, or a null case).")
    if board.counting:
        say()
        say_table(("kind", *_SCORES), [_scores(summary) for summary in board.by_kind()])
        say()
        say_table(("series", *_SCORES), [_scores(summary) for summary in board.by_series()])
        say()
        say("Errors count each series once. Rivals: every order leaves half of the use; nothing changes.")
    say(f"{board.people:,} simulated people, {counted(board.seeds)} of each event.")


def write_scoreboard(board: Scoreboard, folder: Path) -> None:
    """Write the rows into a folder as ``hindcast.csv``."""
    import pandas as pd

    from sim.results.files import disk_errors, write_text

    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    rows = pd.json_normalize([row.data() for row in board.rows])
    write_text(folder / "hindcast.csv", rows.to_csv(index=False, lineterminator="\n"))


def _cells(row: ScoredRow) -> tuple[str, ...]:
    """Return a row as text; what is not scored stands in brackets."""
    seen = row.observed
    place = seen.group or seen.state or ""
    of = "" if seen.of == "baseline" else f"of {seen.of.replace('_', ' ')}"
    inside = "yes" if row.is_inside else "no"
    return (
        row.event,
        seen.kind,
        " ".join(filter(None, (place, " + ".join(seen.platform), seen.metric, of))),
        str(seen.date),
        f"{seen.value:.3g}",
        f"{seen.tolerance:.2g}",
        f"{row.simulated:.2f}",
        f"{row.low:.2f}-{row.high:.2f}",
        inside if row.counts else f"({inside})",
        "yes" if row.is_covered else "no",
        f"{row.half:.2f}",
        f"{row.nothing:.2f}",
    )


def _scores(summary: Summary) -> tuple[str, ...]:
    """Return a summary as text."""
    return (
        summary.name,
        str(summary.targets),
        str(summary.series),
        f"{summary.mean_absolute_error:.3f}",
        f"{summary.inside:.0%}",
        f"{summary.coverage:.0%}",
        f"{summary.width:.3f}",
        f"{summary.crps:.3f}",
        *(f"{error:.3f}" for error in summary.rivals.values()),
    )

"""The score of event files on the terminal, and as a table and charts in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..text.numbers import counted
from .output import say, say_table

if TYPE_CHECKING:
    from ..evidence.hindcast import Scoreboard, ScoredRow, Summary

_HEADER = (
    "event", "kind", "what", "date", "observed", "+-", "simulated", "10-90 %", "inside", "covered",
    "half", "nothing", "curve", "duplication", "regression", "climatology",
)  # fmt: skip
_MODEL = (
    "targets", "series", "episodes", "mean abs. error", "bias", "inside", "80 % covers", "with tolerance", "width",
    "CRPS", "skill",
)  # fmt: skip
_RIVALS = {
    "half": "every order leaves half of the use",
    "nothing": "nothing changes",
    "curve": "one curve of enforcement, and the mean gain of the others",
    "duplication": "gains in proportion to what is in use already",
    "regression": "a hierarchical linear regression on dose, days, VPNs, alternatives, technique",
    "climatology": "what came in the other episodes",
}


def say_scoreboard(board: Scoreboard) -> None:
    """Print every figure beside what the replays say of it, and the scores by kind, by rival and by series."""
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
    for row in board.rows:
        if row.past.about.is_null:
            say(_null(row))
    if board.counting:
        say_scores(board.by_kind(), "kind")
        say_parts(board)
        say()
        say_table(("series", *_MODEL), [(each.name, *_scores(each)) for each in board.by_series()])
        say()
        say("Each series counts once in every mean. Skill: 1 - CRPS / CRPS of climatology.")
    say(f"{board.people:,} simulated people, {counted(board.seeds)} of each event.")


def say_scores(summaries: Sequence[Summary], head: str) -> None:
    """Print the scores of some sets of rows, and those of the rivals on the same rows."""
    say()
    say_table((head, *_MODEL), [(each.name, *_scores(each)) for each in summaries])
    say()
    say_table(
        (head, *(f"{what} {name}" for name in _RIVALS for what in ("error", "CRPS"))),
        [
            (
                each.name,
                *(f"{score[name]:.3f}" for name in _RIVALS for score in (each.rivals, each.rivals_crps)),
            )
            for each in summaries
        ],
    )
    say()
    say("Rivals, each fitted without the episode: " + "; ".join(f"{k}: {v}" for k, v in _RIVALS.items()) + ".")


def say_parts(board: Scoreboard) -> None:
    """Print the scores by meter and by technique: where the model is biased."""
    for head, summaries in (("meter", board.by_metric()), ("technique", board.by_technique())):
        say()
        say_table((head, *_MODEL), [(each.name, *_scores(each)) for each in summaries])


def held_out_of(board: Scoreboard, *, chance_only: bool) -> Scoreboard | str:
    """Return the stored forecasts of the same figures, each episode forecast from the others; or why there are none."""
    from ..evidence.stored import held_out_board, why_refused

    ours = {row.observed.row for row in board.counting if row.observed.row}
    if not ours:
        return "no figure of the record is here"
    refused = why_refused()
    if refused:
        return refused
    stored = held_out_board(chance_only=chance_only)
    return replace(stored, rows=tuple(row for row in stored.rows if row.observed.row in ours))


def say_held_out(board: Scoreboard | str, *, everything: bool) -> None:
    """Print the scores of forecasts of held-out episodes, or why there are none."""
    say()
    if isinstance(board, str):
        say(f"Forecasts of held-out episodes are not shown: {board}.")
        say("To make them: splinternet calibrate --write (about two hours on two cores; it can be interrupted).")
        return
    if not board.counting:
        say("Forecasts of held-out episodes: none of these figures.")
        return
    say("Held out: each episode forecast by parameters that were fitted to the others. This is the fair test: the")
    say("figures above are of parameters that were fitted to the record, these events included.")
    say_scores(board.by_kind(), "held out")
    say_parts(board)
    say(
        f"{board.people:,} simulated people, {board.seeds} draws of each episode's posterior; stored with the program "
        f"({'splinternet calibrate makes them' if everything else 'of these figures'})."
    )


def _null(row: ScoredRow) -> str:
    """Return what a null case says: nothing happened, and nothing may be seen."""
    seen = row.observed
    fell = row.forecast.high < 1 - seen.tolerance
    verdict = "the model shows a fall where there was none" if fell else "the model shows no fall"
    interval = f"{row.simulated:.2f} ({row.forecast.low:.2f} to {row.forecast.high:.2f})"
    return f"Null case {row.event}, {' + '.join(seen.platform)}: never in force; use stands at {interval}: {verdict}."


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
        f"{row.forecast.low:.2f}-{row.forecast.high:.2f}",
        inside if row.counts else f"({inside})",
        "yes" if row.is_covered else "no",
        *(f"{row.rivals[name].median:.2f}" for name in _RIVALS),
    )


def _scores(summary: Summary) -> tuple[str, ...]:
    """Return a summary as text."""
    return (
        str(summary.targets),
        str(summary.series),
        str(summary.episodes),
        f"{summary.mean_absolute_error:.3f}",
        f"{summary.bias:+.3f}",
        f"{summary.inside:.0%}",
        f"{summary.coverage:.0%}",
        f"{summary.coverage_with_tolerance:.0%}",
        f"{summary.width:.3f}",
        f"{summary.crps:.3f}",
        "" if summary.skill is None else f"{summary.skill:+.2f}",
    )

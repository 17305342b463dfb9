"""The command that holds the model against what was observed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.app import app
from sim.cli.output import progress_bar, say, say_json, say_table
from sim.cli.scenarios import AS_JSON
from sim.cli.scoreboard import is_event_file, say_scoreboard, write_scoreboard
from sim.text.numbers import counted

if TYPE_CHECKING:
    from sim.experiments.calibration.result import ForecastRow
    from sim.experiments.hindcast.result import HindcastRow, HindcastTable

_HEADER = (
    "event", "state", "what", "date", "observed", "+-", "simulated", "10-90 %", "error", "inside", "half", "same",
)  # fmt: skip
_RIVALS = {"model": "the model", "half": "rival: every block leaves half", "still": "rival: nothing changes"}

_OTHERS = {
    "simulated": "the model, fitted to the others",
    "curve": "rival: one curve of enforcement, fitted to the others",
    "half": "rival: every block leaves half",
    "still": "rival: nothing changes",
}


@app.command(epilog="Example: splinternet hindcast scenarios/events/br_x_2024.yaml --people 20000 --seeds 2")
def hindcast(
    cases: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE or CASE]...",
            help="Event files, or past events of the calibration; all of these unless given.",
        ),
    ] = None,
    targets: Annotated[
        Path | None, typer.Option(help="A CSV of your own events, with the columns of sim/facts/calibration.csv.")
    ] = None,
    people: Annotated[int | None, typer.Option(help="Simulated people of each run.")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, max=1_000, help="Members of each event.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; all cores unless given.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="A folder for the table and the charts: all targets, and each event.")
    ] = None,
    as_json: AS_JSON = False,
) -> None:
    """Replay past events and print simulated against observed, beside dull rivals."""
    from sim.experiments.hindcast import run as replay
    from sim.experiments.hindcast.targets import read_targets

    known = [target.event for target in read_targets()] if cases and targets is None else []
    if cases and targets is None and any(is_event_file(case, known) for case in cases):
        _score(cases, people or replay.PEOPLE, seeds or replay.SEEDS, jobs, out, as_json=as_json)
        return
    with progress_bar("hindcast") as progress:
        table = replay.hindcast(
            cases,
            people=people or replay.PEOPLE,
            seeds=seeds or replay.SEEDS,
            jobs=jobs,
            progress=progress,
            targets=targets,
        )
    if out is not None:
        _write(table, out)
    if as_json:
        say_json(_data(table))
        return
    _say(table)
    if out is not None:
        say(f"Written to {out}")


def _say(table: HindcastTable) -> None:
    """Print the table, the scores, and what they mean."""
    from sim.experiments.hindcast import run as replay

    say_table(_HEADER, [_cells(row) for row in table.rows])
    say()
    for line in _explained(table):
        say(line)
    say_table(
        ("forecast by", "mean absolute error", "inside tolerance"),
        [
            (told, f"{table.mean_error(by):.3f}", f"{table.inside(by)} of {len(table.scored)}")  # type: ignore[arg-type]
            for by, told in _RIVALS.items()
        ],
    )
    _tell_held_out(table)
    for row in table.rows:
        if replay.is_null_case(row.target):
            say(_null(row))
    say(f"{table.people:,} simulated people, {counted(table.seeds)} of each event.")


def _score(files: list[str], people: int, seeds: int, jobs: int | None, out: Path | None, *, as_json: bool) -> None:
    """Score event files: scenarios that say what was observed."""
    from sim.experiments.hindcast.events import score_events

    with progress_bar("hindcast") as progress:
        board = score_events(files, people=people, seeds=seeds, jobs=jobs, progress=progress)
    if out is not None:
        write_scoreboard(board, out)
    if as_json:
        say_json(board.data())
        return
    say_scoreboard(board)
    if out is not None:
        say(f"Written to {out}")


def _write(table: HindcastTable, folder: Path) -> None:
    """Write the table, the panel of all targets and the course of each event into a folder, as PNG and SVG."""
    import pandas as pd

    from sim.plots import save_forms
    from sim.results.files import disk_errors, write_text

    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    rows: Any = _data(table)["rows"]
    write_text(folder / "hindcast.csv", pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"))
    for name in (None, *dict.fromkeys(row.target.event for row in table.rows)):
        figure: Any = table.plot(name)
        save_forms(figure, folder, name or "hindcast", figure.result)


def _held_out(table: HindcastTable) -> list[ForecastRow]:
    """Return what was forecast for these targets from other events alone, by the last calibration that was written."""
    from sim.experiments.calibration.report import LEAVE_ONE_OUT
    from sim.experiments.calibration.result import read_forecasts

    asked = {(t.event, t.state, t.platform, t.metric, str(t.day)) for t in (row.target for row in table.scored)}
    forecasts = read_forecasts(LEAVE_ONE_OUT)
    return [r for r in forecasts if (r.event, r.state, r.platform, r.metric, r.date) in asked]


def _tell_held_out(table: HindcastTable) -> None:
    """Print the error on held-out events, beside the rivals' on the same targets; nothing without a calibration."""
    from sim.experiments.calibration.result import inside, mean_error

    rows = _held_out(table)
    if not rows:
        return
    say()
    say_table(
        ("each event forecast from the others by", "mean absolute error", "inside tolerance"),
        [(told, f"{mean_error(rows, by):.3f}", f"{inside(rows, by)} of {len(rows)}") for by, told in _OTHERS.items()],
    )
    say("Left out in turn: the events whose policies took effect; see splinternet calibrate.")
    say("These forecasts are stored ones, of the calibration that made the model's parameters.")


def _explained(table: HindcastTable) -> list[str]:
    """Return what the columns mean, how many rows count, and to how many of them the parameters were fitted."""
    found = [
        "Observed, simulated, half and same are ratios: 1 is the first day of the run, or what follows 'of'. +- is the "
        "tolerance; half and same are the rivals."
    ]
    scored, others = len(table.scored), len(table.rows) - len(table.scored)
    if others:
        found.append(f"{scored} of {len(table.rows)} targets are scored; the others rest on an assumed dose.")
    fitted = len(_held_out(table))
    if fitted:
        found.append(
            f"The model's parameters were fitted to {fitted} of the {scored} that are scored, so its first error "
            "says how well it can be made to agree; the second, on events held out, is the fair test."
        )
    return found


def _null(row: HindcastRow) -> str:
    """Return what a null case says: nothing happened, and nothing may be seen."""
    fell = row.high < 1 - row.target.tolerance
    told = "the model shows a fall where there was none" if fell else "the model shows no fall"
    range_ = f"{row.model:.2f} ({row.low:.2f} to {row.high:.2f})"
    return f"Null case {row.target.event}, {row.target.platform}: never in force; use stands at {range_}: {told}."


def _what(row: HindcastRow) -> str:
    """Return what was counted."""
    from sim.experiments.hindcast.targets import ALL_USERS, FIRST_DAY

    target = row.target
    of = {ALL_USERS: "of internet users", FIRST_DAY: ""}.get(target.reference, f"of {target.reference}")
    return " ".join(word for word in (target.platform, target.metric, of) if word)


def _cells(row: HindcastRow) -> tuple[str, ...]:
    """Return a row as text; what is not scored stands in brackets."""
    t = row.target
    inside = "yes" if row.is_inside() else "no"
    return (
        t.event,
        t.state,
        _what(row),
        str(t.day),
        f"{t.observed:.2f}",
        f"{t.tolerance:.2f}",
        f"{row.model:.2f}",
        f"{row.low:.2f}-{row.high:.2f}",
        f"{row.error():+.2f}",
        inside if t.is_scored else f"({inside})",
        f"{row.half:.2f}",
        f"{row.still:.2f}",
    )


def _data(table: HindcastTable) -> dict[str, object]:
    """Return the table as JSON data."""
    from sim.experiments.hindcast import run as replay
    from sim.experiments.hindcast.result import FORECASTERS

    rows = [
        {
            "event": row.target.event,
            "state": row.target.state,
            "platform": row.target.platform or None,
            "metric": row.target.metric,
            "reference": row.target.reference,
            "date": str(row.target.day),
            "observed": row.target.observed,
            "tolerance": row.target.tolerance,
            "simulated": row.model,
            "low": row.low,
            "high": row.high,
            "error": row.error(),
            "inside": row.is_inside(),
            "null_case": replay.is_null_case(row.target),
            "scored": row.target.is_scored,
            "rival_half": row.half,
            "rival_same": row.still,
            "note": row.target.note,
            "source": row.target.source,
        }
        for row in table.rows
    ]
    scores = {by: {"mean_absolute_error": table.mean_error(by), "inside": table.inside(by)} for by in FORECASTERS}
    return {
        "people": table.people,
        "seeds": table.seeds,
        "scored": len(table.scored),
        "scores": scores,
        "rows": rows,
        "leave_one_out": _held_out_data(table),
    }


def _held_out_data(table: HindcastTable) -> dict[str, object] | None:
    """Return the forecasts of held-out events and their scores as JSON data; None without a calibration."""
    from dataclasses import asdict

    from sim.experiments.calibration.result import inside, mean_error

    rows = _held_out(table)
    if not rows:
        return None
    scores = {by: {"mean_absolute_error": mean_error(rows, by), "inside": inside(rows, by)} for by in _OTHERS}
    return {"scored": len(rows), "scores": scores, "rows": [asdict(row) for row in rows]}

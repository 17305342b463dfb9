"""The command that replays past events and compares the model with what was observed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import app
from .output import progress_bar, say, say_json
from .scenarios import AS_JSON, CHANCE_ONLY, CLUSTER, JOBS, SETTINGS
from .scoreboard import held_out_of, say_held_out, say_scoreboard


@app.command(epilog="Example: splinternet hindcast scenarios/events/br_x_2024.yaml --people 20000 --seeds 2")
def hindcast(
    events: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Event files, scenarios with observed:, or names of shipped ones; by default the whole record.",
        ),
    ] = None,
    people: Annotated[int | None, typer.Option(help="Simulated people of each run.")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, max=1_000, help="Members of each event.")] = None,
    jobs: JOBS = None,
    cluster: CLUSTER = None,
    settings: SETTINGS = None,
    out: Annotated[
        Path | None, typer.Option(help="A folder for the table and the charts: all figures, and each event.")
    ] = None,
    chance_only: CHANCE_ONLY = False,
    as_json: AS_JSON = False,
) -> None:
    """Replay past events and print simulated beside observed, next to six rivals."""
    from ..evidence import hindcast as replay
    from ..scenario.load import values_of

    values = values_of(settings or ())
    with progress_bar("hindcast") as progress:
        board = replay.hindcast(
            events, people=people or replay.PEOPLE, seeds=seeds or replay.SEEDS, set=values, jobs=jobs,
            cluster=cluster, out=out, progress=progress, chance_only=chance_only,
        )  # fmt: skip
    held_out = held_out_of(board, chance_only=chance_only)
    if as_json:
        say_json({**board.data(), "held_out": held_out if isinstance(held_out, str) else held_out.data()})
        return
    say_scoreboard(board)
    say_held_out(held_out, everything=not events)
    if not events:
        from ..evidence.state_scores import headline

        say(headline())
    if out is not None:
        say(f"Written to {out}")

"""Commands that begin a scenario and repeat a run: new, reproduce."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Code, InputError, Problem
from . import completing
from .app import app
from .output import progress_bar, say, say_json
from .scenarios import AS_JSON


@app.command(epilog="Example: splinternet new mine --from wechat_as_ordered")
def new(
    name: Annotated[
        str | None, typer.Argument(help="What it is called; NAME.yaml is written, and never over a file.")
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            "--extends",
            metavar="SCENARIO",
            help="A scenario to start from.",
            autocompletion=completing.scenarios,
        ),
    ] = "",
    ask: Annotated[
        bool, typer.Option("--interactive", help="Ask who does what to whom and when, then offer to run it.")
    ] = False,
) -> None:
    """Write a new scenario file that runs as it is, with comments that explain its keys."""
    if ask and source:
        found = "a scenario to start from leaves nothing to ask"
        raise InputError(Problem("--interactive", found, "--interactive or --from, not both"))
    if ask:
        from .interview import interview

        interview(name or "")
        return
    if name is None:
        allowed = "splinternet new NAME, or splinternet new --interactive"
        raise InputError(Problem("NAME", "the new scenario has no name", allowed, "", Code.MISSING))
    from ..scenario.new import write_new

    path = write_new(name, source)
    say(f"Written to {path}; check it with: splinternet check {path}")


@app.command(epilog="Example: splinternet reproduce runs/wechat_as_ordered-1234")
def reproduce(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder; nothing in it is touched.")],
    jobs: Annotated[int | None, typer.Option(min=1, help="Number of processes; by default one per core.")] = None,
    as_json: AS_JSON = False,
) -> None:
    """Run a finished run again and say whether the same numbers come out; exit code 1 where one differs."""
    from ..experiments.reproduce import reproduce as run_again

    with progress_bar(run_folder.name) as progress:
        found = run_again(run_folder, jobs=jobs, progress=progress)
    if as_json:
        say_json({"same_numbers": found.same_numbers, **vars(found)})
    else:
        for line in found.lines():
            say(line)
    if not found.same_numbers:
        raise typer.Exit(1)

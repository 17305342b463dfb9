"""``python -m splinternet.fit``: the commands of the fit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..cli import main
from ..cli.output import say

PROGRAM = "python -m splinternet.fit"
app = typer.Typer(
    help="Fit the model to the record, and write what the bench reads.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command(epilog=f"Example: {PROGRAM} tasks")
def tasks(
    out: Annotated[Path, typer.Option(help="The folder of the tasks.")] = Path("bench/tasks"),
) -> None:
    """Write the bench's task files from the scenarios and the tables of orders."""
    from .tasks import write_tasks

    for path in write_tasks(out):
        say(f"Written to {path}")


@app.command(epilog=f"Example: {PROGRAM} forecast")
def forecast(
    out: Annotated[Path, typer.Option(help="The folder of entrants.")] = Path("bench/entrants"),
) -> None:
    """Write the model's stored forecasts as submissions to the bench."""
    from .forecast import write_entrants

    for path in write_entrants(out):
        say(f"Written to {path}")


if __name__ == "__main__":
    main(of=app, name=PROGRAM)

"""The command that shows the days of single simulated people of a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import app
from .output import progress_bar, say, say_json
from .scenarios import AS_JSON

_GROUP = "A diaspora or its families, such as 'US<-CN', CN-in-US or 'family:US<-CN'; by default the one hit most."
_SEED = "The member to follow; by default the middle one by the share of the group that loses contact."


@app.command(epilog="Example: splinternet follow runs/wechat_as_ordered-1234 --group 'US<-CN' --count 3")
def follow(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")],
    group: Annotated[str | None, typer.Option(help=_GROUP)] = None,
    count: Annotated[int, typer.Option(min=1, help="How many people, typical ones and the worst.")] = 3,
    seed: Annotated[int | None, typer.Option(help=_SEED)] = None,
    out: Annotated[Path | None, typer.Option(help="A chart of these lives to write too, .png, .svg or .pdf.")] = None,
    as_json: AS_JSON = False,
) -> None:
    """Follow simulated people and their kin abroad day by day: what failed, why, and when they spoke again."""
    from ..experiments import follow as run
    from ..results import open_run
    from ..text.lives import text

    if out is not None:
        from ..plots.saving import check_form

        check_form(out)
    result = open_run(run_folder)
    days = len(result.dates)
    with progress_bar(result.name) as progress:
        on_day = None if progress is None else lambda done: progress(done, 0, days)
        lives = run.follow(result, group, count, seed=seed, on_day=on_day)
    if out is not None:
        from ..plots import save_figure

        save_figure(lives.plot(), out, lives)
    if as_json:
        say_json(lives.to_data())
    else:
        say(text(lives), end=False)

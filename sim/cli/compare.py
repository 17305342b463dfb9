"""Commands that make something of finished runs: compare, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.app import app
from sim.cli.output import say, say_details, say_json, say_table
from sim.cli.scenarios import AS_JSON, CHANCE_ONLY

if TYPE_CHECKING:
    from sim.results.compare import Comparison


@app.command(epilog="Example: splinternet compare runs/wechat_as_ordered-1234 runs/wechat_full_block-5678")
def compare(
    first: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of the run to compare with.")],
    second: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of the other run.")],
    chance_only: CHANCE_ONLY = False,
    as_json: AS_JSON = False,
) -> None:
    """Tell what the policies of two runs do differently, seed by seed where that is fair, with intervals."""
    from sim.results import open_run
    from sim.results.compare import compare as held_against
    from sim.text.comparison import EXPLAINED, HEADER, about, cells, headline, main_rows

    runs = (open_run(first), open_run(second))
    both = held_against(*(run.chance_only() for run in runs)) if chance_only else held_against(*runs)
    if as_json:
        say_json(_data(both))
        return
    say_details(about(both))
    say()
    for sentence in headline(both):
        say(sentence)
    rows = main_rows(both)
    if rows:
        say()
        say_table(HEADER, [cells(both, row) for row in rows])
    say()
    for line in (*([EXPLAINED] if rows else []), both.why, *both.notes):
        say(line)


def _data(both: Comparison) -> dict[str, object]:
    """Return a comparison as JSON data."""
    runs = {
        name: {"name": run.name, "run_id": run.run_id, "title": run.scenario.title, "status": run.scenario.status}
        for name, run in (("first", both.first), ("second", both.second))
    }
    told = {"paired": both.paired, "seeds": list(both.seeds), "why": both.why, "notes": list(both.notes)}
    return {**runs, **told, "rows": both.rows}


@app.command(epilog="Example: splinternet report runs/wechat_as_ordered-1234 --out report.html")
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="A run's folder; more are held against it.")],
    out: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("report.html"),
    chance_only: CHANCE_ONLY = False,
    lives: Annotated[int, typer.Option(min=0, help="Simulated people of the group hit most to follow.")] = 0,
) -> None:
    """Write a report on a run as one HTML page that needs no network; of several runs, a comparison."""
    from sim.app.report import write_report
    from sim.results import open_run

    results = [open_run(run) for run in runs]
    followed = [result.follow(count=lives) for result in results] if lives else []
    path = write_report([result.chance_only() for result in results] if chance_only else results, out, followed)
    say(f"Written to {path}")

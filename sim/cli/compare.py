"""Commands that use finished runs: compare, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError, Problem
from .app import app
from .output import say, say_json, say_table
from .scenarios import AS_JSON, CHANCE_ONLY

if TYPE_CHECKING:
    from ..results import Result
    from ..results.compare import Ranking

_RUNS = Annotated[
    list[Path], typer.Argument(metavar="RUN RUN...", help="Folders of runs; the others are compared with the first.")
]
_BY = Annotated[str, typer.Option(help="The metric that ranks the runs; by default contact_days_lost_per_member.")]
_GROUP = Annotated[
    str, typer.Option(help="The group; by default the one in which most people are hit in the first run.")
]
_OF = "'US' or 'US/WeChat': the state, and the platform, of a metric that is by state; by default the most concerned."
_NAMES = Annotated[str, typer.Option(metavar="A,B,...", help="Names of the runs; by default the scenarios' titles.")]
_FILES = "A file to write: the table as .csv, .xlsx or .parquet, the picture as .png or .svg. Can be repeated."


@app.command(epilog="Example: splinternet compare runs/ordered runs/bridge runs/exemption --out ranked.csv")
def compare(
    runs: _RUNS,
    by: _BY = "",
    group: _GROUP = "",
    of: Annotated[str, typer.Option(help=_OF)] = "",
    every: Annotated[bool, typer.Option("--every", help="Also list the other metrics that differ, by run.")] = False,
    names: _NAMES = "",
    out: Annotated[list[Path] | None, typer.Option(help=_FILES)] = None,
    chance_only: CHANCE_ONLY = False,
    as_json: AS_JSON = False,
) -> None:
    """Rank runs by what their policies do, best first, and show how far each is from the first run."""
    from ..results.compare import compare as ranked
    from ..text.ranking import text

    for path in out or ():
        _check_form(path)
    results = _opened(runs, chance_only)
    state, _, platform = of.partition("/")
    found = ranked(*results, by=by, group=group, state=state, platform=platform, names=_names(results, runs, names))
    for path in out or ():
        found.save(path)
    if as_json:
        say_json(ranking_data(found))
        return
    say(text(found), end=False)
    if every:
        _say_pairs(found)
    for path in out or ():
        say(f"Written to {path}")


def _check_form(path: Path) -> None:
    """Raise InputError where the name of a file says neither table nor picture."""
    from ..results.files import SUFFIXES

    forms = (*SUFFIXES, ".png", ".svg")
    if path.suffix.lower() not in forms:
        hint = f"--out {path.stem or 'ranked'}.csv"
        raise InputError(Problem("--out", f"'{path}' ends in '{path.suffix}'", " or ".join(forms), hint))


def _opened(runs: list[Path], chance_only: bool) -> list[Result]:
    """Return the runs of some folders."""
    from ..results import open_run

    if len(runs) < 2:
        hint = f"splinternet report {runs[0]} shows a single run"
        raise InputError(Problem("RUN", "1 run to compare", "2 folders of runs or more", hint))
    results = [open_run(run) for run in runs]
    return [result.chance_only() for result in results] if chance_only else results


def _names(results: list[Result], folders: list[Path], given: str) -> list[str]:
    """Return the names that a user gives; else titles, names of scenarios or of folders, the first that all differ."""
    if given:
        names = [name.strip() for name in given.split(",")]
        if len(set(names)) != len(results) or not all(names):
            raise InputError(Problem("--names", f"'{given}'", f"{len(results)} different names with commas"))
        return names
    ways = [[result.scenario.title for result in results], [result.name for result in results]]
    folder_names = [folder.resolve().name for folder in folders]
    return next((names for names in ways if len(set(names)) == len(names)), folder_names)


def _say_pairs(found: Ranking) -> None:
    """Print the metrics that differ most between each run and the first one."""
    from ..text.comparison import EXPLAINED, HEADER, cells, main_rows

    for name, both in zip(found.names[1:], found.pairs, strict=True):
        rows = main_rows(both)
        say()
        say(f"{name} compared with {found.names[0]}" + ("" if rows else ": nothing differs by any metric"))
        if rows:
            say_table(HEADER, [cells(both, row) for row in rows])
    say()
    say(EXPLAINED)


def ranking_data(found: Ranking) -> dict[str, object]:
    """Return a comparison as JSON data."""
    metric, state, platform, group = found.key
    about = {"metric": metric, "state": state, "platform": platform, "group": group, "at": found.at}
    every = [{"run": name, **row} for name, both in zip(found.names[1:], found.pairs, strict=True) for row in both.rows]
    data = {"first": found.names[0], "paired": found.paired, "why": found.why, "notes": list(found.notes)}
    return {**about, **data, "rows": found.rows, "differences": every}


@app.command(epilog="Example: splinternet report runs/wechat_as_ordered-1234 --out report.html")
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="A run's folder; several are ranked.")],
    out: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("report.html"),
    by: _BY = "",
    group: _GROUP = "",
    names: _NAMES = "",
    chance_only: CHANCE_ONLY = False,
    lives: Annotated[int, typer.Option(min=0, help="Simulated people of the group hit most to follow.")] = 0,
) -> None:
    """Write a report on a run as one HTML page that needs no network; of several runs, one table and one picture."""
    from ..app.report import write_report
    from ..results import open_run

    if len(runs) == 1 and (by or group):
        raise InputError(Problem("--by, --group", "a report on one run", "with two runs or more"))
    results = [open_run(run) for run in runs] if len(runs) == 1 else _opened(runs, chance_only)
    followed = [result.follow(count=lives) for result in results] if lives else []
    shown = [result.chance_only() for result in results] if chance_only else results
    path = write_report(shown, out, followed, by=by, group=group, names=_names(shown, runs, names))
    say(f"Written to {path}")


@app.command(epilog="Example: splinternet publish runs/wechat_as_ordered-1234 --out site")
def publish(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, or of a sweep.")],
    out: Annotated[Path, typer.Option(help="The folder to write the page into.")] = Path("site"),
) -> None:
    """Write a run or a sweep as a static page for any web host: headline, picture, choices, data, scenario, command."""
    from ..app.publish import publish as write

    page = write(run, out)
    say(f"Written to {page}: copy the folder to any web host, or open the file")

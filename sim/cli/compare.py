"""Commands that compare finished runs and write pages about them: compare, report, publish, mitigate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError, Problem
from .app import command
from .options import AS_JSON, CHANCE_ONLY, SEEDS, SPEC, WORK, Work, opened
from .output import progress_bar, say, say_details, say_json
from .runs import OF

if TYPE_CHECKING:
    from ..results import Result
    from ..results.compare import Ranking
    from ..scenario import Scenario

_RUNS = Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs, compared with the first.")]
_BY = Annotated[str, typer.Option(help="The metric that ranks the runs; by default contact_days_lost_per_member.")]
_GROUP = Annotated[str, typer.Option(help="The group to compare; by default the one hit most in the first run.")]
_NAMES = Annotated[str, typer.Option(metavar="A,B,...", help="Names of the runs; by default the scenarios' titles.")]
_FILES = "A file to write: the table as .csv, .xlsx or .parquet, the picture as .png or .svg. Can be repeated."


@command("compare runs/ordered runs/bridge runs/exemption --out ranked.csv")
def compare(
    runs: _RUNS,
    by: _BY = "",
    group: _GROUP = "",
    of: Annotated[str, typer.Option(help=OF)] = "",
    names: _NAMES = "",
    out: Annotated[list[Path] | None, typer.Option(help=_FILES)] = None,
    chance_only: CHANCE_ONLY = False,
    as_json: AS_JSON = False,
) -> None:
    """Rank runs by what their policies do, best first, and show how far each is from the first run."""
    from ..results.compare import compare as ranked
    from ..results.files import SUFFIXES
    from ..text.comparison import text

    for path in out or ():
        if path.suffix.lower() not in (forms := (*SUFFIXES, ".png", ".svg")):
            hint = f"--out {path.stem or 'ranked'}.csv"
            raise InputError(Problem("--out", f"'{path}' ends in '{path.suffix}'", " or ".join(forms), hint))
    if len(runs) < 2:
        hint = f"splinternet report {runs[0]} shows a single run"
        raise InputError(Problem("RUN", "1 run to compare", "2 folders of runs or more", hint))
    results = opened(runs, chance_only)
    state, _, platform = of.partition("/")
    found = ranked(*results, by=by, group=group, state=state, platform=platform, names=_names(results, runs, names))
    for path in out or ():
        found.save(path)
    if as_json:
        say_json(_data(found))
        return
    say(text(found), end=False)
    for path in out or ():
        say(f"Written to {path}")


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


def _data(found: Ranking) -> dict[str, object]:
    """Return a comparison as JSON data."""
    metric, state, platform, group = found.key
    about = {"metric": metric, "state": state, "platform": platform, "group": group, "at": found.at}
    every = [{"run": name, **row} for name, both in zip(found.names[1:], found.pairs, strict=True) for row in both.rows]
    data = {"first": found.names[0], "paired": found.paired, "why": found.why, "notes": list(found.notes)}
    return {**about, **data, "rows": found.rows, "differences": every}


@command("mitigate wechat_as_ordered --people 3000 --seeds 2 --days 90")
def mitigate(
    spec: Scenario = SPEC,
    seeds: SEEDS = 8,
    work: Work = WORK,
    out: Annotated[Path, typer.Option(help="The picture to write; or .html: the report, with the table.")] = Path(
        "mitigate.png"
    ),
    as_json: AS_JSON = False,
) -> None:
    """Run a scenario as it is, and with an exemption, a bridge, a delay and a notice as they fit; show what differs."""
    from ..app.report import write_report
    from ..experiments.mitigate import mitigate as run_all
    from ..text.comparison import text

    with progress_bar(f"mitigations of {spec.name}") as progress:
        ranking, ways = run_all(spec, seeds=seeds, progress=progress, **vars(work))
    if out.suffix.lower() == ".html":
        write_report(ranking.runs[0], out, spared=ranking)
    else:
        ranking.save(out)
    if as_json:
        said = [{"name": way.name, "fits": way.scenario is not None, "why": way.why} for way in ways]
        say_json({"picture": str(out), "mitigations": said, **_data(ranking)})
        return
    say(f"{spec.title}  [{spec.status}]")
    say_details((way.name, way.why if way.scenario is not None else f"does not fit: {way.why}") for way in ways)
    say(f"\n{text(ranking)}", end=False)
    say(f"Written to {out}")


@command("report runs/wechat_as_ordered-1234 --out report.html")
def report(
    runs: _RUNS,
    out: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("report.html"),
    by: _BY = "",
    group: _GROUP = "",
    names: _NAMES = "",
    chance_only: CHANCE_ONLY = False,
) -> None:
    """Write a report on a run as one HTML page that needs no network; of several runs, one table and one picture."""
    from ..app.report import write_report
    from ..results.compare import compare as ranked

    if len(runs) == 1 and (by or group):
        raise InputError(Problem("--by, --group", "a report on one run", "with two runs or more"))
    results = opened(runs, chance_only)
    named = _names(results, runs, names)
    shown = results[0] if len(runs) == 1 else ranked(*results, by=by, group=group, names=named)
    say(f"Written to {write_report(shown, out)}")


@command("publish runs/wechat_as_ordered-1234 --out site")
def publish(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, or of a sweep.")],
    out: Annotated[Path, typer.Option(help="The folder to write the page into.")] = Path("site"),
) -> None:
    """Write a run or a sweep as a static page for any web host: headline, picture, choices, data, scenario, command."""
    from ..app.report import publish as write

    page = write(run, out)
    say(f"Written to {page}: copy the folder to any web host, or open the file")

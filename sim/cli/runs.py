"""Commands that run a scenario, and that draw, write out and compare finished runs."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.shipped import shipped
from ..errors import InputError, Problem
from .app import Given, command
from .options import (
    AS_JSON,
    CHANCE_ONLY,
    RUN,
    SEEDS,
    SPEC,
    WORK,
    Work,
    completed,
    loaded,
    opened,
)
from .output import progress_bar, say, say_details, say_json, shown, warn, width_of_terminal

if TYPE_CHECKING:
    from ..results import Result
    from ..results.compare import Ranking
    from ..scenario import Scenario

DEFAULT_SEEDS = 12
DEFAULT_OVERLAY = "family_contact_ever_lost"
"""The metric that `plot` draws for several runs by default."""
_OF = "State, or state/platform, such as US/WeChat, of a metric that is by state; by default, the largest effect."
_RUNS = Annotated[
    list[Path], typer.Argument(metavar="RUN...", help="Folders of runs, compared with the first.")
]
_BY = Annotated[
    str,
    typer.Option(help="The metric that ranks the runs; by default contact_days_lost_per_member."),
]
_GROUP = Annotated[
    str,
    typer.Option(help="The group to compare; by default the most affected group of the first run."),
]
_NAMES = Annotated[
    str,
    typer.Option(metavar="A,B,...", help="Names of the runs; by default the scenarios' titles."),
]
_FILES = "A file to write: the table as .csv, .xlsx or .parquet, the picture as .png or .svg. Can be repeated."
_SPEC: Any = Given(loaded)


@command("run wechat_as_ordered --people 20000 --seeds 4 --set days=120")
def run(
    spec: Scenario = _SPEC,
    seeds: Annotated[int, typer.Option(min=1, max=10_000, help="Number of seeds.")] = DEFAULT_SEEDS,
    work: Work = WORK,
    out: Annotated[
        Path | None, typer.Option(help="The run's folder; by default runs/<scenario>-<hash>.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace another run in the folder --out.")
    ] = False,
    ties: Annotated[
        bool, typer.Option("--ties", help="Keep every kin tie abroad, for export --ties.")
    ] = False,
    chance_only: CHANCE_ONLY = False,
    every: Annotated[
        bool, typer.Option("--all", help="Print all findings, tables and notes.")
    ] = False,
    as_json: AS_JSON = False,
) -> None:
    """Run a scenario with and without its policies, and write tables, charts and a manifest into a
    folder.
    """
    result, folder = run_with_progress(
        spec, seeds, out, ties=ties, overwrite=overwrite, **vars(work)
    )
    if as_json:
        for warning in spec.warnings:
            warn(f"warning: {warning}")
        found = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        if chance_only:
            found["rows"] = result.chance_only().rows()
        say_json({"run": str(folder), **found})
        return
    print_summary(result.chance_only() if chance_only else result, every=every)
    say(f"Written to {folder}")
    own = next((name for name, path in shipped().items() if path == spec.path), None)
    scenario = own or shlex.quote(str(spec.path))
    say(f"Next: splinternet {f'sweep {scenario}' if spec.sweep else f'report {folder}'}")
    if can_be_spared(result):
        say(f"What would spare them: splinternet mitigate {scenario}")
    from ..experiments.attribution import players_of

    if spec.policies and (orders := len(players_of(spec))) > 1:
        say(f"The part of each of the {orders} orders: splinternet attribute {scenario}")


def announce_compiling() -> None:
    """Announce the first compilation of the model, during which no progress is shown."""
    from ..core.kernels import is_first_run

    if is_first_run():
        warn("The first run compiles the model in about 15 seconds; later runs start at once.")


def run_with_progress(
    spec: Scenario,
    seeds: int,
    out: Path | None = None,
    *,
    jobs: int | None = None,
    cluster: str | None = None,
    ties: bool = False,
    overwrite: bool = False,
) -> tuple[Result, Path]:
    """Run a scenario, with a progress bar on a terminal; return the result and its folder."""
    from ..experiments import ensemble
    from ..experiments.parallel import workers_for
    from ..results import default_folder
    from ..results.memory import fitting_jobs

    if cluster is None:
        fit, fewer = fitting_jobs(spec, seeds, workers_for(jobs, seeds), stored=True)
        if fewer:
            warn(f"warning: {fewer}")
            jobs = fit
        announce_compiling()
    folder = out or default_folder(spec, [spec.seed + member for member in range(seeds)])
    with progress_bar(
        spec.name, f"they are kept in {folder}; the same command continues from there"
    ) as progress:
        result = ensemble.run(
            spec,
            seeds=seeds,
            jobs=jobs,
            cluster=cluster,
            out=folder,
            overwrite=overwrite,
            ties=ties,
            progress=progress,
        )
    return result, folder


def can_be_spared(result: Result) -> bool:
    """Return whether people clearly lose contact in a run and a way to soften its orders exists."""
    from ..experiments.mitigate import mitigations
    from ..text.findings import losing

    if not losing(result):
        return False
    try:
        return any(way.scenario is not None for way in mitigations(result.scenario))
    except InputError:
        return False


def print_summary(result: Result, *, every: bool = False) -> None:
    """Print the answer of a run, or all its findings: in colour on a terminal, as plain text
    elsewhere.
    """
    from ..experiments.attribution import players_of
    from ..text import terminal
    from ..text.numbers import WIDTH

    width = width_of_terminal() or WIDTH
    more = bool(result.scenario.policies and len(players_of(result.scenario)) > 1)
    below = more + can_be_spared(result)  # lines that `run` adds
    lines = terminal.lines(result, width, every=every, most=terminal.MOST_LINES - below)
    if not sys.stdout.isatty():
        say("\n".join(line.text for line in lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(width=width)
    for line in lines:
        console.print(Text(shown(line.text), line.style), no_wrap=True, overflow="crop")


def _charts() -> Any:
    from ..plots import charts

    return charts()


complete_charts = completed(_charts)


@command("plot runs/wechat_as_ordered-1234 family_contact --out contact.png")
def plot(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN... [CHART]",
            help="Run folders (several are overlaid), then a chart or a metric.",
            autocompletion=complete_charts,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file to write: PNG, SVG, PDF, or GIF for a map; by default <chart>.png."
        ),
    ] = None,
    group: Annotated[
        str, typer.Option(help="Draw the metric for this group alone, such as 'US<-CN'.")
    ] = "",
    of: Annotated[str, typer.Option(help=_OF)] = "",
    chance_only: CHANCE_ONLY = False,
) -> None:
    """Draw a chart of a run into a file. For several runs, draw the daily effects on one metric in
    one picture.
    """
    from .. import plots
    from ..results.result import OVERVIEW

    is_named = len(words) > 1 and not Path(words[-1]).exists() and "/" not in words[-1]
    folders, chart = (words[:-1], words[-1]) if is_named else (words, "")
    results = opened(folders, chance_only)
    first = results[0]
    name = chart or (OVERVIEW if len(results) == 1 else DEFAULT_OVERLAY)
    path = out or Path(f"{name}.png")
    if len(results) > 1 or group or of:
        state, _, platform = of.partition("/")
        name = plots.main_chart(first) if name == OVERVIEW else name
        figure: Any = plots.draw_cell(
            results, name, {"group": group, "state": state, "platform": platform}
        )
        plots.save_figure(figure, path, first)
    elif path.suffix.lower() == ".gif":
        plots.animate(first, name, path)
    else:
        plots.save_figure(plots.draw(first, name), path, first)
    say(f"Written to {path}")


@command("export runs/wechat_as_ordered-1234 --ties --out ties.csv")
def export(
    run_folder: RUN,
    summary: Annotated[
        bool, typer.Option("--summary", help="Every metric for the whole run, with intervals.")
    ] = False,
    ties: Annotated[
        bool, typer.Option("--ties", help="Lost contact, with a row for each kin tie.")
    ] = False,
    group: Annotated[
        str | None, typer.Option(help="Only ties of a group, 'US<-CN' or 'family:US<-CN'.")
    ] = None,
    arm: Annotated[str | None, typer.Option(help="Only one arm: baseline or policy.")] = None,
    every: Annotated[
        bool, typer.Option("--every", help="Every state, platform and group.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="A .csv, .xlsx or .parquet; by default <table>.csv.")
    ] = None,
) -> None:
    """Write the summary, the table of ties or the daily values of a finished run as CSV, Excel
    workbook or Parquet.
    """
    from ..results import open_run
    from ..results.files import check_suffix, write_table

    if summary and ties:
        raise InputError(
            Problem("--summary, --ties", "2 tables for one file", "one of them", "run export twice")
        )
    if (group or arm) and not ties:
        raise InputError(Problem("--group, --arm", "they select single ties", "with --ties"))
    if every and ties:
        raise InputError(
            Problem("--every", "the table of ties is always complete", "without --ties")
        )
    chosen = {"summary": summary, "ties": ties, "series": True}
    name = next(name for name, is_wanted in chosen.items() if is_wanted)
    path = check_suffix(out or Path(f"{name}.csv"))
    result = open_run(run_folder)
    if summary and path.suffix == ".xlsx":
        from ..text.basis import about, with_names

        write_table(with_names(result, result.summary(all=every)), path, about(result))
    elif summary:
        write_table(result.summary(all=every), path)
    elif ties:
        write_table(result.ties(group, arm), path)
    elif path.suffix == ".csv":
        result.to_csv(path, every=every)
    elif path.suffix == ".parquet":
        result.to_parquet(path, every=every)
    else:
        hint = f"splinternet export {run_folder} --summary --out {path.name}"
        raise InputError(
            Problem(
                "--out", "daily values have too many rows for a workbook", ".csv or .parquet", hint
            )
        )
    say(f"Written to {path}")


# --- runs side by side, and pages about them ------------------------------------------------------


@command("compare runs/ordered runs/bridge runs/exemption --out ranked.csv")
def compare(
    runs: _RUNS,
    by: _BY = "",
    group: _GROUP = "",
    of: Annotated[str, typer.Option(help=_OF)] = "",
    names: _NAMES = "",
    out: Annotated[list[Path] | None, typer.Option(help=_FILES)] = None,
    chance_only: CHANCE_ONLY = False,
    as_json: AS_JSON = False,
) -> None:
    """Rank runs by the effect of their policies, best first, and show the difference to the first
    run.
    """
    from ..results.compare import compare as ranked
    from ..results.files import SUFFIXES
    from ..text.comparison import text

    for path in out or ():
        if path.suffix.lower() not in (forms := (*SUFFIXES, ".png", ".svg")):
            hint = f"--out {path.stem or 'ranked'}.csv"
            raise InputError(
                Problem("--out", f"'{path}' ends in '{path.suffix}'", " or ".join(forms), hint)
            )
    if len(runs) < 2:
        hint = f"splinternet report {runs[0]} shows a single run"
        raise InputError(Problem("RUN", "1 run to compare", "2 folders of runs or more", hint))
    results = opened(runs, chance_only)
    state, _, platform = of.partition("/")
    found = ranked(
        *results,
        by=by,
        group=group,
        state=state,
        platform=platform,
        names=_names(results, runs, names),
    )
    for path in out or ():
        found.save(path)
    if as_json:
        say_json(_data(found))
        return
    say(text(found), end=False)
    for path in out or ():
        say(f"Written to {path}")


def _names(results: list[Result], folders: list[Path], given: str) -> list[str]:
    """Return the names that a user gives; otherwise the first of titles, scenario names and folder
    names that are all different. Long titles are shortened.
    """
    if given:
        names = [name.strip() for name in given.split(",")]
        if len(set(names)) != len(results) or not all(names):
            raise InputError(
                Problem("--names", f"'{given}'", f"{len(results)} different names with commas")
            )
        return names
    from ..text.numbers import brief_title

    titles = [brief_title(result.scenario.title) for result in results]
    folder_names = [folder.resolve().name for folder in folders]
    ways = (titles, [result.name for result in results], folder_names)
    return next((names for names in ways if len(set(names)) == len(names)), folder_names)


def _data(found: Ranking) -> dict[str, object]:
    """Return a comparison as JSON data."""
    metric, state, platform, group = found.key
    about = {"metric": metric, "state": state, "platform": platform, "group": group, "at": found.at}
    every = [
        {"run": name, **row}
        for name, both in zip(found.names[1:], found.pairs, strict=True)
        for row in both.rows
    ]
    data = {
        "first": found.names[0],
        "paired": found.paired,
        "why": found.why,
        "notes": list(found.notes),
    }
    return {**about, **data, "rows": found.rows, "differences": every}


@command("mitigate wechat_as_ordered --people 3000 --seeds 2 --days 90")
def mitigate(
    spec: Scenario = SPEC,
    seeds: SEEDS = 8,
    work: Work = WORK,
    out: Annotated[
        Path, typer.Option(help="The picture to write; or .html: the report, with the table.")
    ] = Path("mitigate.png"),
    as_json: AS_JSON = False,
) -> None:
    """Run a scenario unchanged, then with each of exemption, bridge, delay and notice that fits,
    and show the differences.
    """
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
        said = [
            {"name": way.name, "fits": way.scenario is not None, "why": way.why} for way in ways
        ]
        say_json({"picture": str(out), "mitigations": said, **_data(ranking)})
        return
    say(f"{spec.title}  [{spec.status}]")
    say_details(
        (way.name, way.why if way.scenario is not None else f"does not fit: {way.why}")
        for way in ways
    )
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
    """Write a report on a run as one HTML page that needs no network; of several runs, one table
    and one picture.
    """
    from ..app.report import write_report
    from ..results.compare import compare as ranked

    if len(runs) == 1 and (by or group):
        raise InputError(Problem("--by, --group", "a report on one run", "with two runs or more"))
    results = opened(runs, chance_only)
    named = _names(results, runs, names)
    shown = results[0] if len(runs) == 1 else ranked(*results, by=by, group=group, names=named)
    say(f"Written to {write_report(shown, out)}")

"""Commands that run a scenario and draw its results: run, plot."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import completing
from .app import app
from .output import progress_bar, say, say_json, shown, warn, width_of_terminal
from .scenarios import AS_JSON, CHANCE_ONLY, CLUSTER, DAYS, JOBS, PENETRATION, PEOPLE, SETTINGS, with_use

if TYPE_CHECKING:
    from ..results import Result
    from ..scenario import Scenario

DEFAULT_SEEDS = 12
DEFAULT_OVERLAY = "family_contact_ever_lost"
"""What `plot` draws of several runs unless a metric is named."""


@app.command(epilog="Example: splinternet run wechat_as_ordered --people 20000 --seeds 4 --set days=120")
def run(
    scenario: Annotated[
        str, typer.Argument(help="A scenario file, or the name of a shipped one.", autocompletion=completing.scenarios)
    ],
    people: PEOPLE = None,
    days: DAYS = None,
    seeds: Annotated[int, typer.Option(min=1, max=10_000, help="Members of the ensemble.")] = DEFAULT_SEEDS,
    jobs: JOBS = None,
    cluster: CLUSTER = None,
    settings: SETTINGS = None,
    penetration: PENETRATION = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder; by default runs/<scenario>-<hash>.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another run in the folder --out.")] = False,
    ties: Annotated[bool, typer.Option("--ties", help="Keep every kin tie abroad, for export --ties.")] = False,
    chance_only: CHANCE_ONLY = False,
    every: Annotated[bool, typer.Option("--all", help="Print all findings, tables and notes.")] = False,
    as_json: AS_JSON = False,
) -> None:
    """Run a scenario with and without its policies, and write tables, charts and a manifest into a folder."""
    from ..metrics.registry import METRICS
    from ..scenario import load

    spec = load(scenario, overrides=with_use(settings, penetration), people=people, days=days, known_metrics=METRICS)
    result, folder = run_with_progress(spec, seeds, jobs, cluster, out, ties=ties, overwrite=overwrite)
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
    say(f"Next: splinternet {f'sweep {scenario}' if spec.sweep else f'report {folder}'}")


def announce_compiling() -> None:
    """Say that the model is compiled first, where it is: nothing is shown meanwhile."""
    from ..core.kernels import is_first_run

    if is_first_run():
        warn("The first run compiles the model, which takes about 15 seconds; later ones begin at once.")


def run_with_progress(
    spec: Scenario,
    seeds: int,
    jobs: int | None = None,
    cluster: str | None = None,
    out: Path | None = None,
    *,
    ties: bool = False,
    overwrite: bool = False,
) -> tuple[Result, Path]:
    """Run a scenario with a bar where somebody watches; return the result and the folder it was written to.

    Parameters
    ----------
    spec : Scenario
    seeds : int
        Members of the ensemble.
    jobs : int, optional
        Number of processes; by default one per core.
    cluster : str, optional
        Address of a Dask scheduler.
    out : Path, optional
        The run's folder; by default ``runs/<scenario>-<hash>``.
    ties : bool
        Whether to keep the kin ties one by one.
    overwrite : bool
        Whether to replace another run in the folder.
    """
    from ..experiments import ensemble
    from ..experiments.memory import fitting_jobs
    from ..experiments.parallel import workers_for
    from ..results import default_folder

    if cluster is None:
        fit, fewer = fitting_jobs(spec, seeds, workers_for(jobs, seeds))
        if fewer:
            warn(f"warning: {fewer}")
            jobs = fit
        announce_compiling()
    folder = out or default_folder(spec, [spec.seed + member for member in range(seeds)])
    kept = f"they are kept in {folder}; the same command continues from there"
    with progress_bar(spec.name, kept) as shown_on:
        result = ensemble.run(
            spec, seeds=seeds, jobs=jobs, cluster=cluster, out=folder, overwrite=overwrite, ties=ties, progress=shown_on
        )
    return result, folder


@app.command(epilog="Example: splinternet plot runs/wechat_as_ordered-1234 family_contact --out contact.png")
def plot(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN... [CHART]",
            help="Run folders (several are overlaid), then a chart or a metric.",
            autocompletion=completing.charts,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="The PNG, SVG, PDF or, of a map, GIF to write; by default <chart>.png.")
    ] = None,
    group: Annotated[str, typer.Option(help="Draw the metric for this group alone, such as 'US<-CN'.")] = "",
    of: Annotated[str, typer.Option(help="Draw it for 'US' or 'US/WeChat' alone: a state, and a platform.")] = "",
    chance_only: CHANCE_ONLY = False,
) -> None:
    """Draw a chart of a run into a file; of several runs, the effects on one metric, day by day, in one picture."""
    from .. import plots
    from ..results import open_run
    from ..results.result import OVERVIEW

    folders, chart = _folders_and_chart(words)
    results = [open_run(folder) for folder in folders]
    results = [result.chance_only() for result in results] if chance_only else results
    first = results[0]
    name = chart or (OVERVIEW if len(results) == 1 else DEFAULT_OVERLAY)
    path = out or Path(f"{name}.png")
    if len(results) > 1 or group or of:
        state, _, platform = of.partition("/")
        name = plots.main_chart(first) if name == OVERVIEW else name
        figure: Any = plots.draw_cell(results, name, {"group": group, "state": state, "platform": platform})
        plots.save_figure(figure, path, first)
    elif path.suffix.lower() == ".gif":
        plots.animate(first, name, path)
    else:
        plots.save_figure(plots.draw(first, name), path, first)
    say(f"Written to {path}")


def _folders_and_chart(words: list[str]) -> tuple[list[Path], str]:
    """Return the folders of runs and the name of the chart: the last word, where it is no path."""
    *before, last = words
    if before and not Path(last).exists() and "/" not in last:
        return [Path(word) for word in before], last
    return [Path(word) for word in words], ""


def print_summary(result: Result, *, every: bool = False) -> None:
    """Print what a run found: in colour on a terminal, as plain text elsewhere.

    Parameters
    ----------
    result : Result
    every : bool
        Whether to print everything, not only the answer.
    """
    from ..text import terminal
    from ..text.layout import WIDTH

    width = width_of_terminal() or WIDTH
    lines = (terminal.all_lines if every else terminal.first_lines)(result, width)
    if not sys.stdout.isatty():
        say("\n".join(line.text for line in lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(width=width)
    for line in lines:
        console.print(Text(shown(line.text), line.style), no_wrap=True, overflow="crop")

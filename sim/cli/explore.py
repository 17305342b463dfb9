"""The command explore: a page on which to change a scenario and see what it does."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.shipped import shipped
from .app import command
from .options import DAYS, JOBS, PEOPLE, SCENARIO, SEEDS, SETTINGS, loaded
from .output import say, warn
from .runs import DEFAULT_SEEDS, run_with_progress

if TYPE_CHECKING:
    from ..results import Result
    from ..scenario import Scenario


@command("explore wechat_as_ordered --live")
def explore(
    scenario: SCENARIO,
    settings: SETTINGS = None,
    people: PEOPLE = None,
    days: DAYS = None,
    seeds: SEEDS = DEFAULT_SEEDS,
    jobs: JOBS = None,
    out: Annotated[
        Path | None, typer.Option(help="The page; by default <scenario>_explorer.html.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Serve a page that steps one small run day by day.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of --live; by default a free one.")
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open --live in the browser.")
    ] = True,
) -> None:
    """Run a scenario and up to 12 variants, and write a page with sliders; or serve a page that
    steps a small run.
    """
    spec = loaded(scenario, settings, None, people, days)
    if live:
        from ..app.live_server import serve

        serve(spec, port, say, browser=browser)
        return
    from ..app.explorer import controls, explored, page

    made = 1 + sum(len(control.stops) - 1 for control in controls(spec))
    done = []

    def run(each: Scenario, said: str) -> Result:
        done.append(said)
        warn(f"{len(done)} of {made}: {said}")
        result, _ = run_with_progress(each, seeds, jobs=jobs)
        return result

    name = next((name for name, path in shipped().items() if path == spec.path), scenario)
    words = ["splinternet", "run", shlex.quote(name)]
    words += [word for each in settings or () for word in ("--set", shlex.quote(each))]
    words += ["--people", str(spec.people), "--days", str(spec.days), "--seeds", str(seeds)]
    path = out or Path(f"{spec.name}_explorer.html")
    path.write_text(page(explored(spec, seeds, run, words)), encoding="utf-8")
    say(f"Written to {path}")

"""The command that compares a scenario with ways to soften it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import app
from .compare import ranking_data
from .experiments import SCENARIO, loaded
from .output import progress_bar, say, say_details, say_json
from .scenarios import AS_JSON, CLUSTER, DAYS, JOBS, PEOPLE, SETTINGS


@app.command(epilog="Example: splinternet mitigate wechat_as_ordered --people 3000 --seeds 2 --days 90")
def mitigate(
    scenario: SCENARIO,
    people: PEOPLE = None,
    days: DAYS = None,
    seeds: Annotated[int, typer.Option(min=1, max=10_000, help="Members of every run, the same seeds.")] = 8,
    jobs: JOBS = None,
    cluster: CLUSTER = None,
    settings: SETTINGS = None,
    out: Annotated[Path, typer.Option(help="The picture to write.")] = Path("mitigate.png"),
    as_json: AS_JSON = False,
) -> None:
    """Run a scenario as it is, and with an exemption, a bridge, a delay and a notice as they fit; show what differs."""
    from ..experiments.mitigate import mitigate as run_all
    from ..text.ranking import text

    spec = loaded(scenario, settings, people, days)
    with progress_bar(f"mitigations of {spec.name}") as progress:
        ranking, ways = run_all(spec, seeds=seeds, jobs=jobs, cluster=cluster, progress=progress)
    ranking.save(out)
    if as_json:
        told = [{"name": way.name, "fits": way.scenario is not None, "why": way.why} for way in ways]
        say_json({"picture": str(out), "mitigations": told, **ranking_data(ranking)})
        return
    say(f"{spec.title}  [{spec.status}]")
    say_details((way.name, way.why if way.scenario is not None else f"does not fit: {way.why}") for way in ways)
    say()
    say(text(ranking), end=False)
    say(f"Written to {out}")

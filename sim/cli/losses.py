"""The command that counts why ties first lose contact."""

from __future__ import annotations

from typing import Annotated

import typer

from .app import app
from .experiments import SCENARIO, loaded
from .output import progress_bar, say, say_json, say_table
from .scenarios import AS_JSON, CLUSTER, DAYS, JOBS, PEOPLE, SETTINGS


@app.command(epilog="Example: splinternet losses wechat_as_ordered --people 20000 --seeds 2")
def losses(
    scenario: SCENARIO,
    people: PEOPLE = None,
    days: DAYS = None,
    seeds: Annotated[int, typer.Option(min=1, max=10_000, help="Members whose ties are added up.")] = 1,
    jobs: JOBS = None,
    cluster: CLUSTER = None,
    settings: SETTINGS = None,
    as_json: AS_JSON = False,
) -> None:
    """Count why kin ties abroad first lose contact: what the app still gave on that day."""
    spec = loaded(scenario, settings, people, days)
    from ..experiments.first_losses import first_losses

    with progress_bar(spec.name) as progress:
        found = first_losses(spec, seeds=seeds, jobs=jobs, cluster=cluster, progress=progress)
    rows = found.rows()
    if as_json:
        say_json({"scenario": spec.name, "seeds": list(found.seeds), "ties": found.ties, "rows": rows})
        return
    say(f"{spec.title}  [{spec.status}]")
    say(f"{found.total:,} of {found.ties:,} simulated kin ties were out of contact on some day. Why, the first time:")
    say_table(("cause", "ties", "share"), [(row["cause"], row["ties"], f"{row['share']:.1%}") for row in rows])

"""Commands for forecasts on record: write one down, and score it later."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError, Problem
from . import completing
from .app import app
from .output import progress_bar, say, say_json, say_table
from .scenarios import AS_JSON, CLUSTER, DAYS, JOBS, PEOPLE, SETTINGS

_HEADER = ("what", "date", "observed", "median", "10-90 %", "covered", "WIS", "CRPS")


@app.command(epilog="Example: splinternet forecast events/br_x_2024 --out forecast --people 20000")
def forecast(
    scenario: Annotated[
        str, typer.Argument(help="A scenario file, or the name of a shipped one.", autocompletion=completing.scenarios)
    ],
    out: Annotated[Path, typer.Option(help="A new folder for the forecast.")],
    people: PEOPLE = None,
    days: DAYS = None,
    seeds: Annotated[int | None, typer.Option(min=1, max=10_000, help="Members of the ensemble.")] = None,
    jobs: JOBS = None,
    cluster: CLUSTER = None,
    settings: SETTINGS = None,
) -> None:
    """Write down quantiles of the main targets at 1, 4, 16 and 52 weeks, with digests and the date."""
    from ..evidence.forecast import forecast as write_forecast
    from ..experiments.options import DEFAULT_SEEDS
    from ..scenario import load

    spec = load(scenario, overrides=settings or (), people=people, days=days)
    with progress_bar(spec.name) as progress:
        folder = write_forecast(
            spec, out, seeds=seeds or DEFAULT_SEEDS, jobs=jobs, cluster=cluster, progress=progress
        )  # fmt: skip
    say(f"Written to {folder}; score it later with: splinternet score {folder} --observed FILE")


@app.command(epilog="Example: splinternet score forecast --observed events/br_x_2024")
def score(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a forecast.")],
    observed: Annotated[
        str | None,
        typer.Option(
            help="What was counted: a scenario with observed:, or a CSV with the forecast's columns; of a forecast of "
            "orders, a table like block_history.csv (by default the shipped one)."
        ),
    ] = None,
    as_json: AS_JSON = False,
) -> None:
    """Score a forecast that was written down: weighted interval score, CRPS and coverage; of orders, AUC and Brier."""
    from ..evidence.forecast import read_registration
    from ..evidence.forecast import score as score_forecast

    if read_registration(folder).get("kind") == "orders":
        from ..evidence.state_forecast import score_orders
        from .states import say_order_scores

        orders = score_orders(folder, observed)
        say_json(orders) if as_json else say_order_scores(orders)
        return
    if observed is None:
        raise InputError(Problem("--observed", "it is missing", "a scenario with observed:, or a CSV"))
    found = score_forecast(folder, observed)
    data = found.data()
    if as_json:
        say_json(data)
        return
    rows = []
    for one in found.rows:
        row = one.data()
        what = " ".join(filter(None, (one.key[1] or one.key[3], one.key[2], one.key[0], f"of {one.key[5]}")))
        rows.append(
            (what, one.key[6], f"{one.observed:.3g}", f"{row['median']:.2f}", f"{row['low']:.2f}-{row['high']:.2f}",
             "yes" if row["covered"] else "no", f"{row['wis']:.3f}", f"{row['crps']:.3f}")
        )  # fmt: skip
    say_table(_HEADER, rows)
    say()
    say(
        f"{len(found.rows)} targets: WIS {data['wis']:.3f}, CRPS {data['crps']:.3f}; 80 % intervals cover "
        f"{data['coverage']:.0%}, mean width {data['width']:.3f}. Written down on {found.registered[:10]}."
    )
    for text in data["not_forecast"]:
        say(f"Not in the forecast: {text}")

"""Commands that run a scenario many times: sweep, attribute, sensitivity, threshold."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..text.numbers import cells_in_words, counted, percent, unit
from . import completing
from .app import app
from .output import progress_bar, say, say_json, say_table, warn
from .scenarios import AS_JSON, CLUSTER, DAYS, JOBS, PEOPLE, SETTINGS

if TYPE_CHECKING:
    import pandas as pd

    from ..experiments.experiment import Experiment
    from ..experiments.outcomes import Output
    from ..scenario import Scenario

SCENARIO = Annotated[
    str, typer.Argument(help="A scenario file, or the name of a shipped one.", autocompletion=completing.scenarios)
]
SEEDS = Annotated[int, typer.Option(min=1, max=10_000, help="Members of every point, the same seeds for all.")]
OUT = Annotated[Path | None, typer.Option(help="The folder to write; by default runs/<scenario>-<experiment>-<hash>.")]
METRIC = Annotated[str | None, typer.Option(help="The metric to show; by default the headline that moves most.")]
AT = Annotated[str | None, typer.Option(help="When: total, worst_week, peak or end.")]
GROUP = Annotated[str, typer.Option(help="The group to show, such as 'US<-CN'.")]
STATE = Annotated[str, typer.Option(help="The state to show.")]
LOST = "family_contact_ever_lost"
KEPT = "they are kept in the folder of the experiment; the same command continues from there"
PLATFORM = Annotated[str, typer.Option(help="The platform to show.")]


_ENDS = {"low": "10 %", "high": "90 %", "mc_error": "error of the mean", "sampling_error": "error of sampling"}
_EXPLAINED = {
    "morris": "mu_star: mean size of the change of the effect when the parameter goes from its low to its high end; "
    "mu_star_conf: half the width of its 95 % interval; mu: the same with its sign; sigma: how much it depends on the "
    "others.",
    "sobol": "ST: part of the effect's variance that goes with the parameter, alone or with others; S1: alone; _conf: "
    "half the width of the 95 % interval.",
}


def loaded(scenario: str, settings: list[str] | None, people: int | None, days: int | None) -> Scenario:
    """Read a scenario and say what is doubtful about it."""
    from ..metrics.registry import METRICS
    from ..scenario import load

    spec = load(scenario, overrides=settings or (), people=people, days=days, known_metrics=METRICS)
    for warning in spec.warnings:
        warn(f"warning: {warning}")
    return spec


def tell(result: Experiment, rows: pd.DataFrame) -> None:
    """Print the rows of an experiment, and where its folder is."""
    known = rows.astype(object).where(rows.notna(), None)  # undefined values are empty cells
    say_table([str(name) for name in rows.columns], known.to_numpy().tolist())
    if not {"people", "days", "start"} & set(rows.columns):  # a sweep may vary these
        say(f"{result.made_with}.")
    for warning in result.warnings[len(result.scenario.warnings) :]:  # those of the scenario are shown already
        warn(f"warning: {warning}")
    say(f"Written to {result.folder}")


def _warn_of_points(spec: Scenario, points: Sequence[Scenario]) -> None:
    """Say what is doubtful about a point though not about the scenario, such as a policy after the last day."""
    known = {text.partition(": ")[2] for text in spec.warnings}  # the part before is the place
    for text in dict.fromkeys(text for point in points for text in point.warnings):
        if text.partition(": ")[2] not in known:
            warn(f"warning: {text}")


def named(spec: Scenario, output: Output) -> str:
    """Return what a table shows, with its unit."""
    return f"{output.words(spec)} [{unit(output.metric)}]"


def shown(result: Experiment, as_json: bool, metric: str | None, at: str | None, **cell: str) -> Output | None:
    """Return the number to show below the title; None if nothing is left to show: as JSON, or if no headline moves."""
    from ..experiments.experiment import TABLE
    from ..experiments.outcomes import NothingMovedError

    if as_json:
        found = result.table.astype(object).where(result.table.notna(), None).to_dict("records")
        say_json({"experiment": str(result.folder), "run_id": result.run_id, "rows": found})
        return None
    output: Output | None = None
    with suppress(NothingMovedError):
        output = result.output(metric, at, **cell)
    say(f"{result.scenario.title}  [{result.scenario.status}]")
    if output is None:
        say("The policies move none of the headlines: there is nothing to show, and no chart.")
        say(f"Every number is in {result.folder}/{TABLE}; --metric names another metric.")
    return output


@app.command(epilog="Example: splinternet sweep wechat_sweep --people 20000 --seeds 4")
def sweep(
    scenario: SCENARIO,
    people: PEOPLE = None,
    days: DAYS = None,
    seeds: SEEDS = 8,
    jobs: JOBS = None,
    cluster: CLUSTER = None,
    settings: SETTINGS = None,
    out: OUT = None,
    metric: METRIC = None,
    at: AT = None,
    group: GROUP = "",
    state: STATE = "",
    platform: PLATFORM = "",
    as_json: AS_JSON = False,
) -> None:
    """Run a scenario at every point of its `sweep:` grid, each with and without the policies, with the same seeds."""
    from ..experiments.experiment import AUTO, changed
    from ..experiments.outcomes import check_output
    from ..experiments.sweep import sweep as run_sweep

    spec = loaded(scenario, settings, people, days)
    check_output(spec, metric, at, state, platform, group)
    with progress_bar(f"sweep of {spec.name}", KEPT) as progress:
        result = run_sweep(spec, seeds=seeds, jobs=jobs, cluster=cluster, out=out or AUTO, progress=progress)
    _warn_of_points(spec, [changed(spec, point) for point in result.points])
    output = shown(result, as_json, metric, at, state=state, platform=platform, group=group)
    if output is None:
        return
    say(f"{named(spec, output)}: effect of the policies, median and 10-90 % of {counted(len(result.seeds))}")
    shown_as = {"baseline": "without", "policy": "with the policies", **_ENDS}
    tell(result, result.rows_in_words(output).rename(columns=shown_as))


@app.command(epilog="Example: splinternet attribute wechat_as_happened --people 20000 --seeds 4")
def attribute(
    scenario: SCENARIO,
    people: PEOPLE = None,
    days: DAYS = None,
    seeds: SEEDS = 8,
    orders: Annotated[
        int | None, typer.Option(help="Sample so many orders of the policies; all subsets up to 8 policies, else 32.")
    ] = None,
    jobs: JOBS = None,
    cluster: CLUSTER = None,
    settings: SETTINGS = None,
    out: OUT = None,
    metric: METRIC = None,
    at: AT = None,
    group: GROUP = "",
    state: STATE = "",
    platform: PLATFORM = "",
    as_json: AS_JSON = False,
) -> None:
    """Show what share each policy has in each loss (Shapley): the shares sum to the whole effect."""
    from ..experiments.attribution import attribute as run_attribution
    from ..experiments.experiment import AUTO
    from ..experiments.outcomes import check_output

    spec = loaded(scenario, settings, people, days)
    check_output(spec, metric, at, state, platform, group)
    with progress_bar(f"attribution of {spec.name}", KEPT) as progress:
        result = run_attribution(
            spec, seeds=seeds, orders=orders, jobs=jobs, cluster=cluster, out=out or AUTO, progress=progress
        )
    output = shown(result, as_json, metric, at, state=state, platform=platform, group=group)
    if output is None:
        return
    how = "all subsets" if result.is_exact else f"{len(result.orders)} sampled orders"
    say(f"{named(spec, output)}: share of each policy, mean and 10-90 % of {counted(len(result.seeds))}, from {how}")
    numbers = ["effect", "low", "high", "mc_error", "sampling_error"]
    rows = cells_in_words(result.of(output)[["policy", "part", *numbers]], output.metric, numbers)
    rows["part"] = ["" if part != part else percent(part) for part in rows["part"]]
    rows["policy"] = [result.in_words(name) for name in rows["policy"]]
    tell(result, rows.rename(columns={"part": "part of all", **_ENDS}))


@app.command(epilog="Example: splinternet sensitivity wechat_as_ordered --people 20000 --samples 10")
def sensitivity(
    scenario: SCENARIO,
    method: Annotated[
        str, typer.Option(help="morris (many parameters, few runs) or sobol (shares of variance).")
    ] = "morris",
    every: Annotated[bool, typer.Option("--all", help="Vary every parameter, not only what is uncertain.")] = False,
    samples: Annotated[int | None, typer.Option(help="Trajectories (10) or base samples (64).")] = None,
    people: PEOPLE = None,
    days: DAYS = None,
    seeds: SEEDS = 2,
    jobs: JOBS = None,
    cluster: CLUSTER = None,
    settings: SETTINGS = None,
    out: OUT = None,
    metric: METRIC = None,
    at: AT = None,
    group: GROUP = "",
    state: STATE = "",
    platform: PLATFORM = "",
    as_json: AS_JSON = False,
) -> None:
    """Show which parameters the effects depend on most, over their ranges (Morris or Sobol)."""
    from ..experiments.experiment import AUTO
    from ..experiments.outcomes import check_output
    from ..experiments.sensitivity import COLUMNS
    from ..experiments.sensitivity import sensitivity as run_sensitivity

    spec = loaded(scenario, settings, people, days)
    check_output(spec, metric, at, state, platform, group)
    with progress_bar(f"sensitivity of {spec.name}", KEPT) as progress:
        result = run_sensitivity(
            spec, method, every=every, samples=samples, seeds=seeds, jobs=jobs, cluster=cluster,
            out=out or AUTO, progress=progress,
        )  # fmt: skip
    output = shown(result, as_json, metric, at, state=state, platform=platform, group=group)
    if output is None:
        return
    say(f"{named(spec, output)}: what it depends on ({method}, {result.samples} samples, {len(result.design)} points)")
    in_its_unit = [name for name in COLUMNS["morris"] if method == "morris"]  # Sobol's are parts of a variance
    say(_EXPLAINED[method])
    tell(result, cells_in_words(result.indices(output), output.metric, in_its_unit))
    if not result.has_converged(output):
        warn("warning: the first index has not settled: its interval is wider than a tenth of it; more --samples")


@app.command(
    epilog="Example: splinternet threshold wechat_full_block technique.isp.coverage --low 0 --level 0.05 --people 10000"
)
def threshold(
    scenario: SCENARIO,
    path: Annotated[str, typer.Argument(help="A number of the scenario: technique.dpi.coverage, policies.<id>.share.")],
    metric: Annotated[str, typer.Option(help="The metric on which the policies' effect is looked at.")] = LOST,
    level: Annotated[float, typer.Option(help="The level, in the metric's unit; 0.1 of a share is 10 points.")] = 0.1,
    low: Annotated[float | None, typer.Option(help="Low end of the path; by default that of its range.")] = None,
    high: Annotated[float | None, typer.Option(help="High end of the path.")] = None,
    at: AT = None,
    group: GROUP = "",
    state: STATE = "",
    platform: PLATFORM = "",
    people: PEOPLE = None,
    days: DAYS = None,
    seeds: SEEDS = 8,
    jobs: JOBS = None,
    cluster: CLUSTER = None,
    settings: SETTINGS = None,
    out: OUT = None,
    as_json: AS_JSON = False,
) -> None:
    """Find from which value of a path on an effect passes a level, with an interval over seeds."""
    from ..experiments.experiment import AUTO
    from ..experiments.threshold import threshold as run_threshold

    spec = loaded(scenario, settings, people, days)
    with progress_bar(f"threshold in {spec.name}", KEPT) as progress:
        result = run_threshold(
            spec, path, metric, level, low=low, high=high, at=at, group=group, state=state, platform=platform,
            seeds=seeds, jobs=jobs, cluster=cluster, out=out or AUTO, progress=progress,
        )  # fmt: skip
    if as_json:
        say_json(
            {
                "experiment": str(result.folder), "finding": result.words(), "interval": result.interval,
                "by_seed": result.by_seed, "is_monotone": result.is_monotone, "warnings": result.warnings,
            }
        )  # fmt: skip
        return
    say(f"{spec.title}  [{spec.status}]")
    say(result.words())
    columns = ["median effect", "smallest", "largest"]
    seen = result.table.groupby(path)["effect"].agg(["median", "min", "max"]).set_axis(columns, axis=1)
    tell(result, cells_in_words(seen.loc[result.grid].reset_index(), metric, columns))

"""Commands that run a scenario many times: sweep, attribute, sensitivity."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..text.numbers import cells_in_words, counted, percent, unit
from .app import Given, command
from .options import AS_JSON, CELL, SEEDS, SPEC, WORK, Cell, Work
from .output import progress_bar, say, say_json, say_table, warn

if TYPE_CHECKING:
    import pandas as pd

    from ..experiments.experiment import Experiment, Output
    from ..scenario import Scenario

OUT = Annotated[
    Path | None,
    typer.Option(help="The folder to write; by default runs/<scenario>-<experiment>-<hash>."),
]
KEPT = "they are kept in the folder of the experiment; the same command continues from there"
_ENDS = {
    "members_low": "10 % of seeds",
    "members_high": "90 % of seeds",
    "mc_error": "error of the mean",
    "sampling_error": "error of sampling",
}
_EXPLAINED = {
    "morris": "mu_star: mean size of the change of the effect when the parameter goes from its low to its high end; "
    "mu_star_conf: half the width of its 95 % interval; mu: the same with its sign; sigma: how "
    "much it depends on the "
    "others.",
    "sobol": "ST: part of the effect's variance that is due to the parameter, alone or with others; S1: alone; _conf: "
    "half the width of the 95 % interval.",
}


@dataclass
class Asked:
    """Options for the place and the folder of an experiment, and for the number to show."""

    work: Work = WORK
    out: OUT = None
    metric: Annotated[
        str | None,
        typer.Option(help="The metric to show; by default the headline that moves most."),
    ] = None
    of: Cell = CELL
    as_json: AS_JSON = False


ASKED: Any = Given(Asked)


def _made[R](
    kind: str,
    make: Callable[..., R],
    spec: Scenario,
    *what: object,
    work: Work,
    out: Path | None,
    **keys: object,
) -> R:
    """Run an experiment and return it; on a terminal, show a progress bar."""
    from ..experiments.experiment import AUTO

    with progress_bar(f"{kind} of {spec.name}", KEPT) as progress:
        return make(spec, *what, out=out or AUTO, progress=progress, **vars(work), **keys)


def _made_for[R](
    asked: Asked, kind: str, make: Callable[..., R], spec: Scenario, *what: object, **keys: object
) -> R:
    """Check the number to show, then run an experiment and return it."""
    from ..experiments.experiment import check_output

    check_output(spec, metric=asked.metric, **vars(asked.of))
    return _made(kind, make, spec, *what, work=asked.work, out=asked.out, **keys)


def _output(result: Experiment, asked: Asked) -> Output | None:
    """Return the number to show below the title; None with JSON, or if the policies move no
    headline.
    """
    from ..experiments.experiment import TABLE, NothingMovedError

    if asked.as_json:
        found = result.table.astype(object).where(result.table.notna(), None).to_dict("records")
        say_json({"experiment": str(result.folder), "run_id": result.run_id, "rows": found})
        return None
    say(f"{result.scenario.title}  [{result.scenario.status}]")
    with suppress(NothingMovedError):
        return result.output(asked.metric, **vars(asked.of))
    say("The policies move none of the headlines: there is nothing to show, and no chart.")
    say(f"Every number is in {result.folder}/{TABLE}; --metric names another metric.")
    return None


def _print(result: Experiment, head: str, rows: pd.DataFrame) -> None:
    """Print the title of a table, its rows, and the path of the experiment's folder."""
    known = rows.astype(object).where(rows.notna(), None)  # undefined values are empty cells
    say(head)
    say_table([str(name) for name in rows.columns], known.to_numpy().tolist())
    if not {"people", "days", "start"} & set(rows.columns):  # a sweep may vary these
        say(f"{result.made_with}.")
    for warning in result.warnings[
        len(result.scenario.warnings) :
    ]:  # the scenario's own warnings are printed already
        warn(f"warning: {warning}")
    say(f"Written to {result.folder}")


def _named(result: Experiment, output: Output) -> str:
    """Return the name of the number in a table, with its unit."""
    return f"{output.words(result.scenario)} [{unit(output.metric)}]"


@command("sweep wechat_sweep --people 20000 --seeds 4")
def sweep(spec: Scenario = SPEC, seeds: SEEDS = 8, asked: Asked = ASKED) -> None:
    """Run a scenario at every point of its `sweep:` grid, each with and without the policies, with
    the same seeds.
    """
    from ..experiments.experiment import changed
    from ..experiments.sweep import sweep as run_sweep

    result = _made_for(asked, "sweep", run_sweep, spec, seeds=seeds)
    known = tuple(
        text.partition(": ")[2] for text in spec.warnings
    )  # the text before it is the place in the file
    doubts = dict.fromkeys(
        text for point in result.points for text in changed(spec, point).warnings
    )
    for text in (text for text in doubts if not text.endswith(known)):
        warn(f"warning: {text}")
    if (output := _output(result, asked)) is None:
        return
    head = f"{_named(result, output)}: effect of the policies, median and 10-90 % of {counted(len(result.seeds))}"
    columns = {"baseline": "without", "policy": "with the policies", **_ENDS}
    _print(result, head, result.rows_in_words(output).rename(columns=columns))


@command("attribute wechat_as_happened --people 20000 --seeds 4")
def attribute(
    spec: Scenario = SPEC,
    seeds: SEEDS = 8,
    orders: Annotated[
        int | None,
        typer.Option(
            help="Orders of the policies to sample; by default 32, or all subsets of up to 8."
        ),
    ] = None,
    asked: Asked = ASKED,
) -> None:
    """Show the Shapley share of each policy in each loss; the shares sum to the whole effect."""
    from ..experiments.attribution import attribute as run_attribution

    result = _made_for(asked, "attribution", run_attribution, spec, seeds=seeds, orders=orders)
    if (output := _output(result, asked)) is None:
        return
    how = "all subsets" if result.is_exact else f"{len(result.orders)} sampled orders"
    numbers = ["effect", "members_low", "members_high", "mc_error", "sampling_error"]
    rows = cells_in_words(result.of(output)[["policy", "part", *numbers]], output.metric, numbers)
    rows["part"] = ["" if part != part else percent(part) for part in rows["part"]]
    rows["policy"] = [result.in_words(name) for name in rows["policy"]]
    head = f"{_named(result, output)}: share of each policy, mean and 10-90 % of {counted(len(result.seeds))}"
    _print(result, f"{head}, from {how}", rows.rename(columns={"part": "part of all", **_ENDS}))


@command("sensitivity wechat_as_ordered --people 20000 --samples 10")
def sensitivity(
    spec: Scenario = SPEC,
    method: Annotated[
        str, typer.Option(help="morris (many parameters, few runs) or sobol (variance).")
    ] = "morris",
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="A path under uncertain:, inherited or not, or a parameter to vary. Repeat the "
            "option for more. "
            "By default all paths under the scenario's own uncertain:, without inherited ones."
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Vary every parameter, not only the uncertain ones.")
    ] = False,
    samples: Annotated[
        int | None, typer.Option(help="Trajectories (10) or base samples (64).")
    ] = None,
    seeds: SEEDS = 2,
    asked: Asked = ASKED,
) -> None:
    """Show which parameters the effects depend on most, over their ranges (Morris or Sobol)."""
    from ..experiments.sensitivity import COLUMNS
    from ..experiments.sensitivity import sensitivity as run_sensitivity

    keys = {"only": only or None, "every": every, "samples": samples, "seeds": seeds}
    result = _made_for(asked, "sensitivity", run_sensitivity, spec, method, **keys)
    if (output := _output(result, asked)) is None:
        return
    points = f"({method}, {result.samples} samples, {len(result.design)} points)"
    in_its_unit = [
        name for name in COLUMNS["morris"] if method == "morris"
    ]  # Sobol indices are parts of a variance
    head = f"{_named(result, output)}: what it depends on {points}\n{_EXPLAINED[method]}"
    _print(result, head, cells_in_words(result.indices(output), output.metric, in_its_unit))
    if not result.has_converged(output):
        warn(
            "warning: the first index has not converged: its interval is wider than a tenth of it; "
            "more --samples"
        )

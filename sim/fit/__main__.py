"""``python -m splinternet.fit``: the commands of the fit."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any

import typer

from ..cli import main
from ..cli.app import command
from ..cli.options import AS_JSON, EVENT_MEMBERS, PEOPLE, SETTINGS, WORK, Work
from ..cli.output import progress_bar, say, say_json, say_rows, warn

PROGRAM = "python -m splinternet.fit"
app = typer.Typer(
    name=PROGRAM,
    help="Fit the model to the record, and write the files of the bench.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_PARAMETERS = {
    "parameter": "{0.name}",
    "value": "{0.chosen:.3g}",
    "posterior 5-95 %": "{0.low:.3g} to {0.high:.3g}",
    "prior": "{0.prior_low:g} to {0.prior_high:g}",
    "shrink": "{0.shrink:.2f}",
    "goes most with": "{0.confounded_with} ({0.correlation:+.2f})",
}
_HELD_OUT = {
    "held-out figure": "{0[name]}",
    "observed": "{0[observed]:.2f}",
    "+-": "{0[tolerance]:.2f}",
    "forecast": "{0[median]:.2f}",
    "10-90 % of draws": "{0[low]:.2f}-{0[high]:.2f}",
    "R2": "{0[r2]:.2f}",
    "within 2 sd": "{0[within_2sd]:.2f}",
}
_ERRORS = {
    "kind": "{0[kind]}",
    "scale": "{0[scale]}",
    "between episodes": "{0[sd_episode]:.2f}",
    "between series": "{0[sd_series]:.2f}",
    "mean miss": "{0[bias]:+.2f}",
    "series": "{0[series]}",
    "episodes": "{0[episodes]}",
    "basis": "{0[basis]}",
}


@command("calibrate us_tiktok_2025 tr_twitter_2014 --points 32 --people 1000", of=app)
def calibrate(
    cases: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CASE]...", help="Events or episodes; by default the whole record."
        ),
    ] = None,
    points: Annotated[
        int | None, typer.Option(help="Points of the prior, each simulated on every event (128).")
    ] = None,
    refined: Annotated[
        int | None, typer.Option(help="Points of a second pool, guided by the first (128).")
    ] = None,
    people: PEOPLE = None,
    held_out_draws: Annotated[
        int | None, typer.Option(help="Draws simulated for each held-out episode (24).")
    ] = None,
    particles: Annotated[
        int | None, typer.Option(help="Draws of each replicate of a posterior (1,024).")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the design, the random numbers and the draws (1).")
    ] = None,
    parameters: Annotated[
        Path | None, typer.Option(help="Parameters and priors, as sim/facts/calibrated.csv.")
    ] = None,
    work: Work = WORK,
    settings: SETTINGS = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The folder; by default runs/calibration-<hash>. A killed run resumes in it."
        ),
    ] = None,
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help="Refresh the model's tables: values, draws, held-out forecasts, model error.",
        ),
    ] = False,
    as_json: AS_JSON = False,
) -> None:
    """Fit the shared parameters to the record, forecast each episode from the others, and measure
    the model's error.
    """
    from ..cli.experiments import KEPT
    from ..scenario.load import values_of
    from . import calibration
    from .space import CALIBRATED

    sizes: dict[str, Any] = {
        "points": points,
        "refined": refined,
        "people": people,
        "held_out_draws": held_out_draws,
        "particles": particles,
        "seed": seed,
    }
    with progress_bar("calibration", KEPT) as progress:
        found = calibration.calibrate(
            parameters=parameters or CALIBRATED,
            set=values_of(settings or ()),
            out=out,
            progress=progress,
            write=write,
            cases=cases,
            **vars(work),
            **{name: value for name, value in sizes.items() if value is not None},
        )
    if as_json:
        say_json({"folder": str(found.folder), **found.data()})
        return
    n = found.numbers
    say_rows(_PARAMETERS, sorted(found.parameters, key=attrgetter("shrink")))
    say()
    say(
        f"{n['free']} free parameters, {n['figures']} figures in {n['series']} series of "
        f"{n['episodes']} episodes; {n['narrowed']} parameters are narrowed to less than half of "
        f"their prior. Shrink: posterior / prior sd. The posterior is worth "
        f"{n['effective']:.0f} independent draws (R-hat {n['mixing']:.2f}, the "
        f"likelihood to the power {n['power']:g}). R2 of the emulators: {n['r2'][1]:.2f} "
        f"({n['r2'][0]:.2f} to {n['r2'][2]:.2f})."
    )
    say()
    say_rows(_HELD_OUT, found.figures)
    say(
        "R2 and sd: of the emulators. The draws do not include the model error; these are its "
        "standard deviations:"
    )
    say()
    say_rows(_ERRORS, [error for error in found.errors if not error["without"]])
    for warning in found.warnings:
        warn(f"warning: {warning}")
    say(f"Written to {found.folder}" + ("; the tables in sim/facts are changed" if write else ""))
    if write:
        say(f"To score what it forecasts: {PROGRAM} forecast; splinternet-bench board")


@command("confirm", of=app)
def confirm(work: Work = WORK) -> None:
    """Repeat some runs of the stored calibration; it is valid if every figure is the same."""
    from ..experiments.hindcast import Replays
    from . import stored
    from .space import figure_of

    past = stored.calibrated()
    with progress_bar("confirm") as progress:
        figures = tuple(map(figure_of, past))
        compared = stored.confirm(figures, Replays(past), jobs=work.jobs, progress=progress)
    say(f"{compared} figures are the same: the stored calibration is valid for this program")


@command("forecast", of=app)
def forecast(
    scenario: Annotated[
        str | None,
        typer.Argument(metavar="[SCENARIO]", help="By default the stored held-out forecasts."),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="The folder of entrants; for a scenario, a new folder.")
    ] = Path("bench/entrants"),
    people: PEOPLE = None,
    seeds: EVENT_MEMBERS = None,
    work: Work = WORK,
) -> None:
    """Write the model's stored forecasts as submissions to the bench, or register a forecast of a
    scenario.
    """
    from ..experiments.options import DEFAULT_SEEDS
    from . import scenario as on_record
    from .forecast import write_entrants

    if scenario is None:
        for path in write_entrants(out):
            say(f"Written to {path}")
        return
    with progress_bar(scenario) as progress:
        folder = on_record.forecast(
            scenario,
            out,
            people=people,
            seeds=seeds or DEFAULT_SEEDS,
            progress=progress,
            **vars(work),
        )
    say(f"Written to {folder}; score it later: splinternet-bench score {folder} --observed FILE")


@command("tasks", of=app)
def tasks(
    out: Annotated[Path, typer.Option(help="The folder of the tasks.")] = Path("bench/tasks"),
) -> None:
    """Write the bench's task files from the scenarios and the tables of orders."""
    from .tasks import write_tasks

    for path in write_tasks(out):
        say(f"Written to {path}")


@command("order-weights", "order-weights", of=app)
def order_weights(
    write: Annotated[
        bool, typer.Option("--write", help="Write them into the model's table; log the test.")
    ] = False,
    gains: Annotated[
        bool, typer.Option("--gains", help="Also print the gain of each reason, held out by state.")
    ] = False,
) -> None:
    """Fit the weights of the reasons for orders to 2012-2021."""
    from ..results.files import write_text
    from . import orders
    from .space import FACTS

    text = orders.weights_table()
    say(text, end=False)
    if gains:
        say(
            "What each reason adds to the product of unfreedom and earlier blocks, held out by state:"
        )
        columns = {"": "{0[name]}", "AUC": "{0[auc]:+.4f}", "Brier": "{0[brier]:+.5f}"}
        columns["log score"] = "{0[log_score]:+.5f}"
        say_rows(columns, [{"name": name, **gain} for name, gain in orders.gains().items()])
        obeyed = orders.after_obeying()
        say(
            f"After a platform obeyed: {obeyed.observed} orders, "
            f"{obeyed.of:.2f} expected from the reasons."
        )
    if write:
        write_text(FACTS / "order_weights.csv", text)
        say(
            f"Written to {FACTS / 'order_weights.csv'}; to score it: splinternet-bench score-states"
        )


if __name__ == "__main__":
    main(of=app, name=PROGRAM)

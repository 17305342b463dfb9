"""The command that fits the shared parameters to the record and forecasts each episode from the others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .app import app
from .experiments import KEPT
from .output import progress_bar, say, say_json, say_table, warn
from .scenarios import AS_JSON, CLUSTER, JOBS, SETTINGS

if TYPE_CHECKING:
    from ..evidence.stored import Calibration


@app.command(epilog="Example: splinternet calibrate us_tiktok_2025 tr_twitter_2014 --points 32 --people 1000")
def calibrate(
    cases: Annotated[
        list[str] | None, typer.Argument(metavar="[CASE]...", help="Events or episodes; by default the whole record.")
    ] = None,
    points: Annotated[
        int | None, typer.Option(help="Points of the prior, each simulated on every event (256).")
    ] = None,
    people: Annotated[int | None, typer.Option(help="Simulated people of every run (3,000).")] = None,
    held_out_draws: Annotated[int | None, typer.Option(help="Draws simulated for each held-out episode (24).")] = None,
    candidates: Annotated[int | None, typer.Option(help="Points that posteriors weigh (32,768).")] = None,
    seed: Annotated[int | None, typer.Option(help="Sets the design, the random numbers and the draws (1).")] = None,
    parameters: Annotated[
        Path | None, typer.Option(help="A CSV of parameters and priors, as sim/facts/calibrated.csv.")
    ] = None,
    jobs: JOBS = None,
    cluster: CLUSTER = None,
    settings: SETTINGS = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder; by default runs/calibration-<hash>. A killed run resumes in it.")
    ] = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="Refresh the model's tables: values, draws, held-out forecasts, model error."),
    ] = False,
    confirm: Annotated[
        bool,
        typer.Option(
            "--confirm",
            help="Repeat some runs of the stored calibration; it stays valid if their results are the same.",
        ),
    ] = False,
    as_json: AS_JSON = False,
) -> None:
    """Fit the shared parameters to the record, forecast each episode from the others, and measure the model's error."""
    from ..evidence import calibration
    from ..evidence.space import CALIBRATED
    from ..scenario.load import values_of

    if confirm:
        from ..evidence.hindcast import Replays
        from ..evidence.space import figure_of
        from ..evidence.stored import calibrated
        from ..evidence.stored import confirm as confirm_stored

        past = calibrated()
        with progress_bar("confirm") as progress:
            compared = confirm_stored(tuple(map(figure_of, past)), Replays(past), jobs=jobs, progress=progress)
        say(f"{compared} figures are the same: the stored calibration is valid for this program")
        return
    sizes: dict[str, Any] = {
        "points": points, "people": people, "held_out_draws": held_out_draws, "candidates": candidates, "seed": seed,
    }  # fmt: skip
    with progress_bar("calibration", KEPT) as progress:
        found = calibration.calibrate(
            parameters=parameters or CALIBRATED, set=values_of(settings or ()), jobs=jobs, cluster=cluster, out=out,
            progress=progress, write=write, cases=cases,
            **{name: value for name, value in sizes.items() if value is not None},
        )  # fmt: skip
    if as_json:
        say_json({"folder": str(found.folder), **found.data()})
        return
    _say(found)
    for warning in found.warnings:
        warn(f"warning: {warning}")
    say(f"Written to {found.folder}" + ("; the tables in sim/facts are changed" if write else ""))
    if write:
        say("To score what it forecasts: splinternet hindcast")


def _say(found: Calibration) -> None:
    """Print what was found: parameters, held-out forecasts, and the model's error."""
    n = found.numbers
    say_table(
        ("parameter", "value", "posterior 5-95 %", "prior", "shrink", "goes most with"),
        [
            (r.name, f"{r.chosen:.3g}", f"{r.low:.3g} to {r.high:.3g}", f"{r.prior_low:g} to {r.prior_high:g}",
             f"{r.shrink:.2f}", f"{r.confounded_with} ({r.correlation:+.2f})")
            for r in sorted(found.parameters, key=lambda r: r.shrink)
        ],
    )  # fmt: skip
    say()
    say(
        f"{n['free']} free parameters, {n['figures']} figures in {n['series']} series of {n['episodes']} episodes; "
        f"{n['narrowed']} parameters are narrowed to less than half of what was allowed. Shrink: posterior against "
        f"prior sd. The posterior is worth {n['effective']:.0f} independent draws (R-hat {n['mixing']:.2f}, the "
        f"likelihood to the power {n['power']:g}). R2 of the emulators: {n['r2'][1]:.2f} "
        f"({n['r2'][0]:.2f} to {n['r2'][2]:.2f})."
    )
    say()
    say_table(
        ("held-out figure", "observed", "+-", "forecast", "10-90 % of draws", "R2", "within 2 sd"),
        [
            (f["name"], f"{f['observed']:.2f}", f"{f['tolerance']:.2f}", _number(f["median"]),
             f"{_number(f['low'])}-{_number(f['high'])}", f"{f['r2']:.2f}", f"{f['within_2sd']:.2f}")
            for f in found.figures
        ],
    )  # fmt: skip
    say("R2 and sd: of the emulators. The draws do not include the model error; these are its standard deviations:")
    say()
    say_table(
        ("kind", "scale", "between episodes", "between series", "mean miss", "series", "episodes", "basis"),
        [
            (e["kind"], e["scale"], f"{e['sd_episode']:.2f}", f"{e['sd_series']:.2f}", f"{e['bias']:+.2f}",
             e["series"], e["episodes"], e["basis"])
            for e in found.errors
            if not e["without"]
        ],
    )  # fmt: skip


def _number(value: float | None) -> str:
    """Return a figure; a dash where there is none."""
    return "-" if value is None else f"{value:.2f}"

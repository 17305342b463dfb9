"""The command that fits the shared parameters to all past events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.app import app
from sim.cli.output import progress_bar, say, say_json, say_table, warn
from sim.cli.scenarios import AS_JSON

if TYPE_CHECKING:
    from sim.experiments.calibration.result import Calibration

_RIVALS = {
    "simulated": "the model, median of draws",
    "at_optimum": "the model, best fit to the others",
    "curve": "rival: one curve of enforcement",
    "half": "rival: every block leaves half",
    "still": "rival: nothing changes",
}


@app.command(epilog="Example: splinternet calibrate --points 24 --waves 2 --people 4000 --repeats 4 --finalists 2")
def calibrate(
    cases: Annotated[
        list[str] | None, typer.Argument(metavar="[CASE]...", help="Past events to fit; all of them unless given.")
    ] = None,
    points: Annotated[int | None, typer.Option(help="Runs of each wave (300).")] = None,
    waves: Annotated[int | None, typer.Option(help="Waves (3).")] = None,
    people: Annotated[int | None, typer.Option(help="Simulated people of each of these runs (10,000).")] = None,
    repeats: Annotated[int | None, typer.Option(help="Pairs of runs that measure chance (12).")] = None,
    finalists: Annotated[int | None, typer.Option(help="Draws among which larger runs choose (16).")] = None,
    final_people: Annotated[int | None, typer.Option(help="Simulated people of those (40,000).")] = None,
    final_seeds: Annotated[int | None, typer.Option(help="Members of those (2).")] = None,
    held_out_draws: Annotated[int | None, typer.Option(help="Draws simulated for each held-out event (16).")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps of each walker that draws a posterior (2,000).")] = None,
    discrepancy: Annotated[float | None, typer.Option(help="What the model may miss of a ratio, sd (0.05).")] = None,
    seed: Annotated[int | None, typer.Option(help="Decides design, luck and draws (1).")] = None,
    parameters: Annotated[
        Path | None, typer.Option(help="A CSV of parameters and priors, as sim/facts/calibrated.csv.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; all cores unless given.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder; runs/calibration-<hash> unless given. A killed run resumes in it.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the result into the model's tables: values, ranges, draws, forecasts.")
    ] = False,
    as_json: AS_JSON = False,
) -> None:
    """Fit the shared parameters to all past events (history matching), and forecast each event from the others."""
    from sim.experiments.calibration import run as calibration
    from sim.experiments.calibration.space import CALIBRATED

    sizes: dict[str, Any] = {
        "points": points, "waves": waves, "people": people, "repeats": repeats, "finalists": finalists,
        "final_people": final_people, "final_seeds": final_seeds, "held_out_draws": held_out_draws, "steps": steps,
        "discrepancy": discrepancy, "seed": seed,
    }  # fmt: skip
    with progress_bar("calibration") as progress:
        found = calibration.calibrate(
            parameters=parameters or CALIBRATED, jobs=jobs, out=out, progress=progress, write=write, cases=cases,
            **{name: value for name, value in sizes.items() if value is not None},
        )  # fmt: skip
    if as_json:
        say_json({"folder": str(found.folder), **found.data()})
        return
    _tell(found)
    for warning in found.warnings:
        warn(f"warning: {warning}")
    say(f"Written to {found.folder}" + ("; the tables in sim/facts are changed" if write else ""))


def _tell(found: Calibration) -> None:
    """Print what was found, the least certain last."""
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
        f"{n['free']} free parameters, {n['targets']} targets (about {n['independent_targets']} independent) of "
        f"{n['events']} events; {found.directions:.1f} directions are narrowed. Shrink: posterior against prior sd."
    )
    say()
    say_table(
        ("target", "observed", "+-", "simulated", "inside", "R2", "within 2 sd"),
        [
            (_what(t), f"{t['observed']:.2f}", f"{t['tolerance']:.2f}", f"{t['simulated']:.2f}",
             ("yes" if t["inside"] else "no") if t["scored"] else "(not scored)", *_checked(found, t))
            for t in found.targets
        ],
    )  # fmt: skip
    errors = [f"{n[key]:.3f}" for key in ("fitted_error", "error_before") if n[key] is not None]
    say(f"Mean absolute error: {' now; with the values before: '.join(errors)}; R2 and sd: of the emulators.")
    if found.held_out:
        say()
        _tell_held_out(found)


def _what(target: dict[str, Any]) -> str:
    return " ".join(str(target[key]) for key in ("event", "platform", "metric", "date") if target[key])


def _checked(found: Calibration, target: dict[str, Any]) -> tuple[str, str]:
    """Return how well a target is emulated; nothing for one that is not fitted."""
    for one in found.emulators:
        if one["target"] == _what(target):
            return f"{one['r2']:.2f}", f"{one['within_2sd']:.2f}"
    return "", ""


def _tell_held_out(found: Calibration) -> None:
    """Print the forecasts of held-out events, and their errors beside the rivals'."""
    from sim.experiments.calibration.result import inside, mean_error

    rows = found.held_out
    say_table(
        ("held out", "what", "date", "observed", "forecast", "10-90 %", "one curve", "half", "same", "error seen"),
        [
            (r.event, f"{r.platform} {r.metric}".strip(), r.date, f"{r.observed:.2f}", f"{r.simulated:.2f}",
             f"{r.low:.2f}-{r.high:.2f}", f"{r.curve:.2f}", f"{r.half:.2f}", f"{r.still:.2f}", f"{r.error_seen:.3f}")
            for r in rows
        ],
    )  # fmt: skip
    say_table(
        ("forecast of held-out events by", "mean absolute error", "inside tolerance"),
        [(told, f"{mean_error(rows, by):.3f}", f"{inside(rows, by)} of {len(rows)}") for by, told in _RIVALS.items()],
    )

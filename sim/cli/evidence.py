"""Commands on the record of past events: hindcast, forecast, score, calibrate; of states
score-states and index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError, Problem
from ..text.numbers import counted
from .app import command
from .options import AS_JSON, CHANCE_ONLY, SETTINGS, SPEC, WORK, Work
from .output import progress_bar, say, say_json, say_rows, say_table, warn

if TYPE_CHECKING:
    from ..evidence.hindcast import Scoreboard, ScoredRow, Summary
    from ..scenario import Scenario

_RIVALS = {
    "half": "every order leaves half of the use",
    "nothing": "nothing changes",
    "curve": "one curve of enforcement, and the mean gain of the others",
    "duplication": "gains in proportion to what is in use already",
    "regression": "a hierarchical linear regression on dose, days, VPNs, alternatives, technique",
    "climatology": "what came in the other episodes",
}
_MODEL = {
    "targets": "{0.targets}",
    "series": "{0.series}",
    "episodes": "{0.episodes}",
    "mean abs. error": "{0.mean_absolute_error:.3f}",
    "bias": "{0.bias:+.3f}",
    "inside": "{0.inside:.0%}",
    "80 % covers": "{0.coverage:.0%}",
    "with tolerance": "{0.coverage_with_tolerance:.0%}",
    "width": "{0.width:.3f}",
    "CRPS": "{0.crps:.3f}",
    "skill": "{0.skill:+.2f}",
}
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
_SCORES = {
    "date": "{0[date]}",
    "observed": "{0[observed]:.3g}",
    "median": "{0[median]:.2f}",
    "10-90 %": "{0[low]:.2f}-{0[high]:.2f}",
    "WIS": "{0[wis]:.3f}",
    "CRPS": "{0[crps]:.3f}",
}
_KEYS = {
    "AUC": ("auc", 3),
    "Brier": ("brier", 5),
    "log score": ("log_score", 5),
    "precision at k": ("precision_at_k", 2),
}
"""Header of a score -> its name, and the digits that are printed."""
_TURN = ("RU", "CN", "US")
"""Whom the printed crossing is about, to whom it came nearer, and than to whom."""


@command("hindcast scenarios/events/br_x_2024.yaml --people 20000 --seeds 2")
def hindcast(
    events: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Event files, scenarios with observed:, or names of shipped ones; by default the whole record.",
        ),
    ] = None,
    people: Annotated[int | None, typer.Option(help="Simulated people of each run.")] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, max=1_000, help="Members of each event.")
    ] = None,
    work: Work = WORK,
    settings: SETTINGS = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The folder for the table and the charts: one of all figures, one of each event."
        ),
    ] = None,
    chance_only: CHANCE_ONLY = False,
    as_json: AS_JSON = False,
) -> None:
    """Replay past events and print simulated beside observed, next to six rivals."""
    from ..evidence import hindcast as replay
    from ..scenario.load import values_of

    values = values_of(settings or ())
    with progress_bar("hindcast") as progress:
        board = replay.hindcast(
            events,
            people=people or replay.PEOPLE,
            seeds=seeds or replay.SEEDS,
            set=values,
            out=out,
            progress=progress,
            chance_only=chance_only,
            **vars(work),
        )
    held_out = _held_out(board, chance_only=chance_only)
    if as_json:
        say_json(
            {**board.data(), "held_out": held_out if isinstance(held_out, str) else held_out.data()}
        )
        return
    _print_board(board)
    _print_held_out(held_out, everything=not events)
    if not events:
        from ..evidence.state_scores import headline

        say(headline())
    if out is not None:
        say(f"Written to {out}")


def _held_out(board: Scoreboard, *, chance_only: bool) -> Scoreboard | str:
    """Return the stored forecasts of the same figures, each episode forecast from the others; or
    why there are none.
    """
    from ..evidence.stored import held_out_board, why_refused

    ours = {row.observed.row for row in board.counting if row.observed.row}
    if why_not := why_refused() if ours else "no figure of the record is here":
        return why_not
    stored = held_out_board(chance_only=chance_only)
    return replace(stored, rows=tuple(row for row in stored.rows if row.observed.row in ours))


def _print_board(board: Scoreboard) -> None:
    """Print every figure beside what the replays say of it, and the scores by kind, by rival and by
    series.
    """
    header = (
        "event",
        "kind",
        "what",
        "date",
        "observed",
        "+-",
        "simulated",
        "10-90 %",
        "inside",
        "covered",
        *_RIVALS,
    )
    say_table(header, [_cells(row) for row in board.rows])
    say()
    for one in board.left:
        say(f"Not compared: {one.event}, {one.observed.metric} of {one.observed.date}: {one.why}.")
    if board.empty:
        say(f"Nothing observed to compare: {', '.join(board.empty)}.")
    say(
        "Observed, simulated and the rivals are parts of what follows 'of', or of the same figure without policies. "
        "Gained and speed count what came on top of it, the other kinds what there is."
    )
    if others := len(board.rows) - len(board.counting):
        rows = "1 row stands" if others == 1 else f"{others} rows stand"
        say(f"{rows} in brackets: shown, not scored (soft, evidence, or a null case).")
    for row in (row for row in board.rows if row.past.about.is_null):
        fell = row.forecast.high < 1 - row.observed.tolerance
        verdict = (
            "the model shows a fall where there was none" if fell else "the model shows no fall"
        )
        interval = f"{row.simulated:.2f} ({row.forecast.low:.2f} to {row.forecast.high:.2f})"
        what = f"{row.event}, {' + '.join(row.observed.platform)}"
        say(f"Null case {what}: never in force; use stands at {interval}: {verdict}.")
    if board.counting:
        _print_scores(board, "kind")
        _print_by("series", board.by_series())
        say("\nEach series counts once in every mean. Skill: 1 - CRPS / CRPS of climatology.")
    say(f"{board.people:,} simulated people, {counted(board.seeds)} of each event.")


def _cells(row: ScoredRow) -> tuple[str, ...]:
    """Return a row as text; what is not scored stands in brackets."""
    seen = row.observed
    of = "" if seen.of == "baseline" else f"of {seen.of.replace('_', ' ')}"
    what = " ".join(
        filter(None, (seen.group or seen.state, " + ".join(seen.platform), seen.metric, of))
    )
    inside = "yes" if row.is_inside else "no"
    return (
        row.event,
        seen.kind,
        what,
        str(seen.date),
        f"{seen.value:.3g}",
        f"{seen.tolerance:.2g}",
        f"{row.simulated:.2f}",
        f"{row.forecast.low:.2f}-{row.forecast.high:.2f}",
        inside if row.counts else f"({inside})",
        "yes" if row.is_covered else "no",
        *(f"{row.rivals[name].median:.2f}" for name in _RIVALS),
    )


def _print_by(head: str, summaries: Sequence[Summary]) -> None:
    """Print the scores of some sets of rows."""
    say()
    say_rows({head: "{0.name}", **_MODEL}, summaries)


def _print_scores(board: Scoreboard, head: str) -> None:
    """Print the scores by kind, those of the rivals on the same rows, and where the model is
    biased.
    """
    _print_by(head, board.by_kind())
    rivals = {f"error {name}": f"{{0.rivals[{name}]:.3f}}" for name in _RIVALS}
    rivals |= {f"CRPS {name}": f"{{0.rivals_crps[{name}]:.3f}}" for name in _RIVALS}
    say()
    say_rows({head: "{0.name}", **rivals}, board.by_kind())
    said = "; ".join(f"{name}: {what}" for name, what in _RIVALS.items())
    say(f"\nRivals, each fitted without the episode: {said}.")
    _print_by("meter", board.by_metric())
    _print_by("technique", board.by_technique())


def _print_held_out(board: Scoreboard | str, *, everything: bool) -> None:
    """Print the scores of forecasts of held-out episodes, or why there are none."""
    say()
    if isinstance(board, str):
        say(f"Forecasts of held-out episodes are not shown: {board}.")
        say(
            "To make them: splinternet calibrate --write (about two hours on two cores; it can be interrupted)."
        )
        return
    if not board.counting:
        say("Forecasts of held-out episodes: none of these figures.")
        return
    say(
        "Held out: each episode forecast by parameters that were fitted to the others. This is the fair test: the"
    )
    say("figures above are of parameters that were fitted to the record, these events included.")
    _print_scores(board, "held out")
    which = "splinternet calibrate makes them" if everything else "of these figures"
    say(
        f"{board.people:,} simulated people, {board.seeds} draws of each episode's posterior; stored with the program "
        f"({which})."
    )


@command("forecast events/br_x_2024 --out forecast --people 20000")
def forecast(
    *,
    spec: Scenario = SPEC,
    out: Annotated[Path, typer.Option(help="A new folder for the forecast.")],
    seeds: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Members of the ensemble.")
    ] = None,
    work: Work = WORK,
) -> None:
    """Write down quantiles of the main targets after 1, 4, 16 and 52 weeks, dated and with digests."""
    from ..evidence.forecast import forecast as write_forecast
    from ..experiments.options import DEFAULT_SEEDS

    with progress_bar(spec.name) as progress:
        folder = write_forecast(
            spec, out, seeds=seeds or DEFAULT_SEEDS, progress=progress, **vars(work)
        )
    say(f"Written to {folder}; score it later with: splinternet score {folder} --observed FILE")


@command("score forecast --observed events/br_x_2024")
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
    """Score a forecast that was written down: weighted interval score, CRPS and coverage; of
    orders, AUC and Brier.
    """
    from ..evidence.forecast import read_registration
    from ..evidence.forecast import score as score_forecast

    if read_registration(folder).get("kind") == "orders":
        from ..evidence.forecast import score_orders

        orders = score_orders(folder, observed)
        say_json(orders) if as_json else _print_order_scores(orders)
        return
    if observed is None:
        raise InputError(
            Problem("--observed", "it is missing", "a scenario with observed:, or a CSV")
        )
    data = score_forecast(folder, observed)
    if as_json:
        say_json(data)
        return
    rows = [dict(row) for row in data["rows"]]
    for row in rows:
        names = (
            row["state"] or row["group"],
            row["platform"],
            row["metric"],
            f"of {row['of'] or ''}",
        )
        row |= {"what": " ".join(filter(None, names)), "within": "yes" if row["covered"] else "no"}
    say_rows({"what": "{0[what]}", **_SCORES, "covered": "{0[within]}"}, rows)
    say()
    say(
        f"{len(rows)} targets: WIS {data['wis']:.3f}, CRPS {data['crps']:.3f}; 80 % intervals cover "
        f"{data['coverage']:.0%}, mean width {data['width']:.3f}. Written down on {data['registered'][:10]}."
    )
    for text in data["not_forecast"]:
        say(f"Not in the forecast: {text}")


@command("calibrate us_tiktok_2025 tr_twitter_2014 --points 32 --people 1000")
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
        int | None, typer.Option(help="Points of a second pool, as the first suggests (128).")
    ] = None,
    people: Annotated[
        int | None, typer.Option(help="Simulated people of every run (3,000).")
    ] = None,
    held_out_draws: Annotated[
        int | None, typer.Option(help="Draws simulated for each held-out episode (24).")
    ] = None,
    particles: Annotated[
        int | None, typer.Option(help="Draws of each replicate of a posterior (1,024).")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Sets the design, the random numbers and the draws (1).")
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
    confirm: Annotated[
        bool,
        typer.Option(
            "--confirm", help="Repeat runs of the stored calibration; it is valid if results agree."
        ),
    ] = False,
    as_json: AS_JSON = False,
) -> None:
    """Fit the shared parameters to the record, forecast each episode from the others, and measure
    the model's error.
    """
    from ..evidence import calibration, stored
    from ..evidence.hindcast import Replays
    from ..evidence.space import CALIBRATED, figure_of
    from ..scenario.load import values_of
    from .experiments import KEPT

    if confirm:
        past = stored.calibrated()
        with progress_bar("confirm") as progress:
            figures = tuple(map(figure_of, past))
            compared = stored.confirm(figures, Replays(past), jobs=work.jobs, progress=progress)
        say(f"{compared} figures are the same: the stored calibration is valid for this program")
        return
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
        f"{n['free']} free parameters, {n['figures']} figures in {n['series']} series of {n['episodes']} episodes; "
        f"{n['narrowed']} parameters are narrowed to less than half of what was allowed. Shrink: posterior against "
        f"prior sd. The posterior is worth {n['effective']:.0f} independent draws (R-hat {n['mixing']:.2f}, the "
        f"likelihood to the power {n['power']:g}). R2 of the emulators: {n['r2'][1]:.2f} "
        f"({n['r2'][0]:.2f} to {n['r2'][2]:.2f})."
    )
    say()
    say_rows(_HELD_OUT, found.figures)
    say(
        "R2 and sd: of the emulators. The draws do not include the model error; these are its standard deviations:"
    )
    say()
    say_rows(_ERRORS, [error for error in found.errors if not error["without"]])
    for warning in found.warnings:
        warn(f"warning: {warning}")
    say(f"Written to {found.folder}" + ("; the tables in sim/facts are changed" if write else ""))
    if write:
        say("To score what it forecasts: splinternet hindcast")


# --- what states do, by the record of orders ------------------------------------------------------


@command("score-states --json", "score-states")
def score_states(
    forecast: Annotated[
        int | None,
        typer.Option(
            metavar="MONTHS", help="Write down the chances of the next months from the record."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A new folder for that forecast.")] = None,
    as_json: AS_JSON = False,
) -> None:
    """Score the chance that a state orders a platform restricted within 12 months, beside simple
    rivals.
    """
    from ..evidence.state_scores import study

    if forecast is not None:
        from ..evidence.forecast import forecast_orders

        folder = forecast_orders(
            out or Path("bench/tasks/open") / f"{date.today()}-orders", forecast
        )
        say(f"Written to {folder}; score it when its time is over: splinternet score {folder}")
        return
    with progress_bar("states"):
        found = study()
    if as_json:
        say_json(found)
        return
    for name, head in (("train", "which set the weights"), ("test", "which set none")):
        half, (first, last) = found[name], found[name]["years"]
        say(
            f"{first}-{last}, {head}: {half['pair_years']:,} pair-years of {half['pairs']:,} pairs of state and "
            f"platform, {half['orders']} orders of 14 days or more; the model expects {half['expected']:.0f}."
        )
        _print_state_scores(half)
        _print_leads(half["leads"]["all"])
        say(f"Without Russia: {half['without_russia']['orders']} orders.")
        _print_state_scores(half["without_russia"])
        _print_leads(half["leads"]["without_russia"])
        say("Calibration: of the pairs with about this chance, so many were ordered:")
        say_rows(
            {
                "chance": "{0[chance]:.4f}",
                "ordered": "{0[ordered]:.4f}",
                "pair-years": "{0[pairs]:,}",
            },
            half["calibration"],
        )
        if whole := half.get("as_one_period"):
            say(
                f"{first}-{last} as one period, forecast on its first day: {whole['orders']} orders."
            )
            _print_state_scores(whole)
        say()
    say("2012-2021, each state by weights that its own orders did not set:")
    _print_state_scores(found["leave_one_state_out"])
    say(
        "What a reason adds to the product of unfreedom and earlier blocks there; above 0 it helps:"
    )
    gains = {"": "{0[name]}", **{head: f"{{0[{key}]:+.4f}}" for head, (key, _) in _KEYS.items()}}
    say_rows(gains, [{"name": name, **gain} for name, gain in found["gains"].items()])
    say("\nOrders by country, 2022-2025, of those with an order or at least one expected:")
    by_state = [row for row in found["test"]["by_state"] if row["orders"] or row["expected"] >= 1.0]
    say_rows(
        {"state": "{0[state]}", "orders": "{0[orders]}", "expected": "{0[expected]:.1f}"}, by_state
    )
    for name in ("train", "test"):
        lasting, (first, last) = found[name]["lasting"], found[name]["years"]
        ended = ", ".join(
            f"{lasting[f'ended within {days} days']:.0%} within {days} days"
            for days in (14, 90, 365)
        )
        say(
            f"Restrictions of {first}-{last} ended: {ended}; {lasting['no known end']:.0%} have no known end."
        )
    say(
        "Who restricts a platform within two years after another, 2012-2021, furthest above chance:"
    )
    say_rows(
        {"who": "{0[who]}", "after": "{0[after]}", "by chance": "{0[by_chance]:.1f}"},
        found["followers"],
    )
    say(f"\n{found['caveat']}")
    say(
        "--json also has each look at 2022-2025 so far, other states, days near elections and protests, and the"
    )
    say("platforms that a state restricted after another.")


def _print_state_scores(half: dict[str, Any]) -> None:
    """Print the scores of the model and its rivals."""
    columns = {
        "": "{0[name]}",
        **{head: f"{{0[{key}]:.{digits}f}}" for head, (key, digits) in _KEYS.items()},
    }
    say_rows(
        columns,
        [
            {"name": "model", **half},
            *({"name": name, **row} for name, row in half["rivals"].items()),
        ],
    )


def _print_leads(leads: dict[str, Any]) -> None:
    """Print how far the model is ahead of the product, with the interval over draws of states."""
    from ..evidence.state_scores import PRODUCT

    parts = []
    for name, (key, digits) in _KEYS.items():
        low, middle, high = leads[PRODUCT][key]
        parts.append(f"{name} {middle:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})")
    say(
        f"Lead over {PRODUCT}, middle and 80 % of draws of states, above 0 better: {'; '.join(parts)}."
    )


def _print_order_scores(found: dict[str, Any]) -> None:
    """Print the score of a forecast of orders that was written down."""
    say(
        f"{found['pairs']:,} pairs of state and platform, {found['from']} to {found['until']}: {found['orders']} "
        f"orders, {found['expected']:.0f} expected. Written down on {found['registered'][:10]}."
    )
    _print_state_scores(found)


@command("index --csv --from 2014-01 --states RU,CN,US", "index")
def index_(
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print a row a month and pair: date,a,b,likeness.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="MONTH", help="First month, such as 2014-01; by default 2009-01."
        ),
    ] = None,
    states: Annotated[
        str, typer.Option(help="States whose pairs are listed; by default those with own tables.")
    ] = "",
    technique: Annotated[
        list[str] | None,
        typer.Option(
            help="Count this technique alone: isp, dpi, dns, geoblock ... Can be repeated."
        ),
    ] = None,
    basis: Annotated[
        list[str] | None, typer.Option(help="Count this basis alone: press ... Can be repeated.")
    ] = None,
    least_days: Annotated[
        int, typer.Option(min=0, help="Leave out restrictions that ended sooner [days].")
    ] = 0,
    world: Annotated[
        str, typer.Option(help="The facts whose users weigh platforms and states.")
    ] = "world-2020",
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it into a .png or .svg as well.")
    ] = None,
    as_json: AS_JSON = False,
) -> None:
    """Print how alike access was between states, month by month, from the record of blocks alone."""
    from ..results.index_measured import index

    named = [word.strip() for word in states.split(",") if word.strip()]
    found = index(
        named,
        since=since,
        techniques=technique or (),
        bases=basis or (),
        least_days=least_days,
        world=world,
    )
    if plot is not None:
        from ..plots.registry import save_figure
        from ..plots.runs import about

        save_figure(found.plot(), plot, about(found))
    if as_csv:
        say(found.table().to_csv(index=False, float_format="%.4f", lineterminator="\n"), end=False)
        return
    if as_json:
        data = {
            "from": found.days[0],
            "to": found.days[-1],
            "counted": found.counted,
            "left_out": found.left_out,
        }
        tables = {
            "internets": found.internets().to_dict("records"),
            "pairs": found.table().to_dict("records"),
        }
        say_json({**data, "without_record": found.without_record, **tables})
        return
    say(
        f"Effective number of internets of {len(found.states)} states, from the record of blocks; nothing is simulated."
    )
    yearly = [
        at for at, day in enumerate(found.days) if day.month == 1 or at == len(found.days) - 1
    ]
    rows = [
        (found.days[at], f"{found.by_likeness[at]:.2f}", f"{found.by_blocs[at]:.2f}")
        for at in yearly
    ]
    say_table(("day", "by likeness", "by blocs"), rows)
    left_out = "; ".join(f"{reason}: {number}" for reason, number in found.left_out.items())
    say(f"\n{found.counted} restrictions count. Left out: {left_out or 'none'}.")
    say(f"The record ends on {found.days[-1]}. No row means open: nobody may have looked.")
    if found.without_record:
        say(f"Without a row: {', '.join(found.without_record)}.")
    who, nearer, than = _TURN
    if set(_TURN) <= set(found.shown) and (day := found.crossing(who, nearer, than)):
        near, far = (found.between(who, other)[-1] for other in (nearer, than))
        say(
            f"Russia is nearer to China than to the United States since {day:%Y-%m}: {near:.2f} and {far:.2f} now."
        )
    say("Pairs of states, month by month: splinternet index --csv")

"""Commands on the record of real events: hindcast, and the index computed from blocks alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..text.numbers import counted
from .app import command
from .options import AS_JSON, CHANCE_ONLY, EVENT_MEMBERS, PEOPLE, SETTINGS, WORK, Work
from .output import progress_bar, say, say_json, say_rows, say_table

if TYPE_CHECKING:
    import pandas as pd

    from ..experiments.hindcast import BoardPlace, Scoreboard, ScoredRow, Summary
    from ..results.index_measured import MeasuredIndex

_MODEL = {
    "targets": "{0.targets}",
    "series": "{0.series}",
    "episodes": "{0.episodes}",
    "mean abs. error": "{0.mean_absolute_error:.3f}",
    "bias": "{0.bias:+.3f}",
    "near": "{0.near:.0%}",
    "80 % covers": "{0.coverage:.0%}",
    "with tolerance": "{0.coverage_with_tolerance:.0%}",
    "width": "{0.width:.3f}",
    "CRPS": "{0.crps:.3f}",
}
_TURN = ("RU", "CN", "US")
"""Three states: the summary states whether the first is nearer to the second or to the third."""


@command("hindcast scenarios/events/br_x_2024.yaml --people 20000 --seeds 2")
def hindcast(
    events: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Event files, scenarios with observed:, or names of shipped ones; by default the"
            " whole record.",
        ),
    ] = None,
    people: PEOPLE = None,
    seeds: EVENT_MEMBERS = None,
    work: Work = WORK,
    settings: SETTINGS = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The folder for the table and the charts: one for all figures, one for each event."
        ),
    ] = None,
    chance_only: CHANCE_ONLY = False,
    as_json: AS_JSON = False,
) -> None:
    """Replay past events and print simulated beside observed."""
    from ..experiments import hindcast as replay
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
    standings = replay.standings(list(board.scenarios) if events else ())
    if as_json:
        say_json(
            {**board.data(), "held_out": [{**one._asdict(), "rank": one.rank} for one in standings]}
        )
        return
    _print_board(board)
    _print_standings(standings)
    if out is not None:
        say(f"Written to {out}")


def _print_board(board: Scoreboard) -> None:
    """Print every observed figure beside the simulated one, and the scores by kind, by rival and by
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
        "near",
        "verdict",
    )
    say_table(header, [_cells(row) for row in board.rows])
    say()
    for one in board.left:
        say(f"Not compared: {one.event}, {one.observed.metric} of {one.observed.date}: {one.why}.")
    if board.empty:
        say(f"Nothing observed to compare: {', '.join(board.empty)}.")
    say(
        "Observed and simulated values are shares of the quantity after 'of', or of the same "
        "figure without policies. For the kinds gained and speed they are the increase; for the "
        "other kinds, the whole."
    )
    if others := len(board.rows) - len(board.counting):
        rows = "1 row stands" if others == 1 else f"{others} rows stand"
        say(f"{rows} in brackets: shown, not scored (soft, evidence, or a null case).")
    for row in (row for row in board.rows if row.past.about.is_null):
        fell = row.high < 1 - row.observed.tolerance
        verdict = (
            "the model shows a fall that did not happen" if fell else "the model shows no fall"
        )
        interval = f"{row.simulated:.2f} ({row.low:.2f} to {row.high:.2f})"
        what = f"{row.event}, {' + '.join(row.observed.platform)}"
        say(f"Null case {what}: never in force; use is at {interval}: {verdict}.")
    if board.counting:
        _print_scores(board)
        _print_by("one series", board.by_series())
        say("\nEach series counts once in every mean.")
    say(f"{board.people:,} simulated people, {counted(board.seeds)} of each event.")


def _cells(row: ScoredRow) -> tuple[str, ...]:
    """Return a row as text; values that are not scored are in brackets."""
    seen = row.observed
    of = "" if seen.of == "baseline" else f"of {seen.of.replace('_', ' ')}"
    what = " ".join(
        filter(None, (seen.group or seen.state, " + ".join(seen.platform), seen.metric, of))
    )
    near = "yes" if row.is_near else "no"
    return (
        row.event,
        seen.kind,
        what,
        str(seen.date),
        f"{seen.value:.3g}",
        f"{seen.tolerance:.2g}",
        f"{row.simulated:.2f}",
        f"{row.low:.2f}-{row.high:.2f}",
        near if row.counts else f"({near})",
        "inside" if row.is_covered else "missed",
    )


def _print_by(head: str, summaries: Sequence[Summary]) -> None:
    """Print the scores of some sets of rows."""
    say()
    say_rows({head: "{0.name}", **_MODEL}, summaries)


def _print_scores(board: Scoreboard) -> None:
    """Print the scores by kind, by metric and by technique."""
    _print_by("kind", board.by_kind())
    _print_by("meter", board.by_metric())
    _print_by("technique", board.by_technique())


def _print_standings(standings: Sequence[BoardPlace]) -> None:
    """Print the rank of the model among the rivals, for held-out forecasts."""
    say()
    if not standings:
        say("Forecasts of held-out episodes: none of these figures.")
        return
    say(
        "Held out: each episode forecast by parameters that were fitted to the others. This is "
        "the fair"
    )
    say("test: the figures above are of parameters that were fitted to these events, too. CRPS:")
    columns = {"": "{0.name}", "figures": "{0.figures}"}
    columns |= {name: f"{{0.crps[{name}]:.3f}}" for name in standings[0].crps}
    say_rows(columns, standings)
    for one in standings:
        span = "" if math.isnan(one.low) else f" ({one.low:+.3f} to {one.high:+.3f})"
        place = f"place {one.rank} of {len(one.crps)}"
        say(f"{one.name}: {place}, lead {one.lead:+.3f}{span} over {one.over}, the best rival.")
    say(
        "The rivals, and how to enter a model of your own: splinternet-bench board "
        "(bench/README.md)."
    )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table with their day as text, for JSON."""
    days = table["date"].dt.strftime("%Y-%m-%d")
    rows: Any = table.assign(date=days).to_dict("records")
    return list(rows)


def _say_turn(each: Mapping[str, MeasuredIndex]) -> None:
    """Print the likeness of Russia to the United States and to China under each weighting, and
    whether the order is always the same.
    """
    who, one, other = _TURN
    if not all(set(_TURN) <= set(index.shown) for index in each.values()):
        return
    first = next(iter(each.values())).days[0]
    rows = [
        (
            name,
            f"{index.between(who, other)[0]:.2f}",
            f"{index.between(who, other)[-1]:.2f}",
            f"{index.between(who, one)[-1]:.2f}",
        )
        for name, index in each.items()
    ]
    say()
    say_table(("Russia", f"US, {first}", "US, now", "CN, now"), rows)
    nearer = {
        index.between(who, one)[-1] > index.between(who, other)[-1] for index in each.values()
    }
    if len(nearer) > 1:
        say("Whether Russia is nearer to China than to the United States depends on the weights.")
    else:
        place = "China" if nearer.pop() else "the United States"
        say(f"Under each of these weights Russia is nearer to {place}.")


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
        str,
        typer.Option(help="States whose pairs are listed; by default those with their own tables."),
    ] = "",
    technique: Annotated[
        list[str] | None,
        typer.Option(
            help="Count only this technique: isp, dpi, dns, geoblock ... Can be repeated."
        ),
    ] = None,
    basis: Annotated[
        list[str] | None, typer.Option(help="Count only this basis: press ... Can be repeated.")
    ] = None,
    least_days: Annotated[
        int, typer.Option(min=0, help="Leave out restrictions shorter than this [days].")
    ] = 0,
    world: Annotated[
        str, typer.Option(help="The facts whose users weigh platforms and states.")
    ] = "world-2020",
    facts: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="A folder of facts with orders that you added."),
    ] = None,
    weights: Annotated[
        str, typer.Option(help="Weight of a platform: pair, world, abroad or equal.")
    ] = "pair",
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it into a .png or .svg as well.")
    ] = None,
    as_json: AS_JSON = False,
) -> None:
    """Print the likeness of access between states, month by month, from the record of blocks
    alone.
    """
    from ..facts.history import RECORD_ENDS
    from ..facts.worlds import facts_of, settled
    from ..results.index_measured import WEIGHTS, index

    if facts is not None:
        world = settled(facts_of(facts), world)
    named = [word.strip() for word in states.split(",") if word.strip()]
    keys: dict[str, Any] = {
        "since": since,
        "techniques": technique or (),
        "bases": basis or (),
        "least_days": least_days,
        "world": world,
    }
    found = index(named, weights=weights, **keys)
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
            "weights": found.weights,
            "left_out": found.left_out,
        }
        tables = {
            "internets": _records(found.internets()),
            "pairs": _records(found.table()),
        }
        say_json({**data, "without_record": found.without_record, **tables})
        return
    each = {name: index(named, weights=name, **keys) for name in WEIGHTS}
    say(
        f"Effective number of internets of {len(found.states)} states, from the record of blocks; nothing is simulated."
    )
    say("What a platform counts: " + "; ".join(f"{name}, {of}" for name, of in WEIGHTS.items()))
    yearly = [
        at for at, day in enumerate(found.days) if day.month == 1 or at == len(found.days) - 1
    ]
    rows = [
        (
            found.days[at],
            *(f"{one.by_likeness[at]:.2f}" for one in each.values()),
            f"{found.by_blocs[at]:.2f}",
        )
        for at in yearly
    ]
    say_table(("day", *WEIGHTS, f"by blocs ({found.weights})"), rows)
    left_out = "; ".join(f"{reason}: {number}" for reason, number in found.left_out.items())
    say(f"\n{found.counted} restrictions count. Left out: {left_out or 'none'}.")
    later = found.days[-1] > RECORD_ENDS
    added = f"; of later orders it has those that you added, up to {found.days[-1]}"
    say(
        f"The record ends on {RECORD_ENDS}{added if later else ''}. "
        "A state without a row counts as open, although nobody may have checked."
    )
    if found.without_record:
        say(f"Without a row: {', '.join(found.without_record)}.")
    _say_turn(each)
    say("Pairs of states, month by month: splinternet index --csv")

"""The command that prints the measured Splinternet Index."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import app
from .output import say, say_json, say_table
from .scenarios import AS_JSON

if TYPE_CHECKING:
    from ..results.index_measured import MeasuredIndex

_TURN = ("RU", "CN", "US")
"""Whom the printed crossing is about, to whom it came nearer, and than to whom."""


@app.command("index", epilog="Example: splinternet index --csv --from 2014-01 --states RU,CN,US")
def index_(
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print a row for each month and pair: date,a,b,likeness.")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--from", metavar="MONTH", help="First month, such as 2014-01; by default 2009-01.")
    ] = None,
    states: Annotated[
        str | None,
        typer.Option(help="States whose pairs are listed, as RU,CN,US; by default those with tables of their own."),
    ] = None,
    technique: Annotated[
        list[str] | None,
        typer.Option(help="Count restrictions by this technique alone: isp, dpi, dns, geoblock ... Can be repeated."),
    ] = None,
    basis: Annotated[
        list[str] | None, typer.Option(help="Count restrictions known on this basis alone: press ... Can be repeated.")
    ] = None,
    least_days: Annotated[int, typer.Option(min=0, help="Leave out restrictions that ended sooner [days].")] = 0,
    world: Annotated[str, typer.Option(help="The facts whose users weigh platforms and states.")] = "world-2020",
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it into a .png or .svg as well.")] = None,
    as_json: AS_JSON = False,
) -> None:
    """Print how alike the access of states was, month by month, by the record of blocks alone."""
    from ..results.index_measured import index

    chosen = [word.strip() for word in (states or "").split(",") if word.strip()]
    found = index(
        chosen, since=since, techniques=technique or (), bases=basis or (), least_days=least_days, world=world
    )
    if plot is not None:
        from ..plots.index_measured import about
        from ..plots.saving import save_figure

        save_figure(found.plot(), plot, about(found))
    if as_csv:
        say(found.table().to_csv(index=False, float_format="%.4f", lineterminator="\n"), end=False)
    elif as_json:
        say_json(_data(found))
    else:
        _print(found, filtered=bool(technique or basis or least_days))


def _data(found: MeasuredIndex) -> dict[str, object]:
    """Return the index as JSON data."""
    return {
        "from": found.days[0],
        "to": found.days[-1],
        "counted": found.counted,
        "left_out": dict(found.left_out),
        "without_record": list(found.without_record),
        "internets": found.internets().to_dict("records"),
        "pairs": found.table().to_dict("records"),
    }


def _print(found: MeasuredIndex, *, filtered: bool) -> None:
    """Print the number of internets by year, what counts, and when Russia came nearer to China."""
    say(
        f"Effective number of internets of {len(found.states)} states, from the record of blocks; nothing is simulated."
    )
    yearly = [at for at, day in enumerate(found.days) if day.month == 1 or at == len(found.days) - 1]
    rows = [(found.days[at], f"{found.by_likeness[at]:.2f}", f"{found.by_blocs[at]:.2f}") for at in yearly]
    say_table(("day", "by likeness", "by blocs"), rows)
    say()
    left_out = "; ".join(f"{reason}: {number}" for reason, number in found.left_out.items())
    say(f"{found.counted} restrictions count. Left out: {left_out or 'none'}.")
    say(f"The record ends on {found.days[-1]}. No row means open: nobody may have looked.")
    if found.without_record:
        say(f"Without a row: {', '.join(found.without_record)}.")
    if not filtered and set(_TURN) <= set(found.shown):
        say()
        _print_crossing()


def _print_crossing() -> None:
    """Print when Russia came nearer to China than to the United States, by each way of counting."""
    from ..results.index_measured import crossings

    say("When Russia came nearer to China than to the United States, by what counts:")
    rows = [
        (name, f"{day:%Y-%m}" if day else "not yet", f"{near:.2f}", f"{far:.2f}")
        for name, (day, near, far) in crossings(*_TURN).items()
    ]
    say_table(("what counts", "since", "Russia, China", "Russia, United States"), rows)
    say("Pairs of states, month by month: splinternet index --csv")

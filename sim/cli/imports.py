"""Commands that read what others measured: import ooni, import traffic."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError, Problem
from .app import app
from .output import say, say_json, say_table, warn
from .scenarios import AS_JSON

OUT = Annotated[Path | None, typer.Option(help="A folder for the tables; without it they are only shown.")]
STATE = Annotated[str, typer.Option(help="The state, where the file does not say it.")]

imports = typer.Typer(
    help="Read measurements that you supply: blocks from OONI, losses of connectivity from Radar or IODA.",
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog="Example: splinternet import ooni measurements.jsonl --out facts",
)
app.add_typer(imports, name="import")


@imports.command(epilog="Example: splinternet import ooni measurements.jsonl --out facts")
def ooni(
    files: Annotated[list[Path], typer.Argument(help="Measurements (JSON, JSON lines) or aggregations (JSON, CSV).")],
    out: OUT = None,
    state: STATE = "",
    platform: Annotated[str, typer.Option(help="The platform, where an aggregation does not say it.")] = "",
    least: Annotated[int, typer.Option(min=1, help="Fewest measurements of a day.")] = 5,
    share: Annotated[float, typer.Option(min=0.01, max=1.0, help="Share of them that is blocked on such a day.")] = 0.5,
    days: Annotated[int, typer.Option(min=1, help="Days in a row that begin or end a block.")] = 2,
    as_json: AS_JSON = False,
) -> None:
    """Find out from OONI measurements which platforms are blocked where and since when."""
    from ..measured import Rule, find_blocks, read_ooni, write_blocks

    evidence, rule = read_ooni(files, state=state, platform=platform), Rule(least, share, days)
    blocks = find_blocks(evidence, rule)
    written = write_blocks(out, evidence, blocks) if out is not None else ()
    if as_json:
        rows = [{**vars(block), "note": block.note} for block in blocks]
        data = {"blocks": rows, "days": len(evidence.days), "left_out": evidence.left_out}
        say_json({**data, "rule": str(rule), "written": written})
        return
    pairs = len({(day.state, day.platform) for day in evidence.days})
    say(f"{len(evidence.days)} days of {pairs} pairs of state and platform; a block is {rule}")
    if blocks:
        header = ("state", "platform", "technique", "since", "until", "note")
        say_table(header, [(b.state, b.platform, b.technique, b.since, b.until or "", b.note) for b in blocks])
    else:
        say("No block.")
    for reason, number in evidence.left_out.items():
        warn(f"left out: {number} records {reason}")
    _say_written(written)


@imports.command(epilog="Example: splinternet import traffic radar.csv --state IR --out facts")
def traffic(
    file: Annotated[Path, typer.Argument(help="An answer or a table of Cloudflare Radar or IODA (JSON, CSV).")],
    out: OUT = None,
    state: STATE = "",
    series: Annotated[str, typer.Option(help="Which series, where the file has several.")] = "",
    reference: Annotated[
        str, typer.Option(metavar="FIRST..LAST", help="Days of normal life; by default the first week.")
    ] = "",
    least: Annotated[float, typer.Option(min=0.01, max=1.0, help="Share lost that makes an outage.")] = 0.1,
    utc_offset: Annotated[float, typer.Option(min=-14, max=14, help="Hours to add for local days.")] = 0.0,
    as_json: AS_JSON = False,
) -> None:
    """Find out from traffic or signals which share of a state's connectivity is lost, day by day."""
    from ..measured import find_losses, find_outages, read_signal, write_losses

    signal = read_signal(file, state=state, series=series)
    losses = find_losses(signal, reference=_days(reference), utc_offset=utc_offset)
    outages = find_outages(losses, least)
    written = write_losses(out, losses, outages) if out is not None else ()
    if as_json:
        data = {"state": signal.state, "signal": losses.signal, "reference": losses.reference, "noise": losses.noise}
        rows = {"days": [vars(loss) for loss in losses.days], "outages": [vars(outage) for outage in outages]}
        say_json({**data, **rows, "written": written})
        return
    begin, end = losses.reference
    say(f"{signal.state}: {len(losses.days)} days of {losses.signal}, compared with the days from {begin} to {end};")
    say(f"these differ among themselves by up to {losses.noise:.0%}")
    if outages:
        say_table(("on", "until", "share lost"), [(o.on, o.until, f"{o.share:.2f}") for o in outages])
    else:
        say("No outage.")
    _say_written(written)


def _days(text: str) -> tuple[date, date] | None:
    """Return the first and the last day of a span such as 2026-01-01..2026-01-07."""
    if not text:
        return None
    try:
        first, _, last = text.partition("..")
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise InputError(Problem("--reference", f"'{text}'", "two days, 2026-01-01..2026-01-07")) from None
    if days[1] < days[0]:
        raise InputError(Problem("--reference", f"{days[1]} is before {days[0]}", "the first day first"))
    return days


def _say_written(written: tuple[Path, ...]) -> None:
    """Say which files were written."""
    if written:
        say(f"Written to {', '.join(map(str, written))}")

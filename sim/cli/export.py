"""The command that writes a table of a finished run into a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.app import app
from sim.cli.output import say
from sim.errors import InputError, Problem

_GROUP = "Only the members of a group, such as 'US<-CN' or 'family:US<-CN'."
_OUT = "The file to write, .csv, .xlsx or .parquet; ties.csv, spells.csv or series.csv unless given."


@app.command(epilog="Example: splinternet export runs/wechat_as_ordered-1234 --ties --out ties.csv")
def export(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")],
    ties: Annotated[bool, typer.Option("--ties", help="Who lost contact with whom: a row for each kin tie.")] = False,
    spells: Annotated[bool, typer.Option("--spells", help="When each of these ties had no channel.")] = False,
    group: Annotated[str | None, typer.Option(help=_GROUP)] = None,
    arm: Annotated[str | None, typer.Option(help="Only one arm: baseline or policy.")] = None,
    every: Annotated[bool, typer.Option("--every", help="Daily values of every state, platform and group.")] = False,
    out: Annotated[Path | None, typer.Option(help=_OUT)] = None,
) -> None:
    """Write the table of ties of a finished run, or its daily values, as CSV, Excel workbook or Parquet."""
    _check(ties=ties, spells=spells, every=every, narrowed=bool(group or arm))
    from sim.results import open_run
    from sim.results.table_file import check_suffix, write_table

    what = "ties" if ties else "spells" if spells else "series"
    path = check_suffix(out or Path(f"{what}.csv"))
    result = open_run(run_folder)
    if ties or spells:
        write_table((result.ties if ties else result.spells)(group, arm), path)
    elif path.suffix == ".csv":
        result.to_csv(path, every=every)
    elif path.suffix == ".parquet":
        result.to_parquet(path, every=every)
    else:
        hint = f"splinternet export {run_folder} --out {path.stem}.csv"
        raise InputError(Problem("--out", "daily values have too many rows for a workbook", ".csv or .parquet", hint))
    say(f"Written to {path}")


def _check(*, ties: bool, spells: bool, every: bool, narrowed: bool) -> None:
    """Raise InputError where the options do not go together."""
    if ties and spells:
        raise InputError(Problem("--ties, --spells", "two tables for one file", "one of them", "run export twice"))
    if narrowed and not (ties or spells):
        raise InputError(Problem("--group, --arm", "they narrow single ties", "with --ties or --spells"))
    if every and (ties or spells):
        raise InputError(Problem("--every", "the ties are all there already", "without --ties and --spells"))

"""The command that writes a table of a finished run into a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError, Problem
from .app import app
from .output import say

_GROUP = "Only the members of a group, such as 'US<-CN' or 'family:US<-CN'."
_OUT = "The file to write, .csv, .xlsx or .parquet; by default summary.csv, ties.csv, spells.csv or series.csv."


@app.command(epilog="Example: splinternet export runs/wechat_as_ordered-1234 --ties --out ties.csv")
def export(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")],
    summary: Annotated[bool, typer.Option("--summary", help="Every metric over the run, with intervals.")] = False,
    ties: Annotated[bool, typer.Option("--ties", help="Who lost contact with whom: a row for each kin tie.")] = False,
    spells: Annotated[bool, typer.Option("--spells", help="When each of these ties had no channel.")] = False,
    group: Annotated[str | None, typer.Option(help=_GROUP)] = None,
    arm: Annotated[str | None, typer.Option(help="Only one arm: baseline or policy.")] = None,
    every: Annotated[bool, typer.Option("--every", help="Every state, platform and group.")] = False,
    out: Annotated[Path | None, typer.Option(help=_OUT)] = None,
) -> None:
    """Write the summary, the table of ties or the daily values of a finished run as CSV, Excel workbook or Parquet."""
    tables = [name for name, wanted in (("summary", summary), ("ties", ties), ("spells", spells)) if wanted]
    _check(tables, every=every, narrowed=bool(group or arm))
    from ..results import open_run
    from ..results.files import check_suffix, write_table

    path = check_suffix(out or Path(f"{tables[0] if tables else 'series'}.csv"))
    result = open_run(run_folder)
    if summary:
        frame = result.summary(all=every)
        if path.suffix == ".xlsx":
            from ..text.workbook import about, with_names

            write_table(with_names(result, frame), path, about(result))
        else:
            write_table(frame, path)
    elif ties or spells:
        write_table((result.ties if ties else result.spells)(group, arm), path)
    elif path.suffix == ".csv":
        result.to_csv(path, every=every)
    elif path.suffix == ".parquet":
        write_table(result.daily(every=every), path)
    else:
        hint = f"splinternet export {run_folder} --out {path.stem}.csv"
        raise InputError(Problem("--out", "daily values have too many rows for a workbook", ".csv or .parquet", hint))
    say(f"Written to {path}")


def _check(tables: list[str], *, every: bool, narrowed: bool) -> None:
    """Raise InputError where the options do not go together."""
    if len(tables) > 1:
        options = ", ".join(f"--{name}" for name in tables)
        raise InputError(Problem(options, f"{len(tables)} tables for one file", "one of them", "run export twice"))
    single = bool({"ties", "spells"} & set(tables))
    if narrowed and not single:
        raise InputError(Problem("--group, --arm", "they narrow single ties", "with --ties or --spells"))
    if every and single:
        raise InputError(Problem("--every", "the ties are all there already", "without --ties and --spells"))

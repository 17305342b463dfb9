"""A case as a static page that any web host serves: headline, picture, explorer of a sweep, data, scenario, command.

The page needs no server and no network: it asks nothing of any address, and its content policy forbids it to. Without
scripts it shows every point of a sweep as a table; with them, one point is chosen, and the link holds the choice.
"""

from __future__ import annotations

import base64
import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from ..errors import InputError, Problem
from ..experiments.outcomes import FIELDS, NothingMovedError, choose
from ..results import Result, open_run
from ..results.files import csv_of, write_text
from ..results.manifest import MANIFEST
from ..scenario import Scenario, load
from ..text.numbers import STATUS, compact, compact_range, unit
from ..text.scenario import path_label
from .pages import LARGEST_SVG, Picture, Section, render
from .report import answer, run_line
from .report_evidence import commands, limits

if TYPE_CHECKING:
    import pandas as pd

PAGE, DATA, FILE = "index.html", "data.csv", "scenario.yaml"
"""The files of a published case."""
_TABLE, _SWEEP = "table.csv", "sweep"


def publish(source: Path, out: Path) -> Path:
    """Write the page of a finished run, or of a finished sweep, into a folder, and return the page.

    Parameters
    ----------
    source : Path
        The folder of the run or of the sweep.
    out : Path
        Where the page is written, with its data and its scenario; other files there are left alone.

    Raises
    ------
    InputError
        When the folder is of neither, is not finished, or the place is a file.
    RunError
        When a file of the run is damaged, or the disk is full.
    """
    if out.exists() and not out.is_dir():
        raise InputError(Problem("--out", f"{out} is a file", "a folder", "--out site"))
    kind = _kind(source)
    if kind == _SWEEP:
        import pandas as pd

        scenario, table = load(source / "scenario.resolved.yaml"), pd.read_csv(source / _TABLE, keep_default_na=False)
        text, data = sweep_page(scenario, table, _stored_picture(source)), csv_of(table)
    elif kind:
        allowed = "a run's folder, or that of a sweep"
        raise InputError(Problem(str(source), f"the folder of a {kind}", allowed, "splinternet sweep"))
    else:
        result = open_run(source)
        scenario, text, data = result.scenario, run_page(result), csv_of(result.summary())
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / DATA, data)
    write_text(out / FILE, scenario.to_yaml())
    return write_text(out / PAGE, text)


def _kind(source: Path) -> str:
    """Return the kind of experiment that a folder holds; empty for a run, or for what `open_run` is to refuse."""
    try:
        return str(json.loads((source / MANIFEST).read_text(encoding="utf-8")).get("experiment", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def run_page(result: Result, data: str = DATA, file: str = FILE) -> str:
    """Return the page of a run, which links to its data and its scenario."""
    again = commands(result, str(result.info.get("command") or ""))[:1]
    sections = [
        Section("limits", "What it must not be used to claim", [limits(result)]),
        Section("repeat", "Data, scenario and how to repeat it", [_repeat(again, data, file)]),
    ]
    return _page(result.scenario, answer(result), sections, run_line(result), result.version)


def sweep_page(
    scenario: Scenario, table: pd.DataFrame, picture: Picture | None, data: str = DATA, file: str = FILE
) -> str:
    """Return the page of a sweep: a choice of its points, each with its number, beside the picture.

    Parameters
    ----------
    scenario : Scenario
        The scenario that is swept.
    table : pandas.DataFrame
        Of `splinternet.experiments.sweep.SweepResult`.
    picture : Picture, optional
        The chart of the sweep.
    data, file : str
        Where the table and the scenario are, beside the page.
    """
    from ..core.program import version

    paths = list(table.columns[1 : list(table.columns).index(FIELDS[0])])
    try:
        output = choose(table, None, None)
    except NothingMovedError:
        rows, said = table.iloc[:0], "The policies move none of the headlines at any point of this sweep."
    else:
        rows = table[(table[list(output._fields)] == list(output)).all(axis=1).to_numpy()]
        said = f"{output.words(scenario)} [{unit(output.metric)}]"
    most = max((abs(float(value)) for value in rows["effect"]), default=0.0) or 1.0
    values = [[str(row[path]) for path in paths] for _, row in rows.iterrows()]
    points = [
        {
            "values": at,
            "without": compact(output.metric, float(row["baseline"])),
            "effect": compact_range(output.metric, *(float(row[key]) for key in ("effect", "low", "high"))),
            "width": round(100 * abs(float(row["effect"])) / most),
        }
        for at, (_, row) in zip(values, rows.iterrows(), strict=True)
    ]
    axes = [
        (path, path_label(path, scenario), list(dict.fromkeys(at[column] for at in values)))
        for column, path in enumerate(paths)
    ]
    top = render("sweep.html", said=said, axes=axes, points=points, chart=picture)
    members = int(rows["members"].max()) if len(rows) else 0
    line = f"{len(points)} points, {members} seeds each, about {scenario.people:,} simulated people"
    again = [f"splinternet sweep {shlex.quote(file)} --seeds {members or 1}"]
    sections = [Section("repeat", "Data, scenario and how to repeat it", [_repeat(again, data, file)])]
    return _page(scenario, top, sections, line, version())


def _repeat(again: list[str], data: str, file: str) -> Markup:
    """Return the links to data and scenario, and the command."""
    return render("publish.html", commands=again, data=data, file=file)


def _page(scenario: Scenario, top: Markup, sections: list[Section], line: str, version: str) -> str:
    stamp = str(scenario.status)
    return str(
        render(
            "page.html", title=scenario.title, version=version, stamps=[(stamp.upper(), STATUS[stamp])], runs=[line],
            top=top, sections=sections, is_long=len(scenario.title) > 70,
        )
    )  # fmt: skip


def _stored_picture(source: Path) -> Picture | None:
    """Return the chart that a sweep has in its folder; None where nothing moved."""
    for form, kind in (("svg", "svg+xml"), ("png", "png")):
        path = source / "figures" / f"{_SWEEP}.{form}"
        if path.is_file() and (form == "png" or path.stat().st_size <= LARGEST_SVG):
            text = base64.b64encode(path.read_bytes()).decode("ascii")
            return Picture(f"data:image/{kind};base64,{text}", "The sweep as a chart", 864, 520, "")
    return None

"""The board: the scores of all entrants of the task ``outcomes`` and of the rivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import outcomes
from .forecasts import Forecast
from .problems import BenchError, Problem
from .rivals import RIVALS, rival_forecasts
from .scores import Lead, data_of, groups_of, lead_of, score_of, scored_rows
from .submission import ABOUT, Submission, read_submission

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FOLD = "episode"
"""The held-out fold of the rivals on the board."""
MODEL = "splinternet"
"""The shipped entrant that is the model of this repository."""
KINDS = ("all", "kept", "gained", "vpn")
"""Kinds of figures in the printed table and the picture; ``--json`` and the file contain every
kind.
"""
PANELS = {
    "all": "All figures",
    "kept": "Users who stay",
    "gained": "Users whom others gain",
    "vpn": "Users of VPNs",
}


def shipped_entrants() -> dict[str, Path]:
    """Return the folders of the shipped entrants by name."""
    folder = outcomes.home() / "entrants"
    return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{ABOUT}"))}


@cache
def rival_crps(fold: str) -> pd.DataFrame:
    """Return the CRPS of each rival on each scored figure [1], one column for each rival."""
    each = {name: scored_rows(said)["crps"] for name, said in rival_forecasts(fold).items()}
    return pd.DataFrame(each)


def best_rival(rows: pd.DataFrame, rivals: pd.DataFrame) -> str:
    """Return the rival with the lowest mean CRPS on some rows, each series counted once."""
    return str(rivals.loc[rows.index].groupby(rows["series"]).mean().mean().idxmin())


def rows_of_board(forecasts: Mapping[str, Forecast], name: str, fold: str) -> list[dict[str, Any]]:
    """Return the scores of one entrant with its lead over the best other rival, one row for each of
    `scores.groups_of`.
    """
    rivals = rival_crps(fold).drop(columns=name, errors="ignore")
    rows = []
    for (by, group), part in groups_of(scored_rows(forecasts)).items():
        lead = lead_of(part, rivals[best_rival(part, rivals)])
        rows.append({"entrant": name, "by": by, "name": group, **data_of(score_of(part), lead)})
    return rows


def ranks(name: str = MODEL) -> pd.DataFrame:
    """Return the place of an entrant among its forecast of each figure and those of the rivals.

    Returns
    -------
    pandas.DataFrame
        ``row``; ``median``, ``low``, ``high``: the entrant's forecast with its 80 % interval, in
        the unit of the figure; ``forecasts``: their number; ``rank``: 1 for the nearest, equal
        forecasts share a place; ``crps`` [1]; ``nearest``: the best of the others;
        ``nearest_crps`` [1].
    """
    entrant = read_submission(shipped_entrants()[name])
    own = scored_rows(entrant.forecasts)["crps"]
    rivals = rival_crps(entrant.folds).loc[own.index]
    said = [entrant.forecasts[row] for row in own.index]
    found = {
        "median": [one.quantile(0.5) for one in said],
        "low": [one.quantile(0.1) for one in said],
        "high": [one.quantile(0.9) for one in said],
        "forecasts": len(rivals.columns) + 1,
        "rank": 1 + rivals.lt(own, axis=0).sum(axis=1),
        "crps": own,
        "nearest": rivals.idxmin(axis=1),
        "nearest_crps": rivals.min(axis=1),
    }
    return pd.DataFrame(found).rename_axis("row").reset_index()


def leads_of(forecasts: Mapping[str, Forecast], fold: str) -> list[Lead]:
    """Return the lead of an entrant over each rival on all its figures."""
    rows = scored_rows(forecasts)
    return [lead_of(rows, crps) for _, crps in rival_crps(fold).items()]


def board(folders: Sequence[Path | str] = ()) -> pd.DataFrame:
    """Return the board: shipped entrants, those of some more folders, and rivals, best first.

    Parameters
    ----------
    folders : sequence of path
        Submissions of the task ``outcomes``.

    Raises
    ------
    BenchError
        If something is malformed, or two entrants have the same name.
    """
    entrants = [read_submission(path) for path in (*shipped_entrants().values(), *folders)]
    entrants = [one for one in entrants if one.task == "outcomes"]
    if problems := [problem for one in entrants for problem in one.problems]:
        raise BenchError(*problems)
    _check_names(entrants)
    rows = [row for one in entrants for row in rows_of_board(one.forecasts, one.name, one.folds)]
    for name, forecasts in rival_forecasts(FOLD).items():
        rows += rows_of_board(forecasts, name, FOLD)
    table = pd.DataFrame(rows)
    whole = table[table["by"] == "all"].sort_values("crps", kind="stable")
    place = {name: at for at, name in enumerate(whole["entrant"])}
    ranked = table.sort_values("entrant", key=lambda names: names.map(place), kind="stable")
    return ranked.reset_index(drop=True)


def _check_names(entrants: Sequence[Submission]) -> None:
    """Raise BenchError if two entrants have the same name, or one has that of a rival."""
    taken = list(RIVALS)
    for one in entrants:
        if one.name in taken:
            allowed = "a name that no other entrant has"
            raise BenchError(Problem(ABOUT, None, f"the name '{one.name}' twice", allowed))
        taken.append(one.name)


def text_of(table: pd.DataFrame) -> str:
    """Return a board, or ranks, as CSV, numbers to six significant digits."""
    return str(table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def as_data(table: pd.DataFrame) -> dict[str, Any]:
    """Return a board as JSON data: by entrant all figures, each kind, and ``more``."""
    found: dict[str, Any] = {}
    for row in table.astype(object).where(table.notna(), None).to_dict("records"):
        entrant = row.pop("entrant")
        by = row.pop("by")
        name = row.pop("name")
        own = found.setdefault(entrant, {"more": {}})
        if by in ("all", "kind"):
            own[name] = row
        else:
            own["more"].setdefault(by, {})[name] = row
    return found


def printed(table: pd.DataFrame) -> list[str]:
    """Return the board as lines: the kinds with most figures, the best entrant first."""
    lines = []
    for name in KINDS:
        part = table[(table["name"] == name) & table["by"].isin(["all", "kind"])]
        figures = int(part["figures"].max())
        episodes = int(part["episodes"].max())
        lines += [f"{PANELS[name]}: {figures} figures of {episodes} episodes", _HEADER]
        lines += [_line(row) for row in part.sort_values("crps", kind="stable").to_dict("records")]
        lines.append("")
    return lines


_HEADER = (
    f"  {'entrant':<14}{'CRPS':>7}{'error':>8}{'covers':>8}{'figures':>9}"
    "  lead over the best other rival, 80 %"
)


def _line(row: Mapping[Any, Any]) -> str:
    """Return a line of the printed board."""
    numbers = f"{row['crps']:7.3f}{row['error']:8.3f}{row['coverage']:8.0%}{row['figures']:9}"
    return f"  {row['entrant']:<14}{numbers}  {lead_in_words(row)}"


def lead_in_words(row: Mapping[Any, Any]) -> str:
    """Return a lead with its interval, such as ``+0.033 (+0.018 to +0.049) over regression``."""
    if pd.isna(row["lead_low"]):
        return f"{row['lead']:+.3f} over {row['over']} (a single episode)"
    interval = f"({row['lead_low']:+.3f} to {row['lead_high']:+.3f})"
    return f"{row['lead']:+.3f} {interval} over {row['over']}"


def draw(table: pd.DataFrame) -> Figure:
    """Return the board as a picture: a panel for each kind, a bar for each entrant."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 5.4), layout="constrained")
    best = table[table["by"] == "all"].iloc[0].to_dict()
    figure.suptitle(
        f"Held out, {best['entrant']} has a CRPS of {best['crps']:.3f}: {lead_in_words(best)}",
        fontsize=11,
        fontweight="bold",
        x=0.01,
        ha="left",
    )
    for axes, name in zip(figure.subplots(2, 2).flat, KINDS, strict=True):
        part = table[(table["name"] == name) & table["by"].isin(["all", "kind"])]
        _draw_panel(axes, part, name)
    figure.supxlabel(
        "CRPS [share]; shorter is better. Blue: entrants; grey: simple rivals", fontsize=9
    )
    return figure


def _draw_panel(axes: Axes, part: pd.DataFrame, name: str) -> None:
    """Draw the entrants on one kind of figure, the best on top."""
    ranked = part.sort_values("crps", ascending=False, kind="stable")
    colours = ["#9a9a9a" if entrant in RIVALS else "#0072b2" for entrant in ranked["entrant"]]
    bars = axes.barh(ranked["entrant"], ranked["crps"], color=colours)
    axes.bar_label(bars, [f"{value:.3f}" for value in ranked["crps"]], padding=3, fontsize=8)
    axes.set_title(f"{PANELS[name]} ({int(part['figures'].max())})", fontsize=10, loc="left")
    axes.tick_params(labelsize=8)
    axes.margins(x=0.15)
    axes.spines[["top", "right"]].set_visible(False)

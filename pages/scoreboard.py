"""Draw the scoreboard of the evidence page: ``uv run python pages/scoreboard.py``.

It shows the stored forecasts of held-out episodes (``sim/facts/leave_one_out.csv``) beside the
observed figures, and runs nothing. ``pages/refresh.py`` calls it; draw it again after each
calibration.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
FORECASTS = ROOT / "sim" / "facts" / "leave_one_out.csv"
PICTURE = ROOT / "docs" / "img" / "scoreboard.png"
KINDS = {
    "kept": "Users who stay after a block",
    "gained": "Users whom other platforms gain",
    "vpn": "Users of VPNs",
    "other": "Speed, decay, return",
}
DPI = 110

type Forecast = dict[str, float | str]


def forecasts(path: Path = FORECASTS) -> list[Forecast]:
    """Return kind, observed value, tolerance, and median, low and high end of the forecast of each
    figure.
    """
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    numbers = ("observed", "tolerance", "median", "low", "high")
    return [
        {"kind": row["kind"], **{name: float(row[name]) for name in numbers}}
        for row in rows
        if row["median"]
    ]


def title(rows: list[Forecast]) -> str:
    """Return a sentence on the number of forecasts that are right."""
    near = sum(
        abs(float(row["median"]) - float(row["observed"])) <= float(row["tolerance"])
        for row in rows
    )
    held = sum(float(row["low"]) <= float(row["observed"]) <= float(row["high"]) for row in rows)
    return (
        f"Held-out episodes: of {len(rows)} observed figures, {near} medians lie within the tolerance,\n"
        f"and {held} figures lie within the range of the parameter draws alone"
    )


def draw(rows: list[Forecast]) -> Figure:
    """Return the chart: a panel for each kind, with observed figures across, forecasts upwards, and
    the diagonal of agreement.
    """
    from matplotlib.figure import Figure

    from splinternet.plots.page import BLUE, GREY, INK, VERMILLION

    figure = Figure(figsize=(9.0, 8.6))
    figure.suptitle(title(rows), x=0.06, ha="left", fontsize=12, fontweight="bold", color=INK)
    for place, (kind, name) in enumerate(KINDS.items()):
        mine = [row for row in rows if (row["kind"] if row["kind"] in KINDS else "other") == kind]
        axes = figure.add_subplot(2, 2, place + 1)
        top = max([1e-9, *(float(row[end]) for row in mine for end in ("observed", "high"))]) * 1.05
        axes.plot([0, top], [0, top], color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
        for row in mine:
            observed, median, low, high = (
                float(row[end]) for end in ("observed", "median", "low", "high")
            )
            colour, mark = (BLUE, "o") if low <= observed <= high else (VERMILLION, "D")
            axes.plot([observed] * 2, [low, high], color=colour, linewidth=1.4)
            axes.plot(observed, median, mark, color=colour, markersize=5)
        axes.set_title(f"{name} ({len(mine)})")
        axes.set_xlabel("observed [share]")
        axes.set_ylabel("forecast [share]")
        axes.set_xlim(0, top)
        axes.set_ylim(0, top)
    figure.text(
        0.06,
        0.012,
        "Each episode is forecast with parameters fitted to the others. Mark: median; line: 10 to 90 % of the\n"
        "parameter draws, without the model's error from event to event, which the intervals of a run include. Blue\n"
        "circles: the line reaches the dashed diagonal, where both agree; orange diamonds: it does not.",
        fontsize=8,
        color=GREY,
    )
    figure.subplots_adjust(left=0.08, right=0.97, top=0.89, bottom=0.125, hspace=0.32, wspace=0.24)
    return figure


def main() -> None:
    """Draw and write the picture."""
    from splinternet.plots.page import house_style

    with house_style():
        draw(forecasts()).savefig(PICTURE, dpi=DPI, metadata={"Software": None})
    sys.stdout.write(f"Written to {PICTURE}\n")


if __name__ == "__main__":
    main()

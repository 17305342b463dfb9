"""The proof on the README: held-out forecasts of past orders beside the counts.

``uv run python pages/proof.py`` draws the picture of X in Brazil, 2024. ``pages/generate.py``
writes the same results as text into the README. Both use the stored forecasts of the bench and run
nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "img" / "x_in_brazil.png"
EVENT = "br_x_2024"
"""The event of the picture."""
ORDERS_SHOWN = 5
CUTS = ("block", "store_removal")
"""Instruments that cut everybody in a state off a platform."""
SHARES = [0.1, 0.5, 0.9]
"""Quantiles of the ends of an 80 % interval and of the median."""
LOW, MEDIAN, HIGH = SHARES
DAYS_AROUND = 16
"""Days in the picture before the order [days]."""
DAYS_AFTER = 13
"""Days in the picture after the last count [days]."""
DPI = 130


def forecasts() -> pd.DataFrame:
    """Return the scored figures with forecast and count, one figure in each row.

    The columns are those of the bench, the quantiles of ``SHARES``, and ``is_inside``, whether the
    count lies in the 80 % interval.
    """
    from splinternet_bench import outcomes
    from splinternet_bench.submission import read_submission

    said = read_submission(outcomes.home() / "entrants" / "splinternet").forecasts
    table = outcomes.scored()
    table = table[table.index.isin(list(said))].copy()
    for share in SHARES:
        table[share] = [said[row].quantile(share) for row in table.index]
    table["is_inside"] = table["value"].between(table[LOW], table[HIGH])
    return table


def latest_orders(table: pd.DataFrame) -> pd.DataFrame:
    """Return the first count of remaining users for the latest platforms that states cut off."""
    cut = table[table["is_hit"] & (table["kind"] == "kept") & table["instrument"].isin(CUTS)]
    first = cut.sort_values(["on", "date"], kind="stable").drop_duplicates(["event", "platform"])
    return first.tail(ORDERS_SHOWN).iloc[::-1]


def orders() -> str:
    """Return the table of the latest orders: forecast, count, and whether it was missed."""
    from splinternet.text.numbers import estimate
    from splinternet.text.reportable import EVER

    lines = [
        "| order | users kept at the first count: forecast (80 %) | counted | |",
        "| --- | --- | --- | --- |",
    ]
    for _, row in latest_orders(forecasts()).iterrows():
        middle, span = estimate(EVER, row[MEDIAN], row[LOW], row[HIGH])
        said = f"{middle.removeprefix('about ')} ({span})"
        order = f"{row['platform']} in {place(row['state'])}, {row['on'][:4]}"
        verdict = "inside" if row["is_inside"] else "**missed**"
        lines.append(f"| {order} | {said} | {percent(row['value'])} | {verdict} |")
    return "\n".join(lines)


def lead() -> str:
    """Return a sentence on the model's lead over the best rival on the stored board of the
    bench.
    """
    from splinternet.experiments.hindcast import THIS_MODEL
    from splinternet.facts.record import BoardRow
    from splinternet.facts.tables import read
    from splinternet_bench.rivals import RIVALS

    whole = [row for row in read(BoardRow).values() if row.by == "all"]
    own = next(row for row in whole if row.entrant == THIS_MODEL)
    rival = next(row for row in whole if row.entrant == own.over)
    return (
        f"Over {own.figures} figures of {own.episodes} events its error (CRPS: how far "
        f"forecasts lie from counts, shares; 0 is perfect) is {own.crps:.3f}; the best of "
        f"{len(RIVALS)} simple rivals, {rival.entrant}, has "
        f"{rival.crps:.3f}: a lead of {own.lead:.3f} ({own.lead_low:.3f} to {own.lead_high:.3f}). "
        f"The 80 % intervals contain {percent(own.coverage)} of the counts."
    )


def assumed() -> str:
    """Return a sentence on the number of inputs that are assumptions."""
    from splinternet.facts import load_facts

    facts = load_facts()
    figures = [*facts.penetration.values()]
    guessed = sum(one.basis == "assumption" for one in figures)
    parameters = [*facts.parameters.values()]
    chosen = sum(one.basis == "assumption" for one in parameters)
    return (
        f"Every input has a source or the word *assumption*: {guessed} of {len(figures)} figures "
        f"of who uses what have the word, and {chosen} of {len(parameters)} parameters."
    )


def picture() -> str:
    """Return the picture with an alternative text."""
    found = of_event(forecasts())
    inside = int(found["is_inside"].sum())
    held = "all" if inside == len(found) else f"{inside} of the"
    return (
        f"![Daily users of X in Brazil, 2024: {held} {len(found)} counts lie within the 80 % range "
        f"of the forecast]({PICTURE.relative_to(ROOT).as_posix()})"
    )


PARTS: dict[str, Callable[[], str]] = {
    "proof picture": picture,
    "held-out orders": orders,
    "lead": lead,
    "assumed inputs": assumed,
}
"""Parts of the README -> the function that writes each."""


def percent(share: float, unit: str = " %") -> str:
    """Return a share in percent, to whole numbers."""
    return f"{100 * share:.0f}{unit}"


def place(state: str) -> str:
    """Return the name of a state after *in*."""
    from splinternet.facts.states import load_places

    name = load_places()[state].name
    return f"the {name}" if name.startswith("United") else name


# --- the picture ----------------------------------------------------------------------------------


def of_event(table: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of the users of X during and after the block, by date."""
    own = table[
        (table["event"] == EVENT) & table["is_hit"] & table["kind"].isin(["kept", "return"])
    ]
    return own.sort_values("date", kind="stable")


def digest(rows: pd.DataFrame) -> str:
    """Return a digest of the data of the picture, which shows whether the file is stale."""
    shown = rows[["date", "on", "until", "value", "tolerance", *SHARES]]
    return sha256(shown.to_csv(float_format="%.4g").encode()).hexdigest()


def draw(rows: pd.DataFrame) -> Figure:
    """Return the chart: forecast and counts of users of X in Brazil; the block is shaded."""
    from matplotlib.figure import Figure

    from splinternet.plots.page import GREY, INK

    figure = Figure(figsize=(9.0, 4.4))
    axes = figure.add_subplot()
    figure.subplots_adjust(left=0.075, right=0.97, top=0.89, bottom=0.22)
    first, end = (date.fromisoformat(rows[name].iloc[0]) for name in ("on", "until"))
    _shade(axes, first, end)
    _draw_forecast(axes, rows, first)
    _draw_counts(axes, rows)
    _finish(axes, rows, first)
    inside = int(rows["is_inside"].sum())
    figure.suptitle(
        f"X in Brazil, 2024: {inside} of {len(rows)} counts lie within the forecast",
        x=0.075,
        ha="left",
        fontsize=13,
        fontweight="bold",
        color=INK,
    )
    figure.text(
        0.075,
        0.015,
        "Forecast with parameters fitted to the other events, for the days of the counts; "
        "straight lines join\n"
        "them. Counts of Bites, Arquimedes and AtlasIntel; most are of posts or visits, not users. "
        "Line at a count: its\n"
        "tolerance; that of 4 September spans a survey and a count of posts.",
        fontsize=8,
        color=GREY,
    )
    return figure


def _shade(axes: Axes, first: date, end: date) -> None:
    """Shade the days in force."""
    from splinternet.plots.page import GREY, PALE

    axes.axvspan(first, end, color=PALE, alpha=0.6, linewidth=0)
    axes.text(first + timedelta(days=1), 1.1, "blocked", color=GREY, va="center", fontsize=9)


def _draw_forecast(axes: Axes, rows: pd.DataFrame, first: date) -> None:
    """Draw the medians and 80 % ranges, from all users on the day before the order."""
    from splinternet.plots.page import BLUE

    said = rows.drop_duplicates("date")
    days = [date.fromisoformat(day) for day in said["date"]]
    before = [first - timedelta(days=DAYS_AROUND), first - timedelta(days=1)]
    low, middle, high = ([1.0, 1.0, *said[share]] for share in SHARES)
    axes.fill_between([*before, *days], low, high, color=BLUE, alpha=0.18, linewidth=0)
    axes.plot([*before, *days], middle, color=BLUE, linewidth=2)
    axes.vlines(days, said[LOW], said[HIGH], color=BLUE, linewidth=1.4)
    axes.plot(days, said[MEDIAN], "o", color=BLUE, markersize=6)
    axes.annotate(
        "Forecast, 80 % range",
        (days[1], said[HIGH].iloc[1]),
        (days[1] - timedelta(days=17), 0.42),
        color=BLUE,
        fontsize=10,
        arrowprops={"arrowstyle": "-", "color": BLUE, "linewidth": 0.8},
    )


def _draw_counts(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the counts with their tolerance."""
    from splinternet.plots.page import VERMILLION, readable

    colour = readable(VERMILLION)
    sides = (
        rows.groupby("date").cumcount() * 1.2 + 0.8
    )  # offset from the forecast, and from each other
    days = [
        pd.Timestamp(day) + pd.Timedelta(days=float(side))
        for day, side in zip(rows["date"], sides, strict=True)
    ]
    axes.errorbar(
        days,  # type: ignore[arg-type]
        rows["value"],
        rows["tolerance"],
        fmt="D",
        color=colour,
        markersize=7,
        elinewidth=1.0,
        zorder=5,
    )
    axes.annotate(
        "Counted",
        (days[-1], rows["value"].iloc[-1]),  # type: ignore[arg-type]
        (8, 0),
        textcoords="offset points",
        color=colour,
        fontsize=10,
        va="center",
    )


def _finish(axes: Axes, rows: pd.DataFrame, first: date) -> None:
    """Set limits, ticks and letters."""
    from matplotlib.dates import DateFormatter, MonthLocator
    from matplotlib.ticker import PercentFormatter

    last = date.fromisoformat(rows["date"].iloc[-1])
    shown_from = first - timedelta(days=DAYS_AROUND)
    shown_until = last + timedelta(days=DAYS_AFTER)
    axes.set_xlim(shown_from, shown_until)  # type: ignore[arg-type]
    axes.set_ylim(0, 1.18)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_ylabel("daily users, share of before")
    axes.xaxis.set_major_locator(MonthLocator(bymonthday=[1, 15]))
    axes.xaxis.set_major_formatter(DateFormatter("%-d %b"))


def main() -> None:
    """Draw and write the picture."""
    from splinternet.plots.page import house_style

    with house_style():
        rows = of_event(forecasts())
        about = {"Software": None, "Comment": digest(rows)}
        draw(rows).savefig(PICTURE, dpi=DPI, metadata=about)
    sys.stdout.write(f"Written to {PICTURE}\n")


if __name__ == "__main__":
    main()

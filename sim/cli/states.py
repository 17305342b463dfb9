"""Commands on what states do, by the record of orders: score-states and index."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from .app import command
from .options import AS_JSON
from .output import progress_bar, say, say_json, say_rows, say_table

_KEYS = {
    "AUC": ("auc", 3),
    "Brier": ("brier", 5),
    "log score": ("log_score", 5),
    "precision at k": ("precision_at_k", 2),
}
"""Header of a score -> its name, and the digits that are printed."""
_TURN = ("RU", "CN", "US")
"""Whom the printed crossing is about, to whom it came nearer, and than to whom."""


@command("score-states --json", "score-states")
def score_states(
    forecast: Annotated[
        int | None, typer.Option(metavar="MONTHS", help="Write down the chances of the next months from the record.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A new folder for that forecast.")] = None,
    as_json: AS_JSON = False,
) -> None:
    """Score the chance that a state orders a platform restricted within 12 months, beside simple rivals."""
    from ..evidence.state_scores import study

    if forecast is not None:
        from ..evidence.forecast import forecast_orders

        folder = forecast_orders(out or Path("scenarios/forecasts") / f"{date.today()}-orders", forecast)
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
        _print_scores(half)
        _print_leads(half["leads"]["all"])
        say(f"Without Russia: {half['without_russia']['orders']} orders.")
        _print_scores(half["without_russia"])
        _print_leads(half["leads"]["without_russia"])
        say("Calibration: of the pairs with about this chance, so many were ordered:")
        say_rows(
            {"chance": "{0[chance]:.4f}", "ordered": "{0[ordered]:.4f}", "pair-years": "{0[pairs]:,}"},
            half["calibration"],
        )
        if whole := half.get("as_one_period"):
            say(f"{first}-{last} as one period, forecast on its first day: {whole['orders']} orders.")
            _print_scores(whole)
        say()
    say("2012-2021, each state by weights that its own orders did not set:")
    _print_scores(found["leave_one_state_out"])
    say("What a reason adds to the product of unfreedom and earlier blocks there; above 0 it helps:")
    gains = {"": "{0[name]}", **{head: f"{{0[{key}]:+.4f}}" for head, (key, _) in _KEYS.items()}}
    say_rows(gains, [{"name": name, **gain} for name, gain in found["gains"].items()])
    say("\nOrders by country, 2022-2025, of those with an order or at least one expected:")
    by_state = [row for row in found["test"]["by_state"] if row["orders"] or row["expected"] >= 1.0]
    say_rows({"state": "{0[state]}", "orders": "{0[orders]}", "expected": "{0[expected]:.1f}"}, by_state)
    for name in ("train", "test"):
        lasting, (first, last) = found[name]["lasting"], found[name]["years"]
        ended = ", ".join(f"{lasting[f'ended within {days} days']:.0%} within {days} days" for days in (14, 90, 365))
        say(f"Restrictions of {first}-{last} ended: {ended}; {lasting['no known end']:.0%} have no known end.")
    say("Who restricts a platform within two years after another, 2012-2021, furthest above chance:")
    say_rows({"who": "{0[who]}", "after": "{0[after]}", "by chance": "{0[by_chance]:.1f}"}, found["followers"])
    say(f"\n{found['caveat']}")
    say("--json also has each look at 2022-2025 so far, other states, days near elections and protests, and the")
    say("platforms that a state restricted after another.")


def _print_scores(half: dict[str, Any]) -> None:
    """Print the scores of the model and its rivals."""
    columns = {"": "{0[name]}", **{head: f"{{0[{key}]:.{digits}f}}" for head, (key, digits) in _KEYS.items()}}
    say_rows(columns, [{"name": "model", **half}, *({"name": name, **row} for name, row in half["rivals"].items())])


def _print_leads(leads: dict[str, Any]) -> None:
    """Print how far the model is ahead of the product, with the interval over draws of states."""
    from ..evidence.state_scores import PRODUCT

    parts = []
    for name, (key, digits) in _KEYS.items():
        low, middle, high = leads[PRODUCT][key]
        parts.append(f"{name} {middle:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})")
    say(f"Lead over {PRODUCT}, middle and 80 % of draws of states, above 0 better: {'; '.join(parts)}.")


def print_order_scores(found: dict[str, Any]) -> None:
    """Print the score of a forecast of orders that was written down."""
    say(
        f"{found['pairs']:,} pairs of state and platform, {found['from']} to {found['until']}: {found['orders']} "
        f"orders, {found['expected']:.0f} expected. Written down on {found['registered'][:10]}."
    )
    _print_scores(found)


@command("index --csv --from 2014-01 --states RU,CN,US", "index")
def index_(
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a row a month and pair: date,a,b,likeness.")] = False,
    since: Annotated[
        str | None, typer.Option("--from", metavar="MONTH", help="First month, such as 2014-01; by default 2009-01.")
    ] = None,
    states: Annotated[str, typer.Option(help="States whose pairs are listed; by default those with own tables.")] = "",
    technique: Annotated[
        list[str] | None, typer.Option(help="Count this technique alone: isp, dpi, dns, geoblock ... Can be repeated.")
    ] = None,
    basis: Annotated[list[str] | None, typer.Option(help="Count this basis alone: press ... Can be repeated.")] = None,
    least_days: Annotated[int, typer.Option(min=0, help="Leave out restrictions that ended sooner [days].")] = 0,
    world: Annotated[str, typer.Option(help="The facts whose users weigh platforms and states.")] = "world-2020",
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it into a .png or .svg as well.")] = None,
    as_json: AS_JSON = False,
) -> None:
    """Print how alike access was between states, month by month, from the record of blocks alone."""
    from ..results.index_measured import index

    named = [word.strip() for word in states.split(",") if word.strip()]
    found = index(named, since=since, techniques=technique or (), bases=basis or (), least_days=least_days, world=world)
    if plot is not None:
        from ..plots.registry import save_figure
        from ..plots.runs import about

        save_figure(found.plot(), plot, about(found))
    if as_csv:
        say(found.table().to_csv(index=False, float_format="%.4f", lineterminator="\n"), end=False)
        return
    if as_json:
        data = {"from": found.days[0], "to": found.days[-1], "counted": found.counted, "left_out": found.left_out}
        tables = {"internets": found.internets().to_dict("records"), "pairs": found.table().to_dict("records")}
        say_json({**data, "without_record": found.without_record, **tables})
        return
    say(
        f"Effective number of internets of {len(found.states)} states, from the record of blocks; nothing is simulated."
    )
    yearly = [at for at, day in enumerate(found.days) if day.month == 1 or at == len(found.days) - 1]
    rows = [(found.days[at], f"{found.by_likeness[at]:.2f}", f"{found.by_blocs[at]:.2f}") for at in yearly]
    say_table(("day", "by likeness", "by blocs"), rows)
    left_out = "; ".join(f"{reason}: {number}" for reason, number in found.left_out.items())
    say(f"\n{found.counted} restrictions count. Left out: {left_out or 'none'}.")
    say(f"The record ends on {found.days[-1]}. No row means open: nobody may have looked.")
    if found.without_record:
        say(f"Without a row: {', '.join(found.without_record)}.")
    who, nearer, than = _TURN
    if set(_TURN) <= set(found.shown) and (day := found.crossing(who, nearer, than)):
        near, far = (found.between(who, other)[-1] for other in (nearer, than))
        say(f"Russia is nearer to China than to the United States since {day:%Y-%m}: {near:.2f} and {far:.2f} now.")
    say("Pairs of states, month by month: splinternet index --csv")

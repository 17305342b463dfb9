"""The command that scores who restricts what: the chance of an order for each state and platform."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from .app import app
from .output import progress_bar, say, say_json, say_table
from .scenarios import AS_JSON

_HEADER = ("", "AUC", "Brier", "log score", "precision at k")


@app.command("score-states", epilog="Example: splinternet score-states --json")
def score_states(
    forecast: Annotated[
        int | None,
        typer.Option(metavar="MONTHS", help="Write down the chances of the next months instead, from the last record."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A new folder for that forecast.")] = None,
    as_json: AS_JSON = False,
) -> None:
    """Score the chance that a state orders a platform restricted within 12 months, beside simple rivals."""
    from ..evidence.state_scores import study

    if forecast is not None:
        from ..evidence.state_forecast import forecast_orders

        folder = forecast_orders(out or Path("scenarios/forecasts") / f"{date.today()}-orders", forecast)
        say(f"Written to {folder}; score it when its time is over: splinternet score {folder}")
        return
    with progress_bar("states"):
        found = study()
    if as_json:
        say_json(found)
        return
    for name, head in (("train", "which set the weights"), ("test", "which set none")):
        _print_half(found[name], head)
    held = found["leave_one_state_out"]
    say("2012-2021, each state by weights that its own orders did not set:")
    _say_scores(held)
    say("What a reason adds to the product of unfreedom and earlier blocks there; above 0 it helps:")
    rows = [(name, *(f"{gain[key]:+.4f}" for key in ("auc", "brier", "log_score", "precision_at_k")))
            for name, gain in found["gains"].items()]  # fmt: skip
    say_table(_HEADER, rows)
    say()
    _print_times(found["times"])
    _print_orders(found)
    say(found["caveat"])
    say("Looks at 2022-2025 so far:")
    looks = [(look["date"], look["weights"], f"{look['auc']:.3f}", look["changed"]) for look in found["looks"]]
    say_table(("date", "weights", "AUC", "changed"), looks)


def _print_half(half: dict[str, Any], head: str) -> None:
    """Print the scores of a half, with and without Russia, and its calibration."""
    first, last = half["years"]
    say(
        f"{first}-{last}, {head}: {half['pair_years']:,} pair-years of {half['pairs']:,} pairs of state and platform, "
        f"{half['orders']} orders of 14 days or more; the model expects {half['expected']:.0f}."
    )
    _say_scores(half)
    _say_leads(half["leads"]["all"])
    without = half["without_russia"]
    say(f"Without Russia: {without['orders']} orders.")
    _say_scores(without)
    _say_leads(half["leads"]["without_russia"])
    say("Calibration: of the pairs with about this chance, so many were ordered:")
    rows = [(f"{row['chance']:.4f}", f"{row['ordered']:.4f}", f"{row['pairs']:,}") for row in half["calibration"]]
    say_table(("chance", "ordered", "pair-years"), rows)
    if whole := half.get("as_one_period"):
        say()
        say(f"{first}-{last} as one period, forecast on its first day: {whole['orders']} orders.")
        _say_scores(whole)
        others = half["other_states"]
        say(f"Other states whose freedom is known: {others['pair_years']:,} pair-years, {others['orders']} orders.")
        _say_scores(others)
    say()


def _print_times(times: list[dict[str, Any]]) -> None:
    """Print how many days with orders fall near moments, in both halves, and the factor that runs use."""
    say("Days with orders near a moment of the state, beside those that its share of such days predicts:")
    rows = [(row["kind"], f"{row['before']} before to {row['after']} after", f"{row['ratio']:.1f}",
             *(f"{observed:.0f} / {expected:.1f}" for observed, expected in (row["train"], row["test"])))
            for row in times]  # fmt: skip
    say_table(("moment", "days", "factor", "2012-2021", "2022-2025"), rows)
    say()


def say_order_scores(found: dict[str, Any]) -> None:
    """Print the score of a forecast of orders that was written down."""
    say(
        f"{found['pairs']:,} pairs of state and platform, {found['from']} to {found['until']}: {found['orders']} "
        f"orders, {found['expected']:.0f} expected. Written down on {found['registered'][:10]}."
    )
    _say_scores(found)


def _say_scores(half: dict[str, Any]) -> None:
    """Print the scores of the model and its rivals."""
    rows = [("model", half), *half["rivals"].items()]
    say_table(_HEADER, [(name, f"{row['auc']:.3f}", f"{row['brier']:.5f}", f"{row['log_score']:.5f}",
                         f"{row['precision_at_k']:.2f}") for name, row in rows])  # fmt: skip


def _say_leads(leads: dict[str, Any]) -> None:
    """Print how far the model is ahead of the product, with the interval over draws of states."""
    from ..evidence.state_scores import PRODUCT

    parts = []
    for name, key, digits in (("AUC", "auc", 3), ("Brier", "brier", 5), ("log score", "log_score", 5),
                              ("precision at k", "precision_at_k", 2)):  # fmt: skip
        low, middle, high = leads[PRODUCT][key]
        parts.append(f"{name} {middle:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})")
    say(f"Lead over {PRODUCT}, middle and 80 % of draws of states, above 0 better: {'; '.join(parts)}.")


def _print_orders(found: dict[str, Any]) -> None:
    """Print how many orders each state makes, how long they last, and who follows whom."""
    test = found["test"]
    rows = [(row["state"], row["orders"], f"{row['expected']:.1f}") for row in test["by_state"]
            if row["orders"] or row["expected"] >= 1.0]  # fmt: skip
    say("Orders by state, 2022-2025; states with none and less than one expected are left out:")
    say_table(("state", "orders", "expected"), rows)
    for name in ("train", "test"):
        last, (first, end) = found[name]["lasting"], found[name]["years"]
        parts = ", ".join(f"{last[f'ended within {days} days']:.0%} within {days} days" for days in (14, 90, 365))
        say(f"How long restrictions of {first}-{end} last: {parts}; {last['no known end']:.0%} have no known end.")
    say("Who restricts a platform within two years after another, 2012-2021, furthest above chance:")
    say_table(("who", "after", "by chance", "platforms"), [
        (row["who"], row["after"], f"{row['by_chance']:.1f}", ", ".join(row["platforms"])) for row in found["followers"]
    ])  # fmt: skip
    say()

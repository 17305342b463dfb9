"""A week without one platform against a week without the Internet.

A state blocks one platform for seven days, or switches everything off for the same seven days. The
weight of a block is its cost divided by that of the blackout, in the same world with the same
random numbers: derived, not assumed. There are two weights:

- ``contact``: kin ties across the border without a channel, in tie-days of that week;
- ``value``: loss of the state's people, in dollars of willingness to pay, in that week.

Run it from any folder::

    uv run python notebooks/studies/block_against_blackout.py
    uv run python notebooks/studies/block_against_blackout.py RU TR --people 10000 --seeds 6

It prints a table and saves a chart. All cases are what-if. The first weight does not include
contact inside the state, and neither includes the effects of a blackout beyond platforms
(hospitals, banks, work). The cost of a blackout is therefore a lower bound, and the weight of a
block an upper bound. A negative weight means that people gain channels: a person who loses a feed
may join a platform on which people also talk, or get a VPN that opens more than was lost.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import splinternet as sn

PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "US": ("WhatsApp", "Facebook", "YouTube", "TikTok", "WeChat"),
    "CN": ("WeChat", "QQ", "Douyin", "Taobao"),
    "RU": ("WhatsApp", "VKontakte", "YouTube", "Telegram"),
    "TR": ("WhatsApp", "Instagram", "YouTube", "Twitter"),
    "IR": ("WhatsApp", "Instagram"),
}
"""Large platforms in each state that work on the first day and could be blocked."""

FIRST = 7
"""The first day of the measured week."""
WEEK = 7
DAYS = 15
"""Number of days of a run."""
MEASURES = ("contact", "value")
COLOURS = ("#0072b2", "#d55e00")


def scenario(state: str, measure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a world in which a state takes one measure for a week."""
    week = {"on": f"2020-08-{1 + FIRST:02d}", "until": f"2020-08-{1 + FIRST + WEEK:02d}"}
    return {
        "title": f"One week of one measure in {state}",
        "status": "what-if",
        "start": "2020-08-01",
        "days": DAYS,
        "policies": [{"id": "measure", "by": state, **week, **measure}],
        "uncertain": {
            "ties.only_channel": {"low": 0.3, "high": 0.9},
            "value.messenger": {"low": 3, "high": 30, "distribution": "log-uniform"},
        },
    }


def blackout() -> dict[str, Any]:
    """Return the keys of a total shutdown."""
    return {"instrument": "shutdown"}


def block(platform: str) -> dict[str, Any]:
    """Return the keys of a block by national filtering, from the first hour."""
    return {"instrument": "block", "technique": "dpi", "targets": [platform]}


def cost(result: sn.Result, state: str) -> dict[str, np.ndarray]:
    """Return the cost of the week for a state, by measure, each of shape (seeds,)."""
    week = slice(FIRST, FIRST + WEEK)

    def over_the_week(metric: str) -> np.ndarray:
        values = result[metric].sel(state=state).isel(date=week)
        gap = values.sel(arm="policy") - values.sel(arm="baseline")
        return np.asarray(gap.sum([dim for dim in gap.dims if dim != "seed"]))

    return {
        "contact": -over_the_week("cross_border_contact"),
        "value": over_the_week("consumer_surplus_lost"),
    }


def weights(
    block: Mapping[str, np.ndarray], dark: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return the cost of a block divided by that of the blackout, seed by seed [1]."""
    return {name: block[name] / dark[name] for name in MEASURES}


def spread(values: np.ndarray) -> str:
    """Return ``median (10 % to 90 %)``."""
    # Adding 0.0 after rounding prevents "-0.0%".
    low, middle, high = (round(float(q), 3) + 0.0 for q in np.quantile(values, (0.1, 0.5, 0.9)))
    return f"{middle:.1%} ({low:.1%} to {high:.1%})"


def chart(found: Mapping[tuple[str, str], Mapping[str, np.ndarray]], footnote: str) -> Figure:
    """Draw both weights of every block, the states one below the other."""
    figure = Figure(figsize=(9, 1.5 + 0.38 * len(found)), layout="constrained")
    axes = figure.subplots()
    place = np.arange(len(found))
    for k, (name, colour, mark) in enumerate(zip(MEASURES, COLOURS, "os", strict=True)):
        q = 100 * np.array([np.quantile(found[key][name], (0.1, 0.5, 0.9)) for key in found])
        reach = np.abs(q[:, [0, 2]] - q[:, [1]]).T
        axes.errorbar(
            q[:, 1],
            place + 0.24 * (k - 0.5),
            xerr=reach,
            fmt=mark,
            color=colour,
            label=name,
            capsize=3,
        )
    axes.set_yticks(place, [f"{platform}, {state}" for state, platform in found])
    axes.invert_yaxis()
    axes.set_xlabel("Cost of a week's block, of a week's blackout [%]")
    axes.set_title("What blocking one platform weighs against a blackout (what-if)", loc="left")
    axes.grid(axis="x", color="#dddddd")
    axes.legend(frameon=False)
    figure.supxlabel(footnote, fontsize=8, color="#555555", x=0.01, ha="left")
    return figure


def main(arguments: list[str] | None = None) -> None:
    """Run every block and the blackout of each state, print the weights and save the chart."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "states", nargs="*", metavar="STATE", help=f"of {', '.join(PLATFORMS)}; by default all"
    )
    parser.add_argument(
        "--people", type=int, default=10_000, help="simulated people (default 10000)"
    )
    parser.add_argument("--seeds", type=int, default=4, help="seeds of each run (default 4)")
    parser.add_argument("--jobs", type=int, help="number of processes; by default one per core")
    parser.add_argument(
        "--out", type=Path, default=Path("block_against_blackout.png"), help="the chart to write"
    )
    args = parser.parse_args(arguments)
    unknown = [state for state in args.states if state not in PLATFORMS]
    if unknown:
        parser.error(
            f"no platforms listed for {', '.join(unknown)}; there are {', '.join(PLATFORMS)}"
        )
    found: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    print(
        f"{'a week without ... weighs':30}{'in contact abroad':>30}{'in value':>30}   of a blackout"
    )
    for state in args.states or PLATFORMS:
        size = {"people": args.people, "seeds": args.seeds, "jobs": args.jobs}
        dark = cost(sn.run(scenario(state, blackout()), **size), state)
        for platform in PLATFORMS[state]:
            result = sn.run(scenario(state, block(platform)), **size)
            found[state, platform] = weights(cost(result, state), dark)
            contact, value = (spread(found[state, platform][name]) for name in MEASURES)
            print(f"{platform + ' in ' + state:30}{contact:>30}{value:>30}", flush=True)
    note = (
        f"{args.people:,} simulated people, {args.seeds} seed(s) of each run; median and 10-90 %."
    )
    if any(np.median(weight["contact"]) < -0.0005 for weight in found.values()):
        print(
            "Below zero: more ties have a channel than without the block (substitutes that carry talk, or a VPN)."
        )
    args.out.parent.mkdir(parents=True, exist_ok=True)
    chart(found, note).savefig(args.out, dpi=150)
    print(f"{note}\nWritten to {args.out}")


if __name__ == "__main__":
    main()

"""The effect of a measure by its enforcement: a study of variants, built and run from Python.

It answers two questions, each with a few variants of one shipped scenario:

- ``block``: Russia and Instagram in 2022. What if the block had been by name (dns), by provider
  (isp), by national filters (dpi, as it happened) or by the platform itself (geoblock)?
- ``decay``: the WeChat order of 2020. How does the remaining speed after the withdrawal of hosting
and peering compare with a cut?

Run it from any folder::

    uv run python notebooks/studies/enforcement_study.py
    uv run python notebooks/studies/enforcement_study.py decay --people 20000 --seeds 4 --out decay.png

It prints a table and saves a chart. All variants are what-if; only ``dpi`` happened.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.dates as mdates
import numpy as np
from matplotlib.figure import Figure

import splinternet as sn

LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#4d4d4d")
"""Okabe and Ito: colour-blind readers can distinguish the colours; the lines can be distinguished
in grey as well.
"""


@dataclass(frozen=True)
class Study:
    """A question: the users and platform to look at, and the variants by name with their changes to
    a scenario.
    """

    title: str
    scenario: str
    state: str
    platform: str
    days: int
    group: str | None
    variants: Mapping[str, Mapping[str, Any]]


def blocks(technique: str) -> dict[str, Any]:
    """Return the change that enforces the block of Instagram by another technique."""
    return {"policies": [{"id": "instagram-block", "technique": technique}]}


def decays(speed: float) -> dict[str, Any]:
    """Return the change that sets the remaining speed of WeChat; other values are drawn as in the
    scenario.
    """
    return {"uncertain": {"transaction_ban.speed": {"low": speed, "high": speed}}}


STUDIES = {
    "block": Study(
        title="Instagram in Russia, by how it is blocked",
        scenario="events/ru_instagram_2022",
        state="RU",
        platform="Instagram",
        days=180,
        group=None,
        variants={technique: blocks(technique) for technique in ("dns", "isp", "dpi", "geoblock")},
    ),
    "decay": Study(
        title="WeChat in the United States, by what is left of its speed",
        scenario="wechat_as_ordered",
        state="US",
        platform="WeChat",
        days=330,
        group="US<-CN",
        variants={f"speed {speed:.0%}": decays(speed) for speed in (0.9, 0.6, 0.3)}
        | {"cut by providers": {}},
    ),
}


def scenario_of(study: Study, name: str) -> dict[str, Any]:
    """Return one variant as a scenario, in the keys of a file."""
    base = "wechat_full_block" if name == "cut by providers" else study.scenario
    title = f"{study.title}: {name}"
    return {
        "extends": base,
        "title": title,
        "status": "what-if",
        "days": study.days,
        **study.variants[name],
    }


def use_kept(result: sn.Result, study: Study) -> np.ndarray:
    """Return daily use relative to the same day without the policies, median over seeds, shape
    (days,) [1].
    """
    active = result["active_users"].sel(state=study.state, platform=study.platform)
    return np.asarray((active.sel(arm="policy") / active.sel(arm="baseline")).median("seed"))


def at_its_worst(result: sn.Result, group: str) -> float:
    """Return the largest share of a group without any platform channel to the family, median over
    members [1].
    """
    lost = result["family_contact_lost"].sel(group=group, arm="policy")
    return float(lost.max("date").median("seed"))


def chart(study: Study, dates: list[str], kept: Mapping[str, np.ndarray], footnote: str) -> Figure:
    """Draw use over time, a line for each variant."""
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    days = np.array(dates, "datetime64[D]")
    for (name, series), line, colour in zip(kept.items(), LINES, COLOURS, strict=False):
        axes.plot(days, series, label=name, linestyle=line, color=colour, linewidth=2)
    axes.set_title(f"{study.title} (what-if)", loc="left")
    axes.set_ylabel("Daily users against the same day without the policies [share]")
    axes.set_ylim(0, 1.05)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(axes.xaxis.get_major_locator()))
    axes.legend(frameon=False)
    axes.text(0, -0.12, footnote, transform=axes.transAxes, fontsize=8, color="#555555")
    return figure


def main(arguments: list[str] | None = None) -> None:
    """Run one study, print its table and save its chart."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("study", nargs="?", choices=sorted(STUDIES), default="block")
    parser.add_argument(
        "--people", type=int, default=10_000, help="simulated people (default 10000)"
    )
    parser.add_argument("--seeds", type=int, default=2, help="seeds of each variant (default 2)")
    parser.add_argument("--days", type=int, help="days to run, instead of the study's own")
    parser.add_argument("--jobs", type=int, help="number of processes; by default one per core")
    parser.add_argument(
        "--out", type=Path, help="the chart to write (default enforcement_<study>.png)"
    )
    args = parser.parse_args(arguments)
    study = STUDIES[args.study]
    kept: dict[str, np.ndarray] = {}
    print(f"{study.title}\n{'':18}{'lowest':>8}{'last day':>10}{'VPN users':>11}", end="")
    print(f"{'families cut off, at worst':>28}" if study.group else "")
    for name in study.variants:
        keys = scenario_of(study, name)
        if args.days is not None:
            keys["days"] = args.days
        result = sn.run(keys, people=args.people, seeds=args.seeds, jobs=args.jobs)
        kept[name] = use_kept(result, study)
        vpn = float(
            result["vpn_users"].sel(state=study.state, arm="policy").isel(date=-1).median("seed")
        )
        print(f"{name:18}{kept[name].min():8.0%}{kept[name][-1]:10.0%}{vpn / 1e6:9.1f} m", end="")
        print(f"{at_its_worst(result, study.group):28.0%}" if study.group else "", flush=True)
    size = f"{args.people:,} simulated people, {args.seeds} seed(s) of each variant; medians."
    note = f"{size} What a technique reaches is an assumption."
    out = args.out or Path(f"enforcement_{args.study}.png")
    out.parent.mkdir(parents=True, exist_ok=True)
    chart(study, list(result.dates), kept, note).savefig(out, dpi=150)
    print(f"Written to {out}")


if __name__ == "__main__":
    main()

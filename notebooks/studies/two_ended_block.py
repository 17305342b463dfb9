"""The two-ended block: WeChat banned at one end, nearly every other messenger blocked at the other.

How much of the family contact that the American order of 2020 would cut is due to China's own
blocks? How much would a licence for private messages, or messengers that talk to each other, have
kept? And what does the Chinese side lose?

Run it from any folder::

    uv run python notebooks/studies/two_ended_block.py
    uv run python notebooks/studies/two_ended_block.py --people 20000 --seeds 4 --out two_ended.png

Every case uses the same world and the same random numbers, seed by seed, and differs only as its
name states. The script prints two tables and saves a chart. All cases are what-if: the order never
took effect.

- ``as ordered``: the order, with the blocks that China has.
- ``China opens its net``: China blocks nothing, but people begin with the platforms that they use
  in the real world. The difference shows how much the blocks remove as an alternative when WeChat
  fails.
- ``China was never closed``: families also used other messengers before, half as often as in Hong
  Kong (an assumption; see great_firewall.yaml). The share of families with only one platform is
  that of the real world.
- ``never closed, nor tied``: the same, but only 30 to 40 % keep in touch on one platform alone, as
  35 % of people in Germany, where nothing is blocked, have one messenger (BNetzA 2019-20). This
  attributes the remainder to the blocks.
- ``licence``, ``bridge``: measures that would have kept families in touch in the world as it is.

Opening the net alone spares almost nothing, for two reasons. Families begin with the platforms that
they use (1.2 % of China on WhatsApp), so the order cuts the same ties in both worlds. And most ties
come back by VPN, on WeChat itself, or on QQ, iMessage or Zoom, which China never blocked. A China
that was never closed would spare people in the United States about four tenths of the days, and
families in China a quarter (3 seeds of 10,000 people, 29 November 2026). That is too little,
because `ties.only_channel`, the share of families with one platform in common (most often WeChat),
is the same in both worlds, although it is high because of the blocks. Only the last of the three
worlds lowers it, and spares about half. It is therefore the only one that shows what the blocks
cost families, and it depends on that assumption, as every figure on families does.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import splinternet as sn

ORDERED = "as ordered"
OPENED = "China opens its net"
NEVER = "China was never closed"
NEITHER = "never closed, nor tied"
ENDS = {"US<-CN": "in the United States", "family:US<-CN": "families in China"}
COLOURS = ("#0072b2", "#d55e00")


def cases() -> dict[str, dict[str, Any]]:
    """Return the cases by name, each in the keys of a scenario file."""
    never_closed = sn.load("great_firewall").world
    held = {
        name: share
        for name, share in never_closed.penetration["CN"].items()
        if isinstance(share, float)
    }
    return {
        ORDERED: {"extends": "wechat_as_ordered"},
        OPENED: {"extends": "wechat_without_chinas_blocks"},
        NEVER: {
            "extends": "wechat_without_chinas_blocks",
            "world": {
                "penetration": {"CN": held},
                "vpn_share": {"CN": never_closed.vpn_share["CN"]},
            },
        },
        NEITHER: {
            "extends": "wechat_without_chinas_blocks",
            "world": {
                "penetration": {"CN": held},
                "vpn_share": {"CN": never_closed.vpn_share["CN"]},
            },
            "uncertain": {"ties.only_channel": {"low": 0.3, "high": 0.4}},
        },
        "licence": {"extends": "wechat_with_exemption"},
        "bridge": {"extends": "wechat_with_bridge"},
    }


@dataclass(frozen=True)
class Size:
    """The size of the runs."""

    people: int
    seeds: int
    days: int | None
    jobs: int | None


def run(keys: Mapping[str, Any], size: Size) -> sn.Result:
    """Run one case."""
    days = {} if size.days is None else {"days": size.days}
    title = {"title": "The two-ended block, one case", "status": "what-if"}
    return sn.run({**title, **keys, **days}, people=size.people, seeds=size.seeds, jobs=size.jobs)


def effect(result: sn.Result, metric: str, **place: str) -> np.ndarray:
    """Return the policy arm minus the baseline arm, shape (seeds, days)."""
    values = result[metric].sel(**place)
    gap = values.sel(arm="policy") - values.sel(arm="baseline")
    return np.asarray(gap.transpose("seed", "date"))


def days_lost(result: sn.Result) -> dict[str, np.ndarray]:
    """Return person-days without a platform channel over the run, by end, each of shape
    (seeds,).
    """
    return {group: effect(result, "contact_days_lost", group=group).sum(axis=1) for group in ENDS}


def spread(values: np.ndarray, form: str) -> str:
    """Return ``median (10 % to 90 %)`` of the members in which it is defined."""
    values = values[np.isfinite(values)]
    if values.size == 0:
        return "not defined"
    low, middle, high = np.quantile(values + 0.0, (0.1, 0.5, 0.9))  # adding 0.0 turns -0.0 into 0.0
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def spared(lost: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Return the share of the loss as ordered that a case spares, seed by seed; NaN without a loss
    [1].
    """
    return np.where(ordered > 0, 1 - lost / np.where(ordered > 0, ordered, 1), np.nan)


def pooled(lost: np.ndarray, ordered: np.ndarray) -> str:
    """Return the share spared over all seeds together, and its 10-90 % range over seeds.

    In a median of shares, a seed with a small loss by chance would have the same weight as others.
    """
    if not ordered.sum() > 0:
        return "not defined"
    each = spared(lost, ordered)
    low, high = np.quantile(each[np.isfinite(each)], (0.1, 0.9))
    # Adding 0.0 after rounding prevents "-0%".
    middle, low, high = (
        round(float(x), 2) + 0.0 for x in (1 - lost.sum() / ordered.sum(), low, high)
    )
    return f"{middle:.0%} ({low:.0%} to {high:.0%})"


def both_sides(ordered: sn.Result, size: Size) -> list[tuple[str, str, str]]:
    """Return the losses of both sides: the quantity, the American figure, the Chinese figure."""
    alibaba = run({"extends": "alibaba_ban"}, size)
    apple, everywhere = (
        run({"extends": name}, size) for name in ("apple_wechat", "apple_wechat_all_stores")
    )
    pay = {
        s: -effect(ordered, "payment_users", state=s, platform="WeChat")[:, -1] / 1e3
        for s in ("US", "CN")
    }

    def sold(state: str, platform: str) -> str:
        return spread(
            -effect(alibaba, "sales", state=state, platform=platform).sum(axis=1) / 1e9, ".2f"
        )

    def stake(result: sn.Result) -> str:
        return spread(
            100 * effect(result, "handset_sales_at_stake", platform="WeChat").max(axis=1), ".2f"
        )

    days = days_lost(ordered)
    return [
        (
            "person-days without the family [k]",
            *(spread(days[group] / 1e3, ",.0f") for group in ENDS),
        ),
        (
            "can no longer pay by WeChat, last day [k]",
            *(spread(pay[state], ",.0f") for state in ("US", "CN")),
        ),
        ("sales lost if Alibaba goes too [bn US$]", sold("US", "Taobao"), sold("CN", "AliExpress")),
        ("iPhone sales at stake [%]: US store; all", stake(apple), stake(everywhere)),
    ]


def chart(lost: Mapping[str, Mapping[str, np.ndarray]], footnote: str) -> Figure:
    """Draw person-days lost by case, one panel for each end."""
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    panels = figure.subplots(1, len(ENDS), sharey=True)
    names = list(lost)
    for axes, (group, label), colour in zip(panels, ENDS.items(), COLOURS, strict=True):
        quantiles = (
            np.array([np.quantile(lost[name][group], (0.1, 0.5, 0.9)) for name in names]) / 1e3
        )
        reach = np.abs(quantiles[:, [0, 2]] - quantiles[:, [1]]).T
        axes.barh(names, quantiles[:, 1], xerr=reach, color=colour, ecolor="#333333", capsize=3)
        axes.set_title(label, loc="left")
        axes.set_xlabel("Person-days without any platform channel [thousands]")
        axes.invert_yaxis() if axes is panels[0] else None
    figure.suptitle(
        "Family contact lost under the American WeChat order (what-if)", x=0.01, ha="left"
    )
    figure.supxlabel(footnote, fontsize=8, color="#555555", x=0.01, ha="left")
    return figure


def main(arguments: list[str] | None = None) -> None:
    """Run all cases, print the tables and save the chart."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--people", type=int, default=10_000, help="simulated people (default 10000)"
    )
    parser.add_argument("--seeds", type=int, default=4, help="seeds of each case (default 4)")
    parser.add_argument("--days", type=int, help="days to run, instead of the scenarios' own")
    parser.add_argument("--jobs", type=int, help="number of processes; by default one per core")
    parser.add_argument(
        "--out", type=Path, default=Path("two_ended_block.png"), help="the chart to write"
    )
    args = parser.parse_args(arguments)
    size = Size(args.people, args.seeds, args.days, args.jobs)
    lost: dict[str, dict[str, np.ndarray]] = {}
    ordered = None
    print(
        f"{'':24}{'person-days lost [k]':>28}{'spared, of as ordered':>30}{'the same, families':>30}"
    )
    for name, keys in cases().items():
        result = run(keys, size)
        ordered = ordered or result
        lost[name] = days_lost(result)
        here = lost[name]["US<-CN"]
        shares = [pooled(lost[name][group], lost[ORDERED][group]) for group in ENDS]
        row = f"{name:24}{spread(here / 1e3, ',.0f'):>28}"
        print(row if name == ORDERED else f"{row}{shares[0]:>30}{shares[1]:>30}", flush=True)
    print(f"\n{'what each side loses':44}{'United States':>28}{'China':>28}")
    for label, american, chinese in both_sides(ordered, size) if ordered else ():
        print(f"{label:44}{american:>28}{chinese:>28}")
    note = (
        f"{args.people:,} simulated people, {args.seeds} seed(s) of each case; median and 10-90 %."
    )
    args.out.parent.mkdir(parents=True, exist_ok=True)
    chart(lost, note).savefig(args.out, dpi=150)
    print(f"{note}\nWritten to {args.out}")


if __name__ == "__main__":
    main()

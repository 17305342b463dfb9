"""The Clean Carrier line under two unknowns: contracts that are not public, and whether third
states follow.

Four variants of one ban on Chinese carriers, the shipped scenarios ``clean_network/carrier``,
``carrier_followed``, ``carrier_peers`` and ``carrier_followed_peers``: the Chinese carriers are
customers of the world's largest carriers, or their peers; the United States act alone, or with the
states of the Clean Network of 2020. Run it from any folder::

    uv run python notebooks/studies/clean_carrier_study.py
    uv run python notebooks/studies/clean_carrier_study.py --people 20000 --seeds 4 --out carrier.png

For the United States and China, it prints the remaining routes and their length, the load
at the border, and the contact between people from China in the United States and their families. A
line below the table shows for each variant whether contact changed. It also saves a chart. All
variants are what-if: no carrier was cut off.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import matplotlib.dates as mdates
import numpy as np
from matplotlib.figure import Figure

import splinternet as sn

VARIANTS = {
    "customers, alone": "clean_network/carrier",
    "customers, followed": "clean_network/carrier_followed",
    "peers, alone": "clean_network/carrier_peers",
    "peers, followed": "clean_network/carrier_followed_peers",
}
"""Relation of the Chinese carriers to the largest carriers, and states that ban them -> scenario.
"""

HOME = "US"
ORIGIN = "CN"
GROUP = "US<-CN"
COLUMNS = (
    "routes",
    "longer",
    "load US",
    "load CN",
    "WeChat use",
    "new VPNs",
    "cut off, at worst",
    "end",
)
LINES = ("-", "--", "-.", ":")
FEWEST = 3
"""Smallest number of simulated people without contact that is not chance [people]."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#4d4d4d")
"""Okabe and Ito: colour-blind readers can distinguish the colours; the lines can be distinguished
in grey as well.
"""


def of_pair(result: sn.Result, metric: str) -> float:
    """Return a metric of routes between the two states on the last day, median over seeds."""
    last = result[metric].sel(arm="policy", state=HOME, partner=ORIGIN).isel(date=-1)
    return float(last.median("seed"))


def load_of(result: sn.Result, state: str) -> float:
    """Return the traffic per capacity at a state's border on the last day, relative to before,
    median over seeds.
    """
    return float(result["border_load"].sel(arm="policy", state=state).isel(date=-1).median("seed"))


def use_kept(result: sn.Result) -> float:
    """Return WeChat's daily users in the United States on the last day, relative to no policy,
    median over seeds [1].
    """
    use = result["active_users"].sel(state=HOME, platform="WeChat").isel(date=-1)
    return float((use.sel(arm="policy") / use.sel(arm="baseline")).median("seed"))


def vpns_got(result: sn.Result) -> float:
    """Return the additional VPN users in the United States on the last day, median over seeds
    [persons].
    """
    users = result["vpn_users"].sel(state=HOME).isel(date=-1)
    return float((users.sel(arm="policy") - users.sel(arm="baseline")).median("seed"))


def cut_off(result: sn.Result) -> np.ndarray:
    """Return the share of the diaspora without any platform channel to the family, by day, median
    over seeds [1].
    """
    return np.asarray(result["family_contact_lost"].sel(group=GROUP, arm="policy").median("seed"))


def is_seen(result: sn.Result) -> bool:
    """Return whether enough simulated people of either end ever lose contact, by the median over
    members.
    """
    ever = result["family_contact_ever_lost_people"].isel(date=-1)
    lost = (ever.sel(arm="policy") - ever.sel(arm="baseline")).median("seed")
    groups = result.sampling.groups
    return any(
        round(float(lost.sel(group=one)) * groups[one].simulated / groups[one].real) >= FEWEST
        for one in (GROUP, f"family:{GROUP}")
    )


def verdict(result: sn.Result, name: str) -> str:
    """Return in words whether family contact visibly changed."""
    days = result["contact_days_lost"].sel(arm="policy")
    lost = {
        group: float(days.sel(group=group).sum("date").median("seed"))
        for group in (GROUP, f"family:{GROUP}")
    }
    if not any(lost.values()):
        return f"{name}: no family loses contact on any day; the cost is longer and fuller routes."
    if not is_seen(result):
        most = f"never more than {FEWEST - 1} simulated people of one group at once"
        return f"{name}: no family in this run loses contact ({most}); the cost is longer and fuller routes."
    ends = f"{lost[GROUP]:,.0f} person-days in the United States"
    return f"{name}: contact changes, by {ends} and {lost[f'family:{GROUP}']:,.0f} in China."


def chart(dates: list[str], lost: Mapping[str, np.ndarray], footnote: str) -> Figure:
    """Draw the share that is cut off over time, a line for each variant."""
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    days = np.array(dates, "datetime64[D]")
    for (name, series), line, colour in zip(lost.items(), LINES, COLOURS, strict=True):
        axes.plot(days, 100 * series, label=name, linestyle=line, color=colour, linewidth=2)
    axes.set_title(
        "Clean Carrier: contact lost turns on contracts that nobody outside knows (what-if)",
        loc="left",
    )
    axes.set_ylabel("People from China in the United States\nwithout a channel to their family [%]")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(axes.xaxis.get_major_locator()))
    axes.legend(frameon=False, title="Chinese carriers are ... of the largest, ban by the US ...")
    axes.text(0, -0.12, footnote, transform=axes.transAxes, fontsize=8, color="#555555")
    return figure


def row(result: sn.Result) -> tuple[str, ...]:
    """Return one line of the table, in the order of `COLUMNS`."""
    left = of_pair(result, "reachable_pairs")
    stretch = of_pair(result, "path_stretch")
    lost = cut_off(result)
    loads = (f"{load_of(result, state):.2f}" for state in (HOME, ORIGIN))
    vpn = f"{vpns_got(result) / 1e3:.0f} k"
    longer = f"{stretch - 1:+.0%}" if left > 0 else "none left"
    return (
        f"{left:.0%}",
        longer,
        *loads,
        f"{use_kept(result):.1%}",
        vpn,
        f"{lost.max():.2%}",
        f"{lost[-1]:.2%}",
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the variants, print the table and what follows for families, and save the chart."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--people", type=int, default=10_000, help="simulated people (default 10000)"
    )
    parser.add_argument("--seeds", type=int, default=2, help="seeds of each variant (default 2)")
    parser.add_argument("--days", type=int, help="days to run, instead of the scenarios' own")
    parser.add_argument("--jobs", type=int, help="number of processes; by default one per core")
    parser.add_argument(
        "--out", type=Path, default=Path("clean_carrier_study.png"), help="the chart to write"
    )
    args = parser.parse_args(arguments)
    changed = {} if args.days is None else {"days": args.days}
    lost: dict[str, np.ndarray] = {}
    verdicts = []
    print("Between the United States and China, on the last day, against no policy")
    print(f"{'':21}" + "".join(f"{name:>{max(10, len(name) + 2)}}" for name in COLUMNS))
    for name, scenario in VARIANTS.items():
        result = sn.run(scenario, people=args.people, seeds=args.seeds, jobs=args.jobs, **changed)
        cells = zip(COLUMNS, row(result), strict=True)
        print(
            f"{name:21}" + "".join(f"{cell:>{max(10, len(column) + 2)}}" for column, cell in cells),
            flush=True,
        )
        lost[name] = cut_off(result)
        verdicts.append(verdict(result, name))
    print("\n" + "\n".join(verdicts))
    note = f"{args.people:,} simulated people, {args.seeds} seed(s) of each variant; medians. Links are stylised."
    args.out.parent.mkdir(parents=True, exist_ok=True)
    chart(list(result.dates), lost, note).savefig(args.out, dpi=150)
    print(f"Written to {args.out}")


if __name__ == "__main__":
    main()

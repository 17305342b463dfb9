"""Who gains when the United States bans a Chinese platform: time and money by firm and home state.

For each of three scenarios of 2020 (TikTok, WeChat, Alibaba), the script shows the changes by the
ban:

- minutes a day on the last day, and US$ over the run, by firm, its home and the state of its users,
  with intervals;
- the same for all firms of each home state, everywhere, and the share of their total;
- whether firms of the United States gain, in words: yes, no, or not sure;
- the concentration of use in the United States by owner.

Run it from any folder::

    uv run python notebooks/studies/silicon_valley_gain.py
    uv run python notebooks/studies/silicon_valley_gain.py alibaba_ban --people 20000 --seeds 4

It prints a table and saves a chart for each. None of the bans took effect. A day has no more
minutes than before: a part of the time and money that a platform loses is not spent, and the rest
goes to others. Changes that may be zero have no row.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

import splinternet as sn

SCENARIOS = ("tiktok_ban_2020", "wechat_as_ordered", "alibaba_ban")
STATE = "US"
CHART = "firm_gains"


def concentration(result: sn.Result) -> tuple[float, np.ndarray]:
    """Return the concentration of use without the ban, and its change on the last day by seed
    [index, 0 to 1].
    """
    index = result["concentration"].sel(state=STATE).isel(date=-1)
    without, with_ban = (np.asarray(index.sel(arm=arm)) for arm in ("baseline", "policy"))
    return float(np.median(without)), with_ban - without


def spread(values: np.ndarray, form: str = "+,.0f") -> str:
    """Return ``median (10 % to 90 %)``."""
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9))
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def moves(amount: Any) -> bool:
    """Return whether the interval of a change of minutes or money excludes zero."""
    return bool(amount.change) and not amount.low <= 0.0 <= amount.high


def millions(amount: Any) -> str:
    """Return a change with its interval [millions]."""
    return f"{amount.change / 1e6:+,.1f} ({amount.low / 1e6:+,.1f} to {amount.high / 1e6:+,.1f})"


def table(result: sn.Result) -> str:
    """Return the gains and losses of time and money, in words and numbers."""
    lines = [f"{result.scenario.title} [{result.scenario.status}]"]
    sure = [
        row
        for row in (*result.firms.by_firm, *result.firms.by_home)
        if moves(row.revenue) or moves(row.minutes)
    ]
    if sure:
        lines.append(
            f"{'firm (home)':40}{'minutes a day [m]':>28}{'US$ [m]':>28}{'US$ at stake [m]':>18}"
        )
    for row in sure:
        place = f"in {row.users}" if row.users else "everywhere"
        name = f"{row.firm} ({row.home}), {place}" if row.firm else f"{row.home}, everywhere"
        lines.append(
            f"{name:40}{millions(row.minutes):>28}{millions(row.revenue):>28}{row.revenue.without / 1e6:18,.0f}"
        )
    if not sure:
        lines.append("No firm clearly gains or loses time or money.")
    before, change = concentration(result)
    lines.append(
        f"concentration over owners: {before:.4f} without the ban, change {spread(change, '+.4f')}"
    )
    return "\n".join(lines)


def answer(result: sn.Result) -> str:
    """Return in words whether firms of the United States gain by the ban: yes, no, or not clear."""
    of_home = [row.revenue for row in result.firms.by_home if row.home == STATE]
    change, low, high = (
        (of_home[0].change, of_home[0].low, of_home[0].high) if of_home else (0.0, 0.0, 0.0)
    )
    word = "Yes" if change > 0.0 else "No"
    if low <= 0.0 <= high:
        word = "Not sure"
    amounts = f"US$ {change / 1e6:+,.1f} million ({low / 1e6:+,.1f} to {high / 1e6:+,.1f})"
    return f"Does it play Silicon Valley's game? {word}: American firms, {amounts} over the run."


def chart_of(out: Path, name: str, most: int) -> Path:
    """Return the file of a scenario's chart: the given name, or one for each of several
    scenarios.
    """
    return out if most == 1 else out.with_stem(f"{out.stem}_{name}")


def main(arguments: list[str] | None = None) -> None:
    """Run the scenarios, print the tables and save a chart of each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "scenarios", nargs="*", metavar="SCENARIO", help=f"by default all of {', '.join(SCENARIOS)}"
    )
    parser.add_argument(
        "--people", type=int, default=10_000, help="simulated people (default 10000)"
    )
    parser.add_argument("--seeds", type=int, default=4, help="seeds of each scenario (default 4)")
    parser.add_argument("--days", type=int, help="days to run, instead of the scenarios' own")
    parser.add_argument("--jobs", type=int, help="number of processes; by default one per core")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("silicon_valley_gain.png"),
        help="the chart; one a scenario",
    )
    args = parser.parse_args(arguments)
    names = args.scenarios or SCENARIOS
    args.out.parent.mkdir(parents=True, exist_ok=True)
    for name in names:
        result = sn.run(name, people=args.people, days=args.days, seeds=args.seeds, jobs=args.jobs)
        path = chart_of(args.out, name, len(names))
        result.plot(CHART).savefig(path, dpi=150)
        print(table(result), answer(result), f"Written to {path}", sep="\n", end="\n\n", flush=True)


if __name__ == "__main__":
    main()

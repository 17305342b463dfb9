"""Who gains when the United States bans a Chinese platform: firms, users and time, by home state.

For each of three scenarios of 2020 - TikTok, WeChat, Alibaba - the change in the United States that the ban brings:

- daily users on the last day, summed over a firm's platforms (one person may use several);
- user-days over the run, the nearest this model comes to time: it counts visits a day, not minutes;
- the share of all use that goes to platforms of each home state, and the concentration over owners.

Run it from any folder::

    uv run python scenarios/silicon_valley_gain.py
    uv run python scenarios/silicon_valley_gain.py alibaba_ban --people 20000 --seeds 4

It prints a table for each and saves a chart. None of the bans took effect. More may be gained than lost: a person who
loses one platform may take up several, and the model knows no limit of hours in a day.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import splinternet as sn

SCENARIOS = ("tiktok_ban_2020", "wechat_as_ordered", "alibaba_ban")
STATE = "US"
SHOWN = 6
COLOURS = {"US": "#0072b2", "CN": "#d55e00"}


def by_firm(result: sn.Result) -> dict[tuple[str, str], np.ndarray]:
    """Return the change in daily users in the state by (firm, home), shape (seeds, days) [persons]."""
    active = result["active_users"].sel(state=STATE)
    gap = (active.sel(arm="policy") - active.sel(arm="baseline")).transpose("platform", "seed", "date")
    firms: dict[tuple[str, str], np.ndarray] = {}
    for platform, change in zip(gap["platform"].values, np.asarray(gap), strict=True):
        fact = result.scenario.facts.platforms[str(platform)]
        firms[fact.owner, fact.home] = firms.get((fact.owner, fact.home), 0.0) + change
    return firms


def by_home(firms: Mapping[tuple[str, str], np.ndarray]) -> dict[str, np.ndarray]:
    """Return the same, summed over the firms of each home state."""
    homes: dict[str, np.ndarray] = {}
    for (_, home), change in firms.items():
        homes[home] = homes.get(home, 0.0) + change
    return homes


def movers(firms: Mapping[tuple[str, str], np.ndarray], shown: int = SHOWN) -> list[tuple[str, str]]:
    """Return the firms that change most in user-days: the largest losers and gainers, the gainers first."""
    total = {firm: float(np.median(change.sum(axis=1))) for firm, change in firms.items()}
    ranked = sorted((firm for firm in total if total[firm] != 0), key=lambda firm: -total[firm])
    if len(ranked) <= 2 * shown:
        return ranked
    return [*ranked[:shown], *(firm for firm in ranked[-2:] if total[firm] < 0)]


def concentration(result: sn.Result) -> tuple[float, np.ndarray]:
    """Return the concentration of use without the ban, and its change on the last day by seed [index, 0 to 1]."""
    index = result["concentration"].sel(state=STATE).isel(date=-1)
    without, with_ban = (np.asarray(index.sel(arm=arm)) for arm in ("baseline", "policy"))
    return float(np.median(without)), with_ban - without


def spread(values: np.ndarray, form: str = "+,.0f") -> str:
    """Return ``median (10 % to 90 %)``."""
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9))
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def table(result: sn.Result, firms: Mapping[tuple[str, str], np.ndarray]) -> str:
    """Return who gains and loses, in words and numbers."""
    lines = [f"{result.scenario.title} [{result.scenario.status}]"]
    lines.append(f"{'firm (home)':34}{'daily users, last day [k]':>33}{'user-days over the run [m]':>35}")
    rows = [(f"{owner} ({home})", firms[owner, home]) for owner, home in movers(firms)]
    rows += [(f"all firms of {home}", change) for home, change in by_home(firms).items() if home in COLOURS]
    for name, change in rows:
        last, total = change[:, -1] / 1e3, change.sum(axis=1) / 1e6
        lines.append(f"{name:34}{spread(last):>33}{spread(total, '+,.1f'):>35}")
    before, change = concentration(result)
    lines.append(f"concentration over owners: {before:.4f} without the ban, change {spread(change, '+.4f')}")
    return "\n".join(lines)


def chart(found: Mapping[str, Mapping[tuple[str, str], np.ndarray]], footnote: str) -> Figure:
    """Draw user-days gained and lost by firm, a panel for each scenario."""
    figure = Figure(figsize=(10, 1 + 2.6 * len(found)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(len(found), 1))
    for axes, (name, firms) in zip(panels, found.items(), strict=True):
        shown = movers(firms)
        q = np.array([np.quantile(firms[firm].sum(axis=1), (0.1, 0.5, 0.9)) for firm in shown]) / 1e6
        q = q.reshape(-1, 3)
        colours = [COLOURS.get(home, "#888888") for _, home in shown]
        labels = [f"{owner} ({home})" for owner, home in shown]
        reach = np.abs(q[:, [0, 2]] - q[:, [1]]).T
        axes.barh(labels, q[:, 1], xerr=reach, color=colours, ecolor="#333333", capsize=3)
        axes.axvline(0, color="#333333", linewidth=0.8)
        axes.invert_yaxis()
        axes.set_title(name, loc="left")
        axes.set_xlabel("Change in user-days in the United States over the run [millions]")
    figure.supxlabel(footnote, fontsize=8, color="#555555", x=0.01, ha="left")
    return figure


def main(arguments: list[str] | None = None) -> None:
    """Run the scenarios, print the tables and save the chart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"all of {', '.join(SCENARIOS)} unless given")
    parser.add_argument("--people", type=int, default=10_000, help="simulated people (default 10000)")
    parser.add_argument("--seeds", type=int, default=4, help="members of each scenario (default 4)")
    parser.add_argument("--days", type=int, help="days to run, instead of the scenarios' own")
    parser.add_argument("--jobs", type=int, help="processes; one for each core unless given")
    parser.add_argument("--out", type=Path, default=Path("silicon_valley_gain.png"), help="the chart to write")
    told = parser.parse_args(arguments)
    found: dict[str, dict[tuple[str, str], np.ndarray]] = {}
    for name in told.scenarios or SCENARIOS:
        result = sn.run(name, people=told.people, days=told.days, seeds=told.seeds, jobs=told.jobs)
        found[name] = by_firm(result)
        print(table(result, found[name]), end="\n\n", flush=True)
    note = (
        f"Blue: American firms, orange: Chinese, grey: others. {told.people:,} simulated people, {told.seeds} "
        "member(s) of each scenario; median and 10-90 %."
    )
    told.out.parent.mkdir(parents=True, exist_ok=True)
    chart(found, note).savefig(told.out, dpi=150)
    print(f"{note}\nWritten to {told.out}")


if __name__ == "__main__":
    main()

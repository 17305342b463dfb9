"""Platforms that people use after orders of 2025 and 2026: ``uv run python
studies/where_they_go.py``.

The benchmark runs six orders, and the case of TikTok in August 2020. It prints results in the
acting state on the last day: platforms whose daily users clearly rise, with the 80 % interval and
the share of Internet users who used them before; the platforms that the program names as winners;
the largest loss of minutes among platforms that no target can replace; and VPN users as a share of
Internet users. Missed goals follow, and the exit code is then 1. With ``--people 5000 --seeds 12``
it takes some minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import splinternet as sn
from splinternet.facts.platforms import languages_of, scope_of
from splinternet.results import Result
from splinternet.text.findings import find
from splinternet.world.build import closeness_table
from splinternet.world.scenario_setting import make_setting

SOCIAL_MEDIA = (
    "YouTube",
    "Instagram",
    "Facebook",
    "TikTok",
    "Snapchat",
    "Pinterest",
    "Reddit",
    "Threads",
    "X",
    "Twitch",
)
"""Feeds and video platforms that at least 1 % of Internet users in Gabon have, the most used first.
"""
AGE_LAW = (
    "Facebook",
    "Instagram",
    "Threads",
    "TikTok",
    "Snapchat",
    "X",
    "YouTube",
    "Reddit",
    "Twitch",
)
ORDERS = {
    "Gabon": ("GA", date(2026, 2, 17), "isp", SOCIAL_MEDIA),
    "Australia": ("AU", date(2025, 12, 10), "isp", AGE_LAW),
    "Vietnam": ("VN", date(2025, 6, 2), "isp", ("Telegram",)),
    "Tanzania": ("TZ", date(2025, 5, 20), "isp", ("X",)),
    "Russia": ("RU", date(2026, 1, 15), "dpi", ("WhatsApp",)),
    "Brazil": ("BR", date(2025, 3, 1), "isp", ("Google Search",)),
}
"""Blocks, five reported by the press and one of a search engine: acting state, first day,
technique, platforms.
"""
DAYS_BEFORE, DAYS = 28, 208
"""Days before the order, and of the whole run [days]."""
TIKTOK = "tiktok_ban_2020"
LEAST_GAIN = 0.001
"""Smallest printed gain, as a share of Internet users [1] (assumption)."""
UNRELATED_LOSS, VPN_RISE, VPN_MOST = 0.03, 1.5, 0.36
"""Goals: largest loss of minutes of unrelated platforms [1], largest factor of VPN users for a
search engine, and largest share of VPN users in Russia, as in its record of three years [1].
"""


def case(name: str) -> dict[str, Any]:
    """Return the scenario of an order."""
    state, first, technique, platforms = ORDERS[name]
    policy = {
        "id": "block-1",
        "on": first,
        "by": state,
        "instrument": "block",
        "technique": technique,
        "targets": list(platforms),
    }
    return {
        "title": f"{name}: block from {first}",
        "start": first - timedelta(days=DAYS_BEFORE),
        "days": DAYS,
        "world": {"facts": "world-2025"},
        "policies": [policy],
    }


def last_day(result: Result, metric: str, state: str) -> Iterator[dict[str, float | str]]:
    """Yield the rows of a metric in a state on the last day."""
    for row in result.rows():
        if (row["metric"], row["state"], row["at"]) == (metric, state, "end"):
            yield {key: value or 0.0 for key, value in row.items()}


def unrelated_loss(result: Result, state: str, targets: set[str]) -> float:
    """Return the largest loss of minutes of a platform that replaces no target [1]."""
    setting = make_setting(result.scenario)
    kinds, close = result.scenario.facts.kinds, closeness_table(setting)
    kind = {name: kinds.index(fact.kind) for name, fact in setting.platform_facts.items()}
    lost = [
        -float(row["effect"]) / float(row["baseline"])
        for row in last_day(result, "minutes", state)
        if float(row["baseline"]) > 0
        and str(row["platform"]) not in targets
        and not any(close[kind[str(row["platform"])], kind[target]] for target in targets)
    ]
    return max(lost, default=0.0)


def winners(result: Result) -> list[str]:
    """Return the platforms that the findings of a run name as winners."""
    return [each.platform for each in find(result) if each.kind == "gain"]


def faults(name: str, result: Result) -> Iterator[str]:
    """Print the gains and losses of platforms in a run, and yield the missed goals."""
    policy = result.scenario.policies[0]
    state, targets = (
        policy.by[0],
        {target for each in result.scenario.policies for target in each.targets},
    )
    online = result.members[0][0].internet_users[state]
    print(f"\n{name}: {result.scenario.title}")
    for row in last_day(result, "active_users", state):
        platform, low, high, before = (
            row["platform"],
            float(row["low"]),
            float(row["high"]),
            float(row["baseline"]),
        )
        if platform in targets or low < LEAST_GAIN * online:
            continue
        print(
            f"  {platform:16} +{low / 1e6:.2f}m to {high / 1e6:.2f}m, {before / online:.1%} before"
        )
        scope = scope_of(str(platform))
        if not scope.takes_numbers_of(state) or not scope.speaks(languages_of(state)):
            yield f"{name}: {platform} gains, and takes no numbers of {state} or does not speak its languages"
    print(f"  winners: {', '.join(winners(result)) or 'none named'}")
    lost = unrelated_loss(result, state, targets)
    print(f"  unrelated platforms lose at most {lost:.1%} of their minutes")
    if lost > UNRELATED_LOSS:
        yield f"{name}: an unrelated platform loses {lost:.0%} of its minutes"
    for row in last_day(result, "vpn_users", state):
        before, now, low, high = (float(row[key]) for key in ("baseline", "policy", "low", "high"))
        ends = f"{(before + low) / online:.2f} to {(before + high) / online:.2f}"
        print(f"  VPN users {before / online:.3f} -> {now / online:.3f} of Internet users ({ends})")
        if name == "Brazil" and now > VPN_RISE * before:
            yield f"Brazil: VPN users rise {now / before:.1f} times for one search engine"
        if name == "Russia" and now / online > VPN_MOST:
            yield f"Russia: {now / online:.2f} of Internet users with a VPN, more than the record has seen"


def main() -> int:
    """Run the orders; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of " + ", ".join([*ORDERS, "TikTok"]))
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--seeds", type=int, default=6)
    asked = parser.parse_args()
    missed: list[str] = []
    won: dict[str, list[str]] = {}
    for name in asked.names or [*ORDERS, "TikTok"]:
        source = TIKTOK if name == "TikTok" else case(name)
        spec = sn.load(source, people=asked.people)
        result = sn.run(spec, seeds=asked.seeds)
        missed += faults(name, result)
        won[name] = winners(result)
    orders = [names for name, names in won.items() if name not in ("Brazil", "TikTok")]
    if orders and not any(orders):
        missed.append("No winner is named in any of the orders")
    if not won.get("TikTok", ["not asked"]):
        missed.append("TikTok: no winner is named")
    print("\nGoals missed:" if missed else "\nNo goal is missed.", *missed, sep="\n  ")
    return bool(missed)


if __name__ == "__main__":
    raise SystemExit(main())

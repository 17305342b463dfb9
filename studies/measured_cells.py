"""Counts of measured figures of use among the platforms that states have restricted.

``uv run python studies/measured_cells.py --states 60`` takes the states with the most rows in
``block_history.csv`` and each platform that they have restricted, and prints how many of these
figures have a source, are a regional median, or are another assumption: in the general world of
2025, in the world in which the state acts on a day, and on the eve of its latest order against the
platform. ``--list`` names those without a source; ``--draw 20`` prints some of the rows of
``use_at_home.csv``, to check by hand.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from datetime import date

from splinternet.facts import load_facts
from splinternet.facts.history import Restriction
from splinternet.facts.loading import facts_on
from splinternet.facts.model import Facts, find_platform
from splinternet.facts.platforms import AtHome, use_anywhere, where_acting
from splinternet.facts.tables import read
from splinternet.facts.worlds import nearest_world

type Cells = dict[tuple[str, str], str]


def target_cells(states: int, world: str) -> list[tuple[str, str, date]]:
    """Return each restricted platform of the states with most rows, with the first day of its
    latest order.
    """
    facts, rows = load_facts(world), list(read(Restriction).values())
    most = {state for state, _ in Counter(row.state for row in rows).most_common(states)}
    latest: dict[tuple[str, str], date] = {}
    for row in rows:
        name = find_platform(row.platform, facts.whole or facts)
        if row.state in most and name in facts.platforms:
            pair, since = (row.state, name), date.fromisoformat(row.since)
            latest[pair] = max(since, latest.get(pair, since))
    return [(*pair, since) for pair, since in sorted(latest.items())]


def kind_of(state: str, platform: str, facts: Facts) -> str:
    """Return the kind of the figure of use of a platform in a state."""
    if platform not in facts.platforms:
        return "not in the world of that day"
    figure = use_anywhere(state, platform, facts)
    guess = "regional median" if "median" in figure.source else "other assumption"
    return guess if figure.basis == "assumption" else "measured"


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--states", type=int, default=60)
    parser.add_argument("--world", default="world-2025")
    parser.add_argument(
        "--on", type=date.fromisoformat, default=date(2026, 1, 1), help="a day of 2026 by default"
    )
    parser.add_argument("--list", action="store_true", help="name those without a source")
    parser.add_argument(
        "--draw", type=int, default=0, help="number of random rows of the table to print (--seed)"
    )
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    cells = target_cells(wanted.states, wanted.world)

    def acting(state: str, platform: str, day: date) -> str:
        return kind_of(
            state, platform, where_acting(facts_on(nearest_world(day), day), frozenset({state}))
        )

    world = load_facts(wanted.world)
    ways: dict[str, Cells] = {
        "for everybody": {(s, p): kind_of(s, p, world) for s, p, _ in cells},
        f"where the state acts, {wanted.on}": {
            (s, p): acting(s, p, wanted.on) for s, p, _ in cells
        },
        "where the state acts, on the day of its latest order": {
            (s, p): acting(s, p, day) for s, p, day in cells
        },
    }
    for way, kinds in ways.items():
        print(way)
        for kind, number in Counter(kinds.values()).most_common():
            print(f"  {kind:<29} {number:>4} of {len(kinds)} ({number / len(kinds):.1%})")
    for (state, platform), kind in list(ways.values())[1].items() if wanted.list else ():
        if kind != "measured":
            print(f"{state} {platform}: {kind}")
    rows = list(read(AtHome).values())
    for row in random.Random(wanted.seed).sample(rows, min(wanted.draw, len(rows))):
        print(
            f"{row.state} {row.platform} {row.since} to {row.until}: {row.value:g} of {row.population}"
        )
        print(f"    {row.note}; {row.source}")


if __name__ == "__main__":
    main()

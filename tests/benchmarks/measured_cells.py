"""Which figures of use of what states have blocked are measured.

``uv run python tests/benchmarks/measured_cells.py --states 60`` takes the states with the most rows in
``block_history.csv`` and each platform that any of them has restricted there, and prints how many of these figures of
the world of 2025 have a source, are a regional median, or are another assumption; ``--list`` names those without one.
"""

from __future__ import annotations

import argparse
from collections import Counter

from splinternet.facts import load_facts
from splinternet.facts.history import Restriction
from splinternet.facts.model import find_platform
from splinternet.facts.tables import read
from splinternet.scenario.doubts import use_anywhere


def target_cells(states: int, world: str) -> dict[tuple[str, str], str]:
    """Return what kind of figure each restricted platform has, by state and platform, in the states with most rows."""
    facts, rows = load_facts(world), list(read(Restriction).values())
    most = [state for state, _ in Counter(row.state for row in rows).most_common(states)]
    pairs = {(row.state, find_platform(row.platform, facts)) for row in rows if row.state in most}
    kinds = {}
    for state, platform in sorted((s, p) for s, p in pairs if p is not None):
        figure = use_anywhere(state, platform, facts)
        guess = "regional median" if "median" in figure.source else "other assumption"
        kinds[state, platform] = guess if figure.basis == "assumption" else "measured"
    return kinds


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--states", type=int, default=60)
    parser.add_argument("--world", default="world-2025")
    parser.add_argument("--list", action="store_true", help="name those without a source")
    wanted = parser.parse_args()
    kinds = target_cells(wanted.states, wanted.world)
    for kind, number in Counter(kinds.values()).most_common():
        print(f"{kind:<16} {number:>4} of {len(kinds)} ({number / len(kinds):.1%})")
    for (state, platform), kind in kinds.items() if wanted.list else ():
        if kind != "measured":
            print(f"{state} {platform}: {kind}")


if __name__ == "__main__":
    main()

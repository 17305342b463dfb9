"""What every shipped scenario says: ``uv run python -m tests.helpers.all_findings --people 3000 --seeds 3``.

Prints title, connectivity lost and three findings of each, and how many of the scenarios that restrict something have a
finding. It takes about ten minutes at this size; names of scenarios may be given.
"""

from __future__ import annotations

from argparse import ArgumentParser

import splinternet as sn
from splinternet.results import Result
from splinternet.shipped import shipped
from splinternet.text.findings import find
from splinternet.text.numbers import WIDTH
from splinternet.text.terminal import MOST_LINES, first_lines


def restricts(result: Result) -> bool:
    """Return whether a scenario restricts something: platforms or networks."""
    return bool(result.scenario.scene.acting) or any(policy.CUTS_NETWORKS for policy in result.scenario.policies)


def faults(result: Result) -> list[str]:
    """Return what is wrong with the answer of a run: too long, too wide, or a finding that may be zero."""
    lines = first_lines(result)
    found = [f"{len(lines)} lines"] if len(lines) > MOST_LINES else []
    found += [f"too wide: {line.text}" for line in lines if len(line.text) > WIDTH]
    for one in find(result):
        if one.row is not None and one.kind not in ("kept", "no_contact", "level"):
            low, high = sorted((float(one.row["low"] or 0.0), float(one.row["high"] or 0.0)))
            found += [f"may be zero: {one.kind} {one.platform} {one.group}"] if low <= 0 <= high else []
    return found


def main() -> None:
    """Run the scenarios and print what they say."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--people", type=int, default=3_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--days", type=int)
    asked = parser.parse_args()
    restrict, have = 0, 0
    for name in asked.names or shipped():
        result = sn.run(name, people=asked.people, seeds=asked.seeds, days=asked.days, jobs=1)
        restrict, have = restrict + restricts(result), have + (restricts(result) and bool(find(result)))
        print(f"--- {name}", *(line.text for line in first_lines(result)), *faults(result), sep="\n")
    print(f"{restrict} scenarios restrict something; {have} of them have a finding")


if __name__ == "__main__":
    main()

"""What every shipped scenario says: ``uv run python benchmarks/all_findings.py --people 3000 --seeds 3``.

Prints title, connectivity lost and three findings of each, and what breaks the rules of what is said: an answer of more
than eighteen lines or wider than a terminal, a finding or a title of which the interval includes zero, a title of more
than twelve words. With ``--reports`` it also writes the report of each and opens it on a desktop and a phone: a page of
more than 3 MB, or a picture below the first screen, breaks a rule as well. It takes about ten minutes at this size, and
three times as long with reports; names of scenarios may be given. The exit code is 1 where a rule is broken.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))  # the rules are those of the tests

from browsing import started
from playwright.sync_api import Browser
from summary_numbers import faults, restricts

import splinternet as sn
from splinternet.results import Result
from splinternet.shipped import shipped
from splinternet.text.findings import find
from splinternet.text.terminal import first_lines

LARGEST = 3_000_000
"""Of a report [bytes]."""
SCREENS = ((1280, 800), (390, 844))
"""A desktop and a phone, width and height [pixels]."""


def faults_of_report(result: Result, browser: Browser, folder: Path) -> list[str]:
    """Return which rules the report of a run breaks."""
    path = result.report(folder / "report.html")
    size = path.stat().st_size
    found = [f"a report of {size / 1e6:.1f} MB"] if size > LARGEST else []
    for width, height in SCREENS:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(path.as_uri())
        box = page.locator("figure img").first.bounding_box() if page.locator("figure img").count() else None
        if box is not None and box["y"] + box["height"] > height:
            found.append(f"the picture ends at {box['y'] + box['height']:.0f} of {height} pixels, {width} wide")
        page.close()
    return found


def main() -> int:
    """Run the scenarios, print what they say, and return 1 where a rule is broken."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--people", type=int, default=3_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--days", type=int)
    parser.add_argument("--reports", action="store_true")
    asked = parser.parse_args()
    restrict, have, broken = 0, 0, 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        browser = stack.enter_context(started()) if asked.reports else None
        for name in asked.names or shipped():
            result = sn.run(name, people=asked.people, seeds=asked.seeds, days=asked.days, jobs=1)
            restrict, have = restrict + restricts(result), have + (restricts(result) and bool(find(result)))
            wrong = faults(result) + ([] if browser is None else faults_of_report(result, browser, folder))
            broken += len(wrong)
            print(f"--- {name}", *(line.text for line in first_lines(result)), *(f"!!! {each}" for each in wrong),
                  sep="\n", flush=True)  # fmt: skip
    print(f"{restrict} scenarios restrict something; {have} of them have a finding; {broken} rules are broken")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())

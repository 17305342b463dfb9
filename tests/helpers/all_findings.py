"""What every shipped scenario says: ``uv run python -m tests.helpers.all_findings --people 3000 --seeds 3``.

Prints title, connectivity lost and three findings of each, and what breaks the rules of what is said: an answer of more
than eighteen lines or wider than a terminal, a finding or a title of which the interval includes zero, a title of more
than twelve words. With ``--reports`` it also writes the report of each and opens it on a desktop and a phone: a page of
more than 3 MB, or a picture below the first screen, breaks a rule as well. It takes about ten minutes at this size, and
three times as long with reports; names of scenarios may be given. The exit code is 1 where a rule is broken.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent))  # as the tests have it

from browsing import started
from playwright.sync_api import Browser
from summary_numbers import DERIVED, held, missing

import splinternet as sn
from splinternet import plots
from splinternet.plots.page import MOST_WORDS, Caption, House, Place, house_style
from splinternet.results import Result
from splinternet.shipped import shipped
from splinternet.text.findings import find
from splinternet.text.numbers import WIDTH
from splinternet.text.reportable import is_sure
from splinternet.text.terminal import MOST_LINES, first_lines

LARGEST = 3_000_000
"""Of a report [bytes]."""
SCREENS = ((1280, 800), (390, 844))
"""A desktop and a phone, width and height [pixels]."""
UNCHANGED = ("kept", "no_contact", "level")
"""Findings that something does not change."""
REPEATED = ("card", "overview")
"""Charts that have the title of another."""


def restricts(result: Result) -> bool:
    """Return whether a scenario restricts something: platforms or networks."""
    return bool(result.scenario.scene.acting) or any(policy.cuts_networks() for policy in result.scenario.policies)


def captions(result: Result) -> Iterator[tuple[str, Caption]]:
    """Yield the words of every chart that fits a run, without the work of laying it out."""
    for name, chart in plots.charts().items():
        if chart.fits(result):
            with house_style():
                figure = House(result=result, figsize=chart.size(result) if chart.size else (10.0, 6.25))
                figure.set_layout_engine("none")
                yield name, chart.function(result, Place(figure, name, is_page=True))


def faults(result: Result) -> list[str]:
    """Return which rules the answer and the charts of a run break."""
    lines = first_lines(result)
    found = [f"{len(lines)} lines"] if len(lines) > MOST_LINES else []
    found += [f"too wide: {line.text}" for line in lines if len(line.text) > WIDTH]
    for one in find(result):
        if one.row is not None and one.kind not in UNCHANGED and not is_sure(one.row):
            found.append(f"may be zero: {one.kind} {one.platform} {one.group}")
    sure = held(result, is_sure)
    for name, caption in captions(result):
        if not 3 <= len(caption.title.split()) <= MOST_WORDS:
            found.append(f"{len(caption.title.split())} words: {caption.title}")
        if not caption.nothing and name not in (*DERIVED, *REPEATED) and (unsure := missing(caption.title, sure)):
            found.append(f"not of a sure row: {', '.join(unsure)} in: {caption.title}")
    return found


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

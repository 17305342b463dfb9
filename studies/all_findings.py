"""Findings of every shipped scenario: ``uv run python studies/all_findings.py --people 3000 --seeds
3``.

The script prints title, lost connectivity and three findings of each, and broken rules of texts: an
answer of more than eighteen lines or wider than a terminal, a finding or a title whose interval
includes zero, a title of more than twelve words. With ``--reports`` it also writes the report of
each and opens it on a desktop and a phone: a page of more than 3 MB, or a picture below the first
screen, also breaks a rule, and a table shows the worst. It takes about ten minutes at this size,
and three times as long with reports; names of scenarios select some. The exit code is 1 if a rule
is broken.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(
    0, str(Path(__file__).parents[1] / "tests" / "helpers")
)  # the rules come from the tests

from browsing import started
from playwright.sync_api import Browser
from summary_numbers import faults, restricts

import splinternet as sn
from splinternet.core.shipped import shipped
from splinternet.results import Result
from splinternet.text.findings import find
from splinternet.text.terminal import first_lines

LARGEST = 3_000_000
"""Largest size of a report [bytes]."""
SCREENS = ((1280, 800), (390, 844))
"""A desktop and a phone, width and height [pixels]."""
SHOWN = 5
"""Number of scenarios in the table of the worst."""


def measured(result: Result, browser: Browser, folder: Path) -> list[float]:
    """Return the bytes of the report of a run, and the lower edge of its first picture on each
    screen [share of its height].

    A report without a picture has 0.
    """
    path = result.report(folder / "report.html")
    found: list[float] = [path.stat().st_size]
    for width, height in SCREENS:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(path.as_uri())
        shown = page.locator("figure img:visible")
        box = shown.first.bounding_box() if shown.count() else None
        found.append(0.0 if box is None else (box["y"] + box["height"]) / height)
        page.close()
    return found


def faults_of_report(size: float, *ends: float) -> list[str]:
    """Return the rules that a report breaks, from its size and the lower edge of its picture."""
    found = [f"a report of {size / 1e6:.1f} MB"] if size > LARGEST else []
    for (width, height), end in zip(SCREENS, ends, strict=True):
        if end > 1:
            found.append(f"the picture ends at {end * height:.0f} of {height} pixels, {width} wide")
    return found


def worst(reports: dict[str, list[float]]) -> list[str]:
    """Return lines on the largest reports and on those with the lowest pictures."""
    shown = [
        ("bytes", "{:,.0f}"),
        *((f"{width} x {height}: picture ends at", "{:.0%}") for width, height in SCREENS),
    ]
    lines = []
    for at, (what, form) in enumerate(shown):
        most = sorted(reports, key=lambda name: -reports[name][at])[:SHOWN]
        lines += [
            f"{what}: " + ", ".join(f"{name} {form.format(reports[name][at])}" for name in most)
        ]
    return [
        *lines,
        "without a picture: "
        + ", ".join(name for name, (_, *ends) in reports.items() if not any(ends)),
    ]


def main() -> int:
    """Run the scenarios, print their findings, and return 1 if a rule is broken."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--people", type=int, default=3_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--days", type=int)
    parser.add_argument("--reports", action="store_true")
    asked = parser.parse_args()
    restrict, have, broken = 0, 0, 0
    reports = dict[str, list[float]]()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        browser = stack.enter_context(started()) if asked.reports else None
        for name in asked.names or shipped():
            result = sn.run(name, people=asked.people, seeds=asked.seeds, days=asked.days, jobs=1)
            restrict, have = (
                restrict + restricts(result),
                have + (restricts(result) and bool(find(result))),
            )
            wrong = faults(result)
            if browser is not None:
                reports[name] = measured(result, browser, folder)
                wrong += faults_of_report(*reports[name])
            broken += len(wrong)
            print(
                f"--- {name}",
                *(line.text for line in first_lines(result)),
                *(f"!!! {each}" for each in wrong),
                sep="\n",
                flush=True,
            )
    print(*worst(reports), sep="\n")
    print(
        f"{restrict} scenarios restrict something; {have} of them have a finding; {broken} rules are broken"
    )
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())

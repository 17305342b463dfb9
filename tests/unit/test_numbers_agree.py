"""Text, table, charts and report of one run never disagree: every number in them is one of its `summary.json`.

A number counts as held when a row of the summary gives it in one of the forms in which this program prints numbers.
What no row holds is listed here by name, with where it comes from; anything else fails.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from test_report import H, parsed, words_of
from toy_results import toy_result

import splinternet as sn
from sim import plots
from sim.app.report import report_html
from sim.results import Result
from sim.text import terminal
from sim.text.findings import headline
from sim.text.numbers import compact, number, percent
from sim.text.reportable import shown_movers

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?: %| million| billion|[km]\b|bn\b)?")
FIXED = re.compile(
    r"\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
    r"|\d{4}-\d\d-\d\d|(?:7|30|90) days|10-90 %|[<\w-]*\(UN DESA\)"
)
"""Dates, and lengths and intervals that belong to a metric's name."""
NOT_IN_THE_SUMMARY = {
    r"^Ties that came back: \d+ % of those that had been cut": "ratio of two rows",
    r"US\$": "money by firm: sums over platforms, and what is at stake from the facts",
    r"^The largest diasporas|^More people have come": "sizes of diasporas, from the facts",
    r"^What people in .* use most|^Targets in": "shares of the baseline's daily users",
    r"^No group (?:lost|is seen to lose) contact": "sizes of samples",
}
"""Sentences of the headline with a number from elsewhere: how they begin, and where it comes from."""
DERIVED = {
    "active_users": "share of the first day",
    "atlas": "number of pairs and states",
    "blocs": "differences of indices",
    "contact_map": "share of all ties that are drawn",
    "contact_matrix": "ratio of two rows",
    "firm_gains": "money by firm",
    "flows": "share of all moves",
    "observed": "the scenario's title, and how many figures lie within tolerance",
    "reconnection": "sum over ways",
    "vpn_users": "ratio of two rows",
}
"""Charts whose title has a number that is worked out of rows or days."""
TABLES = ("Ever lost", "Lost every", "Days without", "People who", "Conversations", "Kin ties", "Ties that")
"""Rows of the terminal's tables of contact."""

RUNS = {
    "toy": lambda: toy_result(5, 120),
    "block": lambda: sn.run("wechat_full_block", people=1_000, seeds=2, days=60),
    "border": lambda: sn.run("russia_cut_off", people=1_000, seeds=1, days=35),
    "routes": lambda: sn.run("carriers_leave_russia_2022", people=1_000, seeds=1, days=30),
    "platform": lambda: sn.run("events/br_x_2024", people=1_000, seeds=2, days=32),
}


@pytest.fixture(scope="module", params=RUNS)
def result(request: pytest.FixtureRequest) -> Result:
    return RUNS[request.param]()


@pytest.fixture(scope="module")
def known(result: Result) -> set[str]:
    return held(result)


def held(result: Result) -> set[str]:
    """Return every number that the summary of a run holds, as this program may print it."""
    found = {"0", "0 %", "1", "100 %"}
    for row in json.loads(json.dumps(result.rows())):  # as summary.json holds them
        values = [abs(row[key]) for key in ("baseline", "policy", "effect", "low", "high") if row[key] is not None]
        said = [form for v in values for form in (number(v), percent(v), compact(row["metric"], v))]
        for text in (*said, f"{row['simulated'] or 0:,}"):
            for each in NUMBER.findall(text):
                found |= {each, each.split()[0]}
    return found


def missing(text: str, known: set[str]) -> list[str]:
    return [each for each in NUMBER.findall(FIXED.sub(" ", text)) if each.rstrip(",") not in known]


def test_every_number_of_the_headline_is_in_the_summary(result: Result, known: set[str]) -> None:
    checked = [s for s in headline(result) if not any(re.search(begins, s) for begins in NOT_IN_THE_SUMMARY)]
    assert checked
    assert {s: missing(s, known) for s in checked if missing(s, known)} == {}


def test_the_border_that_fills_most_has_a_row_whoever_the_scenario_names() -> None:
    made = RUNS["border"]()
    (said,) = [s for s in headline(made) if s.startswith("The border that fills most")]
    (load,) = re.findall(r"reaches ([\d.,]+) times", said)
    rows = [r for r in made.rows() if r["metric"] == "border_load" and r["at"] == "peak"]
    top = max(rows, key=lambda row: row["policy"])
    assert load == number(top["policy"])
    assert top["state"] not in made.focus.states
    assert top["policy"] == pytest.approx(max(pair[1].arrays["border_load"].max() for pair in made.members))


def test_every_number_of_the_tables_is_in_the_summary(result: Result, known: set[str]) -> None:
    lines = terminal.text(result, width=160).splitlines()
    start = next((n for n, line in enumerate(lines) if line.startswith("Daily users on")), len(lines))
    users = [line for line in lines[start + 4 :]]
    users = users[: users.index("")] if "" in users else users
    contact = [line.strip() for line in lines if line.strip().startswith(TABLES)]
    checked = [re.sub(r"^.*?\]", "", line) for line in contact] + users
    assert {line: missing(line, known) for line in checked if missing(line, known)} == {}
    assert users or not shown_movers(result, 1)


def test_every_number_of_a_chart_title_is_in_the_summary(result: Result, known: set[str]) -> None:
    drawn = [name for name, chart in plots.charts().items() if chart.fits(result) and name not in DERIVED]
    titles = {name: result.plot(name).title for name in drawn}
    assert {title: missing(title, known) for title in titles.values() if missing(title, known)} == {}


def test_the_report_says_what_the_headline_says() -> None:
    made = RUNS["toy"]()
    page = parsed(report_html([made]))
    said = words_of(page).replace("\u00a0", " ")
    for sentence in headline(made):
        assert " ".join(sentence.split()) in said
    assert plots.main_chart(made) not in DERIVED
    assert not missing(next(page.iter(f"{H}img")).get("alt", "").partition(". ")[0], held(made))


def test_a_number_that_the_summary_does_not_hold_is_found() -> None:
    made = toy_result(3, 60)
    baseline, policy = made.members[0]
    other = policy.arrays | {"active_users": policy.arrays["active_users"] * 0.917}
    changed = Result(made.scenario, [(baseline, replace(policy, arrays=other)), *made.members[1:]], made.info)
    said = next(s for s in headline(changed) if "loses most" in s)
    assert missing(said, held(made))

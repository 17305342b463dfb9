"""Text, table, charts and report of one run never disagree: every number in them is one of its
`summary.json`.

A number counts as held when an entry of the summary gives it in one of the forms in which this
program prints numbers. What no entry holds is listed by name in `summary_numbers`, with where it
comes from; anything else fails.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest
from conftest import blank_pages
from summary_numbers import (
    DERIVED,
    faults,
    held,
    missing,
    report_cells,
    sentences,
    table_lines,
    titles,
)
from test_one_number import run_of as small_run
from test_report import H, parsed, words_of
from toy_results import toy_result

from splinternet import plots
from splinternet.app.report import report_html
from splinternet.results import Result
from splinternet.text import finding_sentences
from splinternet.text.reportable import shown_movers

RUNS = {
    "toy": lambda: toy_result(5, 120),
    "block": lambda: small_run("wechat_full_block"),
    "border": lambda: small_run("russia_cut_off"),
    "platform": lambda: small_run("events/br_x_2024"),
}


@cache
def run_of(name: str) -> Result:
    return RUNS[name]()


@pytest.fixture(scope="module", params=RUNS)
def result(request: pytest.FixtureRequest) -> Result:
    return run_of(request.param)


@pytest.fixture(scope="module")
def known(result: Result) -> set[str]:
    return held(result)


def test_every_number_of_the_headline_is_in_the_summary(result: Result, known: set[str]) -> None:
    checked = sentences(result)
    assert checked
    assert {s: missing(s, known) for s in checked if missing(s, known)} == {}


def test_the_border_that_fills_most_has_a_row_whoever_the_scenario_names() -> None:
    made = run_of("border")
    (said,) = [
        each
        for each in finding_sentences.sentences(made)
        if each.startswith("Links across the border of")
    ][:1]
    (load,) = re.findall(r"([\d.,]+) times as full", said)
    rows = [r for r in made.rows() if r["metric"] == "border_load" and r["at"] == "peak"]
    top = max(rows, key=lambda row: row["policy"])
    assert float(load.replace(",", "")) == pytest.approx(top["policy"], rel=0.03)
    assert top["state"] not in made.focus.states
    assert top["policy"] == pytest.approx(
        max(pair[1].arrays["border_load"].max() for pair in made.members)
    )


def test_every_number_of_the_tables_is_in_the_summary(result: Result, known: set[str]) -> None:
    checked = table_lines(result)
    assert {line: missing(line, known) for line in checked if missing(line, known)} == {}
    assert checked or not shown_movers(result, 1)


def test_every_number_of_a_chart_title_is_in_the_summary(result: Result, known: set[str]) -> None:
    assert {title: missing(title, known) for title in titles(result) if missing(title, known)} == {}


def test_what_a_run_says_is_sure_and_short(result: Result) -> None:
    assert faults(result) == []


def test_every_number_of_the_tables_of_the_report_is_in_the_summary(
    result: Result, known: set[str]
) -> None:
    with blank_pages():
        cells = report_cells(result)
    assert {cell: missing(cell, known) for cell in cells if missing(cell, known)} == {}
    assert cells or not shown_movers(result, 1)


def test_the_report_says_what_the_headline_says() -> None:
    made = run_of("toy")
    with blank_pages():
        page = parsed(report_html(made))
    said = words_of(page).replace("\u00a0", " ")
    for sentence in finding_sentences.sentences(made):
        assert " ".join(sentence.split()) in said
    assert plots.main_chart(made) not in DERIVED
    assert not missing(next(page.iter(f"{H}img")).get("alt", "").partition(". ")[0], held(made))


def test_a_number_that_the_summary_does_not_hold_is_found() -> None:
    made = toy_result(3, 60)
    baseline, policy = made.members[0]
    other = policy.arrays | {"active_users": policy.arrays["active_users"] * 0.917}
    changed = Result(
        made.scenario, [(baseline, replace(policy, arrays=other)), *made.members[1:]], made.info
    )
    said = next(
        each
        for each in finding_sentences.sentences(changed)
        if each.startswith("WeChat would lose")
    )
    assert missing(said, held(made))

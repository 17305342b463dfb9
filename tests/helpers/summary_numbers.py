"""Which numbers the texts of a run may hold: those of its ``summary.json``; and the rules of what a
run says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import html5lib
import numpy as np

from splinternet import plots
from splinternet.app.report import report_html
from splinternet.metrics.registry import METRICS
from splinternet.plots.page import MOST_WORDS, Caption, House, Place, house_style
from splinternet.results import Result
from splinternet.results.folder import plain
from splinternet.results.summary import summary_data
from splinternet.text import finding_sentences, findings, terminal
from splinternet.text.numbers import (
    LEAST_OF_STAKE,
    UNDER,
    WIDTH,
    as_exact_as_known,
    compact,
    compact_range,
    estimate,
    number,
    percent,
    quantity,
)
from splinternet.text.reportable import DAYS_EACH, is_sure
from splinternet.text.terminal import MOST_LINES, first_lines

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?: %| million| billion|[km]\b|bn\b)?")
FIXED = re.compile(
    r"\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
    r"|\d{4}-\d\d-\d\d|(?:7|30|90) days|10-90 %|[<\w-]*\(UN DESA\)"
    r"|\([\d.]+ % in \d+ of \d+ members[^)]*\)"
)
"""Dates, lengths and intervals that belong to a metric's name, and what single members find (from
panel.nc).
"""
ELSEWHERE = {
    r"^(Sellers|People) in .* (of sales|less) on": "an interval with the range of the fact behind the sum",
    r"simulated worlds|programme of": "counts of members, from `answers` and `programmes`",
    r"of their lost (family contacts|contacts abroad)": "`ties_back`, rounded",
}
"""Sentences of the findings with a number from elsewhere: what they hold, and where it comes from."""
DERIVED = {
    "active_users": "share of the first day",
    "atlas": "number of pairs and states",
    "contact_map": "share of all ties that are drawn",
    "decisions": "decisions.csv",
    "flows": "share of all moves",
    "observed": "the scenario's title, and how many figures lie inside the interval",
    "reconnection": "sum over ways",
    "vpn_users": "ratio of two rows",
}
"""Charts whose title has a number that is worked out of rows or days."""
TABLES = ("Who loses every platform channel", "Daily users")
"""How the captions of the terminal's tables of contact and of users begin."""
RESULTS = ("By group", "By platform", "By firm", "Who loses, who gains")
"""Sections of the report whose tables hold results."""
SHARE = "family_contact_ever_lost"
"""A metric whose form is that of a share."""
H = "{http://www.w3.org/1999/xhtml}"
UNCHANGED = ("kept", "no_contact", "level")
"""Findings that something does not change."""
REPEATED = ("card", "overview")
"""Charts that have the title of another."""


def _apart(summary: dict[str, Any]) -> set[str]:
    """Return the numbers of a summary that stand apart from its rows, as they are printed."""
    found = set[str]()
    for bill in summary["calls"]:
        found |= _forms(
            [number(v) for v in as_exact_as_known(bill["value"], bill["low"], bill["high"])]
        )
        if bill["share"] < LEAST_OF_STAKE:
            found |= _forms([UNDER])
    for back in summary["ties_back"].values():
        found |= _forms([*estimate(SHARE, back["share"], back["low"], back["high"])])
    for firm in (*summary["firms"], *summary["homes"]):
        money = firm["revenue"]
        ends = sorted((abs(money["low"]), abs(money["high"])))
        found |= _forms(
            [
                *estimate("revenue", abs(money["change"]), *ends),
                *(
                    compact_range(name, known["change"], known["low"], known["high"])
                    for name, known in firm.items()
                    if name in ("revenue", "minutes")
                ),
                quantity("revenue", money["without"]),
            ]
        )
    return found


def held(result: Result, counts: Callable[[dict[str, Any]], bool] = lambda row: True) -> set[str]:
    """Return every number that the summary of a run holds, as this program may print it; of its
    rows, those that count.

    Parameters
    ----------
    result : Result
    counts : callable
        Whether a row counts.
    """
    summary = json.loads(json.dumps(plain(summary_data(result))))  # as summary.json holds it
    found = {"0", "0 %", "1", "100 %"}
    for row in filter(counts, summary["rows"]):
        values = [
            abs(row[key])
            for key in ("baseline", "policy", "effect", "low", "high")
            if row[key] is not None
        ]
        if None not in (row["baseline"], row["low"], row["high"]):
            # What is left with the policies has the range of the effect.
            values += [max(0.0, row["baseline"] + row[key]) for key in ("low", "high")]
        found |= _forms(
            [form for v in values for form in (number(v), percent(v), compact(row["metric"], v))]
        )
        found |= _forms(list(_estimates(row)))
        found |= _forms(
            [
                f"{row['simulated'] or 0:,}",
                *(f"{v:.{digits}f}" for v in values for digits in (0, 2)),
            ]
        )
    each = {
        row["group"]: row["effect"]
        for row in summary["rows"]
        if row["metric"] == DAYS_EACH and row["at"] == "total"
    }
    for row in filter(counts, summary["rows"]):  # days without contact of each person who loses it
        if row["metric"] == "family_contact_ever_lost" and row["effect"] and each.get(row["group"]):
            found |= _forms([f"{each[row['group']] / row['effect']:.2g}"])
    found |= _apart(summary)
    for value in _numbers({key: part for key, part in summary.items() if key != "rows"}):
        v = abs(value)
        found |= _forms(
            [number(v), percent(v), compact("minutes", v), compact("revenue", v), f"{v:,.0f}"]
        )
    return found


def _estimates(row: dict[str, Any]) -> Iterator[str]:
    """Yield an effect, what is left of a share, and the share of a platform's users, as findings
    round them.
    """
    was, left, effect, low, high = (
        row[key] for key in ("baseline", "policy", "effect", "low", "high")
    )
    if None in (was, left, effect, low, high):
        return
    yield compact_range(row["metric"], effect, low, high)  # as tables round it, the same way
    yield from estimate(row["metric"], abs(effect), *sorted((abs(low), abs(high))))
    ends_left = [min(1.0, max(0.0, was + end)) for end in (low, high)]
    yield from estimate(row["metric"], left, *ends_left)
    most = 1.0 if METRICS[row["metric"]].form == "share" else np.inf
    ends_left = [min(most, max(0.0, was + end)) for end in (low, high)]
    yield compact_range(row["metric"], left, *ends_left)
    yield from estimate(
        SHARE, abs(effect), *sorted((abs(low), abs(high)))
    )  # of routes: how much longer
    if METRICS[row["metric"]].form == "index" and was:
        yield percent(left / was)  # pairs of kin: which share stays in contact
    if row["metric"] == "active_users" and was:
        yield from estimate(
            SHARE, abs(effect) / was, *sorted(min(1.0, abs(end) / was) for end in (low, high))
        )
        kept = [max(0.0, 1.0 + end / was) for end in (effect, low, high)]
        yield from estimate(SHARE, *kept)


def _forms(said: list[str]) -> set[str]:
    """Return the numbers in some texts, with what follows them and without."""
    numbers = [each for text in said for each in NUMBER.findall(text)]
    return {*numbers, *(each.split()[0] for each in numbers)}


def _numbers(data: Any) -> Iterator[float]:
    """Yield every number of some data."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from _numbers(each)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield data


def missing(text: str, known: set[str]) -> list[str]:
    """Return the numbers of a text that are not known."""
    return [each for each in NUMBER.findall(FIXED.sub(" ", text)) if each.rstrip(",") not in known]


def sentences(result: Result) -> list[str]:
    """Return the sentences of the findings whose numbers the summary must hold."""
    return [
        said
        for said in finding_sentences.sentences(result)
        if not any(re.search(what, said) for what in ELSEWHERE)
    ]


def table_lines(result: Result) -> list[str]:
    """Return the rows of the terminal's tables of contact and of users."""
    lines = terminal.text(result, width=160, every=True).splitlines()
    found = []
    for start in (n for n, line in enumerate(lines) if line.startswith(TABLES)):
        below = lines[start + 2 :]
        found += below[: below.index("")] if "" in below else below
    return found


def titles(result: Result) -> list[str]:
    """Return the titles of the charts that fit a run and show what rows hold."""
    drawn = [
        name for name, chart in plots.charts().items() if chart.fits(result) and name not in DERIVED
    ]
    return [str(result.plot(name).title) for name in drawn]


def report_cells(result: Result) -> list[str]:
    """Return the cells of the tables of results in the report."""
    page = html5lib.HTMLParser(strict=True).parse(report_html(result))
    section, found = "", []
    for part in page.iter():
        text = (
            " ".join(" ".join(part.itertext()).split())
            if part.tag in (f"{H}h2", f"{H}h3", f"{H}td")
            else ""
        )
        if part.tag in (f"{H}h2", f"{H}h3"):
            section = text
        elif part.tag == f"{H}td" and section in RESULTS:
            found.append(text.replace("\u00a0", " "))
    return found


def captions(result: Result) -> Iterator[tuple[str, Caption]]:
    """Yield the words of every chart that fits a run and repeats no other, without the work of
    laying it out.
    """
    for name, chart in plots.charts().items():
        if chart.fits(result) and name not in REPEATED:
            with house_style():
                figure = House(
                    result=result, figsize=chart.size(result) if chart.size else (10.0, 6.25)
                )
                figure.set_layout_engine("none")
                yield name, chart.function(result, Place(figure, name, is_page=True))


def faults(result: Result) -> list[str]:
    """Return which rules the answer and the charts of a run break."""
    lines = first_lines(result)
    found = [f"{len(lines)} lines"] if len(lines) > MOST_LINES else []
    found += [f"too wide: {line.text}" for line in lines if len(line.text) > WIDTH]
    for one in findings.find(result):
        if one.row is not None and one.kind not in UNCHANGED and not is_sure(one.row):
            found.append(f"may be zero: {one.kind} {one.platform} {one.group}")
    sure = held(result, is_sure)
    for name, caption in captions(result):
        if not 3 <= len(caption.title.split()) <= MOST_WORDS:
            found.append(f"{len(caption.title.split())} words: {caption.title}")
        if not caption.nothing and name not in DERIVED and (unsure := missing(caption.title, sure)):
            found.append(f"not of a sure row: {', '.join(unsure)} in: {caption.title}")
    return found

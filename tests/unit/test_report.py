"""The report: valid, self-contained, accessible, true to the run, and never half written."""

from __future__ import annotations

import base64
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import jinja2
import pytest
from conftest import blank_pages, call
from toy_results import POLICY, toy_result

import splinternet as sn
from splinternet.app import pages
from splinternet.app.pages import render
from splinternet.app.report import report_html
from splinternet.facts.record import Rank
from splinternet.facts.tables import read
from splinternet.results import Result
from splinternet.results.compare import compare
from splinternet.scenario.schema import Observed
from splinternet.text import numbers as words
from splinternet.text.basis import for_readers
from splinternet.text.finding_sentences import headline, held_out, in_touch, measured
from splinternet.text.orders import FIRST_NAMED, FIRST_ORDERS, said_back
from splinternet.text.terminal import MOST_LINES, first_lines, short

H = "{http://www.w3.org/1999/xhtml}"
NASTY = '<script>alert("x")</script> & more'


def parsed(text: str) -> ElementTree.Element:
    """Return a page as a tree; anything that is not valid HTML fails."""
    return html5lib.HTMLParser(strict=True).parse(text)  # type: ignore[no-any-return]


def words_of(page: ElementTree.Element) -> str:
    body = page.find(f"{H}body")
    assert body is not None
    return " ".join(" ".join(body.itertext()).split())


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(5, 120)


@pytest.fixture(scope="module")
def text(result: Result) -> str:
    """Return the page with its pictures, drawn once."""
    return report_html(result)


@pytest.fixture(scope="module")
def page(text: str) -> ElementTree.Element:
    return parsed(text)


def worded(*results: Result) -> ElementTree.Element:
    """Return a page whose pictures are blank, for tests of its words: most of the time goes into
    drawing.
    """
    with blank_pages():
        return parsed(report_html(results[0] if len(results) == 1 else compare(*results)))


CASES = {
    "no effect": lambda: toy_result(2, 30, effect=0.0),
    "hindcast, stayed": lambda: toy_result(2, 180, stayed=True, status="hindcast"),
    "nasty": lambda: toy_result(1, 60, title=NASTY, policies=[POLICY | {"reference": NASTY}]),
}


@pytest.mark.parametrize("kind", CASES)
def test_every_kind_of_run_gives_a_valid_page(kind: str) -> None:
    result = CASES[kind]()
    page = worded(result)
    said = words_of(page)
    assert result.scenario.status.upper() in said
    assert words.STATUS[result.scenario.status] in said
    assert "nan" not in said.lower().split()
    assert not list(page.iter(f"{H}script"))
    if kind == "nasty":
        assert NASTY in said and page.find(f"{H}head/{H}title").text == NASTY  # type: ignore[union-attr]
        in_notebook = result.scenario._repr_html_()
        assert "<script>" not in in_notebook and in_notebook.count("&lt;script&gt;") == 2, (
            "title and reference"
        )
    if kind == "no effect":
        assert (
            "Nothing would change" in said
            and "No group in this run loses contact with its family." in said
        )


def test_a_run_with_observed_figures_shows_them_beside_what_it_says() -> None:
    result = toy_result(3, 30, status="hindcast")
    assert "Compare them with the observations before you rely on them" in words_of(worded(result))
    seen = {
        "date": "2020-08-20",
        "metric": "active_users",
        "state": "CN",
        "platform": "WeChat",
        "tolerance": 0.1,
    }
    spec = result.scenario.model_copy(
        update={
            "observed": tuple(
                Observed.model_validate({**seen, "value": value}) for value in (0.4321, 7.0)
            )
        }
    )
    told = words_of(worded(Result(spec, result.members)))
    assert "What was observed" in told
    missed = measured(Result(spec, result.members))
    assert missed[0].startswith(
        "Measured: 700 % (daily users of WeChat in China, 20 August 2020). Model: "
    )
    assert missed[0].endswith(": missed."), "the largest error comes first"
    lines = [line.text for line in first_lines(Result(spec, result.members), 200)]
    findings = [line for line in lines if line.startswith("- ")]
    assert findings[0] == f"- {missed[0]}" and len(lines) <= MOST_LINES
    lead = headline(Result(spec, result.members))[0][:20]
    assert told.index("Measured: 700") < told.index(lead)
    assert measured(result) == [], "nothing was measured"
    signal = Observed.model_validate({**seen, "state": "US", "platform": "Signal", "value": 7.0})
    missed_gain = spec.model_copy(update={"observed": (signal,)})
    assert (
        headline(Result(missed_gain, result.members))[0] == f"In the model, {headline(result)[0]}"
    )
    first, last = spec.observed
    known = first.model_copy(update={"row": "br_x_2024.3"}), last
    placed = measured(Result(spec.model_copy(update={"observed": known}), result.members))
    rank = read(Rank)["br_x_2024.3"]
    assert (rank.rank, rank.forecasts) == (4, 7)
    forecast = "about 2 % (-5 to 10 %)"  # of a fit without the figures of the event
    said = (
        f"Of 7 forecasts made without this event, the model's, {forecast}, was 4th "
        f"(CRPS {rank.crps:.2f})."
    )
    assert placed[1].endswith(said) and "forecasts" not in placed[0]
    assert held_out(Result(spec.model_copy(update={"observed": known}), result.members)) == (
        "Of 7 forecasts made without this event, the model's was the nearest for 0 of 1 figures."
    )
    assert held_out(result) == ""
    assert "daily users of WeChat in China, 20 August 2020 0.432 0.1" in told
    assert "observations (splinternet hindcast" in told
    assert "Observed beside simulated" in told


def test_a_template_escapes_everything_and_refuses_a_name_that_it_is_not_given() -> None:
    folder = Path(pages.__file__).with_name("templates")
    for path in folder.glob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape", path.read_text(encoding="utf-8")), path.name
    with pytest.raises(jinja2.UndefinedError, match="'top' is undefined"):
        render("page.html", title="", version="", stamps=[])


def test_the_first_screen_has_sentence_picture_table_orders_and_three_caveats_and_all_else_is_folded(
    page: ElementTree.Element, text: str, result: Result
) -> None:
    main = next(part for part in page.iter(f"{H}main"))
    first, *rest = [part for part in main if part.tag in (f"{H}div", f"{H}details")]
    assert first.get("class") == "answer" and {part.tag for part in rest} == {f"{H}details"}
    assert not any(part.get("open") for part in rest)
    ordered, said, shown = first
    assert [part.tag.removeprefix(H) for part in said] == ["p", "div", "ul"]
    assert [part.tag.removeprefix(H) for part in shown] == ["figure", "div"], (
        "the picture, and what else was found"
    )
    lead, table, known = said
    assert " ".join(lead.itertext()).strip() == headline(result)[0].replace(" %", "\u00a0%")
    assert 1 <= len(list(table.iter(f"{H}tr"))) - 1 <= 6 and len(list(known)) == 3
    assert ["".join(ordered.itertext()).strip()] == said_back(result.scenario) != []
    assert len(text) < 3_000_000


def test_the_orders_of_a_scenario_are_sentences() -> None:
    def first(name: str) -> list[str]:
        return said_back(sn.load(name), FIRST_ORDERS, FIRST_NAMED)

    (said,) = first("wechat_as_ordered")
    assert said.startswith(
        "From 20 September 2020 the United States would bar business with WeChat"
    )
    (said,) = first("events/eu_rt_2022")
    assert said.startswith("From 2 March 2022 Germany and France block RT and Sputnik (")
    (said,) = first("cases/np_2025")
    assert "Nepal blocks Facebook, Messenger, Instagram and 15 other platforms (" in said
    assert "It ends on 9 September 2025" in said
    (said,) = first("apple_wechat_all_stores")
    assert "the United States, China, Russia and 19 other countries would take WeChat off" in said
    assert "the United States would have WeChat, QQ, " in first("wechat_with_bridge")[1]
    said, stays = first("wechat_as_happened")
    assert "the United States bars business with WeChat" in said
    assert stays == "Other acts in the scenario stay, narrow or end some of this."
    assert "No end is stated" not in said, "a court stays it"
    every = said_back(sn.load("wechat_as_happened"))
    assert every[1] == (
        "From 20 September 2020 the United States stays "
        "the transaction ban of WeChat ('wechat-ban') by a court. No end of the stay is stated."
    )
    assert first("baseline_2020") == []
    blocked, pushed, more = first("events/ir_telegram_2018")
    assert "Iran blocks Telegram" in blocked, "the order of the title comes first"
    assert "Iran pushes Soroush" in pushed and more == "3 more orders follow in the scenario."


def test_the_first_screen_says_what_keeps_people_in_touch_and_what_would_spare_them(
    page: ElementTree.Element, result: Result
) -> None:
    """Of the ties that come back in the toy, seven in ten do so by another app and three by a
    VPN.
    """
    said = words_of(page).replace("\u00a0", " ")
    assert "come back by another app (70 %) and a VPN (30 %)." in said
    command = next(
        code
        for code in page.iter(f"{H}code")
        if (code.text or "").startswith("splinternet mitigate")
    )
    assert command.text == "splinternet mitigate toy --seeds 5 --out spared.html"
    assert "What would spare them: a licence for private messages, a bridge to " in said
    answer = next(part for part in page.iter(f"{H}div") if part.get("class") == "answer")
    assert "splinternet mitigate" not in "".join(answer.itertext()), "commands are no answer"
    weak = toy_result(5, 120, effect=0.4)
    found = compare(result, weak, names=["as it is", "a licence for private messages"])
    with blank_pages():
        spared = parsed(report_html(result, spared=found))
    assert [row[0] for row in rows_of(spared, "What would spare them")[1:]] == [
        "a licence for private messages",
        "as it is",
    ]
    assert "splinternet mitigate" not in words_of(spared)
    assert in_touch(toy_result(2, 30, effect=0.0)) == ""


def test_a_report_warns_in_words_of_a_reader() -> None:
    raw = "cases/x.yaml:25:14: policies.ban: nobody in US uses LINE, so nothing is lost there; another target; a figure"
    run = toy_result(8, 30)
    said = for_readers(Result(run.scenario, run.members, {"warnings": [raw]}))
    assert said[0] == "Nobody in the United States uses LINE, so nothing is lost there."
    dated = "x.yaml:3:1: world.facts: the facts (world-2020) describe 2020-08-05, 2.1 years before the first day; a year"
    again = Result(run.scenario, run.members, {"warnings": [dated]})
    warned = "The facts (world-2020) describe 5 August 2020, 2.1 years before the first day."
    assert for_readers(again)[0] == warned
    assert f"Warning: {warned}" in short(again), "the terminal has the same words"


def test_it_needs_nothing_from_elsewhere(text: str, page: ElementTree.Element) -> None:
    assert not list(page.iter(f"{H}script"))
    assert not list(page.iter(f"{H}link"))
    for element in page.iter():
        for key in ("src", "href"):
            place = element.get(key)
            assert place is None or place.startswith(("data:image/", "#")), place
    assert "url(" not in text
    assert "@import" not in text


def test_pictures_are_inline_whole_and_told_in_words(
    page: ElementTree.Element, result: Result
) -> None:
    images = list(page.iter(f"{H}img"))
    assert len(images) >= 8
    for image in images:
        kind, _, data = (image.get("src") or "").partition(";base64,")
        drawing = base64.b64decode(data)
        assert result.run_id.encode() in drawing, (
            "the picture's own metadata say which run it shows"
        )
        if kind == "data:image/svg+xml":
            ElementTree.fromstring(drawing.decode())
            assert len(drawing) <= pages.LARGEST_SVG
        else:
            assert kind == "data:image/png" and drawing.startswith(b"\x89PNG")
            assert drawing[25] == 3, "it has a palette, so that no report has more than 3 MB"
        assert len(image.get("alt") or "") > 40
    assert " would lose every app to family. " in images[0].get("alt", "")


def test_a_title_that_is_a_sentence_ends_once(result: Result) -> None:
    figure = result.plot("vpn_users")
    figure.caption = figure.caption._replace(title="All is said.")  # as that of a comparison
    assert pages.picture(result, figure, "Then more.", pixels=True).alt == "All is said. Then more."


def test_it_is_accessible(page: ElementTree.Element) -> None:
    assert page.get("lang") == "en-GB"
    assert len(list(page.iter(f"{H}h1"))) == 1
    levels = [
        int(e.tag[-1])
        for e in page.iter()
        if isinstance(e.tag, str) and re.fullmatch(H + "h[1-6]", e.tag)
    ]
    assert all(b - a <= 1 for a, b in pairwise(levels)), "no level of heading is skipped"
    tables = list(page.iter(f"{H}table"))
    assert tables
    for table in tables:
        assert table.find(f"{H}caption") is not None
        assert all(cell.get("scope") in ("col", "row") for cell in table.iter(f"{H}th"))
        widths = {len(list(row)) for row in table.iter(f"{H}tr")}
        assert len(widths) == 1, "every row has a cell for every column"
    ids = [e.get("id") for e in page.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    links = [(a.get("href") or "")[1:] for a in page.iter(f"{H}a")]
    assert set(links) <= set(ids)


def rows_of(page: ElementTree.Element, caption: str) -> list[list[str]]:
    for table in page.iter(f"{H}table"):
        found = table.find(f"{H}caption")
        if found is not None and caption in "".join(found.itertext()):
            return [
                [" ".join("".join(cell.itertext()).split()) for cell in row]
                for row in table.iter(f"{H}tr")
            ]
    raise AssertionError(f"no table '{caption}'")


def test_who_loses_is_told_by_group(page: ElementTree.Element, result: Result) -> None:
    rows = rows_of(page, "Who loses every platform channel")
    names = [row[0] for row in rows[1:]]
    assert sorted(names) == [
        "Families in China of people in the United States",
        "People from China in the United States",
    ]
    found = {row[0]: row for row in rows}
    asked = [("contact_by_step", step, "total") for step in ("telephone", "cut_off")]
    asked += [
        (f"family_contact_{name}", "", "total") for name in ("ever_lost", "lost_7d", "lost_30d")
    ]
    asked += [
        ("contact_days_lost_per_member", "", "total"),
        ("family_contact_lost", "", "worst_week"),
    ]
    keys = ("metric", "platform", "group", "at")
    for place, (metric, step, at) in enumerate(asked, start=2):
        cell = (metric, step, "US<-CN", at)
        row = next(r for r in result.rows() if tuple(r[key] for key in keys) == cell)
        told = words.compact_range(metric, row["effect"], row["low"], row["high"])  # type: ignore[arg-type]
        assert found["People from China in the United States"][place] == told
    assert found["People from China in the United States"][1] == "1,000"
    said = words_of(page)
    assert "Turkey in the United States" not in said, "20 simulated people"
    assert "1 group with fewer than 30 simulated people left out" in said
    assert "not of the whole group" in said, (
        "2 % of 1.97 million is not what the people column says"
    )


def test_assumptions_have_range_source_and_basis() -> None:
    keys = {
        "parameters": {"choice.review_days": 14},
        "uncertain": {"transaction_ban.speed": {"low": 0.3, "high": 0.9}},
        "world": {"vpn_share": {"US": 0.2}},
    }
    result = toy_result(2, 60, **keys)
    page = worded(result)
    facts = result.scenario.facts
    drawn = rows_of(page, "Uncertain: drawn for each seed")[1]
    speed = facts.parameters["transaction_ban.speed"]
    assert drawn[0].endswith("transaction_ban.speed")
    assert drawn[1] == "drawn, 0.3 to 0.9"
    assert drawn[2].startswith(f"{speed.value:g} ({speed.low:g} to {speed.high:g})")
    assert drawn[3] == speed.basis
    assert drawn[4] in speed.source
    stated = {row[0].split()[-1]: row for row in rows_of(page, "Set by the scenario")[1:]}
    days = next(
        row
        for name, row in stated.items()
        if "review_days" in name or row[0].endswith("choice.review_days")
    )
    assert days[1] == "14"
    share = next(row for row in stated.values() if row[0].endswith("world.vpn_share.US"))
    assert share[1] == "0.2"
    table = facts.states["US"].vpn_share
    assert (table.basis, share[3]) == ("survey", "assumption"), (
        "the survey does not speak for the scenario's value"
    )
    assert share[4].startswith("set by the scenario; the figure of the tables is of basis survey: ")
    assert share[0].startswith("Share of internet users in the United States with a VPN")
    used = [row[0] for row in rows_of(page, "Used by its policies")[1:]]
    assert any(name.endswith("delisting.split_days") for name in used)
    every = sum(
        len(rows_of(page, caption)) - 1
        for caption in ("Uncertain", "Set by", "Used by", "All other")
    )
    assert every >= len(facts.parameters), "no parameter is kept back"


def test_two_runs_are_compared(result: Result) -> None:
    other = toy_result(
        5,
        120,
        effect=0.4,
        title="The same order, weakly enforced",
        parameters={"choice.review_days": 9},
    )
    page = worded(result, other)
    said = words_of(page)
    assert "Paired by seed: 5 simulated worlds" in said
    table = rows_of(page, "Runs, lowest effect first")
    assert [(row[0], row[-1]) for row in table[1:]] == [
        (other.scenario.title, "yes"),
        ("The US bans WeChat transactions…", ""),
    ]
    differ = rows_of(page, "Numbers that differ")
    assert [row[1:] for row in differ[1:] if "review_days" in row[0]] == [["drawn, 7 to 30", "9"]]
    assert said.count("splinternet run ") >= 2
    assert page.find(f"{H}head/{H}title").text == "2 runs compared"  # type: ignore[union-attr]
    third = rows_of(worded(result, other, result), "Runs, lowest effect first")
    assert len(third) == 1 + 3, "one table however many runs"


def test_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    toy_result(1, 60).save("a")
    with blank_pages():
        code, out, _ = call(capsys, "report", "a", "--out", "seen/it.html")
    assert (code, out.split()[-1]) == (0, "seen/it.html")
    parsed(Path("seen/it.html").read_text(encoding="utf-8"))
    code, out, err = call(capsys, "report", "nothing")
    assert (code, out) == (2, "")
    assert "nothing: is not a folder" in err
    assert not Path("report.html").exists()

"""The dashboard: the choices and their link, the answers in the background, and the page in a real
browser.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import Address, served, started
from conftest import block, call, scenario
from playwright.sync_api import Browser, Page, expect

from splinternet.app.dashboard import answers as answering
from splinternet.app.dashboard import page as pages
from splinternet.app.dashboard.answers import (
    SEEDS,
    Answer,
    LeftError,
    Turns,
    answers,
    end_work,
    follow,
    seeds_of,
)
from splinternet.app.dashboard.choices import (
    LONGEST,
    MOST_ADDED,
    MOST_PEOPLE,
    Choices,
    completed,
    offered,
)
from splinternet.app.dashboard.serve import free_port
from splinternet.core.shipped import shipped
from splinternet.errors import InputError
from splinternet.experiments.ensemble import run
from splinternet.results import Result
from splinternet.scenario import load
from splinternet.text.finding_sentences import headline

STAYED = "wechat_as_happened"
FEW = 2  # seeds behind an answer here, instead of five
OWN = """\
title: A messenger is blocked at one end
status: what-if
start: 2020-08-01
days: 40
people: 1000
policies:
  - {id: ban, by: US, instrument: block, technique: dpi, targets: [WeChat], announced: 2020-08-06, on: 2020-08-11}
"""


def added(
    choices: Choices, instrument: str = "block", by: str = "CN", on: str = "2020-09-05"
) -> Choices:
    return choices.with_policy(completed(choices, instrument, by, "Skype", on))


# --- what is chosen -------------------------------------------------------------------------------


def test_a_change_of_substance_makes_a_what_if_and_more_people_do_not() -> None:
    base = load(STAYED)
    choices = Choices(base)
    assert choices.scenario().digest == base.digest and not choices.is_changed
    assert not choices.with_value("days", "100").with_value("days", "365").changed, (
        "its own value is no change"
    )
    assert choices.with_value("people", "5000").scenario().status == "hindcast"
    later = choices.with_value("policies.wechat-ban.on", "2020-10-01").scenario()
    assert (later.status, str(later.policies[0].on), str(later.policies[0].announced)) == (
        "what-if",
        "2020-10-01",
        "2020-08-06",
    )
    moved = (
        Choices(scenario([block()]))
        .with_value("policies.ban.on", "2020-08-05")
        .scenario()
        .policies[0]
    )
    assert str(moved.announced) == str(moved.on) == "2020-08-05", (
        "announced on its first day, it moves as a whole"
    )


def test_what_stays_or_lifts_a_policy_goes_with_it_and_what_is_set_by_hand_is_sure() -> None:
    choices = Choices(load(STAYED)).switched("wechat-ban", False)
    assert choices.scenario().policies == ()
    assert choices.switched("wechat-ban", True).scenario().digest == load(STAYED).digest
    made = Choices(load("wechat_as_ordered")).with_value("ties.only_channel", "0.5").scenario()
    assert set(load("wechat_as_ordered").uncertain) - set(made.uncertain) == {"ties.only_channel"}


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("policies.wechat-ban.on", "2020-09-35", "is not a date"),
        ("policies.wechat-ban.on", "2020-08-01", "before 'announced'"),
        ("policies.wechat-ban.technique", "magic", "unknown technique"),
        ("policies.wechat-ban.by", "US, ZZ", "zz"),
        ("policies.wechat-ban.by", "", ""),
        ("policies.wechat-ban.targets", "WeChatt", "did you mean"),
        ("people", "12", "at least 1,000"),
        ("people", str(MOST_PEOPLE + 1), "too many for the page"),
        ("days", "a week", "not a whole number"),
        ("ties.only_channel", "1.7", "0 to 1"),
        ("choice.review_days", "often", "not a number"),
        ("behaviour.imitation", "perhaps", ""),
    ],
)
def test_a_problem_is_at_its_input(path: str, text: str, expected: str) -> None:
    # A transaction ban leaves no choice of technique; a block does.
    choices = Choices(scenario([block(id="wechat-ban")]) if "technique" in path else load(STAYED))
    problems = choices.with_value(path, text).checked()[1]
    assert set(problems) == {path}
    assert expected in problems[path].lower()


@pytest.mark.parametrize(
    "path", ["world.facts", "title", "extends", "policies.wechat-ban.id", "policies.nobody.on"]
)
def test_inputs_that_are_not_on_the_page_cannot_be_set(path: str) -> None:
    with pytest.raises(InputError):
        Choices(load(STAYED)).with_value(path, "x")


def test_every_instrument_on_offer_can_be_added_and_what_is_added_can_go() -> None:
    choices = Choices(load(STAYED))
    assert {
        "block",
        "throttle",
        "shutdown",
        "store_removal",
        "transaction_ban",
        "injunction",
    } <= set(offered())
    for name in offered():
        assert added(choices, name, by="US").scenario().policies[-1].instrument == name
    edited = added(choices).with_value("policies.block-1.targets", "Skype, Zoom")
    assert edited.scenario().policies[-1].targets == ("Skype", "Zoom")
    assert edited.without_policy("block-1").scenario().digest == choices.scenario().digest
    for words in (
        ("magic", "US", "2020-09-01"),
        ("block", "Atlantis", "2020-09-01"),
        ("block", "US", "soon"),
    ):
        with pytest.raises(InputError):
            added(choices, *words)


# --- the link -------------------------------------------------------------------------------------


def test_a_link_gives_the_same_choices_back() -> None:
    choices = (
        added(pages.begin(load(STAYED)))
        .with_value("policies.block-1.on", "2020-09-09")
        .switched("stay", False)
    )
    choices = (
        choices.with_value("seed", "7")
        .with_value("ties.only_channel", "0.5")
        .with_value("people", "3000")
    )
    name, again, wrong = pages.case(choices.link(STAYED))
    assert (name, wrong) == (STAYED, [])
    assert again.scenario().digest == choices.scenario().digest
    assert again.link(name) == choices.link(STAYED)
    full = choices
    for _ in range(MOST_ADDED - 1):
        full = added(full)
    assert len(full.link(STAYED)) < LONGEST
    with pytest.raises(InputError, match="at most"):
        added(full)


@pytest.mark.parametrize(
    "text",
    [
        "scenario=/etc/passwd",
        "scenario=../x",
        "scenario=%00",
        "scenario=..%2Fpyproject.toml",
        "scenario=hindcast/../wechat_19m",
        "add=%7B%7D",
        "add=[[[[",
        "off=nobody",
        "world.facts=/tmp",
        "=&=&=",
        "\0",
        "a=" + "x" * LONGEST,
        "&".join(["x=1"] * 999),
        "add="
        + json.dumps({"id": "x", "instrument": "../../etc", "on": "2020-09-01", "by": ["US"]}),
    ],
)
def test_a_link_made_up_does_no_harm(text: str) -> None:
    name, choices, _ = pages.case(text)
    assert name == pages.FIRST
    assert choices.opened.digest == load(pages.FIRST).digest
    assert not choices.is_changed


def test_the_list_has_every_scenario_once_under_a_subject() -> None:
    rows = pages.scenarios()
    assert sorted(name for _, name, _ in rows) == sorted(shipped())
    subjects = [subject for subject, *_ in rows]
    assert len(dict.fromkeys(subjects)) == sum(
        a != b for a, b in zip(["", *subjects], subjects, strict=False)
    )


# --- the answers ----------------------------------------------------------------------------------


def answering_to(
    spec: Any, before: Answer | None = None, sliders: tuple[str, ...] = ()
) -> Iterator[Answer]:
    return answers(spec, before, sliders, threading.Event(), lambda day, of: None)


def answered(
    spec: Any, before: Answer | None = None, sliders: tuple[str, ...] = ()
) -> list[Answer]:
    return list(answering_to(spec, before, sliders))


def test_the_answer_is_that_of_a_run_and_the_one_before_is_drawn_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answering, "SEEDS", FEW)
    spec = scenario([block()], people=2_000, days=40)
    one, every, ordered = answered(spec, None, ("ties.only_channel", "choice.review_days"))
    assert (one.members, every.members) == (1, FEW)
    expected = run(spec, seeds=FEW, jobs=1)
    assert one.sentences == tuple(headline(Result(spec, expected.members[:1])))
    assert every.sentences == tuple(headline(expected))
    assert (
        every.number in every.sentences[0].replace("About", "about")
        and every.interval in every.sentences[0]
    )
    assert every.table.count("\n") == len(expected.rows()) + 1
    assert every.overview.startswith(b"\x89PNG") and b"<svg" in every.picture
    assert set(ordered.swings) == {"ties.only_channel", "choice.review_days"}
    assert next(iter(ordered.swings)) == "ties.only_channel", (
        "who has one channel loses it; reviews move less"
    )
    other = scenario([block(technique="isp")], people=2_000, days=40)
    alone, beside = (next(answering_to(other, before)) for before in (None, every))
    assert (
        every.line is not None and beside.line is not None and every.line.cell == beside.line.cell
    )
    assert not np.array_equal(every.line.effect, beside.line.effect)
    assert (b'id="before"' in alone.picture, b'id="before"' in beside.picture) == (False, True), (
        "the ghost line"
    )


def test_no_effect_has_no_number_and_a_long_run_fewer_seeds() -> None:
    nothing = next(answering_to(scenario([], people=1_000, days=5)))
    assert (nothing.number, nothing.line) == ("", None)
    assert seeds_of(scenario([], days=365)) == SEEDS
    assert seeds_of(scenario([], days=3_000)) == 1
    assert seeds_of(scenario([], days=4_383)) == 1


def test_the_end_of_the_server_waits_for_work_that_it_stops() -> None:
    ended = []

    def work(stop: threading.Event) -> None:
        stop.wait(10)
        time.sleep(0.2)  # a day of the model is not left half way
        ended.append(stop.is_set())

    follow(work)
    end_work()
    assert ended == [True]


def test_one_setting_at_a_time_first_answers_first_and_none_for_those_who_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns, stop = Turns(), threading.Event()
    monkeypatch.setattr(answering, "TURNS", turns)
    spec = scenario([block()], people=1_000, days=30)
    made = answers(spec, None, (), stop, lambda day, of: None)
    assert next(made).members == 1
    with turns._count:
        turns.urgent += 1  # another tab waits for its first answer

    def rest() -> None:
        with contextlib.suppress(LeftError):
            list(made)

    waits = threading.Thread(target=rest)
    waits.start()
    with turns.turn(threading.Event(), urgent=False):
        assert waits.is_alive(), "the band gives way"
    stop.set()
    waits.join(60)
    assert not waits.is_alive()
    with pytest.raises(LeftError):
        list(answers(spec, None, (), stop, lambda day, of: None))


# --- the command ----------------------------------------------------------------------------------


def test_explore_refuses_before_it_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, "explore", "wechat_as_orderd", "--no-browser")
    assert code == 2 and "did you mean" in err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="cannot be used"):
            free_port(taken.getsockname()[1])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    code, _, err = call(capsys, "explore", "wechat_as_ordered", "--no-browser")
    assert code == 1 and "uv sync --inexact --extra dashboard" in err


# --- in the browser -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    fewer = f"from splinternet.app.dashboard import answers; answers.SEEDS = {FEW}"
    with served(OWN, tmp_path_factory.mktemp("served"), fewer) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as made:
        yield made


@pytest.fixture
def page(browser: Browser, address: Address, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open a tab, and hold that nothing is asked of anyone else and nothing goes wrong in it."""
    window = browser.new_context(
        **{"viewport": {"width": 1280, "height": 800}, **getattr(request, "param", {})}
    )
    tab = window.new_page()
    asked, wrong = list[str](), list[str]()
    tab.on("request", lambda one: asked.append(one.url))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
    tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    tab.set_default_timeout(120_000)  # kernels may have to be compiled first, beside other tests
    expect.set_options(timeout=120_000)
    tab.goto(address.signed)
    tab.wait_for_selector(".sp-picture")
    yield tab
    window.close()
    outside = [
        url
        for url in asked
        if not url.startswith((address, address.replace("http", "ws"), "blob:", "data:"))
    ]
    assert not outside, f"asked of others: {outside}"
    assert not wrong


def rests(tab: Page) -> None:
    """Wait until all seeds of what is chosen are through."""
    expect(tab.locator(".sp-stale")).to_have_count(
        0
    )  # first: before work starts, the page is ready with an old answer
    expect(tab.locator(".sp-busy")).to_have_text(re.compile("Ready|Ordering"))
    expect(tab.locator(".sp-range").first).to_contain_text(f"{FEW} seeds")


def test_a_change_shows_beside_the_number_before_and_the_link_reopens_it(
    page: Page, address: Address
) -> None:
    rests(page)
    expect(page.locator(".sp-stamp")).to_have_text("WHAT-IF")
    number, sentence = page.inner_text(".sp-number"), page.inner_text(".sp-answer h1")
    assert re.search(r"\d %", number) and "people from China in the United States" in sentence
    place = page.locator(".sp-inputs").bounding_box()
    page.get_by_label("Block: United States").first.click()
    expect(page.locator(".sp-number")).to_have_text("No sure effect")
    expect(page.locator(".sp-key")).to_have_count(0)  # there is no line to explain
    moved = page.locator(".sp-inputs").bounding_box()
    assert place is not None and moved is not None and place["x"] == moved["x"], (
        "the page stays where it is"
    )
    expect(page.locator(".sp-range").first).to_contain_text(f"before: {number}")
    page.get_by_text("Add a policy").click()
    page.get_by_role("button", name="Add it").click()
    expect(page.locator(".sp-policy")).to_have_count(2)
    rests(page)
    link, seen = page.url, page.inner_text(".sp-answer h1")
    assert "token" not in link and "block-1" in link
    other = page.context.new_page()
    other.set_default_timeout(120_000)
    other.goto(link)
    expect(other.locator(".sp-policy")).to_have_count(2, timeout=120_000)
    rests(other)
    assert other.inner_text(".sp-answer h1") == seen
    other.close()
    page.go_back()
    expect(page.locator(".sp-policy")).to_have_count(1)
    stranger = page.context.browser.new_context().new_page()  # type: ignore[union-attr]
    stranger.set_default_timeout(120_000)
    stranger.goto(link)
    stranger.fill("#token", address.signed.partition("token=")[2])
    stranger.keyboard.press("Enter")
    expect(stranger.locator(".sp-policy")).to_have_count(2, timeout=120_000)
    stranger.context.close()


def test_an_error_stands_at_its_input_and_a_scenario_is_found_by_its_words(page: Page) -> None:
    page.get_by_text("Size, decisions, other assumptions").click()
    people = page.get_by_label("Simulated people")
    people.fill("7")
    people.press("Enter")
    expect(
        page.get_by_text("7 is not at least 1,000").or_(page.get_by_text("at least 1,000")).first
    ).to_be_visible()
    people.fill("1200")
    people.press("Enter")
    expect(page).to_have_url(re.compile("people=1200"))
    chosen = page.get_by_label("Scenario: type to search")
    chosen.click()
    chosen.fill("Telegram")
    page.locator(".v-overlay .v-list-item").filter(has_text="Telegram").first.click()
    expect(page).to_have_url(re.compile("scenario=.*telegram"))
    expect(page.locator(".sp-answer h1")).not_to_contain_text("China in the United States")


@pytest.mark.parametrize(
    "page", [{"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}], indirect=True
)
def test_on_a_phone_number_and_picture_stay_in_sight_and_the_dark_is_dark(
    page: Page, tmp_path: Path
) -> None:
    for width in (820, 390):  # a tablet, a phone
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
            "no scrolling sideways"
        )
        for part in page.locator(".sp-answer :is(.sp-number, .sp-range, h1, .sp-picture)").all():
            box = part.bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width, (
                "nothing is cut at the edge"
            )
    page.get_by_role("heading", name="Assumptions").scroll_into_view_if_needed()
    page.mouse.wheel(0, 4_000)
    page.wait_for_timeout(300)
    for part in (".sp-number", ".sp-picture"):
        box = page.locator(part).first.bounding_box()
        assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= 0.75 * 844, part
    from PIL import Image

    page.screenshot(path=tmp_path / "phone.png")
    with Image.open(tmp_path / "phone.png") as picture:
        light = np.asarray(picture.convert("L"))
    assert np.median(light) < 60, "dark paper"

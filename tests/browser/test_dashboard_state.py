"""The dashboard's state: policies that are added, edited and removed, and the link that reopens all of it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import Address, served, started
from playwright.sync_api import Browser, Page, expect
from test_dashboard import OWN, settled

from splinternet.app.dashboard.adding import adding, completed, offered
from splinternet.app.dashboard.choices import MOST_ADDED, Choices
from splinternet.app.dashboard.desk import Desk
from splinternet.app.dashboard.link import LONGEST, link_of
from splinternet.app.dashboard.tables import TABLES
from splinternet.errors import InputError
from splinternet.scenario import load

STAYED = "wechat_as_happened"


# --- policies that are added, edited and removed ----------------------------------------------------------------------


def added(choices: Choices, instrument: str = "block", by: str = "CN", on: str = "2020-09-05") -> Choices:
    return choices.with_policy(completed(choices, instrument, by, "Skype", on))


def test_a_policy_is_added_edited_and_removed() -> None:
    base = load(STAYED)
    choices = added(Choices(base))
    made = choices.scenario()
    assert [policy.id for policy in made.policies] == [*(policy.id for policy in base.policies), "block-1"]
    assert (made.status, made.title) == ("what-if", f"{base.title}, changed")
    edited = choices.with_value("policies.block-1.by", "CN, IR").with_value("policies.block-1.targets", "Skype, Zoom")
    last = edited.scenario().policies[-1]
    assert (last.by, last.targets) == (("CN", "IR"), ("Skype", "Zoom"))
    assert [policy.id for policy in added(choices).base.policies][-2:] == ["block-1", "block-2"]
    back = edited.without_policy("block-1")
    assert back.scenario().digest == base.digest
    assert not back.is_changed


def test_the_scenarios_own_policy_goes_with_what_stays_it_and_with_its_uncertain_values() -> None:
    base = load("wechat_as_ordered")
    choices = Choices(base).with_value("policies.wechat-ban.on", "2020-10-01").without_policy("wechat-ban")
    assert (choices.base.policies, dict(choices.changed), choices.is_changed) == ((), {}, True)
    stayed = added(Choices(load(STAYED))).without_policy("wechat-ban")
    assert [policy.id for policy in stayed.base.policies] == ["block-1"]
    assert stayed.removed == {"wechat-ban", "stay", "end"}


def test_every_instrument_on_offer_can_be_added() -> None:
    choices = Choices(load(STAYED))
    names = [each["value"] for each in adding(choices)["instruments"]]
    assert names == list(offered())
    assert {"block", "throttle", "shutdown", "store_removal", "transaction_ban", "vpn_ban", "injunction"} <= set(names)
    failed = {}
    for name in names:
        try:
            assert added(choices, name, by="US").scenario().policies[-1].instrument == name
        except InputError as error:
            failed[name] = str(error)
    assert not failed


@pytest.mark.parametrize(
    ("instrument", "by", "on", "said"),
    [("magic", "US", "2020-09-01", "cannot be added"), ("block", "Atlantis", "2020-09-01", "Atlantis"),
     ("block", "US", "soon", "not a date")],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_refused(instrument: str, by: str, on: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        added(Choices(load(STAYED)), instrument, by, on)


# --- the link ---------------------------------------------------------------------------------------------------------


def test_a_link_gives_the_same_choices_back() -> None:
    choices = added(Choices(load(STAYED))).with_value("policies.block-1.on", "2020-09-09").switched("stay", False)
    choices = choices.with_value("seed", "7").with_value("ties.only_channel", "0.5").without_policy("end")
    link = link_of(STAYED, choices)
    desk = Desk(None, STAYED)
    desk.tell("restore", f"#{link}&day=3")
    assert desk.notice == ""
    assert desk.choices.scenario().digest == choices.scenario().digest
    assert desk.form()["link"] == link
    assert settled(desk.session, 3).spec.seed == 7
    desk.session.close()


@pytest.mark.parametrize(
    "text",
    ["scenario=/etc/passwd", "scenario=../x&day=9", "add=%7B%7D", "add=[[[[", "off=nobody&remove=nobody",
     "world.facts=/tmp", "scenario=wechat_as_happened&day=-4&x=1", "policies.wechat-ban.on=2020-13-01", "=&=&=", "\0",
     "a=" + "x" * LONGEST,
     "add=" + json.dumps({"id": "x", "instrument": "../../etc", "on": "2020-09-01", "by": ["US"]})],
)  # fmt: skip
def test_a_link_made_up_does_no_harm(text: str) -> None:
    desk = Desk(None, STAYED)
    desk.tell("restore", text)
    assert desk.choices.base.digest == load(STAYED).digest
    desk.session.close()


def test_a_page_adds_no_more_than_it_can_show() -> None:
    choices = Choices(load(STAYED))
    for _ in range(MOST_ADDED):
        choices = added(choices)
    assert len(link_of(STAYED, choices)) < LONGEST
    with pytest.raises(InputError, match="at most"):
        added(choices)


# --- charts as files, and their labels --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("own") / "mine.yaml"
    path.write_text(OWN, encoding="utf-8")
    made = Desk(path)
    made.tell("restore", "")
    settled(made.session, 59)
    yield made
    made.session.close()


@pytest.mark.parametrize("chart", TABLES)
def test_the_file_of_a_chart_has_the_numbers_of_the_arrays(desk: Desk, chart: str) -> None:
    name, text = desk.chart_file(chart)
    assert name == f"mine_{chart}_to_2020-09-29.csv"
    rows = list(csv.DictReader(text.splitlines()))
    scene = desk.scene(desk.session.moment)
    assert rows and scene is not None
    if chart == "timeline":
        assert (rows[0]["policy"], rows[0]["on"]) == ("ban", "2020-08-11")
        return
    metric, of = {"family": ("family_contact_lost", "group"), "users": ("active_users", "platform"),
                  "vpn": ("vpn_users", "state")}.get(chart, ("", ""))  # fmt: skip
    if metric:
        mine = [row for row in rows if row[of] == rows[0][of]]
        at = [getattr(scene.policy.axes, f"{of}s").index(rows[0][of])]
        at = [scene.policy.axes.states.index(rows[0]["state"]), *at] if chart == "users" else at
        for column, arm in (("without_policies", scene.baseline), ("with_policies", scene.policy)):
            values = [float(row[column]) for row in mine]
            assert np.allclose(values, arm.arrays[metric][(slice(0, 60), *at)], equal_nan=True)
    elif chart == "atlas":
        assert {row["metric"] for row in rows} == {"openness", "people_out_of_contact"}
    else:
        pair = next(row for row in rows if {row["state"], row["other_state"]} == {"US", "CN"})
        assert (float(pair["without_policies"]), float(pair["with_policies"])) == scene.ties("US", "CN")


# --- in the browser ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as made:
        yield made


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with served(OWN, tmp_path_factory.mktemp("served")) as url:
        yield url


def opened(browser: Browser, url: str, **keys: Any) -> Page:
    tab = browser.new_context(viewport={"width": 1280, "height": 900}, **keys).new_page()
    tab.on("pageerror", lambda error: pytest.fail(str(error)))
    tab.set_default_timeout(120_000)
    expect.set_options(timeout=60_000)
    tab.goto(url)
    tab.wait_for_selector(".sp-board[data-stage=done]")
    return tab


def tab_to(page: Page, target: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(150):
        if page.evaluate("document.activeElement.id") == target:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {target}")


def test_a_policy_is_added_with_the_keyboard_and_the_link_reopens_it_elsewhere(
    browser: Browser, address: Address
) -> None:
    page = opened(browser, address.signed)
    assert page.locator("#sp-chart-family polyline").count() >= 2, "it opens with a picture"
    tab_to(page, "sp-add-open")
    page.keyboard.press("Enter")
    tab_to(page, "sp-add-instrument")
    page.keyboard.type("Throttle")
    tab_to(page, "sp-add-by")
    page.keyboard.type("China")
    tab_to(page, "sp-add-target")
    page.keyboard.type("Skype")
    tab_to(page, "sp-add-on")
    page.keyboard.type("2020-08-20")
    tab_to(page, "sp-add-do")
    page.keyboard.press("Enter")
    expect(page.locator("#sp-on-throttle-1")).to_be_checked()
    tab_to(page, "sp-policies-ban-on")
    page.keyboard.press("Control+a")
    page.keyboard.type("2020-08-25")
    page.keyboard.press("Enter")
    expect(page.locator("#sp-chart-timeline svg")).to_have_attribute("aria-label", re.compile("from 2020-08-25"))
    tab_to(page, "sp-policies-throttle-1-targets")
    page.keyboard.type("Zoom")
    page.keyboard.press("Tab")
    expect(page.locator(".sp-chip", has_text="Zoom")).to_be_visible()
    # The inputs answer before the days are simulated again: wait for a picture of the new case.
    expect(page.locator("#sp-chart-timeline svg")).to_have_attribute("aria-label", re.compile("Zoom"))
    page.wait_for_selector(".sp-board[data-stage=done][data-day='59']:not(.sp-stale)")
    expect(page.locator("#sp-link")).to_have_value(re.compile(r"throttle-1.*2020-08-25.*day=59"))
    link = page.input_value("#sp-link")
    token = address.signed.partition("token=")[2]
    assert token and token not in link + page.url + page.content(), "the token stays in the cookie"
    seen = {name: page.inner_text(name) for name in ("h1", ".sp-second", ".sp-name")}
    chart = page.inner_html("#sp-chart-users")
    page.reload()
    page.wait_for_selector(".sp-board[data-stage=done]")
    expect(page.locator("#sp-policies-ban-on")).to_have_value("2020-08-25")
    page.context.close()

    other = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    other.set_default_timeout(120_000)
    other.goto(link)  # no cookie: the server asks for the token, and the case is not lost meanwhile
    tab_to(other, "token")
    other.keyboard.type("wrong")
    other.keyboard.press("Enter")
    other.wait_for_url(re.compile("token=wrong"))
    tab_to(other, "token")
    other.keyboard.type(token)
    other.keyboard.press("Enter")
    other.wait_for_selector(".sp-board[data-stage=done]")
    assert other.url == link, "the address has the case, and no token"
    expect(other.locator("#sp-policies-ban-on")).to_have_value("2020-08-25")
    expect(other.locator(".sp-chip", has_text="Zoom")).to_be_visible()
    for name, text in seen.items():
        expect(other.locator(name)).to_have_text(text)
    held = other.context.new_page()
    held.goto(link)  # with the cookie the link is enough
    held.wait_for_selector(".sp-board[data-stage=done]", timeout=120_000)
    expect(held.locator("#sp-policies-ban-on")).to_have_value("2020-08-25")
    held.close()
    assert other.inner_html("#sp-chart-users") == chart
    tab_to(other, "sp-remove-throttle-1")
    other.keyboard.press("Enter")
    expect(other.locator("#sp-on-throttle-1")).to_have_count(0)
    other.context.close()


def test_a_chart_is_saved_as_picture_and_table_and_the_page_can_be_dark(
    browser: Browser, address: Address, tmp_path: Path
) -> None:
    page = opened(browser, address.signed, color_scheme="dark", accept_downloads=True)
    paper = page.evaluate("getComputedStyle(document.querySelector('.sp-card')).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", paper)[:3])) < 150
    assert "invert" in page.evaluate("getComputedStyle(document.querySelector('.sp-chart svg')).filter")
    for words, ending in (("as PNG", ".png"), ("as CSV", ".csv")):
        with page.expect_download() as file:
            page.locator(f"#sp-chart-family + .sp-save button[aria-label*='{words}']").click()
        saved = tmp_path / file.value.suggested_filename
        file.value.save_as(saved)
        assert saved.suffix == ending
        if ending == ".png":
            assert saved.read_bytes().startswith(b"\x89PNG") and saved.stat().st_size > 5_000
        else:
            assert saved.read_text(encoding="utf-8").startswith(
                "group,unit,date,without_policies,with_policies\nUS<-CN"
            )
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.querySelector('.sp-page').scrollWidth <= window.innerWidth")
    page.context.close()

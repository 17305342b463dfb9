"""The page of explore in a real browser: keyboard, link, speed, phone, dark."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import started
from playwright.sync_api import Browser, Page, expect
from scripts import script

PAGES = Path(__file__).resolve().parents[2] / "pages"


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return dict(
        json.loads((PAGES / "explored" / "wechat_as_ordered.json").read_text(encoding="utf-8"))
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> str:
    module = script("pages/explorer.py")
    return str(module.pages(tmp_path_factory.mktemp("explorer"))[0].as_uri())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as made:
        yield made


def opened(browser: Browser, address: str, **keys: Any) -> Page:
    page = browser.new_page(**keys)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(address)
    page.wait_for_selector("#chart svg")
    return page


def shows(page: Page, data: dict[str, Any], run: int) -> None:
    expect(page.locator("body")).to_have_attribute("data-run", str(run))
    expect(page.locator("#headline p").first).to_have_text(data["runs"][run]["said"][0])
    expect(page.locator("#command")).to_have_text(data["runs"][run]["command"])


def test_the_keyboard_is_enough_and_a_link_reopens_the_choice(
    browser: Browser, place: str, data: dict[str, Any]
) -> None:
    page = opened(browser, place)
    shows(page, data, 0)
    before = page.inner_html("#chart")
    page.focus("#c1")
    page.keyboard.press("End")
    stops = data["controls"][1]["stops"]
    shows(page, data, stops[-1]["run"])
    expect(page.locator("#c1 + output")).to_have_text(stops[-1]["label"])
    assert page.inner_html("#chart") != before
    assert page.locator("#chart polygon").count() == 1, "the band"
    link = page.url
    page.focus("#c0")
    page.keyboard.press("Home")
    shows(page, data, data["controls"][0]["stops"][0]["run"])
    expect(page.locator("#c1 + output")).to_contain_text("as it is")
    page.close()
    again = opened(browser, link)
    shows(again, data, stops[-1]["run"])
    again.focus("#reset")
    again.keyboard.press("Enter")
    shows(again, data, 0)
    again.close()


def test_an_unknown_choice_in_the_link_is_not_taken(
    browser: Browser, place: str, data: dict[str, Any]
) -> None:
    for wrong in ("#c99=1", "#c0=<b>", "#x=&y"):
        page = opened(browser, f"{place}{wrong}")
        assert int(page.get_attribute("body", "data-run") or "-1") in range(len(data["runs"]))
        page.close()


def test_a_picture_follows_its_slider_within_a_tenth_of_a_second(
    browser: Browser, place: str
) -> None:
    page = opened(browser, place)
    took = page.evaluate(
        """() => { const slider = document.querySelector("#c0"), begun = performance.now();
        for (let i = 0; i < 20; i++) { slider.value = i % 3; slider.dispatchEvent(new Event("input", {bubbles: true})); }
        return (performance.now() - begun) / 20; }"""
    )
    assert took < 100
    page.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wider_than_the_screen_and_labels_lie_inside(
    browser: Browser, place: str, width: int
) -> None:
    page = opened(browser, place, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        "[...document.querySelectorAll('#chart text')].filter(e => e.getBoundingClientRect().right > innerWidth"
        " || e.getBoundingClientRect().left < 0).map(e => e.textContent)"
    )
    assert outside == []
    page.close()


def test_dark_mode_has_dark_paper_and_light_ink(browser: Browser, place: str) -> None:
    page = opened(browser, place, color_scheme="dark")
    paper, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('svg text')).fill]"
    )
    assert [sum(map(int, c[4:-1].split(","))) < 200 for c in (paper, ink)] == [True, False]
    page.close()

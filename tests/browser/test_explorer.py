"""The explorer of the opening case in a real browser: keyboard, link, phone, dark."""

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
    return dict(json.loads((PAGES / "explorer.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> str:
    module = script("pages/explorer.py")
    return str(module.page(tmp_path_factory.mktemp("explorer")).as_uri())


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


def shows(page: Page, data: dict[str, Any], key: str) -> None:
    assert page.get_attribute("body", "data-key") == key
    expect(page.locator("#headline")).to_contain_text(data["cells"][key]["headline"][0])
    expect(page.locator("#command")).to_have_text(data["commands"][key])


def test_the_keyboard_is_enough_and_a_link_reopens_the_choice(
    browser: Browser, place: str, data: dict[str, Any]
) -> None:
    page = opened(browser, place)
    shows(page, data, "transactions/2020-09-20/0.14/0.6")
    before = page.inner_html("#chart")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "technique":
            break
    page.keyboard.press("ArrowDown")  # the next technique
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")  # an earlier date
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    key = "providers/2020-08-06/0.5/0.3"
    shows(page, data, key)
    assert page.inner_html("#chart") != before
    assert page.locator("#chart polygon").count() == 2, "a band for each line"
    link = page.url
    page.close()
    again = opened(browser, link)
    shows(again, data, key)
    again.focus("#reset")
    again.keyboard.press("Enter")
    expect(again.locator("body")).to_have_attribute("data-key", "transactions/2020-09-20/0.14/0.6")
    again.close()


def test_an_unknown_choice_in_the_link_is_not_taken(
    browser: Browser, place: str, data: dict[str, Any]
) -> None:
    page = opened(browser, f"{place}#technique=magic&only=0.3&x=<b>")
    shows(page, data, "transactions/2020-09-20/0.14/0.3")
    page.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
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

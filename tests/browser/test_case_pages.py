"""Reports in a browser: any web host serves them, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import files_served, started
from playwright.sync_api import Browser
from toy_results import toy_result

import splinternet as sn
from splinternet.app.report import _PICTURE, write_report


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site = tmp_path_factory.mktemp("case")
    write_report(toy_result(5, 60), site / "run.html")
    with files_served(site) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as made:
        yield made


@pytest.mark.parametrize(("width", "scripts"), [(390, True), (1280, True), (390, False)])
def test_it_opens_from_a_plain_server_and_asks_nobody_else(
    browser: Browser, address: str, scripts: bool, width: int
) -> None:
    window = browser.new_context(
        viewport={"width": width, "height": 844 if width < 500 else 800},
        java_script_enabled=scripts,
        color_scheme="dark" if width < 500 else "light",
    )
    page = window.new_page()
    asked, wrong = list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{address}/run.html")
    bottom = page.locator(".caveats").bounding_box()
    assert bottom is not None and bottom["y"] + bottom["height"] <= (844 if width < 500 else 800), (
        "the first screen"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) < 200) is (width < 500), (
        "dark where the system is"
    )
    assert {url for url in asked if not url.startswith((address, "about:", "data:"))} == set()
    assert not wrong
    window.close()


def test_the_first_picture_fills_a_phone_and_follows_what_was_measured(
    browser: Browser, tmp_path: Path
) -> None:
    """Its letters are drawn for 363 pixels; a smaller picture could not be read."""
    result = sn.run("events/br_x_2024", people=1_000, seeds=1, jobs=1)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    write_report(result, tmp_path / "run.html")
    page.goto((tmp_path / "run.html").as_uri())
    picture = page.locator(".answer img").bounding_box()
    counted = page.locator(".answer .measured").last.bounding_box()
    assert picture is not None and counted is not None
    wide, high = _PICTURE
    assert picture["width"] >= 360
    assert abs(picture["height"] * wide / high - picture["width"]) < 3, "not shrunk to a height"
    assert counted["y"] < picture["y"]
    assert picture["y"] + picture["height"] <= 844, "answer, counts and picture fill one screen"
    page.close()

"""Pages of the gallery: any web host serves them, with and without scripts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import html5lib
import pytest
from browsing import files_served, started
from conftest import block, scenario
from playwright.sync_api import Browser, expect
from toy_results import toy_result

import splinternet as sn
from splinternet.app.pages import Picture
from splinternet.app.report import _PICTURE, run_page, sweep_page
from splinternet.text.finding_sentences import headline

BESIDE = "data.csv", "scenario.yaml"
"""The files beside a page: numbers and scenario."""
GRID = {"policies.ban.technique": ["dpi", "isp"], "ties.only_channel": [0.3, 0.9]}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the pages of a run and of a small sweep."""
    place = tmp_path_factory.mktemp("case")
    result = toy_result(5, 60)
    swept = sn.sweep(scenario([block()], people=1_000, days=40), GRID, seeds=2, jobs=1)
    png = BytesIO()
    swept.plot().savefig(png, format="png")
    picture = f"data:image/png;base64,{b64encode(png.getvalue()).decode()}"
    chart = Picture(picture, "The sweep as a chart", 864, 520, "")
    (place / "run.html").write_text(run_page(result, *BESIDE), encoding="utf-8")
    page = sweep_page(swept.scenario, swept.table, chart, *BESIDE)
    (place / "swept.html").write_text(page, encoding="utf-8")
    return place


def test_the_page_of_a_run_has_its_finding_its_files_and_the_command(site: Path) -> None:
    text = (site / "run.html").read_text(encoding="utf-8")
    said = " ".join(" ".join(html5lib.HTMLParser(strict=True).parse(text).itertext()).split())
    assert headline(toy_result(5, 60))[0] in said.replace("\u00a0", " ")
    assert "splinternet run" in said and all(f'href="{file}"' in text for file in BESIDE)


# --- in the browser -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
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
    page.goto(f"{address}/swept.html")
    expect(page.locator("#points tbody tr")).to_have_count(4)
    if scripts:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.select_option("select >> nth=0", "isp")
        page.select_option("select >> nth=1", "0.3")
        assert page.url.endswith("#policies.ban.technique=isp&ties.only_channel=0.3")
        expect(page.locator("tr.on")).to_have_count(1)
        said = page.inner_text("#chosen")
        page.goto("about:blank")
        page.goto(f"{address}/swept.html#policies.ban.technique=isp&ties.only_channel=0.3")
        expect(page.locator("#chosen")).to_have_text(said)
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, paper[4:-1].split(","))) < 200) is (width < 500), (
            "dark where the system is"
        )
    else:
        expect(page.locator("#choose")).to_be_hidden()
    assert {url for url in asked if not url.startswith((address, "about:", "data:"))} == set()
    assert not wrong
    window.close()


def test_the_first_picture_fills_a_phone_and_follows_what_was_measured(
    browser: Browser, tmp_path: Path
) -> None:
    """Its letters are drawn for 363 pixels; a smaller picture could not be read."""
    result = sn.run("events/br_x_2024", people=1_000, seeds=1, jobs=1)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    (tmp_path / "run.html").write_text(run_page(result, *BESIDE), encoding="utf-8")
    page.goto((tmp_path / "run.html").as_uri())
    picture = page.locator(".answer img").bounding_box()
    counted = page.locator(".answer .measured").last.bounding_box()
    assert picture is not None and counted is not None
    wide, high = _PICTURE
    assert picture["width"] >= 360
    assert abs(picture["height"] * wide / high - picture["width"]) < 3, "not shrunk to a height"
    assert counted["y"] < picture["y"]
    page.close()

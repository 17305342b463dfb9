"""A published case: files that stand alone, and a page that any web host serves, with and without
scripts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import html5lib
import pandas as pd
import pytest
from browsing import files_served, started
from conftest import block, call, scenario
from playwright.sync_api import Browser, expect
from toy_results import toy_result

import splinternet as sn
from splinternet.app.report import DATA, FILE, PAGE, publish
from splinternet.errors import InputError
from splinternet.scenario import load
from splinternet.text.findings import headline

GRID = {"policies.ban.technique": ["dpi", "isp"], "ties.only_channel": [0.3, 0.9]}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish a run and a small sweep."""
    place = tmp_path_factory.mktemp("case")
    toy_result(5, 60).save(place / "run")
    spec = scenario([block()], people=1_000, days=40)
    sn.sweep(spec, GRID, seeds=2, jobs=1, out=place / "swept")
    publish(place / "run", place / "site" / "run")
    publish(place / "swept", place / "site" / "swept")
    return place / "site"


def test_a_run_is_published_with_its_data_its_scenario_and_the_command(site: Path) -> None:
    result = toy_result(5, 60)
    folder = site / "run"
    assert sorted(path.name for path in folder.iterdir()) == sorted((PAGE, DATA, FILE))
    text = (folder / PAGE).read_text(encoding="utf-8")
    said = " ".join(" ".join(html5lib.HTMLParser(strict=True).parse(text).itertext()).split())
    assert headline(result)[0] in said.replace("\u00a0", " ")
    assert "splinternet run" in said and f'href="{DATA}"' in text and f'href="{FILE}"' in text
    assert load(folder / FILE).digest == result.scenario.digest
    assert len(pd.read_csv(folder / DATA)) == len(result.summary())


def test_every_point_of_a_sweep_stands_on_its_page(site: Path) -> None:
    text = (site / "swept" / PAGE).read_text(encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(text)
    assert text.count("<tr data-values=") == 4
    assert load(site / "swept" / FILE).title == "a test"
    table = pd.read_csv(site / "swept" / DATA, keep_default_na=False)
    assert set(table["point"]) == {0, 1, 2, 3}


def test_what_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(
        capsys, "publish", str(tmp_path / "nothing"), "--out", str(tmp_path / "site")
    )
    assert code == 2 and "is not a folder" in err and not (tmp_path / "site").exists()
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        publish(tmp_path, tmp_path / "file")


# --- in the browser -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with files_served(site) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as made:
        yield made


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("width", [390, 1280])
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
    page.goto(f"{address}/run/")
    bottom = page.locator(".caveats").bounding_box()
    assert bottom is not None and bottom["y"] + bottom["height"] <= (844 if width < 500 else 800), (
        "the first screen"
    )
    page.goto(f"{address}/swept/")
    expect(page.locator("#points tbody tr")).to_have_count(4)
    if scripts:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.select_option("select >> nth=0", "isp")
        page.select_option("select >> nth=1", "0.3")
        assert page.url.endswith("#policies.ban.technique=isp&ties.only_channel=0.3")
        expect(page.locator("tr.on")).to_have_count(1)
        said = page.inner_text("#chosen")
        page.goto("about:blank")
        page.goto(f"{address}/swept/#policies.ban.technique=isp&ties.only_channel=0.3")
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

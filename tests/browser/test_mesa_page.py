"""Mesa's own page of a model: the script and the notebook of the docs, served to a browser."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from browsing import LONG, started
from playwright.sync_api import Browser, Page, expect

from splinternet.app.live_server import free_port

ROOT = Path(__file__).resolve().parents[2]


def documented() -> str:
    """Return the program that the page shows."""
    text = (ROOT / "docs" / "elsewhere.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(from mesa.visualization import.*?)```", text, re.DOTALL)[0]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve both from one folder: Solara makes the script the first page, the notebook another."""
    folder = tmp_path_factory.mktemp("mesa")
    (folder / "app.py").write_text(documented(), encoding="utf-8")
    cell = nbformat.v4.new_code_cell(documented())
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "notebook.ipynb")
    port = free_port(0)
    call = [sys.executable, "-m", "solara", "run", ".", "--no-open", "--production"]
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            [*call, "--port", str(port)], cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/", server)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
            server.wait(20)
    assert "Traceback" not in (folder / "log.txt").read_text(encoding="utf-8")


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + LONG
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert server.poll() is None, "the server has ended"
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as made:
        yield made


def opened(browser: Browser, address: str) -> Page:
    page = browser.new_page()
    page.set_default_timeout(120_000)
    expect.set_options(timeout=120_000)
    page.goto(address)
    return page


def test_the_notebook_shows_it_too(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}notebook")
    expect(page.get_by_text(re.compile(r"^Time: 0(\.0)?$"))).to_be_visible()
    page.get_by_role("button", name="Step").click()
    expect(page.get_by_text(re.compile(r"^Time: 1(\.0)?$"))).to_be_visible()
    assert page.locator("img").count() == 1
    page.close()


def test_its_buttons_and_sliders_work_and_the_chart_follows(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    chart = page.locator("img").first
    seen = set[str | None]()

    def at(day: str) -> None:
        """Wait for a day, and for a chart that has not been seen yet."""
        expect(page.get_by_text(re.compile(rf"^Time: ({day})(\.0)?$"))).to_be_visible()
        for before in seen:
            expect(chart).not_to_have_attribute("src", before or "")
        seen.add(chart.get_attribute("src"))

    at("0")
    page.get_by_role("button", name="Step").click()
    at("1")
    page.get_by_role("button", name="▶").click()
    at(r"[5-9]|\d\d")
    page.get_by_role("button", name="❚❚").click()
    slider = page.get_by_role("slider", name="Simulated people")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "3000")
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text(re.compile(r"^Time: 0(\.0)?$"))).to_be_visible()
    page.get_by_role("button", name="Step").click()
    at("1")  # the same day of 3,000 people, another picture
    page.close()

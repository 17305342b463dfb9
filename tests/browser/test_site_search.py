"""Search on the site of the documentation finds the page that a reader wants, first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from browsing import started
from playwright.sync_api import Page
from scripts import script
from site_copy import copy_pages

RIGHT = {
    "add a country": "docs/how-to/add-a-state/",
    "add a platform": "docs/how-to/add-a-platform/",
    "sanction": "docs/platforms-that-answer/#sanctions-and-how-a-platform-decides",
    "family": "docs/model/#7-contact-with-family",
    "who lost contact with whom": "notebooks/07_ties/",
}
"""What a reader types, and where the first result must lead."""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    root = copy_pages(tmp_path_factory.mktemp("site"))
    site = script("pages/site.py")
    done = site.build(root)
    assert done.returncode == 0, done.stdout + done.stderr
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root / site.SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with started() as browser:
            made = browser.new_page()
            made.set_default_timeout(60_000)
            made.goto(f"http://127.0.0.1:{server.server_port}/docs/")
            made.get_by_role("button", name="Search").first.click()
            yield made
    finally:
        server.shutdown()
        server.server_close()


def first(page: Page, words: str) -> str:
    """Return where the first result for some words leads, from the root of the site."""
    field = page.get_by_role("combobox", name="Search")
    results = page.locator("ol[role=listbox] a")  # inside an option, where no role of its own counts
    field.fill("")
    results.first.wait_for(state="detached")
    field.fill(words)
    results.first.wait_for()
    return str(results.first.get_attribute("href")).split("/", 3)[3]


@pytest.mark.parametrize("words", RIGHT)
def test_the_first_result_is_the_page_that_is_meant(page: Page, words: str) -> None:
    assert first(page, words).startswith(RIGHT[words])

"""The dashboard beside hostile pages: nothing is read, work ends with its tab, and tabs beyond the
most are refused.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Address, files_served, served, started
from playwright.sync_api import Browser, BrowserContext

TABS = 3  # the most tabs here, so that the test takes a part of the time that all of them take
LEFT = 3  # seconds after which work for a closed tab ends here, instead of a quarter of a minute
STUDY = """\
title: SECRET unpublished what-if
start: 2020-08-01
days: 1500
people: 30_000
policies:
  - {id: ban, on: 2020-08-10, by: US, instrument: block, targets: [WeChat], reference: a confidential source}
"""
PAGE = """<!doctype html><title>cats</title><script>
const port = PORT, seen = [];
const done = what => { seen.push(what); document.title = JSON.stringify(seen); };
const socket = new WebSocket(`ws://127.0.0.1:${port}/jupyter/api/kernels/k1/channels?session_id=s1`);
socket.onopen = () => done('socket open');
socket.onerror = () => done('socket refused');
socket.onmessage = event => done('socket said something');
fetch(`http://127.0.0.1:${port}/`, {credentials: 'include'}).then(r => r.text()).then(
  text => done('read ' + text.length), () => done('fetch refused'));
const frame = document.createElement('iframe');
frame.src = `http://127.0.0.1:${port}/`;
frame.onload = () => { try { done('frame ' + frame.contentDocument.body.innerText.length); }
                       catch (error) { done('frame closed'); } };
document.documentElement.append(frame);
</script>"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    sooner = f"from splinternet.app.dashboard import serve; serve.LEFT_SECONDS = {LEFT}; serve.MOST_TABS = {TABS}"
    with served(STUDY, tmp_path_factory.mktemp("served"), sooner) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser for which the names of the attacker lead to this machine."""
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    with started(rules) as made:
        yield made


@pytest.fixture(scope="module")
def window(browser: Browser, study: Address) -> Iterator[BrowserContext]:
    """Open the window of somebody who has the dashboard open, and so holds its cookie."""
    made = browser.new_context()
    tab = made.new_page()
    tab.goto(study.signed)
    tab.wait_for_selector(".sp-picture", timeout=120_000)
    assert "SECRET" in tab.inner_text("body")
    yield made
    made.close()


@pytest.fixture(scope="module")
def attacker(tmp_path_factory: pytest.TempPathFactory, study: Address) -> Iterator[int]:
    """Serve a hostile page; return its port."""
    folder = tmp_path_factory.mktemp("evil")
    (folder / "index.html").write_text(PAGE.replace("PORT", study.split(":")[2].strip("/")))
    with files_served(folder) as port:
        yield port


@pytest.mark.parametrize("host", ["evil.example", "localhost"])
def test_a_page_of_another_origin_reads_nothing(
    host: str, window: BrowserContext, attacker: int
) -> None:
    tab = window.new_page()
    tab.goto(f"http://{host}:{attacker}/")
    tab.wait_for_function(
        "document.title.startsWith('[') && JSON.parse(document.title).length >= 3", timeout=60_000
    )
    told = json.loads(tab.title())
    assert sorted(told) == ["fetch refused", "frame closed", "socket refused"]
    tab.close()


def test_a_name_that_leads_here_is_not_answered(window: BrowserContext, study: Address) -> None:
    """DNS rebinding: the page of the attacker is at this server's own port, so that its origin is
    the server's.
    """
    for url in (
        study.replace("127.0.0.1", "evil.example"),
        study.signed.replace("127.0.0.1", "evil.example"),
    ):
        tab = window.new_page()
        answer = tab.goto(url)
        assert answer is not None
        assert (answer.status, answer.text()) == (403, "This server does not answer to that name.")
        assert window.cookies(url) == []
        tab.close()


def test_without_the_token_there_is_no_page(browser: Browser, study: Address) -> None:
    other = browser.new_context()
    answer = other.new_page().goto(study)
    assert answer is not None
    assert answer.status == 403
    assert "SECRET" not in answer.text()
    other.close()


def test_more_tabs_than_fit_are_refused_and_their_work_ends_with_them(
    window: BrowserContext, study: Address
) -> None:
    window.set_default_timeout(120_000)
    tabs = [window.new_page() for _ in range(TABS + 1)]
    for tab in tabs:
        tab.goto(study, wait_until="domcontentloaded")
        if not tab.locator("body").inner_text().startswith(f"{TABS} tabs are open"):
            tab.wait_for_selector(".sp-page", timeout=120_000)
    shown = [tab for tab in tabs if tab.locator(".sp-page").count()]
    assert len(shown) == TABS - 1  # one is open since the beginning
    assert busy(study.pid) > 0.2
    used = memory(study.pid)
    assert used < 2_000
    for tab in window.pages:
        tab.close()
    end = time.monotonic() + LEFT + 40
    while (share := busy(study.pid, 1.0)) >= 0.2 or memory(study.pid) >= max(used, 1_000):
        assert time.monotonic() < end, f"the server still works for closed tabs ({share})"
    fresh = window.new_page()
    fresh.goto(study)
    fresh.wait_for_selector(".sp-picture", timeout=120_000)


def memory(pid: int) -> float:
    """Return what a process holds of the memory [MB]."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS"))


def busy(pid: int, seconds: float = 3.0) -> float:
    """Return how much of some seconds a process works [1]."""

    def spent() -> int:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])  # in hundredths of a second

    before = spent()
    time.sleep(seconds)
    return (spent() - before) / 100 / seconds

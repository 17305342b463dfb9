"""The tests find a browser, or say why there is none."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import browser as helper
import pytest
from browsing import started

SCRIPT = "#!/bin/sh\necho Chromium 1\n"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Be on a machine without any browser, that reaches no server; give its folder of programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "fetched"))
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    helper.browser.cache_clear()
    yield programs
    helper.browser.cache_clear()


def program(path: Path, text: str = SCRIPT) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_browser_of_the_machine_comes_first(bare: Path, tmp_path: Path) -> None:
    chrome = program(bare / "google-chrome")
    own = program(tmp_path / "own")
    assert helper.browser(own) == (chrome, "")
    helper.browser.cache_clear()
    chromium = program(bare / "chromium")
    assert helper.browser(own) == (chromium, "")


def test_then_that_which_playwright_has_if_it_starts(tmp_path: Path) -> None:
    own = program(tmp_path / "own")
    assert helper.browser(own) == (own, "")
    helper.browser.cache_clear()
    program(tmp_path / "own", "#!/bin/sh\necho no libnss3 >&2\nexit 127\n")
    assert helper.browser(own) == ("", "that of Playwright does not start (no libnss3)")


def test_a_download_that_hangs_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()
    monkeypatch.setattr(helper, "FETCH_SECONDS", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", address)
        assert helper.trouble_fetching() == "Playwright did not fetch one within 3 seconds"
        left = [
            path.parent.name
            for path in Path("/proc").glob("[0-9]*/environ")
            if address.encode() in environment(path)
        ]
    assert left in ([], [str(os.getpid())])
    assert time.monotonic() - begun < 60


def environment(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # a process of somebody else's, or one that has just ended
        return b""


def test_without_any_a_user_reads_why_and_continuous_integration_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = "no browser: none of chromium, .* installed, and Playwright cannot .*ECONNREFUSED"
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(BaseException, match=told) as raised, started():
        pass
    assert type(raised.value).__name__ == "Skipped"
    monkeypatch.setenv("CI", "true")
    with pytest.raises(BaseException, match=told) as raised, started():
        pass
    assert type(raised.value).__name__ == "Failed"

"""The tests find a browser, or let Playwright fetch one, or say why there is none."""

from __future__ import annotations

import http.server
import io
import os
import socket
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser as helper
import pytest
from browsing import started
from playwright.sync_api import sync_playwright

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


def served(monkeypatch: pytest.MonkeyPatch, content: bytes) -> http.server.ThreadingHTTPServer:
    """Serve an archive under every address, as the server of Playwright's downloads."""

    class Archive(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Archive)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", f"http://127.0.0.1:{server.server_address[1]}")
    return server


def test_else_playwright_fetches_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with sync_playwright() as play:
        own = Path(play.chromium.executable_path)
    assert own.is_relative_to(tmp_path / "fetched") and not own.exists()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in (f"{own.parent.name}/{own.name}", "ffmpeg-linux"):  # the latter comes along
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, SCRIPT)
    server = served(monkeypatch, packed.getvalue())
    assert helper.browser(str(own)) == (str(own), "")
    server.shutdown()
    server.server_close()


def test_a_download_that_fails_or_hangs_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()
    assert "Playwright cannot fetch one (Error: " in helper.trouble_fetching()
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

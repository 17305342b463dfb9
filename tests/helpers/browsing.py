"""What the tests in a browser share: where it is, how it is started, and the live page served to
it.
"""

from __future__ import annotations

import functools
import http.server
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from browser import browser, no_browser
from playwright.sync_api import Browser, sync_playwright

from splinternet.app.live_server import free_port


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@contextmanager
def files_served(folder: Path) -> Iterator[int]:
    """Serve the files of a folder as any web host does; give the port."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


# seconds after which something is held to be stuck, on a machine that does other work as well
LONG = 300.0


@contextmanager
def started(*more: str) -> Iterator[Browser]:
    """Start the browser, with more arguments where a test needs them."""
    with sync_playwright() as play:
        path, why_not = browser(play.chromium.executable_path)
        if why_not:
            no_browser(why_not)
        made = play.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", *more]
        )
        yield made
        made.close()


class Address(str):
    """Where the page is served; ``signed`` is the printed address, with its token."""

    __slots__ = ("pid", "signed")
    pid: int
    signed: str


@contextmanager
def served(text: str, folder: Path, first: str = "pass") -> Iterator[Address]:
    """Serve the page as a user would, with a scenario that is written into a folder.

    Parameters
    ----------
    text : str
        The scenario.
    folder : Path
        Where it is written.
    first : str
        Python that the server runs before it starts.
    """
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    port = free_port(0)
    call = [
        sys.executable,
        "-c",
        f"{first}\nfrom splinternet.cli import main; main()",
        "explore",
        str(path),
        "--live",
        "--no-browser",
    ]
    unbuffered = {**os.environ, "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        [*call, "--port", str(port)], env=unbuffered, stdout=subprocess.PIPE, text=True
    )
    url = Address(f"http://127.0.0.1:{port}/")
    try:
        assert server.stdout is not None
        url.pid, url.signed = server.pid, re.findall(r"http://\S+", server.stdout.readline())[0]
        assert url.signed.startswith(f"{url}?token=")
        end = time.monotonic() + LONG
        while True:
            try:
                urllib.request.urlopen(url.signed, timeout=5).close()
                raise AssertionError("the token is not asked for again")
            except urllib.error.HTTPError as refused:  # the redirection carries no cookie here
                assert refused.code == 403
                break
            except OSError:
                assert server.poll() is None, "the server has ended"
                assert time.monotonic() < end, "the server does not answer"
                time.sleep(0.1)
        yield url
        server.send_signal(signal.SIGINT)
        assert server.wait(20) in (0, 130, -signal.SIGINT)
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()

"""Where the tests find a browser: on this machine, or else the one that Playwright fetches.

Where there is none either, the tests that need one are skipped with the reason; under continuous
integration they fail.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FETCH_SECONDS = 120.0
"""The longest that a download may take, assumption: some 170 MB over 12 Mbit/s [s]."""
CONNECT_SECONDS = 5.0
"""How long a server may take to answer, assumption [s]."""
INSTALL = "apt-get install -y --no-install-recommends chromium"


@cache
def browser(own: str) -> tuple[str, str]:
    """Find a browser, once in a process.

    Parameters
    ----------
    own : str
        Where Playwright keeps the one that it fetches.

    Returns
    -------
    path, why_not : str
        Where the browser is, or why there is none; the other is empty.
    """
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path, ""
    why_not = "" if Path(own).exists() else trouble_fetching()
    why_not = why_not or trouble_starting(own)
    return ("", why_not) if why_not else (own, "")


def trouble_fetching() -> str:
    """Let Playwright fetch a browser; return why it could not, within the time limit."""
    environment = os.environ | {
        "PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": str(int(1_000 * CONNECT_SECONDS))
    }
    fetching = subprocess.Popen(
        [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        told = fetching.communicate(timeout=FETCH_SECONDS)[0]
    except subprocess.TimeoutExpired:
        os.killpg(fetching.pid, signal.SIGKILL)  # the processes that it has started, too
        fetching.communicate()
        return f"Playwright did not fetch one within {FETCH_SECONDS:g} seconds"
    if fetching.returncode == 0:
        return ""
    errors = [line for line in told.splitlines() if line.startswith("Error: ")]
    return f"Playwright cannot fetch one ({errors[0] if errors else told[-200:]})"


def trouble_starting(path: str) -> str:
    """Return why a browser of Playwright's does not start: for want of libraries, say."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"that of Playwright does not start ({error})"
    return f"that of Playwright does not start ({done.stderr.strip()})" if done.returncode else ""


def no_browser(why_not: str) -> NoReturn:
    """Skip the test, with the reason; under continuous integration, fail."""
    reason = f"no browser: none of {', '.join(NAMES)} is installed, and {why_not}; {INSTALL}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)

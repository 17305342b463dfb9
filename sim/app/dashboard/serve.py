"""Starts the server of the dashboard on this machine; it fetches nothing from other servers."""

from __future__ import annotations

import importlib.util
import os
import socket
import threading
import warnings
import webbrowser
from pathlib import Path
from typing import Any

from ...errors import InputError, Problem, RunError, more_packages
from ...scenario.files import LARGEST_FILE
from .guard import PARAMETER, Guard

HOST = "127.0.0.1"
PORT = 8765
_PAGE = "splinternet.app.dashboard.page"
LEFT_SECONDS = 15
"""After so long without its tab a session ends: time for a page to reload (assumption) [s]."""
_LARGEST_MESSAGE = 4 * LARGEST_FILE  # an upload is a file as JSON
_TRIED = 20  # ports after the usual one that are tried when it is taken


def free_port(wanted: int | None) -> int:
    """Return the port to serve on: the one wanted, or the first free one from the usual one on.

    Parameters
    ----------
    wanted : int, optional
        0 for any free one.

    Raises
    ------
    InputError
        When the port that is wanted is taken.
    """
    for port in (wanted,) if wanted is not None else (*range(PORT, PORT + _TRIED), 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                if wanted is None:
                    continue
                found = f"port {port} cannot be used ({error.strerror})"
                raise InputError(Problem("--port", found, "a free port", "leave --port out")) from None
            return int(probe.getsockname()[1])
    raise RunError("no free port was found; name one with --port")


def check_installed() -> None:
    """Raise RunError, with what to do, when the dashboard's packages are missing."""
    if importlib.util.find_spec("solara") is None or importlib.util.find_spec("solara.server") is None:
        raise RunError(f"the dashboard needs more packages; {more_packages('dashboard')}")


def make_app(own: Path | None, name: str | None) -> Any:
    """Return the server's application, set up so that it sends no request to another server.

    Parameters
    ----------
    own : Path, optional
        A scenario file that can be chosen beside the shipped ones, and is opened first.
    name : str, optional
        The shipped scenario to open first.
    """
    check_installed()
    from . import page

    # Solara loads the page by itself, so what the page is to open reaches it by the environment.
    for key, value in ((page.OWN_FILE, str(own) if own else ""), (page.OWN_NAME, name or "")):
        os.environ[key] = value
        if not value:
            del os.environ[key]
    os.environ["SOLARA_APP"] = _PAGE
    import solara.settings
    from solara.server import settings

    settings.telemetry.mixpanel_enable = False
    # A request to another server would reveal that the dashboard is used; solara-assets contains all files.
    solara.settings.assets.cdn = "http://127.0.0.1:9/"
    settings.main.mode = "production"
    settings.theme.loader = "plain"
    settings.theme.show_banner = False
    settings.theme.title = "Splinternet: explore"
    settings.assets.fontawesome_enabled = False
    settings.kernel.cull_timeout = f"{LEFT_SECONDS}s"
    # The warning is only about pages in a frame of another page, which this one is not.
    warnings.filterwarnings("ignore", "Cookies with samesite=none require https")
    from solara.server.starlette import app

    return app


def address(port: int, token: str) -> str:
    """Return the address to open, with the token that every request needs."""
    return f"http://{HOST}:{port}/?{PARAMETER}={token}"


def serve(own: Path | None, name: str | None, port: int, token: str, *, browser: bool = True) -> None:
    """Serve the page until interrupted.

    Parameters
    ----------
    own, name : Path and str, optional
        As for `make_app`.
    port : int
        A free port.
    token : str
        Of `guard.new_token`.
    browser : bool
        Whether to open it in a browser.
    """
    import uvicorn

    app = Guard(make_app(own, name), port, token)
    config = uvicorn.Config(app, host=HOST, port=port, log_level="warning", access_log=False, loop="asyncio")
    config.ws_max_size, config.proxy_headers, config.server_header = _LARGEST_MESSAGE, False, False
    config.timeout_graceful_shutdown = 2  # open tabs must not keep the server from ending
    server = uvicorn.Server(config)
    if browser:
        threading.Timer(1.0, webbrowser.open, [address(port, token)]).start()
    server.run()

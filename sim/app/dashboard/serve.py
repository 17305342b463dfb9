"""Starts Solara's server on this machine, behind a guard; it fetches nothing from other servers.

The server listens on this machine only. This does not keep out other pages of the same browser, or
other users of the machine. Therefore, as in Jupyter, every request needs the token (first in the
address, then in a cookie), must name this server as its host (another name means that a name server
was made to point here), and must not come from another page. A request is refused before it reaches
the application.
"""

from __future__ import annotations

import hmac
import importlib.util
import os
import secrets
import socket
import threading
import warnings
import webbrowser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ...core.program import more_packages
from ...errors import InputError, Problem, RunError

HOST, PORT = "127.0.0.1", 8765
LEFT_SECONDS = 15
"""After so long without its tab a session ends: time for a page to reload (assumption) [s]."""
MOST_TABS = 8
"""Tabs that are served at once (assumption: more than anybody looks at)."""
PARAMETER = "token"
_PAGE = "splinternet.app.dashboard.page"
_TRIED = 20  # ports after the usual one that are tried when it is taken
_REFUSED = 1008  # the close code of a websocket for a violated policy
_HEADERS = {
    "x-frame-options": "DENY",
    "content-security-policy": "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(32)


class Guard:
    """Lets an ASGI application that is served at a port answer those who may use it, and refuses
    all others.

    They know the token, which the printed address has.
    """

    def __init__(self, app: Any, port: int, token: str) -> None:
        self._app, self._token = app, token
        self._hosts = frozenset(f"{name}:{port}" for name in (HOST, "localhost", "[::1]"))
        self._cookie = f"splinternet-{port}"  # cookies of one host are shared by all of its ports
        self._open = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, or refuse."""
        from starlette.requests import HTTPConnection

        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        if scope["type"] == "websocket":
            origin = f"http://{asked.headers.get('host')}"
            is_own = (
                not self._fault(asked)
                and asked.headers.get("origin") == origin
                and self._has_cookie(asked)
            )
            if not is_own or self._open >= MOST_TABS:
                await receive()
                await send({"type": "websocket.close", "code": _REFUSED})
                return
            self._open += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._open -= 1
        elif (answer := self._answer(asked)) is not None:
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send))

    def _answer(self, asked: Any) -> Any:
        """Return the guard's own answer to a request; None where the application may answer."""
        from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse

        from ..pages import render

        if fault := self._fault(asked):
            return PlainTextResponse(fault, 403, _HEADERS)
        pairs = parse_qsl(asked.url.query, keep_blank_values=True)
        rest = [(key, value) for key, value in pairs if key != PARAMETER]
        if self._is_token(dict(pairs).get(PARAMETER, "")):
            # Not to another host, whatever the path says: it begins with one slash.
            target = "/" + asked.url.path.lstrip("/\\") + (f"?{urlencode(rest)}" if rest else "")
            answer = RedirectResponse(target, 303, _HEADERS)
            answer.set_cookie(self._cookie, self._token, httponly=True, samesite="lax")
            return answer
        if not self._has_cookie(asked):
            return HTMLResponse(render("token.html", kept=rest), 403, _HEADERS)
        if asked.url.path == "/" and self._open >= MOST_TABS:
            return PlainTextResponse(
                f"{MOST_TABS} tabs are open: close one, then reload this page.", 503, _HEADERS
            )
        return None

    def _fault(self, asked: Any) -> str:
        """Return why a request does not come from a page of this server; empty where it may."""
        hosts, origins = asked.headers.getlist("host"), asked.headers.getlist("origin")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "This server does not answer to that name."
        if any(origin not in {f"http://{host}" for host in self._hosts} for origin in origins):
            return "Another page may not use this server."
        return ""

    def _has_cookie(self, asked: Any) -> bool:
        return self._is_token(asked.cookies.get(self._cookie, ""))

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())


def _with_headers(send: Any) -> Any:
    """Return a way to send answers that no other page may frame, embed or learn from."""

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            more = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        await send(message)

    return sending


def free_port(wanted: int | None) -> int:
    """Return the port to serve on: the one wanted (0 for any free one), or the first free one from
    the usual one on.

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
                raise InputError(
                    Problem("--port", found, "a free port", "leave --port out")
                ) from None
            return int(probe.getsockname()[1])
    raise RunError("no free port was found; name one with --port")


def check_installed() -> None:
    """Raise RunError, with what to do, when the dashboard's packages are missing."""
    if (
        importlib.util.find_spec("solara") is None
        or importlib.util.find_spec("solara.server") is None
    ):
        raise RunError(f"the dashboard needs more packages; {more_packages('dashboard')}")


def make_app(own: Path | None, name: str | None) -> Any:
    """Return the server's application, set up so that it sends no request to another server.

    It opens a scenario file, which can be chosen beside the shipped ones, or the shipped scenario
    of a name.
    """
    check_installed()
    from . import page

    # Solara loads the page by itself, so what the page is to open reaches it by the environment.
    for key, value in ((page.OWN_FILE, str(own) if own else ""), (page.OWN_NAME, name or "")):
        os.environ[key] = value
    os.environ["SOLARA_APP"] = _PAGE
    import solara.settings
    from solara.server import settings

    settings.telemetry.mixpanel_enable = False
    # A request to another server would reveal that the dashboard is used; solara-assets contains
    # all files.
    solara.settings.assets.cdn = "http://127.0.0.1:9/"
    settings.main.mode = "production"
    settings.theme.loader = "plain"
    settings.theme.show_banner = False
    settings.theme.title = "Splinternet"
    settings.assets.fontawesome_enabled = False
    settings.kernel.cull_timeout = f"{LEFT_SECONDS}s"
    # The warning is only about pages in a frame of another page, which this one is not.
    warnings.filterwarnings("ignore", "Cookies with samesite=none require https")
    from solara.server.starlette import app

    return app


def address(port: int, token: str) -> str:
    """Return the address to open, with the token that every request needs."""
    return f"http://{HOST}:{port}/?{PARAMETER}={token}"


def serve(
    own: Path | None, name: str | None, port: int, token: str, *, browser: bool = True
) -> None:
    """Serve the page of `make_app` on a free port until interrupted, and open it in a browser where
    that is wanted.

    The token is one of `new_token`.
    """
    import uvicorn

    from .answers import end_work

    app = Guard(make_app(own, name), port, token)
    config = uvicorn.Config(
        app, host=HOST, port=port, log_level="warning", access_log=False, loop="asyncio"
    )
    config.proxy_headers, config.server_header = False, False
    config.timeout_graceful_shutdown = 2  # open tabs must not keep the server from ending
    server = uvicorn.Server(config)
    if browser:
        threading.Timer(1.0, webbrowser.open, [address(port, token)]).start()
    try:
        server.run()
    finally:
        end_work()

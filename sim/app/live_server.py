"""Starts Solara's server for the live page on this machine, behind a guard; it fetches nothing from
other servers.

The server listens on this machine only. This does not keep out other pages of the same browser, or
other users of the machine. Therefore, as in Jupyter, every request needs the token (first in the
address, then in a cookie), must name this server as its host (another name means that a name server
was made to point here), and must not come from another page.
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
from collections.abc import Callable
from typing import Any

from ..core.program import more_packages
from ..errors import InputError, Problem, RunError
from ..scenario import Scenario

HOST = "127.0.0.1"
PORT = 8765
LEFT = "15s"
"""Time after which a session without a tab ends; a page can reload meanwhile (assumption)."""
_HEADERS = {
    "x-frame-options": "DENY",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Passes requests with the right token to an ASGI application, and refuses all others."""

    def __init__(self, app: Any, port: int, token: str) -> None:
        self._app = app
        self._token = token
        self._hosts = frozenset(f"{name}:{port}" for name in (HOST, "localhost"))
        self._cookie = f"splinternet-{port}"  # cookies of one host are shared by all of its ports

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, or refuse."""
        from starlette.requests import HTTPConnection

        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        host = asked.headers.get("host", "")
        origin = asked.headers.get("origin")
        is_own = host in self._hosts and origin in (None, f"http://{host}")
        if scope["type"] == "websocket":
            # A browser always says where a websocket comes from.
            if is_own and origin is not None and self._is_token(asked.cookies.get(self._cookie)):
                await self._app(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            return
        answer = self._answer(asked, is_own)
        await (answer or self._app)(scope, receive, _with_headers(send))

    def _answer(self, asked: Any, is_own: bool) -> Any:
        """Return the guard's own answer to a request; None if the application may answer."""
        from starlette.responses import PlainTextResponse, RedirectResponse

        if not is_own:
            return PlainTextResponse("This server does not answer to that name.", 403)
        if self._is_token(asked.query_params.get("token")):
            answer = RedirectResponse("/", 303)
            answer.set_cookie(self._cookie, self._token, httponly=True, samesite="lax")
            return answer
        if not self._is_token(asked.cookies.get(self._cookie)):
            return PlainTextResponse(
                "Open the address that the terminal printed, with its token.", 403
            )
        return None

    def _is_token(self, given: str | None) -> bool:
        return hmac.compare_digest((given or "").encode(), self._token.encode())


def _with_headers(send: Any) -> Any:
    """Return a send function whose headers keep other pages from framing or reading answers."""

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            more = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        await send(message)

    return sending


def free_port(wanted: int | None) -> int:
    """Return the port to serve on: the requested port (0: any free port), else the usual or a free
    one.

    Raises
    ------
    InputError
        The requested port is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, PORT if wanted is None else wanted))
        except OSError as error:
            if wanted is None:
                return free_port(0)
            found = f"port {wanted} cannot be used ({error.strerror})"
            raise InputError(Problem("--port", found, "a free port", "leave --port out")) from None
        return int(probe.getsockname()[1])


def serve(
    spec: Scenario, port: int | None, say: Callable[[str], None], *, browser: bool = True
) -> None:
    """Serve the live page of a scenario until interrupted; print its address, and open it in a
    browser if requested.

    Raises
    ------
    RunError
        Required packages are missing.
    """
    for package in ("solara", "altair"):
        if importlib.util.find_spec(package) is None:
            raise RunError(f"the live page needs more packages; {more_packages('live')}")
    chosen = free_port(port)
    token = secrets.token_urlsafe(32)
    address = f"http://{HOST}:{chosen}/?token={token}"
    say(f"Splinternet is at {address} (Ctrl+C ends it)")
    say("The address has a token: anyone with it can use the page. Do not share it.")
    import solara.settings
    import uvicorn
    from solara.server import settings

    from . import live

    live.OPENED["Page"] = spec
    os.environ["SOLARA_APP"] = live.__name__
    settings.telemetry.mixpanel_enable = False
    # A request to another server would reveal that the page is used; solara-assets has all files.
    solara.settings.assets.cdn = "http://127.0.0.1:9/"
    settings.main.mode = "production"
    settings.theme.show_banner = False
    settings.assets.fontawesome_enabled = False
    settings.kernel.cull_timeout = LEFT
    # The warning is only about pages in a frame of another page, which this one is not.
    warnings.filterwarnings("ignore", "Cookies with samesite=none require https")
    from solara.server.starlette import app

    config = uvicorn.Config(
        Guard(app, chosen, token), host=HOST, port=chosen, log_level="warning", loop="asyncio"
    )
    config.timeout_graceful_shutdown = 2  # open tabs must not keep the server from ending
    if browser:
        threading.Timer(1.0, webbrowser.open, [address]).start()
    try:
        uvicorn.Server(config).run()
    finally:
        live.SERVER_ENDS.set()

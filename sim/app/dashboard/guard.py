"""Access to the dashboard: only with the token of the printed address, only from its own page, and only for a few tabs.

The server listens on this machine only. This does not keep out other pages of the same browser, or other users of the
machine. Therefore, as in Jupyter, every request needs the token (first in the address, then in a cookie), must name
this server as its host (another name means that a name server was made to point here), and must not come from another
page. A request is refused before it reaches the application.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

from . import room

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_TABS = 8
"""Tabs that are served at once (assumption: more than anybody looks at)."""
PARAMETER = "token"
_HEADERS = (
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_ASKED = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Splinternet: token</title>
<style>:root { color-scheme: light dark } body { font: 16px/1.5 system-ui; max-width: 34em;
margin: 3em auto; padding: 0 1em }
input, button { font: inherit; padding: 6px 10px; box-sizing: border-box } input { width: 100%; margin: 6px 0 }</style>
<h1>This page needs its token</h1>
<form><label for="token">Open the address that the terminal printed, or paste its token here: the letters after
<code>?token=</code>.</label><input id="token" name="token" type="password" autocomplete="off" autofocus required>
<button>Open</button></form>
"""
"""What a browser without the cookie gets. A form without an action keeps the part of the address after the ``#``, so a
copied link opens its case once the token is given."""
_REFUSED = 1008  # the close code of a websocket for a violated policy


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(32)


class Guard:
    """Lets an application answer those who may use it, and refuses all others.

    Parameters
    ----------
    app : ASGI application
    port : int
        Where it is served.
    token : str
        What the printed address has.
    """

    def __init__(self, app: App, port: int, token: str) -> None:
        self._app, self._token = app, token
        self._hosts = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        self._cookie = f"splinternet-{port}"  # cookies of one host are shared by all of its ports
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._page(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._foreign(scope)
        if fault:
            await _say(send, 403, fault)
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        given = dict(query).get(PARAMETER, "")
        if given and self._is_token(given):
            rest = urlencode([(key, value) for key, value in query if key != PARAMETER])
            cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Lax"
            where = scope["path"] + (f"?{rest}" if rest else "")
            # Not to another host, whatever the path says: it begins with one slash.
            target = "/" + where.lstrip("/\\")
            headers = [(b"location", target.encode("latin-1", "replace")), (b"set-cookie", cookie.encode())]
            await _say(send, 303, "", headers)
        elif not self._has_cookie(scope):
            await _say(send, 403, _ASKED, kind="text/html")
        elif scope["path"] == "/" and (full := self._full()):
            await _say(send, 503, full)
        else:
            await self._app(scope, receive, _with_headers(send))

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._foreign(scope) or not self._has_cookie(scope) or self._open >= MOST_TABS:
            await receive()
            await send({"type": "websocket.close", "code": _REFUSED})
            return
        self._open += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open -= 1

    def _foreign(self, scope: Scope) -> str:
        """Return why a request does not come from a page of this server; empty where it may."""
        headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "This server does not answer to that name."
        origins = [value for name, value in headers if name == b"origin"]
        if any(origin not in self._origins for origin in origins):
            return "Another page may not use this server."
        if scope["type"] == "websocket" and origins != [f"http://{hosts[0]}"]:
            return "A connection needs the page of this server."
        return ""

    def _has_cookie(self, scope: Scope) -> bool:
        """Return whether a request carries the token in its cookie."""
        found = SimpleCookie()
        for name, value in scope["headers"]:
            if name.lower() == b"cookie":
                try:
                    found.load(value.decode("latin-1"))
                except CookieError:
                    return False
        kept = found.get(self._cookie)
        return kept is not None and self._is_token(kept.value)

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())

    def _full(self) -> str:
        """Return why no further tab can be opened; empty where one can."""
        if self._open >= MOST_TABS:
            return f"{MOST_TABS} tabs are open already: close one, then reload this page."
        if room.is_full():
            return "The open tabs simulate as much as fits: close one, or simulate fewer people or days in it."
        return ""


def _with_headers(send: Send) -> Send:
    """Return a way to send answers that no other page may frame, embed or learn from."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
        await send(message)

    return sending


async def _say(
    send: Send, status: int, text: str, headers: list[tuple[bytes, bytes]] | None = None, kind: str = "text/plain"
) -> None:
    """Answer with a text."""
    body = text.encode()
    first = [(b"content-type", f"{kind}; charset=utf-8".encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*first, *(headers or ()), *_HEADERS]})
    await send({"type": "http.response.body", "body": body})

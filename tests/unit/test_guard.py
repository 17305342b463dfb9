"""The live page's guard, without a server: what it lets through, what it refuses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from splinternet.app.live_server import Guard

PORT, TOKEN = 8765, "a-token-of-a-test"
OWN, COOKIE = f"127.0.0.1:{PORT}", f"splinternet-{PORT}={TOKEN}"


class Inner:
    """Stands in for the application: notes that it was reached."""

    def __init__(self) -> None:
        self.reached = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached += 1
        if scope["type"] == "http":
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]}
            )
            await send({"type": "http.response.body", "body": b"secret"})
        else:
            await send({"type": "websocket.accept"})
            await receive()


def ask(
    kind: str, headers: dict[str, str], path: str = "/", query: str = ""
) -> tuple[list[dict[str, Any]], int]:
    """Return what a request gets, and how often the application was reached."""
    inner, sent = Inner(), list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    told = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": kind, "headers": told, "path": path, "query_string": query.encode("latin-1")}
    asyncio.run(Guard(inner, PORT, TOKEN)(scope, receive, send))
    return sent, inner.reached


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": OWN},
        {"Host": OWN, "Cookie": f"splinternet-{PORT}=guessed"},
        {"Host": "evil.example:8765", "Cookie": COOKIE},
        {"Host": f"127.0.0.1.evil.example:{PORT}", "Cookie": COOKIE},
        {"Host": OWN, "Cookie": COOKIE, "Origin": "http://evil.example"},
        {"Host": OWN, "Cookie": COOKIE, "Origin": "null"},
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_who_is_refused_never_reaches_the_application(kind: str, headers: dict[str, str]) -> None:
    sent, reached = ask(kind, headers)
    assert reached == 0
    assert sent[0].get("status", sent[0].get("code")) in (403, 1008)
    assert TOKEN not in repr(sent)


def test_the_token_becomes_a_cookie_and_leaves_the_address() -> None:
    sent, reached = ask("http", {"Host": OWN}, query=f"token={TOKEN}&x=1")
    headers = dict(sent[0]["headers"])
    assert (reached, sent[0]["status"], headers[b"location"]) == (0, 303, b"/")
    kept = headers[b"set-cookie"].decode().lower().split("; ")
    assert set(kept) == {COOKIE.lower(), "path=/", "httponly", "samesite=lax"}
    sent, _ = ask("http", {"Host": OWN}, path="//evil.example", query=f"token={TOKEN}")
    assert dict(sent[0]["headers"])[b"location"] == b"/"
    sent, reached = ask("http", {"Host": OWN}, query=f"token={TOKEN}x")
    assert (reached, sent[0]["status"]) == (0, 403)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_page_itself_is_answered_and_cannot_be_framed(name: str) -> None:
    host = f"{name}:{PORT}"
    sent, reached = ask("http", {"Host": host, "Cookie": f"other=1; {COOKIE}"})
    assert (reached, sent[0]["status"]) == (1, 200)
    assert {(b"x-frame-options", b"DENY"), (b"x-own", b"1")} <= set(sent[0]["headers"])
    sent, reached = ask("websocket", {"Host": host, "Cookie": COOKIE, "Origin": f"http://{host}"})
    assert (reached, sent[0]["type"]) == (1, "websocket.accept")
    _, reached = ask(
        "websocket", {"Host": host, "Cookie": COOKIE}
    )  # a browser always says where it comes from
    assert reached == 0


def test_a_browser_without_the_cookie_is_told_where_the_token_is() -> None:
    sent, reached = ask("http", {"Host": OWN}, query="x=%22%3E%3Cscript%3E")
    said = sent[1]["body"].decode()
    assert (reached, sent[0]["status"]) == (0, 403)
    assert "the terminal printed" in said and "<script>" not in said and TOKEN not in said

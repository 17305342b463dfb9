"""The dashboard's guard, without a server: what it lets through, what it refuses, and how many sessions fit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import block, scenario

from splinternet.app.dashboard import room
from splinternet.app.dashboard.desk import Desk
from splinternet.app.dashboard.guard import MOST_TABS, Guard
from splinternet.app.dashboard.session import Session
from splinternet.errors import InputError

PORT, TOKEN = 8765, "a-token-of-a-test"
OWN, COOKIE = f"127.0.0.1:{PORT}", f"splinternet-{PORT}={TOKEN}"


class Inner:
    """Stands in for the application: notes that it was reached."""

    def __init__(self) -> None:
        self.reached = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached += 1
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
            await send({"type": "http.response.body", "body": b"secret"})
        else:
            await send({"type": "websocket.accept"})
            await receive()


def ask(kind: str, headers: dict[str, str], path: str = "/", query: str = "") -> tuple[list[dict[str, Any]], int]:
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
        {"Host": OWN, "Cookie": f"splinternet-{PORT + 1}={TOKEN}"},
        {"Host": "evil.example:8765", "Cookie": COOKIE},
        {"Host": "127.0.0.1", "Cookie": COOKIE},
        {"Host": f"127.0.0.1.evil.example:{PORT}", "Cookie": COOKIE},
        {"Host": OWN, "Cookie": COOKIE, "Origin": "http://evil.example"},
        {"Host": OWN, "Cookie": COOKIE, "Origin": "http://127.0.0.1:9911"},
        {"Host": OWN, "Cookie": COOKIE, "Origin": "null"},
        {"Host": OWN, "Cookie": "a=b; =\x7f"},
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
    assert (reached, sent[0]["status"], headers[b"location"]) == (0, 303, b"/?x=1")
    assert headers[b"set-cookie"].decode() == f"{COOKIE}; Path=/; HttpOnly; SameSite=Lax"
    sent, _ = ask("http", {"Host": OWN}, path="//evil.example", query=f"token={TOKEN}")
    assert dict(sent[0]["headers"])[b"location"] == b"/evil.example"
    sent, reached = ask("http", {"Host": OWN}, query=f"token={TOKEN}x")
    assert (reached, sent[0]["status"]) == (0, 403)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_the_page_itself_is_answered_and_cannot_be_framed(name: str) -> None:
    host = f"{name}:{PORT}"
    sent, reached = ask("http", {"Host": host, "Cookie": f"other=1; {COOKIE}"})
    assert (reached, sent[0]["status"]) == (1, 200)
    assert {(b"x-frame-options", b"DENY"), (b"x-own", b"1")} <= set(sent[0]["headers"])
    sent, reached = ask("websocket", {"Host": host, "Cookie": COOKIE, "Origin": f"http://{host}"})
    assert (reached, sent[0]["type"]) == (1, "websocket.accept")
    _, reached = ask("websocket", {"Host": host, "Cookie": COOKIE})  # a browser always says where it comes from
    assert reached == 0


def test_only_so_many_tabs_are_served() -> None:
    own = {"Host": OWN, "Cookie": COOKIE, "Origin": f"http://{OWN}"}
    headers = [(name.lower().encode(), value.encode()) for name, value in own.items()]
    scope = {"type": "websocket", "headers": headers, "path": "/x", "query_string": b""}

    async def tabs() -> tuple[int, list[int]]:
        closing, statuses = asyncio.Event(), list[int]()

        async def inner(scope: Any, receive: Any, send: Any) -> None:
            await closing.wait()

        async def talk(message: Any = None) -> dict[str, Any]:
            statuses.extend(message[key] for key in ("status", "code") if message and key in message)
            return {"type": "websocket.connect"}

        guard = Guard(inner, PORT, TOKEN)
        open_tabs = [asyncio.create_task(guard(dict(scope), talk, talk)) for _ in range(MOST_TABS)]
        await asyncio.sleep(0)
        await guard(dict(scope), talk, talk)
        await guard({**scope, "type": "http", "path": "/"}, talk, talk)
        closing.set()
        await asyncio.gather(*open_tabs)
        return guard._open, statuses

    assert asyncio.run(tabs()) == (0, [1008, 503])


# --- how much they simulate together ------------------------------------------------------------------------------


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(room, "_taken", {})
    monkeypatch.setattr(room, "MOST_TOGETHER", 50_000)
    yield


@pytest.mark.usefixtures("alone")
def test_sessions_share_the_room_and_give_it_back() -> None:
    one = Session(scenario([block()], people=6_000, days=20))  # 6,000 and 20 x 500
    other = Session(scenario([block()], people=1_500, days=20))
    assert (room.room(), room.room(id(one)), room.room(id(other))) == (22_500, 38_500, 34_000)
    with pytest.raises(InputError, match="24,001 people are too many next to the other tabs; at most 24,000 here"):
        room.check_room(24_001, 20, id(other))
    room.check_room(24_000, 20, id(other))
    with pytest.raises(InputError, match="80 days are too many next to the other tabs; at most 66 here"):
        room.check_room(1_500, 80, id(other))
    assert not room.is_full()
    third = Session(scenario([block()], people=8_000, days=2))
    assert room.is_full()
    assert Guard(Inner(), PORT, TOKEN)._full().startswith("The open tabs simulate as much as fits")
    third.close()
    one.close()
    assert room.room() == 38_500
    one._thread.join(60)
    assert not one._thread.is_alive()
    assert (one._past, one._pasts, one.moment.pair) == (None, {}, None)
    other.close()
    assert room.room() == 50_000


@pytest.mark.usefixtures("alone")
def test_a_tab_opens_with_what_fits_and_says_so() -> None:
    assert room.fitting(100_000, 120, 2_500_000) == (100_000, 120)
    assert room.fitting(100_000, 120, 100_000) == (40_000, 120)
    assert room.fitting(100_000, 120, 40_000) == (1_000, 78)
    desk = Desk()
    try:
        spec = desk.session.moment.spec
        assert (spec.people, room.room()) == (1_000, 50_000 - room.size(1_000, spec.days))
        assert f"leave room for {spec.days} of " in desk.notice
    finally:
        desk.session.close()


def test_a_browser_without_the_cookie_is_asked_for_the_token_and_keeps_the_end_of_its_address() -> None:
    sent, reached = ask("http", {"Host": OWN})
    page = sent[1]["body"].decode()
    assert (reached, sent[0]["status"], dict(sent[0]["headers"])[b"content-type"][:9]) == (0, 403, b"text/html")
    assert 'name="token"' in page
    assert "<form>" in page, "an action would drop the part after the #"
    assert TOKEN not in page

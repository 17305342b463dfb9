"""The page in the browser: two Vue components that show the data of a desk and send it the user's orders.

Solara runs this module for each tab that is opened. Each tab has its own desk and its own session.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import solara

from ...errors import SplinternetError
from .desk import Desk

OWN_FILE = "SPLINTERNET_EXPLORE_FILE"
OWN_NAME = "SPLINTERNET_EXPLORE_NAME"
"""Environment variables that name the scenario to open. The command that starts the server sets them; each tab reads
them."""
REDRAW_SECONDS = 0.2
"""Shortest time between two redraws, however fast the days are simulated [s]."""


@solara.component_vue("controls.vue", vuetify=False)  # type: ignore[untyped-decorator]
def Controls(form: dict[str, Any], event_order: Callable[[Any], None]) -> None:  # noqa: N802
    """Show the inputs; see controls.vue. They are separate from the board, so that new days do not disturb typing."""


@solara.component_vue("board.vue", vuetify=False)  # type: ignore[untyped-decorator]
def Board(  # noqa: N802
    form: dict[str, Any],
    live: dict[str, Any],
    charts: dict[str, str],
    file: dict[str, Any],
    event_order: Callable[[Any], None],
    event_fetch: Callable[[Any], None],
) -> None:
    """Show the days and their results; see board.vue."""


@solara.component  # type: ignore[untyped-decorator]
def Page() -> None:  # noqa: N802
    """Make a desk for the tab, and show each new moment of its session."""
    solara.Title("Splinternet: explore")
    desk = solara.use_memo(_desk, [])
    first = solara.use_memo(lambda: (desk.form(), desk.live(desk.session.moment)), [])
    form, set_form = solara.use_state(first[0])
    live, set_live = solara.use_state(first[1])
    file, set_file = solara.use_state({"serial": 0, "name": "", "text": ""})

    def send(message: Any) -> None:
        if isinstance(message, dict):
            desk.tell(str(message.get("order")), message.get("value"))
            set_form(desk.form())

    def give(make: Callable[[], tuple[str, str]]) -> None:
        try:
            name, text = make()
        except SplinternetError as error:
            desk.notice = str(error)
            desk.session.nudge()
        else:
            set_file(lambda last: {"serial": last["serial"] + 1, "name": name, "text": text})

    def fetch(what: Any) -> None:
        if what == "lives":  # this simulates both arms again; a thread keeps the page responsive
            threading.Thread(target=give, args=(desk.lives_file,), name="splinternet lives", daemon=True).start()
        else:
            give(_maker(desk, str(what)))

    solara.use_effect(lambda: _follow(desk, set_live), [])
    with solara.Div(classes=["sp-page"]):
        Controls(form=form, event_order=send)
        head = {key: form[key] for key in ("title", "status", "statusText", "changed", "wrong", "link", "restored")}
        # Charts are a property of their own, so that a change of a word does not send them again.
        charts = live.get("charts", {})
        live = {key: value for key, value in live.items() if key != "charts"}
        Board(form=head, live=live, charts=charts, file=file, event_order=send, event_fetch=fetch)


def _maker(desk: Desk, what: str) -> Callable[[], tuple[str, str]]:
    """Return the function that makes a file: the scenario, all daily values, or the numbers of one chart."""
    if what.startswith("chart:"):
        return partial(desk.chart_file, what.removeprefix("chart:"))
    return desk.scenario_file if what == "scenario" else desk.data_file


def _desk() -> Desk:
    """Return a desk that opens the scenario named in the environment."""
    own = os.environ.get(OWN_FILE)
    return Desk(Path(own) if own else None, os.environ.get(OWN_NAME))


def _follow(desk: Desk, show: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
    """Show each new moment from a separate thread, at a bounded rate; return a function that ends the thread."""
    closed = threading.Event()

    def watch() -> None:
        seen, pair = -1, None
        while not closed.is_set():
            moment = desk.session.wait(seen, timeout=1.0)
            if moment.serial != seen and not closed.is_set():
                seen = moment.serial
                try:
                    show(desk.live(moment))
                except Exception:  # one picture that fails must not end the page
                    logging.getLogger(__name__).exception("a moment could not be shown")
                if moment.pair is not pair:
                    pair = moment.pair
                    closed.wait(REDRAW_SECONDS)

    threading.Thread(target=watch, name="splinternet page", daemon=True).start()

    def close() -> None:
        closed.set()
        desk.session.close()

    return close

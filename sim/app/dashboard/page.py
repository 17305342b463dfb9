"""The page in the browser: two Vue components that show what a desk says and tell it what is done.

Solara runs this module for each tab that is opened; the desk, and with it the session, belongs to that tab alone.
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

from sim.app.dashboard.desk import Desk
from sim.errors import SplinternetError

OWN_FILE = "SPLINTERNET_EXPLORE_FILE"
OWN_NAME = "SPLINTERNET_EXPLORE_NAME"
"""How the command that starts the server tells which scenario to open: in the environment, read for each tab."""
REDRAW_SECONDS = 0.2
"""Pictures are drawn anew at most so often, however fast the days go by."""


@solara.component_vue("controls.vue", vuetify=False)  # type: ignore[untyped-decorator]
def Controls(form: dict[str, Any], event_order: Callable[[Any], None]) -> None:  # noqa: N802
    """Show the inputs; see controls.vue. Apart from the board, so that playing days disturb nobody who types."""


@solara.component_vue("board.vue", vuetify=False)  # type: ignore[untyped-decorator]
def Board(  # noqa: N802
    form: dict[str, Any],
    live: dict[str, Any],
    charts: dict[str, str],
    file: dict[str, Any],
    event_order: Callable[[Any], None],
    event_fetch: Callable[[Any], None],
) -> None:
    """Show the days and what has come of them; see board.vue."""


@solara.component  # type: ignore[untyped-decorator]
def Page() -> None:  # noqa: N802
    """Give a tab its desk, and draw it anew whenever there is news."""
    solara.Title("Splinternet: explore")
    desk = solara.use_memo(_desk, [])
    first = solara.use_memo(lambda: (desk.form(), desk.live(desk.session.moment)), [])
    form, set_form = solara.use_state(first[0])
    live, set_live = solara.use_state(first[1])
    file, set_file = solara.use_state({"serial": 0, "name": "", "text": ""})

    def tell(message: Any) -> None:
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
        if what == "lives":  # the arms are run again for it: the page goes on meanwhile
            threading.Thread(target=give, args=(desk.lives_file,), name="splinternet lives", daemon=True).start()
        else:
            give(_maker(desk, str(what)))

    solara.use_effect(lambda: _follow(desk, set_live), [])
    with solara.Div(classes=["sp-page"]):
        Controls(form=form, event_order=tell)
        head = {key: form[key] for key in ("title", "status", "statusText", "changed", "wrong", "link", "restored")}
        # Pictures travel apart from the rest, so that what only changes a word does not send them again.
        charts = live.get("charts", {})
        live = {key: value for key, value in live.items() if key != "charts"}
        Board(form=head, live=live, charts=charts, file=file, event_order=tell, event_fetch=fetch)


def _maker(desk: Desk, what: str) -> Callable[[], tuple[str, str]]:
    """Return what makes a file: that of the scenario, of all daily values, or of the numbers of one chart."""
    if what.startswith("chart:"):
        return partial(desk.chart_file, what.removeprefix("chart:"))
    return desk.scenario_file if what == "scenario" else desk.data_file


def _desk() -> Desk:
    """Return a desk with what the page was started with."""
    own = os.environ.get(OWN_FILE)
    return Desk(Path(own) if own else None, os.environ.get(OWN_NAME))


def _follow(desk: Desk, show: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
    """Draw each new moment from a thread of its own, at a bounded rate; return what ends it with its tab."""
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

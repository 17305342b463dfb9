"""The state of one page: the user's choices, the session that simulates them, and the day that is shown.

Every tab of a browser has its own desk. A desk does not depend on a browser: it receives plain values from the page
and returns plain data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from ...errors import InputError, Problem
from ...facts.model import REST_OF_WORLD
from ...scenario import Scenario
from ...text.numbers import day as in_full
from ...text.numbers import number, state_name
from . import charts, finding, opening, room
from .adding import completed
from .choices import SIZES, Choices, behaviours_of, in_words
from .form import Data, form
from .link import Linked, link_of, linked
from .lives import lives_of
from .scene import SHORT, Scene, until
from .session import Moment, Session
from .tables import table

QUICK_PEOPLE = 100_000
"""The largest number of simulated people that a page starts with."""
PACES = {"5": 5.0, "20": 20.0, "60": 60.0, "0": 0.0}
"""Days per second that a user can choose; 0 is as fast as possible."""
_STAGES = {
    "building": "Building ...",
    "catching up": "Catching up",
    "ready": "Paused",
    "playing": "Playing",
    "done": "Last day",
    "failed": "Stopped",
}


class Desk:
    """The state of one tab.

    Parameters
    ----------
    own : Path, optional
        The file that the page was started with.
    first : str, optional
        The scenario to open; by default the file, or else the opening case.
    """

    def __init__(self, own: Path | None = None, first: str | None = None) -> None:
        self._own = own
        self._names = opening.offered(own)
        self.name = first or (own.name if own is not None else opening.FIRST)
        self.choices, self.notice = _begun(opening.opened(self.name, own), room.room())
        self.pace = "20"
        self._asked: tuple[str, ...] = ()
        self._shown: int | None = None
        self._state = ""
        self._restored = False
        self._colours: dict[str, dict[str, dict[str, int]]] = {}
        self._drawn: tuple[Any, Any, Data] | None = None
        self._spec = self.choices.scenario()
        self._behaviours = behaviours_of(self._spec)
        self.session = Session(self._spec, pace=PACES[self.pace])

    # --- orders from the page --------------------------------------------------------------------------------------

    def tell(self, order: str, value: Any = None) -> None:
        """Carry out an order of the page; if that is impossible, set `notice` and change nothing else.

        Parameters
        ----------
        order : str
            One of `ORDERS`; any other is ignored.
        value : object
            The argument of the order, as the browser sent it.
        """
        self.notice = ""
        action = self.ORDERS.get(order)
        if action is None:
            return
        try:
            action(self, value)
        except InputError as error:
            self.notice = _message(error)
        except (TypeError, ValueError, KeyError, AttributeError):
            self.notice = "The page sent something that does not fit; nothing was changed."
        self.session.nudge()

    def _restore(self, text: Any) -> None:
        """Open the case that the address of a page names, and go to its day; by default to a day with a picture."""
        self._restored = True
        link = linked(str(text))
        problems: list[str] = []
        if link.scenario:
            with _noted(problems):
                if link.scenario != self.name:
                    self._take(link.scenario, opening.opened(link.scenario, self._own))
                self._choose(self._linked(link, problems))
        self._go(link.day)
        self.notice = "\n".join([*filter(None, [self.notice]), *problems])

    def _go(self, day: int | None = None) -> None:
        """Go from the first day to another one, by default about a year later, so that the page is not empty."""
        self._shown = None
        self.session.step(min(self._spec.days, SHORT) - 1 if day is None else day)

    def _linked(self, link: Linked, problems: list[str]) -> Choices:
        """Return the choices of a link; add a message to `problems` for each part that cannot be read."""
        choices = self.choices
        for name in link.removed:
            with _noted(problems):
                choices = choices.without_policy(name)
        for keys in link.added:
            with _noted(problems):
                choices = choices.with_policy(keys)
        for name in link.off:
            with _noted(problems):
                choices = choices.switched(name, False)
        for path, value in link.changed.items():
            with _noted(problems):
                choices = choices.with_value(path, value)
        return choices

    def _open(self, name: Any) -> None:
        self._take(str(name), opening.opened(str(name), self._own))
        self._go()

    def _upload(self, file: Any) -> None:
        scenario = opening.uploaded(str(file["name"]), str(file["text"]))
        self._take(scenario.name, scenario)
        self._go()

    def _take(self, name: str, scenario: Scenario) -> None:
        """Start from another scenario."""
        choices, self.notice = _begun(scenario, room.room(id(self.session)))
        self._spec = choices.scenario()
        self._behaviours = behaviours_of(self._spec)
        self.choices, self.name, self._asked, self._state = choices, name, (), ""
        self._shown = None
        self._drawn = None
        self.session.reset()
        self.session.apply(self._spec)

    def _switch(self, value: Any) -> None:
        self._choose(self.choices.switched(str(value["policy"]), bool(value["on"])))

    def _add(self, value: Any) -> None:
        words = (str(value[key]) for key in ("instrument", "by", "target", "on"))
        self._choose(self.choices.with_policy(completed(self.choices, *words)))

    def _remove(self, name: Any) -> None:
        self._choose(self.choices.without_policy(str(name)))

    def _change(self, value: Any) -> None:
        self._choose(self.choices.with_value(str(value["path"]), str(value["text"])))

    def _choose(self, choices: Choices) -> None:
        """Keep the choices, and simulate them if they are valid; if not, the page shows what is wrong."""
        self.choices = choices
        try:
            wanted = choices.scenario()
        except InputError:  # the page shows the error beside the inputs
            return
        room.check_room(wanted.people, wanted.days, id(self.session))
        if wanted.digest != self._spec.digest:
            self.session.apply(wanted, self.choices.whole())
        self._spec = wanted

    def _undo(self, _: Any) -> None:
        sizes = {path: text for path, text in self.choices.changed.items() if path in SIZES}
        self._choose(Choices(self.choices.opened or self.choices.base, changed=sizes))

    def _ask(self, name: Any) -> None:
        if str(name) in self.choices.base.facts.parameters:
            self._asked = (str(name), *self._asked)

    def _play(self, _: Any) -> None:
        self._shown = None
        self.session.play()

    def _pause(self, _: Any) -> None:
        self.session.pause()

    def _step(self, days: Any) -> None:
        self._shown = None
        self.session.step(min(max(1, int(days)), 366))

    def _reset(self, _: Any) -> None:
        self._shown = None
        self.session.reset()

    def _show(self, day: Any) -> None:
        """Show a day; if it is not simulated yet, simulate up to it."""
        moment, wanted = self.session.moment, max(0, int(day))
        if wanted <= moment.day:
            self.session.pause()
            self._shown = wanted if wanted < moment.day else None
        else:
            self._shown = None
            self.session.step(wanted - moment.day)

    def _set_pace(self, pace: Any) -> None:
        self.pace = str(pace)
        self.session.set_pace(PACES[self.pace])

    def _set_state(self, code: Any) -> None:
        self._state = str(code)

    ORDERS: ClassVar[Mapping[str, Callable[[Desk, Any], None]]] = {
        "open": _open,
        "upload": _upload,
        "restore": _restore,
        "add": _add,
        "remove": _remove,
        "switch": _switch,
        "change": _change,
        "undo": _undo,
        "ask": _ask,
        "play": _play,
        "pause": _pause,
        "step": _step,
        "reset": _reset,
        "show": _show,
        "pace": _set_pace,
        "state": _set_state,
    }
    """The orders that a page may send, by name."""

    # --- what the page shows -------------------------------------------------------------------------------------

    def form(self) -> Data:
        """Return the inputs, and the end of the page's address, which is empty for an uploaded file."""
        inputs = form(self.choices, self._asked, self._names, self.name, self._behaviours)
        again = any(name == self.name for name, _ in self._names)
        return inputs | {"link": link_of(self.name, self.choices) if again else "", "restored": self._restored}

    def live(self, moment: Moment) -> Data:
        """Return the results at a moment: stage, finding and figures, and the pictures under ``charts``."""
        data: Data = {
            "serial": moment.serial,
            "stage": moment.stage,
            "stageText": moment.problem or _STAGES[moment.stage],
            "stale": moment.is_stale,
            "playing": self.session.playing,
            "progress": round(moment.progress, 3),
            "pace": self.pace,
            "days": self._spec.days,
            "done": moment.day,
            "notice": self.notice,
            "day": -1,
        }
        scene = self.scene(moment)
        if scene is None:
            return data
        off = self._off()
        # Charts that did not change are not drawn again, so that a click is answered at once even in a large run.
        key = (scene.day, moment.day, self._state, tuple(off))
        drawn = self._drawn
        if drawn is None or drawn[0] is not moment.pair or drawn[1] != key:
            colours = self._colours.setdefault(moment.spec.name, {"groups": {}, "states": {}})
            drawn = self._drawn = moment.pair, key, _picture(scene, self._state, colours, off)
        return data | drawn[2]

    def scene(self, moment: Moment) -> Scene | None:
        """Return the scene that is shown; None before the first day is simulated."""
        if moment.pair is None or moment.day < 0:
            return None
        shown = moment.day if self._shown is None else min(self._shown, moment.day)
        return Scene(moment.spec, moment.pair, shown, moment.day)

    def _off(self) -> list[str]:
        return [policy.id for policy in self.choices.base.policies if not self.choices.is_on(policy)]

    # --- files to download -----------------------------------------------------------------------------------------

    def scenario_file(self) -> tuple[str, str]:
        """Return name and text of the chosen scenario, as a file that `splinternet check` accepts.

        Raises
        ------
        InputError
            When the choices are not a valid scenario.
        """
        scenario = self.choices.scenario()
        head = "# Made with splinternet explore. What is uncertain keeps its range; the page shows its stated value.\n"
        return f"{scenario.name}{'_changed' * self.choices.is_changed}.yaml", head + scenario.to_yaml()

    def data_file(self) -> tuple[str, str]:
        """Return name and text of the daily values of both arms up to the current day, as in ``series.csv``.

        Raises
        ------
        InputError
            When no day is simulated yet.
        """
        from ...results.files import csv_of
        from ...results.focus import find_focus
        from ...results.folder import SERIES_FORMAT
        from ...results.series import series_frame, shown_cells

        moment = self.session.moment
        if moment.pair is None:
            raise InputError(Problem("", "no day is through yet", "play or step first"))
        members = [(until(moment.pair[0], moment.day), until(moment.pair[1], moment.day))]
        frame = series_frame(members, shown_cells(members, find_focus(moment.spec, members).shows))
        return f"{moment.spec.name}_to_{members[0][0].axes.dates[-1]}.csv", csv_of(frame, SERIES_FORMAT)

    def chart_file(self, chart: str) -> tuple[str, str]:
        """Return name and text of the numbers that a chart shows.

        Raises
        ------
        InputError
            When no day is simulated yet, or there is no such chart.
        """
        scene = self.scene(self.session.moment)
        if scene is None:
            raise InputError(Problem("", "no day is through yet", "play or step first"))
        state = self._state if self._state in scene.policy.axes.states else scene.state
        return f"{scene.spec.name}_{chart}_to_{scene.date}.csv", table(chart, scene, state)

    def lives_file(self) -> tuple[str, str]:
        """Return name and text of the days of three simulated people and their kin, up to the current day.

        This simulates both arms again, so it takes as long as the first time.

        Raises
        ------
        InputError
            When no day is simulated yet, or nobody has kin abroad.
        RunError
            When the new arms differ from those shown, because the user chose another scenario in the meantime.
        """
        return lives_of(self.session.moment, self.session.whole)


def _message(error: InputError) -> str:
    """Return the problems of an error, one per line."""
    return "\n".join(
        f"{problem.where + ': ' if problem.where else ''}{in_words(problem)}" for problem in error.problems[:5]
    )


@contextmanager
def _noted(problems: list[str]) -> Iterator[None]:
    """Add what is wrong with a part of a link to `problems`, so that the other parts still apply."""
    try:
        yield
    except InputError as error:
        problems.append(_message(error))
    except (TypeError, ValueError, KeyError, AttributeError):
        problems.append("A part of the link cannot be read; the rest of it was taken.")


def _begun(scenario: Scenario, left: int) -> tuple[Choices, str]:
    """Return the first choices, no larger than a page can simulate quickly and than fits in memory, and a notice.

    ``left`` is the room that the other tabs leave [persons].
    """
    choices, notice = Choices(scenario), ""
    people, days = room.fitting(min(scenario.people, QUICK_PEOPLE), scenario.days, left)
    if people < scenario.people:
        choices = choices.with_value("people", str(people))
    if days < scenario.days:
        choices = choices.with_value("days", str(days))
        notice = f"The other tabs leave room for {days:,} of {scenario.days:,} days; close one to simulate more."
    return choices, notice


def _picture(scene: Scene, state: str, colours: dict[str, dict[str, int]], off: list[str]) -> Data:
    """Return finding, figures and charts of a scene."""
    first, second = finding.headline(scene)
    known = scene.policy.axes.states
    state = state if state in known else scene.state
    chosen = list(dict.fromkeys([state, scene.state, *scene.named[0]]))
    return {
        "day": scene.day,
        "date": str(scene.date),
        "dateText": in_full(str(scene.date)),
        "finding": first,
        "second": second,
        "figures": [vars(figure) for figure in finding.figures(scene)],
        "people": f"One member of {number(float(scene.spec.people))} simulated people, seed {scene.policy.seed}",
        "state": state,
        "states": [
            {"code": code, "name": state_name(scene.spec, code)}
            for code in [*chosen, *(code for code in known if code not in chosen and code != REST_OF_WORLD)]
        ],
        "charts": {
            "family": charts.family(scene, colours["groups"]),
            "timeline": charts.timeline(scene, off),
            "users": charts.users(scene, state),
            "matrix": charts.matrix(scene),
            "network": charts.network(scene),
            "atlas": charts.atlas(scene),
            "vpn": charts.vpn(scene, colours["states"]),
        },
    }

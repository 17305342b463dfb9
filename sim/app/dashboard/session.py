"""A session: one pair of arms that a thread of its own lives through, day by day, as it is told.

It knows nothing of the page. Whoever looks asks for the latest moment, which never changes afterwards.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from sim.app.dashboard import room
from sim.app.dashboard.past import Line, Past, world_key
from sim.results.panel import Pair
from sim.scenario import Scenario

Stage = Literal["building", "catching up", "ready", "playing", "done", "failed"]
WORLDS, SMALL = 2, 250_000
"""Worlds whose past is kept, while they are no larger than this [persons]; else only the one in hand (assumption)."""
SHOW_SECONDS = 0.15
"""How often a new moment is made while days go by."""
PATIENCE, GLIMPSE_SECONDS = 0.6, 0.5
"""After so long catching up, the days lived through so far are shown, and anew every so often [s]."""


@dataclass(frozen=True)
class Moment:
    """What a session has come to.

    Attributes
    ----------
    serial : int
        Grows with every moment.
    spec : Scenario
        The scenario of the days in `pair`.
    stage : str
        What the session is doing. While it is building, `pair` is what was reached before; while it is catching up, it
        is that at first and soon the days of the new scenario that are through.
    day : int
        Days done, counted from 0; -1 before the first one is through.
    pair : (ArmData, ArmData) or None
        Both arms; the rows of the days that are done stay as they are. None before the first day is through.
    progress : float
        How far catching up has come [1].
    problem : str
        Why it failed, in a sentence.
    is_stale : bool
        Whether `pair` is still what was reached before.
    """

    serial: int
    spec: Scenario
    stage: Stage
    day: int = -1
    pair: Pair | None = None
    progress: float = 0.0
    problem: str = ""
    is_stale: bool = False


class Session:
    """Lives through a scenario with and without its policies, in step, on a thread of its own.

    Every method returns at once, from whatever thread it is called.

    Parameters
    ----------
    spec : Scenario
        What is uncertain in it stands at its stated value.
    pace : float
        Days a second while playing; 0 for as fast as it goes [days/s].
    """

    def __init__(self, spec: Scenario, *, pace: float = 0.0) -> None:
        self._news = threading.Condition()
        self._wanted, self._whole, self._target, self._pace = spec, spec, 0, pace
        self._playing = self._closed = False
        self._afresh = True
        self._last = Moment(0, spec, "building")
        self._due = self._told = 0.0
        self._glimpse = math.inf  # when what is through of the days to catch up with is shown
        self._past: Past | None = None
        self._line: Line | None = None
        self._pasts: dict[str, Past] = {}
        room.take(id(self), spec)
        self._thread = threading.Thread(target=self._work, name="splinternet session", daemon=True)
        self._thread.start()

    @property
    def moment(self) -> Moment:
        """The latest moment."""
        return self._last

    @property
    def whole(self) -> Scenario:
        """The scenario with all the policies that can be switched on: whose people are simulated."""
        return self._whole

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._playing

    def wait(self, after: int, timeout: float | None = None) -> Moment:
        """Return the first moment later than a serial number, or the latest when the time is up [s]."""
        return self.wait_until(lambda moment: moment.serial > after, timeout)

    def wait_until(self, test: Callable[[Moment], bool], timeout: float | None) -> Moment:
        """Return the first moment that passes a test, or the latest when the time is up [s]."""
        with self._news:
            self._news.wait_for(lambda: test(self._last) or self._closed, timeout)
            return self._last

    def apply(self, spec: Scenario, whole: Scenario | None = None) -> None:
        """Live through another scenario up to the day that was reached, then go on as before.

        Parameters
        ----------
        spec : Scenario
        whole : Scenario, optional
            The scenario with all the policies that can be switched on: whose people are simulated; itself unless given.
        """
        with self._news:
            self._wanted, self._whole, self._afresh = spec, whole or spec, True
            if not self._closed:
                room.take(id(self), spec)
            self._glimpse = time.monotonic() + PATIENCE
            self._target = min(self._target, spec.days - 1)
            self._tell("building", keep=True)

    def play(self) -> None:
        """Go on day by day until paused or to the last day; from there, begin again."""
        with self._news:
            if self._last.stage == "done":
                self.reset()
            self._playing, self._due = True, time.monotonic()
            self._news.notify_all()

    def pause(self) -> None:
        """Stop after the day that is being lived through."""
        with self._news:
            self._playing = False
            self._news.notify_all()

    def step(self, days: int = 1) -> None:
        """Go so many days further, and pause there [days]."""
        with self._news:
            self._playing, self._glimpse = False, time.monotonic() + PATIENCE
            self._target = min(self._target + days, self._wanted.days - 1)
            self._news.notify_all()

    def reset(self) -> None:
        """Go back to the first day, and pause there."""
        with self._news:
            self._playing, self._target, self._afresh = False, 0, True
            self._tell("building", keep=True)

    def set_pace(self, pace: float) -> None:
        """Play so many days a second; 0 for as fast as it goes [days/s]."""
        with self._news:
            self._pace, self._due = max(0.0, pace), time.monotonic()
            self._news.notify_all()

    def nudge(self) -> None:
        """Make the latest moment news again, for whoever shows it in another way now."""
        with self._news:
            self._last = replace(self._last, serial=self._last.serial + 1)
            self._news.notify_all()

    def close(self) -> None:
        """End the thread after the day that it is in; nothing further happens, and nothing is kept."""
        with self._news:
            self._closed, self._playing = True, False
            room.leave(id(self))
            self._news.notify_all()

    # --- the thread ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Do what is wanted until the session is closed."""
        while not self._closed:
            try:
                with self._news:
                    build = self._afresh
                    wait = None if build else self._time_to_wait()
                    if not build and wait != 0.0:
                        if wait is None:
                            self._settle()
                        self._news.wait(wait)  # a new order ends the wait
                        continue
                if build:
                    self._build()
                else:
                    self._live()
            except Exception:
                logging.getLogger(__name__).exception("a session failed")
                with self._news:
                    # An arm that stopped half way through a day is not one to go back to.
                    self._past, self._line, self._pasts, self._playing = None, None, {}, False
                    self._tell("failed", keep=True)
        with self._news:  # a page that still has the session does not keep its worlds
            self._past, self._line, self._pasts = None, None, {}
            self._last = replace(self._last, pair=None)
        room.give_back_memory()

    def _time_to_wait(self) -> float | None:
        """Return how long the next day can wait [s]; None when none is wanted."""
        if self._line is None:
            return None
        policy = self._line.arm
        if policy.day < self._target:
            return 0.0
        if not self._playing or policy.day + 1 >= policy.spec.days:
            return None
        return max(0.0, self._due - time.monotonic()) if self._pace else 0.0

    def _build(self) -> None:
        """Make the world of the wanted scenario, and its arms; or take up what was lived through not long ago."""
        with self._news:
            spec, whole, target, self._afresh = self._wanted, self._whole, self._target, False
        key = world_key(spec, whole)
        past = self._pasts.pop(key, None) or Past(spec, whole)
        line = past.line(spec, target)
        with self._news:
            self._pasts[key] = past
            while len(self._pasts) > (WORLDS if room.size(spec.people, spec.days) <= SMALL else 1):
                del self._pasts[next(iter(self._pasts))]
            self._past, self._line = past, line
            self._told = self._due = time.monotonic()

    def _live(self) -> None:
        """Live through one day in both arms."""
        line = self._line
        if line is None:
            return
        line.step()
        day = line.arm.day
        with self._news:
            if self._afresh:
                return
            catching_up = day < self._target
            if not catching_up and self._pace:
                # A machine that cannot keep the pace does not make up for it in a rush.
                self._due = max(self._due + 1.0 / self._pace, time.monotonic() - 0.5)
            self._target = max(self._target, day)
            now = time.monotonic()
            if catching_up and now >= self._glimpse:
                self._tell("catching up")
                self._glimpse = time.monotonic() + GLIMPSE_SECONDS
            elif now - self._told >= SHOW_SECONDS:
                self._tell("catching up" if catching_up else "playing", keep=catching_up)

    def _settle(self) -> None:
        """Say what was reached, when there is nothing further to do."""
        if self._line is None:
            return
        policy = self._line.arm
        stage: Stage = "done" if policy.day + 1 >= policy.spec.days else "ready"
        self._playing, self._glimpse = False, math.inf
        last = self._last
        if last.stage != stage or last.day != policy.day or last.spec is not policy.spec:
            self._tell(stage)

    def _tell(self, stage: Stage, *, keep: bool = False) -> None:
        """Make a new moment; with `keep`, the days of the last one stay in sight while others are made."""
        last, past, line = self._last, self._past, self._line
        done = (line.arm.day + 1) / (self._target + 1) if line and stage == "catching up" else 0.0
        if keep or past is None or line is None:
            problem = "The model stopped with an error; the terminal has the details." if stage == "failed" else ""
            stale = stage == "building" or last.is_stale
            self._last = Moment(last.serial + 1, last.spec, stage, last.day, last.pair, done, problem, stale)
        else:
            self._last = Moment(last.serial + 1, line.arm.spec, stage, line.arm.day, past.pair(line), done or 1.0)
        self._told = time.monotonic()
        self._news.notify_all()

"""A session simulates one pair of arms day by day on its own thread, as its methods request.

It does not depend on the page. A caller reads the latest moment, which is immutable.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from ...results.panel import Pair
from ...scenario import Scenario
from . import room
from .past import Line, Past, world_key

Stage = Literal["building", "catching up", "ready", "playing", "done", "failed"]
WORLDS, SMALL = 2, 250_000
"""Number of worlds whose past is kept, if they are no larger than this [persons]; of a larger one, only the current
world is kept (assumption)."""
SHOW_SECONDS = 0.15
"""Shortest time between two moments while days are simulated [s]."""
PATIENCE, GLIMPSE_SECONDS = 0.6, 0.5
"""Time of catching up after which the days simulated so far are shown, and the time between updates after that [s]."""


@dataclass(frozen=True)
class Moment:
    """The state of a session at one time.

    Attributes
    ----------
    serial : int
        Grows with every moment.
    spec : Scenario
        The scenario of the days in `pair`.
    stage : str
        What the session is doing. While it builds, `pair` holds the results of the previous scenario. While it catches
        up, `pair` holds these at first, and soon the simulated days of the new scenario.
    day : int
        The last simulated day, counted from 0; -1 before the first.
    pair : (ArmData, ArmData) or None
        Both arms; the rows of simulated days do not change. None before the first day is simulated.
    progress : float
        Share of the catching up that is done [1].
    problem : str
        Why the session failed, in a sentence.
    is_stale : bool
        Whether `pair` still holds the results of the previous scenario.
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
    """Simulates a scenario with and without its policies, day by day, on its own thread.

    Every method returns at once and may be called from any thread.

    Parameters
    ----------
    spec : Scenario
        Uncertain values in it are set to their stated value.
    pace : float
        Days per second while playing; 0 for as fast as possible [days/s].
    """

    def __init__(self, spec: Scenario, *, pace: float = 0.0) -> None:
        self._news = threading.Condition()
        self._wanted, self._whole, self._target, self._pace = spec, spec, 0, pace
        self._playing = self._closed = False
        self._afresh = True
        self._last = Moment(0, spec, "building")
        self._due = self._shown_at = 0.0
        self._glimpse = math.inf  # when the days simulated so far are shown during catching up
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
        """The scenario with all policies that can be switched on; it decides which people are simulated."""
        return self._whole

    @property
    def playing(self) -> bool:
        """Whether the session simulates day after day without further orders."""
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
        """Simulate another scenario up to the current day, then continue as before.

        Parameters
        ----------
        spec : Scenario
        whole : Scenario, optional
            The scenario with all policies that can be switched on, which decides which people are simulated; by
            default `spec`.
        """
        with self._news:
            self._wanted, self._whole, self._afresh = spec, whole or spec, True
            if not self._closed:
                room.take(id(self), spec)
            self._glimpse = time.monotonic() + PATIENCE
            self._target = min(self._target, spec.days - 1)
            self._publish("building", keep=True)

    def play(self) -> None:
        """Simulate day by day until paused or to the last day; after the last day, start again from the first."""
        with self._news:
            if self._last.stage == "done":
                self.reset()
            self._playing, self._due = True, time.monotonic()
            self._news.notify_all()

    def pause(self) -> None:
        """Stop after the day that is being simulated."""
        with self._news:
            self._playing = False
            self._news.notify_all()

    def step(self, days: int = 1) -> None:
        """Simulate a number of days and pause [days]."""
        with self._news:
            self._playing, self._glimpse = False, time.monotonic() + PATIENCE
            self._target = min(self._target + days, self._wanted.days - 1)
            self._news.notify_all()

    def reset(self) -> None:
        """Go back to the first day and pause."""
        with self._news:
            self._playing, self._target, self._afresh = False, 0, True
            self._publish("building", keep=True)

    def set_pace(self, pace: float) -> None:
        """Set the days per second while playing; 0 for as fast as possible [days/s]."""
        with self._news:
            self._pace, self._due = max(0.0, pace), time.monotonic()
            self._news.notify_all()

    def nudge(self) -> None:
        """Publish the latest moment again, because the page is to show it differently."""
        with self._news:
            self._last = replace(self._last, serial=self._last.serial + 1)
            self._news.notify_all()

    def close(self) -> None:
        """End the thread after its current day and free all memory."""
        with self._news:
            self._closed, self._playing = True, False
            room.leave(id(self))
            self._news.notify_all()

    # --- the thread ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Carry out orders until the session is closed."""
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
                    # An arm that stopped in the middle of a day cannot be used again.
                    self._past, self._line, self._pasts, self._playing = None, None, {}, False
                    self._publish("failed", keep=True)
        with self._news:  # a page may still hold the session, but must not keep its worlds in memory
            self._past, self._line, self._pasts = None, None, {}
            self._last = replace(self._last, pair=None)
        room.give_back_memory()

    def _time_to_wait(self) -> float | None:
        """Return how long to wait before the next day [s]; None when no further day is wanted."""
        if self._line is None:
            return None
        policy = self._line.arm
        if policy.day < self._target:
            return 0.0
        if not self._playing or policy.day + 1 >= policy.spec.days:
            return None
        return max(0.0, self._due - time.monotonic()) if self._pace else 0.0

    def _build(self) -> None:
        """Make the world and the arms of the wanted scenario, or reuse those that were simulated recently."""
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
            self._shown_at = self._due = time.monotonic()

    def _live(self) -> None:
        """Simulate one day in both arms."""
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
                # A machine that is too slow for the pace does not catch up later with a burst of days.
                self._due = max(self._due + 1.0 / self._pace, time.monotonic() - 0.5)
            self._target = max(self._target, day)
            now = time.monotonic()
            if catching_up and now >= self._glimpse:
                self._publish("catching up")
                self._glimpse = time.monotonic() + GLIMPSE_SECONDS
            elif now - self._shown_at >= SHOW_SECONDS:
                self._publish("catching up" if catching_up else "playing", keep=catching_up)

    def _settle(self) -> None:
        """Publish the current day when there is nothing left to do."""
        if self._line is None:
            return
        policy = self._line.arm
        stage: Stage = "done" if policy.day + 1 >= policy.spec.days else "ready"
        self._playing, self._glimpse = False, math.inf
        last = self._last
        if last.stage != stage or last.day != policy.day or last.spec is not policy.spec:
            self._publish(stage)

    def _publish(self, stage: Stage, *, keep: bool = False) -> None:
        """Publish a new moment; with `keep`, it shows the days of the last one while others are simulated."""
        last, past, line = self._last, self._past, self._line
        done = (line.arm.day + 1) / (self._target + 1) if line and stage == "catching up" else 0.0
        if keep or past is None or line is None:
            problem = "The model stopped with an error; the terminal has the details." if stage == "failed" else ""
            stale = stage == "building" or last.is_stale
            self._last = Moment(last.serial + 1, last.spec, stage, last.day, last.pair, done, problem, stale)
        else:
            self._last = Moment(last.serial + 1, line.arm.spec, stage, line.arm.day, past.pair(line), done or 1.0)
        self._shown_at = time.monotonic()
        self._news.notify_all()

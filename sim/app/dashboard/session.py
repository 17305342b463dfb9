"""A session: one pair of arms that a thread of its own lives through, day by day, as it is told.

It knows nothing of the page. Whoever looks asks for the latest moment, which never changes afterwards.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from sim.experiments.pairs import arm_data, make_arms
from sim.model import Model
from sim.results.panel import Pair
from sim.scenario import Scenario

Stage = Literal["building", "catching up", "ready", "playing", "done", "failed"]
Arms = tuple[Model, Model]
KEPT = 3
"""Scenarios whose days are kept, so that going back to one answers at once: a switch is often thrown twice."""
SHOW_SECONDS = 0.15
"""How often a new moment is made while days go by."""


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
        What the session is doing; while it is building or catching up, `pair` is what was reached before.
    day : int
        Days done, counted from 0; -1 before the first one is through.
    pair : (ArmData, ArmData) or None
        Both arms; the rows of the days that are done stay as they are. None before the first day is through.
    progress : float
        How far catching up has come [1].
    problem : str
        Why it failed, in a sentence.
    """

    serial: int
    spec: Scenario
    stage: Stage
    day: int = -1
    pair: Pair | None = None
    progress: float = 0.0
    problem: str = ""


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
        self._wanted, self._target, self._pace = spec, 0, pace
        self._playing = self._closed = False
        self._afresh = True
        self._last = Moment(0, spec, "building")
        self._due = self._told = 0.0
        self._arms: Arms | None = None
        self._kept: dict[str, Arms] = {}
        self._thread = threading.Thread(target=self._work, name="splinternet session", daemon=True)
        self._thread.start()

    @property
    def moment(self) -> Moment:
        """The latest moment."""
        return self._last

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

    def apply(self, spec: Scenario) -> None:
        """Live through another scenario from its first day up to the day that was reached, then go on as before."""
        with self._news:
            self._wanted, self._afresh = spec, True
            self._target = min(self._target, spec.days - 1)
            self._tell("building", keep=True)

    def play(self) -> None:
        """Go on day by day until told otherwise or to the last day; from there, begin again."""
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
            self._playing = False
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
        """End the thread; nothing further happens."""
        with self._news:
            self._closed = True
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
                    self._arms, self._playing = None, False
                    self._tell("failed", keep=True)

    def _time_to_wait(self) -> float | None:
        """Return how long the next day can wait [s]; None when none is wanted."""
        if self._arms is None:
            return None
        policy = self._arms[1]
        if policy.day < self._target:
            return 0.0
        if not self._playing or policy.day + 1 >= policy.spec.days:
            return None
        return max(0.0, self._due - time.monotonic()) if self._pace else 0.0

    def _build(self) -> None:
        """Make the world of the wanted scenario, and its two arms; or take up those that were left not long ago."""
        with self._news:
            spec, self._afresh = self._wanted, False
            self._keep()
            known = self._kept.pop(spec.digest, None)
            if known is not None and known[1].day <= self._target:
                self._arms = known
                self._told = self._due = time.monotonic()
                return
        arms = make_arms(spec, spec.seed)
        with self._news:
            self._arms = arms
            self._told = self._due = time.monotonic()

    def _keep(self) -> None:
        """Put the present arms aside, and let go of those that were put aside long ago."""
        if self._arms is not None:
            self._kept[self._arms[1].spec.digest] = self._arms
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        self._arms = None

    def _live(self) -> None:
        """Live through one day in both arms, the baseline first."""
        arms = self._arms
        if arms is None:
            return
        for arm in arms:
            arm.step()
        day = arms[1].day
        with self._news:
            if self._afresh:
                return
            catching_up = day < self._target
            if not catching_up and self._pace:
                # A machine that cannot keep the pace does not make up for it in a rush.
                self._due = max(self._due + 1.0 / self._pace, time.monotonic() - 0.5)
            self._target = max(self._target, day)
            if time.monotonic() - self._told >= SHOW_SECONDS:
                self._tell("catching up" if catching_up else "playing", keep=catching_up)

    def _settle(self) -> None:
        """Say what was reached, when there is nothing further to do."""
        if self._arms is None:
            return
        policy = self._arms[1]
        stage: Stage = "done" if policy.day + 1 >= policy.spec.days else "ready"
        self._playing = False
        last = self._last
        if last.stage != stage or last.day != policy.day or last.spec is not policy.spec:
            self._tell(stage)

    def _tell(self, stage: Stage, *, keep: bool = False) -> None:
        """Make a new moment; with `keep`, the days of the last one stay in sight while others are made."""
        last, arms = self._last, self._arms
        if keep or arms is None:
            done = (arms[1].day + 1) / (self._target + 1) if arms and stage == "catching up" else 0.0
            problem = "The model stopped with an error; the terminal has the details." if stage == "failed" else ""
            self._last = Moment(last.serial + 1, last.spec, stage, last.day, last.pair, done, problem)
        else:
            pair = (arm_data(arms[0]), arm_data(arms[1]))
            self._last = Moment(last.serial + 1, arms[1].spec, stage, arms[1].day, pair, 1.0)
        self._told = time.monotonic()
        self._news.notify_all()

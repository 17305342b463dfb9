"""What a setting of the page gives: number, sentences and picture, after one seed and again with a
band of five.

The numbers are those of ``splinternet run`` with as many people and seeds. One setting is simulated
at a time, whatever tab it is from: the first answer to a change goes before the bands of other
tabs. Members are given up as soon as the answer is made, so tabs hold words and pictures alone.
"""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ...experiments.pairs import arm_data, make_arms
from ...metrics.registry import METRICS
from ...plots.marks import (
    Curve,
    both_arms,
    curve,
    date_axis,
    days,
    find,
    on_axis,
    policy_days,
    scale,
)
from ...plots.over_time import where
from ...plots.overview import main_chart
from ...plots.page import GREY, house_style, wrapped
from ...results.files import csv_of
from ...results.memory import DAY, release_memory
from ...results.panel import Pair
from ...results.result import Result
from ...results.series import Cell, values
from ...scenario import Scenario, varied
from ...scenario.load import member_spec
from ...text.finding_sentences import figure, sentences
from ...text.findings import FIRST, Finding
from ...text.findings import find as findings_of
from ...text.numbers import quantity

SEEDS = 5
"""Seeds of a band."""
ROOM = 1.2e9
"""Memory that the members of a setting may take together; a longer run has a band of fewer seeds
[bytes].
"""
SWING_PEOPLE = 2_000
"""Simulated people for the order of the sliders (assumption: enough to tell a strong one from a
weak one).
"""
SIZE = (5.4, 3.3)
"""Width and height of the picture; its letters can be read on a phone [inches]."""
_WORK = WeakKeyDictionary[threading.Thread, threading.Event]()
"""Work that was started, with what ends it; a thread that has ended is not kept."""
NO_NUMBER = ("nothing", "no_policies", "no_finding", "kept", "no_contact", "same_routes", "level")
"""Findings that something does not change."""


@dataclass(frozen=True)
class Answer:
    """What the page shows of a setting."""

    spec: Scenario
    members: int
    """Seeds that it rests on."""
    number: str
    interval: str
    """The number of the main finding, and its 80 % interval; empty where nothing surely changes."""
    sentences: tuple[str, ...]
    """Findings, the main one first."""
    picture: bytes
    """The main finding over time, as SVG."""
    line: Curve | None
    """What the picture shows: the setting before, on the next one."""
    table: str
    """The rows of ``summary.csv``."""
    overview: bytes = b""
    """The answer in four panels as PNG, empty until all seeds are through."""
    swings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Parameter -> the number with it at the low and the high end of its range, the strongest
    first.
    """


class LeftError(Exception):
    """The tab is closed, or its user has chosen something else."""


class _OvertakenError(Exception):
    """Another tab waits for its first answer."""


class Turns:
    """One simulation at a time in this process, first answers before others."""

    def __init__(self) -> None:
        self._lock, self._count, self.urgent = threading.Lock(), threading.Lock(), 0

    @contextmanager
    def turn(self, stop: threading.Event, *, urgent: bool) -> Iterator[None]:
        """Wait for the turn; raise LeftError when it is no longer wanted."""
        with self._count:
            self.urgent += urgent
        try:
            while not self._lock.acquire(timeout=0.2):
                if stop.is_set():
                    raise LeftError
        finally:
            with self._count:
                self.urgent -= urgent
        try:
            yield
        finally:
            release_memory()
            self._lock.release()


TURNS = Turns()


def seeds_of(spec: Scenario) -> int:
    """Return how many seeds of a scenario the page has room for; of the longest run that a scenario
    allows, one.
    """
    return max(1, min(SEEDS, int(ROOM // (DAY * spec.days))))


def answers(
    spec: Scenario,
    before: Answer | None,
    sliders: Sequence[str],
    stop: threading.Event,
    tell: Callable[[int, int], None],
) -> Iterator[Answer]:
    """Yield the answer of one seed, then that of all of them, then the same with the order of the
    sliders.

    The answer of the setting before is drawn as a ghost line. `tell` is called with the day and the
    days of the first seed, for progress.

    Raises
    ------
    LeftError
        When `stop` is set: the answer is no longer wanted.
    """
    made: Answer | None = None
    many = seeds_of(spec)

    def watch(day: int) -> None:
        if stop.is_set():
            raise LeftError
        if made is not None and TURNS.urgent:
            raise _OvertakenError
        if made is None and day % 20 == 0:
            tell(day, spec.days)

    while made is None or made.members < many:
        try:
            with TURNS.turn(stop, urgent=made is None):
                pairs: list[Pair] = []
                for seed in range(spec.seed, spec.seed + many):
                    pairs.append(_member(member_spec(spec, seed), seed, watch))
                    if made is None or len(pairs) == many:
                        made = answer(Result(spec, pairs), before, whole=len(pairs) == many)
                        yield made
        except _OvertakenError:
            time.sleep(0.2)
        finally:
            pairs = []
    while sliders and made.line is not None:
        try:
            with TURNS.turn(stop, urgent=False):
                swings = _swings(spec, made.line.cell, sliders, watch)
            yield replace(made, swings=swings)
            return
        except _OvertakenError:
            time.sleep(0.2)


def _member(
    spec: Scenario, seed: int, watch: Callable[[int], None], metrics: Sequence[str] | None = None
) -> Pair:
    """Run one member, as `run_pair` does, and call `watch` after each day: it may raise to end the
    run.
    """
    baseline, policy = make_arms(spec, seed, metrics=metrics)
    for day in range(spec.days):
        baseline.step()
        policy.step()
        watch(day + 1)
    return arm_data(baseline), arm_data(policy)


def answer(result: Result, before: Answer | None, *, whole: bool) -> Answer:
    """Return what the page shows of a result; `whole` adds the four panels."""
    every = findings_of(result)
    found = every[:FIRST] or [Finding("no_finding")]
    number, interval = ("", "") if found[0].kind in NO_NUMBER else figure(result, found[0])
    line = next(filter(None, (_curve(result, one) for one in found)), None)
    picture = _picture(result, line, ghost_of(before, line))
    said = tuple(sentences(result, every)[:FIRST])
    table = csv_of(result.summary())
    overview = _bytes(result.plot("overview"), "png", dpi=110) if whole else b""
    return Answer(
        result.scenario, len(result.members), number, interval, said, picture, line, table, overview
    )


def ghost_of(before: Answer | None, line: Curve | None) -> Curve | None:
    """Return the line of the setting before, where it is of the same cell and days as that of now."""
    last = None if before is None else before.line
    if (
        last is None
        or line is None
        or last.cell != line.cell
        or last.effect.shape != line.effect.shape
    ):
        return None
    return last


def _curve(result: Result, one: Finding) -> Curve | None:
    """Return what a finding is about over time; None where it is one number a run, or about no
    cell.
    """
    if one.row is None or one.kind == "level" or METRICS[one.metric].kind == "total":
        return None
    where = {name: str(one.row[name]) for name in ("state", "platform", "group")}
    cell = find(result, str(one.row["metric"]), **where)
    return None if cell is None else curve(result, cell)


def _picture(result: Result, line: Curve | None, before: Curve | None) -> bytes:
    """Return the picture of a finding with the ghost line of the setting before, as SVG."""
    if line is None:
        return _bytes(result.plot(main_chart(result), figsize=SIZE), "svg")
    from matplotlib.figure import Figure

    metric = METRICS[line.cell.metric]
    shown = [line.level, *line.given, *(() if before is None else before.given[1:2])]
    by, word = (
        (0.01, "% of the group")
        if metric.form == "share"
        else scale(float(np.nanmax(np.abs(shown))))
    )
    with house_style():
        chart = Figure(SIZE, layout="constrained")
        axes = chart.subplots()
        if before is not None:
            axes.plot(
                on_axis(days(result)),
                before.given[1] / by,
                color=GREY,
                dashes=(4, 2.5),
                lw=1.6,
                gid="before",
            )
        both_arms(axes, result, line, by)
        policy_days(axes, result)
        date_axis(axes, days(result), few=True)
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        unit = word if metric.form == "share" else f"{word}{metric.unit}"
        what = f"{where(result, line.cell)}: {metric.label[0].lower()}{metric.label[1:]} [{unit}]"
        chart.suptitle(wrapped(what, 62, 3), x=0.01, ha="left", fontsize="small")
        return _bytes(chart, "svg")


def _bytes(chart: Any, form: str, **keys: Any) -> bytes:
    stream = io.BytesIO()
    chart.savefig(stream, format=form, **keys)
    return stream.getvalue()


def _swings(
    spec: Scenario, cell: Cell, sliders: Sequence[str], watch: Callable[[int], None]
) -> dict[str, tuple[str, str]]:
    """Return what a cell shows with each parameter at the ends of its range, the strongest
    parameter first.
    """
    small = {"people": min(spec.people, SWING_PEOPLE), "draw": "nothing", "sweep": {}}
    found = []
    for name in sliders:
        fact = spec.facts.parameters[name]
        varying = (small | {f"parameters.{name}": end} for end in (fact.low, fact.high))
        ends = [_largest(varied(spec, values), cell, watch) for values in varying]
        found.append((abs(ends[1] - ends[0]), name, [quantity(cell.metric, end) for end in ends]))
    return {name: (low, high) for _, name, (low, high) in sorted(found, key=lambda row: -row[0])}


def _largest(spec: Scenario, cell: Cell, watch: Callable[[int], None]) -> float:
    """Return the largest effect on a cell on any day of one member that draws nothing."""
    pair = _member(spec, spec.seed, watch, [cell.metric])
    effect = values(cell, [pair], 1) - values(cell, [pair], 0)
    return float(np.nan_to_num(effect).flat[np.abs(np.nan_to_num(effect)).argmax()])


def follow(
    work: Callable[[threading.Event], None], failed: Callable[[str], None] = lambda said: None
) -> Callable[[], None]:
    """Start work on a thread of its own; return a function that ends it. `failed` is called with
    why it stopped.
    """
    stop = threading.Event()

    def begin() -> None:
        try:
            work(stop)
        except LeftError:
            return
        except Exception:
            logging.getLogger(__name__).exception("a setting could not be simulated")
            failed("The model stopped with an error; the terminal has the details.")

    thread = threading.Thread(target=begin, name="splinternet answer", daemon=True)
    _WORK[thread] = stop
    thread.start()
    return stop.set


def end_work(seconds: float = 10.0) -> None:
    """End all work that was started and wait for it, at most so long: the process must not end
    while it computes.

    Compiled code that a thread still runs while the interpreter goes away makes the process abort.
    """
    work, end = dict(_WORK), time.monotonic() + seconds
    for stop in work.values():
        stop.set()
    for thread in work:
        thread.join(max(0.0, end - time.monotonic()))

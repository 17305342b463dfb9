"""The check of each item of the user's own: it is run in a small world, and what fails is named with its line.

One fault an item: what comes after the first often follows from it. In your own tests::

    from splinternet.experiments.own_items import check_item

    def test_solidarity():
        assert not check_item("behaviours", "solidarity")
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..decisions import PeopleRule
from ..engine.model import Model
from ..errors import InputError, Place, Problem
from ..metrics.registry import METRICS
from ..plots.registry import CHARTS, draw
from ..policies import INSTRUMENTS
from ..policies.checks import check_instrument, fault_of
from ..results.result import Result
from ..scenario import Scenario, load
from ..scenario.schema import BEHAVIOURS
from ..world.build import World, make_world
from .pairs import run_pair

DAYS, MOST_DAYS = 21, 200
"""Days of the small world, and of one in which a behaviour has two turns."""
KEYS: dict[str, Any] = {
    "title": "a check",
    "start": "2020-08-01",
    "people": 1_000,
    "policies": [
        {"id": "wall", "instrument": "block", "by": "RU", "targets": ["Instagram"], "on": "2020-08-04"},
        {"id": "ban", "instrument": "block", "by": "US", "targets": ["WeChat", "TikTok"], "technique": "geoblock"}
        | {"announced": "2020-08-03", "on": "2020-08-08", "until": "2020-08-15"},
    ],
}


def check_item(kind: str, name: str) -> tuple[Problem, ...]:
    """Return what is wrong with an item; nothing where it passes.

    Parameters
    ----------
    kind : {"instruments", "behaviours", "metrics", "charts"}
    name : str

    Returns
    -------
    tuple of Problem
        All that is wrong with its declaration; otherwise the first fault that shows when it is run.

    Raises
    ------
    KeyError
        If there is no such item.
    """
    registry: Any = {"instruments": INSTRUMENTS, "behaviours": BEHAVIOURS, "metrics": METRICS, "charts": CHARTS}[kind]
    try:
        item = registry[name]
    except InputError as error:
        return error.problems
    checks: dict[str, Callable[[Any], Iterator[str]]] = {
        "instruments": _instrument, "behaviours": _behaviour, "metrics": _metric, "charts": _chart,
    }  # fmt: skip
    place = _place(item)
    try:
        if kind == "instruments" and (faults := check_instrument(name)):
            return faults[:1]
        fault = next(checks[kind](item), "")
    except InputError as error:
        return error.problems[:1]
    except Exception as error:
        return (fault_of(error, place),)
    if fault:
        return (Problem(_random_place(item) or place, fault, "the same outcome whenever it is run with one seed"),)
    return ()


@cache
def _world(days: int = DAYS) -> World:
    """Return the small world."""
    spec = load({**KEYS, "days": days})
    return make_world(spec, spec.seed)


def _spec(**keys: Any) -> Scenario:
    """Return the scenario of the small world with other keys."""
    return load({**KEYS, "days": DAYS, **keys})


def _instrument(kind: Any) -> Iterator[str]:
    """Run its example; it is checked otherwise already."""
    policy = {"id": "it", "instrument": kind.name(), "on": "2020-08-04", **kind.EXAMPLE}
    if kind.AVAILABLE and not (kind.relieves() or kind.HALTS or kind.EXTENDS):
        spec = _spec(policies=[policy], days=7)
        Model(spec, world=make_world(spec, spec.seed), collect=False, metrics=()).run_for(spec.days)
    yield from ()


def _behaviour(kind: Any) -> Iterator[str]:
    """Run it twice, and compare what is decided."""
    if issubclass(kind, PeopleRule):
        spec, world = _spec(behaviour={kind.name: True}), _world()
        first, second = (_proposed(Model(spec, world=world, collect=False, metrics=()), kind.name) for _ in range(2))
        for day, (one, other) in enumerate(zip(first, second, strict=True)):
            if one != other:
                yield f"it proposes other things when it is run again, from day {day} on: draw from today.chance()"
                return
        return
    days = min(MOST_DAYS, 2 * kind.every_days + 1)
    spec = _spec(behaviour={"targets": True, "platforms": True, kind.name: True}, days=days)
    models = [Model(spec, world=_world(days), collect=False, metrics=()) for _ in range(2)]
    for model in models:
        model.run_for(days)
    if [d.stored() for d in models[0].decisions] != [d.stored() for d in models[1].decisions]:
        yield "it decides otherwise when it is run again: draw from splinternet.core.chance"


def _proposed(model: Model, name: str) -> list[Any]:
    """Return what is proposed on each day, as plain data."""
    days = []
    while model.running:
        model.step()
        made = model.proposals.get(name)
        each = made.made.items() if made is not None else ()
        days.append({verb: [(who.tolist(), platform) for who, platform in them] for verb, them in each})
    return days


def _metric(metric: Any) -> Iterator[str]:
    """Record it twice, and compare."""
    records = []
    for _ in range(2):
        model = Model(_spec(), world=_world(), metrics=[metric.name], collect=False)
        model.run_for(DAYS)
        records.append(model.record.arrays[metric.name])
    if not np.array_equal(records[0], records[1], equal_nan=True):
        yield "it gives other values when it is run again"


def _chart(chart: Any) -> Iterator[str]:
    """Draw it."""
    spec = _spec(days=7)
    metrics = [name for name in chart.metrics if name in METRICS]
    result = Result(spec, [run_pair(spec, spec.seed, metrics=metrics)], {"name": "a check"})
    if chart.fits(result):
        figure = draw(result, chart.name)
        if not isinstance(figure, Figure):
            raise InputError(Problem(_place(chart), f"it returns {type(figure).__name__}", "a matplotlib Figure"))
    yield from ()


def _place(item: Any) -> Place:
    """Return the file and the line where an item is declared."""
    if hasattr(item, "place"):
        return Place(item.place().file, item.place().line)
    code = getattr(item.function, "__wrapped__", item.function).__code__
    return Place(code.co_filename, code.co_firstlineno)


def _random_place(item: Any) -> Place | None:
    """Return the first line of an item's file that draws from Python's or numpy's own random numbers."""
    try:
        source = Path(_place(item).file).read_text(encoding="utf-8")
    except OSError:
        return None
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    lines = (call.lineno for call in calls if "random" in ast.unparse(call.func).split("."))
    return next((Place(_place(item).file, line) for line in lines), None)

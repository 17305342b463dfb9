"""The check of a user's own item, which runs twice in a small world; a fault is reported with its
line.

Each item has at most one fault, because later faults often follow from the first. In your own
tests::

    from splinternet.experiments.item_checks import check_item

    def test_solidarity():
        assert not check_item("behaviours", "solidarity")
"""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from ..core.plugins import items_added
from ..engine.model import Model
from ..errors import InputError, Place, Problem
from ..metrics.registry import METRICS
from ..people.rule import PeopleRule
from ..plots.registry import CHARTS, draw
from ..policies import INSTRUMENTS
from ..results.result import Result
from ..scenario import load
from ..scenario.schema import BEHAVIOURS
from .instrument_checks import check_instrument, fault_of, world_keys
from .pairs import run_pair

DAYS = 21
MOST_DAYS = 200
"""Days of the small world, and of the world in which a behaviour acts twice."""
KEYS: dict[str, Any] = {
    "title": "a check",
    "start": "2020-08-01",
    "people": 1_000,
    "days": DAYS,
    "policies": [
        {
            "id": "wall",
            "instrument": "block",
            "by": "RU",
            "targets": ["Instagram"],
            "on": "2020-08-04",
        },
        {
            "id": "ban",
            "instrument": "block",
            "by": "US",
            "targets": ["WeChat", "TikTok"],
            "technique": "geoblock",
        }
        | {"announced": "2020-08-03", "on": "2020-08-08", "until": "2020-08-15"},
    ],
}


def check_item(kind: str, name: str, facts: str = "") -> tuple[Problem, ...]:
    """Return the problems of an item; empty if it passes.

    Parameters
    ----------
    kind : {"instruments", "behaviours", "metrics", "charts"}
    name : str
    facts : str
        The name of the world; by default the shipped world of the day.

    Returns
    -------
    tuple of Problem
        All faults of its declaration or, if there are none, the first fault of a run.

    Raises
    ------
    KeyError
        If there is no such item.
    """
    registry: Any = {
        "instruments": INSTRUMENTS,
        "behaviours": BEHAVIOURS,
        "metrics": METRICS,
        "charts": CHARTS,
    }[kind]
    try:
        item = registry[name]
    except InputError as error:
        return error.problems
    code = getattr(getattr(item, "function", None), "__code__", None)
    place = Place(code.co_filename, code.co_firstlineno) if code else item.place()
    try:
        with items_added({(kind, name): item}):
            return _faults(kind, item, place, facts)
    except InputError as error:
        return error.problems[:1]
    except Exception as error:
        return (fault_of(error, place),)


def _faults(kind: str, item: Any, place: Place, facts: str) -> tuple[Problem, ...]:
    """Return the first fault of running an item."""
    if kind == "instruments" and (faults := check_instrument(item.name, facts)):
        return faults[:1]
    if kind == "charts":
        spec = load({**KEYS, **world_keys(facts), "days": 7})
        metrics = [name for name in item.metrics if name in METRICS]
        result = Result(spec, [run_pair(spec, spec.seed, metrics=metrics)], {"name": "a check"})
        if item.fits(result) and not isinstance(figure := draw(result, item.name), Figure):
            return (Problem(place, f"it returns {type(figure).__name__}", "a matplotlib Figure"),)
    elif _outcome(kind, item, facts) != _outcome(kind, item, facts):
        found = "a second run gives a different outcome"
        hint = "draw from today.chance() or splinternet.core.chance"
        return (Problem(place, found, "the same outcome for the same seed", hint),)
    return ()


def _outcome(kind: str, item: Any, facts: str) -> list[Any]:
    """Run an item in the small world, and return its outcome as plain data."""
    keys = KEYS | world_keys(facts)
    metrics = list[str]()
    if kind == "metrics":
        metrics = [item.name]
    elif kind == "behaviours":
        by_itself = {} if issubclass(item, PeopleRule) else {"targets": True, "platforms": True}
        keys |= {"behaviour": by_itself | {item.name: True}}
        keys["days"] = min(MOST_DAYS, max(DAYS, 2 * item.every_days + 1))
    elif item.relieves() or item.HALTS or item.EXTENDS:
        return []  # needs another policy, and `check_instrument` has run it already
    else:
        keys |= {
            "policies": [{"id": "it", "instrument": item.name, "on": "2020-08-04", **item.EXAMPLE}],
            "days": 7,
        }
    model = Model(load(keys), collect=False, metrics=metrics)
    outcome = list[Any]()
    while model.running:
        model.step()
        proposals = model.proposals.get(item.name) if kind == "behaviours" else None
        for verb, made in proposals.made.items() if proposals is not None else ():
            outcome += [(model.day, verb, who.tolist(), platform) for who, platform in made]
    outcome += [decision.stored() for decision in model.decisions]
    return [*outcome, *(array.tobytes() for array in model.record.arrays.values())]

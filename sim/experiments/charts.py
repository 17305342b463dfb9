"""The charts of experiments: each is registered under the kind of its experiment, and imported when it is drawn.

A chart stands beside the run and the result of its experiment, in ``sim/experiments/<kind>/chart.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.plots.figure import House

KINDS = ("attribution", "calibration", "hindcast", "sensitivity", "sweep", "threshold")
"""The experiments that have charts, by the name of their folder."""


@dataclass(frozen=True)
class ExperimentChart:
    """One chart of an experiment.

    Attributes
    ----------
    name : str
        Name of the function that draws it.
    kind : str
        The experiment: one of `KINDS`.
    title : str
        What it shows, in a few words.
    description : str
        How to read it, in one or two sentences.
    function : callable
        Takes the result of the experiment, and what of it to draw, and returns a figure.
    """

    name: str
    kind: str
    title: str
    description: str
    function: Callable[..., House]


_DECLARED: dict[str, dict[str, ExperimentChart]] = {kind: {} for kind in KINDS}


def chart_of[**What](
    kind: str, title: str, description: str
) -> Callable[[Callable[What, House]], Callable[What, House]]:
    """Register the function below as a chart of a kind of experiment, under its own name."""

    def register(function: Callable[What, House]) -> Callable[What, House]:
        _DECLARED[kind][function.__name__] = ExperimentChart(function.__name__, kind, title, description, function)
        return function

    return register


def charts_of(kind: str) -> Mapping[str, ExperimentChart]:
    """Return the charts of a kind of experiment by name, the main one first."""
    import_module("sim.evidence.charts" if kind in ("calibration", "hindcast") else f"sim.experiments.{kind}.chart")
    return MappingProxyType(_DECLARED[kind])


def all_charts() -> tuple[ExperimentChart, ...]:
    """Return the charts of all experiments."""
    return tuple(chart for kind in KINDS for chart in charts_of(kind).values())


def draw(kind: str, *what: Any, name: str = "") -> House:
    """Return a chart of an experiment.

    Parameters
    ----------
    kind : str
        The experiment: one of `KINDS`.
    *what
        What the chart takes: the result, and what of it to draw.
    name : str
        Which chart; by default the main one.
    """
    known = charts_of(kind)
    return known[name or next(iter(known))].function(*what)

"""Every metric that the model reports, by name: those of this package, then those that a user adds.

To add a metric, write a function of the arm under the decorator `metric` in the file of its subject. The record,
tables, charts, scenario checks and ``splinternet list metrics`` follow; their order is that of declaration.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType

from sim.errors import Problem
from sim.metrics.metric import DIMS, Metric
from sim.plugins import Registry

SUBJECTS = ("family", "use", "reach", "money", "states", "internets")
WAYS = ("access back", "VPN", "substitute", "bridge")
"""How a tie comes back, in the order of the dimension ``way``."""


def _declared_in(module: ModuleType) -> dict[str, Metric]:
    """Return the metrics that a module declares, by name."""
    metrics = [value for value in vars(module).values() if isinstance(value, Metric)]
    return {metric.name: metric for metric in metrics if metric.function.__module__ == module.__name__}


def _faults(metric: Metric) -> Iterator[Problem]:
    """Yield what is wrong with the declaration of a metric."""
    file = inspect.getfile(metric.function)
    if unknown := ", ".join(repr(dim) for dim in metric.dims if dim not in DIMS):
        yield Problem(file, f"unknown dimension {unknown}", f"any of {', '.join(DIMS)}")
    if not metric.description:
        yield Problem(file, f"the metric {metric.name} has no definition", "a sentence as its docstring")


METRICS = Registry(
    "metrics",
    [f"sim.metrics.{subject}" for subject in SUBJECTS],
    _declared_in,
    "a function {name} under the decorator metric",
    _faults,
)
"""The metrics by name, in the order of the tables."""

"""The checks of ``splinternet check FOLDER``: the items of a project folder, and its scenario files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from .. import plugins
from ..errors import InputError, Problem
from ..plugins import Registry


class Item(NamedTuple):
    """One item of a project: its kind, its name, and what is wrong with it."""

    kind: str
    name: str
    problems: tuple[Problem, ...]


def items_of(folder: Path) -> tuple[Item, ...]:
    """Return the items of a project, each with what is wrong with it.

    Raises
    ------
    InputError
        When its ``splinternet.toml`` is faulty.
    """
    with plugins.project_around(folder):
        return tuple(item for check in _CHECKS.values() for item in check())


def scenarios_of(folder: Path) -> tuple[str, ...]:
    """Return the scenario files that stand in a project folder itself or in its subfolder ``scenarios``."""
    found = sorted([*folder.glob("*.yaml"), *(folder / "scenarios").glob("*.yaml")])
    return tuple(str(path) for path in found)


def _instruments() -> Iterator[Item]:
    from ..policies import INSTRUMENTS
    from ..policies.checks import check_instrument

    for name in INSTRUMENTS.own():
        yield Item("instrument", name, check_instrument(name))


def _loaded(kind: str, registry: Registry[Any]) -> Iterator[Item]:
    """Yield items of a kind whose check is that they load."""
    for name in registry.own():
        try:
            registry[name]
        except InputError as error:
            yield Item(kind, name, error.problems)
        else:
            yield Item(kind, name, ())


def _behaviours() -> Iterator[Item]:
    from ..scenario.schema import BEHAVIOURS

    return _loaded("behaviour", BEHAVIOURS)


def _metrics() -> Iterator[Item]:
    from ..metrics.registry import METRICS

    return _loaded("metric", METRICS)


def _charts() -> Iterator[Item]:
    from ..plots.registry import CHARTS

    return _loaded("chart", CHARTS)


def _facts() -> Iterator[Item]:
    from ..facts.relations import check_own
    from ..facts.worlds import MANIFEST

    found = plugins.project()
    folder = found.folders.get("facts") if found is not None else None
    if folder is None:
        return
    tables = [path for path in folder.glob("*.csv") if path.name != "parameters.csv"]
    if tables or (folder / MANIFEST).is_file():
        yield Item("facts", folder.name, check_own(folder)[1])


_CHECKS: Mapping[str, Callable[[], Iterator[Item]]] = MappingProxyType(
    {"instruments": _instruments, "behaviours": _behaviours, "metrics": _metrics, "charts": _charts, "facts": _facts}
)
"""What checks the items of each kind."""

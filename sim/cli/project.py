"""The checks of ``splinternet check FOLDER``: the items of a project folder, and its scenario files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .. import plugins
from ..errors import InputError, Problem


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
        kinds = [kind for kind in plugins.KINDS if kind != "facts"]
        return (*(item for kind in kinds for item in _run(kind)), *_facts())


def scenarios_of(folder: Path) -> tuple[str, ...]:
    """Return the scenario files that stand in a project folder itself or in its subfolder ``scenarios``."""
    found = sorted([*folder.glob("*.yaml"), *(folder / "scenarios").glob("*.yaml")])
    return tuple(str(path) for path in found)


def _run(kind: str) -> Iterator[Item]:
    """Yield the items of a kind, each run in a small world."""
    found = plugins.project()
    if found is None or not found.files(kind):
        return
    from ..experiments.own_items import check_item  # the engine: loaded only where there is something to run

    for name in found.files(kind):
        try:
            problems = check_item(kind, name)
        except InputError as error:  # its name is taken, or none
            problems = error.problems
        yield Item(kind.removesuffix("s"), name, problems)


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

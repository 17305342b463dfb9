"""The sources of a scenario on the page: a shipped one by name, the file the page was started with, or an upload."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ...errors import Code, InputError, Place, Problem, did_you_mean
from ...metrics.registry import METRICS
from ...scenario import Scenario, load
from ...scenario.files import LARGEST_FILE, display
from ...shipped import shipped

FIRST = "wechat_as_ordered"
"""What the page opens with by default."""


def offered(own: Path | None) -> list[tuple[str, str]]:
    """Return name and title of every scenario that can be chosen, the file it was started with first.

    Parameters
    ----------
    own : Path, optional
        The file the page was started with.
    """
    found = [] if own is None else [(own.name, load(own, known_metrics=METRICS).title)]
    titles = ((name, _title(path, path.stat().st_mtime_ns)) for name, path in shipped().items())
    return [*found, *((name, title) for name, title in titles if title is not None)]


@lru_cache(maxsize=512)
def _title(path: Path, changed: int) -> str | None:
    """Return the title of a shipped scenario, read once for all tabs; None of one that is broken in a checkout."""
    try:
        return load(path).title
    except InputError:  # a bad file must not hide the others
        return None


def opened(name: str, own: Path | None) -> Scenario:
    """Return a scenario by the name under which it is offered; no other file can be reached.

    Raises
    ------
    InputError
        The name is not offered, or what is wrong with the scenario.
    """
    if own is not None and name == own.name:
        return load(own, known_metrics=METRICS)
    if name not in shipped():
        hint = did_you_mean(name[:100], shipped())
        raise InputError(Problem("", f"there is no scenario '{name[:100]}'", "one of the list", hint))
    return load(shipped()[name], known_metrics=METRICS)


def uploaded(name: str, text: str) -> Scenario:
    """Return the scenario in a text that somebody uploaded, checked like a file; it can extend shipped ones alone.

    Parameters
    ----------
    name : str
        What the file was called; only error messages and the name of the scenario use it.
    text : str
        What stands in it.

    Raises
    ------
    InputError
        Everything that is wrong with it, with line and column.
    """
    if len(text.encode()) > LARGEST_FILE:
        found, allowed = "the file is too large", f"at most {LARGEST_FILE:,} bytes"
        raise InputError(Problem(_stem(name), found, allowed, "is this a scenario?"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{_stem(name)}.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            return load(path, known_metrics=METRICS)
        except InputError as error:
            # The path of the temporary copy is of no interest to the user.
            raise InputError(
                replace(
                    problem,
                    where=_place(problem.where, path),
                    allowed="a shipped scenario" if problem.code is Code.OUTSIDE else problem.allowed,
                )
                for problem in error.problems
            ) from None


def _place(where: str, path: Path) -> str:
    """Return a place in the copy of an upload as one in the upload."""
    if isinstance(where, Place) and where.file == display(path):
        return Place(path.name, where.line, where.column)
    return where


def _stem(name: str) -> str:
    """Return a file's name made of plain letters, without its ending."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name.rsplit(".", 1)[0])[:60].strip("_") or "upload"

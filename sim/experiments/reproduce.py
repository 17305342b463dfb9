"""Repeat a stored run and report whether the numbers are the same, or what differs and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.program import version
from ..errors import InputError, Problem
from ..results import Result, open_run
from ..results.manifest import code_hash, data_hashes, file_hash, packages
from . import ensemble
from .parallel import Progress


@dataclass(frozen=True)
class Reproduction:
    """A stored run compared with the same run made again.

    Attributes
    ----------
    metrics : mapping of str to float
        Metrics whose values differ, with the largest difference in the metric's unit.
    touched : tuple of str
        Files that no longer agree with the run's manifest, because they were changed or deleted.
    causes : tuple of str
        Differences from the time when the run was made: program, facts, packages.
    """

    metrics: Mapping[str, float]
    touched: tuple[str, ...]
    causes: tuple[str, ...]

    @property
    def same_numbers(self) -> bool:
        """Whether every value of every metric came out the same to the bit."""
        return not self.metrics

    def lines(self) -> Iterator[str]:
        """Yield the comparison, one sentence each."""
        if self.same_numbers:
            yield "the same numbers: every value of every metric came out the same to the bit"
        else:
            yield f"other numbers: {len(self.metrics)} metrics differ"
            yield from (f"  {name}: by up to {size:g}" for name, size in self.metrics.items())
        for name in self.touched:
            yield f"{name} is not what the run's manifest says: it was changed or deleted after the run"
        for cause in self.causes:
            yield f"not as it was: {cause}"
        if not self.same_numbers and not self.causes:
            yield "program, facts and packages are as they were: another machine, or a fault of the program"


def reproduce(folder: Path | str, *, jobs: int | None = None, progress: Progress | None = None) -> Reproduction:
    """Run a stored run again from its manifest.

    Parameters
    ----------
    folder : Path or str
        The folder of a finished run; nothing in it is touched.
    jobs : int, optional
        Number of processes; by default one per core.
    progress : callable, optional
        Called with (done, failed, total) after each member.

    Raises
    ------
    InputError
        When it is not the folder of a finished run, or its seeds are not those of an ensemble.
    RunError
        When a member failed.
    """
    path = Path(folder)
    old = open_run(path, verify=False)  # what was changed is part of the answer
    stored = old.info["manifest"]
    first, n = old.scenario.seed, len(old.seeds)
    if old.seeds != tuple(range(first, first + n)):
        allowed = f"seeds that count up from the scenario's, {first}"
        raise InputError(Problem(str(path), f"its seeds are {', '.join(map(str, old.seeds))}", allowed))
    new = ensemble.run(old.scenario, seeds=n, jobs=jobs, progress=progress)
    differences = {name: _difference(old, new, name) for name in dict.fromkeys([*old.metrics, *new.metrics])}
    hashes: Mapping[str, str] = stored["files_sha256"]
    touched = [name for name in hashes if not (path / name).is_file() or file_hash(path / name) != hashes[name]]
    metrics = {name: size for name, size in differences.items() if size > 0}
    return Reproduction(metrics, tuple(touched), tuple(_causes(stored)))


def _difference(old: Result, new: Result, name: str) -> float:
    """Return the largest difference of a metric; infinity where it cannot be computed."""
    if name not in old.metrics or name not in new.metrics:
        return math.inf
    before, after = (np.stack([arm.arrays[name] for pair in run.members for arm in pair]) for run in (old, new))
    if before.shape != after.shape or not np.array_equal(np.isnan(before), np.isnan(after)):
        return math.inf
    return float(np.nanmax(np.abs(before - after), initial=0.0))


def _causes(stored: Mapping[str, Any]) -> Iterator[str]:
    """Yield the differences from the time when a run was made."""
    if stored["version"] != version():
        yield f"splinternet {stored['version']} then, {version()} now"
    elif stored["code_sha256"] != code_hash():
        yield f"the program's source (both call themselves {version()})"
    then, now = stored["data_sha256"], data_hashes()
    if changed := sorted(name for name in {**then, **now} if then.get(name) != now.get(name)):
        yield f"the tables {', '.join(changed)}"
    mine = packages()
    for name, before in stored.get("packages", {}).items():
        if mine.get(name) != before:
            yield f"{name} {before} then, {mine.get(name, 'none')} now"

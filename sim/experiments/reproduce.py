"""Repeat a stored run and report whether the bytes are the same, or what differs and why."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import InputError, Problem
from sim.experiments import ensemble
from sim.experiments.parallel import Progress
from sim.results import Result, open_run
from sim.results.manifest import SCENARIO, TIES, code_hash, data_hashes, file_hash, packages, version


@dataclass(frozen=True)
class Reproduction:
    """What came of running a run again.

    Attributes
    ----------
    same, other : tuple of str
        Files of the run folder that are the same to the byte, and those that are not.
    touched : tuple of str
        Files that no longer agree with the run's manifest, because they were changed or deleted.
    metrics : mapping of str to float
        Metrics whose values differ, with the largest difference in the metric's unit.
    causes : tuple of str
        Differences from the time when the run was made: program, facts, packages.
    """

    same: tuple[str, ...]
    other: tuple[str, ...]
    touched: tuple[str, ...]
    metrics: Mapping[str, float]
    causes: tuple[str, ...]

    @property
    def byte_equal(self) -> bool:
        """Whether every file came out the same to the byte; manifest and log, which hold times, aside."""
        return not self.other and not self.touched

    @property
    def same_numbers(self) -> bool:
        """Whether every value of every metric came out the same to the bit."""
        return not self.metrics

    def lines(self) -> Iterator[str]:
        """Yield what came of it, one sentence each."""
        if self.byte_equal:
            yield f"byte-equal: all {len(self.same)} files came out the same (manifest and log hold times: aside)"
        elif self.same_numbers:
            yield "the same numbers: every value of every metric came out the same to the bit"
            yield f"{len(self.same)} files came out the same to the byte; not so: {', '.join(self.other) or 'none'}"
        else:
            yield f"other numbers: {len(self.metrics)} metrics differ"
            for name, size in self.metrics.items():
                yield f"  {name}: by up to {size:g}"
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
        When a member failed, or the disk is full.
    """
    path = Path(folder)
    old = open_run(path, verify=False)  # what was changed is part of the answer
    stored = old.info["manifest"]
    first, n = old.scenario.seed, len(old.seeds)
    if old.seeds != tuple(range(first, first + n)):
        allowed = f"seeds that count up from the scenario's, {first}"
        raise InputError(Problem(str(path), f"its seeds are {', '.join(map(str, old.seeds))}", allowed))
    with tempfile.TemporaryDirectory(prefix="splinternet-") as place:
        # A scenario has the name of its file, and the name is in the run's files.
        scenario = Path(place) / f"{Path(old.name).name}.yaml"
        scenario.write_bytes((path / SCENARIO).read_bytes())
        again = Path(place) / "run"
        new = ensemble.run(
            scenario, seeds=n, jobs=jobs, out=again, ties=TIES in stored["files_sha256"], progress=progress
        )
        return _compared(path, old, again, new, stored)


def _compared(path: Path, old: Result, again: Path, new: Result, stored: Mapping[str, Any]) -> Reproduction:
    """Return what is the same in two runs and what is not."""
    was: Mapping[str, str] = stored["files_sha256"]
    now = {name: file_hash(again / name) if (again / name).is_file() else "" for name in was}
    touched = tuple(name for name in was if not (path / name).is_file() or file_hash(path / name) != was[name])
    return Reproduction(
        same=tuple(name for name in was if was[name] == now[name]),
        other=tuple(name for name in was if was[name] != now[name]),
        touched=touched,
        metrics=dict(_differences(old, new)),
        causes=tuple(_causes(stored)),
    )


def _differences(old: Result, new: Result) -> Iterator[tuple[str, float]]:
    """Yield every metric that differs, with the largest difference; infinity where it cannot be computed."""
    for name in dict.fromkeys([*old.metrics, *new.metrics]):
        if name not in old.metrics or name not in new.metrics:
            yield name, float("inf")
            continue
        largest = 0.0
        for one, two in zip(old.members, new.members, strict=True):
            for a, b in zip(one, two, strict=True):
                x, y = a.arrays[name], b.arrays[name]
                if x.shape != y.shape or not np.array_equal(np.isnan(x), np.isnan(y)):
                    largest = float("inf")
                elif not np.array_equal(x, y, equal_nan=True):
                    largest = max(largest, float(np.nanmax(np.abs(x - y))))
        if largest > 0:
            yield name, largest


def _causes(stored: Mapping[str, Any]) -> Iterator[str]:
    """Yield the differences from the time when a run was made."""
    if stored["version"] != version():
        yield f"splinternet {stored['version']} then, {version()} now"
    elif stored["code_sha256"] != code_hash():
        yield f"the program's source (both call themselves {version()})"
    facts = data_hashes()
    changed = [
        name for name in {**stored["data_sha256"], **facts} if stored["data_sha256"].get(name) != facts.get(name)
    ]
    if changed:
        yield f"the tables {', '.join(sorted(changed))}"
    mine = packages()
    for name, then in stored.get("packages", {}).items():
        if mine.get(name) != then:
            yield f"{name} {then} then, {mine.get(name, 'none')} now"

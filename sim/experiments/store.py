"""The folder of an experiment: outcomes are stored one by one, so that a killed experiment can resume.

During the experiment the folder has the marker ``unfinished`` and one small file for each finished run. When all runs
are finished, the tables and charts are written and moved into place, the manifest last.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from typing import IO, TYPE_CHECKING, Any, Self

from sim.errors import InputError, Problem, RunError
from sim.results.files import disk_errors, write_text
from sim.results.folder import claimed, unused
from sim.results.manifest import LOG, MANIFEST, MARKER, about, difference, file_hash, packages, short

if TYPE_CHECKING:
    from types import TracebackType

    from sim.scenario import Scenario

OUTCOMES = "outcomes.json"
_PIECES, _BUILDING = "outcomes", ".building"

Outcome = dict[str, Any]
"""What one run of an experiment says: ``seed`` and ``rows``, as `sim.experiments.outcomes` makes it."""


def identity_of(kind: str, scenario: Scenario, seeds: Sequence[int], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes an experiment the one it is; ``run_id`` sums it up.

    Parameters
    ----------
    kind : str
        ``sweep``, ``attribution``, ``sensitivity`` or ``threshold``.
    scenario : Scenario
    seeds : sequence of int
        The seeds of the members of every point.
    settings : mapping
        What else decides what is run, as JSON can hold it.
    """
    mine = about(scenario, seeds)
    text = json.dumps([mine["run_id"], kind, settings], sort_keys=True, default=str)
    return {
        **mine,
        "run_id": short(hashlib.sha256(text.encode()).hexdigest()),
        "experiment": kind,
        "settings": json.loads(json.dumps(settings, default=str)),
    }


class Store:
    """Where the outcomes of an experiment are kept: in a folder, or in memory when there is none.

    Parameters
    ----------
    path : Path or None
        The folder itself.
    identity : mapping
        What `identity_of` returns.

    Attributes
    ----------
    outcomes : dict of str to Outcome
        What is through, by the key of its task.
    is_finished : bool
        Whether the folder held the whole experiment already.

    Raises
    ------
    InputError
        When the folder holds something else, or another process is at work in it.
    RunError
        When the disk cannot be written, or a stored outcome is damaged.
    """

    def __init__(self, path: Path | str | None, identity: Mapping[str, Any]) -> None:
        self.path = None if path is None else Path(path)
        self.identity = dict(identity)
        self.outcomes: dict[str, Outcome] = {}
        self.is_finished = False
        self._lock: IO[str] | None = None
        if self.path is not None:
            self._open(self.path)

    def __enter__(self) -> Self:
        """Return the store; leaving the block lets other processes work in the folder."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def add(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome, whole or not at all."""
        self.outcomes[key] = outcome
        if self.path is not None:
            write_text(self.path / _PIECES / f"{key}.json", json.dumps(outcome, allow_nan=False))

    def log(self, line: str) -> None:
        """Add a line to the log, with the time."""
        if self.path is not None:
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            with disk_errors(self.path), (self.path / LOG).open("a", encoding="utf-8") as stream:
                stream.write(f"{now} {line}\n")

    def finish(self, write: Callable[[Path], None], about_it: Mapping[str, Any]) -> None:
        """Write the files of a finished experiment: what ``write`` puts into a folder, the outcomes and a manifest."""
        if self.path is None or self.is_finished:
            return
        building = self.path / _BUILDING
        rmtree(building, ignore_errors=True)
        try:
            with disk_errors(self.path):
                building.mkdir()
                write(building)
                write_text(building / OUTCOMES, json.dumps(dict(sorted(self.outcomes.items())), allow_nan=False) + "\n")
                files = sorted(p for p in building.rglob("*") if p.is_file())
                hashes = {p.relative_to(building).as_posix(): file_hash(p) for p in files}
                now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
                manifest = {**self.identity, **about_it, "written": now, "packages": packages(), "files_sha256": hashes}
                write_text(building / MANIFEST, json.dumps(manifest, indent=1, default=str) + "\n")
                rmtree(self.path / "figures", ignore_errors=True)
                for part in sorted(building.iterdir(), key=lambda part: part.name == MANIFEST):
                    part.replace(self.path / part.name)
                self.log("finished")
                (self.path / MARKER).unlink()
        finally:
            rmtree(building, ignore_errors=True)
        rmtree(self.path / _PIECES, ignore_errors=True)
        self.is_finished = True

    def _open(self, path: Path) -> None:
        """Make the folder ready, or read what it holds."""
        self.is_finished = _found(path, self.identity)
        if self.is_finished:
            self.outcomes = _read(path / OUTCOMES)
            return
        with disk_errors(path):
            (path / _PIECES).mkdir(parents=True, exist_ok=True)
            self._lock = claimed(path / MARKER, self.identity)
            for leftover in (path / _PIECES).glob(".*.part"):
                leftover.unlink()
        self.outcomes = {piece.stem: _read(piece) for piece in sorted((path / _PIECES).glob("*.json"))}
        self.log(f"resumed with {len(self.outcomes)} outcomes" if self.outcomes else "begun")


def _found(path: Path, mine: Mapping[str, Any]) -> bool:
    """Return whether a folder holds this experiment whole; raise when it holds something else."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return False
    for name in (MARKER, MANIFEST):
        if (path / name).is_file():
            found: Mapping[str, Any] = {}
            with suppress(RunError):
                found = _read(path / name)
            if name == MARKER and not found and not any((path / _PIECES).glob("*.json")):
                return False  # killed before the marker was written; the folder is empty
            if found.get("run_id") == mine["run_id"]:
                return name == MANIFEST
            same = all(found.get(key) == mine[key] for key in ("experiment", "settings"))
            raise _occupied(path, difference(mine, found) if same else "it holds another experiment or run")
    raise _occupied(path, "it holds other files" if path.is_dir() else "it is a file")


def _read(path: Path) -> dict[str, Any]:
    """Return what a JSON file holds."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read ({error}); delete it to compute it again") from error
    if not isinstance(found, dict):
        raise RunError(f"{path} is damaged; delete it to compute it again")
    return found


def _occupied(path: Path, found: str) -> InputError:
    """Return the error for a folder that an experiment may not be written into."""
    allowed = "a folder that is new, empty, or holds the same experiment: scenario, seeds, settings and program"
    return InputError(
        Problem("--out", f"'{path}' cannot be used: {found}", allowed, f"name a new folder: --out {unused(path)}")
    )

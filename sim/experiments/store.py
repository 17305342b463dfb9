"""The folder of an experiment: each outcome is written as soon as there is one, so that a killed experiment resumes.

``outcomes.jsonl`` has one line for each finished run. Until all runs are finished the folder has the marker
``unfinished``; then tables and charts are written, the manifest last.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

from ..errors import RunError
from ..results.files import disk_errors, write_text
from ..results.folder import check_folder, claimed
from ..results.manifest import LOG, MANIFEST, MARKER, OUTCOMES, file_hash, packages
from .parallel import Cluster, Failure, Progress, outcomes

Outcome = dict[str, Any]
"""What one run of an experiment reports: ``seed`` and ``rows``, as `splinternet.experiments.outcomes` makes it."""


class Store:
    """The outcomes of an experiment, in a folder or, without one, in memory.

    Parameters
    ----------
    path : Path or None
        The folder.
    identity : mapping
        What makes the experiment the one it is, with ``run_id``, ``experiment`` and ``settings`` among it.

    Attributes
    ----------
    outcomes : dict of str to Outcome
        The finished runs by the key of their task.
    is_finished : bool
        Whether the folder held the whole experiment already.

    Raises
    ------
    InputError
        When the folder holds something else, or another process is at work in it.
    RunError
        When the disk cannot be written, or the outcomes of a finished experiment are damaged.
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
        """Return the store; at the end of the block other processes may work in the folder."""
        return self

    def __exit__(self, *_: object) -> None:
        """Release the folder."""
        if self._lock is not None:
            self._lock.close()

    def add(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome."""
        self.outcomes[key] = outcome
        self._append(OUTCOMES, json.dumps([key, outcome], allow_nan=False))

    def log(self, line: str) -> None:
        """Add a line to the log, with the time."""
        self._append(LOG, f"{_now()} {line}")

    def finish(self, write: Callable[[Path], None], notes: Mapping[str, Any]) -> None:
        """Complete the folder of an experiment whose runs are finished.

        Parameters
        ----------
        write : callable
            Writes tables and charts into the folder.
        notes : mapping
            What the manifest holds besides identity, packages and the SHA-256 of each file.
        """
        if self.path is None or self.is_finished:
            return
        write(self.path)
        with disk_errors(self.path):
            files = sorted(p for p in self.path.rglob("*") if p.is_file() and p.name not in (MARKER, LOG, MANIFEST))
            hashes = {p.relative_to(self.path).as_posix(): file_hash(p) for p in files}
            manifest = {**self.identity, **notes, "written": _now(), "packages": packages(), "files_sha256": hashes}
            write_text(self.path / MANIFEST, json.dumps(manifest, indent=1, default=str) + "\n")
            (self.path / MARKER).unlink()
        self.is_finished = True
        self.log("finished")

    def _open(self, path: Path) -> None:
        """Read the folder of this experiment, or make it; raise when it holds something else."""
        self.is_finished = check_folder(path, self.identity) == "finished"
        with disk_errors(path):
            if not self.is_finished:
                path.mkdir(parents=True, exist_ok=True)
                self._lock = claimed(path / MARKER, self.identity)
                for leftover in path.rglob(".*.part"):
                    leftover.unlink()
            self.outcomes = _read_outcomes(path / OUTCOMES, self.is_finished)
        if not self.is_finished:
            self.log(f"resumed with {len(self.outcomes)} outcomes" if self.outcomes else "begun")

    def _append(self, name: str, line: str) -> None:
        """Add a line to a file of the folder."""
        if self.path is not None:
            with disk_errors(self.path), (self.path / name).open("a", encoding="utf-8") as stream:
                stream.write(line + "\n")


def run_missing(
    function: Callable[[Any], Outcome],
    tasks: Sequence[Any],
    store: Store,
    *,
    jobs: int | None = None,
    cluster: Cluster | None = None,
    progress: Progress,
) -> dict[str, Failure]:
    """Run the tasks whose outcome is not stored yet, and store each outcome as soon as there is one.

    Parameters
    ----------
    function : callable
        Takes a task and returns its outcome.
    tasks : sequence
        What to run; each has a ``key``, under which its outcome is stored.
    store : Store
    jobs, cluster
        As for `outcomes`.
    progress : callable
        Called with (done, failed, total) after each run.

    Returns
    -------
    dict of str to Failure
        The tasks that failed, by key; their traces are in the log.
    """
    missing = [task for task in tasks if task.key not in store.outcomes]
    done, failures = len(tasks) - len(missing), dict[str, Failure]()
    for task, outcome in outcomes(function, missing, jobs=jobs, cluster=cluster):
        if isinstance(outcome, Failure):
            failures[task.key] = outcome
            store.log(f"{task.key} failed\n{outcome.trace}")
        else:
            store.add(task.key, outcome)
            done += 1
        progress(done, len(failures), len(tasks))
    return failures


def _now() -> str:
    """Return the time, as text."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _read_outcomes(path: Path, is_finished: bool) -> dict[str, Outcome]:
    """Return the outcomes of a file; a line that a kill or a full disk cut short is removed from an unfinished one."""
    outcomes: dict[str, Outcome] = {}
    lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    for line in lines:
        with suppress(ValueError, TypeError):
            key, outcome = json.loads(line)
            outcomes[key] = dict(outcome)
    is_whole = len(outcomes) == len(lines) and all(line.endswith(b"\n") for line in lines[-1:])
    if is_finished and not (lines and is_whole):
        raise RunError(f"{path} is damaged or missing; delete {path.parent} to run the experiment again")
    if not is_whole:
        write_text(path, "".join(json.dumps(pair) + "\n" for pair in outcomes.items()))
    return outcomes

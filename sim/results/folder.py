"""The run folder: written completely or not at all, and resumed after an interruption.

During a run, its folder has a marker called ``unfinished`` and the finished members. When all members are finished, the
files of the run are written next to them and moved into place one after the other (the manifest last); then the marker
and the members are deleted. A folder with a marker is never treated as a finished run.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Literal, Self

from sim.errors import InputError, Problem, RunError
from sim.facts.worlds import COPIES
from sim.results.files import check_space, disk_errors, remove_tree
from sim.results.identity import about, difference
from sim.results.panel import ArmData, Packed, Pair, has_ties, member_path, read_member, write_member

if TYPE_CHECKING:
    from sim.scenario import Scenario

MARKER, MEMBERS, MANIFEST, LOG = "unfinished", "members", "manifest.json", "log.txt"
SCENARIO, DECISIONS, SERIES, SUMMARY = "scenario.resolved.yaml", "decisions.csv", "series.csv", "summary.json"
SUMMARY_TABLE, PANEL, FIGURES, TIES = "summary.csv", "panel.nc", "figures", "ties.nc"
_BUILDING = ".building"
_FLOAT = 8  # bytes
_COPIES = 2.2  # members, panel and table, in units of the raw arrays (measured: 1.9)
_CELLS_A_DAY = 8_000  # values a day and arm of a world of 23 states, 45 platforms and 100 groups (measured)

State = Literal["new", "unfinished", "finished"]
_SIGNS: Mapping[str, State] = {MARKER: "unfinished", MANIFEST: "finished"}


class RunFolder:
    """The folder of one run, from its first member to its last chart.

    Parameters
    ----------
    path : Path or str
        The folder itself.
    scenario : Scenario
        The resolved scenario.
    seeds : sequence of int
        The seeds of all members.
    ties : bool
        Whether the kin ties are wanted one by one: a member, or a finished run, without them is not done.

    Attributes
    ----------
    state : {"new", "unfinished", "finished"}
        What was found: nothing, the same run half done, or the same run whole.

    Raises
    ------
    InputError
        When the folder holds another run or other files, or another process is at work in it.
    RunError
        When the disk has too little room or cannot be written.
    """

    def __init__(self, path: Path | str, scenario: Scenario, seeds: Sequence[int], *, ties: bool = False) -> None:
        self.path, self.ties = Path(path), ties
        self.scenario = scenario
        self.seeds = tuple(sorted(seeds))
        self.about = about(scenario, seeds)
        self.state: State = self.check(self.path, self.about)
        if self.state == "finished" and ties and not (self.path / TIES).exists():
            self.state = "unfinished"
        self._lock: IO[str] | None = None
        self._new: dict[int, Pair] = {}  # the members that were stored since the folder was opened, by seed
        if self.state == "finished":
            remove_tree(self.members_path)  # left by a run that was killed at its very end
        else:
            self._open()

    def __enter__(self) -> Self:
        """Return the folder; leaving the block lets other processes work in it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the folder."""
        self.close()

    @property
    def log_path(self) -> Path:
        """Where the run's log is written."""
        return self.path / LOG

    @property
    def members_path(self) -> Path:
        """The folder of members; a worker process may call `write_member` on it by itself."""
        return self.path / MEMBERS

    def missing(self) -> list[int]:
        """Return the seeds whose member is not stored yet; none for a finished run."""
        if self.state == "finished":
            return []
        return [seed for seed in self.seeds if not self._is_done(member_path(self.members_path, seed))]

    def _is_done(self, member: Path) -> bool:
        """Return whether a member is stored with all that is wanted of it."""
        return has_ties(member) if self.ties else member.exists()

    def add(self, baseline: ArmData, policy: ArmData, packed: Packed | None = None) -> None:
        """Store a member as soon as it is done, packed for the panel where somebody has done that.

        Raises
        ------
        RunError
            When it is not of this run, or the disk is full.
        """
        if baseline.seed not in self.seeds:
            raise RunError(f"a member with seed {baseline.seed} is not part of this run: {self.seeds}")
        write_member(self.members_path, baseline, policy, packed)
        self.note(baseline.seed)

    def note(self, seed: int) -> None:
        """Log that a member is stored; a worker process may have stored it by itself.

        It is opened at once, while other members still run.
        """
        self._new[seed] = read_member(member_path(self.members_path, seed), checked=True)
        self.log(f"seed {seed} is done, {len(self.missing())} to go")

    def log(self, line: str) -> None:
        """Add a line to the run's log, with the time."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        with disk_errors(self.log_path), self.log_path.open("a", encoding="utf-8") as stream:
            stream.write(f"{now} {line}\n")

    def members(self) -> Iterator[Pair]:
        """Yield the stored members in the order of their seeds; what was stored just now is not checked for damage."""
        for seed in self.seeds:
            path = member_path(self.members_path, seed)
            if seed in self._new:
                yield self._new[seed]
            elif path.exists():
                yield read_member(path)

    def finish(self, seeds: Iterable[int], write: Callable[[Path], None]) -> Path:
        """Put the files of a finished run into place and return the folder.

        Parameters
        ----------
        seeds : iterable of int
            The seeds of the members that the files are of.
        write : callable
            Writes the files into the folder that it is given.

        Raises
        ------
        RunError
            When a member is missing, or the disk is full; the members stay, and the run can be resumed.
        """
        if set(seeds) != set(self.seeds):
            raise RunError(f"{self.path} is not complete: some of its {len(self.seeds)} members failed or are missing")
        building = self.path / _BUILDING
        remove_tree(building)
        try:
            with disk_errors(self.path):
                building.mkdir(parents=True)
                write(building)
                (building / LOG).unlink()  # the folder has its own
                for name in (FIGURES, COPIES):
                    remove_tree(self.path / name)
                for part in sorted(building.iterdir(), key=lambda part: part.name == MANIFEST):
                    part.replace(self.path / part.name)
                self.log("the run is finished")
                (self.path / MARKER).unlink()
        finally:
            remove_tree(building)
        remove_tree(self.members_path)
        self.state = "finished"
        self.close()
        return self.path

    def close(self) -> None:
        """Let other processes work in the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @staticmethod
    def check(path: Path, mine: Mapping[str, Any]) -> State:
        """Return what a folder holds, without touching it, for the run that `about` describes.

        Raises
        ------
        InputError
            When it is not this run's.
        """
        if not path.exists():
            return "new"
        if not path.is_dir():
            raise _occupied(path, "it is a file")
        for name, state in _SIGNS.items():
            if not (path / name).exists():
                continue
            found = _read(path / name)
            if name == MARKER and not found and not any((path / MEMBERS).glob("*")):
                return "unfinished"  # killed between creating and writing the marker; the folder is empty otherwise
            other = difference(mine, found)
            if other:
                raise _occupied(path, f"{other}; it is not finished" if state == "unfinished" else other)
            return state
        if any(path.iterdir()):
            raise _occupied(path, "it holds other files")
        return "new"

    def _open(self) -> None:
        """Make the folder ready for members and keep other processes out."""
        missing = [seed for seed in self.seeds if not self._is_done(member_path(self.members_path, seed))]
        check_space(self.path, estimate_bytes(self.scenario.days, len(missing)))
        with disk_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = locked(self.path / MARKER)
            write_marker(self._lock, self.about)
            self.members_path.mkdir(exist_ok=True)
            for leftover in (*self.members_path.glob(".*.part"), *self.path.glob(".*.part")):
                leftover.unlink()
            remove_tree(self.path / _BUILDING)
        n_done = len(self.seeds) - len(missing)
        begun = f"resumed with {n_done} of {len(self.seeds)} members done" if n_done else "begun"
        self.log(f"{self.about['scenario']['name']}, {len(self.seeds)} members: {begun}")


def estimate_bytes(days: int, seeds: int) -> float:
    """Return about how much room a run takes on disk while it is written [bytes]."""
    return seeds * 2 * days * _CELLS_A_DAY * _FLOAT * _COPIES


def write_marker(stream: IO[str], content: Mapping[str, Any]) -> None:
    """Write the marker of an unfinished run into an open file."""
    stream.seek(0)
    stream.truncate()
    stream.write(json.dumps(content) + "\n")
    stream.flush()


def locked(path: Path) -> IO[str]:
    """Open a marker so that no other process can; the lock goes with the process, even when it is killed."""
    stream = path.open("a+", encoding="utf-8")
    try:
        import fcntl
    except ImportError:  # no such lock on Windows: two runs into one folder would only do the same work twice
        return stream
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        stream.close()
        raise _occupied(path.parent, "another process is writing this run") from error
    except OSError:  # a file system without locks
        return stream
    return stream


def _read(path: Path) -> Mapping[str, Any]:
    """Return what a marker or a manifest says; nothing when it cannot be read."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    return {}


def unused(path: Path) -> Path:
    """Return a name beside a folder that is not taken: ``runs/mine-2``."""
    return next(free for n in count(2) if not (free := path.with_name(f"{path.name}-{n}")).exists())


def _occupied(path: Path, found: str) -> InputError:
    """Return the error for a folder that a run may not be written into."""
    return InputError(
        Problem(
            where="--out",
            found=f"'{path}' cannot be used: {found}",
            allowed="a run folder is new, empty, or holds the same run: scenario, seeds, program and data",
            hint=f"name a new folder: --out {unused(path)}",
        )
    )

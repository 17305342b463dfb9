"""The run folder: written completely or not at all, and resumed by seed after an interruption.

During a run, its folder has a marker called ``unfinished`` and the finished members. When all
members are finished, the files of the run are written next to them and moved into place one by one
(the manifest last); then the marker and the members are deleted. A folder with a marker is never
treated as a finished run. Experiments use the same `Folder` (`splinternet.experiments.experiment`).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import IO, TYPE_CHECKING, Any, Literal, Self

from pydantic_core import to_jsonable_python

from ..core.plugins import items_of_run
from ..core.program import packages
from ..errors import InputError, Problem, RunError, commands_in
from ..facts.worlds import COPIES
from ..scenario import Scenario, load
from .files import csv_of, disk_errors, write_bytes, write_text
from .firms import Firms, stored_firms
from .focus import Focus, stored_focus
from .manifest import (
    DECISIONS,
    FIGURES,
    LOG,
    MANIFEST,
    MARKER,
    MEMBERS,
    OUTCOMES,
    PANEL,
    SCENARIO,
    SERIES,
    SUMMARY,
    SUMMARY_TABLE,
    TIES,
    about,
    difference,
    file_hash,
    identity,
    is_by_this_program,
    maker,
    own_code,
    read_json,
    read_manifest,
)
from .panel import ARMS, ArmData, Held, Pair, check_pair, panel_bytes, read_panel
from .series import days_apart, decisions_frame, series_frame
from .summary import ROW_COLUMNS, Row, summary_data
from .ties import read_ties, ties_bytes

if TYPE_CHECKING:
    from .result import Result

_BUILDING = ".building"
SERIES_FORMAT = "%.10g"  # digits of a value in series.csv; the panel has all digits
_KEPT_APART = (
    "name",
    "command",
    "wall_seconds",
    "warnings",
    "log",
    "manifest",
)  # keys of `Result.info` in the manifest

_OF_A_RUN = (
    MANIFEST,
    MEMBERS,
    FIGURES,
    COPIES,
    PANEL,
    SCENARIO,
    DECISIONS,
    SERIES,
    SUMMARY,
    SUMMARY_TABLE,
    TIES,
    LOG,
    _BUILDING,
)
"""All files that a run writes into its folder, without the marker."""

State = Literal["new", "unfinished", "finished", "replaced"]


class Folder:
    """A folder that is written completely or not at all, by one process at a time, and resumed
    after an interruption.

    Parameters
    ----------
    path : Path, str or None
        The folder; None keeps everything in memory, and nothing is written.
    about : mapping
        The data that identify the run or the experiment, including ``run_id``.
    overwrite : bool, optional
        Whether to replace another run; None if the caller has no such option.

    Attributes
    ----------
    path : Path or None
    state : {"new", "unfinished", "finished", "replaced"}
        The previous content: nothing, the same run unfinished or finished, or another run to
        replace.

    Raises
    ------
    InputError
        The folder contains something else, or another process uses it.
    RunError
        The disk is full or cannot be written.
    """

    def __init__(
        self, path: Path | str | None, about: Mapping[str, Any], *, overwrite: bool | None = None
    ) -> None:
        self.path = None if path is None else Path(path)
        self.about = dict(about)
        self.state: State = (
            "new" if self.path is None else check_folder(self.path, self.about, overwrite=overwrite)
        )
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        """Return the folder; leaving the block releases it for other processes."""
        return self

    def __exit__(self, *_: object) -> None:
        """Release the folder."""
        self.close()

    def close(self) -> None:
        """Release the folder for other processes."""
        if self._lock is not None:
            self._lock.close()

    def append(self, name: str, line: str) -> None:
        """Add a line to a file of the folder."""
        if self.path is not None:
            with disk_errors(self.path), (self.path / name).open("a", encoding="utf-8") as stream:
                stream.write(f"{line}\n")

    def log(self, line: str) -> None:
        """Add a line to the log, with the time."""
        self.append(LOG, f"{now()} {line}")

    def begin(self) -> None:
        """Make the folder, keep other processes out, and remove the remains of a killed process."""
        if self.path is not None:
            with disk_errors(self.path):
                self.path.mkdir(parents=True, exist_ok=True)
                self._lock = claimed(self.path / MARKER, self.about)
                for leftover in self.path.rglob(".*.part"):
                    leftover.unlink()
                rmtree(self.path / _BUILDING, ignore_errors=True)


class RunFolder(Folder):
    """The folder of one run, from its first seed to its last chart.

    Parameters
    ----------
    path : Path, str or None
        The folder.
    scenario : Scenario
        The resolved scenario.
    seeds : sequence of int
        All seeds.
    ties : bool
        Whether to store each kin tie; a stored seed or run without ties then counts as missing.
    overwrite : bool
        Whether to replace the files of another run in the folder after the new run, in
        ``<folder>.new``, is complete.

    Attributes
    ----------
    members_path : Path or None
        The folder of finished members.
    """

    def __init__(
        self,
        path: Path | str | None,
        scenario: Scenario,
        seeds: Sequence[int],
        *,
        ties: bool = False,
        overwrite: bool = False,
    ) -> None:
        super().__init__(path, about(scenario, seeds), overwrite=overwrite)
        self.seeds = tuple(sorted(seeds))
        self.ties = ties
        self._pairs: dict[int, Pair] = {}
        self._old: Path | None = None
        """The folder of the run that will be replaced."""
        if self.path is not None and self.state == "replaced":
            self._old = self.path
            self.path = self._old.resolve().with_name(f"{self._old.resolve().name}.new")
            if (
                check_folder(self.path, self.about, overwrite=True) == "replaced"
            ):  # an unfinished run that was to replace it
                with claimed(self.path / MARKER, {}):  # raises if another process writes it
                    rmtree(self.path)
            self.state = check_folder(self.path, self.about)
        self.members_path = None if self.path is None else self.path / MEMBERS
        if (
            self.path is not None
            and self.state == "finished"
            and ties
            and not (self.path / TIES).exists()
        ):
            self.state = "unfinished"
        if self.members_path is None:
            return
        if self.state == "finished":
            rmtree(
                self.members_path, ignore_errors=True
            )  # left by a run killed while moving its files
            self._replace()
        else:
            n_done = len(self.seeds) - len(self.missing())
            n = len(self.seeds)
            begun = f"resumed with {n_done} of {n} seeds done" if n_done else "begun"
            self.begin()
            self.log(f"{self.about['scenario']['name']}, {n} seeds: {begun}")
            with disk_errors(self.members_path):
                self.members_path.mkdir(exist_ok=True)

    def missing(self, seeds: Sequence[int] | None = None) -> list[int]:
        """Return the seeds, by default of all, that are not done yet; empty for a finished run."""
        folder = self.members_path
        if self.state == "finished" or folder is None:
            return [] if folder else [seed for seed in self.seeds if seed not in self._pairs]
        kinds = ("seed", "ties") if self.ties else ("seed",)
        return [
            s
            for s in seeds or self.seeds
            if not all(_member_path(folder, s, kind).exists() for kind in kinds)
        ]

    def add(self, baseline: ArmData, policy: ArmData) -> None:
        """Store a finished member.

        Raises
        ------
        RunError
            The member is not part of this run, or the disk is full.
        """
        if baseline.seed not in self.seeds:
            raise RunError(
                f"a member with seed {baseline.seed} is not part of this run: {self.seeds}"
            )
        if self.members_path is None:
            self._pairs[baseline.seed] = baseline, policy
        else:
            write_member(self.members_path, baseline, policy)
        self.keep(baseline.seed)

    def keep(self, seed: int, outcome: Pair | RunError | None = None) -> None:
        """Record the outcome of a seed: its arms, None if another process has stored them, or an
        error of storing.
        """
        if isinstance(outcome, RunError):
            raise outcome
        if outcome is not None:
            self.add(*outcome)
        else:
            self.log(f"seed {seed} is done, {len(self.missing())} to go")

    def members(self) -> list[Pair]:
        """Return the finished members in the order of their seeds."""
        if self.members_path is None:
            return [self._pairs[seed] for seed in self.seeds if seed in self._pairs]
        return read_members(self.members_path, self.seeds)

    def finish(self, result: Result, figures: Figures | None = None) -> None:
        """Write the files of a finished run and put them into place.

        Parameters
        ----------
        result : Result
            All members.
        figures : callable, optional
            Returns the figures if another process draws them; see `write_files`.

        Raises
        ------
        RunError
            A member is missing, or the disk is full; the members stay, and the run can be resumed.
        """
        if set(result.seeds) != set(self.seeds):
            raise RunError(
                f"{self.path} is not complete: some of {len(self.seeds)} seeds failed or are missing"
            )
        if self.path is None:
            return
        building = self.path / _BUILDING
        rmtree(building, ignore_errors=True)
        try:
            with disk_errors(self.path):
                building.mkdir(parents=True)
                write_files(result, building, figures)
                (building / LOG).unlink()  # the folder has its own marker
                for name in (FIGURES, COPIES):
                    rmtree(self.path / name, ignore_errors=True)
                _move(building, self.path)
                self.log("the run is finished")
                (self.path / MARKER).unlink()
        finally:
            rmtree(building, ignore_errors=True)
        rmtree(self.path / MEMBERS, ignore_errors=True)
        self.state = "finished"
        self.close()
        self._replace()

    def _replace(self) -> None:
        """Replace the files of the old run by those of the complete new run; other files stay."""
        if self._old is None or self.path is None:
            return
        place = self._old.resolve()
        # While files are moved, the folder counts as an unfinished run.
        with disk_errors(place), claimed(place / MARKER, self.about):
            for old in (place / name for name in _OF_A_RUN):
                rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
            _move(self.path, place)
            self.path.rmdir()
            (place / MARKER).unlink()
        self.path = self._old
        self._old = None


def now() -> str:
    """Return the time, as text."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _move(folder: Path, to: Path) -> None:
    """Move the contents of a folder into another, the manifest last."""
    for part in sorted(folder.iterdir(), key=lambda part: part.name == MANIFEST):
        part.replace(to / part.name)


def check_folder(path: Path, mine: Mapping[str, Any], *, overwrite: bool | None = None) -> State:
    """Return the state of a folder, without changing it, for the run or experiment described by
    ``mine``.

    With ``overwrite``, the folder may contain another run, but nothing else; None if the caller has
    no such option.

    Raises
    ------
    InputError
        The folder belongs to something else.
    """
    if path.exists() and not path.is_dir():
        raise _occupied(path, "it is a file")
    name = next((name for name in (MARKER, MANIFEST) if (path / name).exists()), "")
    if not name:
        if path.exists() and any(path.iterdir()):
            raise _occupied(path, "it contains other files")
        return "new"
    state: State = "unfinished" if name == MARKER else "finished"
    content: dict[str, Any] = {}
    with suppress(RunError, TypeError, ValueError):
        content = dict(read_json(path / name))
    is_begun = any((path / MEMBERS).glob("*")) or (path / OUTCOMES).exists()
    if not content and state == "unfinished" and not is_begun:
        return (
            state  # a process was killed between creating and writing the marker of an empty folder
        )
    if other := difference(mine, content):
        is_run = "run_id" in content and "experiment" not in content
        if overwrite and is_run:
            return "replaced"
        found = f"{other}; it is not finished" if state == "unfinished" else other
        offers = is_run and overwrite is not None
        raise _occupied(
            path, found, ", or replace that run: --overwrite (overwrite=True)" if offers else ""
        )
    return state


def claimed(path: Path, content: Mapping[str, Any]) -> IO[str]:
    """Write a marker, lock it against other processes, and return it open; the lock ends with the
    process.

    Raises
    ------
    InputError
        Another process holds the lock.
    """
    stream = path.open("a+", encoding="utf-8", errors="replace")
    try:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        stream.close()
        raise _occupied(path.parent, "another process is writing this run") from error
    except (ImportError, OSError):
        # Windows, or a file system without locks: two runs into one folder only repeat the work
        pass
    text = json.dumps(content) + "\n"
    stream.seek(0)
    if stream.read() != text:  # only the first write can be cut off by a kill
        stream.seek(0)
        stream.truncate()
        stream.write(text)
        stream.flush()
    return stream


def _occupied(path: Path, found: str, instead: str = "") -> InputError:
    """Return the error for a folder that a run or an experiment must not use."""
    allowed = (
        "a folder that is new, empty, or has the same scenario, seeds, settings, program and data"
    )
    unused = next(
        free for n in count(2) if not (free := path.with_name(f"{path.name}-{n}")).exists()
    )
    hint = f"name a new folder: --out {unused}{instead}"
    return InputError(Problem("--out", f"'{path}' cannot be used: {found}", allowed, hint))


# --- members --------------------------------------------------------------------------------------


def _member_path(folder: Path, seed: int, kind: str = "seed") -> Path:
    """Return the path of a seed's member in the folder of members; kind ``ties`` is for its kin
    ties.
    """
    return folder / f"{kind}-{seed}.nc"


def write_member(folder: Path, baseline: ArmData, policy: ArmData) -> Path:
    """Store one member, both arms in one file, whole or not at all; return its path.

    Raises
    ------
    RunError
        An array does not match the declaration of its metric, or the disk is full.
    """
    check_pair((baseline, policy))
    if policy.ties is not None:
        write_bytes(
            _member_path(folder, policy.seed, "ties"), ties_bytes({policy.seed: policy.ties})
        )
    path = _member_path(folder, policy.seed)
    write_bytes(path, panel_bytes([(baseline, policy)]))
    return path


def read_members(folder: Path, seeds: Sequence[int]) -> list[Pair]:
    """Return the members of some seeds that are stored in a folder, which share a cache."""
    held = Held(len(ARMS) * len(seeds))
    paths = [_member_path(folder, seed) for seed in seeds]
    return [read_member(path, held) for path in paths if path.exists()]


def read_member(path: Path, held: Held | None = None) -> Pair:
    """Return the baseline and the policy arm of a stored member; arrays are read on first use.

    Parameters
    ----------
    path : Path
    held : Held, optional
        The cache that the members of a run share.

    Raises
    ------
    RunError
        The file is no stored member, or is damaged.
    """
    try:
        ((baseline, policy),) = read_panel(path, held)[0]
    except (RunError, ValueError) as error:
        raise RunError(
            f"{path} cannot be read as a member of a run: delete it to compute it again"
        ) from error
    ties = _member_path(path.parent, policy.seed, "ties")
    return baseline, replace(policy, ties=read_ties(ties)[policy.seed]) if ties.exists() else policy


# --- the files of a finished run ------------------------------------------------------------------


def save(result: Result, folder: Path | str) -> Path:
    """Write a result into a folder, whole or not at all, and return the folder.

    Parameters
    ----------
    result : Result
        The result.
    folder : Path or str
        A new or empty folder, or a folder with the same run, which is replaced.

    Raises
    ------
    InputError
        The folder contains another run or other files.
    RunError
        The disk is full; the folder is unchanged.
    """
    check_folder(Path(folder), result.about)
    with whole(Path(folder)) as building:
        write_files(result, building)
    return Path(folder)


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """Yield a new folder to write into, which replaces the target afterwards unless the block
    raises.

    Parameters
    ----------
    folder : Path
        The target, which is replaced.
    """
    target = folder.absolute()
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{target.name}.", suffix=".part", dir=target.parent
        ) as place:
            building = Path(place) / "new"
            building.mkdir()
            yield building
            if target.exists():
                target.replace(Path(place) / "old")
            building.replace(target)


type Figures = Callable[[], Mapping[str, bytes] | None]
"""A function that waits for figures, and returns PNG files by name, or None if there are none."""


def write_files(result: Result, folder: Path, figures: Figures | None = None) -> None:
    """Write every file of a finished run into a temporary folder, the manifest last.

    Parameters
    ----------
    result : Result
    folder : Path
    figures : callable, optional
        Returns the figures if another process draws them; without them, they are drawn here.
    """
    attributes = {
        "scenario": result.name,
        "digest": result.scenario.digest,
        "status": str(result.scenario.status),
        "version": result.version,
        "run_id": result.run_id,
    }
    write_bytes(folder / PANEL, panel_bytes(result.members, attributes))
    write_scenario(result.scenario, folder)
    if result.scenario.behaviour.on:
        write_text(folder / DECISIONS, csv_of(decisions_frame(result.members)))
    write_json(folder / SUMMARY, summary_data(result))
    write_text(folder / SUMMARY_TABLE, csv_of(result.summary()))
    every = days_apart(result.members, result.stored_cells)
    write_text(
        folder / SERIES,
        csv_of(series_frame(result.members, result.stored_cells, every), SERIES_FORMAT),
    )
    if ties := result.kept_ties():
        write_bytes(folder / TIES, ties_bytes(ties, attributes))
    drawn = None if figures is None else figures()
    if drawn is None:
        result.save_figures(folder / FIGURES)
    else:
        for name, content in drawn.items():
            write_bytes(folder / FIGURES / f"{name}.png", content)
    write_text(folder / LOG, "".join(f"{line}\n" for line in result.info.get("log", ())))
    stored = {cell.key for cell in result.stored_cells}
    left_out = sorted({cell.metric for cell in result.cells if cell.key not in stored})
    notes = {
        "command": "".join(
            "?" if commands_in(char) else char for char in str(result.info.get("command", ""))
        ),
        "wall_seconds": result.info.get("wall_seconds"),
        "warnings": result.warnings,
        **({"series_left_out": left_out} if left_out else {}),
        **({"series_days_apart": every} if every > 1 else {}),
        "info": {key: value for key, value in result.info.items() if key not in _KEPT_APART},
    }
    # A run that was read back keeps the data of the program that made it.
    write_manifest(folder, result.about | notes, result.info.get("manifest", {}).get("packages"))


def write_manifest(
    folder: Path, content: Mapping[str, Any], made_with: Mapping[str, str] | None = None
) -> None:
    """Write the manifest of a folder: the given content, the time, the packages, and the SHA-256 of
    each file.
    """
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (LOG, MARKER, MANIFEST)
    )
    hashes = {path.relative_to(folder).as_posix(): file_hash(path) for path in files}
    more = {"written": now(), "packages": made_with or packages(), "files_sha256": hashes}
    write_json(folder / MANIFEST, {**content, **more})


def write_scenario(scenario: Scenario, folder: Path) -> None:
    """Write a resolved scenario into a folder, with the user's own tables that it needs, so that it
    can be read again.

    Parameters
    ----------
    scenario : Scenario
    folder : Path
        A folder without these files.
    """
    write_text(folder / SCENARIO, scenario.to_yaml())
    if scenario.own_tables is not None:
        scenario.own_tables.write(folder / COPIES)


def plain(value: Any) -> Any:
    """Return a value for JSON: numbers that are not finite become null, and other objects become
    text.
    """
    return to_jsonable_python(
        value,
        inf_nan_mode="null",
        fallback=lambda it: it.tolist() if hasattr(it, "tolist") else str(it),
    )


def write_json(path: Path, value: Any) -> None:
    """Write a value as a JSON file, whole or not at all."""
    write_text(path, json.dumps(plain(value), indent=1, allow_nan=False) + "\n")


# --- reading a finished run back ------------------------------------------------------------------

type Contents = tuple[
    Scenario,
    list[Pair],
    dict[str, Any],
    Path | None,
    list[Row] | None,
    Firms | None,
    Focus | None,
]
"""The parts of a `Result`: its scenario, members, notes, file of ties, summary rows, tables of
gains and losses, and contents of tables and charts.
"""


def _no_finished_run(path: Path) -> Problem:
    """Return the problem with a folder that has no finished run."""
    kind = ""
    hint = "a run is stored in runs/<scenario>-<hash> unless --out says otherwise"
    with suppress(RunError, AttributeError):
        kind = str(read_json(path / MANIFEST).get("experiment", ""))
    if (path / MARKER).exists():
        found = "contains a run that is not finished"
        hint = "give the same `splinternet run` command again to finish it"
    elif kind or ((path / FIGURES).is_dir() and not (path / SERIES).exists()):
        found = f"contains an experiment{f' ({kind})' if kind else ''}, not a single run"
        files = sorted(
            map(str, (*path.glob("*.png"), *path.glob(f"{FIGURES}/*.png"), *path.glob("*.csv")))
        )
        hint = f"look at {', '.join(files)}" if files else hint
    elif path.is_dir():
        found = f"has no {PANEL if (path / MANIFEST).is_file() else MANIFEST}"
    else:
        found = "is not a folder"
    return Problem(os.fspath(path), found, "the folder of a finished run is needed", hint)


def _unreadable(path: Path, manifest: Mapping[str, Any], error: InputError) -> Problem:
    """Return the error for a run whose scenario this program cannot read."""
    first = error.problems[0]
    more = len(error.problems) - 1
    what = first.found + (f", and {more} more" if more else "")
    found = (
        f"this program ({maker()}) cannot read a scenario "
        f"that another wrote ({maker(manifest)}): {what}"
    )
    hint = "run the scenario again with this one, or open the folder with the one that wrote it"
    if own := [name for name in manifest["own_sha256"] if name not in own_code()]:
        hint = (
            f"it has items of your own, {', '.join(own)}: "
            "import the Python code that defines them (on the command line: --import FILE)"
        )
    allowed = "a run whose keys and parameters this program knows"
    return Problem(os.fspath(path / SCENARIO), found, allowed, hint)


def read_run(path: Path, *, verify: bool) -> Contents:
    """Return the contents of a finished run, after checking that its files are unchanged; see
    `open_run`.
    """
    if not ((path / MANIFEST).is_file() and (path / PANEL).is_file()) or (path / MARKER).exists():
        raise InputError(_no_finished_run(path))
    manifest = read_manifest(path, verify=verify)
    info = {**manifest.get("info", {}), "name": manifest["scenario"]["name"], "manifest": manifest}
    info |= {key: manifest[key] for key in ("command", "wall_seconds", "warnings")}
    mine = is_by_this_program(manifest)
    try:
        with items_of_run(manifest["own_sha256"]):
            members, attributes = read_panel(path / PANEL)
            scenario = load(path / SCENARIO)
    except RunError as error:
        if mine:
            raise
        raise RunError(
            f"{error}; it is the work of {maker(manifest)}; this is {maker()}"
        ) from error
    except InputError as error:
        raise InputError(_unreadable(path, manifest, error)) from error
    # Another version may compute digests differently.
    agree = {
        "run_id": attributes.get("run_id") == manifest["run_id"],
        "digest": attributes.get("digest") == manifest["scenario"]["digest"],
        "scenario": not mine or scenario.digest == manifest["scenario"]["digest"],
        "run_id of the manifest itself": not mine or identity(manifest) == manifest["run_id"],
    }
    if verify and not all(agree.values()):
        others = ", ".join(name for name, agrees in agree.items() if not agrees)
        raise RunError(
            f"{path} is not one run: {MANIFEST} and {PANEL} or {SCENARIO} do not agree ({others}). "
            "Copy the folder again from where it came, or run the scenario again"
        )
    log = (
        (path / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
        if (path / LOG).exists()
        else []
    )
    rows = firms = focus = None
    # Use the stored summary only if this same program with the same tables wrote it.
    if verify and mine:
        summary = read_json(path / SUMMARY)
        stored = summary.get("rows")
        if isinstance(stored, list) and all(
            isinstance(row, dict) and tuple(row) == ROW_COLUMNS for row in stored
        ):
            rows = stored
        firms = stored_firms(summary)
        focus = stored_focus(summary)
    ties = path / TIES if (path / TIES).exists() else None
    return scenario, members, {**info, "log": log}, ties, rows, firms, focus

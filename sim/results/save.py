"""Writing a result into a run folder, and reading it back."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import InputError, Problem, RunError
from sim.results.arrays import Packed, attributes_text, pack, read_panel, write_panel
from sim.results.decisions import read_decisions, with_decisions, write_decisions
from sim.results.files import check_space, disk_errors, remove_tree, write_text
from sim.results.folder import LOG, MANIFEST, MARKER, RunFolder, estimate_bytes
from sim.results.identity import code_hash, file_hash, maker, packages
from sim.results.tidy import write_series

if TYPE_CHECKING:
    from sim.results.result import Result
    from sim.scenario import Scenario

DECISIONS = "decisions.csv"
SCENARIO, SERIES, SUMMARY, PANEL, FIGURES = (
    "scenario.resolved.yaml",
    "series.csv",
    "summary.json",
    "panel.nc",
    "figures",
)
_KEPT_APART = (
    "name",
    "command",
    "wall_seconds",
    "warnings",
    "log",
    "manifest",
)  # of what `Result.info` holds


def save(result: Result, folder: Path | str) -> Path:
    """Write a result into a folder, whole or not at all, and return the folder.

    Parameters
    ----------
    result : Result
        What to write.
    folder : Path or str
        A new or empty folder, or one that holds the same run, which is then replaced.

    Raises
    ------
    InputError
        When the folder holds another run or other files.
    RunError
        When the disk is full; the folder is then as it was before.
    """
    target = Path(folder).absolute()
    RunFolder.check(target, result.about)
    check_space(target, estimate_bytes(result.scenario.days, len(result.members)))
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
        try:
            building.chmod(0o755)
            write_files(result, building)
            _swap(building, target)
        finally:
            remove_tree(building)
    return Path(folder)


def _swap(building: Path, target: Path) -> None:
    """Put a finished folder in its place; one that stands there is moved aside first, then deleted."""
    if not target.exists():
        building.replace(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
    target.replace(aside)
    try:
        building.replace(target)
    except OSError:
        aside.replace(target)
        raise
    remove_tree(aside)


class Alone:
    """Does in this process what writing a run takes; others may share it out."""

    def write_series(self, result: Result, path: Path) -> Callable[[], object]:
        """Write the tidy table; what is returned is called when all else is done, and waits for it."""
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_series(stream, result.members, result.cells)
        return lambda: None

    def pack(self, result: Result) -> Iterable[Packed]:
        """Yield the arrays of each member, packed for the panel."""
        return map(pack, result.members)


def write_files(result: Result, folder: Path, helper: Alone | None = None) -> None:
    """Write every file of a finished run into a folder that is not yet in its place, the manifest last."""
    helper = helper or Alone()
    written, packed = helper.write_series(result, folder / SERIES), helper.pack(result)
    write_text(folder / SCENARIO, result.scenario.to_yaml())
    if result.scenario.behaviour.on:
        with (folder / DECISIONS).open("w", encoding="utf-8", newline="") as stream:
            write_decisions(stream, result.members)
    write_text(folder / SUMMARY, json.dumps({"rows": result.rows()}, indent=1, allow_nan=False) + "\n")
    result.save_figures(folder / FIGURES)
    about = {"scenario": result.name, "digest": result.scenario.digest, "status": result.scenario.status}
    write_panel(
        folder / PANEL,
        result.members,
        attributes_text({**about, "version": result.version, "run_id": result.run_id}),
        packed,
    )
    written()
    write_text(folder / LOG, "".join(f"{line}\n" for line in result.info.get("log", ())))
    write_text(folder / MANIFEST, json.dumps(_manifest(result, folder), indent=1, allow_nan=False) + "\n")


def _manifest(result: Result, folder: Path) -> dict[str, Any]:
    """Return what a run says of itself."""
    outputs = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != LOG)
    info = {key: value for key, value in result.info.items() if key not in _KEPT_APART}
    return {
        **result.about,
        "command": plain(result.info.get("command", "")),
        "wall_seconds": plain(result.info.get("wall_seconds")),
        "warnings": result.warnings,
        "written": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        # A run that was read back stays the work of the program that made it.
        "packages": result.info.get("manifest", {}).get("packages") or packages(),
        "files_sha256": {path.relative_to(folder).as_posix(): file_hash(path) for path in outputs},
        "info": plain(info),
    }


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: numbers that are not finite become null, objects their text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    item = getattr(value, "item", None)
    return plain(item()) if callable(item) else str(value)


def open_run(folder: Path | str) -> Result:
    """Read a finished run back.

    Parameters
    ----------
    folder : Path or str
        A run folder, as ``splinternet run`` and ``Result.save`` write it.

    Raises
    ------
    InputError
        When the folder does not exist, is no run folder, or its run is not finished.
    RunError
        When a file in it is damaged.
    """
    from sim.results.result import Result

    path = Path(folder)
    _check_finished(path)
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        info = {**manifest["info"], "name": manifest["scenario"]["name"], "manifest": manifest}
        info |= {key: manifest[key] for key in ("command", "wall_seconds", "warnings")}
        log = (path / LOG).read_text(encoding="utf-8").splitlines() if (path / LOG).exists() else []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path / MANIFEST} cannot be read ({error}); run the scenario again") from error
    try:
        members = read_panel(path / PANEL)
    except RunError as error:
        if manifest.get("code_sha256") == code_hash():
            raise
        raise RunError(f"{error}; it is the work of {maker(manifest)}; this is {maker()}") from error
    if (path / DECISIONS).exists():
        with (path / DECISIONS).open(encoding="utf-8", newline="") as stream:
            members = with_decisions(members, read_decisions(stream))
    return Result(_scenario_of(path, manifest), members, {**info, "log": log})


def _scenario_of(path: Path, manifest: Mapping[str, Any]) -> Scenario:
    """Return the scenario of a run folder; one that this program does not know any more is told with what wrote it."""
    from sim.scenario import load

    try:
        return load(path / SCENARIO)
    except InputError as error:
        first, more = error.problems[0], len(error.problems) - 1
        what = first.found + (f", and {more} more" if more else "")
        found = f"this program ({maker()}) cannot read a scenario that another wrote ({maker(manifest)}): {what}"
        hint = "run the scenario again with this one, or open the folder with the one that wrote it"
        allowed = "a run whose keys and parameters this program knows"
        raise InputError(Problem(os.fspath(path / SCENARIO), found, allowed, hint)) from error


def _drawn(path: Path) -> list[str]:
    """Return the charts in the folder of a sweep, an attribution, a calibration ...; none where it holds a run."""
    if (path / SERIES).exists():
        return []
    found = [*path.glob("*.png"), *path.glob(f"{FIGURES}/*.png")]
    return sorted(str(each) for each in found)


def _kind(path: Path) -> str:
    """Return which experiment a folder holds, as its manifest says: ``attribution``; empty where it is a run."""
    with suppress(OSError, ValueError, AttributeError):
        return str(json.loads((path / MANIFEST).read_text(encoding="utf-8")).get("experiment", ""))
    return ""


def _check_finished(path: Path) -> None:
    """Raise InputError when a folder does not hold a finished run."""
    if (path / MANIFEST).is_file() and (path / PANEL).is_file() and not (path / MARKER).exists():
        return
    if (path / MARKER).exists():
        found, hint = (
            "holds a run that is not finished",
            "give the same `splinternet run` command again to finish it",
        )
    elif drawn := _drawn(path):
        found, hint = (
            "holds an experiment, not a single run; its charts are drawn already",
            f"look at {', '.join(drawn)}",
        )
    elif kind := _kind(path):
        found, hint = (
            f"holds an experiment ({kind}), not a single run, and no chart: its policies move none of the headlines",
            f"its numbers are in {', '.join(map(str, sorted(path.glob('*.csv')))) or path}",
        )
    elif path.is_dir():
        found, hint = (
            f"holds no {MANIFEST}",
            "a run is stored in runs/<scenario>-<hash> unless --out says otherwise",
        )
    else:
        found, hint = (
            "is not a folder",
            "a run is stored in runs/<scenario>-<hash> unless --out says otherwise",
        )
    raise InputError(Problem(os.fspath(path), found, "the folder of a finished run is needed", hint))

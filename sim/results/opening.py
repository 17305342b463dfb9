"""Reading a run folder back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sim.errors import InputError, Problem, RunError
from sim.results.arrays import read_panel
from sim.results.decisions import read_decisions, with_decisions
from sim.results.folder import DECISIONS, FIGURES, LOG, MANIFEST, MARKER, PANEL, SCENARIO, SERIES, SUMMARY, TIES
from sim.results.identity import code_hash, data_hashes, maker
from sim.results.manifest import check_files, check_identity, plain_file, read_json, read_manifest
from sim.results.result import Result
from sim.results.rows import COLUMNS, Row
from sim.scenario import Scenario, load


def open_run(folder: Path | str, *, verify: bool = True) -> Result:
    """Read a finished run back, after checking that its files are as the run wrote them.

    Parameters
    ----------
    folder : Path or str
        A run folder, as ``splinternet run`` and ``Result.save`` write it.
    verify : bool
        Whether every file must have the SHA-256 that the manifest says. Without it, results may be read that somebody
        has changed.

    Raises
    ------
    InputError
        When the folder does not exist, is no run folder, or its run is not finished.
    RunError
        When a file in it is damaged, was changed since the run, or leads out of the folder.
    """
    path = Path(folder)
    _check_finished(path)
    manifest = read_manifest(path)
    for name in (SCENARIO, PANEL, DECISIONS, TIES, LOG):
        plain_file(path, name)
    if verify:
        check_files(path, manifest)
    info = {**manifest.get("info", {}), "name": manifest["scenario"]["name"], "manifest": manifest}
    info |= {key: manifest[key] for key in ("command", "wall_seconds", "warnings")}
    try:
        # An open file cannot be replaced on Windows: there it is read whole, as one that nobody has verified.
        members, attributes = read_panel(path / PANEL, whole=not verify or os.name != "posix")
    except RunError as error:
        if manifest["code_sha256"] == code_hash():
            raise
        raise RunError(f"{error}; it is the work of {maker(manifest)}; this is {maker()}") from error
    if (path / DECISIONS).exists():
        with (path / DECISIONS).open(encoding="utf-8", newline="") as stream:
            members = with_decisions(members, read_decisions(stream))
    scenario = _scenario_of(path, manifest)
    if verify:
        check_identity(path, manifest, attributes, scenario.digest)
    ties = path / TIES if (path / TIES).exists() else None
    result = Result(scenario, members, {**info, "log": _log(path / LOG)}, ties)
    if verify and (rows := _stored_rows(path, manifest)):
        result.keep_rows(rows)
    return result


def _stored_rows(path: Path, manifest: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a run's summary where this very program and its tables made them; else none."""
    if (manifest["code_sha256"], manifest.get("data_sha256")) != (code_hash(), data_hashes()):
        return []
    rows = read_json(path / SUMMARY).get("rows")
    whole = isinstance(rows, list) and all(isinstance(row, dict) and tuple(row) == COLUMNS for row in rows)
    return list(rows) if whole else []


def _log(path: Path) -> list[str]:
    """Return the lines of a run's log; none where there is no log."""
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


def _scenario_of(path: Path, manifest: Mapping[str, Any]) -> Scenario:
    """Return the scenario of a run folder; an error names the program that wrote what this one cannot read."""
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
    with suppress(RunError, AttributeError):
        return str(read_json(path / MANIFEST).get("experiment", ""))
    return ""


def _check_finished(path: Path) -> None:
    """Raise InputError when a folder does not hold a finished run."""
    if (path / MANIFEST).is_file() and (path / PANEL).is_file() and not (path / MARKER).exists():
        return
    if (path / MARKER).exists():
        found, hint = (
            "contains a run that is not finished",
            "give the same `splinternet run` command again to finish it",
        )
    elif drawn := _drawn(path):
        found, hint = (
            "contains an experiment, not a single run; its charts are drawn already",
            f"look at {', '.join(drawn)}",
        )
    elif kind := _kind(path):
        found, hint = (
            f"contains an experiment ({kind}), not a single run, and no chart: its policies move none of the headlines",
            f"its numbers are in {', '.join(map(str, sorted(path.glob('*.csv')))) or path}",
        )
    elif path.is_dir():
        found, hint = (
            f"holds no {PANEL if (path / MANIFEST).is_file() else MANIFEST}",
            "a run is stored in runs/<scenario>-<hash> unless --out says otherwise",
        )
    else:
        found, hint = (
            "is not a folder",
            "a run is stored in runs/<scenario>-<hash> unless --out says otherwise",
        )
    raise InputError(Problem(os.fspath(path), found, "the folder of a finished run is needed", hint))

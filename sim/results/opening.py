"""Reading a run folder back."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from sim.errors import InputError, Problem, RunError
from sim.results.manifest import (
    DECISIONS,
    FIGURES,
    LOG,
    MANIFEST,
    MARKER,
    PANEL,
    SCENARIO,
    SERIES,
    SUMMARY,
    TIES,
    check_files,
    check_identity,
    code_hash,
    data_hashes,
    maker,
    plain_file,
    read_json,
    read_manifest,
)
from sim.results.result import Result
from sim.results.stored import read_panel
from sim.results.summary import ROW_COLUMNS
from sim.scenario import load


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
        members, attributes = read_panel(path / PANEL)
        scenario = load(path / SCENARIO)
    except RunError as error:
        if manifest["code_sha256"] == code_hash():
            raise
        raise RunError(f"{error}; it is the work of {maker(manifest)}; this is {maker()}") from error
    except InputError as error:
        first, more = error.problems[0], len(error.problems) - 1
        what = first.found + (f", and {more} more" if more else "")
        found = f"this program ({maker()}) cannot read a scenario that another wrote ({maker(manifest)}): {what}"
        hint = "run the scenario again with this one, or open the folder with the one that wrote it"
        allowed = "a run whose keys and parameters this program knows"
        raise InputError(Problem(os.fspath(path / SCENARIO), found, allowed, hint)) from error
    if verify:
        check_identity(path, manifest, attributes, scenario.digest)
    log = (path / LOG).read_text(encoding="utf-8", errors="replace").splitlines() if (path / LOG).exists() else []
    rows = None
    # The rows of the summary, where this very program and its tables made them.
    if verify and (manifest["code_sha256"], manifest["data_sha256"]) == (code_hash(), data_hashes()):
        stored = read_json(path / SUMMARY).get("rows")
        if isinstance(stored, list) and all(isinstance(row, dict) and tuple(row) == ROW_COLUMNS for row in stored):
            rows = stored
    ties = path / TIES if (path / TIES).exists() else None
    return Result(scenario, members, {**info, "log": log}, ties, rows)


def _check_finished(path: Path) -> None:
    """Raise InputError when a folder does not hold a finished run."""
    if (path / MANIFEST).is_file() and (path / PANEL).is_file() and not (path / MARKER).exists():
        return
    kind, hint = "", "a run is stored in runs/<scenario>-<hash> unless --out says otherwise"
    with suppress(RunError, AttributeError):
        kind = str(read_json(path / MANIFEST).get("experiment", ""))
    if (path / MARKER).exists():
        found = "contains a run that is not finished"
        hint = "give the same `splinternet run` command again to finish it"
    elif kind or ((path / FIGURES).is_dir() and not (path / SERIES).exists()):
        found = f"contains an experiment{f' ({kind})' if kind else ''}, not a single run"
        files = sorted(map(str, (*path.glob("*.png"), *path.glob(f"{FIGURES}/*.png"), *path.glob("*.csv"))))
        hint = f"look at {', '.join(files)}" if files else hint
    elif path.is_dir():
        found = f"holds no {PANEL if (path / MANIFEST).is_file() else MANIFEST}"
    else:
        found = "is not a folder"
    raise InputError(Problem(os.fspath(path), found, "the folder of a finished run is needed", hint))

"""The manifest of a run: its description, checked when the folder is opened.

A folder may be damaged, edited by hand, or made to look like another run. Therefore every file must have the hash that
the manifest lists, and the manifest must be consistent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from sim.errors import RunError, commands_in
from sim.results.folder import DECISIONS, FIGURES, LOG, MANIFEST, PANEL, SCENARIO, SERIES, SUMMARY, SUMMARY_TABLE, TIES
from sim.results.identity import code_hash, file_hash, identity

_LARGEST = 50_000_000  # bytes: that of a run with thousands of members has a few
_NEEDED = (PANEL, SCENARIO, SERIES, SUMMARY)
_READ = (*_NEEDED, DECISIONS, MANIFEST, LOG)
_SHOWN = 5  # files that an error names
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{4,64}$")]
Texts = dict[StrictStr, StrictStr]


class _Loose(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class _About(_Loose):
    """Which scenario was run."""

    name: StrictStr
    title: StrictStr
    status: StrictStr
    digest: Digest


class _Info(_Loose):
    """What else is known of a run."""

    notes: list[StrictStr] = []
    drawn: dict[StrictStr, dict[StrictStr, float]] = {}


class _Manifest(_Loose):
    """What the manifest of a run must hold; what it holds beside is kept as it is."""

    run_id: Digest
    version: StrictStr
    scenario: _About
    seeds: list[StrictInt]
    code_sha256: Digest
    data_sha256: Texts
    command: StrictStr
    wall_seconds: float | None
    warnings: list[StrictStr]
    written: StrictStr
    packages: Texts
    files_sha256: Texts
    info: _Info = Field(default_factory=_Info)
    project_sha256: Texts = {}


def read_json(path: Path) -> Any:
    """Return what a JSON file holds.

    Raises
    ------
    RunError
        When it cannot be read, is no JSON, or is too large to be what it should be.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise RunError(
                f"{path} cannot be read: it has {path.stat().st_size:,} bytes; at most {_LARGEST:,} make sense"
            )
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{path} cannot be read ({error}); run the scenario again") from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run folder.

    Raises
    ------
    RunError
        When it cannot be read, or lacks something, or holds something of another kind.
    """
    path = folder / MANIFEST
    plain_file(folder, MANIFEST)
    found = read_json(path)
    try:
        _Manifest.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole of it"
        what = f"{where}: {first['msg'].lower()}"
        raise RunError(f"{path} cannot be read as the manifest of a run ({what}); run the scenario again") from error
    fault = next((fault for text in _texts_in(found) if (fault := commands_in(text))), "")
    if fault:
        raise RunError(f"{path} cannot be read as the manifest of a run: a text in it holds {fault}")
    return dict(found)


def _texts_in(data: Any) -> Iterator[str]:
    """Yield every text in data from JSON, keys included."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from data
        for value in data.values():
            yield from _texts_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts_in(value)


def plain_file(folder: Path, name: str) -> Path:
    """Return the path of a file of a run folder; a link to another place is refused, and so is a device.

    Parameters
    ----------
    folder : Path
    name : str
        Its path inside the folder, with ``/`` between the parts.

    Raises
    ------
    RunError
        When the name leads out of the folder, or what stands there is no file of its own.
    """
    parts = PurePosixPath(name).parts
    if (
        not parts
        or PurePosixPath(name).is_absolute()
        or any(part == ".." or "\\" in part or "\0" in part for part in parts)
    ):
        raise RunError(f"{folder / MANIFEST} names a file outside its folder: {name!r}")
    path = folder
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise RunError(f"{path} is a link; the files of a run must be in its folder: copy the file there")
    if path.exists() and not path.is_file():
        raise RunError(f"{path} is not a file")
    return path


def check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Check that every file of a run is as its manifest says; charts alone may be deleted.

    Raises
    ------
    RunError
        When a file was changed, deleted or added since the run was written, or is a link.
    """
    listed: Mapping[str, str] = manifest["files_sha256"]
    missing = [name for name in _NEEDED if name not in listed]
    if missing:
        raise RunError(f"{folder / MANIFEST} has no SHA-256 of {', '.join(missing)}; run the scenario again")
    faults = [fault for name, digest in listed.items() for fault in _faults(folder, name, digest)]
    faults += [
        f"{name} was added"
        for name in (DECISIONS, TIES, SUMMARY_TABLE)
        if name not in listed and (folder / name).exists()
    ]
    if faults:
        more = f", and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise RunError(
            f"{folder} is damaged, or was changed after the run: {', '.join(faults[:_SHOWN])}{more}, as the SHA-256 in "
            f"{MANIFEST} shows. Copy the folder again from where it came, or run the scenario again"
        )


def _faults(folder: Path, name: str, digest: str) -> Iterator[str]:
    """Yield what happened to a file since its digest was written."""
    path = plain_file(folder, name)
    if path.is_file():
        if file_hash(path) != digest:
            yield f"{name} was changed"
    elif PurePosixPath(name).parts[0] != FIGURES:
        yield f"{name} is missing"


def check_identity(folder: Path, manifest: Mapping[str, Any], panel: Mapping[str, str], digest: str) -> None:
    """Check that the manifest, the panel and the scenario of a folder are of one run.

    Parameters
    ----------
    folder : Path
    manifest : mapping
    panel : mapping of str to str
        What the panel says of itself.
    digest : str
        SHA-256 of the scenario that was read.

    Raises
    ------
    RunError
        When they are not.
    """
    stored = {"run_id": manifest["run_id"], "digest": manifest["scenario"]["digest"]}
    others = [key for key, value in stored.items() if panel.get(key) != value]
    mine = manifest["code_sha256"] == code_hash()  # other programs may compute both in another way
    if mine and digest != stored["digest"]:
        others.append("scenario")
    if mine and identity(manifest) != stored["run_id"]:
        others.append("run_id of the manifest itself")
    if others:
        raise RunError(
            f"{folder} is not one run: {MANIFEST} and {PANEL} or {SCENARIO} do not agree ({', '.join(others)}). "
            "Copy the folder again from where it came, or run the scenario again"
        )

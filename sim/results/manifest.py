"""The identity of a run and its manifest: scenario, seeds, program, data, and the SHA-256 of every
file.

A folder may be damaged, edited by hand, or made to look like another run. Therefore every file must
have the hash that the manifest lists, and the manifest must be consistent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from ..core.plugins import own_digests
from ..core.program import commit, program_stamp, version
from ..errors import RunError, commands_in

if TYPE_CHECKING:
    from ..scenario import Scenario

MARKER = "unfinished"
MEMBERS = "members"
MANIFEST = "manifest.json"
LOG = "log.txt"
SCENARIO = "scenario.resolved.yaml"
DECISIONS = "decisions.csv"
SERIES = "series.csv"
SUMMARY = "summary.json"
SUMMARY_TABLE = "summary.csv"
PANEL = "panel.nc"
FIGURES = "figures"
TIES = "ties.nc"
OUTCOMES = "outcomes.jsonl"  # file of an experiment
_LARGEST = 50_000_000  # largest JSON file [bytes]: a run with thousands of seeds has a few MB
_SHOWN = 5  # most files that an error names
_SHORT = 12  # characters of a hash in a file name or a footer
_PACKAGE = Path(__file__).resolve().parent.parent
_DATA = (".csv", ".txt", ".json", ".gz", ".bz2")
# --- the identity of a run ------------------------------------------------------------------------


@cache
def facts_hash() -> str:
    """Return the SHA-256 of the names and bytes of the tables that come with the program."""
    digest = hashlib.sha256()
    for path in sorted((_PACKAGE / "facts").rglob("*.csv")):
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def own_code(scenario: Scenario | None = None) -> dict[str, str]:
    """Return the SHA-256 of the source of every user's own item that a run may depend on.

    These items are imported, passed by the caller, or named in the scenario.
    """
    if scenario is None:
        return own_digests()
    behaviours = (*scenario.behaviour.on, *scenario.behaviour.of_people)
    used = [("behaviours", name) for name in behaviours]
    used += [("instruments", policy.instrument) for policy in scenario.policies]
    used += [("metrics", name) for name in scenario.measure or ()]
    return own_digests(used)


def program() -> dict[str, str]:
    """Return the identity of this program for markers and manifests: version, commit and facts."""
    return {"version": version(), "commit": commit(), "facts_sha256": facts_hash()}


def about(scenario: Scenario, seeds: Sequence[int], name: str = "") -> dict[str, Any]:
    """Return the inputs that identify a run, as markers and manifests store them; ``run_id`` is
    their digest.

    Parameters
    ----------
    scenario : Scenario
        The resolved scenario.
    seeds : sequence of int
        The seeds.
    name : str
        Name of the scenario, if it differs from the scenario's own.
    """
    description = {
        **program(),
        "scenario": {
            "name": name or scenario.name,
            "title": scenario.title,
            "status": scenario.status,
            "digest": scenario.digest,
        },
        "seeds": sorted(int(seed) for seed in seeds),
        "own_sha256": own_code(scenario),
    }
    return {"run_id": identity(description), **description}


def identity(description: Mapping[str, Any]) -> str:
    """Return the run id computed from a marker or a manifest: 12 hexadecimal digits."""
    parts = {
        "scenario": description["scenario"]["digest"],
        "seeds": description["seeds"],
        **{key: description[key] for key in (*program(), "own_sha256")},
    }
    return short(hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest())


def difference(mine: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return in words how the run or experiment in a folder differs from this one; empty if
    equal.
    """
    if other.get("run_id") == mine["run_id"]:
        return ""
    if (kind := other.get("experiment")) and "experiment" not in mine:
        return f"it has an experiment ({kind}), not a run"
    if any(other.get(key) != mine.get(key) for key in ("experiment", "settings")):
        return "it has another experiment or run"
    scenario = other.get("scenario")
    if not isinstance(scenario, Mapping) or scenario.get("digest") != mine["scenario"]["digest"]:
        named = isinstance(scenario, Mapping) and scenario.get("name")
        return f"it has another run, of the scenario {named}" if named else "it has another run"
    seeds = other.get("seeds") or ["none"]
    by_another = (
        f"the same scenario and seeds, by another program: {maker(other)}; this is {maker()}"
    )
    reasons = {
        "seeds": f"the same scenario, but seeds {seeds[0]}-{seeds[-1]}",
        "version": by_another,
        "commit": by_another,
        "facts_sha256": "the same scenario and seeds, but other fact tables",
        "own_sha256": "the same scenario and seeds, but other items of your own",
    }
    differing = (reason for key, reason in reasons.items() if other.get(key) != mine.get(key))
    return f"it has another run: {next(differing, 'its run_id differs')}"


def maker(made: Mapping[str, Any] | None = None) -> str:
    """Return the program that wrote a folder, with the time, from its marker or manifest; by
    default the current program.
    """
    made = program() if made is None else made
    stamp = program_stamp(str(made.get("version", "?")), str(made.get("commit", "")))
    written = str(made.get("written") or "")[:10]
    return f"{stamp}, written on {written}" if written else stamp


def is_by_this_program(made: Mapping[str, Any]) -> bool:
    """Return whether this same program, with its current facts, wrote a manifest."""
    return all(made.get(key) == value for key, value in program().items())


def default_folder(scenario: Scenario, seeds: Sequence[int]) -> Path:
    """Return the default folder of a run: ``runs/<scenario>-<hash>``."""
    name = "".join(
        char if char.isalnum() or char in "-_" else "-" for char in Path(scenario.name).name
    )
    return Path("runs") / f"{name}-{about(scenario, seeds)['run_id']}"


def file_hash(path: Path) -> str:
    """Return the SHA-256 of one file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def short(digest: str) -> str:
    """Return a hash shortened for a file name or a footer."""
    return digest[:_SHORT]


# --- the manifest ---------------------------------------------------------------------------------

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{4,64}$")]
Texts = dict[StrictStr, StrictStr]


class _ScenarioOfRun(BaseModel):
    """The scenario of a run."""

    name: StrictStr
    title: StrictStr
    status: StrictStr
    digest: Digest


class _Info(BaseModel):
    """Notes on a run, and the draws of its seeds."""

    notes: list[StrictStr] = []
    drawn: dict[StrictStr, dict[StrictStr, float]] = {}


class _Manifest(BaseModel):
    """Required keys of the manifest of a run."""

    model_config = ConfigDict(extra="allow")

    run_id: Digest
    version: StrictStr
    scenario: _ScenarioOfRun
    seeds: list[StrictInt]
    commit: StrictStr
    facts_sha256: Digest
    own_sha256: Texts
    command: StrictStr
    wall_seconds: float | None
    warnings: list[StrictStr]
    written: StrictStr
    packages: Texts
    files_sha256: Texts
    info: _Info = Field(default_factory=_Info)


def read_json(path: Path) -> Any:
    """Return the contents of a JSON file.

    Raises
    ------
    RunError
        The file cannot be read, is not JSON, or is too large.
    """
    try:
        if (size := path.stat().st_size) > _LARGEST:
            raise ValueError(f"it has {size:,} bytes; at most {_LARGEST:,} are allowed")
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{path} cannot be read ({error}); run the scenario again") from error


def read_manifest(folder: Path, *, verify: bool) -> dict[str, Any]:
    """Return the manifest of a run folder.

    Parameters
    ----------
    folder : Path
    verify : bool
        Whether every file must match the manifest; only charts may be deleted.

    Raises
    ------
    RunError
        The manifest cannot be read or is invalid, or a file was changed, deleted or added since the
        run was written, or is a link.
    """
    path = plain_file(folder, MANIFEST)
    content = read_json(path)
    fault = ""
    try:
        _Manifest.model_validate(content)
        fault = next(
            (
                f"a text in it contains {fault}"
                for text in texts_in(content)
                if (fault := commands_in(text))
            ),
            "",
        )
    except ValidationError as error:
        first = error.errors()[0]
        fault = f"{'.'.join(map(str, first['loc'])) or 'the whole file'}: {first['msg'].lower()}"
    if fault:
        raise RunError(
            f"{path} cannot be read as the manifest of a run ({fault}); run the scenario again"
        )
    for name in (SCENARIO, PANEL, DECISIONS, TIES, LOG):
        plain_file(folder, name)
    if not verify:
        return dict(content)
    listed: Mapping[str, str] = content["files_sha256"]
    if missing := [name for name in (PANEL, SCENARIO, SERIES, SUMMARY) if name not in listed]:
        raise RunError(f"{path} has no SHA-256 of {', '.join(missing)}; run the scenario again")
    faults = []
    for name, digest in listed.items():
        file = plain_file(folder, name)
        if file.is_file() and file_hash(file) != digest:
            faults.append(f"{name} was changed")
        elif not file.is_file() and PurePosixPath(name).parts[0] != FIGURES:
            faults.append(f"{name} is missing")
    optional = (DECISIONS, TIES, SUMMARY_TABLE)
    faults += [
        f"{name} was added" for name in optional if name not in listed and (folder / name).exists()
    ]
    if faults:
        more = f", and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise RunError(
            f"{folder} is damaged, or was changed after the run: {', '.join(faults[:_SHOWN])}{more}, as the SHA-256 in "
            f"{MANIFEST} shows. Copy the folder again from where it came, or run the scenario again"
        )
    return dict(content)


def texts_in(data: Any) -> Iterator[str]:
    """Yield every text in nested mappings and lists, keys included."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Iterable):
        for item in data:
            yield from texts_in(item)
        if isinstance(data, Mapping):
            yield from texts_in(data.values())


def plain_file(folder: Path, name: str) -> Path:
    """Return the path of a file of a run folder; links and devices are refused.

    Parameters
    ----------
    folder : Path
    name : str
        Its path inside the folder, with ``/`` between the parts.

    Raises
    ------
    RunError
        The name leads out of the folder, or the path is not a regular file.
    """
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or "\0" in name:
        raise RunError(f"{folder / MANIFEST} names a file outside its folder: {name!r}")
    path = folder
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise RunError(
                f"{path} is a link; the files of a run must be in its folder: copy the file there"
            )
    if path.exists() and not path.is_file():
        raise RunError(f"{path} is not a file")
    return path

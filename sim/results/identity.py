"""The identity of a run: the resolved scenario, the seeds, the program and its data."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.plugins import added_digests, project

if TYPE_CHECKING:
    from sim.scenario import Scenario

_PACKAGE = Path(__file__).resolve().parent.parent
_DATA = {".csv", ".txt", ".json", ".gz", ".bz2"}
_PACKAGES = (
    "h5netcdf",
    "h5py",
    "matplotlib",
    "mesa",
    "networkx",
    "numba",
    "numpy",
    "pandas",
    "pydantic",
    "xarray",
)
_SHORT = 12  # characters of a hash that a file name or a footer shows


def version() -> str:
    """Return the version of this program."""
    try:
        return metadata.version("splinternet")
    except metadata.PackageNotFoundError:
        return "unknown"


def packages() -> dict[str, str]:
    """Return the versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


@lru_cache(maxsize=1)
def data_hashes() -> dict[str, str]:
    """Return the SHA-256 of every data file that comes with the program, by its path inside the package."""
    files = sorted(path for path in _PACKAGE.rglob("*") if path.suffix in _DATA and path.is_file())
    return {path.relative_to(_PACKAGE).as_posix(): _sha256([path]) for path in files if _belongs(path)}


def code_hash() -> str:
    """Return the SHA-256 of the program's own source: a run half done by other code is another run.

    The items of a project folder, its facts included, and those that Python code hands over are part of the source.
    """
    own = own_files()
    if not own:
        return _package_hash()
    return hashlib.sha256(f"{_package_hash()} {json.dumps(own, sort_keys=True)}".encode()).hexdigest()


def own_files() -> dict[str, str]:
    """Return the SHA-256 of every item of the user's own that a run may depend on.

    These are the files of the project folder in use, by their path there, and what Python code hands over.
    """
    found = project()
    if found is None:
        return added_digests()
    files = {path for folder in found.folders.values() for path in folder.rglob("*") if path.suffix in {".py", *_DATA}}
    return {path.relative_to(found.root).as_posix(): file_hash(path) for path in sorted(files)} | added_digests()


@lru_cache(maxsize=1)
def _package_hash() -> str:
    """Return the SHA-256 of the source of this package."""
    return _sha256(sorted(path for path in _PACKAGE.rglob("*.py") if _belongs(path)))


def about(scenario: Scenario, seeds: Sequence[int], name: str = "") -> dict[str, Any]:
    """Return what makes a run the run it is, as markers and manifests store it; ``run_id`` sums it up.

    Parameters
    ----------
    scenario : Scenario
        The resolved scenario.
    seeds : sequence of int
        The seeds of the members.
    name : str
        Name of the scenario, where it is not the scenario's own.
    """
    own = own_files()
    found = {
        "version": version(),
        "scenario": {
            "name": name or scenario.name,
            "title": scenario.title,
            "status": scenario.status,
            "digest": scenario.digest,
        },
        "seeds": sorted(int(seed) for seed in seeds),
        "code_sha256": code_hash(),
        "data_sha256": data_hashes(),
        **({"project_sha256": own} if own else {}),
    }
    return {"run_id": identity(found), **found}


def identity(found: Mapping[str, Any]) -> str:
    """Return the run id that follows from what a marker or a manifest says: 12 hexadecimal digits."""
    parts = {
        "scenario": found["scenario"]["digest"],
        "seeds": found["seeds"],
        "version": found["version"],
        "code": found["code_sha256"],
        "data": found["data_sha256"],
    }
    return short(hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest())


def run_id(scenario: Scenario, seeds: Sequence[int]) -> str:
    """Return what identifies this run: 12 hexadecimal digits.

    Parameters
    ----------
    scenario : Scenario
        The resolved scenario.
    seeds : sequence of int
        The seeds of the members.
    """
    return str(about(scenario, seeds)["run_id"])


def difference(mine: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Return in words why a run that was found is not this one; empty when it is."""
    if found.get("run_id") == mine["run_id"]:
        return ""
    scenario = found.get("scenario")
    if not isinstance(scenario, Mapping) or scenario.get("digest") != mine["scenario"]["digest"]:
        name = scenario.get("name") if isinstance(scenario, Mapping) else None
        return f"it has another run, of the scenario {name}" if name else "it has another run"
    if found.get("seeds") != mine["seeds"]:
        return f"it has another run: the same scenario, but {_seeds(found.get('seeds') or ())}"
    if found.get("data_sha256") != mine["data_sha256"]:
        return "it has another run: the same scenario and seeds, but other data files"
    if found.get("project_sha256") != mine.get("project_sha256"):
        return "it has another run: the same scenario and seeds, but other items of your own (project folder, Python)"
    return f"it has another run: the same scenario and seeds, by other code: {maker(found)}; this is {maker()}"


def _seeds(seeds: Sequence[int]) -> str:
    """Return seeds for an error: ``seeds 1-8``; their number where they do not follow each other."""
    if len(seeds) < 2:
        return f"seed {seeds[0]}" if seeds else "no seeds"
    follow = list(seeds) == list(range(seeds[0], seeds[0] + len(seeds)))
    return f"seeds {seeds[0]}-{seeds[-1]}" if follow else f"{len(seeds)} seeds"


def maker(found: Mapping[str, Any] | None = None) -> str:
    """Return which program wrote a folder, and when, as far as its marker or manifest says; without one, which this is.

    Two programs that call themselves the same version are distinguished by the hash of their code.
    """
    if found is None:
        return f"version {version()}, code {short(code_hash())}"
    code = str(found.get("code_sha256") or "")
    program = f"version {found.get('version', '?')}" + (f", code {short(code)}" if code else "")
    written = str(found.get("written") or "")[:10]
    return f"{program}, written on {written}" if written else program


def default_folder(scenario: Scenario, seeds: Sequence[int]) -> Path:
    """Return where a run is stored unless the user says: ``runs/<scenario>-<hash>``."""
    name = "".join(char if char.isalnum() or char in "-_" else "-" for char in Path(scenario.name).name)
    return Path("runs") / f"{name}-{run_id(scenario, seeds)}"


def _belongs(path: Path) -> bool:
    """Return whether a file is part of the program: shipped scenarios count through their digest alone."""
    inside = path.relative_to(_PACKAGE).parts
    return inside[0] != "scenarios" and "__pycache__" not in inside


def _sha256(files: Iterable[Path]) -> str:
    """Return the SHA-256 of some files, names included."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of one file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def short(digest: str) -> str:
    """Return as much of a hash as a file name or a footer shows."""
    return digest[:_SHORT]

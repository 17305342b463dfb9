"""What makes two runs the same run: the resolved scenario, the seeds, the program and its data."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

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


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Return the SHA-256 of the program's own source: a run half done by other code is another run."""
    return _sha256(sorted(path for path in _PACKAGE.rglob("*.py") if _belongs(path)))


def run_id(scenario: Scenario, seeds: Sequence[int]) -> str:
    """Return what tells this run from every other: 12 hexadecimal digits.

    Parameters
    ----------
    scenario : Scenario
        The resolved scenario.
    seeds : sequence of int
        The seeds of the members.
    """
    what = {
        "scenario": scenario.digest,
        "seeds": sorted(int(seed) for seed in seeds),
        "version": version(),
        "code": code_hash(),
        "data": data_hashes(),
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:_SHORT]


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
    return hashlib.sha256(path.read_bytes()).hexdigest()


def short(digest: str) -> str:
    """Return as much of a hash as a file name or a footer shows."""
    return digest[:_SHORT]

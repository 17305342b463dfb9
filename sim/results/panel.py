"""What one arm of one member reports, and its file on disk.

Each member of an ensemble is stored on its own as soon as it is done, so that a run killed at any moment
loses none.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sim.decisions import Decision, from_data, to_data
from sim.errors import RunError
from sim.metrics.registry import METRICS
from sim.results.files import write_bytes
from sim.sampled import Sampled, from_text, to_text

ARMS = ("baseline", "policy")
MEMBER_VERSION = 4
_MAPPED = 16_000_000  # bytes from which a member is left on the disk: an ensemble may outgrow the memory
_PART = 4_000_000  # bytes that are checked at a time
_SEAL = 14  # bytes of the checksum at the end of a member's file
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed time stamp: the same data give the same bytes

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Axes:
    """The labels along every dimension of a run.

    Attributes
    ----------
    dates : tuple of str
        ``YYYY-MM-DD``, one a day.
    states, platforms, groups : tuple of str
        Alpha-2 codes, names of the fact table, and groups such as ``US``, ``US<-CN`` and ``family:US<-CN``.
    ways : tuple of str
        The ways in which a tie can come back.
    """

    dates: tuple[str, ...]
    states: tuple[str, ...]
    platforms: tuple[str, ...]
    groups: tuple[str, ...]
    ways: tuple[str, ...]

    def labels(self, dim: str) -> tuple[str, ...]:
        """Return the labels along a dimension that a metric may have."""
        by_dim = {
            "date": self.dates,
            "state": self.states,
            "partner": self.states,
            "platform": self.platforms,
            "source": self.platforms,
            "group": self.groups,
            "way": self.ways,
        }
        return by_dim[dim]

    def shape(self, metric: str) -> tuple[int, ...]:
        """Return the shape that the array of a metric must have, the date first where it has one."""
        declared = METRICS[metric]
        dims = declared.dims if declared.kind == "total" else ("date", *declared.dims)
        return tuple(len(self.labels(dim)) for dim in dims)


@dataclass(frozen=True)
class ArmData:
    """Everything that one arm of one member reports.

    Attributes
    ----------
    seed : int
        The seed of the member; both arms share it.
    arm : {"baseline", "policy"}
        Without or with the scenario's policies.
    axes : Axes
        The labels along the dimensions.
    arrays : mapping of str to (date, ...) float64
        One array a metric, in the unit that the metric declares; a metric of kind ``total`` has no date axis.
    cells : mapping of str to int
        Simulated people of each group. It may also hold a finer count under ``STATE/PLATFORM`` (simulated
        users of a platform in a state) or under a pair such as ``US~CN`` (simulated people with a kin tie
        between the two).
    real : mapping of str to float
        Real people of each group [persons].
    decisions : tuple of Decision
        What states and platforms decided, in the order in which they did, as `Decision.stored` returns it.
    sampled : tuple of Sampled
        How the users of each targeted platform are sampled.
    """

    seed: int
    arm: str
    axes: Axes
    arrays: Mapping[str, Array]
    cells: Mapping[str, int] = field(default_factory=dict)
    real: Mapping[str, float] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    sampled: tuple[Sampled, ...] = ()

    def check(self) -> None:
        """Raise RunError when an array has a name, a shape or a type that its metric does not declare."""
        if self.arm not in ARMS:
            raise RunError(f"an arm is called '{self.arm}'; it must be one of {', '.join(ARMS)}")
        known = METRICS.among(self.arrays)
        for name, array in self.arrays.items():
            if name not in known:
                raise RunError(f"the metric '{name}' is not declared in sim/metrics/registry.py")
            if array.shape != self.axes.shape(name):
                raise RunError(f"the metric '{name}' has shape {array.shape}; {self.axes.shape(name)} was declared")
            if array.dtype != np.float64:
                raise RunError(f"the metric '{name}' is held as {array.dtype}; float64 was declared")

    def same_as(self, other: ArmData) -> bool:
        """Return whether two arms are identical, bit for bit."""
        alike = (
            self.seed,
            self.arm,
            self.axes,
            dict(self.cells),
            dict(self.real),
            sorted(self.arrays),
            self.decisions,
            self.sampled,
        ) == (
            other.seed,
            other.arm,
            other.axes,
            dict(other.cells),
            dict(other.real),
            sorted(other.arrays),
            other.decisions,
            other.sampled,
        )
        return alike and all(a.tobytes() == other.arrays[name].tobytes() for name, a in self.arrays.items())


Pair = tuple[ArmData, ArmData]


def member_path(folder: Path, seed: int) -> Path:
    """Return where the member of a seed is stored in the folder of members."""
    return folder / f"seed-{seed}.npz"


def write_member(folder: Path, baseline: ArmData, policy: ArmData) -> Path:
    """Store one member, both arms in one file, whole or not at all; return its path.

    Raises
    ------
    RunError
        When an array is not what its metric declares, or the disk is full.
    """
    for arm in (baseline, policy):
        arm.check()
    if (baseline.arm, policy.arm) != ARMS or baseline.seed != policy.seed or baseline.axes != policy.axes:
        raise RunError("a member must be a baseline and a policy arm with the same seed and axes")
    path = member_path(folder, baseline.seed)
    write_bytes(path, pack_member(baseline, policy))
    return path


def pack_member(baseline: ArmData, policy: ArmData) -> bytes:
    """Return a member as the bytes of an npz file; the same data give the same bytes."""
    axes = baseline.axes
    header = {
        "version": MEMBER_VERSION,
        "seed": baseline.seed,
        "axes": {name: list(getattr(axes, name)) for name in ("dates", "states", "platforms", "groups", "ways")},
        "cells": [dict(sorted(arm.cells.items())) for arm in (baseline, policy)],
        "real": [dict(sorted(arm.real.items())) for arm in (baseline, policy)],
        "sampled": [to_text(arm.sampled) for arm in (baseline, policy)],
        "decisions": [[to_data(decision) for decision in arm.decisions] for arm in (baseline, policy)],
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("header.json", _EPOCH), json.dumps(header, sort_keys=True))
        for arm in (baseline, policy):
            for name in sorted(arm.arrays):
                with archive.open(zipfile.ZipInfo(f"{arm.arm}/{name}.npy", _EPOCH), "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, np.ascontiguousarray(arm.arrays[name]), allow_pickle=False)
    return _sealed(buffer.getvalue())


def _sealed(data: bytes) -> bytes:
    """Return an archive with the checksum of all its bytes as its comment, whose length its last two bytes say."""
    seal = b"crc32 %08x" % zlib.crc32(data)
    return data[:-2] + len(seal).to_bytes(2, "little") + seal


def _check_seal(path: Path) -> None:
    """Raise ValueError where a single bit of a member's file is not as it was written.

    The checksums of the archive's entries are checked only where an entry is read whole, which those of a large member
    are not.
    """
    rest, found = path.stat().st_size - _SEAL - 2, 0
    with path.open("rb") as stream:
        while rest > 0 and (part := stream.read(min(rest, _PART))):
            found, rest = zlib.crc32(part, found), rest - len(part)
        end = stream.read()
    found = zlib.crc32(b"\0\0", found)  # an archive without a comment ends so
    if end != _SEAL.to_bytes(2, "little") + b"crc32 %08x" % found:
        raise ValueError("its checksum is not that of its bytes")


def read_member(path: Path) -> Pair:
    """Return the baseline and the policy arm of a stored member; the arrays of a large one stay on the disk.

    Raises
    ------
    RunError
        When the file is not a member's, or is damaged.
    """
    try:
        _check_seal(path)
        with zipfile.ZipFile(path) as archive:
            header = json.loads(archive.read("header.json"))
            if header["version"] != MEMBER_VERSION:
                raise RunError(f"{path} was written by another version; delete it to compute it again")
            axes = Axes(**{name: tuple(labels) for name, labels in header["axes"].items()})
            arrays = _arrays(archive, path)
        arms = [
            ArmData(
                seed=int(header["seed"]),
                arm=arm,
                axes=axes,
                arrays=arrays[arm],
                cells=header["cells"][i],
                real=header["real"][i],
                decisions=tuple(map(from_data, header["decisions"][i])),
                sampled=from_text(header["sampled"][i]),
            )
            for i, arm in enumerate(ARMS)
        ]
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, RecursionError) as error:
        raise RunError(
            f"{path} cannot be read as a member of a run ({error}); delete it to compute it again"
        ) from error
    return arms[0], arms[1]


def _arrays(archive: zipfile.ZipFile, path: Path) -> dict[str, dict[str, Array]]:
    """Return the arrays of both arms by name."""
    found: dict[str, dict[str, Array]] = {arm: {} for arm in ARMS}
    mapped = _map(path) if path.stat().st_size > _MAPPED else None
    for entry in archive.infolist():
        arm, _, name = entry.filename.removesuffix(".npy").partition("/")
        if arm not in found:
            continue
        with archive.open(entry) as stream:
            if mapped is None:
                found[arm][name] = np.lib.format.read_array(stream, allow_pickle=False)
                continue
            np.lib.format.read_magic(stream)
            shape, _fortran, kind = np.lib.format.read_array_header_1_0(stream)
            size = int(np.prod(shape)) * kind.itemsize
            # The entries are stored as they are: the payload ends where the entry does.
            end = _entry_start(mapped, entry) + entry.file_size
            found[arm][name] = mapped[end - size : end].view(kind).reshape(shape)
    return found


def _map(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]] | None:
    """Return a file's bytes without reading them; None where the system allows no more open files."""
    try:
        return np.memmap(path, dtype=np.uint8, mode="r")
    except OSError:
        return None


def _entry_start(data: np.ndarray[Any, np.dtype[np.uint8]], entry: zipfile.ZipInfo) -> int:
    """Return where an archive's entry begins: after a header of 30 bytes, its name and an extra field."""
    head = data[entry.header_offset + 26 : entry.header_offset + 30].tobytes()
    return entry.header_offset + 30 + int.from_bytes(head[:2], "little") + int.from_bytes(head[2:], "little")

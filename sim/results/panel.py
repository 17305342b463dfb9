"""The data of one arm of one member, and its file on disk.

Each member of an ensemble is stored as soon as it is done, so that a killed run loses no finished member.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from sim.decisions import Decision, from_data, to_data
from sim.errors import RunError
from sim.groups import Sampled, sampled_from_text, sampled_to_text
from sim.metrics.registry import METRICS
from sim.results.archive import EPOCH, arrays_in, check_seal, put, sealed
from sim.results.files import write_whole
from sim.results.kin_history import MemberTies
from sim.results.stored_arrays import form, is_steady

ARMS = ("baseline", "policy")
MEMBER_VERSION = 6
_TIES, _PACKED = "ties", "packed"  # places of the kin ties, and of what a panel holds, in a member's file

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
    ties : MemberTies or None
        The kin ties abroad one by one, in both arms; with the policy arm of a run that keeps them.
    """

    seed: int
    arm: str
    axes: Axes
    arrays: Mapping[str, Array]
    cells: Mapping[str, int] = field(default_factory=dict)
    real: Mapping[str, float] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    sampled: tuple[Sampled, ...] = ()
    ties: MemberTies | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process is sent: of a metric that is the same on all days, one day and their number."""
        kept: Any = self.arrays
        if isinstance(kept, dict):
            kept = {name: (a[:1], len(a)) if is_steady(kept, name) else a for name, a in kept.items()}
        return {**self.__dict__, "arrays": kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over what `__getstate__` returned."""
        kept = state["arrays"]
        if isinstance(kept, dict):
            kept = {name: _on_all_days(*a) if isinstance(a, tuple) else a for name, a in kept.items()}
        self.__dict__.update({**state, "arrays": kept})

    def check(self) -> None:
        """Raise RunError when an array has a name, a shape or a type that its metric does not declare."""
        if self.arm not in ARMS:
            raise RunError(f"an arm is called '{self.arm}'; it must be one of {', '.join(ARMS)}")
        known = METRICS.among(self.arrays)
        for name in self.arrays:
            if name not in known:
                raise RunError(f"the metric '{name}' is not declared in sim/metrics")
            shape, dtype = form(self.arrays, name)
            if shape != self.axes.shape(name):
                raise RunError(f"the metric '{name}' has shape {shape}; {self.axes.shape(name)} was declared")
            if dtype != np.float64:
                raise RunError(f"the metric '{name}' is held as {dtype}; float64 was declared")

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

Packed = Mapping[str, Sequence[bytes]]
"""The arrays of a member as a panel holds them, by metric: the baseline arm's and the policy arm's."""


def member_path(folder: Path, seed: int) -> Path:
    """Return where the member of a seed is stored in the folder of members."""
    return folder / f"seed-{seed}.npz"


def write_member(folder: Path, baseline: ArmData, policy: ArmData, packed: Packed | None = None) -> Path:
    """Store one member, both arms in one file, whole or not at all; return its path.

    Parameters
    ----------
    folder : Path
    baseline, policy : ArmData
    packed : Packed, optional
        The member in packed form, as `sim.results.arrays.pack` returns it. The process that ran a member packs it in
        half the time of a process that must read it first.

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
    write_whole(path, lambda stream: _write_arms(stream, baseline, policy, packed))
    return path


def pack_member(baseline: ArmData, policy: ArmData, packed: Packed | None = None) -> memoryview:
    """Return a member as the bytes of an npz file; the same data give the same bytes."""
    buffer = io.BytesIO()
    _write_arms(buffer, baseline, policy, packed)
    return buffer.getbuffer()


def _write_arms(stream: BinaryIO, baseline: ArmData, policy: ArmData, packed: Packed | None) -> None:
    """Write a member into a stream as an npz file."""
    axes = baseline.axes
    header = {
        "version": MEMBER_VERSION,
        "seed": baseline.seed,
        "axes": {name: list(getattr(axes, name)) for name in ("dates", "states", "platforms", "groups", "ways")},
        "cells": [dict(sorted(arm.cells.items())) for arm in (baseline, policy)],
        "real": [dict(sorted(arm.real.items())) for arm in (baseline, policy)],
        "sampled": [sampled_to_text(arm.sampled) for arm in (baseline, policy)],
        "decisions": [[to_data(decision) for decision in arm.decisions] for arm in (baseline, policy)],
        # Each is stored as one day: most metrics of a baseline arm, and two thirds of all numbers.
        "steady": [[name for name in sorted(arm.arrays) if is_steady(arm.arrays, name)] for arm in (baseline, policy)],
    }
    with sealed(stream) as archive:
        archive.writestr(zipfile.ZipInfo("header.json", EPOCH), json.dumps(header, sort_keys=True))
        for arm in (baseline, policy):
            for name in sorted(arm.arrays):
                whole = arm.arrays[name]
                put(archive, f"{arm.arm}/{name}", whole[:1] if is_steady(arm.arrays, name) else whole)
        for name, array in policy.ties.to_arrays().items() if policy.ties is not None else ():
            put(archive, f"{_TIES}/{name}", array)
        for name, chunks in (packed or {}).items():
            for place, chunk in zip(ARMS, chunks, strict=True):
                archive.writestr(zipfile.ZipInfo(f"{_PACKED}/{place}/{name}", EPOCH), chunk)


def packed_in(path: Path) -> Packed | None:
    """Return the arrays of a stored member as a panel holds them; None where they are not stored so."""
    found: dict[str, dict[str, bytes]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.namelist():
                if entry.startswith(f"{_PACKED}/"):
                    _, arm, name = entry.split("/", 2)
                    found.setdefault(name, {})[arm] = archive.read(entry)
        return {name: [chunks[arm] for arm in ARMS] for name, chunks in found.items()} or None
    except (OSError, zipfile.BadZipFile, KeyError, ValueError):
        return None


def has_ties(path: Path) -> bool:
    """Return whether a stored member holds its kin ties one by one; not where it cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith(f"{_TIES}/") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def read_member(path: Path, *, checked: bool = False) -> Pair:
    """Return the baseline and the policy arm of a stored member; the arrays of a large one stay on the disk.

    Parameters
    ----------
    path : Path
    checked : bool
        Whether the caller knows that every byte is as it was written: to check it, all of them are read.

    Raises
    ------
    RunError
        When the file is not a member's, or is damaged.
    """
    try:
        if not checked:
            check_seal(path)
        with zipfile.ZipFile(path) as archive:
            header = json.loads(archive.read("header.json"))
            if header["version"] != MEMBER_VERSION:
                raise RunError(f"{path} was written by another version; delete it to compute it again")
            axes = Axes(**{name: tuple(labels) for name, labels in header["axes"].items()})
            arrays = arrays_in(archive, path)
        kept = _under(arrays, _TIES)
        ties = MemberTies.from_arrays(kept) if kept else None
        arms = [
            ArmData(
                seed=int(header["seed"]),
                arm=arm,
                axes=axes,
                arrays=_of_all_days(_under(arrays, arm), header["steady"][i], len(axes.dates)),
                cells=header["cells"][i],
                real=header["real"][i],
                decisions=tuple(map(from_data, header["decisions"][i])),
                sampled=sampled_from_text(header["sampled"][i]),
                ties=ties if arm == ARMS[1] else None,
            )
            for i, arm in enumerate(ARMS)
        ]
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, RecursionError) as error:
        raise RunError(
            f"{path} cannot be read as a member of a run ({error}); delete it to compute it again"
        ) from error
    return arms[0], arms[1]


def _of_all_days(arrays: dict[str, Any], steady: Collection[str], days: int) -> dict[str, Any]:
    """Return the arrays of an arm with the only stored day of some metrics standing for all days."""
    return arrays | {name: _on_all_days(arrays[name], days) for name in steady}


def _on_all_days(day: Array, days: int) -> Array:
    """Return an array of one day as that of so many days, a view that takes no room."""
    return np.broadcast_to(day, (days, *day.shape[1:]))


def _under(arrays: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return the arrays of an archive that stand in a place of it, by the rest of their names."""
    return {name.removeprefix(f"{place}/"): array for name, array in arrays.items() if name.startswith(f"{place}/")}

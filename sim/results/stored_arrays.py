"""The arrays of a run that was read back: each is read from the panel when it is first asked for.

A chart takes a few of some seventy metrics. All of them are hundreds of megabytes once they are unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from sim.errors import RunError
from sim.results.hdf5 import open_plain

Array = np.ndarray[Any, np.dtype[np.float64]]
FAULTS = (OSError, KeyError, ValueError, TypeError, IndexError, ArithmeticError, RuntimeError)
"""What reading a damaged panel may raise."""


class OpenPanel:
    """A panel file that stays open as long as somebody may ask for its numbers.

    Parameters
    ----------
    path : Path
        The file; that nothing in it leads to another file is checked here, through the same open file.

    Raises
    ------
    ForeignDataError, OSError
        As `open_plain`.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._stack, self._lock = path, ExitStack(), Lock()
        self.file: Any = self._stack.enter_context(open_plain(path))
        self._read: dict[str, Array] = {}

    def check(self, name: str, members: int, arms: int) -> None:
        """Raise ValueError where a dataset holds no numbers, or not those of so many members and arms."""
        dataset = self.file[name]
        if dataset.dtype.kind != "f":
            raise ValueError(f"'{name}' holds {dataset.dtype}, not numbers")
        if dataset.shape[:2] != (members, arms):
            raise ValueError(f"'{name}' has shape {dataset.shape}, not that of {members} members and {arms} arms")

    def numbers(self, name: str) -> Array:
        """Return all numbers of a metric, (member, arm, ...); they are read once.

        Raises
        ------
        RunError
            When they cannot be read.
        """
        with self._lock:
            if name not in self._read:
                try:
                    found = np.asarray(self.file[name][...], dtype=np.float64)
                    if self._has_date_last(name):
                        found = np.ascontiguousarray(np.moveaxis(found, -1, 2))
                    self._read[name] = found
                except FAULTS as error:
                    raise RunError(f"{self.path}: '{name}' cannot be read ({error}); run the scenario again") from error
            return self._read[name]

    def packed(self, name: str, place: tuple[int, int]) -> bytes:
        """Return the chunk of an arm's array as it is stored, not unpacked; nothing where it is not one chunk."""
        with self._lock, suppress(*FAULTS):
            dataset = self.file[name]
            if dataset.chunks == (1, 1, *dataset.shape[2:]):
                mask, found = dataset.id.read_direct_chunk((*place, *[0] * (dataset.ndim - 2)))
                return bytes(found) if mask == 0 else b""
        return b""

    def close(self) -> None:
        """Close the file; what has been read stays."""
        self._stack.close()

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of the array of one arm, date first, without reading it."""
        shape = tuple(self.file[name].shape[2:])
        return (shape[-1], *shape[:-1]) if self._has_date_last(name) else shape

    def _has_date_last(self, name: str) -> bool:
        """Return whether a panel holds the days of a metric side by side; one of an older program does not."""
        dims = self.file[name].dims
        return len(dims) > 3 and [each.name for each in dims[len(dims) - 1].values()] == ["/date"]


class StoredArrays(Mapping[str, Array]):
    """The arrays of one arm of one member, by metric.

    Parameters
    ----------
    panel : OpenPanel
    names : tuple of str
        The metrics.
    place : (int, int)
        The numbers of the member and of the arm.
    """

    def __init__(self, panel: OpenPanel, names: tuple[str, ...], place: tuple[int, int]) -> None:
        self._panel, self._names, self._place = panel, dict.fromkeys(names), place
        self._mine: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        mine = self._mine.get(name)
        if mine is None:
            if name not in self._names:
                raise KeyError(name)
            mine = self._mine[name] = self._panel.numbers(name)[*self._place, ...]
        return mine

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what another process needs: the numbers, not the open file."""
        return dict, (dict(self),)

    def packed(self, name: str) -> bytes:
        """Return the bytes of an array as they are stored; those of equal arrays are equal, if one program wrote them.

        Nothing is returned where they are not one chunk.
        """
        return self._panel.packed(name, self._place)

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of an array without reading it."""
        return self._panel.shape(name)


def form(arrays: Mapping[str, Array], name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return the shape and the type of an array; nothing is read for it."""
    if isinstance(arrays, StoredArrays):
        return arrays.shape(name), np.dtype(np.float64)
    return arrays[name].shape, arrays[name].dtype


def same_array(mine: Mapping[str, Array], theirs: Mapping[str, Array], name: str) -> bool:
    """Return whether two arms have the same array of a metric, NaN where NaN; equal stored bytes are not unpacked."""
    if isinstance(mine, StoredArrays) and isinstance(theirs, StoredArrays):
        packed = mine.packed(name)
        if packed and mine.shape(name) == theirs.shape(name) and packed == theirs.packed(name):
            return True
    return np.array_equal(mine[name], theirs[name], equal_nan=True)

"""The arrays of a stored run: each is read from the panel on first use.

A chart needs a few of about seventy metrics. All of them take hundreds of megabytes when they are unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
        self._forms: dict[str, tuple[tuple[int, ...], bool]] = {}

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
                found = self._all(name)
                self._read[name] = np.ascontiguousarray(np.moveaxis(found, -1, 2)) if self._form(name)[1] else found
            return self._read[name]

    def days_last(self, name: str) -> Array:
        """Return all numbers of a metric, (member, arm, ..., day), as most panels hold them; they are not kept.

        Raises
        ------
        RunError
            When they cannot be read.
        """
        with self._lock:
            found = self._all(name)
            return found if self._form(name)[1] else np.ascontiguousarray(np.moveaxis(found, 2, -1))

    def _all(self, name: str) -> Array:
        """Return all numbers of a metric as the file holds them."""
        try:
            return np.asarray(self.file[name][...], dtype=np.float64)
        except FAULTS as error:
            raise RunError(f"{self.path}: '{name}' cannot be read ({error}); run the scenario again") from error

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
        return self._form(name)[0]

    def _form(self, name: str) -> tuple[tuple[int, ...], bool]:
        """Return the shape of the array of one arm, date first, and whether the panel holds its days side by side.

        A panel of an older program does not. Each metric is looked up once: members and arms are all alike.
        """
        if name not in self._forms:
            dataset = self.file[name]
            shape, dims = tuple(dataset.shape[2:]), dataset.dims
            last = len(dims) > 3 and [each.name for each in dims[len(dims) - 1].values()] == ["/date"]
            self._forms[name] = (shape[-1], *shape[:-1]) if last else shape, last
        return self._forms[name]


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

    @property
    def where(self) -> tuple[OpenPanel, tuple[int, int]]:
        """The panel that holds the arrays, and the numbers of the member and of the arm."""
        return self._panel, self._place

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of an array without reading it."""
        return self._panel.shape(name)


def last_day(arms: Sequence[Mapping[str, Array]], name: str) -> Array:
    """Return the last day of a metric of some arms, (arm, ...).

    Parameters
    ----------
    arms : sequence of mapping of str to Array
        The arrays of each arm.
    name : str
        A metric that has days.
    """
    if _together(arms):
        return days_last(arms, name)[..., -1]
    return np.stack([arm[name][-1] for arm in arms])


def days_last(arms: Sequence[Mapping[str, Array]], name: str) -> Array:
    """Return a metric of some arms, (arm, ..., day), where numbers of one cell stand side by side.

    Parameters
    ----------
    arms : sequence of mapping of str to Array
        The arrays of each arm.
    name : str
        A metric that has days.
    """
    stored = _together(arms)
    if stored:
        # The file has its numbers in this order; transposing them twice takes longer than reading them.
        whole, places = stored[0][0].days_last(name), [place for _, place in stored]
        if places == list(np.ndindex(*whole.shape[:2])):
            return whole.reshape(-1, *whole.shape[2:])
        return np.stack([whole[place] for place in places])
    days, *others = arms[0][name].shape
    out = np.empty((len(arms), *others, days))
    for one, arm in zip(out, arms, strict=True):
        one[:] = np.moveaxis(arm[name], 0, -1)
    return out


def _together(arms: Sequence[Mapping[str, Array]]) -> list[tuple[OpenPanel, tuple[int, int]]]:
    """Return where the arms are stored, if they are all in one panel; else nothing."""
    stored = [arm.where for arm in arms if isinstance(arm, StoredArrays)]
    return stored if len(stored) == len(arms) and len({id(panel) for panel, _ in stored}) == 1 else []


def form(arrays: Mapping[str, Array], name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return the shape and the type of an array; nothing is read for it."""
    if isinstance(arrays, StoredArrays):
        return arrays.shape(name), np.dtype(np.float64)
    return arrays[name].shape, arrays[name].dtype


def is_steady(arrays: Mapping[str, Array], name: str) -> bool:
    """Return whether an array is one day that stands for all, as `sim.engine.record` holds what does not change."""
    if isinstance(arrays, StoredArrays):
        return False
    array = arrays[name]
    return array.ndim > 0 and len(array) > 1 and array.strides[0] == 0


def same_array(mine: Mapping[str, Array], theirs: Mapping[str, Array], name: str) -> bool:
    """Return whether two arms have the same array of a metric, NaN where NaN; equal stored bytes are not unpacked."""
    if isinstance(mine, StoredArrays) and isinstance(theirs, StoredArrays):
        packed = mine.packed(name)
        if packed and mine.shape(name) == theirs.shape(name) and packed == theirs.packed(name):
            return True
    return np.array_equal(mine[name], theirs[name], equal_nan=True)

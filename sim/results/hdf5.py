"""Opening an HDF5 file from an unknown source: nothing in it may refer to another file.

An HDF5 file can keep its numbers in other files: by soft and external links, by external storage, as a virtual dataset,
or through a filter of a plug-in. A run's panel needs none of these, and reading one would copy the bytes of another
file of the user into tables and charts. Everything is checked before a number is read, through the same open file, so
that nothing can change in between.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FILTERS = {1, 2, 3}  # deflate, shuffle, Fletcher's checksum: part of the library, no plug-in
_MOST_PACKED = 1_100  # times that deflate can pack something: its limit is 1,032
_SMALL = 1_000_000  # bytes that a dataset may have without anything stored for it


class ForeignDataError(ValueError):
    """The file would read another file, or claims to hold more than it can."""


@contextmanager
def open_plain(path: Path) -> Iterator[Any]:
    """Open an HDF5 file for reading, after checking that all its data are in it.

    Parameters
    ----------
    path : Path
        A file with datasets at its root and no groups, as a panel has.

    Yields
    ------
    h5py.File

    Raises
    ------
    ForeignDataError
        When it holds a link, a group, external storage, a virtual dataset, a filter that is no part of HDF5, or claims
        more numbers than its bytes can hold.
    OSError
        When it is no HDF5 file.
    """
    import h5py

    with h5py.File(path, "r") as file:
        for name in file:
            _check_link(file, name)
            _check_dataset(file[name], name)
        yield file


def _check_link(file: Any, name: str) -> None:
    """Raise ForeignDataError where a name is no dataset of this file; nothing is followed to find out."""
    import h5py

    link = file.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        raise ForeignDataError(f"'{name}' is a link to another file, {link.filename!r}")
    if not isinstance(link, h5py.HardLink):
        raise ForeignDataError(f"'{name}' is a link, not a dataset")
    if file.get(name, getclass=True) is not h5py.Dataset:
        raise ForeignDataError(f"'{name}' is no dataset")


def _check_dataset(dataset: Any, name: str) -> None:
    """Raise ForeignDataError where the numbers of a dataset are not in its own file."""
    made = dataset.id.get_create_plist()
    if made.get_external_count() > 0:
        raise ForeignDataError(f"the numbers of '{name}' are in another file, {made.get_external(0)[0]!r}")
    if dataset.is_virtual:
        raise ForeignDataError(f"'{name}' is a virtual dataset: its numbers are elsewhere")
    for number in range(made.get_nfilters()):
        if (code := made.get_filter(number)[0]) not in _FILTERS:
            raise ForeignDataError(f"'{name}' needs the filter {code}, which is no part of HDF5")
    size = math.prod(dataset.shape or (0,)) * dataset.dtype.itemsize
    if size > _SMALL and size > _MOST_PACKED * dataset.id.get_storage_size():
        raise ForeignDataError(f"'{name}' claims {size:,} bytes, more than the file can hold")

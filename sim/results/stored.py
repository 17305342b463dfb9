"""Runs in NetCDF files: both arms of some members in one file, written by h5py and read only after a check.

A finished member and the panel of a whole run are files of the same form (`panel_bytes`, `read_panel`). The date is the
last dimension in the file: most numbers equal those of the day before, and side by side they take half the room.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ..core.groups import Sampled
from ..decisions import from_data, to_data
from ..errors import RunError, commands_in
from ..metrics.registry import METRICS
from .panel import ARMS, ArmData, Array, Axes, Pair, attributes_of, labels_of, metrics_held, people_of

COMPRESSION: Mapping[str, Any] = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
_FILTERS = {1, 2, 3}  # deflate, shuffle, Fletcher's checksum: part of HDF5, no plug-in
_MOST_COMPRESSED = 1_100  # times that deflate can compress something: its limit is 1,032
_SMALL = 1_000_000  # bytes that a dataset may claim without anything stored for it
_MOST_HELD = 100_000_000  # bytes that the arrays of one arm of one member may keep in memory (assumption)
DAMAGE = (
    OSError,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    ArithmeticError,
    RuntimeError,
    AttributeError,
)
"""Errors that reading a damaged or forged file may raise."""


# --- writing ---------------------------------------------------------------------------------------------


def netcdf_bytes(fill: Callable[[Any], None], attributes: Mapping[str, str]) -> bytes:
    """Return a NetCDF file, made in memory.

    Parameters
    ----------
    fill : callable
        Takes the open `h5py.File` and adds its variables.
    attributes : mapping of str to str
        Attributes of the file: title, scenario, status, version.
    """
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        file.attrs.update({"Conventions": "CF-1.8", **attributes})
        fill(file)
        file.flush()
        return bytes(file.id.get_file_image())


def add_variable(file: Any, name: str, dims: Sequence[str], data: Any = None, **storage: Any) -> Any:
    """Add a variable to an open file and return it; one with its own name as dimension holds the labels along it.

    Parameters
    ----------
    file : h5py.File
    name : str
    dims : sequence of str
        Dimensions, whose labels are in the file already.
    data : array-like, optional
        Numbers or texts; without them, ``shape`` and ``dtype`` must be among the keywords.
    **storage
        Passed to `h5py.Group.create_dataset`.
    """
    if data is not None:
        data = np.asarray(data)
        if data.dtype.kind in "OU":
            data, storage["dtype"] = data.astype(object), h5py.string_dtype()
    variable = file.create_dataset(name, data=data, **storage)
    if tuple(dims) == (name,):
        variable.make_scale(name)
    else:
        for axis, dim in zip(variable.dims, dims, strict=True):
            axis.attach_scale(file[dim])
    return variable


def panel_bytes(members: Sequence[Pair], attributes: Mapping[str, str] | None = None) -> bytes:
    """Return members as a NetCDF file.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
        Arrays that are stored in another panel are copied as they are compressed there.
    attributes : mapping of str to str, optional
        Attributes of the file: scenario, status, version.
    """

    def fill(file: Any) -> None:
        labels = labels_of(members)
        days = (labels["date"] - labels["date"][0]).astype("timedelta64[D]").astype(np.int64)
        for dim, values in labels.items():
            add_variable(file, dim, (dim,), days if dim == "date" else values)
        first = np.datetime_as_string(labels["date"][0], unit="D")
        file["date"].attrs.update({"units": f"days since {first}", "calendar": "proleptic_gregorian"})
        add_variable(
            file, "sampled_users", ("seed",), [json.dumps([asdict(row) for row in base.sampled]) for base, _ in members]
        )
        decisions = [json.dumps([to_data(made) for made in policy.decisions]) for _, policy in members]
        add_variable(file, "decisions", ("seed",), decisions)
        for name, (dim, numbers) in people_of(members).items():
            add_variable(file, name, ("seed", "arm", dim), numbers)
        for name in metrics_held(members):
            total = METRICS[name].kind == "total"
            dims = ("seed", "arm", *METRICS[name].dims, *(() if total else ("date",)))
            shape = tuple(len(labels[dim]) for dim in dims)
            packing = {} if 0 in shape else {**COMPRESSION, "chunks": (1, 1, *shape[2:])}
            variable = add_variable(file, name, dims, shape=shape, dtype="<f8", **packing)
            variable.attrs.update(attributes_of(name))
            for i, a in product(range(len(members)), range(len(ARMS))) if variable.size else ():
                arrays = members[i][a].arrays
                chunk = arrays.compressed(name) if isinstance(arrays, StoredArrays) else b""
                chunk = chunk or _compressed(arrays[name] if total else np.moveaxis(arrays[name], 0, -1))
                variable.id.write_direct_chunk((i, a, *[0] * (len(dims) - 2)), chunk)

    return netcdf_bytes(fill, {"title": "splinternet panel", **(attributes or {})})


def _compressed(array: Array) -> bytes:
    """Return the array of one arm as HDF5 stores it under `COMPRESSION`; panels are put together from such chunks."""
    with h5py.File("chunk", "w", driver="core", backing_store=False) as file:
        shape = (1, 1, *array.shape)
        chunk = file.create_dataset("chunk", data=array.reshape(shape), chunks=shape, **COMPRESSION)
        return bytes(chunk.id.read_direct_chunk((0,) * len(shape))[1])


# --- reading ---------------------------------------------------------------------------------------------


class StoredArrays(Mapping[str, Array]):
    """The arrays of one arm in a file that stays open: a chart needs few of some sixty metrics.

    Parameters
    ----------
    file : h5py.File
    names : sequence of str
        The metrics.
    place : (int, int)
        The numbers of the member and of the arm.
    """

    def __init__(self, file: Any, names: Sequence[str], place: tuple[int, int]) -> None:
        self._file, self._names, self._place = file, dict.fromkeys(names), place
        self._arrays: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        """Return the array of a metric, read on the first use.

        Raises
        ------
        RunError
            When it cannot be read.
        """
        if name in self._arrays:
            self._arrays[name] = self._arrays.pop(name)  # used last, so dropped last
        else:
            if name not in self._names:
                raise KeyError(name)
            try:
                array = np.asarray(self._file[name][self._place], np.float64)
            except DAMAGE as error:
                path = self._file.filename if self._file else "the panel"
                raise RunError(f"{path}: '{name}' cannot be read ({error}); run the scenario again") from error
            if METRICS[name].kind != "total":
                array = np.ascontiguousarray(np.moveaxis(array, -1, 0))
                bits = array.view(np.int64)
                if len(array) > 1 and (bits == bits[:1]).all():  # one day stands for all, and takes little memory
                    array = np.broadcast_to(array[0].copy(), array.shape)
            array.setflags(write=False)
            self._arrays[name] = array
            while len(self._arrays) > 1 and self.held_bytes > _MOST_HELD:  # all of a long run would not fit
                self._arrays.pop(next(iter(self._arrays)))  # unused for longest
        return self._arrays[name]

    @property
    def held_bytes(self) -> int:
        """Memory of the arrays that are kept [bytes]; one that repeats a single day counts nothing."""
        return sum(held.nbytes for held in self._arrays.values() if 0 not in held.strides)

    def __contains__(self, name: object) -> bool:
        """Return whether the file has a metric, without reading it."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the metrics."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return the number of metrics."""
        return len(self._names)

    def compressed(self, name: str) -> bytes:
        """Return an array as it is stored in the file; nothing where it is not one chunk of the form written here."""
        with suppress(*DAMAGE):
            variable = self._file[name]
            packing = (variable.chunks, variable.compression, variable.shuffle)
            if packing == ((1, 1, *variable.shape[2:]), "gzip", True):
                mask, chunk = variable.id.read_direct_chunk((*self._place, *[0] * (variable.ndim - 2)))
                return bytes(chunk) if mask == 0 else b""
        return b""


def read_panel(path: Path) -> tuple[list[Pair], dict[str, str]]:
    """Return the members in a file that `panel_bytes` made, and its attributes; metrics are read when they are used.

    Raises
    ------
    RunError
        When it is no such file, is damaged, or leads to other files.
    """
    try:
        file = open_hdf5(path)
        first = np.datetime64(str(file["date"].attrs["units"]).removeprefix("days since "), "D")
        axes = Axes(
            dates=tuple(np.datetime_as_string(first + file["date"][...].astype(np.int64), unit="D").tolist()),
            **{f"{dim}s": read_texts(file[dim]) for dim in ("state", "platform", "group", "way")},
        )
        seeds = [int(seed) for seed in file["seed"][...]]
        names, arms = METRICS.among(list(file)), (len(seeds), len(ARMS))
        labels = {"simulated_people": read_texts(file["cell"]), "real_people": read_texts(file["people_group"])}
        shapes: dict[str, tuple[int, ...]] = {name: (*arms, len(keys)) for name, keys in labels.items()}
        for name in names:
            shape, total = axes.shape(name), METRICS[name].kind == "total"
            shapes[name] = (*arms, *(shape if total else (*shape[1:], shape[0])))
        for name, shape in shapes.items():
            if (held := file[name]).dtype != np.float64 or held.shape != shape:
                raise ValueError(f"'{held.name}' holds {held.dtype} of shape {held.shape}, not float64 of {shape}")
        people = {name: file[name][...] for name in labels}
        sampled = [tuple(Sampled(**row) for row in json.loads(text)) for text in read_texts(file["sampled_users"])]
        decisions = [tuple(map(from_data, json.loads(text))) for text in read_texts(file["decisions"])]
        attributes = {key: str(value) for key, value in file.attrs.items() if isinstance(value, str)}
    except DAMAGE as error:
        raise RunError(f"{path} cannot be read as a panel of results ({error}); run the scenario again") from error

    def arm_at(i: int, a: int) -> ArmData:
        cells, real = (
            {key: n for key, n in zip(keys, people[name][i, a].tolist(), strict=True) if not math.isnan(n)}
            for name, keys in labels.items()
        )
        return ArmData(
            seeds[i], ARMS[a], axes, StoredArrays(file, names, (i, a)),
            {key: int(n) for key, n in cells.items()}, real, decisions[i] if a else (), sampled[i],
        )  # fmt: skip

    return [(arm_at(i, 0), arm_at(i, 1)) for i in range(len(seeds))], attributes


def read_texts(variable: Any) -> tuple[str, ...]:
    """Return the texts of a dataset; ValueError where one could not be printed."""
    texts = tuple(str(text) for text in variable.asstr()[...].tolist())
    fault = next((fault for text in texts if (fault := commands_in(text))), "")
    if fault:
        raise ValueError(f"a label of '{variable.name}' contains {fault}")
    return texts


def open_hdf5(path: Path) -> Any:
    """Open an HDF5 file for reading, after checking that all its data are in it.

    An HDF5 file can keep its numbers in other files: by soft and external links, by external storage, as a virtual
    dataset, or through a filter of a plug-in. Reading those would copy the bytes of another file of the user into
    tables and charts. Everything is checked before a number is read, through the same open file.

    Parameters
    ----------
    path : Path
        A file with datasets at its root and no groups.

    Returns
    -------
    h5py.File

    Raises
    ------
    RunError
        When it holds a link, a group, external storage, a virtual dataset, a filter that is no part of HDF5, or claims
        more numbers than its bytes can hold.
    OSError
        When it is no HDF5 file.
    """
    file = h5py.File(path, "r")
    for name in file:
        if fault := _foreign_data(file, name):
            file.close()
            raise RunError(
                f"{path} is not the work of this program: '{name}' {fault}. It was not read: it could copy your files "
                "into results"
            )
    return file


def _foreign_data(file: Any, name: str) -> str:
    """Return why a name in a file is no dataset whose numbers are all there, "" where it is; nothing is followed."""
    if not isinstance(file.get(name, getlink=True), h5py.HardLink) or file.get(name, getclass=True) != h5py.Dataset:
        return "is a link or a group, not a dataset"
    variable = file[name]
    properties = variable.id.get_create_plist()
    codes = {properties.get_filter(number)[0] for number in range(properties.get_nfilters())}
    size = math.prod(variable.shape or (0,)) * variable.dtype.itemsize
    if properties.get_external_count() or variable.is_virtual:
        return "has its numbers in another file"
    if codes - _FILTERS:
        return f"needs the filter {min(codes - _FILTERS)}, which is no part of HDF5"
    if size > max(_SMALL, _MOST_COMPRESSED * variable.id.get_storage_size()):
        return f"claims {size:,} bytes, more than the file can hold"
    return ""

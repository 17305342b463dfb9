"""The numbers of a run as labelled arrays: of one arm and of all members, in memory and in NetCDF
files.

A finished member and the panel of a whole run are files of the same form (`panel_bytes`,
`read_panel`), written by h5py and read only after a check. The date is the last dimension in the
file: most numbers equal those of the day before, and this order halves the size.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from itertools import chain, product
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from ..core.groups import Group, Sampled, read
from ..decisions import Decision, from_data, to_data
from ..errors import RunError, commands_in
from ..metrics.registry import CONTACT_STEPS, LOSSES, METRICS

if TYPE_CHECKING:
    import xarray as xr

    from .ties import MemberTies

ARMS = ("baseline", "policy")
_DIMS = ("state", "platform", "group", "partner", "way", "source", "loss", "step")
_FIXED: Mapping[str, tuple[str, ...]] = {"loss": LOSSES, "step": CONTACT_STEPS}
"""Labels of the dimensions that are the same in every run."""

Array = np.ndarray[Any, np.dtype[np.float64]]
Cells = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Axes:
    """The labels along every dimension of a run.

    Attributes
    ----------
    dates : tuple of str
        ``YYYY-MM-DD``, one a day.
    states, platforms, groups : tuple of str
        Alpha-2 codes, names of the fact table, and groups such as ``US``, ``US<-CN`` and
        ``family:US<-CN``.
    ways : tuple of str
        The ways in which a tie can come back.
    """

    dates: tuple[str, ...]
    states: tuple[str, ...]
    platforms: tuple[str, ...]
    groups: tuple[str, ...]
    ways: tuple[str, ...]

    def labels(self, dim: str) -> tuple[str, ...]:
        """Return the labels along one of the dimensions of metrics."""
        if dim in _FIXED:
            return _FIXED[dim]
        field_of = {"partner": "states", "source": "platforms"}
        labels: tuple[str, ...] = getattr(self, field_of.get(dim, f"{dim}s"))
        return labels

    def shape(self, metric: str) -> tuple[int, ...]:
        """Return the shape that the array of a metric must have, the date first if it has one."""
        return tuple(len(self.labels(dim)) for dim in dims_of(metric))


@dataclass(frozen=True)
class ArmData:
    """Everything that one arm of one member reports.

    Attributes
    ----------
    seed : int
        The seed, which both arms share.
    arm : {"baseline", "policy"}
        Without or with the scenario's policies.
    axes : Axes
        The labels along the dimensions.
    arrays : mapping of str to (date, ...) float64
        One array for each metric, in its unit; a metric of kind ``total`` has no date axis.
    cells : mapping of str to int
        Simulated people of each group. It may also contain a finer count under ``STATE/PLATFORM``
        (simulated users of a platform in a state) or under a pair such as ``US~CN`` (simulated
        people with a kin tie between the two).
    real : mapping of str to float
        Real people of each group [persons].
    decisions : tuple of Decision
        The decisions of states and platforms, in order, as `Decision.stored` returns them; only in
        the policy arm.
    sampled : tuple of Sampled
        The sampling of the users of each targeted platform.
    idle_rules : tuple of str
        Names of the user's own rules for people that proposed nothing in either arm.
    ties : MemberTies or None
        Each kin tie abroad in both arms; only in the policy arm of a run that stores ties.
    """

    seed: int
    arm: str
    axes: Axes
    arrays: Mapping[str, Array]
    cells: Mapping[str, int] = field(default_factory=dict)
    real: Mapping[str, float] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    sampled: tuple[Sampled, ...] = ()
    idle_rules: tuple[str, ...] = ()
    ties: MemberTies | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to send to another process, with a single day of each metric that is the
        same on all days.
        """
        arrays = {name: a[:1] if is_steady(a) else a for name, a in self.arrays.items()}
        return {**self.__dict__, "arrays": arrays}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state that `__getstate__` returned."""
        arrays = state["arrays"]
        axes = state["axes"]
        whole = {
            name: a if a.shape == (shape := axes.shape(name)) else np.broadcast_to(a, shape)
            for name, a in arrays.items()
        }
        self.__dict__.update({**state, "arrays": whole})

    @cached_property
    def groups_by_place(self) -> dict[str | frozenset[str], list[str]]:
        """Labels of groups by their state of residence, and of diasporas by their pair of states;
        "" for all.
        """
        places: dict[str | frozenset[str], list[str]] = {"": []}
        for label in self.cells:
            group = read(label)
            if not isinstance(group, Group):
                continue  # users of a platform, or a pair of states
            places[""].append(label)
            places.setdefault(group.home, []).append(label)
            if group.side == "diaspora":
                places.setdefault(group.states, []).append(label)
        return places

    @cached_property
    def internet_users(self) -> dict[str, float]:
        """Internet users of each state, summed over its groups [persons]."""
        users = dict.fromkeys(self.axes.states, 0.0)
        for label, people in self.real.items():
            users[Group.read(label).home] += people
        return users

    def series(self, metric: str, cell: tuple[int, ...]) -> Array:
        """Return a metric of one cell, shape (date,), or one number for the kind ``total``."""
        if METRICS[metric].kind == "total":
            return np.asarray(self.arrays[metric][cell])
        if isinstance(self.arrays, StoredArrays):
            return self.arrays.series(metric, cell)
        place: Any = (slice(None), *cell)
        return np.asarray(self.arrays[metric][place])

    def row(self, metric: str, first: int) -> Array:
        """Return a daily metric at one index of its first dimension, with the date last and
        contiguous. Two arms that are stored alike there return the same array.
        """
        if isinstance(self.arrays, StoredArrays):
            return self.arrays.row(metric, first)
        return np.ascontiguousarray(np.moveaxis(self.arrays[metric][:, first], 0, -1))

    def same_row(self, other: ArmData, metric: str, first: int) -> bool:
        """Return whether two arms are stored alike at one index of the first dimension of a daily
        metric; nothing is unpacked.
        """
        mine = self.arrays
        theirs = other.arrays
        if isinstance(mine, StoredArrays) and isinstance(theirs, StoredArrays):
            return mine.stored_like(theirs, metric, first)
        return False

    def same_array(self, other: ArmData, metric: str) -> bool:
        """Return whether two arms have the same values of a metric; equal stored bytes are not
        unpacked.
        """
        mine = self.arrays
        theirs = other.arrays
        if isinstance(mine, StoredArrays) and isinstance(theirs, StoredArrays):
            packed = mine.compressed(metric)
            shapes = self.axes.shape(metric), other.axes.shape(metric)
            if packed and shapes[0] == shapes[1] and packed == theirs.compressed(metric):
                return True
        return np.array_equal(mine[metric], theirs[metric], equal_nan=True)

    def people_in(self, place: str | frozenset[str]) -> int:
        """Return the simulated people of the groups of a place, a key of `groups_by_place`."""
        return self._people_by_place.get(place, 0)

    @cached_property
    def _people_by_place(self) -> dict[str | frozenset[str], int]:
        """Simulated people by place, cached because a summary needs them for each cell."""
        return {
            place: sum(self.cells[label] for label in labels)
            for place, labels in self.groups_by_place.items()
        }

    def same_as(self, other: ArmData) -> bool:
        """Return whether two arms have the same values, bit for bit."""
        mine, theirs = (
            (
                arm.seed,
                arm.arm,
                arm.axes,
                dict(arm.cells),
                dict(arm.real),
                arm.decisions,
                arm.sampled,
                arm.idle_rules,
                set(arm.arrays),
            )
            for arm in (self, other)
        )
        return mine == theirs and all(self.same_array(other, name) for name in self.arrays)


Pair = tuple[ArmData, ArmData]
"""A member: its baseline and its policy arm."""


def check_pair(pair: Pair) -> None:
    """Raise RunError if two arms do not belong to one member, or an array does not match the
    declaration of its metric.
    """
    baseline, policy = pair
    if (baseline.arm, policy.arm) != ARMS or baseline.seed != policy.seed:
        raise RunError("a member must be a baseline and a policy arm of the same seed")
    if baseline.axes != policy.axes or set(baseline.arrays) != set(policy.arrays):
        raise RunError(f"the axes or metrics of the arms of seed {policy.seed} are not the same")
    declared = METRICS.among(baseline.arrays)
    axes = baseline.axes
    if unknown := set(baseline.arrays).difference(declared):
        raise RunError(f"the metric '{min(unknown)}' is not declared in sim/metrics")
    for arm in pair:
        # Arrays in a file were checked when it was opened.
        for name, array in arm.arrays.items() if isinstance(arm.arrays, dict) else ():
            if array.shape != axes.shape(name) or array.dtype != np.float64:
                held = f"shape {array.shape} of {array.dtype}"
                wanted = f"{axes.shape(name)} of float64"
                raise RunError(f"the metric '{name}' has {held}; {wanted} was declared")


def metrics_held(members: Sequence[Pair]) -> list[str]:
    """Return the metrics of a run, in the order of the registry."""
    return METRICS.among(members[0][0].arrays)


def is_steady(array: Array) -> bool:
    """Return whether an array repeats a single day, as `engine.record` stores arrays that do not
    change.
    """
    return array.ndim > 0 and len(array) > 1 and array.strides[0] == 0


def dims_of(metric: str) -> tuple[str, ...]:
    """Return the dimensions of a metric, the date first if it has one."""
    declared = METRICS[metric]
    return declared.dims if declared.kind == "total" else ("date", *declared.dims)


# --- as an xarray.Dataset -------------------------------------------------------------------------


def data_array(members: Sequence[Pair], metric: str) -> xr.DataArray:
    """Return one metric as a labelled array.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    metric : str
        A metric of the run.

    Returns
    -------
    xarray.DataArray
        Dimensions ``seed, arm, date`` and those of the metric; a metric of kind ``total`` has no
        date.
    """
    import xarray as xr

    dims = ("seed", "arm", *dims_of(metric))
    labels = labels_of(members)
    return xr.DataArray(
        np.stack([np.stack([arm.arrays[metric] for arm in pair]) for pair in members]),
        dims=dims,
        coords={dim: labels[dim] for dim in dims},
        name=metric,
        attrs=attributes_of(metric),
    )


def labels_of(members: Sequence[Pair]) -> dict[str, Any]:
    """Return the labels along every dimension."""
    axes = members[0][0].axes
    return {
        "seed": np.array([baseline.seed for baseline, _ in members], dtype=np.int64),
        "arm": list(ARMS),
        "date": np.array(axes.dates, dtype="datetime64[D]").astype("datetime64[ns]"),
        **{dim: list(axes.labels(dim)) for dim in _DIMS},
        "cell": np.array(_keys(members, "cells"), dtype=np.str_),
        "people_group": np.array(_keys(members, "real"), dtype=np.str_),
    }


def _keys(members: Sequence[Pair], counts: str) -> list[str]:
    """Return the keys of the counts of all arms, sorted."""
    return sorted(
        set(chain.from_iterable(getattr(arm, counts) for pair in members for arm in pair))
    )


def people_of(members: Sequence[Pair]) -> dict[str, tuple[str, Array]]:
    """Return the simulated and the real people by name, shape (seed, arm, label), with the
    dimension of the labels.
    """
    tables = {}
    for name, dim, counts in (
        ("simulated_people", "cell", "cells"),
        ("real_people", "people_group", "real"),
    ):
        keys = _keys(members, counts)
        # A missing count differs from a count of zero.
        rows = [
            [[getattr(arm, counts).get(key, np.nan) for key in keys] for arm in pair]
            for pair in members
        ]
        tables[name] = (
            dim,
            np.array(rows, dtype=np.float64).reshape(len(members), len(ARMS), len(keys)),
        )
    return tables


def attributes_of(metric: str) -> dict[str, str]:
    """Return the attributes of a metric's array."""
    declared = METRICS[metric]
    return {
        "long_name": declared.label,
        "units": declared.unit,
        "description": declared.description,
    }


COMPRESSION: Mapping[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
_FILTERS = {1, 2, 3}  # deflate, shuffle, Fletcher's checksum: part of HDF5, no plug-in
_MOST_COMPRESSED = 1_100  # largest compression ratio: the limit of deflate is 1,032
_WHOLE = -1  # instead of a row: the whole array
# HDF5 attributes have at most 64 kB
_MARKS = "cells"
_MOST_OF_ATTRIBUTE = 60_000
_SMALL = 1_000_000  # most bytes that a dataset may claim without stored data
# bytes of an array in one chunk (assumption); larger arrays have a chunk for each row
_ONE_CHUNK = 1_000_000
_MOST_HELD = 100_000_000  # bytes of a run's arrays that stay in memory after use (assumption)
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


# --- writing --------------------------------------------------------------------------------------


def netcdf_bytes(fill: Callable[[Any], None], attributes: Mapping[str, str]) -> bytes:
    """Return a NetCDF file, made in memory.

    Parameters
    ----------
    fill : callable
        A function that adds variables to the open `h5py.File`.
    attributes : mapping of str to str
        Attributes of the file: title, scenario, status, version.
    """
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        file.attrs.update({"Conventions": "CF-1.8", **attributes})
        fill(file)
        file.flush()
        return bytes(file.id.get_file_image())


def add_variable(
    file: Any,
    scales: dict[str, Any],
    name: str,
    dims: Sequence[str],
    data: Any = None,
    **storage: Any,
) -> Any:
    """Add a variable to an open file and return it; a variable named like its dimension contains
    the labels.

    Parameters
    ----------
    file : h5py.File
    scales : dict of str to h5py.Dataset
        The scales of the dimensions so far, because a look-up in the file is slow.
    name : str
    dims : sequence of str
        Dimensions, whose labels are already in the file.
    data : array-like, optional
        Numbers or texts; without them, ``shape`` and ``dtype`` must be among the keywords.
    **storage
        Passed to `h5py.Group.create_dataset`.
    """
    if data is not None:
        data = np.asarray(data)
        if data.dtype.kind in "OU":
            data = data.astype(object)
            storage["dtype"] = h5py.string_dtype()
    variable = file.create_dataset(name, data=data, **storage)
    if tuple(dims) == (name,):
        variable.make_scale(name)
        scales[name] = variable
    else:
        for axis, dim in enumerate(dims):
            h5py.h5ds.attach_scale(variable.id, scales[dim].id, axis)
    return variable


def panel_bytes(members: Sequence[Pair], attributes: Mapping[str, str] | None = None) -> bytes:
    """Return members as a NetCDF file.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
        Baseline and policy arms; arrays stored in another panel are copied in compressed form.
    attributes : mapping of str to str, optional
        Attributes of the file: scenario, status, version; without them, nothing describes the
        metrics either.
    """

    def fill(file: Any) -> None:
        labels = labels_of(members)
        scales = dict[str, Any]()
        days = (labels["date"] - labels["date"][0]).astype("timedelta64[D]").astype(np.int64)
        for dim, values in labels.items():
            add_variable(file, scales, dim, (dim,), days if dim == "date" else values)
        first = np.datetime_as_string(labels["date"][0], unit="D")
        scales["date"].attrs.update(
            {"units": f"days since {first}", "calendar": "proleptic_gregorian"}
        )
        sampled = [json.dumps([asdict(row) for row in base.sampled]) for base, _ in members]
        add_variable(file, scales, "sampled_users", ("seed",), sampled)
        idle = [json.dumps(base.idle_rules) for base, _ in members]
        add_variable(file, scales, "idle_rules", ("seed",), idle)
        decisions = [
            json.dumps([to_data(made) for made in policy.decisions]) for _, policy in members
        ]
        add_variable(file, scales, "decisions", ("seed",), decisions)
        for name, (dim, numbers) in people_of(members).items():
            add_variable(file, scales, name, ("seed", "arm", dim), numbers)
        for name in metrics_held(members):
            total = METRICS[name].kind == "total"
            dims = ("seed", "arm", *METRICS[name].dims, *(() if total else ("date",)))
            shape = tuple(len(labels[dim]) for dim in dims)
            packing = {} if 0 in shape else {**COMPRESSION, "chunks": _chunks(shape)}
            variable = add_variable(file, scales, name, dims, shape=shape, dtype="<f8", **packing)
            if attributes is not None:
                variable.attrs.update(attributes_of(name))
            packed = [
                np.packbits(np.array(marks(arm.arrays, name))) for pair in members for arm in pair
            ]
            if 0 < sum(one.nbytes for one in packed) <= _MOST_OF_ATTRIBUTE:
                variable.attrs[_MARKS] = np.array(packed)
            for i, a in product(range(len(members)), range(len(ARMS))) if variable.size else ():
                arrays = members[i][a].arrays
                # A run that was stored by seed already has the compressed bytes.
                chunks = (
                    arrays.compressed(name) if isinstance(arrays, StoredArrays) else []
                ) or _compressed(
                    arrays[name] if total else np.moveaxis(arrays[name], 0, -1), variable.chunks[2:]
                )
                for row, chunk in enumerate(chunks):
                    variable.id.write_direct_chunk(
                        (i, a, *[row, *[0] * (len(dims) - 3)][: len(dims) - 2]), chunk
                    )

    return netcdf_bytes(fill, {"title": "splinternet panel", **(attributes or {})})


def _chunks(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the chunks of a variable: one for each arm, or for each row of cells of a
    large array.
    """
    rows = 1 if len(shape) > 3 and math.prod(shape[2:]) * 8 > _ONE_CHUNK else shape[2]
    return (1, 1, rows, *shape[3:]) if len(shape) > 2 else (1, 1)


def _compressed(array: Array, chunk: tuple[int, ...]) -> list[bytes]:
    """Return the chunks of one arm's array, in the form that HDF5 unpacks."""
    rows = [array] if array.shape == chunk else np.split(array, len(array))
    return [
        _of_steady(row[..., 0].tobytes(), row.shape[-1]) if _repeats(row) else _of_row(row)
        for row in rows
    ]


def _repeats(row: Array) -> bool:
    """Return whether all days of a row, with the date last, are equal to the bit."""
    if is_steady(row.T):
        return True
    bits = row.view(np.int64)
    return row.ndim > 1 and bool((bits[..., -1:] == bits).all())


def _of_row(row: Array) -> bytes:
    return _packed(np.ascontiguousarray(row, "<f8").reshape(-1).view(np.uint8).reshape(-1, 8).T)


@lru_cache(maxsize=512)  # most of these rows are the same for all seeds
def _of_steady(day: bytes, days: int) -> bytes:
    """Return the chunk of cells that are constant over all days; many rows are all 0."""
    bytes_of_cells = np.frombuffer(day, np.uint8).reshape(-1, 8).T.reshape(-1, 1)
    return _packed(np.broadcast_to(bytes_of_cells, (len(day), days)))


def _packed(shuffled: np.ndarray) -> bytes:
    """Return compressed bytes of numbers: the first byte of each, then the second, and so on."""
    # Only run lengths: most bytes equal those of the day before, and searching for other
    # repetitions would enlarge the file by 40 %.
    packing = zlib.compressobj(COMPRESSION["compression_opts"], strategy=zlib.Z_RLE)
    return packing.compress(shuffled.tobytes()) + packing.flush()


# --- reading --------------------------------------------------------------------------------------


def marks(arrays: Mapping[str, Array], name: str) -> tuple[Cells, Cells]:
    """Return the masks of the cells of a metric that are defined, and not zero, on some day of an
    arm.

    They are stored with an array, because unpacking all arrays of a long run takes minutes.
    """
    if isinstance(arrays, StoredArrays) and (stored := arrays.stored_marks(name)):
        return stored
    array = arrays[name]
    daily = METRICS[name].kind != "total"
    if daily and is_steady(array):
        array = array[:1]
    known = ~np.isnan(array)
    there = array != 0
    return (known.any(axis=0), there.any(axis=0)) if daily else (known, there)


class Held:
    """Recently read data of all arms of a run; the least recently used is dropped.

    A table reads one metric at a time from all arms, so there is room for one chunk of each arm.

    Parameters
    ----------
    arms : int
        Number of arms that share the cache.
    """

    def __init__(self, arms: int) -> None:
        self.arrays: dict[tuple[object, str, int], Array] = {}
        self.most = max(_MOST_HELD, arms * _ONE_CHUNK)
        self.size = 0
        self._lock = Lock()

    def get(self, key: tuple[object, str, int], read: Callable[[], Array]) -> Array:
        """Return the data of an arm, a metric and a row (-1: all rows), and read them if needed."""
        with self._lock:
            array = self.arrays.pop(key, None)
            if array is not None:
                self.arrays[key] = array  # most recently used, so dropped last
                return array
        array = read()
        array.setflags(write=False)
        with self._lock:
            self.size += _room(array) - _room(self.arrays.pop(key, None))
            self.arrays[key] = array
            while self.size > self.most and len(self.arrays) > 1:
                self.size -= _room(self.arrays.pop(next(iter(self.arrays))))
        return array


def _room(array: Array | None) -> int:
    """Return the bytes of an array in memory, 0 if it repeats a single day."""
    return 0 if array is None or 0 in array.strides else array.nbytes


class StoredArrays(Mapping[str, Array]):
    """The arrays of one arm in a file that stays open: a chart needs few of some sixty metrics.

    Parameters
    ----------
    file : h5py.File
    variables : mapping of str to h5py.Dataset
        The metrics.
    place : (int, int)
        The indices of the member and of the arm.
    held : Held
        The cache that the arms of the run share.
    """

    def __init__(
        self, file: Any, variables: Mapping[str, Any], place: tuple[int, int], held: Held
    ) -> None:
        self._file = file
        self._variables = variables
        self._place = place
        self._held = held
        self._arm = object()
        self._in_rows: dict[str, bool] = {}
        self._own_form: dict[str, bool] = {}
        self._packed: dict[tuple[str, int], bytes] = {}

    def __getitem__(self, name: str) -> Array:
        """Return the array of a metric, from the cache or the file.

        Raises
        ------
        RunError
            When it cannot be read.
        """
        return self._held.get((self._arm, name, _WHOLE), lambda: self._whole(name))

    def _whole(self, name: str) -> Array:
        """Return the array of a metric from the file, with the date of a daily metric first."""
        array = self._read(name, self._place)
        if METRICS[name].kind == "total":
            return array
        array = np.ascontiguousarray(np.moveaxis(array, -1, 0))
        bits = array.view(np.int64)
        if len(array) > 1 and (bits == bits[:1]).all():
            return np.broadcast_to(array[0].copy(), array.shape)  # one day represents all
        return array

    def __contains__(self, name: object) -> bool:
        """Return whether the file has a metric, without reading it."""
        return name in self._variables

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the metrics."""
        return iter(self._variables)

    def __len__(self) -> int:
        """Return the number of metrics."""
        return len(self._variables)

    def stored_marks(self, name: str) -> tuple[Cells, Cells] | None:
        """Return the `marks` of a metric, or None if the file lacks them."""
        with suppress(*DAMAGE):
            variable = self._variables[name]
            cells = variable.shape[2:] if METRICS[name].kind == "total" else variable.shape[2:-1]
            packed = variable.attrs[_MARKS][self._place[0] * len(ARMS) + self._place[1]]
            count = 2 * math.prod(cells)
            if packed.shape == (-(-count // 8),):
                known, there = (
                    np.unpackbits(packed, count=count).astype(np.bool_).reshape(2, *cells)
                )
                return known, there
        return None

    def series(self, name: str, cell: tuple[int, ...]) -> Array:
        """Return a daily metric of one cell; only the row of a large array is read, unless the
        array is in the cache.

        Raises
        ------
        RunError
            When it cannot be read.
        """
        if (self._arm, name, _WHOLE) in self._held.arrays or not cell or not self._by_row(name):
            place: Any = (slice(None), *cell)
            return np.asarray(self[name][place])
        return np.asarray(self.row(name, cell[0])[cell[1:]])

    def row(self, name: str, first: int) -> Array:
        """Return a daily metric at one place of its first dimension, the date last and contiguous.

        Raises
        ------
        RunError
            When it cannot be read.
        """
        if not self._by_row(name):
            return np.ascontiguousarray(np.moveaxis(self[name][:, first], 0, -1))
        key = self._chunk(name, first) or self._arm, name, first
        return self._held.get(key, lambda: self._read(name, (*self._place, first)))

    def stored_like(self, other: StoredArrays, name: str, first: int) -> bool:
        """Return whether both have the same stored bytes at one place of the first dimension."""
        mine = self._chunk(name, first) if self._by_row(name) else b""
        return bool(mine) and mine == other._chunk(name, first)

    def _chunk(self, name: str, row: int) -> bytes:
        """Return a stored row; arms with equal rows share one unpacked array in memory. Empty if
        the file has another form.
        """
        known = self._packed.get((name, row))
        if known is not None:
            return known
        packed = b""
        with suppress(*DAMAGE):
            if self._is_own(name):
                variable = self._variables[name]
                rest = [0] * len(METRICS[name].dims)
                mask, chunk = variable.id.read_direct_chunk((*self._place, row, *rest))
                packed = b"" if mask else bytes(chunk)
        self._packed[name, row] = packed
        return packed

    def _is_own(self, name: str) -> bool:
        """Return whether a metric has chunks of the form that this module writes."""
        if name not in self._own_form:  # the file is slow to say
            variable = self._variables[name]
            form = variable.chunks, variable.compression, variable.shuffle
            self._own_form[name] = form == (_chunks(variable.shape), "gzip", True)
        return self._own_form[name]

    def _by_row(self, name: str) -> bool:
        """Return whether each row of a metric has its own chunk."""
        if name not in self._in_rows:  # the file is slow to say
            variable = self._variables[name]
            chunks = variable.chunks
            self._in_rows[name] = chunks is not None and chunks[2:] != variable.shape[2:]
        return self._in_rows[name]

    def _read(self, name: str, place: tuple[int, ...]) -> Array:
        """Return numbers of a metric from the file, with the date last."""
        variable = self._variables[name]
        try:
            return np.asarray(variable[place], np.float64)
        except DAMAGE as error:
            path = self._file.filename if self._file else "the panel"
            raise RunError(
                f"{path}: '{name}' cannot be read ({error}); run the scenario again"
            ) from error

    def compressed(self, name: str) -> list[bytes]:
        """Return the compressed chunks of an array; empty if the file has another form."""
        with suppress(*DAMAGE):
            variable = self._variables[name]
            chunks = []
            if self._is_own(name):
                read = variable.id.read_direct_chunk
                dims = variable.ndim
                rest = [0] * (dims - 3)
                for row in range(variable.shape[2] // variable.chunks[2] if dims > 2 else 1):
                    mask, chunk = read((*self._place, row, *rest)[:dims])
                    if mask:
                        return []
                    chunks.append(bytes(chunk))
            return chunks
        return []


def read_panel(path: Path, held: Held | None = None) -> tuple[list[Pair], dict[str, str]]:
    """Return the members and attributes of a file that `panel_bytes` made; metrics are read on
    first use.

    Parameters
    ----------
    path : Path
    held : Held, optional
        The shared cache of a run with its members in several files.

    Raises
    ------
    RunError
        The file has another form, is damaged, or leads to other files.
    """
    try:
        file, data = open_hdf5(path)
        first = np.datetime64(str(data["date"].attrs["units"]).removeprefix("days since "), "D")
        axes = Axes(
            dates=tuple(
                np.datetime_as_string(first + data["date"][...].astype(np.int64), unit="D").tolist()
            ),
            **{f"{dim}s": read_texts(data[dim]) for dim in ("state", "platform", "group", "way")},
        )
        seeds = [int(seed) for seed in data["seed"][...]]
        variables = {name: data[name] for name in METRICS.among(list(data))}
        arms = (len(seeds), len(ARMS))
        labels = {
            "simulated_people": read_texts(data["cell"]),
            "real_people": read_texts(data["people_group"]),
        }
        shapes: dict[str, tuple[int, ...]] = {
            name: (*arms, len(keys)) for name, keys in labels.items()
        }
        for name in variables:
            shape = axes.shape(name)
            total = METRICS[name].kind == "total"
            shapes[name] = (*arms, *(shape if total else (*shape[1:], shape[0])))
        for name, shape in shapes.items():
            if (found := data[name]).dtype != np.float64 or found.shape != shape:
                raise ValueError(
                    f"'{found.name}' holds {found.dtype} of shape {found.shape}, not float64 of {shape}"
                )
        people = {name: data[name][...] for name in labels}
        sampled = [
            tuple(Sampled(**row) for row in json.loads(text))
            for text in read_texts(data["sampled_users"])
        ]
        idle = [tuple(map(str, json.loads(text))) for text in read_texts(data["idle_rules"])]
        decisions = [
            tuple(map(from_data, json.loads(text))) for text in read_texts(data["decisions"])
        ]
        attributes = {
            key: str(value) for key, value in file.attrs.items() if isinstance(value, str)
        }
    except DAMAGE as error:
        raise RunError(
            f"{path} cannot be read as a panel of results ({error}); run the scenario again"
        ) from error

    shared = held or Held(len(seeds) * len(ARMS))

    def arm_at(i: int, a: int) -> ArmData:
        cells, real = (
            {
                key: n
                for key, n in zip(keys, people[name][i, a].tolist(), strict=True)
                if not math.isnan(n)
            }
            for name, keys in labels.items()
        )
        return ArmData(
            seeds[i],
            ARMS[a],
            axes,
            StoredArrays(file, variables, (i, a), shared),
            {key: int(n) for key, n in cells.items()},
            real,
            decisions[i] if a else (),
            sampled[i],
            idle[i],
        )

    return [(arm_at(i, 0), arm_at(i, 1)) for i in range(len(seeds))], attributes


def read_texts(variable: Any) -> tuple[str, ...]:
    """Return the texts of a dataset; raise ValueError if one cannot be printed."""
    texts = tuple(str(text) for text in variable.asstr()[...].tolist())
    fault = next((fault for text in texts if (fault := commands_in(text))), "")
    if fault:
        raise ValueError(f"a label of '{variable.name}' contains {fault}")
    return texts


def open_hdf5(path: Path) -> tuple[Any, dict[str, Any]]:
    """Open an HDF5 file for reading, after checking that all its data are in it, and return it with
    its datasets by name, because a look-up in the file is slow.

    An HDF5 file can keep its numbers in other files: by soft and external links, by external
    storage, as a virtual dataset, or through a filter of a plug-in. Reading those would copy the
    bytes of another file of the user into tables and charts. Everything is checked before a number
    is read, through the same open file.

    Parameters
    ----------
    path : Path
        A file with datasets at its root and no groups.

    Returns
    -------
    h5py.File
        The caller closes it.
    dict of str to h5py.Dataset

    Raises
    ------
    RunError
        The file has a link, a group, external storage, a virtual dataset or a filter that is not
        part of HDF5, or claims more numbers than its bytes allow.
    OSError
        The file is no HDF5 file.
    """
    # `Held` caches unpacked data, so the datasets need no cache of their own.
    file = h5py.File(path, "r", rdcc_nbytes=0)
    datasets = dict[str, Any]()
    for name in file:
        fault = "is a link or a group, not a dataset"
        if (
            isinstance(file.get(name, getlink=True), h5py.HardLink)
            and file.get(name, getclass=True) == h5py.Dataset
        ):
            variable = datasets[name] = file[name]
            properties = variable.id.get_create_plist()
            others = {
                properties.get_filter(number)[0] for number in range(properties.get_nfilters())
            } - _FILTERS
            size = math.prod(variable.shape or (0,)) * variable.dtype.itemsize
            fault = ""
            if properties.get_external_count() or variable.is_virtual:
                fault = "has its numbers in another file"
            elif others:
                fault = f"needs the filter {min(others)}, which is no part of HDF5"
            elif size > max(_SMALL, _MOST_COMPRESSED * variable.id.get_storage_size()):
                fault = f"claims {size:,} bytes, more than the file can contain"
        if fault:
            file.close()
            raise RunError(
                f"{path} is not the work of this program: '{name}' {fault}. It was not read: it could copy your files "
                "into results"
            )
    return file, datasets

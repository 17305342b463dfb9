"""The numbers of a run as labelled arrays: of one arm, of all members, and in a NetCDF file.

A finished member and the panel of a whole run are files of the same form (`panel_bytes`, `read_panel`). The date is the
last dimension in the file: most numbers equal those of the day before, and side by side they take half the room.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import chain, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.groups import Group, Sampled, read
from sim.decisions import Decision, from_data, to_data
from sim.errors import RunError, commands_in
from sim.metrics.registry import METRICS

if TYPE_CHECKING:
    import xarray as xr

    from sim.results.ties import MemberTies

ARMS = ("baseline", "policy")
_DIMS = ("state", "platform", "group", "partner", "way", "source")
COMPRESSION: Mapping[str, Any] = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
_FILTERS = {1, 2, 3}  # deflate, shuffle, Fletcher's checksum: part of HDF5, no plug-in
_MOST_COMPRESSED = 1_100  # times that deflate can compress something: its limit is 1,032
_SMALL = 1_000_000  # bytes that a dataset may claim without anything stored for it
DAMAGE = (OSError, KeyError, ValueError, TypeError, IndexError, ArithmeticError, RuntimeError, AttributeError)
"""Errors that reading a damaged or forged file may raise."""

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
        field_of = {"partner": "states", "source": "platforms"}
        labels: tuple[str, ...] = getattr(self, field_of.get(dim, f"{dim}s"))
        return labels

    def shape(self, metric: str) -> tuple[int, ...]:
        """Return the shape that the array of a metric must have, the date first where it has one."""
        return tuple(len(self.labels(dim)) for dim in _dims_of(metric))


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
        What states and platforms decided, in order, as `Decision.stored` returns it; only in the policy arm.
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
        """Return what another process is sent: of a metric that is the same on all days, one day."""
        arrays = {name: a[:1] if is_steady(a) else a for name, a in self.arrays.items()}
        return {**self.__dict__, "arrays": arrays}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over what `__getstate__` returned."""
        arrays, axes = state["arrays"], state["axes"]
        whole = {
            name: a if a.shape == (shape := axes.shape(name)) else np.broadcast_to(a, shape)
            for name, a in arrays.items()
        }
        self.__dict__.update({**state, "arrays": whole})

    @cached_property
    def groups_by_place(self) -> dict[str | frozenset[str], list[str]]:
        """Labels of groups by the state they live in, of diasporas by the two states they join; "" for all."""
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
        """Internet users of each state, those of all its groups [persons]."""
        users = dict.fromkeys(self.axes.states, 0.0)
        for label, people in self.real.items():
            users[Group.read(label).home] += people
        return users

    def people_in(self, place: str | frozenset[str]) -> int:
        """Return the simulated people of the groups of a place, a key of `groups_by_place`."""
        return sum(self.cells[label] for label in self.groups_by_place.get(place, ()))

    def check(self) -> None:
        """Raise RunError when an array has a name, a shape or a type that its metric does not declare."""
        if self.arm not in ARMS:
            raise RunError(f"an arm is called '{self.arm}'; it must be one of {', '.join(ARMS)}")
        if isinstance(self.arrays, StoredArrays):
            return  # checked when the file was opened
        declared = METRICS.among(self.arrays)
        for name, array in self.arrays.items():
            if name not in declared:
                raise RunError(f"the metric '{name}' is not declared in sim/metrics")
            if array.shape != self.axes.shape(name):
                raise RunError(f"the metric '{name}' has shape {array.shape}; {self.axes.shape(name)} was declared")
            if array.dtype != np.float64:
                raise RunError(f"the metric '{name}' is held as {array.dtype}; float64 was declared")

    def same_as(self, other: ArmData) -> bool:
        """Return whether two arms hold the same values, bit for bit."""
        mine, theirs = (
            (arm.seed, arm.arm, arm.axes, dict(arm.cells), dict(arm.real), arm.decisions, arm.sampled, set(arm.arrays))
            for arm in (self, other)
        )
        return mine == theirs and all(same_array(self, other, name) for name in self.arrays)


Pair = tuple[ArmData, ArmData]
"""A member: its baseline and its policy arm."""


def check_pair(pair: Pair) -> None:
    """Raise RunError when two arms are not the baseline and the policy arm of one member."""
    baseline, policy = pair
    if (baseline.arm, policy.arm) != ARMS or baseline.seed != policy.seed:
        raise RunError("a member must be a baseline and a policy arm of the same seed")
    for arm in pair:
        arm.check()
    if baseline.axes != policy.axes or set(baseline.arrays) != set(policy.arrays):
        raise RunError(f"the axes or metrics of the arms of seed {policy.seed} are not the same")


def metrics_held(members: Sequence[Pair]) -> list[str]:
    """Return the metrics that a run holds, in the order of the registry."""
    return METRICS.among(members[0][0].arrays)


def is_steady(array: Array) -> bool:
    """Return whether an array is one day that stands for all, as `sim.engine.record` holds what does not change."""
    return array.ndim > 0 and len(array) > 1 and array.strides[0] == 0


def same_array(one: ArmData, other: ArmData, metric: str) -> bool:
    """Return whether two arms have the same array of a metric, NaN where NaN; equal compressed bytes suffice."""
    if isinstance(one.arrays, StoredArrays) and isinstance(other.arrays, StoredArrays) and one.axes == other.axes:
        compressed = one.arrays.compressed(metric)
        if compressed and compressed == other.arrays.compressed(metric):
            return True
    return np.array_equal(one.arrays[metric], other.arrays[metric], equal_nan=True)


def _dims_of(metric: str) -> tuple[str, ...]:
    """Return the dimensions of a metric, the date first where it has one."""
    declared = METRICS[metric]
    return declared.dims if declared.kind == "total" else ("date", *declared.dims)


# --- as an xarray.Dataset --------------------------------------------------------------------------------


def data_array(members: Sequence[Pair], metric: str) -> xr.DataArray:
    """Return one metric as a labelled array.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    metric : str
        A metric that the run holds.

    Returns
    -------
    xarray.DataArray
        Dimensions ``seed, arm, date`` and those of the metric; a metric of kind ``total`` has no date.
    """
    import xarray as xr

    dims, labels = ("seed", "arm", *_dims_of(metric)), _labels(members)
    return xr.DataArray(
        np.stack([np.stack([arm.arrays[metric] for arm in pair]) for pair in members]),
        dims=dims,
        coords={dim: labels[dim] for dim in dims},
        name=metric,
        attrs=_attributes(metric),
    )


def dataset(members: Sequence[Pair]) -> xr.Dataset:
    """Return every metric of a run, with the simulated and the real people behind each cell.

    Returns
    -------
    xarray.Dataset
        The metrics; ``simulated_people`` (seed, arm, cell) and ``real_people`` (seed, arm, people_group)
        [persons].
    """
    import xarray as xr

    people = {name: (("seed", "arm", dim), numbers) for name, (dim, numbers) in _people(members).items()}
    metrics = {name: data_array(members, name) for name in metrics_held(members)}
    return xr.Dataset(people, coords=_labels(members), attrs={"Conventions": "CF-1.8"}).assign(metrics)


def _labels(members: Sequence[Pair]) -> dict[str, Any]:
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
    return sorted(set(chain.from_iterable(getattr(arm, counts) for pair in members for arm in pair)))


def _people(members: Sequence[Pair]) -> dict[str, tuple[str, Array]]:
    """Return the simulated and the real people as (seed, arm, label), by name, with the dimension of the labels."""
    tables = {}
    for name, dim, counts in (("simulated_people", "cell", "cells"), ("real_people", "people_group", "real")):
        keys = _keys(members, counts)
        # A missing count is kept apart from a count of zero.
        rows = [[[getattr(arm, counts).get(key, np.nan) for key in keys] for arm in pair] for pair in members]
        tables[name] = dim, np.array(rows, dtype=np.float64).reshape(len(members), len(ARMS), len(keys))
    return tables


def _attributes(metric: str) -> dict[str, str]:
    """Return the attributes of a metric's array."""
    declared = METRICS[metric]
    return {"long_name": declared.label, "units": declared.unit, "description": declared.description}


# --- as a file -------------------------------------------------------------------------------------------


def panel_bytes(members: Sequence[Pair], attributes: Mapping[str, str] | None = None) -> memoryview:
    """Return members as a NetCDF file.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
        Arrays that are stored in another panel are copied as they are compressed there.
    attributes : mapping of str to str, optional
        Attributes of the file: scenario, status, version.

    Raises
    ------
    RunError
        When h5netcdf is not installed.
    """
    buffer, names = io.BytesIO(), metrics_held(members)
    h5netcdf, h5py = netcdf_libraries()
    with h5netcdf.File(buffer, "w") as file:
        file.attrs.update({"Conventions": "CF-1.8", "title": "splinternet panel", **(attributes or {})})
        labels = _labels(members)
        file.dimensions = {dim: len(values) for dim, values in labels.items()}
        for dim, values in labels.items():
            _write_labels(file, dim, values)
        texts = {
            "sampled_users": [json.dumps([asdict(row) for row in baseline.sampled]) for baseline, _ in members],
            "decisions": [json.dumps([to_data(made) for made in policy.decisions]) for _, policy in members],
        }
        for name, values in texts.items():
            file.create_variable(name, ("seed",), h5py.string_dtype(), data=np.array(values, dtype=object))
        for name, (dim, numbers) in _people(members).items():
            file.create_variable(name, ("seed", "arm", dim), "<f8", data=numbers)
        for name in names:
            dims = ("seed", "arm", *METRICS[name].dims, *(() if METRICS[name].kind == "total" else ("date",)))
            shape = [file.dimensions[dim].size for dim in dims]
            packing = {} if 0 in shape else {**COMPRESSION, "chunks": (1, 1, *shape[2:])}
            file.create_variable(name, dims, "<f8", **packing).attrs.update(_attributes(name))
    with h5py.File(buffer, "r+") as file:
        for (i, pair), (a, _), name in product(enumerate(members), enumerate(ARMS), names):
            variable, arrays = file[name], pair[a].arrays
            compressed = arrays.compressed(name) if isinstance(arrays, StoredArrays) else b""
            if compressed:
                variable.id.write_direct_chunk((i, a, *[0] * (variable.ndim - 2)), compressed)
            elif variable.size:
                array = arrays[name]
                variable[i, a] = array if METRICS[name].kind == "total" else np.moveaxis(array, 0, -1)
    return buffer.getbuffer()


def _write_labels(file: Any, dim: str, values: Any) -> None:
    """Write the labels along a dimension: numbers, texts, or days counted from the first."""
    _, h5py = netcdf_libraries()
    if dim == "date":
        first = np.datetime_as_string(values[0], unit="D")
        days = (values - values[0]).astype("timedelta64[D]").astype(np.int64)
        variable = file.create_variable(dim, (dim,), np.int64, data=days)
        variable.attrs.update({"units": f"days since {first}", "calendar": "proleptic_gregorian"})
    elif dim == "seed":
        file.create_variable(dim, (dim,), np.int64, data=values)
    else:
        texts = np.array([str(value) for value in values], dtype=object)
        file.create_variable(dim, (dim,), h5py.string_dtype(), data=texts)


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
        if name not in self._arrays:
            if name not in self._names:
                raise KeyError(name)
            try:
                stored = np.asarray(self._file[name][self._place])
            except DAMAGE as error:
                path = self._file.filename if self._file else "the panel"
                raise RunError(f"{path}: '{name}' cannot be read ({error}); run the scenario again") from error
            self._arrays[name] = stored if METRICS[name].kind == "total" else _date_first(stored)
        return self._arrays[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def compressed(self, name: str) -> bytes:
        """Return an array as it is stored in the file; nothing where it is not one chunk of the form written here."""
        with suppress(*DAMAGE):
            variable = self._file[name]
            if variable.chunks == (1, 1, *variable.shape[2:]) and (variable.compression, variable.shuffle) == (
                "gzip",
                True,
            ):
                mask, chunk = variable.id.read_direct_chunk((*self._place, *[0] * (variable.ndim - 2)))
                return bytes(chunk) if mask == 0 else b""
        return b""


def _date_first(stored: Array) -> Array:
    """Return an array with its last dimension first; one day that stands for all where all are the same."""
    bits = stored.view(np.uint64)
    if (bits[..., -1] == bits[..., 0]).all() and (bits == bits[..., :1]).all():
        day = np.array(stored[..., 0], order="C")  # a copy, so that the rest is released
        return np.broadcast_to(day, (stored.shape[-1], *day.shape))
    return np.ascontiguousarray(np.moveaxis(stored, -1, 0))


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
        names = METRICS.among(list(file))
        for name in names:
            shape = axes.shape(name)
            last = shape if METRICS[name].kind == "total" else (*shape[1:], shape[0])
            _check_variable(file[name], (len(seeds), len(ARMS), *last))
        people = {}
        for name, dim in (("simulated_people", "cell"), ("real_people", "people_group")):
            keys = read_texts(file[dim])
            _check_variable(file[name], (len(seeds), len(ARMS), len(keys)))
            people[name] = keys, file[name][...]
        sampled = [tuple(Sampled(**row) for row in json.loads(text)) for text in read_texts(file["sampled_users"])]
        decisions = [tuple(map(from_data, json.loads(text))) for text in read_texts(file["decisions"])]
        attributes = {key: str(value) for key, value in file.attrs.items() if isinstance(value, str)}
    except DAMAGE as error:
        raise RunError(f"{path} cannot be read as a panel of results ({error}); run the scenario again") from error

    def counts(name: str, place: tuple[int, int]) -> dict[str, float]:
        keys, numbers = people[name]
        return {key: n for key, n in zip(keys, numbers[place].tolist(), strict=True) if not math.isnan(n)}

    def arm_at(i: int, arm: int) -> ArmData:
        cells = {key: int(n) for key, n in counts("simulated_people", (i, arm)).items()}
        data = ArmData(seeds[i], ARMS[arm], axes, StoredArrays(file, names, (i, arm)), cells, sampled=sampled[i])
        return replace(data, real=counts("real_people", (i, arm)), decisions=decisions[i] if arm else ())

    return [(arm_at(i, 0), arm_at(i, 1)) for i in range(len(seeds))], attributes


def _check_variable(variable: Any, shape: tuple[int, ...]) -> None:
    """Raise ValueError where a dataset does not hold numbers of the shape that its labels give."""
    if variable.dtype != np.float64 or variable.shape != shape:
        raise ValueError(f"'{variable.name}' holds {variable.dtype} of shape {variable.shape}, not float64 of {shape}")


def read_texts(variable: Any) -> tuple[str, ...]:
    """Return the texts of a dataset; ValueError where one could not be printed."""
    texts = tuple(str(text) for text in variable.asstr()[...].tolist())
    fault = next((fault for text in texts if (fault := commands_in(text))), "")
    if fault:
        raise ValueError(f"a label of '{variable.name}' contains {fault}")
    return texts


# --- HDF5 from an unknown source -------------------------------------------------------------------------


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
        more numbers than its bytes can hold; or when h5py is not installed.
    OSError
        When it is no HDF5 file.
    """
    _, h5py = netcdf_libraries()
    file = h5py.File(path, "r")
    fault = next((fault for name in file for fault in _foreign_data(file, name)), "")
    if fault:
        file.close()
        raise RunError(
            f"{path} is not the work of this program: {fault}. It was not read: it could copy your files into results"
        )
    return file


def _foreign_data(file: Any, name: str) -> Iterator[str]:
    """Yield the reasons why a name in a file is no dataset whose numbers are all there; nothing is followed."""
    _, h5py = netcdf_libraries()
    link = file.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        yield f"'{name}' is a link to another file, {link.filename!r}"
    elif not isinstance(link, h5py.HardLink):
        yield f"'{name}' is a link, not a dataset"
    elif file.get(name, getclass=True) is not h5py.Dataset:
        yield f"'{name}' is no dataset"
    else:
        variable = file[name]
        properties = variable.id.get_create_plist()
        if properties.get_external_count() > 0:
            yield f"the numbers of '{name}' are in another file, {properties.get_external(0)[0]!r}"
        if variable.is_virtual:
            yield f"'{name}' is a virtual dataset: its numbers are elsewhere"
        codes = {properties.get_filter(number)[0] for number in range(properties.get_nfilters())}
        if codes - _FILTERS:
            yield f"'{name}' needs the filter {min(codes - _FILTERS)}, which is no part of HDF5"
        size = math.prod(variable.shape or (0,)) * variable.dtype.itemsize
        if size > max(_SMALL, _MOST_COMPRESSED * variable.id.get_storage_size()):
            yield f"'{name}' claims {size:,} bytes, more than the file can hold"


def netcdf_libraries() -> tuple[Any, Any]:
    """Return h5netcdf and h5py, imported on first use: the model runs without them.

    Raises
    ------
    RunError
        When one is not installed.
    """
    try:
        import h5netcdf
        import h5py
    except ImportError as error:
        raise RunError("results are stored by h5netcdf; install it: uv pip install h5netcdf") from error
    return h5netcdf, h5py

"""Results as labelled arrays, and the panel file with all of them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import RunError, commands_in
from sim.groups import sampled_from_text, sampled_to_text
from sim.metrics.registry import METRICS
from sim.results.hdf5 import ForeignDataError
from sim.results.panel import ARMS, ArmData, Axes, Packed, Pair
from sim.results.rows import held
from sim.results.stored_arrays import FAULTS, Array, OpenPanel, StoredArrays, is_steady

if TYPE_CHECKING:
    import xarray as xr

_DIMS = ("state", "platform", "group", "partner", "way", "source")
_SAMPLED = "sampled_users"
_LEVEL = 4  # of zlib, for the small tables that HDF5 packs by itself


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

    declared, axes = METRICS[metric], members[0][0].axes
    days = () if declared.kind == "total" else ("date",)
    stacked = np.stack([np.stack([arm.arrays[metric] for arm in pair]) for pair in members])
    return xr.DataArray(
        stacked,
        dims=("seed", "arm", *days, *declared.dims),
        coords={
            "seed": np.array([baseline.seed for baseline, _ in members], dtype=np.int64),
            "arm": list(ARMS),
            **({"date": _days(axes.dates)} if days else {}),
            **{dim: list(axes.labels(dim)) for dim in declared.dims},
        },
        name=metric,
        attrs={"long_name": declared.label, "units": declared.unit, "description": declared.description},
    )


def dataset(members: Sequence[Pair]) -> xr.Dataset:
    """Return every metric of a run, with the simulated and the real people behind each cell.

    Returns
    -------
    xarray.Dataset
        The metrics; ``simulated_people`` (seed, arm, cell) and ``real_people`` (seed, arm, people_group)
        [persons].
    """
    return _frame(members).assign({name: data_array(members, name) for name in held(members)})


def _frame(members: Sequence[Pair]) -> xr.Dataset:
    """Return a dataset with the labels of all dimensions and the people behind each cell, without metrics."""
    import xarray as xr

    labels, people = _labels(members), _people(members)
    coords: dict[str, Any] = {name: values for name, values in labels.items() if name != "date"}
    coords["date"] = _days(members[0][0].axes.dates)
    return xr.Dataset(
        {name: (("seed", "arm", dim), numbers) for name, (dim, numbers) in people.items()},
        coords={name: coords[name] for name in labels},
        attrs={"Conventions": "CF-1.8"},
    )


def _labels(members: Sequence[Pair]) -> dict[str, Any]:
    """Return the labels along every dimension of a panel."""
    axes, arms = members[0][0].axes, list(chain.from_iterable(members))
    return {
        "seed": np.array([baseline.seed for baseline, _ in members], dtype=np.int64),
        "arm": list(ARMS),
        "date": axes.dates,
        **{dim: list(axes.labels(dim)) for dim in _DIMS},
        "cell": np.array(_keys([arm.cells for arm in arms]), dtype=np.str_),
        "people_group": np.array(_keys([arm.real for arm in arms]), dtype=np.str_),
    }


def _keys(tables: Sequence[Mapping[str, float]]) -> list[str]:
    """Return what any of the tables names, sorted."""
    return sorted(set(chain.from_iterable(tables)))


def _people(members: Sequence[Pair]) -> dict[str, tuple[str, np.ndarray]]:
    """Return, by name, the dimension and the numbers (seed, arm, that dimension) of the people behind each cell."""
    arms = list(chain.from_iterable(members))
    counts: dict[str, tuple[str, list[Mapping[str, float]]]] = {
        "simulated_people": ("cell", [arm.cells for arm in arms]),
        "real_people": ("people_group", [arm.real for arm in arms]),
    }
    found = {}
    for name, (dim, tables) in counts.items():
        keys = _keys(tables)
        # A missing count is kept apart from a count of zero.
        rows = [[float(table.get(key, np.nan)) for key in keys] for table in tables]
        found[name] = (dim, np.array(rows, dtype=np.float64).reshape(len(members), 2, len(keys)))
    return found


def _days(dates: Sequence[str]) -> np.ndarray:
    """Return dates as numpy days."""
    return np.array(dates, dtype="datetime64[D]").astype("datetime64[ns]")


def pack(pair: Pair) -> Packed:
    """Return a member's arrays, exact and packed, as a panel holds them; most of the work of writing one."""
    return {
        name: [_packed_day(arm.arrays[name][0].tobytes(), len(arm.arrays[name])) if is_steady(arm.arrays, name)
               else _packed(_stored(arm.arrays[name], name)) for arm in pair]
        for name in held([pair])
    }  # fmt: skip


def _stored(array: np.ndarray, metric: str) -> np.ndarray:
    """Return the array of an arm as a panel holds it, the date last: most numbers are those of the day before.

    Side by side they pack to six tenths of what they take when the date comes first.
    """
    return array if METRICS[metric].kind == "total" else np.moveaxis(array, 0, -1)


def _packed(array: np.ndarray) -> bytes:
    """Return the bytes of a chunk: first bytes of all numbers, then second ones and so on, deflated."""
    numbers = np.ascontiguousarray(array, dtype="<f8")
    if not numbers.view(np.uint64).any():
        return _packed_zeros(numbers.nbytes)
    return _deflated(np.ascontiguousarray(numbers.view(np.uint8).reshape(-1, 8).T))


@lru_cache(maxsize=128)
def _packed_day(day: bytes, days: int) -> bytes:
    """Return the chunk of a metric that is the same on all days; many chunks repeat in both arms or in all members."""
    return _packed(np.repeat(np.frombuffer(day, dtype=np.float64), days))


@lru_cache(maxsize=32)
def _packed_zeros(n_bytes: int) -> bytes:
    """Return the chunk of an array of zeros, which is frequent."""
    return _deflated(bytes(n_bytes))


def _deflated(data: bytes | Array) -> bytes:
    """Return some bytes deflated by run lengths alone.

    Most numbers equal those of the day before, so their bytes come in runs. A search for other repetitions takes twice
    as long, and the panel is 5 to 10 % larger.
    """
    packing = zlib.compressobj(strategy=zlib.Z_RLE)
    return packing.compress(data) + packing.flush()


def write_panel(
    path: Path, members: Sequence[Pair], attributes: Mapping[str, str], packed: Iterable[Packed] | None = None
) -> None:
    """Write every metric into one NetCDF file; the same results give the same bytes.

    Parameters
    ----------
    path : Path
        The file; it is written under this name, so give one in a folder that is not yet in its place.
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    attributes : mapping of str to str
        What the file says of itself: scenario, status, version.
    packed : iterable of Packed, optional
        The members' arrays, in the same order, where others have packed them; one at a time is held.

    Raises
    ------
    RunError
        When the NetCDF writer is not installed.
    """
    _need_writer()
    import h5netcdf  # not with xarray, whose writer first loads a cluster library if one is installed
    import h5py

    labels = _labels(members)
    with h5netcdf.File(path, "w") as file:
        file.attrs.update({"Conventions": "CF-1.8", "title": "splinternet panel", **attributes})
        file.dimensions = {dim: len(values) for dim, values in labels.items()}
        for dim, values in labels.items():
            _write_labels(file, dim, values)
        texts = np.array([sampled_to_text(baseline.sampled) for baseline, _ in members], dtype=object)
        file.create_variable(_SAMPLED, ("seed",), h5py.string_dtype(), data=texts)
        for name, (dim, numbers) in _people(members).items():
            _create(file, name, ("seed", "arm", dim), numbers.shape)[...] = numbers
        for name in held(members):
            declared = METRICS[name]
            days = () if declared.kind == "total" else ("date",)
            about = {"long_name": declared.label, "units": declared.unit, "description": declared.description}
            shape = (len(members), len(ARMS), *_stored(members[0][0].arrays[name], name).shape)
            _create(file, name, ("seed", "arm", *declared.dims, *days), shape).attrs.update(about)
    with h5py.File(path, "r+") as plain:
        # One member at a time: all of them together may not fit into the memory.
        for number, chunks in enumerate(map(pack, members) if packed is None else packed):
            for name in held(members):
                place = plain[name]
                for arm in range(len(ARMS) if place.size else 0):
                    place.id.write_direct_chunk((number, arm, *[0] * (place.ndim - 2)), chunks[name][arm])


def _write_labels(file: Any, dim: str, values: Any) -> None:
    """Write the labels along a dimension: numbers, texts, or days counted from the first."""
    import h5py

    if dim == "date":
        days = np.array(values, dtype="datetime64[D]")
        numbers = (days - days[0]).astype(np.int64)
        variable = file.create_variable(dim, (dim,), np.int64, data=numbers)
        variable.attrs.update({"units": f"days since {values[0]}", "calendar": "proleptic_gregorian"})
    elif dim == "seed":
        file.create_variable(dim, (dim,), np.int64, data=values)
    else:
        texts = np.array([str(value) for value in values], dtype=object)
        file.create_variable(dim, (dim,), h5py.string_dtype(), data=texts)


def _create(file: Any, name: str, dims: tuple[str, ...], shape: tuple[int, ...]) -> Any:
    """Make room for an array, exact and packed, one chunk an arm."""
    packed: dict[str, Any] = {}
    if 0 not in shape:
        chunks = (1, 1, *shape[2:])
        packed = {"compression": "gzip", "compression_opts": _LEVEL, "shuffle": True, "chunks": chunks}
    return file.create_variable(name, dims, "<f8", **packed)


def read_panel(path: Path, *, whole: bool = True) -> tuple[list[Pair], dict[str, str]]:
    """Return the members that a panel file holds, and what the file says of itself.

    Parameters
    ----------
    path : Path
    whole : bool
        Whether to read all numbers now, which shows whether they can be read. Otherwise the file stays open, and a
        metric is read when it is first asked for.

    Raises
    ------
    RunError
        When it is not a panel, is damaged, or leads to other files.
    """
    _need_writer()
    try:
        panel = OpenPanel(path)
        file = panel.file
        axes = Axes(
            dates=_read_dates(file["date"]),
            **{f"{dim}s": _read_texts(file[dim]) for dim in ("state", "platform", "group", "way")},
        )
        names = tuple(METRICS.among(list(file)))
        counts = {
            name: (_read_texts(file[dim]), _read_numbers(file[name]))
            for name, dim in (("simulated_people", "cell"), ("real_people", "people_group"))
        }
        sampled = [sampled_from_text(text) for text in _read_texts(file[_SAMPLED])]
        about = {key: str(value) for key, value in file.attrs.items() if isinstance(value, str)}
        seeds = [int(seed) for seed in file["seed"][...]]
        for name in names:
            panel.check(name, len(seeds), len(ARMS))
        found = []
        for i, (seed, users) in enumerate(zip(seeds, sampled, strict=True)):
            stored = [StoredArrays(panel, names, (i, arm)) for arm in range(len(ARMS))]
            baseline, policy = (
                _arm(seed, (i, arm), axes, dict(stored[arm]) if whole else stored[arm], counts)
                for arm in range(len(ARMS))
            )
            found.append((replace(baseline, sampled=users), replace(policy, sampled=users)))
        if whole:
            panel.close()
        return found, about
    except ForeignDataError as error:
        raise RunError(
            f"{path} is not the work of this program: {error}. It was not read: it could copy your files into results"
        ) from error
    except FAULTS as error:
        raise RunError(f"{path} cannot be read as a panel of results ({error}); run the scenario again") from error


def _read_texts(dataset: Any) -> tuple[str, ...]:
    """Return the labels along a dimension; an error where one could not be printed."""
    texts = tuple(str(text) for text in dataset.asstr()[...].tolist())
    fault = next((fault for text in texts if (fault := commands_in(text))), "")
    if fault:
        raise ValueError(f"a label of '{dataset.name}' contains {fault}")
    return texts


def _read_dates(dataset: Any) -> tuple[str, ...]:
    """Return days as ``YYYY-MM-DD``."""
    first = np.datetime64(str(dataset.attrs["units"]).removeprefix("days since "), "D")
    days = dataset[...].astype(np.int64)
    return tuple(np.datetime_as_string(first + days, unit="D").tolist())


def _read_numbers(dataset: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the numbers of a dataset; an error where they are no numbers."""
    if dataset.dtype.kind != "f":
        raise ValueError(f"'{dataset.name}' holds {dataset.dtype}, not numbers")
    return np.asarray(dataset[...], dtype=np.float64)


def _arm(
    seed: int,
    at: tuple[int, int],
    axes: Axes,
    arrays: Mapping[str, Array],
    counts: Mapping[str, tuple[tuple[str, ...], np.ndarray]],
) -> ArmData:
    """Return one arm of one member of a panel, by the numbers of both."""

    def table(name: str) -> dict[str, float]:
        keys, numbers = counts[name]
        return {key: float(n) for key, n in zip(keys, numbers[at], strict=True) if not np.isnan(n)}

    return ArmData(
        seed=seed,
        arm=ARMS[at[1]],
        axes=axes,
        arrays=arrays,
        cells={key: int(n) for key, n in table("simulated_people").items()},
        real=table("real_people"),
    )


def _need_writer() -> None:
    """Raise RunError when what reads and writes NetCDF is missing."""
    try:
        for name in ("h5netcdf", "h5py"):
            import_module(name)
    except ImportError as error:
        raise RunError(f"reading and writing panel.nc needs {name}; install it: uv pip install {name}") from error


def attributes_text(values: Mapping[str, Any]) -> dict[str, str]:
    """Return attributes as texts, lists and mappings as JSON."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in sorted(values.items())}

"""Results as labelled arrays, and the panel file that holds all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import RunError
from sim.metrics.registry import METRICS
from sim.results.panel import ARMS, ArmData, Axes, Pair
from sim.results.rows import held

if TYPE_CHECKING:
    import xarray as xr

_DIMS = ("state", "platform", "group", "partner", "way", "source")
_LEVEL = 1  # of zlib; higher levels take twice the time and save 2 %


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

    axes = members[0][0].axes
    data: dict[str, Any] = {}
    counts: dict[str, tuple[str, list[Mapping[str, float]]]] = {
        "simulated_people": ("cell", [arm.cells for arm in chain.from_iterable(members)]),
        "real_people": ("people_group", [arm.real for arm in chain.from_iterable(members)]),
    }
    coords: dict[str, Any] = {
        "seed": np.array([baseline.seed for baseline, _ in members], dtype=np.int64),
        "arm": list(ARMS),
        "date": _days(axes.dates),
        **{dim: list(axes.labels(dim)) for dim in _DIMS},
    }
    for name, (dim, tables) in counts.items():
        keys = sorted(set(chain.from_iterable(tables)))
        # A missing count is kept apart from a count of nought.
        rows = [[float(table.get(key, np.nan)) for key in keys] for table in tables]
        data[name] = (
            ("seed", "arm", dim),
            np.array(rows, dtype=np.float64).reshape(len(members), 2, len(keys)),
        )
        coords[dim] = np.array(keys, dtype=np.str_)
    return xr.Dataset(data, coords=coords, attrs={"Conventions": "CF-1.8"})


def _days(dates: Sequence[str]) -> np.ndarray:
    """Return dates as numpy days."""
    return np.array(dates, dtype="datetime64[D]").astype("datetime64[ns]")


def write_panel(path: Path, members: Sequence[Pair], attributes: Mapping[str, str]) -> None:
    """Write every metric into one NetCDF file; the same results give the same bytes.

    Parameters
    ----------
    path : Path
        The file; it is written under this name, so give one in a folder that is not yet in its place.
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    attributes : mapping of str to str
        What the file says of itself: scenario, status, version.

    Raises
    ------
    RunError
        When the NetCDF writer is not installed.
    """
    _need_writer()
    names = held(members)
    frame = _frame(members).assign_attrs({"title": "splinternet panel", **attributes})
    days = {"units": f"days since {members[0][0].axes.dates[0]}", "dtype": "int64", "_FillValue": None}
    frame.to_netcdf(path, engine="h5netcdf", encoding={"date": days} | _encoding(frame))
    for name in names:
        # One metric at a time: all of them together may not fit into the memory.
        one = data_array(members, name).drop_vars([str(dim) for dim in frame.coords], errors="ignore")
        one.to_dataset().to_netcdf(path, mode="a", engine="h5netcdf", encoding=_encoding(one.to_dataset()))


def _encoding(data: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Return how the variables of a dataset are stored: exact, packed, one chunk an arm."""
    encoding: dict[str, dict[str, Any]] = {}
    for name, variable in data.data_vars.items():
        encoding[str(name)] = {"dtype": "float64", "_FillValue": None}
        if variable.size:
            chunk = (1, 1, *variable.shape[2:])
            encoding[str(name)] |= {"zlib": True, "complevel": _LEVEL, "shuffle": True, "chunksizes": chunk}
    return encoding


def read_panel(path: Path) -> list[Pair]:
    """Return the members that a panel file holds.

    Raises
    ------
    RunError
        When it is not a panel, or is damaged.
    """
    import xarray as xr

    _need_writer()
    try:
        with xr.open_dataset(path, engine="h5netcdf", mask_and_scale=False) as opened:
            panel = opened.load()
        axes = Axes(
            dates=tuple(np.datetime_as_string(panel["date"].to_numpy(), unit="D").tolist()),
            **{f"{dim}s": tuple(panel[dim].to_numpy().tolist()) for dim in ("state", "platform", "group", "way")},
        )
        return [(_arm(panel, axes, i, 0), _arm(panel, axes, i, 1)) for i in range(panel.sizes["seed"])]
    except (OSError, KeyError, ValueError) as error:
        raise RunError(f"{path} cannot be read as a panel of results ({error}); run the scenario again") from error


def _arm(panel: xr.Dataset, axes: Axes, member: int, arm: int) -> ArmData:
    """Return one arm of one member of a panel."""

    def counts(name: str, dim: str) -> dict[str, float]:
        row = panel[name].to_numpy()[member, arm]
        keys = panel[dim].to_numpy().tolist()
        return {key: float(n) for key, n in zip(keys, row, strict=True) if not np.isnan(n)}

    return ArmData(
        seed=int(panel["seed"].to_numpy()[member]),
        arm=ARMS[arm],
        axes=axes,
        arrays={name: panel[name].to_numpy()[member, arm] for name in METRICS if name in panel.data_vars},
        cells={key: int(n) for key, n in counts("simulated_people", "cell").items()},
        real=counts("real_people", "people_group"),
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

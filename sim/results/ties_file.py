"""The file of kin ties in a run folder: NetCDF, the members one after the other, packed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import RunError
from sim.results.hdf5 import open_plain
from sim.results.kin_history import MemberTies
from sim.results.panel import ARMS

_PACKED: Mapping[str, Any] = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
_ABOUT: Mapping[str, tuple[str, str]] = {
    "table/person": ("people", "number of the simulated person"),
    "table/group": ("people", "place of the group of the person in the dimension group of panel.nc"),
    "table/age": ("people", "rank by age among the internet users of the state, 0 for the youngest to 10000"),
    "table/skill": ("people", "rank by skill among the internet users of the state, 0 for the least skilled to 10000"),
    "table/diaspora_end": ("ties", "place of the diaspora end among the people of the member"),
    "table/family_end": ("ties", "place of the family end among the people of the member"),
    "table/conversations": ("ties", "usual conversations a day"),
    "table/phone": ("ties", "days without a channel until the two telephone, 32767 for never"),
    "before": ("ties", "platforms that join the two ends before the first day, bits in the order of panel.nc"),
    "tie": ("changes", "number of the tie of which the channels change"),
    "day": ("changes", "day of the change, from 0"),
    "channels": ("changes", "platforms that join the two ends from that day on, bits"),
    "first_out": ("ties", "first day without a channel that the baseline arm has, -1 for none"),
    "first_back": ("ties", "day on which the tie came back, -1 for none"),
    "way_back": ("ties", "how it came back: 1 direct, 2 VPN, 3 substitute, 4 bridge, 0 not"),
    "cause": ("ties", "place of the cause of the first loss in causes, -1 for none"),
    "causes": ("reasons", "policy and rule, separated by a tab"),
}
"""What each variable runs over, and what it holds; those of an arm have the arm before their names."""


def write_ties(path: Path, members: Sequence[tuple[int, MemberTies]], attributes: Mapping[str, str]) -> None:
    """Write the kin ties of all members into one file; the same ties give the same bytes.

    Parameters
    ----------
    path : Path
        The file; it is written under this name, so give one in a folder that is not yet in its place.
    members : sequence of (int, MemberTies)
        The seed and the ties of each member.
    attributes : mapping of str to str
        What the file says of itself: scenario, status, version.
    """
    import h5netcdf
    import h5py

    arrays = [ties.to_arrays() for _, ties in members]
    with h5netcdf.File(path, "w") as file:
        file.attrs.update({"Conventions": "CF-1.8", "title": "splinternet kin ties", **attributes})
        file.dimensions = {"seed": len(members)}
        file.create_variable("seed", ("seed",), np.int64, data=np.array([seed for seed, _ in members], np.int64))
        for name in _names():
            dim, parts = _dim(name), [found[name] for found in arrays]
            if dim not in file.dimensions:
                sizes = np.array([len(part) for part in parts], np.int64)
                file.dimensions[dim] = n = int(sizes.sum())
                file.create_variable(dim, (dim,), np.int32, data=np.arange(n, dtype=np.int32), **(_PACKED if n else {}))
                made = file.create_variable(f"{dim}_of_seed", ("seed",), np.int64, data=sizes)
                made.attrs.update({"long_name": f"number of {dim} of each member", "sample_dimension": dim})
            whole = np.concatenate(parts)
            kind: Any = whole.dtype
            if name.endswith("/causes"):
                whole, kind = np.array(["\t".join(row) for row in whole.tolist()], object), h5py.string_dtype()
            packed = _PACKED if whole.size and kind.kind in "if" else {}
            about = (_ABOUT.get(name) or _ABOUT[name.partition("/")[2]])[1]
            file.create_variable(name.replace("/", "_"), (dim,), kind, data=whole, **packed).attrs["long_name"] = about


def read_ties(path: Path) -> dict[int, MemberTies]:
    """Return the kin ties of every member by its seed.

    Raises
    ------
    RunError
        When it is no such file, is damaged, or leads to other files.
    """
    try:
        with open_plain(path) as file:
            seeds = [int(seed) for seed in file["seed"][...]]
            whole = {name: _read(file, name) for name in _names()}
            edges = {dim: np.cumsum([0, *file[f"{dim}_of_seed"][...]]) for dim in {_dim(name) for name in whole}}
        return {
            seed: MemberTies.from_arrays(
                {name: part[edges[_dim(name)][i] : edges[_dim(name)][i + 1]] for name, part in whole.items()}
            )
            for i, seed in enumerate(seeds)
        }
    except (OSError, KeyError, ValueError, TypeError, IndexError, RuntimeError) as error:
        raise RunError(f"{path} cannot be read as a table of ties ({error}); run the scenario again") from error


def _names() -> list[str]:
    """Return the names of all variables, those of the arms with the arm before."""
    shared = [name for name in _ABOUT if name.startswith("table/")]
    return [*shared, *(f"{arm}/{name}" for arm in ARMS for name in _ABOUT if name not in shared)]


def _dim(name: str) -> str:
    """Return what a variable runs over."""
    arm, _, last = name.partition("/")
    over = (_ABOUT.get(name) or _ABOUT[last])[0]
    return over if over in ("people", "ties") else f"{arm}_{over}"


def _read(file: Any, name: str) -> Any:
    """Return a variable of an open file: numbers, or policy and rule of each cause."""
    dataset = file[name.replace("/", "_")]
    if name.endswith("/causes"):
        return [tuple(str(text).partition("\t")[::2]) for text in dataset.asstr()[...].tolist()]
    if dataset.dtype.kind not in "if":
        raise ValueError(f"'{name}' holds {dataset.dtype}, not numbers")
    return np.asarray(dataset[...])

"""The file of kin ties in a run folder: NetCDF, the members one after the other, packed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.errors import RunError
from sim.results.hdf5 import open_plain
from sim.results.kin_history import MemberTies
from sim.results.panel import ARMS

_PACKED: Mapping[str, Any] = {"compression": "gzip", "compression_opts": 4, "shuffle": True}


class _Held(NamedTuple):
    """A variable of the file.

    Attributes
    ----------
    place, name : str
        ``table`` for what both arms share, else the arm; and its name there.
    dim : str
        What it runs over.
    about : str
        What it holds.
    """

    place: str
    name: str
    dim: str
    about: str

    @property
    def variable(self) -> str:
        """The name of the variable in the file."""
        return f"{self.place}_{self.name}"

    @property
    def key(self) -> str:
        """Its name in `MemberTies.to_arrays`."""
        return f"{self.place}/{self.name}"


_SHARED = (
    ("person", "people", "number of the simulated person"),
    ("group", "people", "place of the group of the person in the dimension group of panel.nc"),
    ("age", "people", "rank by age among the internet users of the state, 0 for the youngest to 10000"),
    ("skill", "people", "rank by skill among the internet users of the state, 0 for the least skilled to 10000"),
    ("diaspora_end", "ties", "place of the diaspora end among the people of the member"),
    ("family_end", "ties", "place of the family end among the people of the member"),
    ("conversations", "ties", "usual conversations a day"),
    ("phone", "ties", "days without a channel until the two telephone, 32767 for never"),
)
_OF_ARM = (
    ("before", "ties", "platforms that join the two ends before the first day, bits in the order of panel.nc"),
    ("tie", "changes", "number of the tie of which the channels change"),
    ("day", "changes", "day of the change, from 0"),
    ("channels", "changes", "platforms that join the two ends from that day on, bits"),
    ("first_out", "ties", "first day without a channel that the baseline arm has, -1 for none"),
    ("first_back", "ties", "day on which the tie came back, -1 for none"),
    ("way_back", "ties", "how it came back: 1 direct, 2 VPN, 3 substitute, 4 bridge, 0 not"),
    ("number_on", "ties", "day from which the telephone can do instead: 0 from the start, -1 never"),
    ("cause", "ties", "place of the cause of the first loss among the reasons, -1 for none"),
    ("policy", "reasons", "id of the policy that caused it, empty for none"),
    ("rule", "reasons", "what ended the last channel"),
)


def _held() -> Iterator[_Held]:
    """Yield every variable of the file, except the seeds and the dimensions."""
    for name, dim, about in _SHARED:
        yield _Held("table", name, dim, about)
    for arm in ARMS:
        for name, dim, about in _OF_ARM:
            yield _Held(arm, name, dim if dim == "ties" else f"{arm}_{dim}", about)


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
        for held in _held():
            parts = [found[held.key] for found in arrays]
            if held.dim not in file.dimensions:
                sizes = np.array([len(part) for part in parts], np.int64)
                file.dimensions[held.dim] = n = int(sizes.sum())
                counted = np.arange(n, dtype=np.int32)
                file.create_variable(held.dim, (held.dim,), np.int32, data=counted, **(_PACKED if n else {}))
                made = file.create_variable(_size(held.dim), ("seed",), np.int64, data=sizes)
                made.attrs.update({"long_name": f"number of {held.dim} of each member", "sample_dimension": held.dim})
            whole = np.concatenate(parts)
            kind: Any = whole.dtype
            if kind.kind == "U":
                whole, kind = whole.astype(object), h5py.string_dtype()
            packed = _PACKED if whole.size and kind.kind in "if" else {}
            made = file.create_variable(held.variable, (held.dim,), kind, data=whole, **packed)
            made.attrs["long_name"] = held.about


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
            whole = {held: _read(file, held) for held in _held()}
            edges = {dim: np.cumsum([0, *file[_size(dim)][...]]) for dim in {held.dim for held in whole}}
        return {
            seed: MemberTies.from_arrays(
                {held.key: part[edges[held.dim][i] : edges[held.dim][i + 1]] for held, part in whole.items()}
            )
            for i, seed in enumerate(seeds)
        }
    except (OSError, KeyError, ValueError, TypeError, IndexError, RuntimeError) as error:
        raise RunError(f"{path} cannot be read as a table of ties ({error}); run the scenario again") from error


def _size(dim: str) -> str:
    """Return the name of the variable that says how much of a dimension belongs to each member."""
    return f"{dim}_of_seed"


def _read(file: Any, held: _Held) -> np.ndarray:
    """Return a variable of an open file: numbers, or texts."""
    dataset = file[held.variable]
    if held.name in ("policy", "rule"):
        return np.array(dataset.asstr()[...].tolist(), np.str_)
    if dataset.dtype.kind not in "if":
        raise ValueError(f"'{held.variable}' holds {dataset.dtype}, not numbers")
    return np.asarray(dataset[...])

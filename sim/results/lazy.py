"""Metrics of all members as arrays that are put together when they are used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from .panel import ARMS, Array, Pair, attributes_of, dims_of, labels_of, people_of


class Stacked(BackendArray):
    """A metric of all members, dimensions ``seed, arm`` and its own; a part is read when it is asked for.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
    metric : str
        A metric that they hold.
    """

    def __init__(self, members: Sequence[Pair], metric: str) -> None:
        self.members, self.metric, self.dtype = members, metric, np.dtype(np.float64)
        self.shape = (len(members), len(ARMS), *members[0][0].axes.shape(metric))

    def __getitem__(self, key: Any) -> Any:
        """Return a part of it."""
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._part)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to copy it or send it away: as the numbers themselves, for its file stays here."""
        return indexing.NumpyIndexingAdapter, (self._part((slice(None),) * len(self.shape)),)

    def _part(self, key: tuple[Any, ...]) -> Array:
        some, arms, *rest = key
        seeds, picked = np.atleast_1d(np.arange(len(self.members))[some]), np.atleast_1d(np.arange(len(ARMS))[arms])
        read = [[self.members[i][a].arrays[self.metric][*rest] for a in picked.tolist()] for i in seeds.tolist()]
        values = np.array(read) if isinstance(arms, slice) else np.array(read)[:, 0]
        return values if isinstance(some, slice) else values[0]


def dataset(members: Sequence[Pair], names: Sequence[str]) -> xr.Dataset:
    """Return metrics of a run, with the simulated and the real people behind each cell.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
    names : sequence of str
        Metrics that the run holds.

    Returns
    -------
    xarray.Dataset
        The metrics, each put together when it is first used; ``simulated_people`` (seed, arm, cell) and
        ``real_people`` (seed, arm, people_group) [persons].
    """
    people = {name: (("seed", "arm", dim), numbers) for name, (dim, numbers) in people_of(members).items()}
    metrics = {
        name: xr.Variable(
            ("seed", "arm", *dims_of(name)), indexing.LazilyIndexedArray(Stacked(members, name)), attributes_of(name)
        )
        for name in names
    }
    return xr.Dataset(people, coords=labels_of(members), attrs={"Conventions": "CF-1.8"}).assign(metrics)

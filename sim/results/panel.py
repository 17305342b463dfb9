"""The numbers of a run as labelled arrays: of one arm, and of all members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.groups import Group, Sampled, read
from ..decisions import Decision
from ..errors import RunError
from ..metrics.registry import LOSSES, METRICS

if TYPE_CHECKING:
    import xarray as xr

    from .ties import MemberTies

ARMS = ("baseline", "policy")
_DIMS = ("state", "platform", "group", "partner", "way", "source", "loss")

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
        if dim == "loss":
            return LOSSES
        field_of = {"partner": "states", "source": "platforms"}
        labels: tuple[str, ...] = getattr(self, field_of.get(dim, f"{dim}s"))
        return labels

    def shape(self, metric: str) -> tuple[int, ...]:
        """Return the shape that the array of a metric must have, the date first where it has one."""
        return tuple(len(self.labels(dim)) for dim in dims_of(metric))


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

    def same_as(self, other: ArmData) -> bool:
        """Return whether two arms hold the same values, bit for bit."""
        mine, theirs = (
            (arm.seed, arm.arm, arm.axes, dict(arm.cells), dict(arm.real), arm.decisions, arm.sampled, set(arm.arrays))
            for arm in (self, other)
        )
        return mine == theirs and all(
            np.array_equal(array, other.arrays[name], equal_nan=True) for name, array in self.arrays.items()
        )


Pair = tuple[ArmData, ArmData]
"""A member: its baseline and its policy arm."""


def check_pair(pair: Pair) -> None:
    """Raise RunError when two arms are not those of one member, or an array is not what its metric declares."""
    baseline, policy = pair
    if (baseline.arm, policy.arm) != ARMS or baseline.seed != policy.seed:
        raise RunError("a member must be a baseline and a policy arm of the same seed")
    if baseline.axes != policy.axes or set(baseline.arrays) != set(policy.arrays):
        raise RunError(f"the axes or metrics of the arms of seed {policy.seed} are not the same")
    declared, axes = METRICS.among(baseline.arrays), baseline.axes
    if unknown := set(baseline.arrays).difference(declared):
        raise RunError(f"the metric '{min(unknown)}' is not declared in sim/metrics")
    for arm in pair:
        # Arrays in a file were checked when it was opened.
        for name, array in arm.arrays.items() if isinstance(arm.arrays, dict) else ():
            if array.shape != axes.shape(name) or array.dtype != np.float64:
                held, wanted = f"shape {array.shape} of {array.dtype}", f"{axes.shape(name)} of float64"
                raise RunError(f"the metric '{name}' has {held}; {wanted} was declared")


def metrics_held(members: Sequence[Pair]) -> list[str]:
    """Return the metrics that a run holds, in the order of the registry."""
    return METRICS.among(members[0][0].arrays)


def is_steady(array: Array) -> bool:
    """Return whether an array is one day that stands for all, as `engine.record` holds what does not change."""
    return array.ndim > 0 and len(array) > 1 and array.strides[0] == 0


def dims_of(metric: str) -> tuple[str, ...]:
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

    dims, labels = ("seed", "arm", *dims_of(metric)), labels_of(members)
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
    return sorted(set(chain.from_iterable(getattr(arm, counts) for pair in members for arm in pair)))


def people_of(members: Sequence[Pair]) -> dict[str, tuple[str, Array]]:
    """Return the simulated and the real people as (seed, arm, label), by name, with the dimension of the labels."""
    tables = {}
    for name, dim, counts in (("simulated_people", "cell", "cells"), ("real_people", "people_group", "real")):
        keys = _keys(members, counts)
        # A missing count is kept apart from a count of zero.
        rows = [[[getattr(arm, counts).get(key, np.nan) for key in keys] for arm in pair] for pair in members]
        tables[name] = dim, np.array(rows, dtype=np.float64).reshape(len(members), len(ARMS), len(keys))
    return tables


def attributes_of(metric: str) -> dict[str, str]:
    """Return the attributes of a metric's array."""
    declared = METRICS[metric]
    return {"long_name": declared.label, "units": declared.unit, "description": declared.description}

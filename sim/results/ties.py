"""Tables of single pairs of relatives in two states: who lost contact with whom, when, why and for
how long, and how contact came back.

The history contains each tie's channels before the first day and every change of them. The days,
the length and the end of each loss follow from it. A run that keeps its ties stores them in
``ties.nc``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import numpy as np
import pandas as pd

from ..core.groups import Group
from ..errors import InputError, Problem, RunError
from .panel import (
    ARMS,
    COMPRESSION,
    DAMAGE,
    ArmData,
    Axes,
    add_variable,
    netcdf_bytes,
    open_hdf5,
    read_texts,
)

if TYPE_CHECKING:
    from .result import Result

COLUMNS = (
    "seed",
    "arm",
    "person",
    "kin",
    "residence",
    "origin",
    "age",
    "skill",
    "weight",
    "channels_before",
    "last_channel",
    "first_lost",
    "cause",
    "spells",
    "days_out",
    "back_on",
    "back_how",
    "phone",
    "number_on",
    "back",
    "conversations",
    "group",
)
BRIDGE = "a bridge"
BRIDGE_BIT = 63
"""Bit of a bridge between two platforms, among the bits of platforms."""
NEVER = np.iinfo(np.int16).max
"""Days until the telephone is used if it never is; more than any run has."""
HOW_BACK = ("direct", "vpn", "substitute", "bridge")
"""Codes of the way in which a tie first came back, in the order of
`splinternet.metrics.registry.WAYS`. Codes begin with 1; 0 means that the tie never came back.
"""
RANKS = 10_000
"""Number of steps of the ranks of age and skill."""


@dataclass(frozen=True)
class KinTable:
    """Pairs of relatives of one seed, the same in both arms: columns by person and by pair.

    Each column has its dimension in ``ties.nc``, along which the seeds follow one another, and a
    description.

    Ranks go from 0, for the youngest and the least skilled, to `RANKS`.
    """

    person: Annotated[np.ndarray, "people", "number of the simulated person"]
    group: Annotated[
        np.ndarray, "people", "index of the person's group in the dimension group of panel.nc"
    ]
    age: Annotated[
        np.ndarray,
        "people",
        "rank by age among internet users of the state, from 0 (youngest) to 10000",
    ]
    skill: Annotated[
        np.ndarray,
        "people",
        "rank by skill among internet users of the state, from 0 (least skilled) to 10000",
    ]
    diaspora_end: Annotated[
        np.ndarray, "ties", "index of the diaspora end among the people of the member"
    ]
    family_end: Annotated[
        np.ndarray, "ties", "index of the family end among the people of the member"
    ]
    conversations: Annotated[np.ndarray, "ties", "usual conversations a day"]
    phone: Annotated[
        np.ndarray, "ties", "days without a channel until the two telephone, 32767 for never"
    ]


@dataclass(frozen=True)
class KinHistory:
    """Histories of the pairs of relatives in two states, in one arm of a seed: columns by pair, by
    change, and by cause of a loss.

    Changes are in the order of the days. Days are counted from 0; -1 means none.
    """

    before: Annotated[
        np.ndarray,
        "ties",
        "platforms that connect the two ends before the first day, bits in the order of panel.nc",
    ]
    tie: Annotated[np.ndarray, "changes", "number of the tie whose channels change"]
    day: Annotated[np.ndarray, "changes", "day of the change, from 0"]
    channels: Annotated[
        np.ndarray, "changes", "platforms that connect the two ends from that day on, bits"
    ]
    first_out: Annotated[np.ndarray, "ties", "first day that counts as out of contact, -1 for none"]
    first_back: Annotated[np.ndarray, "ties", "day on which the tie came back, -1 for none"]
    way_back: Annotated[
        np.ndarray, "ties", "how it came back: 1 direct, 2 VPN, 3 substitute, 4 bridge, 0 never"
    ]
    number_on: Annotated[
        np.ndarray,
        "ties",
        "day from which the telephone can replace an app: 0 from the start, -1 never",
    ]
    cause: Annotated[
        np.ndarray, "ties", "index of the cause of the first loss among the reasons, -1 for none"
    ]
    policy: Annotated[np.ndarray, "reasons", "id of the policy that caused it, empty for none"]
    rule: Annotated[np.ndarray, "reasons", "what ended the last channel"]

    def days_with_channel(self, days: int, ties: np.ndarray | None = None) -> np.ndarray:
        """Return whether some ties, by default all, have a channel at the end of each day, shape
        (days, ties).
        """
        ties = np.arange(self.before.size) if ties is None else ties
        is_open = self.before != 0
        edges = np.searchsorted(self.day, np.arange(days + 1))
        found = np.empty((days, ties.size), np.bool_)
        for day in range(days):
            today = slice(edges[day], edges[day + 1])
            is_open[self.tie[today]] = self.channels[today] != 0
            found[day] = is_open[ties]
        return found

    def channels_after(self, day: np.ndarray) -> np.ndarray:
        """Return the apps that connect each pair at the end of a given day for each, shape (ties,);
        -1 means before the first day.
        """
        channels = self.before.copy()
        is_past = self.day <= day[self.tie]
        channels[self.tie[is_past]] = self.channels[is_past]  # the last of several changes counts
        return channels


@dataclass(frozen=True)
class MemberTies:
    """The pairs of relatives in two states of one seed, with their history in both arms."""

    table: KinTable
    baseline: KinHistory
    policy: KinHistory

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return all columns as arrays, by the names of the variables of ``ties.nc``."""
        parts = {"table": self.table, "baseline": self.baseline, "policy": self.policy}
        return {
            f"{part}_{name}": array
            for part, columns in parts.items()
            for name, array in vars(columns).items()
        }


class TieTable(pd.DataFrame):
    """The table of ties of a run: a `pandas.DataFrame` that can tell the history of each row."""

    _metadata = ["run"]  # noqa: RUF012 - pandas reads the names of attributes here
    run: Result | None = None

    @property
    def _constructor(self) -> type[TieTable]:
        return TieTable

    def story(self, row: int) -> str:
        """Return the history of two relatives' contact in plain sentences, one a line.

        It names the two people, their platforms, the days and causes of each change, and the days
        that the two are out of contact. These people are simulated: a story is one draw of the
        model, not a real case.

        Parameters
        ----------
        row : int
            Label of a row, such as ``ties.index[0]``.

        Raises
        ------
        InputError
            There is no such row, or the table lacks the columns that identify a tie.
        """
        from ..text.ties import story

        if row not in self.index:
            allowed = f"a label of the index, {self.index.min()} to {self.index.max()}"
            raise InputError(Problem("story", f"there is no row {row!r}", allowed))
        lacking = [name for name in _TIE if name not in self.columns]
        if self.run is None or lacking:
            found = f"this table lacks {', '.join(lacking) or 'its run'}"
            raise InputError(
                Problem("story", found, f"rows of result.ties() with {', '.join(_TIE)}")
            )
        seed, arm, person, kin = (self[name].loc[row] for name in _TIE)
        return story(self.run, int(seed), str(arm), (int(person), int(kin)))


_TIE = ("seed", "arm", "person", "kin")
"""The columns that identify a tie in an arm."""

type Member = tuple[ArmData, MemberTies]
"""An arm of a seed, for labels and real people, and its kin ties."""


def tie_frame(
    members: Sequence[Member], group: str | None = None, arm: str | None = None
) -> pd.DataFrame:
    """Return the table of ties, with a row for each kin tie abroad of each person in the table.

    A person is in the table if any of their ties has a channel on any day in either arm. A tie has
    a row for each of its two people who is in the table.

    Parameters
    ----------
    members : sequence of (ArmData, MemberTies)
        An arm of each seed, and its ties.
    group : str, optional
        Only the members of a group, such as ``US<-CN``.
    arm : {"baseline", "policy"}, optional
        Only one arm.

    Returns
    -------
    pandas.DataFrame
        With `COLUMNS`.
    """
    arms = [name for name in ARMS if arm in (None, name)]
    table = pd.concat(
        [_ties_of(member, name, group) for member in members for name in arms], ignore_index=True
    )
    table = table[list(COLUMNS)]
    return table.astype(
        {name: "category" for name in COLUMNS if pd.api.types.is_string_dtype(table[name])}
    )


def _ties_of(member: Member, arm: str, group: str | None) -> pd.DataFrame:
    """Return the table of ties of one arm of a seed."""
    axes = member[0].axes
    ties = member[1]
    history = getattr(ties, arm)
    baseline = ties.baseline
    table = ties.table
    days = len(axes.dates)
    first = history.first_out
    way = history.way_back.astype(np.int64)
    back = np.where(way > 0, history.first_back, -1)
    spells, days_out = np.zeros((2, first.size), np.int32)
    lost = np.flatnonzero(first >= 0)
    # With the policies, a day counts if the tie has a channel in the baseline arm at its end. In
    # the baseline arm, each day counts if the tie had a channel before the first day.
    had = baseline.days_with_channel(days, lost) if arm == "policy" else baseline.before[lost] != 0
    out = had & ~history.days_with_channel(days, lost)
    spells[lost] = (out[1:] & ~out[:-1]).sum(axis=0) + out[0]
    days_out[lost] = out.sum(axis=0)
    # Before the first day both arms are the same.
    last = np.where(first > 0, history.channels_after(first - 1), baseline.before)
    reasons = zip(history.policy, history.rule, strict=True)
    causes = [f"{policy}: {rule}" if policy else rule for policy, rule in reasons]
    of_tie = pd.DataFrame(
        {
            "channels_before": _platforms(baseline.before, axes),
            "last_channel": _platforms(np.where(first >= 0, last, 0), axes),
            "first_lost": _dates(first, axes),
            "cause": _texts(history.cause, causes),
            "spells": spells,
            "days_out": days_out,
            "back_on": _platforms(np.where(back >= 0, history.channels_after(back), 0), axes),
            "back_how": _texts(way - 1, HOW_BACK),
            "phone": np.where(
                (table.phone == NEVER) | (history.number_on < 0), np.nan, table.phone
            ),
            "number_on": _dates(np.where(history.number_on > 0, history.number_on, -1), axes),
            "back": _dates(back, axes),
            "conversations": table.conversations,
        }
    )
    of_end = _ends_of(member, arm, group)
    return of_end.join(of_tie, on="tie")


def _ends_of(member: Member, arm: str, group: str | None) -> pd.DataFrame:
    """Return the columns of the table for the ends of ties, in the order of the people: the person,
    the relative, and the tie.
    """
    data, ties = member
    axes = data.axes
    table = ties.table
    labels = np.array(axes.groups)
    was_open = np.zeros(table.phone.size, np.bool_)
    for either in (ties.baseline, ties.policy):
        was_open |= either.before != 0
        was_open[either.tie[either.channels != 0]] = True
    ends = np.stack([table.diaspora_end, table.family_end])
    is_shown = np.zeros(table.person.size, np.bool_)
    is_shown[ends[:, was_open]] = True
    if group is not None:
        is_shown &= labels[table.group] == group
    side, tie = np.nonzero(is_shown[ends])
    order = np.lexsort((tie, ends[side, tie]))
    side = side[order]
    tie = tie[order]
    end = ends[side, tie]
    other = ends[1 - side, tie]
    named = [Group.read(label) for label in labels]
    weight = [data.real.get(label, np.nan) / max(1, data.cells.get(label, 0)) for label in labels]
    place = table.group[end]
    return pd.DataFrame(
        {
            "seed": np.full(end.size, data.seed, np.int64),
            "arm": np.full(end.size, arm, object),
            "person": table.person[end],
            "kin": table.person[other],
            "residence": _texts(place, [group.home for group in named]),
            "origin": _texts(place, [group.origin for group in named]),
            "age": np.round(table.age[end] / RANKS, 4),
            "skill": np.round(table.skill[end] / RANKS, 4),
            "weight": np.array(weight)[place],
            "group": _texts(place, axes.groups),
            "tie": tie,
        }
    )


def _platforms(bits: np.ndarray, axes: Axes) -> np.ndarray:
    """Return the platforms of sets of bits as texts, such as ``QQ, WeChat``."""
    unique, code = np.unique(bits, return_inverse=True)
    texts = [", ".join(channel_names(channels, axes)) for channels in unique.tolist()]
    return _texts(code, texts)


def channel_names(bits: int, axes: Axes) -> list[str]:
    """Return the platforms of a set of bits; the bridge comes last."""
    labels = [*enumerate(axes.platforms), (BRIDGE_BIT, BRIDGE)]
    return [label for p, label in labels if bits >> p & 1]


def _texts(codes: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Return the label of each code; an empty text for a negative code."""
    return np.asarray(np.array([*labels, ""], object)[codes])


def _dates(days: np.ndarray, axes: Axes) -> np.ndarray:
    """Return days of the run as dates; NaT for a negative day."""
    dates = np.array([*axes.dates, "NaT"], "datetime64[D]").astype("datetime64[ns]")
    return np.asarray(dates[days])


# --- ties.nc --------------------------------------------------------------------------------------

_PARTS: tuple[tuple[str, Any], ...] = (("table", KinTable), *((arm, KinHistory) for arm in ARMS))
_VARIABLES = {
    f"{part}_{name}": (dim if part == "table" or dim == "ties" else f"{part}_{dim}", text)
    for part, kind in _PARTS
    for name, hint in get_type_hints(kind, include_extras=True).items()
    for dim, text in (hint.__metadata__,)
}
"""Each variable of the file: its dimension, along which the seeds follow one another, and its
description.
"""


def ties_bytes(
    ties: Mapping[int, MemberTies], attributes: Mapping[str, str] | None = None
) -> bytes:
    """Return the kin ties by seed as a NetCDF file.

    Parameters
    ----------
    ties : mapping of int to MemberTies
    attributes : mapping of str to str, optional
        Attributes of the file: scenario, status, version.
    """
    arrays = [each.to_arrays() for each in ties.values()]

    def fill(file: Any) -> None:
        scales = dict[str, Any]()
        add_variable(file, scales, "seed", ("seed",), np.array(list(ties), np.int64))
        for name, (dim, text) in _VARIABLES.items():
            parts = [of_member[name] for of_member in arrays]
            whole = np.concatenate(parts)
            packing = COMPRESSION if whole.size and whole.dtype.kind != "U" else {}
            if dim not in scales:
                sizes = np.array([part.size for part in parts], np.int64)
                variable = add_variable(file, scales, f"{dim}_of_seed", ("seed",), sizes)
                variable.attrs.update(
                    {"long_name": f"number of {dim} of each member", "sample_dimension": dim}
                )
                add_variable(
                    file, scales, dim, (dim,), np.arange(whole.size, dtype=np.int32), **packing
                )
            add_variable(file, scales, name, (dim,), whole, **packing).attrs["long_name"] = text

    return netcdf_bytes(fill, {"title": "splinternet kin ties", **(attributes or {})})


def read_ties(path: Path) -> dict[int, MemberTies]:
    """Return the kin ties of every seed.

    Raises
    ------
    RunError
        The file has another form, is damaged, or leads to other files.
    """
    try:
        file, data = open_hdf5(path)
        with file:
            seeds = [int(seed) for seed in data["seed"][...]]
            edges = {
                dim: np.cumsum([0, *data[f"{dim}_of_seed"][...]]) for dim, _ in _VARIABLES.values()
            }
            whole = {name: _read(data[name]) for name in _VARIABLES}
        found = {}
        for i, seed in enumerate(seeds):
            mine = {
                name: whole[name][slice(*edges[dim][i : i + 2])]
                for name, (dim, _) in _VARIABLES.items()
            }
            found[seed] = MemberTies(
                *(
                    kind(**{each.name: mine[f"{part}_{each.name}"] for each in fields(kind)})
                    for part, kind in _PARTS
                )
            )
        return found
    except DAMAGE as error:
        raise RunError(
            f"{path} cannot be read as a table of ties ({error}); run the scenario again"
        ) from error


def _read(variable: Any) -> np.ndarray:
    """Return the numbers or the texts of a variable of an open file."""
    if variable.dtype.kind == "O":
        return np.array(read_texts(variable), np.str_)
    if variable.dtype.kind not in "if":
        raise ValueError(f"'{variable.name}' holds {variable.dtype}, not numbers")
    return np.asarray(variable[...])

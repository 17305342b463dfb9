"""Kin ties abroad one by one: who lost contact with whom, when and why, for how long, and how it came back.

The history has each tie's channels before the first day and every change of them. When a tie was lost, for how long,
and how it came back, all follow from that. A run that keeps its ties stores them in ``ties.nc``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.groups import Group
from sim.errors import RunError
from sim.results.panel import ARMS, ArmData, Axes
from sim.results.stored import COMPRESSION, DAMAGE, add_variable, netcdf_bytes, open_hdf5, read_texts

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "seed", "arm", "person", "kin", "residence", "origin", "age", "skill", "weight", "channels_before", "last_channel",
    "first_lost", "cause", "spells", "days_out", "back_on", "back_how", "phone", "number_on", "back", "conversations",
    "group",
)  # fmt: skip
SPELLS = ("seed", "arm", "person", "kin", "from", "until", "group")
_BLOCK = 50_000_000  # values of a table of days and ties that are held at once [bytes]
BRIDGED, BRIDGE = np.int64(-(2**63)), "a bridge"
NEVER = np.iinfo(np.int16).max
"""Days until the telephone is used, where it never is; more than any run has."""
HOW_BACK = ("direct", "vpn", "substitute", "bridge")
"""How a tie first came back, in the order of `sim.metrics.registry.WAYS`: 1 is the first, 0 is not."""
RANKS = 10_000
"""Steps in which ranks are kept: age and skill are shares of this many."""


@dataclass(frozen=True)
class KinTable:
    """Who is tied to whom in one member; the same in both arms.

    Attributes
    ----------
    person : numpy.ndarray of int32, shape (people,)
        Numbers of the simulated people who have kin abroad, or are it.
    group : numpy.ndarray of int16, shape (people,)
        Place of the group of each among the groups of the run.
    age, skill : numpy.ndarray of int16, shape (people,)
        Rank among the internet users of the state: 0 for the youngest, and for who finds workarounds hardest, to
        `RANKS` for the oldest, and for who finds them easiest.
    diaspora_end, family_end : numpy.ndarray of int32, shape (ties,)
        Places of the two ends among these people.
    conversations : numpy.ndarray of float32, shape (ties,)
        Usual conversations [a day].
    phone : numpy.ndarray of int16, shape (ties,)
        Full days without a channel until the two telephone, once they know the number; `NEVER` where they never do
        in the policy arm [days].
    """

    person: np.ndarray
    group: np.ndarray
    age: np.ndarray
    skill: np.ndarray
    diaspora_end: np.ndarray
    family_end: np.ndarray
    conversations: np.ndarray
    phone: np.ndarray


@dataclass(frozen=True)
class KinHistory:
    """What became of the kin ties abroad in one arm of a member.

    Attributes
    ----------
    before : numpy.ndarray of int64, shape (ties,)
        Platforms that join the two ends before the first day, bits in the order of the platforms of the run.
    tie, day, channels : numpy.ndarray of int32, int16 and int64, shape (changes,)
        Changes of the channels: which tie, on which day, and to which platforms; in the order of the days.
    first_out, first_back : numpy.ndarray of int16, shape (ties,)
        First day without a channel that the baseline arm has, and the day on which the tie came back; -1 for none.
    way_back : numpy.ndarray of int8, shape (ties,)
        How it first came back; 0 if it has not.
    number_on : numpy.ndarray of int16, shape (ties,)
        Day from which the telephone can do instead, as the two know each other's numbers: 0 from the start; -1 never.
    cause : numpy.ndarray of int16, shape (ties,)
        Place of the cause of the first loss in ``causes``; -1 for none.
    causes : tuple of (str, str)
        Id of the policy, empty where no policy caused it, and what ended the last channel.
    """

    before: np.ndarray
    tie: np.ndarray
    day: np.ndarray
    channels: np.ndarray
    first_out: np.ndarray
    first_back: np.ndarray
    way_back: np.ndarray
    number_on: np.ndarray
    cause: np.ndarray
    causes: tuple[tuple[str, str], ...]

    def days_with_channel(self, days: int, ties: slice = slice(None)) -> np.ndarray:
        """Return whether each tie has a channel at the end of each day, shape (days, ties).

        Parameters
        ----------
        days : int
            Days of the run.
        ties : slice
            Which ties, a stretch of them.
        """
        first, last, _ = ties.indices(self.before.size)
        now = self.before[first:last] != 0
        found = np.empty((days, now.size), np.bool_)
        here = (self.tie >= first) & (self.tie < last)
        tie, day, channels = self.tie[here] - first, self.day[here], self.channels[here]
        ends = np.searchsorted(day, np.arange(days + 1))
        for d in range(days):
            changed = slice(ends[d], ends[d + 1])
            now[tie[changed]] = channels[changed] != 0
            found[d] = now
        return found

    def channels_after(self, day: np.ndarray) -> np.ndarray:
        """Return the channels of each tie at the end of a day of its own, shape (ties,); -1 is before the first."""
        found = self.before.copy()
        known = self.day <= day[self.tie]
        found[self.tie[known]] = self.channels[known]  # of several changes the last one stays
        return found


@dataclass(frozen=True)
class MemberTies:
    """The kin ties abroad of one member.

    Attributes
    ----------
    table : KinTable
    baseline, policy : KinHistory
        The same ties in either arm.
    """

    table: KinTable
    baseline: KinHistory
    policy: KinHistory

    def arms(self) -> dict[str, KinHistory]:
        """Return the histories by the name of their arm."""
        return {"baseline": self.baseline, "policy": self.policy}

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return all of it as arrays by name, the causes as texts."""
        parts: dict[str, KinTable | KinHistory] = {"table": self.table, **self.arms()}
        arrays = {
            f"{part}_{f.name}": getattr(value, f.name)
            for part, value in parts.items()
            for f in fields(value)
            if f.name != "causes"
        }
        for arm, history in self.arms().items():
            causes = np.array(history.causes, np.str_).reshape(-1, 2)
            arrays |= {f"{arm}_policy": causes[:, 0], f"{arm}_rule": causes[:, 1]}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> MemberTies:
        """Return what `to_arrays` was made of.

        Raises
        ------
        KeyError
            When something is missing.
        """
        histories = {}
        for arm in ARMS:
            causes = zip(arrays[f"{arm}_policy"], arrays[f"{arm}_rule"], strict=True)
            given = {f.name: arrays[f"{arm}_{f.name}"] for f in fields(KinHistory) if f.name != "causes"}
            histories[arm] = KinHistory(**given, causes=tuple((str(policy), str(rule)) for policy, rule in causes))
        return cls(KinTable(**{f.name: arrays[f"table_{f.name}"] for f in fields(KinTable)}), **histories)


@dataclass(frozen=True)
class KeptTies:
    """The ties of one member and what their numbers stand for.

    Attributes
    ----------
    arm : ArmData
        Either arm of the member: labels, simulated and real people.
    ties : MemberTies
    """

    arm: ArmData
    ties: MemberTies

    @property
    def axes(self) -> Axes:
        """The labels of the run."""
        return self.arm.axes

    def out(self, arm: str) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Yield, for a stretch of ties at a time, the days on which they have a channel without the policies and here.

        Without the policies is in the baseline arm; for that arm itself, before its first day.
        """
        history, days = self.ties.arms()[arm], len(self.axes.dates)
        n, step = history.before.size, max(1, _BLOCK // days)
        for first in range(0, n, step):
            part = slice(first, min(n, first + step))
            here = history.days_with_channel(days, part)
            if arm == ARMS[0]:
                yield part, np.broadcast_to(history.before[part] != 0, here.shape), here
            else:
                yield part, self.ties.baseline.days_with_channel(days, part), here


def tie_frame(members: Sequence[KeptTies], group: str | None = None, arm: str | None = None) -> pd.DataFrame:
    """Return the table of ties: a row for each kin tie abroad of each person who has a channel to any of them.

    Both ends of a tie have a row. Who has no channel to any kin at any time, in either arm, has none.

    Parameters
    ----------
    members : sequence of KeptTies
    group : str, optional
        Only the members of a group, such as ``US<-CN``.
    arm : {"baseline", "policy"}, optional
        Only one arm.

    Returns
    -------
    pandas.DataFrame
        With `COLUMNS`.
    """
    parts = [_rows(kept, name, group) for kept in members for name in ARMS if arm in (None, name)]
    return _joined(parts, COLUMNS)


def spell_frame(members: Sequence[KeptTies], group: str | None = None, arm: str | None = None) -> pd.DataFrame:
    """Return the spells without a channel of the ties in `tie_frame`: a row for each end and spell.

    Returns
    -------
    pandas.DataFrame
        With `SPELLS`; ``from`` is the first day without a channel and ``until`` the first with one, not a date where
        the spell goes on on the last day.
    """
    parts = [_spells(kept, name, group) for kept in members for name in ARMS if arm in (None, name)]
    return _joined(parts, SPELLS)


def _rows(kept: KeptTies, arm: str, group: str | None) -> dict[str, Any]:
    """Return the columns of the table for one arm of a member."""
    history, axes = kept.ties.arms()[arm], kept.axes
    spells, days_out = _counted(kept, arm)
    end, tie = _ends(kept, group)
    first, back = history.first_out, np.where(history.way_back > 0, history.first_back, -1)
    lost, returned = first[tie] >= 0, back[tie] >= 0
    causes = [rule if not policy else f"{policy}: {rule}" for policy, rule in history.causes]
    phone, number_on = kept.ties.table.phone[tie], history.number_on[tie]
    last = np.where(first > 0, history.channels_after(first - 1), kept.ties.baseline.before)
    return {
        **_about(kept, arm, end, tie),
        "channels_before": _platforms(kept.ties.baseline.before[tie], axes),
        "last_channel": _platforms(np.where(lost, last[tie], 0), axes),
        "first_lost": _dates(np.where(lost, first[tie], -1), axes),
        "cause": _texts(history.cause[tie], causes),
        "spells": spells[tie],
        "days_out": days_out[tie],
        "back_on": _platforms(np.where(returned, history.channels_after(back)[tie], 0), axes),
        "back_how": _texts(np.where(returned, history.way_back[tie], 0).astype(np.int64) - 1, HOW_BACK),
        "phone": np.where((phone == NEVER) | (number_on < 0), np.nan, phone),
        "number_on": _dates(np.where(number_on > 0, number_on, -1), axes),
        "back": _dates(back[tie], axes),
        "conversations": kept.ties.table.conversations[tie],
    }


def _spells(kept: KeptTies, arm: str, group: str | None) -> dict[str, Any]:
    """Return the columns of the spells for one arm of a member."""
    ties, begins, ends = [], [], []
    for part, _, here in kept.out(arm):
        closed = np.zeros((here.shape[0] + 2, here.shape[1]), np.int8)
        closed[1:-1] = ~here
        step = np.diff(closed, axis=0).T
        tie, begin = np.nonzero(step == 1)
        _, end = np.nonzero(step == -1)
        ties.append(tie + part.start)
        begins.append(begin)
        ends.append(end)
    tie, begin, end = (np.concatenate(found) if found else np.zeros(0, np.int64) for found in (ties, begins, ends))
    row, which = _ends(kept, group)
    # The spells of a tie stand in a row: each end of the tie lists all of them.
    n = np.bincount(tie, minlength=kept.ties.table.phone.size)
    start = np.cumsum(n) - n
    repeated = n[which]
    at = np.repeat(start[which] - (np.cumsum(repeated) - repeated), repeated) + np.arange(repeated.sum())
    last = len(kept.axes.dates)
    return {
        **{k: np.repeat(v, repeated) if isinstance(v, np.ndarray) else v.repeat(repeated)
           for k, v in _about(kept, arm, row, which).items()},
        "from": _dates(begin[at], kept.axes),
        "until": _dates(np.where(end[at] < last, end[at], -1), kept.axes),
    }  # fmt: skip


def _counted(kept: KeptTies, arm: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the spells of each tie out of contact, and the days of all of them."""
    spells, days = np.zeros((2, kept.ties.table.phone.size), np.int32)
    for part, without, here in kept.out(arm):
        out = without & ~here
        spells[part] = (out[1:] & ~out[:-1]).sum(axis=0) + out[0]
        days[part] = out.sum(axis=0)
    return spells, days


def _ends(kept: KeptTies, group: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Return place of the person and number of the tie for each row of the table, in the order of the people."""
    table = kept.ties.table
    open_once = np.zeros(table.phone.size, np.bool_)
    for history in kept.ties.arms().values():
        open_once |= history.before != 0
        open_once[history.tie[history.channels != 0]] = True
    end = np.concatenate([table.diaspora_end, table.family_end])
    tie = np.tile(np.arange(table.phone.size), 2)
    wanted = np.zeros(table.person.size, np.bool_)
    wanted[end[open_once[tie]]] = True
    if group is not None:
        wanted &= np.array([label == group for label in kept.axes.groups])[table.group]
    end, tie = end[wanted[end]], tie[wanted[end]]
    order = np.lexsort((tie, end))
    return end[order], tie[order]


def _about(kept: KeptTies, arm: str, end: np.ndarray, tie: np.ndarray) -> dict[str, Any]:
    """Return the columns that say whose row it is."""
    table, data = kept.ties.table, kept.arm
    labels = kept.axes.groups
    named = [Group.read(label) for label in labels]
    weight = np.array([data.real.get(label, np.nan) / max(1, data.cells.get(label, 0)) for label in labels])
    other = np.where(table.diaspora_end[tie] == end, table.family_end[tie], table.diaspora_end[tie])
    group = table.group[end]
    return {
        "seed": np.full(end.size, data.seed, np.int64),
        "arm": _texts(np.zeros(end.size, np.int64), [arm]),
        "person": table.person[end],
        "kin": table.person[other],
        "residence": _texts(group, [g.home for g in named]),
        "origin": _texts(group, [g.origin for g in named]),
        "age": np.round(table.age[end] / RANKS, 4),
        "skill": np.round(table.skill[end] / RANKS, 4),
        "weight": weight[group],
        "group": _texts(group, list(labels)),
    }


def _platforms(bits: np.ndarray, axes: Axes) -> Any:
    """Return the platforms of numbers whose bits stand for them, as text: ``QQ, WeChat``."""
    known, code = np.unique(bits, return_inverse=True)
    names = []
    for one in known.tolist():
        found = [name for place, name in enumerate(axes.platforms) if one >> place & 1]
        names.append(", ".join([*found, *([BRIDGE] if one & int(BRIDGED) else [])]))
    return _texts(code, names)


def _texts(codes: np.ndarray, labels: Sequence[str]) -> Any:
    """Return the label of each code as a column of categories; an empty text where the code is negative."""
    import pandas as pd

    unique = pd.Index(list(dict.fromkeys(["", *labels])))
    places = np.concatenate([[0], unique.get_indexer(pd.Index(list(labels), dtype=unique.dtype))])
    return pd.Categorical.from_codes(places[np.asarray(codes, np.int64) + 1], unique)


def _dates(days: np.ndarray, axes: Axes) -> np.ndarray:
    """Return days of the run as dates; not a date where a day is negative."""
    known = np.array([*axes.dates, "NaT"], "datetime64[D]")
    return np.asarray(known[days].astype("datetime64[s]"))


def _joined(parts: Sequence[dict[str, Any]], names: Sequence[str]) -> pd.DataFrame:
    """Return parts of a table one after the other."""
    import pandas as pd
    from pandas.api.types import union_categoricals

    found: dict[str, Any] = {}
    for name in names:
        columns = [part[name] for part in parts]
        if columns and isinstance(columns[0], pd.Categorical):
            found[name] = union_categoricals(columns)
        else:
            found[name] = np.concatenate(columns) if columns else np.zeros(0)
    return pd.DataFrame(found, columns=list(names))


# --- ties.nc ---------------------------------------------------------------------------------------------

_OF_MEMBER = {
    "person": ("people", "number of the simulated person"),
    "group": ("people", "place of the group of the person in the dimension group of panel.nc"),
    "age": ("people", "rank by age among the internet users of the state, 0 for the youngest to 10000"),
    "skill": ("people", "rank by skill among the internet users of the state, 0 for the least skilled to 10000"),
    "diaspora_end": ("ties", "place of the diaspora end among the people of the member"),
    "family_end": ("ties", "place of the family end among the people of the member"),
    "conversations": ("ties", "usual conversations a day"),
    "phone": ("ties", "days without a channel until the two telephone, 32767 for never"),
}
_OF_ARM = {
    "before": ("ties", "platforms that join the two ends before the first day, bits in the order of panel.nc"),
    "tie": ("changes", "number of the tie of which the channels change"),
    "day": ("changes", "day of the change, from 0"),
    "channels": ("changes", "platforms that join the two ends from that day on, bits"),
    "first_out": ("ties", "first day without a channel that the baseline arm has, -1 for none"),
    "first_back": ("ties", "day on which the tie came back, -1 for none"),
    "way_back": ("ties", "how it came back: 1 direct, 2 VPN, 3 substitute, 4 bridge, 0 not"),
    "number_on": ("ties", "day from which the telephone can do instead: 0 from the start, -1 never"),
    "cause": ("ties", "place of the cause of the first loss among the reasons, -1 for none"),
    "policy": ("reasons", "id of the policy that caused it, empty for none"),
    "rule": ("reasons", "what ended the last channel"),
}
_VARIABLES = {f"table_{name}": about for name, about in _OF_MEMBER.items()} | {
    f"{arm}_{name}": (dim if dim == "ties" else f"{arm}_{dim}", text)
    for arm in ARMS
    for name, (dim, text) in _OF_ARM.items()
}
"""Each variable of the file: its dimension, along which the members follow one another, and what it holds."""


def ties_bytes(ties: Mapping[int, MemberTies], attributes: Mapping[str, str] | None = None) -> bytes:
    """Return the kin ties of members, by seed, as a NetCDF file.

    Parameters
    ----------
    ties : mapping of int to MemberTies
    attributes : mapping of str to str, optional
        Attributes of the file: scenario, status, version.
    """
    arrays = [each.to_arrays() for each in ties.values()]

    def fill(file: Any) -> None:
        add_variable(file, "seed", ("seed",), np.array(list(ties), np.int64))
        for name, (dim, text) in _VARIABLES.items():
            parts = [of_member[name] for of_member in arrays]
            whole = np.concatenate(parts)
            packing = COMPRESSION if whole.size and whole.dtype.kind != "U" else {}
            if dim not in file:
                sizes = np.array([part.size for part in parts], np.int64)
                variable = add_variable(file, f"{dim}_of_seed", ("seed",), sizes)
                variable.attrs.update({"long_name": f"number of {dim} of each member", "sample_dimension": dim})
                add_variable(file, dim, (dim,), np.arange(whole.size, dtype=np.int32), **packing)
            add_variable(file, name, (dim,), whole, **packing).attrs["long_name"] = text

    return netcdf_bytes(fill, {"title": "splinternet kin ties", **(attributes or {})})


def read_ties(path: Path) -> dict[int, MemberTies]:
    """Return the kin ties of every member by its seed.

    Raises
    ------
    RunError
        When it is no such file, is damaged, or leads to other files.
    """
    try:
        with open_hdf5(path) as file:
            seeds = [int(seed) for seed in file["seed"][...]]
            edges = {dim: np.cumsum([0, *file[f"{dim}_of_seed"][...]]) for dim, _ in _VARIABLES.values()}
            whole = {name: _read(file[name]) for name in _VARIABLES}
        return {
            seed: MemberTies.from_arrays(
                {name: whole[name][slice(*edges[dim][i : i + 2])] for name, (dim, _) in _VARIABLES.items()}
            )
            for i, seed in enumerate(seeds)
        }
    except DAMAGE as error:
        raise RunError(f"{path} cannot be read as a table of ties ({error}); run the scenario again") from error


def _read(variable: Any) -> np.ndarray:
    """Return the numbers or the texts of a variable of an open file."""
    if variable.dtype.kind == "O":
        return np.array(read_texts(variable), np.str_)
    if variable.dtype.kind not in "if":
        raise ValueError(f"'{variable.name}' holds {variable.dtype}, not numbers")
    return np.asarray(variable[...])

"""The table of ties: who lost contact with whom, when and why, for how long, and how it came back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.groups import Group
from sim.results.kin_history import HOW_BACK, NEVER, RANKS, MemberTies
from sim.results.panel import ARMS, ArmData, Axes

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


@dataclass(frozen=True)
class Kept:
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


def tie_frame(members: Sequence[Kept], group: str | None = None, arm: str | None = None) -> pd.DataFrame:
    """Return the table of ties: a row for each kin tie abroad of each person who has a channel to any of them.

    Both ends of a tie have a row. Who has no channel to any kin at any time, in either arm, has none.

    Parameters
    ----------
    members : sequence of Kept
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


def spell_frame(members: Sequence[Kept], group: str | None = None, arm: str | None = None) -> pd.DataFrame:
    """Return the spells without a channel of the ties in `tie_frame`: a row for each end and spell.

    Returns
    -------
    pandas.DataFrame
        With `SPELLS`; ``from`` is the first day without a channel and ``until`` the first with one, not a date where
        the spell goes on on the last day.
    """
    parts = [_spells(kept, name, group) for kept in members for name in ARMS if arm in (None, name)]
    return _joined(parts, SPELLS)


def _rows(kept: Kept, arm: str, group: str | None) -> dict[str, Any]:
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


def _spells(kept: Kept, arm: str, group: str | None) -> dict[str, Any]:
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


def _counted(kept: Kept, arm: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the spells of each tie out of contact, and the days of all of them."""
    spells, days = np.zeros((2, kept.ties.table.phone.size), np.int32)
    for part, without, here in kept.out(arm):
        out = without & ~here
        spells[part] = (out[1:] & ~out[:-1]).sum(axis=0) + out[0]
        days[part] = out.sum(axis=0)
    return spells, days


def _ends(kept: Kept, group: str | None) -> tuple[np.ndarray, np.ndarray]:
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


def _about(kept: Kept, arm: str, end: np.ndarray, tie: np.ndarray) -> dict[str, Any]:
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

"""Orders that a user adds to the record. The module reads a file of orders, compares it with the
record, and writes the new ones into a folder of the user's tables.

The file has the columns of ``orders.csv``: ``state, platform, technique, since, until, order,
source, basis, note``. A row is an order of one state against one platform, or a shutdown without a
platform. A row with the state, platform and first day of a recorded one changes it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from ..errors import Code, InputError, Place, Problem
from .history import (
    MOBILE_SHUTDOWN,
    SHUTDOWN,
    SLOWER,
    AddedOrder,
    Key,
    added_orders,
    dated_name,
    dated_platforms,
    dates_of,
    restrictions,
    shutdowns,
)
from .loading import load_facts
from .states import find_place
from .tables import HOME, check_rows, read_cells
from .worlds import ANY_WORLD, LARGEST, MANIFEST, ORDERS_TABLE, available_facts, facts_of

ORDER_COLUMNS = (
    "state",
    "platform",
    "technique",
    "since",
    "until",
    "order",
    "source",
    "basis",
    "note",
)
"""Columns of a file of orders."""
_COMPARED = ("technique", "until", "order")
_MANIFEST = f"""\
key,name,value,source,basis,note
base,,{ANY_WORLD},orders added to the record,assumption,laid over the world of each scenario
"""
What = Literal["new", "changed", "known", "in conflict"]


class KnownOrder(NamedTuple):
    """A row of the record, of blocks or of shutdowns."""

    state: str
    platform: str
    technique: str
    since: str
    until: str
    order: str

    @property
    def key(self) -> Key:
        """State, platform and first day."""
        return self.state, self.platform, self.since

    @property
    def days(self) -> str:
        """The first day, and the end."""
        return f"{self.since} to {self.until or 'no known end'}"


class Difference(NamedTuple):
    """A row of a file, compared with the record."""

    what: What
    row: AddedOrder
    recorded: KnownOrder | None
    """The row of the record that it repeats, changes or contradicts."""

    @property
    def changes(self) -> str:
        """Differences in words: ``until: no known end -> 2026-03-01``."""
        if self.recorded is None:
            return ""
        if self.what == "in conflict":
            return f"the record has {self.recorded.technique}, {self.recorded.days}"
        pairs = ((key, getattr(self.recorded, key), getattr(self.row, key)) for key in _COMPARED)
        none = {"until": "no known end"}
        return "; ".join(
            f"{key}: {old or none.get(key, '')} -> {new or none.get(key, '')}"
            for key, old, new in pairs
            if old != new
        )


@cache
def _names() -> Mapping[str, str]:
    """Return all names of the record's platforms, each with the name that the record uses."""
    names = {name: name for name in (*dated_platforms(), "")}
    for world in available_facts():
        for fact in load_facts(world, named=True).platforms.values():
            if (name := dated_name(fact)) in names:
                names |= dict.fromkeys((fact.name, *fact.aliases), name)
    return names


def read_orders(path: Path) -> dict[Key, AddedOrder]:
    """Return the orders of a file, by state, platform and first day.

    Raises
    ------
    InputError
        If the file cannot be read or has faulty rows; the error lists all of them, each with its
        line.
    """
    if not path.is_file():
        hint = f"columns: {','.join(ORDER_COLUMNS)}"
        raise InputError(Problem(str(path), "there is no such file", "a CSV file of orders", hint))
    if path.stat().st_size > LARGEST:
        raise InputError(Problem(str(path), "the file is too large", f"at most {LARGEST:,} bytes"))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        found = f"cannot be read ({error})"
        raise InputError(Problem(str(path), found, "a CSV file in UTF-8")) from None
    problems: list[Problem] = []
    cells = read_cells(AddedOrder, text, problems, str(path))
    for _, texts in cells:
        texts["state"] = find_place(texts["state"]) or texts["state"]
    names = {"recorded": _names(), "launched": dates_of("launched")}
    rows: dict[Key, AddedOrder] = check_rows(AddedOrder, cells, problems, names)
    if not rows and not problems:
        hint = f"a row below: {','.join(ORDER_COLUMNS)}"
        problems.append(Problem(Place(str(path), 1), "the file has no orders", "an order", hint))
    if problems:
        raise InputError(problems)
    return rows


def recorded_rows(world: str = "") -> Iterator[KnownOrder]:
    """Yield the rows of the record, with those that a user's own tables add."""
    for row in restrictions(world):
        yield KnownOrder(row.state, row.platform, row.technique, row.since, row.until, row.order)
    for cut in shutdowns(world):
        kind = MOBILE_SHUTDOWN if cut.networks == "mobile" else SHUTDOWN
        yield KnownOrder(cut.state, "", kind, cut.since, cut.until, cut.order)


def differences(rows: Mapping[Key, AddedOrder], world: str = "") -> list[Difference]:
    """Compare each row of a file with the record: new, changed, known, or in conflict.

    A row contradicts the record, or another row of the file, if the same state has an overlapping
    restriction of the same kind on the same platform with another first day.

    Parameters
    ----------
    rows : mapping
        Rows from `read_orders`.
    world : str
        Name of a world whose own tables may have earlier orders.
    """
    record = {known.key: known for known in recorded_rows(world)}
    stated = {key: _known(row) for key, row in rows.items()}
    beside: dict[tuple[str, str], list[KnownOrder]] = {}
    for known in (record | stated).values():
        beside.setdefault((known.state, known.platform), []).append(known)
    found = []
    for key, row in rows.items():
        before = record.get(key)
        one = stated[key]
        against = next((each for each in beside[key[:2]] if _contradicts(one, each)), None)
        if against is not None:
            found.append(Difference("in conflict", row, against))
        elif before is None:
            found.append(Difference("new", row, None))
        else:
            is_same = all(getattr(before, part) == getattr(one, part) for part in _COMPARED)
            found.append(Difference("known" if is_same else "changed", row, before))
    return found


def _known(row: AddedOrder) -> KnownOrder:
    """Return a row of a file as a row of the record."""
    return KnownOrder(row.state, row.platform, row.technique, row.since, row.until, row.order)


def _kind(technique: str) -> str:
    """Return the kind of restriction; restrictions of different kinds may be in force together."""
    apart = (*SLOWER, "calls_only", SHUTDOWN, MOBILE_SHUTDOWN)
    return technique if technique in apart else "block"


def _contradicts(one: KnownOrder, other: KnownOrder) -> bool:
    """Return whether two rows cannot both be right."""
    if one.since == other.since or _kind(one.technique) != _kind(other.technique):
        return False
    first, second = sorted((one, other), key=lambda each: each.since)
    return not first.until or first.until > second.since


def conflicts(found: Iterable[Difference]) -> list[Problem]:
    """Return the rows of a file that contradict the record, as problems."""
    problems = []
    for each in found:
        if each.what == "in conflict" and each.recorded is not None:
            row = each.row
            what = row.platform or "the Internet"
            here = f"{row.state}: {what}, {_known(row).days}; {each.changes}"
            hint = (
                f"write since {each.recorded.since} to change that row, such as its end; or days "
                "that do not overlap with it"
            )
            allowed = "one restriction of a kind at a time"
            problems.append(Problem(row.where, here, allowed, hint, Code.DUPLICATE))
    return problems


def tables_with(found: Sequence[Difference], folder: Path) -> dict[Path, str]:
    """Return the files of a folder of the user's tables with new, changed and earlier orders, the
    table of orders last; empty if there is nothing to add.

    A folder without ``world.csv`` gets one that lays its tables over the world of each scenario.

    Raises
    ------
    InputError
        If the folder is one of the program's own, or has tables and no ``world.csv``.
    """
    world = own_world(folder)
    added = [each.row for each in found if each.what in ("new", "changed")]
    if not added:
        return {}
    rows = dict(added_orders(world)) | {(r.state, r.platform, r.since): r for r in added}
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(ORDER_COLUMNS)
    for key in sorted(rows):
        table.writerow([getattr(rows[key], column) for column in ORDER_COLUMNS])
    manifest = {} if world else {folder / MANIFEST: _MANIFEST}
    return manifest | {folder / ORDERS_TABLE: text.getvalue()}


def own_world(folder: Path) -> str:
    """Return the name of the world in a folder of a user's own tables; empty if the folder does not
    exist yet.

    Raises
    ------
    InputError
        If the folder is one of the program's own, its tables cannot be read, or it has tables and
        no ``world.csv``.
    """
    if folder.resolve().is_relative_to(HOME):
        found = "the tables of the program stay as they are"
        raise InputError(Problem(str(folder), found, "a folder of your own", "", Code.OUTSIDE))
    if folder.exists() and not folder.is_dir():
        raise InputError(Problem(str(folder), "this is not a folder", "a folder of your own"))
    if (folder / MANIFEST).is_file() or any(folder.glob("*.csv")):
        return facts_of(folder)
    return ""

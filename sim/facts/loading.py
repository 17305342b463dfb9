"""Load a world with its tables, the parameters and a user's tables, as of its own day or another
day.

A user's rows may name any state or territory. One that the shipped world does not have in detail is
added with the facts from the tables of all states, and its people are subtracted from the rest of
the world.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from ..errors import InputError, Place, Problem
from .history import as_of, blocks_before, with_added
from .model import (
    ABSENT,
    PARAMETERS,
    RULES,
    STATE_UNITS,
    BlockFact,
    Facts,
    Parameter,
    PlatformFact,
    StateFact,
)
from .people import with_states
from .states import load_places
from .tables import (
    AnyCode,
    Basis,
    Figure,
    Names,
    Platform,
    Quantity,
    Row,
    State,
    Text,
    check_rows,
    claim_names,
    figure_table,
    fold,
    one_of,
    quantities,
    read_cells,
)
from .worlds import DEFAULT_WORLD, ORDERS_TABLE, World, load_world, read_world

MOST_PLATFORMS = 63
"""Most platforms of a world: the platforms of a person are the bits of one signed 64-bit number."""
_TEXTS = ("name", "aliases")


class StateText(Row, file="states.csv", key=("state", "field")):
    """The name of a state, or its other names separated by ``|``."""

    where: Place
    state: AnyCode
    field: str
    value: Text
    low: str
    high: str
    unit: str
    source: str
    basis: Basis
    licence: str
    note: str

    @property
    def texts(self) -> tuple[str, ...]:
        """The names in the row."""
        return (
            (self.value,) if self.field == "name" else tuple(map(str.strip, self.value.split("|")))
        )


STATE_FIGURES = figure_table(
    "states.csv",
    units=STATE_UNITS,
    state=AnyCode,
    field=Annotated[str, one_of((*_TEXTS, *STATE_UNITS))],
)
_ABROAD = ("residence", "origin")
FIGURES: Mapping[str, type[Figure]] = {
    "penetration": figure_table("penetration.csv", unit="share", state=State, platform=Platform),
    "group_penetration": figure_table(
        "group_penetration.csv",
        unit="share",
        different=_ABROAD,
        residence=State,
        platform=Platform,
        origin=State,
    ),
    "migrants": figure_table(
        "migrants.csv", unit="persons", different=_ABROAD, residence=State, origin=State
    ),
    "revenue": figure_table("revenue.csv", unit="US dollars a year", state=State),
    "monetisation": figure_table("monetisation.csv", unit="ratio", platform=Platform),
    "news_use": figure_table("news_use.csv", unit="share", platform=Platform),
    "youth_lean": figure_table(
        "youth_lean.csv", unit="correlation", state=State, platform=Platform
    ),
    "institutions": figure_table(
        "institutions.csv", unit="share", state=State, field=Literal["freedom", "courts"]
    ),
}
"""The tables of figures of a world, by the field of `Facts` that holds them."""


@lru_cache(maxsize=12)
def load_facts(name: str = DEFAULT_WORLD, *, named: bool = False) -> Facts:
    """Return a set of facts as of its own day, read once.

    Parameters
    ----------
    name : str
        One of :func:`available_facts`, or the key of a user's own tables.
    named : bool
        Whether to include the platforms that enter only if a scenario names one of them.

    Raises
    ------
    InputError
        If the name is unknown, or a table has faulty rows; the error lists all of them, with file
        and line.
    """
    world = load_world(name)
    if not world.base:
        return read_facts(world.folder, PARAMETERS, RULES, named=named)
    base = load_facts(world.base, named=named)
    below = base.whole or base
    problems: list[Problem] = []
    below = replace(
        below, parameters={**below.parameters, **_own_parameters(world, below, problems)}
    )
    facts = _lay_over(with_states(below, _new_states(below, world)), world, problems)
    if problems:
        raise InputError(problems)
    return facts


def _own_parameters(world: World, below: Facts, problems: list[Problem]) -> Mapping[str, Quantity]:
    """Return the parameters that a user's own tables add, by name."""
    rows = check_rows(Parameter, world.cells(Parameter, problems, own=True), problems)
    where = f"{world.name}/{Parameter.FILE}"
    problems += [
        Problem(where, f"'{name}' is a parameter of the model", "another name, or --set NAME=VALUE")
        for name in rows
        if name in below.parameters
    ]
    return quantities(rows)


def read_facts(folder: Path, *parameters: Path, named: bool = False) -> Facts:
    """Read and check a folder of fact tables.

    Parameters
    ----------
    folder : Path
        A folder with ``world.csv``, which has the day and the source of each table that is not in
        the folder, and ``states.csv platforms.csv blocks.csv`` and the tables of `FIGURES`.
    *parameters : Path
        Tables of model parameters, which must not share names; by default none.
    named : bool
        See `load_facts`.

    Raises
    ------
    InputError
        If the tables have faults; the error lists all of them, with file and line.
    """
    problems: list[Problem] = []
    world = read_world(folder)
    cells = [cell for path in parameters for cell in read_cells(Parameter, path, problems)]
    rows = quantities(check_rows(Parameter, cells, problems))
    empty = Facts(world.name, world.day, {}, {}, {}, {}, {}, {}, rows, named=named)
    facts = _lay_over(empty, world, problems)
    if problems:
        raise InputError(problems)
    return facts


def _lay_over(below: Facts, world: World, problems: list[Problem]) -> Facts:
    """Return facts with the tables of a world on top, including a user's own, as of its day.

    Parameters
    ----------
    below : Facts
        The world below, with the platforms of all times; empty for a shipped world.
    world : World
    problems : list of Problem
        The list to which faults of the tables are added.
    """
    own = world.own is not None
    day = below.day
    states = _read_states(world, problems, below)
    platforms, names = _read_platforms(world, problems, states, below)
    tables: dict[str, Any] = {
        table: {**getattr(below, table), **quantities(_rows(row, world, problems, names))}
        for table, row in FIGURES.items()
    }
    platforms = platforms if below.named else _unnamed(platforms)
    whole = replace(below, name=world.name, states=states, platforms=platforms, **tables).only(
        platforms
    )
    has_blocks = world.owns(BlockFact.FILE)
    history = {} if has_blocks else blocks_before(day, whole)
    stated = _rows(BlockFact, world, problems, names) if own or has_blocks else {}
    whole = replace(whole, blocks={**history, **below.blocks, **stated}, whole=None)
    working = {name for name, fact in platforms.items() if fact.works_on(day)}
    if len(working) > MOST_PLATFORMS:
        where = Place(f"{world.own.name if world.own else world.name}/{PlatformFact.FILE}", 1)
        problems.append(
            Problem(where, f"{len(working)} platforms work on {day}", f"at most {MOST_PLATFORMS}")
        )
    now = {pair: block for pair, block in whole.blocks.items() if block.in_force_before(day)}
    return replace(whole, blocks=with_added(now, whole, day)).only(working, whole=whole)


def _unnamed(platforms: Mapping[str, PlatformFact]) -> dict[str, PlatformFact]:
    """Return the platforms for scenarios that name none of the optional ones: these get another
    kind, or are left out.
    """
    there = {name: fact for name, fact in platforms.items() if fact.unless_named != ABSENT}
    kinds: dict[str, Any] = {name: fact.unless_named or fact.kind for name, fact in there.items()}
    return {name: replace(fact, kind=kinds[name]) for name, fact in there.items()}


@lru_cache(maxsize=16)
def apart(world: str) -> frozenset[str]:
    """Return the folded names and kinds of the platforms that enter a world only if a scenario
    names one.

    Raises
    ------
    InputError
        If no world has that name.
    """
    cells = load_world(world).cells(PlatformFact, [])
    rows = [texts for _, texts in cells if texts["unless_named"]]
    return frozenset(
        fold(word)
        for texts in rows
        for word in (texts["name"], texts["kind"], *texts["aliases"].split("|"))
        if word
    )


def _rows[R: Row](
    row: type[R], world: World, problems: list[Problem], names: Names
) -> dict[Any, R]:
    """Return the rows of a world's table, or of a user's own if there is one."""
    return check_rows(row, world.cells(row, problems, own=world.own is not None), problems, names)


def _new_states(base: Facts, world: World) -> tuple[str, ...]:
    """Return the states in a user's tables that the world below does not have in detail, sorted."""
    columns = ("state", "residence", "origin", "partner")
    named = set[str | None]()
    for table, text in world.own.texts.items() if world.own is not None else ():
        if table in ("carriers.csv", "exchanges.csv", "regions.csv", ORDERS_TABLE):
            continue
        rows = csv.DictReader(text.splitlines())
        try:
            named |= {row.get(column) for row in rows for column in columns}
        except csv.Error as error:
            where = Place(f"{world.name.partition('@')[0]}/{table}", rows.reader.line_num)
            raise InputError(Problem(where, str(error), "well-formed CSV")) from None
    return tuple(
        sorted(code for code in load_places() if code in named and code not in base.states)
    )


def _read_states(world: World, problems: list[Problem], below: Facts) -> dict[str, StateFact]:
    """Return the states of a world, with the changes by a user's own rows."""
    cells = world.cells(STATE_FIGURES, problems, own=world.own is not None)
    texts = check_rows(StateText, [cell for cell in cells if cell[1]["field"] in _TEXTS], problems)
    figures = check_rows(
        STATE_FIGURES, [cell for cell in cells if cell[1]["field"] not in _TEXTS], problems
    )
    fields: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for (code, field), text in texts.items():
        fields[code][field] = text.value if field == "name" else text.texts
    for (code, field), figure in figures.items():
        fields[code][field] = figure.quantity
    states = dict(below.states)
    places = {row["state"]: where for where, row in reversed(cells)}
    for code, stated in fields.items():
        missing = [field for field in (*_TEXTS, *STATE_UNITS) if field not in stated]
        if code in states:
            states[code] = replace(states[code], **stated)
        elif missing:
            found = f"{code} has no {', '.join(missing)}"
            problems.append(Problem(places[code], found, "one row for each field of a state"))
        else:
            states[code] = StateFact(code=code, **stated)
    owners = {fold(code): code for code in states}
    for code, state in states.items():
        kept = {"name": (state.name,), "aliases": state.aliases}
        owners |= {
            fold(word): code
            for field in _TEXTS
            if (code, field) not in texts
            for word in kept[field]
        }
    for (code, _), text in texts.items():
        problems += [
            Problem(text.where, *fault) for fault in claim_names(owners, (code, *text.texts))
        ]
    return states


def _read_platforms(
    world: World, problems: list[Problem], states: Mapping[str, StateFact], below: Facts
) -> tuple[dict[str, PlatformFact], Names]:
    """Return the platforms of a world, and the names that its other tables may contain.

    A user's new platforms come last. Other tables may use another name of a platform.
    """
    cells = world.cells(PlatformFact, problems, own=world.own is not None)
    stated = [texts["name"] for _, texts in cells]
    taken = {
        fold(word): name
        for name, fact in below.platforms.items()
        if name not in stated
        for word in fact.words()
    }
    homes = dict.fromkeys((*states, *load_places())).keys()
    platforms = {
        **below.platforms,
        **check_rows(PlatformFact, cells, problems, {"home": homes, "taken": taken}),
    }
    known = {word: fact.name for fact in platforms.values() for word in fact.aliases}
    known |= {name: name for name in (*platforms, *stated)}
    launched = {name: fact.launched for name, fact in platforms.items()}
    return platforms, {"state": states.keys(), "platform": known, "launched": launched}


def facts_on(world: str, day: date, kept: Collection[str] = (), *, named: bool = False) -> Facts:
    """Return a world as of a day.

    Parameters
    ----------
    world : str
        Name of a world.
    day : datetime.date
    kept : collection of str
        Platforms of the world to keep although they did not work on that day.
    named : bool
        See `load_facts`.
    """
    facts = load_facts(world, named=named)
    platforms = (facts.whole or facts).platforms
    idle = frozenset(
        name for name in kept if name in platforms and not platforms[name].works_on(day)
    )
    return as_of(facts, day, idle)

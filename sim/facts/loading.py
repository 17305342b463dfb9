"""Load a world: its tables, the parameters, and a user's own tables on top; as of its day, or of another one.

A user's rows may name any state or territory. One that the shipped world does not have in detail is added with the
facts from the tables of all states, and its people are subtracted from the rest of the world.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from sim.errors import InputError, Place, Problem
from sim.facts.history import Block, as_of, blocks_before
from sim.facts.migration import with_states
from sim.facts.model import STATE_UNITS, BlockFact, Facts, PlatformFact, StateFact
from sim.facts.parameters import PARAMETERS, RULES, Parameter
from sim.facts.states import load_places
from sim.facts.tables import (
    AnyCode,
    Basis,
    Figure,
    Names,
    Platform,
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
from sim.facts.worlds import DEFAULT_WORLD, World, load_world, read_world
from sim.plugins import project

MOST_PLATFORMS = 63
"""What a person uses is kept as the bits of one signed 64-bit number."""
_TEXTS = ("name", "aliases")


@dataclass(frozen=True)
class StateText(Row, file="states.csv", key=("state", "field")):
    """The name of a state, or its other names."""

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


@dataclass(frozen=True, kw_only=True)
class WorldBlock(Block, file="blocks.csv", key=("state", "platform")):
    """A block that was in force before the day of the world."""


STATE_FIGURES = figure_table(
    "states.csv", units=STATE_UNITS, state=AnyCode, field=Annotated[str, one_of((*_TEXTS, *STATE_UNITS))]
)
_ABROAD = ("residence", "origin")
FIGURES: Mapping[str, type[Figure]] = {
    "penetration": figure_table("penetration.csv", unit="share", state=State, platform=Platform),
    "group_penetration": figure_table(
        "group_penetration.csv", unit="share", different=_ABROAD, residence=State, platform=Platform, origin=State
    ),
    "migrants": figure_table("migrants.csv", unit="persons", different=_ABROAD, residence=State, origin=State),
    "revenue": figure_table("revenue.csv", unit="US dollars a year", state=State),
    "monetisation": figure_table("monetisation.csv", unit="ratio", platform=Platform),
    "news_use": figure_table("news_use.csv", unit="share", platform=Platform),
    "youth_lean": figure_table("youth_lean.csv", unit="correlation", state=State, platform=Platform),
    "institutions": figure_table("institutions.csv", unit="share", state=State, field=Literal["freedom", "courts"]),
}
"""The tables of figures of a world, by the field of `Facts` that holds them."""


def load_facts(name: str = DEFAULT_WORLD) -> Facts:
    """Return a set of facts as of the day it describes, read once, with the parameters that a project adds.

    Parameters
    ----------
    name : str
        One of :func:`available_facts`, or the key of tables of a user's own.

    Raises
    ------
    InputError
        The name is unknown, or a table has faulty rows (all of them, each with file and line).
    """
    user = project()
    folder = None if user is None else user.folders.get("facts")
    own = None if folder is None else folder / PARAMETERS.name
    return _load(name, own if own is not None and own.is_file() else None)


@lru_cache(maxsize=8)
def _load(name: str, own: Path | None) -> Facts:
    """Return a set of facts with the parameters of one more table."""
    world = load_world(name)
    if not world.base:
        return read_facts(world.folder, *(path for path in (PARAMETERS, RULES, own) if path is not None))
    problems: list[Problem] = []
    facts = _lay_over(_load(world.base, own), world, problems)
    if problems:
        raise InputError(problems)
    return facts


def read_facts(folder: Path, *parameters: Path) -> Facts:
    """Read and check a folder of fact tables.

    Parameters
    ----------
    folder : Path
        Holds ``states.csv platforms.csv blocks.csv`` and the tables of `FIGURES`, or a ``world.csv`` that says where
        they are.
    *parameters : Path
        Tables of model parameters, which must not share a name; without any there are none.

    Raises
    ------
    InputError
        Everything that is wrong with the tables, each with file and line.
    """
    problems: list[Problem] = []
    world = read_world(folder, problems)
    states = _read_states(world, problems)
    platforms, names = _read_platforms(world, problems, states)
    cells = [cell for path in parameters for cell in read_cells(Parameter, path, problems)]
    facts = Facts(
        name=world.name,
        states=states,
        platforms=platforms,
        **_read_figures(world, problems, names),
        blocks=_read_blocks(world, problems, names) if world.owns(WorldBlock.FILE) else {},
        parameters=quantities(check_rows(Parameter, cells, problems)),
        day=world.day,
    )
    if problems:
        raise InputError(problems)
    if facts.day is None:
        return facts
    blocks = facts.blocks if world.owns(WorldBlock.FILE) else blocks_before(facts.day, facts)
    working = {name for name, platform in platforms.items() if platform.works_on(facts.day)}
    if len(working) == len(platforms):
        return replace(facts, blocks=blocks)
    return facts.only(working, blocks=blocks, whole=facts)


def _lay_over(base: Facts, world: World, problems: list[Problem]) -> Facts:
    """Return the facts of a world of a user's own, as of its day.

    Parameters
    ----------
    base : Facts
        The world below, as it was loaded.
    world : World
        With the user's own tables.
    problems : list of Problem
        Everything that is wrong with the tables is added here.
    """
    below = with_states(base.whole or base, _new_states(base, world))
    states = _read_states(world, problems, below)
    platforms, names = _read_platforms(world, problems, states, below)
    figures = _read_figures(world, problems, names, own=True)
    stated = _read_blocks(world, problems, names, own=True)
    tables: dict[str, Any] = {table: {**getattr(below, table), **rows} for table, rows in figures.items()}
    whole = replace(
        below,
        name=world.name,
        states=states,
        platforms=platforms,
        whole=None,
        **tables,
    )
    day = base.day
    working = {name for name, fact in platforms.items() if day is None or fact.works_on(day)}
    if len(working) > MOST_PLATFORMS and world.own is not None:
        where = Place(f"{world.own.name}/{PlatformFact.FILE}", 1)
        problems.append(Problem(where, f"{len(working)} platforms work on {day}", f"at most {MOST_PLATFORMS}"))
    known = base.blocks if world.owns(WorldBlock.FILE) or day is None else blocks_before(day, whole)
    whole = replace(whole, blocks={**known, **{p: b for p, b in below.blocks.items() if p not in known}, **stated})
    if day is None:
        return whole
    now = {pair: block for pair, block in whole.blocks.items() if pair not in stated or block.in_force_before(day)}
    return replace(whole, blocks=now).only(working, whole=whole)


def _new_states(base: Facts, world: World) -> list[str]:
    """Return the states that a user's tables name and that the world below does not have in detail, sorted."""
    texts = world.own.texts if world.own is not None else {}
    named = {
        row.get(column)
        for table, text in texts.items()
        if table not in ("carriers.csv", "exchanges.csv")
        for row in csv.DictReader(text.splitlines())
        for column in ("state", "residence", "origin", "partner")
    }
    return sorted(code for code in load_places() if code in named and code not in base.states)


def _read_states(world: World, problems: list[Problem], below: Facts | None = None) -> dict[str, StateFact]:
    """Return the states of a world; on top of a world below, with what a user's own rows change of them."""
    cells = world.cells(StateText, problems, own=below is not None)
    texts = check_rows(StateText, [cell for cell in cells if cell[1]["field"] in _TEXTS], problems)
    figures = check_rows(STATE_FIGURES, [cell for cell in cells if cell[1]["field"] not in _TEXTS], problems)
    fields: dict[str, dict[str, Any]] = {code: {} for code, _ in (*texts, *figures)}
    for (code, field), text in texts.items():
        fields[code][field] = text.value if field == "name" else tuple(map(str.strip, text.value.split("|")))
    for (code, field), figure in figures.items():
        fields[code][field] = figure.quantity
    states = dict(below.states) if below is not None else {}
    places = {texts["state"]: where for where, texts in reversed(cells)}
    owners: dict[str, str] = {}
    for code, known in fields.items():
        missing = [field for field in (*_TEXTS, *STATE_UNITS) if field not in known]
        if code in states:
            states[code] = replace(states[code], **known)
        elif missing:
            found = f"{code} has no {', '.join(missing)}"
            problems.append(Problem(places[code], found, "one row for each field of a state"))
        else:
            states[code] = StateFact(code=code, **known)
            names = (code, states[code].name, *states[code].aliases)
            problems += [Problem(places[code], found, rule) for found, rule in claim_names(owners, names)]
    return states


def _read_platforms(
    world: World, problems: list[Problem], states: Mapping[str, StateFact], below: Facts | None = None
) -> tuple[dict[str, PlatformFact], Names]:
    """Return the platforms of a world, and the names that its other tables may hold.

    A user's new platforms come last. A platform may go by another of its names in the other tables.
    """
    cells = world.cells(PlatformFact, problems, own=below is not None)
    platforms = dict(below.platforms if below is not None else {})
    others = {name: fact for name, fact in platforms.items() if name not in {texts["name"] for _, texts in cells}}
    taken = {fold(word): name for name, fact in others.items() for word in fact.words()}
    homes = dict.fromkeys((*states, *load_places())).keys()
    platforms |= check_rows(PlatformFact, cells, problems, {"home": homes, "taken": taken})
    known = {word: fact.name for fact in platforms.values() for word in fact.aliases}
    known |= {name: name for name in (*platforms, *(texts["name"] for _, texts in cells))}
    codes = states.keys()
    launched = {name: fact.launched for name, fact in platforms.items()}
    return platforms, {"state": codes, "platform": known, "launched": launched}


def _read_figures(world: World, problems: list[Problem], names: Names, *, own: bool = False) -> dict[str, Any]:
    """Return the tables of figures of a world, or a user's rows of them, by the field of `Facts`."""
    return {
        table: quantities(check_rows(row, world.cells(row, problems, own=own), problems, names))
        for table, row in FIGURES.items()
    }


def _read_blocks(
    world: World, problems: list[Problem], names: Names, *, own: bool = False
) -> dict[tuple[str, str], BlockFact]:
    """Return the blocks in a world's own table, or in a user's."""
    rows = check_rows(WorldBlock, world.cells(WorldBlock, problems, own=own), problems, names)
    return {pair: row.fact for pair, row in rows.items()}


def working_on(facts: Facts, day: date, kept: Collection[str] = ()) -> Facts:
    """Return a world with the platforms of another day and all else as it stands: enough to know its names.

    Parameters
    ----------
    facts : Facts
        A world that says which day it describes; one that does not is returned as it is.
    day : datetime.date
    kept : collection of str
        Platforms that are kept although they did not work on that day.
    """
    whole = facts.whole or facts
    names = {name for name, platform in whole.platforms.items() if name in kept or platform.works_on(day)}
    if facts.day is None or (names == set(facts.platforms) and day == facts.day):
        return facts
    return whole.only(names, day=day, whole=whole)


def facts_on(world: str, day: date, kept: Collection[str] = ()) -> Facts:
    """Return a world as of a day.

    Parameters
    ----------
    world : str
        Name of a world.
    day : datetime.date
    kept : collection of str
        Platforms of the world that are kept although they did not work on that day.
    """
    facts = load_facts(world)
    platforms = (facts.whole or facts).platforms
    idle = frozenset(name for name in kept if name in platforms and not platforms[name].works_on(day))
    return as_of(facts, day, idle)


@lru_cache(maxsize=64)
def enlarged(facts: Facts, states: tuple[str, ...]) -> Facts:
    """Return facts, as of a day, with more states in detail; made once for each choice of states."""
    return with_states(facts, states)

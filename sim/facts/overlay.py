"""A user's own tables on top of a shipped world: rows with the same key replace, new rows add.

They may name any state or territory. One that the shipped world does not have in detail is added with the facts from
the tables of all states, and its people are subtracted from the rest of the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sim.errors import InputError, Place, Problem
from sim.facts.enlarge import with_states
from sim.facts.history import blocks_before
from sim.facts.keyed import KeyedTables
from sim.facts.model import Facts, PlatformFact, Quantity, StateFact
from sim.facts.names import fold
from sim.facts.own import MANIFEST, TABLES
from sim.facts.places import load_places
from sim.facts.read import (
    PLATFORM_COLUMNS,
    PLATFORM_DATES,
    STATE_COLUMNS,
    STATE_UNITS,
    only,
    read_platforms,
    read_state_row,
)
from sim.facts.table import Row, rows_of_text
from sim.facts.worlds import World

_PLACES = ("state", "residence", "origin", "partner")
"""Columns that name a state."""
MOST_PLATFORMS = 63
"""What a person uses is kept as the bits of one signed 64-bit number."""


def laid_over(base: Facts, world: World) -> Facts:
    """Return the facts of a world of a user's own, as of its day.

    Parameters
    ----------
    base : Facts
        The world below, as it was loaded.
    world : World
        With the user's own tables.

    Raises
    ------
    InputError
        Everything that is wrong with the tables, each with file and line.
    """
    problems: list[Problem] = []
    below = with_states(base.whole or base, _new_places(base, world))
    states = _states(below, world, problems)
    platforms = _platforms(below, world, states, problems)
    reader = KeyedTables(world, tuple(states), platforms, problems, own=True)
    whole = replace(
        below,
        name=world.name,
        states=states,
        platforms=platforms,
        penetration={**below.penetration, **_by(reader.table("penetration.csv", "share"))},
        group_penetration={**below.group_penetration, **_by(reader.table("group_penetration.csv", "share"))},
        migrants={**below.migrants, **_by(reader.table("migrants.csv", "persons"))},
        revenue={**below.revenue, **_by(reader.table("revenue.csv", "US dollars a year"))},
        monetisation={**below.monetisation, **_by(reader.table("monetisation.csv", "ratio"))},
        news_use={**below.news_use, **_by(reader.table("news_use.csv", "share"))},
        youth_lean={**below.youth_lean, **_by(reader.table("youth_lean.csv", "correlation"))},
        institutions={**below.institutions, **_by(reader.table("institutions.csv", "share"))},
        whole=None,
    )
    stated = reader.blocks()
    working = {name for name, fact in platforms.items() if base.day is None or fact.works_on(base.day)}
    if len(working) > MOST_PLATFORMS:
        found = f"{len(working)} platforms work on {base.day}"
        problems.append(Problem(Place(f"{_name(world)}/platforms.csv", 1), found, f"at most {MOST_PLATFORMS}"))
    if problems:
        raise InputError(problems)
    known = base.blocks if world.owns("blocks.csv") or base.day is None else blocks_before(base.day, whole)
    whole = replace(whole, blocks={**known, **{p: b for p, b in below.blocks.items() if p not in known}, **stated})
    if base.day is None:
        return whole
    now = {pair: block for pair, block in whole.blocks.items() if pair not in stated or block.in_force_before(base.day)}
    return replace(only(whole, working), blocks={p: b for p, b in now.items() if p[1] in working}, whole=whole)


def _by(table: Mapping[tuple[str, ...], Quantity]) -> dict[Any, Quantity]:
    """Return a table by its keys; a key of one part is no tuple."""
    return {key if len(key) > 1 else key[0]: found for key, found in table.items()}


def _new_places(base: Facts, world: World) -> list[str]:
    """Return the states that the tables name and that the world below does not have in detail, sorted."""
    if world.own is None:
        return []
    named: set[str] = set()
    for table, text in world.own.texts.items():
        columns = _header(text)
        if table not in TABLES or not set(TABLES[table]) <= set(columns):
            continue
        keys = [key for key in TABLES[table] if key in _PLACES]
        for row in rows_of_text(text, table, columns, []):
            named.update(row.cells[key] for key in keys)
    return sorted(code for code in named if code in load_places() and code not in base.states)


def _header(text: str) -> tuple[str, ...]:
    """Return the first line of a table as its columns."""
    return tuple(next(iter(text.splitlines()), "").strip().split(","))


def _states(below: Facts, world: World, problems: list[Problem]) -> dict[str, StateFact]:
    """Return the states with what the user's own rows change of them."""
    texts: dict[str, dict[str, str]] = {}
    figures: dict[str, dict[str, Quantity]] = {}
    first: dict[str, Row] = {}
    for row in world.own_rows("states.csv", STATE_COLUMNS, problems):
        code = read_state_row(row, texts, figures)
        if code:
            first.setdefault(code, row)
    states = dict(below.states)
    for code, row in first.items():
        changed: dict[str, Any] = {**figures.get(code, {}), **texts.get(code, {})}
        if "aliases" in changed:
            changed["aliases"] = tuple(word.strip() for word in changed["aliases"].split("|"))
        missing = [name for name in ("name", "aliases", *STATE_UNITS) if name not in changed]
        if code not in states and missing:
            row.fault(f"{code} has no {', '.join(missing)}", "one row for each field of a state that nobody knows")
        elif code in states:
            states[code] = replace(states[code], **changed)
        else:
            states[code] = StateFact(code=code, **changed)
    return states


def _platforms(
    below: Facts, world: World, states: Mapping[str, StateFact], problems: list[Problem]
) -> dict[str, PlatformFact]:
    """Return the platforms with those of the user's own; new ones come last."""
    rows = list(world.own_rows("platforms.csv", PLATFORM_COLUMNS, problems, PLATFORM_DATES))
    mine = {row.cells["name"] for row in rows}
    taken = {
        fold(word): name
        for name, fact in below.platforms.items()
        if name not in mine
        for word in _words(fact.name, fact.aliases)
    }
    return {**below.platforms, **read_platforms(rows, states, taken)}


def _words(name: str, aliases: Iterable[str]) -> tuple[str, ...]:
    """Return all names of something."""
    return (name, *aliases)


def _name(world: World) -> str:
    """Return what errors call the folder."""
    return world.own.name if world.own is not None else MANIFEST

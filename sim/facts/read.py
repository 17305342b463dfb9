"""Read, check and cache a set of fact tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from sim.errors import InputError, Problem
from sim.facts.keyed import KeyedTables, has_unit
from sim.facts.model import (
    BASES,
    KINDS,
    MODES,
    Facts,
    PlatformFact,
    Quantity,
    StateFact,
)
from sim.facts.names import fold
from sim.facts.table import QUANTITY_COLUMNS, Row, keep, read_rows
from sim.facts.worlds import HOME, World, read_world
from sim.plugins import project

PARAMETERS = HOME / "parameters.csv"
RULES = HOME / "rules.csv"
"""The named rules that the record cannot distinguish, in the form of a table of parameters."""
CHOICE = "choice"
"""Unit of a parameter that is one of a few named rules."""
STATE_UNITS = {
    "population": "persons",
    "internet_users": "persons",
    "gdp_per_head": "US$ of 2015",
    "ios_share": "share",
    "vpn_share": "share",
}
PLATFORM_COLUMNS = (
    "name", "aliases", "owner", "home", "kind", "modes", "hosting", "stores", "evasion", "source", "basis",
)  # fmt: skip
PLATFORM_DATES = ("launched", "closed")
STATE_COLUMNS = ("state", "field", *QUANTITY_COLUMNS)
_PARAMETER_COLUMNS = ("name", "value", "low", "high", "unit", "basis", "source", "description")


def own_parameters() -> Path | None:
    """Return the table of parameters of the project folder in use; None where there is none."""
    found = project()
    folder = None if found is None else found.folders.get("facts")
    return folder / "parameters.csv" if folder is not None and (folder / "parameters.csv").is_file() else None


def read_facts(folder: Path, *parameters: Path) -> Facts:
    """Read and check a folder of fact tables.

    Parameters
    ----------
    folder : Path
        Holds ``states.csv platforms.csv penetration.csv group_penetration.csv blocks.csv migrants.csv revenue.csv
        monetisation.csv news_use.csv youth_lean.csv institutions.csv``, or a ``world.csv`` that says where they are.
    *parameters : Path
        Tables of model parameters, which must not share a name; without any there are none.

    Raises
    ------
    InputError
        Everything that is wrong with the tables, each with file and line.
    """
    problems: list[Problem] = []
    world = read_world(folder, problems)
    states = _read_states(read_rows(world.path("states.csv"), STATE_COLUMNS, problems))
    rows = read_rows(world.path("platforms.csv"), PLATFORM_COLUMNS, problems, PLATFORM_DATES)
    platforms = read_platforms(rows, states)
    reader = KeyedTables(world, tuple(states), platforms, problems)
    facts = Facts(
        name=world.name,
        states=states,
        platforms=platforms,
        penetration={(key[0], key[1]): found for key, found in reader.table("penetration.csv", "share").items()},
        group_penetration={
            (key[0], key[1], key[2]): found for key, found in reader.table("group_penetration.csv", "share").items()
        },
        blocks=reader.blocks(),
        migrants={(key[0], key[1]): found for key, found in reader.table("migrants.csv", "persons").items()},
        parameters=_read_parameters(parameters, problems),
        revenue={key[0]: found for key, found in reader.table("revenue.csv", "US dollars a year").items()},
        monetisation={key[0]: found for key, found in reader.table("monetisation.csv", "ratio").items()},
        news_use={key[0]: found for key, found in reader.table("news_use.csv", "share").items()},
        youth_lean={(key[0], key[1]): found for key, found in reader.table("youth_lean.csv", "correlation").items()},
        institutions={(key[0], key[1]): found for key, found in reader.table("institutions.csv", "share").items()},
        day=world.day,
    )
    if problems:
        raise InputError(problems)
    return on_its_day(facts, world)


def on_its_day(facts: Facts, world: World) -> Facts:
    """Return tables without the platforms that do not work on the day they describe, and with the blocks of that day.

    Parameters
    ----------
    facts : Facts
        All rows of the tables.
    world : World
        Where they are from.
    """
    if facts.day is None:
        return facts
    blocks = facts.blocks
    if not world.owns("blocks.csv"):
        from sim.facts.history import blocks_before  # late: a world with a table of its own never needs it

        blocks = blocks_before(facts.day, facts)
    working = {name for name, platform in facts.platforms.items() if platform.works_on(facts.day)}
    if len(working) == len(facts.platforms):
        return facts if blocks is facts.blocks else replace(facts, blocks=blocks)
    return replace(only(facts, working), blocks=blocks, whole=facts)


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
    return replace(only(whole, names), day=day, whole=whole)


def only(facts: Facts, platforms: set[str]) -> Facts:
    """Return tables with some of their platforms.

    Parameters
    ----------
    facts : Facts
    platforms : set of str
        The names to keep.
    """
    return replace(
        facts,
        platforms={name: fact for name, fact in facts.platforms.items() if name in platforms},
        penetration={key: found for key, found in facts.penetration.items() if key[1] in platforms},
        group_penetration={key: found for key, found in facts.group_penetration.items() if key[1] in platforms},
        blocks={key: found for key, found in facts.blocks.items() if key[1] in platforms},
        monetisation={name: found for name, found in facts.monetisation.items() if name in platforms},
        news_use={name: found for name, found in facts.news_use.items() if name in platforms},
        youth_lean={key: found for key, found in facts.youth_lean.items() if key[1] in platforms},
    )


def _read_states(rows: Iterable[Row]) -> dict[str, StateFact]:
    """Read the table of states: one row for each state and field."""
    texts: dict[str, dict[str, str]] = {}
    figures: dict[str, dict[str, Quantity]] = {}
    first: dict[str, Row] = {}
    for row in rows:
        code = read_state_row(row, texts, figures)
        if code:
            first.setdefault(code, row)
    states: dict[str, StateFact] = {}
    taken: dict[str, str] = {}
    for code, row in first.items():
        text, figure = texts.get(code, {}), figures.get(code, {})
        missing = [name for name in ("name", "aliases", *STATE_UNITS) if name not in {**text, **figure}]
        if missing:
            row.fault(f"{code} has no {', '.join(missing)}", "one row for each field of a state")
            continue
        aliases = tuple(word.strip() for word in text["aliases"].split("|"))
        _claim_names(taken, code, (code, text["name"], *aliases), row)
        states[code] = StateFact(code=code, name=text["name"], aliases=aliases, **figure)
    return states


def read_state_row(row: Row, texts: dict[str, dict[str, str]], figures: dict[str, dict[str, Quantity]]) -> str:
    """Keep one row of the table of states, a field of a state, and return the code; empty and a fault where it is none.

    Parameters
    ----------
    row : Row
    texts, figures : dict of str to dict
        Code -> field -> what stands there; filled here.
    """
    code = row.text("state")
    if len(code) != 2 or not (code.isascii() and code.isalpha() and code.isupper()):
        row.fault(f"state is '{code}'", "an ISO 3166-1 alpha-2 code such as US")
        return ""
    name = row.one_of("field", ("name", "aliases", *STATE_UNITS))
    if name in ("name", "aliases"):
        keep(texts.setdefault(code, {}), name, row.text("value"), row)
    elif name in STATE_UNITS:
        has_unit(row, STATE_UNITS[name])
        keep(figures.setdefault(code, {}), name, row.quantity(), row)
    return code


def read_platforms(
    rows: Iterable[Row], states: Mapping[str, StateFact], taken: dict[str, str] | None = None
) -> dict[str, PlatformFact]:
    """Read the rows of the table of platforms; their order numbers them.

    Parameters
    ----------
    rows : iterable of Row
    states : mapping of str to StateFact
        Homes that need no look at all states.
    taken : dict of str to str, optional
        Folded names that are spoken for -> by which platform.
    """
    platforms: dict[str, PlatformFact] = {}
    taken = {} if taken is None else taken
    for row in rows:
        evasion = row.number("evasion")
        if not 0 <= evasion <= 1:
            row.fault(f"evasion is {evasion:g}", "shares are 0 to 1")
        platform = PlatformFact(
            name=row.text("name"),
            aliases=row.words("aliases"),
            owner=row.text("owner"),
            home=_home(row, states),
            kind=row.one_of("kind", KINDS),
            modes=row.all_of("modes", MODES),
            hosting=row.words("hosting"),
            stores=row.words("stores"),
            evasion=evasion,
            source=row.text("source"),
            basis=row.one_of("basis", BASES),
            launched=row.day_or_none("launched"),
            closed=row.day_or_none("closed"),
        )
        if platform.closed and platform.closed <= platform.launched:
            row.fault(f"closed on {platform.closed}, launched on {platform.launched}", "launched before it was closed")
        if not platform.modes:
            row.fault("modes is empty", f"at least one of: {', '.join(MODES)}")
        _claim_names(taken, platform.name, (platform.name, *platform.aliases), row)
        keep(platforms, platform.name, platform, row)
    return platforms


def _read_parameters(paths: Iterable[Path], problems: list[Problem]) -> dict[str, Quantity]:
    """Read tables of model parameters."""
    parameters: dict[str, Quantity] = {}
    for path in paths:
        for row in read_rows(path, _PARAMETER_COLUMNS, problems, optional=("choices",)):
            row.text("description")
            keep(parameters, row.text("name"), _parameter(row), row)
    return parameters


def _parameter(row: Row) -> Quantity:
    """Return a parameter: a number with its range, or one of a few named rules."""
    known, choices = row.quantity("description", licensed=False), row.words("choices")
    if (known.unit == CHOICE) != bool(choices):
        row.fault(f"unit is {known.unit}, choices are '{row.cells['choices']}'", f"unit {CHOICE} and names, or neither")
    elif choices:
        ends = (known.low, known.high) == (0, len(choices) - 1)
        if not ends or known.value not in range(len(choices)) or len(set(choices)) < max(2, len(choices)):
            found = f"value {known.value:g}, low {known.low:g}, high {known.high:g} with {len(choices)} choices"
            row.fault(found, f"two or more different names, the place of one from 0, low 0, high {len(choices) - 1}")
    return replace(known, choices=choices)


def _home(row: Row, states: Mapping[str, StateFact]) -> str:
    """Return the home of a platform: a state of the world, or any other."""
    home = row.cells["home"]
    if home in states:
        return home
    from sim.facts.places import load_places  # late: most worlds have every home among their states

    return row.one_of("home", (*states, *load_places()))


def _claim_names(taken: dict[str, str], owner: str, words: Iterable[str], row: Row) -> None:
    """Note a fault when two states, or two platforms, answer to one name."""
    for word in words:
        other = taken.setdefault(fold(word), owner)
        if other != owner:
            row.fault(f"'{word}' already names {other}", "a name belongs to one row")

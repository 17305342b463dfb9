"""Read a set of fact tables, check it whole, and keep it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path

from sim.errors import InputError, Problem, did_you_mean
from sim.facts.model import (
    BASES,
    KINDS,
    MODES,
    TECHNIQUES,
    BlockFact,
    Facts,
    PlatformFact,
    Quantity,
    StateFact,
)
from sim.facts.names import fold
from sim.facts.table import Row, keep, read_rows

_HOME = Path(__file__).parent
_PARAMETERS = _HOME / "parameters.csv"
_QUANTITY = ("value", "low", "high", "unit", "source", "basis", "licence", "note")
_STATE_UNITS = {
    "population": "persons",
    "internet_users": "persons",
    "gdp_per_head": "US$ of 2015",
    "ios_share": "share",
    "vpn_share": "share",
}
_PLATFORM_COLUMNS = (
    "name", "aliases", "owner", "home", "kind", "modes", "hosting", "stores", "evasion", "launched", "source", "basis",
)  # fmt: skip
_BLOCK_COLUMNS = ("state", "platform", "technique", "since", "source", "basis")
_PARAMETER_COLUMNS = ("name", "value", "low", "high", "unit", "basis", "source", "description")


def available_facts() -> tuple[str, ...]:
    """Return the names of the sets of tables that are shipped."""
    return tuple(sorted(path.parent.name for path in _HOME.glob("*/states.csv")))


@lru_cache(maxsize=8)
def load_facts(name: str = "world-2020") -> Facts:
    """Return a shipped set of facts, read once.

    Parameters
    ----------
    name : str
        One of :func:`available_facts`.

    Raises
    ------
    InputError
        The name is unknown, or a table has faulty rows (all of them, each with file and line).
    """
    allowed = available_facts()
    if name not in allowed:
        found, choices = f"no facts are called '{name}'", f"one of: {', '.join(allowed)}"
        raise InputError(Problem("", found, choices, did_you_mean(name, allowed)))
    return read_facts(_HOME / name, _PARAMETERS)


def read_facts(folder: Path, parameters: Path | None = None) -> Facts:
    """Read and check a folder of fact tables.

    Parameters
    ----------
    folder : Path
        Holds ``states.csv platforms.csv penetration.csv group_penetration.csv blocks.csv migrants.csv revenue.csv
        monetisation.csv news_use.csv youth_lean.csv institutions.csv``.
    parameters : Path, optional
        Table of model parameters; without it there are none.

    Raises
    ------
    InputError
        Everything that is wrong with the tables, each with file and line.
    """
    problems: list[Problem] = []
    states = _read_states(folder / "states.csv", problems)
    platforms = _read_platforms(folder / "platforms.csv", states, problems)
    codes, names = tuple(states), tuple(platforms)
    penetration = _keyed(folder / "penetration.csv", {"state": codes, "platform": names}, "share", problems)
    diaspora = {"residence": codes, "platform": names, "origin": codes}
    group_penetration = _keyed(folder / "group_penetration.csv", diaspora, "share", problems)
    pairs = {"residence": codes, "origin": codes}
    migrants = _keyed(folder / "migrants.csv", pairs, "persons", problems)
    revenue = _keyed(folder / "revenue.csv", {"state": codes}, "US dollars a year", problems)
    monetisation = _keyed(folder / "monetisation.csv", {"platform": names}, "ratio", problems)
    news_use = _keyed(folder / "news_use.csv", {"platform": names}, "share", problems)
    youth_lean = _keyed(folder / "youth_lean.csv", {"state": codes, "platform": names}, "correlation", problems)
    institutions = _keyed(
        folder / "institutions.csv", {"state": codes, "field": ("freedom", "courts")}, "share", problems
    )
    facts = Facts(
        name=folder.name,
        states=states,
        platforms=platforms,
        penetration={(key[0], key[1]): found for key, found in penetration.items()},
        group_penetration={(key[0], key[1], key[2]): found for key, found in group_penetration.items()},
        blocks=_read_blocks(folder / "blocks.csv", codes, platforms, problems),
        migrants={(key[0], key[1]): found for key, found in migrants.items()},
        parameters=_read_parameters(parameters, problems) if parameters else {},
        revenue={key[0]: found for key, found in revenue.items()},
        monetisation={key[0]: found for key, found in monetisation.items()},
        news_use={key[0]: found for key, found in news_use.items()},
        youth_lean={(key[0], key[1]): found for key, found in youth_lean.items()},
        institutions={(key[0], key[1]): found for key, found in institutions.items()},
    )
    if problems:
        raise InputError(problems)
    return facts


def _read_states(path: Path, problems: list[Problem]) -> dict[str, StateFact]:
    """Read the table of states: one row for each state and field."""
    texts: dict[str, dict[str, str]] = {}
    figures: dict[str, dict[str, Quantity]] = {}
    first: dict[str, Row] = {}
    for row in read_rows(path, ("state", "field", *_QUANTITY), problems):
        code = row.text("state")
        if len(code) != 2 or not (code.isascii() and code.isalpha() and code.isupper()):
            row.fault(f"state is '{code}'", "an ISO 3166-1 alpha-2 code such as US")
            continue
        first.setdefault(code, row)
        name = row.one_of("field", ("name", "aliases", *_STATE_UNITS))
        if name in ("name", "aliases"):
            keep(texts.setdefault(code, {}), name, row.text("value"), row)
        elif name in _STATE_UNITS:
            _has_unit(row, _STATE_UNITS[name])
            keep(figures.setdefault(code, {}), name, row.quantity(), row)
    states: dict[str, StateFact] = {}
    taken: dict[str, str] = {}
    for code, row in first.items():
        text, figure = texts.get(code, {}), figures.get(code, {})
        missing = [name for name in ("name", "aliases", *_STATE_UNITS) if name not in {**text, **figure}]
        if missing:
            row.fault(f"{code} has no {', '.join(missing)}", "one row for each field of a state")
            continue
        aliases = tuple(word.strip() for word in text["aliases"].split("|"))
        _claim_names(taken, code, (code, text["name"], *aliases), row)
        states[code] = StateFact(code=code, name=text["name"], aliases=aliases, **figure)
    return states


def _read_platforms(path: Path, states: dict[str, StateFact], problems: list[Problem]) -> dict[str, PlatformFact]:
    """Read the table of platforms; the order of its rows numbers them."""
    platforms: dict[str, PlatformFact] = {}
    taken: dict[str, str] = {}
    for row in read_rows(path, _PLATFORM_COLUMNS, problems):
        evasion = row.number("evasion")
        if not 0 <= evasion <= 1:
            row.fault(f"evasion is {evasion:g}", "shares are 0 to 1")
        platform = PlatformFact(
            name=row.text("name"),
            aliases=row.words("aliases"),
            owner=row.text("owner"),
            home=row.one_of("home", states),
            kind=row.one_of("kind", KINDS),
            modes=row.all_of("modes", MODES),
            hosting=row.words("hosting"),
            stores=row.words("stores"),
            evasion=evasion,
            source=row.text("source"),
            basis=row.one_of("basis", BASES),
            launched=_day(row, "launched"),
        )
        if not platform.modes:
            row.fault("modes is empty", f"at least one of: {', '.join(MODES)}")
        _claim_names(taken, platform.name, (platform.name, *platform.aliases), row)
        keep(platforms, platform.name, platform, row)
    return platforms


def _read_blocks(
    path: Path, codes: tuple[str, ...], platforms: dict[str, PlatformFact], problems: list[Problem]
) -> dict[tuple[str, str], BlockFact]:
    """Read the table of blocks in force before the first day; nothing can be blocked before it exists."""
    blocks: dict[tuple[str, str], BlockFact] = {}
    for row in read_rows(path, _BLOCK_COLUMNS, problems):
        since = _day(row, "since")
        key = (row.one_of("state", codes), row.one_of("platform", platforms))
        known = platforms.get(key[1])
        if known is not None and since < known.launched:
            found = f"since is {since}, but {known.name} was launched on {known.launched} (platforms.csv)"
            row.fault(found, f"{known.launched} or later")
        technique, basis = row.one_of("technique", TECHNIQUES), row.one_of("basis", BASES)
        keep(blocks, key, BlockFact(technique, since, row.text("source"), basis), row)
    return blocks


def _day(row: Row, column: str) -> str:
    """Return a date, YYYY-MM-DD."""
    text = row.text(column)
    try:
        date.fromisoformat(text)
    except ValueError:
        row.fault(f"{column} is '{text}'", "a date, YYYY-MM-DD")
    return text


def _read_parameters(path: Path, problems: list[Problem]) -> dict[str, Quantity]:
    """Read the table of model parameters."""
    parameters: dict[str, Quantity] = {}
    for row in read_rows(path, _PARAMETER_COLUMNS, problems):
        row.text("description")
        keep(parameters, row.text("name"), row.quantity("description", licensed=False), row)
    return parameters


def _keyed(
    path: Path, keys: dict[str, tuple[str, ...]], unit: str, problems: list[Problem]
) -> dict[tuple[str, ...], Quantity]:
    """Read a table of quantities whose key columns hold known names."""
    table: dict[tuple[str, ...], Quantity] = {}
    for row in read_rows(path, (*keys, *_QUANTITY), problems):
        key = tuple(row.one_of(column, choices) for column, choices in keys.items())
        if "origin" in keys and row.cells["origin"] == row.cells["residence"]:
            row.fault(f"residence and origin are both {row.cells['origin']}", "two different states")
        _has_unit(row, unit)
        keep(table, key, row.quantity(), row)
    return table


def _has_unit(row: Row, unit: str) -> None:
    """Note a fault when a row's unit is not the one its table is kept in."""
    if row.cells["unit"] != unit:
        row.fault(f"unit is '{row.cells['unit']}'", f"'{unit}'")


def _claim_names(taken: dict[str, str], owner: str, words: Iterable[str], row: Row) -> None:
    """Note a fault when two states, or two platforms, answer to one name."""
    for word in words:
        other = taken.setdefault(fold(word), owner)
        if other != owner:
            row.fault(f"'{word}' already names {other}", "a name belongs to one row")

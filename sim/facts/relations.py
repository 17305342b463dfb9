"""Relations and means of states, and their trade and phones: tables that few scenarios need.

These tables are separate, because a run in which no state decides does not read the relations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from ..errors import InputError, Problem
from .loading import load_facts
from .model import REST_OF_WORLD, TECHNIQUES
from .network import load_network
from .people import load_regions
from .tables import (
    Cited,
    Code,
    Fault,
    Figure,
    Names,
    Number,
    Platform,
    Quantity,
    State,
    Text,
    figure_table,
    one_of,
    parsed,
    quantities,
    read,
)
from .worlds import DEFAULT_WORLD, OwnTables, World, load_world, read_own

SECTOR_OF_KIND: Mapping[str, str] = {
    "messenger": "social",
    "channel": "social",
    "feed": "social",
    "mixed": "social",
    "professional": "social",
    "video": "video",
    "stream": "video",
    "search": "search",
    "reference": "search",
    "commerce": "commerce",
    "payment": "payment",
    "assistant": "search",
}
"""The sector in which a kind of platform earns."""
INFRASTRUCTURE = ("carrier", "cloud", "equipment", "phones")
"""Sectors whose firms are not platforms."""
SECTORS = (*dict.fromkeys(SECTOR_OF_KIND.values()), *INFRASTRUCTURE)
OTHER = "other"
"""In the table of spending, all states without a row."""
type Pair = tuple[str, str]


TRADE = figure_table("trade.csv", different=("state", "partner"), state=State, partner=State)
REGIMES = figure_table("regimes.csv", state=State)
PRESENCE = figure_table(
    "presence.csv",
    firm=Annotated[str, one_of("firm")],
    sector=Annotated[str, one_of(INFRASTRUCTURE)],
    state=State,
)
MEANS = figure_table("means.csv", state=State, field=Literal["filter", "lists", "market"])
MAKERS = figure_table("phone_makers.csv", state=State, maker=Text)
SPENDING = figure_table(
    "spending.csv", platform=Platform, state=Annotated[str, one_of("state or other")]
)
SALES = figure_table("sales.csv", state=State, platform=Platform)
HANDSETS = figure_table("handset_sales.csv", maker=Text, state=State)


class PactRow(Figure, file="pacts.csv", key=("pact", "state")):
    """Strength of the tie between the members of a pact [1]; in a hub-and-spoke pact, a spoke is
    tied only to its hub.
    """

    pact: Text
    state: State
    role: Literal["member", "hub", "spoke"]


class FirmRow(Figure, file="firms.csv", key=("firm", "sector", "field")):
    """Revenue of a firm in a sector, or its total spending on research [US$ bn a year]."""

    firm: Text
    home: State
    sector: Annotated[str, one_of((*SECTORS, "all"))]
    field: Literal["revenue", "research"]
    where: str = ""

    def faults(self, names: Names) -> Iterable[Fault]:
        """Yield the faults of the number, and revenue without a sector."""
        yield from super().faults(names)
        if self.field == "revenue" and self.sector == "all":
            yield "sector is 'all'", f"one of: {', '.join(SECTORS)}"


@dataclass(frozen=True)
class Firm:
    """A firm, with its home, earnings and spending."""

    name: str
    home: str
    """Alpha-2 code of the state whose law it answers to."""
    revenue: Mapping[str, Quantity]
    """Revenue by sector [US$ bn a year]."""
    research: Quantity | None
    """Research and development of the whole firm [US$ bn a year]."""


@dataclass(frozen=True)
class Relations:
    """Relations of states to each other, and their means."""

    alliance: Mapping[tuple[str, str], Quantity]
    """Strength of the closest pact between two states [1], by (state, state) in both orders; an
    absent pair has none.
    """
    trade: Mapping[tuple[str, str], Quantity]
    """Share of a state's trade in goods with a partner [1], by (state, partner); an absent pair is
    negligible.
    """
    freedom: Mapping[str, Quantity]
    """Freedom of a state [1]; likeness of regimes is one minus the difference."""
    firms: Mapping[str, Firm]
    presence: Mapping[tuple[str, str, str], Quantity]
    """Market share of a firm that is not a platform [1], by (firm, sector, state)."""
    means: Mapping[tuple[str, str], Quantity]
    """``filter`` and ``lists`` [1], and ``market`` if a user's own table has it; by (state,
    field).
    """


@lru_cache(maxsize=8)
def load_relations(name: str = DEFAULT_WORLD) -> Relations:
    """Return the relations of a world, read once; see `read_relations`."""
    return read_relations(load_world(name), tuple(load_facts(name).states))


def read_relations(world: World, states: tuple[str, ...]) -> Relations:
    """Read and check ``pacts.csv trade.csv regimes.csv firms.csv presence.csv means.csv`` of a
    world.

    Parameters
    ----------
    world : World
    states : tuple of str
        The alpha-2 codes that the tables may contain.

    Raises
    ------
    InputError
        Everything that is wrong with the tables, each with file and line.
    """
    problems: list[Problem] = []
    names = {"state": states}
    firms = _read_firms(world, states, problems)
    of_firms = {**names, "firm": {name: name for name in firms} | dict(world.renamed)}
    tables = {"trade": TRADE, "freedom": REGIMES, "presence": PRESENCE, "means": MEANS}
    rows = world.read_tables({"pacts": PactRow, **tables}, of_firms, problems)
    alliance = _alliance(rows.pop("pacts").values())
    return Relations(
        alliance=alliance, firms=firms, **{name: quantities(table) for name, table in rows.items()}
    )


def _read_firms(world: World, states: tuple[str, ...], problems: list[Problem]) -> dict[str, Firm]:
    """Read the table of firms: one row for each sector's revenue, and one for the firm's
    research.
    """
    rows = world.read(FirmRow, problems, {"state": states}).values()
    firms: dict[str, Firm] = {}
    for row in rows:
        name = world.renamed.get(row.firm, row.firm)
        firm = firms.setdefault(name, Firm(name, row.home, {}, None))
        if row.home != firm.home:
            found = f"{name} is at home in {firm.home} and in {row.home}"
            problems.append(Problem(row.where, found, "one home for each firm"))
        if row.field == "research":
            firms[name] = replace(firm, research=row.quantity)
        else:
            firms[name] = replace(firm, revenue={**firm.revenue, row.sector: row.quantity})
    return firms


def _alliance(rows: Iterable[PactRow]) -> dict[Pair, Quantity]:
    """Return the strongest tie of each two states in a pact; in a hub-and-spoke pact, a spoke is
    tied only to its hub.
    """
    pacts: dict[str, list[PactRow]] = {}
    for row in rows:
        pacts.setdefault(row.pact, []).append(row)
    ties: dict[Pair, Quantity] = {}
    for one, other in (pair for members in pacts.values() for pair in combinations(members, 2)):
        tie = ties.get((one.state, other.state))
        if not (one.role == other.role == "spoke") and (tie is None or tie.value < one.value):
            ties[one.state, other.state] = ties[other.state, one.state] = one.quantity
    return ties


def _points(cell: str) -> tuple[float, ...]:
    """Return the ideal points of a state."""
    points = tuple(float(number) for number in cell.split("|"))
    if not all(abs(point) < 10.0 for point in points):
        raise ValueError(cell)
    return points


class Territory(Cited, file="territories.csv", key=("state",)):
    """A place with its own tables that is not a state: only scenarios give it policies, and it
    makes no decisions.
    """

    state: Code
    of: Code
    """The state to which it belongs."""


class Votes(Cited, file="votes.csv", key=("state",)):
    """Votes of a state in the General Assembly of the United Nations."""

    state: Code
    first: Annotated[int, parsed(int, "a year")]
    """The year of the first ideal point."""
    points: Annotated[
        tuple[float, ...], parsed(_points, "numbers separated by |, one for each year")
    ]
    """The state's ideal point in each year, on a scale on which similar voters are near each other
    [1].
    """
    licence: Text
    note: str


def votes_by_year(states: Iterable[str]) -> dict[int, np.ndarray]:
    """Return the ideal point of each state from its votes, by year, shape (states,); NaN without
    votes.

    A state without a vote in a year has the point of its last one. The unit is the widest distance
    of two states in any year, so that one minus the distance of two states is the likeness of their
    votes, 0 to 1.
    """
    rows = read(Votes)
    years = range(
        min(row.first for row in rows.values()),
        max(row.first + len(row.points) for row in rows.values()),
    )

    def points(codes: Iterable[str]) -> np.ndarray:
        columns = tuple(codes)
        out = np.full((len(years), len(columns)), np.nan)
        for column, code in enumerate(columns):
            if code in rows:
                start = rows[code].first - years[0]
                out[start : start + len(rows[code].points), column] = rows[code].points
        return out

    every = points(rows)
    widest = float((np.nanmax(every, axis=1) - np.nanmin(every, axis=1)).max())
    found = points(states) / widest
    for before, now in pairwise(found):
        now[np.isnan(now)] = before[np.isnan(now)]
    return dict(zip(years, found, strict=True))


@dataclass(frozen=True)
class TradeFacts:
    """Tables of one world."""

    makers: Mapping[tuple[str, str], Quantity]
    """Share of the Android phones in use [1]; an absent pair is 0 if the state has a figure for any
    maker.
    """
    spending: Mapping[tuple[str, str], Quantity]
    """Spending of a monthly user there [US$ a year]; state ``other`` stands for all states without
    a row.
    """
    sales: Mapping[tuple[str, str], Quantity]
    """Sales of a state's sellers there [US$ a year], by (state, platform); an absent pair is
    unknown.
    """
    handset_sales: Mapping[tuple[str, str], Quantity]
    """Share of the maker's phones that is sold in a state [1]; by (maker, state)."""

    @cached_property
    def _with_makers(self) -> frozenset[str]:
        return frozenset(state for state, _ in self.makers)

    def maker_share(self, maker: str, state: str) -> float:
        """Return a maker's share of the Android phones in use; a state without figures is like the
        others [1].
        """
        if state not in self._with_makers:
            state = REST_OF_WORLD
        share = self.makers.get((state, maker))
        return share.value if share else 0.0

    def spent(self, platform: str, state: str) -> float:
        """Return the spending of a user of a platform in a state, 0 if unknown [US$ a year]."""
        spending = self.spending.get((platform, state)) or self.spending.get((platform, OTHER))
        return spending.value if spending else 0.0


@lru_cache(maxsize=8)
def load_trade(name: str = DEFAULT_WORLD) -> TradeFacts:
    """Return the tables of trade and phones of a world, read once; faulty ones are an
    `InputError`.
    """
    facts = load_facts(name)
    states = facts.states.keys()
    platforms = facts.platforms.keys()
    names = {"state": states, "platform": platforms, "state or other": (*states, OTHER)}
    tables = {"makers": MAKERS, "spending": SPENDING, "sales": SALES, "handset_sales": HANDSETS}
    rows = load_world(name).read_tables(tables, names)
    return TradeFacts(**{table: quantities(figures) for table, figures in rows.items()})


class Way(Cited, file="repertoire.csv"):
    """One way of a state to act: the state's first available means gives the possible ways, with
    their shares.
    """

    object: Literal["platform", "carrier", "cloud"]
    """Kind of target: ``platform``, ``carrier`` or ``cloud``."""
    sector: Annotated[str, one_of(("", *SECTORS))]
    """The sector of the object; empty for any."""
    means: Literal["", "filter", "lists", "market"]
    """Means that the state must have; empty for none."""
    instrument: Text
    """The name of the instrument."""
    technique: Annotated[str, one_of(("", *TECHNIQUES))]
    """The technique that its policy states; empty for none."""
    share: Number
    """Share of orders by these means that use this way [1]."""


class Rung(Cited, file="ladder.csv", key=("step",)):
    """One step in the sequence of sanctions that a state announces when it demands a
    representative, as in Turkey's law.

    Step 0 is the announcement itself.
    """

    step: int
    after_days: int
    """Days from the day on which the demand comes into force; negative before it [days]."""
    sanction: Literal["announced", "fine", "ad_ban", "throttle"]
    amount: Number
    """Amount of a fine [US dollars]; 0 for other sanctions."""
    share: Number
    """Share of the usual speed that a throttle removes [1]; 0 for other sanctions."""


def check_own(folder: Path) -> tuple[OwnTables | None, tuple[Problem, ...]]:
    """Check all tables of a user, including those that few runs read.

    Parameters
    ----------
    folder : Path
        A folder with ``world.csv`` and tables.

    Returns
    -------
    tables : OwnTables or None
        None if they cannot be read.
    problems : tuple of Problem
        All faults, each with file and line.
    """
    try:
        tables = read_own(folder)
    except InputError as error:
        return None, error.problems
    problems: dict[Problem, None] = {}
    for load in (load_facts, load_network, load_relations, load_trade, load_regions):
        try:
            load(tables.key)
        except InputError as error:
            problems |= dict.fromkeys(error.problems)
    return tables, tuple(problems)

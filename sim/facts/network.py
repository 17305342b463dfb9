"""Read, check and cache the tables of the network: carriers, links, cables, exchange points, clouds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from sim.errors import InputError, Problem
from sim.facts.loading import load_facts
from sim.facts.model import BASES, REST_OF_WORLD, Quantity
from sim.facts.network_check import top_clique, validate
from sim.facts.network_model import (
    ASSUMPTIONS,
    CABLE_KINDS,
    CABLE_STATUSES,
    CLOUD_KINDS,
    CONFIDENCES,
    LINK_BASES,
    RELATIONS,
    ROLES,
    CableFact,
    CarrierFact,
    CloudFact,
    ExchangeFact,
    LinkFact,
    NetworkFacts,
)
from sim.facts.network_names import find_cable, find_carriers, find_cloud, find_exchange
from sim.facts.own import known_tables
from sim.facts.table import Row, keep
from sim.facts.worlds import DEFAULT_WORLD, World, available_facts, load_world, meant_world, read_world

__all__ = [
    "ASSUMPTIONS",
    "CableFact",
    "CarrierFact",
    "CloudFact",
    "ExchangeFact",
    "LinkFact",
    "NetworkFacts",
    "available_networks",
    "carriers_called",
    "find_cable",
    "find_carriers",
    "find_cloud",
    "find_exchange",
    "load_network",
    "read_network",
    "top_clique",
    "validate",
]

_END = ("source", "basis", "confidence", "note")
_CARRIER_COLUMNS = (
    "asn", "name", "aliases", "owner", "seat", "state", "role",
    "state_share", "state_share_low", "state_share_high", "state_owner", "state_share_source",
    "users_share", "users_share_low", "users_share_high", "users_share_basis", "users_share_source",
    *_END,
)  # fmt: skip
_LINK_COLUMNS = ("a", "b", "relation", "assumption_set", *_END)
_CABLE_COLUMNS = (
    "name", "aliases", "kind", "joins", "landings", "capacity_tbps", "capacity_low", "capacity_high",
    "capacity_basis", "ready", "status", "owners", "carriers", *_END,
)  # fmt: skip
_EXCHANGE_COLUMNS = ("name", "aliases", "seat", "state", "city", "members", *_END)
_CLOUD_COLUMNS = ("name", "aliases", "owner", "home", "kind", "carriers", *_END)


def available_networks() -> tuple[str, ...]:
    """Return the names of the worlds that have a network, of their own or another world's."""
    return tuple(name for name in available_facts() if load_world(name).path("carriers.csv").is_file())


@lru_cache(maxsize=8)
def load_network(name: str = DEFAULT_WORLD) -> NetworkFacts:
    """Return a shipped network, read and checked once.

    Parameters
    ----------
    name : str
        One of :func:`available_networks`.

    Raises
    ------
    InputError
        The name is unknown, or the tables are faulty (every fault, each with file and line).
    """
    allowed, own = available_networks(), known_tables(name)
    if name not in allowed and own is None:
        found, choices = f"no network is called '{name}'", f"one of: {', '.join(allowed)}"
        raise InputError(Problem("", found, choices, meant_world(name)))
    world = load_world(name)
    return _network(world, tuple(load_facts(world.base or name).states), [])


def read_network(folder: Path, states: tuple[str, ...]) -> NetworkFacts:
    """Read and check a folder of tables of a network.

    Parameters
    ----------
    folder : Path
        Holds ``carriers.csv carrier_links.csv cables.csv exchanges.csv clouds.csv``.
    states : tuple of str
        Codes of the states that carriers and cables may be in.

    Raises
    ------
    InputError
        Everything that is wrong with the rows, each with file and line; or, when no row is faulty, with the whole.
    """
    problems: list[Problem] = []
    return _network(read_world(folder, problems), states, problems)


def _network(world: World, states: tuple[str, ...], problems: list[Problem]) -> NetworkFacts:
    """Read and check the network of a world; of a user's own, the states are those of the world below."""
    carriers: dict[int, CarrierFact] = {}
    for row in world.rows("carriers.csv", _CARRIER_COLUMNS, problems):
        carrier = _carrier(row, states)
        keep(carriers, carrier.asn, carrier, row)
    links = tuple(_link(row) for row in world.rows("carrier_links.csv", _LINK_COLUMNS, problems))
    facts = NetworkFacts(
        name=world.name,
        states=states,
        carriers=carriers,
        links=links,
        cables=_named(world.rows("cables.csv", _CABLE_COLUMNS, problems), lambda row: _cable(row, states)),
        exchanges=_named(world.rows("exchanges.csv", _EXCHANGE_COLUMNS, problems), lambda row: _exchange(row, states)),
        clouds=_named(world.rows("clouds.csv", _CLOUD_COLUMNS, problems), lambda row: _cloud(row, states)),
    )
    if problems:
        raise InputError(problems)
    validate(facts)
    return facts


def count_gateways(facts: NetworkFacts, state: str) -> int:
    """Return how many carriers of a state have a link with a carrier of another one."""
    at = {asn: carrier.state for asn, carrier in facts.carriers.items()}
    across = ((link.a, link.b) for link in facts.links if at[link.a] != at[link.b])
    return len({asn for pair in across for asn in pair if at[asn] == state})


def _named[T: (CableFact, ExchangeFact, CloudFact)](rows: Iterable[Row], make: Callable[[Row], T]) -> dict[str, T]:
    """Read a table whose rows have names."""
    table: dict[str, T] = {}
    for row in rows:
        made = make(row)
        keep(table, made.name, made, row)
    return table


def _carrier(row: Row, states: tuple[str, ...]) -> CarrierFact:
    """Return one row of ``carriers.csv``."""
    owned = row.cells["state_owner"]
    source = row.text("state_share_source")
    share = _share(row, "state_share", source, "assumption" if source.startswith("assumption: ") else "press")
    if (share.high > 0) != bool(owned):
        row.fault(f"state_share up to {share.high:g} and state_owner '{owned}'", "a state that owns, and what it owns")
    return CarrierFact(
        asn=_asn(row, "asn", row.cells["asn"]),
        name=row.text("name"),
        aliases=row.words("aliases"),
        owner=row.text("owner"),
        seat=_code(row, "seat", row.cells["seat"]),
        state=row.one_of("state", states),
        role=row.one_of("role", ROLES),
        state_share=share,
        state_owner=_code(row, "state_owner", owned) if owned else "",
        users_share=_share(row, "users_share", row.text("users_share_source"), row.one_of("users_share_basis", BASES)),
        **_end(row, BASES),
    )


def _link(row: Row) -> LinkFact:
    """Return one row of ``carrier_links.csv``."""
    return LinkFact(
        a=_asn(row, "a", row.cells["a"]),
        b=_asn(row, "b", row.cells["b"]),
        relation=row.one_of("relation", RELATIONS),
        assumption=row.one_of("assumption_set", ("", *ASSUMPTIONS)),
        **_end(row, LINK_BASES),
    )


def _cable(row: Row, states: tuple[str, ...]) -> CableFact:
    """Return one row of ``cables.csv``."""
    joins = row.all_of("joins", states)
    landings = tuple(_code(row, "landings", word) for word in row.words("landings"))
    wanted = {code if code in states else REST_OF_WORLD for code in landings}
    if set(joins) != wanted or len(landings) < 2 or len(set(joins)) != len(joins):
        row.fault(f"joins {'|'.join(joins)} and lands in {'|'.join(landings)}", f"joins {'|'.join(sorted(wanted))}")
    value, low, high = (row.number(column) for column in ("capacity_tbps", "capacity_low", "capacity_high"))
    if not 0 < low <= value <= high:
        row.fault(f"capacity_low {low:g}, capacity_tbps {value:g}, capacity_high {high:g}", "0 < low <= value <= high")
    year = row.number("ready")
    if year != int(year) or not 1980 <= year <= 2030:
        row.fault(f"ready is {year:g}", "a year from 1980 to 2030")
    basis = row.one_of("capacity_basis", BASES)
    return CableFact(
        name=row.text("name"),
        aliases=row.words("aliases"),
        kind=row.one_of("kind", CABLE_KINDS),
        joins=joins,
        landings=landings,
        capacity=Quantity(value, low, high, "Tbit/s", row.text("source"), basis),
        ready=int(year),
        status=row.one_of("status", CABLE_STATUSES),
        owners=row.words("owners"),
        carriers=tuple(_asn(row, "carriers", word) for word in row.words("carriers")),
        **_end(row, BASES),
    )


def _exchange(row: Row, states: tuple[str, ...]) -> ExchangeFact:
    """Return one row of ``exchanges.csv``."""
    return ExchangeFact(
        name=row.text("name"),
        aliases=row.words("aliases"),
        seat=_code(row, "seat", row.cells["seat"]),
        state=row.one_of("state", states),
        city=row.text("city"),
        members=tuple(_asn(row, "members", word) for word in row.words("members")),
        **_end(row, BASES),
    )


def _cloud(row: Row, states: tuple[str, ...]) -> CloudFact:
    """Return one row of ``clouds.csv``."""
    return CloudFact(
        name=row.text("name"),
        aliases=row.words("aliases"),
        owner=row.text("owner"),
        home=row.one_of("home", states),
        kind=row.one_of("kind", CLOUD_KINDS),
        carriers=tuple(_asn(row, "carriers", word) for word in row.words("carriers")),
        **_end(row, BASES),
    )


def _end(row: Row, bases: tuple[str, ...]) -> dict[str, str]:
    """Return what every row ends with, and where it stands."""
    return {
        "source": row.text("source"),
        "basis": row.one_of("basis", bases),
        "confidence": row.one_of("confidence", CONFIDENCES),
        "note": row.cells["note"],
        "where": row.where,
    }


def _share(row: Row, column: str, source: str, basis: str) -> Quantity:
    """Return a share with its range."""
    value, low, high = (row.number(name) for name in (column, f"{column}_low", f"{column}_high"))
    if not 0 <= low <= value <= high <= 1:
        row.fault(f"{column}_low {low:g}, {column} {value:g}, {column}_high {high:g}", "0 <= low <= value <= high <= 1")
    return Quantity(value, low, high, "share", source, basis)


def _asn(row: Row, column: str, text: str) -> int:
    """Return the number of an autonomous system; 0 and a fault when it is none."""
    if text.isascii() and text.isdigit() and 0 < int(text) < 2**32:
        return int(text)
    row.fault(f"{column} is '{text}'", "the number of an autonomous system, such as 12389")
    return 0


def _code(row: Row, column: str, text: str) -> str:
    """Return an alpha-2 code of any state of the world."""
    if not (len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()) or text == REST_OF_WORLD:
        row.fault(f"{column} is '{text}'", "an ISO 3166-1 alpha-2 code such as FI")
    return text


def carriers_called(texts: Iterable[str], facts: str) -> tuple[int, ...]:
    """Return the AS numbers that some texts name, sorted.

    Parameters
    ----------
    texts : iterable of str
        Names, firms or AS numbers; see `find_carriers`.
    facts : str
        The set of fact tables.

    Raises
    ------
    InputError
        When a text names no carrier.
    """
    network = load_network(facts)
    found = {text: find_carriers(text, network) for text in texts}
    unknown = [text for text, asns in found.items() if not asns]
    if unknown:
        allowed = "a carrier's name, a firm or an AS number"
        raise InputError([Problem("", f"unknown carrier '{text}'", allowed) for text in unknown])
    return tuple(sorted({asn for asns in found.values() for asn in asns}))

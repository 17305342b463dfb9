"""The commands list and show, for scenarios, states, platforms, instruments and other items.

Each kind has a table, and `show` prints more about one of its rows. Each loads only what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import typer

from ..core.shipped import head, shipped, shipped_name
from ..errors import InputError, Problem, did_you_mean
from ..facts import Facts, Quantity, available_facts, find_platform, load_facts
from ..facts.history import RECORD_ENDS
from ..facts.loading import facts_on
from ..facts.model import REST_OF_WORLD, TECHNIQUES
from ..facts.network import ASSUMPTIONS, NetworkFacts, find_carriers, find_row, load_network
from ..facts.people import largest_diasporas
from ..facts.platforms import BesideTalk, blocks_elsewhere, use_anywhere, where_acting
from ..facts.record import RecordRow
from ..facts.states import find_place, known_states, load_places, place_code, state_anywhere
from ..facts.tables import read
from ..facts.worlds import facts_of as own_facts
from ..facts.worlds import load_world, nearest_world
from .app import command
from .options import AS_JSON, SETTINGS, completed, loaded
from .output import say, say_details, say_json, say_table, warn

type Pairs = list[tuple[str, object]]
type Row = Sequence[object]

_DIASPORAS = 5
"""Number of diasporas of a state that are shown in each direction."""
_ADDED_TO = "record"
"""Default folder for added orders."""
_LEAST_USE = 0.01
"""Smallest share of Internet users at which a platform is shown [1]."""


class Kind(NamedTuple):
    """A kind of items: the way to list them, and the details of each by name.

    The last argument of ``about`` and of ``rows`` is a day as a user types it.
    """

    header: tuple[str, ...]  # the first column is the name
    rows: Callable[[str | None], Iterable[Row]]
    about: Callable[[str, str | None], Iterator[tuple[str, Pairs]]] | None = (
        None  # by default the content of its row
    )


# --- scenarios, states, platforms -----------------------------------------------------------------


def _scenario(name: str, on: str | None) -> Iterator[tuple[str, Pairs]]:
    known = shipped_name(name.removesuffix(".yaml").removeprefix("scenarios/"))
    if known is not None:
        from ..text.orders import said_back

        yield (
            name,
            [
                ("file", str(shipped()[known])),
                ("says", said_back(loaded(known))),
                ("text", shipped()[known].read_text(encoding="utf-8")),
            ],
        )


def _states(on: str | None) -> Iterator[Row]:
    facts = facts_of(on)
    for code in known_states(facts):
        state = state_anywhere(code, facts)
        place = load_places().get(code)
        numbers = state.population.value, state.internet_users.value, state.vpn_share.value
        how = "in detail" if code in facts.states else "when named"
        yield code, state.name, place.subregion if place else "", *numbers, how


def _state(name: str, on: str | None) -> Iterator[tuple[str, Pairs]]:
    code = find_place(name)
    if code is None:
        return
    facts = where_acting(facts_of(on), frozenset({code}))
    places = load_places()
    network = load_network()
    state = state_anywhere(code, facts)
    pairs: Pairs = [("on", str(facts.day)), ("code", code), ("aliases", state.aliases)]
    if code in places:
        pairs += [
            ("region", f"{places[code].subregion}, {places[code].region}"),
            ("languages", places[code].languages),
        ]
    for field in ("population", "internet_users", "gdp_per_head", "ios_share", "vpn_share"):
        pairs.append((field.replace("_", " "), shown(getattr(state, field))))
    for what, side in (("lives abroad", 1), ("came from", 0)) if code != REST_OF_WORLD else ():
        found = largest_diasporas(code, facts, _DIASPORAS, side=side)
        pairs.append((what, [f"{places[other].name} {people:,.0f}" for other, people in found]))
    blocks = sorted({**blocks_elsewhere(facts), **facts.blocks}.items())
    here = [
        f"{platform} ({fact.technique}, since {fact.since})"
        for (at, platform), fact in blocks
        if at == code
    ]
    pairs += [
        (f"blocked on {facts.day}", here),
        ("record of orders", f"up to {RECORD_ENDS}; splinternet list blocks --state {code}"),
        ("used by", "share of its internet users in a month, where it acts"),
    ]
    shares = {platform: use_anywhere(code, platform, facts) for platform in facts.platforms}
    used = sorted(
        (n for n, share in shares.items() if share.value >= _LEAST_USE),
        key=lambda n: -shares[n].value,
    )
    for platform in used:
        share = shares[platform]
        basis = "assumption" if share.basis == "assumption" else "measured"
        source = share.source.removeprefix(f"{share.basis}: ")
        pairs.append(
            (
                platform,
                f"{share.value:.3g} ({share.low:.3g} to {share.high:.3g}); {basis}: {source}",
            )
        )
    measured = sum(shares[platform].basis != "assumption" for platform in used)
    pairs.append(
        ("measured", f"{measured} of these {len(used)} figures; the others are assumptions")
    )
    across = sorted(network.gateways(code).items(), key=lambda item: -len(item[1]))
    names = [f"{network.carriers[asn].name} ({len(others)})" for asn, others in across]
    pairs.append(("carriers across the border", names))
    pairs.append(
        ("cables across the border", [c.name for c in network.cables.values() if code in c.joins])
    )
    yield state.name, [(key, value) for key, value in pairs if value not in ((), [], "")]


def _platform(name: str, on: str | None) -> Iterator[tuple[str, Pairs]]:
    facts = facts_of(on)
    whole = facts.whole or facts
    if found := find_platform(name, facts):
        use = {
            state: q
            for (state, platform), q in facts.penetration.items()
            if platform == found and q.value > 0
        }
        age = {state: q for (state, platform), q in facts.youth_lean.items() if platform == found}
        pairs: Pairs = [("on", str(facts.day)), *_fields(facts.platforms[found])]
        if use:
            pairs.append(
                ("used in ...", "share of the state's internet users who use it in a month")
            )
        pairs += [(f"used in {state}", shown(q)) for state, q in use.items()]
        carried = [row for row in read(BesideTalk).values() if row.platform == found]
        pairs += [(f"carries in {row.state}: {row.what}", shown(row.quantity)) for row in carried]
        pairs += [
            (f"leans to the {'old' if q.value < 0 else 'young'} in {code}", shown(q))
            for code, q in age.items()
        ]
        yield found, pairs
    elif former := find_platform(name, whole):
        yield former, [("on", f"{facts.day}: not in service"), *_fields(whole.platforms[former])]


def _firms(on: str | None) -> Iterator[Row]:
    """Yield the owners of platforms by name, each with its homes and its platforms."""
    known = facts_of(on).platforms.values()
    for owner in sorted({fact.owner for fact in known}, key=str.casefold):
        own = [fact for fact in known if fact.owner == owner]
        homes = dict.fromkeys(fact.home for fact in own)
        yield owner, tuple(homes), tuple(fact.name for fact in own)


def shown(quantity: Quantity) -> str:
    """Return a quantity in words: value, range, unit, basis, source."""
    number = "{:,.0f}" if abs(quantity.value) >= 1000 else "{:g}"
    value, low, high = (
        number.format(part) for part in (quantity.value, quantity.low, quantity.high)
    )
    source = quantity.source.removeprefix(f"{quantity.basis}: ")
    return f"{value} ({low} to {high}) {quantity.unit}; {quantity.basis}: {source}"


def _fields(fact: Any, network: NetworkFacts | None = None) -> Pairs:
    """Return the fields of a fact, the source last; quantities with their range, numbers of
    carriers as names.
    """
    pairs: Pairs = []
    last = ("source", "basis", "confidence", "note")
    for item in sorted(fields(fact), key=lambda item: network is not None and item.name in last):
        value = getattr(fact, item.name)
        if value in ((), "") or item.name == "where":
            continue
        if network is not None and item.name in ("carriers", "members"):
            value = [network.carriers[asn].name for asn in value]
        pairs.append(
            (item.name.replace("_", " "), shown(value) if isinstance(value, Quantity) else value)
        )
    return pairs


# --- the network ----------------------------------------------------------------------------------


def _carriers(on: str | None) -> Iterator[Row]:
    for c in sorted(load_network().carriers.values(), key=lambda c: (c.state, -c.users_share)):
        yield c.name, c.asn, c.seat, c.role, c.owner, c.users_share, c.state_share


def _carrier(name: str, on: str | None) -> Iterator[tuple[str, Pairs]]:
    """Yield the carriers of a firm, each with its place and its links under each assumption."""
    network = load_network()
    for asn in find_carriers(name, network):
        pairs = _fields(network.carriers[asn], network)
        for assumption in ASSUMPTIONS:
            ends = [
                (n.a, n.b, n.relation) for n in network.links_under(assumption) if asn in (n.a, n.b)
            ]
            sides = {
                "buys from": [a for a, b, relation in ends if b == asn and relation == "provider"],
                "sells to": [b for a, b, relation in ends if a == asn and relation == "provider"],
                "peers with": [
                    a if b == asn else b for a, b, relation in ends if relation == "peer"
                ],
            }
            known = dict(pairs)
            for side, others in sides.items():
                names = [network.carriers[other].name for other in others]
                if names and known.get(side) != names:  # repeated only if the assumptions differ
                    pairs.append(
                        (
                            side if assumption == ASSUMPTIONS[0] else f"{side}, under {assumption}",
                            names,
                        )
                    )
        at = [exchange.name for exchange in network.exchanges.values() if asn in exchange.members]
        cables = [cable.name for cable in network.cables.values() if asn in cable.carriers]
        yield (
            network.carriers[asn].name,
            [*pairs, *((k, v) for k, v in (("at", at), ("cables", cables)) if v)],
        )


def _of_network(table: str, *columns: str) -> tuple[Callable[[str | None], Iterator[Row]], Any]:
    """Return the functions that list a table of the network and show one of its rows."""

    def rows(on: str | None) -> Iterator[Row]:
        for fact in getattr(load_network(), table).values():
            cells = (getattr(fact, column) for column in columns)
            yield [
                len(cell) if column == "members" else cell
                for column, cell in zip(columns, cells, strict=True)
            ]

    def about(name: str, on: str | None) -> Iterator[tuple[str, Pairs]]:
        if found := find_row(name, load_network(), table):
            yield found, _fields(getattr(load_network(), table)[found], load_network())

    return rows, about


# --- the model ------------------------------------------------------------------------------------


def _instruments(on: str | None) -> Iterator[Row]:
    from ..policies import INSTRUMENTS

    return ((name, kind.summary) for name, kind in INSTRUMENTS.items())


def _instrument(name: str, on: str | None) -> Iterator[tuple[str, Pairs]]:
    from ..policies import INSTRUMENTS
    from ..policies.base import Policy

    if name in INSTRUMENTS:
        kind = INSTRUMENTS[name]
        own = [
            (f"key {key}", field.description or "")
            for key, field in kind.model_fields.items()
            if key not in Policy.model_fields
        ]
        idle = kind.IDLE_KEYS if kind.acts_on_people() else {*kind.IDLE_KEYS, "who"}
        common = ", ".join(key for key in Policy.model_fields if key not in idle)
        about: Pairs = [("what it does", kind.summary), ("the case", kind.CASE)]
        yield name, [*about, *own, ("common keys", common)]


def _technique(name: str, on: str | None) -> Iterator[tuple[str, Pairs]]:
    if name in TECHNIQUES:
        known = load_facts().parameters.items()
        numbers = [(key, shown(q)) for key, q in known if key.startswith(f"technique.{name}.")]
        yield name, [("how it works", TECHNIQUES[name]), *numbers]


def _behaviours(on: str | None) -> Iterator[Row]:
    from ..scenario.schema import BEHAVIOURS

    for name in BEHAVIOURS:
        yield name, BEHAVIOURS[name].every_days, BEHAVIOURS[name].summary


def _metrics(on: str | None) -> Iterator[Row]:
    from ..metrics.registry import METRICS

    return (
        (
            m.name,
            m.unit,
            m.dims,
            f"a {'day' if m.kind == 'daily' else 'run'}",
            m.label,
            m.description,
        )
        for m in METRICS.values()
    )


def _parameters(on: str | None) -> Iterator[Row]:
    known = load_facts().parameters.items()
    return ((name, q.value, q.low, q.high, q.unit, q.basis, q.note) for name, q in known)


def _parameter(name: str, on: str | None) -> Iterator[tuple[str, Pairs]]:
    if found := load_facts().parameters.get(name):
        keys = ("value", "low", "high", "unit", "basis", "source")
        yield name, [("meaning", found.note), *((key, getattr(found, key)) for key in keys)]


def _charts(on: str | None) -> Iterator[Row]:
    from ..experiments.experiment import charts_of
    from ..plots import charts

    yield from ((chart.name, "run", chart.title, chart.description) for chart in charts().values())
    yield from (
        (chart.name, chart.kind, chart.title, chart.description) for chart in charts_of().values()
    )


# --- the record -----------------------------------------------------------------------------------


def _record(on: str | None) -> Iterator[Row]:
    """Yield the observed figures: scored, or not scored with the reason."""
    for row in read(RecordRow).values():
        tolerance = "" if row.tolerance != row.tolerance else row.tolerance
        yield (
            row.id,
            str(row.date),
            row.value,
            tolerance,
            row.confidence,
            row.status,
            row.state,
            row.platform,
            row.what,
            row.episode,
            row.file,
        )


def _record_row(name: str, on: str | None) -> Iterator[tuple[str, Pairs]]:
    if row := read(RecordRow).get(name):
        known = [
            (key, value) for key, value in asdict(row).items() if value != "" and value == value
        ]
        yield (
            row.id,
            [("status", row.status), *((k, v) for k, v in known if k not in ("id", "use", "why"))],
        )


def _counts(on: str | None) -> Iterator[Row]:
    from ..facts import base_rates as rates

    yield (
        "answers",
        *rates.answered_in_kind(),
        f"orders of 14 days or more against foreign platforms, {rates.YEARS}, that the home "
        f"answered in kind within {rates.ANSWER_DAYS} days",
        "block_history.csv; splinternet list blocks",
    )
    yield (
        "protests",
        *rates.ended_in_protests(),
        f"orders of 14 days or more in force when large protests began in a state that decides, "
        f"{rates.YEARS}, that ended within {rates.PROTEST_DAYS} days",
        "block_history.csv and moments.csv; splinternet list blocks",
    )


def _blocks(on: str | None, world: str = "") -> Iterator[Row]:
    """Yield the history of restrictions, newest first; one row for each state, first day and
    technique.
    """
    from ..facts.history import recorded

    for order in recorded((), world=world):
        for platform in order.platforms or ("the Internet",):
            days = order.since, order.until
            yield (
                order.state,
                platform,
                order.technique,
                *days,
                order.order,
                order.sources,
                order.notes,
            )


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "scenarios": Kind(
            ("name", "status", "title"),
            lambda on: ((name, *head(path)) for name, path in shipped().items()),
            _scenario,
        ),
        "states": Kind(
            ("code", "name", "region", "population", "internet users", "VPN share", "facts"),
            _states,
            _state,
        ),
        "platforms": Kind(
            ("name", "home", "kind", "owner"),
            lambda on: ((p.name, p.home, p.kind, p.owner) for p in facts_of(on).platforms.values()),
            _platform,
        ),
        "firms": Kind(("name", "home", "platforms"), _firms),
        "carriers": Kind(
            ("name", "AS", "seat", "role", "firm", "share of users", "owned by a state"),
            _carriers,
            _carrier,
        ),
        "cables": Kind(
            ("name", "kind", "Tbit/s", "ready", "in August 2020", "lands in"),
            *_of_network("cables", "name", "kind", "capacity_tbps", "ready", "status", "landings"),
        ),
        "exchanges": Kind(
            ("name", "seat", "city", "members here"),
            *_of_network("exchanges", "name", "seat", "city", "members"),
        ),
        "clouds": Kind(
            ("name", "home", "kind", "owner"),
            *_of_network("clouds", "name", "home", "kind", "owner"),
        ),
        "instruments": Kind(("name", "what it does"), _instruments, _instrument),
        "techniques": Kind(("name", "how it works"), lambda on: TECHNIQUES.items(), _technique),
        "behaviours": Kind(("name", "every [days]", "what it does"), _behaviours),
        "metrics": Kind(
            ("name", "unit", "by", "one value", "what it measures", "definition"), _metrics
        ),
        "parameters": Kind(
            ("name", "value", "low", "high", "unit", "basis", "meaning"), _parameters, _parameter
        ),
        "charts": Kind(("name", "drawn of a", "title", "how to read it"), _charts),
        "record": Kind(
            (
                "row",
                "date",
                "value",
                "tolerance",
                "confidence",
                "status",
                "state",
                "platform",
                "what",
                "episode",
                "file",
            ),
            _record,
            _record_row,
        ),
        "blocks": Kind(
            ("state", "platform", "technique", "since", "until", "order", "source", "note"),
            _blocks,
            lambda *_: iter(()),
        ),
        "counts": Kind(("name", "cases", "of", "what is counted", "source"), _counts),
    }
)


def all_names() -> list[str]:
    """Return every name that ``show`` knows, without aliases."""
    return list(dict.fromkeys(str(row[0]) for kind in KINDS.values() for row in kind.rows(None)))


def details(name: str, on: str | None = None) -> Iterator[tuple[str, str, Pairs]]:
    """Yield kind, name and details of every item with a name: a metric and a chart may share a
    name.
    """
    for plural, kind in KINDS.items():
        one = "record row" if plural == "record" else plural.removesuffix("s")
        if kind.about is not None:
            for called, pairs in kind.about(name, on):  # stores are among the clouds
                yield (
                    str(dict(pairs).get("kind", one)) if plural == "clouds" else one,
                    called,
                    pairs,
                )
        else:
            same = (row for row in kind.rows(on) if row[0] == name)
            yield from (
                (one, name, list(zip(kind.header[1:], row[1:], strict=True))) for row in same
            )


def facts_of(day: str | None) -> Facts:
    """Return the world of facts nearest to a day that a user typed; by default the newest world.

    Raises
    ------
    InputError
        The text is not a day from 1990 to 2100.
    """
    if day is None:
        return load_facts(max(available_facts(), key=lambda name: load_world(name).day), named=True)
    from ..scenario.scenario import FIRST_YEAR, LAST_YEAR

    with suppress(ValueError):
        on = date.fromisoformat(day)
        if FIRST_YEAR <= on.year <= LAST_YEAR:
            return facts_on(nearest_world(on), on, named=True)
    raise InputError(
        Problem("--on", f"'{day}'", f"a day from {FIRST_YEAR} to {LAST_YEAR}, YYYY-MM-DD")
    )


# --- the commands ---------------------------------------------------------------------------------

ON = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Show the states and platforms of a day, such as 2024-08-02; by default the newest.",
    ),
]
complete_kinds = completed(lambda: KINDS)
complete_names = completed(all_names)


@command("list blocks --state RU --platform WhatsApp", "list")
def list_(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="[KIND]",
            help=f"One of {', '.join(KINDS)}; without it, the kinds.",
            autocompletion=complete_kinds,
        ),
    ] = "",
    on: ON = None,
    state: Annotated[str, typer.Option(help="For blocks and record: only this state.")] = "",
    platform: Annotated[str, typer.Option(help="For blocks and record: only this platform.")] = "",
    add: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="For blocks: show new and changed orders in a file, and add them.",
        ),
    ] = None,
    facts: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="For blocks: folder of orders that you added (with --add: record by default).",
        ),
    ] = None,
    as_json: AS_JSON = False,
) -> None:
    """List scenarios, states, platforms, carriers, cables, instruments and other items."""
    if (add or facts) and kind not in ("blocks", "block"):
        option = "--add" if add else "--facts"
        raise InputError(Problem(option, "orders are added to the record", "list blocks"))
    if add is not None:
        _add_orders(add, facts or Path(_ADDED_TO), as_json=as_json)
        return
    if not kind:
        if as_json:
            say_json(list(KINDS))
        else:
            say("\n  ".join(("Kinds; splinternet list KIND lists one of them:", *KINDS)))
        return
    plural = _plural(kind)
    if on is not None:
        facts_of(on)  # a wrong date is an error in every list
    header = KINDS[plural].header
    rows = KINDS[plural].rows(on) if facts is None else _blocks(on, own_facts(facts))
    rows = _only(rows, header, state, platform)
    if as_json:
        say_json([dict(zip(header, row, strict=True)) for row in rows])
    else:
        say_table(header, rows)


def _plural(kind: str) -> str:
    """Return the name of a kind that `list` knows, whatever its spelling."""
    plural = kind if kind in KINDS else f"{kind}s"
    if plural in KINDS:
        return plural
    allowed = f"one of {', '.join(KINDS)}"
    raise InputError(Problem("", f"unknown kind '{kind}'", allowed, did_you_mean(kind, KINDS)))


def _only(rows: Iterable[Row], header: Sequence[str], state: str, platform: str) -> list[Row]:
    """Return the rows of a state and a platform; all rows if neither is named."""
    from ..scenario.recorded import recorded_platform

    names = {
        "state": place_code(state, "--state") if state else "",
        "platform": recorded_platform(platform, "--platform") if platform else "",
    }
    kept = list(rows)
    for column, name in names.items():
        if name and column not in header:
            allowed = "list blocks, or list record"
            raise InputError(Problem(f"--{column}", f"this list has no {column}", allowed))
        if name:
            kept = [row for row in kept if name in str(row[header.index(column)]).split(" + ")]
    return kept


def _add_orders(file: Path, folder: Path, *, as_json: bool) -> None:
    """Show the differences between a file of orders and the record, and add new and changed
    orders.
    """
    from ..facts.additions import conflicts, differences, own_world, read_orders, tables_with
    from ..results.files import write_text

    found = differences(read_orders(file), own_world(folder))
    header = ("", "state", "platform", "technique", "since", "until", "what differs", "source")
    rows = [
        (
            each.what,
            each.row.state,
            each.row.platform or "the Internet",
            each.row.technique,
            each.row.since,
            each.row.until,
            each.changes,
            each.row.source,
        )
        for each in found
    ]
    if not as_json:
        say_table(header, rows)
    if problems := conflicts(found):
        raise InputError(problems)
    path = None
    for file_path, text in tables_with(found, folder).items():
        path = write_text(file_path, text)
    count = {what: sum(each.what == what for each in found) for what in ("new", "changed", "known")}
    if as_json:
        table = [dict(zip(("is", *header[1:]), row, strict=True)) for row in rows]
        say_json({"file": path and str(path), **count, "rows": table})
        return
    say(f"\n{count['new']} new, {count['changed']} changed, {count['known']} known already.")
    if path is None:
        say("Nothing was added.")
        return
    say(f"Written to {path}. The program reads it with --facts {folder}, or world.facts: {folder}")


@command("show WeChat")
def show(
    name: Annotated[
        str,
        typer.Argument(
            help="A scenario, state, platform, parameter ..., or a run.",
            autocompletion=complete_names,
        ),
    ],
    chronicle: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="For a run: the decisions of its Nth seed, from cause to effect.",
        ),
    ] = None,
    on: ON = None,
    values: Annotated[
        bool,
        typer.Option(
            "--values",
            help="Show every value of a scenario and its origin, the phases of a day, and the "
            "cost of a run.",
        ),
    ] = False,
    parameters: Annotated[
        bool, typer.Option("--parameters", help="With --values: all model parameters too.")
    ] = False,
    settings: SETTINGS = None,
    as_json: AS_JSON = False,
) -> None:
    """Show all details of one item, with their sources; for a run, its decisions and their
    causes.
    """
    if chronicle is not None:
        _chronicle(name, chronicle, as_json=as_json)
        return
    if values:
        _values(name, settings, parameters=parameters, as_json=as_json)
        return
    if parameters or settings:
        alone = "they belong to the values of a scenario"
        raise InputError(Problem("--parameters, --set", alone, "with --values"))
    found = list(details(name, on))
    if not found:
        hint = did_you_mean(name, all_names()) or "splinternet list KIND names all items"
        kinds = ", ".join(kind.removesuffix("s") for kind in KINDS)
        raise InputError(Problem("", f"nothing is called '{name}'", f"the name of a {kinds}", hint))
    if as_json:
        say_json([{"kind": kind, "name": called, **dict(pairs)} for kind, called, pairs in found])
        return
    for at, (kind, called, pairs) in enumerate(found):
        say(f"{chr(10) * bool(at)}{called} ({kind})")
        say_details((f"  {key}", value) for key, value in pairs if key != "text")
        for text in (str(value) for key, value in pairs if key == "text"):
            say(f"\n{text}".rstrip())


def _values(name: str, settings: list[str] | None, *, parameters: bool, as_json: bool) -> None:
    """Print every value of a scenario with its origin, and its warnings."""
    from .values import say_values, values_data

    spec = loaded(name, settings)
    if as_json:
        say_json(values_data(spec))
        return
    say_values(spec, parameters=parameters)
    for warning in spec.warnings:
        warn(f"warning: {warning}")


def _chronicle(folder: str, member: int, *, as_json: bool) -> None:
    """Print the chronicle of a seed of a run: each decision below its cause."""
    from ..results import open_run
    from ..text.decisions import chronicle, chronicle_lines, note

    result = open_run(folder)
    if member > len(result.members):
        raise InputError(
            Problem(
                "--chronicle", f"there is no seed number {member}", f"1 to {len(result.members)}"
            )
        )
    steps = chronicle(result, member)
    if as_json:
        say_json([asdict(step) for step in steps])
        return
    for line in chronicle_lines(steps) or [
        "Nobody decided anything, and the scenario has no policies."
    ]:
        say(line)
    if worth := note(result.scenario.behaviour.on):
        say(worth)

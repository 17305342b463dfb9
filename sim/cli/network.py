"""Commands on networks: who reaches whom over carriers (routes), and what others measured (import
ooni, traffic).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations_with_replacement
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError, Problem, did_you_mean
from .app import app, command
from .options import AS_JSON
from .output import say, say_json, say_table, warn

if TYPE_CHECKING:
    from ..network import Comparison, Graph

_SHOWN = 15
_HEADER = (
    "state",
    "people",
    "abroad",
    "after",
    "at home",
    "after",
    "stretch",
    "capacity left",
    "load",
    "frontier",
    "after",
    "control points",
    "after",
    "centrality",
    "after",
)
_LEGEND = """\
abroad, at home: share of the people there whom a person reaches. stretch: hops abroad, against before.
load: traffic per capacity at the border, against before. frontier: carriers with a foreign neighbour.
control points: fewest carriers at which 90 % of the traffic abroad leaves. centrality: share of others' traffic
that crosses the state."""
_PEOPLE = """\
people: internet users; those of the rest of the world are shared out over the states of it that have carriers here,
so each of these holds more than live there."""


@command("routes world-2020 --cut state:RU --mesh RU")
def routes(
    graph: Annotated[
        str, typer.Argument(help="A file of AS relationships, or shipped facts (world-2020).")
    ],
    countries: Annotated[
        Path | None, typer.Option(help="A table that says which AS is where (asn, cc).")
    ] = None,
    cut: Annotated[
        list[str] | None,
        typer.Option(
            help="carrier:4134, carrier:4134@US, state:RU, gateways:RU:2, pair:US-CN, link:3356-4134, cable:NAME, "
            "avoid:US:4134+CN, unpeered:RU. Can be repeated."
        ),
    ] = None,
    mesh: Annotated[
        list[str] | None, typer.Option(help="A state whose carriers all meet. Can be repeated.")
    ] = None,
    assumption: Annotated[
        str | None,
        typer.Option(
            help="Of shipped facts: chinese_customers of top carriers (default) or chinese_peers."
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show all states and pairs, not the most concerned.")
    ] = False,
    as_json: AS_JSON = False,
) -> None:
    """Show who reaches whom over a carrier graph, before and after a cut."""
    from ..facts import available_facts
    from ..network.compare import compare

    is_shipped = graph in available_facts() and not Path(graph).exists()
    asked = _graph(graph, countries, assumption, is_shipped=is_shipped)
    words = [*(cut or ()), *(f"mesh:{state}" for state in mesh or ())]
    data = _data(compare(asked, words), words)
    if as_json:
        say_json(data)
        return
    most = len(asked.state_codes) ** 2 if every else _SHOWN
    size, pairs, carriers = data["graph"], data["reachable_pairs"], data["carrier_pairs"]
    say(
        f"{size['carriers']:,} carriers in {size['states']:,} states, {size['paid_links']:,} paid links, "
        f"{size['peering_links']:,} peering links; {data['links_left']:,} links after the cut: "
        f"{', '.join(words) or 'nothing'}"
    )
    say(
        f"Pairs of people with a route: {_percent(pairs['before'])} before, {_percent(pairs['after'])} after"
    )
    say(
        f"Pairs of carriers with a route: {carriers['before']:,} before, {carriers['after']:,} after"
    )
    say(
        f"Path length of the pairs that keep a route: {_number(data['path_stretch'])} times that before"
    )
    if data["third_states"]:
        named, others = data["third_states"][:most], len(data["third_states"]) - most
        say(
            f"Third states that lose reach: {', '.join(named)}{f' and {others} more' if others > 0 else ''}"
        )
    say()
    rows = sorted(data["states"], key=_concern)
    say_table(_HEADER, [_cells(row) for row in rows[:most]])
    if len(rows) > most:
        say(f"... and {len(rows) - most} more states; --all shows them")
    say(f"\n{_LEGEND}")
    if is_shipped:
        say(_PEOPLE)
    if lost := data["pairs_lost"]:
        say()
        cells = [
            ("-".join(row["states"]), _percent(row["before"]), _percent(row["after"]))
            for row in lost[:most]
        ]
        say_table(("pair", "before", "after"), cells)
        if len(lost) > most:
            say(f"... and {len(lost) - most} more pairs of states lose reach; --all shows them")


def _graph(name: str, countries: Path | None, assumption: str | None, *, is_shipped: bool) -> Graph:
    """Return the graph that a name or a path means."""
    from ..facts import available_facts
    from ..facts.network import ASSUMPTIONS
    from ..network.graph import shipped
    from ..network.reading import read_as_relationships

    if is_shipped:
        if countries is not None:
            raise InputError(
                Problem("--countries", f"given with {name}", "a file of AS relationships")
            )
        return shipped(name, assumption or ASSUMPTIONS[0])
    if assumption is not None:
        raise InputError(Problem("--assumption", f"given with {name}", "the name of shipped facts"))
    if not Path(name).is_file():
        choices = available_facts()
        allowed = f"a file of AS relationships, or one of: {', '.join(choices)}"
        raise InputError(Problem(name, "no such file", allowed, did_you_mean(name, choices)))
    return read_as_relationships(name, countries)


def _data(found: Comparison, words: list[str]) -> dict[str, Any]:
    """Return all that is shown, as JSON data: shares of pairs of people, counts of carriers; NaN is
    undefined.
    """
    graph, before, after, names = found.graph, found.before, found.after, found.states
    people = before.people
    everybody = float(people.sum()) ** 2 or float("nan")
    columns: dict[str, Any] = {
        "people": people.astype(int),
        "carriers": [int((graph.state_of == at).sum()) for at in range(len(names))],
        "reach_abroad": (before.reach_abroad, after.reach_abroad),
        "domestic_reach": (before.domestic_reach, after.domestic_reach),
        "path_stretch": found.stretch_abroad,
        "capacity_left": found.capacity_left,
        "gateway_load": found.gateway_load,
        "frontier_count": (before.n_frontier, after.n_frontier),
        "points_of_control": (before.n_points_of_control, after.n_points_of_control),
        "chokepoint_potential": (before.chokepoint_potential, after.chokepoint_potential),
        "country_centrality": (before.country_centrality, after.country_centrality),
    }
    rows = [
        {"state": state}
        | {
            name: _both(values[0][at], values[1][at])
            if isinstance(values, tuple)
            else _rounded(values[at])
            for name, values in columns.items()
        }
        for at, state in enumerate(names)
    ]
    lost = []
    for one, other in combinations_with_replacement(range(len(names)), 2):
        whole = float(people[one] * people[other])
        had, has = float(before.reached[one, other]), float(after.reached[one, other])
        if whole and had - has > 1e-9 * whole:  # a smaller loss is rounding
            row = {
                "states": [names[one], names[other]],
                **_both(had / whole, has / whole),
                "person_pairs": had - has,
            }
            lost.append(row)
    return {
        "graph": {
            "carriers": len(graph),
            "states": len(names),
            "paid_links": len(graph.customer),
            "peering_links": len(graph.peer_a),
        },
        "cut": words,
        "links_left": len(after.graph.link_ids),
        "carrier_pairs": {"before": before.n_pairs, "after": after.n_pairs},
        "reachable_pairs": _both(before.reached.sum() / everybody, after.reached.sum() / everybody),
        "path_stretch": _rounded(found.whole_stretch),
        "third_states": list(found.third_states),
        "states": rows,
        "pairs_lost": sorted(lost, key=lambda row: (-row["person_pairs"], row["states"])),
    }


def _both(before: Any, after: Any) -> dict[str, Any]:
    return {"before": _rounded(before), "after": _rounded(after)}


def _rounded(value: Any) -> Any:
    """Return a number as JSON knows it."""
    number = value.item() if hasattr(value, "item") else value
    return round(number, 9) if isinstance(number, float) else number


def _concern(row: dict[str, Any]) -> tuple[float, float, float]:
    """Return a sorting key: who loses most reach, then capacity, then who has most people."""

    def known(value: float, otherwise: float = 0.0) -> float:
        return value if value == value else otherwise

    lost = max(
        known(row[name]["before"]) - known(row[name]["after"])
        for name in ("reach_abroad", "domestic_reach")
    )
    return -round(lost, 3), round(known(row["capacity_left"], 1.0), 2), -row["people"]


def _cells(row: dict[str, Any]) -> Sequence[object]:
    """Return a state's row as text."""
    reach = [
        _percent(row[name][when])
        for name in ("reach_abroad", "domestic_reach")
        for when in ("before", "after")
    ]
    left = (
        _number(row["path_stretch"]),
        _percent(row["capacity_left"]),
        _number(row["gateway_load"]),
    )
    counts = [
        row[name][when]
        for name in ("frontier_count", "points_of_control")
        for when in ("before", "after")
    ]
    centrality = map(_percent, row["country_centrality"].values())
    return row["state"], f"{row['people']:,}", *reach, *left, *counts, *centrality


def _percent(share: float) -> str:
    """Return a share in words; what is undefined is a dash."""
    if share != share:
        return "-"
    return "99.9 %" if 0.999 < share < 1 else f"{100 * share:.3g} %"


def _number(value: float) -> str:
    """Return a ratio in words; what is undefined is a dash."""
    return f"{value:.2f}" if value == value else "-"


# --- what others measured -------------------------------------------------------------------------


_OUT = Annotated[
    Path | None, typer.Option(help="A folder for the tables; without it they are only shown.")
]
_STATE = Annotated[str, typer.Option(help="The state, where the file does not say it.")]

imports = typer.Typer(
    help="Read measurements that you supply: blocks from OONI, losses of connectivity from Radar or IODA.",
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog="Example: splinternet import ooni measurements.jsonl --out facts",
)
app.add_typer(imports, name="import")


@command("import ooni measurements.jsonl --out facts", of=imports)
def ooni(
    files: Annotated[
        list[Path],
        typer.Argument(help="Measurements (JSON, JSON lines) or aggregations (JSON, CSV)."),
    ],
    out: _OUT = None,
    state: _STATE = "",
    platform: Annotated[
        str, typer.Option(help="The platform, where an aggregation does not say it.")
    ] = "",
    least: Annotated[int, typer.Option(min=1, help="Fewest measurements of a day.")] = 5,
    share: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Share of them that is blocked on such a day.")
    ] = 0.5,
    days: Annotated[int, typer.Option(min=1, help="Days in a row that begin or end a block.")] = 2,
    as_json: AS_JSON = False,
) -> None:
    """Find out from OONI measurements which platforms are blocked where and since when."""
    from ..measured import find_blocks, read_ooni, write_blocks

    evidence = read_ooni(files, state=state, platform=platform)
    blocks = find_blocks(evidence, least=least, share=share, shortest=days)
    rule = f"{share:.0%} or more of at least {least} measurements a day, {days} days in a row"
    written = write_blocks(out, evidence, blocks) if out is not None else ()
    if as_json:
        data = {
            "blocks": blocks.to_dict("records"),
            "days": len(evidence.days),
            "left_out": evidence.left_out,
        }
        say_json({**data, "rule": rule, "written": written})
        return
    pairs = len(evidence.days[["state", "platform"]].drop_duplicates())
    say(f"{len(evidence.days)} days of {pairs} pairs of state and platform; a block is {rule}")
    if len(blocks):
        header = ("state", "platform", "technique", "since", "until", "note")
        say_table(header, blocks[list(header)].to_numpy().tolist())
    else:
        say("No block.")
    for reason, number in evidence.left_out.items():
        warn(f"left out: {number} records {reason}")
    if written:
        say(f"Written to {', '.join(map(str, written))}")


@command("import traffic radar.csv --state IR --out facts", of=imports)
def traffic(
    file: Annotated[
        Path, typer.Argument(help="An answer or a table of Cloudflare Radar or IODA (JSON, CSV).")
    ],
    out: _OUT = None,
    state: _STATE = "",
    series: Annotated[str, typer.Option(help="Which series, where the file has several.")] = "",
    reference: Annotated[
        str, typer.Option(metavar="FIRST..LAST", help="Normal days; by default the first week.")
    ] = "",
    least: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Share lost that makes an outage.")
    ] = 0.1,
    utc_offset: Annotated[
        float, typer.Option(min=-14, max=14, help="Hours to add for local days.")
    ] = 0.0,
    as_json: AS_JSON = False,
) -> None:
    """Find out from traffic or signals which share of a state's connectivity is lost, day by day."""
    from ..measured import find_losses, find_outages, read_signal, write_losses

    signal = read_signal(file, state=state, series=series)
    losses = find_losses(signal, reference=_days(reference), utc_offset=utc_offset)
    outages = find_outages(losses, least)
    written = write_losses(out, losses, outages) if out is not None else ()
    if as_json:
        data = {
            "state": signal.state,
            "signal": losses.signal,
            "reference": losses.reference,
            "noise": losses.noise,
        }
        rows = {"days": losses.days.to_dict("records"), "outages": outages.to_dict("records")}
        say_json({**data, **rows, "written": written})
        return
    begin, end = losses.reference
    say(
        f"{signal.state}: {len(losses.days)} days of {losses.signal}, compared with the days from {begin} to {end};"
    )
    say(f"these differ among themselves by up to {losses.noise:.0%}")
    if len(outages):
        say_table(
            ("on", "until", "share lost"),
            [(o.on, o.until, f"{o.share:.2f}") for o in outages.itertuples()],
        )
    else:
        say("No outage.")
    if written:
        say(f"Written to {', '.join(map(str, written))}")


def _days(text: str) -> tuple[date, date] | None:
    """Return the first and the last day of a span such as 2026-01-01..2026-01-07."""
    if not text:
        return None
    try:
        first, _, last = text.partition("..")
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise InputError(
            Problem("--reference", f"'{text}'", "two days, 2026-01-01..2026-01-07")
        ) from None
    if days[1] < days[0]:
        raise InputError(
            Problem("--reference", f"{days[1]} is before {days[0]}", "the first day first")
        )
    return days

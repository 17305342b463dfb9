"""The command that asks a carrier graph who reaches whom, before and after a cut."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError, Problem, did_you_mean
from .app import app
from .output import say, say_json, say_table
from .scenarios import AS_JSON

if TYPE_CHECKING:
    from ..network import Comparison, Graph

_SHOWN = 15
_HEADER = (
    "state", "people", "abroad", "after", "at home", "after", "stretch", "capacity left", "load", "frontier", "after",
    "control points", "after", "centrality", "after",
)  # fmt: skip
_LEGEND = """\
abroad, at home: share of the people there whom a person reaches. stretch: hops abroad, against before.
load: traffic per capacity at the border, against before. frontier: carriers with a foreign neighbour.
control points: fewest carriers at which 90 % of the traffic abroad leaves. centrality: share of others' traffic
that crosses the state."""
_PEOPLE = """\
people: internet users; those of the rest of the world are shared out over the states of it that have carriers here,
so each of these holds more than live there."""


@app.command(epilog="Example: splinternet routes world-2020 --cut state:RU --mesh RU")
def routes(
    graph: Annotated[str, typer.Argument(help="A file of AS relationships, or shipped facts (world-2020).")],
    countries: Annotated[Path | None, typer.Option(help="A table that says which AS is where (asn, cc).")] = None,
    cut: Annotated[
        list[str] | None,
        typer.Option(
            help="carrier:4134, carrier:4134@US, state:RU, gateways:RU:2, pair:US-CN, link:3356-4134, cable:NAME, "
            "avoid:US:4134+CN, unpeered:RU. Can be repeated."
        ),
    ] = None,
    mesh: Annotated[
        list[str] | None, typer.Option(help="A state whose carriers all meet at an exchange. Can be repeated.")
    ] = None,
    assumption: Annotated[
        str | None,
        typer.Option(help="Of shipped facts: chinese_customers of the top carriers (default) or chinese_peers."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show all states and pairs, not the most concerned.")] = False,
    as_json: AS_JSON = False,
) -> None:
    """Show who reaches whom over a carrier graph, before and after a cut."""
    from ..network.compare import compare

    asked = _graph(graph, countries, assumption)
    words = [*(cut or ()), *(f"mesh:{state}" for state in mesh or ())]
    found = compare(asked, words)
    data = _data(found, words)
    if as_json:
        say_json(data)
        return
    _print(data, _SHOWN if not every else len(asked.state_codes) ** 2, is_shipped=_is_shipped(graph))


def _is_shipped(name: str) -> bool:
    """Return whether a name means facts that are shipped, and no file of that name."""
    from ..facts import available_facts

    return name in available_facts() and not Path(name).exists()


def _graph(name: str, countries: Path | None, assumption: str | None) -> Graph:
    """Return the graph that a name or a path means."""
    from ..facts import available_facts
    from ..facts.network import ASSUMPTIONS
    from ..network.graph import shipped
    from ..network.reading import read_as_relationships

    if _is_shipped(name):
        if countries is not None:
            raise InputError(Problem("--countries", f"given with {name}", "a file of AS relationships"))
        return shipped(name, assumption or ASSUMPTIONS[0])
    if assumption is not None:
        raise InputError(Problem("--assumption", f"given with {name}", "the name of shipped facts"))
    if not Path(name).is_file():
        choices = available_facts()
        allowed = f"a file of AS relationships, or one of: {', '.join(choices)}"
        raise InputError(Problem(name, "no such file", allowed, did_you_mean(name, choices)))
    return read_as_relationships(name, countries)


def _data(found: Comparison, words: list[str]) -> dict[str, Any]:
    """Return all that is shown, as JSON data: shares of pairs of people, counts of carriers."""
    graph, before, after = found.graph, found.before, found.after
    everybody = float(before.people.sum()) ** 2
    columns: dict[str, Any] = {
        "people": before.people.astype(int),
        "carriers": [int((graph.state_of == at).sum()) for at in range(len(found.states))],
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
    rows = []
    for at, state in enumerate(found.states):
        row: dict[str, Any] = {"state": state}
        for name, values in columns.items():
            if isinstance(values, tuple):
                row[name] = {"before": _plain(values[0][at]), "after": _plain(values[1][at])}
            else:
                row[name] = _plain(values[at])
        rows.append(row)
    return {
        "graph": {
            "carriers": len(graph),
            "states": len(found.states),
            "paid_links": len(graph.customer),
            "peering_links": len(graph.peer_a),
        },
        "cut": words,
        "links_left": len(after.graph.link_ids),
        "carrier_pairs": {"before": before.n_pairs, "after": after.n_pairs},
        "reachable_pairs": {
            "before": _plain(before.reached.sum() / everybody if everybody else float("nan")),
            "after": _plain(after.reached.sum() / everybody if everybody else float("nan")),
        },
        "path_stretch": _plain(found.whole_stretch),
        "third_states": list(found.third_states),
        "states": rows,
        "pairs_lost": _pairs_lost(found),
    }


def _pairs_lost(found: Comparison) -> list[dict[str, Any]]:
    """Return the pairs of states that lose reach, those with most pairs of people first."""
    people, before, after = found.before.people, found.before.reached, found.after.reached
    lost = []
    for one, first in enumerate(found.states):
        for other in range(one, len(found.states)):
            whole = float(people[one] * people[other])
            gone = float(before[one, other] - after[one, other])
            if whole and gone > 1e-9 * whole:  # a smaller loss is rounding
                had, has = (round(float(joined[one, other]) / whole, 9) for joined in (before, after))
                row = {"states": [first, found.states[other]], "before": had, "after": has, "person_pairs": gone}
                lost.append(row)
    return sorted(lost, key=lambda row: (-row["person_pairs"], row["states"]))


def _plain(value: Any) -> Any:
    """Return a number as JSON knows it; what is undefined becomes null."""
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float):
        return None if number != number else round(number, 9)
    return number


def _print(data: dict[str, Any], most: int, *, is_shipped: bool) -> None:
    """Print the whole, then the states and pairs most concerned."""
    graph, pairs, carriers = data["graph"], data["reachable_pairs"], data["carrier_pairs"]
    say(
        f"{graph['carriers']:,} carriers in {graph['states']:,} states, {graph['paid_links']:,} paid links, "
        f"{graph['peering_links']:,} peering links; {data['links_left']:,} links after the cut: "
        f"{', '.join(data['cut']) or 'nothing'}"
    )
    say(f"Pairs of people with a route: {_percent(pairs['before'])} before, {_percent(pairs['after'])} after")
    say(f"Pairs of carriers with a route: {carriers['before']:,} before, {carriers['after']:,} after")
    say(f"Path length of the pairs that keep a route: {_number(data['path_stretch'])} times that before")
    if data["third_states"]:
        named, others = data["third_states"][:most], len(data["third_states"]) - most
        say(f"Third states that lose reach: {', '.join(named)}{f' and {others} more' if others > 0 else ''}")
    say()
    rows = sorted(data["states"], key=_concern)
    say_table(_HEADER, [_cells(row) for row in rows[:most]])
    if len(rows) > most:
        say(f"... and {len(rows) - most} more states; --all shows them")
    say()
    say(_LEGEND)
    if is_shipped:
        say(_PEOPLE)
    lost = data["pairs_lost"]
    if lost:
        say()
        say_table(
            ("pair", "before", "after"),
            [("-".join(row["states"]), _percent(row["before"]), _percent(row["after"])) for row in lost[:most]],
        )
        if len(lost) > most:
            say(f"... and {len(lost) - most} more pairs of states lose reach; --all shows them")


def _concern(row: dict[str, Any]) -> tuple[float, float, float]:
    """Return a sorting key: who loses most reach, then capacity, then who has most people."""
    lost = [(row[name]["before"] or 0) - (row[name]["after"] or 0) for name in ("reach_abroad", "domestic_reach")]
    left = 1.0 if row["capacity_left"] is None else row["capacity_left"]
    return -round(max(lost), 3), round(left, 2), -row["people"]


def _cells(row: dict[str, Any]) -> list[str]:
    """Return a state's row as text."""
    cells = [row["state"], f"{row['people']:,}"]
    for name in ("reach_abroad", "domestic_reach"):
        cells += [_percent(row[name]["before"]), _percent(row[name]["after"])]
    cells += [_number(row["path_stretch"]), _percent(row["capacity_left"]), _number(row["gateway_load"])]
    for name in ("frontier_count", "points_of_control"):
        cells += [str(row[name]["before"]), str(row[name]["after"])]
    return cells + [_percent(row["country_centrality"][when]) for when in ("before", "after")]


def _percent(share: float | None) -> str:
    """Return a share in words."""
    if share is None:
        return "-"
    if 0.999 < share < 1:
        return "99.9 %"
    return f"{100 * share:.3g} %"


def _number(value: float | None) -> str:
    """Return a ratio in words."""
    return "-" if value is None else f"{value:.2f}"

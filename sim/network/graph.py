"""The carrier graph: autonomous systems, the states with jurisdiction over them, their links, and
the graph that a cut leaves.

A graph is immutable: `build_graph` makes one from AS numbers, `shipped` from the fact tables,
`apply_cut` from another graph. `read_cut` reads a cut in the notation of users
(``carrier:4134@US``, ``state:RU``, ``avoid:US:4134+CN``).

No AS may be its own customer, not even indirectly. A circle of customers and providers is refused,
because routes over it have no meaning (Gao & Rexford 2001, https://doi.org/10.1109/90.974523).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from graphlib import TopologicalSorter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.cut import ALL, NOTHING, Cut, PathRule
from ..errors import Code, InputError, Problem, did_you_mean
from ..facts import find_state, load_facts
from ..facts.model import REST_OF_WORLD
from ..facts.network import ASSUMPTIONS, NetworkFacts, carrier_index, circle_in, load_network
from ..facts.states import load_places, state_anywhere
from ..facts.tables import fold

type Ints = npt.NDArray[np.integer[Any]]

UNKNOWN = "ZZ"
"""State of an autonomous system that no table assigns to a state: CLDR's code for an unknown
territory.
"""
FIRST_NUMBER = 4_200_000_000
"""First number of the range that RFC 6996 keeps for private use, so that no real network has these
numbers.
"""
PROVIDERS = 2
"""Number of providers of each assumed carrier (assumption)."""
_ENOUGH = 5
"""Least number of links to providers abroad for an area to be used on its own (assumption)."""


class Neighbours(NamedTuple):
    """Neighbours of one kind, as compressed sparse rows."""

    start: Ints  # (N + 1,) int64: where each row begins in the other two arrays
    # (M,) int32: positions of the neighbours, ascending in a row, so that the lowest number comes
    # first
    items: Ints
    links: Ints  # (M,) int32: number of the link to each of them


class Cable(NamedTuple):
    """A cable or a land crossing that joins states."""

    name: str
    states: tuple[str, ...]  # states in which it lands
    capacity: float  # capacity [Tbit/s]


@dataclass(frozen=True, eq=False)
class Graph:
    """Carriers and their relations; positions 0 to N-1 follow ascending AS numbers."""

    asns: Ints
    """(N,) int64: AS numbers, ascending."""
    state_codes: tuple[str, ...]
    """The S states, in alphabetical order."""
    state_of: Ints
    """(N,) int16: Position of each AS's state in ``state_codes``."""
    people: Ints
    """(N,) int64: People whose access each AS carries [persons]; 1 each if no numbers of people are
    known.
    """
    customer: Ints
    provider: Ints
    """(T,) int32: Positions of the two sides of each paid link."""
    peer_a: Ints
    peer_b: Ints
    """(Q,) int32: Positions of the two sides of each peering link."""
    link_ids: Ints
    """(T + Q,) int32: Number of each link in the graph before any cut, paid links first; -1 for an
    added link.
    """
    names: tuple[str, ...] = ()
    """The name of each AS; empty if unknown."""
    words: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Names of carriers as users may write them, without case and accents -> AS numbers."""
    cables: tuple[Cable, ...] = ()
    """Cables; empty if none are known."""

    def __len__(self) -> int:
        return len(self.asns)

    def __repr__(self) -> str:
        return (
            f"<Graph: {len(self):,} carriers in {len(self.state_codes)} states, {len(self.customer):,} paid links, "
            f"{len(self.peer_a):,} peering links>"
        )

    @property
    def states(self) -> tuple[str, ...]:
        """State of each AS."""
        return tuple(self.state_codes[at] for at in self.state_of)

    @cached_property
    def ends(self) -> Ints:
        """Positions of both sides of each link, (T + Q, 2) int64, paid links first."""
        paid = np.stack([self.customer, self.provider])
        free = np.stack([self.peer_a, self.peer_b])
        return np.concatenate([paid, free], axis=1).T.astype(np.int64)

    @cached_property
    def providers(self) -> Neighbours:
        """Providers of each AS."""
        return _neighbours(len(self), self.customer, self.provider, np.arange(len(self.customer)))

    @cached_property
    def customers(self) -> Neighbours:
        """Customers of each AS."""
        return _neighbours(len(self), self.provider, self.customer, np.arange(len(self.customer)))

    @cached_property
    def peers(self) -> Neighbours:
        """Peers of each AS."""
        numbers = np.arange(len(self.peer_a)) + len(self.customer)
        both = (
            np.concatenate([self.peer_a, self.peer_b]),
            np.concatenate([self.peer_b, self.peer_a]),
        )
        return _neighbours(len(self), *both, np.concatenate([numbers, numbers]))

    @cached_property
    def order(self) -> Ints:
        """Positions, (N,) int32: every customer before its providers."""
        sorter = TopologicalSorter(dict.fromkeys(range(len(self)), ()))
        for customer, provider in zip(self.customer.tolist(), self.provider.tolist(), strict=True):
            sorter.add(provider, customer)
        return np.fromiter(sorter.static_order(), np.int32, len(self))

    def position(self, asn: int) -> int:
        """Return the position of an AS, or raise InputError."""
        at = int(np.searchsorted(self.asns, asn))
        if at == len(self.asns) or self.asns[at] != asn:
            raise InputError(
                Problem("", f"AS{asn} is not in the graph", f"one of its {len(self):,} carriers")
            )
        return at

    def inside(self, state: str) -> npt.NDArray[np.bool_]:
        """Return whether each AS belongs to a state, (N,); False for all if the graph does not have
        the state.
        """
        return self.state_of == (self.state_codes.index(state) if state in self.state_codes else -1)

    def cut_down(self, keep: npt.NDArray[np.bool_], new_peers: Ints | None = None) -> Graph:
        """Return the graph with only some of its links, and perhaps with new peers.

        Parameters
        ----------
        keep : (T + Q,) bool
            Whether each link stays.
        new_peers : (K, 2) int, optional
            Positions of pairs of new peers; pairs with a link keep that link.
        """
        paid = keep[: len(self.customer)]
        peering = keep[len(self.customer) :]
        ids = self.link_ids[keep]
        one = self.peer_a[peering]
        other = self.peer_b[peering]
        customer = self.customer[paid]
        provider = self.provider[paid]
        if new_peers is not None and len(new_peers):
            n = len(self)
            have = np.concatenate([pair_key(one, other, n), pair_key(customer, provider, n)])
            fresh = np.unique(pair_key(new_peers[:, 0], new_peers[:, 1], n))
            fresh = fresh[~np.isin(fresh, have)]
            one = np.concatenate([one, fresh // n]).astype(np.int32)
            other = np.concatenate([other, fresh % n]).astype(np.int32)
            ids = np.concatenate([ids, np.full(len(fresh), -1, np.int32)])
        return replace(
            self,
            customer=customer,
            provider=provider,
            peer_a=one,
            peer_b=other,
            link_ids=ids.astype(np.int32),
        )


def pair_key(one: Ints, other: Ints, n: int) -> Ints:
    """Return a number for each pair, whatever the order of its sides."""
    return np.asarray(np.minimum(one, other).astype(np.int64) * n + np.maximum(one, other))


def _neighbours(n: int, row: Ints, item: Ints, link: Ints) -> Neighbours:
    """Return neighbours in compressed sparse rows."""
    order = np.lexsort((item, row))
    start = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=n), out=start[1:])
    return Neighbours(start, item[order].astype(np.int32), link[order].astype(np.int32))


def build_graph(
    transit: Sequence[tuple[int, int]] | Ints,
    peering: Sequence[tuple[int, int]] | Ints,
    *,
    asns: Sequence[int] | Ints = (),
    states: Mapping[int, str] | None = None,
    people: Mapping[int, int] | None = None,
    names: Mapping[int, str] | None = None,
) -> Graph:
    """Build a carrier graph from links between AS numbers.

    Parameters
    ----------
    transit : (T, 2) int
        Paid links: customer, provider.
    peering : (Q, 2) int
        Peering links.
    asns : (K,) int, optional
        ASes to include even if they have no link.
    states, people, names : mapping of AS number, optional
        State (`UNKNOWN` if missing), people (0 if missing; 1 each without the mapping) and name of
        each AS.

    Raises
    ------
    InputError
        If there is a circle of customers and providers, or two ASes have two links.
    """
    paid, free = (np.asarray(links, np.int64).reshape(-1, 2) for links in (transit, peering))
    numbers = np.unique(
        np.concatenate([paid.ravel(), free.ravel(), np.asarray(asns, np.int64).ravel()])
    )
    positions = [
        np.searchsorted(numbers, links).astype(np.int32) for links in (paid, np.sort(free, axis=1))
    ]
    # Links in ascending order of their first, then second side.
    (customer, provider), (one, other) = (
        links[np.lexsort(links.T[::-1])].T.copy() for links in positions
    )
    n = len(numbers)
    keys = np.concatenate([pair_key(customer, provider, n), pair_key(one, other, n)])
    if len(np.unique(keys)) < len(keys) or (customer == provider).any() or (one == other).any():
        raise InputError(
            Problem(
                "", "two links between the same two ASes, or one from an AS to itself", "one link"
            )
        )
    if ring := circle_in((int(payer), int(paid_one)) for payer, paid_one in paid):
        found = f"{' is a customer of '.join(map(str, ring))}: a circle of customers and providers"
        allowed = "an AS pays nobody who pays it, however indirectly"
        raise InputError(Problem("", found, allowed, "", Code.ORDER))
    state = [(states or {}).get(int(asn), UNKNOWN) for asn in numbers]
    codes = sorted(set(state))
    carried = [1 if people is None else people.get(int(asn), 0) for asn in numbers]
    return Graph(
        asns=numbers,
        state_codes=tuple(codes),
        state_of=np.searchsorted(codes, state).astype(np.int16),
        people=np.array(carried, np.int64),
        customer=customer,
        provider=provider,
        peer_a=one,
        peer_b=other,
        link_ids=np.arange(len(customer) + len(one), dtype=np.int32),
        names=tuple((names or {}).get(int(asn), "") for asn in numbers),
    )


@lru_cache(maxsize=8)
def shipped(
    name: str = "world-2020", assumption: str = ASSUMPTIONS[0], states: tuple[str, ...] = ()
) -> Graph:
    """Return the graph of a shipped set of facts, with about 270 carriers entered by hand.

    A carrier belongs to the state of its seat. Its people are its share of the Internet users of
    that state; in the rest of the world, all carriers in the tables share the users.

    Parameters
    ----------
    name : str
        A set of fact tables.
    assumption : str
        Relation of the Chinese carriers to the top clique: ``chinese_customers`` or
        ``chinese_peers``. Contracts are not public, and the effect of a ban depends on them, so try
        both.
    states : tuple of str
        States that must have a carrier; each state without one in the tables gets one (assumption).

    Raises
    ------
    InputError
        If there is no such set or assumption, or its tables have faults.
    """
    if assumption not in ASSUMPTIONS:
        hint = did_you_mean(assumption, ASSUMPTIONS)
        raise InputError(
            Problem("assumption", f"'{assumption}'", f"one of: {', '.join(ASSUMPTIONS)}", hint)
        )
    facts = load_network(name)
    people = load_facts(name).states
    links = facts.links_under(assumption)
    more = assumed_carriers(name, states)
    paid = [(link.b, link.a) for link in links if link.relation == "provider"]
    served = {
        asn: round(carrier.users_share * people[carrier.state].internet_users.value)
        for asn, carrier in facts.carriers.items()
    }
    graph = build_graph(
        [*paid, *((carrier.asn, provider) for carrier in more for provider in carrier.providers)],
        [(link.a, link.b) for link in links if link.relation == "peer"],
        asns=(*facts.carriers, *(carrier.asn for carrier in more)),
        states={a: c.seat for a, c in facts.carriers.items()} | {c.asn: c.state for c in more},
        people=served | {carrier.asn: carrier.people for carrier in more},
        names={a: c.name for a, c in facts.carriers.items()} | {c.asn: c.name for c in more},
    )
    # A cut may name a cable that does not carry anything yet; this has no effect.
    cables = tuple(
        Cable(
            c.name,
            tuple(sorted(set(c.landings))),
            c.capacity_tbps if c.status == "in service" else 0.0,
        )
        for c in facts.cables.values()
    )
    return replace(graph, words=carrier_index(facts), cables=cables)


class AssumedCarrier(NamedTuple):
    """A carrier that represents all carriers of a state without any in the tables; its providers
    are those of its neighbours.
    """

    asn: int  # a number for private use
    name: str
    state: str
    people: int  # Internet users of the state [persons]
    providers: tuple[int, ...]  # the providers of most of its neighbours


def assumed_carriers(world: str, states: Iterable[str]) -> tuple[AssumedCarrier, ...]:
    """Return a carrier for each of some states that have none in the tables.

    Parameters
    ----------
    world : str
        Name of a world.
    states : iterable of str
        Alpha-2 codes; other codes are ignored.
    """
    network = load_network(world)
    facts = load_facts(world)
    places = load_places()
    seats = {carrier.seat for carrier in network.carriers.values()}
    missing = [
        code
        for code in dict.fromkeys(states)
        if code in places and code not in (*seats, REST_OF_WORLD)
    ]
    return tuple(
        AssumedCarrier(
            asn=FIRST_NUMBER + tuple(places).index(code),
            name=f"Carriers of {places[code].name}",
            state=code,
            people=round(state_anywhere(code, facts).internet_users.value),
            providers=_providers(code, network),
        )
        for code in missing
    )


def _providers(state: str, network: NetworkFacts) -> tuple[int, ...]:
    """Return the foreign providers of most carriers in the subregion, or else in the region or the
    world.
    """
    places = load_places()
    own = places[state]
    for area in ("subregion", "region", ""):
        links: Counter[int] = Counter()
        for link in network.links:
            customer = network.carriers[link.b]
            provider = network.carriers[link.a]
            near = places.get(customer.seat)
            if (
                link.relation != "provider"
                or link.assumption_set
                or near is None
                or customer.seat == provider.seat
            ):
                continue
            if not area or getattr(near, area) == getattr(own, area):
                links[provider.asn] += 1
        if (len(links) >= PROVIDERS and links.total() >= _ENOUGH) or not area:
            break
    return tuple(
        asn for asn, _ in sorted(links.items(), key=lambda item: (-item[1], item[0]))[:PROVIDERS]
    )


FORMS = {
    "carrier": "carrier:4134 (all its links), carrier:4134@US (those with carriers of a state)",
    "state": "state:RU (its border)",
    "gateways": "gateways:RU:2 (those with most people behind them), gateways:RU:all",
    "pair": "pair:US-CN (links between two states)",
    "link": "link:3356-4134",
    "cable": "cable:NAME",
    "avoid": "avoid:US:4134+CN (traffic of a state may not cross these carriers and states)",
    "mesh": "mesh:RU (all carriers of a state meet at an exchange)",
    "unpeered": "unpeered:RU (no peering between carriers of a state)",
}


def read_cut(words: Cut | str | Iterable[str] | None, graph: Graph) -> Cut:
    """Return the cut that some words describe. A `Cut` is returned unchanged.

    Parameters
    ----------
    words : Cut, str, iterable of str, or None
        One or more of :data:`FORMS`. Carriers have a number, name or firm, states a code or English
        name.
    graph : Graph
        The graph with the carriers, states and cables.

    Raises
    ------
    InputError
        If words are not valid, or name something that is not in the graph; the error lists all of
        them.
    """
    if isinstance(words, Cut):
        return words
    cut = Cut()
    problems = list[Problem]()
    for word in [words] if isinstance(words, str) else words or ():
        try:
            cut |= _read_word(word, graph)
        except InputError as error:
            problems += (replace(problem, where=f"cut '{word}'") for problem in error.problems)
    if problems:
        raise InputError(problems)
    return cut


def _read_word(word: str, graph: Graph) -> Cut:
    """Return the cut that one word describes."""
    form, rest = (text.strip() for text in word.partition(":")[::2])
    form = form.casefold()
    if form not in FORMS or not rest:
        raise _refused(
            "not a cut", f"one of: {'; '.join(FORMS.values())}", did_you_mean(form, FORMS)
        )
    if form in ("state", "mesh", "unpeered"):
        code = _state(rest, graph)
        return Cut(gateways=((code, ALL),)) if form == "state" else Cut(**{form: (code,)})  # type: ignore[arg-type]
    if form == "gateways":
        return _read_gateways(rest, graph)
    if form == "carrier":
        name, _, code = rest.partition("@")
        where = _state(code, graph) if code else ""
        return Cut(carriers=tuple((asn, where) for asn in _carriers(name, graph)))
    if form == "cable":
        by_name = {fold(cable.name): cable.name for cable in graph.cables}
        if fold(rest) not in by_name:
            hint = did_you_mean(rest, by_name.values())
            raise _refused(f"no cable is called '{rest}'", "a cable of the graph", hint)
        return Cut(cables=(by_name[fold(rest)],))
    return _read_rule(rest, graph) if form == "avoid" else _read_pair(form, rest, graph)


def _read_gateways(rest: str, graph: Graph) -> Cut:
    """Return the cut that closes a number of a state's gateways."""
    code, _, count = rest.partition(":")
    if count != "all" and not (count.isdecimal() and int(count) > 0):
        raise _refused(f"'{count}' gateways", "a number above 0, or all")
    return Cut(gateways=((_state(code, graph), ALL if count == "all" else int(count)),))


def _read_pair(form: str, rest: str, graph: Graph) -> Cut:
    """Return the cut between two states, ``pair``, or between two carriers, ``link``."""
    one, mark, other = rest.partition("-")
    if not mark:
        raise _refused(f"'{rest}'", FORMS[form])
    if form == "pair":
        a, b = sorted((_state(one, graph), _state(other, graph)))
        if a == b:
            raise _refused(f"{a} twice", "two different states")
        return Cut(pairs=((a, b),))
    linked = {(a, b) for a, b in np.sort(graph.asns[graph.ends], axis=1).tolist()}
    linked &= {
        (min(a, b), max(a, b)) for a in _carriers(one, graph) for b in _carriers(other, graph)
    }
    if not linked:
        raise _refused(f"{one} and {other} have no link", "two carriers with a link")
    return Cut(links=tuple(sorted(linked)))


def _read_rule(text: str, graph: Graph) -> Cut:
    """Return the cut with a path rule: a state, then the carriers and states that its traffic may
    not cross.
    """
    code, _, listed = text.partition(":")
    names = [part.strip() for part in listed.split("+") if part.strip()]
    states = {name: _find_state(name, graph) for name in names}
    rule = PathRule(
        _state(code, graph),
        tuple(
            sorted(
                {asn for name in names if states[name] is None for asn in _carriers(name, graph)}
            )
        ),
        tuple(sorted({code for code in states.values() if code is not None})),
    )
    if not names:
        raise _refused("nothing to avoid", FORMS["avoid"])
    return Cut(rules=(rule,))


def _carriers(name: str, graph: Graph) -> tuple[int, ...]:
    """Return the AS numbers for a number, a name or a firm."""
    text = fold(name)
    if text in graph.words:
        return graph.words[text]
    digits = text.removeprefix("as").strip()
    if digits.isdecimal():
        return (int(graph.asns[graph.position(int(digits))]),)
    hint = did_you_mean(name, [*(name for name in graph.names if name), *graph.words])
    raise _refused(f"no carrier is called '{name}'", "a number or name in the graph", hint)


def _find_state(name: str, graph: Graph) -> str | None:
    """Return the code of a state of the graph, by code or English name."""
    code = name.strip().upper()
    if code in graph.state_codes:
        return code
    named = find_state(name, load_facts())
    return named if named in graph.state_codes else None


def _state(name: str, graph: Graph) -> str:
    """Return the code of a state of the graph, or raise InputError."""
    code = _find_state(name, graph)
    if code is None:
        allowed = f"a state with carriers in the graph: {', '.join(graph.state_codes[:40])}"
        hint = (
            ""
            if graph.state_codes != ("ZZ",)
            else "say which AS is where with a table of countries"
        )
        raise _refused(f"'{name}'", allowed, hint)
    return code


def _refused(found: str, allowed: str, hint: str = "") -> InputError:
    """Return the error about a word; `read_cut` adds the word."""
    return InputError(Problem("", found, allowed, hint))


def check_states(cut: Cut, graph: Graph) -> None:
    """Refuse a cut that names a state without carriers in the graph, because it would have no
    effect.

    Raises
    ------
    InputError
        If there are such states.
    """
    problems = [
        Problem(
            "",
            f"the state {state} has no carriers in the graph, so nothing can be cut there",
            f"a state with carriers: {', '.join(graph.state_codes[:40])}",
        )
        for state in cut.states
        if state not in graph.state_codes
    ]
    if problems:
        raise InputError(problems)


def gateways_of(graph: Graph, state: str) -> list[int]:
    """Return the carriers of a state that have links abroad, ordered by the number of people behind
    them, largest first.

    The people behind a carrier are its own and those of its direct and indirect customers in the
    state. Equal carriers are ordered by the number of links abroad, then by AS number.

    Parameters
    ----------
    graph : Graph
        The carriers.
    state : str
        Alpha-2 code.

    Returns
    -------
    list of int
        Positions.
    """
    inside = graph.inside(state)
    people = graph.people.tolist()
    ends = graph.ends
    start = graph.customers.start
    items = graph.customers.items
    across = inside[ends[:, 0]] != inside[ends[:, 1]]
    here = np.where(inside[ends[across, 0]], ends[across, 0], ends[across, 1])
    keys = []
    for gateway, n_links in zip(
        *(array.tolist() for array in np.unique(here, return_counts=True)), strict=True
    ):
        behind = {gateway}
        todo = [gateway]
        while todo:
            x = todo.pop()
            more = {y for y in items[start[x] : start[x + 1]].tolist() if inside[y]} - behind
            behind |= more
            todo += more
        keys.append((-sum(people[x] for x in behind), -n_links, gateway))
    return [gateway for _, _, gateway in sorted(keys)]


def apply_cut(graph: Graph, cut: Cut) -> Graph:
    """Return the graph that remains after a cut; it still contains every carrier. Path rules change
    no link.

    Parameters
    ----------
    graph : Graph
        The carriers.
    cut : Cut
        What is cut.
    """
    if cut == replace(NOTHING, rules=cut.rules):
        return graph
    ends = graph.ends
    keep = np.ones(len(ends), np.bool_)
    for asn, where in cut.carriers:
        at = graph.position(asn)
        touched = (ends == at).any(axis=1)
        if where and where != graph.states[at]:
            touched &= graph.inside(where)[ends].any(axis=1)
        keep &= ~touched
    for one, other in cut.links:
        pair = sorted((graph.position(one), graph.position(other)))
        keep &= ~(np.sort(ends, axis=1) == pair).all(axis=1)
    for first, second in cut.pairs:
        a = graph.inside(first)[ends]
        b = graph.inside(second)[ends]
        keep &= ~(a & b[:, ::-1]).any(axis=1)
    cables = tuple(cable for cable in graph.cables if cable.name not in cut.cables)
    # States that lose their last working cable.
    landed, left = (
        {s for c in some if c.capacity > 0 for s in c.states} for some in (graph.cables, cables)
    )
    dry = sorted((landed - left) & set(graph.state_codes))
    for code, closed in (*cut.gateways, *((code, ALL) for code in dry)):
        inside = graph.inside(code)
        across = inside[ends[:, 0]] != inside[ends[:, 1]]
        if closed != ALL:
            across &= np.isin(ends, gateways_of(graph, code)[:closed]).any(axis=1)
        keep &= ~across
    for code in cut.unpeered:
        keep[len(graph.customer) :] &= ~graph.inside(code)[ends[len(graph.customer) :]].all(axis=1)
    after = replace(graph.cut_down(keep), cables=cables)
    for code in cut.mesh:
        # Carriers without a provider in the state peer with one another.
        tops = after.inside(code)
        at_home = tops[after.customer] & tops[after.provider]
        tops[after.customer[at_home]] = False
        pairs = np.flatnonzero(tops)[np.stack(np.triu_indices(int(tops.sum()), 1), axis=1)]
        after = after.cut_down(np.ones(len(after.link_ids), np.bool_), pairs)
    return after


def avoided(graph: Graph, cut: Cut) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Return the carriers that may not pass on traffic, by the path rules of a cut.

    Returns
    -------
    barred : (C, C, N) bool
        For each two classes of carriers, whether each carrier may not pass on traffic between them;
        class 0 has no rule.
    class_of : (N,) int64
        Class of each carrier.
    """
    masks: dict[tuple[bytes, tuple[str, ...]], npt.NDArray[np.bool_]] = {}
    codes = graph.state_codes
    own: dict[str, set[tuple[bytes, tuple[str, ...]]]] = {code: set() for code in codes}
    for rule in cut.rules:
        if rule.state in own:
            mask = np.zeros(len(graph), np.bool_)
            mask[[graph.position(asn) for asn in rule.carriers]] = True
            for code in rule.states:
                mask |= graph.inside(code)
            key = mask.tobytes(), rule.apart
            masks[key] = mask
            own[rule.state].add(key)
    classes: dict[tuple[frozenset[Any], frozenset[Any]], int] = {(frozenset(), frozenset()): 0}
    class_of_state = []
    for code in codes:
        apart = frozenset(key for key in masks if code in key[1])
        class_of_state.append(classes.setdefault((frozenset(own[code]), apart), len(classes)))
    barred = np.zeros((len(classes), len(classes), len(graph)), np.bool_)
    for (rules, apart), first in classes.items():
        for (others, apart_too), second in classes.items():
            for key in (rules - apart_too) | (others - apart):
                barred[first, second] |= masks[key]
    return barred, np.array(class_of_state, np.int64)[graph.state_of]

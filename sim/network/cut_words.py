"""Read cuts from words: ``carrier:4134@US``, ``state:RU``, ``gateways:RU:2``, ``avoid:US:4134+CN`` and the like."""

from __future__ import annotations

from collections.abc import Iterable

from sim.cut import ALL, Cut, PathRule
from sim.errors import InputError, Problem, did_you_mean
from sim.facts import find_state, load_facts
from sim.facts.names import fold
from sim.network.graph import Graph

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
    """Return a cut from words; one that is a `Cut` already is returned as it is.

    Parameters
    ----------
    words : Cut, str, iterable of str, or None
        One or more of :data:`FORMS`. Carriers go by number, name or firm, states by code or English name.
    graph : Graph
        Says which carriers, states and cables there are.

    Raises
    ------
    InputError
        Words that say nothing, or name something that is not in the graph; all of them.
    """
    if words is None:
        return Cut()
    if isinstance(words, Cut):
        return words
    whole = Cut()
    problems: list[Problem] = []
    for word in [words] if isinstance(words, str) else words:
        try:
            whole |= _read_one(word, graph)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return whole


def _read_one(word: str, graph: Graph) -> Cut:
    """Return the cut that one word says."""
    form, _, rest = word.partition(":")
    form, rest = form.strip().casefold(), rest.strip()
    if form not in FORMS or not rest:
        hint = did_you_mean(form, FORMS)
        raise InputError(Problem(f"cut '{word}'", "not a cut", f"one of: {'; '.join(FORMS.values())}", hint))
    if form in ("state", "mesh", "unpeered"):
        state = _state(word, rest, graph)
        return {"state": Cut(gateways=((state, ALL),)), "mesh": Cut(mesh=(state,)), "unpeered": Cut(unpeered=(state,))}[
            form
        ]
    if form == "gateways":
        code, _, count = rest.partition(":")
        if count != "all" and not (count.isdecimal() and int(count) > 0):
            raise InputError(Problem(f"cut '{word}'", f"'{count}' gateways", "a number above 0, or all"))
        return Cut(gateways=((_state(word, code, graph), ALL if count == "all" else int(count)),))
    if form == "carrier":
        name, _, code = rest.partition("@")
        where = _state(word, code, graph) if code else ""
        return Cut(carriers=tuple((asn, where) for asn in _carriers(word, name, graph)))
    if form == "cable":
        by_name = {fold(cable.name): cable.name for cable in graph.cables}
        if fold(rest) not in by_name:
            hint = did_you_mean(rest, by_name.values())
            raise InputError(Problem(f"cut '{word}'", f"no cable is called '{rest}'", "a cable of the graph", hint))
        return Cut(cables=(by_name[fold(rest)],))
    if form == "avoid":
        return _rule(word, rest, graph)
    return _between(word, form, rest, graph)


def _between(word: str, form: str, rest: str, graph: Graph) -> Cut:
    """Return a cut between two states or two carriers."""
    one, mark, other = rest.partition("-")
    if not mark:
        raise InputError(Problem(f"cut '{word}'", f"'{rest}'", FORMS[form]))
    if form == "pair":
        a, b = sorted((_state(word, one, graph), _state(word, other, graph)))
        if a == b:
            raise InputError(Problem(f"cut '{word}'", f"{a} twice", "two different states"))
        return Cut(pairs=((a, b),))
    ends = [(a, b) for a in _carriers(word, one, graph) for b in _carriers(word, other, graph) if a != b]
    linked = [(min(a, b), max(a, b)) for a, b in ends if _is_link(a, b, graph)]
    if not linked:
        raise InputError(Problem(f"cut '{word}'", f"{one} and {other} have no link", "two carriers with a link"))
    return Cut(links=tuple(sorted(set(linked))))


def _is_link(one: int, other: int, graph: Graph) -> bool:
    """Return whether two carriers have a link of any kind."""
    x, y = graph.position(one), graph.position(other)
    return any(
        y in rows.items[rows.start[x] : rows.start[x + 1]] for rows in (graph.providers, graph.customers, graph.peers)
    )


def _rule(word: str, rest: str, graph: Graph) -> Cut:
    """Return a path rule: a state, then what its traffic may not cross."""
    code, _, listed = rest.partition(":")
    state = _state(word, code, graph)
    carriers: set[int] = set()
    states: set[str] = set()
    for name in [part.strip() for part in listed.split("+") if part.strip()]:
        found = _find_state(name, graph)
        if found:
            states.add(found)
        else:
            carriers.update(_carriers(word, name, graph))
    if not carriers and not states:
        raise InputError(Problem(f"cut '{word}'", "nothing to avoid", FORMS["avoid"]))
    return Cut(rules=(PathRule(state, tuple(sorted(carriers)), tuple(sorted(states))),))


def _carriers(word: str, name: str, graph: Graph) -> tuple[int, ...]:
    """Return the AS numbers that a number, a name or a firm means."""
    text = fold(name)
    if text in graph.words:
        return graph.words[text]
    digits = text.removeprefix("as").strip()
    if digits.isdecimal():
        try:
            return (int(graph.asns[graph.position(int(digits))]),)
        except InputError as error:
            found = error.problems[0]
            raise InputError(Problem(f"cut '{word}'", found.found, found.allowed)) from None
    hint = did_you_mean(name, [*(name for name in graph.names if name), *graph.words])
    raise InputError(Problem(f"cut '{word}'", f"no carrier is called '{name}'", "a number or name in the graph", hint))


def _find_state(name: str, graph: Graph) -> str | None:
    """Return the code of a state of the graph, by code or English name."""
    code = name.strip().upper()
    if code in graph.state_codes:
        return code
    named = find_state(name, load_facts())
    return named if named in graph.state_codes else None


def _state(word: str, name: str, graph: Graph) -> str:
    """Return the code of a state of the graph, or raise InputError."""
    found = _find_state(name, graph)
    if found is None:
        allowed = f"a state with carriers in the graph: {', '.join(graph.state_codes[:40])}"
        hint = "" if graph.state_codes != ("ZZ",) else "say which AS is where with a table of countries"
        raise InputError(Problem(f"cut '{word}'", f"'{name}'", allowed, hint))
    return found

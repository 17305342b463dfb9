"""Cuts: how users write them (``carrier:4134@US``, ``state:RU``, ``avoid:US:4134+CN``), and the graph that is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sim.core.cut import ALL, NOTHING, Cut, PathRule
from sim.errors import InputError, Problem, did_you_mean
from sim.facts import find_state, load_facts
from sim.facts.tables import fold
from sim.network.graph import Cable, Graph, Ints

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
    if isinstance(words, Cut):
        return words
    cut, problems = Cut(), list[Problem]()
    for word in [words] if isinstance(words, str) else words or ():
        try:
            cut |= _read_word(word, graph)
        except InputError as error:
            problems += (replace(problem, where=f"cut '{word}'") for problem in error.problems)
    if problems:
        raise InputError(problems)
    return cut


def _read_word(word: str, graph: Graph) -> Cut:
    """Return the cut that one word says."""
    form, _, rest = word.partition(":")
    form, rest = form.strip().casefold(), rest.strip()
    if form not in FORMS or not rest:
        raise _refused("not a cut", f"one of: {'; '.join(FORMS.values())}", did_you_mean(form, FORMS))
    if form == "state":
        return Cut(gateways=((_state(rest, graph), ALL),))
    if form == "mesh":
        return Cut(mesh=(_state(rest, graph),))
    if form == "unpeered":
        return Cut(unpeered=(_state(rest, graph),))
    if form == "gateways":
        code, _, count = rest.partition(":")
        if count != "all" and not (count.isdecimal() and int(count) > 0):
            raise _refused(f"'{count}' gateways", "a number above 0, or all")
        return Cut(gateways=((_state(code, graph), ALL if count == "all" else int(count)),))
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
    return _read_rule(rest, graph) if form == "avoid" else _read_ends(form, rest, graph)


def _read_rule(text: str, graph: Graph) -> Cut:
    """Return a path rule: a state, then what its traffic may not cross."""
    code, _, listed = text.partition(":")
    state = _state(code, graph)
    names = [part.strip() for part in listed.split("+") if part.strip()]
    states = {name: _find_state(name, graph) for name in names}
    carriers = {asn for name in names if states[name] is None for asn in _carriers(name, graph)}
    if not names:
        raise _refused("nothing to avoid", FORMS["avoid"])
    avoided = sorted({code for code in states.values() if code is not None})
    return Cut(rules=(PathRule(state, tuple(sorted(carriers)), tuple(avoided)),))


def _read_ends(form: str, text: str, graph: Graph) -> Cut:
    """Return a cut between two states (a pair) or two carriers (a link)."""
    one, mark, other = text.partition("-")
    if not mark:
        raise _refused(f"'{text}'", FORMS[form])
    if form == "pair":
        a, b = sorted((_state(one, graph), _state(other, graph)))
        if a == b:
            raise _refused(f"{a} twice", "two different states")
        return Cut(pairs=((a, b),))
    linked = {(a, b) for a, b in np.sort(graph.asns[_ends(graph)], axis=1).tolist()}
    wanted = {(min(a, b), max(a, b)) for a in _carriers(one, graph) for b in _carriers(other, graph)}
    if not linked & wanted:
        raise _refused(f"{one} and {other} have no link", "two carriers with a link")
    return Cut(links=tuple(sorted(linked & wanted)))


def _carriers(name: str, graph: Graph) -> tuple[int, ...]:
    """Return the AS numbers that a number, a name or a firm means."""
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
        hint = "" if graph.state_codes != ("ZZ",) else "say which AS is where with a table of countries"
        raise _refused(f"'{name}'", allowed, hint)
    return code


def _refused(found: str, allowed: str, hint: str = "") -> InputError:
    """Return the error of a word; `read_cut` adds which one."""
    return InputError(Problem("", found, allowed, hint))


def check_states(cut: Cut, graph: Graph) -> None:
    """Refuse a cut that names a state without carriers in the graph, where it would do nothing.

    Raises
    ------
    InputError
        When there are such states.
    """
    problems = [
        Problem("", f"the state {state} has no carriers in the graph, so nothing can be cut there",
                f"a state with carriers: {', '.join(graph.state_codes[:40])}")
        for state in cut.states if state not in graph.state_codes
    ]  # fmt: skip
    if problems:
        raise InputError(problems)


def gateways_of(graph: Graph, state: str) -> list[int]:
    """Return the carriers of a state that have links abroad, the one with most people behind it first.

    Behind a carrier are its own people and those of its customers in the state, theirs, and so on. Ties go by the
    number of links abroad, then by AS number.

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
    at = _state_position(graph, state)
    inside = graph.state_of == at
    ends = _ends(graph)
    across = inside[ends[:, 0]] != inside[ends[:, 1]]
    here = np.where(inside[ends[across, 0]], ends[across, 0], ends[across, 1])
    carriers, n_links = np.unique(here, return_counts=True)
    keys = [
        (-_people_behind(graph, inside, x), -n, x) for x, n in zip(carriers.tolist(), n_links.tolist(), strict=True)
    ]
    return [x for _, _, x in sorted(keys)]


def apply_cut(graph: Graph, cut: Cut) -> Graph:
    """Return the graph that a cut leaves; every carrier is still there. Path rules change no link.

    Parameters
    ----------
    graph : Graph
        The carriers.
    cut : Cut
        What is cut.
    """
    if cut == replace(NOTHING, rules=cut.rules):
        return graph
    ends, state = _ends(graph), graph.state_of
    sides = state[ends]
    keep = np.ones(len(ends), np.bool_)
    for asn, where in cut.carriers:
        at = graph.position(asn)
        touched = (ends == at).any(axis=1)
        if where and where != graph.states[at]:
            touched &= (sides == _state_position(graph, where)).any(axis=1)
        keep &= ~touched
    for one, other in cut.links:
        pair = sorted((graph.position(one), graph.position(other)))
        keep &= ~(np.sort(ends, axis=1) == pair).all(axis=1)
    for one_state, other_state in cut.pairs:
        a, b = _state_position(graph, one_state), _state_position(graph, other_state)
        keep &= ~(((sides[:, 0] == a) & (sides[:, 1] == b)) | ((sides[:, 0] == b) & (sides[:, 1] == a)))
    cables = tuple(cable for cable in graph.cables if cable.name not in cut.cables)
    dry = (_landed(graph.cables) - _landed(cables)) & set(graph.state_codes)
    for code, closed in (*cut.gateways, *((code, ALL) for code in sorted(dry))):
        inside = state == _state_position(graph, code)
        across = inside[ends[:, 0]] != inside[ends[:, 1]]
        if closed != ALL:
            shut = np.zeros(len(graph), np.bool_)
            shut[gateways_of(graph, code)[:closed]] = True
            across &= shut[ends].any(axis=1)
        keep &= ~across
    for code in cut.unpeered:
        inside = state == _state_position(graph, code)
        keep[len(graph.customer) :] &= ~(inside[graph.peer_a] & inside[graph.peer_b])
    left = replace(graph.cut_down(keep), cables=cables)
    for code in cut.mesh:
        left = left.cut_down(np.ones(len(left.link_ids), np.bool_), _mesh(left, code))
    return left


def avoided(graph: Graph, cut: Cut) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Return who may not pass on whose traffic.

    Parameters
    ----------
    graph : Graph
        The carriers.
    cut : Cut
        Its path rules.

    Returns
    -------
    barred : (C, N) bool
        For each class of carriers, who may not pass on their traffic; class 0 has no rule.
    class_of : (N,) int64
        Class of each carrier.
    """
    barred = np.zeros((1, len(graph)), np.bool_)
    by_state = {code: np.zeros(len(graph), np.bool_) for code in graph.state_codes}
    for rule in cut.rules:
        if rule.state not in by_state:
            continue
        mask = by_state[rule.state]
        mask[[graph.position(asn) for asn in rule.carriers]] = True
        for code in rule.states:
            mask |= graph.state_of == _state_position(graph, code)
    class_of_state = np.zeros(len(graph.state_codes), np.int64)
    for at, code in enumerate(graph.state_codes):
        same = np.flatnonzero((barred == by_state[code]).all(axis=1))
        if len(same) == 0:
            barred = np.concatenate([barred, by_state[code][None]])
        class_of_state[at] = same[0] if len(same) else len(barred) - 1
    return barred, class_of_state[graph.state_of]


def _state_position(graph: Graph, state: str) -> int:
    """Return where a state is among those of the graph; -1 when none of its carriers is in it, so nothing matches."""
    return graph.state_codes.index(state) if state in graph.state_codes else -1


def _ends(graph: Graph) -> Ints:
    """Return both ends of each link, (T + Q, 2) positions, paid links first."""
    return np.concatenate(
        [np.stack([graph.customer, graph.provider], axis=1), np.stack([graph.peer_a, graph.peer_b], axis=1)]
    ).astype(np.int64)


def _people_behind(graph: Graph, inside: npt.NDArray[np.bool_], gateway: int) -> int:
    """Return the people of a carrier and of its customers at home, recursively [persons]."""
    seen, todo = {gateway}, [gateway]
    start, items = graph.customers.start, graph.customers.items
    while todo:
        x = todo.pop()
        for y in items[start[x] : start[x + 1]].tolist():
            if inside[y] and y not in seen:
                seen.add(y)
                todo.append(y)
    return int(graph.people[sorted(seen)].sum())


def _landed(cables: Iterable[Cable]) -> set[str]:
    """Return all states where a cable lands that carries something."""
    return {state for cable in cables if cable.capacity > 0 for state in cable.states}


def _mesh(graph: Graph, state: str) -> Ints:
    """Return all pairs of carriers of a state that buy from nobody in it, (K, 2) positions."""
    inside = graph.state_of == _state_position(graph, state)
    buys = np.zeros(len(graph), np.bool_)
    buys[graph.customer[inside[graph.customer] & inside[graph.provider]]] = True
    tops = np.flatnonzero(inside & ~buys)
    one, other = np.triu_indices(len(tops), 1)
    return np.stack([tops[one], tops[other]], axis=1)

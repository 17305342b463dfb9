"""Cuts: how users write them (``carrier:4134@US``, ``state:RU``, ``avoid:US:4134+CN``), and the graph that is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ..core.cut import ALL, NOTHING, Cut, PathRule
from ..errors import InputError, Problem, did_you_mean
from ..facts import find_state, load_facts
from ..facts.tables import fold
from .graph import Graph, Ints

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
    form, rest = (text.strip() for text in word.partition(":")[::2])
    form = form.casefold()
    if form not in FORMS or not rest:
        raise _refused("not a cut", f"one of: {'; '.join(FORMS.values())}", did_you_mean(form, FORMS))
    if form in ("state", "mesh", "unpeered"):
        code = _state(rest, graph)
        return Cut(gateways=((code, ALL),)) if form == "state" else Cut(**{form: (code,)})  # type: ignore[arg-type]
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
    if form == "avoid":
        return _read_rule(rest, graph)
    one, mark, other = rest.partition("-")
    if not mark:
        raise _refused(f"'{rest}'", FORMS[form])
    if form == "pair":
        a, b = sorted((_state(one, graph), _state(other, graph)))
        if a == b:
            raise _refused(f"{a} twice", "two different states")
        return Cut(pairs=((a, b),))
    linked = {(a, b) for a, b in np.sort(graph.asns[graph.ends], axis=1).tolist()}
    linked &= {(min(a, b), max(a, b)) for a in _carriers(one, graph) for b in _carriers(other, graph)}
    if not linked:
        raise _refused(f"{one} and {other} have no link", "two carriers with a link")
    return Cut(links=tuple(sorted(linked)))


def _read_rule(text: str, graph: Graph) -> Cut:
    """Return a path rule: a state, then what its traffic may not cross."""
    code, _, listed = text.partition(":")
    names = [part.strip() for part in listed.split("+") if part.strip()]
    states = {name: _find_state(name, graph) for name in names}
    rule = PathRule(
        _state(code, graph),
        tuple(sorted({asn for name in names if states[name] is None for asn in _carriers(name, graph)})),
        tuple(sorted({code for code in states.values() if code is not None})),
    )
    if not names:
        raise _refused("nothing to avoid", FORMS["avoid"])
    return Cut(rules=(rule,))


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
    inside, people, ends = graph.inside(state), graph.people.tolist(), graph.ends
    start, items = graph.customers.start, graph.customers.items
    across = inside[ends[:, 0]] != inside[ends[:, 1]]
    here = np.where(inside[ends[across, 0]], ends[across, 0], ends[across, 1])
    keys = []
    for gateway, n_links in zip(*(array.tolist() for array in np.unique(here, return_counts=True)), strict=True):
        behind, todo = {gateway}, [gateway]
        while todo:
            x = todo.pop()
            more = {y for y in items[start[x] : start[x + 1]].tolist() if inside[y]} - behind
            behind |= more
            todo += more
        keys.append((-sum(people[x] for x in behind), -n_links, gateway))
    return [gateway for _, _, gateway in sorted(keys)]


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
        a, b = graph.inside(first)[ends], graph.inside(second)[ends]
        keep &= ~(a & b[:, ::-1]).any(axis=1)
    cables = tuple(cable for cable in graph.cables if cable.name not in cut.cables)
    # States whose last cable that carries something goes.
    landed, left = ({s for c in some if c.capacity > 0 for s in c.states} for some in (graph.cables, cables))
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
        # Those who buy from nobody in the state peer with one another.
        tops = after.inside(code)
        at_home = tops[after.customer] & tops[after.provider]
        tops[after.customer[at_home]] = False
        pairs = np.flatnonzero(tops)[np.stack(np.triu_indices(int(tops.sum()), 1), axis=1)]
        after = after.cut_down(np.ones(len(after.link_ids), np.bool_), pairs)
    return after


def avoided(graph: Graph, cut: Cut) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Return who may not pass on whose traffic, by the path rules of a cut.

    Returns
    -------
    barred : (C, N) bool
        For each class of carriers, who may not pass on their traffic; class 0 has no rule.
    class_of : (N,) int64
        Class of each carrier.
    """
    by_state = np.zeros((len(graph.state_codes), len(graph)), np.bool_)
    for rule in cut.rules:
        if rule.state in graph.state_codes:
            mask = by_state[graph.state_codes.index(rule.state)]
            mask[[graph.position(asn) for asn in rule.carriers]] = True
            for code in rule.states:
                mask |= graph.inside(code)
    barred: list[npt.NDArray[np.bool_]] = [np.zeros(len(graph), np.bool_)]
    class_of_state = []
    for mask in by_state:
        if not any(same := [np.array_equal(mask, other) for other in barred]):
            barred.append(mask)
            same.append(True)
        class_of_state.append(same.index(True))
    return np.array(barred), np.array(class_of_state, np.int64)[graph.state_of]

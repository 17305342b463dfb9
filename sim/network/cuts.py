"""The graph after a cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sim.cut import ALL, NOTHING, Cut
from sim.errors import InputError, Problem
from sim.network.graph import Cable, Graph, Ints


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
    found, n_links = np.unique(here, return_counts=True)
    keys = [(-_people_behind(graph, inside, int(x)), -int(n), int(x)) for x, n in zip(found, n_links, strict=True)]
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
    dry = [(code, ALL) for code in _states_without_cable(graph, cut)]
    for code, closed in (*cut.gateways, *dry):
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
    left = replace(graph.cut_down(keep), cables=cables_left(graph, cut))
    for code in cut.mesh:
        left = left.cut_down(np.ones(len(left.link_ids), np.bool_), _mesh(left, code))
    return left


def cables_left(graph: Graph, cut: Cut) -> tuple[Cable, ...]:
    """Return the cables that a cut leaves."""
    return tuple(cable for cable in graph.cables if cable.name not in cut.cables)


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


def _states_without_cable(graph: Graph, cut: Cut) -> list[str]:
    """Return the states that had a cable before a cut and have none after it."""
    had, have = (_landed(cables) for cables in (graph.cables, cables_left(graph, cut)))
    return sorted((had - have) & set(graph.state_codes))


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

"""Findings about routes: who still reaches whom over the carriers, and how much longer the routes are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..facts.network import find_carriers, load_network
from .numbers import listed, state_name
from .wording import sentence

if TYPE_CHECKING:
    from ..policies.base import Policy
    from ..results.result import Result

REACH, STRETCH = "reachable_pairs", "path_stretch"
CONTRACTS = "routes.chinese_peers"
VISIBLE = 0.005
"""A change below half a per cent is reported as none."""
type Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Reached:
    """Who reaches whom over the carriers, on the day of the largest change; medians over members.

    Attributes
    ----------
    states : tuple of str
        S states: those that the scenario names first, then those for which most changes; in the order of the axes.
    before, after : (S, S) float64
        Share of the pairs of people with a route, without and with the policies [1].
    longer : (S, S) float64
        Length of the routes with the policies / without [1]; NaN where no route is left.
    date : str
        The day.
    """

    states: tuple[str, ...]
    before: Array
    after: Array
    longer: Array
    date: str


def reached(result: Result, most: int) -> Reached | None:
    """Return who reaches whom on the day of the largest change; None where nothing ever changes.

    Parameters
    ----------
    result : Result
        Holds `reachable_pairs` and `path_stretch`.
    most : int
        Most states.
    """
    axes = result.members[0][0].axes
    reach, stretch = ([_median(result, name, arm) for arm in (0, 1)] for name in (REACH, STRETCH))
    lost, more = reach[0] - reach[1], np.abs(stretch[1] - stretch[0])
    if not lost.any() and not more.any():
        return None
    by_day = [np.abs(part).sum(axis=(1, 2)) for part in (lost, more)]
    at = int(np.argmax(by_day[0] if by_day[0].any() else by_day[1]))
    changed = (np.abs(lost[at]) + more[at]).sum(axis=1)
    named = [state in result.focus.states for state in axes.states]
    longer = np.divide(stretch[1][at], stretch[0][at], out=np.ones_like(more[at]), where=stretch[0][at] > 0)
    longer = np.where(reach[1][at] > 0, longer, np.nan)
    # The states of the finding are always shown.
    apart = ~np.eye(len(axes.states), dtype=bool)
    is_lost = bool((lost[at][apart] >= VISIBLE).any())
    shown_pairs = _pairs_shown(result, axes.states, lost[at] if is_lost else _extra(longer))
    main = {state for pair in shown_pairs for state in pair}
    ranked = sorted(range(len(axes.states)), key=lambda i: (i not in main, not named[i], -changed[i], i))
    shown = np.array(sorted(ranked[:most]))
    box = np.ix_(shown, shown)
    states = tuple(axes.states[i] for i in shown)
    return Reached(states, reach[0][at][box], reach[1][at][box], longer[box], axes.dates[at])


def acting(result: Result) -> frozenset[str]:
    """Return the states that do something in a run: by a policy of the scenario, or by a decision of their own."""
    decided = {d.who for _, policy in result.members for d in policy.decisions if d.policy is not None}
    return frozenset(state for policy in result.scenario.policies for state in policy.by) | decided


def _extra(longer: Array) -> Array:
    """Return by how much routes are longer [1]; zero where none is left, or the difference is not visible."""
    extra = np.where(np.isfinite(longer), longer - 1, 0.0)
    return np.where(extra >= VISIBLE, extra, 0.0)


def _pairs_shown(result: Result, states: Sequence[str], change: Array) -> list[tuple[int, int]]:
    """Return the pair of states to report first, and that which touches most people where it is another.

    A state that acts comes first, however many people it has: its own routes are what a policy is about.

    Parameters
    ----------
    result : Result
    states : sequence of str
        S states.
    change : (S, S) float64
        What changes between each two of them.
    """
    people = np.array([result.members[0][0].real.get(state, 0.0) for state in states])
    weights = np.maximum(np.outer(people, people), 1.0)  # two states have a pair of people at least
    np.fill_diagonal(weights, 0.0)
    acts = np.array([state in acting(result) for state in states])
    own = np.where(acts[:, None] | acts, change, 0.0) * (weights > 0)
    found: list[tuple[int, int]] = []
    for part in (own if own.max(initial=0.0) >= VISIBLE else change, change):
        size = part * weights
        i, j = (int(k) for k in np.unravel_index(int(np.argmax(size)), size.shape))
        i, j = (j, i) if acts[j] and not acts[i] else (i, j)  # the state that acts is named first
        if size[i, j] > 0 and not any({i, j} == set(pair) for pair in found):
            found.append((i, j))
    return found


def caveats(result: Result) -> Iterator[str]:
    """Yield the assumptions about carriers that matter: contracts that nobody knows, and carriers that stand in."""
    scenario, facts = result.scenario, result.scenario.facts
    if CONTRACTS not in scenario.uncertain and any(_bans_chinese(policy, facts.name) for policy in scenario.policies):
        taken = scenario.parameters.get(CONTRACTS, facts.parameters[CONTRACTS].value) >= 0.5
        yield sentence("run", "contracts", taken=taken, path=CONTRACTS)
    seats = {carrier.seat for carrier in load_network(facts.name).carriers.values()}
    cut = any(policy.CUTS_NETWORKS for policy in scenario.policies)
    missing = [state_name(scenario, code, article=True) for code in sorted(acting(result) - seats)] if cut else []
    if missing:
        yield sentence("run", "no_carriers", places=listed(missing))


def _bans_chinese(policy: Policy, world: str) -> bool:
    """Return whether a policy cuts a carrier that sits in China off."""
    network = load_network(world)
    asked = [name for kind, name in policy.objects() if policy.SEVERS and kind == "carrier"]
    return any(network.carriers[asn].seat == "CN" for name in asked for asn in find_carriers(name, network))


def _median(result: Result, metric: str, arm: int) -> Array:
    """Return a metric by day and place, median over members."""
    return np.asarray(np.median([pair[arm].arrays[metric] for pair in result.members], axis=0))

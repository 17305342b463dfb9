"""Attribution: the Shapley share of each policy in each effect, with the same random numbers in every subset."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.chance import Purpose, stream, uniform_plain
from sim.errors import InputError, Problem
from sim.experiments.attribution.result import Attribution
from sim.experiments.checks import count_problem
from sim.experiments.ensemble import DEFAULT_SEEDS, seeds_of
from sim.experiments.parallel import Progress
from sim.experiments.points import Task, Work, about_it, folder_of, ready, run_tasks
from sim.experiments.store import Store, identity_of
from sim.scenario import Scenario, load

MOST_EXACT = 8
"""Up to so many policies all subsets are run; above, orders are sampled."""
DEFAULT_ORDERS = 32
"""Orders that are sampled by default: 16 and their reverses."""

MOST_ORDERS = 10_000
"""Beyond it somebody has mistaken orders for people."""


def attribute(
    scenario: Scenario | str | Path | dict[str, Any],
    *,
    people: int | None = None,
    days: int | None = None,
    seeds: int = DEFAULT_SEEDS,
    orders: int | None = None,
    jobs: int | None = None,
    cluster: Any = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """Lay the effect of a scenario at the door of each of its policies.

    A policy and what stays, lifts or exempts it are one: a stay does nothing without what it stays.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    people, days : int, optional
        Simulated people and days, instead of the scenario's.
    seeds : int
        Members; every subset of the policies is run with the same ones.
    orders : int, optional
        Sample so many orders of the policies, an even number, instead of running all subsets; 32 above eight policies.
    jobs, cluster, out, progress
        As for `sweep`.

    Returns
    -------
    Attribution

    Raises
    ------
    InputError
        When there is no policy to attribute to, or a number is out of bounds.
    RunError
        When a run failed; the others are kept in the folder.
    """
    from sim.metrics.registry import METRICS

    begun = time.monotonic()
    spec = load(scenario, people=people, days=days, known_metrics=METRICS)
    players = players_of(spec)
    wanted = seeds_of(spec, seeds)
    drawn = [] if orders is None and len(players) <= MOST_EXACT else orders_of(spec, len(players), orders)
    subsets = subsets_of(spec, len(players), drawn)
    tasks = [
        Task(f"subset-{subset:x}-seed-{seed}", spec, seed, without=_left_out(players, subset))
        for subset in subsets
        for seed in wanted
    ]
    identity = identity_of("attribution", spec, wanted, {"orders": drawn})
    work = ready(Work(jobs, cluster, progress))
    with Store(folder_of(out, spec, identity), identity) as store:
        found = run_tasks(tasks, store, work)
        result = Attribution(spec, wanted, found, identity["run_id"], players, drawn)
        result.folder = store.path
        store.finish(result.write_files, about_it(spec, begun, len(tasks)))
    return result


def players_of(spec: Scenario) -> dict[str, tuple[str, ...]]:
    """Return what is distinguished: the id of a policy -> it and all that refers to it, in the scenario's order.

    Raises
    ------
    InputError
        When there is none.
    """
    refers = {policy.id: policy.about() for policy in spec.policies}
    players: dict[str, list[str]] = {}
    for name in refers:
        root, seen = name, {name}
        while (other := refers.get(root)) is not None and other in refers and other not in seen:
            root = other
            seen.add(root)
        players.setdefault(root, []).append(name)
    if not players:
        hint = "splinternet run says what the world does by itself"
        raise InputError(Problem(str(spec.path or ""), "the scenario has no policies", "at least one policy", hint))
    return {name: tuple(ids) for name, ids in players.items()}


def orders_of(spec: Scenario, n: int, orders: int | None) -> list[list[int]]:
    """Return sampled orders of the players, each followed by its reverse (Castro, Gomez & Tejada 2009; antithetic).

    Parameters
    ----------
    spec : Scenario
        Its seed decides which.
    n : int
        Number of players.
    orders : int, optional
        How many; by default 32.
    """
    count = DEFAULT_ORDERS if orders is None else orders
    if count_problem("--orders", count, (4, MOST_ORDERS)) or count % 2:
        allowed = f"an even number, 4 to {MOST_ORDERS:,}: each order comes with its reverse"
        raise InputError(Problem("--orders", f"{count!r} orders", allowed, f"--orders {DEFAULT_ORDERS}"))
    found: list[list[int]] = []
    for draw in range(count // 2):
        key = stream(spec.seed, Purpose.ORDER, draw)
        order = sorted(range(n), key=lambda player: uniform_plain(key, player))
        found += [order, order[::-1]]
    return found


def subsets_of(spec: Scenario, n: int, orders: Sequence[Sequence[int]]) -> list[int]:
    """Return the subsets to run, as bits: all of them, or those that the orders pass through.

    The empty one is left out where it is zero by construction: without policies and behaviour both arms are the
    same, bit for bit.
    """
    subsets = set(range(1 << n)) if not orders else {0}
    for order in orders:
        subset = 0
        for player in order:
            subset |= 1 << player
            subsets.add(subset)
    acts_by_itself = bool(spec.behaviour.on or spec.world.blocks_policy_arm)
    return sorted(subsets if acts_by_itself else subsets - {0})


def _left_out(players: dict[str, tuple[str, ...]], subset: int) -> tuple[str, ...]:
    """Return the ids of the policies that are not in a subset."""
    return tuple(name for i, ids in enumerate(players.values()) if not subset >> i & 1 for name in ids)

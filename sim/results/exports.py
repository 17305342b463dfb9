"""A result in the forms of other tools: a graph of states, and the experiments and outcomes of the EMA Workbench."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import InputError, Problem, did_you_mean
from sim.metrics.registry import METRICS
from sim.results.panel import ARMS, Array
from sim.results.series import Cell, cells_of, fewest_people, shown_cells, values
from sim.results.stats import band

if TYPE_CHECKING:
    import pandas as pd

    from sim.results.result import Result

TIES = "cross_border_contact"
EMA_OUTCOMES = (
    "family_contact_ever_lost", "family_contact_lost_7d", "family_contact_lost_30d", "contact_days_lost_per_member",
    "family_contact_lost", "contact_days_lost", "active_users", "vpn_users",
)  # fmt: skip


def graph_of_states(result: Result, date: str | None = None) -> Any:
    """Return the networkx.Graph of `Result.to_graph`."""
    import networkx as nx

    result.need(TIES)
    axes, scenario = result.members[0][0].axes, result.scenario
    cells = list(cells_of(TIES, axes))
    # Ties with a channel in each arm, median over members, (pairs, days).
    before, after = (
        np.nan_to_num(np.array([band(values(cell, result.members, arm))[1] for cell in cells])) for arm in (0, 1)
    )
    if date is None:
        day = int(np.argmax((before - after).sum(axis=0)))
    elif date in axes.dates:
        day = axes.dates.index(date)
    else:
        allowed = f"{axes.dates[0]} to {axes.dates[-1]}"
        raise InputError(Problem("date", f"the run has no day '{date}'", allowed, did_you_mean(date, axes.dates)))
    graph = nx.Graph(date=axes.dates[day], scenario=scenario.title, status=str(scenario.status), run=result.run_id)
    for state in axes.states:
        fact = scenario.facts.states.get(state)
        users = scenario.world.internet_users.get(state, fact.internet_users.value if fact else 0.0)
        graph.add_node(state, name=fact.name if fact else state, internet_users=float(users))
    for cell, was, now in zip(cells, before[:, day].tolist(), after[:, day].tolist(), strict=True):
        if was > 0 or now > 0:
            graph.add_edge(
                cell.parts["state"],
                cell.parts["partner"],
                weight=now,
                without=was,
                with_policies=now,
                lost=was - now,
                lost_share=(was - now) / was if was > 0 else 0.0,
                simulated=fewest_people(cell, result.members),
            )
    return graph


def ema_workbench(result: Result, outcomes: Sequence[str] = ()) -> tuple[pd.DataFrame, dict[str, Array]]:
    """Return the experiments and outcomes of `Result.to_ema_workbench`."""
    import pandas as pd

    for name in outcomes:
        result.need(name)
    scenario, members = result.scenario, result.members
    stored = result.info.get("drawn") or {}
    drawn = {seed: dict(stored.get(str(seed), {})) for seed in result.seeds}
    if scenario.uncertain and scenario.draw != "nothing" and not all(drawn.values()):
        found = "the run was stored without what was drawn for its members"
        raise InputError(Problem("", found, "a run by this version or a later one", "run the scenario again"))
    rows = [
        {**drawn[seed], "scenario": seed, "policy": arm, "model": scenario.name}
        for seed in result.seeds
        for arm in ARMS
    ]
    wanted = outcomes or EMA_OUTCOMES
    arrays = {}
    for cell in shown_cells(members, result.focus.shows):
        if cell.metric in wanted:
            both = np.stack([values(cell, members, arm) for arm in (0, 1)], axis=1)
            arrays[_label(cell)] = both.reshape(-1, *both.shape[2:])
    # The workbench keeps these three as categories.
    return pd.DataFrame(rows).astype(dict.fromkeys(("scenario", "policy", "model"), "category")), arrays


def _label(cell: Cell) -> str:
    """Return ``metric[state, platform, group]`` without what is empty."""
    about = ", ".join(part for part in (cell.state, cell.platform, cell.group) if part)
    return f"{cell.metric}[{about}]" if about and METRICS[cell.metric].dims else cell.metric

"""A result in the forms that other tools read: tidy files, labelled arrays, a graph, experiments and outcomes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import InputError, Problem, did_you_mean
from sim.metrics.registry import METRICS
from sim.results.cells import Cell, cells_of
from sim.results.focus import Focus, fewest_people
from sim.results.panel import ARMS, Pair
from sim.results.rows import held, values
from sim.results.stats import band
from sim.results.table_file import need_pyarrow, store
from sim.results.tidy import series_frame, shown_cells, write_series

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.scenario import Scenario

TIES = "cross_border_contact"
EMA_OUTCOMES = (
    "family_contact_ever_lost", "family_contact_lost_7d", "family_contact_lost_30d", "contact_days_lost_per_member",
    "family_contact_lost", "contact_days_lost", "active_users", "vpn_users",
)  # fmt: skip


class Exports:
    """What a `Result` can be turned into; it holds ``scenario``, ``members``, ``focus`` and ``info``."""

    scenario: Scenario
    members: list[Pair]
    info: dict[str, Any]
    focus: Any
    """Taken as any: `Result` computes it when first asked."""

    def to_xarray(self) -> xr.Dataset:
        """Return everything the run holds as one dataset.

        Returns
        -------
        xarray.Dataset
            Each metric with dimensions ``seed, arm, date`` and its own, its unit among its attributes.
        """
        from sim.results.arrays import dataset

        return dataset(self.members)

    def to_csv(self, path: Path | str, *, every: bool = False) -> Path:
        """Write the daily values as a tidy CSV file and return it.

        Parameters
        ----------
        path : Path or str
            The file; one that is there is replaced.
        every : bool
            Whether to write every state, platform and group, not only what the run is about.

        Raises
        ------
        InputError
            When the path is a folder.
        RunError
            When it cannot be written.
        """
        stream = io.StringIO(newline="")
        write_series(stream, self.members, _cells(self.members, self.focus, every))
        return store(Path(path), stream.getvalue().encode())

    def to_parquet(self, path: Path | str, *, every: bool = False) -> Path:
        """Write the daily values as a tidy Parquet file and return it; needs the extra ``parquet`` (pyarrow).

        Parameters
        ----------
        path, every
            As for `to_csv`. Values keep all their digits here.

        Raises
        ------
        InputError
            When the path is a folder.
        RunError
            When pyarrow is not installed, or the file cannot be written.
        """
        need_pyarrow()
        frame = series_frame(self.members, _cells(self.members, self.focus, every))
        stream = io.BytesIO()
        for name in ("arm", "date", "metric", "state", "platform", "group", "unit"):
            frame[name] = frame[name].astype("category")  # a few labels, many rows: a tenth of the size
        frame.to_parquet(stream, engine="pyarrow", index=False)
        return store(Path(path), stream.getvalue())

    def to_graph(self, date: str | None = None) -> Any:
        """Return the graph of states: an edge for each pair that kin ties join, weighted by ties with a channel.

        Parameters
        ----------
        date : str, optional
            A day of the run, ``YYYY-MM-DD``; by default the day on which the policies cut most ties.

        Returns
        -------
        networkx.Graph
            Nodes are states by alpha-2 code, with ``name`` and ``internet_users`` [persons]. Edges have ``without``
            and ``with_policies`` (ties with a channel in each arm, median over members) [ties], ``weight`` (the same
            as ``with_policies``), ``lost`` [ties], ``lost_share`` [1] and ``simulated`` (people behind it). The graph
            holds ``date``, ``scenario``, ``status`` and ``run``.

        Raises
        ------
        InputError
            When the run did not measure contact between states, or has no such day.
        """
        import networkx as nx

        self.need(TIES)  # type: ignore[attr-defined]
        cells, before, after = contact_between_states(self.members)
        day = _day(self.members, before, after, date)
        known = self.scenario.facts.states
        graph = nx.Graph(
            date=self.members[0][0].axes.dates[day],
            scenario=self.scenario.title,
            status=str(self.scenario.status),
            run=self.run_id,  # type: ignore[attr-defined]
        )
        for state in self.members[0][0].axes.states:
            fact = known.get(state)
            users = self.scenario.world.internet_users.get(state, fact.internet_users.value if fact else 0.0)
            graph.add_node(state, name=fact.name if fact else state, internet_users=float(users))
        for cell, was, now in zip(cells, before[:, day], after[:, day], strict=True):
            if was > 0 or now > 0:
                graph.add_edge(
                    cell.parts["state"],
                    cell.parts["partner"],
                    weight=float(now),
                    without=float(was),
                    with_policies=float(now),
                    lost=float(was - now),
                    lost_share=float((was - now) / was) if was > 0 else 0.0,
                    simulated=fewest_people(cell, self.members),
                )
        return graph

    def to_graphml(self, path: Path | str, date: str | None = None) -> Path:
        """Write the graph of states as GraphML, for Gephi, Cytoscape, igraph and others, and return the file.

        Parameters
        ----------
        path : Path or str
            The file; one that is there is replaced.
        date : str, optional
            As for `to_graph`.

        Raises
        ------
        InputError
            When the run did not measure contact between states, has no such day, or the path is a folder.
        RunError
            When it cannot be written.
        """
        import networkx as nx

        stream = io.BytesIO()
        nx.write_graphml(self.to_graph(date), stream)
        return store(Path(path), stream.getvalue())

    def to_ema_workbench(self, outcomes: Sequence[str] = ()) -> tuple[pd.DataFrame, dict[str, np.ndarray[Any, Any]]]:
        """Return experiments and outcomes as ``perform_experiments`` of the EMA Workbench returns them.

        Parameters
        ----------
        outcomes : sequence of str
            Metrics to take; by default contact with families, use and VPNs.

        Returns
        -------
        experiments : pandas.DataFrame
            One row a member and arm: what was drawn for the member (one column an uncertainty), then ``scenario``
            (the seed), ``policy`` (``baseline`` or ``policy``) and ``model``.
        outcomes : dict of str to ndarray
            One array a cell that the run is about, by ``metric[cell]``, rows as in ``experiments``: (E, T) for a
            daily metric, (E,) for one number a run.

        Raises
        ------
        InputError
            When the run does not hold a metric, or was stored without what was drawn for its members.
        """
        import pandas as pd

        for name in outcomes:
            self.need(name)  # type: ignore[attr-defined]
        drawn = _drawn(self.scenario, self.members, self.info)
        rows = [
            {**drawn[pair[0].seed], "scenario": pair[0].seed, "policy": arm, "model": self.scenario.name}
            for pair in self.members
            for arm in ARMS
        ]
        wanted = outcomes or [name for name in EMA_OUTCOMES if name in held(self.members)]
        cells = [cell for cell in shown_cells(self.members, self.focus) if cell.metric in wanted]
        found = {}
        for cell in cells:
            both = np.stack([values(cell, self.members, arm) for arm in (0, 1)], axis=1)
            found[_label(cell)] = both.reshape(-1, *both.shape[2:])
        frame = pd.DataFrame(rows)
        # The workbench keeps these three as categories.
        return frame.astype(dict.fromkeys(("scenario", "policy", "model"), "category")), found


def contact_between_states(members: Sequence[Pair]) -> tuple[list[Cell], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the pairs of states, and their ties with a channel in each arm, median over members, (P, T) [ties]."""
    cells = list(cells_of(TIES, members[0][0].axes))
    both = [np.array([band(values(cell, members, arm))[1] for cell in cells]) for arm in (0, 1)]
    return cells, np.nan_to_num(both[0]), np.nan_to_num(both[1])


def _day(members: Sequence[Pair], before: np.ndarray[Any, Any], after: np.ndarray[Any, Any], date: str | None) -> int:
    """Return which day of a run a date is; without one, the day when most ties are cut."""
    dates = members[0][0].axes.dates
    if date is None:
        return int(np.argmax((before - after).sum(axis=0)))
    if date not in dates:
        allowed = f"{dates[0]} to {dates[-1]}"
        raise InputError(Problem("date", f"the run has no day '{date}'", allowed, did_you_mean(date, dates)))
    return dates.index(date)


def _cells(members: Sequence[Pair], focus: Focus, every: bool) -> list[Cell]:
    """Return the cells to write: those in focus, or all that are defined."""
    return shown_cells(members, Everything() if every else focus)


class Everything(Focus):
    """A focus that leaves nothing out."""

    def __init__(self) -> None:
        super().__init__((), (), (), (), frozenset())

    def shows(self, cell: Cell) -> bool:
        """Return that any cell is shown."""
        return True


def _drawn(scenario: Scenario, members: Sequence[Pair], info: Mapping[str, Any]) -> dict[int, dict[str, float]]:
    """Return what was drawn for each member, by its seed."""
    stored = info.get("drawn") or {}
    found = {pair[0].seed: dict(stored.get(str(pair[0].seed), {})) for pair in members}
    if scenario.uncertain and scenario.draw != "nothing" and not all(found.values()):
        what = "the run was stored without what was drawn for its members"
        raise InputError(Problem("", what, "a run by this version or a later one", "run the scenario again"))
    return found


def _label(cell: Cell) -> str:
    """Return ``metric[state, platform, group]`` without what is empty."""
    about = ", ".join(part for part in (cell.state, cell.platform, cell.group) if part)
    return f"{cell.metric}[{about}]" if about and METRICS[cell.metric].dims else cell.metric

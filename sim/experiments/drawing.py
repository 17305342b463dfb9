"""The charts of a run, drawn by several processes, which read its members from the run's panel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from sim.experiments.parallel import Failure, outcomes
from sim.plots.registry import chart_png, fitting_charts
from sim.results.result import Result
from sim.results.stored import read_panel
from sim.scenario import Scenario


def chart_pngs(result: Result, panel: Path, jobs: int) -> dict[str, bytes]:
    """Return every chart that fits a result as PNG, by name; empty for one that shows nothing.

    Parameters
    ----------
    result : Result
    panel : Path
        A file with the members of the result.
    jobs : int
        Number of processes.
    """
    names = fitting_charts(result)
    draw = partial(_draw, str(panel.absolute()), result.scenario, result.info)
    pictures: dict[str, bytes] = {}
    for name, drawn in outcomes(draw, names, jobs=jobs):
        # A chart that failed there is drawn here once more, where its error is raised.
        pictures[name] = chart_png(result, name) if isinstance(drawn, Failure) else drawn
    return {name: pictures[name] for name in names}


def _draw(panel: str, scenario: Scenario, info: Mapping[str, Any], name: str) -> bytes:
    kept = _opened(panel)
    if not kept:
        kept.append(Result(scenario, read_panel(Path(panel))[0], info))
    return chart_png(kept[0], name)


@lru_cache(maxsize=1)
def _opened(panel: str) -> list[Result]:
    """Return where this process keeps the result of a panel for the next chart."""
    return []

"""The only upward imports of the package: calls from a lower layer to a higher one, by name, on the first call.

A `Result` draws its charts and writes its report, and a `Scenario` reads itself from a mapping. This is convenient for
users, but against the direction of imports. Each such call is a row of `HIGHER`; no other module imports upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

HIGHER: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "read_scenario": ("sim.scenario.load", "load"),
        "dump_scenario": ("sim.scenario.dump", "dump"),
        "show_scenario": ("sim.text.scenario_notebook", "html"),
        "idle_policies": ("sim.policies.effects", "idle"),
        "save_run": ("sim.results.save", "save"),
        "words_of_decision": ("sim.text.decisions", "words_of"),
        "show_summary": ("sim.text.terminal", "table"),
        "tell_lives": ("sim.text.lives", "text"),
        "draw_lives": ("sim.plots.life_lines", "draw_lives"),
        "follow_lives": ("sim.experiments.lives.run", "follow"),
        "show_ranking": ("sim.text.ranking", "text"),
        "why_ranked": ("sim.text.ranking", "why"),
        "notes_on_ranking": ("sim.text.ranking", "notes"),
        "draw_ranking": ("sim.plots.ranking", "draw"),
        "save_ranking": ("sim.plots.ranking", "save"),
        "ranking_page": ("sim.app.notebook", "ranking_page"),
        "why_paired": ("sim.text.comparison", "why"),
        "notes_on_comparison": ("sim.text.comparison", "notes"),
        "draw": ("sim.plots.registry", "draw"),
        "draw_cell": ("sim.plots.one_cell", "draw_cell"),
        "resize": ("sim.plots.one_cell", "resize"),
        "say_result": ("sim.text.terminal", "short"),
        "begin_drawing": ("sim.plots.registry", "begin_drawing"),
        "main_chart": ("sim.plots.leading", "main_chart"),
        "write_report": ("sim.app.report", "write_report"),
        "show_result": ("sim.app.notebook", "page"),
    }
)
"""Each function that a lower layer calls: its module and its name there."""


def higher(name: str) -> Callable[..., Any]:
    """Return a function of a higher layer; its module is imported on the first call.

    Parameters
    ----------
    name : str
        A key of `HIGHER`.
    """
    module, function = HIGHER[name]
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found

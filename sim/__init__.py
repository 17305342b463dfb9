"""Splinternet: what happens to people when states cut the Internet along their borders.

``run`` runs a scenario and gives a `Result`; ``load`` reads one; ``open`` reads a run folder; ``compare`` ranks
results in one table; ``sweep``, ``sensitivity``, ``attribute``, ``threshold`` run many; ``hindcast`` replays
events and scores them; ``follow`` shows the days of single simulated people; ``forecast`` and ``score`` put a forecast
on record and score it; ``calibrate`` fits the parameters to past events; ``Model`` is one arm, a ``mesa.Model``;
``network`` is the carrier graph; ``measured`` reads measurements of blocks and outages; ``use_project`` adds the items
of your own folder, ``using`` those that Python code defines, with ``metric``, ``Behaviour`` and ``Policy``. Errors are
`InputError` (yours to mend) and `RunError`, both a `SplinternetError`. Everything is loaded when first used, so that
importing this package is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim import measured, network
    from sim.decisions import Behaviour
    from sim.engine.model import Model
    from sim.errors import InputError, RunError, SplinternetError
    from sim.evidence.calibration import calibrate
    from sim.evidence.forecast import forecast, score
    from sim.evidence.hindcast import hindcast
    from sim.experiments.attribution import attribute
    from sim.experiments.ensemble import run, using
    from sim.experiments.follow import follow
    from sim.experiments.sensitivity import sensitivity
    from sim.experiments.sweep import sweep
    from sim.experiments.threshold import threshold
    from sim.metrics.registry import metric
    from sim.plugins import use_project
    from sim.policies import Policy, PolicyKeys
    from sim.results.compare import compare
    from sim.results.result import Result
    from sim.results.result import open_run as open
    from sim.scenario import Scenario
    from sim.scenario.load import load
    from sim.twin.model import Twin

__version__ = "0.1.0"
__all__ = [
    "Behaviour",
    "InputError",
    "Model",
    "Policy",
    "PolicyKeys",
    "Result",
    "RunError",
    "Scenario",
    "SplinternetError",
    "Twin",
    "attribute",
    "calibrate",
    "compare",
    "follow",
    "forecast",
    "hindcast",
    "load",
    "measured",
    "metric",
    "network",
    "open",
    "run",
    "score",
    "sensitivity",
    "sweep",
    "threshold",
    "use_project",
    "using",
]

_HOMES = {
    "Behaviour": ("sim.decisions", "Behaviour"),
    "InputError": ("sim.errors", "InputError"),
    "Model": ("sim.engine.model", "Model"),
    "Result": ("sim.results.result", "Result"),
    "RunError": ("sim.errors", "RunError"),
    "Scenario": ("sim.scenario", "Scenario"),
    "SplinternetError": ("sim.errors", "SplinternetError"),
    "Twin": ("sim.twin.model", "Twin"),
    "compare": ("sim.results.compare", "compare"),
    "load": ("sim.scenario", "load"),
    "measured": ("sim.measured", ""),
    "network": ("sim.network", ""),
    "open": ("sim.results.result", "open_run"),
    "attribute": ("sim.experiments.attribution", "attribute"),
    "calibrate": ("sim.evidence.calibration", "calibrate"),
    "sensitivity": ("sim.experiments.sensitivity", "sensitivity"),
    "threshold": ("sim.experiments.threshold", "threshold"),
    "hindcast": ("sim.evidence.hindcast", "hindcast"),
    "follow": ("sim.experiments.follow", "follow"),
    "forecast": ("sim.evidence.forecast", "forecast"),
    "score": ("sim.evidence.forecast", "score"),
    "sweep": ("sim.experiments.sweep", "sweep"),
    "run": ("sim.experiments.ensemble", "run"),
    "use_project": ("sim.plugins", "use_project"),
    "using": ("sim.experiments.ensemble", "using"),
    "metric": ("sim.metrics.registry", "metric"),
    "Policy": ("sim.policies", "Policy"),
    "PolicyKeys": ("sim.policies", "PolicyKeys"),
}


if not TYPE_CHECKING:  # a type checker sees the imports above, so that it reports a wrong name

    def __getattr__(name: str) -> Any:
        """Load a public name when it is first used."""
        if name not in _HOMES:
            from difflib import get_close_matches

            close = get_close_matches(name, __all__, 1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            raise AttributeError(f"module 'splinternet' has no attribute '{name}'{hint}")
        home, attribute = _HOMES[name]
        module = import_module(home)
        return getattr(module, attribute) if attribute else module


def __dir__() -> list[str]:
    return sorted([*__all__, "__doc__", "__name__", "__path__", "__version__"])

"""Splinternet: what happens to people when states cut the Internet along their borders.

``run`` runs a scenario and gives a `Result`; ``load`` reads one; ``open`` reads a run folder;
``compare`` ranks results in one table; ``sweep``, ``sensitivity``, ``attribute``, ``threshold`` run
many; ``hindcast`` replays events and scores them; ``index`` is the measured Splinternet Index;
``Model`` is one arm, a ``mesa.Model``; ``network`` is the carrier graph; ``measured`` reads
measurements of blocks and outages; you can define items with ``metric``, ``Behaviour``,
``PeopleRule`` and ``Policy``. Errors are `InputError` (wrong input) and `RunError`, both subclasses
of `SplinternetError`. Modules are loaded on first use, so that importing this package is fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str

    from . import measured, network
    from .actors.agents import State, StatesAlone
    from .decisions import Behaviour
    from .engine.model import Model
    from .errors import InputError, RunError, SplinternetError
    from .experiments.attribution import attribute
    from .experiments.ensemble import run
    from .experiments.hindcast import hindcast
    from .experiments.options import Sizes
    from .experiments.sensitivity import sensitivity
    from .experiments.sweep import sweep
    from .experiments.threshold import threshold
    from .metrics.arm_day import ArmDay
    from .metrics.registry import metric
    from .people.access import AccessTable
    from .people.own_rules import PeopleToday, Proposals, RuleDay
    from .people.rule import PeopleRule
    from .policies import Policy, PolicyKeys
    from .policies.base import DayInForce
    from .results.compare import compare
    from .results.index_measured import index
    from .results.result import Result
    from .results.result import open_run as open
    from .scenario import Scenario
    from .scenario.load import load

__all__ = [
    "AccessTable",
    "ArmDay",
    "Behaviour",
    "DayInForce",
    "InputError",
    "Model",
    "PeopleRule",
    "PeopleToday",
    "Policy",
    "PolicyKeys",
    "Proposals",
    "Result",
    "RuleDay",
    "RunError",
    "Scenario",
    "Sizes",
    "SplinternetError",
    "State",
    "StatesAlone",
    "attribute",
    "compare",
    "hindcast",
    "index",
    "load",
    "measured",
    "metric",
    "network",
    "open",
    "run",
    "sensitivity",
    "sweep",
    "threshold",
]
_HOMES = {
    "actors.agents": ("State", "StatesAlone"),
    "decisions": ("Behaviour",),
    "engine.model": ("Model",),
    "errors": ("InputError", "RunError", "SplinternetError"),
    "experiments.attribution": ("attribute",),
    "experiments.ensemble": ("run",),
    "experiments.hindcast": ("hindcast",),
    "experiments.options": ("Sizes",),
    "experiments.sensitivity": ("sensitivity",),
    "experiments.sweep": ("sweep",),
    "experiments.threshold": ("threshold",),
    "metrics.arm_day": ("ArmDay",),
    "metrics.registry": ("metric",),
    "people.access": ("AccessTable",),
    "people.own_rules": ("PeopleToday", "Proposals", "RuleDay"),
    "people.rule": ("PeopleRule",),
    "policies": ("Policy", "PolicyKeys"),
    "policies.base": ("DayInForce",),
    "results.compare": ("compare",),
    "results.index_measured": ("index",),
    "results.result": ("Result", "open"),
    "scenario": ("Scenario", "load"),
}
"""Public names by module; `measured` and `network` are modules themselves."""


if not TYPE_CHECKING:  # a type checker uses the imports above, so that it reports wrong names

    def __getattr__(name: str) -> Any:
        """Load a public name when it is first used."""
        if name == "__version__":
            from .core.program import version

            return version()
        if name not in __all__:
            from difflib import get_close_matches

            close = get_close_matches(name, __all__, 1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            raise AttributeError(f"module 'splinternet' has no attribute '{name}'{hint}")
        home = next((home for home, names in _HOMES.items() if name in names), name)
        module = import_module(f"{__name__}.{home}")
        return module if home == name else getattr(module, {"open": "open_run"}.get(name, name))


def __dir__() -> list[str]:
    return sorted([*__all__, "__doc__", "__name__", "__path__", "__version__"])


if __name__ == "sim":  # the folder of a clone, imported under its own name
    from .import_name import alias  # noqa: F401

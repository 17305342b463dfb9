"""The behaviours that a scenario may switch on: one file each, in the package or in the user's project folder.

Names are known without importing any behaviour, so that scenarios are read without array packages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from pydantic import ConfigDict, model_validator

from sim.errors import InputError, Problem
from sim.plugin_checks import faults_of, file_of
from sim.plugins import Registry
from sim.policies.values import YesOrNo
from sim.scenario.schema import Part

_ORDER = ("platforms", "targets", "retaliation", "imitation", "coalition", "pushback", "governments")
"""The order of keys and tables; other behaviours follow, by name."""
_CONSTANTS = {
    "SUMMARY": (str, 'SUMMARY = "What it does, in a sentence."'),
    "EVERY_DAYS": (int, "EVERY_DAYS = 30, the days from one turn to the next"),
}
_HOOKS = {"act": ("model",)}


@dataclass(frozen=True)
class Acting:
    """A behaviour whose file is loaded.

    Attributes
    ----------
    name : str
        Its key under ``behaviour:`` and the name of its file.
    summary : str
        What it does, in a sentence.
    every_days : int
        Days from one turn to the next [days].
    act : callable
        Takes the model of the policy arm and returns what was decided.
    """

    name: str
    summary: str
    every_days: int
    act: Callable[[Any], list[Any]]


def _read(module: ModuleType) -> dict[str, Acting]:
    """Return the behaviour that a file declares, by its name.

    Raises
    ------
    InputError
        When the file lacks what a behaviour defines.
    """
    problems = list(faults_of(module, _CONSTANTS, _HOOKS))
    if not problems and module.EVERY_DAYS < 1:
        problems = [Problem(file_of(module), f"EVERY_DAYS is {module.EVERY_DAYS}", "1 or more")]
    if problems:
        raise InputError(problems)
    name = module.__name__.rpartition(".")[2]
    return {name: Acting(name, module.SUMMARY, module.EVERY_DAYS, module.act)}


_SHIPPED = {name: f"sim.behaviour.{name}" for name in _ORDER}
BEHAVIOURS = Registry("behaviours", _SHIPPED, _read, "def act(model)")
"""The behaviours by name, in the order of keys and tables. Names are known without importing any behaviour."""


class Behaviour(Part):
    """What states and platforms decide by themselves, each switched on by itself."""

    # There is a key for each behaviour. Shipped ones are off by default; one of a project has a key only if it is
    # stated, so that a scenario without it is the same with and without the project.
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, YesOrNo]

    @model_validator(mode="before")
    @classmethod
    def _off_unless_stated(cls, keys: Any) -> Any:
        """Add the shipped behaviours that are not stated."""
        if not isinstance(keys, Mapping):
            return keys
        shipped = BEHAVIOURS.shipped()
        return {name: keys.get(name, False) for name in BEHAVIOURS if name in shipped or name in keys} | dict(keys)

    @property
    def on(self) -> tuple[str, ...]:
        """Names of the behaviours that are switched on."""
        return tuple(name for name, switched in (self.__pydantic_extra__ or {}).items() if switched)

    def is_on(self, name: str) -> bool:
        """Return whether a behaviour is switched on."""
        return name in self.on

"""The behaviours that a scenario may switch on: classes of the package, or of the user's project folder.

Names are known without importing any behaviour, so that scenarios are read without array packages.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from pydantic import ConfigDict, model_validator

from sim import decisions
from sim.errors import Problem, did_you_mean
from sim.plugins import Registry
from sim.policies.values import YesOrNo
from sim.scenario.schema import Part


def _declared_in(module: ModuleType) -> dict[str, type[decisions.Behaviour]]:
    """Return the behaviours that a module declares, by name."""
    classes = [
        value for value in vars(module).values() if inspect.isclass(value) and issubclass(value, decisions.Behaviour)
    ]
    return {each.name: each for each in classes if each.__module__ == module.__name__}


def _faults(behaviour: type[decisions.Behaviour]) -> Iterator[Problem]:
    """Yield what is wrong with a behaviour."""
    file, name = inspect.getfile(behaviour), behaviour.__name__
    if not behaviour.summary:
        yield Problem(file, f"class {name} has no docstring", "what it does, in a sentence")
    if not isinstance(behaviour.every_days, int) or behaviour.every_days < 1:
        yield Problem(file, f"every_days is {behaviour.every_days!r}", "1 or more, the days from one turn to the next")
    if behaviour.act is decisions.Behaviour.act and behaviour.decide is decisions.Behaviour.decide:
        hints = [did_you_mean(key, ("decide", "act")) for key in vars(behaviour) if not key.startswith("_")]
        hint = next(filter(None, hints), "")
        yield Problem(file, f"class {name} decides nothing", "def decide(self, state), or def act(self, model)", hint)


BEHAVIOURS = Registry(
    "behaviours",
    {
        "platforms": "sim.actors.firms",
        "targets": "sim.actors.strikes",
        "retaliation": "sim.actors.strikes",
        "imitation": "sim.actors.spread",
        "coalition": "sim.actors.spread",
        "pushback": "sim.actors.governments",
        "governments": "sim.actors.governments",
    },
    _declared_in,
    "a class whose name in small letters is {name}, such as class Sunset(splinternet.Behaviour)",
    _faults,
)
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
